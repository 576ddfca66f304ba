//! The JSON API of campaigns.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, NewCampaign};
use super::{Campaign, CampaignId};
use crate::db::Conn;
use crate::kernel::say::Wrong;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Day, Fields, Say};
use crate::people::audit::{self, Act};
use crate::people::{Caller, Right, Staff};
use crate::places::parse_name;
use crate::web::{Answer, Begun, Core, Create, Error, Id, Listing, Page, Params, Problems, Result};

/// Campaigns.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(create_campaign, list_campaigns)).routes(routes!(get_campaign))
}

/// A campaign to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "San sẻ yêu thương, vượt qua đại dịch", "starts_on": "2021-08-01",
    "ends_on": "2021-09-30", "interval_days": 14}))]
struct NewCampaignBody {
    /// 1 to 200 characters.
    name: String,
    /// Its first day.
    starts_on: Day,
    /// Its last day, not before the first.
    ends_on: Day,
    /// Days before the same household may receive again, 0 to 3650; it may at once when left out.
    interval_days: Option<i64>,
}

/// Register a campaign
#[utoipa::path(post, path = "/campaigns", tag = "goods", request_body = NewCampaignBody,
    responses((status = 201, description = "The campaign", body = Campaign), Problems))]
async fn create_campaign(State(core): State<Core>, staff: Staff, create: Create<NewCampaignBody>) -> Result<Answer> {
    staff.require(Right::WriteGoods)?;
    let Create { body, once } = create;
    let mut fields = Fields::new();
    let name = fields.take("name", parse_name(&clean(&body.name)));
    fields.check("ends_on", body.ends_on >= body.starts_on, || {
        Wrong::fixed(
            "out_of_range",
            "Ngày kết thúc không được trước ngày bắt đầu.",
            "The last day can't come before the first.",
        )
    });
    fields.check("interval_days", body.interval_days.is_none_or(|days| (0..=3650).contains(&days)), || {
        Wrong::fixed(
            "out_of_range",
            "Khoảng cách giữa hai lần nhận từ 0 đến 3650 ngày.",
            "The days between two gifts are from 0 to 3650.",
        )
    });
    fields.finish()?;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let new = NewCampaign {
        name: name.unwrap_or_default(),
        starts_on: body.starts_on,
        ends_on: body.ends_on,
        interval_days: body.interval_days,
    };
    let campaign = store::insert(&mut tx, &core.clock, new).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("create", "campaign", campaign.id.0)).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &campaign).await
}

/// All campaigns
#[utoipa::path(get, path = "/campaigns", tag = "goods", params(Page),
    responses((status = 200, description = "A page of campaigns", body = Listing<Campaign>), Problems))]
async fn list_campaigns(
    State(core): State<Core>,
    caller: Caller,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Campaign>>> {
    caller.require(Right::ReadPlans)?;
    let cursor = page.cursor()?;
    let campaigns = store::campaigns(&mut core.db.read().await?, cursor).await?;
    Ok(Json(Listing::new(campaigns, cursor, |campaign| campaign.id.0)))
}

/// One campaign
#[utoipa::path(get, path = "/campaigns/{id}", tag = "goods", params(("id" = CampaignId, Path)),
    responses((status = 200, description = "The campaign", body = Campaign), Problems))]
async fn get_campaign(State(core): State<Core>, caller: Caller, Id(id): Id<CampaignId>) -> Result<Json<Campaign>> {
    caller.require(Right::ReadPlans)?;
    store::campaign(&mut core.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound)
}

/// The campaign that a field names must exist.
pub async fn require_campaign(conn: &mut Conn, field: &str, id: CampaignId) -> Result<Campaign> {
    store::campaign(conn, id).await?.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Say::fixed(
                "Không có chương trình này. Xem danh sách chương trình rồi chọn lại.",
                "There is no such campaign. See the list of campaigns and choose again.",
            ),
        )
    })
}
