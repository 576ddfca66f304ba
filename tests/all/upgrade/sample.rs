//! The sample of a version: the demo's market in progress and what it leaves out, so that every table has rows.

use std::path::Path;

use lalanh::backup::{self, FORM, Header, Sink};
use lalanh::db::Db;
use lalanh::demo::{self, people};
use lalanh::http::Core;
use lalanh::vault::Purpose;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{BACKUP, EXPECTED, SAMPLES, figures};
use crate::redemption::chains::hash_of;
use crate::support::{On, TestApp, market_morning, text};

/// Tables that the sample leaves empty. Each needs a reason.
const EMPTY: [&str; 0] = [];

/// The first line of a back-up of a running service.
pub fn header(core: &Core) -> Header {
    let secret = std::fs::read_to_string(core.config.data_dir.join("secret.key")).unwrap();
    Header {
        lalanh_backup: FORM,
        schema: Db::newest_schema(),
        instance_id: core.instance_id,
        created_at: core.clock.now(),
        database: "sqlite".to_owned(),
        secret: secret.trim().to_owned(),
    }
}

/// When work goes on after the demo's last scan.
const BEGUN: &str = "2021-08-05T07:01:00+07:00";
/// When the sample is made.
const AT: &str = "2021-08-05T07:05:00+07:00";

/// Fills an empty service; the demo's ward.
async fn fill(app: &TestApp) -> demo::Ward {
    let ward = demo::fill(&app.core, market_morning()).await.unwrap();
    app.at(BEGUN);
    redraw_an_area(app).await;
    set_up_a_second_factor(app).await;
    tell_two_households_apart(app).await;
    work_on_lists(app).await;
    hand_duties_over(app).await;
    let round = app.get("/api/v1/rounds").await["items"][0].clone();
    let vouchers = app.get(&format!("/api/v1/rounds/{}/vouchers?limit=500", text(&round, "id"))).await;
    let mut queues: [Vec<Value>; 2] = Default::default();
    for voucher in vouchers["items"].as_array().unwrap() {
        queues[usize::from(voucher["point_id"] != ward.point_id.as_str())].push(voucher.clone());
    }
    // Those whose turn comes last have not come yet.
    for queue in &mut queues {
        queue.sort_by_key(|voucher| (text(voucher, "slot_at"), voucher["serial"].as_i64()));
    }
    correct_and_erase(app).await;
    replace_papers(app, &ward.point_id, &queues[0]).await;
    hand_out_by_phone(app, &round, &queues[1]).await;
    let (_, phone) = app.phone("Máy của Lan, bàn 1", &[&ward.point_id]).await;
    let mut tx = app.core.db.begin().await.unwrap();
    tx.sql("insert into ended_device_tokens (token_hash, device_id, ended_at) values ($1, $2, $3)")
        .bind(lalanh::vault::token_hash("the token before"))
        .bind(phone)
        .bind(app.clock.now())
        .execute()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    ward
}

