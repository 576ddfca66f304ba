//! A reduction is pledged: what the public form and staff have in common.

use crate::consents::{self, ConsentChannel, ConsentSubject, Given, Owner, Purpose};
use crate::db::Tx;
use crate::http::{Core, Result};
use crate::landlords::lookup::area_of_new;
use crate::landlords::pledge::{NewPledge, Pledged};
use crate::landlords::reduction::ReductionStatus;
use crate::landlords::store::{self, NewReduction};
use crate::landlords::submitter::Submitter;
use crate::people::audit::{self, Act};
use crate::vault::{new_token, token_hash};

/// Stores a pledge with its lines; the answer tells the landlord's reference and secret.
pub(in crate::landlords) async fn pledge(
    tx: &mut Tx,
    core: &Core,
    submitter: &Submitter,
    new: NewPledge,
) -> Result<Pledged> {
    let NewPledge { landlord, area_id, lines, note, consented } = new;
    let area_id = area_of_new(tx, submitter.staff().map(|permit| &**permit), area_id).await?;
    let landlord_id = store::find_or_insert_landlord(tx, &core.clock, &core.vault, &landlord, area_id).await?;
    let token = new_token(&core.clock);
    let new = NewReduction {
        landlord_id,
        area_id,
        note,
        submitted_by: submitter.staff().map(|staff| staff.id),
        address: Some(landlord.address).filter(|address| !address.is_empty()),
        consented_at: consented.then(|| core.clock.now()),
        link_hash: token_hash(&token),
    };
    let (id, reference) = store::insert_reduction(tx, &core.clock, &new).await?;
    store::insert_lines(tx, &core.clock, id, landlord_id, &lines).await?;
    if consented {
        let staff = submitter.staff().map(|staff| staff.id.0);
        // On the public page the landlord ticked it; staff write down what they were told.
        let channel = if staff.is_none() { ConsentChannel::Page } else { ConsentChannel::Unrecorded };
        let owner = Owner { kind: ConsentSubject::Landlord, id: landlord_id.0 };
        let given = Given { owner, purpose: Purpose::PledgeRent, channel, by: staff };
        consents::service::give(tx, &core.clock, &[given]).await?;
    }
    let act = Act::on("create", "rent_reduction", id.0).with(serde_json::json!({ "lines": lines.len() }));
    audit::append(tx, &core.clock, submitter.actor(), act).await?;
    Ok(Pledged { id, reference, status: ReductionStatus::Pledged, token })
}
