//! What a coordinator of one part of the ward may not do to the others, and what they still may do at home.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::World;
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    async fn answers(&self, token: &str, method: Method, path: &str, body: Value) -> StatusCode {
        self.send_as(token, method, &format!("/api/v1{path}"), &body).await.0
    }

    async fn reads(&self, token: &str, path: &str) -> Value {
        self.send_as(token, Method::GET, &format!("/api/v1{path}"), &Value::Null).await.1
    }

    /// A page of staff, or a form sent; status and page.
    pub(super) async fn visits(&self, token: &str, path: &str, form: Option<&[(&str, &str)]>) -> (StatusCode, String) {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let request = self.request(method, path, token).header("accept", "text/html");
        let request = match form {
            Some(fields) => request.form(fields),
            None => request,
        };
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }
}

/// The ids in a list.
fn ids(list: &Value, field: &str) -> Vec<String> {
    list["items"].as_array().unwrap_or_else(|| panic!("{list}")).iter().map(|row| text(row, field)).collect()
}

fn path(kind: &str, id: &str) -> String {
    format!("/{kind}/{id}")
}

const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const OK: StatusCode = StatusCode::OK;

on_both! {
    async fn a_coordinator_of_one_area_does_not_take_over_another(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let (area, point) = (path("areas", theirs.id("area")), path("points", theirs.id("point")));
        let household = path("households", theirs.id("household"));
        let before = app.portrait(&theirs).await;
        let takes = [
            (&area, json!({ "parent_id": ours.id("area") })),
            (&area, json!({ "name": "Khu của tôi" })),
            (&point, json!({ "area_id": ours.id("area") })),
            (&point, json!({ "name": "Điểm của tôi" })),
        ];
        for (path, change) in takes {
            assert_eq!(app.answers(&of_area, Method::PATCH, path, change.clone()).await, FORBIDDEN, "{path} {change}");
        }
        assert_eq!(app.answers(&of_area, Method::GET, &household, Value::Null).await, NOT_FOUND);
        assert_eq!(app.portrait(&theirs).await, before);
        let form = [("name", "Khu"), ("parent_id", ours.id("area"))];
        assert_eq!(app.visits(&of_area, &area, Some(&form)).await.0, FORBIDDEN, "the page's form asks the same");
        let form = [("name", "Điểm"), ("area_id", ours.id("area")), ("desks", "1")];
        assert_eq!(app.visits(&of_area, &point, Some(&form)).await.0, FORBIDDEN);
        assert_eq!(app.portrait(&theirs).await, before);
    }

    async fn areas_are_made_and_renamed_at_home_and_moved_by_the_whole_wards_logins_alone(app: TestApp) {
        let World { ward, ours, theirs, of_area, of_point, .. } = app.world().await;
        let own = path("areas", ours.id("area"));
        let group = |parent: &str| json!({ "name": "Tổ 7", "kind": "group", "parent_id": parent });
        let (status, made) = app.send_as(&of_area, Method::POST, "/api/v1/areas", &group(ours.id("area"))).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        // It is within reach at once: a household can be registered there.
        let household = json!({ "head_name": "Lý Thị Mới", "area_id": made["id"], "members": 1, "category": "poor" });
        assert_eq!(app.answers(&of_area, Method::POST, "/households", household).await, StatusCode::CREATED);
        let group_path = path("areas", &text(&made, "id"));
        for (path, change, expected) in [
            (&own, json!({ "name": "Khu dân cư Vạn Tường mới" }), OK),
            (&group_path, json!({ "name": "Tổ 8" }), OK),
            (&group_path, json!({ "parent_id": theirs.id("area") }), FORBIDDEN),
            (&own, json!({ "parent_id": theirs.id("area") }), FORBIDDEN),
            (&own, json!({ "ends_on": "2021-08-31" }), FORBIDDEN),
            (&path("areas", &ward), json!({ "name": "Phường khác" }), FORBIDDEN),
            (&group_path, json!({ "ends_on": "2021-08-31", "successor_ids": [theirs.id("area")] }), FORBIDDEN),
            (&group_path, json!({ "ends_on": "2021-08-31" }), OK),
            (&group_path, json!({ "ends_on": null }), OK),
        ] {
            assert_eq!(app.answers(&of_area, Method::PATCH, path, change.clone()).await, expected, "{path} {change}");
        }
        let succeeding = |parent: &str, before: &str| {
            json!({ "name": "Tổ 10", "kind": "group", "parent_id": parent, "predecessor_ids": [before] })
        };
        let outline = |text: &str, parent: &Value| json!({ "text": text, "parent_id": parent });
        for (token, path, body, expected) in [
            (&of_area, "/areas", group(theirs.id("area")), FORBIDDEN),
            (&of_area, "/areas", json!({ "name": "Phường ta", "kind": "ward" }), FORBIDDEN),
            (&of_area, "/areas", json!({ "name": "Khu ta", "kind": "neighbourhood" }), FORBIDDEN),
            (&of_area, "/areas", succeeding(ours.id("area"), theirs.id("area")), FORBIDDEN),
            (&of_area, "/areas/outline", outline("Tổ 9", &json!(ours.id("area"))), StatusCode::CREATED),
            (&of_area, "/areas/outline", outline("Tổ 9", &json!(theirs.id("area"))), FORBIDDEN),
            (&of_area, "/areas/outline", outline("Phường Một\n  Tổ 9", &json!(ours.id("area"))), FORBIDDEN),
            (&of_point, "/areas", json!({ "name": "Phường ta", "kind": "ward" }), FORBIDDEN),
        ] {
            assert_eq!(app.answers(token, Method::POST, path, body.clone()).await, expected, "{path} {body}");
        }
        let moved = json!({ "parent_id": ward });
        assert_eq!(app.answers(&of_point, Method::PATCH, &group_path, moved.clone()).await, FORBIDDEN);
        assert_eq!(app.answers(&app.admin, Method::PATCH, &group_path, moved).await, OK);
        let page = app.visits(&of_area, &own, None).await.1;
        assert!(!page.contains("name=\"parent_id\"") && !page.contains("/close\""), "{page}");
    }

    async fn points_are_made_and_changed_within_ones_own_areas(app: TestApp) {
        let World { ours, theirs, of_area, of_point, .. } = app.world().await;
        let new = |area: &str| json!({ "name": "Điểm mới", "kind": "distribution", "area_id": area });
        for (token, area, expected) in [
            (&of_area, ours.id("area"), StatusCode::CREATED),
            (&of_area, theirs.id("area"), FORBIDDEN),
            // Whose points were named one by one would not reach the new one.
            (&of_point, ours.id("area"), FORBIDDEN),
        ] {
            assert_eq!(app.answers(token, Method::POST, "/points", new(area)).await, expected);
        }
        let own = path("points", ours.id("point"));
        for (path, change, expected) in [
            (&own, json!({ "desks": 3 }), OK),
            (&own, json!({ "area_id": ours.id("area") }), OK),
            (&own, json!({ "area_id": theirs.id("area") }), FORBIDDEN),
            (&path("points", theirs.id("point")), json!({ "closed": false }), FORBIDDEN),
        ] {
            assert_eq!(app.answers(&of_area, Method::PATCH, path, change.clone()).await, expected, "{path} {change}");
        }
        // Who names a point changes it where it is, and does not take it away from its area.
        for (change, expected) in [
            (json!({ "desks": 4 }), OK),
            (json!({ "area_id": ours.id("area") }), OK),
            (json!({ "area_id": theirs.id("area") }), FORBIDDEN),
        ] {
            assert_eq!(app.answers(&of_point, Method::PATCH, &own, change.clone()).await, expected, "{change}");
        }
        let reopened = format!("/points/{}/reopen", theirs.id("point"));
        assert_eq!(app.visits(&of_area, &reopened, Some(&[])).await.0, FORBIDDEN);
    }

    async fn what_a_login_reaches_follows_an_area_or_a_point_that_is_moved_at_once(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let (area, point) = (path("areas", ours.id("area")), path("points", ours.id("point")));
        assert_eq!(app.answers(&of_area, Method::GET, &point, Value::Null).await, OK);
        app.answers(&app.admin, Method::PATCH, &point, json!({ "area_id": theirs.id("area") })).await;
        assert_eq!(app.answers(&of_area, Method::GET, &point, Value::Null).await, FORBIDDEN);
        app.answers(&app.admin, Method::PATCH, &path("areas", theirs.id("area")), json!({ "parent_id": ours.id("area") })).await;
        assert_eq!(app.answers(&of_area, Method::GET, &point, Value::Null).await, OK);
        assert_eq!(app.answers(&of_area, Method::GET, &path("households", theirs.id("household")), Value::Null).await, OK);
        assert_eq!(app.answers(&of_area, Method::GET, &area, Value::Null).await, OK);
    }

    async fn points_of_a_login_lie_in_its_area(app: TestApp) {
        let World { ours, theirs, .. } = app.world().await;
        let points = [ours.point(), theirs.point()];
        for (n, role) in [Role::Coordinator, Role::Volunteer].into_iter().enumerate() {
            let token = app.login_within(&format!("hai.diem.{n}"), role, Some(ours.area()), &points).await;
            for (part, expected) in [(&ours, OK), (&theirs, FORBIDDEN)] {
                let manifest = format!("/points/{}/manifest", part.id("point"));
                assert_eq!(app.answers(&token, Method::GET, &manifest, Value::Null).await, expected, "{role:?}");
            }
            let scan = |point: &str| json!({ "point_id": point, "code": theirs.id("typed_code") });
            let answer = app.scan_with(&token, scan(theirs.id("point"))).await;
            assert_eq!(answer["outcome"], "not_allowed", "{answer}");
        }
        let nowhere = app.login_within("khong.diem", Role::Volunteer, Some(ours.area()), &[]).await;
        assert_eq!(ids(&app.reads(&nowhere, "/points").await, "id"), Vec::<String>::new());
    }

    async fn history_is_told_of_ones_own_points_alone(app: TestApp) {
        let World { ours, theirs, of_area, of_point, .. } = app.world().await;
        for token in [&of_area, &of_point] {
            let seen = ids(&app.reads(token, "/redemptions").await, "point_id");
            assert!(!seen.is_empty() && seen.iter().all(|point| point == ours.id("point")), "{seen:?}");
            let counted = ids(&app.reads(token, "/redemptions/statistics").await, "point_id");
            assert_eq!(counted, [ours.id("point")]);
            let asked = format!("/redemptions?point_id={}", theirs.id("point"));
            assert_eq!(ids(&app.reads(token, &asked).await, "nonce"), Vec::<String>::new());
            for (part, expected) in [(&ours, OK), (&theirs, NOT_FOUND)] {
                let scans = format!("/vouchers/{}/scans", part.id("voucher"));
                assert_eq!(app.answers(token, Method::GET, &scans, Value::Null).await, expected);
                let answer = path("redemptions", part.id("nonce"));
                assert_eq!(app.answers(token, Method::GET, &answer, Value::Null).await, expected);
            }
            let page = app.visits(token, "/redemptions", None).await.1;
            assert!(page.contains("Trần Vạn Tường 0") && !page.contains("Cồn Dầu") && !page.contains("Mũi Né"), "{page}");
        }
    }

    async fn a_handover_at_anothers_point_is_not_undone(app: TestApp) {
        let World { ours, theirs, of_area, of_point, .. } = app.world().await;
        let undo = |nonce: &str| format!("/redemptions/{nonce}/reversal");
        let reason = json!({ "reason": "Quét nhầm phiếu của hộ bên cạnh" });
        for token in [&of_area, &of_point] {
            assert_eq!(app.answers(token, Method::POST, &undo(theirs.id("nonce")), reason.clone()).await, NOT_FOUND);
        }
        let desk = format!("/desk/undo?point_id={}&desk=1", ours.id("point"));
        let form = [("nonce", theirs.id("nonce")), ("reason", "Quét nhầm phiếu của hộ bên cạnh")];
        assert_eq!(app.visits(&of_area, &desk, Some(&form)).await.0, NOT_FOUND, "the desk's page asks the same");
        let scans = app.get(&format!("/api/v1/vouchers/{}/scans", theirs.id("voucher"))).await;
        assert_eq!(scans["items"][0]["reversed_at"], Value::Null);
        assert_eq!(app.answers(&of_area, Method::POST, &undo(ours.id("nonce")), reason).await, OK);
    }

    async fn a_conflict_is_seen_by_who_serves_one_of_its_points_and_settled_by_who_serves_all(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let settle = |id: &str| format!("/conflicts/{id}/resolve");
        let how = json!({ "resolution": "accepted", "reason": "Đã xác minh tại chỗ" });
        assert_eq!(ids(&app.reads(&of_area, "/conflicts").await, "id"), [ours.id("conflict")]);
        assert_eq!(app.answers(&of_area, Method::POST, &settle(theirs.id("conflict")), how.clone()).await, NOT_FOUND);
        let page = format!("/conflicts/{}", theirs.id("conflict"));
        let form = [("resolution", "accepted"), ("reason", "Đã xác minh tại chỗ")];
        assert_eq!(app.visits(&of_area, &page, Some(&form)).await.0, NOT_FOUND, "the page's form asks the same");
        assert_eq!(app.visits(&of_area, &page, None).await.0, NOT_FOUND);
        // The same voucher handed out at one of ours too: a conflict between the two.
        let told = app.deliver(&ours.phone, &[app.record(ours.id("point"), &json!(theirs.id("typed_code")), 2)]).await;
        let told_there = app.deliver(&theirs.phone, &[app.record(theirs.id("point"), &json!(theirs.id("typed_code")), 2)]).await;
        assert_eq!(told[0]["outcome"], "redeemed", "{told:?}");
        let between = text(&told_there[0], "conflict_id");
        assert!(ids(&app.reads(&of_area, "/conflicts").await, "id").contains(&between));
        assert_eq!(app.answers(&of_area, Method::POST, &settle(&between), how.clone()).await, FORBIDDEN);
        let (status, page) = app.visits(&of_area, &format!("/conflicts/{between}"), None).await;
        assert!(status == OK && !page.contains("name=\"resolution\""), "{page}");
        assert_eq!(app.answers(&app.admin, Method::POST, &settle(&between), how.clone()).await, OK);
        assert_eq!(app.answers(&of_area, Method::POST, &settle(ours.id("conflict")), how).await, OK);
    }

    async fn phones_of_another_area_are_not_listed_and_not_revoked(app: TestApp) {
        let World { ours, theirs, of_area, of_point, .. } = app.world().await;
        for token in [&of_area, &of_point] {
            assert_eq!(ids(&app.reads(token, "/devices").await, "id"), [ours.id("device")]);
            let page = app.visits(token, "/devices", None).await.1;
            assert!(page.contains("Máy Bến Lội") && !page.contains("Mũi Né"), "{page}");
            let revoke = format!("/devices/{}/revoke", theirs.id("device"));
            assert_eq!(app.answers(token, Method::POST, &revoke, Value::Null).await, NOT_FOUND);
            assert_eq!(app.visits(token, &revoke, Some(&[])).await.0, NOT_FOUND, "the page's form asks the same");
            let new = json!({ "name": "Máy", "point_ids": [ours.id("point"), theirs.id("point")] });
            assert_eq!(app.answers(token, Method::POST, "/devices", new).await, FORBIDDEN);
        }
        assert_eq!(app.answers(&theirs.phone, Method::GET, "/devices/me", Value::Null).await, OK);
        let leases = ids(&app.reads(&of_area, "/leases").await, "id");
        assert_eq!(leases, [ours.id("lease")]);
        let release = format!("/leases/{}/release", theirs.id("lease"));
        let why = json!({ "reason": "Máy hỏng", "still_in_use": true });
        assert_eq!(app.answers(&of_area, Method::POST, &release, why).await, FORBIDDEN);
    }

    async fn a_phone_reaches_what_is_of_its_own_points(app: TestApp) {
        let World { ours, theirs, .. } = app.world().await;
        for (list, own) in [("/points", "point"), ("/rounds", "round")] {
            assert_eq!(ids(&app.reads(&ours.phone, list).await, "id"), [ours.id(own)], "{list}");
        }
        let undo = json!({ "reason": "Quét nhầm phiếu của hộ bên cạnh" });
        for (method, path, body, expected) in [
            (Method::GET, path("points", theirs.id("point")), Value::Null, FORBIDDEN),
            (Method::GET, path("rounds", theirs.id("round")), Value::Null, FORBIDDEN),
            (Method::GET, format!("/points/{}/manifest", theirs.id("point")), Value::Null, FORBIDDEN),
            (Method::GET, path("redemptions", theirs.id("nonce")), Value::Null, NOT_FOUND),
            (Method::POST, format!("/redemptions/{}/reversal", theirs.id("nonce")), undo, NOT_FOUND),
            (Method::GET, format!("/leases/{}/recalls", theirs.id("lease")), Value::Null, NOT_FOUND),
            (Method::POST, format!("/leases/{}/returns", theirs.id("lease")), json!({ "vouchers": [] }), NOT_FOUND),
            (Method::GET, path("households", ours.id("household")), Value::Null, FORBIDDEN),
        ] {
            assert_eq!(app.answers(&ours.phone, method, &path, body).await, expected, "{path}");
        }
        for (phone, expected) in [(&ours.phone, OK), (&theirs.phone, NOT_FOUND)] {
            let recalls = format!("/leases/{}/recalls", ours.id("lease"));
            assert_eq!(app.answers(phone, Method::GET, &recalls, Value::Null).await, expected);
        }
    }

    async fn a_round_is_seen_by_who_serves_one_of_its_points_and_closed_by_who_serves_all(app: TestApp) {
        let World { ours, theirs, of_area, of_point, of_nothing, .. } = app.world().await;
        let both = json!({ "campaign_id": ours.id("campaign"), "name": "Chợ chung", "package_id": ours.id("package"),
            "point_ids": [ours.id("point"), theirs.id("point")], "starts_at": "2021-08-05T07:00:00+07:00",
            "ends_at": "2021-08-06T17:00:00+07:00", "offline": "strict" });
        let both = text(&app.create("/api/v1/rounds", both).await, "id");
        let issue = format!("/api/v1/rounds/{both}/vouchers");
        app.create(&issue, json!({ "household_ids": [ours.id("third"), theirs.id("third")] })).await;
        for token in [&of_area, &of_point] {
            assert_eq!(ids(&app.reads(token, "/rounds").await, "id"), [ours.id("round"), both.as_str()]);
            assert_eq!(app.answers(token, Method::GET, &path("rounds", theirs.id("round")), Value::Null).await, FORBIDDEN);
            assert_eq!(app.answers(token, Method::POST, &format!("/rounds/{both}/pause"), Value::Null).await, FORBIDDEN);
            let page = app.visits(token, &format!("/rounds/{both}"), None).await.1;
            assert!(page.contains("Đình Bến Lội") && !page.contains("Mũi Né") && !page.contains("/pause\""), "{page}");
            assert_eq!(app.visits(token, &format!("/rounds/{both}/close"), None).await.0, FORBIDDEN);
        }
        assert_eq!(ids(&app.reads(&of_nothing, "/rounds").await, "id"), Vec::<String>::new());
        let whom = json!({ "household_ids": [ours.id("fourth"), theirs.id("fourth")] });
        let (status, issued) = app.send_as(&of_area, Method::POST, &issue, &whom).await;
        assert_eq!((status, &issued["issued"]), (StatusCode::CREATED, &json!(1)), "{issued}");
        assert_eq!(issued["by_point"], json!([{ "point_id": ours.id("point"), "issued": 1 }]));
        assert_eq!(app.answers(&of_area, Method::POST, &format!("/rounds/{}/pause", ours.id("round")), Value::Null).await, OK);
    }

    async fn a_form_that_names_anothers_household_is_told_nothing_of_it(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let issue = format!("/rounds/{}/issue", ours.id("round"));
        let form = [("step", "edit"), ("who", "households"), ("household_ids", theirs.id("household"))];
        let page = app.visits(&of_area, &issue, Some(&form)).await.1;
        assert!(!page.contains("Cồn Dầu"), "{page}");
        let page = app.visits(&of_area, &format!("{issue}?household_id={}", theirs.id("household")), None).await.1;
        assert!(!page.contains("Cồn Dầu"), "{page}");
        // Merged into one of another area: ours says so, and not whose it is.
        let into = json!({ "into_id": theirs.id("fourth"), "reason": "Đã chuyển sang khu khác" });
        app.create(&format!("/api/v1/households/{}/merge", ours.id("fourth")), into).await;
        let page = app.visits(&of_area, &path("households", ours.id("fourth")), None).await;
        assert!(page.0 == OK && !page.1.contains("Cồn Dầu"), "{}", page.1);
        // A code of another area's voucher is told like one that was never issued.
        let told = async |code: &str| app.visits(&of_area, "/vouchers", Some(&[("q", code)])).await;
        let (unknown, theirs) = (told("00000-00168").await, told(theirs.id("typed_code")).await);
        assert!(theirs.0 == unknown.0 && theirs.1.contains("Không có phiếu nào mang mã này"), "{}", theirs.1);
    }

    async fn what_is_told_of_the_whole_ward_is_for_logins_of_the_whole_ward(app: TestApp) {
        let World { theirs, of_area, of_point, .. } = app.world().await;
        for token in [&of_area, &of_point] {
            let rows = "/reports/rows/packages_handed_out";
            assert_eq!(app.answers(token, Method::GET, rows, Value::Null).await, FORBIDDEN);
            assert_eq!(app.answers(token, Method::PUT, "/public/settings", json!({ "enabled": true })).await, FORBIDDEN);
            assert_eq!(app.visits(token, "/start/ward", None).await.0, FORBIDDEN);
        }
        let summary = format!("/reports/summary?area_id={}", theirs.id("area"));
        assert_eq!(app.answers(&of_area, Method::GET, &summary, Value::Null).await, FORBIDDEN);
        let lists = app.reads(&of_point, "/donations/imports").await;
        assert_eq!(ids(&lists, "id"), Vec::<String>::new(), "a list of goods is for who uploaded it");
    }
}
