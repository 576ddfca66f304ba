//! Two neighbourhoods with a record of each kind, and logins that are confined to parts of them.

use std::collections::BTreeMap;

use lalanh::kernel::ids::{AreaId, PointId};
use lalanh::people::Role;
use reqwest::multipart::{Form, Part as FilePart};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::landlords::waived;
use crate::support::{TestApp, text};

/// One neighbourhood: its records by what they are, and what tells of it.
pub struct Part {
    pub ids: BTreeMap<&'static str, String>,
    /// Names and ids of what lies in its area alone: households, rent.
    pub of_area: Vec<String>,
    /// Names and ids of what belongs to its point.
    pub of_point: Vec<String>,
    /// The phone's token.
    pub phone: String,
}

impl Part {
    pub fn id(&self, what: &str) -> &str {
        self.ids.get(what).unwrap_or_else(|| panic!("no {what}"))
    }

    pub fn area(&self) -> AreaId {
        self.id("area").parse().unwrap()
    }

    pub fn point(&self) -> PointId {
        self.id("point").parse().unwrap()
    }

    pub fn tells(&self) -> Vec<&str> {
        self.of_area.iter().chain(&self.of_point).map(String::as_str).collect()
    }
}

/// The ward.
pub struct World {
    pub ward: String,
    pub ours: Part,
    pub theirs: Part,
    /// A coordinator confined to our area.
    pub of_area: String,
    /// A coordinator confined to our point.
    pub of_point: String,
    /// A coordinator whose area and point have nothing in common.
    pub of_nothing: String,
}

/// What both neighbourhoods use.
struct Shared {
    ward: String,
    item: String,
    package: String,
    campaign: String,
}

/// Words that stand in every name of a neighbourhood: of its area, and of its points.
const OURS: (&str, &str) = ("Vạn Tường", "Bến Lội");
const THEIRS: (&str, &str) = ("Cồn Dầu", "Mũi Né");

impl TestApp {
    pub async fn world(&self) -> World {
        let ward = self.ward().await;
        let item =
            text(&self.create("/api/v1/items", json!({ "name": "Gạo", "unit": "kg", "decimals": 3 })).await, "id");
        let lines = json!([{ "item_id": item, "quantity": 1_000 }]);
        let package = json!({ "name": "Suất 1 kg gạo", "items": lines, "value": 20_000 });
        let package = text(&self.create("/api/v1/packages", package).await, "id");
        let campaign = json!({ "name": "San sẻ yêu thương", "starts_on": "2021-07-01", "ends_on": "2099-12-31" });
        let campaign = text(&self.create("/api/v1/campaigns", campaign).await, "id");
        let shared = Shared { ward, item, package, campaign };
        let (ours, of_area) = self.neighbourhood(&shared, OURS, "kdc.a").await;
        let (theirs, _) = self.neighbourhood(&shared, THEIRS, "kdc.b").await;
        let empty = json!({ "name": "Khu dân cư trống", "kind": "neighbourhood", "parent_id": shared.ward });
        let empty = text(&self.create("/api/v1/areas", empty).await, "id").parse().unwrap();
        let points = [ours.point()];
        let of_point = self.login_within("diem.a", Role::Coordinator, None, &points).await;
        let of_nothing = self.login_within("khong.dau", Role::Coordinator, Some(empty), &points).await;
        World { ward: shared.ward, ours, theirs, of_area, of_point, of_nothing }
    }

    /// A neighbourhood, and a coordinator of it who uploaded its lists.
    async fn neighbourhood(&self, shared: &Shared, words: (&str, &str), login: &str) -> (Part, String) {
        let (hood, place) = words;
        let mut ids = BTreeMap::from([
            ("ward", shared.ward.clone()),
            ("item", shared.item.clone()),
            ("package", shared.package.clone()),
            ("campaign", shared.campaign.clone()),
        ]);
        let area = json!({ "name": format!("Khu dân cư {hood}"), "kind": "neighbourhood", "parent_id": shared.ward });
        let area = text(&self.create("/api/v1/areas", area).await, "id");
        let point = self.point(&area, &format!("Đình {place}")).await;
        let store = json!({ "name": format!("Kho {place}"), "kind": "warehouse", "area_id": area });
        let store = text(&self.create("/api/v1/points", store).await, "id");
        ids.extend([("area", area.clone()), ("point", point.clone()), ("warehouse", store.clone())]);
        ids.extend([("area_name", format!("Khu dân cư {hood}")), ("point_name", format!("Đình {place}"))]);
        self.goods_of(&mut ids).await;
        self.people_of(&mut ids, hood).await;
        let phone = self.market_of(&mut ids, place).await;
        let token = self.login_within(login, Role::Coordinator, Some(area.parse().unwrap()), &[]).await;
        self.lists_of(&mut ids, &token, hood, place).await;
        let of = |kinds: &[&str]| kinds.iter().map(|kind| ids[kind].clone()).collect::<Vec<String>>();
        let mut of_area = of(&["area", "household", "second", "reduction", "household_import", "rent_import"]);
        of_area.push(hood.to_owned());
        let mut of_point = of(&[
            "point",
            "warehouse",
            "round",
            "voucher",
            "held",
            "nonce",
            "device",
            "lease",
            "conflict",
            "donation",
            "transfer",
            "adjustment",
            "donation_import",
        ]);
        of_point.push(place.to_owned());
        (Part { ids, of_area, of_point, phone }, token)
    }

