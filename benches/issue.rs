//! Issuing 100,000 vouchers: rules, signing and storing, beside signing them and one bulk insert in the same run.
//!
//! `cargo bench --bench issue [-- sqlite|postgres]`. Medians of three; only the ratios travel between machines.

#[path = "support/mod.rs"]
mod support;

use std::path::Path;
use std::time::Instant;

use lalanh::db::Tx;
use lalanh::http::Core;
use lalanh::kernel::ids::{AreaId, PointId};
use lalanh::kernel::ids::{CampaignId, PackageId};
use lalanh::kernel::ids::{HouseholdId, RoundId};
use lalanh::kernel::{Day, Moment, Within};
use lalanh::vouchers::issuing;
use lalanh::vouchers::issuing_plan::Request;
use lalanh::vouchers::keyring;
use lalanh::vouchers::new_round::NewRound;
use lalanh::vouchers::round::{AmberCaps, Offline};
use lalanh::vouchers::store::issuing::{self as store, Chosen, NewVoucher};
use lalanh::vouchers::store::rounds;
use serde::Serialize;
use support::{Folder, Postgres, chosen, core, figure, fsync_secs, is_chosen, median, papers};

const COUNT: usize = 100_000;
const AREAS: usize = 100;
const POINTS: usize = 20;
const RUNS: usize = 3;

#[tokio::main]
async fn main() {
    let chosen = chosen();
    let folder = Folder::new("issue");
    if is_chosen(&chosen, "sqlite") {
        run("SQLite", &folder.0.join("sqlite"), None, &folder.0).await;
    }
    if is_chosen(&chosen, "postgres")
        && let Some(postgres) = Postgres::start()
    {
        let disk = postgres.folder().parent().expect("a folder lies in one").to_owned();
        run("PostgreSQL", &folder.0.join("postgres"), Some(postgres.url.clone()), &disk).await;
    }
}

async fn run(name: &str, dir: &Path, database: Option<String>, disk: &Path) {
    let core = core(dir.to_owned(), database).await;
    let ward = Ward::fill(&core).await;
    let (mut ours, mut signing, mut inserting, mut probes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        probes.push(fsync_secs(disk));
        let (sign, insert) = ward.sign_and_insert(&core).await;
        signing.push(sign);
        inserting.push(insert);
        ward.empty(&core).await;
        ours.push(ward.issue(&core).await);
        ward.empty(&core).await;
    }
    let (ours, signing, inserting) = (median(ours), median(signing), median(inserting));
    println!("{name}: {COUNT} vouchers to {AREAS} areas, {POINTS} points, slots of 20 minutes");
    println!("  issuing (rules, sign, store, commit)   {ours:.3} s");
    println!("  signing {signing:.3} s + bulk insert {inserting:.3} s = {:.3} s", signing + inserting);
    println!("  ratio {:.2} × (goal ≤ 1.3)   fdatasync {:.2} ms", ours / (signing + inserting), median(probes) * 1e3);
    let gave = format!("{ours:.2} s, {:.2} × signing and a bulk insert", ours / (signing + inserting));
    figure(&format!("issue {COUNT} vouchers, {name}"), &gave, "≤ 1.3 ×");
}

/// A ward of 100,000 households with an open round.
struct Ward {
    root: AreaId,
    areas: Vec<AreaId>,
    points: Vec<PointId>,
    households: Vec<HouseholdId>,
    package: PackageId,
    campaign: CampaignId,
}

#[derive(Serialize)]
struct HouseholdRow {
    id: HouseholdId,
    area_id: AreaId,
    address: String,
}

#[derive(Serialize)]
struct PlaceRow {
    id: uuid::Uuid,
    area_id: uuid::Uuid,
    number: i64,
}

