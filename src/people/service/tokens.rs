//! API tokens are made for a login, and ended.

use serde_json::json;

use crate::db::Tx;
use crate::http::{Error, Result};
use crate::kernel::ids::{TokenId, UserId};
use crate::kernel::{Clock, Message};
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::forget_believed;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::store::tokens::{self, TokenKind, TokenRow};
use crate::people::store::{self, LoginRow, users};
use crate::people::token::{IssuedToken, NewToken};
use crate::vault::{new_token, token_hash};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

/// Makes an API token for a login; its secret is told once.
pub(in crate::people) async fn create(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ChangePeople>,
    id: UserId,
    new: NewToken,
) -> Result<IssuedToken> {
    let user = users::one(tx, id).await?.ok_or(Error::NotFound)?;
    if user.disabled_at.is_some() {
        return Err(Error::conflict(
            "user_disabled",
            "Tài khoản này đã bị khóa. Hãy mở lại trước khi cấp mã.",
            "This login is disabled. Let it in again first.",
        ));
    }
    issue(tx, clock, permit.actor(), id, new).await
}

/// Makes an API token for the operator, who has the data folder and so every right.
pub async fn create_by_operator(tx: &mut Tx, clock: &Clock, username: &str, new: NewToken) -> Result<IssuedToken> {
    let Some(LoginRow { id, .. }) = store::login_by_username(tx, username).await? else {
        let say = Message::new(
            format!("Không có tài khoản «{username}». Tạo bằng: lalanh user add."),
            format!("There is no login “{username}”. Make one with: lalanh user add."),
        );
        return Err(Error::field("username", "unknown", say));
    };
    issue(tx, clock, Actor::System, id, new).await
}

async fn issue(tx: &mut Tx, clock: &Clock, actor: Actor, user_id: UserId, new: NewToken) -> Result<IssuedToken> {
    let NewToken { days } = new;
    let token = new_token(clock);
    let expires_at = clock.now().plus_secs(days * DAY_SECS);
    let id = store::insert_token(tx, clock, TokenKind::Api, user_id, token_hash(&token), expires_at).await?;
    let act = Act::on("create", "token", id.0).with(json!({ "user_id": user_id, "days": days }));
    audit::append(tx, clock, actor, act).await?;
    Ok(IssuedToken { id, token, expires_at })
}

/// Ends a token or session at once.
pub(in crate::people) async fn revoke(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePeople>,
    id: TokenId,
) -> Result<TokenRow> {
    let revoked = tokens::revoke(tx, id, clock.now()).await?;
    let token = tokens::token(tx, id).await?.ok_or(Error::NotFound)?;
    if revoked == 1 {
        audit::append(tx, clock, permit.actor(), Act::on("revoke", "token", id.0)).await?;
    }
    tx.after_commit(forget_believed);
    Ok(token)
}
