//! Lists: `?limit=&after=` → `{"items": […], "next": cursor | null}`, in the order of the records' ids.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::{Error, Result};
use crate::kernel::Message;

/// Rows a page has when nothing is said.
const DEFAULT_LIMIT: i64 = 50;
/// Rows a page has at most.
pub const MAX_LIMIT: i64 = 500;

/// Which part of a list is asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Rows at most, 1 to 500 (50 when left out).
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// A checked [`Page`].
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// Rows to read: one more than the page, to know whether there is a next.
    pub fetch: i64,
    /// Read only what comes after this id; the nil id comes before all.
    pub after: Uuid,
}

impl Page {
    /// Checks the limit and the cursor.
    pub fn cursor(&self) -> Result<Cursor> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::field(
                "limit",
                "out_of_range",
                Message::fixed("limit phải từ 1 đến 500.", "limit is from 1 to 500."),
            ));
        }
        let after = match &self.after {
            None => Uuid::nil(),
            Some(text) => text.parse().map_err(|_| {
                Error::field(
                    "after",
                    "unknown",
                    Message::fixed(
                        "after phải là giá trị next của trang trước.",
                        "after must be the next of the page before.",
                    ),
                )
            })?,
        };
        Ok(Cursor { fetch: limit + 1, after })
    }
}

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this as `after` for the next page; null on the last.
    pub next: Option<String>,
}

impl<T> Listing<T> {
    /// Makes a page of rows that were read with [`Cursor::fetch`] as their limit.
    pub fn new(mut items: Vec<T>, cursor: Cursor, id: impl Fn(&T) -> Uuid) -> Self {
        let page = usize::try_from(cursor.fetch - 1).unwrap_or(0);
        let more = items.len() > page;
        items.truncate(page);
        let next = if more { items.last().map(|last| id(last).to_string()) } else { None };
        Self { items, next }
    }
}
