//! Jobs: one at a time, followed when their process is gone, asked for by hand, told of.

use lalanh::app::runner::run_next;
use lalanh::jobs::{Counts, JobName, JobResult, Lease};
use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;

on_both! {
    async fn one_job_runs_at_a_time_whatever_asks(app: TestApp) {
        let (one, other) = (app.clock.uuid(), app.clock.uuid());
        let first = Lease::take(&app.core, one).await.unwrap().expect("something is due at the first start");
        assert!(Lease::take(&app.core, other).await.unwrap().is_none(), "another process waits");
        assert!(Lease::take(&app.core, one).await.unwrap().is_none(), "and so does this one");
        assert!(first.end(JobResult::Done, 3, Counts::new()).await.unwrap());
        let second = Lease::take(&app.core, other).await.unwrap().expect("the next is due");
        assert_ne!(second.name(), first.name());
    }

    async fn many_processes_that_ask_at_one_moment_get_one_lease(app: TestApp) {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let (core, process) = (app.core.clone(), app.clock.uuid());
                tokio::spawn(async move { Lease::take(&core, process).await.unwrap() })
            })
            .collect();
        let mut taken = 0;
        for asked in asking {
            taken += usize::from(asked.await.unwrap().is_some());
        }
        assert_eq!(taken, 1);
    }

    async fn a_process_that_is_gone_is_followed_and_writes_nothing_any_more(app: TestApp) {
        let gone = Lease::take(&app.core, app.clock.uuid()).await.unwrap().unwrap();
        app.clock.set(app.clock.now().plus_secs(50));
        gone.renew().await.unwrap();
        app.clock.set(app.clock.now().plus_secs(50));
        assert!(Lease::take(&app.core, app.clock.uuid()).await.unwrap().is_none(), "it said that it is still there");
        app.clock.set(app.clock.now().plus_secs(11));
        let next = Lease::take(&app.core, app.clock.uuid()).await.unwrap().expect("its lease is over");
        assert_eq!(next.name(), gone.name());
        let job = app.job(gone.name().name()).await;
        assert_eq!((&job["result"], &job["failures"], &job["running"]), (&json!("interrupted"), &json!(1), &json!(true)));
        let wrote = gone.run(async |tx| {
            tx.sql("delete from settings").execute().await?;
            Ok(())
        });
        assert!(wrote.await.is_err(), "it lost its lease");
        let mut conn = app.core.db.read().await.unwrap();
        let (settings,): (i64,) = conn.sql("select count(*) from settings").one().await.unwrap();
        assert!(settings > 0, "and what it did is undone");
        assert!(!gone.end(JobResult::Done, 0, Counts::new()).await.unwrap(), "nor does it end what another does");
        assert!(next.end(JobResult::Done, 0, Counts::new()).await.unwrap());
    }

    async fn a_job_is_run_by_hand_once_and_not_while_it_runs(app: TestApp) {
        let path = "/api/v1/jobs/retain/run";
        assert_eq!(app.job("retain").await["due_at"], json!(null), "not planned yet");
        let (status, job) = app.send(Method::POST, path, &json!({})).await;
        assert_eq!((status, &job["due_at"]), (StatusCode::ACCEPTED, &json!(app.clock.now())));
        assert_eq!(app.send(Method::POST, path, &json!({})).await.0, StatusCode::ACCEPTED, "asked again, it is due once");
        let mut lease = Lease::take(&app.core, app.clock.uuid()).await.unwrap().unwrap();
        while lease.name() != JobName::Retain {
            lease.end(JobResult::Done, 0, Counts::new()).await.unwrap();
            lease = Lease::take(&app.core, app.clock.uuid()).await.unwrap().unwrap();
        }
        let (status, refused) = app.send(Method::POST, path, &json!({})).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("already_running")));
        lease.end(JobResult::Done, 7, Counts::new()).await.unwrap();
        let job = app.job("retain").await;
        assert_eq!((&job["result"], &job["took_ms"], &job["running"]), (&json!("done"), &json!(7), &json!(false)));
        assert!(job["due_at"].as_str().unwrap() > job["ended_at"].as_str().unwrap(), "and comes again in the night: {job}");
        let log = app.get("/api/v1/audit?action=run").await;
        assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
    }

    async fn who_may_not_run_jobs_is_refused_and_no_job_has_another_name(app: TestApp) {
        let auditor = app.login("kiem.tra", Role::Auditor).await;
        let coordinator = app.login("can.bo", Role::Coordinator).await;
        let path = "/api/v1/jobs/prune/run";
        for token in [&auditor, &coordinator] {
            assert_eq!(app.send_as(token, Method::POST, path, &json!({})).await.0, StatusCode::FORBIDDEN);
        }
        assert_eq!(app.send(Method::POST, "/api/v1/jobs/sweep/run", &json!({})).await.0, StatusCode::NOT_FOUND);
        let seen = app.request(Method::GET, "/api/v1/jobs", &auditor).send().await.unwrap();
        assert_eq!(seen.status(), StatusCode::OK);
        let hidden = app.request(Method::GET, "/api/v1/jobs", &coordinator).send().await.unwrap();
        assert_eq!(hidden.status(), StatusCode::FORBIDDEN);
    }

    async fn the_doctor_looks_in_the_night_and_what_it_finds_is_told(app: TestApp) {
        app.clock.set(lalanh::kernel::Moment::parse("2026-08-05T07:00:00+07:00").unwrap());
        let job = app.run_job("examine").await;
        assert_eq!((&job["counts"]["trouble"], &job["failures"]), (&json!(0), &json!(0)), "{job}");
        assert!(job["counts"]["checks"].as_i64().unwrap() > 8, "{job}");
        // The folder remembers another log.
        std::fs::write(app.dir.join("audit.anchor"), "lalanh-audit-1 1 00 1 00\n").unwrap();
        let job = app.run_job("examine").await;
        assert_eq!((&job["result"], &job["counts"]["trouble"]), (&json!("found"), &json!(1)), "{job}");
        let jobs = app.get("/api/v1/jobs").await;
        let codes: Vec<_> = jobs["warnings"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        assert!(codes.contains(&json!("doctor_trouble")), "{jobs}");
        let metrics = app.client.get(format!("{}/metrics", app.base)).send().await.unwrap().text().await.unwrap();
        assert!(metrics.contains("lalanh_warnings{code=\"doctor_trouble\"} 1"), "{metrics}");
        assert!(metrics.contains("lalanh_job_last_success_timestamp_seconds{job=\"examine\"}"), "{metrics}");
        assert!(metrics.contains("lalanh_job_failures{job=\"examine\"} 0"), "{metrics}");
    }

    async fn a_ward_without_a_back_up_for_long_is_warned(app: TestApp) {
        app.ward().await;
        let warned = async || {
            app.run_job("watch").await;
            let jobs = app.get("/api/v1/jobs").await;
            jobs["warnings"].as_array().unwrap().iter().any(|one| one["code"] == "no_backup")
        };
        assert!(!warned().await, "there is nothing to lose yet");
        app.clock.set(app.clock.now().plus_secs(8 * 86_400));
        assert!(warned().await);
    }

    async fn a_job_of_the_night_is_carried_out_by_whichever_process_comes_first(app: TestApp) {
        while run_next(&app.core, app.clock.uuid()).await.unwrap().is_some() {}
        let due = app.job("retain").await["due_at"].as_str().unwrap().to_owned();
        app.clock.set(lalanh::kernel::Moment::parse(&due).unwrap());
        let mut ran = Vec::new();
        while let Some((name, result)) = run_next(&app.core, app.clock.uuid()).await.unwrap() {
            ran.push((name, result));
        }
        assert!(ran.contains(&(JobName::Retain, JobResult::Done)), "{ran:?}");
    }
}
