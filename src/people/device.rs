//! A phone: as a caller, as it is invited, and as it enrols.

use serde::{Deserialize, Serialize};

use crate::http::Result;
use crate::http::schemas::Name;
use crate::kernel::ids::{DeviceId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Clock, Moment, Validation, Within};
use crate::vault::token_hash;

/// Random bytes of an enrolment code: 16 symbols that can be read aloud.
const CODE_BYTES: usize = 10;

/// An enrolled phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    /// The name given by the coordinator.
    pub name: String,
    /// The points it serves.
    pub point_ids: Vec<PointId>,
    /// When it was revoked. A revoked phone may only upload what it handed out before it knew.
    pub revoked_at: Option<Moment>,
}

/// A phone to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Máy của Lan, bàn 1", "point_ids": ["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"]}))]
pub(in crate::people) struct NewDeviceBody {
    /// How people call it: 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(in crate::people) name: String,
    /// The points it will serve, at least one.
    #[schema(min_items = 1, max_items = 100)]
    pub(in crate::people) point_ids: Vec<PointId>,
}

/// A phone as it will be invited, at points within its inviter's reach.
#[derive(Debug)]
pub struct NewDevice {
    pub(in crate::people) name: String,
    pub(in crate::people) point_ids: Vec<PointId>,
}

impl NewDevice {
    /// All fields, or all that is wrong with them; a point outside of `reach` is refused.
    pub(in crate::people) fn parse(body: NewDeviceBody, reach: &Within<PointId>) -> Result<Self> {
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&body.name));
        fields.check("point_ids", (1..=100).contains(&body.point_ids.len()), || {
            Invalid::fixed("out_of_range", "Chọn từ 1 đến 100 điểm phát.", "Choose 1 to 100 points.")
        });
        let (name,) = fields.all((name,))?;
        body.point_ids.iter().try_for_each(|id| reach.require(*id))?;
        Ok(Self { name, point_ids: body.point_ids })
    }
}

/// An invitation.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::people) struct Invitation {
    /// The phone's id.
    pub(in crate::people) id: DeviceId,
    /// To be opened on the phone, as a QR code say. The code is in the fragment, which no server sees.
    #[schema(example = "https://phat-qua.example/enrol#K7QW-2M4X-PA3D-LT6E")]
    pub(in crate::people) enrol_url: String,
    /// The code alone, to be typed.
    #[schema(example = "K7QW-2M4X-PA3D-LT6E")]
    pub(in crate::people) enrol_code: String,
    /// When the code ends.
    pub(in crate::people) expires_at: Moment,
}

/// The code of an invitation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"enrol_code": "K7QW-2M4X-PA3D-LT6E", "volunteer": "Nguyễn Thị Lan"}))]
pub(in crate::people) struct EnrolBody {
    /// As shown or typed: hyphens, spaces and letter case don't matter.
    enrol_code: String,
    /// Who carries the phone: up to 100 characters. Coordinators see it beside what was handed out.
    #[schema(max_length = 100)]
    volunteer: Option<String>,
}

/// A phone that shows a code.
#[derive(Debug)]
pub(in crate::people) struct Enrolment {
    /// The stored form of its code.
    pub(in crate::people) enrol_hash: Vec<u8>,
    /// Who carries it; may be empty.
    pub(in crate::people) volunteer: String,
}

impl Enrolment {
    /// All fields, or all that is wrong with them.
    pub(in crate::people) fn parse(body: &EnrolBody) -> Result<Self> {
        let mut fields = Validation::new();
        let volunteer = fields.take("volunteer", parse_volunteer(body.volunteer.as_deref()));
        let (volunteer,) = fields.all((volunteer,))?;
        Ok(Self { enrol_hash: code_hash(&body.enrol_code), volunteer })
    }
}

/// An enrolled phone's identity.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct Enrolled {
    /// The phone's id.
    pub(in crate::people) device_id: DeviceId,
    /// Its bearer token, shown this once.
    pub(in crate::people) token: String,
}

/// A new code, `XXXX-XXXX-XXXX-XXXX`: 80 random bits.
pub(in crate::people) fn new_code(clock: &Clock) -> String {
    let symbols = data_encoding::BASE32_NOPAD.encode(&clock.bytes::<CODE_BYTES>());
    [&symbols[..4], &symbols[4..8], &symbols[8..12], &symbols[12..]].join("-")
}

/// The stored form of a code. Look-alikes that base32 leaves out (0, 1, 8) are read as the letters they resemble.
pub(in crate::people) fn code_hash(code: &str) -> Vec<u8> {
    let symbols: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            c => c,
        })
        .collect();
    token_hash(&symbols)
}

fn parse_name(text: &str) -> std::result::Result<String, Invalid> {
    let name = clean(text);
    if (1..=200).contains(&name.chars().count()) {
        Ok(name)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tên máy dài từ 1 đến 200 ký tự.",
            "A phone's name has 1 to 200 characters.",
        ))
    }
}

fn parse_volunteer(text: Option<&str>) -> std::result::Result<String, Invalid> {
    let name = clean(text.unwrap_or_default());
    if name.chars().count() <= 100 {
        Ok(name)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tên tình nguyện viên dài tối đa 100 ký tự.",
            "A volunteer's name has at most 100 characters.",
        ))
    }
}
