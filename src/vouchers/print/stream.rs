//! A round's papers as one file that leaves while it is made.
//!
//! Three steps run side by side, each holding a few hundred vouchers at most: rows are read chunk by chunk, pages are
//! drawn on a thread of its own, and finished bytes wait for the reader. Whoever stops reading stops the other two.

use std::collections::HashMap;
use std::io::{self, Write};

use axum::body::{Body, Bytes};
use tokio::sync::mpsc;

use super::{Layout, Roster, RosterHead, RosterRow, SheetHead, VoucherPaper, VoucherSheets};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::kernel::ids::VoucherId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::uncapitalised;
use crate::kernel::{Day, Dong, Moment, Quantity};
use crate::places::{self, Point};
use crate::vouchers::round::Round;
use crate::vouchers::rules::AreaTree;
use crate::vouchers::store::print::{PlaceInPrint, PrintRow};
use crate::vouchers::store::{issuing, print as store};
use crate::vouchers::typed_code::TypedCode;
use crate::vouchers::voucher::desk_of;

/// Vouchers read in one statement.
const CHUNK: usize = 500;
/// Bytes that are drawn before they are sent on.
const PIECE: usize = 64 * 1024;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Vouchers to cut up.
    Sheets(Layout),
    /// The list to sign.
    Roster,
}

impl Paper {
    /// Reads `eight`, `one`, `card` or `roster`; nothing is `eight`.
    pub fn parse(name: Option<&str>) -> std::result::Result<Self, Invalid> {
        match name {
            None => Ok(Self::Sheets(Layout::default())),
            Some("roster") => Ok(Self::Roster),
            Some(name) => Layout::parse(name).map(Self::Sheets).map_err(|_| {
                Invalid::fixed(
                    "unknown",
                    "Kiểu in là một trong: eight (8 phiếu một trang), one (1 phiếu một trang), card (phiếu kèm cuống), \
                     roster (danh sách ký nhận).",
                    "A layout is one of: eight (8 vouchers a page), one (1 a page), card (voucher and stub), roster (the \
                     list to sign).",
                )
            }),
        }
    }

    /// The name that [`Paper::parse`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sheets(layout) => layout.name(),
            Self::Roster => "roster",
        }
    }
}

/// What stands on every paper of one file.
#[derive(Debug)]
struct Common {
    issuer: String,
    place: String,
    campaign: String,
    round: String,
    days: String,
    package: String,
    contents: Vec<String>,
    value: Dong,
    collector_required: bool,
    today: Day,
    now: Moment,
}

async fn common(conn: &mut Conn, core: &Core, round: &Round) -> Result<Common> {
    let ward = places::store::ward_name(conn).await?.unwrap_or_default();
    let (package, value) = store::package(conn, round.package_id).await?;
    let line = |(quantity, decimals, unit, item): (i64, i64, String, String)| {
        let quantity = Quantity(quantity).in_unit(u8::try_from(decimals).unwrap_or(0));
        format!("{quantity} {unit} {}", uncapitalised(&item))
    };
    Ok(Common {
        issuer: places::committee(&ward),
        place: ward.strip_prefix("Phường ").or_else(|| ward.strip_prefix("Xã ")).unwrap_or(&ward).to_owned(),
        campaign: store::campaign_name(conn, round.campaign_id).await?,
        round: round.name.clone(),
        days: days_for_people(round.days()),
        package,
        contents: store::contents(conn, round.package_id).await?.into_iter().map(line).collect(),
        value,
        collector_required: round.collector_required,
        today: core.clock.today(),
        now: core.clock.now(),
    })
}

fn day_for_people(day: Day) -> String {
    use jiff::civil::Weekday;
    let name = match day.date().weekday() {
        Weekday::Monday => "Thứ Hai",
        Weekday::Tuesday => "Thứ Ba",
        Weekday::Wednesday => "Thứ Tư",
        Weekday::Thursday => "Thứ Năm",
        Weekday::Friday => "Thứ Sáu",
        Weekday::Saturday => "Thứ Bảy",
        Weekday::Sunday => "Chủ Nhật",
    };
    format!("{name} {}", day.for_people())
}

