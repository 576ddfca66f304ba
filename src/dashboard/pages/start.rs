//! What to do next: the steps from an empty folder to a market, each with whether it is done; and whether phones can
//! reach the service.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::dashboard::store;
use crate::dashboard::store::Progress;
use crate::http::{Core, Frame, Peer, Reach, Result, qr, show};
use crate::people::rights::{ManageDevices, ManagePlaces};
use crate::people::{Right, Visitor};

pub fn router() -> Router<Core> {
    Router::new().route("/start", get(tasks)).route("/start/phones", get(phones))
}

/// One step.
struct Task {
    title: (&'static str, &'static str),
    hint: (&'static str, &'static str),
    href: &'static str,
    done: bool,
    needs: Right,
}

/// The steps in the order of a market.
fn all_tasks(done: Progress) -> Vec<Task> {
    let task = |title, hint, href, done, needs| Task { title, hint, href, done, needs };
    vec![
        task(
            ("Tên phường", "The ward's name"),
            ("Đứng đầu mọi giấy tờ.", "Heads every paper."),
            "/start/ward",
            done.ward,
            Right::ManagePlaces,
        ),
        task(
            ("Khu dân cư và tổ", "Neighbourhoods and groups"),
            ("Dán danh sách hoặc đọc từ Excel.", "Paste a list, or read it from Excel."),
            "/areas/paste",
            done.areas,
            Right::ManagePlaces,
        ),
        task(
            ("Điểm phát và kho", "Points and warehouses"),
            ("Nơi người dân đến nhận, nơi cất hàng.", "Where people come, where goods are kept."),
            "/points/new",
            done.points,
            Right::ManagePlaces,
        ),
        task(
            ("Tài khoản của cán bộ", "Logins of staff"),
            ("Cán bộ phụ trách, thủ kho, trưởng khu, giám sát.", "Coordinators, storekeepers, heads, auditors."),
            "/users/new",
            done.staff,
            Right::ManagePeople,
        ),
        task(
            ("Hộ gia đình", "Households"),
            ("Nhập danh sách các khu gửi lên.", "Import the lists that neighbourhoods send."),
            "/households/imports",
            done.households,
            Right::WriteHouseholds,
        ),
        task(
            ("Khoản ủng hộ", "Donations"),
            ("Hàng vào kho, tiền vào sổ.", "Goods enter stock, money the books."),
            "/donations",
            done.donations,
            Right::WriteGoods,
        ),
        task(
            ("Suất quà", "Packages"),
            ("Mỗi suất gồm những gì.", "What each one holds."),
            "/packages",
            done.packages,
            Right::WriteGoods,
        ),
        task(
            ("Đợt phát", "A round"),
            ("Phát cho ai, ở đâu, khung giờ nào; rồi in phiếu.", "For whom, where and when; then print vouchers."),
            "/rounds",
            done.rounds,
            Right::WriteVouchers,
        ),
        task(
            ("Điện thoại phát quà", "Phones"),
            ("Kiểm tra https rồi kết nối từng máy.", "Check https, then enrol each phone."),
            "/start/phones",
            done.phones,
            Right::ManageDevices,
        ),
    ]
}

#[derive(Template)]
#[template(path = "dashboard/start.html")]
struct StartPage {
    frame: Frame,
    tasks: Vec<Task>,
}

impl StartPage {
    fn done(&self) -> usize {
        self.tasks.iter().filter(|task| task.done).count()
    }

    /// The first step that is not done.
    fn next(&self) -> Option<&Task> {
        self.tasks.iter().find(|task| !task.done)
    }
}

async fn tasks(State(core): State<Core>, visitor: Visitor<ManagePlaces>) -> Result<Response> {
    let progress = store::progress(&mut core.db.read().await?).await?;
    let tasks = all_tasks(progress).into_iter().filter(|task| visitor.may(task.needs)).collect();
    show(StatusCode::OK, &StartPage { frame: visitor.frame, tasks })
}

#[derive(Template)]
#[template(path = "dashboard/start-phones.html")]
struct PhonesPage {
    frame: Frame,
    reach: Reach,
    qr: String,
}

async fn phones(State(core): State<Core>, peer: Peer, visitor: Visitor<ManageDevices>) -> Result<Response> {
    let reach = peer.reach(&core);
    let qr = qr::svg(&format!("{}/kiem-tra-may", reach.url))?;
    show(StatusCode::OK, &PhonesPage { frame: visitor.frame, reach, qr })
}
