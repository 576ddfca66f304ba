//! What pages of transfers, adjustments and the ledger say alike.

use crate::db::Conn;
use crate::http::{Frame, Result};
use crate::inventory::MovedLine;
use crate::kernel::Quantity;
use crate::kernel::ids::UserId;
use crate::people::store::users;

/// The first few of some moved lines, in words: `12 kg Rau xanh; 5 chai Dầu ăn và 2 dòng nữa`.
pub fn summary(frame: &Frame, lines: &[MovedLine]) -> String {
    let first: Vec<String> = lines.iter().take(3).map(MovedLine::amount).collect();
    match lines.len() {
        0..=3 => first.join("; "),
        many => format!("{} {} {} {}", first.join("; "), frame.t("và", "and"), many - 3, frame.t("dòng nữa", "more")),
    }
}

/// `+12,5` or `-3`.
pub fn change(frame: &Frame, quantity: &Quantity, decimals: i64) -> String {
    let sign = if quantity.0 > 0 { "+" } else { "" };
    format!("{sign}{}", frame.amount(quantity, decimals))
}

/// The name of who booked something; empty when nobody did by hand.
pub async fn booked_by(conn: &mut Conn, id: Option<UserId>) -> Result<String> {
    let Some(id) = id else { return Ok(String::new()) };
    Ok(users::one(conn, id).await?.map_or_else(String::new, |user| user.name().to_owned()))
}
