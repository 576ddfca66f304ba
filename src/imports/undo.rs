//! What removes again what a list stored.

use std::future::Future;

use serde::Serialize;

use super::kind::ListKind;
use crate::db::Tx;
use crate::http::{Core, Result};
use crate::kernel::ids::ImportId;
use crate::people::Permit;

/// How a kind of list is undone.
pub trait ListUndo: ListKind {
    /// What undoing a list did.
    type Undone: Serialize + Send;

    /// Removes what a list stored, or says what depends on it. Refused when some of it is out of reach: whoever uploaded it
    /// may have worked elsewhere then.
    fn undo(
        tx: &mut Tx,
        core: &Core,
        permit: &Permit<Self::Right>,
        id: ImportId,
    ) -> impl Future<Output = Result<Self::Undone>> + Send;
}
