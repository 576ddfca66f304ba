//! The live overview, as viewers see it.

use std::time::Duration;

use lalanh::dashboard::live::{self, Live, Seen};
use lalanh::people::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use uuid::Uuid;

use crate::on_both;
use crate::redemption::market::{Market, Plan};
use crate::support::{TestApp, text};

/// A stream of events.
struct Stream {
    response: Response,
    unread: String,
}

impl Stream {
    /// The next event: its name and its data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let found = field("event:").zip(field("data:")).map(|(name, data)| (name.to_owned(), data.to_owned()));
                self.unread = rest.to_owned();
                if let Some((name, data)) = found {
                    return (name, serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk.expect("an event comes").unwrap().expect("the stream goes on");
            self.unread.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next `redemption` event that tells so many units.
    async fn handed_out(&mut self, units: i64) -> Value {
        loop {
            let (name, data) = self.next().await;
            let sum = |rows: &Value| {
                rows.as_array().unwrap().iter().map(|row| row["handed_out"].as_i64().unwrap()).sum::<i64>()
            };
            if name == "redemption" && sum(&data["rounds"]) == units {
                return data;
            }
        }
    }
}

impl TestApp {
    async fn stream(&self, token: &str) -> Stream {
        self.stream_of("/api/v1/stock/live", token).await
    }

    async fn stream_of(&self, path: &str, token: &str) -> Stream {
        let response = self.request(Method::GET, path, token).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { response, unread: String::new() }
    }

    async fn hand_out_one(&self, market: &Market, voucher: usize) {
        let body = serde_json::json!({
            "nonce": Uuid::from_u128(0x1000 + voucher as u128), "code": market.vouchers[voucher]["code"],
            "point_id": market.point, "scanned_at": self.clock.now()
        });
        assert_eq!(self.create("/api/v1/redemptions", body).await["outcome"], "redeemed");
    }
}

on_both! {
    async fn a_redemption_reaches_every_viewer_without_a_reload(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let mut first = app.stream(&app.admin).await;
        let (name, stock) = first.next().await;
        assert_eq!(name, "stock", "a new viewer gets the state at once");
        let rice = stock["items"].as_array().unwrap().iter().find(|row| row["item_id"] == market.rice.as_str()).unwrap();
        assert_eq!((&rice["on_hand"], &rice["promised"], &rice["state"]), (&100_000.into(), &30_000.into(), &"enough".into()));
        assert_eq!(stock["packages"][0]["possible"], 10);
        let mut second = app.stream(&app.login("thu.kho", Role::Storekeeper).await).await;
        app.hand_out_one(&market, 0).await;
        let told = first.handed_out(1).await;
        assert_eq!(told, second.handed_out(1).await);
        let row = &told["rounds"][0];
        assert_eq!((&row["served"], &row["vouchers"], &row["state"]), (&1.into(), &3.into(), &"running".into()));
        assert_eq!(row["per_minute"][9], 1, "the running minute is the last");
    }

    async fn stock_is_told_whole_each_time_it_changes(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let mut stream = app.stream(&app.admin).await;
        let (_, first) = stream.next().await;
        app.hand_out_one(&market, 0).await;
        let again = loop {
            let (name, data) = stream.next().await;
            assert_ne!(name, "stock_changes", "nobody asked for it");
            if name == "stock" {
                break data;
            }
        };
        assert_ne!(first, again);
        assert_eq!(first["items"].as_array().unwrap().len(), again["items"].as_array().unwrap().len());
    }

    async fn whoever_asks_is_told_only_what_changed_of_the_stock(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        app.stock(&market.area, &market.other_point, &[(market.rice.as_str(), 50_000)]).await;
        let mut stream = app.stream_of("/api/v1/stock/live?changes=true", &app.admin).await;
        let (name, stock) = stream.next().await;
        assert_eq!(name, "stock");
        app.hand_out_one(&market, 0).await;
        let changes = loop {
            let (name, data) = stream.next().await;
            assert_ne!(name, "stock", "the whole is told once");
            if name == "stock_changes" {
                break data;
            }
        };
        let rows = changes["items"].as_array().unwrap();
        assert!(!rows.is_empty() && rows.len() < stock["items"].as_array().unwrap().len());
        assert!(rows.iter().all(|row| row["point_id"] == market.point.as_str()), "{changes}");
    }

    async fn phones_on_duty_are_shown_with_whether_they_are_heard_of(app: TestApp) {
        let market = app.open_market(Plan { households: 1, ..Plan::default() }).await;
        let code = text(&app.invite(&market.point).await, "enrol_code");
        assert!(app.enrol(&code).await.0.is_success());
        let page = async || app.request(Method::GET, "/", &app.admin).send().await.unwrap().text().await.unwrap();
        assert!(page().await.contains("Máy của Lan") && page().await.contains("Có mạng"));
        app.clock.set(app.clock.now().plus_secs(600));
        assert!(page().await.contains("Mất mạng hoặc tắt máy"));
        app.clock.set(app.clock.now().plus_secs(13 * 3600));
        assert!(!page().await.contains("Máy của Lan"), "yesterday's phones are not on duty");
    }

    async fn the_vouchers_of_a_lost_phone_are_told_as_stuck_until_somebody_releases_them(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (holder, id) = app.phone("Máy 3", &[&market.point]).await;
        app.take_lease(&holder, json!({ "point_id": market.point })).await;
        let page = async || app.request(Method::GET, "/", &app.admin).send().await.unwrap().text().await.unwrap();
        let shown = page().await;
        assert!(shown.contains("Máy 3") && !shown.contains("phiếu đang kẹt<"), "a phone that is there locks nothing");
        app.clock.set(app.clock.now().plus_secs(31 * 60));
        let shown = page().await;
        assert!(shown.contains("3 phiếu đang kẹt<") && shown.contains("Chưa nghe máy này từ"), "{shown}");
        assert!(shown.contains(&format!("<a href=\"/devices/{id}\">Xem và giải phóng")), "{shown}");
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let shown = page().await;
        assert!(shown.contains("3 phiếu đang kẹt<") && shown.contains("Máy đã bị thu hồi"), "{shown}");
        let auditor = app.login("giam.sat", Role::Auditor).await;
        let seen = app.request(Method::GET, "/", &auditor).send().await.unwrap().text().await.unwrap();
        assert!(seen.contains("3 phiếu đang kẹt<") && !seen.contains("Xem và giải phóng"), "{seen}");
        let elsewhere = market.other_point.parse().unwrap();
        let stranger = app.login_within("diem.khac", Role::Coordinator, None, &[elsewhere]).await;
        let seen = app.request(Method::GET, "/", &stranger).send().await.unwrap().text().await.unwrap();
        assert!(!seen.contains("đang kẹt<"), "another point's: {seen}");
        let form = [("reason", "Máy rơi xuống nước"), ("still_in_use", "yes")];
        assert_eq!(app.submit(&format!("/devices/{id}"), &form).await.0, StatusCode::SEE_OTHER);
        let shown = page().await;
        assert!(!shown.contains("đang kẹt<") && !shown.contains("Máy 3"), "{shown}");
    }

    async fn twenty_viewers_cost_the_database_no_more_than_one(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let statements = || app.core.db.statements();
        let before = statements();
        live::look(&app.core).await.unwrap();
        let a_look = statements() - before;
        app.hand_out_one(&market, 0).await;
        let a_handover = statements() - before - a_look;
        // Not streams of HTTP: those look after their login, too, whenever another test of this process ends one.
        let live = app.core.memory::<Live>();
        let mut viewers: Vec<_> = (0..20).map(|_| live.watch(&app.core).unwrap()).collect();
        let looks = async |viewer: &mut Receiver<Seen>, units: i64| {
            let told = |seen: &Seen| seen.as_ref().is_some_and(|look| look.figures.redemption.rounds.iter().map(|row| row.handed_out).sum::<i64>() == units);
            viewer.wait_for(told).await.unwrap().as_ref().unwrap().number
        };
        let first = looks(&mut viewers[0], 1).await;
        let before = statements();
        app.hand_out_one(&market, 1).await;
        let mut last = first;
        for viewer in &mut viewers {
            last = last.max(looks(viewer, 2).await);
        }
        // However long it took: the looks that were taken meanwhile, and one that is under way.
        let (spent, taken) = (statements() - before, last - first + 1);
        assert!(spent <= taken * a_look + 2 * a_handover, "{spent} statements: {taken} looks of {a_look}, a handover of {a_handover}");
        assert!(20 * a_look > 2 * (2 * a_look + 2 * a_handover), "looks of their own would be seen: {a_look}, {a_handover}");
    }

    async fn a_login_confined_to_a_point_sees_its_own_figures_only(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let elsewhere = market.other_point.parse().unwrap();
        let token = app.login_within("diem.khac", Role::Coordinator, None, &[elsewhere]).await;
        let mut stream = app.stream(&token).await;
        let (_, stock) = stream.next().await;
        assert_eq!(stock["items"].as_array().unwrap().iter().filter(|row| row["point_id"] != market.other_point.as_str()).count(), 0);
        let (_, redemption) = stream.next().await;
        assert!(!redemption.to_string().contains(&market.point));
    }

    async fn live_streams_end_when_the_service_stops(app: TestApp) {
        let mut stream = app.stream(&app.admin).await;
        stream.next().await;
        app.core.stop();
        let ended = async { while stream.response.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the stream ends");
    }

    async fn the_overview_shows_the_same_figures_as_a_page_and_leads_strangers_to_the_login(app: TestApp) {
        let page = async |token: &str| {
            app.request(Method::GET, "/", token).send().await.unwrap().text().await.unwrap()
        };
        assert!(page(&app.admin).await.contains("Chưa có hàng và chưa có đợt phát"));
        app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let overview = page(&app.admin).await;
        for shown in ["Nhà văn hóa khu dân cư số 3", "Gạo", "Đang phát", "Đủ cho phiếu chưa nhận: 3"] {
            assert!(overview.contains(shown), "{shown} in {overview}");
        }
        assert!(!overview.contains("style=") && !overview.contains("<script>"), "the policy allows nothing inline");
        assert!(page(&app.login("tinh.nguyen", Role::Volunteer).await).await.contains("Tình nguyện viên"));
        let stranger = app.client.get(format!("{}/", app.base)).send().await.unwrap();
        assert_eq!((stranger.status(), &stranger.headers()["location"]), (StatusCode::SEE_OTHER, &"/login".parse().unwrap()));
    }
}
