//! The rows of a form about goods that are at a point: what may be moved or written off, item by item.

use crate::db::Conn;
use crate::goods::scope::PointScope;
use crate::goods::stock::level::{FitLevel, fit_levels};
use crate::goods::typed;
use crate::http::{Core, Form, Result};
use crate::kernel::ids::PointId;

/// One item, in its row of the form.
#[derive(Debug)]
pub(super) struct Offer {
    row: usize,
    pub(super) stock: FitLevel,
}

impl Offer {
    pub(super) fn field(&self, name: &str) -> String {
        format!("lines[{}].{name}", self.row)
    }
}

/// The point that a form names, as far as this login sees it.
pub(super) fn point_of(form: &Form, field: &str, scope: &PointScope) -> Option<PointId> {
    form.value(field).parse().ok().filter(|id| scope.sees(*id))
}

/// The items of a point that may be chosen, each in its row of the form.
pub(super) async fn offers(
    core: &Core,
    conn: &mut Conn,
    scope: &PointScope,
    form: &Form,
    point: Option<PointId>,
    may_be: impl Fn(&FitLevel) -> bool,
) -> Result<Vec<Offer>> {
    let Some(point) = point else { return Ok(Vec::new()) };
    let mut stock = fit_levels(conn, &core.clock, point, scope).await?;
    stock.retain(may_be);
    let rows = typed::rows_of(form, "lines", stock.iter().map(|row| row.level.item_id));
    Ok(rows.into_iter().zip(stock).map(|(row, stock)| Offer { row, stock }).collect())
}

/// The form with one item in its first row, where an address begins with one.
pub(super) fn begun_with(form: Form, item_id: &str, quantity: &str) -> Form {
    if item_id.is_empty() {
        return form;
    }
    form.with("lines[0].item_id", item_id).with("lines[0].quantity", quantity)
}
