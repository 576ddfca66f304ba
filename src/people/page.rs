//! Whoever looks at a page of staff: the login, and the menu of where it may go.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::caller::{Caller, Staff};
use super::role::{Right, Role};
use crate::http::{Core, Error, Frame, Link, Menu, Result, see_other};
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

/// Where a login chooses its own password: the only page until it did, when somebody else had chosen one.
pub const OWN_PASSWORD: &str = "/account/password";

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

/// A member of staff looking at a page. Without a login the visitor is led to it and back.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub staff: Staff,
    /// What surrounds the page.
    pub frame: Frame,
}

impl Visitor {
    /// Whether this visitor has a right: for what a page offers.
    pub const fn may(&self, right: Right) -> bool {
        self.staff.role.may(right)
    }

    /// Refuses a visitor without a right.
    pub fn require(&self, right: Right) -> Result<()> {
        self.staff.require(right)
    }
}

/// Why somebody does not see a page of staff.
#[derive(Debug)]
pub enum Turned {
    /// Another page must come first: the login, and back afterwards, or a password of one's own.
    ToLogin(String),
    /// Anything else.
    Refused(Error),
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::ToLogin(back) => see_other(&back),
            Self::Refused(error) => error.into_response(),
        }
    }
}

impl<S> FromRequestParts<S> for Visitor
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> std::result::Result<Self, Turned> {
        let Ok(frame) = Frame::from_request_parts(parts, state).await;
        match Caller::from_request_parts(parts, state).await {
            Ok(Caller::Staff(staff)) if staff.password_temporary && frame.path() != OWN_PASSWORD => {
                Err(Turned::ToLogin(OWN_PASSWORD.to_owned()))
            }
            Ok(Caller::Staff(staff)) => {
                let frame = frame.for_user(&staff.username, menu(staff.role));
                Ok(Self { staff, frame })
            }
            Ok(Caller::Device(_)) => Err(Turned::Refused(Error::Forbidden)),
            Err(Error::Unauthenticated) if parts.method.is_safe() => {
                let next: String = form_urlencoded::byte_serialize(frame.here.as_bytes()).collect();
                Err(Turned::ToLogin(if frame.here == "/" {
                    "/login".to_owned()
                } else {
                    format!("/login?next={next}")
                }))
            }
            Err(error) => Err(Turned::Refused(error)),
        }
    }
}
