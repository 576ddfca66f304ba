//! What the papers say of security leads somewhere: every link of ours to a file, a heading, a test that exists; and each
//! requirement of the standard has one line with an answer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How an answer begins. One that holds says where; the others say why, or what is missing.
const ANSWERS: [&str; 4] = ["holds: ", "in part: ", "not yet: ", "not applicable: "];
/// Words that a requirement is called by: our own, not the standard's text.
const WORDS_MAX: usize = 10;

/// A link in Markdown: `[text](target)`.
struct Link<'a> {
    text: &'a str,
    target: &'a str,
}

/// The links of a line; what stands in an image is one too.
fn links(line: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(middle) = line[from..].find("](").map(|at| from + at) {
        let end = line[middle..].find(')').map_or(line.len(), |at| middle + at);
        let begin = line[..middle].rfind('[').map_or(middle, |at| at + 1);
        found.push(Link { text: &line[begin..middle], target: &line[middle + 2..end] });
        from = end;
    }
    found
}

/// The lines of a paper that are no code.
fn prose(paper: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    paper.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// What a heading is called in an address: as the hosts of repositories do it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn has_heading(paper: &str, wanted: &str) -> bool {
    prose(paper).any(|(_, line)| line.starts_with('#') && anchor(line.trim_start_matches('#')) == wanted)
}

/// Whether a source names this as a word of its own; a test by its function.
fn names(file: &Path, source: &str, name: &str) -> bool {
    if file.starts_with("tests") && file.extension().is_some_and(|end| end == "rs") {
        return source.contains(&format!("fn {name}("));
    }
    let part_of_a_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    source.match_indices(name).any(|(at, _)| {
        !part_of_a_word(source[..at].chars().next_back()) && !part_of_a_word(source[at + name.len()..].chars().next())
    })
}

/// What is wrong with one link of a paper in this folder.
fn dead(folder: &Path, paper: &str, link: &Link) -> Option<String> {
    if link.target.contains("://") {
        return None;
    }
    let (path, heading) = link.target.split_once('#').unwrap_or((link.target, ""));
    // Papers of a folder may lead up to the repository's own.
    let file: PathBuf = match path.strip_prefix("../") {
        Some(up) => folder.parent().unwrap_or(folder).join(up),
        None => folder.join(path),
    };
    if !path.is_empty() && !file.exists() {
        return Some(format!("there is no {path}"));
    }
    let text = if path.is_empty() { paper.to_owned() } else { std::fs::read_to_string(&file).unwrap_or_default() };
    if !heading.is_empty() && !has_heading(&text, heading) {
        return Some(format!("{path} has no heading #{heading}"));
    }
    let name = link.text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
    let source = ["rs", "js", "sql"].iter().any(|end| file.extension().is_some_and(|own| own == *end));
    name.filter(|name| source && !names(&file, &text, name)).map(|name| format!("{path} has no {name}"))
}

fn dead_links(folder: &Path, paper: &str) -> Vec<String> {
    prose(paper)
        .flat_map(|(number, line)| links(line).into_iter().map(move |link| (number + 1, link)))
        .filter_map(|(number, link)| dead(folder, paper, &link).map(|why| format!("line {number}: {why}")))
        .collect()
}

/// What is wrong with the answers to a list of requirements (`id level` a line).
fn wrong_answers(list: &str, paper: &str) -> Vec<String> {
    let wanted: Vec<(&str, &str)> =
        list.lines().filter_map(|line| line.split_once(' ')).filter(|(id, _)| *id != "#").collect();
    let rows: Vec<Vec<&str>> = prose(paper)
        .filter(|(_, line)| line.starts_with("| V"))
        .map(|(_, line)| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let &[id, level, requirement, answer] = &row[..] else {
            wrong.push(format!("{}: not four columns", row.join(" | ")));
            continue;
        };
        if !seen.insert(id) {
            wrong.push(format!("{id} stands twice"));
        }
        if !wanted.contains(&(id, level)) {
            wrong.push(format!("{id} of level {level} is not asked"));
        }
        if !(1..=WORDS_MAX).contains(&requirement.split_whitespace().count()) {
            wrong.push(format!("{id} is called by more than {WORDS_MAX} words, or none"));
        }
        match ANSWERS.iter().find_map(|kind| answer.strip_prefix(kind).map(|why| (*kind, why))) {
            None => wrong.push(format!("{id} has no answer")),
            Some(("holds: ", why)) => {
                if links(why).is_empty() {
                    wrong.push(format!("{id} holds, and nothing shows it"));
                }
            }
            Some((_, why)) if why.split_whitespace().count() < 2 => wrong.push(format!("{id} gives no reason")),
            Some(_) => {}
        }
    }
    wrong.extend(wanted.iter().filter(|(id, _)| !seen.contains(id)).map(|(id, _)| format!("{id} is missing")));
    wrong
}

