//! A reduction as tables and cards show it.

use crate::http::{Core, Result};
use crate::landlords::reduction::Reduction;
use crate::landlords::store::Listed;

/// A reduction as a table shows it.
pub(super) struct Shown {
    pub(super) reduction: Reduction,
    pub(super) area: Option<String>,
    pub(super) submitter: Option<String>,
}

impl Shown {
    /// With the phone masked.
    pub(super) fn of(core: &Core, listed: Listed) -> Result<Self> {
        let Listed { row, area, submitter } = listed;
        Ok(Self { reduction: row.view(&core.vault, false)?, area, submitter })
    }
}
