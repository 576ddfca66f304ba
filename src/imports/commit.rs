//! What stores a list.

use std::future::Future;

use axum::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::corrected::Corrected;
use super::kind::By;
use super::rows::ListRows;
use super::staged::Left;
use crate::db::Tx;
use crate::http::{Core, Result};
use crate::people::Permit;

/// How a kind of list is stored.
pub trait ListCommit: ListRows {
    /// The tables that storing it fills.
    const TABLES: &'static [&'static str];
    /// What the commit answers with.
    const COMMITTED: StatusCode = StatusCode::OK;

    /// What is said with the commit.
    type CommitBody: Send + Sync;
    /// What a commit did.
    type Counts: Serialize + DeserializeOwned + Send + Sync;

    /// Refuses a commit that this login may not make.
    fn allow(_permit: &Permit<Self::Right>, _body: &Self::CommitBody) -> Result<()> {
        Ok(())
    }

    /// Stores a list whose right to be committed was taken.
    fn store(
        tx: &mut Tx,
        core: &Core,
        by: By<'_, Self>,
        list: Corrected<Self>,
        body: Self::CommitBody,
    ) -> impl Future<Output = Result<Stored<Self>>> + Send;
}

/// What a commit did, and what is left of the list.
pub struct Stored<K: ListCommit> {
    pub counts: K::Counts,
    pub left: Left<K::Row>,
}
