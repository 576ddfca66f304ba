//! The register: search, filters, order, pages, and the same as a workbook.
//!
//! The search is sent as a form's body. Words go on into the address, so that a list can be kept and shared; a phone or
//! id number never does: its result is the answer to the form itself.

use super::shown::Shown;
use super::words::{category, choice, name, status};
use crate::db::Conn;
use crate::households::Category;
use crate::households::HouseholdStatus;
use crate::households::search::Search;
use crate::households::service::export::{self as service, Narrowed};
use crate::households::store::Filter;
use crate::households::store::table::{self, Listed, TableFilter};
use crate::households::stored_category::{CategoryFilter, CategoryReader};
use crate::households::view::{Household, note_look_at_illness, require_may_see};
use crate::http::workbook::Export;
use crate::http::{Core, Error, Form, Frame, PAGE_ROWS, Params, Result, Rows, Turn, see_other, show};
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::vietnamese::name_similarity;
use crate::people::rights::ReadHouseholds;
use crate::people::{Right, Staff, Visitor};
use crate::places;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

/// Names that a search with no match is compared with.
const NEAR_CANDIDATES: i64 = 4_000;
/// Names nearly spelt like the search that are shown.
const NEAR_SHOWN: usize = 10;
/// How alike two names are at least to be called near.
const NEAR: f32 = 0.7;
/// Columns to order by; the first is how the table comes.
const ORDERS: &[&str] = &["name", "area", "members", "newest"];

pub fn router() -> Router<Core> {
    Router::new()
        .route("/households", get(register))
        .route("/households/find", get(nothing_to_find).post(find))
        .route("/households/export.xlsx", get(export))
}

/// The filters of the address.
#[derive(Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    area_id: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    import_id: String,
}

impl ListQuery {
    fn of_form(form: &Form) -> Self {
        let text = |name| form.value(name).to_owned();
        Self {
            q: text("q"),
            area_id: text("area_id"),
            category: text("category"),
            status: text("status"),
            import_id: String::new(),
        }
    }

    /// The query, as the fields of the form show it.
    fn form(&self) -> Form {
        Form::default()
            .with("q", &self.q)
            .with("area_id", &self.area_id)
            .with("category", &self.category)
            .with("status", &self.status)
    }

    /// The address that asks for this.
    fn address(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        let fields =
            [("q", &self.q), ("area_id", &self.area_id), ("category", &self.category), ("status", &self.status)];
        out.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        let query = out.finish();
        if query.is_empty() { "/households".to_owned() } else { format!("/households?{query}") }
    }

    fn category(&self) -> Option<Category> {
        Category::from_name(&self.category)
    }

    fn import_id(&self) -> Option<ImportId> {
        self.import_id.parse().ok()
    }

    fn narrows(&self) -> bool {
        !(self.q.is_empty() && self.area_id.is_empty() && self.category.is_empty() && self.status.is_empty())
            || self.import_id().is_some()
    }

    /// The filter that the fields speak of; what is none of the known values filters nothing.
    async fn filter(&self, core: &Core, conn: &mut Conn, staff: &Staff) -> Result<Filter> {
        let reach = &staff.scope.areas;
        let category = self.category();
        require_may_see(staff, category)?;
        let scope = match self.area_id.parse::<AreaId>() {
            Ok(area_id) => reach.narrowed(places::store::subtree(conn, area_id).await?),
            Err(_) => reach.clone(),
        };
        let status = match self.status.as_str() {
            "all" => None,
            name => Some(HouseholdStatus::from_name(name).unwrap_or(HouseholdStatus::Active)),
        };
        let category = CategoryFilter::of(&core.vault, category, staff.role.may(Right::ReadPersonal));
        Ok(Filter { scope, category, status })
    }
}

#[derive(Template)]
#[template(path = "households/register.html")]
struct RegisterPage {
    frame: Frame,
    form: Form,
    rows: Rows<Shown>,
    near: Vec<Shown>,
    areas: Vec<(String, String)>,
    /// Whether a number was looked for, which stays out of the address.
    by_number: bool,
    narrowed: bool,
    may_write: bool,
    may_see_illness: bool,
}

impl RegisterPage {
    fn categories(&self) -> Vec<(String, String)> {
        let shown = |category: &Category| self.may_see_illness || !category.is_sensitive();
        Category::ALL.iter().filter(|category| shown(category)).map(|category| choice(&self.frame, *category)).collect()
    }

