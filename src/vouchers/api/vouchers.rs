//! Single vouchers: listed, found, shown as pictures, voided, reissued.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Error, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::Message;
use crate::kernel::ids::{PointId, RoundId, VoucherId};
use crate::kernel::message::Invalid;
use crate::paper::qr::{DEFAULT_SCALE, Level, MAX_SCALE, Matrix};
use crate::people::Permit;
use crate::people::rights::{PrintVouchers, ReadVouchers, WriteVouchers};
use crate::vouchers::reach::seen_voucher;
use crate::vouchers::service::vouchers as service;
use crate::vouchers::typed_code::TypedCode;
use crate::vouchers::voucher::{FoundView, ReasonBody, VoucherDetail, VoucherStatus, VoucherView, parse_reason};

pub(crate) fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(list_vouchers))
        .routes(routes!(find_vouchers))
        .routes(routes!(get_voucher))
        .routes(routes!(voucher_svg))
        .routes(routes!(voucher_png))
        .routes(routes!(void_voucher))
        .routes(routes!(reissue_voucher))
}

/// Which of a round's vouchers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Only those of this point.
    point_id: Option<PointId>,
    /// Only those in this state.
    status: Option<VoucherStatus>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The vouchers of a round, by serial
///
/// Those that the login reaches.
#[utoipa::path(get, path = "/rounds/{id}/vouchers", tag = "vouchers", params(("id" = RoundId, Path), ListParams),
    responses((status = 200, description = "A page of vouchers", body = Listing<VoucherView>), Problems))]
async fn list_vouchers(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Id(id): Id<RoundId>,
    Params(params): Params<ListParams>,
) -> Result<Json<Listing<VoucherView>>> {
    let cursor = Page { limit: params.limit, after: params.after }.cursor()?;
    let filter = (params.point_id, params.status);
    let vouchers = service::page(&mut core.db.read().await?, &permit, id, filter, cursor).await?;
    Ok(Json(Listing::new(vouchers, cursor, |voucher| voucher.id.0)))
}

/// Which voucher is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FindParams {
    /// A typed code, as printed or as people type it.
    typed_code: Option<String>,
}

/// Find a voucher by its typed code
#[utoipa::path(get, path = "/vouchers", tag = "vouchers", params(FindParams),
    responses((status = 200, description = "The voucher, if there is one", body = Listing<FoundView>), Problems))]
async fn find_vouchers(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Params(params): Params<FindParams>,
) -> Result<Json<Listing<FoundView>>> {
    let text = params.typed_code.ok_or_else(|| {
        Invalid::fixed("required", "Nhập mã 10 ký tự trên phiếu (typed_code).", "Give the 10 symbols (typed_code).")
    });
    let typed = text.and_then(|text| TypedCode::parse(&text)).map_err(|wrong| wrong.at("typed_code"))?;
    let found = service::by_typed_code(&mut core.db.read().await?, &permit, typed).await?;
    Ok(Json(Listing { items: found.into_iter().collect(), next: None }))
}

/// One voucher
#[utoipa::path(get, path = "/vouchers/{id}", tag = "vouchers", params(("id" = VoucherId, Path)),
    responses((status = 200, description = "The voucher", body = VoucherDetail), Problems))]
async fn get_voucher(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Id(id): Id<VoucherId>,
) -> Result<Json<VoucherDetail>> {
    service::reachable(&mut core.db.read().await?, &permit, id).await.map(Json)
}

async fn matrix(core: &Core, permit: &Permit<PrintVouchers>, id: VoucherId) -> Result<Matrix> {
    let row = seen_voucher(&mut core.db.read().await?, permit, id).await?;
    Matrix::encode(&row.code()?, Level::M).map_err(|error| Error::Internal(Box::new(error)))
}

/// A voucher's code as an SVG picture
#[utoipa::path(get, path = "/vouchers/{id}/qr.svg", tag = "vouchers", params(("id" = VoucherId, Path)),
    responses((status = 200, description = "The picture", content_type = "image/svg+xml", body = String), Problems))]
async fn voucher_svg(
    State(core): State<Core>,
    permit: Permit<PrintVouchers>,
    Id(id): Id<VoucherId>,
) -> Result<Response> {
    let matrix = matrix(&core, &permit, id).await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")], matrix.svg()).into_response())
}

/// How large a picture is.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PngParams {
    /// Dots of a module, 1 to 50 (8 when left out: 33 mm at 300 dpi).
    #[param(minimum = 1, maximum = 50)]
    scale: Option<usize>,
}

/// A voucher's code as a 1-bit PNG picture
#[utoipa::path(get, path = "/vouchers/{id}/qr.png", tag = "vouchers", params(("id" = VoucherId, Path), PngParams),
    responses((status = 200, description = "The picture", content_type = "image/png", body = Vec<u8>), Problems))]
async fn voucher_png(
    State(core): State<Core>,
    permit: Permit<PrintVouchers>,
    Id(id): Id<VoucherId>,
    Params(params): Params<PngParams>,
) -> Result<Response> {
    let scale = params.scale.unwrap_or(DEFAULT_SCALE);
    if !(1..=MAX_SCALE).contains(&scale) {
        let say = Message::new(
            format!("scale phải từ 1 đến {MAX_SCALE} điểm ảnh mỗi ô."),
            format!("scale is from 1 to {MAX_SCALE} dots a module."),
        );
        return Err(Error::field("scale", "out_of_range", say));
    }
    let matrix = matrix(&core, &permit, id).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], matrix.png(scale)).into_response())
}

/// Void a voucher; doing it again changes nothing
#[utoipa::path(post, path = "/vouchers/{id}/void", tag = "vouchers", params(("id" = VoucherId, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The voucher as it is now", body = VoucherDetail), Problems))]
async fn void_voucher(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<VoucherId>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<VoucherDetail>> {
    let reason = parse_reason(&body.reason)?;
    core.run(async |tx| service::void(tx, &core, &permit, id, reason).await).await.map(Json)
}

/// Replace a voucher's paper: the old one answers `superseded`
#[utoipa::path(post, path = "/vouchers/{id}/reissue", tag = "vouchers", params(("id" = VoucherId, Path), IdempotencyKey),
    request_body = ReasonBody,
    responses((status = 200, description = "The voucher with its new paper", body = VoucherDetail), Problems))]
async fn reissue_voucher(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<VoucherId>,
    create: CreateBody<ReasonBody>,
) -> Result<Answer> {
    let reason = parse_reason(&create.body.reason)?;
    core.run_once(&create.once, permit.id.0, StatusCode::OK, async |tx| {
        service::reissue(tx, &core, &permit, id, reason).await
    })
    .await
}