    /// Goods in the warehouse, some of them moved to the point, some of these gone bad.
    async fn goods_of(&self, ids: &mut BTreeMap<&'static str, String>) {
        let (item, point, store) = (ids["item"].clone(), ids["point"].clone(), ids["warehouse"].clone());
        let lines = |quantity: i64| json!([{ "item_id": item, "quantity": quantity }]);
        let donation = json!({ "donor": { "name": "Chùa Quang Minh", "kind": "organisation" },
            "received_on": "2021-08-01", "point_id": store,
            "lines": [{ "kind": "goods", "item_id": item, "quantity": 500_000, "value": 1_000 }] });
        let donation = self.create("/api/v1/donations", donation).await;
        let transfer = json!({ "from_point_id": store, "to_point_id": point, "lines": lines(200_000) });
        let transfer = self.create("/api/v1/stock/transfers", transfer).await;
        let adjustment = json!({ "point_id": point, "reason": "spoiled", "lines": lines(-1_000) });
        let adjustment = self.create("/api/v1/stock/adjustments", adjustment).await;
        ids.extend([("donation", text(&donation, "id")), ("donor", text(&donation["donor"], "id"))]);
        ids.extend([("transfer", text(&transfer, "id")), ("adjustment", text(&adjustment, "id"))]);
    }

    /// Households, and a landlord who cuts the rent.
    async fn people_of(&self, ids: &mut BTreeMap<&'static str, String>, hood: &str) {
        for (n, key) in ["household", "second", "third", "fourth"].into_iter().enumerate() {
            let body = json!({ "head_name": format!("Trần {hood} {n}"), "phone": format!("090512{}00{n}", hood.len() % 10),
                "area_id": ids["area"], "address": format!("K{n} đường {hood}"), "members": 4, "category": "poor",
                "consent": true });
            ids.insert(key, text(&self.create("/api/v1/households", body).await, "id"));
        }
        let pledge = json!({ "landlord": { "name": format!("Mai {hood}"), "address": format!("1 đường {hood}") },
            "area_id": ids["area"], "rooms": [waived("1", "2021-07")] });
        let reduction = text(&self.create("/api/v1/rent-reductions", pledge).await, "id");
        let landlord = self.get(&format!("/api/v1/rent-reductions/{reduction}")).await["landlord"].clone();
        ids.extend([("reduction", reduction), ("landlord", text(&landlord, "id"))]);
    }

    /// A round at the point: one voucher handed out twice, one held by a phone, one free. The phone's token.
    async fn market_of(&self, ids: &mut BTreeMap<&'static str, String>, place: &str) -> String {
        let point = ids["point"].clone();
        let round = json!({ "campaign_id": ids["campaign"], "name": format!("Chợ {place}"), "package_id": ids["package"],
            "point_ids": [point], "starts_at": "2021-08-05T07:00:00+07:00", "ends_at": "2021-08-06T17:00:00+07:00",
            "offline": "strict" });
        let round = text(&self.create("/api/v1/rounds", round).await, "id");
        let households: Vec<String> = ["household", "second", "third"].iter().map(|key| ids[key].clone()).collect();
        let vouchers = self.issue_to(&round, &households, &point, 1).await;
        let answer = self.scan(&point, &vouchers[0]["code"]).await;
        assert_eq!(answer["outcome"], "redeemed", "{answer}");
        let (phone, device) = self.phone(&format!("Máy {place}"), &[&point]).await;
        let lease = self.take_lease(&phone, json!({ "point_id": point, "desk": "1" })).await;
        let told = self.deliver(&phone, &[self.record(&point, &vouchers[0]["code"], 1)]).await;
        let conflict = text(&told[0], "conflict_id");
        ids.extend([("round", round), ("voucher", text(&vouchers[0], "id")), ("held", text(&vouchers[1], "id"))]);
        ids.extend([("typed_code", text(&vouchers[2], "typed_code")), ("nonce", text(&answer, "nonce"))]);
        ids.extend([("device", device.to_string()), ("lease", text(&lease, "id")), ("conflict", conflict)]);
        phone
    }

