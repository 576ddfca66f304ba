//! `/audit`: who did what, newest first; searched, exported, and checked for having been touched.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::words;
use crate::http::workbook::{Cell, EXPORT_ROWS, Export};
use crate::http::{Core, Form, Frame, PAGE_ROWS, Params, Result, show};
use crate::kernel::{Day, Moment};
use crate::people::audit::{self, Act};
use crate::people::audit_chain;
use crate::people::audit_entry::ActorKind;
use crate::people::rights::ReadAudit;
use crate::people::store::audit::{Filter, Named, entries, head};
use crate::people::store::users::{self, ListedUser, UserFilter};
use crate::people::{Role, Visitor};

/// Entries that are read at a time for an export.
const BATCH: i64 = 1_000;
/// Logins that the filter offers.
const LOGINS_MAX: i64 = 500;

pub fn router() -> Router<Core> {
    Router::new().route("/audit", get(list)).route("/audit/export.xlsx", get(export))
}

#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    #[serde(default)]
    actor_id: String,
    #[serde(default)]
    record_id: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// Entries before this place in the chain.
    #[serde(default)]
    before: String,
    /// `1`: walk the whole chain.
    #[serde(default)]
    check: String,
}

impl ListQuery {
    /// What can't be read is not asked for.
    fn filter(&self) -> Filter {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Filter {
            actor_id: self.actor_id.parse().ok(),
            record_id: self.record_id.parse().ok(),
            action: text(&self.action),
            from: Day::parse(&self.from).ok().map(Day::start),
            to: Day::parse(&self.to).ok().map(Day::end),
        }
    }
}

/// An entry in words.
struct Line {
    at: Moment,
    who: String,
    done: String,
    record: String,
    link: Option<String>,
    detail: String,
}

fn line(detail: &Detail<'_>, role: Role, named: Named) -> Line {
    let frame = detail.frame;
    let who = match (named.actor(), named.actor_kind) {
        (Some(name), _) => name,
        (None, ActorKind::System) => frame.t("Chương trình", "The program").to_owned(),
        (None, ActorKind::Public) => frame.t("Người ngoài, biểu mẫu công khai", "The public form").to_owned(),
        (None, kind @ (ActorKind::User | ActorKind::Device)) => kind.to_string(),
    };
    Line {
        at: named.at,
        who,
        done: words::action(frame, &named.action),
        record: words::record(frame, &named.record_kind),
        link: named.record_id.and_then(|id| words::link(role, &named.record_kind, id)),
        detail: detail.of(&named.detail.0),
    }
}

/// An entry's detail in words: `fields: name, area; count: 3`. The log holds no personal data.
struct Detail<'a> {
    frame: &'a Frame,
    /// Ids say nothing on a screen; in a workbook they can be looked up.
    ids: bool,
}

impl Detail<'_> {
    fn of(&self, detail: &Value) -> String {
        detail.as_object().map_or_else(String::new, |fields| self.named(fields, "; "))
    }

    fn named(&self, fields: &Map<String, Value>, between: &str) -> String {
        let one = |(name, value): (&String, &Value)| {
            Some(format!("{}: {}", words::term(self.frame, name), self.value(value)?))
        };
        fields.iter().filter_map(one).collect::<Vec<_>>().join(between)
    }

    /// Nothing for what is not there.
    fn value(&self, value: &Value) -> Option<String> {
        match value {
            Value::Null => None,
            Value::Bool(true) => Some(self.frame.t("có", "yes").to_owned()),
            Value::Bool(false) => Some(self.frame.t("không", "no").to_owned()),
            Value::Number(number) => Some(self.frame.number(number)),
            Value::String(text) => (self.ids || text.parse::<Uuid>().is_err()).then(|| words::term(self.frame, text)),
            Value::Array(items) => {
                let items: Vec<_> = items.iter().filter_map(|item| self.value(item)).collect();
                (!items.is_empty()).then(|| items.join(", "))
            }
            Value::Object(fields) => Some(self.named(fields, ", ")),
        }
    }
}

