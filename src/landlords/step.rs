//! The steps after a pledge: what they are told, and what is said when a reduction stands at another one.

use serde::Deserialize;

use crate::http::Error;
use crate::http::schemas::{Reason, RentMonth};

/// Why something is not so.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Người thuê cho biết không được giảm"}))]
#[schema(as = RejectionReason)]
pub(super) struct ReasonBody {
    /// Why; the landlord sees it on the private link.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
}

/// What was given in the end; lines left out were given as pledged.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"lines": [{"room": "Phòng 1", "month": "2021-07", "amount": 500_000}]}))]
pub(super) struct ConfirmBody {
    /// Lines that differ from the pledge.
    #[serde(default)]
    pub(super) lines: Vec<GivenBody>,
}

/// One line as it was given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct GivenBody {
    /// The room's label.
    pub(super) room: String,
    /// The month, `YYYY-MM`.
    #[schema(value_type = RentMonth)]
    pub(super) month: String,
    /// Đồng forgone, from 0 to the rent. With 0 the line no longer counts.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub(super) amount: i64,
}

/// Said when a reduction is not in the state that a step needs.
pub(super) fn wrong_step() -> Error {
    Error::conflict(
        "wrong_step",
        "Khoản giảm không còn ở bước này: chỉ sửa hoặc xác minh khi đang đăng ký, chỉ xác nhận khi đã xác minh, \
         chỉ từ chối khi chưa xác nhận. Tải lại để xem trạng thái hiện tại.",
        "The reduction is not at this step: correct or verify while pledged, confirm once verified, reject before it \
         is confirmed. Reload to see where it is.",
    )
}
