//! What surrounds every page: its language, who is logged in, where to go from here, and how figures are written.

use askama::Template;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use super::core::Core;
use super::error::{Error, Result};
use super::language::language_of;
use super::{assets, notice, problems};
use crate::kernel::message::Lang;
use crate::kernel::money::group_thousands;
use crate::kernel::{Day, Dong, Message, Moment, Quantity};

/// One place to go to, in the menu of every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its path.
    pub href: &'static str,
    /// Its name in Vietnamese.
    pub vi: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// The link of the menu that it stands beside instead of in the menu itself.
    pub beside: Option<&'static str>,
}

/// A group of the menu; the first has no title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// The group's name.
    pub title: Option<Message>,
    /// Where it leads.
    pub links: Vec<Link>,
}

/// The part of a page that is the same everywhere; templates that extend `layout.html` have it as `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The visitor's language.
    pub lang: Lang,
    /// This page's own path and query: for the language switch, and for links that change one parameter.
    pub here: String,
    /// The login's name, when there is one.
    pub username: Option<String>,
    /// Where this login may go.
    pub menu: Vec<Menu>,
    /// What the step before this page did, in the visitor's language.
    pub notice: Option<&'static str>,
    /// The time of the request, for "2 minutes ago"; nothing on error pages.
    now: Option<Moment>,
}

impl Frame {
    /// The frame of a page nobody is logged in to.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let here = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let lang = language_of(headers);
        let notice = notice::of_query(uri.query().unwrap_or(""), lang);
        Self { lang, here, username: None, menu: Vec::new(), notice, now: None }
    }

    /// The frame of a page that somebody is logged in to.
    #[must_use]
    pub fn for_user(mut self, username: &str, menu: Vec<Menu>) -> Self {
        self.username = Some(username.to_owned());
        self.menu = menu;
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
    pub fn say<'a>(&self, say: &'a Message) -> &'a str {
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

    /// Whether a link of the menu leads to this page or one below it.
    pub fn is_at(&self, href: &str) -> bool {
        let path = self.path();
        path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Whether a link of the menu is the one that leads nearest to this page: `/households` is not, where the menu
    /// has `/households/imports` and this page is below that.
    pub fn is_nearest(&self, href: &str) -> bool {
        let links = self.menu.iter().flat_map(|group| &group.links);
        self.is_at(href) && !links.into_iter().any(|link| link.href.len() > href.len() && self.is_at(link.href))
    }

    /// The pages that belong together with this one, itself among them; none for a page that stands alone.
    pub fn together(&self) -> Vec<Link> {
        let links = || self.menu.iter().flat_map(|group| &group.links).copied();
        let Some(parent) = links().find(|link| link.href == self.path()).map(|link| link.beside.unwrap_or(link.href))
        else {
            return Vec::new();
        };
        let together: Vec<Link> = links()
            .filter(|link| link.href == parent && link.beside.is_none() || link.beside == Some(parent))
            .collect();
        if together.len() > 1 { together } else { Vec::new() }
    }

    /// Whether a link of the menu stands for this page, which has one beside it.
    pub fn is_beside(&self, href: &str) -> bool {
        let links = self.menu.iter().flat_map(|group| &group.links);
        links.into_iter().any(|link| link.beside == Some(href) && self.is_at(link.href))
    }

    /// This page's path, without its query.
    pub fn path(&self) -> &str {
        self.here.split('?').next().unwrap_or("/")
    }

    /// This page's address with one parameter set anew (removed when empty). Any change but of the page itself leads
    /// back to the first page; a notice is not repeated.
    pub fn with(&self, name: &str, value: impl std::fmt::Display) -> String {
        let value = value.to_string();
        let query = self.here.split_once('?').map_or("", |(_, query)| query);
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| key != name && key != notice::PARAMETER && (key != "page" || name == "page"));
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(kept);
        if !value.is_empty() {
            out.append_pair(name, &value);
        }
        let query = out.finish();
        if query.is_empty() { self.path().to_owned() } else { format!("{}?{query}", self.path()) }
    }

    /// The value of one parameter of this page's address; empty when it has none.
    pub fn parameter(&self, name: &str) -> String {
        let query = self.here.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// Whether a parameter of this page's address has this value.
    pub fn has(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.parameter(name) == value.as_ref()
    }

    /// The address of this page's table as a workbook, filtered and sorted as it is.
    pub fn export(&self) -> String {
        let query = self.here.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
        format!("{}/export.xlsx{query}", self.path())
    }

    /// A count, with dots between groups of three digits.
    pub fn number(&self, number: impl std::fmt::Display) -> String {
        number.to_string().parse().map_or_else(|_| "–".to_owned(), group_thousands)
    }

    /// A count and what is counted, which English has two forms for: `2 khoản`, `1 donation`, `2 donations`.
    pub fn count(&self, number: impl std::fmt::Display, vi: &str, one: &str, many: &str) -> String {
        let number = number.to_string();
        let noun = match self.lang {
            Lang::Vi => vi,
            Lang::En if number == "1" => one,
            Lang::En => many,
        };
        format!("{} {noun}", self.number(number))
    }

    /// An amount of money: `1.286.010.000 đ`.
    pub fn money(&self, amount: &Dong) -> String {
        amount.to_string()
    }

    /// A quantity in the item's unit: `4.000,5`.
    pub fn amount(&self, quantity: &Quantity, decimals: impl std::fmt::Display) -> String {
        quantity.in_unit(decimals.to_string().parse().unwrap_or(0))
    }

    /// A day: `10/05/2022`.
    pub fn day(&self, day: &Day) -> String {
        day.for_people()
    }

    /// A moment: `07:30 10/05/2022`.
    pub fn moment(&self, moment: &Moment) -> String {
        moment.for_people()
    }

    /// How long ago a moment was, when that says more than its time: `2 phút trước`.
    pub fn ago(&self, moment: &Moment) -> String {
        let Some(secs) = self.now.map(|now| now.secs_since(*moment)).filter(|secs| (0..86_400).contains(secs)) else {
            return moment.for_people();
        };
        match (secs, self.lang) {
            (..60, Lang::Vi) => "vừa xong".to_owned(),
            (..60, Lang::En) => "just now".to_owned(),
            (..3_600, Lang::Vi) => format!("{} phút trước", secs / 60),
            (..3_600, Lang::En) => format!("{} min ago", secs / 60),
            (_, Lang::Vi) => format!("{} giờ trước", secs / 3_600),
            (_, Lang::En) => format!("{} h ago", secs / 3_600),
        }
    }
}

