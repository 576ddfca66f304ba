//! What the law has published (Decree 93/2021): what came in and went out, by neighbourhood. No login, no personal
//! data: people who gave or received are counted, never named. Nothing is shown until a coordinator publishes it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Period, store, summary};
use crate::db::Conn;
use crate::kernel::{Dong, Quantity};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::places::AreaId;
use crate::web::{Body, Core, Error, Problems, Result};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(public_summary)).routes(routes!(set_public))
}

/// What is published; only `published: false` while nothing is.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct PublicSummary {
    /// Whether the ward has published its figures.
    published: bool,
    /// The figures.
    #[serde(flatten)]
    figures: Option<PublicFigures>,
}

/// Totals of all time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicFigures {
    /// Packages given and handed out.
    packages: PublicPackages,
    /// Rent forgone, verified and confirmed.
    rent: PublicRent,
    /// Goods received and handed out.
    goods: Vec<PublicGoods>,
    /// Money given.
    cash: PublicCash,
    /// Zero-đồng markets held.
    markets: i64,
    /// The same by neighbourhood; the last, without a name, is the rest of the ward.
    neighbourhoods: Vec<PublicNeighbourhood>,
    /// Who gave.
    donors: PublicDonors,
    /// In a sentence.
    text_vi: String,
    /// The same in English.
    text_en: String,
}

/// Packages and what they are worth.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicPackages {
    /// Given by donors.
    mobilised: PublicCount,
    /// Handed to households.
    handed_out: PublicCount,
}

/// A count with its value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicCount {
    /// How many.
    count: i64,
    /// In đồng.
    #[schema(value_type = i64)]
    value: Dong,
}

/// Rent forgone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicRent {
    /// Landlords.
    landlords: i64,
    /// Distinct rooms.
    rooms: i64,
    /// In đồng.
    #[schema(value_type = i64)]
    amount: Dong,
}

/// An item.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicGoods {
    /// Its name.
    name: String,
    /// Its unit.
    unit: String,
    /// Decimals of the unit.
    decimals: i64,
    /// Received, in the smallest unit.
    #[schema(value_type = i64)]
    received: Quantity,
    /// Handed out, in the smallest unit.
    #[schema(value_type = i64)]
    handed_out: Quantity,
}

/// Money.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicCash {
    /// In đồng.
    #[schema(value_type = i64)]
    received: Dong,
}

/// One neighbourhood's part.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicNeighbourhood {
    /// Which; null for the rest of the ward.
    area_id: Option<AreaId>,
    /// Its name.
    name: Option<String>,
    /// Packages handed out.
    packages: i64,
    /// What they are worth, in đồng.
    #[schema(value_type = i64)]
    value: Dong,
    /// Rooms whose rent was cut.
    rooms: i64,
    /// Rent forgone, in đồng.
    #[schema(value_type = i64)]
    rent: Dong,
}

/// Who gave: organisations by name, unless they wish not to be; everybody else as a number.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicDonors {
    /// Organisations that may be named.
    organisations: Vec<PublicDonor>,
    /// People, and those who wish not to be named.
    unnamed: i64,
    /// What they gave, in đồng.
    #[schema(value_type = i64)]
    unnamed_value: Dong,
}

/// An organisation that gave.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicDonor {
    /// Its name.
    name: String,
    /// What it gave is worth, in đồng.
    #[schema(value_type = i64)]
    value: Dong,
}

/// What the ward publishes
#[utoipa::path(get, path = "/public/summary", tag = "reports", security(()),
    responses((status = 200, description = "The figures, or only `published: false`", body = PublicSummary), Problems))]
async fn public_summary(State(core): State<Core>) -> Result<Json<PublicSummary>> {
    let mut conn = core.db.snapshot().await?;
    if !store::public::is_published(&mut conn).await? {
        return Ok(Json(PublicSummary::default()));
    }
    let figures = figures(&mut conn).await?;
    Ok(Json(PublicSummary { published: true, figures: Some(figures) }))
}

async fn figures(conn: &mut Conn) -> Result<PublicFigures> {
    let all = summary(conn, Period::default()).await?;
    let organisations = store::public::organisations(conn).await?;
    let (unnamed, unnamed_value) = store::public::unnamed_donors(conn).await?;
    Ok(PublicFigures {
        packages: PublicPackages {
            mobilised: PublicCount { count: all.packages.mobilised.count, value: all.packages.mobilised.value },
            handed_out: PublicCount { count: all.packages.handed_out.count, value: all.packages.handed_out.value },
        },
        rent: PublicRent { landlords: all.rent.landlords, rooms: all.rent.rooms, amount: all.rent.amount },
        goods: all
            .goods
            .into_iter()
            .map(|item| PublicGoods {
                name: item.name,
                unit: item.unit,
                decimals: item.decimals,
                received: item.received,
                handed_out: item.handed_out,
            })
            .collect(),
        cash: PublicCash { received: all.cash.received },
        markets: all.markets,
        neighbourhoods: neighbourhoods(conn).await?,
        donors: PublicDonors {
            organisations: organisations.into_iter().map(|(name, value)| PublicDonor { name, value }).collect(),
            unnamed,
            unnamed_value,
        },
        text_vi: all.text_vi,
        text_en: all.text_en,
    })
}

async fn neighbourhoods(conn: &mut Conn) -> Result<Vec<PublicNeighbourhood>> {
    let mut parts: Vec<PublicNeighbourhood> = store::public::packages(conn)
        .await?
        .into_iter()
        .map(|(area_id, name, packages, value)| PublicNeighbourhood {
            area_id,
            name,
            packages,
            value,
            rooms: 0,
            rent: Dong(0),
        })
        .collect();
    for (area_id, name, rooms, rent) in store::public::rent(conn).await? {
        match parts.iter_mut().find(|part| part.area_id == area_id) {
            Some(part) => (part.rooms, part.rent) = (rooms, rent),
            None => parts.push(PublicNeighbourhood { area_id, name, packages: 0, value: Dong(0), rooms, rent }),
        }
    }
    parts.sort_by(|a, b| (a.name.is_none(), &a.name, a.area_id).cmp(&(b.name.is_none(), &b.name, b.area_id)));
    Ok(parts)
}

/// Whether the figures are published.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"enabled": true}))]
struct PublicSettings {
    /// True publishes them, false takes them back.
    enabled: bool,
}

/// Publish the ward's figures, or take them back
///
/// For coordinators of the whole ward.
#[utoipa::path(put, path = "/public/settings", tag = "reports", request_body = PublicSettings,
    responses((status = 200, description = "As it is now", body = PublicSettings), Problems))]
async fn set_public(
    State(core): State<Core>,
    staff: Staff,
    Body(settings): Body<PublicSettings>,
) -> Result<Json<PublicSettings>> {
    staff.require(Right::ManagePlaces)?;
    if staff.area_id.is_some() {
        return Err(Error::Forbidden);
    }
    let mut tx = core.db.begin().await?;
    store::public::publish(&mut tx, settings.enabled).await?;
    let act = Act::many("publish", "settings", serde_json::json!({ "public_disclosure": settings.enabled }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    Ok(Json(settings))
}