#[test]
fn every_link_of_the_papers_leads_to_something_that_is_there() {
    let mut papers: Vec<PathBuf> = [".", "docs"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path))
        .collect();
    papers.sort();
    assert!(papers.len() > 10, "the test finds the papers: {papers:?}");
    for paper in papers {
        let text = std::fs::read_to_string(&paper).unwrap();
        assert_eq!(dead_links(paper.parent().unwrap(), &text), Vec::<String>::new(), "{}", paper.display());
    }
}

#[test]
fn each_requirement_of_the_standard_has_one_line_with_an_answer() {
    let list = std::fs::read_to_string("tests/all/asvs.txt").unwrap();
    let paper = std::fs::read_to_string("docs/asvs.md").unwrap();
    assert_eq!(wrong_answers(&list, &paper), Vec::<String>::new());
}

#[test]
fn the_readme_leads_to_what_is_said_of_security() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    for paper in ["SECURITY.md", "docs/threat-model.md", "docs/security.md", "docs/asvs.md"] {
        assert!(readme.contains(&format!("]({paper})")), "{paper}");
    }
}

#[test]
fn a_dead_link_a_lost_heading_and_a_renamed_test_are_found() {
    let found = |paper: &str| dead_links(Path::new("docs"), paper).len();
    let test = "a_dead_link_a_lost_heading_and_a_renamed_test_are_found";
    assert_eq!(
        found(&format!("# Here\n[`{test}`](../tests/all/security_papers.rs) [in](#here) [out](https://a.example)")),
        0
    );
    assert_eq!(
        found("[`Purpose`](../src/vault/mod.rs) and [why](decisions.md#secrets)\n```\n[no](nowhere.md)\n```"),
        0
    );
    assert_eq!(found("[gone](nowhere.md)"), 1);
    assert_eq!(found("[gone](../nowhere.rs)"), 1);
    assert_eq!(found("# Here\n[in](#there) [out](decisions.md#nothing-of-that-name)"), 2);
    assert_eq!(found("[`a_dead_link`](../tests/all/security_papers.rs) [`Purpos`](../src/vault/mod.rs)"), 2);
}

#[test]
fn a_requirement_without_an_answer_a_double_one_and_a_missing_one_are_found() {
    let list = "# what is asked\nV1.1 1\nV1.2 2\n";
    let wrong = |rows: &str| wrong_answers(list, rows);
    let whole = "| V1.1 | 1 | ask | holds: [here](x.rs) |\n| V1.2 | 2 | tell | not applicable: nobody tells |";
    assert_eq!(wrong(whole), Vec::<String>::new());
    assert_eq!(wrong("| V1.1 | 1 | ask | holds: [here](x.rs) |"), ["V1.2 is missing"]);
    assert_eq!(wrong(&format!("{whole}\n{whole}")), ["V1.1 stands twice", "V1.2 stands twice"]);
    assert_eq!(wrong(&whole.replace("[here](x.rs)", "everywhere, always")), ["V1.1 holds, and nothing shows it"]);
    assert_eq!(wrong(&whole.replace("not applicable: ", "")), ["V1.2 has no answer"]);
    assert_eq!(wrong(&whole.replace("nobody tells", "")), ["V1.2 has no answer"]);
    assert_eq!(wrong(&whole.replace("| 1 |", "| 2 |")), ["V1.1 of level 2 is not asked"]);
    assert_eq!(wrong(&whole.replace("ask", &"ask ".repeat(11))), ["V1.1 is called by more than 10 words, or none"]);
}
