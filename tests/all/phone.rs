//! The app's pages and files, the reader of still frames, and the vectors that the app's own tests share with ours.

use std::io::Read as _;

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use flate2::read::GzDecoder;
use lalanh::kernel::ids::{DeviceId, PointId};
use lalanh::kernel::{Day, Moment};
use lalanh::paper::qr::{Level, Matrix};
use lalanh::redemption::Collector;
use lalanh::redemption::chain::rules::Record;
use lalanh::redemption::leases::seal::{Row, Salt, append_row};
use lalanh::vouchers::code::{NotACode, ParsedCode, Unverified, VoucherCode};
use lalanh::vouchers::keys::{InstanceId, KeyRing, KeyState, SigningKey};
use lalanh::vouchers::typed_code::TypedCode;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

/// What the first visit may take over the air, gzipped, without the code reader.
const FIRST_LOAD_MAX: usize = 60 * 1024;

const VECTORS: &str = "tests/data/phone_vectors.json";
const INSTANCE: InstanceId = *b"phuong-thanh-khe";

fn sample(serial: u32) -> VoucherCode {
    VoucherCode {
        kid: 3,
        round: 12,
        serial,
        issue: 1,
        package: 2,
        point: 5,
        valid_from: Day::parse("2021-08-05").unwrap(),
        valid_until: Day::parse("2021-08-06").unwrap(),
        units: 1,
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(3, &[seed; 32]).unwrap()
}

/// What the server makes of texts that may be signed codes.
fn signed() -> Vec<Value> {
    let text = sample(2_540).sign(&key(42), &INSTANCE);
    let digits = &text[4..];
    let (half, rest) = text.split_at(70);
    let other_format = format!("LL1:{}", BASE32_NOPAD.encode(&[2; 84]));
    let respelled = format!("{}{}", &text[..138], if text.ends_with('A') { "B" } else { "J" });
    let inputs = [
        text.clone(),
        format!("\u{feff} {text}\r\n"),
        text.to_lowercase(),
        format!("{half}\n {rest}"),
        format!("https://phuong.example/v/{text}"),
        format!("https://phuong.example/v/LL1{digits}"),
        format!("https://phuong.example/v/ll1%3a{}/", digits.to_lowercase()),
        format!("HTTPS://PHUONG.EXAMPLE/V/{text}?nguon=zalo/a#dau"),
        String::new(),
        "https://zalo.me/123".to_owned(),
        "LL1".to_owned(),
        "LL2:ABC".to_owned(),
        "048090001234|".to_owned(),
        "LL1:".repeat(1_000),
        text[..138].to_owned(),
        text[..60].to_owned(),
        "LL1:".to_owned(),
        "LL1:!!".to_owned(),
        format!("{text}A"),
        other_format,
        respelled,
    ];
    let vector = |input: String| match ParsedCode::parse(&input) {
        Ok(parsed) => {
            let c = parsed.unverified();
            json!({ "input": input, "text": parsed.text(), "claims": {
                "kid": c.kid, "round": c.round, "serial": c.serial, "issue": c.issue, "package": c.package,
                "point": c.point, "validFrom": c.valid_from.code_days(), "validUntil": c.valid_until.code_days(),
                "units": c.units } })
        }
        Err(NotACode::Foreign) => json!({ "input": input, "wrong": "foreign" }),
        Err(NotACode::Malformed) => json!({ "input": input, "wrong": "malformed" }),
    };
    inputs.into_iter().map(vector).collect()
}

/// What the server believes of signatures, with the keys as phones get them.
fn signatures() -> Vec<Value> {
    let vector = |signer: u8, known: u8, withdrawn: bool, instance: InstanceId| {
        let code = sample(7).sign(&key(signer), &INSTANCE);
        let mut ring = KeyRing::new(instance);
        let state = if withdrawn { KeyState::Withdrawn } else { KeyState::Active };
        let mut keys = Vec::new();
        if known != 0 {
            let public_key = BASE64.encode(&key(known).public_bytes());
            keys.push(json!({ "kid": 3, "public_key": public_key, "withdrawn": withdrawn }));
            ring.insert(3, key(known).public_key(), state);
        }
        let verdict = match ParsedCode::parse(&code).unwrap().verify(&ring) {
            Ok(_) => "good",
            Err(Unverified::UnknownKey) => "unknown_key",
            Err(Unverified::BadSignature) => "bad",
            Err(Unverified::WithdrawnKey) => "withdrawn",
        };
        json!({ "code": code, "keys": keys, "instance_id": uuid::Uuid::from_bytes(instance), "verdict": verdict })
    };
    vec![
        vector(42, 42, false, INSTANCE),
        vector(42, 42, true, INSTANCE),
        vector(41, 42, false, INSTANCE),
        vector(42, 42, false, [1; 16]),
        vector(42, 0, false, INSTANCE),
    ]
}

/// What the server makes of typed codes.
fn typed() -> Vec<Value> {
    // A right code, found by trying check symbols.
    let symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let right = symbols
        .chars()
        .flat_map(|a| symbols.chars().map(move |b| format!("7G4K2M9Q{a}{b}")))
        .find(|text| TypedCode::parse(text).is_ok())
        .unwrap();
    let (left, rest) = right.split_at(5);
    let inputs = [
        right.clone(),
        format!("{left}-{rest}"),
        format!(" {} {rest} ", left.to_lowercase()),
        format!("{left}\u{2013}{rest}"),
        right[..9].to_owned(),
        format!("{right}0"),
        "U".repeat(10),
        "O0OIL1LOI1".to_owned(),
        String::new(),
        "0000000000".to_owned(),
    ];
    let vector = |input: String| match TypedCode::parse(&input) {
        Ok(code) => json!({ "input": input, "symbols": code.as_str() }),
        Err(wrong) => json!({ "input": input, "wrong": wrong.code.trim_start_matches("typed_code_") }),
    };
    inputs.into_iter().map(vector).collect()
}

/// Two records of a chain and their hashes.
fn records() -> Vec<Value> {
    let id = |n: u8| uuid::Uuid::from_bytes([n; 16]);
    let collector = Collector { name: "Nguyễn Thị Bông".to_owned(), relation: "hàng xóm".to_owned() };
    let mut previous = [0; 32].to_vec();
    let mut vectors = Vec::new();
    for (sequence, epoch, collector) in [(1, Some(12), None), (2, None, Some(&collector))] {
        let record = Record {
            device_id: DeviceId(id(1)),
            sequence,
            nonce: id(2),
            point_id: PointId(id(3)),
            lease_epoch: epoch,
            scanned_at: Moment::parse("2021-08-05T07:12:30.250+07:00").unwrap(),
            units: 1,
            handed_out: true,
            code: "7G4K2-M9QXR",
            desk: "Bàn 1",
            collector,
        };
        let hash = record.hash(&previous);
        let mut sent = json!({ "nonce": id(2), "code": "7G4K2-M9QXR", "point_id": id(3), "units": 1, "desk": "Bàn 1",
            "scanned_at": "2021-08-05T00:12:30.250Z", "sequence": sequence, "handed_out": true,
            "previous_hash": HEXLOWER.encode(&previous) });
        if let Some(epoch) = epoch {
            sent["lease_epoch"] = json!(epoch);
        }
        if let Some(collector) = collector {
            sent["collector"] = json!(collector);
        }
        vectors.push(json!({ "device_id": id(1), "record": sent, "hash": HEXLOWER.encode(&hash) }));
        previous = hash;
    }
    vectors
}

/// A manifest's rows, and what each code opens.
fn rows() -> Value {
    let salt = Salt { bytes: [9; 16], iterations: std::num::NonZeroU32::new(250).unwrap() };
    let typed = text(&typed()[0], "symbols");
    let code = sample(2_540).sign(&key(42), &INSTANCE);
    let bytes = BASE32_NOPAD.decode(&code.as_bytes()[4..]).unwrap();
    let row = Row {
        round: 0,
        serial: 2_540,
        issue: 1,
        units_left: 2,
        members: 4,
        next_on: 582,
        slot_at: 27_135_360,
        slot_minutes: 20,
        name: "Thái Hữu Sơn",
    };
    let mut out = Vec::new();
    append_row(&mut out, &salt, &row, &bytes, &typed);
    json!({ "salt": BASE64.encode(&salt.bytes), "iterations": 250, "rows": BASE64.encode(&out), "code": code, "typed": typed,
        "opened": { "serial": 2_540, "issue": 1, "units": 2, "members": 4, "next_on": 582, "name": "Thái Hữu Sơn",
            "slot": { "from": 27_135_360_i64 * 60_000, "until": (27_135_360_i64 + 20) * 60_000 } } })
}

#[test]
fn the_apps_test_vectors_say_what_the_server_does() {
    let vectors = json!({ "signed": signed(), "signatures": signatures(), "typed": typed(), "records": records(), "manifest": rows() });
    let text = format!("{}\n", serde_json::to_string_pretty(&vectors).unwrap());
    if std::env::var_os("LALANH_WRITE_VECTORS").is_some() {
        std::fs::write(VECTORS, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(VECTORS).unwrap(), text, "run with LALANH_WRITE_VECTORS=1 to write them anew");
}

/// The list that the service worker begins with.
async fn kept(app: &TestApp) -> Value {
    let worker = app.client.get(format!("{}/sw.js", app.base)).send().await.unwrap().text().await.unwrap();
    let list = worker.strip_prefix("const APP = ").unwrap().split(";\n").next().unwrap();
    serde_json::from_str(list).unwrap()
}

fn urls(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|url| url.as_str().unwrap().to_owned()).collect()
}

/// Bytes of an answer as they go over the air, the body gzipped where the service does so.
async fn weight(app: &TestApp, url: &str) -> usize {
    let request = app.client.get(format!("{}{url}", app.base)).header(ACCEPT_ENCODING, "gzip");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{url}");
    response.bytes().await.unwrap().len()
}

on_both! {
    async fn the_scanner_is_the_same_page_for_everyone_and_runs_nothing_of_others(app: TestApp) {
        for path in ["/quet", "/enrol", "/kiem-tra-may"] {
            let response = app.client.get(format!("{}{path}", app.base)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
            assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
            let page = response.text().await.unwrap();
            assert!(!page.contains("<script>") && !page.contains("<style"), "{path} has no code of its own");
        }
        let page = app.client.get(format!("{}/quet", app.base)).send().await.unwrap().text().await.unwrap();
        let again = app.request(reqwest::Method::GET, "/quet", &app.admin).send().await.unwrap().text().await.unwrap();
        assert_eq!(page, again);
    }

    async fn the_code_reader_travels_packed_to_whoever_takes_that_and_plain_to_others(app: TestApp) {
        for url in urls(&kept(&app).await["reader"]) {
            let ask = |codings: &'static str| {
                app.client.get(format!("{}{url}", app.base)).header(ACCEPT_ENCODING, codings).send()
            };
            let (packed, plain) = (ask("br, gzip;q=0.8").await.unwrap(), ask("gzip;q=0, identity").await.unwrap());
            assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip", "{url}");
            assert!(plain.headers().get(CONTENT_ENCODING).is_none(), "{url}");
            let (packed, plain) = (packed.bytes().await.unwrap(), plain.bytes().await.unwrap());
            let mut opened = Vec::new();
            GzDecoder::new(&packed[..]).read_to_end(&mut opened).unwrap();
            assert!(opened == plain, "{url}");
            assert!(!url.ends_with(".wasm") || plain.starts_with(b"\0asm"), "{url}");
        }
    }

    async fn the_apps_files_are_kept_for_good_under_an_address_that_changes_with_them(app: TestApp) {
        let list = kept(&app).await;
        for url in urls(&list["kept"]).iter().chain(&urls(&list["reader"])) {
            let response = app.client.get(format!("{}{url}", app.base)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{url}");
            assert!(response.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"), "{url}");
        }
        let other = app.client.get(format!("{}/app/000000000000/main.js", app.base)).send().await.unwrap();
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
        let worker = app.client.get(format!("{}/sw.js", app.base)).send().await.unwrap();
        assert_eq!(worker.headers()[CACHE_CONTROL], "no-cache");
        let manifest: Value = app.client.get(format!("{}/manifest.webmanifest", app.base)).send().await.unwrap().json().await.unwrap();
        for icon in manifest["icons"].as_array().unwrap() {
            let response = app.client.get(format!("{}{}", app.base, text(icon, "src"))).send().await.unwrap();
            assert_eq!(response.headers()[CONTENT_TYPE], "image/png");
        }
    }

    async fn the_first_visit_is_light(app: TestApp) {
        let list = kept(&app).await;
        let mut total = 0;
        for url in urls(&list["kept"]).into_iter().chain(["/quet".to_owned(), "/sw.js".to_owned(), "/manifest.webmanifest".to_owned()]) {
            total += weight(&app, &url).await;
        }
        println!("first visit: {total} bytes");
        assert!(total < FIRST_LOAD_MAX, "{total} bytes");
    }

    async fn a_still_frame_of_a_voucher_is_read_and_a_stranger_is_not_served(app: TestApp) {
        let code = sample(2_540).sign(&key(42), &INSTANCE);
        let png = Matrix::encode(&code, Level::M).unwrap().png(6);
        let send = async |token: &str, bytes: Vec<u8>| {
            let request = app.request(reqwest::Method::POST, "/api/v1/stills", token).header(CONTENT_TYPE, "image/png");
            request.body(bytes).send().await.unwrap()
        };
        let answer: Value = send(&app.admin, png.clone()).await.json().await.unwrap();
        assert_eq!(answer["code"], code.as_str());
        let side = f64::from(image::load_from_memory(&png).unwrap().width());
        let centre = &answer["codes"][0];
        assert!((centre["x"].as_f64().unwrap() - side / 2.0).abs() < 2.0, "{centre}");
        assert!((centre["y"].as_f64().unwrap() - side / 2.0).abs() < 2.0, "{centre}");
        assert_eq!(send("nobody", png.clone()).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(send(&app.admin, b"no picture".to_vec()).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(send(&app.admin, vec![0; 1_100_000]).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    async fn a_still_frame_of_two_vouchers_tells_both_and_where_each_lies(app: TestApp) {
        let codes = [2_540, 2_541].map(|serial| sample(serial).sign(&key(42), &INSTANCE));
        let pictures = codes.clone().map(|code| {
            image::load_from_memory(&Matrix::encode(&code, Level::M).unwrap().png(6)).unwrap().into_luma8()
        });
        let (width, height) = pictures[0].dimensions();
        let mut table = image::GrayImage::from_pixel(2 * width + 60, height + 100, image::Luma([150]));
        let places = [(0, 0), (width + 60, 100)];
        for (picture, (x, y)) in pictures.iter().zip(places) {
            image::imageops::overlay(&mut table, picture, i64::from(x), i64::from(y));
        }
        let mut png = Vec::new();
        table.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let request = app.request(reqwest::Method::POST, "/api/v1/stills", &app.admin);
        let answer: Value = request.header(CONTENT_TYPE, "image/png").body(png).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["code"], Value::Null, "which one is meant is the phone's to say");
        assert_eq!(answer["codes"].as_array().unwrap().len(), 2);
        for (code, (x, y)) in codes.iter().zip(places) {
            let seen = answer["codes"].as_array().unwrap().iter().find(|seen| seen["text"] == code.as_str()).unwrap();
            assert!((seen["x"].as_f64().unwrap() - f64::from(x + width / 2)).abs() < 3.0, "{seen}");
            assert!((seen["y"].as_f64().unwrap() - f64::from(y + height / 2)).abs() < 3.0, "{seen}");
        }
    }
}
