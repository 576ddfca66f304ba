//! What holds for every page: who may see it, and that the menu leads nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use lalanh::people::Role;
use lalanh::people::menu::menu;
use reqwest::{Method, RequestBuilder, StatusCode};

use crate::document::Routes;
use crate::on_both;
use crate::support::TestApp;

/// No record has this id.
const NOBODY: &str = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";

/// The lines of the reviewed list.
fn reviewed() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("routes.txt").lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(route, _)| route.starts_with("GET /") || route.starts_with("POST /"))
}

/// `GET /points` → `admin`, `coordinator`; without the routes that anyone may use.
fn staff_routes() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    reviewed()
        .filter(|(_, who)| *who != "anyone")
        .map(|(route, who)| (route, who.split_whitespace().collect()))
        .collect()
}

impl TestApp {
    /// Asks for a page, or sends an empty form, as a browser with this token would.
    fn visit(&self, route: &str, token: Option<&str>) -> RequestBuilder {
        let (method, path) = route.split_once(' ').unwrap();
        let mut path = path.to_owned();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            let value = if &path[start..=end] == "{kid}" { "250" } else { NOBODY };
            path.replace_range(start..=end, value);
        }
        let mut request = self
            .client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.base))
            .header("accept", "text/html");
        if method != "GET" {
            request = request.form(&[("once", "")]);
        }
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

on_both! {
    async fn a_page_of_staff_leads_strangers_to_the_login_and_takes_nothing_from_them(app: TestApp) {
        for route in staff_routes().keys() {
            let response = app.visit(route, None).send().await.unwrap();
            if route.starts_with("GET") {
                assert_eq!(response.status(), StatusCode::SEE_OTHER, "{route}");
                let to = response.headers()["location"].to_str().unwrap().to_owned();
                assert!(to == "/login" || to.starts_with("/login?next="), "{route} leads to {to}");
            } else {
                assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{route}");
            }
        }
    }

    async fn a_page_opens_to_the_roles_of_the_reviewed_list_alone(app: TestApp) {
        let mut wrong = Vec::new();
        for role in Role::ALL {
            let token = app.login(&format!("login.{}", role.name()), role).await;
            for (route, who) in staff_routes() {
                let status = app.visit(route, Some(&token)).send().await.unwrap().status();
                let opens = status != StatusCode::FORBIDDEN && status != StatusCode::UNAUTHORIZED;
                if status.is_server_error() || opens != who.contains(role.name()) {
                    wrong.push(format!("{route} as {}: {status}", role.name()));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn the_menu_leads_every_role_to_pages_it_may_see(app: TestApp) {
        for role in Role::ALL {
            let token = app.login(&format!("login.{}", role.name()), role).await;
            for link in menu(role).iter().flat_map(|group| &group.links) {
                let route = format!("GET {}", link.href);
                let status = app.visit(&route, Some(&token)).send().await.unwrap().status();
                assert_eq!(status, StatusCode::OK, "{route} as {}", role.name());
            }
        }
    }
}

#[test]
fn every_reviewed_route_is_there() {
    let there: BTreeSet<String> =
        Routes::read().0.into_iter().map(|(method, path)| format!("{method} {path}")).collect();
    let gone: Vec<&str> = reviewed().map(|(route, _)| route).filter(|route| !there.contains(*route)).collect();
    assert_eq!(gone, Vec::<&str>::new());
}
