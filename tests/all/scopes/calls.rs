//! Calls and pages as they are tried: each route with a record's id in its path, and a body that is right in all but whose
//! record it names.

use std::collections::BTreeMap;

use reqwest::multipart::{Form, Part as FilePart};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::world::Part;
use crate::document::Operation;
use crate::support::TestApp;

/// No record has this id.
const NOBODY: &str = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";

/// What stands for the first parameter of a path that begins so; the first that fits counts.
const RECORDS: [(&str, &str); 33] = [
    ("/households/imports/progress/", NOBODY),
    ("/households/imports/", "household_import"),
    ("/households/", "household"),
    ("/donations/imports/", "donation_import"),
    ("/donations/", "donation"),
    ("/donors/", "donor"),
    ("/landlords/", "landlord"),
    ("/rent-reductions/imports/", "rent_import"),
    ("/rent-reductions/", "reduction"),
    ("/rent/imports/", "rent_import"),
    ("/rent/", "reduction"),
    ("/areas/", "area"),
    ("/points/", "point"),
    ("/campaigns/", "campaign"),
    ("/conflicts/", "conflict"),
    ("/devices/", "device"),
    ("/items/", "item"),
    ("/leases/", "lease"),
    ("/packages/", "package"),
    ("/redemptions/", "nonce"),
    ("/reports/rows/", "packages_mobilised"),
    ("/rounds/", "round"),
    ("/stock/adjustments/", "adjustment"),
    ("/stock/transfers/", "transfer"),
    ("/stock/count/", "point"),
    ("/vouchers/", "voucher"),
    ("/users/", NOBODY),
    ("/tokens/", NOBODY),
    ("/keys/", "250"),
    ("/jobs/", "prune"),
    ("/hand-overs/", NOBODY),
    ("/retention/", "open_lists"),
    ("/public/", NOBODY),
];

/// Fields of the examples in the API's document that name a record, and which one.
const FIELDS: [(&str, &str); 19] = [
    ("area_id", "area"),
    ("area_ids", "area"),
    ("parent_id", "area"),
    ("point_id", "point"),
    ("point_ids", "point"),
    ("from_point_id", "warehouse"),
    ("to_point_id", "point"),
    ("campaign_id", "campaign"),
    ("package_id", "package"),
    ("item_id", "item"),
    ("household_ids", "household"),
    ("first_id", "household"),
    ("second_id", "second"),
    ("into_id", "second"),
    ("device_id", "device"),
    ("voucher_id", "voucher"),
    ("code", "typed_code"),
    ("codes", "typed_code"),
    ("nonce", "new"),
];

