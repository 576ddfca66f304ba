//! Who calls: the extractors every handler takes.
//!
//! A bearer token (staff or device) or the browser's session cookie. A session may change things only from our own
//! pages: the browser must say `Sec-Fetch-Site: same-origin`, or an `Origin` that is our host.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use tokio::sync::watch;
use uuid::Uuid;

use super::audit::Actor;
use super::device_token::{self, TokenAge};
use super::staff::Staff;
use super::store::Standing;
use super::{failures, session_cookie, store};
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::ids::{AreaId, DeviceId, PointId};
use crate::kernel::{Message, Moment, Within};
use crate::people::{Device, Role};
use crate::vault::token_hash;

/// The code of the refusal of a session that nobody used for long.
pub const LOGIN_IDLE: &str = "login_idle";
/// The code of the refusal of a login whose password somebody else chose.
pub const PASSWORD_TEMPORARY: &str = "password_temporary";
/// The code of the refusal of a login that must set up a second factor first.
pub const SECOND_FACTOR_REQUIRED: &str = "second_factor_required";
/// How long a checked token, and what its login reaches, is believed without asking the database, in seconds. A
/// revocation in this process takes effect at once, and so does an area or a point that is moved; the redemption engine
/// checks devices again inside its transaction.
const BELIEVED_SECS: i64 = 5;
/// How exactly a phone's last contact is kept, in seconds.
const SEEN_EVERY_SECS: i64 = 60;
/// How exactly a session's last use is kept, in seconds.
const USED_EVERY_SECS: i64 = 5 * 60;
/// How often a live stream looks whether its login is over elsewhere.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Checked tokens that are remembered at most.
const BELIEVED_MAX: usize = 10_000;

/// Whoever calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A member of staff.
    Staff(Staff),
    /// An enrolled phone.
    Device(Device),
}

/// Whoever calls, even a revoked phone: it may still tell what it handed out before it knew. Only the upload of
/// handovers takes this; every other handler takes [`Caller`] or [`Staff`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploader(pub Caller);

/// A member of staff, even one whose password somebody else chose. Only what chooses another takes this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer(pub Staff);

/// A member of staff, even one who must set up a second factor first. Only what sets one up takes this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutFactor(pub Staff);

impl Caller {
    /// Refuses a revoked phone. Every caller but an [`Uploader`] was asked already.
    pub fn refuse_revoked(&self) -> Result<()> {
        match self {
            Self::Device(Device { revoked_at: Some(_), .. }) => Err(Error::LoginRefused {
                code: "device_revoked",
                say: Message::fixed(
                    "Máy này đã bị thu hồi. Hãy nhờ cán bộ phụ trách kết nối lại.",
                    "This phone was revoked. Ask the coordinator to enrol it again.",
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a login that must do something else before anything else: choose a password, set up a second factor.
    pub fn refuse_unready(self) -> Result<Self> {
        self.refuse_temporary()?.refuse_without_factor()
    }

    /// Refuses a login whose password somebody else chose: its owner chooses another before anything else.
    fn refuse_temporary(self) -> Result<Self> {
        match &self {
            Self::Staff(staff) if staff.password_temporary => Err(Error::refused(
                PASSWORD_TEMPORARY,
                "Mật khẩu này do quản trị viên đặt. Hãy đổi mật khẩu (/me/password) trước khi làm việc khác.",
                "An administrator chose this password. Choose your own (/me/password) before anything else.",
            )),
            _ => Ok(self),
        }
    }

    /// Refuses a login that must set up a second factor before anything else.
    fn refuse_without_factor(self) -> Result<Self> {
        match &self {
            Self::Staff(staff) if staff.lacks_second_factor => Err(Error::refused(
                SECOND_FACTOR_REQUIRED,
                "Phường yêu cầu xác thực hai bước. Hãy đăng nhập và bật (/me/totp) trước khi làm việc khác.",
                "The ward asks for a second factor. Log in and set it up (/me/totp) before anything else.",
            )),
            _ => Ok(self),
        }
    }

    /// What this caller may do, and where.
    fn reach(&self) -> (Option<Role>, Within<AreaId>, Within<PointId>) {
        let role = match self {
            Self::Staff(staff) => Some(staff.role),
            Self::Device(_) => None,
        };
        (role, self.areas(), self.points())
    }

    /// Whether this caller may act at a point.
    pub fn serves(&self, point_id: PointId) -> bool {
        match self {
            Self::Staff(staff) => staff.serves(point_id),
            Self::Device(device) => device.point_ids.contains(&point_id),
        }
    }

    /// For the audit log.
    pub const fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => Actor::User(staff.id),
            Self::Device(device) => Actor::Device(device.id),
        }
    }

    /// Whose idempotency keys these are.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Staff(staff) => staff.id.0,
            Self::Device(device) => device.id.0,
        }
    }

    /// The areas that this caller reaches; a phone is confined to points alone.
    pub fn areas(&self) -> Within<AreaId> {
        match self {
            Self::Staff(staff) => staff.scope.areas.clone(),
            Self::Device(_) => Within::All,
        }
    }

    /// The points that this caller reaches.
    pub fn points(&self) -> Within<PointId> {
        match self {
            Self::Staff(staff) => staff.scope.points.clone(),
            Self::Device(device) => Within::these(device.point_ids.iter().copied()),
        }
    }
}

/// What a request shows of its login.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The hash of the token.
    pub hash: Vec<u8>,
    by_cookie: bool,
}

