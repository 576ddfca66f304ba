//! Roles and what each may do.

use crate::kernel::Message;
use crate::kernel::message::Invalid;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// What a member of staff is.
    pub enum Role {
        /// Runs the installation: everything.
        Admin = "admin",
        /// Cán bộ phụ trách: runs campaigns, households, vouchers, conflicts, reports.
        Coordinator = "coordinator",
        /// Thủ kho: donations, stock, transfers.
        Storekeeper = "storekeeper",
        /// Neighbourhood head: households and rent reductions of the own area.
        Verifier = "verifier",
        /// Tình nguyện viên: scans at the own points.
        Volunteer = "volunteer",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
    }
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
    /// Register, import, merge households.
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
    /// See vouchers, without the codes that redeem them.
    ReadVouchers,
    /// See vouchers' codes, print them.
    PrintVouchers,
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
    /// Answer what people ask of their data: told, erased, consent.
    ManagePrivacy,
}

impl Role {
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

    /// Reads a role's name, as the command line takes it.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        Self::from_name(name).ok_or(Invalid::fixed(
            "unknown_value",
            "Vai trò là một trong: admin, coordinator, storekeeper, verifier, volunteer, auditor.",
            "A role is one of: admin, coordinator, storekeeper, verifier, volunteer, auditor.",
        ))
    }
}
