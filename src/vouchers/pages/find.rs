//! `/vouchers`: one voucher by its code or its household. What is looked for travels in the body, never in an address.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::http::{Core, Error, Form, Frame, Result, see_other, show};
use crate::kernel::message::Invalid;
use crate::people::Visitor;
use crate::people::rights::ReadVouchers;
use crate::vouchers::find::{self, ByCode, Read};
use crate::vouchers::reach::seen_voucher;
use crate::vouchers::store::listings::FoundVoucher;

pub(crate) fn router() -> Router<Core> {
    Router::new().route("/vouchers", get(ask).post(look))
}

#[derive(Template)]
#[template(path = "vouchers/find.html")]
struct FindPage {
    frame: Frame,
    form: Form,
    /// Nothing: nobody looked yet.
    found: Option<Vec<FoundVoucher>>,
}

impl FindPage {
    fn became(&self, voucher: &FoundVoucher) -> &'static str {
        super::words::became(&self.frame, &voucher.status, voucher.received, voucher.units)
    }
}

async fn ask(visitor: Visitor<ReadVouchers>) -> Result<Response> {
    show(StatusCode::OK, &FindPage { frame: visitor.frame, form: Form::default(), found: None })
}

async fn look(State(core): State<Core>, visitor: Visitor<ReadVouchers>, form: Form) -> Result<Response> {
    let text = form.value("q").to_owned();
    let mut conn = core.db.read().await?;
    let wrong = if text.is_empty() {
        Invalid::fixed("required", "Ghi mã phiếu hoặc tên chủ hộ.", "Give a voucher's code or the household's name.")
    } else {
        match find::by_code(&mut conn, &core, &text).await? {
            Read::Voucher(found) => match seen_voucher(&mut conn, &visitor.permit, found.id).await {
                Ok(_) => return Ok(lead_to(found)),
                Err(Error::NotFound) => find::NEVER_ISSUED,
                Err(error) => return Err(error),
            },
            Read::Invalid(wrong) => wrong,
            Read::Text => {
                let found = find::by_household(&mut conn, &core, &text, &visitor.permit).await?;
                return match found.as_slice() {
                    [only] => Ok(see_other(&format!("/vouchers/{}", only.id))),
                    _ => show(StatusCode::OK, &FindPage { frame: visitor.frame, form, found: Some(found) }),
                };
            }
        }
    };
    let (status, form) = form.refused(Error::Invalid(vec![wrong.at("q")]))?;
    show(status, &FindPage { frame: visitor.frame, form, found: None })
}

fn lead_to(found: ByCode) -> Response {
    let notice = if found.superseded { "?done=superseded" } else { "" };
    see_other(&format!("/vouchers/{}{notice}", found.id))
}
