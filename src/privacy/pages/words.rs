//! What the pages call kinds of people, sections and fields, and what an erasure takes and leaves.

use serde_json::Value;

use crate::http::Frame;
use crate::kernel::{Dong, Moment};
use crate::privacy::SubjectKind;

/// What an erasure takes, and what it leaves: lines in Vietnamese and English.
pub(super) struct Going {
    pub(super) gone: &'static [(&'static str, &'static str)],
    pub(super) stays: &'static [(&'static str, &'static str)],
}

/// What becomes of a kind of person's data.
pub(super) const fn going(kind: SubjectKind) -> Going {
    match kind {
        SubjectKind::Household => Going {
            gone: &[
                ("Họ tên, số điện thoại, số CCCD/CMND, năm sinh", "Name, phone, id number, year of birth"),
                ("Địa chỉ, ghi chú, ngày đồng ý", "Address, note, the day of consent"),
                (
                    "Người nhận thay, lý do hủy hoặc cấp lại phiếu, lý do hoàn tác và xử lý trùng",
                    "Who collected for them; why vouchers were voided or reissued, handovers undone, conflicts settled",
                ),
                ("Các dòng của hộ trong danh sách đang chờ ghi", "Their rows in lists that wait"),
            ],
            stays: &[
                ("Khu vực, số nhân khẩu, diện hỗ trợ", "Area, members, category"),
                (
                    "Các phiếu và lượt nhận, để số tổng của báo cáo không đổi",
                    "Vouchers and handovers, so that the report's totals stay true",
                ),
            ],
        },
        SubjectKind::Landlord => Going {
            gone: &[
                ("Họ tên, số điện thoại, địa chỉ, ghi chú", "Name, phone, addresses, notes"),
                ("Tên mọi người thuê trọ", "The names of all tenants"),
                ("Lý do sửa và lý do từ chối", "Why pledges were corrected or rejected"),
                ("Đường dẫn riêng: không mở được nữa", "The private links: they open nothing any more"),
            ],
            stays: &[(
                "Phòng, tháng, số tiền đã giảm, để số tổng của báo cáo không đổi",
                "Rooms, months and what was forgone, so that the report's totals stay true",
            )],
        },
        SubjectKind::Donor => Going {
            gone: &[
                ("Tên nhà hảo tâm, kể cả trong các khoản đã ủng hộ", "The donor's name, in past donations as well"),
                ("Điều kiện tặng có ghi tên", "Conditions that name the donor"),
            ],
            stays: &[("Ngày, số lượng, trị giá các khoản ủng hộ", "Days, quantities and values of the donations")],
        },
        SubjectKind::User => Going {
            gone: &[
                ("Tên đăng nhập và mật khẩu", "The login's name and password"),
                (
                    "Mọi phiên và mã truy cập: không vào được nữa",
                    "Every session and token: there is no way in any more",
                ),
            ],
            stays: &[("Những việc đã làm, trong nhật ký, không có tên", "What was done, in the log, without a name")],
        },
        SubjectKind::Device => Going {
            gone: &[
                ("Tên tình nguyện viên và tên máy", "The volunteer's name and the phone's"),
                (
                    "Lý do thu hồi phiếu và xử lý trùng của máy này",
                    "Why its vouchers were released, its conflicts settled",
                ),
            ],
            stays: &[("Các lượt phát của máy này", "What this phone handed out")],
        },
    }
}

/// What a section of what is told is called.
pub(super) fn section(frame: &Frame, name: &str) -> String {
    let said = match name {
        "person" => frame.t("Thông tin trong sổ", "As registered"),
        "consents" => frame.t("Đồng ý đã ghi", "Consents"),
        "vouchers" => frame.t("Phiếu nhận hàng", "Vouchers"),
        "papers" => frame.t("Phiếu đã được thay", "Papers that were replaced"),
        "scans" => frame.t("Lượt quét phiếu", "Scans"),
        "conflicts" => frame.t("Phiếu phát hai lần", "Conflicts"),
        "rent_reductions" => frame.t("Đăng ký giảm tiền thuê", "Rent reductions"),
        "rent_lines" => frame.t("Phòng và tháng", "Rooms and months"),
        "corrections" => frame.t("Các lần sửa", "Corrections"),
        "donations" => frame.t("Các khoản ủng hộ", "Donations"),
        "tokens" => frame.t("Phiên và mã truy cập", "Sessions and tokens"),
        "leases" => frame.t("Phần phiếu đã giữ", "Vouchers held"),
        "acts" => frame.t("Việc đã làm", "What they did"),
        "log" => frame.t("Ai đã sửa, ai đã xem", "Who changed it, who looked"),
        other => other,
    };
    said.to_owned()
}

