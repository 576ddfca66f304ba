//! The SQL of items and packages.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::inventory::item::{Item, NewItem};
use crate::inventory::package::{NewPackage, Package, PackageItem};
use crate::inventory::store::numbers::{Numbered, take_numbers};
use crate::kernel::ids::{ItemId, PackageId};
use crate::kernel::vietnamese::fold;
use crate::kernel::{Clock, Dong, Moment, Quantity};

#[derive(sqlx::FromRow)]
struct PackageRow {
    id: PackageId,
    number: i64,
    name: String,
    value: Dong,
    created_at: Moment,
}

#[derive(sqlx::FromRow)]
struct PackageItemRow {
    package_id: PackageId,
    #[sqlx(flatten)]
    item: PackageItem,
}

/// The key under which a unit or a name is the same: folded, or as it stands when nothing of it is a letter.
pub fn key(text: &str) -> String {
    let folded = fold(text);
    if folded.is_empty() { text.to_lowercase() } else { folded }
}

/// Stores an item; nothing when one of the same folded name and unit is there already.
pub async fn insert_item(tx: &mut Tx, clock: &Clock, new: NewItem) -> Result<Option<Item>, sqlx::Error> {
    let id = ItemId::new(clock);
    let stored = tx
        .sql(
            "insert into items (id, name, name_key, unit, unit_key, decimals, perishable, low_stock, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (name_key, unit_key) do nothing",
        )
        .bind(id)
        .bind(new.name.clone())
        .bind(key(&new.name))
        .bind(new.unit.clone())
        .bind(key(&new.unit))
        .bind(new.decimals)
        .bind(new.perishable)
        .bind(new.low_stock)
        .bind(clock.now())
        .execute()
        .await?;
    if stored == 0 { Ok(None) } else { item(tx, id).await }
}

/// Changes an item to a state; its decimals stay.
pub async fn update_item(tx: &mut Tx, id: ItemId, state: NewItem) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update items set name = $2, name_key = $3, unit = $4, unit_key = $5, perishable = $6, low_stock = $7
         where id = $1",
    )
    .bind(id)
    .bind(state.name.clone())
    .bind(key(&state.name))
    .bind(state.unit.clone())
    .bind(key(&state.unit))
    .bind(state.perishable)
    .bind(state.low_stock)
    .execute()
    .await
}

/// One item.
pub async fn item(conn: &mut Conn, id: ItemId) -> Result<Option<Item>, sqlx::Error> {
    conn.sql("select id, name, unit, decimals, perishable, low_stock, created_at from items where id = $1")
        .bind(id)
        .optional()
        .await
}

/// The item of a name and unit, however they are written.
pub async fn item_named(conn: &mut Conn, name: &str, unit: &str) -> Result<Option<Item>, sqlx::Error> {
    conn.sql(
        "select id, name, unit, decimals, perishable, low_stock, created_at from items
         where name_key = $1 and unit_key = $2",
    )
    .bind(key(name))
    .bind(key(unit))
    .optional()
    .await
}

