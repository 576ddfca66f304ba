//! Whether a phone is there: what its last contact says of it.

use super::store::devices::DeviceRow;
use crate::kernel::Moment;

/// A phone that was heard of within this time is taken to be there, in seconds. Last contacts are kept to the minute.
const ONLINE_SECS: i64 = 180;

/// What is known of a phone at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Invited; its code is still good.
    Invited,
    /// Invited; its code ended before anybody used it.
    InvitationOver,
    /// Có mạng: heard of within three minutes.
    Online,
    /// Mất mạng, or switched off: it may still hand out by itself.
    Away,
    /// Thu hồi.
    Revoked,
}

/// See [`Presence`].
pub fn presence(device: &DeviceRow, now: Moment) -> Presence {
    if device.revoked_at.is_some() {
        return Presence::Revoked;
    }
    if device.enrolled_at.is_none() {
        return if device.enrol_expires_at > now { Presence::Invited } else { Presence::InvitationOver };
    }
    if device.last_seen_at.is_some_and(|seen| is_heard(seen, now)) { Presence::Online } else { Presence::Away }
}

/// Whether a phone that was last heard of at `seen` is taken to be there.
pub fn is_heard(seen: Moment, now: Moment) -> bool {
    now.secs_since(seen) < ONLINE_SECS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Clock;
    use crate::kernel::ids::DeviceId;

    #[test]
    fn a_phone_is_there_as_long_as_it_is_heard_of() {
        let now = Moment::parse("2021-08-05T08:00:00+07:00").unwrap();
        let invited = DeviceRow {
            id: DeviceId::new(&Clock::fixed(now, 1)),
            volunteer: String::new(),
            name: "Máy 1".into(),
            created_at: now,
            enrol_expires_at: now.plus_secs(3600),
            enrolled_at: None,
            last_seen_at: None,
            revoked_at: None,
        };
        assert_eq!(presence(&invited, now), Presence::Invited);
        assert_eq!(presence(&invited, now.plus_secs(3600)), Presence::InvitationOver);
        let enrolled = DeviceRow { enrolled_at: Some(now), last_seen_at: Some(now), ..invited };
        assert_eq!(presence(&enrolled, now.plus_secs(120)), Presence::Online);
        assert_eq!(presence(&enrolled, now.plus_secs(180)), Presence::Away);
        assert_eq!(presence(&DeviceRow { revoked_at: Some(now), ..enrolled }, now), Presence::Revoked);
    }
}
