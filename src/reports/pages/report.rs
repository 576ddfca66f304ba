//! `/reports`: the committee's figures of a period, each opening to its rows, with the text to copy and small charts.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::http::{Core, Form, Frame, Params, Result, show};
use crate::kernel::ids::AreaId;
use crate::kernel::{Day, Validation};
use crate::people::audit_head::{AuditHead, audit_head};
use crate::people::rights::ReadReports;
use crate::people::{Right, Visitor};
use crate::places;
use crate::reports::charts::{self, Bars};
use crate::reports::figures::{GoodsFigure, Summary};
use crate::reports::period::Period;
use crate::reports::summary::summary;

/// Which days and which area.
#[derive(Default, Deserialize)]
pub(crate) struct PeriodQuery {
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) area_id: String,
}

impl PeriodQuery {
    pub(crate) fn form(&self) -> Form {
        Form::default().with("from", &self.from).with("to", &self.to).with("area_id", &self.area_id)
    }

    /// The period that is asked for.
    pub(crate) fn period(&self, form: &Form) -> Result<Period> {
        let mut fields = Validation::new();
        let day = |fields: &mut Validation, name: &str| -> Option<Day> {
            if form.value(name).is_empty() { None } else { fields.take(name, form.day(name)) }
        };
        let (from, to) = (day(&mut fields, "from"), day(&mut fields, "to"));
        let period = fields.take("to", Period::new(from, to));
        let (period,) = fields.all((period,))?;
        Ok(period.within(self.area()))
    }

    fn area(&self) -> Option<AreaId> {
        self.area_id.parse().ok()
    }
}

#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
    summary: Option<Summary>,
    days: Bars,
    months: Bars,
    parts: Bars,
    narrowed: bool,
    may_publish: bool,
    may_read_rent: bool,
    /// The end of the audit log when this was printed.
    head: Option<AuditHead>,
}

impl ReportPage {
    /// The rows of a figure, for the same days and area.
    fn rows(&self, figure: &str) -> String {
        format!("/reports/rows/{figure}{}", self.query())
    }

    fn item_rows(&self, item: &GoodsFigure) -> String {
        let query = self.query();
        format!("/reports/rows/goods{query}{}item_id={}", if query.is_empty() { '?' } else { '&' }, item.item_id)
    }

    fn workbook(&self) -> String {
        format!("/api/v1/reports/summary.xlsx{}", self.query())
    }

    fn query(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for name in ["from", "to", "area_id"] {
            if !self.form.value(name).is_empty() {
                out.append_pair(name, self.form.value(name));
            }
        }
        let query = out.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

pub(crate) async fn report(
    State(core): State<Core>,
    visitor: Visitor<ReadReports>,
    Params(asked): Params<PeriodQuery>,
) -> Result<Response> {
    let form = asked.form();
    asked.area().map_or(Ok(()), |area_id| visitor.permit.scope.areas.require(area_id))?;
    let areas = places::area_choices(&mut core.db.read().await?, &visitor.permit.scope.areas).await?;
    let mut page = ReportPage {
        may_publish: visitor.may(Right::ManagePlaces) && !visitor.permit.is_confined(),
        may_read_rent: visitor.may(Right::ReadRent),
        narrowed: !asked.area_id.is_empty(),
        frame: visitor.frame,
        form,
        areas,
        summary: None,
        days: Bars::default(),
        months: Bars::default(),
        parts: Bars::default(),
        head: None,
    };
    match asked.period(&page.form) {
        Ok(period) => {
            let mut conn = core.db.snapshot().await?;
            page.summary = Some(summary(&mut conn, period).await?);
            page.days = charts::handed_out(&mut conn, period, &page.frame).await?;
            page.months = charts::rent(&mut conn, period, &page.frame).await?;
            page.parts = charts::neighbourhoods(&mut conn, period, &page.frame).await?;
            page.head = audit_head(&mut conn).await?;
            drop(conn);
            show(StatusCode::OK, &page)
        }
        Err(error) => {
            let (status, form) = page.form.refused(error)?;
            page.form = form;
            show(status, &page)
        }
    }
}
