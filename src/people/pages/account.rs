//! `/account`: who one is, another password, one's sessions.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::session::enter;
use crate::http::{Core, Form, Frame, Peer, Result, see_other, show};
use crate::kernel::Validation;
use crate::people::full_name::FullNameBody;
use crate::people::password::{self, OwnWords, Password};
use crate::people::rights::AnyLogin;
use crate::people::service::{login, users};
use crate::people::store::places;
use crate::people::store::tokens::{self, TokenKind, TokenRow};
use crate::people::{Permit, Visitor, session_cookie};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/account", get(account))
        .route("/account/password", get(password_form).post(change_password))
        .route("/account/name", get(name_form).post(change_name))
        .route("/account/logout-everywhere", post(log_out_everywhere))
}

#[derive(Template)]
#[template(path = "people/account.html")]
struct AccountPage {
    frame: Frame,
    staff: Permit<AnyLogin>,
    area: Option<String>,
    points: Vec<String>,
    tokens: Vec<TokenRow>,
}

impl AccountPage {
    fn role(&self) -> String {
        self.frame.say(&self.staff.role.say()).to_owned()
    }

    fn sessions(&self) -> usize {
        self.tokens.iter().filter(|token| token.kind == TokenKind::Session).count()
    }

    fn api_tokens(&self) -> impl Iterator<Item = &TokenRow> {
        self.tokens.iter().filter(|token| token.kind == TokenKind::Api)
    }
}

async fn account(State(core): State<Core>, Visitor { permit: staff, frame }: Visitor) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let area = match staff.area_id {
        Some(area_id) => places::area_name(&mut conn, area_id).await?,
        None => None,
    };
    let points = places::points(&mut conn).await?;
    let points = points.into_iter().filter(|(id, _)| staff.point_ids.contains(id)).map(|(_, name)| name).collect();
    let now = core.clock.now();
    let mut tokens = tokens::tokens_of(&mut conn, staff.id).await?;
    tokens.retain(|token| token.revoked_at.is_none() && token.expires_at > now);
    show(StatusCode::OK, &AccountPage { frame, staff, area, points, tokens })
}

#[derive(Template)]
#[template(path = "people/own-password.html")]
struct PasswordPage {
    frame: Frame,
    form: Form,
    staff: Permit<AnyLogin>,
}

async fn password_form(State(core): State<Core>, Visitor { permit: staff, frame }: Visitor) -> Result<Response> {
    show(StatusCode::OK, &PasswordPage { frame, form: Form::fresh(&core), staff })
}

async fn change_password(State(core): State<Core>, peer: Peer, visitor: Visitor, form: Form) -> Result<Response> {
    let Visitor { permit: staff, frame } = visitor;
    let changed = async {
        let current = form.raw("current").to_owned();
        let own = OwnWords::of(&core, &staff.username).await?;
        let password = login::read_own_password(&core, &staff, current, password_of(&form, &own)?).await?;
        core.run(async |tx| login::change_password(tx, &core.clock, &staff, password).await).await
    };
    match changed.await {
        Ok(session) => Ok(enter(&core, &peer, &session, "/account?done=password")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &PasswordPage { frame, form, staff })
        }
    }
}

#[derive(Template)]
#[template(path = "people/own-name.html")]
struct NamePage {
    frame: Frame,
    form: Form,
}

async fn name_form(State(core): State<Core>, Visitor { permit: staff, frame }: Visitor) -> Result<Response> {
    let form = Form::fresh(&core).with_some("full_name", staff.full_name.clone());
    show(StatusCode::OK, &NamePage { frame, form })
}

async fn change_name(State(core): State<Core>, Visitor { permit, frame }: Visitor, form: Form) -> Result<Response> {
    let changed = async {
        let full_name = FullNameBody { full_name: form.text("full_name") }.parse()?;
        core.run(async |tx| users::change_own_name(tx, &core.clock, &permit, full_name).await).await
    };
    match changed.await {
        Ok(()) => Ok(see_other("/account?done=saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &NamePage { frame, form })
        }
    }
}

fn password_of(form: &Form, own: &OwnWords) -> Result<Password> {
    let mut fields = Validation::new();
    let password = password::typed_twice(&mut fields, form, own);
    let (password,) = fields.all((password,))?;
    Ok(password)
}

async fn log_out_everywhere(State(core): State<Core>, peer: Peer, visitor: Visitor) -> Result<Response> {
    core.run(async |tx| login::end_everywhere(tx, &core.clock, &visitor.permit).await).await?;
    let mut response = see_other("/login");
    session_cookie::take_back(&mut response, peer.secure(&core));
    Ok(response)
}
