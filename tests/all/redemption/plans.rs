//! How the databases carry out the engine's statements: what grows with the ward is reached by index, never read whole.

use std::collections::HashMap;

use lalanh::db::{Flavour, Query, Tx, id_rows};
use serde::Serialize;
use uuid::Uuid;

use super::market::{Market, Plan};
use crate::on_both;
use crate::sql_texts::texts_of;
use crate::support::{On, TestApp, text};

/// Vouchers and scans; enough that reading them all would be the dearer way.
const MANY: i64 = 20_000;
/// Tables that grow with the ward and its campaigns; the first three hold [`MANY`] rows here. SQLite plans without
/// looking at the rows, PostgreSQL rightly reads a table whole while it is small.
const LARGE: [&str; 7] =
    ["vouchers", "scans", "households", "stock_levels", "reversals", "replaced_papers", "lease_vouchers"];

#[derive(Serialize)]
struct Twin {
    id: Uuid,
    household_id: Uuid,
    nonce: Uuid,
    serial: i64,
}

#[derive(Serialize)]
struct Wanted {
    i: i64,
    nonce: Uuid,
    point_id: String,
    kid: i64,
    round_number: i64,
    serial: i64,
    issue_number: i64,
}

/// Copies the market's one voucher, household and scan many times.
async fn grow(app: &TestApp, market: &Market) {
    let mut tx = app.core.db.begin().await.unwrap();
    let of = |serial| Twin { id: app.clock.uuid(), household_id: app.clock.uuid(), nonce: app.clock.uuid(), serial };
    let twins: Vec<Twin> = (2..=MANY).map(of).collect();
    let first: Uuid = text(&market.vouchers[0], "id").parse().unwrap();
    for part in twins.chunks(4_000) {
        copy_into(&mut tx, part, first).await;
    }
    tx.commit().await.unwrap();
    let mut conn = app.core.db.read().await.unwrap();
    if app.on == On::Postgres {
        conn.catalogue_sql("analyze".to_owned()).execute().await.unwrap();
    }
}

async fn copy_into(tx: &mut Tx, twins: &[Twin], first: Uuid) {
    tx.sql(
        "insert into households (id, area_id, head_name, name_key, sort_key, search_key, mark_text, address,
             address_key, members, category, note, status, created_at, updated_at)
         select r.household_id, h.area_id, h.head_name, h.name_key, h.sort_key, h.search_key, h.mark_text,
             h.address, h.address_key, h.members, h.category, h.note, h.status, 0, 0
         from rows($1: household_id uuid) as r cross join households h
         where h.id = (select household_id from vouchers where id = $2)",
    )
    .bind_rows(twins)
    .bind(first)
    .execute()
    .await
    .unwrap();
    tx.sql(
        "insert into vouchers (id, round_id, round_number, serial, issue_number, household_id, point_id, units,
             valid_from, valid_until, kid, signature, typed_code, status, issued_at)
         select r.id, v.round_id, v.round_number, r.serial, 1, r.household_id, v.point_id, 1, v.valid_from,
             v.valid_until, v.kid, v.signature, 'X' || r.serial, 'issued', 0
         from rows($1: id uuid, household_id uuid, serial bigint) as r cross join vouchers v where v.id = $2",
    )
    .bind_rows(twins)
    .bind(first)
    .execute()
    .await
    .unwrap();
    tx.sql(
        "insert into scans (nonce, body_hash, source, outcome, detail, flags, voucher_id, handover, units, round_id,
             package_id, point_id, desk, happened_at, scanned_at, received_at)
         select r.nonce, v.signature, 'online', 'redeemed', '{}', '[]', r.id, 1, 1, v.round_id, null, v.point_id, '',
             0, 0, 0
         from rows($1: id uuid, nonce uuid) as r cross join vouchers v where v.id = $2",
    )
    .bind_rows(twins)
    .bind(first)
    .execute()
    .await
    .unwrap();
}

/// The large tables that a text reads whole.
async fn read_whole(app: &TestApp, text: &str, bind: impl for<'c> Fn(Query<'c>) -> Query<'c>) -> Vec<String> {
    let large = if app.on == On::Postgres { &LARGE[..3] } else { &LARGE[..] };
    let mut whole = tables_read_whole(app, text, bind).await;
    whole.retain(|table| large.contains(&table.as_str()));
    whole
}