/// Fields in the order in which they are shown, with what they are called. Others are ids, which tell people nothing.
const FIELDS: &[(&str, &str, &str)] = &[
    ("head_name", "Họ tên chủ hộ", "Head of household"),
    ("name", "Tên", "Name"),
    ("username", "Tên đăng nhập", "Login"),
    ("volunteer", "Tình nguyện viên", "Volunteer"),
    ("phone", "Số điện thoại", "Phone"),
    ("citizen_id", "Số CCCD/CMND", "Id number"),
    ("birth_year", "Năm sinh", "Year of birth"),
    ("area", "Khu vực", "Area"),
    ("address", "Địa chỉ", "Address"),
    ("members", "Số nhân khẩu", "Members"),
    ("category", "Diện hỗ trợ", "Category"),
    ("role", "Vai trò", "Role"),
    ("reference", "Mã đăng ký", "Reference"),
    ("round", "Đợt phát", "Round"),
    ("serial", "Số phiếu", "Voucher"),
    ("issue_number", "Lần in", "Paper"),
    ("number", "Số", "Number"),
    ("received_on", "Ngày nhận", "Received"),
    ("room", "Phòng", "Room"),
    ("tenant", "Người thuê", "Tenant"),
    ("month", "Tháng", "Month"),
    ("rent", "Tiền thuê", "Rent"),
    ("reduced", "Đăng ký giảm", "Pledged"),
    ("confirmed", "Đã giảm", "Given"),
    ("kind", "Loại", "Kind"),
    ("anonymous", "Ẩn danh", "Anonymous"),
    ("what", "Nội dung", "What"),
    ("quantity", "Số lượng", "Quantity"),
    ("value", "Trị giá", "Value"),
    ("units", "Số suất", "Packages"),
    ("status", "Tình trạng", "State"),
    ("outcome", "Kết quả", "Outcome"),
    ("point", "Điểm phát", "Point"),
    ("desk", "Bàn", "Desk"),
    ("scanned_at", "Lúc", "When"),
    ("at", "Lúc", "When"),
    ("action", "Việc", "What was done"),
    ("record_kind", "Về", "About"),
    ("by", "Ai", "Who"),
    ("collector_name", "Người nhận thay", "Collected by"),
    ("collector_relation", "Quan hệ", "Relation"),
    ("override_reason", "Lý do vẫn phát", "Why it was handed out"),
    ("void_reason", "Lý do hủy", "Why void"),
    ("reject_reason", "Lý do từ chối", "Why rejected"),
    ("reason", "Lý do", "Why"),
    ("resolution", "Cách giải quyết", "Settled as"),
    ("condition", "Điều kiện tặng", "Condition"),
    ("note", "Ghi chú", "Note"),
    ("purpose", "Đồng ý việc gì", "Agreed to"),
    ("channel", "Bằng cách nào", "How"),
    ("text_version", "Bản nội dung", "Version of the text"),
    ("given_at", "Đồng ý lúc", "Given"),
    ("given_by", "Người hỏi", "Taken by"),
    ("withdrawn_at", "Rút lại lúc", "Taken back"),
    ("withdraw_reason", "Lý do rút", "Why taken back"),
    ("consent_at", "Đồng ý lưu thông tin", "Consent"),
    ("consent_by", "Người hỏi", "Taken by"),
    ("list", "Từ danh sách", "From the list"),
    ("issued_at", "Cấp lúc", "Issued"),
    ("voided_at", "Hủy lúc", "Voided"),
    ("replaced_at", "Thay lúc", "Replaced"),
    ("undone_at", "Hoàn tác lúc", "Undone"),
    ("undo_reason", "Lý do hoàn tác", "Why undone"),
    ("resolved_at", "Giải quyết lúc", "Settled"),
    ("taken_at", "Nhận lúc", "Taken"),
    ("closed_at", "Trả lúc", "Ended"),
    ("created_at", "Ghi vào sổ", "Registered"),
    ("enrolled_at", "Kết nối lúc", "Enrolled"),
    ("revoked_at", "Thu hồi lúc", "Revoked"),
    ("last_used_at", "Dùng lần cuối", "Last used"),
    ("last_seen_at", "Nghe tin lần cuối", "Last heard of"),
    ("expires_at", "Hết hạn", "Ends"),
    ("disabled_at", "Khóa lúc", "Disabled"),
    ("erased_at", "Xóa lúc", "Erased"),
    ("updated_at", "Sửa lần cuối", "Last changed"),
];
/// Fields of money.
const MONEY: [&str; 4] = ["rent", "reduced", "confirmed", "value"];

