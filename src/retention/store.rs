//! The SQL of the rules' own rows.

use super::rule::Rule;
use crate::db::{Conn, Tx};
use crate::kernel::Moment;

/// A rule as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct RuleRow {
    pub(super) rule: Rule,
    /// What the ward chose.
    pub(super) days: Option<i64>,
    /// When it was last carried out.
    pub(super) run_at: Option<Moment>,
    /// Rows that it dropped then.
    pub(super) dropped: Option<i64>,
}

/// All rules.
pub(super) async fn rules(conn: &mut Conn) -> Result<Vec<RuleRow>, sqlx::Error> {
    conn.sql("select rule, days, run_at, dropped from retention_rules order by rule").all().await
}

/// Gives a rule another period.
pub(super) async fn choose(tx: &mut Tx, rule: Rule, days: Option<i64>) -> Result<u64, sqlx::Error> {
    tx.sql("update retention_rules set days = $2 where rule = $1").bind(rule).bind(days).execute().await
}

/// Notes that a rule was carried out.
pub(super) async fn ran(tx: &mut Tx, rule: Rule, at: Moment, dropped: i64) -> Result<u64, sqlx::Error> {
    tx.sql("update retention_rules set run_at = $2, dropped = $3 where rule = $1")
        .bind(rule)
        .bind(at)
        .bind(dropped)
        .execute()
        .await
}
