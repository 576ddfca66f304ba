//! Donations as a workbook: the list of gifts (danh sách ủng hộ) that a committee publishes.

use axum::response::Response;

use super::donation::Donation;
use crate::http::Result;
use crate::http::workbook::{Cell, Export};
use crate::inventory::choices::{Choice, name_of};
use crate::kernel::message::Lang;

/// The columns: Vietnamese, English, width in characters.
const COLUMNS: [(&str, &str, f64); 10] = [
    ("Số", "Number", 8.0),
    ("Ngày nhận", "Received on", 12.0),
    ("Đơn vị/cá nhân", "Donor", 36.0),
    ("Tiền (đồng)", "Cash (đồng)", 16.0),
    ("Hiện vật", "In kind", 48.0),
    ("Trị giá hiện vật (đồng)", "Value in kind (đồng)", 18.0),
    ("Tổng trị giá (đồng)", "Total value (đồng)", 18.0),
    ("Chương trình", "Campaign", 30.0),
    ("Nơi nhập", "Entered at", 26.0),
    ("Điều kiện của nhà hảo tâm", "Donor's condition", 40.0),
];

/// The workbook. Donors who do not want to be named are not.
pub(super) fn workbook(
    lang: Lang,
    donations: Vec<Donation>,
    campaigns: &[Choice],
    points: &[Choice],
) -> Result<Response> {
    let mut export = Export::new(lang, if lang == Lang::Vi { "Danh sách ủng hộ" } else { "Donations" }, &COLUMNS)?;
    for donation in donations {
        let (value, cash) = (donation.value(), donation.cash());
        let in_kind: Vec<String> = donation
            .lines
            .iter()
            .filter(|line| !line.is_cash())
            .map(|line| line.say().in_lang(lang).to_owned())
            .collect();
        let campaign = donation.campaign_id.map(|id| name_of(campaigns, &id.to_string()).to_owned());
        let point = donation.point_id.map(|id| name_of(points, &id.to_string()).to_owned());
        export.row(&[
            donation.number.into(),
            donation.received_on.for_people().into(),
            donation.donor.masked().name.into(),
            Some(cash.0).filter(|cash| *cash != 0).into(),
            in_kind.join("; ").into(),
            Some(value.0 - cash.0).filter(|rest| *rest != 0).into(),
            Cell::Number(value.0),
            campaign.into(),
            point.into(),
            donation.condition.into(),
        ])?;
    }
    export.answer("danh-sach-ung-ho.xlsx")
}
