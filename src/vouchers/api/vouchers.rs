//! Single vouchers: listed, found, shown as pictures, voided, reissued.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::db::Conn;
use crate::http::{
    Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::ids::{PointId, RoundId, VoucherId};
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Validation};
use crate::paper::qr::{DEFAULT_SCALE, Level, MAX_SCALE, Matrix};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadVouchers, WriteVouchers};
use crate::people::{Permit, Staff};
use crate::places::AreaScope;
use crate::vouchers::reissue;
use crate::vouchers::store::vouchers::{Filter, ReplacedPaper};
use crate::vouchers::store::{rounds, vouchers as store};
use crate::vouchers::typed_code::TypedCode;
use crate::vouchers::voucher::{VoucherRow, VoucherStatus, VoucherView};

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
    let mut conn = core.db.read().await?;
    let round = crate::vouchers::reach::seen_round(&mut conn, &permit.scope.points, id).await?;
    let (areas, points) = (AreaScope::of(&permit).ids(), permit.named_points());
    let filter = Filter { point_id: params.point_id, status: params.status, areas, points };
    let rows = store::page(&mut conn, id, round.number, &filter, cursor).await?;
    let views = rows.into_iter().map(VoucherView::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Json(Listing::new(views, cursor, |voucher| voucher.id.0)))
}

/// Which voucher is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FindParams {
    /// A typed code, as printed or as people type it.
    typed_code: Option<String>,
}

/// A voucher that was looked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FoundView {
    /// The voucher with its present paper.
    #[serde(flatten)]
    voucher: VoucherView,
    /// Whether the typed code is that of a paper that was replaced.
    superseded: bool,
}

/// Find a voucher by its typed code
#[utoipa::path(get, path = "/vouchers", tag = "vouchers", params(FindParams),
    responses((status = 200, description = "The voucher, if there is one", body = Listing<FoundView>), Problems))]
async fn find_vouchers(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Params(params): Params<FindParams>,
) -> Result<Json<Listing<FoundView>>> {
    let mut fields = Validation::new();
    fields.check("typed_code", params.typed_code.is_some(), || {
        Invalid::fixed("required", "Nhập mã 10 ký tự trên phiếu (typed_code).", "Give the 10 symbols (typed_code).")
    });
    let typed = fields.take_optional("typed_code", params.typed_code, |text| TypedCode::parse(&text));
    fields.finish()?;
    let Some(typed) = typed else { return Err(Error::NotFound) };
    let mut conn = core.db.read().await?;
    let mut items = Vec::new();
    if let Some(id) = store::by_typed_code(&mut conn, typed.as_str()).await? {
        match visible(&mut conn, &permit, id).await {
            Ok(row) => {
                let superseded = row.typed_code != typed.as_str();
                items.push(FoundView { voucher: row.try_into()?, superseded });
            }
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Json(Listing { items, next: None }))
}

/// A voucher that this login reaches: of a household in its areas and, when its points were named one by one, one that
/// counts at one of them. That there is another is nobody's to know.
pub(crate) async fn visible(conn: &mut Conn, staff: &Staff, id: VoucherId) -> Result<VoucherRow> {
    let row = store::one(conn, id).await?.ok_or(Error::NotFound)?;
    let named = staff.named_points();
    let counts_here = match row.point_id {
        _ if named.is_all() => true,
        Some(point_id) => named.holds(point_id),
        None => named.holds_one(rounds::points_of(conn, &[row.round_id]).await?.into_iter().map(|(_, id)| id)),
    };
    if counts_here && AreaScope::of(staff).holds(row.area_id) { Ok(row) } else { Err(Error::NotFound) }
}

/// A voucher with its history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct VoucherDetail {
    /// The voucher.
    #[serde(flatten)]
    voucher: VoucherView,
    /// Its papers that were replaced, oldest first.
    replaced_papers: Vec<ReplacedPaper>,
}

async fn detail(conn: &mut Conn, row: VoucherRow) -> Result<VoucherDetail> {
    let replaced_papers = store::replaced(conn, row.id).await?;
    Ok(VoucherDetail { voucher: row.try_into()?, replaced_papers })
}

