//! A round's papers as PDF.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::http::{Api, Core, Id, Params, Problems, Result, routes};
use crate::kernel::ids::{AreaId, PointId, RoundId, VoucherId};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::PrintVouchers;
use crate::vouchers::print::stream;
use crate::vouchers::print::stream::Paper;
use crate::vouchers::service::papers as service;
use crate::vouchers::service::papers::{Papers, PapersQuery};

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(print_vouchers))
}

/// What is printed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PrintParams {
    /// `eight` a page with cut lines (when left out), `one` a page, `card` with stub, or `roster` (danh sách ký nhận).
    #[param(pattern = "^(eight|one|card|roster)$")]
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
/// Those that the login reaches. Whoever only looks on, such as an auditor, prints none: a paper is worth what it brings.
#[utoipa::path(get, path = "/rounds/{id}/vouchers.pdf", tag = "vouchers",
    params(("id" = RoundId, Path), PrintParams),
    responses((status = 200, description = "The file", content_type = "application/pdf", body = Vec<u8>), Problems))]
async fn print_vouchers(
    State(core): State<Core>,
    permit: Permit<PrintVouchers>,
    Id(id): Id<RoundId>,
    Params(params): Params<PrintParams>,
) -> Result<Response> {
    let paper = Paper::parse(params.layout.as_deref()).map_err(|wrong| wrong.at("layout"))?;
    let PrintParams { point_id, voucher_id, area_id, .. } = params;
    let mut conn = core.db.read().await?;
    let wanted = PapersQuery { paper, point_id, voucher_id, area_id };
    let Papers { round, point, ids } = service::papers(&mut conn, &permit, id, wanted).await?;
    let detail = json!({ "layout": paper.name(), "vouchers": ids.len(), "point_id": point_id });
    let body = stream::stream(&mut conn, &core, &round, paper, point.as_ref(), ids).await?;
    drop(conn);
    audit::record(&core, permit.actor(), Act::on("print", "round", id.0).with(detail)).await?;
    let kind = if paper == Paper::Roster { "danh-sach-ky-nhan" } else { "phieu" };
    let number = point.map(|point| format!("-diem-{}", point.number)).unwrap_or_default();
    let name = format!("inline; filename=\"{kind}-dot-{}{number}.pdf\"", round.number);
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}
