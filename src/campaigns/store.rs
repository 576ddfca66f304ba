//! The SQL of campaigns.

use super::campaign::{Campaign, NewCampaign};
use crate::db::{Conn, Tx};
use crate::http::Cursor;
use crate::kernel::ids::CampaignId;
use crate::kernel::{Clock, Dong};

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

/// Changes a campaign to a state.
pub async fn update(tx: &mut Tx, id: CampaignId, state: NewCampaign) -> Result<u64, sqlx::Error> {
    tx.sql("update campaigns set name = $2, starts_on = $3, ends_on = $4, interval_days = $5 where id = $1")
        .bind(id)
        .bind(state.name)
        .bind(state.starts_on)
        .bind(state.ends_on)
        .bind(state.interval_days)
        .execute()
        .await
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

/// A campaign with what was given for it, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedCampaign {
    /// The campaign.
    #[sqlx(flatten)]
    pub campaign: Campaign,
    /// How many donations.
    pub donations: i64,
    /// What they are worth.
    pub value: Dong,
}

/// Part of the table of campaigns, those that began last in front.
pub async fn listed(conn: &mut Conn, (limit, offset): (i64, i64)) -> Result<Vec<ListedCampaign>, sqlx::Error> {
    conn.sql(
        "select c.id, c.name, c.starts_on, c.ends_on, c.interval_days, c.created_at,
             coalesce(x.donations, 0) as donations, coalesce(x.value, 0) as value
         from campaigns c left join (
             select d.campaign_id, count(distinct d.id) as donations,
                 cast(coalesce(sum(l.value), 0) as bigint) as value
             from donations d left join donation_lines l on l.donation_id = d.id group by d.campaign_id
         ) x on x.campaign_id = c.id
         order by c.starts_on desc, c.id desc limit $1 offset $2",
    )
    .bind(limit)
    .bind(offset)
    .all()
    .await
}
