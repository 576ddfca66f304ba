//! The doctor: does everything that is stored agree with itself, and can the service go on?
//!
//! Promises: changes nothing. Each [`Check`] says what was looked at and, when something is wrong, the way out.

mod check;
pub mod columns;
mod log;
mod store;

use std::path::Path;

use aws_lc_rs::signature::Ed25519KeyPair;

use crate::db::{Conn, Db};
use crate::kernel::{Clock, Day, Message, Moment};
use crate::vault::{Purpose, Vault};

pub use check::{Check, State};
pub use log::printed_head;
use log::{log, log_keys};

/// Free bytes below which the doctor warns.
const LOW_DISK: u64 = 500 * 1024 * 1024;
/// Seconds that a record may lie ahead of the clock: two machines on one database differ a little.
const CLOCK_SLACK_SECS: i64 = 120;

/// Looks at everything. `vault` is nothing when the data folder has no master secret.
pub async fn examine(db: &Db, vault: Option<&Vault>, data_dir: &Path, clock: &Clock) -> Vec<Check> {
    let mut checks = vec![folder(data_dir), disk(data_dir)];
    match in_database(db, vault, (data_dir, clock), &mut checks).await {
        Ok(()) => {}
        Err(error) => checks.push(Check::trouble(
            "database",
            Message::new(
                format!("Cơ sở dữ liệu không trả lời được: {error}. Kiểm tra máy chủ, hoặc khôi phục bản sao lưu."),
                format!("The database could not answer: {error}. Check its server, or restore a back-up."),
            ),
        )),
    }
    checks
}

async fn in_database(
    db: &Db,
    vault: Option<&Vault>,
    (data_dir, clock): (&Path, &Clock),
    checks: &mut Vec<Check>,
) -> Result<(), sqlx::Error> {
    let unopened = log_keys(db, vault).await?;
    // One moment for all checks: a redemption between two of them would look like trouble.
    let mut conn = db.snapshot().await?;
    checks.push(database(store::damage(&mut conn).await?));
    let found = Db::schema(&mut conn).await?;
    checks.push(schema(found));
    if found != Some(Db::newest_schema()) {
        return Ok(());
    }
    checks.push(columns::check(&mut conn).await?);
    checks.push(stock(&mut conn).await?);
    checks.push(handovers(&mut conn).await?);
    checks.push(conflicts(&mut conn).await?);
    checks.push(phones(&mut conn).await?);
    checks.push(log(&mut conn, data_dir, unopened).await);
    checks.push(time(&mut conn, clock.now()).await?);
    checks.push(keys(&mut conn, vault).await?);
    checks.push(secret(&mut conn, vault).await?);
    Ok(())
}

#[cfg(unix)]
fn folder(data_dir: &Path) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let open = [data_dir.to_owned(), data_dir.join("secret.key")]
        .into_iter()
        .find(|path| path.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0));
    match open {
        None => {
            Check::good("folder", "Chỉ dịch vụ đọc được thư mục dữ liệu.", "Only the service may read the data folder.")
        }
        Some(path) => Check::warning(
            "folder",
            Message::new(
                format!("Người khác trên máy đọc được {0}. Chạy: chmod go= {0}", path.display()),
                format!("Others on this machine may read {0}. Run: chmod go= {0}", path.display()),
            ),
        ),
    }
}

#[cfg(not(unix))]
fn folder(_: &Path) -> Check {
    Check::good("folder", "Có thư mục dữ liệu.", "The data folder is there.")
}

