//! The phone's own decisions, as they are shipped: `pwa/step.js` and what it calls, in one Node process that lives as
//! long as the test. A question a line, an answer a line.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// What asks the shipped code.
const PROGRAM: &str = "pwa/tests/simulated.js";

pub struct Shipped {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    line: String,
}

impl Shipped {
    /// Starts it; nothing where there is no Node, which only a developer's machine may lack.
    pub fn start() -> Option<Self> {
        let mut node = Command::new("node");
        let spawned = node.arg(PROGRAM).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = match spawned {
            Ok(process) => process,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "the simulation runs the phone's own code: Node is missing");
                eprintln!("skipped: the simulation runs the phone's own code, and Node is not installed");
                return None;
            }
            Err(error) => panic!("node: {error}"),
        };
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Some(Self { process, questions, answers, line: String::new() })
    }

    pub fn ask(&mut self, question: &Value) -> Value {
        let mut text = question.to_string();
        text.push('\n');
        self.questions.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
        self.line.clear();
        self.answers.read_line(&mut self.line).unwrap();
        serde_json::from_str(&self.line)
            .unwrap_or_else(|error| panic!("{question} was answered {:?}: {error}", self.line))
    }
}

impl Drop for Shipped {
    fn drop(&mut self) {
        // It ends with its questions.
        self.questions.take();
        let _ = self.process.wait();
    }
}
