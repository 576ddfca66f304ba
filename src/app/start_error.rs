//! Why a command or the service did not go on.

use thiserror::Error;

use crate::kernel::Message;

/// Why the service can't start; says the way out, in both languages.
#[derive(Debug, Error)]
#[error("{} / {}", say.vi, say.en)]
pub struct StartError {
    /// What to tell the operator.
    pub say: Message,
}

impl StartError {
    /// A reason with its way out.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { say: Message::new(vi.into(), en.into()) }
    }
}
