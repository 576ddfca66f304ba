//! The way to PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use lalanh::db::Db;

use crate::backup::{Program, said};
use crate::support::{fresh_dir, postgres_server};

#[test]
fn a_database_elsewhere_without_a_protected_way_is_refused_with_the_way_out() {
    let program =
        Program { data_dir: fresh_dir(), database: Some("postgres://lalanh:bi-mat@db.example/lalanh".to_owned()) };
    for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["doctor"]] {
        let refused = program.run(args);
        let said = said(&refused);
        assert!(!refused.status.success() && said.contains("sslmode=verify-full"), "{said}");
        assert!(!said.contains("bi-mat"), "the password is not repeated: {said}");
    }
}

/// A PostgreSQL of its own that speaks TLS with a certificate; stopped and removed when dropped.
struct Server {
    dir: PathBuf,
    port: String,
}

impl Server {
    /// Nothing where there is no PostgreSQL. `version` is the certificate's: 1 as old programs made it, or 3.
    fn start(version: u8) -> Option<Self> {
        postgres_server()?;
        let started = Command::new(".ci/postgres").arg("start").output().unwrap();
        assert!(started.status.success(), "{started:?}");
        let said = String::from_utf8(started.stdout).unwrap();
        let (url, dir) = said.trim().split_once("  ").unwrap();
        let port = url.rsplit_once(':').unwrap().1.split('/').next().unwrap().to_owned();
        let server = Self { dir: dir.into(), port };
        server.certify(version);
        Some(server)
    }

    fn certify(&self, version: u8) {
        let (key, cert) = (self.dir.join("data/server.key"), self.dir.join("data/server.crt"));
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "9",
            "-subj",
            "/CN=localhost",
        ]);
        openssl.arg("-keyout").arg(&key);
        if version == 1 {
            let request = self.dir.join("request.pem");
            assert!(openssl.arg("-out").arg(&request).output().unwrap().status.success());
            // Signed without extensions, as it was done once: X.509 version 1.
            let signed = Command::new("openssl")
                .args(["x509", "-req", "-days", "9", "-in"])
                .arg(&request)
                .arg("-signkey")
                .arg(&key)
                .arg("-out")
                .arg(&cert)
                .output()
                .unwrap();
            assert!(signed.status.success(), "{signed:?}");
        } else {
            openssl.args([
                "-x509",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ]);
            let made = openssl.arg("-out").arg(&cert).output().unwrap();
            assert!(made.status.success(), "{made:?}");
        }
        std::fs::copy(&cert, self.dir.join("ca.pem")).unwrap();
        own_like(&self.dir.join("data/postgresql.conf"), &[&key, &cert]);
        let reload = "alter system set ssl = on";
        self.psql(reload);
        self.psql("select pg_reload_conf()");
        self.wait_for_tls();
    }

    fn psql(&self, statement: &str) {
        let url = self.url("disable");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use sqlx::Connection;
            let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut conn).await.unwrap();
        });
    }

    /// A reload takes effect some moments later.
    fn wait_for_tls(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for _ in 0..500 {
                match Db::open(&self.url("require")).await {
                    Err(error) if error.to_string().contains("does not support TLS") => {
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                    _ => return,
                }
            }
            panic!("the server does not speak TLS");
        });
    }

    fn url(&self, sslmode: &str) -> String {
        format!("postgres://lalanh@localhost:{}/postgres?sslmode={sslmode}", self.port)
    }

    fn opened(&self, sslmode: &str) -> String {
        let program = Program { data_dir: fresh_dir(), database: Some(self.url(sslmode)) };
        let output = program.run(&["user", "add", "--username", "can.bo", "--role", "admin"]);
        let _ = std::fs::remove_dir_all(&program.data_dir);
        format!("{}{}", if output.status.success() { "ok " } else { "refused " }, said(&output))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new(".ci/postgres").arg("stop").arg(&self.dir).output();
    }
}

#[cfg(unix)]
fn own_like(model: &Path, files: &[&Path]) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let owner = std::fs::metadata(model).unwrap();
    for file in files {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
        chown(file, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
}

#[test]
fn a_server_is_known_by_its_certificate() {
    let Some(server) = Server::start(3) else { return };
    let ca = server.dir.join("ca.pem");
    let known = server.opened(&format!("verify-full&sslrootcert={}", ca.display()));
    assert!(known.starts_with("ok "), "{known}");
    let unknown = server.opened("verify-full");
    assert!(
        unknown.starts_with("refused ") && unknown.contains("sslrootcert"),
        "told why, with the way out: {unknown}"
    );
}

#[test]
fn a_server_with_a_certificate_of_an_old_kind_is_used_without_it_on_this_machine_or_refused_with_the_reason() {
    let Some(server) = Server::start(1) else { return };
    let nearby = server.opened("prefer");
    assert!(nearby.starts_with("ok ") && nearby.contains("without TLS"), "{nearby}");
    let asked = server.opened("require");
    assert!(asked.starts_with("refused ") && asked.contains("X.509 v1"), "{asked}");
}
