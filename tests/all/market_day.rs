//! The whole market day through the API alone: from the lists that a ward gets to its report, and on from a back-up.

use std::collections::BTreeMap;
use std::process::Command;

use lalanh::http::Config;
use lalanh::kernel::{Clock, Moment};
use lalanh::vault::Purpose;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::backup::{Program, said};
use crate::on_both;
use crate::support::{On, TestApp, postgres_database, postgres_server, text};

const SUMMARY: &str = "/api/v1/reports/summary";

/// A file of the sample lists.
fn list(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What a careful clerk finds in a list of households: status by row.
fn expected(name: &str) -> BTreeMap<u64, String> {
    let all: Value = serde_json::from_slice(&list("expected.json")).unwrap();
    let rows = all[name]["rows"].as_array().unwrap().clone();
    rows.iter().map(|row| (row["row"].as_u64().unwrap(), text(row, "status"))).collect()
}

/// The output of a reader program; nothing where it is not installed and nobody insists.
fn reader(program: &str, args: &[&str]) -> Option<String> {
    match Command::new(program).args(args).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) if std::env::var_os("CI").is_some() => panic!("CI must read what is printed: install {program}"),
        Err(_) => {
            eprintln!("SKIPPED: {program} is not installed");
            None
        }
    }
}

impl TestApp {
    /// Uploads one of the sample lists; the preview.
    async fn preview(&self, path: &str, name: &str, fields: &[(&'static str, &str)]) -> Value {
        let mut form = Form::new().part("file", Part::bytes(list(name)).file_name(name.to_owned()));
        for (field, value) in fields {
            form = form.text(*field, (*value).to_owned());
        }
        let response = self.request(Method::POST, path, &self.admin).multipart(form).send().await.unwrap();
        let status = response.status();
        let preview: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{name}: {preview}");
        preview
    }

    async fn commit_list(&self, path: &str, preview: &Value) -> Value {
        self.create(&format!("{path}/{}/commit", text(preview, "id")), json!({})).await
    }

    /// Every row of a list is what the clerk says; then its households are stored.
    async fn register_list(&self, name: &str) {
        let path = "/api/v1/households/imports";
        let preview = self.preview(path, name, &[]).await;
        let rows = preview["rows"].as_array().unwrap();
        let data = rows.iter().filter(|row| row["status"] != "skipped");
        let found: BTreeMap<u64, String> =
            data.map(|row| (row["row"].as_u64().unwrap(), text(row, "status"))).collect();
        let expected = expected(name);
        assert_eq!(found, expected, "{name}");
        self.bad_rows_come_back(&preview, expected.values().filter(|status| *status == "error").count()).await;
        let counts = self.commit_list(path, &preview).await;
        assert_eq!(counts["new"], expected.values().filter(|status| *status == "new").count(), "{name}: {counts}");
    }

    /// The annotated workbook opens and holds exactly the bad rows.
    async fn bad_rows_come_back(&self, preview: &Value, bad: usize) {
        use calamine::Reader as _;
        let path = format!("/api/v1/households/imports/{}/errors.xlsx", text(preview, "id"));
        let response = self.request(Method::GET, &path, &self.admin).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let bytes = std::io::Cursor::new(response.bytes().await.unwrap().to_vec());
        let mut workbook = calamine::Xlsx::new(bytes).unwrap();
        let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
        let rows: Vec<f64> = sheet.rows().skip(1).filter_map(|row| calamine::DataType::as_f64(&row[0])).collect();
        let errors = preview["rows"].as_array().unwrap().iter().filter(|row| row["status"] == "error");
        let wanted: Vec<f64> = errors.map(|row| row["row"].as_f64().unwrap()).collect();
        assert_eq!((rows.len(), rows), (bad, wanted));
    }

    /// The sum of a figure's rows, page by page: count and value.
    async fn rows_of(&self, address: &Value) -> (i64, i64) {
        let address = address.as_str().unwrap();
        let joint = if address.contains('?') { '&' } else { '?' };
        let (mut count, mut value, mut after) = (0, 0, String::new());
        loop {
            let page = self.get(&format!("{address}{joint}limit=500{after}")).await;
            for row in page["items"].as_array().unwrap() {
                count += row["count"].as_i64().unwrap();
                value += row["value"].as_i64().unwrap();
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return (count, value),
            }
        }
    }

    async fn item_called(&self, name: &str) -> String {
        let items = self.get("/api/v1/items?limit=500").await;
        text(items["items"].as_array().unwrap().iter().find(|item| item["name"] == name).unwrap(), "id")
    }

    /// The first page of the sheets, printed and read by programs that are not ours.
    async fn sheets_are_readable(&self, round: &str, vouchers: &[Value]) {
        let path = format!("/api/v1/rounds/{round}/vouchers.pdf");
        let response = self.request(Method::GET, &path, &self.admin).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let file = self.dir.join("sheets.pdf");
        std::fs::write(&file, response.bytes().await.unwrap()).unwrap();
        let file = file.to_str().unwrap();
        let Some(page) = reader("pdftotext", &[file, "-"]) else { return };
        let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
        for voucher in vouchers {
            let name = text(&voucher["household"], "head_name");
            assert!(flat.contains(&name) && flat.contains(&text(voucher, "typed_code")), "{name}");
        }
        let image = self.dir.join("page");
        let image = image.to_str().unwrap();
        if reader("pdftoppm", &["-r", "300", "-f", "1", "-l", "1", "-png", "-singlefile", file, image]).is_none() {
            return;
        }
        let Some(codes) = reader("zbarimg", &["--raw", "-q", &format!("{image}.png")]) else { return };
        let codes: Vec<&str> = codes.lines().collect();
        assert_eq!(codes.len(), 8, "eight codes on the first page");
        for code in codes {
            assert!(vouchers.iter().any(|voucher| voucher["code"] == code), "{code}");
        }
    }

    /// Areas, a point, a warehouse and the ward's lists of goods and rent; the ward, the neighbourhood, the point.
    async fn set_up_ward(&self) -> (String, String, String, String) {
        let ward = self.ward().await;
        let hood = json!({ "name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": ward });
        let hood = text(&self.create("/api/v1/areas", hood).await, "id");
        let point = self.point(&hood, "Nhà văn hóa khu dân cư số 3").await;
        let store = json!({ "name": "Kho phường", "kind": "warehouse", "area_id": ward });
        let store = text(&self.create("/api/v1/points", store).await, "id");
        (ward, hood, point, store)
    }

    /// Packages, a campaign and a round with slots, from the donated rice and eggs.
    async fn open_market_round(&self, point: &str, store: &str) -> String {
        let (rice, eggs) = (self.item_called("Gạo").await, self.item_called("Trứng gà").await);
        let lines = json!([{ "item_id": rice, "quantity": 10_000 }, { "item_id": eggs, "quantity": 10 }]);
        let package = json!({ "name": "10 kg gạo, 10 trứng", "items": lines, "value": 228_524 });
        let package = text(&self.create("/api/v1/packages", package).await, "id");
        let goods = json!([{ "item_id": rice, "quantity": 1_800_000 }, { "item_id": eggs, "quantity": 1_800 }]);
        let transfer = json!({ "from_point_id": store, "to_point_id": point, "lines": goods });
        self.create("/api/v1/stock/transfers", transfer).await;
        let campaign = json!({ "name": "San sẻ yêu thương", "starts_on": "2021-05-01", "ends_on": "2022-12-31",
            "interval_days": 14 });
        let campaign = text(&self.create("/api/v1/campaigns", campaign).await, "id");
        let gift = json!({ "campaign_id": campaign, "donor": { "name": "Bà Bảy", "kind": "person" },
            "received_on": "2022-07-01", "lines": [{ "kind": "cash", "amount": 5_000_000 }] });
        self.create("/api/v1/donations", gift).await;
        let round = json!({ "campaign_id": campaign, "name": "Chợ 0 đồng", "package_id": package,
            "point_ids": [point], "starts_at": "2022-07-01T07:00:00+07:00", "ends_at": "2022-07-01T17:00:00+07:00",
            "slot_minutes": 20, "slot_capacity": 10, "offline": "amber" });
        text(&self.create("/api/v1/rounds", round).await, "id")
    }

    /// 170 households collect: at two phones, some without network, some on paper.
    async fn serve_everyone(&self, point: &str, vouchers: &[Value]) {
        let (one, _) = self.phone("Máy 1", &[point]).await;
        let (two, _) = self.phone("Máy 2", &[point]).await;
        for (n, voucher) in vouchers[..120].iter().enumerate() {
            let code = if n % 10 == 0 { &voucher["typed_code"] } else { &voucher["code"] };
            let body = json!({ "point_id": point, "code": code, "desk": n % 2 + 1 });
            let answer = self.scan_with(if n % 2 == 0 { &one } else { &two }, body).await;
            assert_eq!(answer["outcome"], "redeemed", "{answer}");
        }
        let again = self.scan_with(&two, json!({ "point_id": point, "code": vouchers[0]["code"] })).await;
        assert_eq!((&again["outcome"], &again["first"]["desk"]), (&json!("already_redeemed"), &json!("1")), "{again}");
        // Without network: 40 more, and one who had collected at the other phone already.
        let mut queue: Vec<Value> =
            (1..).zip(&vouchers[120..160]).map(|(n, voucher)| self.record(point, &voucher["code"], n)).collect();
        queue.push(self.record(point, &vouchers[3]["code"], 41));
        let results = self.deliver(&one, &queue).await;
        assert!(results[..40].iter().all(|result| result["outcome"] == "redeemed"), "{results:?}");
        assert_eq!(results[40]["outcome"], "already_redeemed");
        let typed: Vec<&Value> = vouchers[160..].iter().map(|voucher| &voucher["typed_code"]).collect();
        let roster = json!({ "point_id": point, "codes": typed });
        let results = self.create("/api/v1/redemptions/roster", roster).await;
        assert!(results["results"].as_array().unwrap().iter().all(|result| result["outcome"] == "redeemed"));
        let conflict = self.get("/api/v1/conflicts").await["items"][0].clone();
        assert_eq!(conflict["kind"], "handed_out_twice");
        let path = format!("/api/v1/conflicts/{}/resolve", text(&conflict, "id"));
        self.create(&path, json!({ "resolution": "accepted", "reason": "Đã xác minh, hộ trả lại một suất" })).await;
        assert!(self.get("/api/v1/conflicts").await["items"].as_array().unwrap().is_empty());
    }

    /// A handover undone, and done again.
    async fn undo_one(&self, point: &str, voucher: &Value) {
        let first = self.get(&format!("/api/v1/vouchers/{}/scans", text(voucher, "id"))).await;
        let nonce = text(&first["items"][0], "nonce");
        let undone = json!({ "reason": "Quét nhầm phiếu của hộ bên cạnh" });
        self.create(&format!("/api/v1/redemptions/{nonce}/reversal"), undone).await;
        assert_eq!(self.scan(point, &voucher["code"]).await["outcome"], "redeemed");
    }

    /// The figures of the real report, each the sum of its rows.
    async fn report_is_right(&self) -> Value {
        let report = self.get(SUMMARY).await;
        let (packages, rent) = (&report["packages"], &report["rent"]);
        assert_eq!(
            (&packages["mobilised"]["count"], &packages["mobilised"]["value"]),
            (&json!(2540), &json!(580_450_000))
        );
        assert_eq!((&rent["rooms"], &rent["amount"]), (&json!(916), &json!(1_286_010_000)));
        let greens = report["goods"].as_array().unwrap().iter().find(|item| item["name"] == "Rau xanh").unwrap();
        assert_eq!((&greens["received"], &greens["on_hand"]), (&json!(4_000_000), &json!(4_000_000)));
        // 170 households, and the one who collected twice.
        assert_eq!((&packages["handed_out"]["count"], &report["rounds"][0]["packages"]), (&json!(171), &json!(171)));
        let told = text(&report, "text_vi");
        for part in ["2.540 suất quà", "580.450.000", "916 phòng trọ", "1.286.010.000", "4 tấn rau xanh"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert_eq!(self.rows_of(&packages["mobilised"]["rows"]).await, (2540, 580_450_000));
        assert_eq!(self.rows_of(&packages["handed_out"]["rows"]).await, (171, 171 * 228_524));
        assert_eq!(self.rows_of(&rent["rows"]).await, (rent["room_months"].as_i64().unwrap(), 1_286_010_000));
        assert_eq!(self.rows_of(&report["cash"]["rows"]).await.1, 5_000_000);
        assert_eq!(self.rows_of(&greens["rows"]).await.0, 4_000_000);
        report
    }

    /// What is published names nobody.
    async fn public_page_names_nobody(&self, names: &[String]) {
        let settings = json!({ "enabled": true });
        assert_eq!(self.send(Method::PUT, "/api/v1/public/settings", &settings).await.0, StatusCode::OK);
        let url = format!("{}/api/v1/public/summary", self.base);
        let told = self.client.get(url).send().await.unwrap().text().await.unwrap();
        assert!(told.contains("580450000") && told.contains("1286010000"), "{told}");
        for name in names {
            assert!(!told.contains(name.as_str()), "{name}");
        }
    }

    /// A back-up of this ward, brought into the other database, goes on where this one stood.
    async fn goes_on_from_a_backup(&self, report: &Value, voucher: &Value, point: &str) {
        let file = self.dir.join("ward.backup");
        let file = file.to_str().unwrap();
        let done = self.program().run(&["backup", "--unsealed", file]);
        assert!(done.status.success(), "{}", said(&done));
        let database = match self.on {
            On::Postgres => None,
            On::Sqlite => match postgres_server() {
                Some(server) => Some(postgres_database(&server).await),
                None => return,
            },
        };
        let place = Program { data_dir: self.dir.join("elsewhere"), database };
        let done = place.run(&["restore", file]);
        assert!(done.status.success(), "{}", said(&done));
        let done = place.run(&["doctor"]);
        assert!(done.status.success(), "{}", said(&done));
        let options = lalanh::app::Options {
            data_dir: place.data_dir.clone(),
            database: place.database.clone(),
            config: Config::default(),
        };
        let clock = Clock::fixed_unpredictable(self.clock.now());
        let core = lalanh::app::open(&options, clock).await.unwrap();
        let mut conn = core.db.read().await.unwrap();
        let sealed: Vec<(Vec<u8>,)> =
            conn.sql("select citizen_sealed from households where citizen_sealed is not null").all().await.unwrap();
        drop(conn);
        assert!(sealed.len() > 100);
        for (sealed,) in sealed {
            let number = core.vault.open_text(Purpose::CitizenId, &sealed).unwrap();
            assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let service = lalanh::app::router(core.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let there = self.client.get(format!("{base}{SUMMARY}")).bearer_auth(&self.admin).send().await.unwrap();
        assert_eq!(&there.json::<Value>().await.unwrap(), report);
        let scan = json!({ "nonce": self.clock.uuid(), "code": voucher["code"], "point_id": point,
            "scanned_at": self.clock.now() });
        let request = self.client.post(format!("{base}/api/v1/redemptions")).bearer_auth(&self.admin).json(&scan);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["outcome"], "redeemed", "{answer}");
        server.abort();
        core.db.close().await;
    }
}

on_both! {
    async fn a_ward_runs_its_market_day_from_its_lists_to_its_report(app: TestApp) {
        app.clock.set(Moment::parse("2022-07-01T07:00:00+07:00").unwrap());
        let (ward, _, point, store) = app.set_up_ward().await;
        app.register_list("danh-sach-ho-kdc-03-a.xlsx").await;
        let households = "/api/v1/households/imports";
        let again = app.preview(households, "danh-sach-ho-kdc-03-a.xlsx", &[]).await;
        assert_eq!((&again["totals"]["new"], &again["totals"]["duplicate"]), (&json!(0), &json!(179)), "{again}");
        assert_eq!(again["warnings"][0]["code"], "same_file");
        assert_eq!(app.commit_list(households, &again).await["new"], 0);
        let first: Vec<String> = app.get("/api/v1/households?limit=500").await["items"].as_array().unwrap().iter()
            .map(|household| text(household, "id")).collect();
        assert_eq!(first.len(), 170);
        app.register_list("danh-sach-ho-kdc-03-b.xlsx").await;
        app.register_list("danh-sach-thue-tro.csv").await;

        let donors = app.preview("/api/v1/donations/imports", "ung-ho.xlsx", &[("point_id", &store)]).await;
        assert_eq!(app.commit_list("/api/v1/donations/imports", &donors).await["created"], 51);
        let landlords = app.preview("/api/v1/rent-reductions/imports", "giam-tien-tro.xlsx", &[("area_id", &ward)]).await;
        assert_eq!(app.commit_list("/api/v1/rent-reductions/imports", &landlords).await["rooms"], 916);

        let round = app.open_market_round(&point, &store).await;
        let issued = app.create(&format!("/api/v1/rounds/{round}/vouchers"), json!({ "household_ids": first })).await;
        assert_eq!((&issued["issued"], &issued["skipped"]), (&json!(170), &json!([])), "{issued}");
        let listed = app.get(&format!("/api/v1/rounds/{round}/vouchers?limit=500")).await;
        let vouchers = listed["items"].as_array().unwrap().clone();
        app.sheets_are_readable(&round, &vouchers).await;

        app.serve_everyone(&point, &vouchers).await;
        app.undo_one(&point, &vouchers[1]).await;
        let others = app.create(&format!("/api/v1/rounds/{round}/vouchers"), json!({ "area_ids": [ward] })).await;
        assert_eq!(others["issued"], 100, "{}", others["warnings"]);
        let left = app.get(&format!("/api/v1/rounds/{round}/vouchers?limit=500")).await;
        let left = left["items"].as_array().unwrap().iter().find(|voucher| voucher["status"] == "issued").unwrap().clone();
        let report = app.report_is_right().await;
        app.goes_on_from_a_backup(&report, &left, &point).await;

        let closed = app.send(Method::POST, &format!("/api/v1/rounds/{round}/close"), &json!({})).await;
        assert_eq!(closed.0, StatusCode::OK, "{}", closed.1);
        assert_ne!(app.scan(&point, &left["code"]).await["outcome"], "redeemed");
        app.report_is_right().await;
        let names: Vec<String> = vouchers.iter().map(|voucher| text(&voucher["household"], "head_name")).collect();
        app.public_page_names_nobody(&names).await;
        let doctor = app.program().run(&["doctor"]);
        assert!(doctor.status.success(), "{}", said(&doctor));
    }
}
