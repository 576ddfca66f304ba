//! The JSON API of campaigns.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::campaigns::campaign::{Campaign, CampaignChange, NewCampaign, NewCampaignBody};
use crate::campaigns::{service, store};
use crate::http::{
    Answer, Api, Body, Core, CreateBody, Error, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::ids::CampaignId;
use crate::people::rights::{ReadPlans, WriteGoods};
use crate::people::{Caller, Permit};

/// Campaigns.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_campaign, list_campaigns)).routes(routes!(get_campaign, change_campaign))
}

/// Register a campaign
#[utoipa::path(post, path = "/campaigns", tag = "goods", params(IdempotencyKey), request_body = NewCampaignBody,
    responses((status = 201, description = "The campaign", body = Campaign), Problems))]
async fn create_campaign(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewCampaignBody>,
) -> Result<Answer> {
    let new = NewCampaign::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
}

/// All campaigns
#[utoipa::path(get, path = "/campaigns", tag = "goods", params(Page),
    responses((status = 200, description = "A page of campaigns", body = Listing<Campaign>), Problems))]
async fn list_campaigns(
    State(core): State<Core>,
    _permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Campaign>>> {
    let cursor = page.cursor()?;
    let campaigns = store::campaigns(&mut core.db.read().await?, cursor).await?;
    Ok(Json(Listing::new(campaigns, cursor, |campaign| campaign.id.0)))
}

/// One campaign
#[utoipa::path(get, path = "/campaigns/{id}", tag = "goods", params(("id" = CampaignId, Path)),
    responses((status = 200, description = "The campaign", body = Campaign), Problems))]
async fn get_campaign(
    State(core): State<Core>,
    _permit: Permit<ReadPlans, Caller>,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>> {
    store::campaign(&mut core.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound)
}

/// Correct a campaign
#[utoipa::path(patch, path = "/campaigns/{id}", tag = "goods", params(("id" = CampaignId, Path)),
    request_body = CampaignChange,
    responses((status = 200, description = "The campaign as it is now", body = Campaign), Problems))]
async fn change_campaign(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    Id(id): Id<CampaignId>,
    Body(change): Body<CampaignChange>,
) -> Result<Json<Campaign>> {
    core.run(async |tx| service::change(tx, &core.clock, &permit, id, change).await).await.map(Json)
}
