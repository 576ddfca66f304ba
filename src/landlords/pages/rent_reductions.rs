//! `/rent`: all reductions a login may see, filtered, ordered, and the same as a workbook.
//!
//! Words of the search go into the address; a phone number never does: its result is the answer to the form itself.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::shown::Shown;
use super::words;
use crate::db::Conn;
use crate::households::search::Search;
use crate::http::workbook::{EXPORT_ROWS, Export};
use crate::http::{Core, Form, Frame, Params, Result, Rows, Turn, see_other, show};
use crate::kernel::ids::{AreaId, ImportId, LandlordId};
use crate::kernel::{Dong, Month, Within};
use crate::landlords::reduction::ReductionStatus;
use crate::landlords::store::{self, Listed, Sum, TableFilter};
use crate::people::audit::{self, Act};
use crate::people::rights::ReadRent;
use crate::people::{Right, Staff, Visitor};
use crate::places;

/// Columns to order by; the first is how the table comes.
const ORDERS: &[&str] = &["newest", "oldest", "name", "amount"];
/// The choice of reductions of which nobody knows the area.
const NOWHERE: &str = "none";

pub fn router() -> Router<Core> {
    Router::new()
        .route("/rent", get(table))
        .route("/rent/find", get(nothing_to_find).post(find))
        .route("/rent/export.xlsx", get(export))
}

/// The filters of the address.
#[derive(Clone, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    area_id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    landlord_id: String,
    #[serde(default)]
    import_id: String,
}

impl ListQuery {
    fn of_form(form: &Form) -> Self {
        let text = |name| form.value(name).to_owned();
        Self {
            q: text("q"),
            area_id: text("area_id"),
            status: text("status"),
            month: text("month"),
            landlord_id: String::new(),
            import_id: String::new(),
        }
    }

    fn fields(&self) -> [(&'static str, &String); 6] {
        [
            ("q", &self.q),
            ("area_id", &self.area_id),
            ("status", &self.status),
            ("month", &self.month),
            ("landlord_id", &self.landlord_id),
            ("import_id", &self.import_id),
        ]
    }

    fn form(&self) -> Form {
        self.fields().into_iter().fold(Form::default(), |form, (name, value)| form.with(name, value))
    }

    fn address(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(self.fields().into_iter().filter(|(_, value)| !value.is_empty()));
        let query = out.finish();
        if query.is_empty() { "/rent".to_owned() } else { format!("/rent?{query}") }
    }

    fn narrows(&self) -> bool {
        self.fields().into_iter().any(|(_, value)| !value.is_empty())
    }

    /// What the fields speak of; what is none of the known values filters nothing.
    async fn filter(&self, core: &Core, conn: &mut Conn, scope: Within<AreaId>, turn: &Turn) -> Result<TableFilter> {
        let scope = match self.area_id.parse::<AreaId>() {
            Ok(area_id) => scope.narrowed(places::store::subtree(conn, area_id).await?),
            Err(_) => scope,
        };
        let (words, phone_index) = match Search::parse(&core.vault, &self.q) {
            Search::Words { folded, .. } => (*folded, None),
            Search::Number { phone_index, .. } => (std::array::from_fn(|_| "%".to_owned()), Some(phone_index)),
        };
        let status = self.status.parse::<ReductionStatus>().map_or("", ReductionStatus::name).to_owned();
        Ok(TableFilter {
            scope,
            nowhere: self.area_id == NOWHERE,
            status,
            month: Month::parse(&self.month).map(|month| month.to_string()).unwrap_or_default(),
            words,
            reference: self.q.trim().to_uppercase(),
            phone_index,
            landlord_id: self.landlord_id.parse::<LandlordId>().ok(),
            import_id: self.import_id.parse::<ImportId>().ok(),
            order: match turn.order(ORDERS) {
                ("newest", true) => "oldest",
                ("name", true) => "-name",
                ("amount", true) => "-amount",
                (order, _) => order,
            },
        })
    }
}

#[derive(Template)]
#[template(path = "landlords/list.html")]
struct ListPage {
    frame: Frame,
    form: Form,
    rows: Rows<Shown>,
    sums: Vec<Sum>,
    areas: Vec<(String, String)>,
    months: Vec<(String, String)>,
    by_number: bool,
    narrowed: bool,
    may_write: bool,
}

impl ListPage {
    fn statuses(&self) -> [(&'static str, &'static str); 5] {
        ["pledged", "verified", "confirmed", "rejected", "withdrawn"]
            .map(|status| (status, words::status(&self.frame, status)))
    }

    fn status(&self, shown: &Shown) -> &'static str {
        words::status(&self.frame, &shown.reduction.status)
    }

    fn state(&self, shown: &Shown) -> &'static str {
        words::state(&shown.reduction.status)
    }

    fn count(&self) -> i64 {
        self.sums.iter().map(|sum| sum.reductions).sum()
    }

    fn sum(&self, status: &str) -> Option<&Sum> {
        self.sums.iter().find(|sum| sum.status == status)
    }

    fn pledged(&self, status: &str) -> Dong {
        self.sum(status).map_or(Dong(0), |sum| sum.pledged)
    }

    fn given(&self) -> Dong {
        self.sum("confirmed").map_or(Dong(0), |sum| sum.confirmed)
    }

    fn of_status(&self, status: &str) -> i64 {
        self.sum(status).map_or(0, |sum| sum.reductions)
    }

    /// The same table as a workbook.
    fn export(&self) -> String {
        self.frame.with("page", "").replacen("/rent", "/rent/export.xlsx", 1)
    }
}

