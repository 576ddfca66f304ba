//! `/vouchers/{id}/void` and `/vouchers/{id}/reissue`: asked once, with what it does and a reason.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};

use crate::http::{Body, Core, CreateBody, Form, Frame, Id, Result, see_other, show};
use crate::kernel::ids::VoucherId;
use crate::people::Visitor;
use crate::people::rights::WriteVouchers;
use crate::vouchers::api::vouchers::{ReasonBody, reissue_voucher, visible, void_voucher};
use crate::vouchers::voucher::VoucherRow;

pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/vouchers/{id}/void", get(ask_void).post(void))
        .route("/vouchers/{id}/reissue", get(ask_reissue).post(reissue))
}

#[derive(Template)]
#[template(path = "vouchers/void.html")]
struct VoidPage {
    frame: Frame,
    form: Form,
    voucher: VoucherRow,
}

#[derive(Template)]
#[template(path = "vouchers/reissue.html")]
struct ReissuePage {
    frame: Frame,
    form: Form,
    voucher: VoucherRow,
}

async fn ask_void(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<VoucherId>,
) -> Result<Response> {
    show_void(&core, visitor, id, (StatusCode::OK, Form::fresh(&core))).await
}

async fn show_void(
    core: &Core,
    visitor: Visitor<WriteVouchers>,
    id: VoucherId,
    form: (StatusCode, Form),
) -> Result<Response> {
    let voucher = visible(&mut core.db.read().await?, &visitor.permit, id).await?;
    show(form.0, &VoidPage { frame: visitor.frame, form: form.1, voucher })
}

async fn void(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<VoucherId>,
    form: Form,
) -> Result<Response> {
    let body = ReasonBody { reason: form.value("reason").to_owned() };
    match void_voucher(State(core.clone()), visitor.permit.clone(), Id(id), Body(body)).await {
        Ok(Json(_)) => Ok(see_other(&format!("/vouchers/{id}?done=voided"))),
        Err(error) => show_void(&core, visitor, id, form.refused(error)?).await,
    }
}

async fn ask_reissue(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<VoucherId>,
) -> Result<Response> {
    show_reissue(&core, visitor, id, (StatusCode::OK, Form::fresh(&core))).await
}

async fn show_reissue(
    core: &Core,
    visitor: Visitor<WriteVouchers>,
    id: VoucherId,
    form: (StatusCode, Form),
) -> Result<Response> {
    let voucher = visible(&mut core.db.read().await?, &visitor.permit, id).await?;
    show(form.0, &ReissuePage { frame: visitor.frame, form: form.1, voucher })
}

async fn reissue(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<VoucherId>,
    form: Form,
) -> Result<Response> {
    let body = ReasonBody { reason: form.value("reason").to_owned() };
    let create = CreateBody { body, once: form.once() };
    match reissue_voucher(State(core.clone()), visitor.permit.clone(), Id(id), create).await {
        Ok(_) => Ok(see_other(&format!("/vouchers/{id}?done=reissued"))),
        Err(error) => show_reissue(&core, visitor, id, form.refused(error)?).await,
    }
}
