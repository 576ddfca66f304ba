//! What several pages say alike.

use crate::http::{Error, Frame};
use crate::kernel::FieldError;
use crate::vouchers::voucher::VoucherStatus;

/// What is wrong with one entry of a list (`point_ids[2]`) is shown at the list.
pub fn on_the_list(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let renamed = |error: FieldError| match error.field.split_once('[') {
        Some((list, _)) => FieldError { field: list.to_owned(), ..error },
        None => error,
    };
    Error::Invalid(errors.into_iter().map(renamed).collect())
}

/// What became of a voucher, in a word or two.
pub fn became(frame: &Frame, status: VoucherStatus, received: i64, units: i64) -> &'static str {
    match (status, received) {
        (VoucherStatus::Void, _) => frame.t("Đã hủy", "Void"),
        (_, 0) => frame.t("Chưa nhận", "Not yet received"),
        _ if received < units => frame.t("Nhận một phần", "Partly received"),
        _ => frame.t("Đã nhận", "Received"),
    }
}
