//! Tables of pages: which part is shown and in which order, both kept in the address.

use serde::Deserialize;

/// Rows of one page of a table.
pub const PAGE_ROWS: i64 = 50;
/// The last page that may be asked for.
const LAST_PAGE: i64 = 100_000;

/// `?page=3&sort=-name`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Turn {
    /// Counted from 1.
    #[serde(default)]
    page: String,
    /// The column's name, with `-` in front for the other direction.
    #[serde(default)]
    sort: String,
}

impl Turn {
    /// The page, counted from 1; what is no number is the first.
    pub fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, LAST_PAGE)
    }

    /// Rows before this page, for `offset`.
    pub fn offset(&self) -> i64 {
        (self.page() - 1) * PAGE_ROWS
    }

    /// Rows to read, for `limit`: one more than a page shows, to know whether there is a next.
    pub const fn limit(&self) -> i64 {
        PAGE_ROWS + 1
    }

    /// The column to order by, one of those that a table knows (the first when nothing else is asked for), and whether
    /// downwards.
    pub fn order(&self, known: &[&'static str]) -> (&'static str, bool) {
        let (name, down) = self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |name| (name, true));
        known.iter().find(|column| **column == name).map_or((known[0], false), |column| (column, down))
    }
}

/// One page of a table's rows.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Counted from 1.
    pub page: i64,
    /// Whether there is a page after this.
    pub more: bool,
    /// How many rows there are in all, where that is known.
    pub total: Option<i64>,
}

impl<T> Rows<T> {
    /// Makes a page of rows that were read with [`Turn::limit`].
    pub fn new(mut items: Vec<T>, turn: &Turn, total: Option<i64>) -> Self {
        let page_rows = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
        let more = items.len() > page_rows;
        items.truncate(page_rows);
        Self { items, page: turn.page(), more, total }
    }

    /// The page with each row made into something else.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Rows<U> {
        let Self { items, page, more, total } = self;
        Rows { items: items.into_iter().map(into).collect(), page, more, total }
    }

    /// The page before, if there is one.
    pub fn before(&self) -> Option<i64> {
        (self.page > 1).then_some(self.page - 1)
    }

    /// The page after, if there is one.
    pub fn after(&self) -> Option<i64> {
        self.more.then_some(self.page + 1)
    }

    /// The last page, where the total is known.
    pub fn last(&self) -> Option<i64> {
        self.total.map(|total| (total.max(1) + PAGE_ROWS - 1) / PAGE_ROWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(page: &str, sort: &str) -> Turn {
        Turn { page: page.into(), sort: sort.into() }
    }

    #[test]
    fn an_address_turns_the_pages() {
        assert_eq!(turn("3", "").offset(), 100);
        assert_eq!(turn("x", "").page(), 1);
        assert_eq!(turn("-5", "").page(), 1);
        let rows = Rows::new((0..51).collect::<Vec<_>>(), &turn("2", ""), Some(120));
        assert_eq!((rows.items.len(), rows.before(), rows.after(), rows.last()), (50, Some(1), Some(3), Some(3)));
    }

    #[test]
    fn a_table_is_ordered_by_columns_it_knows_only() {
        assert_eq!(turn("", "-day").order(&["name", "day"]), ("day", true));
        assert_eq!(turn("", "password_hash").order(&["name", "day"]), ("name", false));
    }
}
