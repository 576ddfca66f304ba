//! Adjustments: the table, a new one (spoiled, lost, another reason), and one of them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::moved::{booked_by, change, summary};
use super::offers::{Offer, begun_with, offers, point_of};
use crate::db::Conn;
use crate::http::{Core, Form, Frame, Id, Params, Result, Rows, Turn, at_rows, see_other, show};
use crate::inventory::adjustment::{Adjustment, AdjustmentLineBody, NewAdjustment, NewAdjustmentBody};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::lines::MovedLine;
use crate::inventory::reason::AdjustmentReason;
use crate::inventory::service::adjustments as service;
use crate::inventory::store::catalogue::items_by_name;
use crate::inventory::store::records;
use crate::inventory::{Item, choices, quantities};
use crate::kernel::ids::{AdjustmentId, PointId};
use crate::kernel::{Day, Quantity, Validation};
use crate::people::rights::{MoveStock, ReadStock};
use crate::people::{Right, Visitor};

/// `/stock/adjustments`.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/stock/adjustments", get(adjustments))
        .route("/stock/adjustments/new", get(new_adjustment).post(create_adjustment))
        .route("/stock/adjustments/{id}", get(adjustment))
}

#[derive(Template)]
#[template(path = "inventory/adjustments.html")]
struct AdjustmentsPage {
    frame: Frame,
    rows: Rows<Adjustment>,
    points: Vec<Choice>,
    filtered: bool,
    may_move: bool,
}

impl AdjustmentsPage {
    fn point(&self, id: &PointId) -> &str {
        name_of(&self.points, &id.to_string())
    }

    fn reason(&self, adjustment: &Adjustment) -> String {
        reason(&self.frame, adjustment)
    }

    fn summary(&self, lines: &[MovedLine]) -> String {
        if lines.is_empty() {
            return self.frame.t("Khớp sổ, không có chênh lệch", "Everything was there").to_owned();
        }
        summary(&self.frame, lines)
    }
}

fn reason(frame: &Frame, adjustment: &Adjustment) -> String {
    frame.say(&adjustment.reason.reason().say()).to_owned()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    point_id: String,
}

async fn adjustments(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let (points, part) = (&visitor.permit.scope.points, (turn.limit(), turn.offset()));
    let found = records::newest_adjustments(&mut conn, points, wanted.point_id.parse().ok(), part).await?;
    let page = AdjustmentsPage {
        rows: Rows::new(found, &turn, None),
        points: choices::all_places(&mut conn, points).await?,
        filtered: visitor.frame.here.contains('='),
        may_move: visitor.may(Right::MoveStock),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "inventory/adjustment-new.html")]
struct NewAdjustmentPage {
    frame: Frame,
    form: Form,
    points: Vec<Choice>,
    offers: Vec<Offer>,
}

impl NewAdjustmentPage {
    /// What happened, and which way the books change.
    fn whys(&self) -> [(&'static str, &'static str); 4] {
        [
            ("spoiled", self.frame.t("Hàng hỏng: bớt đi", "Spoiled: taken away")),
            ("lost", self.frame.t("Thất lạc: bớt đi", "Lost: taken away")),
            ("other", self.frame.t("Lý do khác: bớt đi", "Another reason: taken away")),
            (MORE, self.frame.t("Lý do khác: thêm vào", "Another reason: added")),
        ]
    }

    fn point(&self) -> &str {
        name_of(&self.points, self.form.value("point_id"))
    }
}

/// The choice that adds to the books; every other one takes away.
const MORE: &str = "more";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Begun {
    point_id: String,
    item_id: String,
    quantity: String,
    reason: String,
}

async fn new_adjustment(
    State(core): State<Core>,
    visitor: Visitor<MoveStock>,
    Params(begun): Params<Begun>,
) -> Result<Response> {
    let reason = if begun.reason.is_empty() { "spoiled" } else { begun.reason.as_str() };
    let form = Form::fresh(&core).with("point_id", &begun.point_id).with("reason", reason);
    let form = begun_with(form, &begun.item_id, &begun.quantity);
    show_new_adjustment(&core, &mut core.db.snapshot().await?, visitor, StatusCode::OK, form).await
}

async fn show_new_adjustment(
    core: &Core,
    conn: &mut Conn,
    visitor: Visitor<MoveStock>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let own = &visitor.permit.scope.points;
    let point = point_of(&form, "point_id", own);
    let offers = offers(core, conn, own, &form, point, |row| row.level.on_hand.0 > 0).await?;
    let points = choices::places(conn, own).await?;
    show(status, &NewAdjustmentPage { frame: visitor.frame, form, points, offers })
}

fn body_of(form: &Form, rows: &[usize], items: &[Item]) -> Result<NewAdjustmentBody> {
    let mut fields = Validation::new();
    let point_id = fields.take("point_id", form.chosen("point_id"));
    let reason = match form.value("reason") {
        MORE => Some(AdjustmentReason::Other),
        _ => fields.take("reason", form.chosen("reason")),
    };
    let sign = if form.value("reason") == MORE { 1 } else { -1 };
    let lines = quantities::quantities(form, &mut fields, ("lines", "quantity"), rows, items);
    let (point_id, reason) = fields.all((point_id, reason))?;
    let line = |(item_id, quantity): (_, Quantity)| AdjustmentLineBody { item_id, quantity: sign * quantity.0 };
    let lines = lines.into_iter().map(line).collect();
    Ok(NewAdjustmentBody { point_id, reason, note: form.text("note"), lines })
}

async fn create_adjustment(State(core): State<Core>, visitor: Visitor<MoveStock>, form: Form) -> Result<Response> {
    let rows = form.filled_rows("lines", &["quantity"]);
    let items = items_by_name(&mut core.db.read().await?).await?;
    // The body holds the filled rows only.
    let at = |error| at_rows(error, "lines", &rows);
    let created = async {
        let new = NewAdjustment::parse(body_of(&form, &rows, &items)?).map_err(at)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core, &visitor.permit, new).await
        })
        .await
        .map_err(at)
    };
    match created.await {
        Ok(answer) => Ok(see_other(&format!("/stock/adjustments/{}?done=adjusted", answer.id()?))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_adjustment(&core, &mut core.db.snapshot().await?, visitor, status, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "inventory/adjustment.html")]
struct AdjustmentPage {
    frame: Frame,
    adjustment: Adjustment,
    point: String,
    by: String,
}

impl AdjustmentPage {
    fn reason(&self) -> String {
        reason(&self.frame, &self.adjustment)
    }

    fn change(&self, line: &MovedLine) -> String {
        change(&self.frame, &line.quantity, line.decimals)
    }

    fn expires(&self, line: &MovedLine) -> String {
        line.expires_on.0.map_or_else(|| "–".to_owned(), Day::for_people)
    }
}

async fn adjustment(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Id(id): Id<AdjustmentId>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let adjustment = service::reachable(&mut conn, &visitor.permit, id).await?;
    let points = choices::all_places(&mut conn, &visitor.permit.scope.points).await?;
    let by = booked_by(&mut conn, adjustment.created_by).await?;
    let point = name_of(&points, &adjustment.point_id.to_string()).to_owned();
    show(StatusCode::OK, &AdjustmentPage { frame: visitor.frame, adjustment, point, by })
}
