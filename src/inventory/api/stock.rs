//! The JSON API of what is where: stock, lots, the ledger, packages still possible.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::schemas::DayOrMoment;
use crate::http::{Api, Core, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::inventory::level::{Possible, Stock, StockFilter};
use crate::inventory::store::catalogue::package;
use crate::inventory::store::listings::{EntryFilter, StockEntry, StockLot, Turnover};
use crate::inventory::{level, store};
use crate::kernel::ids::{ItemId, PackageId, PointId};
use crate::kernel::{Day, Message, Moment};
use crate::people::Permit;
use crate::people::rights::ReadStock;

/// Stock, lots, the ledger.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(get_stock))
        .routes(routes!(list_lots))
        .routes(routes!(list_entries))
        .routes(routes!(possible_packages))
        .routes(routes!(get_turnover))
}

/// Which stock is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct StockQuery {
    /// Only at this point.
    point_id: Option<PointId>,
    /// Only of this item.
    item_id: Option<ItemId>,
    /// As it was at the end of a day (`2021-08-05`) or at a moment (RFC 3339); as it is now when left out.
    #[param(value_type = Option<DayOrMoment>)]
    at: Option<String>,
}

/// The first moment that is no longer part of a day or moment.
fn parse_at(text: &str) -> Result<Moment> {
    // A day's reader also takes a moment and forgets its time, so only texts as long as a day are days.
    if let (10, Ok(day)) = (text.trim().len(), Day::parse(text)) {
        return Ok(day.end());
    }
    // A `+` of an offset reaches us as a space where the caller did not write %2B.
    let moment = Moment::parse(text).or_else(|_| Moment::parse(&text.replacen(' ', "+", 1)));
    moment.map(|moment| Moment::from_micros(moment.micros().saturating_add(1))).map_err(|_| {
        Error::field(
            "at",
            "not_a_time",
            Message::fixed(
                "at là một ngày (2021-08-05) hoặc một thời điểm RFC 3339 (2021-08-05T07:00:00+07:00).",
                "at is a day (2021-08-05) or an RFC 3339 moment (2021-08-05T07:00:00+07:00).",
            ),
        )
    })
}

/// Stock on hand, promised and available
#[utoipa::path(get, path = "/stock", tag = "stock", params(StockQuery),
    responses((status = 200, description = "One row per point and item", body = Stock), Problems))]
async fn get_stock(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(query): Params<StockQuery>,
) -> Result<Json<Stock>> {
    let before = query.at.as_deref().map(parse_at).transpose()?;
    let mut conn = core.db.snapshot().await?;
    let filter = StockFilter { point_id: query.point_id, item_id: query.item_id, before };
    Ok(Json(level::levels(&mut conn, filter, &permit.scope.points).await?))
}

/// Which lots are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LotQuery {
    /// Only at this point.
    point_id: Option<PointId>,
    /// Only of this item.
    item_id: Option<ItemId>,
    /// Only lots that expire before this day.
    expiring_before: Option<Day>,
}

/// Lots that hold something.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Lots {
    /// Those that expire first in front; those that do not expire last.
    items: Vec<StockLot>,
}

/// Lots with goods in them, those that expire first in front
#[utoipa::path(get, path = "/stock/lots", tag = "stock", params(LotQuery),
    responses((status = 200, description = "The lots", body = Lots), Problems))]
async fn list_lots(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(query): Params<LotQuery>,
) -> Result<Json<Lots>> {
    let (mut conn, points) = (core.db.read().await?, &permit.scope.points);
    let LotQuery { point_id, item_id, expiring_before } = query;
    let items = store::listings::lots(&mut conn, points, point_id, item_id, expiring_before).await?;
    Ok(Json(Lots { items }))
}

/// Which entries are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EntryQuery {
    /// Only at this point.
    point_id: Option<PointId>,
    /// Only of this item.
    item_id: Option<ItemId>,
    /// Only of this donation, transfer, adjustment or redemption.
    source_id: Option<Uuid>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The ledger, in the order it was written
#[utoipa::path(get, path = "/stock/entries", tag = "stock", params(EntryQuery),
    responses((status = 200, description = "A page of entries", body = Listing<StockEntry>), Problems))]
async fn list_entries(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(query): Params<EntryQuery>,
) -> Result<Json<Listing<StockEntry>>> {
    let cursor = Page { limit: query.limit, after: query.after }.cursor()?;
    let filter = EntryFilter { point_id: query.point_id, item_id: query.item_id, source_id: query.source_id };
    let entries = store::listings::entries(&mut core.db.read().await?, filter, &permit.scope.points, cursor).await?;
    Ok(Json(Listing::new(entries, cursor, |entry| entry.id)))
}

/// Which days are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct TurnoverQuery {
    /// Only at this point; all points together when left out.
    point_id: Option<PointId>,
    /// The first day.
    from: Day,
    /// The last day, not before the first.
    to: Day,
}

/// What came and went.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Turnovers {
    /// One row per item that moved before the last day's end.
    items: Vec<Turnover>,
}

/// What came and went within some days (nhập – xuất – tồn), to the smallest unit
#[utoipa::path(get, path = "/stock/turnover", tag = "stock", params(TurnoverQuery),
    responses((status = 200, description = "One row per item", body = Turnovers), Problems))]
async fn get_turnover(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(query): Params<TurnoverQuery>,
) -> Result<Json<Turnovers>> {
    if query.to < query.from {
        let say = Message::fixed("Ngày cuối không được trước ngày đầu.", "The last day can't come before the first.");
        return Err(Error::field("to", "out_of_range", say));
    }
    let (mut conn, days) = (core.db.read().await?, (query.from.start(), query.to.end()));
    let items = store::listings::turnover(&mut conn, query.point_id, &permit.scope.points, days).await?;
    Ok(Json(Turnovers { items }))
}

/// Where packages are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PossibleQuery {
    /// Only at this point; every point that has any of the items when left out.
    point_id: Option<PointId>,
}

/// Packages still possible.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PossiblePackages {
    /// One row per point.
    items: Vec<Possible>,
}

/// How many packages the stock still makes
#[utoipa::path(get, path = "/packages/{id}/possible", tag = "stock",
    params(("id" = PackageId, Path), PossibleQuery),
    responses((status = 200, description = "One row per point", body = PossiblePackages), Problems))]
async fn possible_packages(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<PackageId>,
    Params(query): Params<PossibleQuery>,
) -> Result<Json<PossiblePackages>> {
    let mut conn = core.db.snapshot().await?;
    let package = package(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let items = level::possible(&mut conn, &core.clock, &package, query.point_id, &permit.scope.points).await?;
    Ok(Json(PossiblePackages { items }))
}
