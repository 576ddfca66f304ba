//! `lalanh backup` and `lalanh restore`.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::failed::{failed, refused};
use super::secret;
use crate::app::master::{SECRET_FILE, of_database, parse_secret, read_secret, write_secret};
use crate::app::open::{cannot_open, open_as_it_is, prepare_folder, sqlite_path};
use crate::app::{Options, StartError};
use crate::backup::{self, Counts, FORM, Failure, Header, Sink};
use crate::db::{Db, Flavour};
use crate::kernel::Clock;
use crate::people::audit::{self, Act, Actor};
use crate::people::{audit_chain, password};
use crate::privacy::again;
use crate::privacy::journal::{self, JOURNAL_FILE};
use crate::vault::{MASTER_LEN, Vault};

/// The passphrase's variable in the environment.
const PASSPHRASE_VAR: &str = "LALANH_BACKUP_PASSPHRASE";

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write.
    file: PathBuf,
    /// Replace a file that exists.
    #[arg(long)]
    force: bool,
    /// Read the passphrase that seals the file from standard input (or from LALANH_BACKUP_PASSPHRASE); at a terminal it is
    /// asked for.
    #[arg(long)]
    passphrase_stdin: bool,
    /// Write an open file: whoever has it has everyone's personal data and the keys of every voucher.
    #[arg(long, conflicts_with = "passphrase_stdin")]
    unsealed: bool,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The file that `lalanh backup` wrote.
    file: PathBuf,
    /// Read the file's passphrase from standard input (or from LALANH_BACKUP_PASSPHRASE).
    #[arg(long)]
    passphrase_stdin: bool,
    /// The list of erasures (erasures.list) of the data folder that is replaced: whoever was erased since the back-up is
    /// erased again. Without it, the one that lies in the new data folder is taken.
    #[arg(long, value_name = "FILE")]
    erasures: Option<PathBuf>,
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        Self { say: failure.say() }
    }
}

