//! Signing on with a provider's account instead of a password. Roles and scopes stay ours, and nobody is made by it: who comes
//! is the login that an administrator linked.
//!
//! A link is by issuer and subject, the one pair that a provider promises never to give to another. An administrator can't
//! know the subject beforehand, so they name an address: who first comes within three days with that address, which the
//! provider says it verified, is linked, and the address is forgotten. It is never asked again, since addresses pass from
//! one person to the next. Other claims (a name, a number) are not taken: at many providers people choose them themselves.
//!
//! A login's own second factor is asked for all the same: what a provider says of its own (`amr`) can't be checked here.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::second_step::{HalfOpen, Verified};
use super::tries::Tries;
use crate::db::{ErrorKind, Tx, classify};
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result, SignOn};
use crate::kernel::ids::UserId;
use crate::kernel::{Clock, Message};
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::forget_believed;
use crate::people::failures::{self, Failure};
use crate::people::known_browser::KnownBrowser;
use crate::people::provider::{self, Person, Trouble};
use crate::people::rights::ChangePeople;
use crate::people::sign_on::{Email, LinkState};
use crate::people::store::sign_on as store;
use crate::people::store::{self as people_store, LoginRow, tokens, users};
use crate::vault::{MasterChange, Purpose};

/// How long somebody may be away at the provider, in seconds.
pub const AWAY_SECS: i64 = 10 * 60;
/// How long a login waits for its first time, in seconds: over a weekend.
const EXPECTED_SECS: i64 = 72 * 3600;
/// Where the provider sends people back to.
const BACK: &str = "/login/sign-on/back";

/// What a browser keeps while it is away, sealed: nobody else's answer is taken for its own.
#[derive(Deserialize, Serialize)]
struct Away {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    until: i64,
}

/// Where the browser goes, and what it keeps.
pub(in crate::people) struct Departed {
    pub(in crate::people) url: String,
    pub(in crate::people) kept: String,
}

/// Who came back: all the way, or to the question for a code.
#[derive(Debug)]
pub(in crate::people) enum Arrived {
    Whole(Verified),
    Half(HalfOpen),
}

/// Sends a browser to the provider; 404 where there is none.
pub(in crate::people) async fn depart(core: &Core, peer: &Peer, next: String) -> Result<Departed> {
    let options = options(core)?;
    let gone = provider::depart(core, options, &back(core, peer)).await.map_err(|trouble| told(trouble, options))?;
    let until = core.clock.now().plus_secs(AWAY_SECS).micros();
    let away = Away { state: gone.state, nonce: gone.nonce, verifier: gone.verifier, next, until };
    let plain = serde_json::to_vec(&away).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(Departed {
        url: gone.url,
        kept: data_encoding::BASE64URL_NOPAD.encode(&core.vault.seal(Purpose::SignOn, &plain)),
    })
}

/// What the provider sends back in the address.
#[derive(Debug)]
pub(in crate::people) struct Answer {
    pub(in crate::people) state: String,
    pub(in crate::people) code: Option<String>,
}

/// Takes up a browser that came back; gives where it goes on. Failures count for its address.
pub(in crate::people) async fn arrive(
    core: &Core,
    peer: &Peer,
    browser: &KnownBrowser,
    kept: &str,
    answer: Answer,
) -> Result<(Arrived, String)> {
    let options = options(core)?;
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Address, &peer.address, now) {
        return Err(Error::TooMany(secs));
    }
    let away = open(core, kept).filter(|away| away.state == answer.state).ok_or_else(over)?;
    let code = answer.code.ok_or_else(|| cancelled(options))?;
    core.throttle.failed(ThrottleKind::Address, &peer.address, now);
    let said = (code, away.nonce, away.verifier);
    let person = provider::arrive(core, options, &back(core, peer), said).await;
    let person = person
        .map_err(|trouble| told(trouble, options))
        .inspect_err(|_| failures::login(core, Failure::SignOn, None))?;
    let known = core.run(async |tx| recognise(tx, core, options, &person).await).await?;
    let Some((login, username)) = known else {
        failures::login(core, Failure::NotLinked, None);
        return Err(not_linked(options));
    };
    core.throttle.forgive(ThrottleKind::Address, &peer.address);
    if !login.has_second_factor {
        core.metrics.login("ok");
        return Ok((Arrived::Whole(Verified::by_password(login.id)), away.next));
    }
    let tries = Tries::begin(core, peer, browser, &username)?;
    Ok((Arrived::Half(HalfOpen::new(&login, username, tries)), away.next))
}

/// Whose login it is, linked before or now; nothing when it is nobody's.
async fn recognise(tx: &mut Tx, core: &Core, options: &SignOn, person: &Person) -> Result<Option<(LoginRow, String)>> {
    let subject = format!("{}\n{}", options.issuer, person.subject);
    let found = core.vault.index(Purpose::SignOn, &subject);
    let known = store::linked(tx, &found).await?;
    let username = match (known, person.email.as_deref().and_then(|email| Email::parse(email).ok())) {
        (Some(username), _) => username,
        (None, None) => return Ok(None),
        (None, Some(email)) => {
            let now = core.clock.now();
            let expected = core.vault.index(Purpose::SignOn, email.as_str());
            let waits = store::expecting(tx, &expected, now.plus_secs(-EXPECTED_SECS)).await?;
            let Some((user_id, username)) = waits else { return Ok(None) };
            let sealed = core.vault.seal(Purpose::SignOn, subject.as_bytes());
            if store::link(tx, user_id, (found, sealed), now).await? != 1 {
                return Ok(None);
            }
            let act = Act::on("link_sign_on", "user", user_id.0);
            audit::append(tx, &core.clock, Actor::User(user_id), act).await?;
            username
        }
    };
    let login = people_store::login_by_username(tx, &username).await?;
    if let Some(login) = &login {
        let act = Act::on("sign_on", "user", login.id.0);
        audit::append(tx, &core.clock, Actor::User(login.id), act).await?;
    }
    Ok(login.map(|login| (login, username)))
}

