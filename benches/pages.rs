//! Server time of every page in a ward of 20,000 households, or of another size: those of the menu, one of each kind that
//! is linked from there, and what people typically ask of the long tables.
//!
//! `cargo bench --bench pages [-- sqlite|postgres] [HOUSEHOLDS]`. The whole request in this process, from its head to the last byte of
//! its answer, without the network; slowest first. The goal is 50 ms.

#[path = "support/mod.rs"]
mod support;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use lalanh::app::{Options, open, router};
use lalanh::db::Flavour;
use lalanh::demo::{self, people};
use lalanh::http::{Config, Core};
use lalanh::kernel::{Clock, Moment};
use lalanh::people::menu::menu;
use lalanh::people::store::{TokenKind, insert_token, insert_user};
use lalanh::people::{NewUser, Role};
use lalanh::vault::{new_token, token_hash};
use serde_json::{Value, json};
use support::{Folder, Postgres, chosen, figure, is_chosen};
use tower::ServiceExt as _;

/// Households, where the command line says no other number.
const HOUSEHOLDS: usize = 20_000;
/// Requests measured of each page, after some that warm up.
const RUNS: usize = 40;
const WARM_UP: usize = 3;
/// Milliseconds that a page may take.
const GOAL: f64 = 50.0;
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// What people typically ask beside the bare page; `{area}`, `{item}` and `{round}` are filled in.
const ASKED: &[&str] = &[
    "/households?q=hoa",
    "/households?q=nguyen+thi+lan",
    "/households?q=tran+cao+van",
    "/households?q=ngyen+thi+lann",
    "/households?q=khong+co+ai",
    "/households?sort=area&page=2",
    "/households?page=200",
    "/households?page=350&sort=-newest",
    "/households?category=poor",
    "/households?area_id={area}",
    "/donations?page=30",
    "/donations?q=lan",
    "/donors?page=20",
    "/donors?q=lan",
    "/stock/entries?page=200",
    "/stock/entries?item_id={item}",
    "/rent?q=hoa",
    "/rent?sort=amount&page=10",
    "/rent?status=verified",
    "/rounds/{round}/vouchers?page=200",
    "/rounds/{round}/vouchers?sort=name",
    "/rounds/{round}/vouchers?sort=-name",
    "/rounds/{round}/vouchers?show=served",
    "/rounds/{round}/vouchers?show=absent&sort=name",
    "/rounds/{round}/vouchers?sort=name&page=200",
    "/reports?from=2000-01-01",
    "/audit?page=10",
];

/// How much there is of everything.
#[derive(Clone, Copy)]
struct Size {
    households: usize,
}

impl Size {
    const fn landlords(self) -> usize {
        self.households * 3 / 40
    }

    const fn donations(self) -> usize {
        self.households * 3 / 20
    }

    /// Vouchers that were handed out, of about one for each household.
    const fn served(self) -> usize {
        self.households * 2 / 5
    }
}

#[tokio::main]
async fn main() {
    let (numbers, chosen): (Vec<String>, Vec<String>) =
        chosen().into_iter().partition(|word| word.parse::<usize>().is_ok());
    let size = Size { households: numbers.first().and_then(|number| number.parse().ok()).unwrap_or(HOUSEHOLDS) };
    let folder = Folder::new("pages");
    if is_chosen(&chosen, "sqlite") {
        run("SQLite", size, &folder.0.join("sqlite"), None).await;
    }
    if is_chosen(&chosen, "postgres")
        && let Some(postgres) = Postgres::start()
    {
        run("PostgreSQL", size, &folder.0.join("postgres"), Some(postgres.url.clone())).await;
    }
}

