//! From the operator's options to a working [`Core`]: folder, secret, database, schema, instance id.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::db::{Db, MigrateError, Trouble, trouble};
use crate::kernel::{Clock, Say};
use crate::vault::{MASTER_LEN, Vault, restrict, write_secret_file};
use crate::web::{Config, Core};

/// The file in the data folder that holds the master secret, hex.
pub const SECRET_FILE: &str = "secret.key";

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder.
    pub data_dir: PathBuf,
    /// `sqlite://PATH` or `postgres://…`; nothing: SQLite in the data folder.
    pub database: Option<String>,
    /// How the service is reached from outside.
    pub config: Config,
}

impl Options {
    /// The database that is meant.
    pub fn database_url(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("lalanh.db").display()))
    }
}

/// Why the service can't start; says the way out, in both languages.
#[derive(Debug, Error)]
#[error("{} / {}", say.vi, say.en)]
pub struct StartError {
    /// What to tell the operator.
    pub say: Say,
}

impl StartError {
    /// A reason with its way out.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { say: Say::new(vi.into(), en.into()) }
    }
}

/// Opens everything; makes what is missing.
pub async fn open(options: &Options, clock: Clock) -> Result<Core, StartError> {
    prepare_folder(&options.data_dir)?;
    let url = options.database_url();
    let db = Db::open(&url).await.map_err(|error| cannot_open(&url, &error))?;
    db.migrate().await.map_err(|error| cannot_migrate(&error))?;
    let master = master_secret(&options.data_dir, &clock)?;
    let instance_id = instance_id(&db, &clock).await.map_err(|error| cannot_open(&url, &error))?;
    let vault = Vault::new(master, clock.clone());
    let config = Config { data_dir: options.data_dir.clone(), ..options.config.clone() };
    let core = Core::new(db, clock, vault, instance_id, config);
    crate::vouchers::keyring::ensure(&core).await.map_err(|error| {
        let (kind, say) = (error.code(), error.say());
        StartError::new(format!("Khóa ký phiếu ({kind}): {}", say.vi), format!("Signing keys ({kind}): {}", say.en))
    })?;
    Ok(core)
}

fn prepare_folder(dir: &Path) -> Result<(), StartError> {
    let refused = |error: &std::io::Error| {
        let dir = dir.display();
        let why_vi = match error.kind() {
            ErrorKind::StorageFull => "đĩa đã đầy",
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "không có quyền ghi",
            _ => "không dùng được",
        };
        StartError::new(
            format!(
                "Thư mục dữ liệu {dir}: {why_vi} ({error}). Chọn thư mục khác bằng --data-dir, hoặc cấp quyền ghi."
            ),
            format!(
                "The data folder {dir} is not usable ({error}). Choose another with --data-dir, or allow writing to it."
            ),
        )
    };
    fs::create_dir_all(dir).map_err(|error| refused(&error))?;
    restrict(dir, 0o700).map_err(|error| refused(&error))?;
    let probe = dir.join(".write-test");
    fs::write(&probe, b"lalanh").and_then(|()| fs::remove_file(&probe)).map_err(|error| refused(&error))
}

fn master_secret(dir: &Path, clock: &Clock) -> Result<[u8; MASTER_LEN], StartError> {
    let path = dir.join(SECRET_FILE);
    let unusable = |why: String| {
        StartError::new(
            format!(
                "Tệp khóa {}: {why}. Khôi phục tệp này từ bản sao lưu; thiếu nó không đọc được số giấy tờ.",
                path.display()
            ),
            format!(
                "The secret file {}: {why}. Restore it from a backup; without it id numbers can't be read.",
                path.display()
            ),
        )
    };
    match fs::read_to_string(&path) {
        Ok(text) => {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).unwrap_or_default();
            bytes.try_into().map_err(|_| unusable("not 64 hex digits".to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let master: [u8; MASTER_LEN] = clock.bytes();
            let text = format!("{}\n", data_encoding::HEXLOWER.encode(&master));
            write_secret_file(&path, &text).map_err(|error| unusable(error.to_string()))?;
            Ok(master)
        }
        Err(error) => Err(unusable(error.to_string())),
    }
}

async fn instance_id(db: &Db, clock: &Clock) -> Result<uuid::Uuid, sqlx::Error> {
    let mut tx = db.begin().await?;
    let known: Option<(String,)> =
        tx.sql("select value from settings where key = 'instance_id' {for update}").optional().await?;
    if let Some(id) = known.and_then(|(text,)| text.parse().ok()) {
        return Ok(id);
    }
    let id = clock.uuid();
    tx.sql("insert into settings (key, value) values ('instance_id', $1)").bind(id.to_string()).execute().await?;
    tx.commit().await?;
    Ok(id)
}

fn cannot_open(url: &str, error: &sqlx::Error) -> StartError {
    // A URL may hold a password: name only what comes after it.
    let shown = match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host)),
        None => url.to_owned(),
    };
    match trouble(error) {
        Trouble::DiskFull => StartError::new(
            "Đĩa đã đầy. Hãy giải phóng chỗ trống rồi khởi động lại.",
            "The disk is full. Free some space and start again.",
        ),
        _ => StartError::new(
            format!("Không mở được cơ sở dữ liệu {shown}: {error}. Kiểm tra --database và quyền truy cập."),
            format!("The database {shown} can't be opened: {error}. Check --database and its permissions."),
        ),
    }
}

fn cannot_migrate(error: &MigrateError) -> StartError {
    match error {
        MigrateError::Newer { found, known } => StartError::new(
            format!(
                "Cơ sở dữ liệu do bản Lá Lành mới hơn ghi (phiên bản {found}, bản này biết đến {known}). Hãy dùng bản \
                 mới hơn, hoặc khôi phục bản sao lưu trước khi nâng cấp. Chưa thay đổi gì."
            ),
            error.to_string(),
        ),
        MigrateError::Failed(_) => {
            StartError::new(format!("Không nâng cấp được cơ sở dữ liệu: {error}"), error.to_string())
        }
    }
}
