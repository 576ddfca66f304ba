//! The pages that come before all others: logging in and out, the first administrator, the language.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::http::{Core, Error, Form, Frame, Params, Peer, Posted, Result, keep_language, local_path, see_other, show};
use crate::kernel::Validation;
use crate::kernel::message::Lang;
use crate::people::caller::{Credential, identify, same_origin};
use crate::people::known_browser::KnownBrowser;
use crate::people::password::{self, OwnWords, Password};
use crate::people::service::login::{self, FirstStep, SESSION_SECS, Session};
use crate::people::service::second_step::HalfOpen;
use crate::people::service::{second_step, setup};
use crate::people::session_cookie;
use crate::people::username::parse_username;

/// Where a login leads when nothing else was asked for.
pub(super) const HOME: &str = "/";
/// Where the first administrator goes on.
const AFTER_SETUP: &str = "/start/ward";

pub fn router() -> Router<Core> {
    Router::new()
        .route("/login", get(login_page).post(log_in))
        .route("/login/code", get(code_page).post(log_in_with_code))
        .route("/logout", post(log_out))
        .route("/setup", get(setup_page).post(set_up))
        .route("/lang", post(choose_language))
}

#[derive(Template)]
#[template(path = "people/login.html")]
pub(super) struct LoginPage {
    frame: Frame,
    form: Form,
    /// Where people may sign on instead: what they call it.
    provider: Option<String>,
}

impl LoginPage {
    pub(super) fn new(core: &Core, frame: Frame, form: Form) -> Self {
        Self { frame, form, provider: core.config.sign_on.as_ref().map(|options| options.name.clone()) }
    }

    /// The link to the provider, which leads back to where the login leads.
    fn sign_on(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("/login/sign-on?{}", query.append_pair("next", self.form.value("next")).finish())
    }
}

#[derive(Deserialize)]
struct LoginQuery {
    next: Option<String>,
}

async fn login_page(
    State(core): State<Core>,
    parts: Parts,
    frame: Frame,
    Params(query): Params<LoginQuery>,
) -> Result<Response> {
    if setup::is_open(&core).await? {
        return Ok(see_other("/setup"));
    }
    let next = query.next.unwrap_or_default();
    let next = local_path(&next).unwrap_or("").to_owned();
    if identify(&core, &parts).await?.caller().is_some() {
        return Ok(see_other(local_path(&next).unwrap_or(HOME)));
    }
    show(StatusCode::OK, &LoginPage::new(&core, frame, Form::default().with("next", next)))
}

async fn log_in(State(core): State<Core>, peer: Peer, parts: Parts, mut frame: Frame, form: Form) -> Result<Response> {
    require_same_origin(&parts.headers)?;
    let before = Credential::of(&core, &parts.headers, &parts.extensions).filter(Credential::is_cookie);
    let next = local_path(form.value("next")).unwrap_or(HOME).to_owned();
    let browser = KnownBrowser::read(&core, &parts.headers, peer.secure(&core));
    let begun = async {
        let password = form.raw("password").to_owned();
        match login::first_step(&core, &peer, &browser, form.value("username"), password).await? {
            FirstStep::Half(half) => Ok(Begun::Half(half.seal()?)),
            FirstStep::Whole(login) => {
                core.run(async |tx| login::begin(tx, &core.clock, login, before.as_ref()).await).await.map(Begun::Whole)
            }
        }
    };
    match begun.await {
        Ok(Begun::Whole(session)) => {
            let mut response = enter(&core, &peer, &session, &next);
            let account = login::account_name(form.value("username"));
            browser.give(&core, &mut response, &account, peer.secure(&core));
            Ok(response)
        }
        Ok(Begun::Half(step)) => {
            let mut response = see_other(&code_path(&next));
            session_cookie::keep_step(&mut response, &step, second_step::STEP_SECS, peer.secure(&core));
            Ok(response)
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            "/login".clone_into(&mut frame.here);
            show(status, &LoginPage::new(&core, frame, form))
        }
    }
}

/// What a name and a password opened.
enum Begun {
    Whole(Session),
    /// What the browser keeps until the second step.
    Half(String),
}

/// Where the code is asked for, which leads on to this page.
pub(super) fn code_path(next: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("/login/code?{query}")
}

#[derive(Template)]
#[template(path = "people/login-code.html")]
struct CodePage {
    frame: Frame,
    form: Form,
}

async fn code_page(
    State(core): State<Core>,
    peer: Peer,
    headers: HeaderMap,
    frame: Frame,
    Params(query): Params<LoginQuery>,
) -> Result<Response> {
    let kept = session_cookie::read_step(&headers, peer.secure(&core));
    if !kept.is_some_and(|kept| second_step::is_kept(&core, &kept)) {
        return Ok(see_other("/login?done=step_over"));
    }
    let next = query.next.unwrap_or_default();
    let form = Form::default().with("next", local_path(&next).unwrap_or(HOME));
    show(StatusCode::OK, &CodePage { frame, form })
}

