//! A landlord's own pledge, reached by the secret of the private link: looked at, corrected, withdrawn.
//!
//! Promises: the secret opens one pledge and tells nothing that its sender did not say; no name, not of a tenant either, no
//! phone, no address; nothing of the landlord's other pledges. What is verified can't be changed any more.

use super::correction;
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::Within;
use crate::kernel::ids::ReductionId;
use crate::landlords::correction::NewTerms;
use crate::landlords::own_reduction::OwnReduction;
use crate::landlords::step::wrong_step;
use crate::landlords::store::{self, ReductionRow};
use crate::people::audit::{self, Act, Actor};
use crate::vault::token_hash;

/// Whoever holds the secret of a pledge: reaches that one, whatever its area, and nothing else.
#[derive(Clone, Copy, Debug)]
pub(in crate::landlords) struct LinkHolder(ReductionId);

/// The holder of a link. Whoever only guesses one is refused here, before anything is written: the writer is for those
/// who have something to write.
pub(in crate::landlords) async fn holder(conn: &mut Conn, token: &str) -> Result<LinkHolder> {
    store::of_link(conn, token_hash(token)).await?.map(LinkHolder).ok_or(Error::NotFound)
}

/// The pledge of a private link.
pub(in crate::landlords) async fn own(conn: &mut Conn, core: &Core, holder: LinkHolder) -> Result<OwnReduction> {
    let LinkHolder(id) = holder;
    let row = store::reduction(conn, &Within::All, id).await?.ok_or(Error::NotFound)?;
    let lines = store::lines(conn, id).await?;
    Ok(OwnReduction::of(row.view(&core.vault, false)?, lines))
}

/// Corrects one's own pledge until it is verified.
pub(in crate::landlords) async fn correct(
    tx: &mut Tx,
    core: &Core,
    holder: LinkHolder,
    mut terms: NewTerms,
) -> Result<OwnReduction> {
    let row = locked(tx, holder).await?;
    if let Some(lines) = terms.lines.take() {
        // The link names no tenants, so what it sends back without them keeps them.
        terms.lines = Some(lines.with_known_tenants(&store::lines(tx, row.id).await?));
    }
    correction::apply(tx, core, &row, terms).await?;
    audit::append(tx, &core.clock, Actor::Public, Act::on("correct", "rent_reduction", row.id.0)).await?;
    own(tx, core, holder).await
}

/// Withdraws one's own pledge until it is verified.
pub(in crate::landlords) async fn withdraw(tx: &mut Tx, core: &Core, holder: LinkHolder) -> Result<OwnReduction> {
    let row = locked(tx, holder).await?;
    if !store::withdraw(tx, row.id, core.clock.now()).await? {
        return Err(wrong_step());
    }
    audit::append(tx, &core.clock, Actor::Public, Act::on("withdraw", "rent_reduction", row.id.0)).await?;
    own(tx, core, holder).await
}

async fn locked(tx: &mut Tx, LinkHolder(id): LinkHolder) -> Result<ReductionRow> {
    store::lock(tx, &Within::All, id).await?;
    store::reduction(tx, &Within::All, id).await?.ok_or(Error::NotFound)
}
