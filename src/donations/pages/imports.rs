//! What the pages of imported lists of donors say.

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::campaigns;
use crate::db::Conn;
use crate::donations::import::commit::{CommitBody, Counts};
use crate::donations::import::rows::Sums;
use crate::donations::import::{DonationLine, DonationRow, Donations, Opened, undo};
use crate::http::{Core, Form, Frame, Result, Upload};
use crate::imports::pages;
use crate::imports::pages::{Blocker, Fact, ListPages, RowSummary, Words, part};
use crate::imports::view::Outlook;
use crate::inventory::choices;
use crate::inventory::choices::Choice;
use crate::kernel::ids::ImportId;
use crate::kernel::message::Invalid;
use crate::kernel::money::group_thousands;
use crate::kernel::{Message, Quantity, Validation};
use crate::people::rights::WriteGoods;
use crate::people::{Permit, Visitor};

/// `/donations/imports` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route(
            "/donations/imports",
            get(pages::earlier::<Donations>).post(pages::upload::<Donations>).layer(DefaultBodyLimit::disable()),
        )
        .route("/donations/imports/{id}", get(pages::show_page::<Donations>))
        .route("/donations/imports/{id}/rows", post(pages::save_rows::<Donations>))
        .route("/donations/imports/{id}/decide", post(pages::decide_all::<Donations>))
        .route("/donations/imports/{id}/columns", post(pages::choose_columns::<Donations>))
        .route("/donations/imports/{id}/commit", post(pages::commit::<Donations>))
        .route("/donations/imports/{id}/errors.xlsx", get(pages::errors::<Donations>))
        .route("/donations/imports/{id}/undo", get(pages::ask_undo::<Donations>).post(pages::undo::<Donations>))
}

const WORDS: Words = Words {
    above: ("/donations", Message::fixed("Khoản ủng hộ", "Donations")),
    title: Message::fixed("Nhập danh sách ủng hộ từ Excel", "Import a list of donations"),
    intro: Message::fixed(
        "Gửi nguyên tệp của phường: tiêu đề, dòng cộng và phần ký tên được tự bỏ qua. Chưa ghi gì cho đến khi bạn xem lại và bấm ghi.",
        "Send the ward's file as it is: titles, totals and signatures are passed over. Nothing is stored before you have looked at it.",
    ),
    storing: Message::fixed("Ghi các khoản ủng hộ", "Store the donations"),
    store: Message::fixed("Ghi các khoản ủng hộ", "Store the donations"),
    follow: None,
    stored: Message::fixed("Xem các khoản đã ghi", "See the donations it made"),
    next: None,
    undoable: Message::fixed(
        "Giấy đã in cho nhà hảo tâm của danh sách này không còn giá trị.",
        "Papers printed for this list's donors are void then.",
    ),
    blocked: Message::fixed(
        "Hàng của danh sách này đã được chuyển đi, phát hoặc điều chỉnh. Hãy chuyển hàng về rồi hoàn tác, hoặc điều \
         chỉnh tồn kho cho đúng. Số không còn ở nơi đã nhập:",
        "Goods of this list were moved, handed out or adjusted. Bring them back first, or adjust the stock to what is \
         right. What is no longer where it came:",
    ),
    way_out: Some(("/stock/adjustments/new", Message::fixed("Điều chỉnh tồn kho", "Adjust the stock"))),
};

#[derive(Template)]
#[template(path = "donations/import-upload.html")]
struct UploadFields<'a> {
    frame: &'a Frame,
    form: &'a Form,
    campaigns: Vec<Choice>,
    points: Vec<Choice>,
}

impl UploadFields<'_> {
    fn units(&self) -> [(&'static str, &'static str); 3] {
        [
            ("đồng", self.frame.t("Đồng: 5.000.000", "Đồng: 5.000.000")),
            ("nghìn đồng", self.frame.t("Nghìn đồng: 5.000", "Thousands of đồng: 5.000")),
            ("triệu đồng", self.frame.t("Triệu đồng: 5", "Millions of đồng: 5")),
        ]
    }
}

#[derive(Template)]
#[template(path = "donations/import-commit.html")]
struct CommitFields<'a> {
    frame: &'a Frame,
    form: &'a Form,
    points: Vec<Choice>,
}