async fn run(name: &str, size: Size, dir: &Path, database: Option<String>) {
    let now = Clock::system().now();
    let options = Options { data_dir: dir.to_owned(), database, config: Config::default() };
    let core = open(&options, Clock::fixed_unpredictable(now)).await.expect("an empty folder and database open");
    let ward = Ward::fill(core, size, now).await;
    // As the service does by itself when nobody hands out, and PostgreSQL within a minute or two of so many new rows.
    ward.core.db.checkpoint().await.expect("the database settles");
    if ward.core.db.flavour() == Flavour::Postgres {
        let mut conn = ward.core.db.read().await.expect("the database is read");
        conn.catalogue_sql("vacuum analyze".to_owned()).execute().await.expect("the tables are vacuumed");
    }
    let mut paths = ward.pages().await;
    paths.extend(ASKED.iter().map(|path| ward.with_ids(path)));
    let mut measured = Vec::with_capacity(paths.len());
    for path in paths {
        measured.push(ward.measure(path).await);
    }
    measured.sort_by(|a, b| b.middle.total_cmp(&a.middle));
    let Size { households } = size;
    println!("{name}: {households} households, ms of {RUNS} requests (goal ≤ {GOAL})");
    println!("{:>8} {:>8} {:>7}  page", "p50", "p99", "KB");
    for Measured { path, middle, high, kilobytes } in &measured {
        let over = if *middle > GOAL { "  ← over" } else { "" };
        println!("{middle:>8.1} {high:>8.1} {kilobytes:>7.1}  {path}{over}");
    }
    let over = measured.iter().filter(|page| page.middle > GOAL).count();
    if let Some(slowest) = measured.first() {
        let gave = format!("slowest {:.0} ms ({}), {over} of {} over", slowest.middle, slowest.path, measured.len());
        figure(&format!("pages of {households} households, {name}"), &gave, &format!("≤ {GOAL} ms"));
    }
}

/// How long a page took.
struct Measured {
    path: String,
    middle: f64,
    high: f64,
    kilobytes: f64,
}

/// A ward with a market behind and before it.
struct Ward {
    core: Core,
    router: Router,
    token: String,
    round: String,
    area: String,
    item: String,
}

impl Ward {
    async fn fill(core: Core, size: Size, now: Moment) -> Self {
        let demo = demo::fill(&core, now).await.expect("the demo's ward is made");
        core.clock.set(now);
        let mut ward = Self {
            router: router(core.clone()),
            token: administrator(&core).await,
            core,
            round: String::new(),
            area: String::new(),
            item: String::new(),
        };
        let areas = ward.get("/api/v1/areas?limit=200").await;
        let of_kind = |kind: &str| {
            let all = areas["items"].as_array().expect("a list of areas").clone();
            all.into_iter().find(|area| area["kind"] == kind).expect("an area of each kind")
        };
        ward.area = text(&of_kind("neighbourhood"), "id");
        let whole = text(&of_kind("ward"), "id");
        ward.upload("/api/v1/households/imports", households(size.households), &[], json!({ "consent": true })).await;
        ward.upload("/api/v1/rent-reductions/imports", landlords(size.landlords()), &[("area_id", &whole)], json!({}))
            .await;
        let into = ("point_id", demo.point_id.as_str());
        ward.upload("/api/v1/donations/imports", donations(size.donations()), &[("unit", "đồng"), into], json!({}))
            .await;
        ward.market(&whole, size, now).await;
        ward.core.changed();
        ward
    }

    /// A second round for everybody, of which part came.
    async fn market(&mut self, whole: &str, size: Size, now: Moment) {
        let campaign =
            json!({ "name": "Tết sum vầy", "starts_on": now.day().plus_days(-3), "ends_on": now.day().plus_days(30) });
        let campaign = self.make("/api/v1/campaigns", campaign).await;
        let package = self.get("/api/v1/packages").await["items"][0].clone();
        let points = self.get("/api/v1/points?limit=200").await;
        let points = points["items"].as_array().expect("a list of points").clone();
        let points: Vec<String> =
            points.iter().filter(|point| point["kind"] == "distribution").map(|point| text(point, "id")).collect();
        let lines: Vec<Value> = package["items"]
            .as_array()
            .expect("a package of items")
            .iter()
            .map(|item| {
                let quantity =
                    item["quantity"].as_i64().unwrap_or(1) * 12_000 * (1 + size.households / HOUSEHOLDS) as i64;
                json!({ "kind": "goods", "item_id": item["item_id"], "quantity": quantity, "value": 1_000_000 })
            })
            .collect();
        for point in &points {
            let donor = json!({ "name": "Công ty Lương thực Hạt Vàng", "kind": "organisation" });
            let gift = json!({ "donor": donor, "received_on": now.day(), "point_id": point, "lines": lines });
            self.make("/api/v1/donations", gift).await;
        }
        let round = json!({
            "campaign_id": campaign, "name": "Phát quà Tết", "package_id": package["id"], "point_ids": points,
            "starts_at": now.plus_secs(-3_600), "ends_at": now.plus_secs(36_000), "offline": "strict"
        });
        self.round = self.make("/api/v1/rounds", round).await;
        self.item = text(&package["items"][0], "item_id");
        let vouchers = format!("/api/v1/rounds/{}/vouchers", self.round);
        let issued = self.post(&vouchers, json!({ "area_ids": [whole] })).await;
        assert!(issued["issued"].as_u64() >= Some(size.households as u64), "{issued}");
        for point in &points {
            let codes = self.codes(point, size.served() / points.len()).await;
            for codes in codes.chunks(1_000) {
                let signed = json!({ "point_id": point, "handed_out_at": now.plus_secs(-600), "codes": codes });
                self.post("/api/v1/redemptions/roster", signed).await;
            }
        }
    }

