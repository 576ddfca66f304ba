//! Whoever looks at a page of staff: the login, and the menu of where it may go.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::caller::Caller;
use super::permit::Permit;
use super::rights::{AnyLogin, Grant};
use super::role::Right;
use crate::http::{Core, Error, Frame, see_other};
use crate::people::menu::menu;

/// Where a login chooses its own password: the only page until it did, when somebody else had chosen one.
pub const OWN_PASSWORD: &str = "/account/password";

/// A member of staff looking at a page. Without a login the visitor is led to it and back.
#[derive(Clone, Debug)]
pub struct Visitor<R = AnyLogin> {
    /// Who, with the right that the page needs.
    pub permit: Permit<R>,
    /// What surrounds the page.
    pub frame: Frame,
}

impl<R> Visitor<R> {
    /// Whether this visitor has a right: for what a page offers.
    pub fn may(&self, right: Right) -> bool {
        self.permit.role.may(right)
    }
}

/// Why somebody does not see a page of staff.
#[derive(Debug)]
pub enum Turned {
    /// Another page must come first: the login, and back afterwards, or a password of one's own.
    ToLogin(String),
    /// Anything else.
    Refused(Error),
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::ToLogin(back) => see_other(&back),
            Self::Refused(error) => error.into_response(),
        }
    }
}

impl<S, R: Grant> FromRequestParts<S> for Visitor<R>
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> std::result::Result<Self, Turned> {
        let Ok(frame) = Frame::from_request_parts(parts, state).await;
        match Caller::from_request_parts(parts, state).await {
            Ok(Caller::Staff(staff)) if staff.password_temporary && frame.path() != OWN_PASSWORD => {
                Err(Turned::ToLogin(OWN_PASSWORD.to_owned()))
            }
            Ok(Caller::Staff(staff)) => {
                let frame = frame.for_user(&staff.username, menu(staff.role));
                let permit = Permit::of(staff).map_err(Turned::Refused)?;
                Ok(Self { permit, frame })
            }
            Ok(Caller::Device(_)) => Err(Turned::Refused(Error::Forbidden)),
            Err(Error::Unauthenticated) if parts.method.is_safe() => {
                let next: String = form_urlencoded::byte_serialize(frame.here.as_bytes()).collect();
                Err(Turned::ToLogin(if frame.here == "/" {
                    "/login".to_owned()
                } else {
                    format!("/login?next={next}")
                }))
            }
            Err(error) => Err(Turned::Refused(error)),
        }
    }
}