async fn set_up_a_second_factor(app: &TestApp) {
    app.with_password("hai.buoc", "coordinator").await;
    let session = app.session("hai.buoc").await;
    app.set_up(&session).await;
    let vault = &app.core.vault;
    let mut tx = app.core.db.begin().await.unwrap();
    tx.sql(
        "insert into sign_on_links (user_id, found, sealed, linked_at)
         select id, $1, $2, created_at from users where username = 'hai.buoc'",
    )
    .bind(vault.index(Purpose::SignOn, "https://id.example\n7"))
    .bind(vault.seal(Purpose::SignOn, b"https://id.example\n7"))
    .execute()
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// A pledge is corrected, and somebody who asked for it is erased.
async fn correct_and_erase(app: &TestApp) {
    let landlord = json!({ "name": "Mai Mỹ Trâm", "phone": "0905 420 431" });
    let room = json!({ "room": "1", "month": "2021-07", "rent": 1_000_000, "kind": "waiver" });
    let pledge = app.create("/api/v1/rent-reductions", json!({ "landlord": landlord, "rooms": [room] })).await;
    let path = format!("/api/v1/rent-reductions/{}", text(&pledge, "id"));
    let body = json!({ "reason": "Ghi nhầm ghi chú", "note": "Đã gọi lại" });
    assert!(app.send(Method::PATCH, &path, &body).await.0.is_success());
    let landlord = text(&app.get(&path).await["landlord"], "id");
    app.create(&format!("/api/v1/landlords/{landlord}/erase"), json!({})).await;
}

async fn redraw_an_area(app: &TestApp) {
    let areas = app.get("/api/v1/areas?limit=500").await;
    let old = areas["items"].as_array().unwrap().iter().find(|area| area["name"] == "Tổ 18").unwrap();
    let body = json!({ "name": "Tổ 19", "kind": "group", "parent_id": old["parent_id"],
                       "predecessor_ids": [old["id"]] });
    let request = app.request(Method::POST, "/api/v1/areas", &app.admin).header("Idempotency-Key", "redrawn");
    assert!(request.json(&body).send().await.unwrap().status().is_success());
}

async fn tell_two_households_apart(app: &TestApp) {
    let suspects = app.get("/api/v1/households/duplicates").await;
    let pair = &suspects["items"][0];
    let body = json!({ "first_id": pair["household"]["id"], "second_id": pair["others"][0]["household"]["id"] });
    app.create("/api/v1/households/duplicates/distinct", body).await;
}

/// A coordinator is on leave, and another one takes over.
async fn hand_duties_over(app: &TestApp) {
    let user = async |name: &str, full_name: &str| {
        let body = json!({ "username": name, "full_name": full_name, "role": "coordinator" });
        text(&app.create("/api/v1/users", body).await, "id")
    };
    let (from, to) = (user("hoa.le", "Lê Thị Hoa").await, user("tam.phan", "Phan Thanh Tâm").await);
    let body = json!({ "to": to, "reason": "Nghỉ phép hai tuần", "disable": true });
    app.create(&format!("/api/v1/users/{from}/hand-over"), body).await;
}

/// A list that still waits is worked on; another one tells something of a household that is registered.
async fn work_on_lists(app: &TestApp) {
    let path = "/api/v1/households/imports";
    let lists = app.get(path).await;
    let waiting = lists["items"].as_array().unwrap().iter().find(|list| list["committed_at"].is_null()).unwrap();
    let waiting = format!("{path}/{}", text(waiting, "id"));
    let rows = app.get(&waiting).await["rows"].clone();
    let wrong = rows.as_array().unwrap().iter().find(|row| row["status"] == "error").unwrap();
    let typed = json!({ "rows": { text(wrong, "key"): { "phone": "0905 777 126" } } });
    let (status, answer) = app.send(Method::PATCH, &format!("{waiting}/rows"), &typed).await;
    assert!(status.is_success(), "{answer}");

    let list = format!(
        "STT,Họ và tên,SĐT,CCCD,Địa chỉ,Số khẩu\n1,{},{},048150123456,{},3\n",
        people::name(5),
        people::phone(5),
        people::address(5)
    );
    let form = Form::new().part("file", Part::bytes(list.into_bytes()).file_name("bo-sung-cccd.csv"));
    let sent = app.request(Method::POST, path, &app.admin).multipart(form).send().await.unwrap();
    let preview: Value = sent.json().await.unwrap();
    assert_eq!(preview["totals"]["update"], 1, "{preview}");
    app.create(&format!("{path}/{}/commit", text(&preview, "id")), json!({ "consent": true })).await;
}

/// Papers are voided and reissued, a handover is undone.
async fn replace_papers(app: &TestApp, point: &str, queue: &[Value]) {
    let [undone, void, reissued] = [1, 2, 3].map(|n| &queue[queue.len() - n]);
    let reason = json!({ "reason": "Phiếu bị ướt" });
    app.create(&format!("/api/v1/vouchers/{}/reissue", text(reissued, "id")), reason.clone()).await;
    app.create(&format!("/api/v1/vouchers/{}/void", text(void, "id")), reason).await;
    let answer = app.scan(point, &undone["code"]).await;
    assert_eq!(answer["outcome"], "redeemed", "{answer}");
    let undo = json!({ "reason": "Chưa trao" });
    app.create(&format!("/api/v1/redemptions/{}/reversal", text(&answer, "nonce")), undo).await;
}

/// A phone hands out of its lease and gives two vouchers back; revoked, it tells of one of these too.
async fn hand_out_by_phone(app: &TestApp, round: &Value, queue: &[Value]) {
    let point = text(&queue[0], "point_id");
    let [given, back, doubtful, late] = [1, 2, 3, 4].map(|n| &queue[queue.len() - n]);
    let (phone, id) = app.phone("Máy của Minh, bàn 2", &[&point]).await;
    let lease = app.take_lease(&phone, json!({ "point_id": point, "desk": "Bàn 2" })).await;
    let mut first = app.record(&point, &given["code"], 1);
    first["lease_epoch"] = lease["epoch"].clone();
    first["previous_hash"] = json!("0".repeat(64));
    let results = app.deliver(&phone, std::slice::from_ref(&first)).await;
    assert_eq!(results[0]["outcome"], "redeemed", "{results:?}");
    let place = |voucher: &Value| json!({ "round": round["number"], "serial": voucher["serial"] });
    let returned = json!({ "vouchers": [place(back), place(doubtful)] });
    assert!(app.say(&phone, &lease, "returns", returned).await.0.is_success());
    app.at(AT);
    let mut second = app.record(&point, &late["code"], 2);
    second["lease_epoch"] = lease["epoch"].clone();
    second["previous_hash"] = json!(hash_of(id, &first));
    let mut third = app.record(&point, &doubtful["code"], 3);
    third["previous_hash"] = json!(hash_of(id, &second));
    app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
    app.deliver(&phone, &[second, third]).await;
}

/// Writes the present version's sample where `LALANH_WRITE_UPGRADE_SAMPLE` is set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_of_this_version_has_rows_in_every_table() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let ward = fill(&app).await;
    let mut snapshot = app.core.db.snapshot().await.unwrap();
    let (file, counts) = backup::write(&mut snapshot, &header(&app.core), Sink::Plain(Vec::new())).await.unwrap();
    drop(snapshot);
    let empty: Vec<_> = counts.iter().filter(|(_, rows)| **rows == 0).map(|(table, _)| table.as_str()).collect();
    assert_eq!(empty, EMPTY, "an upgrade of what nobody filled proves nothing: fill it in this file");
    assert!(Uuid::parse_str(&ward.point_id).is_ok());
    if std::env::var_os("LALANH_WRITE_UPGRADE_SAMPLE").is_none() {
        return;
    }
    let expected = json!({ "at": AT, "point_id": ward.point_id, "code": ward.codes[0],
                           "report": figures(&app.core).await });
    let folder = Path::new(SAMPLES).join(env!("CARGO_PKG_VERSION"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(BACKUP), file).unwrap();
    std::fs::write(folder.join(EXPECTED), format!("{expected:#}\n")).unwrap();
}
