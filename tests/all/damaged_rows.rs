//! Rows that no longer say what they may: what reads them fails and repeats nothing, and the doctor names each.

use std::collections::BTreeMap;

use lalanh::doctor::State;
use lalanh::doctor::columns::{self, COLUMNS, Column, Holds};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _, SqliteConnection};

use crate::backup::said;
use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::{TestApp, text};

/// What is written over a value; nobody but the operator's own database may say it again.
const DAMAGE: &str = "Nguyễn Văn Hư 0905123456";

/// A connection on which no check holds.
enum Unchecked {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Unchecked {
    async fn open(app: &TestApp) -> Self {
        match &app.database {
            None => {
                let url = format!("sqlite://{}/lalanh.db", app.dir.display());
                let mut own = Self::Sqlite(SqliteConnection::connect(&url).await.unwrap());
                own.run("pragma ignore_check_constraints = on").await;
                own
            }
            Some(url) => {
                let mut own = Self::Postgres(PgConnection::connect(url).await.unwrap());
                let checks =
                    "select 'alter table ' || conrelid::regclass || ' drop constraint ' || quote_ident(conname)
                              from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace";
                for drop in own.texts(checks).await {
                    own.run(&drop.unwrap()).await;
                }
                own
            }
        }
    }

    async fn run(&mut self, text: &str) -> u64 {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite(conn) => sqlx::query(text).execute(conn).await.unwrap().rows_affected(),
            Self::Postgres(conn) => sqlx::query(text).execute(conn).await.unwrap().rows_affected(),
        }
    }

    /// The first column of some rows.
    async fn texts(&mut self, text: &str) -> Vec<Option<String>> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite(conn) => {
                sqlx::query(text).fetch_all(conn).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(conn) => {
                sqlx::query(text).fetch_all(conn).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// An id as the database writes it.
    fn id(&self, id: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", id.replace('-', "")),
            Self::Postgres(_) => format!("'{id}'"),
        }
    }

    /// A key's column as text.
    fn key(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => {
                format!("case typeof({column}) when 'blob' then lower(hex({column})) else cast({column} as text) end")
            }
            Self::Postgres(_) => format!("replace(cast({column} as text), '-', '')"),
        }
    }
}

fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

/// Where a damaged row is met.
struct Met {
    /// The record in the world whose row is damaged; nothing: any.
    of: Option<&'static str>,
    /// The column by which that record names the row.
    by: &'static str,
    /// `{}` is the record's id.
    paths: &'static [&'static str],
}

const fn any(paths: &'static [&'static str]) -> Met {
    Met { of: None, by: "", paths }
}

const fn of(record: &'static str, by: &'static str, paths: &'static [&'static str]) -> Met {
    Met { of: Some(record), by, paths }
}

