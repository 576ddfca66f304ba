//! `GET /`: the overview, like an operations room. It is whole without any script; `live.js` keeps its numbers new.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::dashboard::Fix;
use crate::dashboard::live::look;
use crate::dashboard::overview::{Figures, PhoneRow, RoundRow, StockRow};
use crate::http::{Core, Frame, Result, show};
use crate::inventory::Enough;
use crate::jobs;
use crate::kernel::Quantity;
use crate::kernel::message::Lang;
use crate::kernel::money::group_thousands;
use crate::people::rights::AnyLogin;
use crate::people::{Permit, Right, Role, Visitor};
use crate::redemption::Outcome;

/// Rows of stock beyond which only those that matter now are shown.
const SHOWN_ROWS: usize = 150;
/// What is empty within so many minutes stands at the top.
const ALERT_MINUTES: i64 = 60;

/// The overview, and what to do next.
pub fn router() -> Router<Core> {
    Router::new().route("/", get(overview))
}

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    frame: Frame,
    figures: Figures,
    total: Total,
    staff: Permit<AnyLogin>,
    /// How much about this installation somebody should look at, for those who may.
    warnings: usize,
}

#[derive(Template)]
#[template(path = "dashboard/elsewhere.html")]
struct ElsewherePage {
    frame: Frame,
    staff: Permit<AnyLogin>,
}

/// The few numbers that decide something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    vouchers: i64,
    served: i64,
    possible: i64,
    missing: i64,
    waiting: i64,
    per_minute: [i64; crate::dashboard::overview::MINUTES],
}

async fn overview(State(core): State<Core>, Visitor { permit: staff, frame }: Visitor) -> Result<Response> {
    if !staff.role.may(Right::ReadStock) {
        return show(StatusCode::OK, &ElsewherePage { frame, staff });
    }
    let figures = look(&core).await?.within(&staff.scope.points);
    let total = Total::of(&figures);
    let warnings = if staff.role.may(Right::ReadAudit) { jobs::service::warnings(&core).await?.len() } else { 0 };
    show(StatusCode::OK, &OverviewPage { frame, figures, total, staff, warnings })
}

impl Total {
    fn of(figures: &Figures) -> Self {
        let mut total = Self::default();
        for row in &figures.redemption.rounds {
            total.vouchers += row.vouchers;
            total.served += row.served;
            for (sum, minute) in total.per_minute.iter_mut().zip(row.per_minute) {
                *sum += minute;
            }
        }
        for row in &figures.stock.packages {
            total.possible += row.possible;
            total.waiting += row.needed;
            total.missing += (row.needed - row.possible).max(0);
        }
        total
    }

    /// Units a minute over the last ten, in tenths, as people write it: `3,4`.
    fn rate(&self) -> String {
        let sum: i64 = self.per_minute.iter().sum();
        format!("{},{}", sum / 10, sum % 10)
    }
}

impl OverviewPage {
    fn number(&self, number: &i64) -> String {
        group_thousands(*number)
    }

    fn amount(&self, quantity: &Quantity, decimals: &i64) -> String {
        quantity.in_unit(u8::try_from(*decimals).unwrap_or(0))
    }

    fn may(&self, right: &str) -> bool {
        let right = match right {
            "rounds" => Right::ReadVouchers,
            "plan" => Right::WriteVouchers,
            "conflicts" => Right::ReadRedemptions,
            "phones" => Right::ManageDevices,
            "transfer" => Right::MoveStock,
            "give" => Right::WriteGoods,
            _ => return false,
        };
        self.staff.role.may(right)
    }

    /// The rows that are shown: all of a small ward; of a large one those that vouchers ask for or that run low. The
    /// script chooses by the same rule.
    fn shown(&self) -> Vec<&StockRow> {
        let all = &self.figures.stock.items;
        let many = all.len() > SHOWN_ROWS;
        all.iter().filter(|row| !many || row.promised.0 > 0 || row.state != Enough::Enough).collect()
    }

    /// What runs out within the hour, the soonest first.
    fn alerts(&self) -> Vec<(&StockRow, i64)> {
        let soon = |row: &StockRow| row.empty_in_minutes.filter(|minutes| *minutes <= ALERT_MINUTES);
        let mut alerts: Vec<_> = self.figures.stock.items.iter().filter_map(|row| Some((row, soon(row)?))).collect();
        alerts.sort_by_key(|(_, minutes)| *minutes);
        alerts
    }

    /// Phones whose vouchers nobody else may hand out though they are not there, those that hold most in front.
    fn stuck(&self) -> Vec<&PhoneRow> {
        let mut stuck: Vec<_> = self.figures.phones.phones.iter().filter(|phone| phone.stuck).collect();
        stuck.sort_by_key(|phone| -phone.held);
        stuck
    }

    fn stuck_words(&self, phone: &PhoneRow) -> String {
        let held = self.number(&phone.held);
        match self.frame.lang {
            Lang::Vi => format!("{held} phiếu đang kẹt"),
            Lang::En => format!("{held} vouchers stuck"),
        }
    }

    fn empties(&self, minutes: &i64) -> String {
        match self.frame.lang {
            Lang::Vi => format!("Hết trong {minutes} phút"),
            Lang::En => format!("Empty in {minutes} min"),
        }
    }

