//! The JSON API of packages.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{
    Answer, Api, Core, CreateBody, Error, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::inventory::package::{NewPackage, NewPackageBody, Package};
use crate::inventory::service::packages as service;
use crate::inventory::store::catalogue;
use crate::kernel::ids::PackageId;
use crate::people::rights::{ReadPlans, WriteGoods};
use crate::people::{Caller, Permit};

/// Packages.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_package, list_packages)).routes(routes!(get_package))
}

/// Register a package
#[utoipa::path(post, path = "/packages", tag = "goods", params(IdempotencyKey), request_body = NewPackageBody,
    responses((status = 201, description = "The package with its number", body = Package), Problems))]
async fn create_package(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewPackageBody>,
) -> Result<Answer> {
    let new = NewPackage::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
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
