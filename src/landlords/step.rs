//! Steps follow one another: what is said when a reduction stands at another one.

use crate::http::Error;

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
