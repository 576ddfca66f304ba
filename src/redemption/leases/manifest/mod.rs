//! What a phone keeps for working offline: its vouchers, sealed so that only who holds a paper can read whose it is.

pub mod store;

use std::collections::HashMap;

use serde::Serialize;
use uuid::Uuid;

use super::lease::Lease;
use super::seal::{self, KNOWN_LEN, KnownAs, Row, SALT_LEN, Salt};
use super::share::Share;
use crate::db::Conn;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{ItemId, LeaseId, RoundId};
use crate::kernel::{Day, Moment};
use crate::places::Point;
use crate::redemption::answer::{ContentLine, PackageView};
use crate::vouchers::code::VoucherCode;
use crate::vouchers::keyring;
use crate::vouchers::round::{Offline, RoundStatus};
use store::{HeldRow, KnownRow, RoundRow};

/// Bytes of a row, roughly: what is set aside for it.
const ROW_BYTES: usize = 96;

/// The point of a manifest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManifestPoint {
    /// Its id.
    id: crate::kernel::ids::PointId,
    /// Its number in the code on paper.
    number: i64,
    /// Its name.
    name: String,
    /// Where it is.
    address: String,
    /// How many desks it has.
    desks: i64,
}

/// The lease of a manifest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManifestLease {
    /// Its id.
    id: LeaseId,
    /// Its number, for the records made under it.
    epoch: i64,
    /// Where the phone works, for people.
    desk: String,
    /// Its share; null: all of the point.
    share: Option<Share>,
    /// Until when the phone may use it without being heard.
    use_until: Moment,
}

/// How far a phone may go with vouchers that it does not hold.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManifestAmber {
    /// Handovers since it last heard from the server.
    in_a_row: i64,
    /// Hours since it last heard from the server.
    hours: i64,
}

/// A round of a manifest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManifestRound {
    /// Its id.
    id: RoundId,
    /// Its number in the code on paper.
    number: i64,
    /// Its name.
    name: String,
    /// `open` or `paused`.
    status: RoundStatus,
    /// When it begins.
    starts_at: Moment,
    /// The first moment after it.
    ends_at: Moment,
    /// First day on which its vouchers count.
    valid_from: Day,
    /// Last day, inclusive.
    valid_until: Day,
    /// Whether a voucher counts only in its slot.
    enforce_slots: bool,
    /// Whether a voucher counts at each of the round's points.
    any_point: bool,
    /// Whether the name of who collects is always asked.
    collector_required: bool,
    /// `strict` or `amber`.
    offline: Offline,
    /// The caps of `amber`; null in a strict round.
    amber: Option<ManifestAmber>,
    /// What a unit of a voucher is.
    package: PackageView,
}

/// A signing key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManifestKey {
    /// Byte 1 of each code it signs.
    kid: u8,
    /// The Ed25519 public key: 32 bytes in base64.
    public_key: String,
    /// Whether nothing that it signed counts any more.
    withdrawn: bool,
}

/// What a phone keeps for working offline. `docs/phone-protocol.md` has the bytes of `rows` and `known`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Manifest {
    /// The layout: 1.
    version: u8,
    /// This deployment, part of every signed code.
    instance_id: Uuid,
    /// The server's clock.
    server_time: Moment,
    /// The point.
    point: ManifestPoint,
    /// The lease whose vouchers are in `rows`; null without one.
    lease: Option<ManifestLease>,
    /// The rounds that the point serves.
    rounds: Vec<ManifestRound>,
    /// Every signing key.
    keys: Vec<ManifestKey>,
    /// 16 random bytes in base64.
    salt: String,
    /// Rounds of PBKDF2 for a typed code.
    iterations: u32,
    /// The vouchers of the lease, in base64.
    rows: String,
    /// How many.
    row_count: usize,
    /// What is no longer given out, or another phone holds, in base64.
    known: String,
    /// How many.
    known_count: usize,
}

