//! A phone's closing report.

use serde::Deserialize;

use crate::http::Result;
use crate::http::schemas::{RecordHash, RecordPlace};
use crate::kernel::Validation;
use crate::kernel::message::Invalid;
use crate::redemption::chain::rules::{SEQUENCE_MAX, parse_hash};

/// Unreadable items that a report names at most.
const REJECTED_MAX: usize = 1000;

/// A phone's closing report.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ClosingReport, example = json!({"last_sequence": 18,
    "last_record_hash": "d0a7…", "rejected": [7]}))]
pub struct ClosingReport {
    /// The place of the phone's last record; 0: it never recorded anything.
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub last_sequence: i64,
    /// That record's hash in hex; empty: there was none.
    #[serde(default)]
    #[schema(value_type = RecordHash)]
    pub last_record_hash: String,
    /// Places of items that an upload answered with an error; at most 1,000.
    #[serde(default)]
    #[schema(value_type = Vec<RecordPlace>, max_items = 1000)]
    pub rejected: Vec<i64>,
}

/// A report that may be compared with the records that are here.
#[derive(Debug)]
pub(in crate::redemption) struct LastRecord {
    pub(super) sequence: i64,
    pub(super) hash: Vec<u8>,
    pub(super) rejected: Vec<i64>,
}

impl LastRecord {
    /// All fields, or all that is wrong with them.
    pub(in crate::redemption) fn parse(body: ClosingReport) -> Result<Self> {
        let ClosingReport { last_sequence: sequence, last_record_hash, rejected } = body;
        let mut fields = Validation::new();
        fields.check("last_sequence", (0..=SEQUENCE_MAX).contains(&sequence), || {
            Invalid::fixed(
                "out_of_range",
                "Số thứ tự của lượt cuối chưa đúng.",
                "The last record's place is not right.",
            )
        });
        let in_order = |sequence: &i64| (1..=SEQUENCE_MAX).contains(sequence);
        fields.check("rejected", rejected.len() <= REJECTED_MAX && rejected.iter().all(in_order), || {
            Invalid::fixed("out_of_range", "Nêu tối đa 1.000 lượt lỗi, theo số thứ tự.", "Name at most 1,000 places.")
        });
        let hash = fields.take("last_record_hash", parse_hash(&last_record_hash));
        let (hash,) = fields.all((hash,))?;
        Ok(Self { sequence, hash, rejected })
    }
}
