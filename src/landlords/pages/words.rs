//! How pages name what records hold.

use super::rent_table_form::{self, CheckedRow};
use crate::http::Frame;
use crate::kernel::{Dong, Month};
use crate::landlords::{CutKind, ReductionStatus, RentLine};

/// How a month's rent is cut, in words: `giảm 50%`.
pub(in crate::landlords) fn cut(
    frame: &Frame,
    kind: CutKind,
    percent_hundredths: Option<i64>,
    reduced: Dong,
) -> String {
    match kind {
        CutKind::Waiver => frame.t("miễn tiền thuê", "waived").to_owned(),
        CutKind::Amount => format!("{} {}", frame.t("giảm", "cut by"), frame.money(&reduced)),
        CutKind::Percent => {
            format!(
                "{} {}%",
                frame.t("giảm", "cut by"),
                rent_table_form::for_people(percent_hundredths.unwrap_or_default())
            )
        }
    }
}

/// The cut of a row of the grid.
pub(in crate::landlords) fn row_cut(frame: &Frame, row: &CheckedRow) -> String {
    cut(frame, row.kind, row.percent_hundredths, row.reduced)
}

/// The cut of a stored line.
pub(in crate::landlords) fn line_cut(frame: &Frame, line: &RentLine) -> String {
    cut(frame, line.kind, line.percent_hundredths, line.reduced)
}

/// The months of a row: `7/2021`, or `7/2021 – 9/2021`.
pub(in crate::landlords) fn months(from: Month, to: Month) -> String {
    if from == to { from.for_people() } else { format!("{} – {}", from.for_people(), to.for_people()) }
}

/// How far a reduction has come, for staff.
pub(in crate::landlords) fn status(frame: &Frame, status: ReductionStatus) -> &'static str {
    match status {
        ReductionStatus::Pledged => frame.t("Chờ xác minh", "To be verified"),
        ReductionStatus::Verified => frame.t("Đã xác minh", "Verified"),
        ReductionStatus::Confirmed => frame.t("Đã xác nhận", "Confirmed"),
        ReductionStatus::Withdrawn => frame.t("Chủ nhà trọ đã rút", "Withdrawn"),
        ReductionStatus::Rejected => frame.t("Đã từ chối", "Rejected"),
    }
}

/// The colour of a status.
pub(in crate::landlords) const fn state(status: ReductionStatus) -> &'static str {
    match status {
        ReductionStatus::Pledged => "low",
        ReductionStatus::Verified | ReductionStatus::Confirmed => "enough",
        ReductionStatus::Rejected | ReductionStatus::Withdrawn => "short",
    }
}

/// How far a reduction has come, for the landlord.
pub(in crate::landlords) fn own_status(frame: &Frame, status: ReductionStatus) -> &'static str {
    match status {
        ReductionStatus::Pledged => frame.t("Đã nhận, chờ xác minh", "Received, to be verified"),
        ReductionStatus::Verified => frame.t("Đã xác minh", "Verified"),
        ReductionStatus::Confirmed => frame.t("Đã xác nhận giảm thật", "Confirmed as given"),
        ReductionStatus::Withdrawn => frame.t("Bạn đã rút đăng ký", "You withdrew it"),
        ReductionStatus::Rejected => frame.t("Không được chấp nhận", "Not accepted"),
    }
}

/// The three ways to cut a rent, to choose from.
pub(in crate::landlords) fn kinds(frame: &Frame) -> [(&'static str, &'static str); 3] {
    [
        ("percent", frame.t("Theo phần trăm tiền thuê", "By a share of the rent")),
        ("amount", frame.t("Bằng một số tiền mỗi tháng", "By an amount each month")),
        ("waiver", frame.t("Miễn toàn bộ tiền thuê", "The whole rent")),
    ]
}
