//! What is said when somebody is to be erased.

use serde::Deserialize;

use crate::http::schemas::Reason;
use crate::http::{Error, Result};
use crate::people::audit::parse_reason;

/// What is kept where nobody said why.
const ON_REQUEST: &str = "Theo yêu cầu của người dân";

/// Why somebody is erased.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Theo đơn yêu cầu ngày 04/08/2021"}))]
pub(super) struct EraseBody {
    /// Why, 3 to 300 characters; left out: on request. It is kept without the person's name.
    #[schema(value_type = Option<Reason>)]
    pub(super) reason: Option<String>,
}

impl EraseBody {
    /// The reason, or what is wrong with it.
    pub(super) fn parse(self) -> Result<String> {
        match self.reason {
            None => Ok(ON_REQUEST.to_owned()),
            Some(reason) => parse_reason(&reason).map_err(|wrong| Error::Invalid(vec![wrong.at("reason")])),
        }
    }
}