/// Where each column is read.
fn met() -> BTreeMap<(&'static str, &'static str), Met> {
    const SCANS: &[&str] = &["/api/v1/redemptions", "/redemptions", "/api/v1/conflicts"];
    const ENTRIES: &[&str] = &["/api/v1/stock/entries", "/stock/entries"];
    BTreeMap::from([
        (("users", "role"), any(&["/api/v1/users", "/users"])),
        (("audit_entries", "actor_kind"), any(&["/api/v1/audit?limit=500", "/audit/export.xlsx"])),
        (("audit_entries", "detail"), any(&["/api/v1/audit?limit=500", "/audit/export.xlsx"])),
        (("areas", "kind"), any(&["/api/v1/areas", "/areas"])),
        (("areas", "starts_on"), any(&["/api/v1/areas", "/areas"])),
        (("areas", "ends_on"), of("area", "id", &["/api/v1/areas", "/areas"])),
        (("points", "kind"), any(&["/api/v1/points", "/points"])),
        (("households", "status"), of("household", "id", &["/api/v1/households/{}", "/households/{}"])),
        (("households", "category"), of("household", "id", &["/api/v1/households", "/households", "/households/{}"])),
        (
            ("imports", "options"),
            of("household_import", "id", &["/api/v1/households/imports/{}", "/households/imports/{}"]),
        ),
        (("imports", "totals"), of("household_import", "id", &["/api/v1/households/imports", "/households/imports"])),
        (("imports", "counts"), of("household_import", "id", &["/households/imports/{}/undo"])),
        (("import_steps", "decision"), any(&["/api/v1/households/imports/{household_import}"])),
        (("campaigns", "starts_on"), any(&["/api/v1/campaigns", "/campaigns"])),
        (("campaigns", "ends_on"), any(&["/api/v1/campaigns", "/campaigns"])),
        (("donors", "kind"), any(&["/api/v1/donors", "/donors", "/api/v1/donations"])),
        (("donations", "received_on"), of("donation", "id", &["/api/v1/donations/{}", "/donations"])),
        (("donation_lines", "kind"), of("donation", "donation_id", &["/api/v1/donations/{}", "/donations/{}"])),
        (("donation_lines", "expires_on"), of("donation", "donation_id", &["/api/v1/donations/{}", "/donations/{}"])),
        (("lots", "expires_on"), any(ENTRIES)),
        (("stock_levels", "expires_on"), any(&["/api/v1/stock/lots", "/stock/lots?days=all"])),
        (("stock_adjustments", "reason"), any(&["/api/v1/stock/adjustments", "/stock/adjustments"])),
        (("stock_entries", "reason"), any(ENTRIES)),
        // Read at the start and by whoever erases or restores, not by a page.
        (("erasures", "subject_kind"), any(&[])),
        // A consent is asked for by whose it is: of another kind there is none.
        (("consents", "subject_kind"), any(&[])),
        (
            ("consents", "purpose"),
            of("household", "subject_id", &["/api/v1/households/{}/consents", "/households/{}/consents"]),
        ),
        (
            ("consents", "channel"),
            of("household", "subject_id", &["/api/v1/households/{}/consents", "/households/{}/consents"]),
        ),
        (("consents", "withdrawn_channel"), of("household", "subject_id", &["/api/v1/households/{}/consents"])),
        (("rent_reductions", "status"), of("reduction", "id", &["/api/v1/rent-reductions/{}", "/rent", "/rent/{}"])),
        (("rent_lines", "kind"), of("reduction", "reduction_id", &["/api/v1/rent-reductions/{}", "/rent/{}"])),
        (("rent_lines", "month"), of("reduction", "reduction_id", &["/api/v1/rent-reductions/{}", "/rent"])),
        (("rounds", "offline"), of("round", "id", &["/api/v1/rounds/{}", "/rounds/{}"])),
        (("rounds", "status"), of("round", "id", &["/api/v1/rounds", "/rounds", "/rounds/{}"])),
        (("vouchers", "status"), of("voucher", "id", &["/api/v1/vouchers/{}", "/vouchers/{}"])),
        (("vouchers", "valid_from"), of("voucher", "id", &["/api/v1/vouchers/{}", "/vouchers/{}"])),
        (("vouchers", "valid_until"), of("voucher", "id", &["/api/v1/vouchers/{}", "/vouchers/{}"])),
        (("scans", "source"), of("nonce", "nonce", SCANS)),
        (("scans", "outcome"), of("nonce", "nonce", SCANS)),
        (("scans", "detail"), of("nonce", "nonce", &["/api/v1/redemptions", "/api/v1/redemptions/{}"])),
        (("scans", "flags"), of("nonce", "nonce", SCANS)),
        (("conflicts", "kind"), of("conflict", "id", &["/api/v1/conflicts", "/conflicts", "/conflicts/{}"])),
        (("conflicts", "detail"), of("conflict", "id", &["/api/v1/conflicts", "/conflicts", "/conflicts/{}"])),
        (("quarantined_records", "why"), any(&["/api/v1/conflicts"])),
        (("tokens", "kind"), any(&["/api/v1/users/{user}/tokens", "/users/{user}"])),
        (("hand_overs", "moved"), any(&["/api/v1/hand-overs"])),
        (("jobs", "name"), any(&["/api/v1/jobs", "/jobs"])),
        (("jobs", "result"), any(&["/api/v1/jobs", "/jobs"])),
        (("jobs", "detail"), any(&["/api/v1/jobs", "/jobs"])),
        (("retention_rules", "rule"), any(&["/api/v1/retention", "/retention"])),
        // A list or a number is asked for by its kind: of another kind there is none.
        (("imports", "kind"), any(&[])),
        (("goods_numbers", "kind"), any(&[])),
    ])
}

