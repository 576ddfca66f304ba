//! Who cuts the rent.

use serde::{Deserialize, Serialize};

use crate::http::schemas::LandlordName;
use crate::kernel::ids::LandlordId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::{address_key, clean, fold};
use crate::kernel::{PhoneNumber, Validation};

/// A landlord as staff see one.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Landlord {
    /// Whose rooms they are.
    pub id: LandlordId,
    /// Full name.
    #[schema(example = "Mai Mỹ Trâm")]
    pub name: String,
    /// The phone; all but the last digits hidden unless one record is read by somebody who needs it.
    #[schema(example = "••••••• 430")]
    pub phone: Option<String>,
    /// Where the rooms are.
    #[schema(example = "K101/41 Phù Đổng")]
    pub address: String,
}

/// Who cuts the rent, as given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct LandlordBody {
    /// 2 to 100 characters.
    #[schema(value_type = LandlordName, example = "Mai Mỹ Trâm")]
    pub name: String,
    /// A Vietnamese number; may be left out where the address tells the landlord apart.
    #[schema(example = "0905 420 430")]
    pub phone: Option<String>,
    /// Where the rooms are.
    #[schema(example = "K101/41 Phù Đổng", max_length = 300)]
    pub address: Option<String>,
}

/// A checked landlord.
#[derive(Clone, Debug)]
pub struct NewLandlord {
    /// Full name.
    pub name: String,
    /// Its folded form.
    pub name_key: String,
    /// The phone, if there is one.
    pub phone: Option<PhoneNumber>,
    /// Where the rooms are; empty when unknown.
    pub address: String,
    /// The key under which spellings of the address meet.
    pub address_key: String,
}

impl NewLandlord {
    /// Checks who cuts the rent. `path` is the field's name.
    pub fn check(fields: &mut Validation, path: &str, body: &LandlordBody) -> Option<Self> {
        let name = clean(&body.name);
        let count = name.chars().count();
        let good_name = (2..=100).contains(&count) && !fold(&name).is_empty();
        fields.check(&format!("{path}.name"), good_name, || {
            Invalid::fixed(
                "out_of_range",
                "Họ tên chủ nhà trọ dài từ 2 đến 100 ký tự.",
                "A name has 2 to 100 characters.",
            )
        });
        let phone_text = body.phone.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let phone = fields.take_optional(&format!("{path}.phone"), phone_text, PhoneNumber::parse);
        let address = clean(body.address.as_deref().unwrap_or(""));
        fields.check(&format!("{path}.address"), address.chars().count() <= 300, || {
            Invalid::fixed("too_long", "Địa chỉ dài tối đa 300 ký tự.", "An address has at most 300 characters.")
        });
        let address_key = address_key(&address);
        fields.check(&format!("{path}.phone"), phone_text.is_some() || !address_key.is_empty(), || {
            Invalid::fixed(
                "required",
                "Cần số điện thoại hoặc địa chỉ để liên hệ với chủ nhà trọ.",
                "A phone or an address is needed to reach the landlord.",
            )
        });
        good_name.then(|| Self { name_key: fold(&name), name, phone, address, address_key })
    }
}
