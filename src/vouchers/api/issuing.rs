//! Issuing vouchers of a round to households.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::db::Conn;
use crate::households::Category;
use crate::http::{Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Problems, Result, routes};
use crate::kernel::ids::{AreaId, HouseholdId, PointId, RoundId};
use crate::kernel::message::Invalid;
use crate::kernel::{FieldError, Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::WriteVouchers;
use crate::people::{Permit, Staff};
use crate::places;
use crate::places::AreaScope;
use crate::vouchers::issuing;
use crate::vouchers::issuing_plan::{Issued, Request};
use crate::vouchers::preview::IssuePreview;
use crate::vouchers::store::issuing::{CategoryRow, Chosen};
use crate::vouchers::store::rounds;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(issue_vouchers)).routes(routes!(preview_vouchers))
}

/// Which households get a voucher. What is given narrows; at least one of the three lists must be given.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"area_ids": ["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"], "categories": ["poor", "near_poor"]}))]
pub(crate) struct IssueBody {
    /// Just these households.
    #[serde(default)]
    pub(crate) household_ids: Vec<HouseholdId>,
    /// Households of these areas and of all areas in them.
    #[serde(default)]
    pub(crate) area_ids: Vec<AreaId>,
    /// Households of these categories.
    #[serde(default)]
    #[schema(value_type = Vec<Category>)]
    pub(crate) categories: Vec<String>,
    /// Where their vouchers count; the round's point nearest to each when left out.
    pub(crate) point_id: Option<PointId>,
    /// Packages each voucher is good for, 1 to 255; 1 when left out.
    pub(crate) units: Option<i64>,
}

impl IssueBody {
    /// The units and the categories; refuses an issuing to everyone by mistake.
    fn check(&self) -> Result<(u8, Vec<CategoryRow>)> {
        let mut fields = Validation::new();
        let any = !(self.household_ids.is_empty() && self.area_ids.is_empty() && self.categories.is_empty());
        fields.check("household_ids", any, || {
            Invalid::fixed(
                "required",
                "Chọn phát phiếu cho ai: từng hộ, ít nhất một khu vực hoặc một diện hỗ trợ.",
                "Say who gets vouchers: single households, at least one area or one category.",
            )
        });
        let units = u8::try_from(self.units.unwrap_or(1)).ok().filter(|units| *units > 0);
        fields.check("units", units.is_some(), || {
            Invalid::fixed("out_of_range", "Mỗi phiếu từ 1 đến 255 suất.", "A voucher is good for 1 to 255 packages.")
        });
        let mut categories = Vec::with_capacity(self.categories.len());
        for (i, name) in self.categories.iter().enumerate() {
            let category = fields.take(&format!("categories[{i}]"), Category::parse(name.trim()));
            categories.extend(category.map(|category| CategoryRow { name: category }));
        }
        fields.finish()?;
        Ok((units.unwrap_or(1), categories))
    }
}

/// Issue vouchers to households
///
/// One per household and round. A household that gets none is told with the reason; issuing again gives vouchers only
/// to those who have none. A login that is confined issues to households of its areas, at its own points.
#[utoipa::path(post, path = "/rounds/{id}/vouchers", tag = "vouchers", params(("id" = RoundId, Path)),
    request_body = IssueBody,
    responses((status = 201, description = "How many were issued, and who got none", body = Issued), Problems))]
pub(crate) async fn issue_vouchers(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
    create: CreateBody<IssueBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let (units, categories) = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let round = rounds::locked(&mut tx, id).await?.ok_or(Error::NotFound)?;
    crate::vouchers::reach::require_one_point(&mut tx, &permit.scope.points, id).await?;
    if round.is_closed() {
        return Err(crate::vouchers::round::round_closed());
    }
    let request = request(&mut tx, &permit, body, units, categories).await?;
    let issued = issuing::issue(&mut tx, &core, &round, request).await?;
    let detail = json!({ "issued": issued.issued, "skipped": issued.skipped.len(), "units": units });
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("issue", "round", id.0).with(detail)).await?;
    let answer = once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &issued).await?;
    core.changed();
    Ok(answer)
}

/// See what issuing would do, without issuing
///
/// The same decisions as `POST /rounds/{id}/vouchers` with the same body, and what each point has for them.
#[utoipa::path(post, path = "/rounds/{id}/vouchers/preview", tag = "vouchers", params(("id" = RoundId, Path)),
    request_body = IssueBody,
    responses((status = 200, description = "Who would get a voucher, and who not", body = IssuePreview), Problems))]
pub(crate) async fn preview_vouchers(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
    Body(body): Body<IssueBody>,
) -> Result<Json<IssuePreview>> {
    let (units, categories) = body.check()?;
    let mut conn = core.db.snapshot().await?;
    let round = crate::vouchers::reach::seen_round(&mut conn, &permit.scope.points, id).await?;
    if round.is_closed() {
        return Err(crate::vouchers::round::round_closed());
    }
    let request = request(&mut conn, &permit, body, units, categories).await?;
    let plan = issuing::plan(&mut conn, &core, &round, &request).await?;
    Ok(Json(IssuePreview::of(plan, units)))
}

/// Spells out the areas and keeps a login inside its own.
async fn request(
    conn: &mut Conn,
    staff: &Staff,
    body: IssueBody,
    units: u8,
    categories: Vec<CategoryRow>,
) -> Result<Request> {
    let scope = AreaScope::of(staff);
    let mut areas: HashSet<AreaId> = HashSet::new();
    for (i, area_id) in body.area_ids.iter().enumerate() {
        let below = places::store::subtree(conn, *area_id).await?;
        if below.is_empty() {
            return Err(unknown_area(i));
        }
        scope.require(*area_id)?;
        areas.extend(below);
    }
    let scope = scope.ids();
    if body.area_ids.is_empty() {
        areas.extend(scope.iter().flatten());
    }
    let narrowed = !body.area_ids.is_empty() || scope.is_some();
    let given = |any: bool| any.then_some(());
    let mut seen = HashSet::new();
    let households = body.household_ids.iter().copied().filter(|id| seen.insert(*id));
    Ok(Request {
        chosen: Chosen {
            households: given(!body.household_ids.is_empty()).map(|()| households.collect()),
            areas: given(narrowed).map(|()| areas.into_iter().collect()),
            categories: given(!categories.is_empty()).map(|()| categories),
        },
        point_id: body.point_id,
        units,
        scope,
        own_points: staff.scope.points.clone(),
        issued_by: Some(staff.id),
    })
}

fn unknown_area(i: usize) -> Error {
    FieldError::new(
        format!("area_ids[{i}]"),
        "unknown",
        Message::fixed(
            "Không có khu vực này. Xem danh sách khu vực rồi chọn lại.",
            "There is no such area. See the list of areas and choose again.",
        ),
    )
    .into()
}
