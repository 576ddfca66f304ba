//! What surrounds every page: its language, who is logged in, and where the language switch comes back to.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use super::assets;
use super::error::{Error, Result};
use super::render::language_of;
use crate::kernel::Say;
use crate::kernel::say::Lang;

/// The part of a page that is the same everywhere; templates that extend `layout.html` have it as `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The visitor's language.
    pub lang: Lang,
    /// This page's own path and query, for the language switch.
    pub here: String,
    /// The login's name, when there is one.
    pub username: Option<String>,
}

impl Frame {
    /// The frame of a page nobody is logged in to.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let here = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Self { lang: language_of(headers), here, username: None }
    }

    /// The frame of a page that somebody is logged in to.
    #[must_use]
    pub fn for_user(mut self, username: &str) -> Self {
        self.username = Some(username.to_owned());
        self
    }

    /// One of two texts, in the visitor's language.
    pub fn t(&self, vi: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    /// A message, in the visitor's language.
    pub fn say<'a>(&self, say: &'a Say) -> &'a str {
        say.in_lang(self.lang)
    }

    /// The language that the switch changes to: its tag and its own name.
    pub fn other_language(&self) -> (&'static str, &'static str) {
        match self.lang {
            Lang::Vi => (Lang::En.tag(), "English"),
            Lang::En => (Lang::Vi.tag(), "Tiếng Việt"),
        }
    }

    /// The address of one of our files, which changes with its content.
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers, &parts.uri))
    }
}

/// A path of our own that a form or link brings along, or nothing: never another site's address.
pub fn local_path(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let ours = chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && text.len() <= 500
        && text.chars().all(|c| c.is_ascii_graphic());
    ours.then_some(text)
}

/// A rendered page.
pub fn show(status: StatusCode, page: &impl Template) -> Result<Response> {
    let html = page.render().map_err(|error| Error::Internal(Box::new(error)))?;
    Ok((status, Html(html)).into_response())
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_our_own_are_gone_back_to() {
        assert_eq!(local_path("/login?next=/x"), Some("/login?next=/x"));
        for foreign in ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/a\nb", "/\t/evil"] {
            assert_eq!(local_path(foreign), None, "{foreign:?}");
        }
    }
}
