//! The API's document, as the code says it. What is the same for many calls is said here once, by the form of a call, and
//! not at each of them: which errors it can answer, which of its fields may be null. The program serves what `make openapi`
//! kept of it.

use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use super::router::api;
use crate::http::{Core, MAX_LIMIT, PROBLEMS};
use crate::redemption;

/// The document's frame; every route adds itself.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Lá Lành",
        description = "Relief work of a Vietnamese ward: households, rent reductions, donated goods, vouchers that are \
                       redeemed exactly once. Ids are UUIDs; money is whole đồng; quantities are integers in the \
                       item's smallest unit; times are RFC 3339; days are days in Asia/Ho_Chi_Minh.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(crate::http::Problem, crate::http::schemas::DayOrMoment)),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
struct ApiDoc;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of staff (`lalanh token add`) or of an enrolled phone"))
            .build();
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Bodies with maps in which null takes back what was said of a row. The macro has no words for it.
const TAKEN_BACK: [&str; 3] = ["ImportCorrection", "ImportDecisions", "HouseholdImportDecisions"];

/// The document.
pub fn document() -> Value {
    let described: OpenApiRouter<Core> = api(redemption::routes::api());
    let document = OpenApiRouter::<Core>::with_openapi(ApiDoc::openapi()).nest("/api/v1", described).into_openapi();
    let mut document = serde_json::to_value(document).expect("the document is JSON");
    document["components"]["responses"] = problems();
    let (mut creates, mut forms) = (Vec::new(), Vec::new());
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, call) in item.as_object_mut().into_iter().flatten() {
            say_what_may_fail(method, call);
            say_page(call);
            if takes_key(call) {
                creates.extend(references(&call["requestBody"]["content"]["application/json"]));
            }
            forms.extend(references(&call["requestBody"]["content"]["multipart/form-data"]["schema"]));
        }
    }
    allow_null(&mut document, creates);
    forms.iter().for_each(|form| refuse_null(&mut document["components"]["schemas"][form]));
    for name in TAKEN_BACK {
        allow_null_in_maps(&mut document["components"]["schemas"][name]);
    }
    allow_no_body(&mut document);
    say_events(&mut document);
    say_binary(&mut document["paths"]);
    let schemas = document["components"]["schemas"].clone();
    say_all_or_none(&mut document["components"]["schemas"], &schemas);
    document
}

/// Each error answer, described once.
fn problems() -> Value {
    let answer = |(status, name, description): (&str, &str, &str)| {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        let mut answer = json!({ "description": description, "content": { "application/problem+json": schema } });
        if status == "429" {
            answer["headers"] = json!({ "Retry-After": {
                "description": "Seconds until it may be tried again", "required": true,
                "schema": { "type": "integer", "minimum": 0 }
            } });
        }
        (name.to_owned(), answer)
    };
    Value::Object(PROBLEMS.into_iter().map(answer).collect())
}

/// Leaves a call those errors that one of its form can answer.
fn say_what_may_fail(method: &str, call: &mut Value) {
    let has_body = !call["requestBody"].is_null();
    let names_record = call["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["in"] == "path");
    let asks = has_body || call["parameters"].as_array().is_some_and(|parameters| !parameters.is_empty());
    let may = |status: &str| match status {
        "408" | "413" | "415" => has_body,
        "409" => method != "get" || names_record,
        "404" | "422" => asks,
        _ => true,
    };
    if let Some(answers) = call["responses"].as_object_mut() {
        answers.retain(|status, _| may(status));
    }
}

/// How many rows of a list may be asked for.
fn say_page(call: &mut Value) {
    for parameter in call.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        if parameter["name"] == "limit" {
            parameter["schema"]["minimum"] = json!(1);
            parameter["schema"]["maximum"] = json!(MAX_LIMIT);
        }
    }
}

