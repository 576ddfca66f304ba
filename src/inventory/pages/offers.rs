//! The rows of a form about goods that are at a point: what may be moved or written off, item by item.

use crate::db::Conn;
use crate::http::{Core, Form, Result};
use crate::inventory::level::{FitLevel, fit_levels};
use crate::inventory::quantities;
use crate::kernel::Within;
use crate::kernel::ids::PointId;

/// One item, in its row of the form.
#[derive(Debug)]
pub(crate) struct Offer {
    row: usize,
    pub(crate) stock: FitLevel,
}

impl Offer {
    pub(crate) fn field(&self, name: &str) -> String {
        format!("lines[{}].{name}", self.row)
    }
}

/// The point that a form names, as far as this login sees it.
pub(crate) fn point_of(form: &Form, field: &str, points: &Within<PointId>) -> Option<PointId> {
    form.value(field).parse().ok().filter(|id| points.holds(*id))
}

/// The items of a point that may be chosen, each in its row of the form.
pub(crate) async fn offers(
    core: &Core,
    conn: &mut Conn,
    points: &Within<PointId>,
    form: &Form,
    point: Option<PointId>,
    may_be: impl Fn(&FitLevel) -> bool,
) -> Result<Vec<Offer>> {
    let Some(point) = point else { return Ok(Vec::new()) };
    let mut stock = fit_levels(conn, &core.clock, point, points).await?;
    stock.retain(may_be);
    let rows = quantities::rows_of(form, "lines", stock.iter().map(|row| row.level.item_id));
    Ok(rows.into_iter().zip(stock).map(|(row, stock)| Offer { row, stock }).collect())
}

/// The form with one item in its first row, where an address begins with one.
pub(crate) fn begun_with(form: Form, item_id: &str, quantity: &str) -> Form {
    if item_id.is_empty() {
        return form;
    }
    form.with("lines[0].item_id", item_id).with("lines[0].quantity", quantity)
}
