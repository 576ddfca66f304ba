//! Which tables a statement reads and writes, and how it is built: as much of SQL as that takes.

use std::collections::BTreeSet;

/// A statement in its pieces.
pub struct Statement {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A keyword or a name; lower case, as all our SQL is.
    Word(String),
    /// A text, a quoted name, a number or a parameter.
    Value,
    /// Anything else, one character at a time.
    Sign(char),
}

/// What may stand behind a relation that is no name for it.
const AFTER_RELATION: [&str; 23] = [
    "on",
    "where",
    "join",
    "left",
    "right",
    "inner",
    "cross",
    "full",
    "natural",
    "group",
    "order",
    "limit",
    "offset",
    "union",
    "except",
    "intersect",
    "having",
    "window",
    "for",
    "set",
    "using",
    "returning",
    "values",
];

impl Statement {
    pub fn read(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = match first {
                '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
                '\'' | '"' => {
                    tokens.push(Token::Value);
                    rest[1..].find(first).map_or(rest.len(), |at| at + 2)
                }
                '$' | '0'..='9' => {
                    tokens.push(Token::Value);
                    1 + rest[1..].find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(rest.len() - 1)
                }
                _ if first.is_alphabetic() || first == '_' => {
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                    tokens.push(Token::Word(rest[..end].to_lowercase()));
                    end
                }
                _ => {
                    if !first.is_whitespace() {
                        tokens.push(Token::Sign(first));
                    }
                    first.len_utf8()
                }
            };
            rest = &rest[end..];
        }
        Self { tokens }
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is(&self, at: usize, words: &[&str]) -> bool {
        words.iter().zip(at..).all(|(word, at)| self.word(at) == Some(word))
    }

    fn sign(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at) == Some(&Token::Sign(sign))
    }

    /// Where the bracket that opens at a place is closed.
    fn closed(&self, at: usize) -> usize {
        let mut depth = 0;
        for place in at..self.tokens.len() {
            match self.tokens[place] {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return place;
            }
        }
        self.tokens.len()
    }

    /// Common table expressions: their names, whether columns are listed behind the name, where the body opens.
    fn with(&self) -> Vec<(&str, bool, usize)> {
        let named = |at: usize| {
            let name = self.word(at)?;
            let before = at.checked_sub(1).map(|before| &self.tokens[before]);
            let begins = before == Some(&Token::Sign(','))
                || matches!(before, Some(Token::Word(word)) if word == "with" || word == "recursive");
            let columns = self.sign(at + 1, '(');
            let mut next = if columns { self.closed(at + 1) + 1 } else { at + 1 };
            if !begins || !self.is(next, &["as"]) {
                return None;
            }
            next += 1;
            next += usize::from(self.is(next, &["not"]));
            next += usize::from(self.is(next, &["materialized"]));
            let opens_body = self.sign(next, '(') && self.word(next + 1).is_some();
            opens_body.then_some((name, columns, next))
        };
        (0..self.tokens.len()).filter_map(named).collect()
    }

    /// The names of its common table expressions.
    pub fn local_names(&self) -> BTreeSet<&str> {
        self.with().into_iter().map(|(name, ..)| name).collect()
    }

    /// The tables and views that it reads, and whatever else stands where one does.
    pub fn reads(&self) -> BTreeSet<&str> {
        let local = self.local_names();
        let mut found = BTreeSet::new();
        for at in 0..self.tokens.len() {
            // `is distinct from`, `delete from`.
            let before = at.checked_sub(1).and_then(|before| self.word(before));
            if self.is(at, &["join"]) || (self.is(at, &["from"]) && !matches!(before, Some("distinct" | "delete"))) {
                self.relations(at + 1, &mut found);
            }
        }
        found.retain(|name| !local.contains(name));
        found
    }

    /// The relations of a list that begins at a place, but for those within brackets.
    fn relations<'a>(&'a self, mut at: usize, found: &mut BTreeSet<&'a str>) {
        loop {
            at += usize::from(self.is(at, &["lateral"]));
            if self.sign(at, '(') {
                at = self.closed(at) + 1;
            } else if let Some(name) = self.word(at) {
                at += 1;
                if self.sign(at, '(') {
                    at = self.closed(at) + 1;
                } else {
                    found.insert(name);
                }
            } else {
                return;
            }
            at += usize::from(self.is(at, &["as"]));
            if self.word(at).is_some_and(|word| !AFTER_RELATION.contains(&word)) {
                at += 1;
                if self.sign(at, '(') {
                    at = self.closed(at) + 1;
                }
            }
            if !self.sign(at, ',') {
                return;
            }
            at += 1;
        }
    }

    /// The tables that it writes.
    pub fn writes(&self) -> BTreeSet<&str> {
        let inserted = (0..self.tokens.len()).filter(|at| self.is(*at, &["insert", "into"]));
        let mut written: BTreeSet<&str> = inserted.filter_map(|at| self.word(at + 2)).collect();
        written.extend(self.changes());
        written
    }

    /// The tables of which it changes or removes rows.
    pub fn changes(&self) -> BTreeSet<&str> {
        let changed = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| self.word(before));
            if self.is(at, &["delete", "from"]) {
                self.word(at + 2)
            } else if self.is(at, &["update"]) && !matches!(before, Some("for" | "do" | "key")) {
                self.word(at + 1)
            } else {
                None
            }
        };
        (0..self.tokens.len()).filter_map(changed).collect()
    }

    /// Whether it groups as a whole: not only within brackets.
    pub fn groups(&self) -> bool {
        let mut at = 0;
        while at < self.tokens.len() {
            if self.sign(at, '(') {
                at = self.closed(at);
            } else if self.is(at, &["group", "by"]) {
                return true;
            }
            at += 1;
        }
        false
    }

    /// What engines that shard PostgreSQL refuse, or understand otherwise.
    pub fn refused(&self) -> Vec<String> {
        let mut refused = Vec::new();
        if self.tokens.contains(&Token::Sign(';')) {
            refused.push("several statements in one text".to_owned());
        }
        for (name, columns, body) in self.with() {
            if matches!(self.word(body + 1), Some("insert" | "update" | "delete")) {
                refused.push(format!("`{name}` writes within a statement"));
            }
            if columns {
                refused.push(format!("`{name}` lists its columns: name them in its first select"));
            }
        }
        refused
    }
}

