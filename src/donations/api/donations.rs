//! The JSON API of donors and donations.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::donations::donation::{Donation, LineKind};
use crate::donations::donor::Donor;
use crate::donations::given::{GivenDonation, NewDonationBody};
use crate::donations::service;
use crate::donations::store::listings::DonationFilter;
use crate::http::{Answer, Api, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::Day;
use crate::kernel::ids::{CampaignId, DonationId, DonorId};
use crate::people::Permit;
use crate::people::rights::{ReadStock, WriteGoods};

/// Donors and donations.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(create_donation, list_donations))
        .routes(routes!(get_donation))
        .routes(routes!(list_donors))
        .routes(routes!(get_donor))
}

/// Record a donation
#[utoipa::path(post, path = "/donations", tag = "goods", params(IdempotencyKey), request_body = NewDonationBody,
    responses((status = 201, description = "The donation with its number", body = Donation), Problems))]
async fn create_donation(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewDonationBody>,
) -> Result<Answer> {
    let given = GivenDonation::parse(create.body, core.clock.today())?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core, &permit, given).await
    })
    .await
}

/// Which donations are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DonationQuery {
    /// Only for this campaign.
    campaign_id: Option<CampaignId>,
    /// Only of this donor.
    donor_id: Option<DonorId>,
    /// Only those that came with this import.
    import_id: Option<uuid::Uuid>,
    /// Only received on this day or later.
    from: Option<Day>,
    /// Only received on this day or earlier.
    to: Option<Day>,
    /// Only with a thing of this kind.
    #[param(inline)]
    kind: Option<LineKind>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// All donations
#[utoipa::path(get, path = "/donations", tag = "goods", params(DonationQuery),
    responses((status = 200, description = "A page of donations", body = Listing<Donation>), Problems))]
async fn list_donations(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(query): Params<DonationQuery>,
) -> Result<Json<Listing<Donation>>> {
    let cursor = Page { limit: query.limit, after: query.after }.cursor()?;
    let filter = DonationFilter {
        campaign_id: query.campaign_id,
        donor_id: query.donor_id,
        import_id: query.import_id,
        from: query.from,
        to: query.to,
        kind: query.kind,
        ..DonationFilter::default()
    };
    let donations = service::donations(&mut core.db.snapshot().await?, &permit, &filter, cursor).await?;
    Ok(Json(Listing::new(donations, cursor, |donation| donation.id.0)))
}

/// One donation
#[utoipa::path(get, path = "/donations/{id}", tag = "goods", params(("id" = DonationId, Path)),
    responses((status = 200, description = "The donation", body = Donation), Problems))]
async fn get_donation(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<DonationId>,
) -> Result<Json<Donation>> {
    service::reachable(&mut core.db.snapshot().await?, &permit, id).await.map(Json)
}

/// All donors
#[utoipa::path(get, path = "/donors", tag = "goods", params(Page),
    responses((status = 200, description = "A page of donors", body = Listing<Donor>), Problems))]
async fn list_donors(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Donor>>> {
    let cursor = page.cursor()?;
    let donors = service::donors(&mut core.db.read().await?, &permit, cursor).await?;
    Ok(Json(Listing::new(donors, cursor, |donor| donor.id.0)))
}

/// One donor
#[utoipa::path(get, path = "/donors/{id}", tag = "goods", params(("id" = DonorId, Path)),
    responses((status = 200, description = "The donor", body = Donor), Problems))]
async fn get_donor(State(core): State<Core>, permit: Permit<ReadStock>, Id(id): Id<DonorId>) -> Result<Json<Donor>> {
    service::donor(&mut core.db.read().await?, &permit, id).await.map(Json)
}