    /// A list of each kind, uploaded by the neighbourhood's own coordinator.
    pub async fn lists_of(&self, ids: &mut BTreeMap<&'static str, String>, token: &str, hood: &str, place: &str) {
        let people = format!("Họ và tên,SĐT,Địa chỉ\nLê {hood},0905999888,9 đường {hood}\n");
        let donors = format!("STT,Đơn vị/cá nhân,Tiền,Ngày\n1,Ông {place},500000,01/08/2021\n");
        let landlords = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/giam-tien-tro.xlsx")).unwrap();
        let (area, point) = (ids["area"].clone(), ids["point"].clone());
        let uploads = [
            ("household_import", "households", people.into_bytes(), format!("{hood}.csv"), ("area_id", area.clone())),
            ("donation_import", "donations", donors.into_bytes(), format!("{place}.csv"), ("point_id", point)),
            ("rent_import", "rent-reductions", landlords, format!("{hood}.xlsx"), ("area_id", area)),
        ];
        for (key, kind, bytes, name, (field, value)) in uploads {
            let form = Form::new().part("file", FilePart::bytes(bytes).file_name(name)).text(field, value);
            let request = self.request(Method::POST, &format!("/api/v1/{kind}/imports"), token).multipart(form);
            let response = request.send().await.unwrap();
            let status = response.status();
            let preview: Value = response.json().await.unwrap();
            assert_eq!(status, StatusCode::CREATED, "{key}: {preview}");
            ids.insert(key, text(&preview, "id"));
        }
    }

    /// What is stored of a neighbourhood, as the administrator reads it: to know whether anything changed.
    pub async fn portrait(&self, part: &Part) -> Portrait {
        let (point, round) = (part.id("point"), part.id("round"));
        let mut of_area = Vec::new();
        for (path, keys) in [
            ("areas", &["area"][..]),
            ("households", &["household", "second", "third", "fourth"]),
            ("rent-reductions", &["reduction"]),
            // These name the head of the household.
            ("vouchers", &["voucher", "held"]),
            ("redemptions", &["nonce"]),
        ] {
            for key in keys {
                of_area.push(self.get(&format!("/api/v1/{path}/{}", part.id(key))).await);
            }
        }
        of_area.push(self.get(&format!("/api/v1/rounds/{round}/vouchers")).await);
        let mut of_point = Vec::new();
        for (path, keys) in [
            ("points", &["point", "warehouse"][..]),
            ("rounds", &["round"]),
            ("donations", &["donation"]),
            ("stock/transfers", &["transfer"]),
            ("stock/adjustments", &["adjustment"]),
        ] {
            for key in keys {
                of_point.push(self.get(&format!("/api/v1/{path}/{}", part.id(key))).await);
            }
        }
        let mut leases = self.get(&format!("/api/v1/leases?point_id={point}")).await;
        // When a phone was heard of is noted beside the requests.
        leases.pointer_mut("/items/0/heard_at").into_iter().for_each(|at| *at = Value::Null);
        of_point.push(leases);
        of_point.push(self.get(&format!("/api/v1/stock?point_id={point}")).await);
        for (path, key) in [("devices", "device"), ("conflicts", "conflict")] {
            let list = self.get(&format!("/api/v1/{path}?limit=500")).await;
            let mut own =
                list["items"].as_array().unwrap().iter().find(|row| row["id"] == part.id(key)).unwrap().clone();
            own["last_seen_at"] = Value::Null;
            of_point.push(own);
        }
        of_area.iter_mut().chain(&mut of_point).for_each(forget_names_of_goods);
        Portrait { of_area, of_point }
    }
}

/// What goods are called belongs to the ward.
fn forget_names_of_goods(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(forget_names_of_goods),
        Value::Object(fields) => {
            if fields.contains_key("item_id") || fields.contains_key("quantity") {
                fields.remove("name");
            }
            fields.values_mut().for_each(forget_names_of_goods);
        }
        _ => {}
    }
}

/// What is stored of a neighbourhood.
#[derive(Debug, PartialEq)]
pub struct Portrait {
    /// Of its area and the households there.
    pub of_area: Vec<Value>,
    /// Of its points.
    pub of_point: Vec<Value>,
}