/// Free bytes on the disk of the data folder, where that is known.
#[cfg(unix)]
pub fn free_bytes(data_dir: &Path) -> Option<u64> {
    rustix::fs::statvfs(data_dir).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Free bytes on the disk of the data folder, where that is known.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> Option<u64> {
    None
}

fn disk(data_dir: &Path) -> Check {
    match free_bytes(data_dir) {
        Some(free) if free < LOW_DISK => {
            let mib = free / (1024 * 1024);
            Check::warning(
                "disk",
                Message::new(
                    format!("Ổ đĩa của thư mục dữ liệu chỉ còn {mib} MiB. Hãy giải phóng chỗ trống."),
                    format!("The data folder's disk has only {mib} MiB left. Free some space."),
                ),
            )
        }
        _ => Check::good("disk", "Ổ đĩa còn đủ chỗ.", "The disk has room."),
    }
}

fn database(damage: Vec<String>) -> Check {
    if damage.is_empty() {
        return Check::good("database", "Cơ sở dữ liệu nguyên vẹn.", "The database is whole.");
    }
    let damage = damage.join("; ");
    Check::trouble(
        "database",
        Message::new(
            format!("Cơ sở dữ liệu bị hỏng: {damage}. Dừng dịch vụ, giữ lại bản này, khôi phục bản sao lưu gần nhất."),
            format!("The database is damaged: {damage}. Stop the service, keep this copy, restore the latest back-up."),
        ),
    )
}

fn schema(found: Option<i64>) -> Check {
    let known = Db::newest_schema();
    match found {
        Some(found) if found == known => {
            Check::good("schema", "Cơ sở dữ liệu đúng phiên bản.", "The database has this program's version.")
        }
        Some(found) if found > known => Check::trouble(
            "schema",
            Message::new(
                format!("Cơ sở dữ liệu mới hơn chương trình ({found} > {known}). Hãy dùng bản Lá Lành mới hơn."),
                format!("The database is newer than this program ({found} > {known}). Use the newer lalanh."),
            ),
        ),
        _ => Check::trouble(
            "schema",
            Message::fixed(
                "Cơ sở dữ liệu chưa được nâng cấp. Sao lưu rồi chạy «lalanh serve» một lần.",
                "The database was not brought up to date. Back it up, then run `lalanh serve` once.",
            ),
        ),
    }
}

async fn stock(conn: &mut Conn) -> Result<Check, sqlx::Error> {
    let wrong = store::wrong_levels(conn).await? + store::wrong_lots(conn).await?;
    if wrong == 0 {
        return Ok(Check::good("stock", "Tồn kho khớp sổ kho.", "Stock levels agree with the ledger."));
    }
    Ok(Check::trouble(
        "stock",
        Message::new(
            format!(
                "Có {wrong} chỗ tồn kho không khớp sổ kho. Ngừng phát quà, giữ bản sao lưu này và báo người phát triển."
            ),
            format!(
                "Stock disagrees with the ledger in {wrong} places. Stop handing out, keep a back-up of this state and report it."
            ),
        ),
    ))
}

async fn handovers(conn: &mut Conn) -> Result<Check, sqlx::Error> {
    let wrong = store::wrong_handovers(conn).await?
        + store::wrong_reversals(conn).await?
        + store::scans_of_nothing(conn).await?
        + store::unnoticed_excess(conn).await?;
    if wrong == 0 {
        return Ok(Check::good("handovers", "Lượt phát khớp sổ kho.", "Handovers agree with the ledger."));
    }
    Ok(Check::trouble(
        "handovers",
        Message::new(
            format!(
                "Có {wrong} lượt phát không khớp sổ kho, vượt số suất của phiếu hoặc thuộc về một phiếu, điểm hay máy \
                 không có. Giữ bản sao lưu này và báo người phát triển."
            ),
            format!(
                "{wrong} handovers disagree with the ledger, exceed their voucher or name a voucher, point or phone \
                 that is not there. Keep a back-up of this state and report it."
            ),
        ),
    ))
}

async fn conflicts(conn: &mut Conn) -> Result<Check, sqlx::Error> {
    let open = store::open_conflicts(conn).await?;
    if open == 0 {
        return Ok(Check::good(
            "conflicts",
            "Không còn trùng lượt nhận chờ xử lý.",
            "No conflict waits for a decision.",
        ));
    }
    Ok(Check::warning(
        "conflicts",
        Message::new(
            format!("Trùng lượt nhận chờ cán bộ phụ trách xử lý, ở trang Trùng lượt nhận: {open}."),
            format!("Conflicts that wait for a coordinator's decision, on the page Conflicts: {open}."),
        ),
    ))
}

async fn phones(conn: &mut Conn) -> Result<Check, sqlx::Error> {
    let wrong = store::wrong_chains(conn).await?;
    if wrong == 0 {
        return Ok(Check::good(
            "phones",
            "Chuỗi bản ghi của các điện thoại liền mạch.",
            "The phones' record chains hold.",
        ));
    }
    Ok(Check::trouble(
        "phones",
        Message::new(
            format!(
                "Chuỗi bản ghi của {wrong} điện thoại bị đứt. Thu hồi các máy đó và đối chiếu với danh sách ký nhận."
            ),
            format!(
                "The record chains of {wrong} phones are broken. Revoke those phones and compare with the signed rosters."
            ),
        ),
    ))
}

async fn time(conn: &mut Conn, now: Moment) -> Result<Check, sqlx::Error> {
    let newest = store::newest_moment(conn).await?;
    let behind = newest.is_some_and(|newest| newest > now.plus_secs(CLOCK_SLACK_SECS));
    let possible = Day::from_ymd(2024, 1, 1).zip(Day::from_ymd(2100, 1, 1));
    let absurd = possible.is_some_and(|(first, last)| now < first.start() || now >= last.start());
    if !behind && !absurd {
        return Ok(Check::good("clock", "Đồng hồ máy chủ hợp lý.", "The server's clock is sane."));
    }
    let (now, newest) = (now.for_people(), newest.map_or_else(String::new, Moment::for_people));
    Ok(Check::trouble(
        "clock",
        Message::new(
            format!(
                "Đồng hồ máy chủ sai: đang là {now}, bản ghi mới nhất lúc {newest}. Chỉnh giờ (NTP) trước khi phát quà."
            ),
            format!(
                "The server's clock is wrong: it says {now}, the newest record {newest}. Set it (NTP) before the market."
            ),
        ),
    ))
}

async fn keys(conn: &mut Conn, vault: Option<&Vault>) -> Result<Check, sqlx::Error> {
    let keys = store::signing_keys(conn).await?;
    let broken: Vec<String> = keys
        .iter()
        .filter(|key| {
            let seed = vault.and_then(|vault| vault.open(Purpose::SigningKey, &key.secret_sealed).ok());
            seed.is_none_or(|seed| Ed25519KeyPair::from_seed_and_public_key(&seed, &key.public_key).is_err())
        })
        .map(|key| key.kid.to_string())
        .collect();
    if !broken.is_empty() {
        let broken = broken.join(", ");
        return Ok(Check::trouble(
            "keys",
            Message::new(
                format!(
                    "Không mở được khóa ký phiếu số {broken}: tệp secret.key không phải của dữ liệu này. Khôi phục từ bản sao lưu."
                ),
                format!("Signing keys {broken} don't open: secret.key is not this data's. Restore it from a back-up."),
            ),
        ));
    }
    let active = keys.iter().any(|key| key.retired_at.is_none() && key.withdrawn_at.is_none());
    if !active && store::vouchers(conn).await? > 0 {
        return Ok(Check::warning(
            "keys",
            Message::fixed(
                "Không còn khóa nào để ký phiếu mới. Tạo khóa mới trước khi phát phiếu.",
                "No key is left to sign new vouchers. Make one before issuing.",
            ),
        ));
    }
    Ok(Check::good("keys", "Khóa ký phiếu dùng được.", "The signing keys open."))
}

async fn secret(conn: &mut Conn, vault: Option<&Vault>) -> Result<Check, sqlx::Error> {
    let Some(vault) = vault else {
        return Ok(Check::trouble(
            "secret",
            Message::fixed(
                "Thiếu tệp secret.key trong thư mục dữ liệu. Khôi phục từ bản sao lưu; thiếu nó không đọc được số giấy tờ.",
                "The data folder has no secret.key. Restore it from a back-up; without it id numbers can't be read.",
            ),
        ));
    };
    let [phone, citizen_id, replay_key] = store::sealed_samples(conn).await?;
    let opens = |purpose, sealed: Option<Vec<u8>>| sealed.is_none_or(|sealed| vault.open(purpose, &sealed).is_ok());
    if opens(Purpose::Phone, phone) && opens(Purpose::CitizenId, citizen_id) && opens(Purpose::ReplayKey, replay_key) {
        return Ok(Check::good(
            "secret",
            "Tệp khóa mở được dữ liệu đã niêm phong.",
            "The secret opens what is sealed.",
        ));
    }
    Ok(Check::trouble(
        "secret",
        Message::fixed(
            "Tệp secret.key không phải của dữ liệu này. Khôi phục tệp đúng từ bản sao lưu.",
            "The secret.key is not this data's. Restore the right one from a back-up.",
        ),
    ))
}
