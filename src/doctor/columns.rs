//! The text columns that the program parses: names, days, months, JSON. Elsewhere one that can't be read is an internal
//! error; here its row is named.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check::Check;
use super::store::{self, Unreadable};
use crate::consents::{ConsentChannel, ConsentSubject, Purpose};
use crate::db::Conn;
use crate::donations::{DonorKind, LineKind};
use crate::duties::Moved;
use crate::households::{Category, HouseholdStatus, StoredCategory};
use crate::imports::kind::Kind;
use crate::imports::staged::KeptDecision;
use crate::inventory::store::numbers::Numbered;
use crate::inventory::{AdjustmentReason, Reason};
use crate::jobs::{Counts, JobName, JobResult};
use crate::kernel::{Day, Message, Month};
use crate::landlords::{CutKind, ReductionStatus};
use crate::people::Role;
use crate::people::audit_entry::ActorKind;
use crate::people::store::TokenKind;
use crate::places::{AreaKind, PointKind};
use crate::privacy::SubjectKind;
use crate::redemption::admission::rules::Doubt;
use crate::redemption::answer::Detail;
use crate::redemption::conflicts::ConflictDetail;
use crate::redemption::rules::ConflictKind;
use crate::redemption::{Outcome, Source};
use crate::retention::Rule;
use crate::spreadsheet::Totals;
use crate::vouchers::round::{Offline, RoundStatus};
use crate::vouchers::voucher::VoucherStatus;

/// Rows that are named at most.
const NAMED_MAX: usize = 20;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// One of these names.
    Names(&'static [&'static str]),
    /// Text that this can read.
    Text(fn(&str) -> bool),
}

impl Holds {
    fn fits(self, text: &str) -> bool {
        match self {
            Self::Names(names) => names.contains(&text),
            Self::Text(reads) => reads(text),
        }
    }
}

/// A text column that is parsed; null is not looked at.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub table: &'static str,
    /// The columns that name a row; none where the database's own place of it does.
    pub key: &'static [&'static str],
    pub column: &'static str,
    pub holds: Holds,
}

const fn names(
    table: &'static str,
    key: &'static [&'static str],
    column: &'static str,
    names: &'static [&'static str],
) -> Column {
    Column { table, key, column, holds: Holds::Names(names) }
}

const fn text(
    table: &'static str,
    key: &'static [&'static str],
    column: &'static str,
    reads: fn(&str) -> bool,
) -> Column {
    Column { table, key, column, holds: Holds::Text(reads) }
}

fn is_day(text: &str) -> bool {
    Day::parse(text).is_ok()
}

fn is_expiry(text: &str) -> bool {
    text.is_empty() || is_day(text)
}

fn is_month(text: &str) -> bool {
    Month::parse(text).is_ok()
}

/// As it is stored, or plain before the first start of a version that stores it so.
fn is_category(text: &str) -> bool {
    StoredCategory::is_one(text) || Category::from_name(text).is_some()
}

fn is_decision(text: &str) -> bool {
    text.parse::<KeptDecision>().is_ok()
}

fn is_json<T: DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

