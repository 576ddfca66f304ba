//! Erasing a landlord's personal data and the tenants' with it; called by `privacy` in its own transaction.

use crate::consents::service::Signed;
use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, LandlordId};
use crate::kernel::{Clock, Traces, Within};
use crate::landlords::rules::room_key;
use crate::landlords::store::erasure::{self, Relabelled, StoredLandlord};
use crate::vault::{Purpose, Vault};

/// A landlord within reach.
pub async fn reachable(conn: &mut Conn, areas: &Within<AreaId>, id: LandlordId) -> Result<StoredLandlord> {
    erasure::landlord(conn, areas, id).await?.ok_or(Error::NotFound)
}

/// Locks a landlord that is to be erased: true when it is to be done now, false when it was done before.
pub async fn lock(tx: &mut Tx, areas: &Within<AreaId>, id: LandlordId) -> Result<bool> {
    erasure::lock(tx, id).await?;
    Ok(reachable(tx, areas, id).await?.erased_at.is_none())
}

/// What tells of a landlord elsewhere, and of the tenants: two, since a list's row is a landlord's and a text may name either.
pub async fn traces(conn: &mut Conn, vault: &Vault, id: LandlordId) -> Result<(Traces, Traces)> {
    let landlord = reachable(conn, &Within::All, id).await?;
    let mut own = Traces::default();
    own.add_name(&landlord.name);
    own.add_address(&landlord.address);
    for address in erasure::addresses(conn, id).await? {
        own.add_address(&address);
    }
    if let Some(sealed) = landlord.phone_sealed {
        own.add_phone(&vault.open_text(Purpose::Phone, &sealed)?);
    }
    let mut tenants = Traces::default();
    for tenant in erasure::tenants(conn, id).await? {
        tenants.add_name(&tenant);
    }
    Ok((own, tenants))
}

/// What a paper says that the landlord signed.
pub fn signed(vault: &Vault, landlord: &StoredLandlord) -> Result<Signed> {
    let phone = landlord.phone_sealed.as_ref().map(|sealed| vault.open_text(Purpose::Phone, sealed)).transpose()?;
    Ok(Signed { name: landlord.name.clone(), phone, citizen_id: None, address: landlord.address.clone() })
}

/// Erases a landlord and the tenants for good. Rooms keep their labels but where these name somebody.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: LandlordId, traces: &(Traces, Traces)) -> Result<()> {
    let labels = erasure::labels(tx, id).await?;
    let named = |label: &str| traces.0.are_in(label) || traces.1.are_in(label);
    let rooms: Vec<Relabelled> = (1_usize..)
        .zip(labels)
        .filter(|(_, (_, label))| named(label))
        .map(|(number, (id, _))| {
            // Its own id keeps it apart from a room that is called by that number already.
            let label = format!("Phòng {number} ({})", &id.0.simple().to_string()[24..]);
            Relabelled { id, label_key: room_key(&label), label }
        })
        .collect();
    erasure::relabel(tx, &rooms).await?;
    Ok(erasure::erase(tx, clock, id).await?)
}
