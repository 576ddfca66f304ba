use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lalanh::app::{Options, open};
use lalanh::http::{Config, Core};
use lalanh::vault::Purpose;
use reqwest::Method;
use serde_json::json;

use crate::on_both;
use crate::support::{On, TestApp, postgres_database, postgres_server, text};

const PASSPHRASE: &str = "một câu dễ nhớ";

/// The program itself, as an operator runs it.
pub struct Program {
    pub data_dir: PathBuf,
    pub database: Option<String>,
}

impl Program {
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lalanh"));
        command.args(args).arg("--data-dir").arg(&self.data_dir).stdin(Stdio::null());
        command.env_remove("LALANH_DATABASE").env_remove("LALANH_BACKUP_PASSPHRASE");
        if let Some(database) = &self.database {
            command.arg("--database").arg(database);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn run_with_passphrase(&self, args: &[&str], passphrase: &str) -> Output {
        let mut command = self.command(args);
        command.arg("--passphrase-stdin").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{passphrase}").unwrap();
        child.wait_with_output().unwrap()
    }

    async fn open(&self) -> Core {
        let options =
            Options { data_dir: self.data_dir.clone(), database: self.database.clone(), config: Config::default() };
        open(&options, lalanh::kernel::Clock::system()).await.unwrap()
    }
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn accepted(output: Output) -> String {
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(output: Output, with: &str) {
    let said = said(&output);
    assert!(!output.status.success() && said.contains(with), "expected «{with}», got: {said}");
}

impl TestApp {
    pub fn program(&self) -> Program {
        Program { data_dir: self.dir.clone(), database: self.database.clone() }
    }

    /// A folder and a database that nothing was ever put into.
    async fn empty_place(&self, on: On, name: &str) -> Option<Program> {
        let database = match on {
            On::Sqlite => None,
            On::Postgres => Some(postgres_database(&postgres_server()?).await),
        };
        Some(Program { data_dir: self.dir.join(name), database })
    }

    /// Records of every kind of column, and a link to a row that sorts later.
    async fn fill(&self) {
        let ward = self.ward().await;
        let child = self.create("/api/v1/areas", json!({ "name": "Tổ \"32\"\n' — 🌾", "kind": "group" })).await;
        let later =
            self.create("/api/v1/areas", json!({ "name": "KDC 3", "kind": "neighbourhood", "parent_id": ward })).await;
        let change = json!({ "parent_id": text(&later, "id") });
        let path = format!("/api/v1/areas/{}", text(&child, "id"));
        assert!(self.send(Method::PATCH, &path, &change).await.0.is_success());
        self.point(&ward, "Nhà văn hóa").await;
        let household = json!({
            "head_name": "Trần Thị Bảy", "phone": "0905123456", "citizen_id": "048150123456", "birth_year": 1950,
            "area_id": ward, "address": "12 Lê Độ", "members": 4, "category": "poor", "consent": true
        });
        self.create("/api/v1/households", household).await;
        let mut tx = self.core.db.begin().await.unwrap();
        tx.sql(
            "insert into items (id, name, name_key, unit, unit_key, decimals, perishable, low_stock, created_at)
             values ($1, 'Rau xanh', 'rau xanh', 'kg', 'kg', 3, true, null, -1)",
        )
        .bind(self.clock.uuid())
        .execute()
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}

/// The lines of a back-up without header, trailer, and the log, which tells of the back-up itself.
async fn content(core: &Core) -> Vec<String> {
    let header = lalanh::backup::Header {
        lalanh_backup: 1,
        schema: lalanh::db::Db::newest_schema(),
        instance_id: core.instance_id,
        created_at: core.clock.now(),
        database: String::new(),
        secret: String::new(),
    };
    let mut snapshot = core.db.snapshot().await.unwrap();
    let sink = lalanh::backup::Sink::Plain(Vec::new());
    let (file, _) = lalanh::backup::write(&mut snapshot, &header, sink).await.unwrap();
    let mut lines = String::new();
    flate2::read::GzDecoder::new(&file[..]).read_to_string(&mut lines).unwrap();
    let mut kept = Vec::new();
    let mut log = false;
    for line in lines.lines().skip(1) {
        if line.starts_with('{') {
            log = line.contains("\"audit_");
        }
        if !log && !line.contains("\"sha256\"") {
            // The two databases write their arrays with and without spaces.
            kept.push(serde_json::from_str::<serde_json::Value>(line).unwrap().to_string());
        }
    }
    kept
}

fn path_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

on_both! {
    async fn a_backup_made_while_serving_restores_into_either_database(app: TestApp) {
        app.fill().await;
        let before = content(&app.core).await;
        let file = app.dir.join("ward.backup");
        let printed = accepted(app.program().run(&["backup", "--unsealed", path_text(&file)]));
        assert!(printed.contains("areas\t3") && printed.contains("points\t1") && printed.contains("households\t1"), "{printed}");
        for target in [On::Sqlite, On::Postgres] {
            let Some(place) = app.empty_place(target, &format!("{target:?}")).await else { continue };
            accepted(place.run(&["restore", path_text(&file)]));
            let core = place.open().await;
            assert_eq!(content(&core).await, before);
            assert_eq!(core.instance_id, app.core.instance_id);
            let mut conn = core.db.read().await.unwrap();
            let (sealed,): (Vec<u8>,) = conn.sql("select phone_sealed from households").one().await.unwrap();
            assert_eq!(core.vault.open_text(Purpose::Phone, &sealed).unwrap(), "0905123456");
            drop(conn);
            core.db.close().await;
            let doctor = accepted(place.run(&["doctor"]));
            assert!(!doctor.contains('✗'), "{doctor}");
            refused(place.run(&["restore", path_text(&file)]), "empty database");
        }
    }

    async fn a_sealed_backup_shows_nothing_and_opens_with_its_passphrase_only(app: TestApp) {
        app.fill().await;
        let file = app.dir.join("sealed.backup");
        accepted(app.program().run_with_passphrase(&["backup", path_text(&file)], PASSPHRASE));
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(lalanh::vault::stream::MAGIC), "sealed from the first byte on");
        let place = app.empty_place(On::Sqlite, "elsewhere").await.unwrap();
        refused(place.run(&["restore", path_text(&file)]), "Add --passphrase-stdin");
        refused(place.run_with_passphrase(&["restore", path_text(&file)], "một câu khác hẳn"), "passphrase");
        assert!(!place.data_dir.exists(), "a refused restore leaves no folder");
        accepted(place.run_with_passphrase(&["restore", path_text(&file)], PASSPHRASE));
        assert_eq!(place.open().await.instance_id, app.core.instance_id);
    }

    async fn a_damaged_or_cut_backup_is_refused_and_leaves_nothing(app: TestApp) {
        app.fill().await;
        let file = app.dir.join("whole.backup");
        accepted(app.program().run(&["backup", "--unsealed", path_text(&file)]));
        let whole = std::fs::read(&file).unwrap();
        let place = app.empty_place(app.on, "damaged").await.unwrap();
        let broken = app.dir.join("broken.backup");
        let mut flipped = whole.clone();
        let middle = whole.len() / 2;
        flipped[middle] ^= 0x10;
        for bytes in [&whole[..whole.len() - 1], &whole[..middle], &flipped, &[&whole[..], b"more"].concat()] {
            std::fs::write(&broken, bytes).unwrap();
            refused(place.run(&["restore", path_text(&broken)]), "damaged or cut off");
            assert!(!place.data_dir.exists());
        }
        std::fs::write(&broken, b"Ho va ten;CCCD").unwrap();
        refused(place.run(&["restore", path_text(&broken)]), "not a back-up");
        // The same place is still good for the whole file.
        accepted(place.run(&["restore", path_text(&file)]));
    }

    async fn a_backup_never_replaces_a_file_unless_told_to(app: TestApp) {
        let file = app.dir.join("kept.backup");
        std::fs::write(&file, b"mine").unwrap();
        refused(app.program().run(&["backup", "--unsealed", path_text(&file)]), "--force");
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
        let output = app.program().run(&["backup", "--unsealed", path_text(&file), "--force"]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("personal data"), "{}", said(&output));
        accepted(output);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let left: Vec<_> = std::fs::read_dir(&app.dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
    }

    async fn a_backup_is_sealed_unless_somebody_says_that_it_is_not(app: TestApp) {
        let file = app.dir.join("ward.backup");
        refused(app.program().run(&["backup", path_text(&file)]), "--unsealed");
        assert!(!file.exists(), "nothing was written");
        refused(app.program().run_with_passphrase(&["backup", path_text(&file)], ""), "12");
        refused(app.program().run_with_passphrase(&["backup", "--unsealed", path_text(&file)], PASSPHRASE), "--unsealed");
        // An evening's job gives it by the environment.
        let mut evening = app.program().command(&["backup", path_text(&file)]);
        accepted(evening.env("LALANH_BACKUP_PASSPHRASE", PASSPHRASE).output().unwrap());
        assert!(std::fs::read(&file).unwrap().starts_with(lalanh::vault::stream::MAGIC));
        let open = app.dir.join("open.backup");
        accepted(app.program().run(&["backup", "--unsealed", path_text(&open)]));
        assert!(std::fs::read(&open).unwrap().starts_with(&[0x1f, 0x8b]), "gzip");
    }

    async fn the_log_tells_of_every_backup(app: TestApp) {
        accepted(app.program().run(&["backup", "--unsealed", path_text(&app.dir.join("a.backup"))]));
        let mut conn = app.core.db.read().await.unwrap();
        let (count,): (i64,) =
            conn.sql("select count(*) from audit_entries where action = 'backup'").one().await.unwrap();
        assert_eq!(count, 1);
    }
}

/// A disk that is full after so many bytes.
struct SmallDisk(usize);

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

on_both! {
    async fn a_full_disk_is_named_as_such(app: TestApp) {
        app.fill().await;
        let header = lalanh::backup::Header {
            lalanh_backup: 1,
            schema: lalanh::db::Db::newest_schema(),
            instance_id: app.core.instance_id,
            created_at: app.clock.now(),
            database: String::new(),
            secret: String::new(),
        };
        let mut snapshot = app.core.db.snapshot().await.unwrap();
        let sink = lalanh::backup::Sink::Plain(SmallDisk(200));
        let failure = lalanh::backup::write(&mut snapshot, &header, sink).await.err().unwrap();
        assert!(failure.say().en.contains("disk is full"), "{}", failure.say().en);
    }
}

on_both! {
    async fn a_database_whose_secret_is_missing_is_not_given_a_new_one(app: TestApp) {
        app.fill().await;
        let place = Program { data_dir: app.dir.clone(), database: app.database.clone() };
        std::fs::remove_file(app.dir.join("secret.key")).unwrap();
        refused(place.run(&["token", "add", "--username", "admin"]), "secret");
        assert!(!app.dir.join("secret.key").exists());
        refused(place.run(&["doctor"]), "secret.key");
    }

    async fn the_doctor_finds_ledger_entries_of_a_point_or_a_lot_that_is_not_there(app: TestApp) {
        app.fill().await;
        let mut tx = app.core.db.begin().await.unwrap();
        // There and back again: the sums agree, only what they name does not exist.
        for quantity in [5_i64, -5] {
            tx.sql(
                "insert into stock_entries (id, at, point_id, item_id, lot_id, quantity, reason, source_id)
                 values ($1, 0, $2, $3, $4, $5, 'counted', $1)",
            )
            .bind(app.clock.uuid())
            .bind(uuid::Uuid::from_u128(1))
            .bind(uuid::Uuid::from_u128(2))
            .bind(uuid::Uuid::from_u128(3))
            .bind(quantity)
            .execute()
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        let doctor = app.program().run(&["doctor"]);
        assert!(!doctor.status.success(), "{}", said(&doctor));
    }

    async fn the_doctor_finds_scans_at_a_point_that_is_not_there(app: TestApp) {
        app.fill().await;
        let mut tx = app.core.db.begin().await.unwrap();
        tx.sql(
            "insert into scans (nonce, body_hash, source, outcome, detail, flags, units, point_id, desk, happened_at,
                 scanned_at, received_at)
             values ($1, $2, 'online', 'unknown', '', '[]', 0, $3, '', 0, 0, 0)",
        )
        .bind(app.clock.uuid())
        .bind(vec![0_u8; 32])
        .bind(uuid::Uuid::from_u128(1))
        .execute()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let doctor = app.program().run(&["doctor"]);
        assert!(!doctor.status.success(), "{}", said(&doctor));
    }

    async fn the_doctor_finds_changed_ledgers_logs_and_secrets(app: TestApp) {
        app.fill().await;
        let doctor = || said(&app.program().run(&["doctor", "--json"]));
        let state = |check: &str| {
            let all: serde_json::Value = serde_json::from_str(&doctor()).unwrap();
            let found = all["checks"].as_array().unwrap().iter().find(|one| one["check"] == check).unwrap().clone();
            text(&found, "state")
        };
        for check in ["database", "schema", "stock", "handovers", "phones", "audit", "clock", "keys", "secret"] {
            assert_eq!(state(check), "good", "{check}: {}", doctor());
        }
        let mut tx = app.core.db.begin().await.unwrap();
        tx.sql("update audit_entries set record_kind = 'nothing' where seq = 1").execute().await.unwrap();
        let lot = app.clock.uuid();
        tx.sql("insert into lots (id, item_id, expires_on, overdraft) select $1, id, '', false from items")
            .bind(lot)
            .execute()
            .await
            .unwrap();
        tx.sql(
            "insert into stock_levels (point_id, lot_id, item_id, expires_on, overdraft, quantity)
             select p.id, l.id, l.item_id, l.expires_on, l.overdraft, 5 from points p cross join lots l",
        )
        .execute()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        std::fs::write(app.dir.join("secret.key"), "00".repeat(32)).unwrap();
        for check in ["stock", "audit", "secret"] {
            assert_eq!(state(check), "trouble", "{check}");
        }
        assert!(!app.program().run(&["doctor"]).status.success());
    }
}
