//! An API token as administrators make it.

use serde::{Deserialize, Serialize};

use crate::http::Result;
use crate::kernel::ids::TokenId;
use crate::kernel::message::Invalid;
use crate::kernel::{Moment, Validation};

/// A token to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"days": 30}))]
pub(in crate::people) struct NewTokenBody {
    /// Days until it ends, 1 to 3650; 365 when left out.
    #[schema(minimum = 1, maximum = 3650)]
    pub(in crate::people) days: Option<i64>,
}

/// A token as it will stand.
#[derive(Clone, Copy, Debug)]
pub struct NewToken {
    /// Days until it ends.
    pub(in crate::people) days: i64,
}

impl NewToken {
    pub(in crate::people) fn parse(body: &NewTokenBody) -> Result<Self> {
        let mut fields = Validation::new();
        let new = fields.take("days", Self::of_days(body.days.unwrap_or(365)));
        let (new,) = fields.all((new,))?;
        Ok(new)
    }

    /// A token that ends after so many days.
    pub fn of_days(days: i64) -> std::result::Result<Self, Invalid> {
        if (1..=3650).contains(&days) {
            Ok(Self { days })
        } else {
            Err(Invalid::fixed("out_of_range", "Số ngày từ 1 đến 3650.", "Days are from 1 to 3650."))
        }
    }
}

/// A new token.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NewToken)]
pub struct IssuedToken {
    /// Its id, to revoke it by.
    pub id: TokenId,
    /// The secret, shown this once.
    pub token: String,
    /// When it ends.
    pub expires_at: Moment,
}
