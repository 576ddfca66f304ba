//! Campaigns to choose from in forms and filters: pairs of a value and what it is called.

use super::store::campaigns_by_start;
use crate::db::Conn;
use crate::http::Result;

/// Campaigns.
pub async fn campaigns(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    let campaigns = campaigns_by_start(conn).await?;
    Ok(campaigns.into_iter().map(|campaign| (campaign.id.to_string(), campaign.name)).collect())
}
