//! Secrets on standard input: piped, or typed at a question.

use std::io::{IsTerminal, Read, Write, stderr, stdin};

use super::failed::failed;
use crate::app::StartError;

/// What is piped in, or the line that answers the question at a terminal.
pub(super) fn read(question: &str) -> Result<String, StartError> {
    let mut text = String::new();
    if stdin().is_terminal() {
        eprint!("{question}: ");
        stderr().flush().map_err(failed)?;
        stdin().read_line(&mut text).map_err(failed)?;
    } else {
        stdin().take(4096).read_to_string(&mut text).map_err(failed)?;
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// One that nobody can look up later: at a terminal it is typed twice.
pub(super) fn read_twice(question: &str) -> Result<String, StartError> {
    let secret = read(question)?;
    if stdin().is_terminal() && read("Nhập lại / Again")? != secret {
        return Err(StartError::new(
            "Hai lần nhập không giống nhau. Hãy chạy lại lệnh.",
            "The two differ. Run the command again.",
        ));
    }
    Ok(secret)
}
