//! `/login/sign-on`: to the provider and back; `/users/{id}/sign-on`: whose account there opens a login.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::session::{HOME, LoginPage, code_path, enter};
use crate::http::{Core, Error, Form, Frame, Id, Params, Peer, Result, local_path, see_other, show};
use crate::kernel::ids::UserId;
use crate::people::caller::{Credential, same_origin};
use crate::people::known_browser::KnownBrowser;
use crate::people::pages::users::stored;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::login;
use crate::people::service::second_step;
use crate::people::service::sign_on::{self as service, AWAY_SECS, Answer, Arrived};
use crate::people::sign_on::{Email, LinkState};
use crate::people::store::users::UserRow;
use crate::people::{Confirmed, Visitor, session_cookie};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/login/sign-on", get(depart))
        .route("/login/sign-on/back", get(arrive))
        .route("/users/{id}/sign-on", get(link).post(expect))
        .route("/users/{id}/sign-on/unlink", post(unlink))
}

#[derive(Deserialize)]
struct DepartQuery {
    next: Option<String>,
}

/// A link of our own page leads here, nobody else's: no other site begins a session by it.
async fn depart(
    State(core): State<Core>,
    peer: Peer,
    headers: HeaderMap,
    frame: Frame,
    Params(query): Params<DepartQuery>,
) -> Result<Response> {
    if !same_origin(&headers) {
        return Ok(see_other("/login"));
    }
    let next = query.next.unwrap_or_default();
    let next = local_path(&next).unwrap_or(HOME).to_owned();
    match service::depart(&core, &peer, next.clone()).await {
        Ok(gone) => {
            let mut response = see_other(&gone.url);
            session_cookie::keep_away(&mut response, &gone.kept, AWAY_SECS, peer.secure(&core));
            Ok(response)
        }
        Err(error) => refused(&core, frame, error, &next),
    }
}

#[derive(Deserialize)]
struct BackQuery {
    #[serde(default)]
    state: String,
    code: Option<String>,
}

async fn arrive(
    State(core): State<Core>,
    peer: Peer,
    parts: Parts,
    frame: Frame,
    Params(query): Params<BackQuery>,
) -> Result<Response> {
    let secure = peer.secure(&core);
    let before = Credential::of(&core, &parts.headers, &parts.extensions).filter(Credential::is_cookie);
    let browser = KnownBrowser::read(&core, &parts.headers, secure);
    let kept = session_cookie::read_away(&parts.headers, secure).unwrap_or_default();
    let arrived = async {
        let answer = Answer { state: query.state, code: query.code };
        let (arrived, next) = service::arrive(&core, &peer, &browser, &kept, answer).await?;
        match arrived {
            Arrived::Whole(verified) => {
                let begun = core.run(async |tx| login::begin(tx, &core.clock, verified, before.as_ref()).await).await;
                Ok(enter(&core, &peer, &begun?, &next))
            }
            Arrived::Half(half) => {
                let mut response = see_other(&code_path(&next));
                session_cookie::keep_step(&mut response, &half.seal()?, second_step::STEP_SECS, secure);
                Ok(response)
            }
        }
    };
    let mut response = match arrived.await {
        Ok(response) => response,
        Err(error) => refused(&core, frame, error, HOME)?,
    };
    session_cookie::keep_away(&mut response, "", 0, secure);
    Ok(response)
}

/// The login again, which says why; the password still opens it.
fn refused(core: &Core, mut frame: Frame, error: Error, next: &str) -> Result<Response> {
    let is_down = error.code() == "sign_on_down";
    let (status, form) = Form::default().with("next", next).refused(error)?;
    "/login".clone_into(&mut frame.here);
    show(if is_down { StatusCode::SERVICE_UNAVAILABLE } else { status }, &LoginPage::new(core, frame, form))
}

#[derive(Template)]
#[template(path = "people/sign-on.html")]
struct LinkPage {
    frame: Frame,
    form: Form,
    user: UserRow,
    state: LinkState,
    provider: Option<String>,
}

async fn link(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<UserId>) -> Result<Response> {
    show_link(&core, visitor.frame, StatusCode::OK, Form::fresh(&core), id).await
}

async fn show_link(core: &Core, frame: Frame, status: StatusCode, form: Form, id: UserId) -> Result<Response> {
    let user = stored(core, id).await?;
    let state = service::state(core, id).await?;
    let provider = core.config.sign_on.as_ref().map(|options| options.name.clone());
    show(status, &LinkPage { frame, form, user, state, provider })
}

async fn expect(State(core): State<Core>, Id(id): Id<UserId>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let done = async {
        let email = Email::parse(form.value("email")).map_err(|wrong| wrong.at("email"))?;
        core.run(async |tx| service::expect(tx, &core, &visitor.permit, id, email).await).await
    };
    match done.await {
        Ok(_) => Ok(see_other(&format!("/users/{id}/sign-on?done=saved"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_link(&core, visitor.frame, status, form, id).await
        }
    }
}

async fn unlink(State(core): State<Core>, Id(id): Id<UserId>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    core.run(async |tx| service::unlink(tx, &core.clock, &confirmed.visitor.permit, id).await).await?;
    Ok(see_other(&format!("/users/{id}/sign-on?done=unlinked")))
}