/// One voucher
#[utoipa::path(get, path = "/vouchers/{id}", tag = "vouchers", params(("id" = VoucherId, Path)),
    responses((status = 200, description = "The voucher", body = VoucherDetail), Problems))]
async fn get_voucher(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Id(id): Id<VoucherId>,
) -> Result<Json<VoucherDetail>> {
    let mut conn = core.db.read().await?;
    let row = visible(&mut conn, &permit, id).await?;
    Ok(Json(detail(&mut conn, row).await?))
}

async fn matrix(core: &Core, permit: &Permit<ReadVouchers>, id: VoucherId) -> Result<Matrix> {
    let row = visible(&mut core.db.read().await?, permit, id).await?;
    Matrix::encode(&row.code()?, Level::M).map_err(|error| Error::Internal(Box::new(error)))
}

/// A voucher's code as an SVG picture
#[utoipa::path(get, path = "/vouchers/{id}/qr.svg", tag = "vouchers", params(("id" = VoucherId, Path)),
    responses((status = 200, description = "The picture", content_type = "image/svg+xml", body = String), Problems))]
async fn voucher_svg(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
    Id(id): Id<VoucherId>,
) -> Result<Response> {
    let matrix = matrix(&core, &permit, id).await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], matrix.svg()).into_response())
}

/// How large a picture is.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PngParams {
    /// Dots of a module, 1 to 50 (8 when left out: 33 mm at 300 dpi).
    scale: Option<usize>,
}

/// A voucher's code as a 1-bit PNG picture
#[utoipa::path(get, path = "/vouchers/{id}/qr.png", tag = "vouchers", params(("id" = VoucherId, Path), PngParams),
    responses((status = 200, description = "The picture", content_type = "image/png", body = Vec<u8>), Problems))]
async fn voucher_png(
    State(core): State<Core>,
    permit: Permit<ReadVouchers>,
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

/// Why a paper counts no more.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Hộ đã chuyển đi nơi khác"}))]
pub(crate) struct ReasonBody {
    /// 3 to 300 characters.
    pub(crate) reason: String,
}

impl ReasonBody {
    fn check(&self) -> Result<String> {
        let mut fields = Validation::new();
        let reason = fields.take("reason", audit::parse_reason(&self.reason));
        fields.finish()?;
        Ok(reason.unwrap_or_default())
    }
}

/// Void a voucher; doing it again changes nothing
#[utoipa::path(post, path = "/vouchers/{id}/void", tag = "vouchers", params(("id" = VoucherId, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The voucher as it is now", body = VoucherDetail), Problems))]
pub(crate) async fn void_voucher(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<VoucherId>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<VoucherDetail>> {
    let reason = body.check()?;
    let mut tx = core.db.begin().await?;
    let row = reissue::locked(&mut tx, id).await?;
    visible(&mut tx, &permit, id).await?;
    let changed = reissue::void(&mut tx, &core, &row, reason, permit.id).await?;
    let now = store::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let answer = detail(&mut tx, now).await?;
    if changed {
        audit::append(&mut tx, &core.clock, permit.actor(), Act::on("void", "voucher", id.0)).await?;
    }
    tx.commit().await?;
    core.changed();
    Ok(Json(answer))
}

/// Replace a voucher's paper: the old one answers `superseded`
#[utoipa::path(post, path = "/vouchers/{id}/reissue", tag = "vouchers", params(("id" = VoucherId, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The voucher with its new paper", body = VoucherDetail), Problems))]
pub(crate) async fn reissue_voucher(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<VoucherId>,
    create: CreateBody<ReasonBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let reason = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let row = reissue::locked(&mut tx, id).await?;
    visible(&mut tx, &permit, id).await?;
    reissue::reissue(&mut tx, &core, &row, reason, permit.id).await?;
    let now = store::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let act = Act::on("reissue", "voucher", id.0).with(json!({ "issue_number": now.issue_number }));
    let answer = detail(&mut tx, now).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    let answer = once.finish(&core, tx, permit.id.0, StatusCode::OK, &answer).await?;
    core.changed();
    Ok(answer)
}
