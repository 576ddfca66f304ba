//! From the operator's options to a working [`Core`]: folder, secret, database, schema, instance id.

use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::db::{Db, ErrorKind, MigrateError, UnsaidTransport, classify, is_tls_failure};
use crate::http::{Config, Core};
use crate::kernel::{Clock, Message};
use crate::people::store::settings;
use crate::vault::{MASTER_LEN, Vault, restrict, write_secret_file};

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
    pub say: Message,
}

impl StartError {
    /// A reason with its way out.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { say: Message::new(vi.into(), en.into()) }
    }
}

/// Opens everything; makes what is missing.
pub async fn open(options: &Options, clock: Clock) -> Result<Core, StartError> {
    prepare_folder(&options.data_dir)?;
    let url = options.database_url();
    let db = Db::open(&url).await.map_err(|error| cannot_open(&url, &error))?;
    db.migrate().await.map_err(|error| cannot_migrate(&error))?;
    let master = match read_secret(&options.data_dir)? {
        Some(master) => master,
        // A new secret would be another one than the data was sealed with.
        None if is_in_use(&db).await.map_err(|error| cannot_open(&url, &error))? => {
            return Err(unusable_secret(&options.data_dir, "không có / missing"));
        }
        None => new_secret(&options.data_dir, &clock)?,
    };
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

/// Makes the data folder, private to the service's own user, and tries to write to it.
pub fn prepare_folder(dir: &Path) -> Result<(), StartError> {
    let refused = |error: &std::io::Error| {
        let dir = dir.display();
        let why_vi = match error.kind() {
            io::ErrorKind::StorageFull => "đĩa đã đầy",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "không có quyền ghi",
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

fn unusable_secret(dir: &Path, why: impl std::fmt::Display) -> StartError {
    let path = dir.join(SECRET_FILE);
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
}

/// The master secret of a data folder; nothing where there is none yet.
pub fn read_secret(dir: &Path) -> Result<Option<[u8; MASTER_LEN]>, StartError> {
    match fs::read_to_string(dir.join(SECRET_FILE)) {
        Ok(text) => parse_secret(&text).map(Some).ok_or_else(|| unusable_secret(dir, "not 64 hex digits")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable_secret(dir, error)),
    }
}

/// The master secret from its 64 hex digits.
pub fn parse_secret(text: &str) -> Option<[u8; MASTER_LEN]> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?.try_into().ok()
}

/// Writes the master secret into a data folder that has none, durably.
pub fn write_secret(dir: &Path, master: &[u8; MASTER_LEN]) -> Result<(), StartError> {
    let text = format!("{}\n", data_encoding::HEXLOWER.encode(master));
    write_secret_file(&dir.join(SECRET_FILE), &text).map_err(|error| unusable_secret(dir, error))
}

fn new_secret(dir: &Path, clock: &Clock) -> Result<[u8; MASTER_LEN], StartError> {
    let master = clock.bytes();
    write_secret(dir, &master)?;
    Ok(master)
}

/// Whether a service ever ran on this database.
async fn is_in_use(db: &Db) -> Result<bool, sqlx::Error> {
    let mut conn = db.read().await?;
    Ok(crate::backup::instance_id(&mut conn).await?.is_some())
}

/// Opens a database that is there already, without making or migrating anything: for back-ups and the doctor.
pub async fn open_as_it_is(options: &Options) -> Result<Db, StartError> {
    let url = options.database_url();
    if let Some(path) = sqlite_path(&url)
        && !path.exists()
    {
        let path = path.display();
        return Err(StartError::new(
            format!("Không có cơ sở dữ liệu {path}. Kiểm tra --data-dir và --database."),
            format!("There is no database {path}. Check --data-dir and --database."),
        ));
    }
    Db::open(&url).await.map_err(|error| cannot_open(&url, &error))
}

/// The file of a SQLite address.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    (!url.starts_with("postgres")).then(|| PathBuf::from(url.strip_prefix("sqlite://").unwrap_or(url)))
}

async fn instance_id(db: &Db, clock: &Clock) -> Result<uuid::Uuid, sqlx::Error> {
    let mut tx = db.begin().await?;
    if let Some(text) = settings::instance_id(&mut tx).await? {
        return text.parse().map_err(|_| sqlx::Error::Decode("the setting instance_id is no id".into()));
    }
    let id = clock.uuid();
    settings::put_instance_id(&mut tx, &id.to_string()).await?;
    tx.commit().await?;
    Ok(id)
}

/// Says why a database can't be opened; a password in its address is not repeated.
pub fn cannot_open(url: &str, error: &sqlx::Error) -> StartError {
    // A URL may hold a password: name only what comes after it.
    let shown = match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host)),
        None => url.to_owned(),
    };
    match classify(error) {
        ErrorKind::DiskFull => StartError::new(
            "Đĩa đã đầy. Hãy giải phóng chỗ trống rồi khởi động lại.",
            "The disk is full. Free some space and start again.",
        ),
        _ if is_unsaid(error) => StartError::new(
            format!(
                "Cơ sở dữ liệu {shown} ở máy khác: địa chỉ phải ghi cách bảo vệ đường truyền. Thêm ?sslmode=verify-full (và \
                 &sslrootcert=TỆP nếu chứng thư do mình tự cấp). Mạng chỉ của riêng mình: ?sslmode=disable. Xem docs/postgresql.md."
            ),
            format!(
                "The database {shown} is on another machine: its address must say how the way to it is protected. Add \
                 ?sslmode=verify-full (and &sslrootcert=FILE for a certificate of your own). On a network that is yours alone: \
                 ?sslmode=disable. See docs/postgresql.md."
            ),
        ),
        _ if is_tls_failure(error) => StartError::new(
            format!(
                "Chứng thư TLS của cơ sở dữ liệu {shown} không dùng được: {error}. Chứng thư kiểu cũ (X.509 v1, không có \
                 subjectAltName) hoặc do nơi lạ cấp thì phải thay, hoặc chỉ ra bằng &sslrootcert=TỆP: docs/postgresql.md."
            ),
            format!(
                "The TLS certificate of the database {shown} can't be used: {error}. One of an old kind (X.509 v1, without a \
                 subjectAltName) is to be replaced, one of your own authority named by &sslrootcert=FILE: docs/postgresql.md."
            ),
        ),
        _ => StartError::new(
            format!("Không mở được cơ sở dữ liệu {shown}: {error}. Kiểm tra --database và quyền truy cập."),
            format!("The database {shown} can't be opened: {error}. Check --database and its permissions."),
        ),
    }
}

fn is_unsaid(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Configuration(why) if why.is::<UnsaidTransport>())
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
