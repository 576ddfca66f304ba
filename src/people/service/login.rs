//! Logging in with a password, and a code where the login has a second factor ([`super::second_step`]): throttled, equally slow
//! for every wrong answer, and audited.

use serde_json::json;

use super::second_step::{HalfOpen, Proof, Verified};
use super::tries::Tries;
use crate::db::Tx;
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::ids::UserId;
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Message, Moment};
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::{Credential, forget_believed};
use crate::people::failures::{self, Failure};
use crate::people::password::{self, Password};
use crate::people::rights::AnyLogin;
use crate::people::second_factor::code_wanted;
use crate::people::staff::FRESH_SECS;
use crate::people::store::{self, LoginRow, TokenKind, tokens, users};
use crate::people::{Caller, Permit, Staff};
use crate::vault::{new_token, token_hash};

/// How long a login lasts, in seconds: one working day.
pub const SESSION_SECS: i64 = 12 * 3600;
/// How long a password that somebody else chose is good for, in seconds: over a weekend.
const TEMPORARY_SECS: i64 = 72 * 3600;

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

/// What a right password opens.
#[derive(Debug)]
pub(in crate::people) enum FirstStep {
    /// The login.
    Whole(Verified),
    /// The question for a code.
    Half(HalfOpen),
}

/// Checks a name, a password and the code that belongs to it, before the writer is asked for: it is slow.
pub(in crate::people) async fn verify(
    core: &Core,
    peer: &Peer,
    username: &str,
    password: String,
    code: Option<String>,
) -> Result<Verified> {
    match first_step(core, peer, username, password).await? {
        FirstStep::Whole(verified) => Ok(verified),
        FirstStep::Half(half) => half.finish(code).await,
    }
}

/// Checks a name and a password.
pub(in crate::people) async fn first_step(
    core: &Core,
    peer: &Peer,
    username: &str,
    password: String,
) -> Result<FirstStep> {
    let name = username.trim().to_lowercase();
    let tries = Tries::begin(core, peer, &name)?;
    let known = store::login_by_username(&mut core.db.read().await?, &name).await?;
    // Whoever has API tokens only does not log in.
    let known = known.filter(|login| login.password_hash.is_some());
    let stored = known.as_ref().and_then(|login| login.password_hash.clone());
    let right = password::verify_in_turn(password, stored).await?;
    let Some(login) = known else {
        failures::login(core, Failure::UnknownName, None);
        return Err(wrong_login());
    };
    if !right {
        failures::login(core, Failure::WrongPassword, Some(login.id));
        return Err(wrong_login());
    }
    if is_over(&login, core.clock.now()) {
        tries.take_back();
        failures::login(core, Failure::PasswordOver, Some(login.id));
        return Err(password_over());
    }
    if login.has_second_factor {
        return Ok(FirstStep::Half(HalfOpen::new(&login, name, tries)));
    }
    tries.succeeded();
    Ok(FirstStep::Whole(Verified::by_password(login.id)))
}

/// Whether somebody else chose this password, and too long ago.
fn is_over(login: &LoginRow, now: Moment) -> bool {
    login.password_temporary && now.secs_since(login.password_set_at) >= TEMPORARY_SECS
}

/// Begins a session, in the place of one that the same browser has.
pub(in crate::people) async fn begin(
    tx: &mut Tx,
    clock: &Clock,
    verified: Verified,
    before: Option<&Credential>,
) -> Result<Session> {
    let Verified { user_id, second } = verified;
    if let Some(before) = before
        && tokens::revoke_by_hash(tx, &before.hash, clock.now()).await? == 1
    {
        tx.after_commit(forget_believed);
    }
    let mut act = Act::on("login", "user", user_id.0);
    if let Some((proof, _)) = &second {
        if let Err(Invalid { code, say }) = proof.spend(tx, clock).await? {
            return Err(Error::LoginRefused { code, say });
        }
        act = act.with(json!({ "second_factor": proof.name() }));
    }
    let session = insert_session(tx, clock, user_id).await?;
    if let Some((proof, tries)) = second {
        proof.tell(tx, clock).await?;
        tx.after_commit(move || tries.succeeded());
    }
    audit::append(tx, clock, Actor::User(user_id), act).await?;
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
    staff: &Staff,
    current: String,
    new: Password,
) -> Result<OwnPassword> {
    let unchanged = new.is(&current);
    let (login, tries) = show_password(core, staff, "current", current).await?;
    core.throttle.succeeded(ThrottleKind::Account, &tries);
    if is_over(&login, core.clock.now()) {
        return Err(password_over());
    }
    if unchanged {
        return Err(Error::field(
            "password",
            "unchanged",
            Message::fixed("Hãy chọn một mật khẩu khác mật khẩu cũ.", "Choose a password other than the old one."),
        ));
    }
    Ok(OwnPassword { hash: new.hashed(&core.clock).await? })
}

