//! Values that a text column keeps as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Type};

/// A value that a text column keeps as JSON. Text that is not its JSON is an error when the row is read; the error
/// does not repeat it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonText<T>(pub T);

impl<DB: sqlx::Database, T> Type<DB> for JsonText<T>
where
    str: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <str as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <str as Type<DB>>::compatible(ty)
    }
}

impl<'r, DB: sqlx::Database, T: DeserializeOwned> Decode<'r, DB> for JsonText<T>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&'r str as Decode<'r, DB>>::decode(value)?;
        serde_json::from_str(text).map(Self).map_err(|error| {
            format!("it is not the JSON that it should be, at line {}, column {}", error.line(), error.column()).into()
        })
    }
}

impl<'q, DB: sqlx::Database, T: Serialize> Encode<'q, DB> for JsonText<T>
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        serde_json::to_string(&self.0)?.encode(buf)
    }
}
