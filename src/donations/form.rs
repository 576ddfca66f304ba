//! The form of a new donation: its fields become the body that the API takes.

use super::api::donations::{DonorBody, LineBody, NewDonationBody};
use super::donation::LineKind;
use super::donor::DonorKind;
use crate::http::{Form, Result};
use crate::inventory::{Item, quantities};
use crate::kernel::ids::ItemId;
use crate::kernel::{Day, Dong, Validation};

/// What a person types into a line; a line with nothing in these is left out.
const TYPED: [&str; 7] = ["item_id", "quantity", "value", "expires_on", "count", "package_id", "amount"];

/// The rows of the form that hold something.
pub(super) fn rows(form: &Form) -> Vec<usize> {
    form.filled_rows("lines", &TYPED)
}

/// The body of the form's filled rows. Errors name the form's own fields.
pub(super) fn body(form: &Form, rows: &[usize], items: &[Item]) -> Result<NewDonationBody> {
    let mut fields = Validation::new();
    let kind = fields.take("donor.kind", form.chosen::<DonorKind>("donor.kind"));
    let received_on = fields.take("received_on", form.day("received_on"));
    let campaign_id = chosen_if_any(form, &mut fields, "campaign_id");
    let point_id = chosen_if_any(form, &mut fields, "point_id");
    let lines: Vec<LineBody> = rows.iter().filter_map(|row| line(form, &mut fields, *row, items)).collect();
    let (kind, received_on) = fields.all((kind, received_on))?;
    let name = form.value("donor.name").to_owned();
    let donor = DonorBody { name, kind, anonymous: form.ticked("donor.anonymous") };
    Ok(NewDonationBody { campaign_id, donor, received_on, point_id, lines, condition: form.text("condition") })
}

/// A choice that may be left open.
fn chosen_if_any<T: std::str::FromStr>(form: &Form, fields: &mut Validation, name: &str) -> Option<T> {
    form.text(name).and_then(|_| fields.take(name, form.chosen(name)))
}

fn line(form: &Form, fields: &mut Validation, row: usize, items: &[Item]) -> Option<LineBody> {
    let at = |field: &str| format!("lines[{row}].{field}");
    match form.value(&at("kind")).parse().unwrap_or(LineKind::Goods) {
        LineKind::Goods => {
            let item_id: Option<ItemId> = fields.take(&at("item_id"), form.chosen(&at("item_id")));
            let quantity = fields.take(&at("quantity"), quantities::quantity(form, &at("quantity"), items, item_id));
            let value = dong_if_any(form, fields, &at("value"));
            let expires_on = day_if_any(form, fields, &at("expires_on"));
            let value = value.unwrap_or_default().0;
            Some(LineBody::Goods { item_id: item_id?, quantity: quantity?.0, value, expires_on })
        }
        LineKind::Packages => {
            let count = fields.take(&at("count"), form.int(&at("count")));
            let value = dong_if_any(form, fields, &at("value")).map(|value| value.0);
            let package_id = chosen_if_any(form, fields, &at("package_id"));
            Some(LineBody::Packages { count: count?, value, package_id })
        }
        LineKind::Cash => {
            let amount = fields.take(&at("amount"), form.dong(&at("amount")));
            Some(LineBody::Cash { amount: amount?.0 })
        }
    }
}

fn dong_if_any(form: &Form, fields: &mut Validation, name: &str) -> Option<Dong> {
    form.text(name).and_then(|_| fields.take(name, form.dong(name)))
}

fn day_if_any(form: &Form, fields: &mut Validation, name: &str) -> Option<Day> {
    form.text(name).and_then(|_| fields.take(name, form.day(name)))
}
