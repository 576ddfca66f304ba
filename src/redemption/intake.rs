//! The door: a body becomes a checked [`Scan`], with its code read and its signature verified.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::admission::rules::Seen;
use super::scan::{Collector, Operator, Scan, Source};
use super::{Engine, Presented, admission};
use crate::http::schemas::{DeskName, VoucherCode};
use crate::http::throttle::{Throttle, ThrottleKind};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::PointId;
use crate::kernel::message::Invalid;
use crate::kernel::{FieldError, Moment, Validation};
use crate::people::Caller;
use crate::vault::sha256;
use crate::vouchers::ring_cache;

/// Units that one scan hands out at most.
const UNITS_MAX: i64 = 20;
/// Characters that a scanned text has at most.
const CODE_MAX: usize = 2000;

/// What these routes share besides the core.
#[derive(Clone, Debug)]
pub struct ScanIntake {
    /// The writer.
    pub engine: Engine,
    recalls: watch::Sender<()>,
    throttle: Arc<Throttle>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A desk, as a number or as a name.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Desk {
    /// Bàn 1, bàn 2, …
    Number(u32),
    /// Any other name.
    Name(String),
}

impl PartialSchema for Desk {
    fn schema() -> RefOr<Schema> {
        let description = Some("A desk, as a number or as a name.");
        OneOfBuilder::new().item(u32::schema()).item(DeskName::schema()).description(description).into()
    }
}

impl ToSchema for Desk {}

impl Desk {
    /// As it was sent, a number in its digits.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

/// One scan as it is sent.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "nonce": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "code": "LL1:AEAQAAAAAEAAAAABAEAACAABAJDAERQBAEAA…",
    "point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "scanned_at": "2021-08-05T07:12:30+07:00", "desk": 1
}))]
pub(crate) struct ScanBody {
    /// Chosen by the phone: one scan, one nonce. Sent again, it gets the first answer.
    pub nonce: Uuid,
    /// What the camera read or a person typed: the signed code, an address that ends in it, or the typed code.
    #[schema(value_type = VoucherCode)]
    pub code: String,
    /// Where.
    pub point_id: PointId,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// How many units, 1 when left out.
    #[schema(minimum = 1, maximum = 20)]
    pub units: Option<i64>,
    /// Who collects, when it is not the household.
    pub collector: Option<Collector>,
    /// At which desk.
    pub desk: Option<Desk>,
    /// A coordinator's reason for handing over against a refusal. Needs the right to override.
    #[schema(min_length = 3, max_length = 500)]
    pub override_reason: Option<String>,
}

/// What an upload adds to a scan.
#[derive(Clone, Debug, Default)]
pub(super) struct Upload {
    pub sequence: Option<i64>,
    pub lease_epoch: Option<i64>,
}

