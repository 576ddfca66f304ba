//! From the operator's options to a working [`Core`]: folder, secret, database, schema, instance id.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::master::{self, new_secret, unusable_secret};
pub use super::start_error::StartError;
use crate::db::{Db, ErrorKind, MigrateError, Tx, UnsaidTransport, classify, is_tls_failure};
use crate::households;
use crate::http::{Config, Core, Error, replay};
use crate::kernel::Clock;
use crate::people::store::settings::{self, Switch};
use crate::people::{audit_anchor, audit_chain};
use crate::privacy::again;
use crate::vault::{MASTER_LEN, Vault, restrict};

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

/// Opens everything; makes what is missing.
pub async fn open(options: &Options, clock: Clock) -> Result<Core, StartError> {
    prepare_folder(&options.data_dir)?;
    let url = options.database_url();
    let db = Db::open(&url).await.map_err(|error| cannot_open(&url, &error))?;
    db.migrate().await.map_err(|error| cannot_migrate(&error))?;
    let master =
        match master::of_database(&mut db.read().await.map_err(|error| cannot_open(&url, &error))?, &options.data_dir)
            .await?
        {
            Some(master) => master,
            // A new secret would be another one than the data was sealed with.
            None if is_in_use(&db).await.map_err(|error| cannot_open(&url, &error))? => {
                return Err(unusable_secret(&options.data_dir, "không có / missing"));
            }
            None => new_secret(&options.data_dir, &clock)?,
        };
    if master::finish_change(&options.data_dir, &master)? {
        tracing::warn!("the change of the master secret was interrupted; it is finished now");
    }
    let vault = Vault::new(master, clock.clone());
    let mut tx = db.begin().await.map_err(|error| cannot_open(&url, &error))?;
    let instance_id = instance_id(&mut tx, &clock, &master).await.map_err(|error| cannot_open(&url, &error))?;
    let replay = replay::load(&mut tx, &vault, &clock).await.map_err(|error| unopened(&error))?;
    audit_chain::load(&mut tx, &vault, &clock).await.map_err(|error| unopened(&error))?;
    seal_households(&mut tx, &vault).await.map_err(|error| cannot_open(&url, &error))?;
    tx.commit().await.map_err(|error| cannot_open(&url, &error))?;
    keep_anchor(&db, &options.data_dir).await;
    let config = Config { data_dir: options.data_dir.clone(), ..options.config.clone() };
    let core = Core::new(db, clock, (vault, replay), instance_id, config);
    crate::vouchers::keyring::ensure(&core).await.map_err(|error| {
        let (kind, say) = (error.code(), error.say());
        StartError::new(format!("Khóa ký phiếu ({kind}): {}", say.vi), format!("Signing keys ({kind}): {}", say.en))
    })?;
    erase_again(&core).await;
    Ok(core)
}

/// Whoever the data folder knows as erased is erased, whatever back-up the database came from. It is no reason not to start.
async fn erase_again(core: &Core) {
    match again::reconcile(&core.db, &core.clock, &core.vault, &core.config.data_dir).await {
        Ok(done) if done.again > 0 => {
            tracing::warn!(records = done.again, "erased again what a back-up had brought back")
        }
        Ok(_) => {}
        Err(error) => tracing::error!(?error, "the list of erasures in the data folder was not gone through"),
    }
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

/// What is sealed in the database does not open.
fn unopened(error: &Error) -> StartError {
    let say = error.say();
    StartError::new(
        format!("Không mở được khóa đã niêm phong trong cơ sở dữ liệu: {} Chạy «lalanh doctor» để kiểm tra.", say.vi),
        format!("A sealed key of the database can't be opened: {} `lalanh doctor` tells more.", say.en),
    )
}

/// Lets the folder remember how the audit log ends. It is no reason not to start: handing out goes on.
pub(super) async fn keep_anchor(db: &Db, data_dir: &Path) {
    match anchored(db, data_dir).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::error!("the audit log is not the one that the data folder remembers: run `lalanh doctor`")
        }
        Err(error) => tracing::warn!(?error, "the end of the audit log was not kept in the data folder"),
    }
}

async fn anchored(db: &Db, data_dir: &Path) -> Result<bool, Error> {
    audit_anchor::keep(&mut db.read().await?, data_dir).await
}

/// Seals what versions before this one kept of households in plain, once.
async fn seal_households(tx: &mut Tx, vault: &Vault) -> Result<(), sqlx::Error> {
    const SEALED: &str = "households_sealed";
    if settings::value(tx, SEALED).await? != Some(Switch::On) {
        households::store::seal_plain(tx, vault).await?;
        settings::put(tx, SEALED, Switch::On).await?;
    }
    Ok(())
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

/// This deployment's id; made at the first start, as is the note of which secret its data is sealed with.
async fn instance_id(tx: &mut Tx, clock: &Clock, master: &[u8; MASTER_LEN]) -> Result<uuid::Uuid, sqlx::Error> {
    if settings::master_id(tx).await?.is_none() {
        master::remember(tx, master).await?;
    }
    if let Some(text) = settings::instance_id(tx).await? {
        return text.parse().map_err(|_| sqlx::Error::Decode("the setting instance_id is no id".into()));
    }
    let id = clock.uuid();
    settings::put_instance_id(tx, &id.to_string()).await?;
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
