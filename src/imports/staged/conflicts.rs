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
        "Danh sách này không còn được giữ: đã hết thời hạn lưu, hoặc có người trong đó vừa được xóa dữ liệu. Hãy tải tệp lên lại.",
        "This list is not kept any more: it was uploaded too long ago, or somebody in it was erased. Upload the file again.",
    )
}
