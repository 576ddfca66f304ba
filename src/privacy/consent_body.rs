//! What is said of a consent that is given, taken back, or looked for.

use serde::Deserialize;

use crate::consents::service::Signed;
use crate::consents::{ConsentChannel, Purpose};
use crate::http::schemas::{Name, Reason};
use crate::http::{Error, Result};
use crate::kernel::{CitizenId, PhoneNumber, Validation};
use crate::people::audit::parse_reason;

/// A consent that was given now.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"purpose": "keep_data", "channel": "paper"}))]
pub(super) struct GiveBody {
    /// What was agreed to.
    pub(super) purpose: Purpose,
    /// How it was asked for.
    pub(super) channel: ConsentChannel,
}

/// A consent that is taken back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"purpose": "keep_data", "channel": "phone_call", "reason": "Hộ gọi điện xin rút"}))]
pub(super) struct WithdrawBody {
    /// What was agreed to.
    pub(super) purpose: Purpose,
    /// How that was said.
    pub(super) channel: ConsentChannel,
    /// Why, 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
}

impl WithdrawBody {
    /// The reason, or what is wrong with it.
    pub(super) fn reason(&self) -> Result<String> {
        parse_reason(&self.reason).map_err(|wrong| Error::Invalid(vec![wrong.at("reason")]))
    }
}

/// What a signed paper says, to find the consent of somebody who was erased.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Trần Thị Hoa", "phone": "0905 123 456"}))]
pub(super) struct PaperBody {
    /// The name on it.
    #[schema(value_type = Name)]
    pub(super) name: String,
    /// The phone on it.
    pub(super) phone: Option<String>,
    /// The id number on it.
    pub(super) citizen_id: Option<String>,
    /// The address on it.
    #[schema(max_length = 300)]
    pub(super) address: Option<String>,
}

impl PaperBody {
    /// What the paper says, every field what it may be.
    pub(super) fn parse(self) -> Result<Signed> {
        let mut fields = Validation::new();
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let phone = fields.take_optional("phone", filled(self.phone), |text| PhoneNumber::parse(&text));
        let citizen_id = fields.take_optional("citizen_id", filled(self.citizen_id), |text| CitizenId::parse(&text));
        let name = fields.take("name", crate::households::parse_head_name(&self.name));
        let address =
            fields.take("address", crate::households::parse_address(self.address.as_deref().unwrap_or_default()));
        let (name, address) = fields.all((name, address))?;
        Ok(Signed {
            name,
            phone: phone.map(|phone| phone.as_str().to_owned()),
            citizen_id: citizen_id.map(|id| id.as_str().to_owned()),
            address,
        })
    }
}
