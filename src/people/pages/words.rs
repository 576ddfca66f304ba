//! The audit log's verbs and nouns as people read them, and the pages of the records.

use uuid::Uuid;

use crate::http::Frame;
use crate::people::{Right, Role};

/// Verbs: as stored, in Vietnamese, in English.
pub(super) const ACTIONS: &[(&str, &str, &str)] = &[
    ("create", "Tạo", "Created"),
    ("update", "Sửa", "Changed"),
    ("read_personal", "Xem thông tin cá nhân", "Looked at personal data"),
    ("export", "Tải về", "Exported"),
    ("print", "In", "Printed"),
    ("login", "Đăng nhập", "Logged in"),
    ("logout", "Đăng xuất", "Logged out"),
    ("login_failed", "Đăng nhập không được", "Failed to log in"),
    ("show_password", "Nhập lại mật khẩu", "Showed the password again"),
    ("set_second_factor", "Bật xác thực hai bước", "Set up two-step login"),
    ("drop_second_factor", "Tắt xác thực hai bước", "Turned two-step login off"),
    ("reset_second_factor", "Đặt lại xác thực hai bước", "Reset two-step login"),
    ("expect_sign_on", "Chờ gắn đăng nhập chung", "Let a login wait for sign-on"),
    ("link_sign_on", "Gắn đăng nhập chung", "Linked to sign-on"),
    ("unlink_sign_on", "Gỡ đăng nhập chung", "Unlinked from sign-on"),
    ("sign_on", "Đăng nhập chung", "Signed on"),
    ("use_recovery_code", "Dùng mã dự phòng", "Used a recovery code"),
    ("use_revoked", "Dùng mã đã thu hồi", "Used a revoked token"),
    ("enrol", "Kết nối máy", "Enrolled"),
    ("token_reused", "Mã truy cập cũ của máy bị dùng lại", "An ended token of a phone was shown"),
    ("revoke", "Thu hồi", "Revoked"),
    ("upload", "Gửi danh sách", "Uploaded a list"),
    ("stage", "Đọc danh sách", "Read a list"),
    ("reread", "Đọc lại danh sách", "Read a list again"),
    ("commit", "Ghi danh sách vào sổ", "Stored a list"),
    ("undo", "Rút lại danh sách", "Took a list back"),
    ("merge", "Gộp trùng", "Merged"),
    ("tell_apart", "Xác định không trùng", "Told apart"),
    ("erase", "Xóa thông tin cá nhân", "Erased"),
    ("consent", "Ghi đồng ý của người dân", "Recorded a consent"),
    ("withdraw_consent", "Ghi việc rút đồng ý", "Recorded that a consent was taken back"),
    ("look_up", "Đối chiếu giấy đồng ý", "Looked a paper up"),
    ("tell", "Cho người dân xem dữ liệu đang giữ", "Told a person what is kept"),
    ("issue", "Phát phiếu", "Issued vouchers"),
    ("void", "Hủy phiếu", "Voided"),
    ("reissue", "Cấp lại", "Reissued"),
    ("withdraw", "Rút lại", "Withdrew"),
    ("pause", "Tạm dừng", "Paused"),
    ("resume", "Phát tiếp", "Resumed"),
    ("close", "Đóng", "Closed"),
    ("take", "Giao phiếu cho máy giữ", "Gave a phone its vouchers"),
    ("report", "Nhận báo cáo của máy", "Took a phone's report"),
    ("release", "Giải phóng phiếu máy giữ", "Released"),
    ("reverse", "Hoàn tác lượt phát", "Undid a handover"),
    ("resolve", "Xử lý trùng lượt", "Settled"),
    ("key_in_roster", "Nhập danh sách ký nhận giấy", "Keyed in a paper roster"),
    ("verify", "Xác minh", "Verified"),
    ("correct", "Chỉnh lại", "Corrected"),
    ("reject", "Từ chối", "Rejected"),
    ("confirm", "Xác nhận đã giảm", "Confirmed"),
    ("publish", "Công khai", "Published"),
    ("seal", "Khóa nhật ký", "Sealed the log"),
    ("rotate", "Đổi khóa", "Rotated"),
    ("hand_over", "Bàn giao công việc", "Handed duties over"),
    ("hand_back", "Bàn giao lại", "Handed duties back"),
    ("run", "Cho chạy ngay", "Ran"),
    ("drop", "Xóa vì hết hạn lưu", "Dropped, kept long enough"),
];

