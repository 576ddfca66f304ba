//! Enums that are one word of text wherever they leave the program: in a column, in JSON, in an address.

/// A stored word that is none of an enum's names. Names those, never the word: it may be anybody's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownName(pub &'static [&'static str]);

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "it is none of {}", self.0.join(", "))
    }
}

impl std::error::Error for UnknownName {}

/// Declares an enum from one list of variants and names. Both databases, JSON and the OpenAPI document know it by
/// these names; reading another name from a row is an error.
macro_rules! text_enum {
    ($(#[$attribute:meta])* $vis:vis enum $Name:ident {
        $($(#[$on_variant:meta])* $Variant:ident = $name:tt),+ $(,)?
    }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $(#[$attribute])*
        $vis enum $Name {
            $($(#[$on_variant])* #[serde(rename = $name)] $Variant),+
        }

        impl $Name {
            /// All of them, as they are written.
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$Variant),+];
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The stored and transmitted name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name),+
                }
            }

            /// The one of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$Variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::kernel::text_enum::UnknownName;

            fn from_str(name: &str) -> ::std::result::Result<Self, Self::Err> {
                Self::from_name(name).ok_or($crate::kernel::text_enum::UnknownName(Self::NAMES))
            }
        }

        $crate::kernel::text_column::text_column!($Name);

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $Name
        where
            &'q str: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buf: &mut DB::ArgumentBuffer,
            ) -> ::std::result::Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                let name: &'q str = self.name();
                sqlx::Encode::<DB>::encode_by_ref(&name, buf)
            }
        }
    };
}

pub(crate) use text_enum;

#[cfg(test)]
mod tests {
    text_enum! {
        /// How an egg is cooked.
        #[derive(Default)]
        enum Egg {
            #[default]
            Soft = "soft",
            HardBoiled = "hard_boiled",
        }
    }

    #[test]
    fn an_enum_is_its_name_in_json_and_back() {
        assert_eq!(serde_json::to_string(&Egg::HardBoiled).unwrap(), "\"hard_boiled\"");
        assert_eq!(serde_json::from_str::<Egg>("\"soft\"").unwrap(), Egg::default());
        for egg in Egg::ALL {
            assert_eq!(Egg::from_name(egg.name()), Some(egg));
        }
        assert_eq!(Egg::from_name("scrambled"), None);
    }
}
