//! Logging in with a password: throttled, equally slow for every wrong answer, and audited.

use serde_json::json;

use crate::db::Tx;
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::ids::UserId;
use crate::kernel::{Message, Moment};
use crate::people::audit::{self, Act, Actor};
use crate::people::store::{self, TokenKind, tokens, users};
use crate::people::{Staff, password};
use crate::vault::{Purpose, new_token, token_hash};

/// How long a login lasts, in seconds: one working day.
pub const SESSION_SECS: i64 = 12 * 3600;

/// A login that began.
#[derive(Debug)]
pub struct Session {
    /// Whose.
    pub user_id: UserId,
    /// The secret: a cookie's value or a bearer token.
    pub token: String,
    /// When it ends.
    pub expires_at: Moment,
}

/// Checks a name and a password, and begins a session. Every try counts before it is checked, so that many at once
/// don't slip past the limit; a right one is taken back.
pub async fn with_password(core: &Core, peer: &Peer, username: &str, password: String) -> Result<Session> {
    let name = username.trim().to_lowercase();
    let account = account_key(core, &name);
    let now = core.clock.now();
    for (scope, key) in [(ThrottleKind::Address, &peer.address), (ThrottleKind::Account, &account)] {
        if let Some(secs) = core.throttle.wait_secs(scope, key, now) {
            tracing::warn!(?scope, "logins are throttled");
            return Err(Error::TooMany(secs));
        }
    }
    core.throttle.failed(ThrottleKind::Address, &peer.address, now);
    core.throttle.failed(ThrottleKind::Account, &account, now);
    let known = store::login_by_username(&mut core.db.read().await?, &name).await?;
    let (user_id, stored) = known.map_or((None, None), |(id, stored)| (Some(id), stored));
    let right = password::verify_in_turn(password, stored).await?;
    let Some(user_id) = user_id.filter(|_| right) else { return Err(wrong_login()) };
    core.throttle.forgive(ThrottleKind::Address, &peer.address);
    core.throttle.succeeded(ThrottleKind::Account, &account);
    let mut tx = core.db.begin().await?;
    let session = begin_session(core, &mut tx, user_id).await?;
    audit::append(&mut tx, &core.clock, Actor::User(user_id), Act::on("login", "user", user_id.0)).await?;
    tx.commit().await?;
    Ok(session)
}

/// Stores a session of somebody who was found to be who they say.
pub async fn begin_session(core: &Core, tx: &mut Tx, user_id: UserId) -> Result<Session> {
    let token = new_token(&core.clock);
    let expires_at = core.clock.now().plus_secs(SESSION_SECS);
    store::insert_token(tx, &core.clock, TokenKind::Session, user_id, token_hash(&token), expires_at).await?;
    Ok(Session { user_id, token, expires_at })
}

/// Gives a login another password, chosen by its owner. Ends its sessions and begins a new one. `new` is parsed.
pub async fn change_password(core: &Core, staff: &Staff, current: String, new: String) -> Result<Session> {
    let account = account_key(core, &staff.username);
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Account, &account, now) {
        return Err(Error::TooMany(secs));
    }
    core.throttle.failed(ThrottleKind::Account, &account, now);
    let known = store::login_by_username(&mut core.db.read().await?, &staff.username).await?;
    if !password::verify_in_turn(current.clone(), known.and_then(|(_, stored)| stored)).await? {
        return Err(Error::field(
            "current",
            "wrong_password",
            Message::fixed("Mật khẩu hiện tại chưa đúng.", "The present password is wrong."),
        ));
    }
    core.throttle.succeeded(ThrottleKind::Account, &account);
    if current == new {
        return Err(Error::field(
            "password",
            "unchanged",
            Message::fixed("Hãy chọn một mật khẩu khác mật khẩu cũ.", "Choose a password other than the old one."),
        ));
    }
    let hash = password::hash_in_turn(new, &core.clock).await?;
    let mut tx = core.db.begin().await?;
    users::set_password(&mut tx, staff.id, hash, false).await?;
    tokens::revoke_sessions(&mut tx, staff.id, now).await?;
    let session = begin_session(core, &mut tx, staff.id).await?;
    let act = Act::on("update", "user", staff.id.0).with(json!({ "fields": ["password"], "by": "owner" }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    crate::people::caller::forget_believed();
    Ok(session)
}

/// Ends every session of a login, on all its devices. Its API tokens stay.
pub async fn end_everywhere(core: &Core, staff: &Staff) -> Result<()> {
    let mut tx = core.db.begin().await?;
    tokens::revoke_sessions(&mut tx, staff.id, core.clock.now()).await?;
    let act = Act::on("logout", "user", staff.id.0).with(json!({ "everywhere": true }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    crate::people::caller::forget_believed();
    Ok(())
}

/// Ends the session or token in hand.
pub async fn end(core: &Core, actor: Actor, token: &str) -> Result<()> {
    let mut tx = core.db.begin().await?;
    let ended = tokens::revoke_by_hash(&mut tx, &token_hash(token), core.clock.now()).await?;
    if ended == 1 {
        let act = Act { action: "logout", record_kind: "user", record_id: actor.id(), detail: json!({}) };
        audit::append(&mut tx, &core.clock, actor, act).await?;
    }
    tx.commit().await?;
    crate::people::caller::forget_believed();
    Ok(())
}

/// What tries on one account are counted under.
fn account_key(core: &Core, name: &str) -> String {
    data_encoding::HEXLOWER.encode(&core.vault.index(Purpose::Throttle, name))
}

fn wrong_login() -> Error {
    Error::LoginRefused {
        code: "wrong_login",
        say: Message::fixed(
            "Tên đăng nhập hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock và bộ gõ tiếng Việt rồi thử lại.",
            "The username or the password is wrong. Check Caps Lock and the keyboard's language, then try again.",
        ),
    }
}
