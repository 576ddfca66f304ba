use std::collections::BTreeSet;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, pbkdf2};
use data_encoding::{BASE32_NOPAD, BASE64};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::chains::hash_of;
use super::market::{Market, Plan};
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// Takes or refreshes a lease; it must be given.
    pub async fn take_lease(&self, token: &str, body: Value) -> Value {
        let (status, lease) = self.send_as(token, Method::POST, "/api/v1/leases", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{lease}");
        lease
    }

    pub async fn manifest(&self, token: &str, point: &str) -> Value {
        let (status, manifest) = self.look(token, &format!("/api/v1/points/{point}/manifest")).await;
        assert_eq!(status, StatusCode::OK, "{manifest}");
        manifest
    }

    pub async fn look(&self, token: &str, path: &str) -> (StatusCode, Value) {
        let response = self.request(Method::GET, path, token).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Sends a phone's word about its lease.
    pub async fn say(&self, token: &str, lease: &Value, what: &str, body: Value) -> (StatusCode, Value) {
        self.send_as(token, Method::POST, &format!("/api/v1/leases/{}/{what}", text(lease, "id")), &body).await
    }

    async fn recalls(&self, token: &str, lease: &Value, wait: u8) -> Value {
        let (status, recalls) =
            self.look(token, &format!("/api/v1/leases/{}/recalls?wait={wait}", text(lease, "id"))).await;
        assert_eq!(status, StatusCode::OK, "{recalls}");
        recalls
    }

    async fn scan_by(&self, token: &str, market: &Market, voucher: usize) -> Value {
        self.scan_with(token, json!({ "point_id": market.point, "code": market.vouchers[voucher]["code"] })).await
    }
}

/// A row of a manifest, opened as a phone opens it.
#[derive(Debug, PartialEq)]
pub struct Opened {
    serial: u32,
    units_left: u8,
    members: u8,
    name: String,
}

fn bytes(manifest: &Value, field: &str) -> Vec<u8> {
    BASE64.decode(text(manifest, field).as_bytes()).unwrap()
}

fn hkdf22(salt: &[u8], secret: &[u8], info: &[u8]) -> ([u8; 6], [u8; 16]) {
    let mut out = [0; 32];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    prk.expand(&[info], hkdf::HKDF_SHA256).unwrap().fill(&mut out).unwrap();
    (out[..6].try_into().unwrap(), out[6..22].try_into().unwrap())
}

fn open_row(row: &[u8], key: &[u8]) -> Option<Opened> {
    let mut body = row[35..].to_vec();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).unwrap());
    let plain = key
        .open_in_place(Nonce::assume_unique_for_key([0; NONCE_LEN]), Aad::from(row[..5].to_vec()), &mut body)
        .ok()?;
    Some(Opened {
        serial: u32::from_be_bytes(row[1..5].try_into().unwrap()),
        units_left: plain[1],
        members: plain[2],
        name: String::from_utf8(plain[12..].to_vec()).unwrap(),
    })
}

fn rows(manifest: &Value) -> Vec<Vec<u8>> {
    let (all, mut at, mut rows) = (bytes(manifest, "rows"), 0, Vec::new());
    while at < all.len() {
        let length = 35 + usize::from(u16::from_be_bytes([all[at + 33], all[at + 34]]));
        rows.push(all[at..at + length].to_vec());
        at += length;
    }
    assert_eq!(rows.len(), manifest["row_count"].as_u64().unwrap() as usize);
    rows
}

fn code_bytes(voucher: &Value) -> Vec<u8> {
    BASE32_NOPAD.decode(text(voucher, "code").strip_prefix("LL1:").unwrap().as_bytes()).unwrap()
}

pub fn by_code(manifest: &Value, voucher: &Value) -> Option<Opened> {
    let (lookup, key) = hkdf22(&bytes(manifest, "salt"), &code_bytes(voucher), b"lalanh-row-v1");
    rows(manifest).iter().filter(|row| row[5..11] == lookup).find_map(|row| open_row(row, &key))
}

