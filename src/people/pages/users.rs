//! `/users`: the logins of staff, for administrators.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::choices::{self, Choices};
use crate::http::{Core, Error, Form, Frame, Id, Params, Result, Rows, Turn, see_other, show};
use crate::kernel::Validation;
use crate::kernel::ids::UserId;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::users as service;
use crate::people::store::tokens::{self, TokenKind, TokenRow};
use crate::people::store::users::{self, ListedUser, UserFilter, UserRow};
use crate::people::user::{NewUser, NewUserBody, UserChangeBody};
use crate::people::{Confirmed, Role, Visitor, password};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/users", get(list))
        .route("/users/new", get(new_user).post(create_user))
        .route("/users/{id}", get(user).post(change_user))
        .route("/users/{id}/password", get(password_form).post(set_password))
        .route("/users/{id}/disable", get(disabling).post(disable))
        .route("/users/{id}/enable", post(enable))
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(flatten)]
    turn: Turn,
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    disabled: String,
}

#[derive(Template)]
#[template(path = "people/users.html")]
struct UsersPage {
    frame: Frame,
    rows: Rows<ListedUser>,
    form: Form,
    disabled: bool,
}

impl UsersPage {
    fn role(&self, user: &ListedUser) -> String {
        self.frame.say(&user.role.say()).to_owned()
    }

    fn roles(&self) -> Vec<(&'static str, String)> {
        Role::ALL.into_iter().map(|role| (role.name(), self.frame.say(&role.say()).to_owned())).collect()
    }
}

