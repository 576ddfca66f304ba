//! Types that a column holds as text.

/// Reads a type from a column of text on both databases: by its `FromStr`, or by a function. A text that is none of it is
/// an error.
macro_rules! text_column {
    ($Name:ty) => {
        $crate::kernel::text_column::text_column!($Name, str::parse::<$Name>);
    };
    ($Name:ty, $read:expr) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $Name
        where
            str: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <str as sqlx::Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <str as sqlx::Type<DB>>::compatible(ty)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $Name
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> ::std::result::Result<Self, sqlx::error::BoxDynError> {
                let read: fn(&str) -> ::std::result::Result<Self, _> = $read;
                Ok(read(<&'r str as sqlx::Decode<'r, DB>>::decode(value)?)?)
            }
        }
    };
}

/// Binds a type as its `Display` writes it.
macro_rules! text_bound {
    ($Name:ty) => {
        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $Name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buf: &mut DB::ArgumentBuffer,
            ) -> ::std::result::Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.to_string().encode(buf)
            }
        }
    };
}

pub(crate) use {text_bound, text_column};
