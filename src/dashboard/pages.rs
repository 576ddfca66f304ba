//! `GET /`: the overview, like an operations room. It is whole without any script; `live.js` keeps its numbers new.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::live::look;
use super::{Enough, Figures, RoundRow, RoundState, StockRow};
use crate::goods::scope::Scope;
use crate::kernel::Quantity;
use crate::kernel::money::group_thousands;
use crate::people::{Right, Role, Staff, Visitor};
use crate::web::{Core, Frame, Result, show};

/// The overview.
pub fn router() -> Router<Core> {
    Router::new().route("/", get(overview))
}

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    frame: Frame,
    figures: Figures,
    total: Total,
    may_plan: bool,
}

#[derive(Template)]
#[template(path = "dashboard/elsewhere.html")]
struct ElsewherePage {
    frame: Frame,
    staff: Staff,
}

/// The few numbers that decide something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    vouchers: i64,
    served: i64,
    possible: i64,
    missing: i64,
    waiting: i64,
    per_minute: [i64; super::MINUTES],
}

async fn overview(State(core): State<Core>, Visitor { staff, frame }: Visitor) -> Result<Response> {
    if !staff.role.may(Right::ReadStock) {
        return show(StatusCode::OK, &ElsewherePage { frame, staff });
    }
    let scope = Scope::of(&mut core.db.read().await?, &staff).await?;
    let figures = look(&core).await?.within(&scope);
    let total = Total::of(&figures);
    show(StatusCode::OK, &OverviewPage { frame, figures, total, may_plan: staff.role.may(Right::WriteVouchers) })
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

    fn is_empty(&self) -> bool {
        self.figures.stock.items.is_empty() && self.figures.redemption.rounds.is_empty()
    }

    fn clock(&self) -> String {
        self.figures.at.clock_time()
    }

    fn day(&self) -> String {
        self.figures.at.day().for_people()
    }

    fn enough(&self, state: &Enough) -> &'static str {
        match state {
            Enough::Enough => self.frame.t("Đủ", "Enough"),
            Enough::Low => self.frame.t("Sắp hết", "Low"),
            Enough::Short => self.frame.t("Thiếu", "Short"),
            Enough::Out => self.frame.t("Hết", "Out"),
        }
    }

    fn doing(&self, state: &RoundState) -> &'static str {
        match state {
            RoundState::Ahead => self.frame.t("Chưa đến giờ", "Not yet"),
            RoundState::Running => self.frame.t("Đang phát", "Handing out"),
            RoundState::Paused => self.frame.t("Tạm dừng", "Paused"),
            RoundState::Over => self.frame.t("Đã hết giờ", "Over"),
        }
    }

    /// Rows of the same point stand under one heading.
    fn begins_point(&self, index: &usize) -> bool {
        let items = &self.figures.stock.items;
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
    fn bars(&self, minutes: &[i64; super::MINUTES]) -> Vec<(usize, i64, i64)> {
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
}
