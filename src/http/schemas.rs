//! What fields hold, as the API's document says it: bounds that many fields share, described once. None of these types is
//! ever made; `#[schema(value_type = …)]` of a field names them. The checks themselves stand beside each field's `parse`.

use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::kernel::{Day, Dong, Moment, Quantity};

/// Characters that [`clean`](crate::kernel::vietnamese::clean) takes out, in the words of a pattern.
macro_rules! invisible {
    () => {
        concat!(
            r"\u0000-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u061C\u180E",
            r"\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB"
        )
    };
}

/// A character that somebody sees.
macro_rules! seen {
    () => {
        concat!(r"[^\s\u0085", invisible!(), "]")
    };
}

/// A text with something to see in it.
const SEEN: &str = seen!();
/// Two characters or more between the spaces around them.
const TWO_SEEN: &str = concat!(seen!(), r"[\s\S]*", seen!());
/// Three characters or more between the spaces around them.
const THREE_SEEN: &str = concat!(seen!(), r"[\s\S]*[^", invisible!(), r"][\s\S]*", seen!());

/// A text that is more than spaces.
const NOT_BLANK: &str = r"[^\s\u0085]";

/// Declares texts of bodies: their bounds and the pattern that something of them matches.
macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $Name:ident: $least:literal..=$most:literal $pattern:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $Name {}

        impl PartialSchema for $Name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .min_length(Some($least))
                    .max_length(Some($most))
                    .pattern::<&str>($pattern)
                    .into()
            }
        }

        impl ToSchema for $Name {}
    )+};
}

texts! {
    /// 1 to 200 characters, spaces trimmed.
    Name: 1..=200 Some(SEEN);
    /// 2 to 100 characters, spaces trimmed; a letter or digit among them.
    LandlordName: 2..=100 Some(TWO_SEEN);
    /// A person's name, 2 to 100 characters, spaces trimmed; a letter among them.
    FullName: 2..=100 Some(TWO_SEEN);
    /// 1 to 30 characters, spaces trimmed.
    UnitName: 1..=30 Some(SEEN);
    /// A room's label, 1 to 100 characters, spaces trimmed; a letter or digit among them.
    RoomLabel: 1..=100 Some(SEEN);
    /// Why, 3 to 300 characters, spaces trimmed.
    Reason: 3..=300 Some(THREE_SEEN);
    /// A month of the years 2015 and later, `YYYY-MM`, at most two years ahead.
    RentMonth: 7..=7 Some("^20(1[5-9]|[2-9][0-9])-(0[1-9]|1[0-2])$");
    /// What the camera read or a person typed: a signed code, an address that ends in it, or a typed code.
    VoucherCode: 1..=2000 Some(NOT_BLANK);
    /// How people call a place at a point.
    DeskName: 0..=40 None;
    /// What is typed instead of a cell.
    CellText: 0..=2000 None;
    /// `new`, `skip`, `merge` (into the household it is the same as) or a household's id; empty takes a decision back.
    RowDecision: 0..=36 Some(
        "^(new|skip|merge|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})?$"
    );
    /// A SHA-256 in hex; empty where there is none.
    RecordHash: 0..=64 Some("^([0-9A-Fa-f]{64})?$");
}

/// Declares whole numbers of bodies.
macro_rules! numbers {
    ($($(#[doc = $doc:literal])+ $Name:ident: $least:expr, $most:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $Name {}

        impl PartialSchema for $Name {
            fn schema() -> RefOr<Schema> {
                number($least, $most).description(Some(concat!($($doc),+).trim())).into()
            }
        }

        impl ToSchema for $Name {}
    )+};
}

numbers! {
    /// An amount in đồng.
    Amount: 0, Dong::MAX_FIELD;
    /// So much of an item, in its smallest unit.
    SomeQuantity: 1, Quantity::MAX_FIELD;
    /// A record's place in its phone's queue.
    RecordPlace: 1, 31_536_000;
    /// So much of an item or nothing, in its smallest unit.
    AnyQuantity: 0, Quantity::MAX_FIELD;
}

/// A change of so much of an item, in its smallest unit: below zero takes away, above zero adds.
#[derive(Debug)]
pub enum QuantityChange {}

impl PartialSchema for QuantityChange {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(number(-Quantity::MAX_FIELD, -1))
            .item(number(1, Quantity::MAX_FIELD))
            .description(Some("In the item's smallest unit: below zero takes away, above zero adds."))
            .into()
    }
}

impl ToSchema for QuantityChange {}

/// A day or a moment.
#[derive(Debug)]
pub enum DayOrMoment {}

impl PartialSchema for DayOrMoment {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new().item(Day::schema()).item(Moment::schema()).into()
    }
}

impl ToSchema for DayOrMoment {}

fn number(least: i64, most: i64) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(Some(most))
}