/// A login with the name of who has it.
fn named_login(user: ListedUser) -> String {
    match user.full_name {
        Some(full_name) => format!("{full_name} ({})", user.username),
        None => user.username,
    }
}

#[derive(Template)]
#[template(path = "people/audit.html")]
struct AuditPage {
    frame: Frame,
    form: Form,
    lines: Vec<Line>,
    older: Option<i64>,
    logins: Vec<(String, String)>,
    checked: Option<Checked>,
}

/// What walking the chain found.
struct Checked {
    entries: i64,
    broken_at: Option<i64>,
}

impl AuditPage {
    fn actions(&self) -> Vec<(&'static str, &'static str)> {
        words::ACTIONS.iter().map(|(name, vi, en)| (*name, self.frame.t(vi, en))).collect()
    }

    fn export_link(&self) -> String {
        let query = self.frame.here.split_once('?').map_or("", |(_, query)| query);
        format!("/audit/export.xlsx?{query}")
    }
}

async fn list(
    State(core): State<Core>,
    visitor: Visitor<ReadAudit>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let before = query.before.parse().unwrap_or(i64::MAX);
    let mut conn = core.db.read().await?;
    let mut found = entries(&mut conn, query.filter(), before, PAGE_ROWS + 1).await?;
    let page_rows = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let more = found.len() > page_rows;
    found.truncate(page_rows);
    let older = found.last().filter(|_| more).map(|last| last.seq);
    let logins = users::listed(&mut conn, UserFilter { disabled: true, ..Default::default() }, LOGINS_MAX, 0).await?;
    let checked = match query.check.as_str() {
        "1" => Some(Checked {
            entries: head(&mut conn).await?.seq,
            broken_at: audit_chain::first_broken(&mut conn).await?,
        }),
        _ => None,
    };
    drop(conn);
    let (role, frame) = (visitor.permit.role, visitor.frame);
    let form = Form::default()
        .with("actor_id", &query.actor_id)
        .with("record_id", &query.record_id)
        .with("action", &query.action)
        .with("from", &query.from)
        .with("to", &query.to);
    let page = AuditPage {
        lines: found.into_iter().map(|named| line(&Detail { frame: &frame, ids: false }, role, named)).collect(),
        older,
        logins: logins.into_iter().map(|user| (user.id.to_string(), named_login(user))).collect(),
        checked,
        form,
        frame,
    };
    show(StatusCode::OK, &page)
}

async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadAudit>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let columns = [
        ("Số", "Number", 10.0),
        ("Lúc", "At", 18.0),
        ("Ai", "Who", 22.0),
        ("Việc", "What", 24.0),
        ("Hồ sơ", "Record", 22.0),
        ("Mã hồ sơ", "Record id", 38.0),
        ("Chi tiết", "Detail", 60.0),
    ];
    let mut book = Export::new(visitor.frame.lang, "audit", &columns)?;
    let (mut before, mut rows) = (i64::MAX, 0_i64);
    while rows < EXPORT_ROWS {
        let batch = entries(&mut core.db.read().await?, query.filter(), before, BATCH).await?;
        let Some(last) = batch.last() else { break };
        before = last.seq;
        rows += i64::try_from(batch.len()).unwrap_or(BATCH);
        for named in batch {
            let (seq, id) = (named.seq, named.record_id.map(|id: Uuid| id.to_string()));
            let line = line(&Detail { frame: &visitor.frame, ids: true }, visitor.permit.role, named);
            book.row(&[
                Cell::from(seq),
                Cell::from(line.at.for_people()),
                Cell::from(line.who),
                Cell::from(line.done),
                Cell::from(line.record),
                Cell::from(id),
                Cell::from(line.detail),
            ])?;
        }
    }
    let act = Act::many("export", "audit", json!({ "rows": rows }));
    audit::record(&core, visitor.permit.actor(), act).await?;
    book.answer("nhat-ky.xlsx")
}
