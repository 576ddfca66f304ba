//! Lots by their expiry day: what must be handed out first, and what has gone bad.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::http::{Core, Frame, PAGE_ROWS, Params, Result, Rows, Turn, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::store::listings::StockLot;
use crate::inventory::{choices, store};
use crate::kernel::Day;
use crate::people::rights::ReadStock;
use crate::people::{Right, Visitor};

/// Days ahead that are shown when nothing else is asked for.
const DAYS: i32 = 7;

/// `/stock/lots`.
pub(crate) fn router() -> Router<Core> {
    Router::new().route("/stock/lots", get(lots))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    point_id: String,
    days: String,
}

#[derive(Template)]
#[template(path = "inventory/lots.html")]
struct LotsPage {
    frame: Frame,
    rows: Rows<StockLot>,
    points: Vec<Choice>,
    today: Day,
    filtered: bool,
    may_move: bool,
}

impl LotsPage {
    fn spans(&self) -> [(&'static str, &'static str); 4] {
        [
            ("3", self.frame.t("3 ngày tới", "Within 3 days")),
            ("7", self.frame.t("7 ngày tới", "Within 7 days")),
            ("30", self.frame.t("30 ngày tới", "Within 30 days")),
            ("all", self.frame.t("Mọi lô hàng", "Every lot")),
        ]
    }

    fn is_span(&self, value: &str) -> bool {
        let asked = self.frame.parameter("days");
        asked == value || (asked.is_empty() && value == DAYS.to_string())
    }

    fn point(&self, lot: &StockLot) -> &str {
        name_of(&self.points, &lot.point_id.to_string())
    }

    fn expires(&self, lot: &StockLot) -> String {
        match Day::parse(&lot.expires_on) {
            Ok(day) => day.for_people(),
            Err(_) if lot.overdraft => {
                self.frame.t("Phát vượt sổ khi mất mạng", "Handed out beyond the books").to_owned()
            }
            Err(_) => self.frame.t("Không có hạn", "None").to_owned(),
        }
    }

    /// The class and the words of how long a lot lasts.
    fn state(&self, lot: &StockLot) -> (&'static str, String) {
        let Ok(day) = Day::parse(&lot.expires_on) else { return ("", String::new()) };
        let t = |vi, en| self.frame.t(vi, en);
        match day.days_since(self.today) {
            days @ ..0 => ("short", format!("{} {} {}", t("Đã hết hạn", "Expired"), -days, t("ngày", "days ago"))),
            0 => ("low", t("Hết hạn hôm nay", "Expires today").to_owned()),
            days @ 1..=3 => ("low", format!("{} {days} {}", t("Còn", "In"), t("ngày", "days"))),
            days => ("enough", format!("{} {days} {}", t("Còn", "In"), t("ngày", "days"))),
        }
    }

    fn is_expired(&self, lot: &StockLot) -> bool {
        Day::parse(&lot.expires_on).is_ok_and(|day| day < self.today)
    }
}

async fn lots(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let today = core.clock.today();
    let within = match wanted.days.as_str() {
        "all" => None,
        days => Some(days.parse().unwrap_or(DAYS).clamp(0, 36_500)),
    };
    let before = within.map(|days| today.plus_days(days + 1));
    let mut conn = core.db.snapshot().await?;
    let points = &visitor.permit.scope.points;
    let found = store::listings::lots(&mut conn, points, wanted.point_id.parse().ok(), None, before).await?;
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(turn.offset()).unwrap_or(usize::MAX);
    let shown = usize::try_from(PAGE_ROWS + 1).unwrap_or(usize::MAX);
    let page = LotsPage {
        rows: Rows::new(found.into_iter().skip(skipped).take(shown).collect(), &turn, Some(total)),
        points: choices::all_places(&mut conn, points).await?,
        today,
        filtered: visitor.frame.here.contains('='),
        may_move: visitor.may(Right::MoveStock),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}
