//! The menu of staff: who sees which page.

use super::role::{Right, Role};
use crate::http::{Link, Menu};
use crate::kernel::Message;

/// One line of the menu: who sees it, where it leads.
type Line = (Right, &'static str, &'static str, &'static str);

/// A group of the menu: its title in Vietnamese and English (the first has none), its lines.
type Group = (Option<(&'static str, &'static str)>, &'static [Line]);

/// The menu in the order of a market: what is going on, whom it is for, what there is, handing out, what came of it.
const MENU: &[Group] = &[
    (None, &[(Right::ReadStock, "/", "Tổng quan", "Overview"), (Right::Redeem, "/desk", "Bàn phát", "Desk")]),
    (
        Some(("Hộ gia đình", "Households")),
        &[
            (Right::ReadHouseholds, "/households", "Sổ hộ gia đình", "Register"),
            (Right::WriteHouseholds, "/households/imports", "Nhập danh sách từ Excel", "Import a list"),
            (Right::ReadHouseholds, "/households/duplicates", "Nghi trùng", "Possible duplicates"),
        ],
    ),
    (
        Some(("Hàng hóa", "Goods")),
        &[
            (Right::ReadStock, "/donations", "Khoản ủng hộ", "Donations"),
            (Right::ReadStock, "/donors", "Nhà hảo tâm", "Donors"),
            (Right::ReadStock, "/stock", "Tồn kho", "Stock"),
            (Right::ReadStock, "/packages", "Suất quà và mặt hàng", "Packages and items"),
        ],
    ),
    (
        Some(("Phát quà", "Handing out")),
        &[
            (Right::ReadStock, "/campaigns", "Chương trình", "Campaigns"),
            (Right::ReadVouchers, "/rounds", "Đợt phát và phiếu", "Rounds and vouchers"),
            (Right::ReadRedemptions, "/conflicts", "Trùng lượt nhận", "Conflicts"),
            (Right::ManageDevices, "/devices", "Điện thoại", "Phones"),
        ],
    ),
    (
        Some(("Tiền thuê trọ", "Rent")),
        &[
            (Right::VerifyRent, "/rent/queue", "Chờ xác minh", "To be verified"),
            (Right::ReadRent, "/rent", "Giảm tiền thuê trọ", "Rent reductions"),
            (Right::WriteRent, "/rent/imports", "Nhập danh sách từ Excel", "Import a list"),
        ],
    ),
    (Some(("Kết quả", "Results")), &[(Right::ReadReports, "/reports", "Báo cáo", "Report")]),
    (
        Some(("Thiết lập", "Settings")),
        &[
            (Right::ManagePlaces, "/areas", "Khu vực", "Areas"),
            (Right::ManagePlaces, "/points", "Điểm phát và kho", "Points and warehouses"),
            (Right::ManagePeople, "/users", "Tài khoản", "Logins"),
            (Right::ReadAudit, "/audit", "Nhật ký thao tác", "Audit log"),
            (Right::ReadAudit, "/jobs", "Việc chạy nền", "Background jobs"),
            (Right::ReadAudit, "/retention", "Thời hạn lưu giữ", "How long what is kept"),
            (Right::ManagePlaces, "/settings", "Cài đặt", "Settings"),
        ],
    ),
];
/// Pages that stand beside one of the menu.
const BESIDE: &[(&str, &[Line])] = &[(
    "/rounds",
    &[
        (Right::ReadVouchers, "/vouchers", "Tìm một phiếu", "Find a voucher"),
        (Right::ReadRedemptions, "/redemptions", "Các lượt nhận", "All handovers"),
        (Right::Override, "/roster", "Nhập danh sách ký nhận giấy", "Key in a signed list"),
        (Right::ManagePeople, "/keys", "Khóa ký phiếu", "Signing keys"),
    ],
)];

/// Where a role may go.
pub fn menu(role: Role) -> Vec<Menu> {
    let links = |lines: &'static [Line], beside: Option<&'static str>| {
        let seen = lines.iter().filter(move |(right, ..)| role.may(*right));
        seen.map(move |&(_, href, vi, en)| Link { href, vi, en, beside })
    };
    let group = |(title, lines): &'static Group| Menu {
        title: title.map(|(vi, en)| Message::fixed(vi, en)),
        links: links(lines, None)
            .flat_map(|link| {
                let others = BESIDE.iter().filter(move |(href, _)| *href == link.href);
                [link].into_iter().chain(others.flat_map(move |(href, lines)| links(lines, Some(*href))))
            })
            .collect(),
    };
    MENU.iter().map(group).filter(|menu| !menu.links.is_empty()).collect()
}