impl ListPages for Donations {
    const PAGE: &'static str = "/donations/imports";
    const WORDS: &'static Words = &WORDS;
    const UPLOAD_FIELDS: &'static [&'static str] = &["unit", "campaign_id", "point_id"];

    async fn upload_fields(conn: &mut Conn, visitor: &Visitor<WriteGoods>, form: &Form) -> Result<String> {
        let campaigns = campaigns::choices::campaigns(conn).await?;
        let points = choices::places(conn, &visitor.permit.scope.points).await?;
        part(&UploadFields { frame: &visitor.frame, form, campaigns, points })
    }

    /// Nobody guesses whether a list's figures are đồng or thousands of them: the clerk says.
    fn check_upload(upload: &Upload) -> Result<()> {
        let mut fields = Validation::new();
        fields.check("unit", !upload.field("unit").is_empty(), || {
            Invalid::fixed(
                "required",
                "Chọn đơn vị của các cột tiền trong tệp.",
                "Choose the unit of the file's columns of money.",
            )
        });
        Ok(fields.finish()?)
    }

    async fn commit_fields(
        conn: &mut Conn,
        visitor: &Visitor<WriteGoods>,
        _list: &Opened,
        form: &Form,
    ) -> Result<String> {
        let points = choices::places(conn, &visitor.permit.scope.points).await?;
        part(&CommitFields { frame: &visitor.frame, form, points })
    }

    fn commit_body(form: &Form) -> CommitBody {
        CommitBody { point_id: form.chosen("point_id").ok(), ..CommitBody::default() }
    }

    fn summary(frame: &Frame, list: &Opened, place: usize) -> RowSummary {
        let row = &list.reading.rows[place];
        let Some(parsed) = &row.parsed else { return RowSummary::default() };
        let name = parsed.donor.as_ref().map(|donor| donor.name.clone());
        RowSummary {
            name: match name {
                Some(name) if name.is_empty() => frame.t("Ẩn danh", "Anonymous").to_owned(),
                name => name.unwrap_or_default(),
            },
            text: says(frame, parsed),
            same: list
                .matches
                .get(&row.at)
                .map(|id| (format!("/donations/{id}"), frame.t("Khoản đã ghi", "The stored donation"))),
            ..RowSummary::default()
        }
    }

    fn outlook(frame: &Frame, list: &Opened, outlook: Outlook) -> Vec<Fact> {
        let number = (frame.t("Khoản sẽ ghi", "Donations to be stored"), frame.number(outlook.store));
        [number].into_iter().chain(sums(frame, &Sums::of(list.stored()))).collect()
    }

    fn counted(frame: &Frame, counts: &Counts) -> Vec<Fact> {
        let number = (frame.t("Khoản ủng hộ", "Donations"), frame.number(counts.created));
        let skipped = (frame.t("Bỏ qua hoặc có lỗi", "Left out or with errors"), frame.number(counts.skipped));
        [number].into_iter().chain(sums(frame, &counts.sums)).chain([skipped]).collect()
    }

    fn undoing(frame: &Frame, counts: &Counts) -> Vec<Fact> {
        let leave = frame
            .t("Số khoản ủng hộ sẽ bị bỏ khỏi sổ và báo cáo:", "Donations that leave the register and the report:");
        let stock = frame.t(
            "Hiện vật của danh sách ra khỏi tồn kho. Sổ kho giữ cả lần nhập và lần hoàn tác.",
            "Its goods leave the stock. The ledger keeps both that they came and that they were taken back.",
        );
        let stock = counts.point_id.map(|_| (stock, String::new()));
        [(leave, frame.number(counts.created))].into_iter().chain(stock).collect()
    }

    async fn blockers(core: &Core, _frame: &Frame, _permit: &Permit<WriteGoods>, id: ImportId) -> Result<Vec<Blocker>> {
        let missing = core.run(async |tx| undo::blockers(tx, core, id).await).await?;
        Ok(missing.into_iter().map(|(name, why)| Blocker { href: String::new(), name, why }).collect())
    }
}

fn sums(frame: &Frame, sums: &Sums) -> [Fact; 3] {
    let packages = format!("{}, {}", frame.number(sums.packages), frame.money(&sums.packages_value));
    [
        (frame.t("Tiền", "Cash"), frame.money(&sums.cash)),
        (frame.t("Suất quà", "Packages"), packages),
        (frame.t("Trị giá hiện vật", "Worth of goods"), frame.money(&sums.goods_value)),
    ]
}

/// What a row says beside the name, in one line.
fn says(frame: &Frame, row: &DonationRow) -> String {
    let mut parts: Vec<String> = row.lines.iter().map(|line| what(frame, line)).collect();
    parts.extend(row.received_on.map(|day| frame.day(&day)));
    parts.extend(row.condition.clone());
    parts.join(" · ")
}

/// A thing of the list, in words.
fn what(frame: &Frame, line: &DonationLine) -> String {
    match line {
        DonationLine::Goods { item, unit, thousandths, value } => {
            let worth = if value.0 > 0 { format!(", {value}") } else { String::new() };
            format!("{} {unit} {item}{worth}", Quantity(*thousandths).in_unit(3))
        }
        DonationLine::Packages { count, value, .. } => {
            format!("{} {}, {value}", group_thousands(*count), frame.t("suất quà", "packages"))
        }
        DonationLine::Cash { amount } => format!("{} {amount}", frame.t("Tiền", "Cash")),
    }
}
