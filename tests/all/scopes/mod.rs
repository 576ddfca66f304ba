//! Every call and every page is tried with records inside and outside of what a login reaches.
//!
//! `scopes.txt` says what each answers; it is reviewed by hand. A route that is not in it fails here.

mod calls;
mod confined;
mod lists;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde_json::Value;

use self::calls::{Call, outcome};
use self::world::{Part, World};
use crate::document::{Operation, document, operations};
use crate::on_both;
use crate::support::TestApp;

/// What a login may do with itself; these would end its token.
const SELF: [&str; 17] = [
    "API POST /logout",
    "API POST /me/confirm",
    "API PUT /me/password",
    "API POST /me/sessions/end",
    "GET /account/password",
    "GET /account/second-factor",
    "GET /account/second-factor/off",
    "POST /account/logout-everywhere",
    "POST /account/password",
    "POST /account/second-factor",
    "POST /account/second-factor/confirm",
    "POST /account/second-factor/off",
    "API GET /me",
    "API DELETE /me/totp",
    "API GET /me/totp",
    "API POST /me/totp",
    "API POST /me/totp/confirm",
];
/// Calls whose rules are about single records and are tried with the records of phones.
const ELSEWHERE: [&str; 1] = ["API POST /redemptions/batch"];

/// The columns of the file.
const COLUMNS: [&str; 5] = ["own area", "other area", "own point", "other point", "no point"];

/// `API GET /areas` → `filtered - filtered - filtered`.
fn reviewed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut routes = BTreeMap::new();
    for line in include_str!("../scopes.txt").lines().filter(|line| line.contains(" /")) {
        let (route, answers) = line.split_once(": ").unwrap_or_else(|| panic!("scopes.txt: {line}"));
        assert!(routes.insert(route, answers.split_whitespace().collect()).is_none(), "scopes.txt has {route} twice");
    }
    routes
}

/// Routes that need no login.
fn open_to_anyone() -> BTreeSet<String> {
    let api = include_str!("../open_routes.txt").lines().filter(|line| line.contains(" /"));
    let api = api.map(|route| format!("API {}", route.trim()));
    let pages = include_str!("../routes.txt").lines().filter_map(|line| line.strip_suffix(": anyone"));
    api.chain(pages.map(str::to_owned)).collect()
}

/// A route of the API or of a page.
enum Route {
    Api(Operation),
    Page(String),
}

impl Route {
    fn name(&self) -> String {
        match self {
            Self::Api(operation) => format!("API {}", operation.name()),
            Self::Page(route) => route.clone(),
        }
    }

    fn call(&self, document: &Value, part: &Part) -> Call {
        match self {
            Self::Api(operation) => Call::api(document, operation, part),
            Self::Page(route) => Call::page(route, part),
        }
    }
}

/// Every route there is.
fn routes(document: &Value) -> Vec<Route> {
    let pages = include_str!("../routes.txt").lines().filter_map(|line| line.split_once(": "));
    let pages = pages.filter(|(route, _)| route.starts_with("GET /") || route.starts_with("POST /"));
    let pages = pages.map(|(route, _)| Route::Page(route.to_owned()));
    operations(document).into_iter().map(Route::Api).chain(pages).collect()
}

/// Who asks, about whose record, and what must not be told.
struct Column<'a> {
    token: &'a str,
    part: &'a Part,
    ours: Vec<&'a str>,
    outside: Vec<&'a str>,
    /// Whether the record lies within.
    within: bool,
}

impl World {
    fn columns(&self) -> [Column<'_>; 5] {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let point = |part: &'static str| self.ours.id(part);
        let of_area =
            |part, within| Column { token: &self.of_area, part, ours: ours.tells(), outside: theirs.tells(), within };
        let outside = || {
            let theirs = theirs.of_point.iter().map(String::as_str);
            theirs.chain([point("warehouse")]).collect::<Vec<&str>>()
        };
        let of_point = |part, within| Column {
            token: &self.of_point,
            part,
            ours: vec![point("point"), point("round"), point("voucher"), point("nonce"), point("device")],
            outside: outside(),
            within,
        };
        let nothing = Column {
            token: &self.of_nothing,
            part: ours,
            ours: Vec::new(),
            outside: ours.tells().into_iter().chain(theirs.tells()).collect(),
            within: false,
        };
        [of_area(ours, true), of_area(theirs, false), of_point(ours, true), of_point(theirs, false), nothing]
    }
}

