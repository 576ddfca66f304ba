//! What the columns of a kind of list can hold, and what wards call them.

/// One thing a column can hold, and what wards call it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in code, JSON and [`super::Choice`].
    pub name: &'static str,
    /// What the screen calls it.
    pub vi: &'static str,
    /// What headers call it, the usual words first.
    pub words: &'static [&'static str],
    /// A row with this is a row of data, whatever its label says: totals have no phone.
    pub evidence: bool,
    /// More columns may hold it (CCCD and CMND): the first that is filled counts.
    pub several: bool,
    /// A block of merged cells gives its value to all its rows.
    pub spans: bool,
}

impl Field {
    /// A field that totals may have too, found in one column.
    pub const fn new(name: &'static str, vi: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, vi, words, evidence: false, several: false, spans: false }
    }

    /// Marks a row as data.
    pub const fn evidence(self) -> Self {
        Self { evidence: true, ..self }
    }

    /// May lie in more than one column.
    pub const fn several(self) -> Self {
        Self { several: true, ..self }
    }

    /// Fills merged blocks.
    pub const fn spans(self) -> Self {
        Self { spans: true, ..self }
    }
}

/// The field for the running number, which every kind of list may have.
pub const ORDINAL: Field = Field::new("ordinal", "STT", &["stt", "tt", "số tt", "số thứ tự", "thứ tự", "s t t", "no"]);

/// What one kind of list calls its columns.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// What the list is of, for messages: `hộ gia đình`.
    pub of_vi: &'static str,
    /// The same in English: `households`.
    pub of_en: &'static str,
    /// All fields but [`ORDINAL`]. The first names who a row is about.
    pub fields: &'static [Field],
    /// Words that make a column none of these: `ngày cấp`, `quan hệ`.
    pub never: &'static [&'static str],
    /// Whether a lone line between rows names a group that the rows below belong to (`I. Hộ nghèo`).
    pub section: fn(&str) -> bool,
}

impl Vocabulary {
    /// The field that names who a row is about.
    pub fn key(&self) -> &'static Field {
        &self.fields[0]
    }

    /// The names of all fields.
    pub fn names(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.name).collect()
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
