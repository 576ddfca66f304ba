//! What benches of vouchers share: a campaign, and the signed vouchers of a round.

use lalanh::db::{Bytes, Tx};
use lalanh::http::Core;
use lalanh::kernel::Clock;
use lalanh::kernel::ids::{CampaignId, HouseholdId, PointId, VoucherId};
use lalanh::vouchers::code::VoucherCode;
use lalanh::vouchers::keys::SigningKey;
use lalanh::vouchers::round::Round;
use lalanh::vouchers::store::issuing::{Batch, NewVoucher};
use lalanh::vouchers::typed_code::TypedCode;

/// A campaign whose interval is checked.
pub async fn campaign(tx: &mut Tx, clock: &Clock) -> CampaignId {
    let id = CampaignId::new(clock);
    tx.sql(
        "insert into campaigns (id, name, starts_on, ends_on, interval_days, created_at)
         values ($1, 'San sẻ yêu thương', '2000-01-01', '2199-01-01', 14, 0)",
    )
    .bind(id)
    .execute()
    .await
    .expect("a campaign");
    id
}

/// What the vouchers of a round share.
pub fn batch(core: &Core, round: &Round, key: &SigningKey) -> Batch {
    let (valid_from, valid_until) = round.days();
    Batch {
        round_id: round.id,
        round_number: round.number,
        units: 1,
        valid_from,
        valid_until,
        kid: i64::from(key.kid()),
        issued_by: None,
        issued_at: core.clock.now(),
    }
}

/// What the code of a round's voucher says.
pub fn code(round: &Round, key: &SigningKey, serial: u32, point: u16) -> VoucherCode {
    let (valid_from, valid_until) = round.days();
    let round = u32::try_from(round.number).expect("a small number");
    VoucherCode { kid: key.kid(), round, serial, issue: 1, package: 1, point, valid_from, valid_until, units: 1 }
}

/// The signed voucher of a household.
pub fn voucher(
    core: &Core,
    key: &SigningKey,
    code: &VoucherCode,
    (household_id, point_id): (HouseholdId, PointId),
    slot: Option<(i64, i64)>,
) -> NewVoucher {
    NewVoucher {
        id: VoucherId::new(&core.clock),
        serial: i64::from(code.serial),
        household_id,
        point_id: Some(point_id),
        slot_at: slot.map(|(at, _)| at),
        slot_ends_at: slot.map(|(_, ends_at)| ends_at),
        signature: Bytes(code.signature(key, core.instance_id.as_bytes()).to_vec()),
        typed_code: TypedCode::random(&core.clock).as_str().to_owned(),
    }
}
