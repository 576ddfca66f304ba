//! The audit log's verbs and nouns as people read them, and the pages of the records.

use uuid::Uuid;

use crate::web::Frame;

/// Verbs: as stored, in Vietnamese, in English.
pub(super) const ACTIONS: &[(&str, &str, &str)] = &[
    ("create", "Tạo", "Created"),
    ("update", "Sửa", "Changed"),
    ("read_personal", "Xem thông tin cá nhân", "Looked at personal data"),
    ("export", "Tải về", "Exported"),
    ("print", "In", "Printed"),
    ("login", "Đăng nhập", "Logged in"),
    ("logout", "Đăng xuất", "Logged out"),
    ("enrol", "Kết nối máy", "Enrolled"),
    ("revoke", "Thu hồi", "Revoked"),
    ("upload", "Gửi danh sách", "Uploaded a list"),
    ("stage", "Đọc danh sách", "Read a list"),
    ("commit", "Ghi danh sách vào sổ", "Stored a list"),
    ("undo", "Rút lại danh sách", "Took a list back"),
    ("merge", "Gộp trùng", "Merged"),
    ("tell_apart", "Xác định không trùng", "Told apart"),
    ("erase", "Xóa thông tin cá nhân", "Erased"),
    ("issue", "Phát phiếu", "Issued vouchers"),
    ("void", "Hủy phiếu", "Voided"),
    ("reissue", "Cấp lại", "Reissued"),
    ("withdraw", "Rút lại", "Withdrew"),
    ("pause", "Tạm dừng", "Paused"),
    ("resume", "Phát tiếp", "Resumed"),
    ("close", "Đóng", "Closed"),
    ("release", "Giải phóng phiếu máy giữ", "Released"),
    ("reverse", "Hoàn tác lượt phát", "Undid a handover"),
    ("resolve", "Xử lý trùng lượt", "Settled"),
    ("key_in_roster", "Nhập danh sách ký nhận giấy", "Keyed in a paper roster"),
    ("verify", "Xác minh", "Verified"),
    ("correct", "Chỉnh lại", "Corrected"),
    ("reject", "Từ chối", "Rejected"),
    ("confirm", "Xác nhận đã giảm", "Confirmed"),
    ("publish", "Công khai", "Published"),
];

/// Nouns: as stored, in Vietnamese, in English, and the page that a record has.
const RECORDS: &[(&str, &str, &str, Option<&str>)] = &[
    ("household", "Hộ gia đình", "Household", Some("/households")),
    ("household_import", "Danh sách hộ", "List of households", Some("/households/imports")),
    ("area", "Khu vực", "Area", Some("/areas")),
    ("point", "Điểm phát hoặc kho", "Point", Some("/points")),
    ("user", "Tài khoản", "Login", Some("/users")),
    ("token", "Mã API", "API token", None),
    ("device", "Điện thoại", "Phone", Some("/devices")),
    ("campaign", "Chương trình", "Campaign", None),
    ("round", "Đợt phát", "Round", Some("/rounds")),
    ("voucher", "Phiếu nhận hàng", "Voucher", Some("/vouchers")),
    ("redemption", "Lượt phát", "Handover", None),
    ("conflict", "Trùng lượt nhận", "Conflict", Some("/conflicts")),
    ("lease", "Phiếu máy giữ", "Lease", None),
    ("item", "Mặt hàng", "Item", None),
    ("package", "Suất quà", "Package", None),
    ("donation", "Khoản ủng hộ", "Donation", Some("/donations")),
    ("donation_import", "Danh sách ủng hộ", "List of donations", None),
    ("donor", "Nhà hảo tâm", "Donor", Some("/donors")),
    ("transfer", "Chuyển kho", "Transfer", Some("/stock/transfers")),
    ("adjustment", "Điều chỉnh tồn", "Adjustment", Some("/stock/adjustments")),
    ("rent_reduction", "Giảm tiền thuê trọ", "Rent reduction", Some("/rent")),
    ("rent_import", "Danh sách giảm tiền trọ", "List of rent reductions", None),
    ("signing_key", "Khóa ký phiếu", "Signing key", None),
    ("settings", "Cài đặt", "Settings", None),
    ("audit", "Nhật ký thao tác", "Audit log", None),
];

/// A verb in words; the stored one where there are none.
pub(super) fn action(frame: &Frame, stored: &str) -> String {
    let known = ACTIONS.iter().find(|(name, ..)| *name == stored);
    known.map_or_else(|| stored.to_owned(), |(_, vi, en)| frame.t(vi, en).to_owned())
}

/// A noun in words; the stored one where there are none.
pub(super) fn record(frame: &Frame, stored: &str) -> String {
    let known = RECORDS.iter().find(|(name, ..)| *name == stored);
    known.map_or_else(|| stored.to_owned(), |(_, vi, en, _)| frame.t(vi, en).to_owned())
}

/// The page of a record.
pub(super) fn link(stored: &str, id: Uuid) -> Option<String> {
    let (.., page) = RECORDS.iter().find(|(name, ..)| *name == stored)?;
    page.map(|page| format!("{page}/{id}"))
}