impl ScanIntake {
    /// Starts the writer. Call inside the runtime.
    pub fn start(core: &Core) -> Self {
        Self {
            engine: Engine::start(core.clone()),
            recalls: watch::Sender::new(()),
            throttle: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// Tells phones that wait that something may be asked back from them.
    pub(super) fn tell_recalls(&self) {
        self.recalls.send_replace(());
    }

    /// Follows [`ScanIntake::tell_recalls`].
    pub(super) fn recalls(&self) -> watch::Receiver<()> {
        self.recalls.subscribe()
    }

    /// Checks a body. The code's signature is verified here, on the caller's own thread.
    pub(super) async fn scan(
        &self,
        core: &Core,
        caller: &Caller,
        body: ScanBody,
        source: Source,
        upload: Upload,
    ) -> Result<Scan> {
        let units = body.units.unwrap_or(1);
        let desk = body.desk.as_ref().map(Desk::text).unwrap_or_default().trim().to_owned();
        check(&body.code, units, &desk, body.collector.as_ref(), body.override_reason.as_deref())?;
        let presented = Self::read(core, &body.code).await?;
        let identity = json!([
            data_encoding::HEXLOWER.encode(&Presented::canonical(&body.code)),
            body.point_id,
            body.scanned_at,
            units,
            body.collector,
            desk,
            body.override_reason,
        ]);
        Ok(Scan {
            nonce: body.nonce,
            presented,
            point_id: body.point_id,
            desk,
            units,
            scanned_at: body.scanned_at,
            collector: body.collector,
            source: if body.override_reason.is_some() { Source::Override } else { source },
            operator: Operator::from(caller),
            serves_point: caller.serves(body.point_id),
            override_reason: body.override_reason,
            sequence: upload.sequence,
            lease_epoch: upload.lease_epoch,
            body_hash: sha256(identity.to_string().as_bytes()),
        })
    }

    /// Reads a code against the known keys; an unknown key is looked up once more before it is called forged.
    async fn read(core: &Core, code: &str) -> Result<Presented> {
        if let Some(presented) = Presented::read(code, &*ring_cache::ring(core).await?) {
            return Ok(presented);
        }
        let ring = ring_cache::ring_again(core).await?;
        Ok(Presented::read(code, &ring).unwrap_or(Presented::Forged))
    }

    /// Refuses a phone or login that has tried too many typed codes that do not exist.
    pub(super) fn check_guessing(&self, core: &Core, caller: &Caller) -> Result<()> {
        let key = caller.id().to_string();
        match self.throttle.wait_secs(ThrottleKind::DeviceCodes, &key, core.clock.now()) {
            Some(secs) => Err(Error::TooManyCodes(secs)),
            None => Ok(()),
        }
    }

    /// Counts typed codes that do not exist; refuses all of them when they are too many. They are counted before they are
    /// answered: many requests at one moment are no way around.
    pub(super) fn count_guesses(&self, core: &Core, caller: &Caller, guesses: usize) -> Result<()> {
        let key = caller.id().to_string();
        self.throttle.reserve(ThrottleKind::DeviceCodes, &key, guesses, core.clock.now()).map_err(Error::TooManyCodes)
    }

    /// Takes back one that was counted and did exist, or was the repetition of an earlier scan.
    pub(super) fn was_no_guess(&self, caller: &Caller) {
        self.throttle.forgive(ThrottleKind::DeviceCodes, &caller.id().to_string());
    }

    /// Counts the typed codes of an upload or a paper list that do not exist, none of them stored yet; what is known of
    /// each record.
    pub(super) async fn look_at(&self, core: &Core, caller: &Caller, scans: &[Scan]) -> Result<Vec<Seen>> {
        if scans.iter().any(|scan| admission::rules::can_be_guessed(&scan.presented)) {
            self.check_guessing(core, caller)?;
        }
        let device_id = Operator::from(caller).device_id();
        let seen = admission::store::seen(&mut core.db.read().await?, scans, device_id).await?;
        self.count_guesses(core, caller, admission::rules::guesses(scans, &seen))?;
        Ok(seen)
    }

    /// One revoked phone's upload, or one coordinator's decision about such, at a time.
    pub(super) async fn in_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

fn check(
    code: &str,
    units: i64,
    desk: &str,
    collector: Option<&Collector>,
    reason: Option<&str>,
) -> std::result::Result<(), Vec<FieldError>> {
    let mut fields = Validation::new();
    let within = |text: &str, least: usize, most: usize| (least..=most).contains(&text.trim().chars().count());
    fields.check("code", within(code, 1, CODE_MAX), || {
        Invalid::fixed("out_of_range", "Chưa có mã phiếu, hoặc mã quá dài.", "There is no code, or it is too long.")
    });
    fields.check("units", (1..=UNITS_MAX).contains(&units), || {
        Invalid::fixed("out_of_range", "Số suất mỗi lượt từ 1 đến 20.", "Units are from 1 to 20 at a time.")
    });
    fields.check("desk", desk.chars().count() <= 40, || {
        Invalid::fixed("out_of_range", "Tên bàn dài tối đa 40 ký tự.", "A desk's name has at most 40 characters.")
    });
    if let Some(collector) = collector {
        fields.check("collector.name", within(&collector.name, 1, 200), || {
            Invalid::fixed("required", "Ghi tên người nhận thay.", "Give the collector's name.")
        });
        fields.check("collector.relation", collector.relation.chars().count() <= 100, || {
            Invalid::fixed("out_of_range", "Quan hệ dài tối đa 100 ký tự.", "The relation has at most 100 characters.")
        });
    }
    if let Some(reason) = reason {
        fields.check("override_reason", within(reason, 3, 500), || {
            Invalid::fixed("required", "Ghi lý do, từ 3 đến 500 ký tự.", "Give a reason of 3 to 500 characters.")
        });
    }
    fields.finish()
}