/// Where the pages of a kind of record are, and the right to see them.
type Page = (&'static str, Right);

/// Nouns: as stored, in Vietnamese, in English, and the page that a record has.
const RECORDS: &[(&str, &str, &str, Option<Page>)] = &[
    ("household", "Hộ gia đình", "Household", Some(("/households", Right::ReadHouseholds))),
    ("household_import", "Danh sách hộ", "List of households", Some(("/households/imports", Right::WriteHouseholds))),
    ("area", "Khu vực", "Area", Some(("/areas", Right::ManagePlaces))),
    ("point", "Điểm phát hoặc kho", "Point", Some(("/points", Right::ManagePlaces))),
    ("user", "Tài khoản", "Login", Some(("/users", Right::ManagePeople))),
    ("token", "Mã API", "API token", None),
    ("device", "Điện thoại", "Phone", Some(("/devices", Right::ManageDevices))),
    ("campaign", "Chương trình", "Campaign", Some(("/campaigns", Right::WriteGoods))),
    ("round", "Đợt phát", "Round", Some(("/rounds", Right::ReadVouchers))),
    ("voucher", "Phiếu nhận hàng", "Voucher", Some(("/vouchers", Right::ReadVouchers))),
    ("redemption", "Lượt phát", "Handover", None),
    ("conflict", "Trùng lượt nhận", "Conflict", Some(("/conflicts", Right::ReadRedemptions))),
    ("lease", "Phiếu máy giữ", "Lease", None),
    ("item", "Mặt hàng", "Item", Some(("/items", Right::WriteGoods))),
    ("package", "Suất quà", "Package", None),
    ("donation", "Khoản ủng hộ", "Donation", Some(("/donations", Right::ReadStock))),
    ("donation_import", "Danh sách ủng hộ", "List of donations", Some(("/donations/imports", Right::WriteGoods))),
    ("donor", "Nhà hảo tâm", "Donor", Some(("/donors", Right::ReadStock))),
    ("transfer", "Chuyển kho", "Transfer", Some(("/stock/transfers", Right::ReadStock))),
    ("adjustment", "Điều chỉnh tồn", "Adjustment", Some(("/stock/adjustments", Right::ReadStock))),
    ("consent", "Đồng ý của người dân", "Consent", None),
    ("landlord", "Chủ nhà trọ", "Landlord", None),
    ("rent_reduction", "Giảm tiền thuê trọ", "Rent reduction", Some(("/rent", Right::ReadRent))),
    ("rent_import", "Danh sách giảm tiền trọ", "List of rent reductions", Some(("/rent/imports", Right::WriteRent))),
    ("signing_key", "Khóa ký phiếu", "Signing key", None),
    ("settings", "Cài đặt", "Settings", None),
    ("audit", "Nhật ký thao tác", "Audit log", None),
    ("audit_log", "Nhật ký thao tác", "Audit log", None),
    ("master_secret", "Khóa chính", "Master secret", None),
    ("job", "Việc chạy nền", "Background job", None),
    ("retention", "Thời hạn lưu giữ", "Retention", None),
];

/// What an entry's detail is made of, names and values alike: as stored, in Vietnamese, in English.
const TERMS: &[(&str, &str, &str)] = &[
    ("accepted", "chấp nhận", "accepted"),
    ("added", "thêm", "added"),
    ("address", "địa chỉ", "address"),
    ("app", "ứng dụng xác thực", "authenticator app"),
    ("area_id", "khu vực", "area"),
    ("birth_year", "năm sinh", "year of birth"),
    ("by", "bằng", "by"),
    ("card_and_stub", "phiếu kèm cuống", "card and stub"),
    ("category", "diện hỗ trợ", "category"),
    ("clock_off", "mã sai giờ", "a code of a wrong clock"),
    ("code_used", "mã đã dùng", "a code that was used"),
    ("codes", "số mã", "codes"),
    ("consent", "đồng ý lưu thông tin", "consent"),
    ("correction_id", "lần sửa", "correction"),
    ("count", "số lượng", "count"),
    ("created", "tạo", "created"),
    ("days", "số ngày", "days"),
    ("disabled", "khóa tài khoản", "disabled"),
    ("duplicate", "trùng", "duplicates"),
    ("eight", "8 phiếu một trang", "8 a page"),
    ("emptied", "xóa trống", "emptied"),
    ("ended", "kết thúc", "ended"),
    ("entries", "số mục", "entries"),
    ("error", "lỗi", "with errors"),
    ("everywhere", "mọi nơi", "everywhere"),
    ("fields", "ô đã sửa", "fields"),
    ("full_name", "họ tên", "full name"),
    ("head_name", "họ tên", "name"),
    ("id_number", "số CCCD/CMND", "id number"),
    ("in_use", "đang dùng", "in use"),
    ("issue_number", "lần cấp", "issue"),
    ("issued", "phát", "issued"),
    ("kid", "khóa số", "key no."),
    ("layout", "mẫu in", "layout"),
    ("lines", "số dòng", "lines"),
    ("lists", "danh sách", "lists"),
    ("phones", "điện thoại đã mời", "phones"),
    ("points", "điểm", "points"),
    ("lines_that_differ", "dòng khác lúc đăng ký", "lines that differ"),
    ("members", "nhân khẩu", "members"),
    ("new", "mới", "new"),
    ("not_linked", "chưa gắn với tài khoản nào", "linked to no login"),
    ("note", "ghi chú", "note"),
    ("one", "1 phiếu một trang", "1 a page"),
    ("other", "cách khác", "another way"),
    ("outcome", "kết quả", "outcome"),
    ("owner", "chính chủ", "its owner"),
    ("password", "mật khẩu", "password"),
    ("password_over", "mật khẩu tạm đã hết hạn", "the temporary password was over"),
    ("phone", "điện thoại", "phone"),
    ("point_ids", "điểm được giao", "points"),
    ("public_disclosure", "công khai", "published"),
    ("reason", "lý do", "reason"),
    ("records", "số hồ sơ", "records"),
    ("records", "số bản ghi", "records"),
    ("recovery_code", "mã dự phòng", "recovery code"),
    ("reductions", "khoản giảm", "reductions"),
    ("removed", "bỏ", "removed"),
    ("resolution", "cách giải quyết", "how"),
    ("returned", "hàng được trả lại", "brought back"),
    ("role", "vai trò", "role"),
    ("rows", "số dòng", "rows"),
    ("second_factor", "bước thứ hai", "second step"),
    ("second_factor_required", "yêu cầu xác thực hai bước", "two-step login asked for"),
    ("setup_link", "liên kết thiết lập", "the set-up link"),
    ("sign_on", "đăng nhập chung", "sign-on"),
    ("skipped", "bỏ qua", "left out"),
    ("throttled", "thử quá nhiều lần", "too many tries"),
    ("totals", "tổng", "totals"),
    ("units", "suất mỗi phiếu", "packages each"),
    ("unknown_name", "không có tên này", "no such name"),
    ("update", "bổ sung", "added to"),
    ("vouchers", "số phiếu", "vouchers"),
    ("written_off", "ghi mất", "written off"),
    ("wrong_code", "sai mã xác thực", "wrong code"),
    ("wrong_password", "sai mật khẩu", "wrong password"),
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

/// A role's name, or a part of an entry's detail, in words; as stored where there are none.
pub(super) fn term(frame: &Frame, stored: &str) -> String {
    if let Ok(role) = stored.parse::<Role>() {
        return frame.say(&role.say()).to_owned();
    }
    let known = TERMS.iter().find(|(name, ..)| *name == stored);
    known.map_or_else(|| stored.to_owned(), |(_, vi, en)| frame.t(vi, en).to_owned())
}

/// The page of a record, for those who may see it.
pub(super) fn link(role: Role, stored: &str, id: Uuid) -> Option<String> {
    let (.., page) = RECORDS.iter().find(|(name, ..)| *name == stored)?;
    page.filter(|(_, right)| role.may(*right)).map(|(page, _)| format!("{page}/{id}"))
}
