//! The JSON API of campaigns.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::campaigns::campaign::Campaign;
use crate::campaigns::store;
use crate::campaigns::store::NewCampaign;
use crate::db::Conn;
use crate::http::{
    Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, given, routes,
};
use crate::kernel::ids::CampaignId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Day, Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::{Caller, Right, Staff};
use crate::places::parse_name;

/// Campaigns.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_campaign, list_campaigns)).routes(routes!(get_campaign, change_campaign))
}

/// A campaign to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "San sẻ yêu thương, vượt qua đại dịch", "starts_on": "2021-08-01",
    "ends_on": "2021-09-30", "interval_days": 14}))]
pub(crate) struct NewCampaignBody {
    /// 1 to 200 characters.
    pub(crate) name: String,
    /// Its first day.
    pub(crate) starts_on: Day,
    /// Its last day, not before the first.
    pub(crate) ends_on: Day,
    /// Days before the same household may receive again, 0 to 3650; it may at once when left out.
    pub(crate) interval_days: Option<i64>,
}

impl NewCampaignBody {
    fn check(self) -> Result<NewCampaign> {
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&clean(&self.name)));
        fields.check("ends_on", self.ends_on >= self.starts_on, || {
            Invalid::fixed(
                "out_of_range",
                "Ngày kết thúc không được trước ngày bắt đầu.",
                "The last day can't come before the first.",
            )
        });
        fields.check("interval_days", self.interval_days.is_none_or(|days| (0..=3650).contains(&days)), || {
            Invalid::fixed(
                "out_of_range",
                "Khoảng cách giữa hai lần nhận từ 0 đến 3650 ngày.",
                "The days between two gifts are from 0 to 3650.",
            )
        });
        fields.finish()?;
        let name = name.unwrap_or_default();
        Ok(NewCampaign { name, starts_on: self.starts_on, ends_on: self.ends_on, interval_days: self.interval_days })
    }
}

/// Register a campaign
#[utoipa::path(post, path = "/campaigns", tag = "goods", request_body = NewCampaignBody,
    responses((status = 201, description = "The campaign", body = Campaign), Problems))]
pub(crate) async fn create_campaign(
    State(core): State<Core>,
    staff: Staff,
    create: CreateBody<NewCampaignBody>,
) -> Result<Answer> {
    staff.require(Right::WriteGoods)?;
    let CreateBody { body, once } = create;
    let new = body.check()?;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
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

/// What changes about a campaign; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"ends_on": "2021-10-31", "interval_days": 21}))]
pub(crate) struct CampaignChange {
    /// The new name.
    pub(crate) name: Option<String>,
    /// Its first day.
    pub(crate) starts_on: Option<Day>,
    /// Its last day, not before the first.
    pub(crate) ends_on: Option<Day>,
    /// Days before the same household may receive again; null: it may at once. Vouchers that were issued stay valid.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub(crate) interval_days: Option<Option<i64>>,
}

/// Correct a campaign
#[utoipa::path(patch, path = "/campaigns/{id}", tag = "goods", params(("id" = CampaignId, Path)),
    request_body = CampaignChange,
    responses((status = 200, description = "The campaign as it is now", body = Campaign), Problems))]
pub(crate) async fn change_campaign(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<CampaignId>,
    Body(change): Body<CampaignChange>,
) -> Result<Json<Campaign>> {
    staff.require(Right::WriteGoods)?;
    let mut tx = core.db.begin().await?;
    let before = store::campaign(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let body = NewCampaignBody {
        name: change.name.unwrap_or(before.name),
        starts_on: change.starts_on.unwrap_or(before.starts_on),
        ends_on: change.ends_on.unwrap_or(before.ends_on),
        interval_days: change.interval_days.unwrap_or(before.interval_days),
    };
    store::update(&mut tx, id, body.check()?).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("update", "campaign", id.0)).await?;
    let campaign = store::campaign(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(campaign))
}

/// The campaign that a field names must exist.
pub async fn require_campaign(conn: &mut Conn, field: &str, id: CampaignId) -> Result<Campaign> {
    store::campaign(conn, id).await?.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Message::fixed(
                "Không có chương trình này. Xem danh sách chương trình rồi chọn lại.",
                "There is no such campaign. See the list of campaigns and choose again.",
            ),
        )
    })
}