/// Every such column, in the order of the migrations.
pub const COLUMNS: &[Column] = &[
    names("users", &["id"], "role", Role::NAMES),
    names("tokens", &["id"], "kind", TokenKind::NAMES),
    names("audit_entries", &["seq"], "actor_kind", ActorKind::NAMES),
    text("audit_entries", &["seq"], "detail", is_json::<Value>),
    names("areas", &["id"], "kind", AreaKind::NAMES),
    text("areas", &["id"], "starts_on", is_day),
    text("areas", &["id"], "ends_on", is_day),
    names("points", &["id"], "kind", PointKind::NAMES),
    names("households", &["id"], "status", HouseholdStatus::NAMES),
    text("households", &["id"], "category", is_category),
    names("imports", &["id"], "kind", Kind::NAMES),
    text("imports", &["id"], "options", is_json::<Value>),
    text("imports", &["id"], "totals", is_json::<Totals>),
    text("imports", &["id"], "counts", is_json::<Value>),
    text("import_steps", &["import_id", "sheet", "line"], "decision", is_decision),
    text("campaigns", &["id"], "starts_on", is_day),
    text("campaigns", &["id"], "ends_on", is_day),
    names("donors", &["id"], "kind", DonorKind::NAMES),
    text("donations", &["id"], "received_on", is_day),
    names("donation_lines", &["id"], "kind", LineKind::NAMES),
    text("donation_lines", &["id"], "expires_on", is_day),
    text("lots", &["id"], "expires_on", is_expiry),
    names("stock_adjustments", &["id"], "reason", AdjustmentReason::NAMES),
    names("stock_entries", &["id"], "reason", Reason::NAMES),
    text("stock_levels", &["point_id", "lot_id"], "expires_on", is_expiry),
    // Its key is the name itself, which is not repeated.
    names("goods_numbers", &[], "kind", Numbered::NAMES),
    names("rent_reductions", &["id"], "status", ReductionStatus::NAMES),
    names("rent_lines", &["id"], "kind", CutKind::NAMES),
    text("rent_lines", &["id"], "month", is_month),
    names("rounds", &["id"], "offline", Offline::NAMES),
    names("rounds", &["id"], "status", RoundStatus::NAMES),
    // That all its units were received is counted, not stored.
    names("vouchers", &["id"], "status", &[VoucherStatus::Issued.name(), VoucherStatus::Void.name()]),
    text("vouchers", &["id"], "valid_from", is_day),
    text("vouchers", &["id"], "valid_until", is_day),
    names("scans", &["nonce"], "source", Source::NAMES),
    names("scans", &["nonce"], "outcome", Outcome::NAMES),
    text("scans", &["nonce"], "detail", is_json::<Detail>),
    text("scans", &["nonce"], "flags", is_json::<Vec<String>>),
    names("conflicts", &["id"], "kind", ConflictKind::NAMES),
    text("conflicts", &["id"], "detail", is_json::<ConflictDetail>),
    names("quarantined_records", &["nonce"], "why", Doubt::NAMES),
    // Their keys are the names themselves, which are not repeated.
    names("jobs", &[], "name", JobName::NAMES),
    names("jobs", &[], "result", JobResult::NAMES),
    text("jobs", &[], "detail", is_json::<Counts>),
    text("hand_overs", &["id"], "moved", is_json::<Moved>),
    names("retention_rules", &[], "rule", Rule::NAMES),
    names("erasures", &["id"], "subject_kind", SubjectKind::NAMES),
    names("consents", &["id"], "subject_kind", ConsentSubject::NAMES),
    names("consents", &["id"], "purpose", Purpose::NAMES),
    names("consents", &["id"], "channel", ConsentChannel::NAMES),
    names("consents", &["id"], "withdrawn_channel", ConsentChannel::NAMES),
];

/// Looks at all of them.
pub async fn check(conn: &mut Conn) -> Result<Check, sqlx::Error> {
    let mut found: Vec<Unreadable> = Vec::new();
    for Column { table, key, column, holds } in COLUMNS {
        let left = NAMED_MAX.saturating_sub(found.len());
        if left == 0 {
            break;
        }
        found.extend(store::unreadable(conn, (table, key, column), |text| holds.fits(text), left).await?);
    }
    if found.is_empty() {
        return Ok(Check::good("values", "Mọi giá trị đã lưu đều đọc được.", "Every stored value can be read."));
    }
    // What is stored there is not repeated: it may be anybody's data.
    let rows = |row: &str| {
        let each = found.iter().map(|one| format!("{}.{} {row} {}", one.table, one.column, one.row));
        each.collect::<Vec<_>>().join(", ")
    };
    Ok(Check::trouble(
        "values",
        Message::new(
            format!(
                "Có giá trị không đọc được: {}. Việc cần đến các dòng này sẽ báo lỗi. Khôi phục từ bản sao lưu, hoặc báo người phát triển.",
                rows("dòng")
            ),
            format!(
                "Some values can't be read: {}. What needs these rows fails. Restore a back-up, or report it.",
                rows("row")
            ),
        ),
    ))
}
