//! `/vouchers/{id}`: one voucher: its codes, whose it is, and everything that happened to it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::words::{short, source};
use crate::http::{Core, Error, Frame, Id, Result, show};
use crate::kernel::Within;
use crate::kernel::ids::VoucherId;
use crate::people::rights::ReadVouchers;
use crate::people::{Right, Visitor};
use crate::places::store as places;
use crate::redemption::history::store as history;
use crate::redemption::history::view::ScanView;
use crate::vouchers::reach::seen_voucher;
use crate::vouchers::round::Round;
use crate::vouchers::store::{rounds, vouchers as store};
use crate::vouchers::voucher::{ReplacedPaper, VoucherRow, VoucherStatus, VoucherView};

pub fn router() -> Router<Core> {
    Router::new().route("/vouchers/{id}", get(voucher))
}

#[derive(Template)]
#[template(path = "redemption/voucher.html")]
struct VoucherPage {
    frame: Frame,
    voucher: VoucherRow,
    /// Nothing: this visitor may not print it.
    typed_code: Option<String>,
    round: Round,
    point: Option<String>,
    replaced: Vec<ReplacedPaper>,
    scans: Vec<ScanView>,
    may_write: bool,
}

impl VoucherPage {
    fn state(&self) -> &'static str {
        match self.voucher.status {
            VoucherStatus::Void => self.frame.t("Đã hủy phiếu", "Void"),
            VoucherStatus::Redeemed => self.frame.t("Đã nhận", "Received"),
            VoucherStatus::Issued if self.voucher.units_redeemed > 0 => {
                self.frame.t("Đã nhận một phần", "Partly received")
            }
            VoucherStatus::Issued => self.frame.t("Chưa nhận", "Not yet received"),
        }
    }

    fn is_issued(&self) -> bool {
        self.voucher.status == VoucherStatus::Issued
    }

    fn is_void(&self) -> bool {
        self.voucher.status == VoucherStatus::Void
    }

    fn slot(&self) -> String {
        match self.voucher.slot_at.zip(self.voucher.slot_ends_at) {
            Some((at, ends_at)) => {
                format!("{}–{} {}", at.clock_time(), ends_at.clock_time(), at.day().for_people())
            }
            None => self.frame.t("Không chia khung giờ", "None").to_owned(),
        }
    }

    fn short(&self, scan: &ScanView) -> String {
        self.frame.say(&short(scan.outcome)).to_owned()
    }

    fn source(&self, scan: &ScanView) -> String {
        self.frame.say(&source(scan.source)).to_owned()
    }
}

async fn voucher(State(core): State<Core>, visitor: Visitor<ReadVouchers>, Id(id): Id<VoucherId>) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let voucher = seen_voucher(&mut conn, &visitor.permit, id).await?;
    // Who sees a voucher is told its round, also where none of the round's points is theirs.
    let round = rounds::one(&mut conn, &Within::All, voucher.round_id).await?.ok_or(Error::NotFound)?;
    let point = match voucher.point_id {
        Some(id) => places::point(&mut conn, id).await?.map(|point| point.name),
        None => None,
    };
    let page = VoucherPage {
        typed_code: VoucherView::try_from(voucher.clone())?.seen_by(&visitor.permit).typed_code,
        replaced: store::replaced(&mut conn, id).await?,
        scans: history::told_of_voucher(&mut conn, id.0).await?,
        may_write: visitor.may(Right::WriteVouchers),
        frame: visitor.frame,
        voucher,
        round,
        point,
    };
    show(StatusCode::OK, &page)
}