fn by_typed_code(manifest: &Value, voucher: &Value) -> Option<Opened> {
    let salt = bytes(manifest, "salt");
    let rounds = u32::try_from(manifest["iterations"].as_u64().unwrap()).unwrap().try_into().unwrap();
    let typed = text(voucher, "typed_code").replace('-', "");
    let mut stretched = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, typed.as_bytes(), &mut stretched);
    let (lookup, mask) = hkdf22(&salt, &stretched, b"lalanh-typed-v1");
    rows(manifest).iter().filter(|row| row[11..17] == lookup).find_map(|row| {
        let key: Vec<u8> = row[17..33].iter().zip(mask).map(|(masked, mask)| masked ^ mask).collect();
        open_row(row, &key)
    })
}

/// What `known` says of a voucher: why it is not to be handed out.
pub fn known_as(manifest: &Value, voucher: &Value) -> Option<u8> {
    let (lookup, _) = hkdf22(&bytes(manifest, "salt"), &code_bytes(voucher), b"lalanh-row-v1");
    bytes(manifest, "known").chunks(11).find(|entry| entry[..6] == lookup).map(|entry| entry[6])
}

fn serials(manifest: &Value) -> BTreeSet<u32> {
    rows(manifest).iter().map(|row| u32::from_be_bytes(row[1..5].try_into().unwrap())).collect()
}

pub fn named(market: &Market, voucher: usize) -> Value {
    json!({ "vouchers": [{ "round": 1, "serial": market.vouchers[voucher]["serial"] }] })
}

