//! A member of staff: who, with which rights, and how far they reach.

use super::audit::Actor;
use super::role::Role;
use super::scope::Scope;
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, PointId, TokenId, UserId};
use crate::kernel::{Moment, Within};

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: UserId,
    /// The login's name.
    pub username: String,
    /// The person's name; nothing: not told.
    pub full_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// The area whose subtree they are confined to; nothing: the whole ward.
    pub area_id: Option<AreaId>,
    /// The points they are confined to; empty: all for coordinators, none for volunteers.
    pub point_ids: Vec<PointId>,
    /// What both come to.
    pub scope: Scope,
    /// Whether somebody else chose the password, so that its owner must choose another first.
    pub password_temporary: bool,
    /// Whether a code is asked for beside the password.
    pub has_second_factor: bool,
    /// Whether the ward asks for a second factor, and there is none: it must be set up first. A login without a password
    /// belongs to a program, which has none to set up.
    pub lacks_second_factor: bool,
    /// The token or session in hand.
    pub token_id: TokenId,
    /// What else is known of it when it is a session; nothing: an API token.
    pub session: Option<Session>,
    /// Whether this login need not show its password again now. A program's token has none to show.
    pub is_fresh: bool,
}

/// How long a session lasts without a request, in seconds: two hours, a long meeting.
const IDLE_SECS: i64 = 2 * 3600;
/// How long a password counts as just shown, in seconds.
pub(super) const FRESH_SECS: i64 = 15 * 60;

/// A session, which people have who showed a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// When it was last used, to a few minutes.
    pub used_at: Moment,
    /// When the password was last shown.
    pub shown_at: Moment,
}

impl Session {
    /// Whether nobody used it for long.
    pub fn is_idle(self, now: Moment) -> bool {
        now.secs_since(self.used_at) >= IDLE_SECS
    }

    /// Whether the password was just shown.
    pub fn is_fresh(self, now: Moment) -> bool {
        now.secs_since(self.shown_at) < FRESH_SECS
    }
}

impl Staff {
    /// What screens and papers call them.
    pub fn name(&self) -> &str {
        self.full_name.as_deref().unwrap_or(&self.username)
    }

    /// For the audit log.
    pub const fn actor(&self) -> Actor {
        Actor::User(self.id)
    }

    /// Whether anything of the ward lies outside this login's reach.
    pub const fn is_confined(&self) -> bool {
        !self.scope.areas.is_all() || !self.scope.points.is_all()
    }

    /// Refuses a login that is confined: what changes the ward as a whole, or who lies in whose area, is not for it.
    pub fn require_unconfined(&self) -> Result<()> {
        if self.is_confined() { Err(Error::Forbidden) } else { Ok(()) }
    }

    /// Whether this login may act at a point.
    pub fn serves(&self, point_id: PointId) -> bool {
        self.scope.points.holds(point_id)
    }

    /// Refuses a login that is confined to other points.
    pub fn require_point(&self, point_id: PointId) -> Result<()> {
        self.scope.points.require(point_id)
    }

    /// The points that a login was given by name, as far as it reaches them; all when it was given none. A login that
    /// is confined to an area alone keeps its households' records, wherever they are served.
    pub fn named_points(&self) -> Within<PointId> {
        let names_some = !self.point_ids.is_empty() || self.role == Role::Volunteer;
        if names_some { self.scope.points.clone() } else { Within::All }
    }
}
