//! The pages of rounds: planned, issued, printed, followed, closed.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::{TestApp, market_morning, text};

/// A page as the administrator's browser shows it.
pub async fn page(app: &TestApp, path: &str) -> String {
    let request = app.request(Method::GET, path, &app.admin).header("accept", "text/html");
    let response = request.send().await.unwrap();
    let status = response.status();
    let html = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "GET {path}: {html}");
    html
}

/// Sends a page's form as the administrator: the status, where it leads, and the page it shows.
pub async fn submit(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let request = app.request(Method::POST, path, &app.admin).header("accept", "text/html");
    let response = request.form(fields).send().await.unwrap();
    let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
    (response.status(), to, response.text().await.unwrap())
}

on_both! {
    async fn a_round_is_planned_with_days_hours_and_slots(app: TestApp) {
        let market = app.market(None).await;
        let form = page(&app, "/rounds/new").await;
        assert!(form.contains("Suất gạo") && form.contains("Nhà văn hóa 2"));
        let fields = [
            ("once", "1"), ("name", "Chợ 0 đồng"), ("campaign_id", &market.campaign), ("package_id", &market.package),
            ("point_ids", &market.points[0]), ("point_ids", &market.points[1]), ("starts_at", "2021-08-05"),
            ("opens", "7h30"), ("ends_at", "06/08/2021"), ("closes", "17:00"), ("slot_minutes", "20"),
            ("slot_capacity", "15"), ("offline", "amber"), ("collector_required", "yes"),
        ];
        let (status, to, html) = submit(&app, "/rounds/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        assert!(submit(&app, "/rounds/new", &fields).await.1 == to, "sent twice, it is one round");
        let round = &app.get("/api/v1/rounds").await["items"][0];
        assert_eq!(to, format!("/rounds/{}?done=created", text(round, "id")));
        assert_eq!((&round["starts_at"], &round["ends_at"]), (&json!("2021-08-05T00:30:00Z"), &json!("2021-08-06T10:00:00Z")));
        assert_eq!((&round["offline"], &round["collector_required"], &round["any_point"]), (&json!("amber"), &json!(true), &json!(false)));
        assert_eq!(round["point_ids"].as_array().unwrap().len(), 2);
        assert!(page(&app, &to).await.contains("Chưa phát phiếu nào"));
        assert!(page(&app, "/rounds?status=open").await.contains("Chợ 0 đồng"));
        assert!(!page(&app, "/rounds?status=closed").await.contains("Chợ 0 đồng"));
    }

    async fn a_round_that_is_refused_comes_back_as_it_was_typed(app: TestApp) {
        let market = app.market(None).await;
        let fields = [
            ("once", "1"), ("name", "Đợt thử"), ("campaign_id", &market.campaign), ("package_id", &market.package),
            ("starts_at", "2021-08-05"), ("opens", "sáng"), ("ends_at", "2021-08-05"), ("closes", "17:00"),
            ("slot_minutes", "20"), ("offline", "strict"),
        ];
        let (status, _, html) = submit(&app, "/rounds/new", &fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("value=\"Đợt thử\"") && html.contains("id=\"opens-error\""), "{html}");
        let mut fields = fields.to_vec();
        fields[5].1 = "07:00";
        let (_, _, html) = submit(&app, "/rounds/new", &fields).await;
        assert!(html.contains("id=\"slot_capacity-error\"") && html.contains("href=\"#point_ids\""), "{html}");
        assert!(app.get("/api/v1/rounds").await["items"].as_array().unwrap().is_empty());
    }

    async fn issuing_is_seen_before_it_is_done_and_done_once(app: TestApp) {
        let market = app.market(None).await;
        let here = app.households(&market.areas[0], 4).await;
        app.households(&market.areas[1], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "household_ids": [here[0]] })).await;
        let path = format!("/rounds/{round}/issue");
        assert!(page(&app, &path).await.contains("Khu dân cư 1"));
        let chosen = [("once", "1"), ("who", "areas"), ("area_ids", market.ward.as_str()), ("units", "1")];
        let with = |step| [&chosen[..], &[("step", step)]].concat();
        let (status, _, html) = submit(&app, &path, &with("preview")).await;
        assert_eq!(status, StatusCode::OK, "{html}");
        assert!(html.contains("Phát 4 phiếu") && html.contains("Đã có phiếu của đợt này: 1"), "{html}");
        assert!(html.contains("Nguyễn Thị Ấn 1") && html.contains("Thiếu"), "who gets none is named; goods are short");
        assert_eq!(app.vouchers(&round).await.len(), 1, "nothing is issued yet");
        for _ in 0..2 {
            let (status, _, html) = submit(&app, &path, &with("issue")).await;
            assert_eq!(status, StatusCode::OK, "{html}");
            assert!(html.contains("Đã phát 4 phiếu"), "{html}");
        }
        assert_eq!(app.vouchers(&round).await.len(), 5);
        assert!(page(&app, &format!("/rounds/{round}/print")).await.contains("layout=roster&#38;point_id="));
        let (_, _, html) = submit(&app, &path, &[("once", "2"), ("who", "areas"), ("units", "0"), ("categories", "poor")]).await;
        assert!(html.contains("id=\"units-error\"") && html.contains("value=\"poor\" checked"), "{html}");
    }

    async fn single_households_are_found_by_name_and_chosen(app: TestApp) {
        let market = app.market(None).await;
        let ids = app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({})).await;
        let path = format!("/rounds/{round}/issue");
        let found = [("who", "households"), ("q", "thi an 2"), ("units", "1"), ("household_ids", ids[0].as_str()), ("step", "find")];
        let (_, _, html) = submit(&app, &path, &found).await;
        assert!(html.contains(&format!("value=\"{}\" checked", ids[0])) && html.contains("Nguyễn Thị Ấn 2"), "{html}");
        assert!(!html.contains("Nguyễn Thị Ấn 3"));
        let (_, _, html) = submit(&app, &path, &[("once", "1"), ("who", "households"), ("units", "1"), ("step", "preview")]).await;
        assert!(html.contains("href=\"#household_ids\""), "nobody is issued to by leaving everything out: {html}");
        let chosen = [("once", "1"), ("who", "households"), ("household_ids", ids[1].as_str()), ("units", "2"), ("step", "issue")];
        assert!(submit(&app, &path, &chosen).await.2.contains("Đã phát 1 phiếu"));
        assert!(page(&app, &format!("{path}?household_id={}", ids[2])).await.contains("Nguyễn Thị Ấn 3"));
    }

    async fn a_preview_says_what_issuing_then_does(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 9).await;
        let slots = json!({ "slot_minutes": 60, "slot_capacity": 1, "point_ids": [market.points[0]] });
        let round = app.round(&market, slots).await;
        // Null is a field left out, in both.
        let body = json!({ "area_ids": [market.ward], "household_ids": null, "units": 2 });
        let preview = app.create(&format!("/api/v1/rounds/{round}/vouchers/preview"), body.clone()).await;
        let expected = json!([{ "point_id": market.points[0], "vouchers": 8, "packages_needed": 16, "packages_left": 0,
            "slots_left": 8 }]);
        assert_eq!((&preview["eligible"], &preview["by_point"]), (&json!(8), &expected));
        let issued = app.issue(&round, body).await;
        assert_eq!((&issued["issued"], &issued["skipped"]), (&json!(8), &preview["skipped"]));
        assert_eq!(issued["warnings"], preview["warnings"]);
    }

    async fn a_round_is_followed_and_closed_and_tells_who_did_not_come(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let vouchers = app.vouchers(&round).await;
        app.hand_out(&vouchers[1], market_morning()).await;
        let html = page(&app, &format!("/rounds/{round}")).await;
        assert!(html.contains("data-f=\"served\">1<") && html.contains("data-f=\"absent\">2<"), "{html}");
        let (status, to, _) = submit(&app, &format!("/rounds/{round}/pause"), &[]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/rounds/{round}?done=paused")));
        assert_eq!(app.get(&format!("/api/v1/rounds/{round}")).await["status"], "paused");
        assert!(page(&app, &format!("/rounds/{round}/close")).await.contains("không mở lại được"));
        let (_, to, _) = submit(&app, &format!("/rounds/{round}/close"), &[]).await;
        assert!(page(&app, &to).await.contains("Ai chưa đến nhận"));
        let html = page(&app, &format!("/rounds/{round}/vouchers?show=absent&sort=-name")).await;
        let at = |name: &str| html.find(name).unwrap_or(usize::MAX);
        assert!(at("Nguyễn Thị Ấn 3") < at("Nguyễn Thị Ấn 1") && at("Nguyễn Thị Ấn 2") == usize::MAX, "{html}");
        let export = format!("/rounds/{round}/vouchers/export.xlsx?show=absent");
        let response = app.request(Method::GET, &export, &app.admin).send().await.unwrap();
        assert!(response.bytes().await.unwrap().starts_with(b"PK"));
        let audited = app.get("/api/v1/audit?limit=200").await;
        assert!(audited["items"].as_array().unwrap().iter().any(|entry| entry["action"] == "export"), "{audited}");
    }

    async fn a_local_coordinator_sees_the_vouchers_of_the_own_area(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let local = app.login_within("kdc2", Role::Coordinator, Some(market.areas[1].parse().unwrap()), &[]).await;
        let path = format!("/rounds/{round}/vouchers");
        let seen = app.request(Method::GET, &path, &local).send().await.unwrap().text().await.unwrap();
        assert!(!seen.contains("Nguyễn Thị Ấn"), "{seen}");
        assert!(page(&app, &path).await.contains("Nguyễn Thị Ấn"));
    }

    async fn a_voucher_is_found_by_its_codes_and_by_its_household(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 2).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let vouchers = app.vouchers(&round).await;
        let own = format!("/vouchers/{}", text(&vouchers[1], "id"));
        let find = async |q: &str| submit(&app, "/vouchers", &[("q", q)]).await;
        assert_eq!(find(&text(&vouchers[1], "typed_code").to_lowercase()).await.1, own);
        let code = text(&vouchers[1], "code");
        assert_eq!(find(&code).await.1, own);
        assert_eq!(find("thi an 2").await.1, own, "one household with one voucher leads there");
        let (_, _, html) = find("nguyen thi an").await;
        assert!(html.contains("Nguyễn Thị Ấn 1") && html.contains("Nguyễn Thị Ấn 2"), "{html}");
        let forged = format!("{}{}", &code[..code.len() - 4], "AAAA");
        assert!(find(&forged).await.2.contains("không phải phiếu do phường phát"));
        assert!(find("00000-00168").await.2.contains("Không có phiếu nào mang mã này"));
        assert!(find("nobody of this name").await.2.contains("Không tìm thấy phiếu nào"));
        let (_, to, _) = submit(&app, &format!("{own}/reissue"), &[("once", "1"), ("reason", "Mất phiếu")]).await;
        assert_eq!(to, format!("{own}?done=reissued"));
        assert_eq!(find(&code).await.1, format!("{own}?done=superseded"));
        assert!(page(&app, &own).await.contains("Mất phiếu"));
    }

    async fn one_voucher_is_printed_and_voided_with_a_reason(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 2).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let id = text(&app.vouchers(&round).await[0], "id");
        let html = page(&app, &format!("/vouchers/{id}")).await;
        assert!(html.contains(&format!("/api/v1/vouchers/{id}/qr.svg")), "{html}");
        let pdf = async |query: &str| {
            let path = format!("/api/v1/rounds/{round}/vouchers.pdf?layout=one{query}");
            app.request(Method::GET, &path, &app.admin).send().await.unwrap().bytes().await.unwrap().len()
        };
        assert!(pdf(&format!("&voucher_id={id}")).await < pdf("").await);
        let void = format!("/vouchers/{id}/void");
        assert!(page(&app, &void).await.contains("Hủy phiếu này?"));
        let (status, _, html) = submit(&app, &void, &[("reason", "")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("id=\"reason-error\""), "{html}");
        assert_eq!(submit(&app, &void, &[("reason", "Đã chuyển đi")]).await.1, format!("/vouchers/{id}?done=voided"));
        assert!(page(&app, &format!("/vouchers/{id}")).await.contains("Đã chuyển đi"));
        assert!(page(&app, &format!("/rounds/{round}/vouchers?show=void")).await.contains(&id));
    }

    async fn a_key_is_withdrawn_with_a_warning_and_its_vouchers_get_new_papers(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert!(page(&app, "/keys").await.contains("Đang ký"));
        assert!(page(&app, "/keys/1/withdraw").await.contains("<strong>3</strong>"));
        let (_, to, _) = submit(&app, "/keys/1/withdraw", &[("reason", "Máy chủ bị sao chép")]).await;
        assert_eq!(to, "/keys/1/reissue?done=revoked");
        assert!(page(&app, &to).await.contains("Cấp lại tất cả"));
        assert_eq!(submit(&app, "/keys/1/reissue", &[("once", "1"), ("reason", "Khóa lộ")]).await.1, "/keys?done=reissued_all");
        assert!(app.vouchers(&round).await.iter().all(|voucher| voucher["issue_number"] == 2 && voucher["kid"] == 2));
        assert_eq!(submit(&app, "/keys/new", &[("once", "2")]).await.1, "/keys?done=created");
        assert!(page(&app, "/keys").await.contains("Sẽ ký từ 08:00 05/08/2021"));
    }
}
