//! Rounds, issuing, papers and keys, as a coordinator and a phone meet them.

mod issuing;
mod keys;
pub mod pages;
mod papers;
mod print;
mod rounds;

use lalanh::households::store::NewHousehold;
use lalanh::households::{Category, Details, Keys, store};
use lalanh::kernel::Moment;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{TestApp, text};

/// A ward with two neighbourhoods that have a point each, a package of rice, and a campaign.
pub struct Market {
    pub ward: String,
    pub areas: [String; 2],
    pub points: [String; 2],
    pub item: String,
    pub package: String,
    pub campaign: String,
}

impl TestApp {
    /// A market; the campaign's interval in days.
    pub async fn market(&self, interval_days: Option<i64>) -> Market {
        let ward = self.ward().await;
        let mut areas = Vec::new();
        let mut points = Vec::new();
        for n in 1..=2 {
            let body = json!({ "name": format!("Khu dân cư {n}"), "kind": "neighbourhood", "parent_id": ward });
            let area = text(&self.create("/api/v1/areas", body).await, "id");
            points.push(self.point(&area, &format!("Nhà văn hóa {n}")).await);
            areas.push(area);
        }
        let item = self.item("Gạo", "kg", 3).await;
        let package = self.package("Suất gạo", &[(&item, 10_000)], 228_524).await;
        let body = json!({ "name": "San sẻ yêu thương", "starts_on": "2021-07-01", "ends_on": "2021-12-31",
            "interval_days": interval_days });
        let campaign = text(&self.create("/api/v1/campaigns", body).await, "id");
        Market { ward, areas: areas.try_into().unwrap(), points: points.try_into().unwrap(), item, package, campaign }
    }

    /// Households of an area, at house numbers from 1; the even ones are poor, the others near-poor.
    pub async fn households(&self, area_id: &str, count: usize) -> Vec<String> {
        let households: Vec<NewHousehold> = (1..=count)
            .map(|n| {
                let details = Details {
                    area_id: area_id.parse().unwrap(),
                    head_name: format!("Nguyễn Thị Ấn {n}"),
                    phone: None,
                    citizen_id: None,
                    birth_year: None,
                    address: format!("{n} Trần Cao Vân"),
                    members: 4,
                    category: if n % 2 == 0 { Category::Poor } else { Category::NearPoor },
                    note: String::new(),
                };
                let keys = Keys::of(&self.core.vault, &details);
                NewHousehold::of(&self.core.vault, &self.clock, details, keys, None, None)
            })
            .collect();
        let mut tx = self.core.db.begin().await.unwrap();
        store::insert(&mut tx, &households).await.unwrap();
        tx.commit().await.unwrap();
        households.iter().map(|household| household.id().to_string()).collect()
    }

    /// A round of the market on 05 and 06/08/2021, 07:00 to 11:00, changed by `more`.
    pub async fn round(&self, market: &Market, more: Value) -> String {
        text(&self.create("/api/v1/rounds", round_body(market, more)).await, "id")
    }

    /// Issues and gives the answer.
    pub async fn issue(&self, round: &str, body: Value) -> Value {
        self.create(&format!("/api/v1/rounds/{round}/vouchers"), body).await
    }

    /// The first 500 vouchers of a round.
    pub async fn vouchers(&self, round: &str) -> Vec<Value> {
        self.get(&format!("/api/v1/rounds/{round}/vouchers?limit=500")).await["items"].as_array().unwrap().clone()
    }

    /// Stores a handover of a voucher, as redemption does.
    pub async fn hand_out(&self, voucher: &Value, at: Moment) {
        let id = |field: &str| text(voucher, field).parse::<uuid::Uuid>().unwrap();
        let point = voucher["point_id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        let mut tx = self.core.db.begin().await.unwrap();
        tx.sql(
            "insert into scans (nonce, body_hash, source, outcome, detail, flags, voucher_id, handover, units,
                 round_id, package_id, point_id, desk, happened_at, scanned_at, received_at)
             select $1, $2, 'online', 'redeemed', '', '', $3, 1, 1, r.id, r.package_id, $5, '', $6, $6, $6
             from rounds r where r.id = $4",
        )
        .bind(self.clock.uuid())
        .bind(vec![0_u8])
        .bind(id("id"))
        .bind(id("round_id"))
        .bind(point)
        .bind(at)
        .execute()
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}

/// A round's body, changed by `more`.
pub fn round_body(market: &Market, more: Value) -> Value {
    let mut body = json!({ "campaign_id": market.campaign, "name": "Đợt 3", "package_id": market.package,
        "point_ids": market.points, "starts_at": "2021-08-05T07:00:00+07:00", "ends_at": "2021-08-06T11:00:00+07:00",
        "offline": "strict" });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// The reason why a household was skipped.
pub fn reason(answer: &Value, household: &str) -> String {
    let skipped = answer["skipped"].as_array().unwrap();
    let found = skipped.iter().find(|skip| skip["household_id"] == *household);
    found.map(|skip| text(skip, "reason")).unwrap_or_default()
}

/// The fields of a 422 answer with their codes.
pub fn fields(problem: &(StatusCode, Value)) -> Vec<(String, String)> {
    assert_eq!(problem.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", problem.1);
    let errors = problem.1["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(error, "field"), text(error, "code"))).collect()
}
