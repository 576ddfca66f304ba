//! Roles and what each may do.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::Message;
use crate::kernel::message::Invalid;

/// What a member of staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation: everything.
    Admin,
    /// Cán bộ phụ trách: runs campaigns, households, vouchers, conflicts, reports.
    Coordinator,
    /// Thủ kho: donations, stock, transfers.
    Storekeeper,
    /// Neighbourhood head: households and rent reductions of the own area.
    Verifier,
    /// Tình nguyện viên: scans at the own points.
    Volunteer,
    /// Reads everything, changes nothing.
    Auditor,
}

/// One thing a login may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Users, roles, signing keys.
    ManagePeople,
    /// Areas and points.
    ManagePlaces,
    /// See areas, points, items, packages, campaigns, rounds.
    ReadPlans,
    /// See households; id and phone masked.
    ReadHouseholds,
    /// See id and phone in full.
    ReadPersonal,
    /// Register, import, merge, erase households.
    WriteHouseholds,
    /// Items, packages, campaigns, donors, donations.
    WriteGoods,
    /// Transfers and adjustments.
    MoveStock,
    /// See stock, donations, the ledger.
    ReadStock,
    /// Register and import rent reductions as staff.
    WriteRent,
    /// See rent reductions.
    ReadRent,
    /// Verify, correct, reject, confirm rent reductions.
    VerifyRent,
    /// Rounds, issuing, voiding, reissuing.
    WriteVouchers,
    /// See vouchers with their codes, print them.
    ReadVouchers,
    /// Scan and hand out.
    Redeem,
    /// Override a refusal, resolve conflicts, undo late, release leases.
    Override,
    /// See redemptions and conflicts.
    ReadRedemptions,
    /// Enrol and revoke phones.
    ManageDevices,
    /// The committee's report.
    ReadReports,
    /// The audit log.
    ReadAudit,
}

impl Role {
    /// All roles, in the order people read them.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Coordinator, Self::Storekeeper, Self::Verifier, Self::Volunteer, Self::Auditor];

    /// Whether this role has a right. Where: see the login's scope.
    pub const fn may(self, right: Right) -> bool {
        match self {
            Self::Admin => true,
            Self::Coordinator => !matches!(right, Right::ManagePeople | Right::ReadAudit),
            Self::Storekeeper => matches!(
                right,
                Right::ReadPlans | Right::WriteGoods | Right::MoveStock | Right::ReadStock | Right::ReadReports
            ),
            Self::Verifier => matches!(
                right,
                Right::ReadPlans
                    | Right::ReadHouseholds
                    | Right::ReadPersonal
                    | Right::WriteHouseholds
                    | Right::WriteRent
                    | Right::ReadRent
                    | Right::VerifyRent
            ),
            Self::Volunteer => matches!(right, Right::ReadPlans | Right::Redeem),
            Self::Auditor => matches!(
                right,
                Right::ReadPlans
                    | Right::ReadHouseholds
                    | Right::ReadStock
                    | Right::ReadRent
                    | Right::ReadVouchers
                    | Right::ReadRedemptions
                    | Right::ReadReports
                    | Right::ReadAudit
            ),
        }
    }

    /// The stored and transmitted name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Coordinator => "coordinator",
            Self::Storekeeper => "storekeeper",
            Self::Verifier => "verifier",
            Self::Volunteer => "volunteer",
            Self::Auditor => "auditor",
        }
    }

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Admin => Message::fixed("Quản trị", "Administrator"),
            Self::Coordinator => Message::fixed("Cán bộ phụ trách", "Coordinator"),
            Self::Storekeeper => Message::fixed("Thủ kho", "Storekeeper"),
            Self::Verifier => Message::fixed("Trưởng ban công tác Mặt trận", "Neighbourhood head"),
            Self::Volunteer => Message::fixed("Tình nguyện viên", "Volunteer"),
            Self::Auditor => Message::fixed("Giám sát", "Auditor"),
        }
    }
}

impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| {
            Invalid::fixed(
                "unknown_value",
                "Vai trò là một trong: admin, coordinator, storekeeper, verifier, volunteer, auditor.",
                "A role is one of: admin, coordinator, storekeeper, verifier, volunteer, auditor.",
            )
        })
    }
}
