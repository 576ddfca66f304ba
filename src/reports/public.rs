//! What the law has published (Decree 93/2021): what came in and went out, by neighbourhood. No login, no personal
//! data: people who gave or received are counted, never named. Nothing is shown until a coordinator publishes it.

use serde::{Deserialize, Serialize};

use super::period::Period;
use super::store;
use super::summary::summary;
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::ids::AreaId;
use crate::kernel::{Dong, Quantity};
use crate::landlords::store::totals;

/// Packages handed out in a place, or landlords who cut rent there, that are told by themselves at least.
const FEWEST: i64 = 3;

/// Totals of all time.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicFigures {
    /// Packages given and handed out.
    pub(crate) packages: PublicPackages,
    /// Rent forgone, verified and confirmed.
    pub(crate) rent: PublicRent,
    /// Goods received and handed out.
    pub(crate) goods: Vec<PublicGoods>,
    /// Money given.
    pub(crate) cash: PublicCash,
    /// Zero-đồng markets held.
    pub(crate) markets: i64,
    /// The same by neighbourhood; the last, without a name, is the rest of the ward.
    pub(crate) neighbourhoods: Vec<PublicNeighbourhood>,
    /// Who gave.
    pub(crate) donors: PublicDonors,
    /// In a sentence.
    pub(crate) text_vi: String,
    /// The same in English.
    pub(crate) text_en: String,
}

/// Packages and what they are worth.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicPackages {
    /// Given by donors.
    pub(crate) mobilised: PublicCount,
    /// Handed to households.
    pub(crate) handed_out: PublicCount,
}

/// A count with its value.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicCount {
    /// How many.
    pub(crate) count: i64,
    /// In đồng.
    #[schema(value_type = i64)]
    pub(crate) value: Dong,
}

/// Rent forgone.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicRent {
    /// Landlords.
    pub(crate) landlords: i64,
    /// Distinct rooms.
    pub(crate) rooms: i64,
    /// In đồng.
    #[schema(value_type = i64)]
    pub(crate) amount: Dong,
}

/// An item.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicGoods {
    /// Its name.
    pub(crate) name: String,
    /// Its unit.
    pub(crate) unit: String,
    /// Decimals of the unit.
    pub(crate) decimals: i64,
    /// Received, in the smallest unit.
    #[schema(value_type = i64)]
    pub(crate) received: Quantity,
    /// Handed out, in the smallest unit.
    #[schema(value_type = i64)]
    pub(crate) handed_out: Quantity,
}

/// Money.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicCash {
    /// In đồng.
    #[schema(value_type = i64)]
    pub(crate) received: Dong,
}

/// One neighbourhood's part.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicNeighbourhood {
    /// Which; null for the rest of the ward.
    pub(crate) area_id: Option<AreaId>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Packages handed out.
    pub(crate) packages: i64,
    /// What they are worth, in đồng.
    #[schema(value_type = i64)]
    pub(crate) value: Dong,
    /// Rooms whose rent was cut.
    pub(crate) rooms: i64,
    /// Rent forgone, in đồng.
    #[schema(value_type = i64)]
    pub(crate) rent: Dong,
}

/// Who gave: organisations by name, unless they wish not to be; everybody else as a number.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicDonors {
    /// Organisations that may be named.
    pub(crate) organisations: Vec<PublicDonor>,
    /// People, and those who wish not to be named.
    pub(crate) unnamed: i64,
    /// What they gave, in đồng.
    #[schema(value_type = i64)]
    pub(crate) unnamed_value: Dong,
}

/// An organisation that gave.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicDonor {
    /// Its name.
    pub(crate) name: String,
    /// What it gave is worth, in đồng.
    #[schema(value_type = i64)]
    pub(crate) value: Dong,
}

/// Whether the figures are published.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"enabled": true}))]
pub(crate) struct PublicSettings {
    /// True publishes them, false takes them back.
    pub(crate) enabled: bool,
}

/// Whether a coordinator has published the figures.
pub(crate) async fn is_published(conn: &mut Conn) -> Result<bool> {
    Ok(store::public::is_published(conn).await?)
}

/// The figures as they are published, or would be.
pub(crate) async fn figures(conn: &mut Conn) -> Result<PublicFigures> {
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
    let mut parts: Vec<PublicNeighbourhood> = Vec::new();
    for (area_id, name, packages, value) in store::public::packages(conn).await? {
        let part = part_of(&mut parts, area_id, name, packages);
        (part.packages, part.value) = (part.packages + packages, Dong(part.value.0 + value.0));
    }
    for (area_id, name, landlords, rooms, rent) in totals::by_neighbourhood(conn).await? {
        let part = part_of(&mut parts, area_id, name, landlords);
        (part.rooms, part.rent) = (part.rooms + rooms, Dong(part.rent.0 + rent.0));
    }
    parts.sort_by(|a, b| (a.name.is_none(), &a.name, a.area_id).cmp(&(b.name.is_none(), &b.name, b.area_id)));
    Ok(parts)
}

/// The part that a place's figure is told with: its own, or the rest of the ward where so few stand behind the figure
/// that neighbours would know whose it is.
fn part_of(
    parts: &mut Vec<PublicNeighbourhood>,
    area_id: Option<AreaId>,
    name: Option<String>,
    behind: i64,
) -> &mut PublicNeighbourhood {
    let (area_id, name) = if behind < FEWEST { (None, None) } else { (area_id, name) };
    let at = parts.iter().position(|part| part.area_id == area_id).unwrap_or_else(|| {
        parts.push(PublicNeighbourhood { area_id, name, packages: 0, value: Dong(0), rooms: 0, rent: Dong(0) });
        parts.len() - 1
    });
    &mut parts[at]
}
