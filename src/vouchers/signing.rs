//! Signing the vouchers of one issuing, and storing them.
//!
//! Threads sign chunk by chunk while the chunks before are stored: signing costs a fast disk nothing.

use std::collections::HashSet;

use tokio::sync::mpsc;

use super::code::VoucherCode;
use super::issuing_plan::Request;
use super::keyring;
use super::keys::{InstanceId, SigningKey};
use super::round::Round;
use super::rules::{Place, Seat};
use super::store::issuing as store;
use super::store::issuing::{Batch, NewVoucher, RoundPoint};
use super::typed_code::TypedCode;
use crate::db::{Bytes, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::Clock;
use crate::kernel::ids::{PointId, VoucherId};

/// Vouchers signed and stored together: large enough that statements cost nothing, small enough for signing to run
/// ahead of storing.
const CHUNK: usize = 4_000;
/// How often colliding typed codes are drawn again. Among 2^40 codes even once is rare.
const DRAWS: usize = 8;

/// Signs on a thread of its own, chunk by chunk, while the chunks before are stored.
pub(super) async fn sign_and_store(
    tx: &mut Tx,
    core: &Core,
    round: &Round,
    request: &Request,
    points: &[RoundPoint],
    places: &[Place],
    seats: Vec<Seat>,
) -> Result<u64> {
    if seats.is_empty() {
        return Ok(0);
    }
    let key = keyring::active(tx, core).await?;
    let (valid_from, valid_until) = round.days();
    let batch = Batch {
        round_id: round.id,
        round_number: round.number,
        units: i64::from(request.units),
        valid_from,
        valid_until,
        kid: i64::from(key.kid()),
        issued_by: request.issued_by,
        issued_at: core.clock.now(),
    };
    let code = VoucherCode {
        kid: key.kid(),
        round: number(round.number)?,
        serial: 0,
        issue: 1,
        package: number(store::package_number(tx, round.package_id).await?)?,
        point: 0,
        valid_from,
        valid_until,
        units: request.units,
    };
    let place_of = |place: &Place| -> Result<(Option<PointId>, u16)> {
        let point = points.iter().find(|point| Some(point.point_id) == place.point_id);
        Ok((place.point_id, point.map_or(Ok(0), |point| number(point.number))?))
    };
    let drafts = Drafts {
        key,
        instance_id: *core.instance_id.as_bytes(),
        code,
        places: places.iter().map(place_of).collect::<Result<_>>()?,
        first_serial: number(store::last_serial(tx, round.number).await? + 1)?,
        clock: core.clock.clone(),
    };
    let issued = seats.len() as u64;
    number::<u32>(i64::from(drafts.first_serial) + i64::try_from(issued).unwrap_or(i64::MAX))?;
    let (signed, mut chunks) = mpsc::channel(2);
    let signing = tokio::task::spawn_blocking(move || drafts.sign_all(&seats, &signed));
    while let Some(vouchers) = chunks.recv().await {
        store_chunk(tx, core, &batch, vouchers).await?;
    }
    signing.await.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(issued)
}

/// A stored number that must fit its place in the code on paper.
pub(super) fn number<N: TryFrom<i64>>(n: i64) -> Result<N> {
    N::try_from(n).map_err(|_| {
        Error::conflict(
            "numbers_used_up",
            "Đã hết số cho phiếu, đợt, điểm hoặc suất quà. Hãy tạo đợt mới; nếu vẫn lỗi, báo người quản trị.",
            "The numbers for vouchers, rounds, points or packages are used up. Make a new round, or tell the administrator.",
        )
    })
}

/// Everything that signing needs, off the async threads.
struct Drafts {
    key: SigningKey,
    instance_id: InstanceId,
    code: VoucherCode,
    places: Vec<(Option<PointId>, u16)>,
    first_serial: u32,
    clock: Clock,
}

impl Drafts {
    /// Signs chunk by chunk, until all are signed or nobody takes them any more.
    fn sign_all(&self, seats: &[Seat], out: &mpsc::Sender<Vec<NewVoucher>>) {
        let mut typed: HashSet<TypedCode> = HashSet::with_capacity(seats.len());
        let mut serial = self.first_serial;
        for chunk in seats.chunks(CHUNK) {
            let vouchers = chunk.iter().map(|seat| {
                let voucher = self.sign(seat, serial, &mut typed);
                serial += 1;
                voucher
            });
            if out.blocking_send(vouchers.collect()).is_err() {
                return;
            }
        }
    }

    fn sign(&self, seat: &Seat, serial: u32, typed: &mut HashSet<TypedCode>) -> NewVoucher {
        let (point_id, point) = self.places[seat.place];
        let code = VoucherCode { serial, point, ..self.code };
        let typed_code = loop {
            let drawn = TypedCode::random(&self.clock);
            if typed.insert(drawn) {
                break drawn;
            }
        };
        NewVoucher {
            id: VoucherId::new(&self.clock),
            serial: i64::from(serial),
            household_id: seat.household_id,
            point_id,
            slot_at: seat.slot.map(|slot| slot.at.micros()),
            slot_ends_at: seat.slot.map(|slot| slot.ends_at.micros()),
            signature: Bytes(code.signature(&self.key, &self.instance_id).to_vec()),
            typed_code: typed_code.as_str().to_owned(),
        }
    }
}

/// Stores a chunk; a typed code that another voucher has or had is drawn again.
async fn store_chunk(tx: &mut Tx, core: &Core, batch: &Batch, mut vouchers: Vec<NewVoucher>) -> Result<()> {
    for _ in 0..DRAWS {
        let stored = store::insert(tx, batch, &vouchers).await?;
        if stored == vouchers.len() as u64 {
            return Ok(());
        }
        let (first, last) = (vouchers[0].serial, vouchers[vouchers.len() - 1].serial);
        let known = store::stored_serials(tx, batch.round_number, first, last).await?;
        let known: HashSet<i64> = known.into_iter().map(|(serial,)| serial).collect();
        vouchers.retain(|voucher| !known.contains(&voucher.serial));
        for voucher in &mut vouchers {
            voucher.typed_code = TypedCode::random(&core.clock).as_str().to_owned();
        }
    }
    Err(Error::internal("typed codes keep colliding"))
}