async fn list(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let turn = &query.turn;
    let disabled = query.disabled == "1";
    let text = |text: &str| Some(text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let filter = UserFilter { name: text(&query.q), role: text(&query.role), disabled };
    let found = users::listed(&mut core.db.read().await?, filter, turn.limit(), turn.offset()).await?;
    let form = Form::default().with("q", &query.q).with("role", &query.role);
    show(StatusCode::OK, &UsersPage { frame: visitor.frame, rows: Rows::new(found, turn, None), form, disabled })
}

#[derive(Template)]
#[template(path = "people/user-new.html")]
struct NewUserPage {
    frame: Frame,
    form: Form,
    choices: Choices,
}

/// A login that was just made or given a password, with what to tell its owner. Shown once.
#[derive(Template)]
#[template(path = "people/user-told.html")]
struct ToldPage {
    frame: Frame,
    id: UserId,
    username: String,
    password: String,
    made: bool,
}

async fn new_user(State(core): State<Core>, visitor: Visitor<ManagePeople>) -> Result<Response> {
    let form = Form::fresh(&core).with("password", password::suggest(&core.clock));
    show_new_user(&core, visitor.frame, StatusCode::OK, form).await
}

async fn show_new_user(core: &Core, frame: Frame, status: StatusCode, form: Form) -> Result<Response> {
    let choices = choices::read(&mut core.db.read().await?).await?;
    show(status, &NewUserPage { frame, form, choices })
}

async fn create_user(State(core): State<Core>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let created = async {
        let new = NewUser::parse(user_of(&form)?, &core).await?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
    };
    match created.await {
        Ok(answer) => {
            let told = ToldPage {
                frame: visitor.frame,
                id: UserId(answer.id()?),
                username: form.value("username").to_lowercase(),
                password: form.raw("password").to_owned(),
                made: true,
            };
            show(StatusCode::CREATED, &told)
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_user(&core, visitor.frame, status, form).await
        }
    }
}

fn user_of(form: &Form) -> Result<NewUserBody> {
    let mut fields = Validation::new();
    let role = fields.take("role", form.chosen("role"));
    let area_id = fields.take("area_id", form.text("area_id").map(|_| form.chosen("area_id")).transpose());
    let (role, area_id) = fields.all((role, area_id))?;
    Ok(NewUserBody {
        username: form.value("username").to_owned(),
        full_name: form.text("full_name"),
        role,
        area_id,
        point_ids: form.all_chosen("point_ids"),
        password: Some(form.raw("password").to_owned()),
        password_temporary: true,
    })
}

#[derive(Template)]
#[template(path = "people/user.html")]
struct UserPage {
    frame: Frame,
    form: Form,
    user: UserRow,
    choices: Choices,
    tokens: Vec<TokenRow>,
    is_me: bool,
}

impl UserPage {
    fn role(&self) -> String {
        self.frame.say(&self.user.role.say()).to_owned()
    }
}

async fn user(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<UserId>) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let user = users::one(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let points = users::points_of(&mut conn, &[id]).await?;
    drop(conn);
    let form = Form::fresh(&core)
        .with("role", user.role)
        .with_some("full_name", user.full_name)
        .with_some("area_id", user.area_id)
        .with("days", 365);
    let form = points.into_iter().fold(form, |form, (_, point_id)| form.with("point_ids", point_id));
    show_user(&core, visitor, StatusCode::OK, form, id).await
}

pub(super) async fn show_user<R>(
    core: &Core,
    visitor: Visitor<R>,
    status: StatusCode,
    form: Form,
    id: UserId,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let user = users::one(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let now = core.clock.now();
    let mut tokens = tokens::tokens_of(&mut conn, id).await?;
    tokens.retain(|token| token.revoked_at.is_none() && token.expires_at > now);
    let choices = choices::read(&mut conn).await?;
    let is_me = visitor.permit.id == id;
    show(status, &UserPage { frame: visitor.frame, form, user, choices, tokens, is_me })
}

async fn change_user(
    State(core): State<Core>,
    Id(id): Id<UserId>,
    confirmed: Confirmed<ChangePeople>,
) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let changed = async { change_to(&core, &visitor, id, change_of(&form)?).await };
    match changed.await {
        Ok(()) => Ok(see_other(&format!("/users/{id}?done=saved"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_user(&core, visitor, status, form, id).await
        }
    }
}

async fn change_to(core: &Core, visitor: &Visitor<ChangePeople>, id: UserId, body: UserChangeBody) -> Result<()> {
    let change = service::read_change(core, id, body).await?;
    core.run(async |tx| service::change(tx, &core.clock, &visitor.permit, id, change).await).await.map(|_| ())
}

fn change_of(form: &Form) -> Result<UserChangeBody> {
    let mut fields = Validation::new();
    let role = fields.take("role", form.chosen("role"));
    let area_id = fields.take("area_id", form.text("area_id").map(|_| form.chosen("area_id")).transpose());
    let (role, area_id) = fields.all((role, area_id))?;
    let point_ids = Some(form.all_chosen("point_ids"));
    // A form of before it had the field says nothing of it.
    let full_name = form.is_sent("full_name").then(|| form.text("full_name"));
    let (role, area_id) = (Some(role), Some(area_id));
    Ok(UserChangeBody { full_name, role, area_id, point_ids, ..UserChangeBody::default() })
}

#[derive(Template)]
#[template(path = "people/user-password.html")]
struct PasswordPage {
    frame: Frame,
    form: Form,
    user: UserRow,
}

pub(super) async fn stored(core: &Core, id: UserId) -> Result<UserRow> {
    users::one(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)
}

async fn password_form(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let user = stored(&core, id).await?;
    let form = Form::fresh(&core).with("password", password::suggest(&core.clock));
    show(StatusCode::OK, &PasswordPage { frame: visitor.frame, form, user })
}

async fn set_password(
    State(core): State<Core>,
    Id(id): Id<UserId>,
    confirmed: Confirmed<ChangePeople>,
) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let user = stored(&core, id).await?;
    let password = form.raw("password").to_owned();
    let change =
        UserChangeBody { password: Some(password.clone()), password_temporary: true, ..UserChangeBody::default() };
    match change_to(&core, &visitor, id, change).await {
        Ok(()) => {
            let told = ToldPage { frame: visitor.frame, id, username: user.username, password, made: false };
            show(StatusCode::OK, &told)
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &PasswordPage { frame: visitor.frame, form, user })
        }
    }
}

#[derive(Template)]
#[template(path = "people/user-disable.html")]
struct DisablePage {
    frame: Frame,
    form: Form,
    user: UserRow,
}

async fn disabling(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<UserId>) -> Result<Response> {
    let user = stored(&core, id).await?;
    show(StatusCode::OK, &DisablePage { frame: visitor.frame, form: Form::fresh(&core), user })
}

async fn disable(State(core): State<Core>, Id(id): Id<UserId>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    match change_to(&core, &visitor, id, UserChangeBody { disabled: Some(true), ..UserChangeBody::default() }).await {
        Ok(()) => Ok(see_other("/users?done=disabled")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let user = stored(&core, id).await?;
            show(status, &DisablePage { frame: visitor.frame, form, user })
        }
    }
}

async fn enable(State(core): State<Core>, Id(id): Id<UserId>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    change_to(&core, &confirmed.visitor, id, UserChangeBody { disabled: Some(false), ..UserChangeBody::default() })
        .await?;
    Ok(see_other(&format!("/users/{id}?done=reopened")))
}
