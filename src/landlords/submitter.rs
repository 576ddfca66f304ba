//! Who sends a reduction: staff, or anybody on the public form.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use uuid::Uuid;

use super::landlord::NewLandlord;
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::people::audit::Actor;
use crate::people::caller::identify;
use crate::people::rights::AnyLogin;
use crate::people::{Caller, Permit};
use crate::vault::Purpose;

/// Whoever submits.
#[derive(Debug)]
pub(super) enum Submitter {
    /// A member of staff.
    Staff(Permit<AnyLogin>),
    /// Someone without a login; the address as a keyed hash, in hex.
    Public(String),
}

impl Submitter {
    /// The member of staff.
    pub(super) fn staff(&self) -> Option<&Permit<AnyLogin>> {
        match self {
            Self::Staff(staff) => Some(staff),
            Self::Public(_) => None,
        }
    }

    /// For the audit log.
    pub(super) fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => staff.actor(),
            Self::Public(_) => Actor::Public,
        }
    }

    /// Whose idempotency keys these are: the public shares the nil id, and a key answers only the same body.
    pub(super) fn id(&self) -> Uuid {
        match self {
            Self::Staff(staff) => staff.id.0,
            Self::Public(_) => Uuid::nil(),
        }
    }

    /// Somebody without a login, even in the browser of one who has one: the public page.
    pub(super) fn anyone(core: &Core, peer: &Peer) -> Self {
        Self::Public(data_encoding::HEXLOWER.encode(&core.vault.index(Purpose::Throttle, &peer.address)))
    }

    /// Counts a pledge of one landlord from the public; refuses one more after very many from one address. The address
    /// is part of the key, so that nobody learns by it what others sent.
    pub(super) fn throttle_landlord(&self, core: &Core, landlord: &NewLandlord) -> Result<()> {
        let Self::Public(address) = self else { return Ok(()) };
        let phone = landlord.phone.as_ref().map_or("", |phone| phone.as_str());
        let who = format!("{address} {} {phone}", landlord.name_key);
        count(
            core,
            ThrottleKind::PublicLandlord,
            &data_encoding::HEXLOWER.encode(&core.vault.index(Purpose::Throttle, &who)),
        )
    }

    /// Counts a pledge from the public; refuses one from an address that sent very many.
    pub(super) fn throttle(&self, core: &Core) -> Result<()> {
        let Self::Public(address) = self else { return Ok(()) };
        count(core, ThrottleKind::PublicForm, address)
    }
}

fn count(core: &Core, scope: ThrottleKind, key: &str) -> Result<()> {
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(scope, key, now) {
        return Err(Error::TooMany(secs));
    }
    core.throttle.failed(scope, key, now);
    Ok(())
}

impl FromRequestParts<Core> for Submitter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self> {
        match identify(core, parts).await?.caller().map(Caller::refuse_unready).transpose()? {
            Some(Caller::Staff(staff)) => Permit::of(staff).map(Self::Staff),
            Some(Caller::Device(_)) => Err(Error::Forbidden),
            // A token that is over must not turn a clerk's entry into an anonymous pledge.
            None if parts.headers.contains_key(header::AUTHORIZATION) => Err(Error::Unauthenticated),
            None => {
                let Ok(peer) = Peer::from_request_parts(parts, core).await;
                Ok(Self::anyone(core, &peer))
            }
        }
    }
}
