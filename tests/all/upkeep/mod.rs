//! What runs in the background, and what is dropped when it was kept long enough.

mod jobs;
mod pages;
mod retention;

use lalanh::app::runner::run_next;
use lalanh::doctor::{self, Check, State};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::TestApp;

impl TestApp {
    /// Has a job run now, with all else that is due; what it tells afterwards.
    pub async fn run_job(&self, name: &str) -> Value {
        let (status, job) = self.send(Method::POST, &format!("/api/v1/jobs/{name}/run"), &json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job}");
        let process = self.clock.uuid();
        while run_next(&self.core, process).await.unwrap().is_some() {}
        self.job(name).await
    }

    /// What a job tells.
    pub async fn job(&self, name: &str) -> Value {
        let jobs = self.get("/api/v1/jobs").await;
        jobs["items"].as_array().unwrap().iter().find(|job| job["name"] == name).unwrap().clone()
    }

    /// Rows that a rule dropped in its last run.
    pub async fn dropped_by(&self, rule: &str) -> i64 {
        let rules = self.get("/api/v1/retention").await;
        let rule = rules["items"].as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap().clone();
        rule["dropped"].as_i64().unwrap()
    }

    /// Rows that a rule would drop now.
    pub async fn would_drop(&self, rule: &str) -> i64 {
        let due = self.get("/api/v1/retention/dry-run").await;
        due["items"].as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap()["rows"].as_i64().unwrap()
    }

    /// What the doctor finds wrong.
    pub async fn trouble(&self) -> Vec<String> {
        let checks = doctor::examine(&self.core.db, Some(&self.core.vault), &self.dir, &self.clock).await;
        // The tests' clock stands in 2021, which no server's does any more.
        let wrong = |check: &Check| check.state == State::Trouble && check.name != "clock";
        checks.iter().filter(|check| wrong(check)).map(|check| check.say.en.to_string()).collect()
    }
}
