//! What is wrong or odd about a cell, a row or a file, with the way out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::message::{Lang, Message};
use crate::kernel::vietnamese::natural_key;

/// What is wrong or odd about one cell.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The field, as named in code.
    pub field: Cow<'static, str>,
    /// What the file calls the column.
    pub column: String,
    /// The column, from 0; absent when the file has none for the field.
    pub at: Option<usize>,
    /// Stable, machine-readable.
    pub code: Cow<'static, str>,
    /// What the cell shows.
    pub value: String,
    /// The message in Vietnamese.
    pub vi: Cow<'static, str>,
    /// The message in English.
    pub en: Cow<'static, str>,
}

impl Issue {
    /// The message in one language.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// What is wrong or odd about one cell, in the reader's language.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RowIssue {
    /// What the file calls the column.
    pub column: String,
    /// The field, as the call that stores one record names it; empty for the file as a whole.
    pub field: String,
    /// Stable, machine-readable.
    pub code: String,
    /// What the cell shows.
    pub value: String,
    /// What is wrong and the way out.
    pub message: String,
}

impl RowIssue {
    /// Issues in one language.
    pub fn all(issues: &[Issue], lang: Lang) -> Vec<Self> {
        issues.iter().map(|issue| Self::of(issue, lang)).collect()
    }

    /// An issue in one language.
    pub fn of(issue: &Issue, lang: Lang) -> Self {
        Self {
            column: issue.column.clone(),
            field: issue.field.to_string(),
            code: issue.code.to_string(),
            value: issue.value.clone(),
            message: issue.message(lang).to_owned(),
        }
    }
}

/// Something odd about the file as a whole.
pub fn file_issue(code: &'static str, say: Message) -> Issue {
    Issue {
        field: Cow::Borrowed(""),
        column: String::new(),
        at: None,
        code: Cow::Borrowed(code),
        value: String::new(),
        vi: say.vi,
        en: say.en,
    }
}

/// Names of unknown areas that are told.
const AREAS_TOLD: usize = 8;

/// The warning `areas_unknown`, when rows name areas that are not registered; `instead` says where those rows go.
pub fn areas_unknown<'a>(words: impl Iterator<Item = &'a str>, instead: &Message) -> Option<Issue> {
    let mut rows = 0;
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for word in words {
        rows += 1;
        names.entry(natural_key(word)).or_insert(word);
    }
    let told: Vec<&str> = names.values().take(AREAS_TOLD).copied().collect();
    let more = if names.len() > told.len() { ", …" } else { "" };
    let told = told.join(", ") + more;
    (rows > 0).then(|| {
        file_issue(
            "areas_unknown",
            Message::new(
                format!(
                    "{rows} dòng ghi khu vực chưa có trong hệ thống ({told}): {} Thêm các khu vực đó ở mục Khu vực rồi \
                     mở lại danh sách này, hoặc cứ ghi như vậy.",
                    instead.vi
                ),
                format!(
                    "{rows} rows name areas that are not registered ({told}): {} Add them under Areas and open this \
                     list again, or store it as it is.",
                    instead.en
                ),
            ),
        )
    })
}
