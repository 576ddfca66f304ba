//! Every call of the API is tried without a login and with every role.
//!
//! `roles.txt` says who may make each call, `open_routes.txt` which calls need no login. Both are reviewed by hand: a
//! call that is in neither fails here.

use std::collections::{BTreeMap, BTreeSet};

use lalanh::people::Role;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};

use crate::document::{Operation, document, operations, resolve};
use crate::on_both;
use crate::support::{TestApp, text};

/// No record has this id.
const NOBODY: &str = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";

fn open_routes() -> BTreeSet<&'static str> {
    let is_route = |line: &&str| line.split_once(' ').is_some_and(|(_, path)| path.starts_with('/'));
    include_str!("open_routes.txt").lines().map(str::trim).filter(is_route).collect()
}

/// `POST /areas` → `admin`, `coordinator`.
fn roles() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut roles = BTreeMap::new();
    for line in include_str!("roles.txt").lines().filter(|line| line.contains(" /")) {
        let (call, who) = line.split_once(": ").unwrap_or_else(|| panic!("roles.txt: {line}"));
        assert!(roles.insert(call.trim(), who.split_whitespace().collect()).is_none(), "roles.txt has {call} twice");
    }
    roles
}

/// A value that fits a parameter and that no record has.
fn value_of(document: &Value, parameter: &Value) -> String {
    let schema = resolve(document, &parameter["schema"]);
    let value = match (schema["type"].as_str(), schema["format"].as_str()) {
        (_, Some("date")) => "2021-08-05",
        (_, Some("date-time")) => "2021-08-05T00:00:00Z",
        (Some("integer"), _) => "250",
        _ if schema["enum"].is_array() => schema["enum"][0].as_str().unwrap_or("x"),
        _ if parameter["in"] == "path" => NOBODY,
        (_, Some("uuid")) => NOBODY,
        _ => "x",
    };
    value.to_owned()
}

/// The path with ids that nobody has, and the query parameters that must be there.
fn address(document: &Value, operation: &Operation) -> String {
    let mut path = format!("/api/v1{}", operation.path);
    let mut query = Vec::new();
    for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
        let (name, value) = (text(parameter, "name"), value_of(document, parameter));
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else if parameter["in"] == "query" && parameter["required"] == true {
            query.push(format!("{name}={value}"));
        }
    }
    assert!(!path.contains('{'), "{} does not describe its path's parameters", operation.name());
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// The call as its document describes it, with the body of its example.
fn call(app: &TestApp, document: &Value, operation: &Operation) -> RequestBuilder {
    let method: Method = operation.method.parse().unwrap();
    let request = app.client.request(method, format!("{}{}", app.base, address(document, operation)));
    match operation.body(document) {
        None => request,
        Some((kind, _)) if kind.starts_with("multipart/") => {
            let file = Part::bytes(b"no list".to_vec()).file_name("list.csv");
            request.multipart(Form::new().part("file", file))
        }
        Some((_, example)) => {
            request.json(example.unwrap_or_else(|| panic!("{} has no example of its body", operation.name())))
        }
    }
}

/// A token of every role, and of a phone.
async fn tokens(app: &TestApp) -> Vec<(&'static str, String)> {
    let mut tokens = Vec::new();
    for role in Role::ALL {
        tokens.push((role.name(), app.login(&format!("every.{}", role.name()), role).await));
    }
    let ward = app.ward().await;
    let point = app.point(&ward, "Nhà văn hóa").await;
    let invitation = app.create("/api/v1/devices", json!({ "name": "Máy 1", "point_ids": [point] })).await;
    let code = json!({ "enrol_code": text(&invitation, "enrol_code") });
    tokens.push(("device", text(&app.create("/api/v1/devices/enrol", code).await, "token")));
    tokens
}

on_both! {
    async fn without_a_login_every_call_answers_401_except_the_reviewed_open_ones(app: TestApp) {
        let (document, open) = (document(&app).await, open_routes());
        let mut wrong = Vec::new();
        for operation in operations(&document) {
            let name = operation.name();
            let status = call(&app, &document, &operation).send().await.unwrap().status();
            if open.contains(name.as_str()) == (status == StatusCode::UNAUTHORIZED) {
                // A wrong password is told with 401 too.
                if name != "POST /login" {
                    wrong.push(format!("{name}: {status} without a login"));
                }
            }
            // One empty choice among several makes the login optional.
            let says_open = operation.value["security"].as_array().is_some_and(|choices| {
                choices.is_empty() || choices.iter().any(|one| one.as_object().is_some_and(Map::is_empty))
            });
            if open.contains(name.as_str()) != says_open {
                wrong.push(format!("{name}: open_routes.txt and its `security` in the document disagree"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn every_call_is_open_to_its_reviewed_roles_and_to_no_other(app: TestApp) {
        let (document, open, roles) = (document(&app).await, open_routes(), roles());
        let tokens = tokens(&app).await;
        let mut wrong = Vec::new();
        for operation in operations(&document) {
            let name = operation.name();
            if open.contains(name.as_str()) {
                continue;
            }
            let Some(may) = roles.get(name.as_str()) else {
                wrong.push(format!("{name} is not in tests/all/roles.txt: add who may call it"));
                continue;
            };
            for (role, token) in &tokens {
                let throwaway = app.login(&format!("away.{}", app.clock.uuid()), Role::Auditor).await;
                let token = if name == "POST /logout" { &throwaway } else { token };
                let status = call(&app, &document, &operation).bearer_auth(token).send().await.unwrap().status();
                let refused = matches!(status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED);
                if may.contains(role) == refused {
                    let expected = if refused { "may do it by roles.txt" } else { "may not by roles.txt" };
                    wrong.push(format!("{name}: {status} as {role}, who {expected}"));
                }
            }
        }
        assert!(wrong.is_empty(), "on {:?}:\n{}", app.on, wrong.join("\n"));
    }
}