/// Bodies of calls whose example would not reach the question whose record it is.
const BODIES: [(&str, &str); 4] = [
    ("POST /areas/outline", r#"{"text": "Tổ 91", "parent_id": "{area}"}"#),
    (
        "POST /rent-reductions",
        r#"{"landlord": {"name": "Mai Mới", "address": "1 đường mới"}, "area_id": "{area}",
            "rooms": [{"room": "9", "month": "2021-07", "rent": 1000000, "kind": "waiver"}]}"#,
    ),
    ("PATCH /areas/{id}", r#"{"name": "{area_name}"}"#),
    ("PATCH /points/{id}", r#"{"name": "{point_name}", "area_id": "{area}"}"#),
];

/// What calls and pages ask for in their address.
const QUERIES: [(&str, &str); 8] = [
    ("GET /stock/turnover", "from=2021-08-01&to=2021-08-31"),
    ("GET /vouchers", "typed_code={typed_code}"),
    ("GET /reports/rows/{figure}", "limit=500"),
    ("GET /desk", "point_id={point}&desk=1"),
    ("POST /desk", "point_id={point}&desk=1"),
    ("POST /desk/undo", "point_id={point}&desk=1"),
    ("GET /users/{id}/hand-over", "to=0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91"),
    ("GET /devices/new", "point_id={point}"),
];

/// The fields of forms, beside one that makes each form new and a reason.
const FORMS: [(&str, &str); 50] = [
    ("POST /areas/new", "kind=group&name=Tổ 92&parent_id={area}&starts_on=2021-08-05"),
    ("POST /areas/paste", "step=make&text=Tổ 93&parent_id={area}"),
    ("POST /areas/{id}", "name={area_name}&code="),
    ("POST /areas/{id}/close", "ends_on=2021-08-05"),
    ("POST /start/ward", "name=Phường khác"),
    ("POST /campaigns/new", "name=Chương trình khác&starts_on=2021-08-01&ends_on=2021-08-31"),
    ("POST /campaigns/{id}", "name=Chương trình khác&starts_on=2021-07-01&ends_on=2099-12-31"),
    (
        "POST /donations/new",
        "donor.name=Bà Bảy&donor.kind=person&received_on=2021-08-01&point_id={point}&lines[0].kind=cash&lines[0].amount=1000",
    ),
    ("POST /devices/new", "name=Máy mới&point_ids={point}"),
    ("POST /households/duplicates/distinct", "first_id={household}&second_id={second}"),
    ("POST /households/find", "q=0905999888"),
    ("POST /households/new", "head_name=Lý Văn Mới&area_id={area}&members=2&category=poor&address=7 đường mới"),
    (
        "POST /households/{id}/edit",
        "head_name=Lý Văn Mới&area_id={area}&members=2&category=poor&unchanged_since=2021-08-05T00:00:00Z",
    ),
    ("POST /households/{id}/consents", "purpose=keep_data&channel=paper"),
    ("POST /households/{id}/consents/withdraw", "withdraw_purpose=keep_data&withdraw_channel=paper"),
    ("POST /landlords/{id}/consents", "purpose=pledge_rent&channel=paper"),
    ("POST /households/{id}/merge", "with={second}&stays={second}"),
    ("POST /items/new", "name=Muối&unit=kg&decimals=0"),
    ("POST /items/{id}", "name=Gạo"),
    ("POST /packages/new", "name=Suất khác&value=1000&items[0].item_id={item}&items[0].quantity=1"),
    ("POST /points/new", "kind=distribution&name=Điểm mới&area_id={area}&desks=1"),
    ("POST /points/{id}", "name={point_name}&area_id={area}&desks=1"),
    ("POST /rent/find", "q=0905999888"),
    (
        "POST /rent/new",
        "at=check&landlord.name=Mai Mới&landlord.address=1 đường mới&area_id={area}&rooms[0].room=1&rooms[0].rent=1000000&rooms[0].kind=waiver&rooms[0].from=2021-07&rooms[0].to=2021-07&consent=yes",
    ),
    (
        "POST /rent/{id}/edit",
        "area_id={area}&rooms[0].room=1&rooms[0].rent=1000000&rooms[0].kind=waiver&rooms[0].from=2021-07&rooms[0].to=2021-07",
    ),
    ("POST /reports/public", "enabled=no"),
    (
        "POST /rounds/new",
        "name=Đợt mới&campaign_id={campaign}&package_id={package}&point_ids={point}&starts_at=2021-08-06&opens=07:00&ends_at=2021-08-06&closes=17:00&offline=strict",
    ),
    ("POST /rounds/{id}/issue", "step=issue&who=areas&area_ids={area}&units=1"),
    ("POST /stock/adjustments/new", "point_id={point}&reason=spoiled&lines[0].item_id={item}&lines[0].quantity=1"),
    ("POST /stock/count/{id}", "step=book&lines[0].item_id={item}&lines[0].book=0&lines[0].counted=1"),
    (
        "POST /stock/transfers/new",
        "from_point_id={warehouse}&to_point_id={point}&lines[0].item_id={item}&lines[0].quantity=1",
    ),
    ("POST /desk", "code={typed_code}"),
    ("POST /desk/undo", "nonce={nonce}"),
    ("POST /roster", "point_id={point}&handed_out_at=2021-08-05&time=07:30&codes={typed_code}"),
    ("POST /vouchers", "q={typed_code}"),
    ("POST /conflicts/{id}", "resolution=accepted"),
    ("POST /users/{id}/hand-over", "to=0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91"),
    ("POST /hand-overs/{id}/undo", "once=1"),
    ("POST /jobs/{name}/run", "back=/jobs"),
    ("POST /retention/{rule}", "days=14"),
    ("POST /users/new", "username=moi&role=auditor&password=một câu rất dài"),
    ("POST /users/{id}", "role=auditor"),
    ("POST /users/{id}/password", "password=một câu rất dài"),
    ("POST /users/{id}/tokens", "days=1"),
    ("POST /households/imports/{id}/rows", "status=error"),
    ("POST /donations/imports/{id}/rows", "status=error"),
    ("POST /rent/imports/{id}/rows", "status=error"),
    ("POST /households/imports/{id}/commit", "area_id={area}"),
    ("POST /donations/imports/{id}/commit", "point_id={point}"),
    ("POST /rent/imports/{id}/commit", "status=pledged"),
];

/// Forms and calls with a file, and the fields beside it.
const UPLOADS: [(&str, &str); 7] = [
    ("POST /api/v1/households/imports", "area_id={area}"),
    ("POST /api/v1/donations/imports", "point_id={point}"),
    ("POST /api/v1/rent-reductions/imports", "area_id={area}"),
    ("POST /households/imports", "area_id={area}"),
    ("POST /donations/imports", "point_id={point}&unit=đồng"),
    ("POST /rent/imports", "area_id={area}"),
    ("POST /areas/paste/file", "start=1"),
];

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    Nothing,
    Json(Value),
    Form(Vec<(String, String)>),
    /// A list, and the fields beside it.
    File(Vec<(String, String)>),
}

/// A request about one neighbourhood's records. The same about the other's is equal when it names none of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    method: String,
    path: String,
    payload: Payload,
}

