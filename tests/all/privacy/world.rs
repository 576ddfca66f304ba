//! Looking for a person in everything that a database holds, whatever table and column it is in.

use std::io::Read;

use flate2::read::GzDecoder;
use lalanh::backup::{self, FORM, Header, Sink};
use lalanh::db::Db;
use lalanh::kernel::vietnamese::fold;
use lalanh::vault::Purpose;
use serde_json::Value;

use crate::support::TestApp;

/// Every purpose that something of a person is sealed for.
const SEALED_FOR: [Purpose; 6] =
    [Purpose::Phone, Purpose::CitizenId, Purpose::Note, Purpose::Import, Purpose::Record, Purpose::SignOn];

/// What to look for: one word as it stands, and as search keys have it.
pub fn spellings(words: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words {
        for spelling in [(*word).to_owned(), word.to_lowercase(), word.to_uppercase(), fold(word)] {
            if !all.contains(&spelling) {
                all.push(spelling);
            }
        }
    }
    all
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).ok().map(|_| plain)
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

impl TestApp {
    /// The columns in which one of these words is found, in every text and every sealed or plain byte of every table, as
    /// the database's own catalogue lists them: a column that is new tomorrow is looked at too.
    pub async fn columns_with(&self, words: &[String]) -> Vec<String> {
        let secret = std::fs::read_to_string(self.core.config.data_dir.join("secret.key")).unwrap();
        let header = Header {
            lalanh_backup: FORM,
            schema: Db::newest_schema(),
            instance_id: self.core.instance_id,
            created_at: self.clock.now(),
            database: "sqlite".to_owned(),
            secret: secret.trim().to_owned(),
        };
        let mut snapshot = self.core.db.snapshot().await.unwrap();
        let (file, _) = backup::write(&mut snapshot, &header, Sink::Plain(Vec::new())).await.unwrap();
        drop(snapshot);
        let text = String::from_utf8(unpacked(&file).unwrap()).unwrap();
        let mut found: Vec<String> = Vec::new();
        let (mut table, mut columns, mut rows) = (String::new(), Vec::new(), 0);
        for line in text.lines().skip(1) {
            match serde_json::from_str(line).unwrap() {
                Value::Object(head) if head.contains_key("table") => {
                    table = head["table"].as_str().unwrap().to_owned();
                    columns =
                        head["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
                }
                Value::Array(row) => {
                    rows += 1;
                    for (column, value) in columns.iter().zip(&row) {
                        let Some(value) = value.as_str() else { continue };
                        let name = format!("{table}.{column}");
                        if !found.contains(&name) && words.iter().any(|word| self.is_told(value, word)) {
                            found.push(name);
                        }
                    }
                }
                _ => {}
            }
        }
        assert!(rows > 10, "the search reads the tables: {rows}");
        found
    }

    fn is_told(&self, value: &str, word: &str) -> bool {
        if value.contains(word) {
            return true;
        }
        let Ok(bytes) = data_encoding::HEXLOWER_PERMISSIVE.decode(value.as_bytes()) else { return false };
        let opened = SEALED_FOR.iter().find_map(|purpose| self.core.vault.open(*purpose, &bytes).ok());
        let opened = opened.map(|plain| unpacked(&plain).unwrap_or(plain));
        holds(&bytes, word) || opened.is_some_and(|plain| holds(&plain, word))
    }
}