impl Credential {
    /// The bearer token of a request, else its session cookie; nothing when it has neither.
    pub fn of(core: &Core, headers: &HeaderMap, extensions: &Extensions) -> Option<Self> {
        if let Some(token) = bearer(headers) {
            return Some(Self { hash: token_hash(token), by_cookie: false });
        }
        let secure = Peer::of_request(core, headers, extensions).secure(core);
        session_cookie::read(headers, secure).map(|token| Self { hash: token_hash(&token), by_cookie: true })
    }

    /// Whether a browser keeps it.
    pub const fn is_cookie(&self) -> bool {
        self.by_cookie
    }
}

/// Who a request is from.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Somebody.
    Known(Caller),
    /// Somebody whose session nobody used for long.
    Idle,
    /// Nobody.
    Nobody,
}

impl Identity {
    /// Whoever calls, if it is somebody.
    pub fn caller(self) -> Option<Caller> {
        match self {
            Self::Known(caller) => Some(caller),
            Self::Idle | Self::Nobody => None,
        }
    }

    /// Whether it is, or was, a browser's: API tokens and phones' tokens come in no cookie.
    const fn is_session(&self) -> bool {
        match self {
            Self::Known(Caller::Staff(staff)) => staff.session.is_some(),
            Self::Known(Caller::Device(_)) => false,
            Self::Idle | Self::Nobody => true,
        }
    }

    /// Whoever calls; 401 when it is nobody.
    pub fn required(self) -> Result<Caller> {
        match self {
            Self::Known(caller) => Ok(caller),
            Self::Nobody => Err(Error::Unauthenticated),
            Self::Idle => Err(Error::LoginRefused {
                code: LOGIN_IDLE,
                say: Message::fixed(
                    "Bạn đã bị đăng xuất vì lâu không thao tác. Hãy đăng nhập lại để tiếp tục.",
                    "You were logged out after a long pause. Log in again to go on.",
                ),
            }),
        }
    }
}

/// Whom a checked token was found to be.
#[derive(Clone)]
pub(super) struct Believed {
    caller: Caller,
    /// What is known of a phone's token.
    pub(super) token: Option<TokenAge>,
    until: Moment,
}

type BelievedTokens = HashMap<(Uuid, Vec<u8>), Believed>;

/// Keyed by instance and token hash: tests run several services in one process.
static BELIEVED: LazyLock<Mutex<BelievedTokens>> = LazyLock::new(Mutex::default);

/// Counts the forgettings, so that what was read before one is not believed after it, and live streams look again.
static FORGOTTEN: LazyLock<watch::Sender<u64>> = LazyLock::new(|| watch::Sender::new(0));

/// Forgets every checked token, so that a revocation, another scope, or another place of an area or point takes effect at
/// once. Call it after the commit.
pub fn forget_believed() {
    FORGOTTEN.send_if_modified(|times| {
        *times += 1;
        false
    });
    BELIEVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    // Whoever looks again finds nothing that is believed still.
    FORGOTTEN.send_modify(|_| ());
}

/// Finds out who calls, if anyone.
pub async fn identify(core: &Core, parts: &Parts) -> Result<Identity> {
    let Some(credential) = Credential::of(core, &parts.headers, &parts.extensions) else {
        return Ok(Identity::Nobody);
    };
    if credential.by_cookie && !parts.method.is_safe() && !same_origin(&parts.headers) {
        return Err(Error::Forbidden);
    }
    let identity = look(core, &credential).await?;
    if credential.by_cookie && !identity.is_session() {
        return Ok(Identity::Nobody);
    }
    if let Identity::Known(Caller::Staff(staff)) = &identity
        && !is_unattended(&parts.headers)
    {
        note_used(core, staff).await;
    }
    Ok(identity)
}

/// Whose a credential is, believed for a moment.
async fn look(core: &Core, credential: &Credential) -> Result<Identity> {
    let now = core.clock.now();
    let key = (core.instance_id, credential.hash.clone());
    if let Some(known) = believed(&key, now) {
        return Ok(Identity::Known(known.caller));
    }
    let forgotten = *FORGOTTEN.borrow();
    let staff = store::staff_by_token(&mut core.db.read().await?, &key.1, now).await?;
    let (caller, token) = match staff {
        Some(Standing::InForce(staff)) => (Caller::Staff(staff), None),
        Some(Standing::Idle) => return Ok(Identity::Idle),
        Some(Standing::Revoked(id)) => {
            failures::revoked_token(core, id);
            return Ok(Identity::Nobody);
        }
        Some(Standing::Over) => return Ok(Identity::Nobody),
        None if credential.by_cookie => return Ok(Identity::Nobody),
        None => match device_token::device_of(core, &key.1, now, forget_believed).await? {
            Some((device, age)) => (Caller::Device(device), Some(age)),
            None => return Ok(Identity::Nobody),
        },
    };
    if let Caller::Device(device) = &caller {
        note_seen(core, device.id, now);
    }
    let mut cache = BELIEVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if *FORGOTTEN.borrow() == forgotten {
        if cache.len() >= BELIEVED_MAX {
            cache.clear();
        }
        cache.insert(key, Believed { caller: caller.clone(), token, until: now.plus_secs(BELIEVED_SECS) });
    }
    Ok(Identity::Known(caller))
}

