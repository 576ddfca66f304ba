//! The pages of the registry.
//!
//! Lists and details show phone and id number masked and the note not at all; a login with the right to personal data
//! sees them in full in a step of its own, which is logged.

mod compare;
mod detail;
mod duplicates;
mod erase;
mod form;
mod imports;
mod list;
mod merge;

use axum::Router;
use axum::routing::{get, post};

use super::Category;
use super::api::Household;
use super::store::listed::Listed;
use crate::http::{Core, Frame, Result};
use crate::vault::Vault;

/// `/households` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/households", get(list::register))
        .route("/households/find", get(list::nothing_to_find).post(list::find))
        .route("/households/export.xlsx", get(list::export))
        .route("/households/new", get(form::new).post(form::create))
        .route("/households/duplicates", get(duplicates::show_page))
        .route("/households/duplicates/distinct", post(duplicates::tell_apart))
        .route("/households/{id}", get(detail::masked))
        .route("/households/{id}/full", get(detail::back).post(detail::full))
        .route("/households/{id}/edit", get(form::edit).post(form::save))
        .route("/households/{id}/erase", get(erase::ask).post(erase::erase))
        .route("/households/{id}/merge", get(merge::ask).post(merge::merge))
        .merge(imports::router())
}

/// A household as a page shows it, with its area's name.
pub(super) struct Shown {
    pub(super) household: Household,
    pub(super) area: String,
}

impl Shown {
    /// With phone, id number and note masked (`full` is false) or not.
    pub(super) fn of(vault: &Vault, listed: Listed, full: bool) -> Result<Self> {
        Ok(Self { household: Household::of(vault, listed.stored, full)?, area: listed.area })
    }
}

/// A stored category in the reader's words.
pub(in crate::households) fn category(frame: &Frame, name: &str) -> String {
    Category::parse(name).map_or_else(|_| name.to_owned(), |known| frame.say(&known.say()).to_owned())
}

/// Categories as a form offers them.
pub(super) fn categories(frame: &Frame) -> Vec<(String, String)> {
    Category::ALL.iter().map(|known| (known.as_str().to_owned(), frame.say(&known.say()).to_owned())).collect()
}

/// What the name of a household shows: an erased one has none.
pub(super) fn name<'a>(frame: &Frame, household: &'a Household) -> &'a str {
    if household.head_name.is_empty() { frame.t("(đã xóa dữ liệu)", "(erased)") } else { &household.head_name }
}

/// A stored status in the reader's words; nothing for an active household.
pub(super) fn status(frame: &Frame, status: &str) -> &'static str {
    match status {
        "merged" => frame.t("Đã gộp vào hộ khác", "Merged into another"),
        "erased" => frame.t("Đã xóa dữ liệu", "Erased"),
        _ => "",
    }
}
