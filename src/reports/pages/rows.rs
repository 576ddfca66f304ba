//! `/reports/rows/{figure}`: the rows that a figure of the report is the sum of.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::report::PeriodQuery;
use crate::http::{Core, Error, Form, Frame, Page, Params, Result, show};
use crate::kernel::Quantity;
use crate::kernel::ids::ItemId;
use crate::people::rights::ReadReports;
use crate::people::{Right, Visitor};
use crate::reports::figures::Figure;
use crate::reports::period::Bounds;
use crate::reports::rent::rent;
use crate::reports::rows_filter::RowsFilter;
use crate::reports::service;
use crate::reports::store::rows::FigureRow;
use crate::reports::store::totals;

/// Rows of one page.
const PAGE: i64 = 100;

/// Which item, and after which row.
#[derive(Default, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    item_id: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "reports/rows.html")]
struct RowsPage {
    frame: Frame,
    form: Form,
    figure: Figure,
    rows: Vec<FigureRow>,
    /// The first row of the next page comes after this.
    next: Option<String>,
    first: bool,
    /// The item, for goods: its name, unit and decimals.
    item: Option<(String, String, i64)>,
    /// What all rows come to, as the report has it.
    total: String,
    may_see_rent: bool,
}

impl RowsPage {
    fn title(&self) -> String {
        let t = |vi, en| self.frame.t(vi, en);
        match self.figure {
            Figure::PackagesMobilised => t("Suất quà vận động được", "Packages given").to_owned(),
            Figure::PackagesHandedOut => t("Suất quà đã phát", "Packages handed out").to_owned(),
            Figure::Rent => t("Tiền thuê trọ được giảm", "Rent forgone").to_owned(),
            Figure::Cash => t("Tiền mặt nhận được", "Money received").to_owned(),
            Figure::Goods => {
                let name = self.item.as_ref().map_or("", |(name, ..)| name);
                format!("{}: {name}", t("Hàng hóa", "Goods"))
            }
        }
    }

    fn has_value(&self) -> bool {
        self.figure != Figure::Goods
    }

    fn has_count(&self) -> bool {
        self.figure != Figure::Cash
    }

    fn on(&self, row: &FigureRow) -> String {
        match (&row.day, row.at) {
            (Some(day), _) => day.split('-').rev().collect::<Vec<_>>().join("/"),
            (None, Some(at)) => self.frame.moment(&at),
            (None, None) => String::new(),
        }
    }

    fn count(&self, row: &FigureRow) -> String {
        match &self.item {
            Some((_, unit, decimals)) => format!("{} {unit}", self.frame.amount(&Quantity(row.count), decimals)),
            None => self.frame.number(row.count),
        }
    }

    fn kind(&self, row: &FigureRow) -> String {
        let t = |vi, en| self.frame.t(vi, en);
        let word = match row.kind.as_str() {
            "packages" => t("Suất quà", "Packages"),
            "cash" => t("Tiền", "Money"),
            "received" => t("Nhận", "Received"),
            "handed_out" => t("Đã phát", "Handed out"),
            "spoiled" => t("Hư hỏng", "Spoiled"),
            "adjusted" => t("Điều chỉnh tồn", "Adjusted"),
            "amount" => t("Giảm một số tiền", "By an amount"),
            "percent" => t("Giảm theo phần trăm", "By a share"),
            "waiver" => t("Miễn tiền thuê", "Waived"),
            "online" => t("Quét có mạng", "Scanned online"),
            "offline" => t("Quét khi mất mạng", "Scanned offline"),
            "roster" => t("Danh sách ký nhận", "Paper roster"),
            "desk" => t("Bàn phát", "Desk"),
            other => other,
        };
        word.to_owned()
    }

