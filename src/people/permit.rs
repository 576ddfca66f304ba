//! Who calls, with one right: what an act asks for, so that it can't be called without.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::caller::{Caller, Newcomer, Uploader, WithoutFactor};
use super::rights::Grant;
use super::role::Right;
use super::staff::Staff;
use crate::http::{Core, Error, Result};

/// The code of the refusal of somebody who must show the password again.
pub const PASSWORD_AGAIN: &str = "password_again";

/// A caller that has the right `R`, and reaches as far as it says ([`Staff::scope`]). Only a request whose login has the
/// right makes one, or another permit of the same caller.
pub struct Permit<R, C = Staff> {
    caller: C,
    right: PhantomData<R>,
}

/// Who may hold a [`Permit`].
pub trait Holder: Clone {
    /// Whether this caller has a right.
    fn may(&self, right: Right) -> bool;

    /// Whether this caller need not show a password again now.
    fn is_fresh(&self) -> bool;
}

impl Holder for Staff {
    fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    fn is_fresh(&self) -> bool {
        self.is_fresh
    }
}

impl Holder for Caller {
    /// A phone may redeem, see plans, and nothing else.
    fn may(&self, right: Right) -> bool {
        match self {
            Self::Staff(staff) => staff.may(right),
            Self::Device(_) => matches!(right, Right::Redeem | Right::ReadPlans),
        }
    }

    fn is_fresh(&self) -> bool {
        match self {
            Self::Staff(staff) => staff.is_fresh,
            Self::Device(_) => true,
        }
    }
}

impl Holder for Uploader {
    fn may(&self, right: Right) -> bool {
        self.0.may(right)
    }

    fn is_fresh(&self) -> bool {
        self.0.is_fresh()
    }
}

impl Holder for Newcomer {
    fn may(&self, right: Right) -> bool {
        self.0.may(right)
    }

    fn is_fresh(&self) -> bool {
        self.0.is_fresh
    }
}

impl Holder for WithoutFactor {
    fn may(&self, right: Right) -> bool {
        self.0.may(right)
    }

    fn is_fresh(&self) -> bool {
        self.0.is_fresh
    }
}

impl<R: Grant, C: Holder> Permit<R, C> {
    /// The caller's permit for `R`; 403 without the right, or when its password must be shown again first.
    pub fn of(caller: C) -> Result<Self> {
        if !R::RIGHT.is_none_or(|right| caller.may(right)) {
            return Err(Error::Forbidden);
        }
        if R::FRESH && !caller.is_fresh() {
            return Err(Error::refused(
                PASSWORD_AGAIN,
                "Việc này cần nhập lại mật khẩu (và mã, nếu có xác thực hai bước). Gửi tới /me/confirm rồi làm lại.",
                "This asks for the password again (and the code of a second factor). Send it to /me/confirm, then try again.",
            ));
        }
        Ok(Self { caller, right: PhantomData })
    }

    /// The same caller's permit for another right: for an act that needs two, or only sometimes a second. 403 without it.
    pub fn also<Other: Grant>(&self) -> Result<Permit<Other, C>> {
        Permit::of(self.caller.clone())
    }
}

impl<R> From<Permit<R>> for Permit<R, Caller> {
    /// A member of staff where a phone may come too.
    fn from(permit: Permit<R>) -> Self {
        Self { caller: Caller::Staff(permit.caller), right: PhantomData }
    }
}

impl<R> From<Permit<R, Newcomer>> for Permit<R> {
    /// For what somebody with a temporary password may do as well.
    fn from(permit: Permit<R, Newcomer>) -> Self {
        let Newcomer(staff) = permit.caller;
        Self { caller: staff, right: PhantomData }
    }
}

impl<R> From<Permit<R, WithoutFactor>> for Permit<R> {
    /// For what somebody who must set up a second factor may do as well.
    fn from(permit: Permit<R, WithoutFactor>) -> Self {
        let WithoutFactor(staff) = permit.caller;
        Self { caller: staff, right: PhantomData }
    }
}

impl<R, C> Deref for Permit<R, C> {
    type Target = C;
    fn deref(&self) -> &C {
        &self.caller
    }
}

impl<R, C: Clone> Clone for Permit<R, C> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), right: PhantomData }
    }
}

impl<R, C: fmt::Debug> fmt::Debug for Permit<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(&self.caller).finish()
    }
}

impl<S, R: Grant, C> FromRequestParts<S> for Permit<R, C>
where
    S: Send + Sync,
    Core: FromRef<S>,
    C: Holder + FromRequestParts<S, Rejection = Error>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Self::of(C::from_request_parts(parts, state).await?)
    }
}
