//! `/vouchers/{id}/void` and `/vouchers/{id}/reissue`: asked once, with what it does and a reason.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::http::{Core, Form, Frame, Id, Result, see_other, show};
use crate::kernel::ids::VoucherId;
use crate::people::Visitor;
use crate::people::rights::WriteVouchers;
use crate::vouchers::reach::seen_voucher;
use crate::vouchers::service::vouchers as service;
use crate::vouchers::voucher::{VoucherRow, parse_reason};

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
    let voucher = seen_voucher(&mut core.db.read().await?, &visitor.permit, id).await?;
    show(form.0, &VoidPage { frame: visitor.frame, form: form.1, voucher })
}

async fn void(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<VoucherId>,
    form: Form,
) -> Result<Response> {
    let voided = async {
        let reason = parse_reason(form.value("reason"))?;
        core.run(async |tx| service::void(tx, &core, &visitor.permit, id, reason).await).await
    };
    match voided.await {
        Ok(_) => Ok(see_other(&format!("/vouchers/{id}?done=voided"))),
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
    let voucher = seen_voucher(&mut core.db.read().await?, &visitor.permit, id).await?;
    show(form.0, &ReissuePage { frame: visitor.frame, form: form.1, voucher })
}

async fn reissue(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<VoucherId>,
    form: Form,
) -> Result<Response> {
    let reissued = async {
        let reason = parse_reason(form.value("reason"))?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::OK, async |tx| {
            service::reissue(tx, &core, &visitor.permit, id, reason).await
        })
        .await
    };
    match reissued.await {
        Ok(_) => Ok(see_other(&format!("/vouchers/{id}?done=reissued"))),
        Err(error) => show_reissue(&core, visitor, id, form.refused(error)?).await,
    }
}
