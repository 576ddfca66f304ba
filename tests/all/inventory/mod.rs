mod catalogue;
mod catalogue_pages;
mod stock;
mod stock_pages;

use serde_json::{Value, json};

use crate::support::{TestApp, text};

/// A made-up id that nothing has.
pub const NOBODY: &str = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";

impl TestApp {
    /// A warehouse in an area; its id.
    pub async fn warehouse(&self, area_id: &str, name: &str) -> String {
        let body = json!({ "name": name, "kind": "warehouse", "area_id": area_id });
        text(&self.create("/api/v1/points", body).await, "id")
    }

    /// An item; its id.
    pub async fn item(&self, name: &str, unit: &str, decimals: i64) -> String {
        let body = json!({ "name": name, "unit": unit, "decimals": decimals });
        text(&self.create("/api/v1/items", body).await, "id")
    }

    /// A package of some items; its id.
    pub async fn package(&self, name: &str, items: &[(&str, i64)], value: i64) -> String {
        let items: Vec<Value> = items.iter().map(|(id, n)| json!({ "item_id": id, "quantity": n })).collect();
        let body = json!({ "name": name, "items": items, "value": value });
        text(&self.create("/api/v1/packages", body).await, "id")
    }
}
