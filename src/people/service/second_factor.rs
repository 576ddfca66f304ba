//! A second factor is set up, replaced and taken away by its owner; reset by another administrator or the operator when it is
//! lost; asked for by the ward.

use serde_json::json;

use crate::db::{Conn, Tx};
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::UserId;
use crate::kernel::{Clock, Message, Moment};
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::{SECOND_FACTOR_REQUIRED, forget_believed};
use crate::people::failures::{self, Failure};
use crate::people::rights::{AnyLogin, ChangePeople, OwnFactor};
use crate::people::second_factor::{
    FactorPolicy, FactorState, Fit, NewFactor, Secret, TypedCode, clock_off, new_recovery_codes, recovery_hash,
    wrong_code,
};
use crate::people::store::second_factors as store;
use crate::people::store::{self as people_store, sign_on, tokens, users};
use crate::people::user_view::{UserView, one_view};
use crate::people::{Permit, Role, Staff};
use crate::vault::{MasterChange, Purpose};

/// How long a secret waits for a code of it, in seconds: an app is installed meanwhile.
const PENDING_SECS: i64 = 3600;

/// The own second factor as it is.
pub(in crate::people) async fn state(conn: &mut Conn, staff: &Staff) -> Result<FactorState> {
    let since = store::one(conn, staff.id).await?.and_then(|factor| factor.confirmed_at);
    let recovery_codes_left = store::recovery_codes_left(conn, staff.id).await?;
    let required = may_be_asked(staff.role) && store::is_required(conn).await?;
    Ok(FactorState { since, recovery_codes_left, required })
}

/// Whom the ward may ask for a second factor.
const fn may_be_asked(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Coordinator)
}

/// Makes a secret and recovery codes, which are in force once a code was shown. One in force stays until then.
pub(in crate::people) async fn begin(tx: &mut Tx, core: &Core, permit: &Permit<OwnFactor>) -> Result<NewFactor> {
    require_person(tx, permit).await?;
    let secret = Secret::generate(&core.clock);
    let told = NewFactor {
        secret: secret.for_people(),
        otpauth_url: secret.otpauth_url(&permit.username)?,
        recovery_codes: new_recovery_codes(&core.clock),
    };
    let sealed = core.vault.seal(Purpose::SecondFactor, secret.bytes());
    store::put_pending(tx, permit.id, sealed, core.clock.now()).await?;
    let hashes = told.recovery_codes.iter().map(|code| recovery_hash(code)).collect();
    store::put_recovery_codes(tx, permit.id, hashes).await?;
    Ok(told)
}

/// A secret that waits, as its owner is shown it again with a code that was refused: it is known to the session alone that
/// asked for it.
pub(in crate::people) async fn pending(core: &Core, permit: &Permit<OwnFactor>) -> Result<(String, String)> {
    let secret = waiting(core, permit).await?.1;
    Ok((secret.for_people(), secret.otpauth_url(&permit.username)?))
}

/// A second factor has its owner's password before it, and its owner at a browser: whoever has a program's token alone could
/// lock them out with one.
async fn require_person(conn: &mut Conn, staff: &Staff) -> Result<()> {
    let login = people_store::login_by_username(conn, &staff.username).await?;
    let has_password = login.is_some_and(|login| login.password_hash.is_some());
    let is_linked = sign_on::one(conn, staff.id).await?.is_some_and(|link| link.linked_at.is_some());
    if !has_password && !is_linked {
        return Err(Error::conflict(
            "no_password",
            "Tài khoản này không đăng nhập bằng mật khẩu (chỉ dùng mã API) nên không có bước thứ hai.",
            "This login has no password (API tokens only), so that nothing can stand beside it.",
        ));
    }
    if staff.session.is_none() {
        return Err(Error::refused(
            "session_needed",
            "Mã API không đổi được xác thực hai bước. Hãy đăng nhập bằng mật khẩu (/login) rồi làm lại.",
            "An API token can't change a second factor. Log in with the password (/login), then try again.",
        ));
    }
    Ok(())
}

/// Since when a secret waits, and the secret.
async fn waiting(core: &Core, staff: &Staff) -> Result<(Moment, Secret)> {
    let mut conn = core.db.read().await?;
    require_person(&mut conn, staff).await?;
    let factor = store::one(&mut conn, staff.id).await?;
    drop(conn);
    let waits = factor.and_then(|factor| Some((factor.pending_at?, factor.pending?)));
    let Some((since, sealed)) = waits.filter(|(since, _)| core.clock.now().secs_since(*since) < PENDING_SECS) else {
        return Err(not_begun());
    };
    Ok((since, Secret::of_bytes(core.vault.open(Purpose::SecondFactor, &sealed)?)))
}

/// A code of the secret that waits.
#[derive(Clone, Copy, Debug)]
pub(in crate::people) struct FirstCode {
    since: Moment,
    step: i64,
}