/// Makes a manifest.
pub async fn make(core: &Core, point: Point, lease: Option<Lease>) -> Result<Manifest> {
    let mut conn = core.db.read().await?;
    let rounds = store::rounds(&mut conn, point.id).await?;
    let packages = packages(&mut conn, &rounds, &point).await?;
    let held = match &lease {
        Some(lease) => store::held(&mut conn, lease.id).await?,
        None => Vec::new(),
    };
    let known = store::known(&mut conn, point.id, lease.as_ref().map(|lease| lease.id)).await?;
    let keys = keyring::all(&mut conn).await?;
    drop(conn);
    let salt = Salt { bytes: core.clock.bytes::<SALT_LEN>(), iterations: seal::iterations(held.len()) };
    let sealing = Sealing {
        salt,
        index: rounds.iter().zip(0..).map(|(round, i)| (round.id, (i, round.package_number))).collect(),
        point_number: point.number,
    };
    let sealed = tokio::task::spawn_blocking(move || sealing.seal(&held, &known)).await;
    let (rows, row_count, known) = sealed.map_err(|error| Error::Internal(Box::new(error)))??;
    Ok(Manifest {
        version: 1,
        instance_id: core.instance_id,
        server_time: core.clock.now(),
        point: ManifestPoint {
            id: point.id,
            number: point.number,
            name: point.name,
            address: point.address,
            desks: point.desks,
        },
        lease: lease.map(|lease| ManifestLease {
            share: lease.share(),
            id: lease.id,
            epoch: lease.epoch,
            desk: lease.desk,
            use_until: lease.use_until,
        }),
        rounds: rounds.into_iter().zip(packages).map(|(round, package)| round_view(round, package)).collect(),
        keys: keys
            .into_iter()
            .map(|key| ManifestKey {
                kid: key.kid,
                public_key: data_encoding::BASE64.encode(&key.public_key),
                withdrawn: key.withdrawn_at.is_some(),
            })
            .collect(),
        salt: data_encoding::BASE64.encode(&salt.bytes),
        iterations: salt.iterations.get(),
        rows: data_encoding::BASE64.encode(&rows),
        row_count,
        known_count: known.len() / KNOWN_LEN,
        known: data_encoding::BASE64.encode(&known),
    })
}

/// The package of each round.
async fn packages(conn: &mut Conn, rounds: &[RoundRow], point: &Point) -> Result<Vec<PackageView>> {
    let lines = store::contents(conn, point.id).await?;
    let view = |round: &RoundRow| {
        let lines: Vec<ContentLine> = lines
            .iter()
            .filter(|line| line.package_id == round.package_id)
            .map(|line| ContentLine {
                item_id: ItemId(Uuid::nil()),
                name: line.name.clone(),
                unit: line.unit.clone(),
                decimals: u8::try_from(line.decimals).unwrap_or(0),
                quantity: line.quantity,
            })
            .collect();
        PackageView::new(round.package_name.clone(), &lines)
    };
    Ok(rounds.iter().map(view).collect())
}

fn round_view(round: RoundRow, package: PackageView) -> ManifestRound {
    let (valid_from, valid_until) = crate::vouchers::slots::days(round.starts_at, round.ends_at);
    let amber = (round.offline == Offline::Amber)
        .then_some(ManifestAmber { in_a_row: round.amber_in_a_row, hours: round.amber_hours });
    ManifestRound {
        id: round.id,
        number: round.number,
        name: round.name,
        status: round.status,
        starts_at: round.starts_at,
        ends_at: round.ends_at,
        valid_from,
        valid_until,
        enforce_slots: round.enforce_slots,
        any_point: round.any_point,
        collector_required: round.collector_required,
        offline: round.offline,
        amber,
        package,
    }
}

/// What sealing needs, off the async threads.
struct Sealing {
    salt: Salt,
    /// Index of each round in the manifest, and its package's number.
    index: HashMap<RoundId, (u8, i64)>,
    point_number: i64,
}

