//! The report is read by who may, and published by a coordinator of the whole ward.

use serde_json::json;

use super::figures::Figure;
use super::period::Period;
use super::public::PublicSettings;
use super::rent;
use super::rows_filter::RowsFilter;
use super::store;
use super::store::rows::{self, FigureRow};
use crate::db::{Conn, Tx};
use crate::donations::LineKind;
use crate::http::{Error, Listing, Page, Result};
use crate::kernel::ids::AreaId;
use crate::kernel::{Clock, Day, Message};
use crate::people::audit::{self, Act};
use crate::people::rights::{ManagePlaces, ReadReports};
use crate::people::{Permit, Staff};

/// The days and the area that are asked for; one outside of a login's areas is refused.
pub(super) fn period(staff: &Staff, from: Option<Day>, to: Option<Day>, area_id: Option<AreaId>) -> Result<Period> {
    area_id.map_or(Ok(()), |area_id| staff.scope.areas.require(area_id))?;
    Period::new(from, to).map(|period| period.within(area_id)).map_err(|wrong| wrong.at("to").into())
}

/// A page of the rows behind a figure. For logins of the whole ward.
pub(super) async fn figure_rows(
    conn: &mut Conn,
    permit: &Permit<ReadReports>,
    figure: Figure,
    wanted: RowsFilter,
) -> Result<Listing<FigureRow>> {
    permit.require_unconfined()?;
    let bounds = period(permit, wanted.from, wanted.to, wanted.area_id)?.bounds();
    let cursor = Page { limit: wanted.limit, after: wanted.after }.cursor()?;
    let rows = match figure {
        Figure::PackagesMobilised => rows::donated(conn, &bounds, LineKind::Packages, cursor).await?,
        Figure::Cash => rows::donated(conn, &bounds, LineKind::Cash, cursor).await?,
        Figure::PackagesHandedOut => rows::handed_out(conn, &bounds, cursor).await?,
        Figure::Rent => rent::rows(conn, &bounds, cursor).await?,
        Figure::Goods => {
            let item_id = wanted.item_id.ok_or_else(|| {
                let say = Message::fixed("Cho biết mặt hàng (item_id).", "Say which item (item_id).");
                Error::field("item_id", "required", say)
            })?;
            rows::goods(conn, &bounds, item_id, cursor).await?
        }
    };
    Ok(Listing::new(rows, cursor, |row: &FigureRow| row.id))
}

/// Publishes the ward's figures, or takes them back.
pub(super) async fn publish(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePlaces>,
    settings: PublicSettings,
) -> Result<PublicSettings> {
    permit.require_unconfined()?;
    store::public::publish(tx, settings.enabled).await?;
    let act = Act::many("publish", "settings", json!({ "public_disclosure": settings.enabled }));
    audit::append(tx, clock, permit.actor(), act).await?;
    Ok(settings)
}
