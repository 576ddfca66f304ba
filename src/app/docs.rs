//! The API's document: `/api/v1/openapi.json`, and `/api/docs` for people, without any script.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::routing::get;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::http::{Core, Frame, show};

/// `assets/openapi.json`, as the build packed it.
const DOCUMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// One group of calls.
#[derive(Debug)]
struct Group {
    name: String,
    calls: Vec<Call>,
}

/// One call.
#[derive(Debug)]
struct Call {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    open: bool,
    parameters: Vec<Parameter>,
    body_kind: String,
    body_example: String,
    body_fields: Vec<Field>,
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    place: String,
    kind: String,
    description: String,
}

#[derive(Debug)]
struct Field {
    name: String,
    kind: String,
    required: bool,
    description: String,
}

#[derive(Debug)]
struct Answer {
    status: String,
    description: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "app/docs.html")]
struct DocsPage<'a> {
    frame: Frame,
    groups: &'a [Group],
    errors: &'a [Answer],
}

/// The document as it is served, and as the page shows it.
struct Written {
    json: Bytes,
    groups: Vec<Group>,
    errors: Vec<Answer>,
}

impl Written {
    fn open() -> Self {
        let mut json = Vec::new();
        GzDecoder::new(DOCUMENT).read_to_end(&mut json).expect("the build packed the document whole");
        let value = serde_json::from_slice(&json).expect("the document is JSON");
        Self { json: json.into(), groups: groups(&value), errors: errors(&value) }
    }
}

/// `/api/v1/openapi.json` and the page, both opened when the first visitor asks: most servers are never asked.
pub fn router() -> Router<Core> {
    static WRITTEN: LazyLock<Written> = LazyLock::new(Written::open);
    Router::new()
        .route(
            "/api/v1/openapi.json",
            get(async || ([(header::CONTENT_TYPE, "application/json")], WRITTEN.json.clone())),
        )
        .route(
            "/api/docs",
            get(async |frame: Frame| {
                show(StatusCode::OK, &DocsPage { frame, groups: &WRITTEN.groups, errors: &WRITTEN.errors })
            }),
        )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        let calls = item.as_object().into_iter().flatten();
        calls.filter(|(_, call)| call.is_object()).map(move |(method, call)| (path.as_str(), method.as_str(), call))
    })
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (path, method, operation) in operations(document) {
        let name = text(&operation["tags"][0]);
        let call = call(document, path, method, operation);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.calls.push(call),
            None => groups.push(Group { name, calls: vec![call] }),
        }
    }
    groups
}

/// The error answers, which are the same everywhere: shown once.
fn errors(document: &Value) -> Vec<Answer> {
    let mut all = BTreeMap::new();
    for (_, _, operation) in operations(document) {
        let errors = answers(document, operation).into_iter().filter(|answer| answer.status.starts_with(['4', '5']));
        all.extend(errors.map(|answer| (answer.status.clone(), answer)));
    }
    all.into_values().collect()
}

fn call(document: &Value, path: &str, method: &str, operation: &Value) -> Call {
    let body = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    let (body_kind, schema) =
        body.map_or((String::new(), &Value::Null), |(kind, body)| (kind.clone(), &body["schema"]));
    let resolved = resolve(document, schema);
    let example =
        [&body.map_or(&Value::Null, |(_, body)| body)["example"], &resolved["example"], &resolved["examples"][0]]
            .into_iter()
            .find(|example| !example.is_null());
    Call {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        open: is_open(operation),
        parameters: parameters(document, operation),
        body_kind,
        body_example: example.and_then(|example| serde_json::to_string_pretty(example).ok()).unwrap_or_default(),
        body_fields: fields(document, resolved),
        answers: answers(document, operation)
            .into_iter()
            .filter(|answer| answer.status.starts_with(['2', '3']))
            .collect(),
    }
}

/// Whether a call needs no token: its own `security` is there and asks for nothing.
fn is_open(operation: &Value) -> bool {
    let asks = |one: &Value| one.as_object().is_some_and(|scheme| !scheme.is_empty());
    operation["security"].as_array().is_some_and(|all| !all.iter().any(asks))
}

fn parameters(document: &Value, operation: &Value) -> Vec<Parameter> {
    let all = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let parameter = |parameter: &Value| Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        kind: kind(document, &parameter["schema"]),
        description: text(&parameter["description"]),
    };
    all.iter().map(parameter).collect()
}

fn answers(document: &Value, operation: &Value) -> Vec<Answer> {
    let answer = |(status, answer): (&String, &Value)| {
        let answer = resolve(document, answer);
        let content = answer["content"].as_object().and_then(|content| content.values().next());
        let schema = content.map_or(&Value::Null, |content| &content["schema"]);
        Answer {
            status: status.clone(),
            description: text(&answer["description"]),
            fields: fields(document, resolve(document, schema)),
        }
    };
    operation["responses"].as_object().into_iter().flatten().map(answer).collect()
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#'))) {
        Some(target) => target,
        None => schema,
    }
}

fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    if let Some(events) = schema["oneOf"].as_array().filter(|all| all.iter().all(is_event)) {
        return events.iter().map(|event| event_field(document, &event["properties"])).collect();
    }
    let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
    let field = |(name, field): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind(document, field),
        required: required(name),
        description: text(&field["description"]),
    };
    schema["properties"].as_object().into_iter().flatten().map(field).collect()
}

/// Whether this is an event of a stream.
fn is_event(schema: &Value) -> bool {
    schema["properties"]["event"]["const"].is_string()
}

/// An event, as the field of its name that holds its data.
fn event_field(document: &Value, event: &Value) -> Field {
    let data = &event["data"]["contentSchema"];
    Field {
        name: text(&event["event"]["const"]),
        kind: kind(document, data),
        required: true,
        description: text(&data["description"]),
    }
}

/// A type in a few words: `string (uuid)`, `array of integer`, `admin | auditor`.
fn kind(document: &Value, schema: &Value) -> String {
    if let Some(all) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        return all.iter().map(|one| kind(document, one)).collect::<Vec<_>>().join(" | ");
    }
    let schema = resolve(document, schema);
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(text).collect::<Vec<_>>().join(" | ");
    }
    let name = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" | "),
        one => text(one),
    };
    match (name.as_str(), schema["format"].as_str()) {
        ("array", _) => format!("array of {}", kind(document, &schema["items"])),
        (_, Some(format)) => format!("{name} ({format})"),
        ("", None) if schema["properties"].is_object() => "object".to_owned(),
        _ => name,
    }
}
