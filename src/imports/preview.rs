//! What is shown of a list before anything of it is stored.

use std::future::Future;

use serde::Serialize;

use super::matching::ListMatching;
use super::opened::Opened;
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::message::Lang;
use crate::spreadsheet::{Issue, RowIssue};

/// What is shown of a kind of list before anything of it is stored.
pub trait ListPreview: ListMatching {
    /// A row with what would become of it, for the API.
    type PreviewRow: Serialize + Send;
    /// The whole list, for the API.
    type Preview: Serialize + Send;

    /// What else is odd about the file as a whole.
    fn warnings(_conn: &mut Conn, _list: &Opened<Self>) -> impl Future<Output = Result<Vec<Issue>>> + Send {
        async { Ok(Vec::new()) }
    }

    /// The list as the API shows it.
    fn preview(conn: &mut Conn, list: &Opened<Self>, lang: Lang) -> impl Future<Output = Result<Self::Preview>> + Send;

    /// One row as the API shows it, by its place in the reading.
    fn preview_row(list: &Opened<Self>, place: usize, lang: Lang) -> Self::PreviewRow;
}

impl<K: ListPreview> Opened<K> {
    /// What is odd about the file as a whole.
    pub async fn warnings(&self, conn: &mut Conn, lang: Lang) -> Result<Vec<RowIssue>> {
        let mut warnings = RowIssue::all(&self.reading.warnings, lang);
        warnings.extend(self.list.same_file(conn).await?.map(|warning| RowIssue::of(&warning, lang)));
        warnings.extend(RowIssue::all(&K::warnings(conn, self).await?, lang));
        Ok(warnings)
    }

    /// Every row as the API shows it.
    pub fn preview_rows(&self, lang: Lang) -> Vec<K::PreviewRow> {
        (0..self.reading.rows.len()).map(|place| K::preview_row(self, place, lang)).collect()
    }
}
