//! The last hour at the desks: people came, a few were refused, one voucher was handed out twice.

use serde_json::{Value, json};

use super::calls::{Calls, broken, text};
use super::showcase::Ward;
use super::ward::{Planned, VOUCHERS};
use crate::app::StartError;
use crate::http::Core;
use crate::kernel::Moment;

/// Packages that were handed out before the demo opens.
const SERVED: usize = 62;
/// Seconds over which they were.
const SINCE_SECS: i64 = 58 * 60;

/// Hands out, and collects what the demo tells.
pub(super) async fn hand_out(core: &Core, calls: &Calls, plan: &Planned, now: Moment) -> Result<Ward, StartError> {
    let listed = calls.get(&format!("/rounds/{}/vouchers?limit={VOUCHERS}", plan.round)).await?;
    let listed: Value = serde_json::from_slice(&listed).map_err(|error| broken(&error.to_string()))?;
    let all = listed["items"].as_array().map_or(&[][..], Vec::as_slice);
    let queues = plan.points.each_ref().map(|point| queue(all, point));
    let [first, second] = &queues;
    if first.len() <= SERVED || second.len() <= SERVED {
        return Err(broken("vouchers are missing"));
    }
    let scan = async |code: &str, point: usize, desk: usize| {
        let body = json!({ "nonce": core.clock.uuid(), "code": code, "point_id": plan.points[point],
                           "scanned_at": core.clock.now(), "desk": desk });
        calls.post("/redemptions", body).await
    };
    for n in 0..SERVED {
        // People come in waves: some a few seconds after each other, some minutes.
        let step = i64::try_from(n * 1000 + (n * n * 37) % 900).unwrap_or(0);
        core.clock
            .set(now.plus_secs(-SINCE_SECS + step * (SINCE_SECS - 20) / i64::try_from(SERVED * 1000).unwrap_or(1)));
        let point = n % 2;
        scan(&text(queues[point][n / 2], "code"), point, 1 + n / 2 % 2).await?;
        match n {
            // An hour later somebody comes back, or at the other point, or with a slip of the finger.
            18 | 44 => drop(scan(&text(first[2], "code"), 0, 1).await?),
            27 => drop(scan(&text(second[30], "code"), 0, 2).await?),
            39 => drop(scan("7G4K2-M9QXR", 1, 1).await?),
            _ => {}
        }
    }
    // A paper list that was signed while the network was down has a line that was also handed out online.
    let signed = json!({ "point_id": plan.points[0], "handed_out_at": now.plus_secs(-35 * 60), "desk": "giấy",
                         "codes": [text(first[5], "typed_code")] });
    calls.post("/redemptions/roster", signed).await?;
    let phone = json!({ "name": "Máy của Lan, bàn 1", "point_ids": plan.points });
    let enrol_code = text(&calls.post("/devices", phone).await?, "enrol_code");
    Ok(Ward {
        logins: plan.logins.clone(),
        token: plan.token.clone(),
        enrol_code,
        point_id: plan.points[0].clone(),
        codes: first[40..43].iter().map(|voucher| text(voucher, "typed_code")).collect(),
        used_code: text(first[0], "typed_code"),
        sheets: calls.get(&format!("/rounds/{}/vouchers.pdf", plan.round)).await?,
    })
}

/// A point's vouchers in the order of their slots.
fn queue<'a>(all: &'a [Value], point: &str) -> Vec<&'a Value> {
    let mut queue: Vec<&Value> = all.iter().filter(|voucher| voucher["point_id"] == point).collect();
    queue.sort_by_key(|voucher| (text(voucher, "slot_at"), voucher["serial"].as_i64()));
    queue
}