    fn label(&self, row: &FigureRow) -> String {
        let t = |vi, en| self.frame.t(vi, en);
        let word = match (self.figure, row.label.as_str()) {
            (Figure::Goods, "goods") => t("Ủng hộ hiện vật", "Donated loose"),
            (Figure::Goods, "packages") => t("Trong suất quà được ủng hộ", "Within donated packages"),
            (Figure::Goods, "redemption") => t("Trao cho hộ gia đình", "Handed to households"),
            (Figure::Goods, "reversal") => t("Hoàn lại lượt nhận", "Undone"),
            (Figure::Goods, "spoiled") => t("Hư hỏng", "Spoiled"),
            (Figure::Goods, "counted") => t("Kiểm kê", "Stock take"),
            (Figure::Goods, "lost") => t("Thất lạc", "Lost"),
            (Figure::Goods, "other") => t("Lý do khác", "Another reason"),
            (_, other) => other,
        };
        word.to_owned()
    }

    /// The page of the record that a row belongs to, where the visitor may see it.
    fn record(&self, row: &FigureRow) -> Option<String> {
        match (self.figure, row.kind.as_str()) {
            (Figure::Rent, _) => self.may_see_rent.then(|| format!("/rent/{}", row.record_id)),
            (Figure::PackagesMobilised | Figure::Cash, _) | (Figure::Goods, "received") => {
                Some(format!("/donations/{}", row.record_id))
            }
            _ => None,
        }
    }
}

pub(crate) async fn rows(
    State(core): State<Core>,
    visitor: Visitor<ReadReports>,
    Path(figure): Path<String>,
    Params(asked): Params<PeriodQuery>,
    Params(part): Params<Part>,
) -> Result<Response> {
    let figure: Figure = figure.parse().map_err(|()| Error::NotFound)?;
    let form = asked.form();
    let period = asked.period(&form)?;
    let after = Some(part.after).filter(|after| !after.is_empty());
    let (first, page) = (after.is_none(), Page { limit: Some(PAGE), after });
    let item_id = part.item_id.parse::<ItemId>().ok();
    let wanted = RowsFilter::new(period, item_id, page);
    let found = service::figure_rows(&mut core.db.read().await?, &visitor.permit, figure, wanted).await?;
    let (may_see_rent, frame) = (visitor.may(Right::ReadRent), visitor.frame);
    let (total, item) = total(&core, &frame, figure, &period.bounds(), item_id).await?;
    let page = RowsPage { item, next: found.next, rows: found.items, frame, form, figure, first, total, may_see_rent };
    show(StatusCode::OK, &page)
}

/// The figure itself, as the report has it; and the name, unit and decimals of the item it is about.
async fn total(
    core: &Core,
    frame: &Frame,
    figure: Figure,
    bounds: &Bounds,
    item_id: Option<ItemId>,
) -> Result<(String, Option<(String, String, i64)>)> {
    let mut conn = core.db.snapshot().await?;
    let packages =
        |count: i64, value| format!("{} {}, {}", frame.number(count), frame.t("suất", "packages"), frame.money(value));
    let total = match figure {
        Figure::PackagesMobilised => {
            let donated = totals::donated(&mut conn, bounds).await?;
            packages(donated.packages, &donated.packages_value)
        }
        Figure::PackagesHandedOut => {
            let handed_out = totals::handed_out(&mut conn, bounds).await?;
            packages(handed_out.packages, &handed_out.value)
        }
        Figure::Rent => frame.money(&rent(&mut conn, bounds).await?.counted.amount),
        Figure::Cash => frame.money(&totals::donated(&mut conn, bounds).await?.cash),
        Figure::Goods => {
            let items = totals::goods(&mut conn, bounds).await?;
            let Some(item) = items.into_iter().find(|item| Some(item.item_id) == item_id) else {
                return Ok((String::new(), None));
            };
            let amount = |quantity| frame.amount(quantity, item.decimals);
            let (received, out) = (amount(&item.received), amount(&item.handed_out));
            let (has, gave) = (frame.t("nhận", "received"), frame.t("đã phát", "handed out"));
            let total = format!("{has} {received}, {gave} {out} {}", item.unit);
            return Ok((total, Some((item.name, item.unit, item.decimals))));
        }
    };
    Ok((total, None))
}
