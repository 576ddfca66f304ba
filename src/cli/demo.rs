//! `lalanh demo`: makes the ward, says how to look around, serves it.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::failed::failed;
use crate::app::open::prepare_folder;
use crate::app::{Options, StartError, open, serve};
use crate::db::Db;
use crate::demo::{PASSWORD, Ward};
use crate::kernel::Clock;
use crate::{demo, people};

/// The folder that the demo runs in; one of our own is removed at the end.
struct Folder {
    path: PathBuf,
    own: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.own {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Runs the demo until it is stopped. `data_dir` is nothing when the operator did not choose one.
pub(super) async fn demo(
    mut options: Options,
    data_dir: Option<PathBuf>,
    listen: SocketAddr,
    https: Option<serve::Https>,
) -> Result<(), StartError> {
    let clock = Clock::system();
    let listener = serve::bind(listen).await?;
    let folder = folder(data_dir, &clock)?;
    options.data_dir.clone_from(&folder.path);
    if let Some(url) = &options.database {
        refuse_used_database(url).await?;
    }
    prepare_folder(&folder.path)?;
    let _held = serve::take_folder(&folder.path)?;
    let ward = fill(&options, &clock).await?;
    let sheets = folder.path.join("phieu.pdf");
    std::fs::write(&sheets, &ward.sheets).map_err(failed)?;
    let core = open(&options, clock).await?;
    let address = listener.local_addr().map_err(failed)?;
    eprintln!("{}", guide(&options, &ward, address, &sheets, folder.own)?);
    serve::run(core, listener, https).await
}

/// The calls that fill the ward are the demo's own: they are not logged.
async fn fill(options: &Options, clock: &Clock) -> Result<Ward, StartError> {
    let now = clock.now();
    let core = open(options, Clock::fixed_unpredictable(now)).await?;
    let ward = demo::fill(&core, now).with_subscriber(NoSubscriber::default()).await?;
    core.stop();
    core.db.close().await;
    Ok(ward)
}

fn folder(chosen: Option<PathBuf>, clock: &Clock) -> Result<Folder, StartError> {
    let Some(path) = chosen else {
        let path = std::env::temp_dir().join(format!("lalanh-demo-{}", clock.uuid()));
        return Ok(Folder { path, own: true });
    };
    let used = std::fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        let path = path.display();
        return Err(StartError::new(
            format!(
                "Thư mục {path} đã có dữ liệu. Bản dùng thử cần thư mục trống: chọn --data-dir khác, hoặc bỏ --data-dir."
            ),
            format!(
                "The folder {path} is in use. The demo needs an empty one: choose another --data-dir, or leave it out."
            ),
        ));
    }
    Ok(Folder { path, own: false })
}

/// The demo writes made-up people: never into a database that somebody works with. Changes nothing.
async fn refuse_used_database(url: &str) -> Result<(), StartError> {
    if crate::app::open::sqlite_path(url).is_some_and(|path| !path.exists()) {
        return Ok(());
    }
    let db = Db::open(url).await.map_err(|error| crate::app::open::cannot_open(url, &error))?;
    let mut conn = db.read().await.map_err(|error| crate::app::open::cannot_open(url, &error))?;
    // Without the tables there is nothing in it yet.
    let in_use = people::store::count_users(&mut conn).await.is_ok_and(|users| users > 0);
    drop(conn);
    db.close().await;
    if in_use {
        return Err(StartError::new(
            "Cơ sở dữ liệu này đã có người dùng. Bản dùng thử cần cơ sở dữ liệu trống.",
            "This database is in use. The demo needs an empty one.",
        ));
    }
    Ok(())
}

/// The address by which others on the same network reach this machine. Nothing is sent to find it.
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    // A documentation address (RFC 5737): connecting a datagram socket only chooses the route.
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

/// What the operator reads, all of it on standard error.
fn guide(
    options: &Options,
    ward: &Ward,
    address: SocketAddr,
    sheets: &Path,
    temporary: bool,
) -> Result<String, StartError> {
    let port = address.port();
    let scheme = if options.config.https { "https" } else { "http" };
    let here = if address.ip().is_unspecified() {
        format!("{scheme}://127.0.0.1:{port}")
    } else {
        format!("{scheme}://{address}")
    };
    let network = network_address().filter(|_| address.ip().is_unspecified());
    let phones = options
        .config
        .public_url
        .clone()
        .or_else(|| network.map(|ip| format!("{scheme}://{}", SocketAddr::new(ip, port))))
        .unwrap_or_else(|| here.clone());
    let mut text = String::new();
    write_guide(&mut text, ward, &here, &phones, sheets).map_err(failed)?;
    if phones == here && address.ip().is_loopback() {
        let _ = writeln!(
            text,
            "Địa chỉ trên chỉ mở được ở máy này. Cho điện thoại cùng mạng: --listen 0.0.0.0:{port}\n\
             This address opens on this machine only. For phones on the same network: --listen 0.0.0.0:{port}"
        );
    }
    let _ = writeln!(
        text,
        "{}",
        if temporary {
            "\nCtrl-C dừng và xóa hết dữ liệu mẫu. / Ctrl-C stops it and removes the folder."
        } else {
            "\nCtrl-C dừng; dữ liệu mẫu ở lại trong thư mục. / Ctrl-C stops it; the folder stays."
        }
    );
    Ok(text)
}

fn write_guide(text: &mut String, ward: &Ward, here: &str, phones: &str, sheets: &Path) -> std::fmt::Result {
    writeln!(text, "\nLá Lành · bản dùng thử / demo: Phường Thanh Khê Tây, chợ 0 đồng đang phát\n")?;
    writeln!(text, "Mở / open  {here}\nMật khẩu / password  {PASSWORD}")?;
    for (role, username) in &ward.logins {
        let say = role.say();
        writeln!(text, "  {username:<12} {} / {}", say.vi, say.en)?;
    }
    writeln!(text, "\nCho điện thoại / for phones  {phones}")?;
    if let Ok(code) = QrCode::with_error_correction_level(phones, EcLevel::L) {
        // Light modules are drawn, so that the picture is right on a dark terminal, which most are.
        let picture = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
        writeln!(text, "{picture}")?;
    }
    writeln!(text, "Mã kết nối điện thoại / code that enrols a phone  {}", ward.enrol_code)?;
    writeln!(text, "Phiếu in / printed vouchers  {}", sheets.display())?;
    writeln!(text, "Mã chưa dùng / unused codes  {}   (đã dùng / used  {})", ward.codes.join("  "), ward.used_code)?;
    writeln!(
        text,
        "\nThử: phát một suất, rồi xem trang tổng quan / try: hand one out and watch the overview\n\
         curl -sS {here}/api/v1/redemptions -H 'Authorization: Bearer {}' \\\n  -H 'Content-Type: application/json' \\\n  \
         -d '{{\"nonce\":\"'$(cat /proc/sys/kernel/random/uuid)'\",\"code\":\"{}\",\"point_id\":\"{}\",\
         \"scanned_at\":\"'$(date -u +%FT%TZ)'\",\"desk\":1}}'",
        ward.token,
        ward.codes.first().map_or("", String::as_str),
        ward.point_id
    )
}
