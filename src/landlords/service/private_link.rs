//! A landlord's own pledge, reached by the secret of the private link: looked at, corrected, withdrawn.
//!
//! Promises: the secret opens one pledge and tells nothing that its sender did not say; no name, no phone, no address;
//! nothing of the landlord's other pledges. What is verified can't be changed any more.

use serde::{Deserialize, Serialize};

use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::ReductionId;
use crate::kernel::{Dong, Moment, Validation};
use crate::landlords::reduction::ReductionStatus;
use crate::landlords::rent_line::RentLine;
use crate::landlords::rules::{self, RoomBody};
use crate::landlords::service::correction;
use crate::landlords::step::wrong_step;
use crate::landlords::store;
use crate::landlords::store::{Correction, ReductionRow};
use crate::people::audit::{self, Act, Actor};
use crate::vault::token_hash;

/// A pledge as its landlord sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(in crate::landlords) struct OwnReduction {
    /// What to read out when asking about it.
    #[schema(example = "K7QX-2M4P")]
    pub(in crate::landlords) reference: String,
    /// How far it has come.
    pub(in crate::landlords) status: ReductionStatus,
    /// What the landlord added.
    pub(in crate::landlords) note: String,
    /// Distinct rooms.
    #[schema(example = 7)]
    pub(in crate::landlords) rooms: i64,
    /// Room-months.
    #[schema(example = 21)]
    pub(in crate::landlords) room_months: i64,
    /// What tenants save, in đồng: as confirmed, or else as pledged.
    #[schema(value_type = i64, example = 10_500_000)]
    pub(in crate::landlords) amount: Dong,
    /// When it was sent.
    pub(in crate::landlords) submitted_at: Moment,
    /// Why it was rejected.
    pub(in crate::landlords) reject_reason: Option<String>,
    /// Each room's each month.
    pub(in crate::landlords) lines: Vec<RentLine>,
}

/// The pledge of a private link.
pub(in crate::landlords) async fn of_link(conn: &mut Conn, core: &Core, token: &str) -> Result<OwnReduction> {
    let id = id_of_link(conn, token).await?;
    let row = store::reduction(conn, id).await?.ok_or(Error::NotFound)?;
    let reduction = row.view(&core.vault, false)?;
    Ok(OwnReduction {
        reference: reduction.reference,
        status: reduction.status,
        note: reduction.note,
        rooms: reduction.rooms,
        room_months: reduction.room_months,
        amount: reduction.amount,
        submitted_at: reduction.submitted_at,
        reject_reason: reduction.reject_reason,
        lines: store::lines(conn, id).await?,
    })
}

/// What a landlord corrects; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"rooms": [{"room": "Phòng 1", "month": "2021-08", "rent": 1_400_000, "kind": "waiver"}]}))]
pub(in crate::landlords) struct OwnCorrectionBody {
    /// All lines, instead of those there are.
    pub(in crate::landlords) rooms: Option<Vec<RoomBody>>,
    /// The landlord's note.
    pub(in crate::landlords) note: Option<String>,
}

/// Corrects one's own pledge until it is verified.
pub(in crate::landlords) async fn correct(core: &Core, token: &str, body: OwnCorrectionBody) -> Result<OwnReduction> {
    let mut fields = Validation::new();
    let lines = body.rooms.as_ref().map(|rooms| rules::check_rooms(&mut fields, rooms, core.clock.today()));
    let note = fields.take_optional("note", body.note, |note| rules::parse_note(&note));
    fields.finish()?;
    let (mut tx, row) = begin(core, token).await?;
    let change = Correction { landlord_id: None, area_id: None, note, address: None, at: core.clock.now() };
    correction::apply(&mut tx, core, &row, change, lines.as_deref()).await?;
    audit::append(&mut tx, &core.clock, Actor::Public, Act::on("correct", "rent_reduction", row.id.0)).await?;
    let own = of_link(&mut tx, core, token).await?;
    tx.commit().await?;
    Ok(own)
}

/// Withdraws one's own pledge until it is verified.
pub(in crate::landlords) async fn withdraw(core: &Core, token: &str) -> Result<OwnReduction> {
    let (mut tx, row) = begin(core, token).await?;
    if !store::withdraw(&mut tx, row.id, core.clock.now()).await? {
        return Err(wrong_step());
    }
    audit::append(&mut tx, &core.clock, Actor::Public, Act::on("withdraw", "rent_reduction", row.id.0)).await?;
    let own = of_link(&mut tx, core, token).await?;
    tx.commit().await?;
    Ok(own)
}

async fn id_of_link(conn: &mut Conn, token: &str) -> Result<ReductionId> {
    store::of_link(conn, token_hash(token)).await?.ok_or(Error::NotFound)
}

/// Begins to change the pledge of a link, which is locked. Whoever only guesses a link is refused before: the writer is
/// for those who have something to write.
async fn begin(core: &Core, token: &str) -> Result<(Tx, ReductionRow)> {
    let id = id_of_link(&mut core.db.read().await?, token).await?;
    let mut tx = core.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let row = store::reduction(&mut tx, id).await?.ok_or(Error::NotFound)?;
    Ok((tx, row))
}