/// The text with ids in the place of `{area}`, `{point}` and so on.
fn filled(template: &str, part: &Part) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        out.push_str(before);
        out.push_str(part.id(name));
        rest = after;
    }
    out + rest
}

/// The same in every text of a body.
fn filled_in(body: &Value, part: &Part) -> Value {
    match body {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), filled_in(value, part))).collect(),
        Value::String(text) => json!(filled(text, part)),
        _ => body.clone(),
    }
}

fn find<'a>(table: &[(&str, &'a str)], route: &str) -> Option<&'a str> {
    table.iter().find(|(known, _)| *known == route).map(|(_, value)| *value)
}

/// A path with a record's id; other parameters get an id that nobody has.
fn address(path: &str, part: &Part) -> String {
    let Some((before, after)) = path.split_once('{') else { return path.to_owned() };
    let (_, after) = after.split_once('}').unwrap();
    let record = RECORDS.iter().find(|(start, _)| path.starts_with(start));
    let record = record.unwrap_or_else(|| panic!("{path}: say in RECORDS whose id stands here")).1;
    let id = part.ids.get(record).map_or(record, String::as_str);
    let mut rest = format!("{before}{id}{after}");
    while let (Some(start), Some(end)) = (rest.find('{'), rest.find('}')) {
        rest.replace_range(start..=end, NOBODY);
    }
    rest
}

