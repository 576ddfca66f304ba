//! Who was erased, kept apart from the database: `erasures.list` in the data folder, one line for each record.
//!
//! A back-up that was made before an erasure still holds the person. Whoever restores it puts this file beside it, and the
//! erasures are carried out again ([`super::again`]). A line is a keyed hash of the kind and the id, under the data folder's
//! secret, with a word that tells which secret: no name, no id, nothing that a stranger could try. Lines of secrets that
//! were changed since stay, for back-ups of that time.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Subject;
use crate::vault::{Purpose, Vault, master_id, replace_secret_file};

/// The file's name.
pub const JOURNAL_FILE: &str = "erasures.list";
/// Its first line, with the version of its form.
const MAGIC: &str = "lalanh-erasures-1";
/// Digits of a secret's id that tell it from others.
const SECRET_DIGITS: usize = 8;

/// One process writes it at a time.
static WRITING: Mutex<()> = Mutex::new(());

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(JOURNAL_FILE)
}

/// The line of one record under a secret.
pub fn line(vault: &Vault, subject: Subject) -> String {
    let told = format!("{} {}", subject.kind.name(), subject.id.simple());
    let hash = data_encoding::HEXLOWER.encode(&vault.index(Purpose::Erasure, &told));
    format!("{} {hash}", &master_id(vault.master())[..SECRET_DIGITS])
}

/// All lines; nothing where there is no such file. One that is no such file is an error.
pub fn read(data_dir: &Path) -> io::Result<Option<BTreeSet<String>>> {
    match read_file(&path(data_dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// All lines of such a file.
pub fn read_file(path: &Path) -> io::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let is_line = |line: &str| {
        let (secret, hash) = line.split_once(' ').unwrap_or_default();
        let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        secret.len() == SECRET_DIGITS && hash.len() == 64 && is_hex(secret) && is_hex(hash)
    };
    if lines.next() != Some(MAGIC) || !lines.clone().all(is_line) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{JOURNAL_FILE} is not a list of erasures")));
    }
    Ok(lines.map(str::to_owned).collect())
}

/// Adds records, durably; those that are there already stay as they are. Lines are in no order that tells of time.
pub fn add(data_dir: &Path, vault: &Vault, subjects: &[Subject]) -> io::Result<()> {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines = read(data_dir)?.unwrap_or_default();
    let before = lines.len();
    lines.extend(subjects.iter().map(|subject| line(vault, *subject)));
    if lines.len() == before && before > 0 {
        return Ok(());
    }
    let text: String = std::iter::once(MAGIC).chain(lines.iter().map(String::as_str)).flat_map(|l| [l, "\n"]).collect();
    replace_secret_file(&path(data_dir), &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Moment};
    use crate::privacy::SubjectKind;
    use crate::vault::MASTER_LEN;

    #[test]
    fn the_file_is_read_as_it_was_written_and_holds_no_id() {
        let dir = std::env::temp_dir().join(format!("lalanh-journal-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let subject = Subject { kind: SubjectKind::Household, id: clock.uuid() };
        let (one, two) = (Vault::new([1; MASTER_LEN], clock.clone()), Vault::new([2; MASTER_LEN], clock));
        assert_eq!(read(&dir).unwrap(), None);
        for vault in [&one, &one, &two] {
            add(&dir, vault, &[subject]).unwrap();
        }
        let lines = read(&dir).unwrap().unwrap();
        assert_eq!(lines, [line(&one, subject), line(&two, subject)].into());
        let text = std::fs::read_to_string(dir.join(JOURNAL_FILE)).unwrap();
        assert!(!text.contains(&subject.id.simple().to_string()));
        std::fs::write(dir.join(JOURNAL_FILE), "something else").unwrap();
        assert!(read(&dir).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
