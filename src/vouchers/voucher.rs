//! What a voucher is, as staff see it.

use serde::{Deserialize, Serialize};

use super::code::VoucherCode;
use super::signing::number;
use crate::http::schemas::Reason;
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId, PointId, RoundId, VoucherId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Day, Moment};
use crate::people::{Right, Staff, audit};

text_enum! {
    /// Whether a voucher is still good.
    pub enum VoucherStatus {
        /// Something may still be received on it.
        Issued = "issued",
        /// All its units were received.
        Redeemed = "redeemed",
        /// It was voided.
        Void = "void",
    }
}

/// A voucher as it is stored, with what its code and its paper name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VoucherRow {
    /// Its id.
    pub id: VoucherId,
    /// Its round.
    pub round_id: RoundId,
    /// The round's number.
    pub round_number: i64,
    /// Its serial in the round.
    pub serial: i64,
    /// 1, and one more at each reissue.
    pub issue_number: i64,
    /// The package's number.
    pub package_number: i64,
    /// Where it counts.
    pub point_id: Option<PointId>,
    /// The point's number.
    pub point_number: Option<i64>,
    /// Packages it is good for.
    pub units: i64,
    /// Packages that were received on it.
    pub units_redeemed: i64,
    /// When its slot begins.
    pub slot_at: Option<Moment>,
    /// When its slot ends.
    pub slot_ends_at: Option<Moment>,
    /// First day.
    pub valid_from: Day,
    /// Last day, inclusive.
    pub valid_until: Day,
    /// The key that signed it.
    pub kid: i64,
    /// 64 bytes.
    pub signature: Vec<u8>,
    /// 10 symbols.
    pub typed_code: String,
    /// `issued`, `redeemed` or `void`.
    pub status: VoucherStatus,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// When it was voided.
    pub voided_at: Option<Moment>,
    /// When it was issued.
    pub issued_at: Moment,
    /// Whose it is.
    pub household_id: HouseholdId,
    /// The household's head.
    pub head_name: String,
    /// Where the household lives.
    pub address: String,
    /// The household's area.
    pub area_id: AreaId,
    /// The area's name.
    pub area: String,
}

impl VoucherRow {
    /// What the paper's code says.
    pub fn claims(&self) -> Result<VoucherCode> {
        Ok(VoucherCode {
            kid: number(self.kid)?,
            round: number(self.round_number)?,
            serial: number(self.serial)?,
            issue: number(self.issue_number)?,
            package: number(self.package_number)?,
            point: number(self.point_number.unwrap_or(0))?,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            units: number(self.units)?,
        })
    }

    /// The 139 characters of the paper's code.
    pub fn code(&self) -> Result<String> {
        let signature = self.signature.as_slice().try_into();
        let signature = signature.map_err(|_| Error::internal("a voucher's signature has not 64 bytes"))?;
        Ok(self.claims()?.with_signature(signature))
    }
}

/// Whose a voucher is.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HouseholdBrief {
    /// Which household.
    pub id: HouseholdId,
    /// Its head.
    #[schema(example = "Nguyễn Thị Hoa")]
    pub head_name: String,
    /// Where it lives.
    #[schema(example = "K45/12 Nguyễn Phước Nguyên")]
    pub address: String,
    /// Its area's name.
    #[schema(example = "Tổ 32")]
    pub area: String,
}

/// A voucher.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct VoucherView {
    /// Its id.
    pub id: VoucherId,
    /// Its round.
    pub round_id: RoundId,
    /// Its serial in the round.
    #[schema(example = 17)]
    pub serial: i64,
    /// 1, and one more at each reissue.
    pub issue_number: i64,
    /// The signed code, as its QR code holds it; null for who may not print it.
    #[schema(example = "LL1:AEAQAAAAAMAAAABBAEAAEAABAJDAERQBAE…")]
    pub code: Option<String>,
    /// What is typed when no camera works; null for who may not print it.
    #[schema(example = "7K2M9-QX4TC")]
    pub typed_code: Option<String>,
    /// Whose it is.
    pub household: HouseholdBrief,
    /// Where it counts; null: at each point of the round.
    pub point_id: Option<PointId>,
    /// When its slot begins; null: it has none.
    pub slot_at: Option<Moment>,
    /// When its slot ends.
    pub slot_ends_at: Option<Moment>,
    /// First day on which it counts.
    pub valid_from: Day,
    /// Last day on which it counts, inclusive.
    pub valid_until: Day,
    /// Packages it is good for.
    pub units: i64,
    /// Packages that were received on it.
    pub units_redeemed: i64,
    /// `issued`, `redeemed` or `void`.
    pub status: VoucherStatus,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// When it was voided.
    pub voided_at: Option<Moment>,
    /// The key that signed it.
    pub kid: i64,
    /// When it was issued.
    pub issued_at: Moment,
}

impl TryFrom<VoucherRow> for VoucherView {
    type Error = Error;

    fn try_from(row: VoucherRow) -> Result<Self> {
        let code = row.code()?;
        let (left, right) = row.typed_code.split_at_checked(5).unwrap_or((&row.typed_code, ""));
        Ok(Self {
            code: Some(code),
            typed_code: Some(format!("{left}-{right}")),
            id: row.id,
            round_id: row.round_id,
            serial: row.serial,
            issue_number: row.issue_number,
            household: HouseholdBrief {
                id: row.household_id,
                head_name: row.head_name,
                address: row.address,
                area: row.area,
            },
            point_id: row.point_id,
            slot_at: row.slot_at,
            slot_ends_at: row.slot_ends_at,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            units: row.units,
            units_redeemed: row.units_redeemed,
            status: row.status,
            void_reason: row.void_reason,
            voided_at: row.voided_at,
            kid: row.kid,
            issued_at: row.issued_at,
        })
    }
}

impl VoucherView {
    /// What somebody sees of it: its codes only who may print it, since whoever has one can collect.
    pub fn seen_by(self, staff: &Staff) -> Self {
        if staff.role.may(Right::PrintVouchers) { self } else { Self { code: None, typed_code: None, ..self } }
    }
}

/// A paper that a reissue replaced.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ReplacedPaper {
    /// Its issue number.
    pub issue_number: i64,
    /// Why it was replaced.
    pub reason: String,
    /// When.
    pub replaced_at: Moment,
}

/// A voucher with its history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VoucherDetail {
    /// The voucher.
    #[serde(flatten)]
    pub voucher: VoucherView,
    /// Its papers that were replaced, oldest first.
    pub replaced_papers: Vec<ReplacedPaper>,
}

/// A voucher that was looked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FoundView {
    /// The voucher with its present paper.
    #[serde(flatten)]
    pub voucher: VoucherView,
    /// Whether the typed code is that of a paper that was replaced.
    pub superseded: bool,
}

/// Why a paper counts no more.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Hộ đã chuyển đi nơi khác"}))]
pub(super) struct ReasonBody {
    /// 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
}

/// Why a paper counts no more, or a key.
pub(super) fn parse_reason(text: &str) -> Result<String> {
    audit::parse_reason(text).map_err(|wrong| wrong.at("reason").into())
}

/// The desk (bàn phát) of a point with so many that serves a serial, as it is printed on the paper: 1, 2, …
pub const fn desk_of(serial: i64, desks: i64) -> i64 {
    if desks < 2 { 1 } else { (serial - 1) % desks + 1 }
}
