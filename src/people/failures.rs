//! What is tried with passwords and tokens that are wrong or over leaves a trace in the audit log: who is meant, never a
//! name that nobody has (people type passwords into the wrong field), and never an address. Of many tries in a quarter of an
//! hour the first is told, the tenth, the hundredth: a flood does not bury the log.

use serde_json::json;

use super::audit::{self, Act, Actor};
use super::store::login_by_username;
use crate::http::Core;
use crate::kernel::ids::{TokenId, UserId};

/// Why a login failed: what the audit log and the metrics call it.
#[derive(Clone, Copy, Debug)]
pub(in crate::people) enum Failure {
    /// Not this account's password.
    WrongPassword,
    /// Nobody has this name, or nobody who logs in with a password.
    UnknownName,
    /// A temporary password that is too old.
    PasswordOver,
    /// The password was right, the code of the second factor was not.
    WrongCode,
    /// The same, with a code that was used before.
    CodeUsed,
    /// The same, with a code of another time.
    ClockOff,
    /// A provider's answer that can't be believed, or none.
    SignOn,
    /// An account at the provider that belongs to no login.
    NotLinked,
    /// Too many tries.
    Throttled,
}

impl Failure {
    /// Of a code, by what it is refused with.
    pub(in crate::people) fn of_code(code: &str) -> Self {
        [Self::CodeUsed, Self::ClockOff].into_iter().find(|failure| failure.name() == code).unwrap_or(Self::WrongCode)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::UnknownName => "unknown_name",
            Self::PasswordOver => "password_over",
            Self::WrongCode => "wrong_code",
            Self::CodeUsed => "code_used",
            Self::ClockOff => "clock_off",
            Self::SignOn => "sign_on",
            Self::NotLinked => "not_linked",
            Self::Throttled => "throttled",
        }
    }
}

/// Tells of a failed login: of a known account's, or of some that nobody has.
pub(in crate::people) fn login(core: &Core, failure: Failure, account: Option<UserId>) {
    core.metrics.login(failure.name());
    tell_login(core, failure, account);
}

/// Tells of a try that came too soon. Whose account it is is looked up beside the request, and only now and then: `key` is
/// what its tries are counted under.
pub(in crate::people) fn throttled(core: &Core, key: &str, name: &str) {
    core.metrics.login(Failure::Throttled.name());
    let Some(times) = core.tally.count(&format!("throttled {key}"), core.clock.now()) else { return };
    let (core, name) = (core.clone(), name.to_owned());
    tokio::spawn(async move {
        let known = async { login_by_username(&mut core.db.read().await?, &name).await };
        match known.await {
            Ok(Some(login)) => tell(&core, failed(Failure::Throttled, Some(login.id), times)),
            Ok(None) => tell_login(&core, Failure::Throttled, None),
            Err(error) => tracing::warn!(?error, "a throttled login left no trace"),
        }
    });
}

/// Tells that a token was used that was revoked.
pub(in crate::people) fn revoked_token(core: &Core, id: TokenId) {
    core.metrics.refused("token_revoked");
    if let Some(times) = core.tally.count(&format!("revoked {id}"), core.clock.now()) {
        tell(core, Act::on("use_revoked", "token", id.0).with(json!({ "count": times })));
    }
}

fn tell_login(core: &Core, failure: Failure, account: Option<UserId>) {
    let key = account.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
    let Some(times) = core.tally.count(&format!("{} {key}", failure.name()), core.clock.now()) else { return };
    tell(core, failed(failure, account, times));
}

fn failed(failure: Failure, account: Option<UserId>, times: u64) -> Act<'static> {
    let detail = json!({ "outcome": failure.name(), "count": times });
    match account {
        Some(id) => Act::on("login_failed", "user", id.0).with(detail),
        None => Act::many("login_failed", "user", detail),
    }
}

/// Beside the request, which takes as long whether or not something is told.
fn tell(core: &Core, act: Act<'static>) {
    let core = core.clone();
    tokio::spawn(async move {
        if let Err(error) = audit::record(&core, Actor::Public, act).await {
            tracing::warn!(?error, "what failed left no trace in the audit log");
        }
    });
}
