//! The SQL of campaigns.

use super::{Campaign, CampaignId};
use crate::db::{Conn, Tx};
use crate::kernel::{Clock, Day};
use crate::web::Cursor;

/// A campaign to be registered.
#[derive(Debug)]
pub struct NewCampaign {
    /// Its name.
    pub name: String,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day, not before the first.
    pub ends_on: Day,
    /// Days before the same household may receive again, 0 to 3650.
    pub interval_days: Option<i64>,
}

/// Stores a campaign.
pub async fn insert(tx: &mut Tx, clock: &Clock, new: NewCampaign) -> Result<Campaign, sqlx::Error> {
    let campaign = Campaign {
        id: CampaignId::new(clock),
        name: new.name,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        interval_days: new.interval_days,
        created_at: clock.now(),
    };
    tx.sql(
        "insert into campaigns (id, name, starts_on, ends_on, interval_days, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(campaign.id)
    .bind(campaign.name.clone())
    .bind(campaign.starts_on)
    .bind(campaign.ends_on)
    .bind(campaign.interval_days)
    .bind(campaign.created_at)
    .execute()
    .await?;
    Ok(campaign)
}

/// One campaign.
pub async fn campaign(conn: &mut Conn, id: CampaignId) -> Result<Option<Campaign>, sqlx::Error> {
    conn.sql("select id, name, starts_on, ends_on, interval_days, created_at from campaigns where id = $1")
        .bind(id)
        .optional()
        .await
}

/// A page of campaigns.
pub async fn campaigns(conn: &mut Conn, cursor: Cursor) -> Result<Vec<Campaign>, sqlx::Error> {
    conn.sql(
        "select id, name, starts_on, ends_on, interval_days, created_at from campaigns
         where id > $1 order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// All campaigns, those that began last in front: what forms offer.
pub async fn campaigns_by_start(conn: &mut Conn) -> Result<Vec<Campaign>, sqlx::Error> {
    conn.sql(
        "select id, name, starts_on, ends_on, interval_days, created_at from campaigns
         order by starts_on desc, id desc limit 1000",
    )
    .all()
    .await
}
