//! What removes again what a list stored.

use std::future::Future;

use serde::Serialize;

use super::kind::ListKind;
use crate::db::Tx;
use crate::http::{Core, Result};
use crate::kernel::ids::ImportId;

/// How a kind of list is undone.
pub trait ListUndo: ListKind {
    /// What undoing a list did.
    type Undone: Serialize + Send;

    /// Removes what a list stored, or says what depends on it.
    fn undo(tx: &mut Tx, core: &Core, id: ImportId) -> impl Future<Output = Result<Self::Undone>> + Send;
}
