//! The command line: what an operator types.

mod backup;
mod demo;
mod doctor;
mod failed;
mod health;
mod import;
mod key;
mod people;
mod report;
mod secret;
mod sign_on;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::app::open::prepare_folder;
use crate::app::tls::Source;
use crate::app::{Options, StartError, open, serve};
use crate::http::{Config, Core, Proxy};
use crate::imports::sandbox;
use crate::kernel::Clock;

/// The data folder when nobody chose one.
const DATA_DIR: &str = "./data";

/// Relief work of a Vietnamese ward: households, rent cuts, donated goods, vouchers redeemed exactly once.
#[derive(Debug, Parser)]
#[command(name = "lalanh", version, about)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
struct Common {
    /// Folder of the database and the secrets [default: ./data; the demo: a temporary one]
    #[arg(long, env = "LALANH_DATA_DIR", global = true)]
    data_dir: Option<PathBuf>,
    /// `sqlite://PATH` or `postgres://…` [default: sqlite://<data-dir>/lalanh.db]
    #[arg(long, env = "LALANH_DATABASE", global = true, hide_env_values = true)]
    database: Option<String>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "LALANH_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    listen: SocketAddr,
    /// How phones and browsers reach the service, such as https://phat-qua.example.
    #[arg(long, env = "LALANH_PUBLIC_URL", global = true)]
    public_url: Option<String>,
    #[command(flatten)]
    https: Https,
    /// A proxy in front, by its address or network, such as 10.0.0.2 or 172.16.0.0/12; may be given several times. It is
    /// believed to say whom it speaks for (X-Forwarded-For), and may open more connections than a visitor. This machine's
    /// own proxies are believed unnamed.
    #[arg(
        long = "trusted-proxy",
        env = "LALANH_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "ADDR",
        global = true
    )]
    trusted_proxies: Vec<Proxy>,
    /// Who shows this as a bearer token reads /metrics from elsewhere; without it only this machine does. At least 16
    /// characters.
    #[arg(
        long,
        env = "LALANH_METRICS_TOKEN",
        value_name = "TOKEN",
        value_parser = metrics_token,
        global = true,
        hide_env_values = true
    )]
    metrics_token: Option<String>,
    #[command(flatten)]
    sign_on: sign_on::SignOnOptions,
    /// Form of the log on standard error.
    #[arg(long, env = "LALANH_LOG", value_enum, default_value = "text", global = true)]
    log: LogFormat,
}

/// https by the service itself; leave all of it out behind a proxy that does it.
#[derive(Debug, Args)]
struct Https {
    /// Speak https with a certificate that Let's Encrypt gives for this name. The name must lead to this machine, and
    /// port 443 must be open: `--listen 0.0.0.0:443`.
    #[arg(long, env = "LALANH_TLS_DOMAIN", global = true, conflicts_with_all = ["tls_cert", "tls_key"])]
    tls_domain: Option<String>,
    /// Another ACME authority's directory.
    #[arg(long, env = "LALANH_TLS_ACME_DIRECTORY", global = true, requires = "tls_domain")]
    tls_acme_directory: Option<String>,
    /// Who vouches for that directory, in PEM, when it is an authority of one's own.
    #[arg(long, env = "LALANH_TLS_ACME_CA", global = true, requires = "tls_acme_directory")]
    tls_acme_ca: Option<PathBuf>,
    /// Speak https with this certificate, in PEM with those of its issuers. Read again when it changes.
    #[arg(long, env = "LALANH_TLS_CERT", global = true, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, in PEM.
    #[arg(long, env = "LALANH_TLS_KEY", global = true, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Listen here too for plain http, and send visitors on to https, such as 0.0.0.0:80.
    #[arg(long, env = "LALANH_REDIRECT_LISTEN", global = true)]
    redirect_listen: Option<SocketAddr>,
}

impl Https {
    fn source(&self) -> Option<Source> {
        match (&self.tls_domain, &self.tls_cert, &self.tls_key) {
            (Some(name), ..) => Some(Source::Domain {
                name: name.clone(),
                directory: self.tls_acme_directory.clone(),
                ca: self.tls_acme_ca.clone(),
            }),
            (None, Some(cert), Some(key)) => Some(Source::Files { cert: cert.clone(), key: key.clone() }),
            _ => None,
        }
    }

    /// What the service listens with.
    async fn doors(&self) -> Result<Option<serve::Https>, StartError> {
        let Some(source) = self.source() else {
            return match self.redirect_listen {
                None => Ok(None),
                Some(_) => Err(StartError::new(
                    "--redirect-listen cần https: thêm --tls-domain, hoặc --tls-cert và --tls-key.",
                    "--redirect-listen needs https: add --tls-domain, or --tls-cert and --tls-key.",
                )),
            };
        };
        let redirect = match self.redirect_listen {
            Some(address) => Some(serve::bind(address).await?),
            None => None,
        };
        Ok(Some(serve::Https { source, redirect }))
    }
}