on_both! {
    async fn a_manifest_opens_with_the_paper_and_shows_nothing_without_it(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        app.scan(&market.point, &market.vouchers[0]["code"]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        assert_eq!((&lease["vouchers"], &lease["added"], &lease["held_elsewhere"]), (&json!(3), &json!(3), &json!(0)));
        assert_eq!(lease["desk"], "Máy 1");
        let manifest = app.manifest(&phone, &market.point).await;
        assert_eq!(manifest["lease"]["epoch"], lease["epoch"]);
        assert_eq!(manifest["rounds"][0]["package"]["contents"][0]["text"], "10 kg");
        assert_eq!((&manifest["rounds"][0]["valid_from"], &manifest["rounds"][0]["amber"]), (&json!("2021-08-05"), &Value::Null));
        assert_eq!(manifest["keys"][0]["withdrawn"], false);
        let row = by_code(&manifest, &market.vouchers[1]).unwrap();
        assert_eq!((row.units_left, row.members, row.name.as_str()), (1, 4, "Thái Hữu Sơn 1"));
        assert_eq!(by_typed_code(&manifest, &market.vouchers[1]), Some(row));
        // Handed out: no row, but the phone can say so.
        assert_eq!(by_code(&manifest, &market.vouchers[0]), None);
        assert_eq!((known_as(&manifest, &market.vouchers[0]), known_as(&manifest, &market.vouchers[1])), (Some(1), None));
        let all = [bytes(&manifest, "rows"), manifest.to_string().into_bytes()].concat();
        assert!(!all.windows(4).any(|four| four == "Thái".as_bytes().first_chunk::<4>().unwrap()), "a name is in clear");
        assert!(!manifest.to_string().contains(&text(&market.vouchers[1], "typed_code")[..5]));
    }

    async fn two_phones_that_ask_at_the_same_instant_share_nothing(app: TestApp) {
        let market = app.open_market(Plan { households: 30, ..Plan::default() }).await;
        let mut phones = Vec::new();
        for n in 0..4 {
            phones.push(app.phone(&format!("Máy {n}"), &[&market.point]).await.0);
        }
        let ask = json!({ "point_id": market.point });
        let asking = phones.iter().map(|phone| app.take_lease(phone, ask.clone()));
        let leases = futures_util::future::join_all(asking).await;
        let taken: i64 = leases.iter().map(|lease| lease["added"].as_i64().unwrap()).sum();
        assert_eq!(taken, 30);
        let epochs: BTreeSet<i64> = leases.iter().map(|lease| lease["epoch"].as_i64().unwrap()).collect();
        assert_eq!(epochs.len(), 4);
        let mut seen = BTreeSet::new();
        for phone in &phones {
            let manifest = app.manifest(phone, &market.point).await;
            assert!(serials(&manifest).iter().all(|serial| seen.insert(*serial)), "two phones hold one voucher");
        }
        assert_eq!(seen.len(), 30);
    }

    async fn no_voucher_is_leased_while_it_is_being_redeemed(app: TestApp) {
        let market = app.open_market(Plan { households: 20, packages: 20, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let scanning = futures_util::future::join_all(market.vouchers.iter().map(|v| app.scan(&market.point, &v["code"])));
        let (answers, _) = tokio::join!(scanning, app.take_lease(&phone, json!({ "point_id": market.point })));
        let manifest = app.manifest(&phone, &market.point).await;
        for (voucher, answer) in market.vouchers.iter().zip(answers) {
            let held = by_code(&manifest, voucher).is_some();
            let expected = if held { "leased_elsewhere" } else { "redeemed" };
            assert_eq!(answer["outcome"], expected, "held: {held}");
        }
    }

    async fn desks_share_by_the_number_on_the_paper(app: TestApp) {
        let market = app.open_market(Plan { households: 7, ..Plan::default() }).await;
        let (one, _) = app.phone("Máy 1", &[&market.point]).await;
        let (two, _) = app.phone("Máy 2", &[&market.point]).await;
        let first = app.take_lease(&one, json!({ "point_id": market.point, "share": { "desk": 1, "of": 3 } })).await;
        assert_eq!((&first["desk"], &first["vouchers"]), (&json!("Bàn 1"), &json!(3)));
        let second = app.take_lease(&two, json!({ "point_id": market.point, "share": { "desk": 2, "of": 3 } })).await;
        assert_eq!((&second["added"], &second["held_elsewhere"]), (&json!(2), &json!(0)));
        assert_eq!(serials(&app.manifest(&one, &market.point).await), BTreeSet::from([1, 4, 7]));
        assert_eq!(serials(&app.manifest(&two, &market.point).await), BTreeSet::from([2, 5]));
        for (field, share) in [("share.desk", json!({ "desk": 4, "of": 3 })), ("share.of", json!({ "desk": 1, "of": 100 }))] {
            let body = json!({ "point_id": market.point, "share": share });
            let (status, problem) = app.send_as(&one, Method::POST, "/api/v1/leases", &body).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)));
        }
    }

    async fn asking_again_refreshes_the_lease_and_brings_new_vouchers(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let first = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let body = json!({ "head_name": "Trần Thị Mới", "area_id": market.area, "address": "K9/1 Trần Cao Vân",
            "members": 2, "category": "poor", "consent": true });
        let households = [text(&app.create("/api/v1/households", body).await, "id")];
        let more = app.issue_to(&market.round, &households, &market.point, 1).await;
        app.at("2021-08-05T09:00:00+07:00");
        let again = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        assert_eq!((&again["id"], &again["epoch"]), (&first["id"], &first["epoch"]));
        assert_eq!((&again["added"], &again["vouchers"]), (&json!(1), &json!(3)));
        assert_eq!(again["use_until"], "2021-08-05T14:00:00Z");
        assert!(by_code(&app.manifest(&phone, &market.point).await, &more[0]).is_some());
    }

    async fn a_lease_asked_for_twice_with_one_key_is_taken_once(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let ask = || {
            let request = app.request(Method::POST, "/api/v1/leases", &phone).header("idempotency-key", "vào ca".len());
            request.json(&json!({ "point_id": market.point })).send()
        };
        let first: Value = ask().await.unwrap().json().await.unwrap();
        let again: Value = ask().await.unwrap().json().await.unwrap();
        assert_eq!((&first, &first["added"]), (&again, &json!(2)));
    }

    async fn while_its_holder_is_offline_another_desk_is_refused_and_told_where(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        app.take_lease(&holder, json!({ "point_id": market.point, "desk": "Bàn 1" })).await;
        app.at("2021-08-05T07:05:00+07:00");
        let refused = app.scan_by(&other, &market, 0).await;
        assert_eq!((&refused["outcome"], &refused["held_at"]), (&json!("leased_elsewhere"), &json!("Bàn 1")));
        assert_eq!(refused["recall"], "unreachable");
        // Days later nothing has changed: time ends no lease.
        app.at("2021-08-06T12:00:00+07:00");
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "leased_elsewhere");
        // The holder's own scan is right at any time.
        assert_eq!(app.scan_by(&holder, &market, 0).await["outcome"], "redeemed");
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "already_redeemed");
    }

    async fn a_reachable_holder_gives_one_voucher_back_and_the_other_desk_goes_on(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point, "desk": "Bàn 1" })).await;
        assert_eq!(app.recalls(&holder, &lease, 0).await["recalls"], json!([]));
        let refused = app.scan_by(&other, &market, 1).await;
        assert_eq!((&refused["outcome"], &refused["recall"]), (&json!("leased_elsewhere"), &json!("asked")));
        assert!(text(&refused, "message").contains("quét lại"), "{refused}");
        let recalls = app.recalls(&holder, &lease, 0).await;
        assert_eq!((&recalls["state"], &recalls["recalls"][0]["serial"]), (&json!("open"), &market.vouchers[1]["serial"]));
        let (status, returned) = app.say(&holder, &lease, "returns", named(&market, 1)).await;
        assert_eq!((status, &returned["returned"]), (StatusCode::OK, &json!(1)));
        assert_eq!(app.say(&holder, &lease, "returns", named(&market, 1)).await.1["returned"], 0);
        assert_eq!(app.recalls(&holder, &lease, 0).await["recalls"], json!([]));
        assert_eq!(app.scan_by(&other, &market, 1).await["outcome"], "redeemed");
        // What was not asked back stays the holder's.
        assert_eq!(app.scan_by(&other, &market, 2).await["outcome"], "leased_elsewhere");
    }

    async fn what_was_given_back_does_not_come_back_under_the_same_lease(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        app.say(&phone, &lease, "returns", named(&market, 0)).await;
        assert_eq!(app.take_lease(&phone, json!({ "point_id": market.point })).await["added"], 0);
        assert_eq!(by_code(&app.manifest(&phone, &market.point).await, &market.vouchers[0]), None);
        app.say(&phone, &lease, "report", json!({ "last_sequence": 0 })).await;
        let next = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        assert_eq!((&next["added"], next["epoch"].as_i64() > lease["epoch"].as_i64()), (&json!(2), true));
    }

    async fn a_waiting_holder_is_woken_by_the_other_desk(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point })).await;
        let (recalls, refused) = tokio::join!(app.recalls(&holder, &lease, 25), async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            app.scan_by(&other, &market, 0).await
        });
        assert_eq!(refused["recall"], "asked");
        assert_eq!(recalls["recalls"][0]["serial"], market.vouchers[0]["serial"]);
    }

    async fn a_holder_that_handed_out_already_uploads_instead(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point, "desk": "Bàn 1" })).await;
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        record["lease_epoch"] = lease["epoch"].clone();
        assert_eq!(app.scan_by(&other, &market, 0).await["recall"], "asked");
        let answer = &app.deliver(&holder, &[record]).await[0];
        assert_eq!((&answer["outcome"], &answer["flags"]), (&json!("redeemed"), &Value::Null));
        app.say(&holder, &lease, "returns", named(&market, 0)).await;
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "already_redeemed");
        assert_eq!(app.get("/api/v1/conflicts").await["items"], json!([]));
    }

    async fn desks_and_returns_at_the_same_instant_never_hand_out_twice(app: TestApp) {
        let market = app.open_market(Plan { households: 12, packages: 12, ..Plan::default() }).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point })).await;
        let (app, market, other, holder, lease) = (&app, &market, &other, &holder, &lease);
        let scans = (0..12).map(|voucher| async move {
            let mut handed_out = 0;
            for _ in 0..3 {
                handed_out += i32::from(app.scan_by(other, market, voucher).await["outcome"] == "redeemed");
            }
            handed_out
        });
        let returns = (0..12).map(|voucher| async move {
            // Half of them it hands out itself, online.
            if voucher % 2 == 0 {
                i32::from(app.scan_by(holder, market, voucher).await["outcome"] == "redeemed")
            } else {
                app.say(holder, lease, "returns", named(market, voucher)).await;
                0
            }
        });
        let (theirs, own) =
            tokio::join!(futures_util::future::join_all(scans), futures_util::future::join_all(returns));
        for (voucher, (theirs, own)) in theirs.iter().zip(own).enumerate() {
            assert!(theirs + own <= 1, "voucher {voucher}: {theirs} + {own}");
        }
        app.books_balance().await;
    }

    async fn a_closing_report_is_refused_while_records_are_missing(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let records: Vec<Value> =
            (0..3).map(|n| app.record(&market.point, &market.vouchers[n as usize]["code"], n + 1)).collect();
        app.deliver(&phone, &records[..1]).await;
        let report = json!({ "last_sequence": 3 });
        let (status, problem) = app.say(&phone, &lease, "report", report.clone()).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("records_missing")));
        assert_eq!(problem["errors"][0]["field"], "2-3");
        // Still its own: nobody else may hand out what it may have handed out.
        assert_eq!(app.scan_by(&other, &market, 1).await["outcome"], "leased_elsewhere");
        app.deliver(&phone, &records[1..]).await;
        let wrong = json!({ "last_sequence": 3, "last_record_hash": "ab".repeat(32) });
        assert_eq!(app.say(&phone, &lease, "report", wrong).await.1["code"], "phone_rolled_back");
        assert_eq!(app.scan_by(&other, &market, 3).await["outcome"], "leased_elsewhere");
        let (status, ended) = app.say(&phone, &lease, "report", json!({ "last_sequence": 3, "last_record_hash": hash_of(id, &records[2]) })).await;
        assert_eq!((status, &ended["state"]), (StatusCode::OK, &json!("closed")), "{ended}");
        assert_eq!(app.scan_by(&other, &market, 3).await["outcome"], "redeemed");
        assert_eq!(app.say(&phone, &lease, "report", report).await.1["state"], "closed");
        let path = format!("/api/v1/points/{}/manifest?lease={}", market.point, text(&lease, "id"));
        assert_eq!(app.look(&phone, &path).await.1["code"], "lease_closed");
    }

    async fn an_item_that_was_refused_does_not_hold_the_report_up(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let mut broken = app.record(&market.point, &market.vouchers[0]["code"], 1);
        broken["units"] = json!(0);
        assert!(app.deliver(&phone, &[broken]).await[0]["error"].is_object());
        assert_eq!(app.say(&phone, &lease, "report", json!({ "last_sequence": 1 })).await.1["errors"][0]["field"], "1-1");
        let report = json!({ "last_sequence": 1, "rejected": [1] });
        assert_eq!(app.say(&phone, &lease, "report", report).await.1["state"], "closed");
    }

    async fn a_phone_that_does_not_report_is_in_doubt_until_a_coordinator_releases_it(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let enrolled = app.create("/api/v1/devices", json!({ "name": "Máy 1", "point_ids": [market.point] })).await;
        let code = json!({ "enrol_code": enrolled["enrol_code"], "volunteer": " Nguyễn Thị  Lan " });
        let phone = text(&app.create("/api/v1/devices/enrol", code).await, "token");
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point, "desk": "Bàn 1" })).await;
        let path = format!("/api/v1/leases/{}/release", text(&lease, "id"));
        let reason = json!({ "reason": "Máy rơi hỏng" });
        let (status, problem) = app.send(Method::POST, &path, &reason).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("lease_in_use")));
        assert_eq!(app.get("/api/v1/leases?state=in_doubt").await["items"], json!([]));
        let late = app.record(&market.point, &market.vouchers[0]["code"], 1);
        app.at("2021-08-05T19:00:00+07:00");
        let listed = app.get(&format!("/api/v1/leases?state=in_doubt&point_id={}", market.point)).await;
        let listed = &listed["items"][0];
        assert_eq!((&listed["desk"], &listed["device"]["volunteer"]), (&json!("Bàn 1"), &json!("Nguyễn Thị Lan")));
        assert_eq!(listed["vouchers"], json!({ "taken": 3, "used": 0, "left": 3 }));
        assert_eq!(listed["heard_at"], "2021-08-05T00:00:00Z");
        let volunteer = app.login("lan", lalanh::people::Role::Volunteer).await;
        assert_eq!(app.send_as(&volunteer, Method::POST, &path, &reason).await.0, StatusCode::FORBIDDEN);
        let (status, ended) = app.send(Method::POST, &path, &reason).await;
        assert_eq!((status, &ended["state"], &ended["ended"]), (StatusCode::OK, &json!("released"), &json!(3)));
        assert_eq!(app.send(Method::POST, &path, &reason).await.1["code"], "lease_ended");
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "redeemed");
        // The lost phone turns up: its record is kept, and both handovers are shown side by side.
        assert_eq!(app.recalls(&phone, &lease, 25).await["state"], "released");
        assert_eq!(app.deliver(&phone, &[late]).await[0]["outcome"], "already_redeemed");
        let conflict = &app.get("/api/v1/conflicts").await["items"][0];
        assert_eq!((&conflict["kind"], &conflict["winner"]["device"]), (&json!("handed_out_twice"), &json!("Máy 2")));
        assert_eq!((&conflict["other"]["by"], &conflict["other"]["flags"][0]), (&json!("Nguyễn Thị Lan"), &json!("already_redeemed")));
        assert_eq!(app.say(&phone, &lease, "report", json!({ "last_sequence": 1 })).await.1["state"], "released");
        app.books_balance().await;
    }

    async fn a_released_phone_may_be_released_while_in_use_by_those_who_say_so(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let path = format!("/api/v1/leases/{}/release", text(&lease, "id"));
        let body = json!({ "reason": "Máy rơi xuống sông", "still_in_use": true });
        assert_eq!(app.send(Method::POST, &path, &body).await.1["state"], "released");
        let entries = app.get("/api/v1/audit").await.to_string();
        assert!(entries.contains("release") && entries.contains("take"), "{entries}");
    }

    async fn the_holders_own_undo_frees_the_voucher_for_every_desk(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        app.take_lease(&holder, json!({ "point_id": market.point })).await;
        let answer = app.scan_by(&holder, &market, 0).await;
        let path = format!("/api/v1/redemptions/{}/reversal", text(&answer, "nonce"));
        let (status, _) = app.send_as(&holder, Method::POST, &path, &json!({ "reason": "Quét nhầm" })).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "redeemed");
    }

    async fn what_was_refused_and_handed_out_all_the_same_can_be_undone_by_its_nonce(app: TestApp) {
        let market = app.open_market(Plan { packages: 0, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let fields = ["nonce", "code", "point_id", "scanned_at"];
        let scan: serde_json::Map<_, _> = fields.iter().map(|f| ((*f).to_owned(), record[*f].clone())).collect();
        assert_eq!(app.scan_with(&phone, scan.into()).await["outcome"], "out_of_stock");
        assert_eq!(app.deliver(&phone, std::slice::from_ref(&record)).await[0]["outcome"], "redeemed");
        let path = format!("/api/v1/redemptions/{}", text(&record, "nonce"));
        assert_eq!(app.look(&phone, &path).await.1["outcome"], "redeemed");
        let reason = json!({ "reason": "Quét nhầm" });
        let (status, undone) = app.send_as(&phone, Method::POST, &format!("{path}/reversal"), &reason).await;
        assert_eq!((status, &undone["nonce"]), (StatusCode::OK, &record["nonce"]));
        assert_eq!(app.level(&market.point, &market.rice).await, 0);
        app.books_balance().await;
    }

    async fn an_undone_unit_of_several_frees_nothing_that_its_phone_may_still_hand_out(app: TestApp) {
        let market = app.open_market(Plan { units: 2, ..Plan::default() }).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        app.take_lease(&holder, json!({ "point_id": market.point })).await;
        let answer = app.scan_by(&holder, &market, 0).await;
        let path = format!("/api/v1/redemptions/{}/reversal", text(&answer, "nonce"));
        app.send_as(&holder, Method::POST, &path, &json!({ "reason": "Quét nhầm" })).await;
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "leased_elsewhere");
    }

    async fn a_holders_second_unit_stays_its_own(app: TestApp) {
        let market = app.open_market(Plan { units: 2, ..Plan::default() }).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        app.take_lease(&holder, json!({ "point_id": market.point })).await;
        assert_eq!(app.scan_by(&holder, &market, 0).await["outcome"], "redeemed");
        assert_eq!(app.scan_by(&other, &market, 0).await["outcome"], "leased_elsewhere");
        assert_eq!(by_code(&app.manifest(&holder, &market.point).await, &market.vouchers[0]).unwrap().units_left, 1);
        assert_eq!(app.scan_by(&holder, &market, 0).await["outcome"], "redeemed");
    }

    async fn a_coordinators_override_against_a_lease_leaves_the_holder_the_winner(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point })).await;
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "override_reason": "Máy 1 hỏng" });
        assert_eq!(app.scan_with(&app.admin, body).await["outcome"], "redeemed");
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        record["lease_epoch"] = lease["epoch"].clone();
        app.deliver(&holder, &[record]).await;
        let conflict = &app.get("/api/v1/conflicts").await["items"][0];
        assert_eq!((&conflict["kind"], &conflict["winner"]["device"]), (&json!("handed_out_twice"), &json!("Máy 1")));
        assert_eq!(conflict["winner"]["lease_epoch"], lease["epoch"]);
    }
}
