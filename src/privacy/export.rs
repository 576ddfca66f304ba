//! All that is kept of one person, as it is told to that person.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Subject, SubjectKind};
use crate::http::{Error, Result};
use crate::kernel::Moment;

/// One record: names of fields and what they hold.
pub(super) type Kept = Map<String, Value>;

/// Everything kept of one person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PersonExport)]
pub(super) struct Export {
    /// As what the person is kept.
    pub(super) kind: SubjectKind,
    /// The record's id.
    pub(super) id: uuid::Uuid,
    /// When this was put together.
    pub(super) exported_at: Moment,
    /// Whether the person was erased: then only the anonymous shell is left.
    pub(super) erased: bool,
    /// Records by what they are: the person's own record first, then what led to and came of it.
    #[schema(value_type = Object)]
    pub(super) sections: BTreeMap<&'static str, Vec<Kept>>,
}

impl Export {
    /// Nothing so far.
    pub(super) fn new(subject: Subject, exported_at: Moment, erased: bool) -> Self {
        Self { kind: subject.kind, id: subject.id, exported_at, erased, sections: BTreeMap::new() }
    }

    /// Adds records; none are told as none.
    pub(super) fn add<T: Serialize>(&mut self, section: &'static str, records: Vec<T>) -> Result<()> {
        let kept = records.into_iter().map(|record| match serde_json::to_value(record) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Error::internal("a record that is told has no fields")),
            Err(error) => Err(Error::Internal(Box::new(error))),
        });
        self.sections.insert(section, kept.collect::<Result<_>>()?);
        Ok(())
    }
}