fn days_for_people((first, last): (Day, Day)) -> String {
    if first == last { day_for_people(first) } else { format!("{} – {}", first.for_people(), last.for_people()) }
}

/// The vouchers to print, in the order of their papers: point, slot, area, serial.
pub async fn in_order(conn: &mut Conn, mut places: Vec<PlaceInPrint>) -> Result<Vec<VoucherId>> {
    let tree = AreaTree::new(issuing::areas(conn).await?);
    places.sort_by_cached_key(|place| (place.point_number, place.slot_at, tree.rank(place.area_id), place.serial));
    Ok(places.into_iter().map(|place| place.id).collect())
}

/// The file, as the body of an answer. `point` is the one that a roster is for.
pub async fn stream(
    conn: &mut Conn,
    core: &Core,
    round: &Round,
    paper: Paper,
    point: Option<&Point>,
    ids: Vec<VoucherId>,
) -> Result<Body> {
    let common = common(conn, core, round).await?;
    let (rows_out, rows_in) = mpsc::channel::<Result<Vec<PrintRow>>>(2);
    let (bytes_out, bytes_in) = mpsc::channel::<io::Result<Bytes>>(4);
    let (place, address) = point.map(|p| (p.name.clone(), p.address.clone())).unwrap_or_default();
    tokio::spawn(read_rows(core.clone(), ids, rows_out));
    tokio::task::spawn_blocking(move || {
        let pieces = Pieces { held: Vec::with_capacity(PIECE), out: bytes_out.clone() };
        let drawn = match paper {
            Paper::Sheets(layout) => draw_sheets(pieces, layout, &common, rows_in),
            Paper::Roster => draw_roster(pieces, &common, (place, address), rows_in),
        };
        if let Err(error) = drawn
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::error!(error = %error, "a print was cut short");
            // The reader may be gone: then nobody needs to know.
            bytes_out.blocking_send(Err(error)).ok();
        }
    });
    Ok(Body::from_stream(futures_util::stream::unfold(bytes_in, async |mut bytes| {
        bytes.recv().await.map(|piece| (piece, bytes))
    })))
}

/// Reads chunk by chunk, with a connection only while it reads.
async fn read_rows(core: Core, ids: Vec<VoucherId>, out: mpsc::Sender<Result<Vec<PrintRow>>>) {
    for chunk in ids.chunks(CHUNK) {
        let rows = read_chunk(&core, chunk).await;
        let failed = rows.is_err();
        if out.send(rows).await.is_err() || failed {
            return;
        }
    }
}

async fn read_chunk(core: &Core, ids: &[VoucherId]) -> Result<Vec<PrintRow>> {
    let mut rows = store::rows(&mut core.db.read().await?, ids).await?;
    let order: HashMap<VoucherId, usize> = ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    rows.sort_unstable_by_key(|row| order.get(&row.voucher.id).copied());
    Ok(rows)
}

type Rows = mpsc::Receiver<Result<Vec<PrintRow>>>;

/// The next chunk; nothing at the end.
fn next_chunk(rows: &mut Rows) -> io::Result<Option<Vec<PrintRow>>> {
    rows.blocking_recv().transpose().map_err(|error| io::Error::other(error.code()))
}

fn draw_sheets(pieces: Pieces, layout: Layout, common: &Common, mut rows: Rows) -> io::Result<()> {
    let head = SheetHead {
        issuer: common.issuer.clone(),
        campaign: common.campaign.clone(),
        round: common.round.clone(),
        written_at: common.now,
    };
    let mut sheets = VoucherSheets::new(pieces, &head, layout)?;
    while let Some(chunk) = next_chunk(&mut rows)? {
        for row in chunk {
            sheets.add(&voucher_paper(common, row)?)?;
        }
    }
    sheets.finish().and_then(|(mut pieces, _)| pieces.flush())
}