/// Records of the kinds that a market without trouble lacks, and the world's own.
async fn records(app: &TestApp, own: &mut Unchecked) -> BTreeMap<&'static str, String> {
    let world = app.world().await;
    let mut ids = world.ours.ids;
    let users = app.get("/api/v1/users?limit=500").await;
    let user = users["items"].as_array().unwrap().iter().find(|user| user["username"] == "kdc.a").unwrap().clone();
    ids.insert("user", user["id"].as_str().unwrap().to_owned());
    let (list, conflict, device) = (own.id(&ids["household_import"]), own.id(&ids["conflict"]), own.id(&ids["device"]));
    let (voucher, point, nonce) =
        (own.id(&ids["voucher"]), own.id(&ids["point"]), own.id("0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"));
    let bytes = own.id("00");
    own.run(&format!("insert into import_steps (import_id, sheet, line, decision) values ({list}, 0, 2, 'skip')"))
        .await;
    let bytes = if matches!(own, Unchecked::Postgres(_)) { "'\\x00'".to_owned() } else { bytes };
    own.run(&format!(
        "insert into quarantined_records (nonce, conflict_id, device_id, point_id, voucher_id, desk, units, scanned_at,
             received_at, why, record)
         values ({nonce}, {conflict}, {device}, {point}, {voucher}, '1', 1, 0, 0, 'not_held', {bytes})"
    ))
    .await;
    own.run(&format!(
        "insert into erasures (id, subject_kind, subject_id, reason, erased_at) values ({nonce}, 'household', {voucher}, 'x', 0)"
    ))
    .await;
    own.run(&format!("update conflicts set kind = 'quarantined' where id = {conflict}")).await;
    let taker =
        text(&app.create("/api/v1/users", json!({ "username": "nhan.viec", "role": "coordinator" })).await, "id");
    let handed = json!({ "to": taker, "reason": "Nghỉ phép" });
    app.create(&format!("/api/v1/users/{}/hand-over", ids["user"]), handed).await;
    ids
}

fn filled(path: &str, record: Option<&str>, ids: &BTreeMap<&'static str, String>) -> String {
    let path = path.replace("{}", record.unwrap_or_default());
    ids.iter().fold(path, |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
}

/// Damages a value, and gives the row's key and what puts the value back.
async fn damage(own: &mut Unchecked, column: &Column, at: &str) -> (String, String) {
    let Column { table, key, column, .. } = column;
    let place = if matches!(own, Unchecked::Sqlite(_)) { ["rowid"] } else { ["ctid"] };
    let key = if key.is_empty() { &place } else { *key };
    let keys = key.iter().map(|part| own.key(part)).collect::<Vec<_>>().join(" || ':' || ");
    let row = own.texts(&format!("select {keys} from {table} {at} order by 1 limit 1")).await;
    let row = row.first().unwrap_or_else(|| panic!("no row in {table} {at}")).clone().unwrap();
    let this = format!("where {keys} = '{row}'");
    let before = own.texts(&format!("select cast({column} as text) from {table} {this}")).await.remove(0);
    assert_eq!(own.run(&format!("update {table} set {column} = '{DAMAGE}' {this}")).await, 1);
    // PostgreSQL moves a row that it changes.
    let (row, this) = if key == ["ctid"] {
        let this = format!("where {column} = '{DAMAGE}'");
        (own.texts(&format!("select {keys} from {table} {this}")).await.remove(0).unwrap(), this)
    } else {
        (row, this)
    };
    let mend = format!("update {table} set {column} = {} {this}", quoted(before.as_deref()));
    (row, mend)
}

on_both! {
    async fn what_reads_a_damaged_row_fails_and_repeats_nothing_and_the_doctor_names_the_row(app: TestApp) {
        let mut own = Unchecked::open(&app).await;
        let ids = records(&app, &mut own).await;
        let met = met();
        let good = columns::check(&mut app.core.db.read().await.unwrap()).await.unwrap();
        assert_eq!(good.state, State::Good, "{}", good.say.en);
        let mut wrong = Vec::new();
        for column in COLUMNS {
            let name = format!("{}.{}", column.table, column.column);
            let met = met.get(&(column.table, column.column)).unwrap_or_else(|| panic!("{name}: say in `met()` which paths read it"));
            let record = met.of.map(|record| ids[record].as_str());
            let at = record.map_or_else(String::new, |id| format!("where {} = {}", met.by, own.id(id)));
            let at = if name == "tokens.kind" { format!("where user_id = {}", own.id(&ids["user"])) } else { at };
            if name == "imports.counts" {
                own.run(&format!("update imports set committed_at = 1 {at}")).await;
            }
            let (row, mend) = damage(&mut own, column, &at).await;
            for path in met.paths {
                let path = filled(path, record, &ids);
                let request = app.request(Method::GET, &path, &app.admin).header("accept", "text/html, application/json");
                let response = request.send().await.unwrap();
                let (status, told) = (response.status(), response.text().await.unwrap());
                if status != StatusCode::INTERNAL_SERVER_ERROR || told.contains(DAMAGE) {
                    wrong.push(format!("{name}: GET {path} answered {status}, damage told: {}", told.contains(DAMAGE)));
                }
            }
            let check = columns::check(&mut app.core.db.read().await.unwrap()).await.unwrap();
            let (told, named) = (check.say.en.replace('-', ""), format!("{name} row {row}"));
            if check.state != State::Trouble || !told.contains(&named) || told.contains(DAMAGE) {
                wrong.push(format!("{name}: the doctor did not say «{named}» but: {}", check.say.en));
            }
            own.run(&mend).await;
            own.run("update imports set committed_at = null").await;
        }
        let check = columns::check(&mut app.core.db.read().await.unwrap()).await.unwrap();
        assert_eq!(check.state, State::Good, "{}", check.say.en);
        assert!(wrong.is_empty(), "on {:?}:\n{}", app.on, wrong.join("\n"));
    }

    async fn a_scan_of_a_damaged_voucher_fails_alone_and_moves_nothing(app: TestApp) {
        let mut own = Unchecked::open(&app).await;
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let scan = |voucher: &Value| json!({ "code": voucher["code"], "point_id": market.point, "desk": "1",
            "nonce": app.clock.uuid(), "scanned_at": app.clock.now() });
        let (damaged, fine) = (scan(&market.vouchers[0]), scan(&market.vouchers[1]));
        let id = own.id(market.vouchers[0]["id"].as_str().unwrap());
        own.run(&format!("update vouchers set status = '{DAMAGE}' where id = {id}")).await;
        let scans = app.count_scans().await;
        let (bad, good) = tokio::join!(
            app.send(Method::POST, "/api/v1/redemptions", &damaged),
            app.send(Method::POST, "/api/v1/redemptions", &fine),
        );
        assert_eq!(bad.0, StatusCode::INTERNAL_SERVER_ERROR, "{bad:?}");
        assert!(!bad.1.to_string().contains(DAMAGE));
        assert_eq!((good.0, &good.1["outcome"]), (StatusCode::OK, &json!("redeemed")), "{good:?}");
        assert_eq!(app.count_scans().await, scans + 1);
        app.books_balance().await;
    }

    async fn an_unreadable_value_is_told_with_its_column_and_its_statement_and_not_repeated(app: TestApp) {
        let mut own = Unchecked::open(&app).await;
        app.ward().await;
        own.run(&format!("update areas set kind = '{DAMAGE}'")).await;
        let mut conn = app.core.db.read().await.unwrap();
        let told = lalanh::places::store::all_areas(&mut conn, &lalanh::kernel::Within::All).await.unwrap_err().to_string();
        assert!(told.contains("column kind in src/places/store.rs:"), "{told}");
        assert!(told.contains("ward, neighbourhood, group") && !told.contains(DAMAGE), "{told}");
        drop(conn);
        let doctor = app.program().run(&["doctor"]);
        assert!(!doctor.status.success());
        assert!(said(&doctor).contains("areas.kind row ") && !said(&doctor).contains(DAMAGE), "{}", said(&doctor));
    }
}

/// `check (column in ('a', 'b'))` of the migrations: table, column, names.
fn checked() -> Vec<(String, String, Vec<String>)> {
    let mut found = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for table in text.split("create table ").skip(1) {
            let name = table.split_whitespace().next().unwrap();
            let body = table.split("\n);").next().unwrap();
            for check in body.split("check (").skip(1) {
                let Some((column, names)) = check.split_once(" in") else { continue };
                let names = names.trim_start();
                if !names.starts_with('(') || column.contains(char::is_whitespace) || column.contains('(') {
                    continue;
                }
                let names = names[1..].split(')').next().unwrap().split(',');
                let names = names.map(|name| name.trim().trim_matches('\'').to_owned()).collect();
                found.push((name.to_owned(), column.to_owned(), names));
            }
        }
    }
    found
}

