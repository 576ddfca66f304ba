//! A kept list as its clerk corrected it, before it is compared with what is stored.

use super::rows::{self, ListRows};
use super::staged::StagedList;
use super::staged::steps::{self, Steps};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::spreadsheet::Reading;

/// The list.
pub struct Corrected<K: ListRows> {
    /// As it is kept; its rows are in `reading`.
    pub list: StagedList,
    /// The clerk's choices.
    pub options: K::Options,
    /// Every row, as it was read and typed anew.
    pub reading: Reading<K::Row>,
    /// What was typed and decided.
    pub steps: Steps,
}

impl<K: ListRows> Corrected<K> {
    /// Opens a kept list.
    pub async fn read(conn: &mut Conn, core: &Core, mut list: StagedList) -> Result<Self> {
        let options: K::Options = list.options()?;
        let mut reading = list.reading(core).await?;
        let steps = steps::of(conn, core, &list).await?;
        rows::correct::<K>(&mut reading, &steps, &options, core.clock.today());
        Ok(Self { list, options, reading, steps })
    }
}
