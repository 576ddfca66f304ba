//! The form of a new donation: its fields become the body that the API takes.

use super::donation::LineKind;
use super::donor::{DonorBody, DonorKind};
use super::given::{DonationLineBody, NewDonationBody};
use crate::http::{Form, Result};
use crate::inventory::{Item, quantities};
use crate::kernel::Validation;
use crate::kernel::ids::ItemId;
use crate::kernel::message::Invalid;

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
    let campaign_id = if_any(form, &mut fields, "campaign_id", Form::chosen);
    let point_id = if_any(form, &mut fields, "point_id", Form::chosen);
    let lines = rows.iter().filter_map(|row| line(form, &mut fields, *row, items)).collect();
    let (kind, received_on, campaign_id, point_id) = fields.all((kind, received_on, campaign_id, point_id))?;
    let name = form.value("donor.name").to_owned();
    let donor = DonorBody { name, kind, anonymous: form.ticked("donor.anonymous") };
    Ok(NewDonationBody { campaign_id, donor, received_on, point_id, lines, condition: form.text("condition") })
}

/// A field that may be left empty.
fn if_any<T>(
    form: &Form,
    fields: &mut Validation,
    name: &str,
    read: impl FnOnce(&Form, &str) -> std::result::Result<T, Invalid>,
) -> Option<Option<T>> {
    fields.take(name, form.text(name).map(|_| read(form, name)).transpose())
}

/// The line of a row; nothing when something is wrong with it, which is noted.
fn line(form: &Form, fields: &mut Validation, row: usize, items: &[Item]) -> Option<DonationLineBody> {
    let at = |field: &str| format!("lines[{row}].{field}");
    match form.value(&at("kind")).parse().unwrap_or(LineKind::Goods) {
        LineKind::Goods => {
            let item_id: Option<ItemId> = fields.take(&at("item_id"), form.chosen(&at("item_id")));
            let quantity = fields.take(&at("quantity"), quantities::quantity(form, &at("quantity"), items, item_id));
            let value = if_any(form, fields, &at("value"), Form::dong);
            let expires_on = if_any(form, fields, &at("expires_on"), Form::day);
            let value = value?.map_or(0, |value| value.0);
            Some(DonationLineBody::Goods { item_id: item_id?, quantity: quantity?.0, value, expires_on: expires_on? })
        }
        LineKind::Packages => {
            let count = fields.take(&at("count"), form.int(&at("count")));
            let value = if_any(form, fields, &at("value"), Form::dong);
            let package_id = if_any(form, fields, &at("package_id"), Form::chosen);
            let value = value?.map(|value| value.0);
            Some(DonationLineBody::Packages { count: count?, value, package_id: package_id? })
        }
        LineKind::Cash => {
            let amount = fields.take(&at("amount"), form.dong(&at("amount")));
            Some(DonationLineBody::Cash { amount: amount?.0 })
        }
    }
}
