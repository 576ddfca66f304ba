//! The ward before the market opens: places, people, goods, rent reductions, the round and its vouchers.

use serde_json::{Value, json};

use super::calls::{Calls, broken, text};
use super::showcase::PASSWORD;
use super::{lists, people};
use crate::app::StartError;
use crate::http::Core;
use crate::kernel::Moment;
use crate::people::Role;

/// Neighbourhoods (khu dân cư).
const NEIGHBOURHOODS: usize = 6;
/// Groups (tổ dân phố) in each.
const GROUPS: usize = 3;
/// Households in the registry.
const HOUSEHOLDS: usize = 178;
/// Households that get a voucher.
pub const VOUCHERS: usize = 170;
/// Seconds of an hour.
const HOUR: i64 = 3600;

/// What the desks need to know.
pub struct Planned {
    pub logins: Vec<(Role, String)>,
    /// A coordinator's API token.
    pub token: String,
    /// The two distribution points.
    pub points: [String; 2],
    pub round: String,
}

struct Places {
    ward: String,
    neighbourhoods: Vec<String>,
    groups: Vec<String>,
    warehouse: String,
    points: [String; 2],
}

/// Makes everything up to the morning of the market.
pub(super) async fn plan(core: &Core, calls: &Calls, now: Moment) -> Result<Planned, StartError> {
    let places = places(calls).await?;
    let (logins, token) = logins(calls, &places).await?;
    let households = households(calls, &places).await?;
    lists::households(calls, &places.groups[4]).await?;
    let (campaign, package) = goods(core, calls, &places, now).await?;
    lists::donations(calls, &campaign, core.clock.today()).await?;
    rent(calls, &places, now).await?;
    // The paper goes out a day ahead.
    core.clock.set(now.plus_secs(-20 * HOUR));
    let opened = now.plus_secs(-70 * 60);
    let starts_at = Moment::from_micros(opened.micros() - opened.micros().rem_euclid(HOUR * 1_000_000));
    let round = json!({
        "campaign_id": campaign, "name": format!("Chợ 0 đồng {}", now.day().for_people()), "package_id": package,
        "point_ids": places.points, "starts_at": starts_at, "ends_at": starts_at.plus_secs(10 * HOUR),
        "slot_minutes": 20, "slot_capacity": 8, "offline": "strict"
    });
    let round = calls.make("/rounds", round).await?;
    for (point, share) in places.points.iter().zip(households.chunks(VOUCHERS / 2)) {
        let body = json!({ "household_ids": share, "point_id": point });
        calls.post(&format!("/rounds/{round}/vouchers"), body).await?;
    }
    Ok(Planned { logins, token, points: places.points, round })
}

async fn places(calls: &Calls) -> Result<Places, StartError> {
    let ward = calls.make("/areas", json!({ "name": "Phường Thanh Khê Tây", "kind": "ward" })).await?;
    let (mut neighbourhoods, mut groups) = (Vec::new(), Vec::new());
    for number in 1..=NEIGHBOURHOODS {
        let name = format!("Khu dân cư số {number}");
        let body = json!({ "name": name, "kind": "neighbourhood", "parent_id": ward });
        let neighbourhood = calls.make("/areas", body).await?;
        for group in 1..=GROUPS {
            let name = format!("Tổ {}", (number - 1) * GROUPS + group);
            let body = json!({ "name": name, "kind": "group", "parent_id": neighbourhood });
            groups.push(calls.make("/areas", body).await?);
        }
        neighbourhoods.push(neighbourhood);
    }
    let point = async |name: &str, kind: &str, area: &str, address: &str, desks: i64| {
        let body = json!({ "name": name, "kind": kind, "area_id": area, "address": address, "desks": desks });
        calls.make("/points", body).await
    };
    let warehouse = point("Kho UBND phường", "warehouse", &ward, "57 Hà Huy Tập", 1).await?;
    let points = [
        point("Nhà văn hóa KDC số 2", "distribution", &neighbourhoods[1], "120 Trần Cao Vân", 2).await?,
        point("Trường Nguyễn Bỉnh Khiêm", "distribution", &neighbourhoods[4], "8 Phù Đổng", 2).await?,
    ];
    Ok(Places { ward, neighbourhoods, groups, warehouse, points })
}

