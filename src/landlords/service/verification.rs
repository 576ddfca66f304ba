//! The steps of a reduction after its pledge: verified, rejected, confirmed; each with who and when.

use std::collections::HashMap;

use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::ReductionId;
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Month, Validation};
use crate::landlords::ReductionStatus;
use crate::landlords::lookup::{lock_reachable, view};
use crate::landlords::reduction::Reduction;
use crate::landlords::rent_line::RentLine;
use crate::landlords::rules::room_key;
use crate::landlords::step::{ConfirmBody, GivenBody, wrong_step};
use crate::landlords::store::{self, Given};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::VerifyRent;

/// Pledged → verified: it is so, and counts from now on.
pub(in crate::landlords) async fn verify(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<VerifyRent>,
    id: ReductionId,
) -> Result<Reduction> {
    let row = lock_reachable(tx, permit, id).await?;
    if row.status != ReductionStatus::Pledged {
        return Err(wrong_step());
    }
    refuse_counted(store::counted_elsewhere(tx, id).await?)?;
    if !store::verify(tx, id, permit.id, core.clock.now()).await.map_err(counted_meanwhile)? {
        return Err(wrong_step());
    }
    audit::append(tx, &core.clock, permit.actor(), Act::on("verify", "rent_reduction", id.0)).await?;
    view(core, tx, permit, id).await
}

/// Pledged or verified → rejected, with the reason that the landlord sees on the private link.
pub(in crate::landlords) async fn reject(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<VerifyRent>,
    id: ReductionId,
    reason: String,
) -> Result<Reduction> {
    lock_reachable(tx, permit, id).await?;
    if !store::reject(tx, id, permit.id, core.clock.now(), reason).await? {
        return Err(wrong_step());
    }
    audit::append(tx, &core.clock, permit.actor(), Act::on("reject", "rent_reduction", id.0)).await?;
    view(core, tx, permit, id).await
}

/// Verified → confirmed, as pledged but for the lines that differ.
pub(in crate::landlords) async fn confirm(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<VerifyRent>,
    id: ReductionId,
    body: ConfirmBody,
) -> Result<Reduction> {
    lock_reachable(tx, permit, id).await?;
    let given = check_given(&body.lines, &store::lines(tx, id).await?)?;
    if !store::confirm(tx, id, permit.id, core.clock.now(), &given).await? {
        return Err(wrong_step());
    }
    let act = Act::on("confirm", "rent_reduction", id.0).with(serde_json::json!({ "lines_that_differ": given.len() }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    view(core, tx, permit, id).await
}

/// The lock on the rooms lets nobody come between; should somebody all the same, the database refuses.
fn counted_meanwhile(error: sqlx::Error) -> Error {
    if store::is_counted_elsewhere(&error) {
        return Error::conflict(
            "already_counted",
            "Vừa có khoản giảm khác được xác minh cho cùng phòng và tháng. Tải lại để xem là khoản nào.",
            "Another reduction of the same room and month has just been verified. Reload to see which.",
        );
    }
    error.into()
}

/// Names the room-months that are counted already.
fn refuse_counted(taken: Vec<(String, Month)>) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let named = |say: fn(&str, &str) -> String| {
        taken.iter().map(|(room, month)| say(room, &month.for_people())).collect::<Vec<_>>().join(", ")
    };
    let vi = named(|room, month| format!("{room} tháng {month}"));
    let en = named(|room, month| format!("{room} in {month}"));
    Err(Error::Conflict {
        code: "already_counted",
        say: Message::new(
            format!(
                "Đã có khoản giảm khác được xác minh cho: {vi}. Sửa lại các dòng đó, hoặc từ chối một trong hai khoản."
            ),
            format!("Another verified reduction counts: {en}. Correct those lines, or reject one of the two."),
        ),
    })
}

fn check_given(bodies: &[GivenBody], lines: &[RentLine]) -> Result<Vec<Given>> {
    let mut open: HashMap<(String, Month), &RentLine> =
        lines.iter().map(|line| ((room_key(&line.room), line.month), line)).collect();
    let mut fields = Validation::new();
    let mut given = Vec::with_capacity(bodies.len().min(lines.len()));
    for (at, body) in bodies.iter().enumerate() {
        let Some(month) = fields.take(&format!("lines[{at}].month"), Month::parse(&body.month)) else { continue };
        let Some(line) = open.remove(&(room_key(&body.room), month)) else {
            let unknown = Invalid::fixed(
                "unknown",
                "Khoản giảm này không có phòng đó trong tháng đó, hoặc dòng bị lặp.",
                "This reduction has no such room in that month, or the line is repeated.",
            );
            fields.push(unknown.at(format!("lines[{at}]")));
            continue;
        };
        fields.check(&format!("lines[{at}].amount"), (0..=line.rent.0).contains(&body.amount), || {
            Invalid::fixed(
                "out_of_range",
                "Số tiền đã giảm từ 0 đến bằng tiền thuê của tháng.",
                "The amount given is from 0 to the month's rent.",
            )
        });
        given.push(Given { id: line.id, amount: body.amount });
    }
    let nothing = !lines.is_empty() && given.len() == lines.len() && given.iter().all(|line| line.amount == 0);
    fields.check("lines", !nothing, || {
        Invalid::fixed(
            "nothing_given",
            "Không dòng nào được giảm. Nếu đúng vậy, hãy từ chối khoản này thay vì xác nhận.",
            "Nothing was given on any line. If that is so, reject the reduction instead.",
        )
    });
    fields.finish()?;
    Ok(given)
}
