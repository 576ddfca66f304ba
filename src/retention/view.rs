//! Rules as they are shown.

use serde::Serialize;

use super::rule::{Period, Rule};
use super::store::RuleRow;
use crate::kernel::Moment;
use crate::kernel::message::Lang;

/// A rule of retention.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Retention)]
pub(super) struct RuleView {
    pub(super) rule: Rule,
    /// What is dropped, in the language of `Accept-Language`.
    pub(super) what: String,
    /// Why it is kept so long and no longer, and from when it counts.
    pub(super) why: String,
    /// How long it is kept.
    #[schema(example = 180)]
    pub(super) days: i64,
    /// The least that the ward may choose; null when nobody may.
    pub(super) least_days: Option<i64>,
    /// The most that the ward may choose; null when nobody may.
    pub(super) most_days: Option<i64>,
    /// When it was last carried out; null: not yet.
    pub(super) run_at: Option<Moment>,
    /// Rows that it dropped then.
    pub(super) dropped: Option<i64>,
}

impl RuleView {
    pub(super) fn of(row: &RuleRow, lang: Lang) -> Self {
        let bounds = match row.rule.period() {
            Period::Fixed(_) => None,
            Period::Chosen { least, most, .. } => Some((least, most)),
        };
        Self {
            rule: row.rule,
            what: row.rule.what().in_lang(lang).to_owned(),
            why: row.rule.why().in_lang(lang).to_owned(),
            days: row.rule.days(row.days),
            least_days: bounds.map(|(least, _)| least),
            most_days: bounds.map(|(_, most)| most),
            run_at: row.run_at,
            dropped: row.dropped,
        }
    }
}

/// All rules.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Rules {
    /// The rules, in the order of the page.
    pub(super) items: Vec<RuleView>,
}

/// What a rule would drop now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Due {
    pub(super) rule: Rule,
    /// Rows that it would drop, or empty of what is too old.
    pub(super) rows: i64,
}

/// What all rules would drop now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DryRun {
    /// Each rule, in the order of the page.
    pub(super) items: Vec<Due>,
}
