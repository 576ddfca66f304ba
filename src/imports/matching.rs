//! What compares the rows of a kind of list with what is stored.

use std::future::Future;
use std::sync::Arc;

use super::kind::By;
use super::rows::ListRows;
use super::staged::StagedList;
use crate::db::{Conn, Tx};
use crate::http::{Core, Result};
use crate::spreadsheet::Reading;

/// How a kind of list is compared with what is stored.
pub trait ListMatching: ListRows {
    /// What is stored already of what the rows tell; `()` where a list is short enough to ask when they are compared.
    type Found: Default + Send;
    /// How the rows match what is stored.
    type Matches: Send + Sync;

    /// Refuses choices that name what does not exist or is out of reach; fills in what is meant when nothing is said.
    fn check(tx: &mut Tx, by: By<'_, Self>, options: &mut Self::Options) -> impl Future<Output = Result<()>> + Send;

    /// Looks up the rows among what is stored, as it is inside a transaction.
    fn look_up(
        _conn: &mut Conn,
        _core: &Core,
        _reading: &Reading<Self::Row>,
    ) -> impl Future<Output = Result<Self::Found>> + Send {
        async { Ok(Self::Found::default()) }
    }

    /// The same before any transaction: nobody's redemption waits while a long list is looked up.
    fn look_up_beside(
        _core: &Core,
        _reading: &Arc<Reading<Self::Row>>,
    ) -> impl Future<Output = Result<Self::Found>> + Send {
        async { Ok(Self::Found::default()) }
    }

    /// Compares the rows with what was found, and marks them.
    fn match_stored(
        conn: &mut Conn,
        core: &Core,
        by: By<'_, Self>,
        list: &StagedList,
        options: &Self::Options,
        reading: &mut Reading<Self::Row>,
        found: Self::Found,
    ) -> impl Future<Output = Result<Self::Matches>> + Send;
}