async fn logins(calls: &Calls, places: &Places) -> Result<(Vec<(Role, String)>, String), StartError> {
    let (mut logins, mut token) = (Vec::new(), String::new());
    for (role, username) in [
        (Role::Admin, "quan.tri"),
        (Role::Coordinator, "can.bo"),
        (Role::Storekeeper, "thu.kho"),
        (Role::Verifier, "khu.3"),
        (Role::Volunteer, "tinh.nguyen"),
        (Role::Auditor, "giam.sat"),
    ] {
        let area = (role == Role::Verifier).then(|| places.neighbourhoods[2].clone());
        let points = if role == Role::Volunteer { places.points.to_vec() } else { Vec::new() };
        let body = json!({ "username": username, "role": role, "area_id": area, "point_ids": points,
                           "password": PASSWORD });
        let id = calls.make("/users", body).await?;
        if role == Role::Coordinator {
            token = text(&calls.post(&format!("/users/{id}/tokens"), json!({ "days": 7 })).await?, "token");
        }
        logins.push((role, username.to_owned()));
    }
    Ok((logins, token))
}

/// The registry; the households that get vouchers, neighbourhood by neighbourhood.
async fn households(calls: &Calls, places: &Places) -> Result<Vec<String>, StartError> {
    let mut made = Vec::with_capacity(HOUSEHOLDS);
    for n in 0..HOUSEHOLDS {
        let body = json!({
            "head_name": people::name(n), "phone": people::phone(n), "birth_year": people::birth_year(n),
            "area_id": places.groups[n * places.groups.len() / HOUSEHOLDS], "address": people::address(n),
            "members": people::members(n), "category": people::category(n), "consent": true
        });
        made.push(calls.make("/households", body).await?);
    }
    made.truncate(VOUCHERS);
    Ok(made)
}

/// One kind of goods: name, unit, digits, what a package holds, what the warehouse gets, value of a unit in đồng,
/// and what each of the two points gets.
struct Goods {
    name: &'static str,
    unit: &'static str,
    decimals: i64,
    low: Option<i64>,
    in_package: i64,
    donated: i64,
    value: i64,
    donor: (&'static str, &'static str),
    days: Option<i32>,
    to_points: [i64; 2],
}

/// Rice and oil last for the day; eggs run low at the second point, and its greens fall short of what is promised.
const GOODS: [Goods; 4] = [
    Goods {
        name: "Gạo",
        unit: "kg",
        decimals: 3,
        low: Some(150_000),
        in_package: 10_000,
        donated: 2_500_000,
        value: 42_500_000,
        donor: ("Công ty Lương thực Hạt Vàng", "organisation"),
        days: None,
        to_points: [1_000_000, 1_000_000],
    },
    Goods {
        name: "Trứng gà",
        unit: "quả",
        decimals: 0,
        low: Some(700),
        in_package: 10,
        donated: 2_100,
        value: 6_300_000,
        donor: ("Hội Phụ nữ phường", "organisation"),
        days: Some(18),
        to_points: [1_000, 900],
    },
    Goods {
        name: "Dầu ăn",
        unit: "chai",
        decimals: 0,
        low: Some(20),
        in_package: 1,
        donated: 240,
        value: 10_800_000,
        donor: ("Tạp hóa Cô Ba", "person"),
        days: Some(240),
        to_points: [100, 100],
    },
    Goods {
        name: "Rau xanh",
        unit: "kg",
        decimals: 3,
        low: None,
        in_package: 2_000,
        donated: 360_000,
        value: 5_400_000,
        donor: ("Nông dân Hòa Vang", "organisation"),
        days: Some(2),
        to_points: [190_000, 158_000],
    },
];

