//! A market to redeem at: one hot point and eight others, a package of five items, and rounds of signed vouchers.

use lalanh::db::Tx;
use lalanh::households::store::{NewHousehold, insert as insert_households};
use lalanh::households::{Category, Details, Keys};
use lalanh::http::Core;
use lalanh::kernel::Within;
use lalanh::kernel::ids::{AreaId, HouseholdId, PackageId, PointId};
use lalanh::people::store::{TokenKind, insert_token, insert_user};
use lalanh::people::{NewUser, Role};
use lalanh::vault::{new_token, token_hash};
use lalanh::vouchers::keyring;
use lalanh::vouchers::keys::SigningKey;
use lalanh::vouchers::new_round::NewRound;
use lalanh::vouchers::round::{AmberCaps, Offline, Round};
use lalanh::vouchers::store::issuing::{self, NewVoucher};
use lalanh::vouchers::store::rounds;
use serde::Serialize;
use uuid::Uuid;

use crate::support::papers;

/// Households, and so vouchers in a round.
const HOUSEHOLDS: usize = 30_000;
/// Points besides the hot one.
const SPREAD: usize = 8;
/// Items in the package: ledger rows of each handover.
const ITEMS: usize = 5;
/// What each point has of each item; more than is ever handed out.
const PLENTY: i64 = 1_000_000_000;

/// A market, open.
pub struct Market {
    core: Core,
    token: String,
    households: Vec<HouseholdId>,
    package: PackageId,
    points: Vec<PointId>,
    hot: Vec<Vec<u8>>,
    spread: Vec<Vec<u8>>,
}

#[derive(Serialize)]
struct Numbered {
    id: Uuid,
    other_id: Uuid,
    number: i64,
}

impl Market {
    /// Fills an empty database.
    pub async fn open(core: &Core) -> Self {
        let clock = &core.clock;
        let area = AreaId::new(clock);
        let points: Vec<PointId> = (0..=SPREAD).map(|_| PointId::new(clock)).collect();
        let package = PackageId::new(clock);
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        fill_places(&mut tx, area, &points).await;
        fill_goods(&mut tx, core, package, &points).await;
        let user = NewUser {
            username: "ban1".into(),
            full_name: None,
            role: Role::Coordinator,
            area_id: None,
            point_ids: vec![],
            password_hash: None,
            password_temporary: false,
        };
        let token = new_token(clock);
        let id = insert_user(&mut tx, clock, user).await.expect("a login");
        let ends = clock.now().plus_secs(86_400);
        insert_token(&mut tx, clock, TokenKind::Api, id, token_hash(&token), ends).await.expect("a token");
        let fresh: Vec<NewHousehold> = (0..HOUSEHOLDS)
            .map(|n| {
                let details = Details {
                    area_id: area,
                    head_name: "Thái Hữu Sơn".into(),
                    phone: None,
                    citizen_id: None,
                    birth_year: None,
                    address: format!("K{n}/27 Trần Cao Vân"),
                    members: 4,
                    category: Category::Poor,
                    note: String::new(),
                };
                let keys = Keys::of(&core.vault, &details);
                NewHousehold::of(&core.vault, clock, details, keys, None, None)
            })
            .collect();
        for batch in fresh.chunks(4_000) {
            insert_households(&mut tx, batch).await.expect("households");
        }
        tx.commit().await.expect("a commit");
        let households = fresh.iter().map(|household| HouseholdId(household.id().0)).collect();
        Self { core: core.clone(), token, households, package, points, hot: vec![], spread: vec![] }
    }

    /// So many scans of vouchers that nobody scanned before, as requests: all at one point, or at eight.
    pub async fn requests(&mut self, path: &str, hot: bool, count: usize) -> Vec<Vec<u8>> {
        while (if hot { &self.hot } else { &self.spread }).len() < count {
            let bodies = self.issue(hot).await;
            (if hot { &mut self.hot } else { &mut self.spread }).extend(bodies);
        }
        let bodies = if hot { &mut self.hot } else { &mut self.spread };
        let taken = bodies.split_off(bodies.len() - count);
        taken.iter().map(|body| self.request(path, body)).collect()
    }

    /// Gives back the scans that were not sent.
    pub fn keep(&mut self, hot: bool, unsent: &[Vec<u8>]) {
        let body = |request: &Vec<u8>| {
            let head = request.windows(4).position(|part| part == b"\r\n\r\n").expect("a request has a head");
            request[head + 4..].to_vec()
        };
        (if hot { &mut self.hot } else { &mut self.spread }).extend(unsent.iter().map(body));
    }