#[test]
fn every_column_of_names_is_known_to_the_doctor_with_just_these_names() {
    let checked = checked();
    assert!(checked.len() >= 18, "only {} checks were found: the search is broken", checked.len());
    for (table, column, mut names) in checked {
        let known = COLUMNS.iter().find(|known| known.table == table && known.column == column);
        let Some(Column { holds: Holds::Names(known), .. }) = known else {
            panic!("{table}.{column} is not in src/doctor/columns.rs")
        };
        let mut known = known.to_vec();
        known.sort_unstable();
        names.sort_unstable();
        assert_eq!(known, names, "{table}.{column}");
    }
}

#[test]
fn every_column_of_days_and_months_is_known_to_the_doctor() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for table in text.split("create table ").skip(1).flat_map(|rest| rest.split("\n);").next()) {
            let (table, columns) = table.split_once(" (").unwrap();
            let words = columns.lines().filter_map(|line| line.trim().split_once(" text")).map(|(column, _)| column);
            for column in
                words.filter(|name| name.ends_with("_on") || ["month", "valid_from", "valid_until"].contains(name))
            {
                let known = COLUMNS.iter().any(|known| (known.table, known.column) == (table, column));
                assert!(known, "{table}.{column} holds a day or a month: give it a line in src/doctor/columns.rs");
                found += 1;
            }
        }
    }
    assert!(found >= 10, "only {found} columns were found: the search is broken");
}
