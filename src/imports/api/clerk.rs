//! Who works on a list, and in which language they are answered.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use crate::http::{Core, Error, Result, language_of};
use crate::imports::kind::ListKind;
use crate::kernel::message::Lang;
use crate::people::Permit;

/// Who works on a list.
pub struct Clerk<K: ListKind> {
    /// The shared state.
    pub core: Core,
    /// Who, with the right to import lists of this kind.
    pub permit: Permit<K::Right>,
    /// Their language.
    pub lang: Lang,
}

impl<S, K: ListKind> FromRequestParts<S> for Clerk<K>
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let permit = Permit::from_request_parts(parts, state).await?;
        Ok(Self { core: Core::from_ref(state), permit, lang: language_of(&parts.headers) })
    }
}