    fn fix(&self, row: &StockRow, fix: &Fix) -> String {
        let quantity = fix.quantity.in_unit(u8::try_from(row.decimals).unwrap_or(0));
        match self.frame.lang {
            Lang::Vi => format!("Chuyển {quantity} {} từ {}", row.unit, fix.from),
            Lang::En => format!("Move {quantity} {} from {}", row.unit, fix.from),
        }
    }

    fn fix_link(&self, row: &StockRow, fix: &Fix) -> String {
        let (from, to, item) = (fix.from_point_id, row.point_id, row.item_id);
        let quantity = fix.quantity.in_unit(u8::try_from(row.decimals).unwrap_or(0)).replace('.', "");
        format!("/stock/transfers/new?from_point_id={from}&to_point_id={to}&item_id={item}&quantity={quantity}")
    }

    /// Refusals by reason, over all points, the most frequent first.
    fn refusals(&self) -> Vec<(&'static str, i64)> {
        let mut sums: HashMap<Outcome, i64> = HashMap::new();
        for row in &self.figures.redemption.refusals {
            *sums.entry(row.outcome).or_default() += row.count;
        }
        let mut sums: Vec<(Outcome, i64)> = sums.into_iter().collect();
        sums.sort_by_key(|(outcome, count)| (-count, outcome.name()));
        sums.into_iter().map(|(outcome, count)| (self.reason(outcome), count)).collect()
    }

    fn reason(&self, outcome: Outcome) -> &'static str {
        let t = |vi, en| self.frame.t(vi, en);
        match outcome {
            Outcome::AlreadyRedeemed => t("Phiếu đã sử dụng", "Already redeemed"),
            Outcome::Void => t("Phiếu đã hủy", "Void"),
            Outcome::Superseded => t("Phiếu đã được cấp lại", "Replaced by a reissue"),
            Outcome::Expired => t("Phiếu hết hạn", "Expired"),
            Outcome::NotYetValid => t("Chưa đến ngày", "Not yet valid"),
            Outcome::WrongSlot => t("Sai khung giờ", "Wrong slot"),
            Outcome::WrongPoint => t("Sai điểm phát", "Wrong point"),
            Outcome::RoundClosed => t("Đợt phát đóng hoặc tạm dừng", "Round closed or paused"),
            Outcome::OutOfStock => t("Hết hàng", "Out of stock"),
            Outcome::LeasedElsewhere => t("Máy khác đang giữ phiếu", "Held by another phone"),
            Outcome::BadSignature | Outcome::RevokedKey => {
                t("Phiếu giả hoặc khóa đã thu hồi", "Forged, or a withdrawn key")
            }
            Outcome::TooSoon => t("Chưa đủ ngày giữa hai lần nhận", "Too soon after the last"),
            Outcome::NeedsInput => t("Cần hỏi thêm người nhận", "Something must be asked first"),
            Outcome::NotAllowed => t("Máy không phục vụ điểm này", "Phone of another point"),
            Outcome::Unknown | Outcome::Redeemed => t("Không có phiếu này", "Unknown voucher"),
        }
    }

    fn is_empty(&self) -> bool {
        self.figures.stock.items.is_empty() && self.figures.redemption.rounds.is_empty()
    }

    fn clock(&self) -> String {
        self.figures.at.clock_time()
    }

    fn day(&self) -> String {
        self.figures.at.day().for_people()
    }

    /// Rows of the same point stand under one heading.
    fn begins_point(&self, items: &[&StockRow], index: &usize) -> bool {
        index.checked_sub(1).and_then(|before| items.get(before)).map(|row| row.point_id)
            != items.get(*index).map(|row| row.point_id)
    }

    fn of_hundred(&self, part: &i64, whole: &i64) -> i64 {
        if *whole > 0 { (part.clamp(&0, whole) * 100) / whole } else { 0 }
    }

    /// Width of what is on hand, of a hundred.
    fn there(&self, row: &StockRow) -> i64 {
        self.of_hundred(&row.on_hand.0, &row.on_hand.0.max(row.promised.0))
    }

    /// Width of what is promised, of a hundred.
    fn promised(&self, row: &StockRow) -> i64 {
        self.of_hundred(&row.promised.0, &row.on_hand.0.max(row.promised.0))
    }

    /// Ten bars: left edge, upper edge and height of each, in a picture of 60 by 16.
    fn bars(&self, minutes: &[i64; crate::dashboard::overview::MINUTES]) -> Vec<(usize, i64, i64)> {
        let most = minutes.iter().copied().max().unwrap_or(0).max(1);
        let height = |units: i64| if units == 0 { 1 } else { (units * 16 / most).max(2) };
        minutes.iter().enumerate().map(|(at, units)| (at * 6, 16 - height(*units), height(*units))).collect()
    }

    fn round_key(&self, row: &RoundRow) -> String {
        format!("{}:{}", row.round_id, row.point_id.map(|id| id.to_string()).unwrap_or_default())
    }
}

impl ElsewherePage {
    fn role(&self) -> String {
        self.frame.say(&self.staff.role.say()).to_owned()
    }

    fn is_volunteer(&self) -> bool {
        self.staff.role == Role::Volunteer
    }

    fn has_points(&self) -> bool {
        !self.staff.point_ids.is_empty()
    }
}
