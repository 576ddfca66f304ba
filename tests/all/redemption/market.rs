//! A small market to redeem at: one package of rice and eggs, two points, as many households as wanted.

use lalanh::kernel::Moment;
use lalanh::kernel::ids::{DeviceId, PointId};
use lalanh::vault::token_hash;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, text};

/// One market.
pub struct Market {
    pub area: String,
    pub point: String,
    pub other_point: String,
    pub rice: String,
    pub eggs: String,
    pub package: String,
    pub campaign: String,
    pub round: String,
    pub vouchers: Vec<Value>,
}

/// What a test may want otherwise.
pub struct Plan {
    pub households: usize,
    pub packages: i64,
    pub units: i64,
    pub interval_days: Option<i64>,
    pub round: Value,
}

impl Default for Plan {
    fn default() -> Self {
        Self { households: 1, packages: 10, units: 1, interval_days: None, round: json!({}) }
    }
}

impl TestApp {
    /// Sets up a market with its vouchers issued.
    pub async fn open_market(&self, plan: Plan) -> Market {
        let area = self.ward().await;
        let point = self.point(&area, "Nhà văn hóa khu dân cư số 3").await;
        let other_point = self.point(&area, "Trường Nguyễn Bỉnh Khiêm").await;
        let rice = self.create("/api/v1/items", json!({ "name": "Gạo", "unit": "kg", "decimals": 3 })).await;
        let eggs = self.create("/api/v1/items", json!({ "name": "Trứng gà", "unit": "quả", "decimals": 0 })).await;
        let (rice, eggs) = (text(&rice, "id"), text(&eggs, "id"));
        let lines = json!([{ "item_id": rice, "quantity": 10_000 }, { "item_id": eggs, "quantity": 10 }]);
        let package = json!({ "name": "Suất 10 kg gạo, 10 trứng", "items": lines, "value": 228_524 });
        let package = text(&self.create("/api/v1/packages", package).await, "id");
        let campaign = json!({
            "name": "San sẻ yêu thương", "starts_on": "2021-07-01", "ends_on": "2099-12-31",
            "interval_days": plan.interval_days
        });
        let campaign = text(&self.create("/api/v1/campaigns", campaign).await, "id");
        self.stock(&area, &point, &[(&rice, plan.packages * 10_000), (&eggs, plan.packages * 10)]).await;
        let households = self.some_households(&area, plan.households).await;
        let mut market =
            Market { area, point, other_point, rice, eggs, package, campaign, round: String::new(), vouchers: vec![] };
        market.round = self.open_round(&market, &plan.round).await;
        market.vouchers = self.issue_to(&market.round, &households, &market.point, plan.units).await;
        market
    }

    /// A round of the market's campaign: 05 and 06/08/2021 unless `changes` says otherwise.
    pub async fn open_round(&self, market: &Market, changes: &Value) -> String {
        let mut body = json!({
            "campaign_id": market.campaign, "name": "Chợ 0 đồng", "package_id": market.package,
            "point_ids": [market.point, market.other_point],
            "starts_at": "2021-08-05T07:00:00+07:00", "ends_at": "2021-08-06T17:00:00+07:00", "offline": "strict"
        });
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        text(&self.create("/api/v1/rounds", body).await, "id")
    }

    /// Issues vouchers to households; their views, in the households' order.
    pub async fn issue_to(&self, round: &str, households: &[String], point: &str, units: i64) -> Vec<Value> {
        let round_view = self.get(&format!("/api/v1/rounds/{round}")).await;
        let mut body = json!({ "household_ids": households, "units": units });
        if round_view["any_point"] == false {
            body["point_id"] = json!(point);
        }
        let issued = self.create(&format!("/api/v1/rounds/{round}/vouchers"), body).await;
        assert_eq!(issued["issued"], households.len(), "{issued}");
        let list = self.get(&format!("/api/v1/rounds/{round}/vouchers?limit=500")).await;
        households
            .iter()
            .map(|id| {
                let mine = |voucher: &&Value| voucher["household"]["id"] == id.as_str();
                list["items"].as_array().unwrap().iter().find(mine).unwrap().clone()
            })
            .collect()
    }

    /// Households of an area; their ids.
    pub async fn some_households(&self, area: &str, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        for n in 0..count {
            let body = json!({
                "head_name": format!("Thái Hữu Sơn {n}"), "area_id": area, "address": format!("K{n}/27 Trần Cao Vân"),
                "members": 4, "category": "poor", "consent": true
            });
            ids.push(text(&self.create("/api/v1/households", body).await, "id"));
        }
        ids
    }

    /// Goods at a point, as a donation.
    pub async fn stock(&self, _area: &str, point: &str, goods: &[(&str, i64)]) {
        let lines: Vec<Value> = goods
            .iter()
            .filter(|(_, quantity)| *quantity > 0)
            .map(|(item, quantity)| json!({ "kind": "goods", "item_id": item, "quantity": quantity, "value": 1000 }))
            .collect();
        if lines.is_empty() {
            return;
        }
        let donor = json!({ "name": "Công ty Lương thực", "kind": "organisation" });
        let body = json!({ "donor": donor, "received_on": "2021-08-01", "point_id": point, "lines": lines });
        self.create("/api/v1/donations", body).await;
    }