    async fn codes(&self, point: &str, limit: usize) -> Vec<String> {
        let mut conn = self.core.db.read().await.expect("the database is read");
        let codes: Vec<(String,)> = conn
            .sql(
                "select v.typed_code from vouchers v join rounds r on r.id = v.round_id
                 where r.name = 'Phát quà Tết' and v.point_id = $1 order by v.serial limit $2",
            )
            .bind(point.parse::<uuid::Uuid>().expect("an id"))
            .bind(limit as i64)
            .all()
            .await
            .expect("vouchers are read");
        codes.into_iter().map(|(code,)| code).collect()
    }

    /// The paths of the menu, and of what is linked from there one page of each kind.
    async fn pages(&self) -> Vec<String> {
        let links = menu(Role::Admin).into_iter().flat_map(|group| group.links);
        let mut paths: Vec<String> = links.map(|link| link.href.to_owned()).collect();
        let mut known: HashSet<String> = paths.iter().map(|path| shape(path)).collect();
        let mut at = 0;
        while at < paths.len() {
            let (status, html) = self.call(Method::GET, &paths[at], "text/html", Body::empty(), None).await;
            assert!(status.is_success() || status.is_redirection(), "{}: {status}", paths[at]);
            for link in hrefs(&String::from_utf8_lossy(&html)) {
                if is_page(&link) && known.insert(shape(&link)) {
                    paths.push(link);
                }
            }
            at += 1;
        }
        paths
    }

    fn with_ids(&self, path: &str) -> String {
        path.replace("{area}", &self.area).replace("{item}", &self.item).replace("{round}", &self.round)
    }

    async fn measure(&self, path: String) -> Measured {
        let mut times = Vec::with_capacity(RUNS);
        let mut kilobytes = 0.0;
        for run in 0..WARM_UP + RUNS {
            let start = std::time::Instant::now();
            let (status, html) = self.call(Method::GET, &path, "text/html", Body::empty(), None).await;
            let took = start.elapsed().as_secs_f64() * 1e3;
            assert!(status.is_success() || status.is_redirection(), "{path}: {status}");
            kilobytes = html.len() as f64 / 1e3;
            if run >= WARM_UP {
                times.push(took);
            }
        }
        times.sort_by(f64::total_cmp);
        Measured { path, middle: times[RUNS / 2], high: times[RUNS * 99 / 100], kilobytes }
    }

    /// Uploads a list and stores it.
    async fn upload(&self, path: &str, file: String, fields: &[(&str, &str)], decided: Value) {
        const BOUNDARY: &str = "a-line-that-no-list-holds";
        let mut body = String::new();
        for (name, value) in fields {
            let _ = write!(body, "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        let _ = write!(
            body,
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"ds.csv\"\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n"
        );
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let (status, answer) = self.call(Method::POST, path, "application/json", body.into(), Some(&kind)).await;
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&answer));
        let preview: Value = serde_json::from_slice(&answer).expect("a preview");
        self.post(&format!("{path}/{}/commit", text(&preview, "id")), decided).await;
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, path, "application/json", Body::empty(), None).await;
        assert!(status.is_success(), "{path}: {status}");
        serde_json::from_slice(&answer).expect("JSON")
    }

    async fn make(&self, path: &str, body: Value) -> String {
        text(&self.post(path, body).await, "id")
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let sent = body.to_string().into();
        let (status, answer) = self.call(Method::POST, path, "application/json", sent, Some("application/json")).await;
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).expect("JSON")
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        body: Body,
        kind: Option<&str>,
    ) -> (StatusCode, Vec<u8>) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 0))));
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(body).expect("a request of our own");
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        (status, to_bytes(response.into_body(), ANSWER_MAX).await.expect("an answer").to_vec())
    }
}

