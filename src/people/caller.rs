//! Who calls: the extractors every handler takes.
//!
//! A bearer token (staff or device) or the browser's session cookie. A session may change things only from our own
//! pages: the browser must say `Sec-Fetch-Site: same-origin`, or an `Origin` that is our host.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use uuid::Uuid;

use super::audit::Actor;
use super::device_token::{self, TokenAge};
use super::staff::Staff;
use super::store;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, DeviceId, PointId};
use crate::kernel::{Message, Moment, Within};
use crate::people::Device;
use crate::vault::token_hash;

/// The session cookie's name.
pub const SESSION_COOKIE: &str = "lalanh_session";
/// How long a checked token, and what its login reaches, is believed without asking the database, in seconds. A
/// revocation in this process takes effect at once, and so does an area or a point that is moved; the redemption engine
/// checks devices again inside its transaction.
const BELIEVED_SECS: i64 = 5;
/// How exactly a phone's last contact is kept, in seconds.
const SEEN_EVERY_SECS: i64 = 60;
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

/// Counts the forgettings, so that what was read before one is not believed after it.
static FORGOTTEN: AtomicU64 = AtomicU64::new(0);

/// Forgets every checked token, so that a revocation, another scope, or another place of an area or point takes effect at
/// once. Call it after the commit.
pub fn forget_believed() {
    FORGOTTEN.fetch_add(1, Ordering::SeqCst);
    BELIEVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
}

/// Finds out who calls, if anyone.
pub async fn identify(core: &Core, method: &Method, headers: &HeaderMap) -> Result<Option<Caller>> {
    let (token, by_cookie) = match (bearer(headers), session_cookie(headers)) {
        (Some(token), _) => (token, false),
        (None, Some(token)) => (token, true),
        (None, None) => return Ok(None),
    };
    if by_cookie && !method.is_safe() && !same_origin(headers) {
        return Err(Error::Forbidden);
    }
    let now = core.clock.now();
    let key = (core.instance_id, token_hash(token));
    if let Some(known) = believed(&key, now) {
        return Ok(Some(known.caller));
    }
    let forgotten = FORGOTTEN.load(Ordering::SeqCst);
    let staff = store::staff_by_token(&mut core.db.read().await?, &key.1, now).await?;
    let (caller, token) = match staff {
        Some(staff) => (Some(Caller::Staff(staff)), None),
        None if by_cookie => (None, None),
        None => device_token::device_of(core, &key.1, now, forget_believed)
            .await?
            .map(|(device, age)| (Caller::Device(device), age))
            .unzip(),
    };
    if let Some(Caller::Device(device)) = &caller {
        note_seen(core, device.id, now);
    }
    if let Some(caller) = &caller {
        let mut cache = BELIEVED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if FORGOTTEN.load(Ordering::SeqCst) != forgotten {
            return Ok(Some(caller.clone()));
        }
        if cache.len() >= BELIEVED_MAX {
            cache.clear();
        }
        cache.insert(key, Believed { caller: caller.clone(), token, until: now.plus_secs(BELIEVED_SECS) });
    }
    Ok(caller)
}

/// Notes, beside the request and at most once a minute, that a phone was heard of.
fn note_seen(core: &Core, id: DeviceId, now: Moment) {
    let stale = now.plus_secs(-SEEN_EVERY_SECS);
    let core = core.clone();
    tokio::spawn(async move {
        let noted = async {
            if store::devices::one(&mut core.db.read().await?, id)
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
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The secret that the caller showed.
pub fn bearer_or_cookie(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).or_else(|| session_cookie(headers))
}

/// The session token of a browser.
pub fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|cookies| {
        cookies.split(';').find_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == SESSION_COOKIE).then_some(value)
        })
    })
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
        let core = Core::from_ref(state);
        identify(&core, &parts.method, &parts.headers).await?.map(Self).ok_or(Error::Unauthenticated)
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