fn names<'a>(found: impl IntoIterator<Item = &'a str>) -> String {
    found.into_iter().collect::<Vec<_>>().join(" ")
}

#[test]
fn tables_are_found_wherever_a_statement_reads_or_writes_them() {
    for (text, reads, writes) in [
        ("select a from x where b is distinct from c", "x", ""),
        ("select 'from y' as \"from z\", n -- from w\n from x", "x", ""),
        ("select (select max(v) from y) from x, z as a left join w on true", "w x y z", ""),
        ("select 1 from (select 1 from x) a, unnest($1) as b(c), y where exists (select 1 from z)", "x y z", ""),
        (
            "with a as materialized (select 1 from x), b (n) as (select 1 from a) select n from a join b on true",
            "x",
            "",
        ),
        ("with recursive t as (select 1 from x union select 1 from t) select 1 from t", "x", ""),
        ("insert into x (a) select b from y on conflict (a) do update set a = excluded.a", "y", "x"),
        ("update x set a = (select max(b) from y) from z where x.id = z.id", "y z", "x"),
        ("delete from x where id in (select id from y)", "y", "x"),
        ("select 1 from x v join y on true order by id for update of v", "x y", ""),
        ("select a from x left join lateral (select 1 from y) b on true cross join z", "x y z", ""),
        ("with gone as (delete from x returning a) insert into y select a from gone", "", "x y"),
    ] {
        let statement = Statement::read(text);
        assert_eq!(names(statement.reads()), reads, "{text}");
        assert_eq!(names(statement.writes()), writes, "{text}");
    }
}

#[test]
fn texts_that_other_engines_stumble_over_are_refused() {
    for (text, why) in [
        ("select 1; select 2", "several statements"),
        ("with gone as (delete from x returning a) select a from gone", "`gone` writes"),
        ("with x as (select 1), gone as materialized (update y set a = 1) select 1", "`gone` writes"),
        ("with given (a, b) as (select 1, 2 union all select 3, 4) select a from given", "`given` lists"),
        ("with recursive up (id) as (select 1 union select id from up) select id from up", "`up` lists"),
    ] {
        assert!(Statement::read(text).refused().iter().any(|found| found.contains(why)), "{text}");
    }
    for text in [
        "select ';' from x",
        "with a as (select 1 as n union all select 2) select n from a",
        "insert into x (a) values (1)",
    ] {
        assert_eq!(Statement::read(text).refused(), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_statement_groups_when_it_does_so_itself() {
    assert!(Statement::read("select a, sum(b) from x group by a").groups());
    assert!(!Statement::read("select a from (select a from x group by a) y").groups());
}