    fn statuses(&self) -> [(&'static str, &'static str); 3] {
        let t = |vi, en| self.frame.t(vi, en);
        [("merged", t("Đã gộp", "Merged")), ("erased", t("Đã xóa dữ liệu", "Erased")), ("all", t("Tất cả", "All"))]
    }

    fn category(&self, household: &Household) -> String {
        category(&self.frame, household.category)
    }

    fn name<'a>(&self, household: &'a Household) -> &'a str {
        name(&self.frame, household)
    }

    fn status(&self, household: &Household) -> &'static str {
        status(&self.frame, household.status)
    }

    /// The day it was registered.
    fn registered(&self, household: &Household) -> String {
        self.frame.day(&household.created_at.day())
    }

    /// The same table as a workbook.
    fn export(&self) -> String {
        self.frame.with("page", "").replacen("/households", "/households/export.xlsx", 1)
    }

    fn count(&self) -> String {
        let total = self.rows.total.unwrap_or_else(|| i64::try_from(self.rows.items.len()).unwrap_or(0));
        let total = self.frame.number(total);
        match self.frame.lang {
            crate::kernel::message::Lang::Vi => format!("{total} hộ"),
            crate::kernel::message::Lang::En => format!("{total} households"),
        }
    }
}

async fn register(
    State(core): State<Core>,
    visitor: Visitor<ReadHouseholds>,
    Params(turn): Params<Turn>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let Search::Words { folded, marked } = Search::parse(&core.vault, &query.q) else {
        // Somebody wrote a number into the address: it is taken out again.
        return Ok(see_other("/households"));
    };
    let mut conn = core.db.read().await?;
    let reach = &visitor.permit.scope.areas;
    let areas = places::area_choices(&mut conn, reach).await?;
    let filter = query.filter(&core, &mut conn, &visitor.permit).await?;
    let order = order_of(&turn, !query.q.is_empty());
    let table_filter = TableFilter { folded: *folded, marked: *marked, filter, import_id: query.import_id(), order };
    let total = table::count(&mut conn, &table_filter).await?;
    let found = table::listed(&mut conn, &table_filter, turn.limit(), turn.offset()).await?;
    drop(conn);
    note_illness(&core, &visitor.permit, &query, &found).await?;
    let mut conn = core.db.read().await?;
    let near =
        if total == 0 && !query.q.is_empty() { near(&mut conn, &query.q, table_filter).await? } else { Vec::new() };
    drop(conn);
    let page = RegisterPage {
        may_write: visitor.may(Right::WriteHouseholds),
        may_see_illness: visitor.may(Right::ReadPersonal),
        frame: visitor.frame,
        form: query.form(),
        rows: Rows::new(masked(&core, found)?, &turn, Some(total)),
        near: masked(&core, near)?,
        areas,
        by_number: false,
        narrowed: query.narrows(),
    };
    show(StatusCode::OK, &page)
}

fn order_of(turn: &Turn, searched: bool) -> &'static str {
    match turn.order(ORDERS) {
        ("name", false) if searched => "found",
        ("name", true) => "-name",
        ("area", true) => "-area",
        ("members", true) => "-members",
        ("newest", true) => "-newest",
        (order, _) => order,
    }
}

/// A list of the ill is a look at each of them.
async fn note_illness(core: &Core, staff: &Staff, query: &ListQuery, found: &[Listed]) -> Result<()> {
    if !query.category().is_some_and(Category::is_sensitive) {
        return Ok(());
    }
    let ids: Vec<HouseholdId> = found.iter().map(|listed| listed.stored.id).collect();
    note_look_at_illness(core, staff, &ids).await
}

fn masked(core: &Core, found: Vec<Listed>) -> Result<Vec<Shown>> {
    let categories = CategoryReader::new(&core.vault);
    found.into_iter().map(|listed| Shown::of(&core.vault, &categories, listed, false)).collect()
}

