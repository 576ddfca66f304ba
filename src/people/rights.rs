//! Each [`Right`] as a type, so that what needs a right says so in its signature.

use super::role::Right;

/// A right that a [`Permit`](super::Permit) is for.
pub trait Grant: Send + Sync + 'static {
    /// The right; nothing where any login will do.
    const RIGHT: Option<Right>;
}

/// Any login, whatever it may do.
#[derive(Clone, Copy, Debug)]
pub struct AnyLogin;

impl Grant for AnyLogin {
    const RIGHT: Option<Right> = None;
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
    ReadAudit
}
