//! The pages that come before all others: logging in and out, the first administrator, one's own account, the
//! language.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::caller::{SESSION_COOKIE, bearer_or_cookie, identify, same_origin};
use super::login::{SESSION_SECS, Session};
use super::{Staff, Visitor, login, password, setup, store};
use crate::kernel::say::Lang;
use crate::kernel::{FieldError, Fields, Say};
use crate::web::{Core, Error, Frame, Params, Peer, Posted, Result, local_path, see_other, show};

/// Where a login leads when nothing else was asked for.
const HOME: &str = "/";
/// How long the choice of a language is kept, in seconds: a year.
const LANG_SECS: i64 = 365 * 86_400;

/// `/login`, `/logout`, `/setup`, `/account`, `/lang`.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/login", get(login_page).post(log_in))
        .route("/logout", post(log_out))
        .route("/setup", get(setup_page).post(set_up))
        .route("/account", get(account))
        .route("/lang", post(choose_language))
}

#[derive(Template)]
#[template(path = "people/login.html")]
struct LoginPage {
    frame: Frame,
    username: String,
    next: String,
    error: Option<Say>,
}

#[derive(Deserialize)]
struct LoginQuery {
    next: Option<String>,
}

async fn login_page(
    State(core): State<Core>,
    headers: HeaderMap,
    frame: Frame,
    Params(query): Params<LoginQuery>,
) -> Result<Response> {
    if setup::is_open(&core).await? {
        return Ok(see_other("/setup"));
    }
    let next = query.next.unwrap_or_default();
    let next = local_path(&next).unwrap_or("").to_owned();
    if identify(&core, &Method::GET, &headers).await?.is_some() {
        return Ok(see_other(local_path(&next).unwrap_or(HOME)));
    }
    show(StatusCode::OK, &LoginPage { frame, username: String::new(), next, error: None })
}

#[derive(Deserialize)]
struct LoginForm {
    username: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn log_in(
    State(core): State<Core>,
    peer: Peer,
    headers: HeaderMap,
    mut frame: Frame,
    Posted(form): Posted<LoginForm>,
) -> Result<Response> {
    require_same_origin(&headers)?;
    match login::with_password(&core, &peer, &form.username, form.password).await {
        Ok(session) => Ok(enter(&core, &peer, &session, local_path(&form.next).unwrap_or(HOME))),
        Err(error @ (Error::LoginRefused { .. } | Error::TooMany(_))) => {
            "/login".clone_into(&mut frame.here);
            let next = local_path(&form.next).unwrap_or("").to_owned();
            let page = LoginPage { frame, username: form.username, next, error: Some(error.say()) };
            show(error.status(), &page)
        }
        Err(error) => Err(error),
    }
}

async fn log_out(State(core): State<Core>, peer: Peer, headers: HeaderMap) -> Result<Response> {
    require_same_origin(&headers)?;
    if let (Some(caller), Some(token)) = (identify(&core, &Method::POST, &headers).await?, bearer_or_cookie(&headers)) {
        login::end(&core, caller.actor(), token).await?;
    }
    let mut response = see_other("/login");
    set_cookie(&mut response, &session_cookie("", 0, peer.secure(&core)));
    Ok(response)
}

#[derive(Template)]
#[template(path = "people/setup.html")]
struct SetupPage {
    frame: Frame,
    token: String,
    username: String,
    errors: Vec<FieldError>,
}

impl SetupPage {
    /// What is wrong with one field, in the visitor's language.
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| self.frame.say(&error.say))
    }
}

async fn setup_page(State(core): State<Core>, frame: Frame) -> Result<Response> {
    if !setup::is_open(&core).await? {
        return Ok(see_other("/login"));
    }
    show(StatusCode::OK, &SetupPage { frame, token: String::new(), username: String::new(), errors: Vec::new() })
}

#[derive(Deserialize)]
struct SetupForm {
    token: String,
    username: String,
    password: String,
    again: String,
}

async fn set_up(
    State(core): State<Core>,
    peer: Peer,
    headers: HeaderMap,
    frame: Frame,
    Posted(form): Posted<SetupForm>,
) -> Result<Response> {
    require_same_origin(&headers)?;
    let mut fields = Fields::new();
    let username = fields.take("username", store::parse_username(&form.username));
    fields.take("password", password::parse(&form.password));
    fields.check("again", form.password == form.again, || {
        crate::kernel::say::Wrong::fixed("differs", "Hai lần nhập mật khẩu khác nhau.", "The two passwords differ.")
    });
    let made = match fields.finish() {
        Ok(()) => setup::first_admin(&core, &peer, &form.token, username.unwrap_or_default(), form.password).await,
        Err(errors) => Err(errors.into()),
    };
    match made {
        Ok(session) => Ok(enter(&core, &peer, &session, HOME)),
        Err(Error::Invalid(errors)) => show(
            StatusCode::UNPROCESSABLE_ENTITY,
            &SetupPage { frame, token: form.token, username: form.username, errors },
        ),
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "people/account.html")]
struct AccountPage {
    frame: Frame,
    staff: Staff,
}

impl AccountPage {
    /// What screens call the role.
    fn role(&self) -> String {
        self.frame.say(&self.staff.role.say()).to_owned()
    }
}

async fn account(Visitor { staff, frame }: Visitor) -> Result<Response> {
    show(StatusCode::OK, &AccountPage { frame, staff })
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
    let secure = if peer.secure(&core) { "; Secure" } else { "" };
    set_cookie(&mut response, &format!("lang={}; Path=/; SameSite=Lax; Max-Age={LANG_SECS}{secure}", lang.tag()));
    Ok(response)
}

/// A form without a login is ours only when the browser says so.
fn require_same_origin(headers: &HeaderMap) -> Result<()> {
    if same_origin(headers) { Ok(()) } else { Err(Error::Forbidden) }
}

fn enter(core: &Core, peer: &Peer, session: &Session, to: &str) -> Response {
    let mut response = see_other(to);
    set_cookie(&mut response, &session_cookie(&session.token, SESSION_SECS, peer.secure(core)));
    response
}

fn session_cookie(token: &str, max_age_secs: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_secs}{secure}")
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