/// Households whose names are spelt nearly as the search, the nearest first.
async fn near(conn: &mut Conn, q: &str, table_filter: TableFilter) -> Result<Vec<Listed>> {
    let names = table::sharing_a_word(conn, table_filter.folded, &table_filter.filter, NEAR_CANDIDATES).await?;
    let mut ranked: Vec<_> = names
        .into_iter()
        .map(|(id, name)| (name_similarity(q, &name), id))
        .filter(|(similarity, _)| *similarity >= NEAR)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.truncate(NEAR_SHOWN);
    let ids: Vec<_> = ranked.into_iter().map(|(_, id)| id).collect();
    Ok(if ids.is_empty() { Vec::new() } else { table::some(conn, &table_filter.filter.scope, &ids).await? })
}

/// The address of an answered search by number holds nothing to show again.
async fn nothing_to_find(_visitor: Visitor<ReadHouseholds>) -> Result<Response> {
    Ok(see_other("/households"))
}

async fn find(State(core): State<Core>, visitor: Visitor<ReadHouseholds>, form: Form) -> Result<Response> {
    let query = ListQuery::of_form(&form);
    let Search::Number { phone_index, citizen_index } = Search::parse(&core.vault, &query.q) else {
        return Ok(see_other(&query.address()));
    };
    let mut conn = core.db.read().await?;
    let reach = &visitor.permit.scope.areas;
    let areas = places::area_choices(&mut conn, reach).await?;
    let filter = query.filter(&core, &mut conn, &visitor.permit).await?;
    let found = table::with_number(&mut conn, phone_index, citizen_index, &filter, PAGE_ROWS).await?;
    drop(conn);
    note_illness(&core, &visitor.permit, &query, &found).await?;
    let page = RegisterPage {
        may_write: visitor.may(Right::WriteHouseholds),
        may_see_illness: visitor.may(Right::ReadPersonal),
        frame: visitor.frame,
        form: query.form(),
        rows: Rows::new(masked(&core, found)?, &Turn::default(), None),
        near: Vec::new(),
        areas,
        by_number: true,
        narrowed: true,
    };
    show(StatusCode::OK, &page)
}

async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadHouseholds>,
    Params(turn): Params<Turn>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let Search::Words { folded, marked } = Search::parse(&core.vault, &query.q) else {
        return Ok(see_other("/households"));
    };
    let mut conn = core.db.read().await?;
    let filter = query.filter(&core, &mut conn, &visitor.permit).await?;
    let order = order_of(&turn, !query.q.is_empty());
    let table_filter = TableFilter { folded: *folded, marked: *marked, filter, import_id: query.import_id(), order };
    drop(conn);
    let area_id = query.area_id.parse().ok();
    let narrowed = Narrowed { area_id, category: query.category(), searched: !query.q.is_empty() };
    let found = service::export(&core, &visitor.permit, &table_filter, narrowed).await?;
    let personal = visitor.may(Right::ReadPersonal);
    let frame = visitor.frame;
    let written = tokio::task::spawn_blocking(move || workbook(&core, &frame, found, personal));
    written.await.map_err(|error| Error::Internal(Box::new(error)))?
}

fn workbook(core: &Core, frame: &Frame, found: Vec<Listed>, personal: bool) -> Result<Response> {
    let mut export = Export::new(
        frame.lang,
        frame.t("Hộ gia đình", "Households"),
        &[
            ("Họ tên chủ hộ", "Head of household", 28.0),
            ("Khu vực", "Area", 24.0),
            ("Địa chỉ", "Address", 36.0),
            ("Số điện thoại", "Phone", 15.0),
            ("Số CCCD/CMND", "Id number", 16.0),
            ("Năm sinh", "Year of birth", 10.0),
            ("Nhân khẩu", "Members", 10.0),
            ("Diện hỗ trợ", "Category", 22.0),
            ("Ghi chú", "Note", 36.0),
            ("Đồng ý ngày", "Consent given on", 14.0),
            ("Tình trạng", "State", 20.0),
        ],
    )?;
    let categories = CategoryReader::new(&core.vault);
    for listed in found {
        let Shown { household, area } = Shown::of(&core.vault, &categories, listed, personal)?;
        export.row(&[
            household.head_name.clone().into(),
            area.into(),
            household.address.into(),
            household.phone.into(),
            household.citizen_id.into(),
            // A year is no amount: no dots between its digits.
            household.birth_year.map(|year| year.to_string()).into(),
            household.members.into(),
            category(frame, household.category).into(),
            household.note.into(),
            household.consent_at.map(|at| at.day().for_people()).into(),
            status(frame, household.status).into(),
        ])?;
    }
    export.answer("ho-gia-dinh.xlsx")
}
