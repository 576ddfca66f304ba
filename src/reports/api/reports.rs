//! The JSON API of the report, its rows and its workbook.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::{Api, Core, Id, Listing, Params, Problems, Result, routes};
use crate::kernel::ids::AreaId;
use crate::kernel::{Day, Dong};
use crate::people::Permit;
use crate::people::rights::ReadReports;
use crate::reports::figures::{Figure, Summary};
use crate::reports::rows_filter::RowsFilter;
use crate::reports::store::rows::FigureRow;
use crate::reports::summary::summary;
use crate::reports::{service, workbook};

/// Reports and what is published.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(get_summary)).routes(routes!(get_workbook)).routes(routes!(list_rows))
}

/// The days of a report.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Days {
    /// The first day; from the beginning when left out.
    from: Option<Day>,
    /// The last day; until now when left out.
    to: Option<Day>,
    /// Only this area and all below it: packages handed out, rounds and rent. Donations, goods and money stay the whole
    /// ward's.
    area_id: Option<AreaId>,
}

/// The committee's totals
///
/// Packages and donations by the day received or handed over, rent by the months that the days touch.
#[utoipa::path(get, path = "/reports/summary", tag = "reports", params(Days),
    responses((status = 200, description = "The totals, each with the listing of its rows", body = Summary), Problems))]
async fn get_summary(
    State(core): State<Core>,
    permit: Permit<ReadReports>,
    Params(days): Params<Days>,
) -> Result<Json<Summary>> {
    let period = service::period(&permit, days.from, days.to, days.area_id)?;
    Ok(Json(summary(&mut core.db.snapshot().await?, period).await?))
}

/// The committee's totals as a workbook
#[utoipa::path(get, path = "/reports/summary.xlsx", tag = "reports", params(Days),
    responses((status = 200, description = "An .xlsx of five sheets",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
async fn get_workbook(
    State(core): State<Core>,
    permit: Permit<ReadReports>,
    Params(days): Params<Days>,
) -> Result<Response> {
    let period = service::period(&permit, days.from, days.to, days.area_id)?;
    let bytes = workbook::of(&mut core.db.snapshot().await?, period).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"bao-cao.xlsx\""),
    ];
    Ok((headers, bytes).into_response())
}

/// One row behind a figure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Row {
    /// Its id.
    id: Uuid,
    /// The day, or for rent the month.
    #[schema(example = "2021-08-05")]
    on: String,
    /// For goods `received`, `handed_out`, `spoiled` or `adjusted`; for rent how it is cut; else what kind of row.
    kind: String,
    /// Donor, round, room or reason.
    label: String,
    /// Packages, room-months, or the item's smallest unit.
    count: i64,
    /// Đồng.
    #[schema(value_type = i64)]
    value: Dong,
    /// The room of a rent row.
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<Uuid>,
    /// The record it belongs to.
    record_id: Uuid,
    /// Where that record is read.
    record: String,
}

impl Row {
    fn of(row: FigureRow, figure: Figure) -> Self {
        let record_id = row.record_id;
        let record = match (figure, row.kind.as_str(), row.label.as_str()) {
            (Figure::PackagesMobilised | Figure::Cash, _, _) | (Figure::Goods, "received", _) => {
                format!("/api/v1/donations/{record_id}")
            }
            (Figure::PackagesHandedOut, _, _) | (Figure::Goods, "handed_out", _) => {
                format!("/api/v1/redemptions/{record_id}")
            }
            (Figure::Goods, _, _) => format!("/api/v1/stock/adjustments/{record_id}"),
            (Figure::Rent, _, _) => format!("/api/v1/rent-reductions/{record_id}"),
        };
        let on = row.day.or_else(|| row.at.map(|at| at.day().to_string())).unwrap_or_default();
        Self {
            id: row.id,
            on,
            kind: row.kind,
            label: row.label,
            count: row.count,
            value: row.value,
            room_id: row.room_id,
            record_id,
            record,
        }
    }
}

/// The rows that a figure of the report is the sum of
///
/// `figure` is `packages_mobilised`, `packages_handed_out`, `rent`, `goods` (with `item_id`) or `cash`. For logins of
/// the whole ward.
#[utoipa::path(get, path = "/reports/rows/{figure}", tag = "reports", params(("figure" = inline(Figure), Path), RowsFilter),
    responses((status = 200, description = "A page of rows; count and value of all pages add up to the figure",
        body = Listing<Row>), Problems))]
async fn list_rows(
    State(core): State<Core>,
    permit: Permit<ReadReports>,
    Id(figure): Id<Figure>,
    Params(wanted): Params<RowsFilter>,
) -> Result<Json<Listing<Row>>> {
    let found = service::figure_rows(&mut core.db.read().await?, &permit, figure, wanted).await?;
    let items = found.items.into_iter().map(|row| Row::of(row, figure)).collect();
    Ok(Json(Listing { items, next: found.next }))
}
