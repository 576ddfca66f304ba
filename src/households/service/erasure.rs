//! Erasing a household's personal data: an anonymous shell stays for the totals. What others keep of it goes with it above,
//! in `privacy`, which calls this in its own transaction.

use crate::consents::service::Signed;
use crate::db::{Conn, Tx};
use crate::households::lookup::{lock_reachable, reachable, require_active};
use crate::households::store::{Stored, erasure};
use crate::households::view::Household;
use crate::households::{HouseholdStatus, store};
use crate::http::{Core, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{Clock, Traces, Within};
use crate::vault::{Purpose, Vault};

/// A household within reach, and how many of its vouchers may still be used; what is asked before it is erased.
pub async fn asked(
    core: &Core,
    conn: &mut Conn,
    areas: &Within<AreaId>,
    id: HouseholdId,
) -> Result<(Household, i64, usize)> {
    let stored = reachable(conn, areas, id).await?;
    require_active(&stored)?;
    let unused = store::unused_vouchers(conn, id).await?;
    // Those go too, wherever they belong.
    let merged = store::table::merged_into(conn, &Within::All, id).await?.len();
    Ok((Household::masked(&core.vault, stored)?, unused, merged))
}

/// Refuses a household out of reach.
pub async fn reachable_status(conn: &mut Conn, areas: &Within<AreaId>, id: HouseholdId) -> Result<HouseholdStatus> {
    Ok(reachable(conn, areas, id).await?.status)
}

/// Locks a household that is to be erased: true when it is to be done now, false when it was done before. One that was
/// merged into another is erased with that one.
pub async fn lock(tx: &mut Tx, areas: &Within<AreaId>, id: HouseholdId) -> Result<bool> {
    let stored: Stored = lock_reachable(tx, areas, id).await?;
    if stored.status == HouseholdStatus::Erased {
        return Ok(false);
    }
    require_active(&stored)?;
    Ok(true)
}

/// What tells of a household's people elsewhere.
pub async fn traces(conn: &mut Conn, vault: &Vault, id: HouseholdId) -> Result<Traces> {
    let mut traces = Traces::default();
    for person in erasure::people(conn, id).await? {
        traces.add_name(&person.head_name);
        traces.add_address(&person.address);
        if let Some(sealed) = person.phone_sealed {
            traces.add_phone(&vault.open_text(Purpose::Phone, &sealed)?);
        }
        if let Some(sealed) = person.citizen_sealed {
            traces.add_citizen_id(&vault.open_text(Purpose::CitizenId, &sealed)?);
        }
    }
    Ok(traces)
}

/// What a paper says that the household's head signed.
pub async fn signed(conn: &mut Conn, vault: &Vault, id: HouseholdId) -> Result<Signed> {
    let stored = reachable(conn, &Within::All, id).await?;
    let open = |purpose, sealed: Option<Vec<u8>>| sealed.map(|sealed| vault.open_text(purpose, &sealed)).transpose();
    Ok(Signed {
        name: stored.head_name,
        phone: open(Purpose::Phone, stored.phone_sealed)?,
        citizen_id: open(Purpose::CitizenId, stored.citizen_sealed)?,
        address: stored.address,
    })
}

/// Keeps that a household agreed now, or took it back.
pub async fn set_consent(tx: &mut Tx, clock: &Clock, id: HouseholdId, by: Option<uuid::Uuid>) -> Result<()> {
    Ok(erasure::set_consent(tx, clock, id, by).await?)
}

/// Keeps that a household took its consent back.
pub async fn end_consent(tx: &mut Tx, clock: &Clock, id: HouseholdId) -> Result<()> {
    Ok(erasure::end_consent(tx, clock, id).await?)
}

/// Erases a household's personal data for good, also that of households merged into it.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: HouseholdId) -> Result<()> {
    Ok(erasure::erase(tx, clock, id).await?)
}
