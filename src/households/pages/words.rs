//! How pages name what records hold.

use crate::households::Category;
use crate::households::HouseholdStatus;
use crate::households::view::Household;
use crate::http::Frame;

/// A category in the reader's words.
pub(in crate::households) fn category(frame: &Frame, category: Category) -> String {
    frame.say(&category.say()).to_owned()
}

/// Categories as a form offers them.
pub(in crate::households) fn categories(frame: &Frame) -> Vec<(String, String)> {
    Category::ALL.into_iter().map(|category| choice(frame, category)).collect()
}

/// One of them.
pub(in crate::households) fn choice(frame: &Frame, category: Category) -> (String, String) {
    (category.name().to_owned(), frame.say(&category.say()).to_owned())
}

/// What the name of a household shows: an erased one has none.
pub(in crate::households) fn name<'a>(frame: &Frame, household: &'a Household) -> &'a str {
    if household.head_name.is_empty() { frame.t("(đã xóa dữ liệu)", "(erased)") } else { &household.head_name }
}

/// A status in the reader's words; nothing for an active household.
pub(in crate::households) fn status(frame: &Frame, status: HouseholdStatus) -> &'static str {
    match status {
        HouseholdStatus::Merged => frame.t("Đã gộp vào hộ khác", "Merged into another"),
        HouseholdStatus::Erased => frame.t("Đã xóa dữ liệu", "Erased"),
        HouseholdStatus::Active => "",
    }
}