/// Checks the password of somebody who is logged in, before the writer is asked for. Tries are counted within the session:
/// strangers who guess elsewhere can't stop it, and whoever found it open can't guess for long. What they are counted under is
/// given back: they are forgotten when nothing else is asked for.
async fn show_password(core: &Core, staff: &Staff, field: &str, password: String) -> Result<(LoginRow, String)> {
    let key = staff.token_id.to_string();
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Account, &key, now) {
        failures::throttled(core, &key, &staff.username);
        return Err(Error::TooMany(secs));
    }
    core.throttle.failed(ThrottleKind::Account, &key, now);
    let login = store::login_by_username(&mut core.db.read().await?, &staff.username).await?;
    let login = login.ok_or(Error::Unauthenticated)?;
    if !password::verify_in_turn(password, login.password_hash.clone()).await? {
        failures::login(core, Failure::WrongPassword, Some(login.id));
        return Err(Error::field(
            field,
            "wrong_password",
            Message::fixed("Mật khẩu hiện tại chưa đúng.", "The present password is wrong."),
        ));
    }
    Ok((login, key))
}

/// Somebody who is logged in just showed the password again, and a code where the login has a second factor.
#[derive(Debug)]
pub(in crate::people) struct Shown(Option<Proof>);

/// Checks a password that was asked for again, in the field of this name, and the code beside it.
pub(in crate::people) async fn read_again(
    core: &Core,
    staff: &Staff,
    (field, password): (&str, String),
    (code_field, code): (&str, Option<String>),
) -> Result<Shown> {
    let (login, tries) = show_password(core, staff, field, password).await?;
    let proof = if login.has_second_factor {
        let Some(code) = code else {
            core.throttle.forgive(ThrottleKind::Account, &tries);
            return Err(code_wanted().at(code_field).into());
        };
        let read = Proof::read(core, login.id, &code).await?;
        Some(read.map_err(|wrong| {
            failures::login(core, Failure::of_code(wrong.code), Some(login.id));
            wrong.at(code_field)
        })?)
    } else {
        None
    };
    core.throttle.succeeded(ThrottleKind::Account, &tries);
    Ok(Shown(proof))
}

/// Notes that the password was shown again; until when it counts as just shown. An API token needs no such note.
pub(in crate::people) async fn confirm(
    tx: &mut Tx,
    clock: &Clock,
    staff: &Staff,
    Shown(proof): Shown,
) -> Result<Moment> {
    let now = clock.now();
    if let Some(proof) = &proof {
        proof.spend(tx, clock).await?.map_err(|wrong| wrong.at("code"))?;
        proof.tell(tx, clock).await?;
    }
    if staff.session.is_some() {
        tokens::confirmed(tx, staff.token_id, now).await?;
        audit::append(tx, clock, staff.actor(), Act::on("show_password", "user", staff.id.0)).await?;
        tx.after_commit(forget_believed);
    }
    Ok(now.plus_secs(FRESH_SECS))
}

/// Gives a login another password, chosen by its owner. Ends its sessions and begins a new one.
pub(in crate::people) async fn change_password(
    tx: &mut Tx,
    clock: &Clock,
    staff: &Staff,
    password: OwnPassword,
) -> Result<Session> {
    users::set_password(tx, staff.id, password.hash, false, clock.now()).await?;
    tokens::revoke_sessions(tx, staff.id, clock.now()).await?;
    let session = insert_session(tx, clock, staff.id).await?;
    let act = Act::on("update", "user", staff.id.0).with(json!({ "fields": ["password"], "by": "owner" }));
    audit::append(tx, clock, staff.actor(), act).await?;
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
pub(in crate::people) async fn end(tx: &mut Tx, clock: &Clock, caller: &Caller, credential: &Credential) -> Result<()> {
    if tokens::revoke_by_hash(tx, &credential.hash, clock.now()).await? == 1 {
        audit::append(tx, clock, caller.actor(), Act::on("logout", "user", caller.id())).await?;
    }
    tx.after_commit(forget_believed);
    Ok(())
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

fn password_over() -> Error {
    Error::LoginRefused {
        code: "password_over",
        say: Message::fixed(
            "Mật khẩu tạm này đã quá 72 giờ nên không dùng được nữa. Nhờ quản trị viên đặt mật khẩu mới.",
            "This temporary password is over: it was good for 72 hours. Ask the administrator for a new one.",
        ),
    }
}
