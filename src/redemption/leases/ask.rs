//! What a phone asks for when it takes a lease or refreshes it.

use serde::Deserialize;

use super::share::Share;
use crate::http::Result;
use crate::kernel::Validation;
use crate::kernel::ids::PointId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::people::Device;
use crate::places::Point;

/// Desks that share a point's vouchers at most, as a point has at most.
const DESKS_MAX: i64 = 99;

/// What a phone asks for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewLease, example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "desk": "Bàn 1",
    "share": {"desk": 1, "of": 3}, "chain": {"sequence": 0, "record_hash": ""}}))]
pub struct Ask {
    /// Where it works.
    pub point_id: PointId,
    /// How people call the place, up to 40 characters.
    #[schema(max_length = 40)]
    pub desk: Option<String>,
    /// Its desk's share, as it is printed on the papers; left out: all of the point.
    pub share: Option<AskedShare>,
    /// The phone's last record.
    pub chain: Option<ChainEnd>,
}

/// A desk's share.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
pub struct AskedShare {
    /// The desk's number.
    #[schema(minimum = 1, maximum = 99)]
    pub desk: i64,
    /// How many desks share; the point's desks when left out.
    #[schema(minimum = 1, maximum = 99)]
    pub of: Option<i64>,
}

/// The end of a phone's chain of records.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ChainEnd {
    /// The last record's place in the queue; 0: there was none.
    pub sequence: i64,
    /// Its hash in hex; empty: there was none.
    #[serde(default)]
    pub record_hash: String,
}

impl Ask {
    /// Where the phone works: the desk's name and its share.
    pub(super) fn place(&self, point: &Point, device: &Device) -> Result<(String, Option<Share>)> {
        let mut fields = Validation::new();
        let desk = clean(self.desk.as_deref().unwrap_or_default());
        fields.check("desk", desk.chars().count() <= 40, || {
            Invalid::fixed("out_of_range", "Tên bàn dài tối đa 40 ký tự.", "A desk's name has at most 40 characters.")
        });
        let share = self.share.map(|share| Share { desk: share.desk, of: share.of.unwrap_or(point.desks) });
        fields.check("share.of", share.is_none_or(|share| (1..=DESKS_MAX).contains(&share.of)), || {
            Invalid::fixed("out_of_range", "Số bàn từ 1 đến 99.", "Desks are 1 to 99.")
        });
        fields.check("share.desk", share.is_none_or(|share| (1..=share.of).contains(&share.desk)), || {
            Invalid::fixed(
                "out_of_range",
                "Số của bàn phải từ 1 đến số bàn của điểm phát.",
                "The desk's number is from 1 to the number of desks.",
            )
        });
        fields.finish()?;
        let desk = match (desk.is_empty(), share) {
            (false, _) => desk,
            (true, Some(share)) => format!("Bàn {}", share.desk),
            (true, None) => device.name.clone(),
        };
        Ok((desk, share))
    }
}