async fn table(
    State(core): State<Core>,
    visitor: Visitor<ReadRent>,
    Params(turn): Params<Turn>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    if matches!(Search::parse(&core.vault, &query.q), Search::Number { .. }) {
        // Somebody wrote a number into the address: it is taken out again.
        return Ok(see_other("/rent"));
    }
    show_table(&core, visitor, turn, query).await
}

/// The address of an answered search by number holds nothing to show again.
async fn nothing_to_find(_visitor: Visitor<ReadRent>) -> Result<Response> {
    Ok(see_other("/rent"))
}

async fn find(State(core): State<Core>, visitor: Visitor<ReadRent>, form: Form) -> Result<Response> {
    let query = ListQuery::of_form(&form);
    match Search::parse(&core.vault, &query.q) {
        Search::Words { .. } => Ok(see_other(&query.address())),
        Search::Number { .. } => show_table(&core, visitor, Turn::default(), query).await,
    }
}

async fn show_table(core: &Core, visitor: Visitor<ReadRent>, turn: Turn, query: ListQuery) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = visitor.permit.scope.areas.clone();
    let mut areas = places::area_choices(&mut conn, &scope).await?;
    if scope.is_all() {
        areas.push((NOWHERE.to_owned(), visitor.frame.t("(không rõ khu vực)", "(area not known)").to_owned()));
    }
    let filter = query.filter(core, &mut conn, scope, &turn).await?;
    let by_number = filter.phone_index.is_some();
    let sums = store::sums(&mut conn, &filter).await?;
    let found = store::listed(&mut conn, &filter, turn.limit(), turn.offset()).await?;
    let months = store::months(&mut conn).await?;
    drop(conn);
    let total = sums.iter().map(|sum| sum.reductions).sum();
    let shown = found.into_iter().map(|listed| Shown::of(core, listed)).collect::<Result<Vec<_>>>()?;
    let month = |(month,): (String,)| {
        let label = Month::parse(&month).map_or_else(|_| month.clone(), Month::for_people);
        (month, label)
    };
    let page = ListPage {
        may_write: visitor.may(Right::WriteRent),
        frame: visitor.frame,
        form: query.form(),
        rows: Rows::new(shown, &turn, Some(total)),
        sums,
        areas,
        months: months.into_iter().map(month).collect(),
        by_number,
        narrowed: query.narrows(),
    };
    show(StatusCode::OK, &page)
}

/// What a workbook leaves is logged: whole phone numbers for those who need them.
async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadRent>,
    Params(turn): Params<Turn>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let found = all(&core, &visitor.permit, &turn, &query).await?;
    let personal = visitor.may(Right::ReadPersonal);
    let detail = json!({ "rows": found.len(), "personal": personal, "status": query.status, "month": query.month });
    audit::record(&core, visitor.permit.actor(), Act::many("export", "rent_reduction", detail)).await?;
    workbook(&core, &visitor.frame, found, personal)
}

async fn all(core: &Core, staff: &Staff, turn: &Turn, query: &ListQuery) -> Result<Vec<Listed>> {
    let mut conn = core.db.read().await?;
    let scope = staff.scope.areas.clone();
    let filter = query.filter(core, &mut conn, scope, turn).await?;
    Ok(store::listed(&mut conn, &filter, EXPORT_ROWS, 0).await?)
}

fn workbook(core: &Core, frame: &Frame, found: Vec<Listed>, personal: bool) -> Result<Response> {
    let mut export = Export::new(
        frame.lang,
        frame.t("Giảm tiền thuê trọ", "Rent reductions"),
        &[
            ("Mã đăng ký", "Reference", 12.0),
            ("Chủ nhà trọ", "Landlord", 28.0),
            ("Số điện thoại", "Phone", 15.0),
            ("Địa chỉ", "Address", 36.0),
            ("Khu vực", "Area", 24.0),
            ("Trạng thái", "Status", 16.0),
            ("Số phòng", "Rooms", 10.0),
            ("Lượt phòng–tháng", "Room-months", 12.0),
            ("Đăng ký giảm (đ)", "Pledged (đ)", 16.0),
            ("Đã xác nhận giảm (đ)", "Confirmed (đ)", 18.0),
            ("Ngày đăng ký", "Pledged on", 13.0),
            ("Ghi chú", "Note", 36.0),
        ],
    )?;
    for Listed { row, area, .. } in found {
        let reduction = row.view(&core.vault, personal)?;
        export.row(&[
            reduction.reference.into(),
            reduction.landlord.name.into(),
            reduction.landlord.phone.into(),
            reduction.landlord.address.into(),
            area.into(),
            words::status(frame, &reduction.status).into(),
            reduction.rooms.into(),
            reduction.room_months.into(),
            reduction.pledged.0.into(),
            reduction.confirmed.map(|amount| amount.0).into(),
            reduction.submitted_at.day().for_people().into(),
            reduction.note.into(),
        ])?;
    }
    export.answer("giam-tien-tro.xlsx")
}