/// Checks a code of the secret that waits, before the writer is asked for. Tries are counted within the session.
pub(in crate::people) async fn read_first_code(
    core: &Core,
    permit: &Permit<AnyLogin>,
    code: &str,
) -> Result<FirstCode> {
    let (since, secret) = waiting(core, permit).await?;
    let (key, now) = (permit.token_id.to_string(), core.clock.now());
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Account, &key, now) {
        failures::throttled(core, &key, &permit.username);
        return Err(Error::TooMany(secs));
    }
    core.throttle.failed(ThrottleKind::Account, &key, now);
    let fit = match TypedCode::read(code) {
        Some(TypedCode::App(digits)) => secret.fit(&digits, now),
        Some(TypedCode::Recovery(_)) | None => Fit::Never,
    };
    let wrong = match fit {
        Fit::Now(step) => {
            core.throttle.forgive(ThrottleKind::Account, &key);
            return Ok(FirstCode { since, step });
        }
        Fit::Off(_, fast_secs) => clock_off(fast_secs),
        Fit::Never => wrong_code(),
    };
    failures::login(core, Failure::of_code(wrong.code), Some(permit.id));
    Err(wrong.at("code").into())
}

/// Puts the secret in force of which a code was shown. Other sessions of the login end: they began without it.
pub(in crate::people) async fn confirm(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<AnyLogin>,
    FirstCode { since, step }: FirstCode,
) -> Result<FactorState> {
    let now = clock.now();
    if store::put_in_force(tx, permit.id, since, step, now).await? != 1 {
        return Err(not_begun());
    }
    store::put_recovery_codes_in_force(tx, permit.id).await?;
    tokens::revoke_other_sessions(tx, permit.id, permit.token_id, now).await?;
    let state = state(tx, permit).await?;
    audit::append(tx, clock, permit.actor(), Act::on("set_second_factor", "user", permit.id.0)).await?;
    tx.after_commit(forget_believed);
    Ok(state)
}

/// Takes the own second factor away.
pub(in crate::people) async fn remove(tx: &mut Tx, clock: &Clock, permit: &Permit<OwnFactor>) -> Result<()> {
    require_person(tx, permit).await?;
    let before = state(tx, permit).await?;
    if before.since.is_none() {
        return Err(none_there());
    }
    if before.required {
        return Err(Error::conflict(
            SECOND_FACTOR_REQUIRED,
            "Phường yêu cầu tài khoản này có xác thực hai bước nên không tắt được. Đổi điện thoại? Thiết lập lại trên máy mới.",
            "The ward asks this login for a second factor, so it can't be turned off. Another phone? Set it up anew there.",
        ));
    }
    store::remove(tx, permit.id).await?;
    audit::append(tx, clock, permit.actor(), Act::on("drop_second_factor", "user", permit.id.0)).await?;
    tx.after_commit(forget_believed);
    Ok(())
}

/// Takes away somebody else's second factor, which they lost, and ends their sessions. `reason` is parsed.
pub(in crate::people) async fn reset(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ChangePeople>,
    id: UserId,
    reason: String,
) -> Result<UserView> {
    if permit.id == id {
        return Err(Error::conflict(
            "own_second_factor",
            "Không tự đặt lại cho chính mình được: tắt hoặc thiết lập lại ở trang Tài khoản của tôi, hoặc nhờ quản trị viên khác.",
            "Not one's own: turn it off or set it up anew under My account, or ask another administrator.",
        ));
    }
    users::one(tx, id).await?.ok_or(Error::NotFound)?;
    take_away(tx, clock, permit.actor(), id, reason).await?;
    one_view(tx, id).await
}

/// The same for the operator, who has the data folder and so every right: the way out for the last administrator.
pub async fn reset_by_operator(tx: &mut Tx, clock: &Clock, username: &str, reason: String) -> Result<UserId> {
    let Some(login) = people_store::login_by_username(tx, username).await? else {
        let say = Message::new(format!("Không có tài khoản «{username}»."), format!("There is no login “{username}”."));
        return Err(Error::field("username", "unknown", say));
    };
    take_away(tx, clock, Actor::System, login.id, reason).await?;
    Ok(login.id)
}

async fn take_away(tx: &mut Tx, clock: &Clock, actor: Actor, id: UserId, reason: String) -> Result<()> {
    if store::remove(tx, id).await? == 0 {
        return Err(none_there());
    }
    tokens::revoke_sessions(tx, id, clock.now()).await?;
    let act = Act::on("reset_second_factor", "user", id.0).with(json!({ "reason": reason }));
    audit::append(tx, clock, actor, act).await?;
    tx.after_commit(forget_believed);
    Ok(())
}

/// Asks administrators and coordinators for a second factor, or no longer. Who has none sets one up before anything else,
/// from the next request on.
pub(in crate::people) async fn require(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ChangePeople>,
    policy: FactorPolicy,
) -> Result<FactorPolicy> {
    store::put_required(tx, policy.required).await?;
    let act = Act::many("update", "settings", json!({ "second_factor_required": policy.required }));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(policy)
}

/// Seals every secret anew: the master secret changes.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    let reseal =
        |sealed: Option<Vec<u8>>| sealed.map(|sealed| change.reseal(Purpose::SecondFactor, &sealed)).transpose();
    for (user_id, sealed, pending) in store::sealed(tx).await? {
        store::replace_sealed(tx, user_id, reseal(sealed)?, reseal(pending)?).await?;
    }
    Ok(())
}

fn not_begun() -> Error {
    Error::conflict(
        "second_factor_not_begun",
        "Không có thiết lập nào đang chờ (hoặc đã quá một giờ). Hãy bắt đầu lại để lấy mã QR mới.",
        "Nothing waits to be confirmed (or for more than an hour). Begin again for a new QR code.",
    )
}

fn none_there() -> Error {
    Error::conflict("no_second_factor", "Tài khoản này không có xác thực hai bước.", "This login has no second factor.")
}