impl Ward {
    async fn fill(core: &Core) -> Self {
        let clock = &core.clock;
        let root = AreaId::new(clock);
        let areas: Vec<AreaId> = (0..AREAS).map(|_| AreaId::new(clock)).collect();
        let points: Vec<PointId> = (0..POINTS).map(|_| PointId::new(clock)).collect();
        let package = PackageId::new(clock);
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        fill_places(&mut tx, root, &areas, &points).await;
        tx.sql("insert into packages (id, number, name, value, created_at) values ($1, 1, 'Suất gạo', 300000, 0)")
            .bind(package)
            .execute()
            .await
            .expect("a package");
        let campaign = papers::campaign(&mut tx, clock).await;
        let rows: Vec<HouseholdRow> = (0..COUNT)
            .map(|n| HouseholdRow {
                id: HouseholdId::new(clock),
                area_id: areas[n * 7 % AREAS],
                address: format!("k{}/{} nguyen phuoc nguyen", n % 290, n % 61),
            })
            .collect();
        for chunk in rows.chunks(4_000) {
            tx.sql(
                "insert into households (id, area_id, head_name, name_key, sort_key, search_key, mark_text, address,
                     address_key, members, category, note, status, created_at, updated_at)
                 select h.id, h.area_id, 'Nguyễn Thị Hoa', 'nguyen thi hoa', 'hoa', '', '', h.address, h.address, 4, 'poor',
                     '', 'active', 0, 0
                 from rows($1: id uuid, area_id uuid, address text) as h",
            )
            .bind_rows(chunk)
            .execute()
            .await
            .expect("households");
        }
        tx.commit().await.expect("a commit");
        Self { root, areas, points, households: rows.iter().map(|row| row.id).collect(), package, campaign }
    }

    async fn round(&self, tx: &mut Tx, core: &Core) -> RoundId {
        let starts_at = core.clock.today().plus_days(1).start();
        let round = NewRound {
            campaign_id: self.campaign,
            package_id: self.package,
            name: "Đợt 1".to_owned(),
            point_ids: self.points.clone(),
            starts_at: starts_at.plus_secs(7 * 3600),
            ends_at: starts_at.plus_secs(17 * 3600),
            slots: Some((20, 500)),
            enforce_slots: false,
            any_point: false,
            collector_required: false,
            offline: Offline::Strict,
            amber: AmberCaps::default(),
        };
        rounds::insert(tx, &core.clock, &round).await.expect("a round").expect("nobody else makes rounds")
    }

    async fn issue(&self, core: &Core) -> f64 {
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        let id = self.round(&mut tx, core).await;
        tx.commit().await.expect("a commit");
        let start = Instant::now();
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        let round = rounds::lock(&mut tx, &Within::All, id).await.expect("the round").expect("it was just made");
        let areas = Within::these(std::iter::once(&self.root).chain(&self.areas).copied());
        let request = Request { chosen: Chosen { areas, ..Chosen::default() }, units: 1, ..Request::default() };
        let issued = issuing::issue(&mut tx, core, &round, request).await.expect("issuing");
        tx.commit().await.expect("a commit");
        assert_eq!(issued.issued, COUNT as u64);
        start.elapsed().as_secs_f64()
    }

    /// The floor: sign everything on one thread, then store it in bulk.
    async fn sign_and_insert(&self, core: &Core) -> (f64, f64) {
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        let round_id = self.round(&mut tx, core).await;
        let round = rounds::one(&mut tx, &Within::All, round_id).await.expect("the round").expect("it was just made");
        let key = keyring::active(&mut tx, core).await.expect("a key");
        tx.commit().await.expect("a commit");
        let start = Instant::now();
        let vouchers: Vec<NewVoucher> = self
            .households
            .iter()
            .zip(1..)
            .map(|(household_id, serial)| {
                let code = papers::code(&round, &key, serial, 1);
                papers::voucher(core, &key, &code, (*household_id, self.points[0]), Some((0, 1)))
            })
            .collect();
        let signing = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let batch = papers::batch(core, &round, &key);
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        store::insert(&mut tx, &batch, &vouchers).await.expect("a bulk insert");
        tx.commit().await.expect("a commit");
        (signing, start.elapsed().as_secs_f64())
    }

    async fn empty(&self, core: &Core) {
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        tx.sql("delete from vouchers").execute().await.expect("a delete");
        tx.sql("delete from round_points").execute().await.expect("a delete");
        tx.sql("delete from rounds").execute().await.expect("a delete");
        tx.commit().await.expect("a commit");
    }
}

async fn fill_places(tx: &mut Tx, root: AreaId, areas: &[AreaId], points: &[PointId]) {
    let row = |id, area_id: AreaId, number: usize| PlaceRow { id, area_id: area_id.0, number: number as i64 };
    tx.sql(
        "insert into areas (id, name, name_key, kind, starts_on, created_at)
         values ($1, 'Phường', 'phuong', 'ward', $2, $3)",
    )
    .bind(root)
    .bind(Day::from_ymd(2000, 1, 1).expect("the day exists"))
    .bind(Moment::from_micros(0))
    .execute()
    .await
    .expect("a ward");
    let rows: Vec<PlaceRow> = areas.iter().enumerate().map(|(n, id)| row(id.0, root, n + 1)).collect();
    tx.sql(
        "insert into areas (id, parent_id, name, name_key, kind, starts_on, created_at)
         select a.id, a.area_id, 'Tổ ' || a.number, 'to ' || a.number, 'group', '2000-01-01', 0
         from rows($1: id uuid, area_id uuid, number bigint) as a",
    )
    .bind_rows(&rows)
    .execute()
    .await
    .expect("areas");
    let point = |(n, id): (usize, &PointId)| row(id.0, areas[n * areas.len() / points.len()], n + 1);
    tx.sql(
        "insert into points (id, number, name, kind, area_id, address, desks, created_at)
         select p.id, p.number, 'Điểm ' || p.number, 'distribution', p.area_id, '', 1, 0
         from rows($1: id uuid, area_id uuid, number bigint) as p",
    )
    .bind_rows(&points.iter().enumerate().map(point).collect::<Vec<_>>())
    .execute()
    .await
    .expect("points");
}
