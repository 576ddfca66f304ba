//! `/keys`: the signing keys, a new one, withdrawing one, and new papers for what it signed.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::http::{Core, Error, Form, Frame, Id, Result, see_other, show};
use crate::kernel::Moment;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::{Confirmed, Visitor};
use crate::vouchers::keyring::{self, Key};
use crate::vouchers::service::keys as service;
use crate::vouchers::store::keys as store;
use crate::vouchers::voucher::parse_reason;

pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/keys", get(keys))
        .route("/keys/new", get(ask_new).post(make))
        .route("/keys/{kid}/withdraw", get(ask_withdraw).post(withdraw))
        .route("/keys/{kid}/reissue", get(ask_reissue).post(reissue))
}

/// A key with the vouchers that still count on it.
struct Listed {
    key: Key,
    vouchers: i64,
}

#[derive(Template)]
#[template(path = "vouchers/keys.html")]
struct KeysPage {
    frame: Frame,
    keys: Vec<Listed>,
    now: Moment,
}

impl KeysPage {
    fn state(&self, key: &Key) -> String {
        let (vi, en) = match (key.withdrawn_at, key.retired_at) {
            (Some(at), _) => {
                (format!("Đã thu hồi lúc {}", at.for_people()), format!("Withdrawn at {}", at.for_people()))
            }
            (None, Some(at)) if at <= self.now => {
                ("Chỉ còn kiểm phiếu cũ".to_owned(), "Only verifies older vouchers".to_owned())
            }
            (None, Some(at)) => {
                (format!("Đang ký, đến {}", at.for_people()), format!("Signs until {}", at.for_people()))
            }
            (None, None) if key.active_from > self.now => (
                format!("Sẽ ký từ {}", key.active_from.for_people()),
                format!("Signs from {}", key.active_from.for_people()),
            ),
            (None, None) => ("Đang ký".to_owned(), "Signs".to_owned()),
        };
        self.frame.say(&crate::kernel::Message::new(vi, en)).to_owned()
    }
}

async fn keys(State(core): State<Core>, visitor: Visitor<ManagePeople>) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let counts: HashMap<i64, i64> = store::issued_by_key(&mut conn).await?.into_iter().collect();
    let listed = |key: Key| Listed { vouchers: counts.get(&i64::from(key.kid)).copied().unwrap_or(0), key };
    let keys = keyring::all(&mut conn).await?.into_iter().rev().map(listed).collect();
    show(StatusCode::OK, &KeysPage { frame: visitor.frame, keys, now: core.clock.now() })
}

#[derive(Template)]
#[template(path = "vouchers/key-new.html")]
struct NewKeyPage {
    frame: Frame,
    form: Form,
}

async fn ask_new(State(core): State<Core>, visitor: Visitor<ManagePeople>) -> Result<Response> {
    show(StatusCode::OK, &NewKeyPage { frame: visitor.frame, form: Form::fresh(&core) })
}

async fn make(State(core): State<Core>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let once = form.once();
    let made = core.run_once(&once, visitor.permit.id.0, StatusCode::CREATED, async |tx| {
        service::rotate(tx, &core, &visitor.permit, form.ticked("now")).await
    });
    match made.await {
        Ok(_) => Ok(see_other("/keys?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &NewKeyPage { frame: visitor.frame, form })
        }
    }
}

#[derive(Template)]
#[template(path = "vouchers/key-withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    form: Form,
    key: Key,
    vouchers: i64,
}

#[derive(Template)]
#[template(path = "vouchers/key-reissue.html")]
struct ReissuePage {
    frame: Frame,
    form: Form,
    key: Key,
    vouchers: i64,
}

async fn key_of(core: &Core, kid: u8) -> Result<(Key, i64)> {
    let mut conn = core.db.read().await?;
    let key = keyring::all(&mut conn).await?.into_iter().find(|key| key.kid == kid).ok_or(Error::NotFound)?;
    let vouchers = store::issued_with(&mut conn, kid).await?;
    Ok((key, vouchers))
}

async fn ask_withdraw(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(kid): Id<u8>) -> Result<Response> {
    let (key, vouchers) = key_of(&core, kid).await?;
    show(StatusCode::OK, &WithdrawPage { frame: visitor.frame, form: Form::fresh(&core), key, vouchers })
}

async fn withdraw(State(core): State<Core>, Id(kid): Id<u8>, confirmed: Confirmed<ChangePeople>) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let withdrawn = async {
        let reason = parse_reason(form.value("reason"))?;
        core.run(async |tx| service::withdraw(tx, &core, &visitor.permit, kid, reason).await).await
    };
    match withdrawn.await {
        Ok(_) => Ok(see_other(&format!("/keys/{kid}/reissue?done=revoked"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let (key, vouchers) = key_of(&core, kid).await?;
            show(status, &WithdrawPage { frame: visitor.frame, form, key, vouchers })
        }
    }
}

async fn ask_reissue(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(kid): Id<u8>) -> Result<Response> {
    let (key, vouchers) = key_of(&core, kid).await?;
    show(StatusCode::OK, &ReissuePage { frame: visitor.frame, form: Form::fresh(&core), key, vouchers })
}

async fn reissue(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    Id(kid): Id<u8>,
    form: Form,
) -> Result<Response> {
    let reissued = async {
        let reason = parse_reason(form.value("reason"))?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::OK, async |tx| {
            service::reissue(tx, &core, &visitor.permit, kid, reason).await
        })
        .await
    };
    match reissued.await {
        Ok(_) => Ok(see_other("/keys?done=reissued_all")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let (key, vouchers) = key_of(&core, kid).await?;
            show(status, &ReissuePage { frame: visitor.frame, form, key, vouchers })
        }
    }
}