fn draw_roster(pieces: Pieces, common: &Common, point: (String, String), mut rows: Rows) -> io::Result<()> {
    let head = RosterHead {
        parent_body: String::new(),
        issuing_body: common.issuer.clone(),
        campaign: format!("{} – {}", common.campaign, common.round),
        point_name: point.0,
        point_address: point.1,
        day: common.days.clone(),
        package: if common.contents.is_empty() { common.package.clone() } else { common.contents.join(", ") },
        place: common.place.clone(),
        date: common.today,
        written_at: common.now,
    };
    let mut roster = Roster::new(pieces, head)?;
    while let Some(chunk) = next_chunk(&mut rows)? {
        for row in chunk {
            roster.add(&roster_row(common, row)?)?;
        }
    }
    roster.finish().and_then(|(mut pieces, _)| pieces.flush())
}

fn stored_wrong<E>(_: E) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a voucher is not stored as it was issued")
}

fn area_for_people(row: &PrintRow) -> String {
    match &row.parent_area {
        Some(parent) => format!("{}, {parent}", row.voucher.area),
        None => row.voucher.area.clone(),
    }
}

/// The desk that serves a voucher, where its point has more than one: phones share the vouchers by it.
fn desk_for_people(row: &PrintRow) -> Option<String> {
    let desks = row.point_desks.filter(|desks| *desks > 1)?;
    Some(format!("Bàn {}", desk_of(row.voucher.serial, desks)))
}

fn voucher_paper(common: &Common, row: PrintRow) -> io::Result<VoucherPaper> {
    let code = row.voucher.code().map_err(stored_wrong)?;
    let area = area_for_people(&row);
    let desk = desk_for_people(&row).map(|desk| format!(" – {desk}")).unwrap_or_default();
    let voucher = row.voucher;
    let slot = voucher.slot_at.zip(voucher.slot_ends_at);
    Ok(VoucherPaper {
        household_name: voucher.head_name,
        address: voucher.address,
        area,
        point_name: row.point_name.unwrap_or_else(|| "Mọi điểm phát của đợt".to_owned()) + &desk,
        point_address: row.point_address.unwrap_or_default(),
        day: slot.map_or_else(|| common.days.clone(), |(at, _)| day_for_people(at.day())),
        slot: slot.map(|(at, ends_at)| format!("{} – {}", at.clock_time(), ends_at.clock_time())),
        package: common.package.clone(),
        contents: common.contents.clone(),
        units: u8::try_from(voucher.units).map_err(stored_wrong)?,
        serial: u32::try_from(voucher.serial).map_err(stored_wrong)?,
        code,
        typed_code: TypedCode::parse(&voucher.typed_code).map_err(stored_wrong)?,
        proxy_hint: common.collector_required.then(|| "Người nhận ghi họ tên và quan hệ với chủ hộ.".to_owned()),
    })
}

fn roster_row(common: &Common, row: PrintRow) -> io::Result<RosterRow> {
    let area = area_for_people(&row);
    let desk = desk_for_people(&row).unwrap_or_default();
    let units = u32::try_from(row.voucher.units).map_err(stored_wrong)?;
    let parts = [row.voucher.address, area];
    let address: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.trim().is_empty()).collect();
    Ok(RosterRow {
        name: row.voucher.head_name,
        birth_year: row.birth_year.and_then(|year| i16::try_from(year).ok()),
        address: address.join(", "),
        units,
        value: Dong(common.value.0.saturating_mul(i64::from(units))),
        typed_code: TypedCode::parse(&row.voucher.typed_code).map_err(stored_wrong)?,
        note: desk,
    })
}

/// A writer whose bytes leave for the reader in pieces. A reader that is gone is a broken pipe.
struct Pieces {
    held: Vec<u8>,
    out: mpsc::Sender<io::Result<Bytes>>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.held, Vec::with_capacity(PIECE));
        self.out.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
