use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::landlords::waived;
use crate::on_both;
use crate::support::{TestApp, text};

const SUMMARY: &str = "/api/v1/reports/summary";

/// A market's records, written straight into the tables.
struct Market {
    rice: Uuid,
    greens: Uuid,
}

/// A handover: nonce, units, minutes after the market's morning, how it came in, whether it was undone.
struct Handover(u8, i64, i64, &'static str, bool);

impl TestApp {
    async fn write(&self, text: &'static str, ids: &[Uuid], numbers: &[i64], texts: &[&str]) {
        let mut tx = self.core.db.begin().await.unwrap();
        let mut query = tx.sql(text);
        for id in ids {
            query = query.bind(*id);
        }
        for number in numbers {
            query = query.bind(*number);
        }
        for text in texts {
            query = query.bind((*text).to_owned());
        }
        assert_eq!(query.execute().await.unwrap(), 1, "{text}");
        tx.commit().await.unwrap();
    }

    async fn seed_item(&self, name: &str) -> Uuid {
        let id = self.clock.uuid();
        self.write(
            "insert into items (id, created_at, name, name_key, unit, unit_key, decimals, perishable)
             values ($1, $2, $3, $4, 'kg', 'kg', 3, true)",
            &[id],
            &[0],
            &[name, name],
        )
        .await;
        id
    }

    async fn seed_donor(&self, name: &str, kind: &str, anonymous: bool) -> Uuid {
        let id = self.clock.uuid();
        let text = match anonymous {
            true => {
                "insert into donors (id, created_at, name, name_key, kind, anonymous) values ($1, $2, $3, $4, $5, true)"
            }
            false => {
                "insert into donors (id, created_at, name, name_key, kind, anonymous) values ($1, $2, $3, $4, $5, false)"
            }
        };
        self.write(text, &[id], &[0], &[name, name, kind]).await;
        id
    }

    async fn seed_donation(&self, donor: Uuid, number: i64, day: &str) -> Uuid {
        let id = self.clock.uuid();
        self.write(
            "insert into donations (id, donor_id, number, created_at, received_on, condition)
             values ($1, $2, $3, $4, $5, '')",
            &[id, donor],
            &[number, 0],
            &[day],
        )
        .await;
        id
    }

    async fn given(&self, donation: Uuid, kind: &str, quantity: i64, value: i64, of: Option<Uuid>) {
        // One line of each kind in a donation.
        let position = i64::try_from(kind.len()).unwrap();
        let text = match (kind, of) {
            ("goods", _) => {
                "insert into donation_lines (id, donation_id, item_id, position, quantity, value, kind)
                 values ($1, $2, $3, $4, $5, $6, $7)"
            }
            (_, Some(_)) => {
                "insert into donation_lines (id, donation_id, package_id, position, quantity, value, kind)
                 values ($1, $2, $3, $4, $5, $6, $7)"
            }
            _ => {
                "insert into donation_lines (id, donation_id, position, quantity, value, kind)
                 values ($1, $2, $3, $4, $5, $6)"
            }
        };
        let mut ids = vec![self.clock.uuid(), donation];
        ids.extend(of);
        self.write(text, &ids, &[position, quantity, value], &[kind]).await;
    }

    async fn seed_lot(&self, item: Uuid, expires_on: &str) -> Uuid {
        let lot = self.clock.uuid();
        self.write(
            "insert into lots (id, item_id, overdraft, expires_on) values ($1, $2, false, $3)",
            &[lot, item],
            &[],
            &[expires_on],
        )
        .await;
        lot
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of the ledger")]
    async fn entry(&self, point: Uuid, item: Uuid, lot: Uuid, source: Uuid, at: i64, quantity: i64, reason: &str) {
        self.write(
            "insert into stock_entries (id, point_id, item_id, lot_id, source_id, at, quantity, reason)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[self.clock.uuid(), point, item, lot, source],
            &[at, quantity],
            &[reason],
        )
        .await;
    }

    async fn level_row(&self, point: Uuid, item: Uuid, lot: Uuid, quantity: i64, expires_on: &str) {
        self.write(
            "insert into stock_levels (point_id, lot_id, item_id, quantity, expires_on, overdraft)
             values ($1, $2, $3, $4, $5, false)",
            &[point, lot, item],
            &[quantity],
            &[expires_on],
        )
        .await;
    }

    async fn seed_handover(
        &self,
        Handover(number, units, minutes, source, undone): &Handover,
        [voucher, round, package, point]: [Uuid; 4],
        (rice, rice_lot): (Uuid, Uuid),
    ) {
        let nonce = self.clock.uuid();
        let at = self.clock.now().plus_secs(minutes * 60).micros();
        // What came late was scanned when it was scanned and received a week later.
        let late = if *source == "online" { 0 } else { 7 * 86_400_000_000 };
        self.write(
            "insert into scans (nonce, voucher_id, round_id, package_id, point_id, handover, units, happened_at,
                 scanned_at, received_at, source, body_hash, outcome, detail, flags, desk)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, 'h', 'redeemed', '', '', '1')",
            &[nonce, voucher, round, package, point],
            &[i64::from(*number), *units, at, at + late],
            &[source],
        )
        .await;
        self.entry(point, rice, rice_lot, nonce, at + late, -10_000 * units, "redemption").await;
        if *undone {
            self.write("insert into reversals (nonce, at, reason) values ($1, $2, 'nhầm')", &[nonce], &[at], &[]).await;
            self.entry(point, rice, rice_lot, nonce, at, 10_000 * units, "reversal").await;
        }
    }

    async fn seed_donations(&self, point: Uuid, package: Uuid, (rice, rice_lot): (Uuid, Uuid), greens: Uuid) {
        let company = self.seed_donor("Công ty Gạo Ngon", "organisation", false).await;
        let someone = self.seed_donor("Trần Văn Kín", "person", false).await;
        let hidden = self.seed_donor("Công ty Giấu Tên", "organisation", true).await;
        let first = self.seed_donation(company, 1, "2021-08-01").await;
        self.given(first, "packages", 2_000, 400_000_001, None).await;
        self.given(first, "goods", 4_000_000, 60_000_000, Some(greens)).await;
        let second = self.seed_donation(someone, 2, "2021-08-31").await;
        self.given(second, "packages", 540, 180_449_999, Some(package)).await;
        self.given(second, "cash", 0, 5_000_000, None).await;
        let third = self.seed_donation(hidden, 3, "2021-09-01").await;
        self.given(third, "packages", 7, 700, None).await;
        let greens_lot = self.seed_lot(greens, "2021-08-09").await;
        let moves = [(4_000_000, "donation"), (-25_000, "spoiled"), (-1_000, "lost")];
        for (quantity, reason) in moves {
            self.entry(point, greens, greens_lot, self.clock.uuid(), self.clock.now().micros(), quantity, reason).await;
        }
        self.level_row(point, greens, greens_lot, 3_974_000, "2021-08-09").await;
        self.entry(point, rice, rice_lot, second, self.clock.now().micros(), 5_400_000, "donation").await;
        self.level_row(point, rice, rice_lot, 5_400_000 - 7 * 10_000, "").await;
    }

    /// Two donors, a package of rice worth 200.000 đ, greens, one round, and handovers of it.
    async fn seeded_market(&self, handovers: &[Handover]) -> Market {
        let ward = self.ward().await;
        let hood = json!({ "name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": ward });
        let hood: Uuid = text(&self.create("/api/v1/areas", hood).await, "id").parse().unwrap();
        let group = json!({ "name": "Tổ 12", "kind": "group", "parent_id": hood });
        let group: Uuid = text(&self.create("/api/v1/areas", group).await, "id").parse().unwrap();
        let point: Uuid = self.point(&ward, "Nhà văn hóa").await.parse().unwrap();
        let (rice, greens) = (self.seed_item("Gạo").await, self.seed_item("Rau xanh").await);
        let [package, campaign, round, household] = [(); 4].map(|()| self.clock.uuid());
        self.write(
            "insert into packages (id, number, value, created_at, name) values ($1, 1, $2, 0, $3)",
            &[package],
            &[200_000],
            &["Suất 10 kg gạo"],
        )
        .await;
        self.write(
            "insert into package_items (package_id, item_id, quantity) values ($1, $2, $3)",
            &[package, rice],
            &[10_000],
            &[],
        )
        .await;
        self.write(
            "insert into campaigns (id, created_at, name, starts_on, ends_on) values ($1, $2, $3, '2021-07-01', '2021-12-31')",
            &[campaign],
            &[0],
            &["San sẻ yêu thương"],
        )
        .await;
        let day = self.clock.today();
        self.write(
            "insert into rounds (id, campaign_id, package_id, number, starts_at, ends_at, enforce_slots, any_point,
                 collector_required, offline, amber_in_a_row, amber_hours, status, created_at, name)
             values ($1, $2, $3, 1, $4, $5, false, false, false, 'strict', 20, 4, 'open', 0, $6)",
            &[round, campaign, package],
            &[day.start().micros(), day.end().micros()],
            &["Chợ 0 đồng"],
        )
        .await;
        self.write(
            "insert into households (id, area_id, head_name, name_key, sort_key, search_key, mark_text, address, address_key, members, category,
                 note, status, created_at, updated_at)
             values ($1, $2, $3, 'nguyen thi bi mat', '', '', '', 'K9 Bí Mật', '', 4, 'poor', '', 'active', 0, 0)",
            &[household, group],
            &[],
            &["Nguyễn Thị Bí Mật"],
        )
        .await;
        let voucher = self.clock.uuid();
        self.write(
            "insert into vouchers (id, round_id, household_id, round_number, serial, issue_number, units, valid_from,
                 valid_until, kid, signature, typed_code, status, issued_at)
             values ($1, $2, $3, 1, 1, 1, 9, '2021-08-05', '2021-08-05', 1, 's', 'ABC', 'issued', 0)",
            &[voucher, round, household],
            &[],
            &[],
        )
        .await;
        let rice_lot = self.seed_lot(rice, "").await;
        for handover in handovers {
            self.seed_handover(handover, [voucher, round, package, point], (rice, rice_lot)).await;
        }
        self.seed_donations(point, package, (rice, rice_lot), greens).await;
        Market { rice, greens }
    }

    /// All rows of a figure, page by page.
    async fn rows(&self, address: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut after = String::new();
        loop {
            let sign = if address.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{address}{sign}limit=3{after}")).await;
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return rows,
            }
        }
    }

    /// The sums of a figure's rows: count and value.
    async fn row_sums(&self, figure: &Value) -> (i64, i64) {
        let rows = self.rows(figure["rows"].as_str().unwrap()).await;
        let sum = |field: &str| rows.iter().map(|row| row[field].as_i64().unwrap()).sum();
        (sum("count"), sum("value"))
    }
}

