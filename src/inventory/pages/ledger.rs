//! The ledger (sổ kho): every line with what it is for, and what was left after it.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::moved::change;
use crate::http::workbook::{Cell, EXPORT_ROWS, Export};
use crate::http::{Core, Frame, Params, Result, Rows, Turn, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::reason::Reason;
use crate::inventory::store::listings::{LedgerFilter, LedgerLine};
use crate::inventory::{choices, store};
use crate::kernel::{Day, Quantity};
use crate::people::Visitor;
use crate::people::rights::ReadStock;

/// `/stock/entries`.
pub(crate) fn router() -> Router<Core> {
    Router::new().route("/stock/entries", get(entries)).route("/stock/entries/export.xlsx", get(export))
}

/// What the table is filtered by, as the address says it; what can't be read filters nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    point_id: String,
    item_id: String,
    source_id: String,
    reason: String,
    from: String,
    to: String,
}

impl ListQuery {
    fn filter(&self) -> LedgerFilter {
        LedgerFilter {
            point_id: self.point_id.parse().ok(),
            item_id: self.item_id.parse().ok(),
            source_id: self.source_id.parse().ok(),
            reason: self.reason.parse().ok(),
            from: Day::parse(&self.from).ok().map(Day::start),
            before: Day::parse(&self.to).ok().map(Day::end),
        }
    }
}

#[derive(Template)]
#[template(path = "inventory/entries.html")]
struct EntriesPage {
    frame: Frame,
    rows: Rows<LedgerLine>,
    points: Vec<Choice>,
    items: Vec<Choice>,
    balances: HashMap<Uuid, Quantity>,
    of_one_item: bool,
    filtered: bool,
}

impl EntriesPage {
    fn reasons(&self) -> Vec<(&'static str, String)> {
        Reason::ALL.iter().map(|reason| (reason.name(), self.frame.say(&reason.say()).to_owned())).collect()
    }

    fn reason(&self, line: &LedgerLine) -> String {
        reason(&self.frame, line)
    }

    fn point(&self, line: &LedgerLine) -> &str {
        name_of(&self.points, &line.point_id.to_string())
    }

    /// The record that a line was written for.
    fn source(&self, line: &LedgerLine) -> Option<String> {
        let id = line.source_id;
        match line.reason.parse().ok()? {
            Reason::Donation => (!line.taken_back).then(|| format!("/donations/{id}")),
            Reason::Transfer => Some(format!("/stock/transfers/{id}")),
            Reason::Redemption | Reason::Reversal => line.voucher_id.map(|id| format!("/vouchers/{id}")),
            Reason::Spoiled | Reason::Counted | Reason::Lost | Reason::Other => {
                Some(format!("/stock/adjustments/{id}"))
            }
        }
    }

    fn change(&self, line: &LedgerLine) -> String {
        change(&self.frame, &line.quantity, line.decimals)
    }

    fn balance(&self, line: &LedgerLine) -> String {
        self.balances.get(&line.id).map_or_else(String::new, |left| self.frame.amount(left, line.decimals))
    }
}

fn reason(frame: &Frame, line: &LedgerLine) -> String {
    line.reason.parse::<Reason>().map_or_else(|()| line.reason.clone(), |reason| frame.say(&reason.say()).to_owned())
}

async fn entries(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let filter = wanted.filter();
    let mut conn = core.db.snapshot().await?;
    let points = &visitor.permit.scope.points;
    let found = store::listings::ledger(&mut conn, filter, points, (turn.limit(), turn.offset())).await?;
    let rows = Rows::new(found, &turn, None);
    let balances = match filter.item_id {
        None => HashMap::new(),
        Some(item_id) => {
            let ids: Vec<Uuid> = rows.items.iter().map(|line| line.id).collect();
            let left = store::listings::balances(&mut conn, item_id, filter.point_id, points, &ids).await?;
            left.into_iter().collect()
        }
    };
    let page = EntriesPage {
        rows,
        points: choices::all_places(&mut conn, points).await?,
        items: choices::items(&mut conn).await?,
        balances,
        of_one_item: filter.item_id.is_some(),
        filtered: visitor.frame.here.contains('='),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

/// The columns: Vietnamese, English, width in characters.
const COLUMNS: [(&str, &str, f64); 8] = [
    ("Ngày", "Day", 12.0),
    ("Giờ", "Time", 8.0),
    ("Điểm hoặc kho", "Point", 30.0),
    ("Mặt hàng", "Item", 30.0),
    ("Đơn vị tính", "Unit", 10.0),
    ("Thay đổi", "Change", 14.0),
    ("Lý do", "Reason", 20.0),
    ("Hạn sử dụng", "Expires", 12.0),
];

async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
) -> Result<Response> {
    let frame = visitor.frame;
    let mut conn = core.db.snapshot().await?;
    let own = &visitor.permit.scope.points;
    let found = store::listings::ledger(&mut conn, wanted.filter(), own, (EXPORT_ROWS, 0)).await?;
    let points = choices::all_places(&mut conn, own).await?;
    let mut export = Export::new(frame.lang, frame.t("Sổ kho", "Ledger"), &COLUMNS)?;
    for line in found {
        let expires = Day::parse(&line.expires_on).map_or(Cell::Empty, |day| day.for_people().into());
        export.row(&[
            line.at.day().for_people().into(),
            line.at.clock_time().into(),
            name_of(&points, &line.point_id.to_string()).into(),
            line.name.as_str().into(),
            line.unit.as_str().into(),
            Cell::amount(line.quantity, line.decimals),
            reason(&frame, &line).into(),
            expires,
        ])?;
    }
    export.answer("so-kho.xlsx")
}