/// Donations into the warehouse and on to the points; the campaign and its package.
async fn goods(core: &Core, calls: &Calls, places: &Places, now: Moment) -> Result<(String, String), StartError> {
    let today = now.day();
    let campaign = json!({
        "name": "San sẻ yêu thương", "starts_on": today.plus_days(-10), "ends_on": today.plus_days(60),
        "interval_days": 14
    });
    let campaign = calls.make("/campaigns", campaign).await?;
    core.clock.set(now.plus_secs(-26 * HOUR));
    let received_on = core.clock.today();
    let (mut contents, mut moved): (Vec<Value>, [Vec<Value>; 2]) = (Vec::new(), Default::default());
    for goods in &GOODS {
        let item = json!({ "name": goods.name, "unit": goods.unit, "decimals": goods.decimals,
                           "perishable": goods.days.is_some_and(|days| days < 30), "low_stock": goods.low });
        let item = calls.make("/items", item).await?;
        let line = json!({ "kind": "goods", "item_id": item, "quantity": goods.donated, "value": goods.value,
                           "expires_on": goods.days.map(|days| today.plus_days(days)) });
        let donation = json!({ "campaign_id": campaign, "donor": { "name": goods.donor.0, "kind": goods.donor.1 },
                               "received_on": received_on, "point_id": places.warehouse, "lines": [line] });
        calls.make("/donations", donation).await?;
        contents.push(json!({ "item_id": item, "quantity": goods.in_package }));
        for (lines, quantity) in moved.iter_mut().zip(goods.to_points) {
            lines.push(json!({ "item_id": item, "quantity": quantity }));
        }
    }
    let gift = json!({ "campaign_id": campaign, "donor": { "name": "", "kind": "person", "anonymous": true },
                       "received_on": received_on, "lines": [{ "kind": "cash", "amount": 15_000_000 }] });
    calls.make("/donations", gift).await?;
    for (point, lines) in places.points.iter().zip(moved) {
        let body = json!({ "from_point_id": places.warehouse, "to_point_id": point, "lines": lines });
        calls.make("/stock/transfers", body).await?;
    }
    let broken = json!({ "point_id": places.warehouse, "reason": "spoiled", "note": "Vỡ khi bốc dỡ",
                         "lines": [{ "item_id": contents[1]["item_id"], "quantity": -12 }] });
    calls.make("/stock/adjustments", broken).await?;
    let package = json!({ "name": "Suất 10 kg gạo, 10 trứng, dầu ăn, rau", "value": 275_000, "items": contents });
    Ok((campaign, calls.make("/packages", package).await?))
}

/// Rent reductions in every state, in the neighbourhood whose head has a login and in others.
async fn rent(calls: &Calls, places: &Places, now: Moment) -> Result<(), StartError> {
    let month = now.day().to_string().get(..7).ok_or_else(|| broken("month"))?.to_owned();
    for n in 0..8 {
        let rooms: Vec<Value> = (1..=3 + n % 4)
            .map(|room| match n % 3 {
                0 => json!({ "room": format!("Phòng {room}"), "month": month, "rent": 1_400_000, "kind": "percent",
                             "percent": 50 }),
                1 => json!({ "room": format!("Phòng {room}"), "month": month, "rent": 1_200_000, "kind": "amount",
                             "amount": 300_000 }),
                _ => json!({ "room": format!("Phòng {room}"), "month": month, "rent": 1_000_000, "kind": "waiver" }),
            })
            .collect();
        let (person, area) = (HOUSEHOLDS + 40 + n, &places.neighbourhoods[(n + 2) % NEIGHBOURHOODS]);
        let landlord = json!({ "name": people::name(person), "phone": people::phone(person),
                               "address": people::address(person) });
        let pledge = json!({ "landlord": landlord, "area_id": area, "rooms": rooms });
        let id = calls.make("/rent-reductions", pledge).await?;
        let steps: &[(&str, Value)] = match n {
            0 | 1 => &[],
            2 => &[("reject", json!({ "reason": "Khai trùng với danh sách đã gửi" }))],
            3 | 4 => &[("verify", json!({}))],
            _ => &[("verify", json!({})), ("confirm", json!({}))],
        };
        for (step, body) in steps {
            calls.post(&format!("/rent-reductions/{id}/{step}"), body.clone()).await?;
        }
    }
    lists::landlords(calls, &places.ward, &month).await
}
