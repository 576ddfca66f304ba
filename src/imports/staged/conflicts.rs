//! Why nothing can be done with a list any more.

use crate::http::Error;

pub(super) fn already_committed() -> Error {
    Error::conflict(
        "already_committed",
        "Danh sách này đã được ghi rồi, không ghi lại lần nữa.",
        "This list was committed already and is not stored again.",
    )
}

pub(super) fn expired() -> Error {
    Error::conflict(
        "import_expired",
        "Danh sách này đã hết thời hạn lưu nên không còn được giữ. Hãy tải tệp lên lại.",
        "This list was uploaded too long ago and is not kept any more. Upload the file again.",
    )
}
