//! The pages of jobs and retention.

use lalanh::people::Role;
use reqwest::StatusCode;

use crate::on_both;

on_both! {
    async fn an_administrator_runs_a_job_from_its_page(app: TestApp) {
        let shown = app.page("/jobs").await;
        assert!(shown.contains("Việc chạy nền") && shown.contains("Chưa chạy lần nào"), "{shown}");
        let (status, to, _) = app.submit("/jobs/retain/run", &[]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/jobs?done=job_due"));
        let back = [("back", "/retention")];
        assert_eq!(app.submit("/jobs/prune/run", &back).await.1, "/retention?done=job_due");
        let foreign = [("back", "https://evil.example/")];
        assert_eq!(app.submit("/jobs/prune/run", &foreign).await.1, "/jobs?done=job_due");
        app.run_job("retain").await;
        let shown = app.page("/jobs").await;
        assert!(shown.contains("Xong") && shown.contains("dòng đã xóa"), "{shown}");
    }

    async fn who_reads_the_audit_log_sees_both_pages_and_changes_nothing(app: TestApp) {
        let auditor = app.login("kiem.tra", Role::Auditor).await;
        for path in ["/jobs", "/retention", "/retention?try=1"] {
            let (status, shown) = app.page_as(&auditor, path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(!shown.contains("/run\"") && !shown.contains("href=\"/retention/"), "{path}: {shown}");
        }
        assert_eq!(app.page_as(&auditor, "/retention/open_lists").await.0, StatusCode::FORBIDDEN);
        let coordinator = app.login("can.bo", Role::Coordinator).await;
        assert_eq!(app.page_as(&coordinator, "/retention").await.0, StatusCode::FORBIDDEN);
    }

    async fn a_period_is_changed_on_its_page_and_a_wrong_one_is_said_beside_its_field(app: TestApp) {
        let shown = app.page("/retention").await;
        assert!(shown.contains("180 ngày") && shown.contains("cố định"), "{shown}");
        let (status, _, shown) = app.submit("/retention/collector_names", &[("days", "7")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("Chọn từ 30 đến 1095 ngày.") && shown.contains("value=\"7\""), "{shown}");
        let (status, _, shown) = app.submit("/retention/collector_names", &[("days", "một năm")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("Ghi số nguyên"), "{shown}");
        let saved = app.submit("/retention/collector_names", &[("days", "365")]).await;
        assert_eq!((saved.0, saved.1.as_str()), (StatusCode::SEE_OTHER, "/retention?done=saved"));
        assert!(app.page("/retention").await.contains("365 ngày"));
        assert_eq!(app.page_as(&app.admin, "/retention/kept_answers").await.0, StatusCode::NOT_FOUND);
        app.submit("/retention/collector_names", &[("days", "")]).await;
        assert!(app.page("/retention").await.contains("180 ngày"), "empty is the usual again");
    }

    async fn an_administrator_is_told_on_the_overview_that_there_is_something_to_look_at(app: TestApp) {
        let told = "Máy chủ có điều cần xem";
        app.ward().await;
        assert!(!app.page("/").await.contains(told));
        app.clock.set(app.clock.now().plus_secs(8 * 86_400));
        app.run_job("watch").await;
        assert!(app.page("/").await.contains(told), "no back-up for long");
        let coordinator = app.login("can.bo", Role::Coordinator).await;
        assert!(!app.page_as(&coordinator, "/").await.1.contains(told), "it is not theirs to mend");
    }

    async fn what_would_be_dropped_is_shown_before_it_is(app: TestApp) {
        let shown = app.page("/retention?try=1").await;
        assert!(shown.contains("Chỉ đếm thử, chưa xóa gì.") && shown.contains("Sẽ xóa"), "{shown}");
        assert!(!app.page("/retention").await.contains("Chỉ đếm thử"));
    }
}
