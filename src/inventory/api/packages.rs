//! The JSON API of packages.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::db::{Conn, Tx};
use crate::http::{Answer, Api, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::inventory::item::unknown_item;
use crate::inventory::package::Package;
use crate::inventory::store::catalogue;
use crate::inventory::store::catalogue::NewPackage;
use crate::kernel::ids::{ItemId, PackageId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Dong, Message, Quantity, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadPlans, WriteGoods};
use crate::people::{Caller, Permit};
use crate::places::parse_name;

/// Items that a package holds at most.
const MAX_ITEMS: usize = 100;

/// Packages.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_package, list_packages)).routes(routes!(get_package))
}

/// A package to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Suất 10 kg gạo, 10 trứng", "value": 250_000, "items": [
    {"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "quantity": 10_000},
    {"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91", "quantity": 10}]}))]
pub(crate) struct NewPackageBody {
    /// 1 to 200 characters.
    pub(crate) name: String,
    /// What one package is worth, in đồng.
    pub(crate) value: i64,
    /// 1 to 100 items, none twice.
    pub(crate) items: Vec<NewPackageItem>,
}

/// One item of a package to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewPackageItem {
    /// The item.
    pub(crate) item_id: ItemId,
    /// How much of it, in its smallest unit.
    pub(crate) quantity: i64,
}

impl NewPackageBody {
    fn check(self) -> Result<NewPackage> {
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&clean(&self.name)));
        let value = fields.take("value", Dong::parse(self.value));
        fields.check("items", (1..=MAX_ITEMS).contains(&self.items.len()), || {
            Invalid::fixed("out_of_range", "Suất quà phải có từ 1 đến 100 mặt hàng.", "A package holds 1 to 100 items.")
        });
        let (mut items, mut seen) = (Vec::new(), HashSet::new());
        for (i, line) in self.items.iter().enumerate() {
            fields.check(&format!("items[{i}].item_id"), seen.insert(line.item_id), || {
                Invalid::fixed(
                    "repeated",
                    "Mặt hàng này đã có trong suất quà. Hãy cộng vào một dòng.",
                    "This item is in the package already. Add both up in one line.",
                )
            });
            if let Some(quantity) =
                fields.take(&format!("items[{i}].quantity"), Quantity::parse_positive(line.quantity))
            {
                items.push((line.item_id, quantity));
            }
        }
        fields.finish()?;
        Ok(NewPackage { name: name.unwrap_or_default(), value: value.unwrap_or_default(), items })
    }
}

/// Register a package
#[utoipa::path(post, path = "/packages", tag = "goods", request_body = NewPackageBody,
    responses((status = 201, description = "The package with its number", body = Package), Problems))]
pub(crate) async fn create_package(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewPackageBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let new = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let id = insert(&mut tx, &core, new).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "package", id.0)).await?;
    let package = catalogue::package(&mut tx, id).await?.ok_or(Error::NotFound)?;
    once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &package).await
}

async fn insert(tx: &mut Tx, core: &Core, new: NewPackage) -> Result<PackageId> {
    let ids: Vec<ItemId> = new.items.iter().map(|(id, _)| *id).collect();
    let known = catalogue::items_by_id(tx, &ids).await?;
    let mut fields = Validation::new();
    for (i, id) in ids.iter().enumerate() {
        fields.check(&format!("items[{i}].item_id"), known.contains_key(id), unknown_item);
    }
    fields.finish()?;
    catalogue::insert_package(tx, &core.clock, new).await?.ok_or_else(|| {
        Error::conflict(
            "no_number_left",
            "Đã dùng hết 65.535 số của suất quà, không đăng ký thêm được.",
            "All 65,535 package numbers are used; no more can be registered.",
        )
    })
}

/// All packages
#[utoipa::path(get, path = "/packages", tag = "goods", params(Page),
    responses((status = 200, description = "A page of packages", body = Listing<Package>), Problems))]
async fn list_packages(
    State(core): State<Core>,
    _permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Package>>> {
    let cursor = page.cursor()?;
    let packages = catalogue::packages(&mut core.db.read().await?, cursor).await?;
    Ok(Json(Listing::new(packages, cursor, |package| package.id.0)))
}

/// One package
#[utoipa::path(get, path = "/packages/{id}", tag = "goods", params(("id" = PackageId, Path)),
    responses((status = 200, description = "The package", body = Package), Problems))]
async fn get_package(
    State(core): State<Core>,
    _permit: Permit<ReadPlans, Caller>,
    Id(id): Id<PackageId>,
) -> Result<Json<Package>> {
    catalogue::package(&mut core.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound)
}

/// The package that a field names must exist.
pub async fn require_package(conn: &mut Conn, field: &str, id: PackageId) -> Result<Package> {
    catalogue::package(conn, id).await?.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Message::fixed(
                "Không có suất quà này. Xem danh sách suất quà rồi chọn lại.",
                "There is no such package. See the list of packages and choose again.",
            ),
        )
    })
}