/// A page of items.
pub async fn items(conn: &mut Conn, cursor: Cursor) -> Result<Vec<Item>, sqlx::Error> {
    conn.sql(
        "select id, name, unit, decimals, perishable, low_stock, created_at from items
         where id > $1 order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// All items by name: what forms offer.
pub async fn items_by_name(conn: &mut Conn) -> Result<Vec<Item>, sqlx::Error> {
    conn.sql(
        "select id, name, unit, decimals, perishable, low_stock, created_at from items
         order by name_key, unit_key limit 5000",
    )
    .all()
    .await
}

/// The items of a batch of ids; unknown ids are left out.
pub async fn items_by_id(conn: &mut Conn, ids: &[ItemId]) -> Result<HashMap<ItemId, Item>, sqlx::Error> {
    let items: Vec<Item> = conn
        .sql(
            "select i.id, i.name, i.unit, i.decimals, i.perishable, i.low_stock, i.created_at from items i
             where i.id in (select w.id from rows($1: id uuid) as w)",
        )
        .bind_rows(&id_rows(ids))
        .all()
        .await?;
    Ok(items.into_iter().map(|item| (item.id, item)).collect())
}

/// Stores a package under the next number; the number is above 65535 when all are used up.
pub async fn insert_package(tx: &mut Tx, clock: &Clock, new: NewPackage) -> Result<Option<PackageId>, sqlx::Error> {
    let id = PackageId::new(clock);
    let number = take_numbers(tx, Numbered::Package, 1).await?;
    if number > i64::from(u16::MAX) {
        return Ok(None);
    }
    tx.sql("insert into packages (id, number, name, value, created_at) values ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(number)
        .bind(new.name)
        .bind(new.value)
        .bind(clock.now())
        .execute()
        .await?;
    #[derive(Serialize)]
    struct Row {
        item_id: ItemId,
        quantity: Quantity,
    }
    let rows: Vec<Row> = new.items.into_iter().map(|(item_id, quantity)| Row { item_id, quantity }).collect();
    tx.sql(
        "insert into package_items (package_id, item_id, quantity)
         select $1, w.item_id, w.quantity from rows($2: item_id uuid, quantity bigint) as w",
    )
    .bind(id)
    .bind_rows(&rows)
    .execute()
    .await?;
    Ok(Some(id))
}

/// One package with its contents.
pub async fn package(conn: &mut Conn, id: PackageId) -> Result<Option<Package>, sqlx::Error> {
    Ok(packages_by_id(conn, &[id]).await?.pop())
}

/// The packages of a batch of ids, in the order of their ids; unknown ids are left out.
pub async fn packages_by_id(conn: &mut Conn, ids: &[PackageId]) -> Result<Vec<Package>, sqlx::Error> {
    let rows: Vec<PackageRow> = conn
        .sql(
            "select p.id, p.number, p.name, p.value, p.created_at from packages p
             where p.id in (select w.id from rows($1: id uuid) as w) order by p.id",
        )
        .bind_rows(&id_rows(ids))
        .all()
        .await?;
    with_items(conn, rows).await
}

/// A page of packages with their contents.
pub async fn packages(conn: &mut Conn, cursor: Cursor) -> Result<Vec<Package>, sqlx::Error> {
    let rows: Vec<PackageRow> = conn
        .sql("select id, number, name, value, created_at from packages where id > $1 order by id limit $2")
        .bind(cursor.after)
        .bind(cursor.fetch)
        .all()
        .await?;
    with_items(conn, rows).await
}

/// All packages with their contents, the newest in front: what forms offer.
pub async fn packages_by_age(conn: &mut Conn) -> Result<Vec<Package>, sqlx::Error> {
    let rows: Vec<PackageRow> = conn
        .sql("select id, number, name, value, created_at from packages order by number desc limit 1000")
        .all()
        .await?;
    with_items(conn, rows).await
}

async fn with_items(conn: &mut Conn, rows: Vec<PackageRow>) -> Result<Vec<Package>, sqlx::Error> {
    let ids: Vec<PackageId> = rows.iter().map(|row| row.id).collect();
    let contents: Vec<PackageItemRow> = conn
        .sql(
            "select c.package_id, c.item_id, i.name, i.unit, i.decimals, c.quantity
             from package_items c join items i on i.id = c.item_id
             where c.package_id in (select w.id from rows($1: id uuid) as w) order by c.package_id, i.id",
        )
        .bind_rows(&id_rows(&ids))
        .all()
        .await?;
    let mut by_package: HashMap<PackageId, Vec<PackageItem>> = HashMap::new();
    for row in contents {
        by_package.entry(row.package_id).or_default().push(row.item);
    }
    let full = rows.into_iter().map(|row| Package {
        items: by_package.remove(&row.id).unwrap_or_default(),
        id: row.id,
        number: row.number,
        name: row.name,
        value: row.value,
        created_at: row.created_at,
    });
    Ok(full.collect())
}

/// An item with what is on hand of it, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedItem {
    /// The item.
    #[sqlx(flatten)]
    pub item: Item,
    /// What is on hand at all points.
    pub on_hand: Quantity,
}

/// Part of the table of items by name; only those whose folded name holds a text when one is given.
pub async fn listed_items(
    conn: &mut Conn,
    name_key: Option<String>,
    (limit, offset): (i64, i64),
) -> Result<Vec<ListedItem>, sqlx::Error> {
    conn.sql(
        "select i.id, i.name, i.unit, i.decimals, i.perishable, i.low_stock, i.created_at,
             cast(coalesce((select sum(l.quantity) from stock_levels l where l.item_id = i.id), 0) as bigint)
                 as on_hand
         from items i where (i.name_key like '%' || $1 || '%') or $1 is null
         order by i.name_key, i.unit_key limit $2 offset $3",
    )
    .bind(name_key)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}
