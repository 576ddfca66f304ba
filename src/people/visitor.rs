//! Whoever looks at a page of staff: the login, and the menu of where it may go.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::caller::{LOGIN_IDLE, Newcomer, PASSWORD_TEMPORARY, SECOND_FACTOR_REQUIRED, WithoutFactor};
use super::permit::Permit;
use super::rights::{AnyLogin, Grant};
use super::role::Right;
use super::staff::Staff;
use crate::http::{Core, Error, Frame, see_other};
use crate::people::menu::menu;

/// Where a login chooses its own password: the only page until it did, when somebody else had chosen one.
pub const OWN_PASSWORD: &str = "/account/password";

/// Where a login sets up its second factor: the only pages until it did, when the ward asks for one.
pub const OWN_FACTOR: &str = "/account/second-factor";

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
    /// Another page must come first: the login, and back afterwards, or a password or second factor of one's own.
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
        let staff = if frame.path() == OWN_PASSWORD {
            Newcomer::from_request_parts(parts, state).await.map(|Newcomer(staff)| staff)
        } else if frame.is_at(OWN_FACTOR) {
            WithoutFactor::from_request_parts(parts, state).await.map(|WithoutFactor(staff)| staff)
        } else {
            Staff::from_request_parts(parts, state).await
        };
        match staff {
            Ok(staff) => {
                let frame = frame.for_user(staff.name(), menu(staff.role));
                let permit = Permit::of(staff).map_err(Turned::Refused)?;
                Ok(Self { permit, frame })
            }
            Err(Error::Refused { code: PASSWORD_TEMPORARY, .. }) => Err(Turned::ToLogin(OWN_PASSWORD.to_owned())),
            Err(Error::Refused { code: SECOND_FACTOR_REQUIRED, .. }) => Err(Turned::ToLogin(OWN_FACTOR.to_owned())),
            Err(Error::Unauthenticated) if parts.method.is_safe() => Err(Turned::ToLogin(login_from(&frame, ""))),
            Err(Error::LoginRefused { code: LOGIN_IDLE, .. }) if parts.method.is_safe() => {
                Err(Turned::ToLogin(login_from(&frame, "idle")))
            }
            Err(error) => Err(Turned::Refused(error)),
        }
    }
}

/// The login, which leads back to this page; `done` says why it comes first.
fn login_from(frame: &Frame, done: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !done.is_empty() {
        query.append_pair("done", done);
    }
    if frame.here != "/" {
        query.append_pair("next", &frame.here);
    }
    let query = query.finish();
    if query.is_empty() { "/login".to_owned() } else { format!("/login?{query}") }
}
