//! A back-up that is older than an erasure brings nobody back.

use std::path::Path;

use lalanh::privacy::journal::JOURNAL_FILE;
use serde_json::json;

use super::traces::HOA;
use super::world::spellings;
use crate::backup::{Program, said};
use crate::support::{On, TestApp, fresh_dir, postgres_database, postgres_server, text};

/// A service with people of whom one was erased after a back-up; the file.
async fn backed_up_then_erased(app: &TestApp) -> std::path::PathBuf {
    let ward = app.ward().await;
    let id = app.household(&ward, json!({ "head_name": HOA })).await;
    let twin =
        json!({ "head_name": format!("{HOA} (chồng)"), "phone": null, "citizen_id": null, "allow_duplicate": true });
    let twin = app.household(&ward, twin).await;
    let stays = json!({ "head_name": "Lê Văn Tám", "phone": null, "citizen_id": null, "address": "5 Hà Khê" });
    app.household(&ward, stays).await;
    let gift = json!({ "donor": { "name": HOA, "kind": "person" }, "received_on": "2021-08-01",
        "lines": [{ "kind": "cash", "amount": 500_000 }] });
    let donor = text(&app.create("/api/v1/donations", gift).await["donor"], "id");
    let file = app.dir.join("before.backup");
    let program = Program { data_dir: app.dir.clone(), database: app.database.clone() };
    let output = program.run(&["backup", file.to_str().unwrap(), "--unsealed"]);
    assert!(output.status.success(), "{}", said(&output));
    // Merged only afterwards, and erased with the one it went into.
    app.create(&format!("/api/v1/households/{twin}/merge"), json!({ "into_id": id, "reason": "vợ chồng" })).await;
    app.erase("households", &id, json!({})).await;
    app.erase("donors", &donor, json!({})).await;
    file
}

async fn restored(on: On, file: &Path, args: &[&str], list: Option<&Path>) -> (TestApp, String) {
    let database = match on {
        On::Sqlite => None,
        On::Postgres => Some(postgres_database(&postgres_server().unwrap()).await),
    };
    let program = Program { data_dir: fresh_dir(), database: database.clone() };
    if let Some(list) = list {
        std::fs::create_dir_all(&program.data_dir).unwrap();
        std::fs::copy(list, program.data_dir.join(JOURNAL_FILE)).unwrap();
    }
    let output = program.run(&[&["restore", file.to_str().unwrap()], args].concat());
    assert!(output.status.success(), "{}", said(&output));
    (TestApp::serve(on, program.data_dir, database).await, said(&output))
}

async fn check(on: On) {
    let Some(app) = TestApp::start(on).await else { return };
    let file = backed_up_then_erased(&app).await;
    let list = app.dir.join(JOURNAL_FILE);
    let text = std::fs::read_to_string(&list).unwrap();
    assert_eq!(text.lines().count(), 4, "two households, one donor: {text}");
    let words = spellings(&[HOA]);

    let (again, told) = restored(on, &file, &["--erasures", list.to_str().unwrap()], None).await;
    assert!(told.contains("Erased again: 3 records"), "{told}");
    assert_eq!(again.columns_with(&words).await, Vec::<String>::new(), "erased still");
    assert!(!again.columns_with(&["Lê Văn Tám".to_owned()]).await.is_empty(), "others are back");

    let (beside, _) = restored(on, &file, &[], Some(&list)).await;
    assert_eq!(beside.columns_with(&words).await, Vec::<String>::new(), "the list in the new data folder does");

    let (without, told) = restored(on, &file, &[], None).await;
    assert!(told.contains("there is no list of erasures"), "{told}");
    assert!(!without.columns_with(&words).await.is_empty());
    let (dir, database) = (without.dir.clone(), without.database.clone());
    std::fs::copy(&list, dir.join(JOURNAL_FILE)).unwrap();
    without.core.stop();
    without.core.db.close().await;
    std::mem::forget(without);
    let later = TestApp::serve(on, dir, database).await;
    assert_eq!(later.columns_with(&words).await, Vec::<String>::new(), "put there later, the next start does");

    let broken = app.dir.join("broken.list");
    std::fs::write(&broken, "tệp khác").unwrap();
    let program = Program { data_dir: fresh_dir(), database: None };
    let output = program.run(&["restore", file.to_str().unwrap(), "--erasures", broken.to_str().unwrap()]);
    assert!(!output.status.success() && said(&output).contains("erasures.list"), "{}", said(&output));
    assert!(!program.data_dir.exists(), "nothing was begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_erased_after_a_back_up_stays_erased_on_sqlite() {
    check(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_erased_after_a_back_up_stays_erased_on_postgres() {
    check(On::Postgres).await;
}
