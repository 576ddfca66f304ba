//! Who is to get vouchers, as a form chooses it: areas and categories, or single households.

use std::collections::HashMap;

use crate::db::Conn;
use crate::households::store::Filter;
use crate::households::stored_category::CategoryFilter;
use crate::households::{Category, HouseholdStatus, StoredCategory};
use crate::http::{Core, Form, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::vietnamese::fold;
use crate::kernel::{Validation, Within};
use crate::people::Visitor;
use crate::people::rights::WriteVouchers;
use crate::places::store as places;
use crate::vouchers::find::households_like;
use crate::vouchers::rules::AreaTree;
use crate::vouchers::selection::IssueBody;
use crate::vouchers::store::listings as store;
use crate::vouchers::store::listings::NamedHousehold;

/// Households that one search offers at most.
const FOUND_MAX: i64 = 30;

/// The value of `who` that chooses single households.
pub(crate) const HOUSEHOLDS: &str = "households";
/// The value of `who` that chooses by area and category.
pub(crate) const AREAS: &str = "areas";

/// An area to tick: id, name, depth in the tree, households in it and below.
pub(crate) struct AreaChoice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) depth: usize,
    pub(crate) households: i64,
}

/// What the form offers.
pub(crate) struct Offered {
    pub(crate) areas: Vec<AreaChoice>,
    /// Name, label, households.
    pub(crate) categories: Vec<(&'static str, Category, i64)>,
    /// Chosen before or found now.
    pub(crate) households: Vec<NamedHousehold>,
    /// A search found nobody.
    pub(crate) nobody: bool,
}

/// Reads what the form offers; `search` asks for what was typed to be looked up.
pub(crate) async fn offered(
    core: &Core,
    visitor: &Visitor<WriteVouchers>,
    form: &Form,
    search: bool,
) -> Result<Offered> {
    let mut conn = core.db.read().await?;
    let scope = visitor.permit.scope.areas.clone();
    let areas = areas(&mut conn, &scope).await?;
    let counts: HashMap<StoredCategory, i64> =
        store::households_by_category(&mut conn, &scope).await?.into_iter().collect();
    let category = |category: Category| {
        let count = counts.get(&StoredCategory::of(&core.vault, category)).copied().unwrap_or(0);
        (category.name(), category, count)
    };
    let mut ids: Vec<HouseholdId> = form.all_chosen("household_ids");
    let own = scope.clone();
    let looked_up = search && !form.value("q").is_empty();
    let found = if looked_up {
        households_like(&mut conn, core, form.value("q"), &active(scope), FOUND_MAX).await?
    } else {
        Vec::new()
    };
    let nobody = looked_up && found.is_empty();
    ids.extend(found);
    ids.sort_unstable();
    ids.dedup();
    let households = if ids.is_empty() { Vec::new() } else { store::named(&mut conn, &own, &ids).await? };
    Ok(Offered { areas, categories: Category::ALL.map(category).to_vec(), households, nobody })
}

/// The areas that a login sees, in the order of their tree.
async fn areas(conn: &mut Conn, scope: &Within<AreaId>) -> Result<Vec<AreaChoice>> {
    let own: HashMap<AreaId, i64> = store::households_by_area(conn, scope).await?.into_iter().collect();
    let areas = places::open_areas(conn, &Within::All).await?;
    let tree = AreaTree::new(areas.iter().map(|area| (area.id, area.parent_id, fold(&area.name))).collect());
    let mut sums: HashMap<AreaId, i64> = HashMap::new();
    for (id, households) in own {
        for area in tree.upwards(id) {
            *sums.entry(area).or_default() += households;
        }
    }
    let mut seen: Vec<_> = areas.into_iter().filter(|area| scope.holds(area.id)).collect();
    seen.sort_by_key(|area| tree.rank(area.id));
    let choice = |area: crate::places::Area| AreaChoice {
        depth: tree.upwards(area.id).filter(|above| scope.holds(*above)).count().saturating_sub(1).min(3),
        households: sums.get(&area.id).copied().unwrap_or(0),
        id: area.id.to_string(),
        name: area.name,
    };
    Ok(seen.into_iter().map(choice).collect())
}

fn active(scope: Within<AreaId>) -> Filter {
    Filter { scope, category: CategoryFilter::default(), status: Some(HouseholdStatus::Active) }
}

/// What the form chose, as the API takes it.
pub(crate) fn body_of(form: &Form) -> Result<IssueBody> {
    let mut fields = Validation::new();
    let units = fields.take("units", form.int("units"));
    let point_id = fields.take("point_id", form.text("point_id").map(|_| form.chosen("point_id")).transpose());
    let (units, point_id) = fields.all((units, point_id))?;
    let body = IssueBody { point_id, units: Some(units), ..IssueBody::default() };
    Ok(if form.has("who", HOUSEHOLDS) {
        IssueBody { household_ids: form.all_chosen("household_ids"), ..body }
    } else {
        let categories = form.all("categories").map(str::to_owned).collect();
        IssueBody { area_ids: form.all_chosen("area_ids"), categories, ..body }
    })
}
