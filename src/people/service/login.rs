//! Logging in with a password: throttled, equally slow for every wrong answer, and audited.

use serde_json::json;

use crate::db::Tx;
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::ids::UserId;
use crate::kernel::{Clock, Message, Moment};
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::forget_believed;
use crate::people::password::{self, Password};
use crate::people::rights::AnyLogin;
use crate::people::store::{self, TokenKind, tokens, users};
use crate::people::{Caller, Permit};
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

/// A login whose password was right.
#[derive(Clone, Copy, Debug)]
pub(in crate::people) struct Verified(UserId);

/// Checks a name and a password, before the writer is asked for: it is slow. Every try counts before it is checked, so
/// that many at once don't slip past the limit; a right one is taken back.
pub(in crate::people) async fn verify(core: &Core, peer: &Peer, username: &str, password: String) -> Result<Verified> {
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
    Ok(Verified(user_id))
}

/// Begins a session.
pub(in crate::people) async fn begin(tx: &mut Tx, clock: &Clock, Verified(user_id): Verified) -> Result<Session> {
    let session = insert_session(tx, clock, user_id).await?;
    audit::append(tx, clock, Actor::User(user_id), Act::on("login", "user", user_id.0)).await?;
    Ok(session)
}

/// Stores a session of somebody who was found to be who they say.
pub(super) async fn insert_session(tx: &mut Tx, clock: &Clock, user_id: UserId) -> Result<Session> {
    let token = new_token(clock);
    let expires_at = clock.now().plus_secs(SESSION_SECS);
    store::insert_token(tx, clock, TokenKind::Session, user_id, token_hash(&token), expires_at).await?;
    Ok(Session { user_id, token, expires_at })
}

/// Another password for one's own login, of somebody who knew the present one.
pub(in crate::people) struct OwnPassword {
    /// The stored form.
    hash: String,
}

/// Checks the present password and hashes another, before the writer is asked for: both are slow.
pub(in crate::people) async fn read_own_password(
    core: &Core,
    permit: &Permit<AnyLogin>,
    current: String,
    new: Password,
) -> Result<OwnPassword> {
    let account = account_key(core, &permit.username);
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Account, &account, now) {
        return Err(Error::TooMany(secs));
    }
    core.throttle.failed(ThrottleKind::Account, &account, now);
    let known = store::login_by_username(&mut core.db.read().await?, &permit.username).await?;
    let unchanged = new.is(&current);
    if !password::verify_in_turn(current, known.and_then(|(_, stored)| stored)).await? {
        return Err(Error::field(
            "current",
            "wrong_password",
            Message::fixed("Mật khẩu hiện tại chưa đúng.", "The present password is wrong."),
        ));
    }
    core.throttle.succeeded(ThrottleKind::Account, &account);
    if unchanged {
        return Err(Error::field(
            "password",
            "unchanged",
            Message::fixed("Hãy chọn một mật khẩu khác mật khẩu cũ.", "Choose a password other than the old one."),
        ));
    }
    Ok(OwnPassword { hash: new.hashed(&core.clock).await? })
}

/// Gives a login another password, chosen by its owner. Ends its sessions and begins a new one.
pub(in crate::people) async fn change_password(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<AnyLogin>,
    password: OwnPassword,
) -> Result<Session> {
    users::set_password(tx, permit.id, password.hash, false).await?;
    tokens::revoke_sessions(tx, permit.id, clock.now()).await?;
    let session = insert_session(tx, clock, permit.id).await?;
    let act = Act::on("update", "user", permit.id.0).with(json!({ "fields": ["password"], "by": "owner" }));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(session)
}

/// Ends every session of a login, on all its devices. Its API tokens stay.
pub(in crate::people) async fn end_everywhere(tx: &mut Tx, clock: &Clock, permit: &Permit<AnyLogin>) -> Result<()> {
    tokens::revoke_sessions(tx, permit.id, clock.now()).await?;
    let act = Act::on("logout", "user", permit.id.0).with(json!({ "everywhere": true }));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(())
}

/// Ends the session or token in hand.
pub(in crate::people) async fn end(tx: &mut Tx, clock: &Clock, caller: &Caller, token: &str) -> Result<()> {
    if tokens::revoke_by_hash(tx, &token_hash(token), clock.now()).await? == 1 {
        audit::append(tx, clock, caller.actor(), Act::on("logout", "user", caller.id())).await?;
    }
    tx.after_commit(forget_believed);
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
