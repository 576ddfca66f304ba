//! Phones: invited by a coordinator, enrolled once with a code, revoked at once.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::db::Tx;
use crate::http::throttle::ThrottleKind;
use crate::http::{Answer, Claim, Core, CreateBody, Error, Peer, Result};
use crate::kernel::ids::{DeviceId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Message, Moment, Validation};
use crate::people::audit::{self, Act, Actor};
use crate::people::lookup::require_points;
use crate::people::rights::ManageDevices;
use crate::people::store::devices::{self, NewDevice};
use crate::people::{Permit, Staff};
use crate::vault::{new_token, token_hash};

/// How long an enrolment code is good, in seconds.
const CODE_SECS: i64 = 24 * 3600;
/// Random bytes of an enrolment code: 16 symbols that can be read aloud.
const CODE_BYTES: usize = 10;

/// A phone to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Máy của Lan, bàn 1", "point_ids": ["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"]}))]
pub(in crate::people) struct NewDeviceBody {
    /// How people call it: 1 to 200 characters.
    pub(in crate::people) name: String,
    /// The points it will serve, at least one.
    pub(in crate::people) point_ids: Vec<PointId>,
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
    volunteer: Option<String>,
}

/// An enrolled phone's identity.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct Enrolled {
    /// The phone's id.
    device_id: DeviceId,
    /// Its bearer token, shown this once.
    token: String,
}

/// Revokes a phone, at once once the caller has committed and called `forget_believed`. The first revocation's moment stays.
pub async fn revoke(tx: &mut Tx, core: &Core, staff: &Staff, id: DeviceId) -> Result<()> {
    if devices::revoke(tx, id, core.clock.now()).await? == 1 {
        audit::append(tx, &core.clock, staff.actor(), Act::on("revoke", "device", id.0)).await?;
    }
    Ok(())
}

/// Invites a phone: its code enrols one phone, once, within a day.
pub(in crate::people) async fn invite(
    core: &Core,
    permit: &Permit<ManageDevices>,
    peer: &Peer,
    create: CreateBody<NewDeviceBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let mut fields = Validation::new();
    let name = fields.take("name", parse_name(&body.name));
    fields.check("point_ids", (1..=100).contains(&body.point_ids.len()), || {
        Invalid::fixed("out_of_range", "Chọn từ 1 đến 100 điểm phát.", "Choose 1 to 100 points.")
    });
    fields.finish()?;
    for point_id in &body.point_ids {
        permit.require_point(*point_id)?;
    }
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let point_ids = require_points(&mut tx, body.point_ids).await?;
    let enrol_code = new_code(&core.clock);
    let expires_at = core.clock.now().plus_secs(CODE_SECS);
    let device = NewDevice {
        name: name.unwrap_or_default(),
        point_ids,
        created_by: permit.id,
        enrol_hash: code_hash(&enrol_code),
        enrol_expires_at: expires_at,
    };
    let id = devices::insert(&mut tx, &core.clock, device).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "device", id.0)).await?;
    let enrol_url = format!("{}/enrol#{enrol_code}", peer.base_url(core));
    let invitation = Invitation { id, enrol_url, enrol_code, expires_at };
    once.finish(core, tx, permit.id.0, StatusCode::CREATED, &invitation).await
}

/// Enrols a phone with its code. Of many tries with one code, at the same instant even, exactly one gets the token.
pub(in crate::people) async fn enrol(core: &Core, peer: &Peer, body: EnrolBody) -> Result<Enrolled> {
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Address, &peer.address, now) {
        return Err(Error::TooMany(secs));
    }
    let volunteer = parse_volunteer(body.volunteer.as_deref()).map_err(|wrong| wrong.at("volunteer"))?;
    let enrol_hash = code_hash(&body.enrol_code);
    let token = new_token(&core.clock);
    // Whoever only guesses is refused before the writer is asked for.
    if devices::by_enrol_hash(&mut core.db.read().await?, &enrol_hash).await?.is_none() {
        core.throttle.failed(ThrottleKind::Address, &peer.address, now);
        let say = Message::fixed(
            "Không có mã này. Kiểm tra lại từng ký tự, hoặc quét mã QR trên màn hình của cán bộ phụ trách.",
            "There is no such code. Check each character, or scan the QR code on the coordinator's screen.",
        );
        return Err(Error::field("enrol_code", "unknown", say));
    }
    let mut tx = core.db.begin().await?;
    let enrolled = devices::enrol(&mut tx, &enrol_hash, &token_hash(&token), volunteer, now).await?;
    let device = devices::by_enrol_hash(&mut tx, &enrol_hash).await?.ok_or(Error::NotFound)?;
    if enrolled {
        audit::append(&mut tx, &core.clock, Actor::Device(device.id), Act::on("enrol", "device", device.id.0)).await?;
        tx.commit().await?;
        return Ok(Enrolled { device_id: device.id, token });
    }
    Err(if device.enrolled_at.is_some() {
        Error::conflict(
            "enrol_code_used",
            "Mã này đã dùng cho một máy. Hãy nhờ cán bộ phụ trách cấp mã mới.",
            "This code enrolled a phone already. Ask the coordinator for a new one.",
        )
    } else {
        Error::conflict(
            "enrol_code_over",
            "Mã này đã hết hạn hoặc bị thu hồi. Hãy nhờ cán bộ phụ trách cấp mã mới.",
            "This code is over or was revoked. Ask the coordinator for a new one.",
        )
    })
}

fn parse_name(text: &str) -> std::result::Result<String, Invalid> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
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
    let name = text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
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

/// `XXXX-XXXX-XXXX-XXXX`, 80 random bits.
fn new_code(clock: &Clock) -> String {
    let symbols = data_encoding::BASE32_NOPAD.encode(&clock.bytes::<CODE_BYTES>());
    [&symbols[..4], &symbols[4..8], &symbols[8..12], &symbols[12..]].join("-")
}

/// The stored form of a code. Look-alikes that base32 leaves out (0, 1, 8) are read as the letters they resemble.
fn code_hash(code: &str) -> Vec<u8> {
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