/// Whether a call is a create.
fn takes_key(call: &Value) -> bool {
    call["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == "Idempotency-Key")
}

/// The names of the schemas that a part of the document refers to.
fn references(part: &Value) -> Vec<String> {
    match part {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            own.map(str::to_owned).into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// In creates a field that is null is one that was left out ([`CreateBody`](crate::http::CreateBody)).
fn allow_null(document: &mut Value, mut names: Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    while let Some(name) = names.pop() {
        if seen.insert(name.clone()) {
            let schema = &mut document["components"]["schemas"][&name];
            names.extend(references(schema));
            allow_null_in(schema);
        }
    }
}

fn allow_null_in(schema: &mut Value) {
    for one in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        allow_null_in(one);
    }
    let required = schema["required"].clone();
    let must = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    for (name, field) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if field.get("additionalProperties").is_some() {
            allow_null_in(field);
        }
        if !must(name) && !may_be_null(field) {
            allow_null_of(field);
        }
    }
    if let Some(values) = schema.get_mut("additionalProperties").filter(|values| !may_be_null(values)) {
        allow_null_of(values);
    }
}

/// The values of a map, of maps in it first.
fn allow_null_in_maps(schema: &mut Value) {
    if let Some(values) = schema.get_mut("additionalProperties") {
        match values.get("additionalProperties") {
            Some(_) => allow_null_in_maps(values),
            None => allow_null_of(values),
        }
    }
    for (_, field) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        allow_null_in_maps(field);
    }
}

/// A form has no null: a field is there or not.
fn refuse_null(form: &mut Value) {
    for (_, field) in form.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(kind) = field["type"].get(0).cloned() {
            field["type"] = kind;
        } else if let Some(one) = field["oneOf"].get(0).cloned() {
            *field = one;
        }
    }
}

fn may_be_null(field: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    is_null(&field["type"])
        || field["type"].as_array().is_some_and(|kinds| kinds.iter().any(is_null))
        || ["oneOf", "anyOf"].iter().any(|of| field[of].as_array().is_some_and(|all| all.iter().any(may_be_null)))
}

fn allow_null_of(field: &mut Value) {
    if let Some(kind) = field["type"].as_str().map(str::to_owned)
        && field["enum"].is_null()
    {
        field["type"] = json!([kind, "null"]);
        return;
    }
    let description = field.as_object_mut().and_then(|field| field.shift_remove("description"));
    let mut either = Map::new();
    either.insert("oneOf".to_owned(), json!([field.take(), { "type": "null" }]));
    either.extend(description.map(|text| ("description".to_owned(), text)));
    *field = Value::Object(either);
}

/// A POST whose fields may all be left out needs no body.
fn allow_no_body(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let Some(body) = item.pointer_mut("/post/requestBody") else { continue };
        let name = body["content"]["application/json"]["schema"]["$ref"].as_str();
        let Some(schema) = name.and_then(|path| path.rsplit('/').next()).map(|name| &schemas[name]) else { continue };
        if schema["required"].is_null() && schema["type"] == "object" {
            body["required"] = json!(false);
        }
    }
}

/// A stream is said event by event: its name, and as its data the JSON that the field of that name describes.
fn say_events(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let mut said = None;
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let Some(schema) = item.pointer_mut("/get/responses/200/content/text~1event-stream/schema") else { continue };
        let Some(name) = references(schema).pop() else { continue };
        let event = |(name, data): (&String, &Value)| {
            let data = json!({ "type": "string", "contentMediaType": "application/json", "contentSchema": data });
            json!({ "type": "object", "required": ["event", "data"],
                    "properties": { "event": { "type": "string", "const": name }, "data": data } })
        };
        let events = schemas[&name]["properties"].as_object().into_iter().flatten().map(event);
        *schema = json!({ "oneOf": events.collect::<Vec<_>>() });
        said = Some(name);
    }
    if let (Some(name), Some(schemas)) = (said, document["components"]["schemas"].as_object_mut()) {
        schemas.shift_remove(&name);
    }
}

/// A body of bytes is that, and no list of numbers.
fn say_binary(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            for (kind, content) in fields.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
                if content["schema"]["type"] == "array" && !kind.ends_with("json") {
                    content["schema"] = json!({ "type": "string", "format": "binary" });
                }
            }
            fields.values_mut().for_each(say_binary);
        }
        Value::Array(items) => items.iter_mut().for_each(say_binary),
        _ => {}
    }
}

/// Fields that are there together or not at all: what is flattened, where it may be nothing.
fn say_all_or_none(part: &mut Value, schemas: &Value) {
    match part {
        Value::Object(fields) => {
            for one in fields.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
                let Some(nothing) = one.pointer_mut("/oneOf/1").filter(|other| other["type"] == "null") else {
                    continue;
                };
                *nothing = Value::Null;
                let name = references(one).pop().unwrap_or_default();
                let first = schemas[name]["required"].get(0);
                one["oneOf"][1] = first.map_or(json!({}), |first| json!({ "not": { "required": [first] } }));
            }
            fields.values_mut().for_each(|field| say_all_or_none(field, schemas));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| say_all_or_none(item, schemas)),
        _ => {}
    }
}
