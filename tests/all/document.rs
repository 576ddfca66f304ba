//! The API's document: complete, consistent, and about every route there is.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use syn::visit::{self, Visit};

use crate::sql_texts::sources;
use crate::support::{On, TestApp};

/// One operation of the document.
pub struct Operation {
    /// In capitals.
    pub method: String,
    /// Without `/api/v1`.
    pub path: String,
    pub value: Value,
}

impl Operation {
    /// `POST /areas`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The body's media type and its example, from the operation or from the schema.
    pub fn body<'a>(&'a self, document: &'a Value) -> Option<(&'a str, Option<&'a Value>)> {
        let (kind, content) = self.value["requestBody"]["content"].as_object()?.iter().next()?;
        let schema = resolve(document, &content["schema"]);
        let example = [&content["example"], &schema["example"], &schema["examples"][0]];
        Some((kind, example.into_iter().find(|example| !example.is_null())))
    }
}

/// A schema, or what it refers to.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(path) => document.pointer(path.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => schema,
    }
}

/// The document as it is served.
pub async fn document(app: &TestApp) -> Value {
    app.client.get(format!("{}/api/v1/openapi.json", app.base)).send().await.unwrap().json().await.unwrap()
}

/// Every operation of the document.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            let path = path.strip_prefix("/api/v1").unwrap_or_else(|| panic!("{path} is outside /api/v1")).to_owned();
            operations.push(Operation { method: method.to_uppercase(), path, value: value.clone() });
        }
    }
    operations
}

#[test]
fn the_document_that_is_served_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/openapi.json");
    let said = serde_json::to_string_pretty(&lalanh::app::document()).unwrap();
    if std::env::var_os("LALANH_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == said, "assets/openapi.json is not what the code says any more: run `make openapi`");
}

