//! An enrolled phone.

use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, PointId};

/// An enrolled phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    /// The name given by the coordinator.
    pub name: String,
    /// The points it serves.
    pub point_ids: Vec<PointId>,
    /// When it was revoked. A revoked phone may only upload what it handed out before it knew.
    pub revoked_at: Option<Moment>,
}