/// A login's link as administrators see it.
pub(in crate::people) async fn state(core: &Core, id: UserId) -> Result<LinkState> {
    let mut conn = core.db.read().await?;
    users::one(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let row = store::one(&mut conn, id).await?;
    let (linked_at, expected_at) = row.map_or((None, None), |row| (row.linked_at, row.expected_at));
    let waits_until = expected_at.map(|at| at.plus_secs(EXPECTED_SECS)).filter(|until| *until > core.clock.now());
    Ok(LinkState { linked_at, waits_until })
}

/// Lets a login wait for who has this address, in the place of a link that it has, whose sessions end.
pub(in crate::people) async fn expect(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ChangePeople>,
    id: UserId,
    email: Email,
) -> Result<LinkState> {
    options(core)?;
    users::one(tx, id).await?.ok_or(Error::NotFound)?;
    let now = core.clock.now();
    let expected = core.vault.index(Purpose::SignOn, email.as_str());
    let sealed = core.vault.seal(Purpose::SignOn, email.as_str().as_bytes());
    if store::one(tx, id).await?.is_some_and(|link| link.linked_at.is_some()) {
        tokens::revoke_sessions(tx, id, now).await?;
        tx.after_commit(forget_believed);
    }
    store::expect(tx, id, (expected, sealed), now).await.map_err(address_taken)?;
    let act = Act::on("expect_sign_on", "user", id.0);
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    Ok(LinkState { linked_at: None, waits_until: Some(now.plus_secs(EXPECTED_SECS)) })
}

/// Takes a login's link away, and ends its sessions.
pub(in crate::people) async fn unlink(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ChangePeople>,
    id: UserId,
) -> Result<()> {
    if store::remove(tx, id).await? == 0 {
        return Err(Error::NotFound);
    }
    tokens::revoke_sessions(tx, id, clock.now()).await?;
    let act = Act::on("unlink_sign_on", "user", id.0).with(json!({}));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(())
}

/// Seals every link anew: the master secret changes.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    let anew = |sealed: Option<Vec<u8>>| sealed.map(|sealed| change.reseal_found(Purpose::SignOn, &sealed)).transpose();
    for link in store::sealed(tx).await? {
        store::replace_sealed(tx, link.user_id, anew(link.sealed)?, anew(link.expected_sealed)?).await?;
    }
    Ok(())
}

fn options(core: &Core) -> Result<&SignOn> {
    core.config.sign_on.as_ref().ok_or(Error::NotFound)
}

fn back(core: &Core, peer: &Peer) -> String {
    format!("{}{BACK}", peer.base_url(core))
}

fn open(core: &Core, kept: &str) -> Option<Away> {
    let sealed = data_encoding::BASE64URL_NOPAD.decode(kept.as_bytes()).ok()?;
    let away: Away = serde_json::from_slice(&core.vault.open(Purpose::SignOn, &sealed).ok()?).ok()?;
    (core.clock.now().micros() < away.until).then_some(away)
}

/// Says in the log what went wrong, by its kind alone; and to people what they can do.
fn told(trouble: Trouble, options: &SignOn) -> Error {
    tracing::warn!(why = trouble.name(), "signing on failed");
    let name = &options.name;
    let (code, say) = match trouble {
        Trouble::Down => (
            "sign_on_down",
            Message::new(
                format!("{name} đang không trả lời. Thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu ở dưới."),
                format!("{name} does not answer. Try again in a few minutes, or log in with your password below."),
            ),
        ),
        _ => (
            "sign_on_refused",
            Message::new(
                format!(
                    "Câu trả lời của {name} không tin được nên chưa cho vào. Thử lại một lần; vẫn vậy thì đăng nhập bằng mật khẩu và báo \
                     quản trị viên."
                ),
                format!(
                    "The answer of {name} can't be trusted, so nobody was let in. Try once more; otherwise log in with your password \
                     and tell the administrator."
                ),
            ),
        ),
    };
    Error::LoginRefused { code, say }
}

fn over() -> Error {
    Error::LoginRefused {
        code: "sign_on_over",
        say: Message::fixed(
            "Lần đăng nhập này đã quá 10 phút hoặc bắt đầu ở trình duyệt khác. Hãy bấm đăng nhập lại.",
            "This began more than 10 minutes ago, or in another browser. Begin again.",
        ),
    }
}

fn cancelled(options: &SignOn) -> Error {
    let name = &options.name;
    let say = Message::new(
        format!("{name} báo chưa đăng nhập (bạn đã bấm hủy, hoặc tài khoản bị từ chối). Thử lại, hoặc dùng mật khẩu."),
        format!("{name} says that you did not log in there. Try again, or use your password."),
    );
    Error::LoginRefused { code: "sign_on_cancelled", say }
}

fn not_linked(options: &SignOn) -> Error {
    let name = &options.name;
    let say = Message::new(
        format!(
            "Tài khoản {name} này chưa gắn với tài khoản nào ở đây. Nhờ quản trị viên gắn (trang Tài khoản), hoặc đăng nhập bằng mật khẩu."
        ),
        format!(
            "This account of {name} belongs to no login here. Ask the administrator to link it, or use your password."
        ),
    );
    Error::LoginRefused { code: "not_linked", say }
}

fn address_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        let say = Message::fixed("Một tài khoản khác đang chờ địa chỉ này.", "Another login waits for this address.");
        return Error::field("email", "taken", say);
    }
    error.into()
}
