//! The second step of a login whose first was right: a code of the login's second factor, checked, then spent in the
//! transaction of what it opens, so that of two who come with one code one gets in.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::tries::Tries;
use crate::db::Tx;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::ids::UserId;
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Moment};
use crate::people::audit::{self, Act, Actor};
use crate::people::failures::{self, Failure};
use crate::people::second_factor::{Fit, Secret, TypedCode, clock_off, code_used, code_wanted, wrong_code};
use crate::people::store::second_factors as store;
use crate::people::store::{LoginRow, login_by_username};
use crate::vault::Purpose;

/// How long the second step may take, in seconds: to find the phone.
pub const STEP_SECS: i64 = 5 * 60;

/// A code that is right, to be [spent](Self::spend).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::people) enum Proof {
    /// The time step of an app's code.
    Step(UserId, i64),
    /// A recovery code's stored form.
    Recovery(UserId, Vec<u8>),
}

impl Proof {
    /// Looks at a code of a login that has a second factor, before the writer is asked for. What is wrong with it is told
    /// apart from what went wrong.
    pub(super) async fn read(core: &Core, user_id: UserId, code: &str) -> Result<std::result::Result<Self, Invalid>> {
        let mut conn = core.db.read().await?;
        let factor = store::one(&mut conn, user_id).await?;
        let Some((factor, sealed)) = factor.and_then(|mut factor| factor.sealed.take().map(|sealed| (factor, sealed)))
        else {
            // It was taken away meanwhile: whoever logs in anew is not asked.
            return Ok(Err(wrong_code()));
        };
        match TypedCode::read(code) {
            None => Ok(Err(wrong_code())),
            Some(TypedCode::Recovery(hash)) => Ok(match store::recovery_code_used(&mut conn, user_id, &hash).await? {
                None => Err(wrong_code()),
                Some(true) => Err(code_used()),
                Some(false) => Ok(Self::Recovery(user_id, hash)),
            }),
            Some(TypedCode::App(digits)) => {
                drop(conn);
                let secret = Secret::of_bytes(core.vault.open(Purpose::SecondFactor, &sealed)?);
                match secret.fit(&digits, core.clock.now()) {
                    Fit::Never => Ok(Err(wrong_code())),
                    Fit::Now(step) if step <= factor.last_step || factor.told_step == Some(step) => {
                        Ok(Err(code_used()))
                    }
                    Fit::Now(step) => Ok(Ok(Self::Step(user_id, step))),
                    Fit::Off(step, fast_secs) => {
                        // Whoever guesses and is told so must not come back with the code when its time has come.
                        core.run(async |tx| Ok(store::note_told(tx, user_id, step).await?)).await?;
                        Ok(Err(clock_off(fast_secs)))
                    }
                }
            }
        }
    }

    /// Takes the code, once.
    pub(super) async fn spend(&self, tx: &mut Tx, clock: &Clock) -> Result<std::result::Result<(), Invalid>> {
        let taken = match self {
            Self::Step(user_id, step) => store::take_step(tx, *user_id, *step).await?,
            Self::Recovery(user_id, hash) => store::take_recovery_code(tx, *user_id, hash, clock.now()).await?,
        };
        Ok(if taken == 1 { Ok(()) } else { Err(code_used()) })
    }

    /// What the audit log calls it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Step(..) => "app",
            Self::Recovery(..) => "recovery_code",
        }
    }

    /// Tells the audit log of a recovery code that was used up.
    pub(super) async fn tell(&self, tx: &mut Tx, clock: &Clock) -> Result<()> {
        let Self::Recovery(user_id, _) = self else { return Ok(()) };
        let left = store::recovery_codes_left(tx, *user_id).await?;
        let act = Act::on("use_recovery_code", "user", user_id.0).with(json!({ "codes": left }));
        audit::append(tx, clock, Actor::User(*user_id), act).await
    }
}

/// A login that showed all it was asked for.
#[derive(Debug)]
pub(in crate::people) struct Verified {
    pub(super) user_id: UserId,
    /// The code of its second factor, and the tries that are forgotten when it is spent.
    pub(super) second: Option<(Proof, Tries)>,
}

impl Verified {
    /// One without a second factor.
    pub(super) const fn by_password(user_id: UserId) -> Self {
        Self { user_id, second: None }
    }
}

/// A login whose first step was right, and that has a second one to make.
#[derive(Debug)]
pub(in crate::people) struct HalfOpen {
    user_id: UserId,
    username: String,
    set_at: Moment,
    tries: Tries,
}

/// What a browser keeps of it, sealed, so that the password is not sent again.
#[derive(Deserialize, Serialize)]
struct Step {
    user_id: UserId,
    username: String,
    /// Another password since then: the first step is of no use any more.
    password_set_at: i64,
    until: i64,
}

impl HalfOpen {
    pub(super) fn new(login: &LoginRow, username: String, tries: Tries) -> Self {
        Self { user_id: login.id, username, set_at: login.password_set_at, tries }
    }

    /// The second step, in the same request. A code that is missing is no failure.
    pub(in crate::people) async fn finish(self, code: Option<String>) -> Result<Verified> {
        let Some(code) = code else {
            self.tries.take_back();
            let Invalid { code, say } = code_wanted();
            return Err(Error::LoginRefused { code, say });
        };
        self.tries.count_code()?;
        match Proof::read(self.tries.core(), self.user_id, &code).await? {
            Ok(proof) => Ok(Verified { user_id: self.user_id, second: Some((proof, self.tries)) }),
            Err(wrong) => {
                failures::login(self.tries.core(), Failure::of_code(wrong.code), Some(self.user_id));
                Err(Error::LoginRefused { code: wrong.code, say: wrong.say })
            }
        }
    }

    /// The first step, for the browser to keep until the second.
    pub(in crate::people) fn seal(self) -> Result<String> {
        self.tries.take_back();
        let core = self.tries.core();
        let step = Step {
            user_id: self.user_id,
            username: self.username,
            password_set_at: self.set_at.micros(),
            until: core.clock.now().plus_secs(STEP_SECS).micros(),
        };
        let plain = serde_json::to_vec(&step).map_err(|error| Error::Internal(Box::new(error)))?;
        Ok(data_encoding::BASE64URL_NOPAD.encode(&core.vault.seal(Purpose::LoginStep, &plain)))
    }

    /// Takes up what a browser kept; nothing when it is over, or the password is another one by now.
    pub(in crate::people) async fn open(core: &Core, peer: &Peer, kept: &str) -> Result<Option<Self>> {
        let Some(step) = open_step(core, kept) else { return Ok(None) };
        let tries = Tries::begin(core, peer, &step.username)?;
        let login = login_by_username(&mut core.db.read().await?, &step.username).await?;
        let same =
            login.filter(|login| login.id == step.user_id && login.password_set_at.micros() == step.password_set_at);
        if same.is_none() {
            tries.take_back();
        }
        Ok(same.map(|login| Self::new(&login, step.username, tries)))
    }
}

/// Whether a browser has a first step that is still good.
pub(in crate::people) fn is_kept(core: &Core, kept: &str) -> bool {
    open_step(core, kept).is_some()
}

fn open_step(core: &Core, kept: &str) -> Option<Step> {
    let sealed = data_encoding::BASE64URL_NOPAD.decode(kept.as_bytes()).ok()?;
    let plain = core.vault.open(Purpose::LoginStep, &sealed).ok()?;
    let step: Step = serde_json::from_slice(&plain).ok()?;
    (core.clock.now().micros() < step.until).then_some(step)
}