/// What an answer comes to, in a word of the file.
async fn word(app: &TestApp, call: &Call, column: &Column<'_>) -> String {
    let (status, told) = call.ask(app, column.token).await;
    let tells = |told: &str, marks: &[&str]| marks.iter().any(|mark| told.contains(mark));
    // What was asked for is no news.
    let asked = format!("{call:?}");
    let outside: Vec<&str> = column.outside.iter().copied().filter(|mark| !asked.contains(mark)).collect();
    let word = match status {
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        _ if status.is_server_error() || status == StatusCode::UNAUTHORIZED => return format!("{status}!"),
        _ if tells(&told, &outside) => "open",
        _ if outcome(&told).as_deref() == Some("not_allowed") => "not_allowed",
        _ if column.within && status.is_client_error() => "ok",
        StatusCode::UNPROCESSABLE_ENTITY => "invalid",
        StatusCode::CONFLICT => "conflict",
        _ if !asked.starts_with("Call { method: \"GET\"") => "ok",
        _ => {
            let (_, all) = call.ask(app, &app.admin).await;
            match (tells(&all, &outside), tells(&all, &column.ours) && !tells(&told, &column.ours)) {
                (true, true) => "empty",
                (true, false) => "filtered",
                (false, _) => "ok",
            }
        }
    };
    word.to_owned()
}

on_both! {
    async fn every_route_answers_for_what_a_login_reaches_and_for_nothing_else(app: TestApp) {
        let world = app.world().await;
        let (document, reviewed, anyone) = (document(&app).await, reviewed(), open_to_anyone());
        let columns = world.columns();
        let (ours, theirs) = (app.portrait(&world.ours).await, app.portrait(&world.theirs).await);
        let mut found: BTreeMap<String, [String; 5]> = BTreeMap::new();
        let (reading, changing): (Vec<Route>, Vec<Route>) =
            routes(&document).into_iter().partition(|route| route.name().contains("GET /"));
        // First all is read; then comes what must be refused, which leaves everything as it is.
        let places = [1, 4, 3, 0, 2];
        let reads = places.iter().map(|place| (*place, &reading));
        for (place, routes) in reads.chain(places.iter().map(|place| (*place, &changing))) {
            for route in routes {
                let (name, column) = (route.name(), &columns[place]);
                let listed = reviewed.get(name.as_str());
                let untried = SELF.contains(&name.as_str()) || ELSEWHERE.contains(&name.as_str());
                if untried || (anyone.contains(&name) && listed.is_none_or(|answers| *answers == ["anyone"])) {
                    continue;
                }
                let call = route.call(&document, column.part);
                let same = [1, 3].contains(&place) && call == route.call(&document, &world.ours);
                let word = if same { "-".to_owned() } else { word(&app, &call, column).await };
                found.entry(name).or_default()[place] = word;
            }
            if [1, 4].contains(&place) {
                assert_eq!(app.portrait(&world.ours).await, ours, "changed from {}", COLUMNS[place]);
                assert_eq!(app.portrait(&world.theirs).await.of_area, theirs.of_area, "changed from {}", COLUMNS[place]);
            }
            // A login that names points alone reaches every household.
            if [1, 4, 3].contains(&place) {
                assert_eq!(app.portrait(&world.theirs).await.of_point, theirs.of_point, "changed from {}", COLUMNS[place]);
            }
        }
        let mut wrong = Vec::new();
        for (route, words) in &found {
            match reviewed.get(route.as_str()) {
                None => wrong.push(format!("{route}: {}  (not in tests/all/scopes.txt: add what it answers)", words.join(" "))),
                Some(answers) if answers.as_slice() != words.each_ref().map(String::as_str) => {
                    wrong.push(format!("{route}: {}  (by scopes.txt: {})", words.join(" "), answers.join(" ")));
                }
                Some(_) => {}
            }
        }
        wrong.extend(untried_routes(&document, &reviewed, &anyone));
        assert!(wrong.is_empty(), "on {:?}, columns {COLUMNS:?}:\n{}", app.on, wrong.join("\n"));
    }
}

/// Routes that are not tried must be in the file too, with the reason; and nothing else may be.
fn untried_routes(document: &Value, reviewed: &BTreeMap<&str, Vec<&str>>, anyone: &BTreeSet<String>) -> Vec<String> {
    let names: BTreeSet<String> = routes(document).iter().map(Route::name).collect();
    let mut wrong = Vec::new();
    for name in &names {
        let reason = match name.as_str() {
            name if SELF.contains(&name) => "self",
            name if ELSEWHERE.contains(&name) => "elsewhere",
            name if anyone.contains(name) => "anyone",
            _ => continue,
        };
        let answers = reviewed.get(name.as_str());
        let tried = answers.is_some_and(|answers| answers.len() == COLUMNS.len() && reason == "anyone");
        if !tried && answers.is_none_or(|answers| *answers != [reason]) {
            wrong.push(format!("{name}: {reason}  (not in tests/all/scopes.txt)"));
        }
    }
    let gone = reviewed.keys().filter(|route| !names.contains(**route));
    wrong.extend(gone.map(|route| format!("{route} is in tests/all/scopes.txt and is no route")));
    wrong
}