async fn log_in_with_code(
    State(core): State<Core>,
    peer: Peer,
    parts: Parts,
    mut frame: Frame,
    form: Form,
) -> Result<Response> {
    require_same_origin(&parts.headers)?;
    let before = Credential::of(&core, &parts.headers, &parts.extensions).filter(Credential::is_cookie);
    let next = local_path(form.value("next")).unwrap_or(HOME).to_owned();
    let secure = peer.secure(&core);
    let browser = KnownBrowser::read(&core, &parts.headers, secure);
    let begun = async {
        let kept = session_cookie::read_step(&parts.headers, secure).unwrap_or_default();
        let Some(half) = HalfOpen::open(&core, &peer, &browser, &kept).await? else { return Ok(None) };
        let code = form.text("recovery").unwrap_or_else(|| form.value("code").to_owned());
        let account = half.account().to_owned();
        let login = half.finish(Some(code)).await?;
        let session = core.run(async |tx| login::begin(tx, &core.clock, login, before.as_ref()).await).await?;
        Ok(Some((session, account)))
    };
    match begun.await {
        Ok(session) => {
            let mut response = match session {
                Some((session, account)) => {
                    let mut response = enter(&core, &peer, &session, &next);
                    browser.give(&core, &mut response, &account, secure);
                    response
                }
                None => see_other("/login?done=step_over"),
            };
            session_cookie::keep_step(&mut response, "", 0, secure);
            Ok(response)
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            frame.here = code_path(&next);
            show(status, &CodePage { frame, form })
        }
    }
}

async fn log_out(State(core): State<Core>, peer: Peer, parts: Parts) -> Result<Response> {
    require_same_origin(&parts.headers)?;
    let credential = Credential::of(&core, &parts.headers, &parts.extensions);
    if let (Some(caller), Some(credential)) = (identify(&core, &parts).await?.caller(), credential) {
        core.run(async |tx| login::end(tx, &core.clock, &caller, &credential).await).await?;
    }
    let mut response = see_other("/login");
    session_cookie::take_back(&mut response, peer.secure(&core));
    Ok(response)
}

#[derive(Template)]
#[template(path = "people/setup.html")]
struct SetupPage {
    frame: Frame,
    form: Form,
}

async fn setup_page(State(core): State<Core>, frame: Frame) -> Result<Response> {
    if !setup::is_open(&core).await? {
        return Ok(see_other("/login"));
    }
    show(StatusCode::OK, &SetupPage { frame, form: Form::default() })
}

async fn set_up(
    State(core): State<Core>,
    peer: Peer,
    headers: HeaderMap,
    frame: Frame,
    form: Form,
) -> Result<Response> {
    require_same_origin(&headers)?;
    let made = async {
        let own = OwnWords::of(&core, form.value("username")).await?;
        let (username, password) = admin_of(&form, &own)?;
        let admin = setup::read_first_admin(&core, &peer, form.value("token"), username, password).await?;
        core.run(async |tx| setup::create_first_admin(tx, &core, &peer, admin).await).await
    };
    match made.await {
        Ok(session) => Ok(enter(&core, &peer, &session, AFTER_SETUP)),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &SetupPage { frame, form })
        }
    }
}

fn admin_of(form: &Form, own: &OwnWords) -> Result<(String, Password)> {
    let mut fields = Validation::new();
    let username = fields.take("username", parse_username(form.value("username")));
    let password = password::typed_twice(&mut fields, form, own);
    Ok(fields.all((username, password))?)
}

#[derive(Deserialize)]
struct LanguageForm {
    to: String,
    #[serde(default)]
    back: String,
}

async fn choose_language(State(core): State<Core>, peer: Peer, Posted(form): Posted<LanguageForm>) -> Result<Response> {
    let lang = if form.to == Lang::En.tag() { Lang::En } else { Lang::Vi };
    let mut response = see_other(local_path(&form.back).unwrap_or(HOME));
    keep_language(&mut response, lang, peer.secure(&core));
    Ok(response)
}

/// A form without a login is ours only when the browser says so.
fn require_same_origin(headers: &HeaderMap) -> Result<()> {
    if same_origin(headers) { Ok(()) } else { Err(Error::Forbidden) }
}

/// On to a page, with a new session's cookie.
pub(super) fn enter(core: &Core, peer: &Peer, session: &Session, to: &str) -> Response {
    let mut response = see_other(to);
    session_cookie::give(&mut response, &session.token, SESSION_SECS, peer.secure(core));
    response
}