#[tokio::test]
async fn every_operation_is_described_with_its_answers_and_an_example() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let document = document(&app).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let (mut wrong, mut ids) = (Vec::new(), BTreeSet::new());
    for operation in operations(&document) {
        let mut check = |fine: bool, what: &str| {
            if !fine {
                wrong.push(format!("{}: {what}", operation.name()));
            }
        };
        let value = &operation.value;
        check(value["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "no summary");
        check(value["tags"][0].is_string(), "no tag");
        check(ids.insert(value["operationId"].as_str().unwrap_or("").to_owned()), "its operationId is another's too");
        let answers = value["responses"].as_object().unwrap();
        check(answers.keys().any(|status| status.starts_with('2')), "no answer for success");
        for status in ["401", "403", "500", "503", "507"] {
            let answer = resolve(&document, answers.get(status).unwrap_or(&Value::Null));
            let problem = &answer["content"]["application/problem+json"];
            check(problem["schema"]["$ref"] == "#/components/schemas/Problem", &format!("no Problem for {status}"));
        }
        let has_body = operation.body(&document).is_some();
        for status in ["408", "413", "415"] {
            check(
                answers.contains_key(status) == has_body,
                &format!("{status} is said of bodies, and of nothing else"),
            );
        }
        if let Some((kind, example)) = operation.body(&document) {
            check(kind.starts_with("multipart/") || example.is_some(), "its body has no example");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let document = document(&app).await;
    let mut references = BTreeSet::new();
    walk(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let target = reference.strip_prefix('#').and_then(|path| document.pointer(path));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

/// The names under which types stand in the document.
#[derive(Default)]
struct Schemas(Vec<String>);

impl Schemas {
    fn note(&mut self, attributes: &[syn::Attribute], ident: &syn::Ident) {
        let texts = |name: &str| {
            let attributes = attributes.iter().filter(|attribute| attribute.path().is_ident(name));
            let lists = attributes.filter_map(|attribute| attribute.meta.require_list().ok());
            lists.map(|list| list.tokens.to_string()).collect::<Vec<_>>().join(", ")
        };
        if texts("derive").contains("ToSchema") {
            let schema = texts("schema");
            let name = schema.split_once("as = ").map(|(_, rest)| rest.split([' ', ',']).next().unwrap().to_owned());
            self.0.push(name.unwrap_or_else(|| ident.to_string()));
        }
    }
}

impl<'ast> Visit<'ast> for Schemas {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.note(&item.attrs, &item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.note(&item.attrs, &item.ident);
    }
}

#[test]
fn every_type_has_a_name_of_its_own_in_the_document() {
    let mut schemas = Schemas::default();
    for path in sources() {
        schemas.visit_file(&syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap());
    }
    assert!(schemas.0.len() > 50, "the test reads the sources");
    let mut seen = BTreeSet::new();
    let again: Vec<&String> = schemas.0.iter().filter(|name| !seen.insert(name.as_str())).collect();
    assert!(again.is_empty(), "one would stand for the other in the document; give it `#[schema(as = …)]`: {again:?}");
}

/// The handlers of creates that don't tell of their `Idempotency-Key`, and others that do.
#[derive(Default)]
struct Creates {
    seen: usize,
    wrong: Vec<String>,
}

impl<'ast> Visit<'ast> for Creates {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let paths = item.attrs.iter().filter_map(|attribute| attribute.meta.require_list().ok());
        let paths = paths.filter(|list| list.path.segments.last().is_some_and(|last| last.ident == "path"));
        let described = paths.map(|list| list.tokens.to_string()).collect::<String>();
        if described.is_empty() {
            return;
        }
        let takes = |argument: &syn::FnArg| match argument {
            syn::FnArg::Typed(argument) => match &*argument.ty {
                syn::Type::Path(path) => {
                    path.path.segments.last().is_some_and(|last| last.ident == "CreateBody" || last.ident == "Upload")
                }
                _ => false,
            },
            syn::FnArg::Receiver(_) => false,
        };
        let is_create = item.sig.inputs.iter().any(takes);
        self.seen += usize::from(is_create);
        if is_create != described.contains("IdempotencyKey") {
            self.wrong.push(item.sig.ident.to_string());
        }
    }
}

#[test]
fn every_create_tells_of_its_idempotency_key() {
    let mut creates = Creates::default();
    for path in sources() {
        creates.visit_file(&syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap());
    }
    assert!(creates.seen > 20, "the test reads the sources");
    assert!(
        creates.wrong.is_empty(),
        "`params(IdempotencyKey)` belongs to creates, and only there: {:?}",
        creates.wrong
    );
}

#[test]
fn every_role_asks_whether_the_document_is_true() {
    let run = include_str!("../api/run.py");
    for role in lalanh::people::Role::ALL {
        assert!(run.contains(&format!("\"{role}\": ")), "tests/api/run.py has no login of a {role}");
    }
}

#[tokio::test]
async fn lists_tell_how_many_rows_may_be_asked_for() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let document = document(&app).await;
    let mut seen = 0;
    for operation in operations(&document) {
        for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
            if parameter["name"] == "limit" {
                let bounds = (&parameter["schema"]["minimum"], &parameter["schema"]["maximum"]);
                assert_eq!(bounds, (&json!(1), &json!(500)), "{}", operation.name());
                seen += 1;
            }
        }
    }
    assert!(seen > 20);
}

/// The literals given to `.route(…)`, with the methods each answers.
#[derive(Default)]
pub struct Routes(pub Vec<(String, String)>);

/// The methods in `get(page).post(step)`.
#[derive(Default)]
struct Methods(BTreeSet<String>);

impl<'ast> Visit<'ast> for Methods {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.note(&call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func {
            self.note(&path.path.segments.last().unwrap().ident.to_string());
        }
        visit::visit_expr_call(self, call);
    }
}

impl Methods {
    fn note(&mut self, name: &str) {
        if matches!(name, "get" | "post" | "put" | "patch" | "delete") {
            self.0.insert(name.to_uppercase());
        }
    }
}

impl Routes {
    /// Every route that is given by hand, in all sources.
    pub fn read() -> Self {
        let mut routes = Self::default();
        for path in sources() {
            routes.visit_file(&syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap());
        }
        routes
    }
}

impl<'ast> Visit<'ast> for Routes {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "route" {
            let path = match call.args.first() {
                Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. })) => path.value(),
                _ => "(not a literal)".to_owned(),
            };
            let mut methods = Methods::default();
            if let Some(handlers) = call.args.iter().nth(1) {
                methods.visit_expr(handlers);
            }
            self.0.extend(methods.0.into_iter().map(|method| (method, path.clone())));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }
}

#[test]
fn every_route_is_in_the_document_or_in_the_reviewed_list() {
    let reviewed: BTreeSet<&str> =
        include_str!("routes.txt").lines().filter_map(|line| line.split(": ").next()).collect();
    for (method, path) in Routes::read().0 {
        let route = format!("{method} {path}");
        assert!(
            reviewed.contains(route.as_str()),
            "{route} is outside the API's document. Add it with `routes!`, or, when it is no call of the API, to \
             tests/all/routes.txt"
        );
    }
}

#[tokio::test]
async fn the_reference_page_shows_every_call_without_a_script() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let document = document(&app).await;
    let page = app.client.get(format!("{}/api/docs", app.base)).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("<script"));
    for operation in operations(&document) {
        let id = operation.value["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{} is not on the page", operation.name());
    }
}