/// A token that can't be guessed.
fn metrics_token(text: &str) -> Result<String, &'static str> {
    if text.chars().count() >= 16 {
        Ok(text.to_owned())
    } else {
        Err(
            "ít nhất 16 ký tự, ví dụ từ «openssl rand -hex 16» / at least 16 characters, such as from `openssl rand -hex 16`",
        )
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve,
    /// A throwaway ward with a market in progress, to look around in.
    Demo,
    /// Lists from files.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Logins.
    #[command(subcommand)]
    User(people::UserCommand),
    /// API tokens.
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// The master secret.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Write a consistent copy of everything, secrets included, to one file; the service may keep running.
    Backup(backup::BackupArgs),
    /// Bring a back-up into a new data folder and an empty database, SQLite or PostgreSQL.
    Restore(backup::RestoreArgs),
    /// Check database, ledgers against levels, audit chain, clock, disk and keys; fails on trouble.
    Doctor(doctor::DoctorArgs),
    /// Ask the service on --listen whether it is ready.
    #[command(hide = true)]
    Health,
    /// The committee's totals.
    Report(report::ReportArgs),
    /// Read one list from standard input, for the service, which starts this for each that is uploaded.
    #[command(name = sandbox::COMMAND, hide = true)]
    ReadList,
}

impl Common {
    fn options(&self) -> Options {
        let named = self.https.tls_domain.as_ref().map(|name| format!("https://{name}"));
        let public_url = self.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()).or(named);
        Options {
            data_dir: self.data_dir.clone().unwrap_or_else(|| PathBuf::from(DATA_DIR)),
            database: self.database.clone(),
            config: Config {
                public_url,
                https: self.https.source().is_some(),
                proxies: self.trusted_proxies.clone().into(),
                metrics_token: self.metrics_token.clone(),
                list_reader: sandbox::this_program(),
                ..Config::default()
            },
        }
    }

    async fn open(&self) -> Result<Core, StartError> {
        let mut options = self.options();
        options.config.sign_on = self.sign_on.read()?;
        open(&options, Clock::system()).await
    }
}

/// Runs one command to its end.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ReadList) {
        // Neither a log nor threads: it has little memory, and only the list to tell of.
        return sandbox::run();
    }
    let quiet = matches!(cli.command, Command::Demo);
    start_log(cli.common.log, if quiet { "warn" } else { "info,sqlx=warn" });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(execute(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("Lỗi: {}\nError: {}", error.say.vi, error.say.en);
            ExitCode::FAILURE
        }
    }
}

async fn execute(cli: Cli) -> Result<ExitCode, StartError> {
    let common = cli.common;
    match cli.command {
        Command::Serve => {
            let listener = serve::bind(common.listen).await?;
            let https = common.https.doors().await?;
            let folder = common.options().data_dir;
            prepare_folder(&folder)?;
            let _held = serve::take_folder(&folder)?;
            let core = common.open().await?;
            serve::run(core, listener, https).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo => {
            demo::demo(common.options(), common.data_dir, common.listen, common.https.doors().await?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(command) => import::import(&common.open().await?, command).await,
        Command::User(command) => people::user(&common.open().await?, command).await,
        Command::Token(command) => people::token(&common.open().await?, command).await,
        Command::Key(command) => key::key(&common.options(), command).await,
        Command::Backup(args) => backup::backup(&common.options(), args).await,
        Command::Restore(args) => backup::restore(&common.options(), args).await,
        Command::Health => {
            let plain = common.https.redirect_listen;
            let https_only = plain.is_none() && common.https.source().is_some();
            health::health(plain.unwrap_or(common.listen), https_only)
        }
        Command::Doctor(args) => doctor::doctor(&common.options(), args).await,
        Command::Report(args) => report::report(&common.open().await?, args).await,
        Command::ReadList => Ok(sandbox::run()),
    }
}

/// Logs go to standard error; `RUST_LOG` chooses how much.
fn start_log(format: LogFormat, usual: &str) {
    let chosen = std::env::var("RUST_LOG").ok().filter(|chosen| !chosen.is_empty());
    let filter = chosen.and_then(|chosen| chosen.parse().ok());
    let filter: Targets = filter.unwrap_or_else(|| usual.parse().expect("what is usual is a filter"));
    let log = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = match format {
        LogFormat::Text => log.with(lines).try_init(),
        LogFormat::Json => log.with(lines.json()).try_init(),
    };
    // A panic's message may hold data: the log gets its place only.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a defect: panic");
    }));
}