impl Sealing {
    /// The rows, how many they are, and the entries of what is known.
    fn seal(&self, held: &[HeldRow], known: &[KnownRow]) -> Result<(Vec<u8>, usize, Vec<u8>)> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
        let chunks = held.chunks(held.len().div_ceil(threads).max(1));
        let parts: Vec<Result<(Vec<u8>, usize)>> = std::thread::scope(|scope| {
            let sealing: Vec<_> = chunks.map(|chunk| scope.spawn(move || self.rows(chunk))).collect();
            let joined = sealing.into_iter().map(|thread| thread.join());
            joined.map(|rows| rows.unwrap_or_else(|_| Err(Error::internal("sealing a manifest panicked")))).collect()
        });
        let (mut rows, mut count) = (Vec::with_capacity(held.len() * ROW_BYTES), 0);
        for part in parts {
            let (bytes, sealed) = part?;
            rows.extend_from_slice(&bytes);
            count += sealed;
        }
        Ok((rows, count, self.known(known)?))
    }

    fn rows(&self, held: &[HeldRow]) -> Result<(Vec<u8>, usize)> {
        let (mut out, mut count) = (Vec::with_capacity(held.len() * ROW_BYTES), 0);
        for voucher in held {
            // A round that is beyond the manifest's limit has no index.
            let Some((round, package_number)) = self.index.get(&voucher.round_id).copied() else { continue };
            let code = VoucherCode {
                kid: small(voucher.kid)?,
                round: small(voucher.round_number)?,
                serial: small(voucher.serial)?,
                issue: small(voucher.issue_number)?,
                package: small(package_number)?,
                point: small(self.point_number)?,
                valid_from: voucher.valid_from,
                valid_until: voucher.valid_until,
                units: small(voucher.units)?,
            };
            let row = Row {
                round,
                serial: code.serial,
                issue: code.issue,
                units_left: small((voucher.units - voucher.used).clamp(0, 255))?,
                members: small(voucher.members.clamp(0, 255))?,
                next_on: next_on(voucher),
                slot_at: voucher.slot_at.map_or(Ok(0), |at| small(at.micros() / 60_000_000))?,
                slot_minutes: voucher
                    .slot_at
                    .zip(voucher.slot_ends_at)
                    .map_or(Ok(0), |(at, ends_at)| small(ends_at.secs_since(at) / 60))?,
                name: &voucher.head_name,
            };
            seal::append_row(&mut out, &self.salt, &row, &signed(&code, &voucher.signature)?, &voucher.typed_code);
            count += 1;
        }
        Ok((out, count))
    }

    fn known(&self, known: &[KnownRow]) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(known.len() * KNOWN_LEN);
        for voucher in known {
            let Some((_, package_number)) = self.index.get(&voucher.round_id).copied() else { continue };
            let code = VoucherCode {
                kid: small(voucher.kid)?,
                round: small(voucher.round_number)?,
                serial: small(voucher.serial)?,
                issue: small(voucher.issue_number)?,
                package: small(package_number)?,
                point: small(voucher.point_number.unwrap_or(0))?,
                valid_from: voucher.valid_from,
                valid_until: voucher.valid_until,
                units: small(voucher.units)?,
            };
            let (known_as, at) = match (voucher.used_at, voucher.voided_at) {
                (Some(at), _) => (KnownAs::HandedOut, Some(at)),
                (None, Some(at)) => (KnownAs::Void, Some(at)),
                (None, None) => (KnownAs::Held, None),
            };
            let at_secs = at.map_or(0, |at| u32::try_from(at.micros() / 1_000_000).unwrap_or(0));
            seal::append_known(&mut out, &self.salt, &signed(&code, &voucher.signature)?, known_as, at_secs);
        }
        Ok(out)
    }
}

fn next_on(voucher: &HeldRow) -> u16 {
    let days = voucher.interval_days.and_then(|days| i32::try_from(days).ok());
    match (days, voucher.last_received_at) {
        (Some(days), Some(last)) => last.day().plus_days(days).code_days(),
        _ => 0,
    }
}

fn signed(code: &VoucherCode, signature: &[u8]) -> Result<[u8; 84]> {
    let signature = signature.try_into().map_err(|_| Error::internal("a voucher's signature has not 64 bytes"))?;
    Ok(code.bytes_with_signature(signature))
}

fn small<N: TryFrom<i64>>(n: i64) -> Result<N> {
    N::try_from(n).map_err(|_| Error::internal("a voucher's number does not fit its place in the manifest"))
}