    fn request(&self, path: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    /// A round with a voucher for each household; its scans' bodies. Each round is a campaign of its own, whose
    /// interval is checked at each scan.
    async fn issue(&self, hot: bool) -> Vec<Vec<u8>> {
        let (core, clock) = (&self.core, &self.core.clock);
        let points: Vec<(PointId, u16)> =
            self.points.iter().copied().zip(1..).skip(usize::from(!hot)).take(if hot { 1 } else { SPREAD }).collect();
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        let campaign_id = papers::campaign(&mut tx, clock).await;
        let starts_at = clock.today().start();
        let round = NewRound {
            campaign_id,
            package_id: self.package,
            name: "Đợt phát".to_owned(),
            point_ids: points.iter().map(|(id, _)| *id).collect(),
            starts_at,
            ends_at: starts_at.plus_secs(2 * 86_400),
            slots: None,
            enforce_slots: false,
            any_point: false,
            collector_required: false,
            offline: Offline::Strict,
            amber: AmberCaps::default(),
        };
        let round_id =
            rounds::insert(&mut tx, clock, &round).await.expect("a round").expect("the first number is free");
        let round = rounds::one(&mut tx, &Within::All, round_id).await.expect("the round").expect("it was just made");
        let key = keyring::active(&mut tx, core).await.expect("a key");
        let (vouchers, bodies) = self.papers(&key, &round, &points);
        let batch = papers::batch(core, &round, &key);
        for part in vouchers.chunks(4_000) {
            issuing::insert(&mut tx, &batch, part).await.expect("a bulk insert");
        }
        tx.commit().await.expect("a commit");
        bodies
    }

    /// A voucher for each household, point by point, and the bodies of their scans.
    fn papers(&self, key: &SigningKey, round: &Round, points: &[(PointId, u16)]) -> (Vec<NewVoucher>, Vec<Vec<u8>>) {
        let (core, clock) = (&self.core, &self.core.clock);
        let (mut vouchers, mut bodies) = (Vec::new(), Vec::new());
        for ((household_id, serial), (point_id, point)) in
            self.households.iter().zip(1_u32..).zip(points.iter().cycle())
        {
            let code = papers::code(round, key, serial, *point);
            bodies.push(
                serde_json::to_vec(&serde_json::json!({
                    "nonce": clock.uuid(), "code": code.sign(key, core.instance_id.as_bytes()),
                    "point_id": point_id, "scanned_at": clock.now(), "desk": 1
                }))
                .expect("plain JSON"),
            );
            vouchers.push(papers::voucher(core, key, &code, (*household_id, *point_id), None));
        }
        (vouchers, bodies)
    }

    /// What the books must say after so many handovers.
    pub async fn check(&self, handovers: usize) {
        let mut conn = self.core.db.read().await.expect("the database answers");
        let (rows,): (i64,) =
            conn.sql("select count(*) from scans where handover is not null").one().await.expect("a count");
        assert_eq!(rows, handovers as i64, "every answered redemption is kept, and none twice");
        let (entries,): (i64,) = conn.sql("select count(*) from stock_entries").one().await.expect("a count");
        assert_eq!(entries, (handovers * ITEMS) as i64, "each handover has its ledger rows");
        let (out,): (i64,) =
            conn.sql("select cast(sum(quantity) as bigint) from stock_levels").one().await.expect("a sum");
        let points = self.points.len() * ITEMS;
        assert_eq!(PLENTY * points as i64 - out, (handovers * ITEMS * 10) as i64, "the levels follow");
    }
}

async fn fill_places(tx: &mut Tx, area: AreaId, points: &[PointId]) {
    tx.sql(
        "insert into areas (id, name, name_key, kind, starts_on, created_at)
         values ($1, 'Phường', 'phuong', 'ward', '2000-01-01', 0)",
    )
    .bind(area)
    .execute()
    .await
    .expect("a ward");
    let rows: Vec<Numbered> =
        points.iter().zip(1..).map(|(id, number)| Numbered { id: id.0, other_id: area.0, number }).collect();
    tx.sql(
        "insert into points (id, number, name, kind, area_id, address, desks, created_at)
         select p.id, p.number, 'Điểm phát', 'distribution', p.other_id, '120 Trần Cao Vân', 1, 0
         from rows($1: id uuid, other_id uuid, number bigint) as p",
    )
    .bind_rows(&rows)
    .execute()
    .await
    .expect("points");
}

async fn fill_goods(tx: &mut Tx, core: &Core, package: PackageId, points: &[PointId]) {
    tx.sql("insert into packages (id, number, name, value, created_at) values ($1, 1, 'Suất Tết', 300000, 0)")
        .bind(package)
        .execute()
        .await
        .expect("a package");
    let items: Vec<Numbered> =
        (0..ITEMS).map(|n| Numbered { id: core.clock.uuid(), other_id: core.clock.uuid(), number: n as i64 }).collect();
    tx.sql(
        "insert into items (id, name, name_key, unit, unit_key, decimals, perishable, created_at)
         select i.id, 'Gạo ' || i.number, 'gao ' || i.number, 'kg', 'kg', 3, false, 0
         from rows($1: id uuid, number bigint) as i",
    )
    .bind_rows(&items)
    .execute()
    .await
    .expect("items");
    tx.sql("insert into lots (id, item_id, expires_on, overdraft) select i.other_id, i.id, '', false from rows($1: id uuid, other_id uuid) as i")
        .bind_rows(&items)
        .execute()
        .await
        .expect("lots");
    tx.sql("insert into package_items (package_id, item_id, quantity) select $2, i.id, 10 from rows($1: id uuid) as i")
        .bind_rows(&items)
        .bind(package)
        .execute()
        .await
        .expect("contents");
    let points: Vec<Numbered> = points.iter().map(|id| Numbered { id: id.0, other_id: id.0, number: PLENTY }).collect();
    tx.sql(
        "insert into stock_levels (point_id, lot_id, item_id, expires_on, overdraft, quantity)
         select p.id, i.other_id, i.id, '', false, p.number
         from rows($1: id uuid, number bigint) as p cross join rows($2: id uuid, other_id uuid) as i",
    )
    .bind_rows(&points)
    .bind_rows(&items)
    .execute()
    .await
    .expect("levels");
}
