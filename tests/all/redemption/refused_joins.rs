//! An engine that refuses statements that write joined into one, as those that shard PostgreSQL do, gets them one by one.

use lalanh::db::Flavour;

use super::market::Plan;
use crate::on_both;

/// Makes a table refuse what comes in such a statement.
const REFUSE: &str = "create function refuse() returns trigger language plpgsql as $$
     begin
         if current_query() like 'with part_0 as%' then
             raise exception 'could not create distributed plan' using errcode = 'XX000';
         end if;
         return null;
     end $$";

on_both! {
    async fn an_engine_that_refuses_joined_writes_gets_the_same_ones_one_by_one(app: TestApp) {
        let mut tx = app.core.db.begin().await.unwrap();
        if tx.flavour() == Flavour::Sqlite {
            return;
        }
        tx.catalogue_sql(REFUSE.to_owned()).execute().await.unwrap();
        for table in ["stock_entries", "stock_levels", "scans"] {
            let text = format!(
                "create trigger refuse before insert or update on {table} for each statement execute function refuse()"
            );
            tx.catalogue_sql(text).execute().await.unwrap();
        }
        tx.commit().await.unwrap();
        let market = app.open_market(Plan::default()).await;
        let first = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(first["outcome"], "redeemed", "{first}");
        let second = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(second["outcome"], "already_redeemed", "{second}");
        let mut conn = app.core.db.read().await.unwrap();
        let (scans, entries): (i64, i64) = conn
            .catalogue_sql(
                "select (select count(*) from scans), (select count(*) from stock_entries where reason = 'redemption')"
                    .to_owned(),
            )
            .one()
            .await
            .unwrap();
        assert_eq!(scans, 2, "each scan is kept once");
        assert!(entries > 0, "the ledger was written");
        let (wrong,): (i64,) = conn
            .catalogue_sql(
                "select count(*) from (
                     select point_id, lot_id from (
                         select point_id, lot_id, quantity from stock_entries
                         union all select point_id, lot_id, -quantity from stock_levels) m
                     group by point_id, lot_id having sum(quantity) <> 0) w"
                    .to_owned(),
            )
            .one()
            .await
            .unwrap();
        assert_eq!(wrong, 0, "levels are the ledger's sums");
    }
}