/// An example of the document about this neighbourhood's records.
fn about(value: &Value, field: &str, part: &Part) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), about(value, key, part))).collect(),
        Value::Array(items) => items.iter().map(|item| about(item, field, part)).collect(),
        Value::String(text) => match find(&FIELDS, field) {
            Some(record) => json!(part.ids.get(record).unwrap_or(text)),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

impl Call {
    /// An operation of the API.
    pub fn api(document: &Value, operation: &Operation, part: &Part) -> Self {
        let route = operation.name();
        let mut path = format!("/api/v1{}", address(&operation.path, part));
        if let Some(query) = find(&QUERIES, &route) {
            path = format!("{path}?{}", filled(query, part));
        }
        let upload = find(&UPLOADS, &format!("{} /api/v1{}", operation.method, operation.path));
        let payload = match (upload, find(&BODIES, &route), operation.body(document)) {
            (Some(fields), ..) => Payload::File(pairs(fields, part)),
            (_, Some(body), _) => Payload::Json(filled_in(&serde_json::from_str(body).unwrap(), part)),
            (_, _, Some((_, example))) => Payload::Json(about(example.unwrap_or(&Value::Null), "", part)),
            (_, _, None) => Payload::Nothing,
        };
        Self { method: operation.method.clone(), path, payload }
    }

    /// A page, or a form of one.
    pub fn page(route: &str, part: &Part) -> Self {
        let (method, path) = route.split_once(' ').unwrap();
        let mut address = address(path, part);
        if let Some(query) = find(&QUERIES, route) {
            address = format!("{address}?{}", filled(query, part));
        }
        let payload = match find(&UPLOADS, route) {
            Some(fields) => Payload::File(pairs(fields, part)),
            None if method == "GET" => Payload::Nothing,
            None => {
                let fields = find(&FORMS, route).unwrap_or_default();
                let reason = if fields.contains("&reason=") { "" } else { "reason=Thử phạm vi&" };
                Payload::Form(pairs(&format!("{reason}{fields}"), part))
            }
        };
        Self { method: method.to_owned(), path: address, payload }
    }

    fn request(&self, app: &TestApp, token: &str) -> RequestBuilder {
        let method: Method = self.method.parse().unwrap();
        let request = app.request(method, &self.path, token);
        let is_page = !self.path.starts_with("/api/v1/");
        let request = if is_page { request.header("accept", "text/html") } else { request };
        match &self.payload {
            Payload::Nothing => request,
            Payload::Json(Value::Object(body)) => {
                let mut body = body.clone();
                // A scan of its own each time.
                if body.contains_key("nonce") {
                    body.insert("nonce".to_owned(), json!(app.clock.uuid()));
                }
                request.json(&body)
            }
            Payload::Json(body) => request.json(body),
            Payload::Form(fields) => {
                let once = ("once".to_owned(), app.clock.uuid().to_string());
                request.form(&[fields.as_slice(), &[once]].concat())
            }
            Payload::File(fields) => {
                let list = FilePart::bytes(LIST.as_bytes().to_vec()).file_name("danh-sach.csv");
                let form = Form::new().part("file", list);
                let fields = fields.iter().cloned();
                request.multipart(fields.fold(form, |form, (name, value)| form.text(name, value)))
            }
        }
    }

    /// Asks; the status and whatever can be read of the answer.
    pub async fn ask(&self, app: &TestApp, token: &str) -> (StatusCode, String) {
        let mut response = self.request(app, token).send().await.unwrap();
        let status = response.status();
        let kind = response.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
        if kind == "text/event-stream" {
            let mut told = String::new();
            while !told.contains("event: phones") {
                told.push_str(&String::from_utf8_lossy(&response.chunk().await.unwrap().unwrap()));
            }
            return (status, told);
        }
        let place = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        let bytes = response.bytes().await.unwrap().to_vec();
        let told =
            if kind.contains("spreadsheet") { cells(bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
        (status, told + &place)
    }
}

/// One row that any list could be.
const LIST: &str = "Họ và tên,SĐT,Địa chỉ,Tiền\nNgô Thị Nga,0905888777,3 đường khác,100000\n";

/// `name={area}&…` as fields of a form.
fn pairs(fields: &str, part: &Part) -> Vec<(String, String)> {
    let pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), filled(value, part))).collect()
}

/// Every text of a workbook.
fn cells(bytes: Vec<u8>) -> String {
    use calamine::Reader as _;
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheets = book.worksheets();
    let texts = sheets.iter().flat_map(|(_, range)| range.cells().map(|(_, _, cell)| cell.to_string()));
    texts.collect::<Vec<_>>().join("\n")
}

/// The answers of the API that tell in their body that nothing was done.
pub fn outcome(told: &str) -> Option<String> {
    let answer: BTreeMap<String, Value> = serde_json::from_str(told).ok()?;
    answer.get("outcome")?.as_str().map(str::to_owned)
}