fn handovers() -> [Handover; 5] {
    [
        Handover(1, 1, 0, "online", false),
        Handover(2, 3, 10, "offline", false),
        Handover(3, 1, 20, "online", true),
        // 23:59 of the market's day, then 00:01 of the next in Asia/Ho_Chi_Minh.
        Handover(4, 2, 16 * 60 + 59, "roster", false),
        Handover(5, 1, 17 * 60 + 1, "online", false),
    ]
}

on_both! {
    async fn every_figure_is_the_sum_of_its_rows(app: TestApp) {
        let market = app.seeded_market(&handovers()).await;
        let id = app.pledged(None, &[waived("1", "2021-07"), waived("1", "2021-08"), waived("2", "2021-08")]).await;
        app.step(&id, "verify", json!({})).await;
        for query in ["", "?from=2021-08-01&to=2021-08-31", "?from=2021-08-05&to=2021-08-05", "?from=2021-09-01"] {
            let report = app.get(&format!("{SUMMARY}{query}")).await;
            for figure in [&report["packages"]["mobilised"], &report["packages"]["handed_out"]] {
                let sums = app.row_sums(figure).await;
                assert_eq!(json!([sums.0, sums.1]), json!([figure["count"], figure["value"]]), "{query} {figure}");
            }
            let sums = app.row_sums(&report["rent"]).await;
            assert_eq!(json!([sums.0, sums.1]), json!([report["rent"]["room_months"], report["rent"]["amount"]]));
            let rows = app.rows(report["rent"]["rows"].as_str().unwrap()).await;
            let rooms: std::collections::HashSet<&str> = rows.iter().map(|row| row["room_id"].as_str().unwrap()).collect();
            assert_eq!(json!(rooms.len()), report["rent"]["rooms"]);
            assert_eq!(json!(app.row_sums(&report["cash"]).await.1), report["cash"]["received"]);
            for item in report["goods"].as_array().unwrap() {
                let rows = app.rows(item["rows"].as_str().unwrap()).await;
                for kind in ["received", "handed_out", "spoiled", "adjusted"] {
                    let of_kind = rows.iter().filter(|row| row["kind"] == kind);
                    let sum: i64 = of_kind.map(|row| row["count"].as_i64().unwrap()).sum();
                    assert_eq!(json!(sum), item[kind], "{query} {kind} of {item}");
                }
            }
        }
        let report = app.get(SUMMARY).await;
        let item = |id: Uuid| {
            report["goods"].as_array().unwrap().iter().find(|i| i["item_id"] == id.to_string()).unwrap().clone()
        };
        let (rice, greens) = (item(market.rice), item(market.greens));
        assert_eq!(rice["received"], 5_400_000, "540 packages of 10 kg");
        assert_eq!(rice["handed_out"], 70_000, "7 packages of 10 kg");
        for item in [rice, greens] {
            let n = |field: &str| item[field].as_i64().unwrap();
            assert_eq!(n("received") + n("adjusted"), n("handed_out") + n("spoiled") + n("on_hand"), "{item}");
        }
    }

    async fn the_report_counts_days_in_vietnam_and_leaves_out_what_was_undone(app: TestApp) {
        app.seeded_market(&handovers()).await;
        let report = app.get(&format!("{SUMMARY}?from=2021-08-01&to=2021-08-31")).await;
        assert_eq!(report["packages"]["mobilised"]["count"], 2_540);
        assert_eq!(report["packages"]["mobilised"]["value"], 580_450_000);
        assert_eq!(report["packages"]["handed_out"]["count"], 7);
        assert_eq!(report["packages"]["handed_out"]["value"], 1_400_000);
        assert_eq!(report["cash"]["received"], 5_000_000);
        assert_eq!(report["markets"], 1);
        assert_eq!(
            report["text_vi"],
            "Từ ngày 01/08/2021 đến ngày 31/08/2021, phường đã vận động được 2.540 suất quà trị giá 580.450.000 đồng; \
             4 tấn rau xanh; 5.000.000 đồng tiền mặt; tổ chức 01 phiên chợ 0 đồng với 7 suất quà."
        );
        let day = app.get(&format!("{SUMMARY}?from=2021-08-05&to=2021-08-05")).await;
        assert_eq!(day["packages"]["handed_out"]["count"], 6);
        assert_eq!(day["rounds"][0]["packages"], 6);
        let next = app.get(&format!("{SUMMARY}?from=2021-08-06&to=2021-08-06")).await;
        assert_eq!(next["packages"]["handed_out"]["count"], 1);
    }

    async fn rent_counts_distinct_rooms_of_verified_and_confirmed_reductions(app: TestApp) {
        let verified = app.pledged(None, &[waived("1", "2021-07"), waived("1", "2021-08"), waived("2", "2021-07")]).await;
        let confirmed = app.pledged(None, &[waived("2", "2021-08"), waived("3", "2021-08")]).await;
        let rejected = app.pledged(None, &[waived("4", "2021-08")]).await;
        app.pledged(None, &[waived("5", "2021-08"), waived("1", "2021-08")]).await;
        app.step(&verified, "verify", json!({})).await;
        app.step(&confirmed, "verify", json!({})).await;
        let given = json!({ "lines": [{ "room": "2", "month": "2021-08", "amount": 1 },
                                      { "room": "3", "month": "2021-08", "amount": 0 }] });
        assert_eq!(app.step(&confirmed, "confirm", given).await.0, StatusCode::OK);
        app.step(&rejected, "reject", json!({ "reason": "không có thật" })).await;
        let rent = &app.get(SUMMARY).await["rent"];
        assert_eq!([&rent["landlords"], &rent["rooms"], &rent["room_months"]], [1, 2, 4], "{rent}");
        assert_eq!(rent["amount"], 3_000_001);
        assert_eq!(rent["by_status"]["pledged"]["rooms"], 2);
        assert_eq!(rent["by_status"]["confirmed"]["amount"], 1);
        assert_eq!(rent["by_status"]["rejected"]["amount"], 1_000_000);
        let august = &app.get(&format!("{SUMMARY}?from=2021-08-15&to=2021-09-01")).await["rent"];
        assert_eq!([&august["rooms"], &august["amount"]], [&json!(2), &json!(1_000_001)]);
    }

    async fn a_period_that_ends_before_it_starts_is_refused(app: TestApp) {
        let (status, problem) =
            app.send(Method::GET, &format!("{SUMMARY}?from=2021-09-01&to=2021-08-01"), &Value::Null).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("to")));
    }

    async fn an_empty_ward_reports_that_nothing_was_recorded(app: TestApp) {
        let report = app.get(SUMMARY).await;
        assert_eq!(report["text_vi"], "Từ trước đến nay, chưa ghi nhận kết quả nào.");
        assert_eq!(report["rent"]["by_status"]["pledged"]["rooms"], 0);
    }

    async fn the_public_page_shows_totals_and_no_person(app: TestApp) {
        app.seeded_market(&handovers()).await;
        let id = app.pledged(None, &[waived("1", "2021-07")]).await;
        app.step(&id, "verify", json!({})).await;
        let read = async || {
            let response = app.client.get(format!("{}/api/v1/public/summary", app.base)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            response.text().await.unwrap()
        };
        assert_eq!(read().await, r#"{"published":false}"#);
        let storekeeper = app.login("thukho", Role::Storekeeper).await;
        let settings = "/api/v1/public/settings";
        let on = json!({ "enabled": true });
        assert_eq!(app.send_as(&storekeeper, Method::PUT, settings, &on).await.0, StatusCode::FORBIDDEN);
        assert_eq!(app.send(Method::PUT, settings, &on).await.0, StatusCode::OK);
        let page = read().await;
        for secret in ["Bí Mật", "Trần Văn Kín", "Giấu Tên", "Mai Mỹ", "0905", "420430", "Phù Đổng"] {
            assert!(!page.contains(secret), "{secret} in {page}");
        }
        let page: Value = serde_json::from_str(&page).unwrap();
        assert_eq!(page["donors"]["organisations"], json!([{ "name": "Công ty Gạo Ngon", "value": 460_000_001 }]));
        assert_eq!(page["donors"]["unnamed"], 2);
        assert_eq!(page["packages"]["handed_out"]["count"], 7);
        let neighbourhoods = page["neighbourhoods"].as_array().unwrap();
        assert_eq!((&neighbourhoods[0]["name"], &neighbourhoods[0]["packages"]), (&json!("Khu dân cư số 3"), &json!(7)));
        assert_eq!((&neighbourhoods[1]["name"], &neighbourhoods[1]["rooms"]), (&Value::Null, &json!(1)));
        app.send(Method::PUT, settings, &json!({ "enabled": false })).await;
        assert_eq!(read().await, r#"{"published":false}"#);
    }

    async fn the_workbook_opens_with_the_reports_figures_and_no_formulas(app: TestApp) {
        app.seeded_market(&handovers()).await;
        let donor = app.seed_donor("=HYPERLINK(\"http://x\")", "organisation", false).await;
        let donation = app.seed_donation(donor, 9, "2021-08-02").await;
        app.given(donation, "packages", 1, 1, None).await;
        let response = app.request(Method::GET, &format!("{SUMMARY}.xlsx"), &app.admin).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let bytes = response.bytes().await.unwrap().to_vec();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        use calamine::Reader;
        assert_eq!(book.sheet_names(), ["Tổng hợp", "Suất quà", "Giảm tiền trọ", "Hàng hóa", "Đợt phát"]);
        let overview = book.worksheet_range("Tổng hợp").unwrap();
        assert_eq!(overview.get_value((6, 1)).and_then(calamine::DataType::get_float), Some(2_548.0));
        let packages = book.worksheet_range("Suất quà").unwrap();
        assert!(packages.rows().any(|row| row[2].to_string().starts_with("=HYPERLINK")));
        assert!(book.worksheet_formula("Suất quà").unwrap().rows().flatten().all(String::is_empty));
    }

    async fn who_may_not_read_reports_gets_none(app: TestApp) {
        let head = app.login("kdc3", Role::Verifier).await;
        for path in [SUMMARY, "/api/v1/reports/summary.xlsx", "/api/v1/reports/rows/cash"] {
            assert_eq!(app.send_as(&head, Method::GET, path, &Value::Null).await.0, StatusCode::FORBIDDEN);
        }
        let (status, _) = app.send(Method::GET, "/api/v1/reports/rows/salaries", &Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
