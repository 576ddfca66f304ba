//! Each [`Right`] as a type, so that what needs a right says so in its signature.

use super::role::Right;

/// A right that a [`Permit`](super::Permit) is for.
pub trait Grant: Send + Sync + 'static {
    /// The right; nothing where any login will do.
    const RIGHT: Option<Right>;
    /// Whether whoever logged in with a password must have shown it a short while ago.
    const FRESH: bool = false;
}

/// Any login, whatever it may do.
#[derive(Clone, Copy, Debug)]
pub struct AnyLogin;

impl Grant for AnyLogin {
    const RIGHT: Option<Right> = None;
}

/// [`Right::ManagePeople`], for what gives somebody a way in or forges vouchers: logins, API tokens, signing keys. A browser
/// that was left open is not enough for these.
#[derive(Clone, Copy, Debug)]
pub struct ChangePeople;

impl Grant for ChangePeople {
    const RIGHT: Option<Right> = Some(Right::ManagePeople);
    const FRESH: bool = true;
}

/// Any login, for its own second factor: whoever finds a browser open must not put in another.
#[derive(Clone, Copy, Debug)]
pub struct OwnFactor;

impl Grant for OwnFactor {
    const RIGHT: Option<Right> = None;
    const FRESH: bool = true;
}

/// One type for each right, of its name.
macro_rules! rights {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("[`Right::", stringify!($name), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Grant for $name {
                const RIGHT: Option<Right> = Some(Right::$name);
            }
        )*
    };
}

rights! {
    ManagePeople ManagePlaces ReadPlans ReadHouseholds ReadPersonal WriteHouseholds WriteGoods MoveStock ReadStock WriteRent
    ReadRent VerifyRent WriteVouchers ReadVouchers PrintVouchers Redeem Override ReadRedemptions ManageDevices ReadReports
    ReadAudit ManagePrivacy
}
