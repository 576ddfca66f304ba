//! A round's papers as PDF.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::db::Conn;
use crate::http::{Api, Core, Error, Id, Params, Problems, Result, routes};
use crate::kernel::ids::{AreaId, PointId, RoundId, VoucherId};
use crate::kernel::{Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::ReadVouchers;
use crate::people::{Permit, Staff};
use crate::places;
use crate::places::{AreaScope, Point, require_area};
use crate::vouchers::print::stream;
use crate::vouchers::print::stream::Paper;
use crate::vouchers::round::Round;
use crate::vouchers::store::{print as store, rounds};

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(print_vouchers))
}

/// What is printed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PrintParams {
    /// `eight` a page with cut lines (when left out), `one` a page, `card` with stub, or `roster` (danh sách ký nhận).
    layout: Option<String>,
    /// Only vouchers of this point. A roster of a round with several points needs it.
    point_id: Option<PointId>,
    /// Only this voucher.
    voucher_id: Option<VoucherId>,
    /// Only households of this area and of all areas in it.
    area_id: Option<AreaId>,
}

/// A round's issued vouchers as PDF, by point, slot, area and serial
///
/// Those that the login reaches.
#[utoipa::path(get, path = "/rounds/{id}/vouchers.pdf", tag = "vouchers",
    params(("id" = RoundId, Path), PrintParams),
    responses((status = 200, description = "The file", content_type = "application/pdf", body = Vec<u8>), Problems))]
async fn print_vouchers(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Id(id): Id<RoundId>,
    Params(params): Params<PrintParams>,
) -> Result<Response> {
    let mut fields = Validation::new();
    let paper = fields.take("layout", Paper::parse(params.layout.as_deref()));
    fields.finish()?;
    let Some(paper) = paper else { return Err(Error::NotFound) };
    let mut conn = core.db.read().await?;
    let round = crate::vouchers::reach::seen_round(&mut conn, &permit.scope.points, id).await?;
    params.point_id.map_or(Ok(()), |point_id| permit.require_point(point_id))?;
    let point = point(&mut conn, &round, paper, params.point_id).await?;
    let areas = areas(&mut conn, &permit, params.area_id).await?;
    // Vouchers that count anywhere belong to the papers of each point.
    let only_point = params.point_id.filter(|_| !round.any_point);
    let places =
        store::to_print(&mut conn, id, (only_point, params.voucher_id), areas.as_deref(), &permit.named_points())
            .await?;
    let ids = stream::in_order(&mut conn, places).await?;
    let detail = json!({ "layout": paper.name(), "vouchers": ids.len(), "point_id": params.point_id });
    let body = stream::stream(&mut conn, &core, &round, paper, point.as_ref(), ids).await?;
    drop(conn);
    audit::record(&core, permit.actor(), Act::on("print", "round", id.0).with(detail)).await?;
    let kind = if paper == Paper::Roster { "danh-sach-ky-nhan" } else { "phieu" };
    let number = point.map(|point| format!("-diem-{}", point.number)).unwrap_or_default();
    let name = format!("inline; filename=\"{kind}-dot-{}{number}.pdf\"", round.number);
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

/// The point that is meant: the given one, or the only one of a round whose roster is asked for.
async fn point(conn: &mut Conn, round: &Round, paper: Paper, given: Option<PointId>) -> Result<Option<Point>> {
    let of_round = rounds::points_of(conn, &[round.id]).await?;
    let point_id = match (given, of_round.as_slice()) {
        (Some(id), _) if of_round.iter().any(|(_, point_id)| *point_id == id) => id,
        (Some(_), _) => {
            return Err(Error::field(
                "point_id",
                "not_in_round",
                Message::fixed(
                    "Điểm này không thuộc đợt phát. Hãy chọn một điểm của đợt.",
                    "This point does not belong to the round. Choose one that does.",
                ),
            ));
        }
        (None, [(_, only)]) => *only,
        (None, _) if paper == Paper::Roster && !round.any_point => {
            return Err(Error::field(
                "point_id",
                "required",
                Message::fixed(
                    "Đợt này có nhiều điểm phát. Chọn điểm (point_id) để in danh sách ký nhận của điểm đó.",
                    "This round has several points. Choose one (point_id) to print its list.",
                ),
            ));
        }
        (None, _) => return Ok(None),
    };
    Ok(places::store::point(conn, point_id).await?)
}

/// The areas that are asked for, inside those that the login sees.
async fn areas(conn: &mut Conn, staff: &Staff, given: Option<AreaId>) -> Result<Option<Vec<AreaId>>> {
    let scope = AreaScope::of(staff);
    let Some(area_id) = given else { return Ok(scope.ids()) };
    require_area(conn, "area_id", area_id).await?;
    scope.require(area_id)?;
    Ok(Some(places::store::subtree(conn, area_id).await?))
}
