//! The demo: its ward is complete and agrees with itself.

use lalanh::app::{Options, open};
use lalanh::demo;
use lalanh::doctor::{State, examine};
use lalanh::http::Config;
use lalanh::kernel::Clock;
use lalanh::reports::{Period, summary};

use crate::support::{On, market_morning, postgres_database, postgres_server};

async fn the_demo_is_whole(on: On) {
    let database = match on {
        On::Sqlite => None,
        On::Postgres => match postgres_server() {
            Some(server) => Some(postgres_database(&server).await),
            None => return,
        },
    };
    let clock = Clock::fixed_unpredictable(market_morning());
    let data_dir = std::env::temp_dir().join(format!("lalanh-test-demo-{}", clock.uuid()));
    let options = Options { data_dir: data_dir.clone(), database, config: Config::default() };
    let core = open(&options, clock.clone()).await.unwrap();
    let ward = demo::fill(&core, market_morning()).await.unwrap();
    assert_eq!((ward.logins.len(), ward.codes.len()), (6, 3));
    assert!(ward.sheets.starts_with(b"%PDF"));
    // What was filled lies in the past of whoever opens it.
    clock.set(market_morning().plus_secs(60));
    let figures = lalanh::dashboard::live::look(&core).await.unwrap();
    let rounds = &figures.redemption.rounds;
    assert_eq!(
        rounds.iter().map(|row| (row.vouchers, row.served)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (170, 62)
    );
    assert!(rounds.iter().map(|row| row.refused).sum::<i64>() >= 2);
    assert_eq!(figures.redemption.open_conflicts, 1);
    let report = summary(&mut core.db.snapshot().await.unwrap(), Period::new(None, None).unwrap()).await.unwrap();
    assert_eq!(report.packages.mobilised.count, 170, "the list of donors is stored");
    assert!(report.packages.handed_out.count >= 62 && report.rent.rooms > 0 && report.cash.received.0 > 0);
    let mut conn = core.db.read().await.unwrap();
    let lists: Vec<(String, bool)> =
        conn.sql("select kind, committed_at is not null from imports order by kind").all().await.unwrap();
    let stored = lists.iter().filter(|(_, stored)| *stored).map(|(kind, _)| kind.as_str()).collect::<Vec<_>>();
    assert_eq!((lists.len(), stored), (4, vec!["donations", "households", "rent_reductions"]));
    let (twins,): (i64,) = conn
        .sql(
            "select count(*) from households a join households b on b.phone_index = a.phone_index and b.id > a.id
             where b.name_key = a.name_key",
        )
        .one()
        .await
        .unwrap();
    assert_eq!(twins, 2, "possible duplicates to be looked at");
    drop(conn);
    let checks = examine(&core.db, Some(&core.vault), &data_dir, &Clock::system()).await;
    let trouble: Vec<_> = checks.iter().filter(|check| check.state == State::Trouble).collect();
    assert!(trouble.is_empty(), "{trouble:?}");
    core.db.close().await;
    std::fs::remove_dir_all(&data_dir).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_whole_on_sqlite() {
    the_demo_is_whole(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_whole_on_postgres() {
    the_demo_is_whole(On::Postgres).await;
}
