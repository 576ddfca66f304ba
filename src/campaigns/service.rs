//! Campaigns are registered and corrected.

use super::campaign::{Campaign, CampaignChange, NewCampaign};
use super::store;
use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::ids::CampaignId;
use crate::kernel::{Clock, Message};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteGoods;

/// Registers a campaign.
pub(super) async fn create(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<WriteGoods>,
    new: NewCampaign,
) -> Result<Campaign> {
    let campaign = store::insert(tx, clock, new).await?;
    audit::append(tx, clock, permit.actor(), Act::on("create", "campaign", campaign.id.0)).await?;
    Ok(campaign)
}

/// Corrects a campaign; vouchers that were issued stay valid.
pub(super) async fn change(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<WriteGoods>,
    id: CampaignId,
    change: CampaignChange,
) -> Result<Campaign> {
    let before = store::campaign(tx, id).await?.ok_or(Error::NotFound)?;
    store::update(tx, id, NewCampaign::parse(change.of(before))?).await?;
    audit::append(tx, clock, permit.actor(), Act::on("update", "campaign", id.0)).await?;
    store::campaign(tx, id).await?.ok_or(Error::NotFound)
}

/// The campaign that a field names must exist.
pub async fn require_campaign(conn: &mut Conn, field: &str, id: CampaignId) -> Result<Campaign> {
    store::campaign(conn, id).await?.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Message::fixed(
                "Không có chương trình này. Xem danh sách chương trình rồi chọn lại.",
                "There is no such campaign. See the list of campaigns and choose again.",
            ),
        )
    })
}