impl<S> FromRequestParts<S> for Frame
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> std::result::Result<Self, Self::Rejection> {
        let frame = Self::of(&parts.headers, &parts.uri);
        Ok(Self { now: Some(Core::from_ref(state).clock.now()), ..frame })
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
    Ok((status, Html(problems::named(html))).into_response())
}

/// What a form's step answers: on to a page of our own, so that loading that page again repeats nothing.
pub fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = axum::http::HeaderValue::from_str(to) {
        response.headers_mut().insert(axum::http::header::LOCATION, to);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(here: &str) -> Frame {
        Frame::of(&HeaderMap::new(), &here.parse().unwrap())
    }

    #[test]
    fn only_paths_of_our_own_are_gone_back_to() {
        assert_eq!(local_path("/login?next=/x"), Some("/login?next=/x"));
        for foreign in ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/a\nb", "/\t/evil"] {
            assert_eq!(local_path(foreign), None, "{foreign:?}");
        }
    }

    #[test]
    fn what_is_counted_has_its_form() {
        let in_lang = |lang| Frame { lang, ..at("/") };
        let said = |lang, number: i64| in_lang(lang).count(number, "khoản", "donation", "donations");
        assert_eq!(said(Lang::Vi, 1), "1 khoản");
        assert_eq!((said(Lang::En, 1), said(Lang::En, 2_540)), ("1 donation".to_owned(), "2.540 donations".to_owned()));
    }

    #[test]
    fn a_link_changes_one_parameter_and_leads_to_the_first_page() {
        let page = at("/households?q=L%C3%A0nh&page=3&done=saved");
        assert_eq!(page.with("category", "poor"), "/households?q=L%C3%A0nh&category=poor");
        assert_eq!(page.with("page", 4), "/households?q=L%C3%A0nh&page=4");
        assert_eq!(page.with("q", ""), "/households");
        assert_eq!(page.parameter("q"), "Lành");
    }

    #[test]
    fn a_link_of_the_menu_knows_the_pages_below_it() {
        assert!(at("/households/1?x=y").is_at("/households"));
        assert!(!at("/households-old").is_at("/households"));
        assert!(!at("/households").is_at("/"));
    }

    #[test]
    fn pages_that_belong_together_lead_to_each_other() {
        let link = |href, beside| Link { href, vi: "", en: "", beside };
        let links = vec![link("/rounds", None), link("/keys", Some("/rounds")), link("/stock", None)];
        let menu = vec![Menu { title: None, links }];
        let shown = |here: &str| {
            let frame = at(here).for_user("can.bo", menu.clone());
            let together: Vec<_> = frame.together().iter().map(|link| link.href).collect();
            (together, frame.is_beside("/rounds"))
        };
        assert_eq!(shown("/keys?sort=name"), (vec!["/rounds", "/keys"], true));
        assert_eq!(shown("/rounds"), (vec!["/rounds", "/keys"], false));
        assert_eq!((shown("/stock"), shown("/rounds/7")), ((vec![], false), (vec![], false)));
    }

    #[test]
    fn a_recent_moment_is_told_by_its_age() {
        let now = Moment::parse("2021-08-05T07:00:00+07:00").unwrap();
        let frame = Frame { now: Some(now), ..at("/") };
        assert_eq!(frame.ago(&now.plus_secs(-150)), "2 phút trước");
        assert_eq!(frame.ago(&now.plus_secs(-90_000)), "06:00 04/08/2021");
        assert_eq!(frame.ago(&now.plus_secs(60)), "07:01 05/08/2021");
    }
}
