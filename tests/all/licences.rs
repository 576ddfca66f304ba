//! Every crate in the program may be used under a permissive licence.

use std::process::Command;

/// SPDX ids of the licences that ask for no more than a notice.
const PERMISSIVE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Whether an SPDX expression leaves a permissive choice. `AND` binds tighter than `OR`; `/` is an old `OR`.
fn permissive(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    let answer = any(&mut rest);
    answer && rest.is_empty()
}

fn any(words: &mut &[&str]) -> bool {
    let mut answer = all(words);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        answer |= all(words);
    }
    answer
}

fn all(words: &mut &[&str]) -> bool {
    let mut answer = one(words);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        answer &= one(words);
    }
    answer
}

fn one(words: &mut &[&str]) -> bool {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let answer = any(words);
            *words = words.strip_prefix(&[")"]).unwrap_or(&[]);
            answer
        }
        [id, "WITH", exception, rest @ ..] => {
            *words = rest;
            PERMISSIVE.contains(&format!("{id} WITH {exception}").as_str())
        }
        [id, rest @ ..] => {
            *words = rest;
            PERMISSIVE.contains(id)
        }
        [] => false,
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for fine in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0", "Unlicense OR MIT"] {
        assert!(permissive(fine), "{fine}");
    }
    for not in ["", "GPL-3.0", "MIT AND MPL-2.0", "LGPL-2.1 OR AGPL-3.0", "(MIT OR Apache-2.0) AND GPL-2.0"] {
        assert!(!permissive(not), "{not}");
    }
}

#[test]
fn every_dependency_is_permissively_licensed() {
    let compiler = Command::new("rustc").arg("-vV").output().unwrap();
    let compiler = String::from_utf8(compiler.stdout).unwrap();
    let host = compiler.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let others: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(permissive))
        .map(|package| format!("{} {}", package["name"], package["license"]))
        .collect();
    assert!(packages.len() > 100, "the test reads the dependencies");
    assert_eq!(others, Vec::<String>::new());
}
