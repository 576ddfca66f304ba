//! `/users/{id}/tokens`: an API token is made and told once, or ended.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;

use crate::http::{Core, Frame, Id, Result, see_other, show};
use crate::kernel::ids::{TokenId, UserId};
use crate::people::pages::users::{show_user, stored};
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::tokens as service;
use crate::people::store::users::UserRow;
use crate::people::token::{IssuedToken, NewToken};
use crate::people::{Confirmed, Visitor};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/users/{id}/tokens", post(create_token))
        .route("/users/{id}/tokens/{token_id}/revoke", post(revoke_token))
}

/// A token that was just made: its secret is shown once.
#[derive(Template)]
#[template(path = "people/token-told.html")]
struct TokenPage {
    frame: Frame,
    user: UserRow,
    token: IssuedToken,
}

async fn create_token(
    State(core): State<Core>,
    Id(id): Id<UserId>,
    confirmed: Confirmed<ChangePeople>,
) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let made = async {
        let new = form.int("days").and_then(NewToken::of_days).map_err(|wrong| wrong.at("days"))?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, id, new).await
        })
        .await
    };
    match made.await {
        Ok(answer) => {
            let user = stored(&core, id).await?;
            show(StatusCode::CREATED, &TokenPage { frame: visitor.frame, user, token: answer.read()? })
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let row = stored(&core, id).await?;
            let form = form.with("role", row.role).with_some("area_id", row.area_id);
            show_user(&core, visitor, status, form, id).await
        }
    }
}

#[derive(Deserialize)]
struct TokenPath {
    id: UserId,
    token_id: TokenId,
}

async fn revoke_token(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    axum::extract::Path(path): axum::extract::Path<TokenPath>,
) -> Result<Response> {
    core.run(async |tx| service::revoke(tx, &core.clock, &visitor.permit, path.token_id).await).await?;
    Ok(see_other(&format!("/users/{}?done=revoked", path.id)))
}
