//! `/redemptions`: every scan, searched by point, round, day and what came of it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::words::{short, source};
use crate::http::workbook::{EXPORT_ROWS, Export};
use crate::http::{Core, Frame, Params, Result, Rows, Turn, show};
use crate::kernel::Day;
use crate::people::Visitor;
use crate::people::audit::{self, Act};
use crate::people::rights::ReadRedemptions;
use crate::places::{PointKind, store as places};
use crate::redemption::history::store;
use crate::redemption::history::view::{Kind, ScanFilter, ScanView};
use crate::redemption::outcome::Outcome;
use crate::vouchers::store::listings;

/// Points and rounds that the filters offer at most.
const CHOICES_MAX: i64 = 500;

pub fn router() -> Router<Core> {
    Router::new().route("/redemptions", get(scans)).route("/redemptions/export.xlsx", get(export))
}

/// Which scans. Empty texts ask for nothing.
#[derive(Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    point_id: String,
    #[serde(default)]
    round_id: String,
    /// A kind, or an outcome's name.
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    day: String,
}

fn wanted(visitor: &Visitor<ReadRedemptions>, filter: &Filter) -> ScanFilter {
    ScanFilter {
        kind: Kind::parse(&filter.outcome),
        outcome: Outcome::from_name(&filter.outcome),
        point_id: filter.point_id.parse().ok(),
        round_id: filter.round_id.parse().ok(),
        day: Day::parse(&filter.day).ok(),
        points: visitor.permit.scope.points.clone(),
    }
}

#[derive(Template)]
#[template(path = "redemption/scans.html")]
struct ScansPage {
    frame: Frame,
    rows: Rows<ScanView>,
    filter: Filter,
    points: Vec<(String, String)>,
    rounds: Vec<(String, String)>,
    export: String,
}

/// Refusals that people ask for by name.
const REFUSALS: [Outcome; 8] = [
    Outcome::AlreadyRedeemed,
    Outcome::WrongPoint,
    Outcome::WrongSlot,
    Outcome::OutOfStock,
    Outcome::Unknown,
    Outcome::BadSignature,
    Outcome::TooSoon,
    Outcome::RoundClosed,
];

impl ScansPage {
    fn outcomes(&self) -> Vec<(&'static str, String)> {
        let kind = |kind: Kind| {
            let label = match kind {
                Kind::All => self.frame.t("Tất cả", "All"),
                Kind::HandedOut => self.frame.t("Đã phát", "Handed out"),
                Kind::Refused => self.frame.t("Bị từ chối", "Refused"),
                Kind::Undone => self.frame.t("Đã hoàn tác", "Undone"),
            };
            (kind.name(), label.to_owned())
        };
        let refusal = |outcome: Outcome| (outcome.name(), self.frame.say(&short(outcome)).to_owned());
        Kind::ALL.into_iter().map(kind).chain(REFUSALS.into_iter().map(refusal)).collect()
    }

    fn is(&self, chosen: &str, value: &str) -> bool {
        chosen == value
    }

    fn short(&self, scan: &ScanView) -> String {
        self.frame.say(&short(scan.outcome)).to_owned()
    }

    fn source(&self, scan: &ScanView) -> String {
        self.frame.say(&source(scan.source)).to_owned()
    }

    fn is_filtered(&self) -> bool {
        let Filter { point_id, round_id, outcome, day } = &self.filter;
        [point_id, round_id, outcome, day].iter().any(|text| !text.is_empty())
    }
}

async fn scans(
    State(core): State<Core>,
    visitor: Visitor<ReadRedemptions>,
    Params(turn): Params<Turn>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let wanted = wanted(&visitor, &filter);
    let found = store::told(&mut conn, &wanted, turn.limit(), turn.offset()).await?;
    let points = places::listed_points(&mut conn, &wanted.points, true, CHOICES_MAX, 0).await?.into_iter();
    let points = points.filter(|point| point.kind == PointKind::Distribution);
    let rounds = listings::rounds(&mut conn, &wanted.points, None, CHOICES_MAX, 0).await?.into_iter();
    let query = visitor.frame.here.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let page = ScansPage {
        frame: visitor.frame,
        rows: Rows::new(found, &turn, None),
        filter,
        points: points.map(|point| (point.id.to_string(), point.name)).collect(),
        rounds: rounds.map(|round| (round.id.to_string(), round.name)).collect(),
        export: format!("/redemptions/export.xlsx{query}"),
    };
    show(StatusCode::OK, &page)
}

async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadRedemptions>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let wanted = wanted(&visitor, &filter);
    let found = store::told(&mut conn, &wanted, EXPORT_ROWS, 0).await?;
    drop(conn);
    let act = Act::many("export", "redemption", json!({ "rows": found.len() }));
    audit::record(&core, visitor.permit.actor(), act).await?;
    let frame = &visitor.frame;
    let columns = [
        ("Lúc", "When", 18.0),
        ("Kết quả", "Answer", 18.0),
        ("Chủ hộ", "Household", 28.0),
        ("Đợt phát", "Round", 24.0),
        ("Số phiếu", "Serial", 10.0),
        ("Suất", "Packages", 8.0),
        ("Điểm phát quà", "Point", 28.0),
        ("Bàn", "Desk", 8.0),
        ("Ai phát", "By", 20.0),
        ("Cách ghi", "How", 18.0),
        ("Người nhận thay", "Collected by", 24.0),
        ("Đã hoàn tác lúc", "Undone at", 18.0),
        ("Lý do", "Reason", 30.0),
    ];
    let mut export = Export::new(frame.lang, frame.t("Lượt nhận", "Handovers"), &columns)?;
    for scan in found {
        export.row(&[
            scan.scanned_at.for_people().into(),
            frame.say(&short(scan.outcome)).into(),
            scan.head_name.clone().into(),
            scan.round.clone().into(),
            scan.serial.into(),
            scan.units.into(),
            scan.point.clone().into(),
            scan.desk.clone().into(),
            scan.hands().into(),
            frame.say(&source(scan.source)).into(),
            scan.collector(frame).into(),
            scan.reversed_at.map(|at| at.for_people()).into(),
            scan.reversal_reason.or(scan.override_reason).into(),
        ])?;
    }
    export.answer("luot-nhan.xlsx")
}
