//! A form of a page that needs the password again ([`Grant::FRESH`]): when it was shown too long ago, it is asked for on a
//! page of its own, with a code where the login has a second factor; the page keeps all that was typed and goes on with it.

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};

use crate::http::{Core, Error, Form, Frame, Result, show};
use crate::people::permit::PASSWORD_AGAIN;
use crate::people::rights::{AnyLogin, Grant};
use crate::people::service::login;
use crate::people::visitor::{Turned, Visitor};

/// The field of the password. No form of a page has one whose name begins so.
const FIELD: &str = "password_again";
/// The field of the code, where the login has a second factor.
const CODE_FIELD: &str = "password_again_code";

/// A form as it was typed, of somebody whose password was shown a short while ago.
#[derive(Debug)]
pub struct Confirmed<R> {
    /// Who.
    pub visitor: Visitor<R>,
    /// What was typed, without the password that was asked for.
    pub form: Form,
}

#[derive(Template)]
#[template(path = "people/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    form: Form,
    username: String,
    asks_code: bool,
}

impl<R: Grant> FromRequest<Core> for Confirmed<R> {
    type Rejection = Response;

    async fn from_request(request: Request, core: &Core) -> std::result::Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = match Visitor::<R>::from_request_parts(&mut parts, core).await {
            Ok(visitor) => Some(visitor),
            Err(Turned::Refused(Error::Refused { code: PASSWORD_AGAIN, .. })) => None,
            Err(turned) => return Err(turned.into_response()),
        };
        let asked = parts.clone();
        let form = Form::from_request(Request::from_parts(parts, body), core).await;
        let form = form.map_err(|error| error.into_response())?;
        match visitor {
            Some(visitor) => Ok(Self { visitor, form: form.without(FIELD) }),
            None => ask(asked, core, form).await,
        }
    }
}

/// Asks for the password, or looks at the one that was sent with what was typed.
async fn ask<R: Grant>(mut parts: Parts, core: &Core, form: Form) -> std::result::Result<Confirmed<R>, Response> {
    let asked = Visitor::<AnyLogin>::from_request_parts(&mut parts, core).await;
    let Visitor { permit, frame } = asked.map_err(Turned::into_response)?;
    let page = |status, form: Form| {
        let asks_code = permit.has_second_factor;
        let page = ConfirmPage { frame, form, username: permit.username.clone(), asks_code };
        show(status, &page).unwrap_or_else(Error::into_response)
    };
    if !form.is_sent(FIELD) {
        return Err(page(StatusCode::FORBIDDEN, form));
    }
    let confirmed = async {
        let password = (FIELD, form.raw(FIELD).to_owned());
        let shown = login::read_again(core, &permit, password, (CODE_FIELD, form.text(CODE_FIELD))).await?;
        core.run(async |tx| login::confirm(tx, &core.clock, &permit, shown).await).await
    };
    let confirmed: Result<_> = confirmed.await;
    if let Err(error) = confirmed {
        let (status, form) = form.refused(error).map_err(Error::into_response)?;
        return Err(page(status, form));
    }
    let visitor = Visitor::<R>::from_request_parts(&mut parts, core).await.map_err(Turned::into_response)?;
    Ok(Confirmed { visitor, form: form.without(FIELD) })
}
