//! Quantities of items in the rows of a form: `lines[0].item_id` with `lines[0].quantity`, typed in the item's unit.

use super::item::Item;
use crate::http::Form;
use crate::kernel::ids::ItemId;
use crate::kernel::message::Invalid;
use crate::kernel::{Quantity, Validation};

/// The item and the quantity of each of these rows; what can't be read is noted under its field.
pub fn quantities(
    form: &Form,
    fields: &mut Validation,
    (list, field): (&str, &str),
    rows: &[usize],
    items: &[Item],
) -> Vec<(ItemId, Quantity)> {
    let read = |row: &usize| {
        let name = format!("{list}[{row}].item_id");
        let item_id: Option<ItemId> = fields.take(&name, form.chosen(&name));
        let name = format!("{list}[{row}].{field}");
        let quantity = fields.take(&name, quantity(form, &name, items, item_id));
        Some((item_id?, quantity?))
    };
    rows.iter().filter_map(read).collect()
}

/// A quantity in the unit of its item. Without a known item, which is told elsewhere, whatever is typed will do.
pub fn quantity(form: &Form, name: &str, items: &[Item], item_id: Option<ItemId>) -> Result<Quantity, Invalid> {
    match items.iter().find(|item| Some(item.id) == item_id) {
        Some(item) => form.quantity(name, u8::try_from(item.decimals).unwrap_or(0)),
        None if form.value(name).is_empty() => form.quantity(name, 0),
        None => Ok(Quantity(0)),
    }
}

/// For each of these items the row that the form has for it already, or the next free one.
pub fn rows_of(form: &Form, list: &str, items: impl IntoIterator<Item = ItemId>) -> Vec<usize> {
    let rows = form.rows(list);
    let mut next = rows;
    let mut row_of = |id: ItemId| {
        let id = id.to_string();
        (0..rows).find(|row| form.value(&format!("{list}[{row}].item_id")) == id).unwrap_or_else(|| {
            next += 1;
            next - 1
        })
    };
    items.into_iter().map(&mut row_of).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn items_keep_their_rows_of_the_form_and_new_ones_follow() {
        let id = |n| ItemId(Uuid::from_u128(n));
        let form = Form::default().with("lines[0].item_id", id(7)).with("lines[1].item_id", id(8));
        assert_eq!(rows_of(&form, "lines", [id(9), id(8), id(7), id(6)]), [2, 1, 0, 3]);
    }
}
