//! Parts of pages that a kind of list makes itself.

use crate::http::{Error, Form, Frame, Result};

/// A part of a page, as HTML.
pub fn part(part: &impl askama::Template) -> Result<String> {
    part.render().map_err(|error| Error::Internal(Box::new(error)))
}

#[derive(askama::Template)]
#[template(path = "parts/import-area.html")]
struct AreaField<'a> {
    frame: &'a Frame,
    form: &'a Form,
    areas: Vec<(String, String)>,
}

/// The field for the area of rows that name none, as HTML.
pub fn area_field(frame: &Frame, form: &Form, areas: Vec<(String, String)>) -> Result<String> {
    part(&AreaField { frame, form, areas })
}
