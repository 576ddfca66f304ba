//! `/retention`: how long what is kept, what would be dropped now, and another period.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::http::{Core, Error, Form, Frame, Id, Params, Result, see_other, show};
use crate::jobs::JobName;
use crate::kernel::Validation;
use crate::people::rights::{ManagePeople, ReadAudit};
use crate::people::{Right, Visitor};
use crate::retention::rule::{ChangeBody, Period, Rule};
use crate::retention::service;
use crate::retention::view::{Due, RuleView};

/// `/retention`.
pub fn router() -> Router<Core> {
    Router::new().route("/retention", get(rules)).route("/retention/{rule}", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "retention/rules.html")]
struct RulesPage {
    frame: Frame,
    rules: Vec<RuleView>,
    /// What each would drop now, when that was asked for.
    due: Option<Vec<Due>>,
    may_change: bool,
}

impl RulesPage {
    fn would_drop(&self, rule: &Rule) -> i64 {
        let due = self.due.iter().flatten().find(|due| due.rule == *rule);
        due.map_or(0, |due| due.rows)
    }

    /// The jobs that carry out the rules: what the button says, and which.
    fn jobs(&self) -> [(&'static str, JobName); 2] {
        [
            (self.frame.t("Xóa theo thời hạn ngay", "Drop what is due now"), JobName::Retain),
            (self.frame.t("Dọn mã và phiên ngay", "Drop ended codes and sessions now"), JobName::Prune),
        ]
    }
}

/// `?try=1`.
#[derive(Debug, Default, Deserialize)]
struct Query {
    #[serde(default, rename = "try")]
    tried: String,
}

async fn rules(
    State(core): State<Core>,
    visitor: Visitor<ReadAudit>,
    Params(query): Params<Query>,
) -> Result<Response> {
    let rows = service::rules(&mut core.db.read().await?).await?;
    let due = if query.tried == "1" { Some(service::dry_run(&core).await?) } else { None };
    let page = RulesPage {
        rules: rows.iter().map(|row| RuleView::of(row, visitor.frame.lang)).collect(),
        due,
        may_change: visitor.may(Right::ManagePeople),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "retention/rule.html")]
struct RulePage {
    frame: Frame,
    form: Form,
    rule: RuleView,
    usual: i64,
}

impl RulePage {
    fn usual_hint(&self) -> String {
        let usual = self.frame.number(self.usual);
        match self.frame.lang {
            crate::kernel::message::Lang::Vi => format!("Để trống: {usual} ngày, như thường lệ."),
            crate::kernel::message::Lang::En => format!("Empty: the usual {usual} days."),
        }
    }
}

async fn show_rule(core: &Core, frame: Frame, status: StatusCode, form: Option<Form>, rule: Rule) -> Result<Response> {
    // A period that nobody changes has no page.
    let Period::Chosen { usual, .. } = rule.period() else { return Err(Error::NotFound) };
    let rows = service::rules(&mut core.db.read().await?).await?;
    let row = rows.iter().find(|row| row.rule == rule).ok_or(Error::NotFound)?;
    let form = form.unwrap_or_else(|| Form::fresh(core).with_some("days", row.days));
    let rule = RuleView::of(row, frame.lang);
    show(status, &RulePage { frame, form, rule, usual })
}

async fn edit(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(rule): Id<Rule>) -> Result<Response> {
    show_rule(&core, visitor.frame, StatusCode::OK, None, rule).await
}

async fn change(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    Id(rule): Id<Rule>,
    form: Form,
) -> Result<Response> {
    let changed = async {
        let days = body_of(&form)?.parse(rule)?;
        core.run(async |tx| service::choose(tx, &core, &visitor.permit, rule, days).await).await
    };
    match changed.await {
        Ok(_) => Ok(see_other("/retention?done=saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_rule(&core, visitor.frame, status, Some(form), rule).await
        }
    }
}

fn body_of(form: &Form) -> Result<ChangeBody> {
    let mut fields = Validation::new();
    let days = fields.take("days", form.text("days").map(|_| form.int("days")).transpose());
    let (days,) = fields.all((days,))?;
    Ok(ChangeBody { days })
}
