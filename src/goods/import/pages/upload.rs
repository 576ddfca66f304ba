//! Dropping a file, and the lists that came before.

use askama::Template;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::goods::choices::{self, Choice};
use crate::goods::import::api;
use crate::goods::scope::Scope;
use crate::kernel::Fields;
use crate::kernel::say::Wrong;
use crate::lists::staged::{self, Earlier, Kind};
use crate::people::{Right, Visitor};
use crate::web::{Core, Form, Frame, Params, Result, Rows, Turn, Upload, see_other, show};

/// What the form asks beside the file.
const ASKED: [&str; 3] = ["unit", "campaign_id", "point_id"];

#[derive(Template)]
#[template(path = "goods/imports.html")]
struct ImportsPage {
    frame: Frame,
    form: Form,
    campaigns: Vec<Choice>,
    points: Vec<Choice>,
    rows: Rows<Earlier>,
}

impl ImportsPage {
    fn units(&self) -> [(&'static str, &'static str); 3] {
        [
            ("đồng", self.frame.t("Đồng: 5.000.000", "Đồng: 5.000.000")),
            ("nghìn đồng", self.frame.t("Nghìn đồng: 5.000", "Thousands of đồng: 5.000")),
            ("triệu đồng", self.frame.t("Triệu đồng: 5", "Millions of đồng: 5")),
        ]
    }
}

pub(super) async fn earlier(
    State(core): State<Core>,
    visitor: Visitor,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let form = Form::fresh(&core);
    show_imports(&core, visitor, &turn, StatusCode::OK, form).await
}

async fn show_imports(core: &Core, visitor: Visitor, turn: &Turn, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = Scope::of(&mut conn, &visitor.staff).await?;
    let found = staged::earlier(&mut conn, Kind::Donations, None, turn.limit(), turn.offset()).await?;
    let page = ImportsPage {
        campaigns: choices::campaigns(&mut conn).await?,
        points: choices::places(&mut conn, &scope).await?,
        rows: Rows::new(found, turn, None),
        frame: visitor.frame,
        form,
    };
    show(status, &page)
}

pub(super) async fn upload(State(core): State<Core>, visitor: Visitor, request: Request) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let mut form = Form::fresh(&core);
    let uploaded = match Upload::from_request(request, &core).await {
        Ok(upload) => {
            for name in ASKED {
                form = form.with(name, upload.field(name));
            }
            send(&core, &visitor, headers, upload.of_form(&path)).await
        }
        Err(error) => Err(error),
    };
    match uploaded {
        Ok(id) => Ok(see_other(&format!("/donations/imports/{id}"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_imports(&core, visitor, &Turn::default(), status, form).await
        }
    }
}

/// Nobody guesses whether a list's figures are đồng or thousands of them: the clerk says.
async fn send(core: &Core, visitor: &Visitor, headers: HeaderMap, upload: Upload) -> Result<uuid::Uuid> {
    let mut fields = Fields::new();
    fields.check("unit", !upload.field("unit").is_empty(), || {
        Wrong::fixed(
            "required",
            "Chọn đơn vị của các cột tiền trong tệp.",
            "Choose the unit of the file's columns of money.",
        )
    });
    fields.finish()?;
    api::upload_donations(State(core.clone()), visitor.staff.clone(), headers, upload).await?.id()
}
