//! Where a step on a reduction leads.

use axum::response::Response;

use crate::http::{Form, local_path, see_other};
use crate::kernel::ids::ReductionId;

/// Where a step leads: back to the queue it was taken from, or to the reduction.
pub(super) fn onward(form: &Form, id: ReductionId, done: &str) -> Response {
    match local_path(form.value("back")).filter(|back| back.starts_with("/rent/queue")) {
        Some(back) => see_other(&format!("{back}{}done={done}", if back.contains('?') { '&' } else { '?' })),
        None => see_other(&format!("/rent/{id}?done={done}")),
    }
}