/// The fields of a record that hold something, with what they are called.
pub(super) fn fields(frame: &Frame, record: &serde_json::Map<String, Value>) -> Vec<(&'static str, String)> {
    FIELDS
        .iter()
        .filter_map(|(field, vi, en)| Some((frame.t(vi, en), said(frame, field, record.get(*field)?)?)))
        .collect()
}

/// What a field holds, for people; nothing where it holds nothing.
fn said(frame: &Frame, field: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if field.ends_with("_at") || field == "at" => {
            Some(Moment::parse(text).map_or_else(|_| text.clone(), |at| frame.moment(&at)))
        }
        Value::String(text) => Some(word(frame, text)),
        Value::Bool(yes) => Some(if *yes { frame.t("Có", "Yes") } else { frame.t("Không", "No") }.to_owned()),
        Value::Number(number) if MONEY.contains(&field) => number.as_i64().map(|amount| frame.money(&Dong(amount))),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Names of states and acts as people say them; any other text is somebody's own.
fn word(frame: &Frame, text: &str) -> String {
    let said = match text {
        "active" => frame.t("Đang dùng", "In use"),
        "merged" => frame.t("Đã gộp vào hộ khác", "Merged into another"),
        "erased" => frame.t("Đã xóa dữ liệu", "Erased"),
        "issued" => frame.t("Đã cấp", "Issued"),
        "void" => frame.t("Đã hủy", "Void"),
        "redeemed" => frame.t("Đã nhận", "Handed out"),
        "already_redeemed" => frame.t("Phiếu đã sử dụng", "Already redeemed"),
        "pledged" => frame.t("Đã đăng ký", "Pledged"),
        "verified" => frame.t("Đã xác minh", "Verified"),
        "confirmed" => frame.t("Đã xác nhận", "Confirmed"),
        "rejected" => frame.t("Từ chối", "Rejected"),
        "withdrawn" => frame.t("Đã rút", "Withdrawn"),
        "goods" => frame.t("Hiện vật", "Goods"),
        "packages" => frame.t("Suất quà", "Packages"),
        "cash" => frame.t("Tiền", "Cash"),
        "keep_data" => frame.t("Lưu thông tin để hỗ trợ", "Keeping data, to be helped"),
        "pledge_rent" => frame.t("Lưu thông tin giảm tiền thuê", "Keeping data of rent reductions"),
        "be_named" => frame.t("Nêu tên khi công khai", "Being named in public"),
        "paper" => frame.t("Giấy có chữ ký", "A signed paper"),
        "page" => frame.t("Trang tự điền", "A page that they filled in"),
        "phone_call" => frame.t("Gọi điện thoại", "On the phone"),
        "list" => frame.t("Theo danh sách của khu dân cư", "By the neighbourhood's list"),
        "unrecorded" => frame.t("Không ghi rõ", "Not recorded"),
        "person" => frame.t("Cá nhân", "A person"),
        "organisation" => frame.t("Tổ chức, đơn vị", "An organisation"),
        "session" => frame.t("Phiên đăng nhập", "Session"),
        "api" => frame.t("Mã truy cập", "API token"),
        "user" => frame.t("Cán bộ", "Staff"),
        "device" => frame.t("Điện thoại", "A phone"),
        "public" => frame.t("Người dân", "The public"),
        "system" => frame.t("Máy chủ", "The server"),
        "create" => frame.t("Ghi vào sổ", "Registered"),
        "update" | "correct" => frame.t("Sửa", "Corrected"),
        "read_personal" => frame.t("Xem đầy đủ", "Saw it in full"),
        "merge" => frame.t("Gộp", "Merged"),
        "erase" => frame.t("Xóa dữ liệu cá nhân", "Erased personal data"),
        "tell" => frame.t("Cho người dân xem dữ liệu", "Told the person"),
        "household" => frame.t("Hộ gia đình", "Household"),
        "rent_reduction" => frame.t("Giảm tiền thuê trọ", "Rent reduction"),
        "donation" => frame.t("Khoản ủng hộ", "Donation"),
        "voucher" => frame.t("Phiếu", "Voucher"),
        other => other,
    };
    said.to_owned()
}