async fn tables_read_whole(app: &TestApp, text: &str, bind: impl for<'c> Fn(Query<'c>) -> Query<'c>) -> Vec<String> {
    let mut conn = app.core.db.read().await.unwrap();
    let explained = format!("explain {text}");
    if conn.flavour() == Flavour::Postgres {
        let plan: Vec<(String,)> = bind(conn.catalogue_sql(explained)).all().await.unwrap();
        let whole = plan.iter().filter_map(|(line,)| line.split_once("Seq Scan on "));
        return whole.map(|(_, rest)| rest.split(' ').next().unwrap().to_owned()).collect();
    }
    let tables: Vec<(i64, String)> = conn
        .catalogue_sql("select rootpage, tbl_name from sqlite_master where rootpage > 0".to_owned())
        .all()
        .await
        .unwrap();
    let tables: HashMap<i64, String> = tables.into_iter().collect();
    let steps: Vec<(i64, String, i64, i64)> = bind(conn.catalogue_sql(explained)).all().await.unwrap();
    // A cursor on a table or one of its indexes that is wound to its beginning or end reads it whole.
    let opened: HashMap<i64, &String> = steps
        .iter()
        .filter(|(_, step, ..)| step == "OpenRead")
        .filter_map(|(_, _, cursor, root)| Some((*cursor, tables.get(root)?)))
        .collect();
    assert!(opened.values().any(|table| LARGE.contains(&table.as_str())), "the plan could not be read: {steps:?}");
    let wound = steps.iter().filter(|(_, step, ..)| step == "Rewind" || step == "Last");
    wound.filter_map(|(_, _, cursor, _)| opened.get(cursor).map(|table| (*table).clone())).collect()
}

async fn grown_market(app: &TestApp) -> Market {
    let market = app.open_market(Plan::default()).await;
    app.scan(&market.point, &market.vouchers[0]["code"]).await;
    grow(app, &market).await;
    market
}

on_both! {
    async fn a_scan_reaches_every_large_table_by_index(app: TestApp) {
        let market = grown_market(&app).await;
        let wanted: Vec<Wanted> = (1..=64)
            .map(|i| Wanted {
                i, nonce: app.clock.uuid(), point_id: market.point.clone(), kid: 1, round_number: 1, serial: i * 100,
                issue_number: 1,
            })
            .collect();
        let texts = texts_of("src/redemption/store.rs");
        let reading: Vec<&str> = texts.into_iter().filter(|text| text.starts_with("with wanted as materialized (")).collect();
        assert_eq!(reading.len(), 2, "a batch is locked by one statement and read by another");
        for text in reading {
            let whole = read_whole(&app, text, |query| query.bind_rows(&wanted)).await;
            assert_eq!(whole, Vec::<String>::new(), "read whole by\n{text}");
        }
    }

    async fn a_view_joined_to_one_voucher_reads_its_scans_alone(app: TestApp) {
        let market = grown_market(&app).await;
        let id: Uuid = text(&market.vouchers[0], "id").parse().unwrap();
        for text in [
            "select h.units from vouchers v join handovers h on h.voucher_id = v.id where v.id = $1",
            "select h.household_id from vouchers v join all_handovers h on h.voucher_id = v.id
             where v.id = $1 and h.reversed_at is null",
            "select h.nonce from handovers h where h.nonce = $1",
            "select h.household_id, h.reversed_at from all_handovers h where h.nonce = $1",
            "select v.redeemed, v.remaining, v.last_handover_at, v.state, v.round from voucher_state v where v.id = $1",
            "select count(*) from vouchers o join voucher_state v on v.household_id = o.household_id
             where o.id = $1 and v.remaining > 0",
            "select p.units, p.point_id from promises p where p.voucher_id = $1",
        ] {
            let whole = read_whole(&app, text, |query| query.bind(id)).await;
            assert_eq!(whole, Vec::<String>::new(), "read whole by\n{text}");
        }
    }

    async fn what_is_asked_of_single_vouchers_and_households_reaches_scans_by_index(app: TestApp) {
        let market = grown_market(&app).await;
        let id: Uuid = text(&market.vouchers[0], "id").parse().unwrap();
        let mut asked = 0;
        for (file, begins) in [
            ("src/vouchers/store/vouchers.rs", "select v.id, v.round_id"),
            ("src/households/store/history.rs", "select "),
            ("src/redemption/conflicts/store.rs", "select s.nonce, s.outcome"),
            ("src/redemption/history/store.rs", "select s.nonce, s.outcome"),
        ] {
            // Those that ask of one record alone.
            let texts = texts_of(file).into_iter().filter(|text| text.starts_with(begins) && !text.contains("$2"));
            for text in texts {
                asked += 1;
                let by_rows = text.contains("rows($1");
                let whole = read_whole(&app, text, |query| {
                    if by_rows { query.bind_rows(&id_rows(&[id])) } else { query.bind(id) }
                });
                let whole = whole.await;
                assert_eq!(whole, Vec::<String>::new(), "read whole by\n{text}");
            }
        }
        assert!(asked >= 6, "the statements are found: {asked}");
    }
}
