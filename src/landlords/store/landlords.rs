//! The SQL of landlords.

use crate::db::Tx;
use crate::kernel::Clock;
use crate::kernel::ids::{AreaId, LandlordId};
use crate::landlords::landlord::NewLandlord;
use crate::vault::{Purpose, Vault};

/// The landlord of that name and phone, or of that name and address where no phone is known; made when new.
pub async fn find_or_insert_landlord(
    tx: &mut Tx,
    clock: &Clock,
    vault: &Vault,
    landlord: &NewLandlord,
    area_id: Option<AreaId>,
) -> Result<LandlordId, sqlx::Error> {
    let phone_index = landlord.phone.as_ref().map(|phone| vault.index(Purpose::Phone, phone.as_str()));
    tx.sql(
        "insert into landlords (id, area_id, name, name_key, phone_sealed, phone_index, address, address_key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(LandlordId::new(clock))
    .bind(area_id)
    .bind(landlord.name.clone())
    .bind(landlord.name_key.clone())
    .bind(landlord.phone.as_ref().map(|phone| vault.seal(Purpose::Phone, phone.as_str().as_bytes())))
    .bind(phone_index.clone())
    .bind(landlord.address.clone())
    .bind(landlord.address_key.clone())
    .bind(clock.now())
    .execute()
    .await?;
    let (id,): (LandlordId,) = tx
        .sql(
            "select id from landlords
             where name_key = $1 and (phone_index = $2 or ($2 is null and phone_index is null and address_key = $3))",
        )
        .bind(landlord.name_key.clone())
        .bind(phone_index)
        .bind(landlord.address_key.clone())
        .one()
        .await?;
    Ok(id)
}
