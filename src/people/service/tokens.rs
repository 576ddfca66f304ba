//! API tokens are made for a login, and ended.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::{Answer, Claim, Core, CreateBody, Error, Result};
use crate::kernel::ids::{TokenId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::{Moment, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePeople;
use crate::people::store::tokens::{self, TokenKind, TokenRow};
use crate::people::store::{self, users};
use crate::vault::{new_token, token_hash};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

/// A token to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"days": 30}))]
pub(in crate::people) struct NewTokenBody {
    /// Days until it ends, 1 to 3650; 365 when left out.
    pub(in crate::people) days: Option<i64>,
}

/// A new token.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::people) struct NewToken {
    /// Its id, to revoke it by.
    pub(in crate::people) id: TokenId,
    /// The secret, shown this once.
    pub(in crate::people) token: String,
    /// When it ends.
    pub(in crate::people) expires_at: Moment,
}

/// Makes an API token for a login; its secret is told once.
pub(in crate::people) async fn create(
    core: &Core,
    permit: &Permit<ManagePeople>,
    id: UserId,
    create: CreateBody<NewTokenBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let days = body.days.unwrap_or(365);
    let mut fields = Validation::new();
    fields.check("days", (1..=3650).contains(&days), || {
        Invalid::fixed("out_of_range", "Số ngày từ 1 đến 3650.", "Days are from 1 to 3650.")
    });
    fields.finish()?;
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let user = users::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if user.disabled_at.is_some() {
        return Err(Error::conflict(
            "user_disabled",
            "Tài khoản này đã bị khóa. Hãy mở lại trước khi cấp mã.",
            "This login is disabled. Let it in again first.",
        ));
    }
    let token = new_token(&core.clock);
    let expires_at = core.clock.now().plus_secs(days * DAY_SECS);
    let kind = TokenKind::Api;
    let token_id = store::insert_token(&mut tx, &core.clock, kind, id, token_hash(&token), expires_at).await?;
    let act = Act::on("create", "token", token_id.0).with(json!({ "user_id": id, "days": days }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    let answer = NewToken { id: token_id, token, expires_at };
    once.finish(core, tx, permit.id.0, StatusCode::CREATED, &answer).await
}

/// Ends a token or session at once.
pub(in crate::people) async fn revoke(core: &Core, permit: &Permit<ManagePeople>, id: TokenId) -> Result<TokenRow> {
    let mut tx = core.db.begin().await?;
    let revoked = tokens::revoke(&mut tx, id, core.clock.now()).await?;
    let token = tokens::token(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if revoked == 1 {
        audit::append(&mut tx, &core.clock, permit.actor(), Act::on("revoke", "token", id.0)).await?;
    }
    tx.commit().await?;
    forget_believed();
    Ok(token)
}