/// Waits until a login is over: logged out, revoked, disabled, out of date, idle; or until it reaches elsewhere than it
/// did. For live streams, which would go on for whoever was let in once.
pub async fn until_over(core: Core, credential: Credential) {
    let mut forgettings = FORGOTTEN.subscribe();
    let mut first = None;
    loop {
        match look(&core, &credential).await {
            Ok(Identity::Known(caller)) => {
                if first.get_or_insert_with(|| caller.clone()).reach() != caller.reach() {
                    return;
                }
            }
            Ok(Identity::Idle | Identity::Nobody) | Err(Error::LoginRefused { .. }) => return,
            // Nothing is known of it at the moment.
            Err(_) => {}
        }
        // Another process may have ended it, or the time.
        let _ = tokio::time::timeout(LOOK_AGAIN, forgettings.changed()).await;
    }
}

/// Whether a request comes from a page by itself, and nobody need be there: a live stream, and what our pages fetch because
/// of one. Such requests keep no session alive.
fn is_unattended(headers: &HeaderMap) -> bool {
    let is_stream = headers.get(header::ACCEPT).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    is_stream || headers.contains_key("x-unattended")
}

/// Notes at most every few minutes that a session is in use. The request goes on without.
async fn note_used(core: &Core, staff: &Staff) {
    let now = core.clock.now();
    if staff.session.is_none_or(|session| now.secs_since(session.used_at) < USED_EVERY_SECS) {
        return;
    }
    match core.run(async |tx| Ok(store::tokens::used(tx, staff.token_id, now).await?)).await {
        Ok(_) => forget_one(staff),
        Err(error) => tracing::warn!(?error, "a session's last use was not noted"),
    }
}

/// Forgets what is believed of a login, so that its next request knows what was just noted.
fn forget_one(staff: &Staff) {
    let is_its = |caller: &Caller| matches!(caller, Caller::Staff(other) if other.token_id == staff.token_id);
    let mut cache = BELIEVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    cache.retain(|_, believed| !is_its(&believed.caller));
}

/// Notes, beside the request and at most once a minute, that a phone was heard of.
fn note_seen(core: &Core, id: DeviceId, now: Moment) {
    let stale = now.plus_secs(-SEEN_EVERY_SECS);
    let core = core.clone();
    tokio::spawn(async move {
        let noted = async {
            if store::devices::one(&mut core.db.read().await?, &Within::All, id)
                .await?
                .is_some_and(|device| device.last_seen_at.is_some_and(|seen| seen >= stale))
            {
                return Ok(());
            }
            core.run(async |tx| Ok(store::devices::seen(tx, id, now, stale).await?)).await.map(|_| ())
        };
        if let Err(error) = noted.await {
            tracing::warn!(?error, "a phone's last contact was not noted");
        }
    });
}

fn believed(key: &(Uuid, Vec<u8>), now: Moment) -> Option<Believed> {
    let cache = BELIEVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    cache.get(key).filter(|known| known.until > now).cloned()
}

/// Whom a token was found to be just now.
pub(super) fn believed_token(core: &Core, token_hash: &[u8], now: Moment) -> Option<Believed> {
    believed(&(core.instance_id, token_hash.to_vec()), now)
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whether a browser says that the request comes from our own pages.
pub fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => match (text("origin"), text("host")) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            _ => false,
        },
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Uploader(caller) = Uploader::from_request_parts(parts, state).await?;
        caller.refuse_revoked()?;
        Ok(caller)
    }
}

impl<S> FromRequestParts<S> for Uploader
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let caller = identify(&Core::from_ref(state), parts).await?.required()?;
        caller.refuse_unready().map(Self)
    }
}

impl<S> FromRequestParts<S> for WithoutFactor
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match identify(&Core::from_ref(state), parts).await?.required()?.refuse_temporary()? {
            Caller::Staff(staff) => Ok(Self(staff)),
            Caller::Device(_) => Err(Error::Forbidden),
        }
    }
}

impl<S> FromRequestParts<S> for Newcomer
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match identify(&Core::from_ref(state), parts).await?.required()? {
            Caller::Staff(staff) => Ok(Self(staff)),
            Caller::Device(_) => Err(Error::Forbidden),
        }
    }
}

impl<S> FromRequestParts<S> for Staff
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match Caller::from_request_parts(parts, state).await? {
            Caller::Staff(staff) => Ok(staff),
            Caller::Device(_) => Err(Error::Forbidden),
        }
    }
}