    /// An enrolled phone that serves points; its token and id.
    pub async fn phone(&self, name: &str, points: &[&str]) -> (String, DeviceId) {
        let device = self.create("/api/v1/devices", json!({ "name": name, "point_ids": points })).await;
        let enrolled = self.create("/api/v1/devices/enrol", json!({ "enrol_code": device["enrol_code"] })).await;
        let token = text(&enrolled, "token");
        assert!(!token_hash(&token).is_empty());
        (token, text(&enrolled, "device_id").parse().unwrap())
    }

    /// Keys in signed lines of a point's paper list; the answer to each.
    pub async fn key_in(&self, point: &str, handed_out_at: &str, codes: &[&str]) -> Vec<Value> {
        let body = json!({ "point_id": point, "handed_out_at": handed_out_at, "codes": codes });
        self.create("/api/v1/redemptions/roster", body).await["results"].as_array().unwrap().clone()
    }

    /// The level of an item at a point, from the stock page.
    pub async fn level(&self, point: &str, item: &str) -> i64 {
        let stock = self.get(&format!("/api/v1/stock?point_id={point}")).await;
        let mine = |line: &&Value| line["item_id"] == item;
        stock["items"].as_array().unwrap().iter().find(mine).map_or(0, |line| line["on_hand"].as_i64().unwrap())
    }

    /// What the books say: for every point and lot, the ledger's sum equals the level.
    pub async fn books_balance(&self) {
        let mut conn = self.core.db.read().await.unwrap();
        let wrong: Vec<(Uuid, Uuid, i64)> = conn
            .sql(
                "select b.point_id, b.lot_id, cast(sum(b.quantity) as bigint) from (
                     select point_id, lot_id, quantity from stock_entries
                     union all select point_id, lot_id, -quantity from stock_levels
                 ) b group by b.point_id, b.lot_id having sum(b.quantity) <> 0",
            )
            .all()
            .await
            .unwrap();
        assert!(wrong.is_empty(), "ledger and levels differ: {wrong:?}");
    }

    /// Rows of a kind that the database holds.
    pub async fn count_scans(&self) -> i64 {
        let mut conn = self.core.db.read().await.unwrap();
        let (count,): (i64,) = conn.sql("select count(*) from scans").one().await.unwrap();
        count
    }

    /// Scans at a desk, as the administrator; the answer.
    pub async fn scan(&self, point: &str, code: &Value) -> Value {
        self.scan_with(&self.admin, json!({ "point_id": point, "code": code })).await
    }

    /// Scans with a token and other fields; must be decided.
    pub async fn scan_with(&self, token: &str, body: Value) -> Value {
        let (status, answer) = self.try_scan(token, body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Scans; status and answer. A nonce and the current moment are filled in where they are missing.
    pub async fn try_scan(&self, token: &str, mut body: Value) -> (StatusCode, Value) {
        if body["nonce"].is_null() {
            body["nonce"] = json!(self.clock.uuid());
        }
        if body["scanned_at"].is_null() {
            body["scanned_at"] = json!(self.clock.now());
        }
        self.send_as(token, Method::POST, "/api/v1/redemptions", &body).await
    }

    /// Uploads handovers; the results.
    pub async fn deliver(&self, token: &str, items: &[Value]) -> Vec<Value> {
        let body = json!({ "items": items });
        let (status, answer) = self.send_as(token, Method::POST, "/api/v1/redemptions/batch", &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["results"].as_array().unwrap().clone()
    }

    /// A record of a phone's queue.
    pub fn record(&self, point: &str, code: &Value, sequence: i64) -> Value {
        json!({
            "nonce": self.clock.uuid(), "code": code, "point_id": point, "scanned_at": self.clock.now(),
            "sequence": sequence, "previous_hash": "", "handed_out": true
        })
    }

    /// Puts an open lease on a voucher, as the phone's own protocol will.
    pub async fn lease(&self, voucher: &Value, device: DeviceId, point: &str, epoch: i64) {
        let mut tx = self.core.db.begin().await.unwrap();
        let id = self.clock.uuid();
        let point: PointId = point.parse().unwrap();
        tx.sql(
            "insert into leases (id, epoch, device_id, point_id, desk, taken_at, use_until)
             values ($1, $2, $3, $4, 'bàn 2', $5, $6)",
        )
        .bind(id)
        .bind(epoch)
        .bind(device)
        .bind(point)
        .bind(self.clock.now())
        .bind(self.clock.now().plus_secs(3600))
        .execute()
        .await
        .unwrap();
        tx.sql("insert into lease_vouchers (lease_id, voucher_id) values ($1, $2)")
            .bind(id)
            .bind(text(voucher, "id").parse::<Uuid>().unwrap())
            .execute()
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Sets every clock of the service.
    pub fn at(&self, moment: &str) {
        self.clock.set(Moment::parse(moment).unwrap());
    }
}
