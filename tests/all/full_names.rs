//! Names beside logins: given, corrected, shown, taken back.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::text;

on_both! {
    async fn people_have_names_beside_logins_which_the_log_does_not_repeat(app: TestApp) {
        let body = json!({ "username": "lan.tran", "role": "coordinator", "full_name": "  Trần  Thị Lan " });
        let id = text(&app.create("/api/v1/users", body).await, "id");
        let token = text(&app.create(&format!("/api/v1/users/{id}/tokens"), json!({ "days": 30 })).await, "token");
        let login = app.get(&format!("/api/v1/users/{id}")).await;
        assert_eq!((&login["full_name"], &login["username"]), (&json!("Trần Thị Lan"), &json!("lan.tran")), "{login}");
        let (status, me) = app.send_as(&token, Method::PUT, "/api/v1/me/full-name", &json!({ "full_name": "Trần Thu Lan" })).await;
        assert_eq!((status, &me["full_name"], &me["name"]), (StatusCode::OK, &json!("Trần Thu Lan"), &json!("lan.tran")), "{me}");
        for wrong in ["L", "12", &"a".repeat(101)] {
            let (status, refused) = app.send_as(&token, Method::PUT, "/api/v1/me/full-name", &json!({ "full_name": wrong })).await;
            assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("full_name")), "{wrong}");
        }
        let users = app.page("/users").await;
        assert!(users.contains("Trần Thu Lan") && users.contains("lan.tran"), "{users}");
        let audit = app.page("/audit").await;
        assert!(audit.contains("Trần Thu Lan (lan.tran)"), "{audit}");
        let log = app.get(&format!("/api/v1/audit?record_id={id}")).await;
        assert_eq!(log["items"][0]["actor_full_name"], "Trần Thu Lan");
        let details: Vec<String> = log["items"].as_array().unwrap().iter().map(|one| one["detail"].to_string()).collect();
        assert!(details[0].contains("full_name") && details.iter().all(|detail| !detail.contains("Lan")), "{details:?}");
        let (_, login) = app.send(Method::PATCH, &format!("/api/v1/users/{id}"), &json!({ "full_name": null })).await;
        assert_eq!(login["full_name"], json!(null), "taken back: {login}");
        assert!(!app.page("/audit").await.contains("Trần Thu Lan"));
    }

    async fn a_person_writes_their_name_on_the_account_page(app: TestApp) {
        let (status, to, _) = app.submit("/account/name", &[("full_name", "Quản Trị Viên")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/account?done=saved"));
        assert!(app.page("/account").await.contains("Quản Trị Viên"));
        let (status, _, shown) = app.submit("/account/name", &[("full_name", "7")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("Ghi họ và tên, từ 2 đến 100 ký tự.") && shown.contains("value=\"7\""), "{shown}");
        app.submit("/account/name", &[("full_name", "")]).await;
        assert!(!app.page("/account").await.contains("Quản Trị Viên"));
        let (_, _, shown) = app.submit("/users/new", &[("username", "moi"), ("role", "auditor"), ("full_name", "1"),
            ("password", "một câu rất dài để nhớ")]).await;
        assert!(shown.contains("Ghi họ và tên"), "{shown}");
    }

    async fn a_paper_names_who_drew_it_up(app: TestApp) {
        let ward = app.ward().await;
        let (from, to) = (app.point(&ward, "Nhà văn hóa").await, app.point(&ward, "Trường học").await);
        let rice = app.item("Gạo", "kg", 0).await;
        app.give(&from, &rice, 10, None).await;
        app.submit("/account/name", &[("full_name", "Trần Thị Lan")]).await;
        let (status, transfer) = app.transfer(&from, &to, &rice, 3).await;
        assert_eq!(status, StatusCode::CREATED, "{transfer}");
        let paper = app.page(&format!("/stock/transfers/{}/paper", text(&transfer, "id"))).await;
        assert!(paper.contains("Người lập: Trần Thị Lan."), "{paper}");
    }
}
