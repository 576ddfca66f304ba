//! `/account/second-factor`: one's own second factor; `/users/{id}/second-factor`: somebody's that is lost;
//! `/settings/second-factor`: whether the ward asks for one. No secret and no code stands in an address.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::http::{Core, Error, Form, Frame, Id, Result, qr, see_other, show};
use crate::kernel::ids::UserId;
use crate::people::audit::parse_reason;
use crate::people::pages::users::stored;
use crate::people::rights::{AnyLogin, ChangePeople, ManagePeople, OwnFactor};
use crate::people::second_factor::{FactorPolicy, FactorState};
use crate::people::service::second_factor as service;
use crate::people::store::second_factors;
use crate::people::store::users::UserRow;
use crate::people::{Confirmed, Permit, Visitor};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/account/second-factor", get(own).post(begin))
        .route("/account/second-factor/confirm", post(confirm))
        .route("/account/second-factor/off", get(turning_off).post(turn_off))
        .route("/users/{id}/second-factor", get(resetting).post(reset))
        .route("/settings/second-factor", get(policy).post(set_policy))
}

#[derive(Template)]
#[template(path = "people/second-factor.html")]
struct OwnPage {
    frame: Frame,
    form: Form,
    staff: Permit<AnyLogin>,
    state: FactorState,
}

async fn own(State(core): State<Core>, Visitor { permit: staff, frame }: Visitor) -> Result<Response> {
    show_own(&core, frame, staff, StatusCode::OK, Form::fresh(&core)).await
}

async fn show_own(
    core: &Core,
    frame: Frame,
    staff: Permit<AnyLogin>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let state = service::state(&mut core.db.read().await?, &staff).await?;
    show(status, &OwnPage { frame, form, staff, state })
}

/// What the app needs, with the recovery codes; until a code of it was typed.
#[derive(Template)]
#[template(path = "people/second-factor-setup.html")]
struct SetupPage {
    frame: Frame,
    form: Form,
    secret: String,
    qr: String,
    recovery_codes: Vec<String>,
    has_one: bool,
}

async fn begin(State(core): State<Core>, confirmed: Confirmed<OwnFactor>) -> Result<Response> {
    let Confirmed { visitor: Visitor { permit, frame }, form } = confirmed;
    match core.run(async |tx| service::begin(tx, &core, &permit).await).await {
        Ok(new) => {
            let page = SetupPage {
                frame,
                form: Form::default(),
                qr: qr::svg(&new.otpauth_url)?,
                secret: in_fours(&new.secret),
                recovery_codes: new.recovery_codes,
                has_one: permit.has_second_factor,
            };
            show(StatusCode::OK, &page)
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_own(&core, frame, permit.also()?, status, form).await
        }
    }
}

async fn confirm(State(core): State<Core>, confirmed: Confirmed<OwnFactor>) -> Result<Response> {
    let Confirmed { visitor: Visitor { permit, frame }, form } = confirmed;
    let own: Permit<AnyLogin> = permit.also()?;
    let done = async {
        let code = service::read_first_code(&core, &own, form.value("code")).await?;
        core.run(async |tx| service::confirm(tx, &core.clock, &own, code).await).await
    };
    let Err(error) = done.await else { return Ok(see_other("/account?done=factor_on")) };
    let begins_anew = matches!(error, Error::Conflict { .. });
    let (status, form) = form.refused(error)?;
    if begins_anew {
        return show_own(&core, frame, own, status, form).await;
    }
    let (secret, url) = service::pending(&core, &permit).await?;
    let recovery_codes = form.all("recovery_codes").map(str::to_owned).collect();
    let has_one = permit.has_second_factor;
    show(status, &SetupPage { frame, form, qr: qr::svg(&url)?, secret: in_fours(&secret), recovery_codes, has_one })
}

/// A secret as it is typed into an app: in groups of four.
fn in_fours(secret: &str) -> String {
    let symbols: Vec<char> = secret.chars().collect();
    symbols.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "people/second-factor-off.html")]
struct OffPage {
    frame: Frame,
    form: Form,
}

async fn turning_off(State(core): State<Core>, visitor: Visitor) -> Result<Response> {
    show(StatusCode::OK, &OffPage { frame: visitor.frame, form: Form::fresh(&core) })
}

async fn turn_off(State(core): State<Core>, confirmed: Confirmed<OwnFactor>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    match core.run(async |tx| service::remove(tx, &core.clock, &visitor.permit).await).await {
        Ok(()) => Ok(see_other("/account?done=factor_off")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &OffPage { frame: visitor.frame, form })
        }
    }
}

#[derive(Template)]
#[template(path = "people/second-factor-reset.html")]
struct ResetPage {
    frame: Frame,
    form: Form,
    user: UserRow,
}

async fn resetting(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<UserId>) -> Result<Response> {
    let user = stored(&core, id).await?;
    show(StatusCode::OK, &ResetPage { frame: visitor.frame, form: Form::fresh(&core), user })
}

async fn reset(State(core): State<Core>, Id(id): Id<UserId>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let done = async {
        let reason = parse_reason(form.value("reason")).map_err(|wrong| wrong.at("reason"))?;
        core.run(async |tx| service::reset(tx, &core.clock, &visitor.permit, id, reason).await).await
    };
    match done.await {
        Ok(_) => Ok(see_other(&format!("/users/{id}?done=factor_reset"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let user = stored(&core, id).await?;
            show(status, &ResetPage { frame: visitor.frame, form, user })
        }
    }
}

#[derive(Template)]
#[template(path = "people/second-factor-policy.html")]
struct PolicyPage {
    frame: Frame,
    form: Form,
    required: bool,
    without: Vec<(UserId, String)>,
}

async fn policy(State(core): State<Core>, visitor: Visitor<ManagePeople>) -> Result<Response> {
    show_policy(&core, visitor.frame, StatusCode::OK, Form::fresh(&core)).await
}

async fn show_policy(core: &Core, frame: Frame, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let required = second_factors::is_required(&mut conn).await?;
    let without = second_factors::without(&mut conn).await?;
    drop(conn);
    show(status, &PolicyPage { frame, form, required, without })
}

async fn set_policy(State(core): State<Core>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let policy = FactorPolicy { required: form.value("required") == "yes" };
    match core.run(async |tx| service::require(tx, &core.clock, &visitor.permit, policy).await).await {
        Ok(_) => Ok(see_other("/settings/second-factor?done=saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_policy(&core, visitor.frame, status, form).await
        }
    }
}
