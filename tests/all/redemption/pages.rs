//! The pages of handing out, as a volunteer and a coordinator use them.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::market::{Market, Plan};
use crate::on_both;
use crate::support::text;
use crate::vouchers::pages::{page, submit};

fn desk(market: &Market) -> String {
    format!("/desk?point_id={}&desk=2", market.point)
}

/// The value of a hidden field of the last page.
fn hidden(html: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let at = html.find(&field).unwrap_or_else(|| panic!("{name} in {html}")) + field.len();
    html[at..].split('"').next().unwrap().to_owned()
}

on_both! {
    async fn the_desk_redeems_a_typed_code_and_tells_the_second_where_the_first_was(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        assert!(page(&app, "/desk").await.contains("Nhà văn hóa khu dân cư số 3"));
        let (path, code) = (desk(&market), text(&market.vouchers[0], "typed_code"));
        assert!(page(&app, &path).await.contains("autofocus"));
        let fields = [("once", "1"), ("code", code.as_str())];
        let (status, _, html) = submit(&app, &path, &fields).await;
        assert_eq!(status, StatusCode::OK, "{html}");
        assert!(html.contains("HỢP LỆ") && html.contains("Thái Hữu Sơn 0") && html.contains("10 quả"), "{html}");
        // The page loaded again sends the same form: the same answer, nothing done again.
        app.at("2021-08-05T07:05:00+07:00");
        assert!(submit(&app, &path, &fields).await.2.contains("HỢP LỆ"));
        assert_eq!((app.count_scans().await, app.level(&market.point, &market.rice).await), (1, 90_000));
        let (_, _, html) = submit(&app, &path, &[("once", "2"), ("code", &code.to_lowercase())]).await;
        assert!(html.contains("ĐÃ NHẬN") && html.contains("07:00 05/08/2021") && html.contains("bàn 2"), "{html}");
        // An old form with another code is another scan.
        let (_, _, html) = submit(&app, &path, &[("once", "1"), ("code", "ZZZZZ-ZZZZZ")]).await;
        assert!(html.contains("KHÔNG CÓ PHIẾU") && !html.contains("Thái Hữu Sơn"), "{html}");
        app.books_balance().await;
    }

    async fn a_coordinator_hands_over_against_a_refusal_with_a_reason_and_a_volunteer_does_not(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let code = text(&market.vouchers[0], "typed_code");
        app.stock(&market.area, &market.other_point, &[(&market.rice, 10_000), (&market.eggs, 10)]).await;
        let elsewhere = format!("/desk?point_id={}&desk=1", market.other_point);
        let (_, _, html) = submit(&app, &elsewhere, &[("once", "1"), ("code", &code)]).await;
        assert!(html.contains("SAI ĐIỂM PHÁT") && html.contains("name=\"override_reason\""), "{html}");
        let points = [market.point.parse().unwrap(), market.other_point.parse().unwrap()];
        let lan = app.login_within("lan", Role::Volunteer, None, &points).await;
        let send = async |fields: &[(&str, &str)]| {
            let request = app.request(Method::POST, &elsewhere, &lan).header("accept", "text/html").form(fields);
            let response = request.send().await.unwrap();
            (response.status(), response.text().await.unwrap())
        };
        let (_, html) = send(&[("once", "2"), ("code", &code)]).await;
        assert!(html.contains("SAI ĐIỂM PHÁT") && !html.contains("name=\"override_reason\""), "{html}");
        let fields = [("once", "3"), ("code", code.as_str()), ("override_reason", "Hộ ở gần đây")];
        assert_eq!(send(&fields).await.0, StatusCode::FORBIDDEN);
        assert!(submit(&app, &elsewhere, &fields).await.2.contains("HỢP LỆ"));
        let html = page(&app, &format!("/vouchers/{}", text(&market.vouchers[0], "id"))).await;
        assert!(html.contains("SAI ĐIỂM PHÁT") && html.contains("Hộ ở gần đây") && html.contains("Đã nhận"), "{html}");
    }

    async fn who_collects_is_asked_and_a_mistake_is_undone(app: TestApp) {
        let market = app.open_market(Plan { round: json!({ "collector_required": true }), ..Plan::default() }).await;
        let (path, code) = (desk(&market), text(&market.vouchers[0], "typed_code"));
        let (_, _, html) = submit(&app, &path, &[("once", "1"), ("code", &code)]).await;
        assert!(html.contains("CẦN HỎI THÊM") && html.contains("name=\"collector.name\""), "{html}");
        let once = hidden(&html, "once");
        let fields = [("once", once.as_str()), ("code", &code), ("collector.name", "Nguyễn Thị Bông"), ("collector.relation", "hàng xóm")];
        let (_, _, html) = submit(&app, &path, &fields).await;
        assert!(html.contains("HỢP LỆ"), "{html}");
        let nonce = hidden(&html, "nonce");
        let undo = path.replace("/desk?", "/desk/undo?");
        let (_, _, html) = submit(&app, &undo, &[("nonce", &nonce), ("reason", " ")]).await;
        assert!(html.contains("CHƯA GHI"), "{html}");
        let (status, to, _) = submit(&app, &undo, &[("nonce", &nonce), ("reason", "Quét nhầm")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}&done=handover_undone")));
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
        let html = page(&app, "/redemptions?outcome=undone").await;
        assert!(html.contains("Nguyễn Thị Bông") && html.contains("đã hoàn tác"), "{html}");
        assert!(!page(&app, "/redemptions?outcome=handed_out").await.contains("Nguyễn Thị Bông"));
    }

    async fn a_volunteer_stands_at_the_own_points_only(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let lan = app.login_within("lan", Role::Volunteer, None, &[market.point.parse().unwrap()]).await;
        let visit = async |path: &str| app.request(Method::GET, path, &lan).send().await.unwrap();
        let html = visit("/desk").await.text().await.unwrap();
        assert!(html.contains("khu dân cư số 3") && !html.contains("Nguyễn Bỉnh Khiêm"), "{html}");
        let other = format!("/desk?point_id={}&desk=1", market.other_point);
        assert_eq!(visit(&other).await.status(), StatusCode::FORBIDDEN);
    }

    async fn a_signed_list_is_keyed_in_with_an_answer_for_each_line(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let typed = |n: usize| text(&market.vouchers[n], "typed_code");
        app.scan(&market.point, &market.vouchers[2]["code"]).await;
        let codes = format!("{}\r\n\r\n {} \r\n{}\r\nZZZZZ-ZZZZZ", typed(0), typed(1).to_lowercase(), typed(2));
        let mut fields = vec![("point_id", market.point.as_str()), ("handed_out_at", "2021-08-05"), ("time", "ba giờ"), ("codes", &codes)];
        let (status, _, html) = submit(&app, "/roster", &fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("id=\"time-error\"") && html.contains(&typed(0)), "what was typed is kept: {html}");
        fields[2].1 = "06:30";
        for _ in 0..2 {
            let (status, _, html) = submit(&app, "/roster", &fields).await;
            assert_eq!(status, StatusCode::OK, "{html}");
            assert!(html.contains("TRÙNG LƯỢT NHẬN") && html.contains("KHÔNG CÓ PHIẾU"), "{html}");
        }
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000 - 4 * 10_000, "sent twice, it counts once");
        app.books_balance().await;
    }

    async fn the_history_is_filtered_and_exported(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        app.scan(&market.point, &market.vouchers[0]["code"]).await;
        app.scan(&market.other_point, &market.vouchers[1]["code"]).await;
        let all = page(&app, &format!("/redemptions?round_id={}", market.round)).await;
        assert!(all.contains("Thái Hữu Sơn 0") && all.contains("Thái Hữu Sơn 1"), "{all}");
        let refused = page(&app, "/redemptions?outcome=wrong_point&day=2021-08-05&point_id=&round_id=").await;
        assert!(!refused.contains("Thái Hữu Sơn 0") && refused.contains("Thái Hữu Sơn 1"), "{refused}");
        assert!(page(&app, "/redemptions?day=2021-08-06").await.contains("Không có lượt nào như vậy"));
        let file = app.request(Method::GET, "/redemptions/export.xlsx?outcome=refused", &app.admin).send().await.unwrap();
        assert!(file.bytes().await.unwrap().starts_with(b"PK"));
    }

    async fn a_conflict_is_seen_side_by_side_and_settled_with_a_reason(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        assert!(page(&app, "/conflicts").await.contains("Không có trường hợp nào chờ"));
        app.scan_with(&app.admin, json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "desk": 2 })).await;
        let codes = json!([text(&market.vouchers[0], "typed_code")]);
        let body = json!({ "point_id": market.other_point, "codes": codes, "desk": "giấy" });
        let id = text(&app.create("/api/v1/redemptions/roster", body).await["results"][0], "conflict_id");
        let list = page(&app, "/conflicts").await;
        assert!(list.contains("Phát hai lần") && list.contains("Thái Hữu Sơn 0"), "{list}");
        let path = format!("/conflicts/{id}");
        let html = page(&app, &path).await;
        assert!(html.contains("bàn giấy") && html.contains("bàn 2") && html.contains("Nguyễn Bỉnh Khiêm"), "{html}");
        let (status, _, html) = submit(&app, &path, &[("resolution", "accepted"), ("reason", "")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("id=\"reason-error\"") && html.contains("value=\"accepted\" checked"), "{html}");
        let fields = [("resolution", "accepted"), ("reason", "Hai phiếu của hai hộ cùng nhà")];
        assert_eq!(submit(&app, &path, &fields).await.1, "/conflicts?done=settled");
        let settled = page(&app, "/conflicts?show=settled").await;
        assert!(settled.contains("Chấp nhận") && page(&app, "/conflicts").await.contains("Không có trường hợp nào chờ"));
        assert!(page(&app, &path).await.contains("Hai phiếu của hai hộ cùng nhà"));
        assert_eq!(submit(&app, &path, &fields).await.0, StatusCode::CONFLICT);
    }
}