pub(super) async fn backup(options: &Options, args: BackupArgs) -> Result<ExitCode, StartError> {
    let passphrase = if args.unsealed { None } else { Some(sealing(args.passphrase_stdin)?) };
    if !args.force && args.file.exists() {
        return Err(exists(&args.file));
    }
    let db = open_as_it_is(options).await?;
    let clock = Clock::system();
    let header = header(options, &db, &clock).await?;
    record_reading(&db, &clock, &header).await;
    let mut part = Part::new(&args.file)?;
    let counts = tokio::select! {
        written = write(&db, &clock, &header, &mut part, passphrase.as_deref()) => written?,
        _ = tokio::signal::ctrl_c() => return Err(StartError::new("Đã dừng, chưa ghi bản sao lưu.", "Stopped; no back-up was written.")),
    };
    if !args.force && args.file.exists() {
        return Err(exists(&args.file));
    }
    part.keep().map_err(Failure::from)?;
    db.close().await;
    report(&counts);
    if passphrase.is_none() {
        eprintln!(
            "Lưu ý: tệp này mở được dữ liệu cá nhân của mọi hộ. Hãy cất nơi an toàn, hoặc bỏ --unsealed để khóa tệp.\n\
             Note: this file opens everyone's personal data. Keep it safe, or leave out --unsealed to seal it."
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(
    db: &Db,
    clock: &Clock,
    header: &Header,
    part: &mut Part,
    passphrase: Option<&str>,
) -> Result<Counts, Failure> {
    let sink = Sink::new(BufWriter::new(&part.file), passphrase, clock)?;
    let mut snapshot = db.snapshot().await?;
    let (out, counts) = backup::write(&mut snapshot, header, sink).await?;
    drop(out);
    part.file.sync_all()?;
    Ok(counts)
}

async fn header(options: &Options, db: &Db, clock: &Clock) -> Result<Header, StartError> {
    let mut conn = db.read().await.map_err(|error| cannot_open(&options.database_url(), &error))?;
    let nothing = || {
        StartError::new("Cơ sở dữ liệu còn trống, chưa có gì để sao lưu.", "The database is empty: nothing to back up.")
    };
    let schema = Db::schema(&mut conn).await.map_err(failed)?.ok_or_else(nothing)?;
    if schema > Db::newest_schema() {
        return Err(Failure::Newer { found: schema, known: Db::newest_schema() }.into());
    }
    let id = backup::instance_id(&mut conn).await.map_err(failed)?;
    let instance_id = id.and_then(|id| id.parse().ok()).ok_or_else(nothing)?;
    let master = of_database(&mut conn, &options.data_dir).await?.ok_or_else(|| {
        StartError::new(
            format!("Thư mục {} không có tệp khóa secret.key. Kiểm tra --data-dir.", options.data_dir.display()),
            format!("The folder {} has no secret.key. Check --data-dir.", options.data_dir.display()),
        )
    })?;
    Ok(Header {
        lalanh_backup: FORM,
        schema,
        instance_id,
        created_at: clock.now(),
        database: database_name(db).to_owned(),
        secret: data_encoding::HEXLOWER.encode(&master),
    })
}

fn database_name(db: &Db) -> &'static str {
    match db.flavour() {
        Flavour::Sqlite => "sqlite",
        Flavour::Postgres => "postgres",
    }
}

/// A back-up reads everything: the log says so. A full disk or an older schema must not keep anyone from making one.
async fn record_reading(db: &Db, clock: &Clock, header: &Header) {
    let detail = json!({ "schema": header.schema, "database": header.database });
    let vault = parse_secret(&header.secret).map(|master| Vault::new(master, clock.clone()));
    let recorded = match vault {
        Some(vault) if header.schema == Db::newest_schema() => {
            record(db, &vault, clock, "backup", detail).await.is_ok()
        }
        _ => false,
    };
    if !recorded {
        eprintln!(
            "Lưu ý: không ghi được nhật ký thao tác cho lần sao lưu này.\n\
             Note: this back-up could not be written to the audit log."
        );
    }
}

async fn record(
    db: &Db,
    vault: &Vault,
    clock: &Clock,
    action: &str,
    detail: serde_json::Value,
) -> Result<(), StartError> {
    let mut tx = db.begin().await.map_err(failed)?;
    audit_chain::load(&mut tx, vault, clock).await.map_err(refused)?;
    let act = Act::many(action, "database", detail);
    audit::append(&mut tx, clock, Actor::System, act).await.map_err(|error| StartError { say: error.say() })?;
    tx.commit().await.map_err(failed)
}

fn exists(file: &Path) -> StartError {
    StartError::new(
        format!("Tệp {} đã có. Chọn tên khác, hoặc thêm --force để thay thế.", file.display()),
        format!("The file {} exists. Choose another name, or add --force to replace it.", file.display()),
    )
}

fn report(counts: &Counts) {
    for (table, rows) in counts {
        println!("{table}\t{rows}");
    }
    println!("total\t{}", counts.values().sum::<u64>());
}

/// The passphrase that a back-up is sealed with. Nobody there to be asked: refused, with both ways out.
fn sealing(from_stdin: bool) -> Result<String, StartError> {
    let given = match passphrase(from_stdin, secret::read_twice)? {
        None if std::io::stdin().is_terminal() => passphrase(true, secret::read_twice)?,
        given => given,
    };
    let Some(given) = given else {
        return Err(StartError::new(
            "Bản sao lưu phải được khóa bằng cụm mật khẩu: thêm --passphrase-stdin, hoặc đặt LALANH_BACKUP_PASSPHRASE. Nếu cố \
             ý để mở (ai có tệp cũng đọc được mọi thứ): thêm --unsealed. Chưa ghi gì.",
            "A back-up is sealed with a passphrase: add --passphrase-stdin, or set LALANH_BACKUP_PASSPHRASE. To leave it \
             open on purpose (whoever has the file reads everything): add --unsealed. Nothing was written.",
        ));
    };
    password::parse(&given).map_err(|wrong| StartError { say: wrong.say })?;
    Ok(given)
}

fn passphrase(
    from_stdin: bool,
    read: impl FnOnce(&str) -> Result<String, StartError>,
) -> Result<Option<String>, StartError> {
    if !from_stdin {
        return Ok(std::env::var(PASSPHRASE_VAR).ok().filter(|passphrase| !passphrase.is_empty()));
    }
    read("Mật khẩu khóa tệp / The file's passphrase").map(Some)
}

/// A file under a temporary name, removed unless it is kept.
struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl Part {
    fn new(target: &Path) -> Result<Self, Failure> {
        let mut name =
            target.file_name().ok_or(std::io::ErrorKind::IsADirectory).map_err(std::io::Error::from)?.to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let path = target.with_file_name(name);
        let mut how = OpenOptions::new();
        how.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        Ok(Self { file: how.open(&path)?, path, target: target.to_owned(), kept: false })
    }

    /// Gives the file its name; durable when this returns.
    fn keep(mut self) -> std::io::Result<()> {
        fs::rename(&self.path, &self.target)?;
        self.kept = true;
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Not every file system lets a folder be synced; the file itself is on the disk already.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) async fn restore(options: &Options, args: RestoreArgs) -> Result<ExitCode, StartError> {
    let passphrase = passphrase(args.passphrase_stdin, secret::read)?;
    // Looked at first: a wrong file is no reason to begin.
    let erasures = args.erasures.as_deref().map(erasures_of).transpose()?;
    let file = File::open(&args.file).map_err(Failure::from)?;
    let restoring = backup::open(BufReader::new(file), passphrase.as_deref())?;
    let header = restoring.header.clone();
    let master = parse_secret(&header.secret).ok_or(Failure::Damaged)?;
    let url = options.database_url();
    if read_secret(&options.data_dir)?.is_some() || sqlite_path(&url).is_some_and(|path| path.exists()) {
        return Err(Failure::NotEmpty.into());
    }
    let mut made = Made::new(options, &url);
    prepare_folder(&options.data_dir)?;
    let db = Db::open(&url).await.map_err(|error| cannot_open(&url, &error))?;
    let restored = load(options, &db, restoring, &master).await;
    let counts = match restored {
        Ok(counts) => counts,
        Err(error) => {
            db.close().await;
            return Err(error);
        }
    };
    made.keep();
    db.migrate().await.map_err(|error| StartError::from(Failure::from(error)))?;
    let detail = json!({ "schema": header.schema, "database": header.database, "made_at": header.created_at });
    let clock = Clock::system();
    let vault = Vault::new(master, clock.clone());
    record(&db, &vault, &clock, "restore", detail).await?;
    if let Some(text) = erasures {
        fs::write(options.data_dir.join(JOURNAL_FILE), text).map_err(Failure::from)?;
    }
    erase_again(options, &db, &clock, &vault).await?;
    db.close().await;
    report(&counts);
    Ok(ExitCode::SUCCESS)
}

/// The text of a list of erasures.
fn erasures_of(path: &Path) -> Result<String, StartError> {
    journal::read_file(path).map_err(|error| unusable_list(path, &error))?;
    fs::read_to_string(path).map_err(|error| unusable_list(path, &error))
}

fn unusable_list(path: &Path, error: &std::io::Error) -> StartError {
    let path = path.display();
    StartError::new(
        format!("Không đọc được danh sách xóa {path}: {error}. Hãy lấy tệp erasures.list trong thư mục dữ liệu cũ."),
        format!("The list of erasures {path} can't be read: {error}. Take erasures.list of the old data folder."),
    )
}

/// Whoever was erased after the back-up was made is erased again, and the operator is told.
async fn erase_again(options: &Options, db: &Db, clock: &Clock, vault: &Vault) -> Result<(), StartError> {
    let done = again::reconcile(db, clock, vault, &options.data_dir).await;
    let done = done.map_err(|error| StartError { say: error.say() })?;
    if done.again > 0 {
        eprintln!(
            "Đã xóa lại dữ liệu cá nhân của {again} hồ sơ đã được xóa sau khi sao lưu.\n\
             Erased again: {again} records of people who had been erased since the back-up.",
            again = done.again
        );
    }
    if !done.had_list {
        eprintln!(
            "Lưu ý: không có danh sách xóa (erasures.list). Ai được xóa sau lần sao lưu này sẽ có lại trong sổ. Chép tệp đó từ \
             thư mục dữ liệu cũ vào {folder} rồi khởi động lại dịch vụ: họ được xóa lại.\n\
             Note: there is no list of erasures (erasures.list). Whoever was erased after this back-up is back. Copy that file \
             from the old data folder into {folder} and start the service: they are erased again.",
            folder = options.data_dir.display()
        );
    }
    Ok(())
}

async fn load(
    options: &Options,
    db: &Db,
    restoring: backup::Restoring<'_>,
    master: &[u8; MASTER_LEN],
) -> Result<Counts, StartError> {
    let mut conn = db.read().await.map_err(failed)?;
    let schema = Db::schema(&mut conn).await.map_err(failed)?;
    if let Some(found) = schema
        && (found > restoring.header.schema || !backup::is_empty(&mut conn).await.map_err(failed)?)
    {
        return Err(Failure::NotEmpty.into());
    }
    drop(conn);
    db.migrate_to(restoring.header.schema).await.map_err(Failure::from)?;
    let mut tx = db.begin().await.map_err(failed)?;
    let counts = backup::restore(&mut tx, restoring).await?;
    // The secret first: a database whose secret is missing would be lost, a secret without a database is not.
    write_secret(&options.data_dir, master)?;
    tx.commit().await.map_err(Failure::from)?;
    Ok(counts)
}

/// What a restore made in the data folder; removed again when it fails.
struct Made {
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
}

impl Made {
    fn new(options: &Options, url: &str) -> Self {
        let mut files = vec![options.data_dir.join(SECRET_FILE)];
        if let Some(path) = sqlite_path(url) {
            for end in ["", "-wal", "-shm"] {
                let mut name = path.clone().into_os_string();
                name.push(end);
                files.push(name.into());
            }
        }
        let folder = (!options.data_dir.exists()).then(|| options.data_dir.clone());
        Self { files, folder }
    }

    fn keep(&mut self) {
        self.files.clear();
        self.folder = None;
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir(folder);
        }
    }
}
