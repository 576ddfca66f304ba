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
        "Tệp này không còn được giữ: tải lên đã quá 7 ngày, hoặc có người trong đó vừa được xóa dữ liệu. Hãy tải tệp lên lại.",
        "This file is not kept any more: it was uploaded more than 7 days ago, or somebody in it was erased. Upload it again.",
    )
}
