//! Goods that are not there.

use super::store::catalogue::items_by_id;
use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::ids::ItemId;
use crate::kernel::{FieldError, Message, Quantity};

/// A line that the stock can't fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Which of the lines, from 0.
    pub line: usize,
    pub item_id: ItemId,
    /// How much was wanted.
    pub wanted: Quantity,
    /// How much could be taken.
    pub available: Quantity,
}

/// What a shortage says: one field error per line, naming the item, what was wanted and what is there.
pub async fn shortage(conn: &mut Conn, shorts: &[Shortage]) -> Result<Error> {
    let ids: Vec<ItemId> = shorts.iter().map(|short| short.item_id).collect();
    let items = items_by_id(conn, &ids).await?;
    let errors = shorts.iter().map(|short| {
        let item = items.get(&short.item_id);
        let name = item.map_or("", |item| item.name.as_str());
        let amount = |quantity| item.map_or_else(String::new, |item| item.amount(quantity));
        let (wanted, there) = (amount(short.wanted), amount(short.available));
        let say = Message::new(
            format!(
                "{name}: cần {wanted} nhưng ở đây chỉ còn {there} dùng được. Hãy giảm số lượng hoặc chuyển thêm hàng đến."
            ),
            format!(
                "{name}: {wanted} wanted, but only {there} fit for use is here. Take less, or bring more here first."
            ),
        );
        FieldError::new(format!("lines[{}].quantity", short.line), "not_enough", say)
    });
    Ok(Error::Invalid(errors.collect()))
}
