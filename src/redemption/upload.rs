//! What a phone tells afterwards: its records, each with its place in the phone's queue.

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::intake::ScanBody;

/// Records that one upload or paper list has at most.
pub(super) const ITEMS_MAX: usize = 1000;

/// What a phone handed out while it had no network.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"items": [{
    "nonce": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "code": "7G4K2-M9QXR",
    "point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "scanned_at": "2021-08-05T07:12:30+07:00",
    "sequence": 1, "previous_hash": "", "handed_out": true
}]}))]
pub(super) struct UploadBody {
    /// At most 1,000. Each is checked and answered by itself.
    #[schema(value_type = Vec<AnyRecord>, max_items = 1000)]
    pub(super) items: Vec<Value>,
}

/// An [`UploadItem`]; what is none is answered with an error of its own, and the others are taken.
#[derive(Debug)]
pub(super) enum AnyRecord {}

impl PartialSchema for AnyRecord {
    fn schema() -> RefOr<Schema> {
        let other = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        AnyOfBuilder::new()
            .item(Ref::from_schema_name(UploadItem::name()))
            .item(other)
            .description(Some("A record; what is none is answered with an error of its own, and the others are taken."))
            .into()
    }
}

impl ToSchema for AnyRecord {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((UploadItem::name().into(), UploadItem::schema()));
        UploadItem::schemas(schemas);
    }
}

/// One record of a phone's queue: a scan and where it stood.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "documents the two halves, which are parsed one after the other")]
pub(super) struct UploadItem {
    #[schema(inline)]
    #[serde(flatten)]
    scan: ScanBody,
    #[schema(inline)]
    #[serde(flatten)]
    place: UploadPlace,
}

/// Where a record stood in its phone's queue.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct UploadPlace {
    /// Place in the phone's queue.
    #[schema(minimum = 1, maximum = 31_536_000)]
    pub(super) sequence: Option<i64>,
    /// Hash of the record before it in the phone's queue, in hex.
    pub(super) previous_hash: Option<String>,
    /// The lease it was handed out under.
    pub(super) lease_epoch: Option<i64>,
    /// Whether the goods left. A record that says so is taken as fact; left out, it is one.
    pub(super) handed_out: Option<bool>,
}