async fn administrator(core: &Core) -> String {
    let token = new_token(&core.clock);
    let mut tx = core.db.begin().await.expect("the database takes a transaction");
    let user = NewUser {
        username: "bench".to_owned(),
        full_name: None,
        role: Role::Admin,
        area_id: None,
        point_ids: Vec::new(),
        password_hash: None,
        password_temporary: false,
    };
    let id = insert_user(&mut tx, &core.clock, user).await.expect("a login");
    let ends = core.clock.now().plus_secs(86_400);
    insert_token(&mut tx, &core.clock, TokenKind::Api, id, token_hash(&token), ends).await.expect("a token");
    tx.commit().await.expect("the login is stored");
    token
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// Made-up people, some of whom are twice in the list with another spelling.
fn households(count: usize) -> String {
    let mut list = "STT,Họ và tên,SĐT,Năm sinh,Địa chỉ,Tổ,Số khẩu,Diện\n".to_owned();
    for n in 0..count {
        // Past those of the demo.
        let person = 1_000 + n;
        let _ = writeln!(
            list,
            "{},{},{},{},{},Tổ {},{},{}",
            n + 1,
            people::name(person),
            people::phone(person),
            people::birth_year(person),
            people::address(if n % 40 == 0 { person + 1 } else { person }),
            1 + n % 18,
            people::members(person),
            ["Hộ nghèo", "Cận nghèo", "Khó khăn", "Thuê trọ"][n % 4],
        );
    }
    list
}

fn landlords(count: usize) -> String {
    let mut list =
        "STT,Họ tên chủ trọ,Điện thoại,Địa chỉ,KDC,Số phòng,Giá thuê,Mức giảm,Từ tháng,Đến tháng\n".to_owned();
    for n in 0..count {
        // Nobody of the register.
        let person = 700_000 + n;
        let _ = writeln!(
            list,
            "{},{},{},{},{},{},1200000,50%,7/2021,9/2021",
            n + 1,
            people::name(person),
            people::phone(person),
            people::address(person),
            1 + n % 6,
            1 + n % 6,
        );
    }
    list
}

fn donations(count: usize) -> String {
    let mut list = "STT,Đơn vị/cá nhân,Hiện vật,ĐVT,Số lượng,Trị giá,Tiền mặt,Ngày\n".to_owned();
    for n in 0..count {
        let (goods, cash) = match n % 3 {
            0 => (",,,", "500000"),
            1 => ("Gạo,kg,50,750000", ""),
            _ => ("Mì tôm,thùng,4,400000", ""),
        };
        let _ = writeln!(list, "{},{},{goods},{cash},{}/8/2021", n + 1, people::name(n % 1_200), 1 + n % 28);
    }
    list
}

/// What a page is, whichever record it shows.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let part = |part: &str| if uuid::Uuid::try_parse(part).is_ok() { "{id}".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether a link leads to a page of ours that only shows something.
fn is_page(link: &str) -> bool {
    let path = link.split('?').next().unwrap_or(link);
    path.starts_with('/')
        && !["/api/", "/assets/", "/app/", "/quet", "/logout"].iter().any(|other| path.starts_with(other))
        && ![".xlsx", ".pdf", ".svg", ".png"].iter().any(|other| path.ends_with(other))
}

/// The links of a page.
fn hrefs(html: &str) -> Vec<String> {
    let quoted = html.split("<a ").skip(1).filter_map(|rest| rest.split('>').next()?.split("href=\"").nth(1));
    quoted
        .filter_map(|rest| rest.split('"').next())
        .map(|link| link.replace("&amp;", "&").replace("&#38;", "&"))
        .collect()
}
