//! The only place that commits, beside the redemption engine and the background's own upkeep.
//!
//! An act takes `&mut Tx` and never commits, so that acts of several features make one transaction; whoever begins it is
//! here.

use axum::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::core::Core;
use super::create::{Answer, Idempotency};
use super::error::Result;
use crate::db::Tx;

impl Core {
    /// Carries out an act in a transaction of its own. An error undoes all of it.
    pub async fn run<T>(&self, act: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let mut tx = self.db.begin().await?;
        let done = act(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// What an act would answer: it is carried out, and undone.
    pub async fn dry_run<T>(&self, act: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let mut tx = self.db.begin().await?;
        let done = act(&mut tx).await?;
        tx.rollback().await?;
        Ok(done)
    }

    /// Carries out a create once, however often it is sent: what was done before is answered as before. `owner` is whose
    /// key it is.
    pub async fn run_once<T: Serialize>(
        &self,
        once: &Idempotency,
        owner: Uuid,
        status: StatusCode,
        act: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<Answer> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = once.claim(self, &mut tx, owner).await? {
            return Ok(before);
        }
        let answer = Answer::new(status, &act(&mut tx).await?)?;
        once.keep(self, &mut tx, owner, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Tells live viewers of what an act changed, once it is committed; see [`Core::changed`].
    pub fn changed_after(&self, tx: &mut Tx) {
        let core = self.clone();
        tx.after_commit(move || core.changed());
    }
}
