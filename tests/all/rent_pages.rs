//! The pages of rent reductions: the public form with its private link.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::landlords::{REDUCTIONS, waived};
use crate::on_both;
use crate::support::{TestApp, text};

const FORM: &str = "/giam-tien-tro";

/// A page that came back: its status, where it leads, its text.
pub struct AnyonesPage {
    pub status: StatusCode,
    pub to: Option<String>,
    pub body: String,
}

impl AnyonesPage {
    async fn of(response: reqwest::Response) -> Self {
        let status = response.status();
        let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        Self { status, to, body: response.text().await.unwrap() }
    }

    /// The value of a field of the page.
    pub fn value(&self, name: &str) -> String {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name}"));
        let (_, rest) = rest.split_once("value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }
}

impl TestApp {
    /// A page as somebody without a login sees it.
    pub async fn anyones_page(&self, path: &str) -> AnyonesPage {
        let request = self.client.get(format!("{}{path}", self.base)).header("accept", "text/html");
        AnyonesPage::of(request.send().await.unwrap()).await
    }

    /// A form as somebody without a login sends it.
    pub async fn anyones_form(&self, path: &str, fields: &[(&str, &str)]) -> AnyonesPage {
        let request = self.client.post(format!("{}{path}", self.base)).header("accept", "text/html").form(fields);
        AnyonesPage::of(request.send().await.unwrap()).await
    }

    /// The once of a form that a person has had open for a minute.
    async fn opened_form(&self) -> String {
        let once = self.anyones_page(FORM).await.value("once");
        self.clock.set(self.clock.now().plus_secs(60));
        once
    }
}

const LANDLORD: [(&str, &str); 3] =
    [("landlord.name", "Mai Mỹ Trâm"), ("landlord.phone", "0905 420 430"), ("landlord.address", "K101/41 Phù Đổng")];
const SEVEN_HALVED: [(&str, &str); 6] = [
    ("all.count", "7"),
    ("all.rent", "1.000.000"),
    ("all.kind", "percent"),
    ("all.percent", "50"),
    ("all.from", "2021-07"),
    ("all.to", "9/2021"),
];

/// Two rooms, one of them waived.
const TWO_ROWS: [(&str, &str); 10] = [
    ("rooms[0].room", "Phòng 1"),
    ("rooms[0].rent", "1.400.000"),
    ("rooms[0].kind", "percent"),
    ("rooms[0].percent", "50"),
    ("rooms[0].from", "2021-07"),
    ("rooms[0].to", "2021-09"),
    ("rooms[1].room", "Phòng 2"),
    ("rooms[1].rent", "1.000.000"),
    ("rooms[1].kind", "waiver"),
    ("rooms[1].from", "2021-07"),
];

/// The last page's fields.
fn last_page<'a>(once: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("at", "check"), ("to", "send"), ("once", once)], &LANDLORD[..], &TWO_ROWS[..], more].concat()
}

on_both! {
    async fn one_setting_for_all_rooms_becomes_a_grid_with_its_total(app: TestApp) {
        let page = app.anyones_form(FORM, &[&[("at", "who"), ("to", "next")], &LANDLORD[..]].concat()).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("name=\"all.count\"") && page.value("landlord.phone") == "0905 420 430");
        let page = app.anyones_form(FORM, &[&[("at", "rooms"), ("to", "next")], &LANDLORD[..], &SEVEN_HALVED[..]].concat()).await;
        assert!(page.body.contains("10.500.000 đ"), "7 rooms × 3 months × 500.000");
        assert_eq!(page.value("rooms[6].room"), "Phòng 7");
        assert!(!page.body.contains("checked"), "nobody's agreement is taken for granted");
    }

    async fn wrong_input_comes_back_beside_its_field_with_what_was_typed(app: TestApp) {
        let page = app.anyones_form(FORM, &[("at", "who"), ("landlord.name", "M"), ("landlord.phone", "123")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.value("landlord.phone"), "123");
        assert!(page.body.contains("href=\"#landlord.name\"") && page.body.contains("id=\"landlord.phone-error\""));
        let mut fields = [&[("at", "rooms")], &LANDLORD[..], &SEVEN_HALVED[..]].concat();
        fields.retain(|(name, _)| *name != "all.percent");
        let page = app.anyones_form(FORM, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.body.matches("href=\"#all.percent\"").count(), 1, "said once, not for each room");
        let fields = [&[("at", "rooms"), ("all.names", "101, 102")], &SEVEN_HALVED[..]].concat();
        assert!(app.anyones_form(FORM, &fields).await.body.contains("href=\"#all.names\""));
        let page = app.anyones_form(FORM, &last_page(&app.opened_form().await, &[])).await;
        assert!(page.body.contains("href=\"#consent\""));
        assert!(app.get(REDUCTIONS).await["items"].as_array().unwrap().is_empty());
    }

    async fn a_sent_form_leads_to_the_private_link_once(app: TestApp) {
        let once = app.opened_form().await;
        let sent = app.anyones_form(FORM, &last_page(&once, &[("consent", "yes"), ("note", "hết dịch")])).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let again = app.anyones_form(FORM, &last_page(&once, &[("consent", "yes"), ("note", "hết dịch")])).await;
        assert_eq!(again.to, sent.to, "pressed twice, stored once");
        let listed = app.get(REDUCTIONS).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(listed["items"][0]["amount"], 3_100_000);
        let own = app.anyones_page(&sent.to.unwrap()).await;
        assert!(own.body.contains(listed["items"][0]["reference"].as_str().unwrap()));
        assert!(own.body.contains("3.100.000 đ") && own.body.contains("<svg class=\"qr\""));
        for personal in ["Mai Mỹ Trâm", "Phù Đổng"] {
            assert!(!own.body.contains(personal), "the link may lie on a table: {personal}");
        }
        assert_eq!(app.anyones_page(&format!("{FORM}/no-such-secret")).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_pledge_tells_nothing_of_the_landlords_earlier_one(app: TestApp) {
        app.pledged(None, &[json!({ "room": "Phòng trệt", "month": "2021-06", "rent": 1_000_000, "kind": "waiver" })]).await;
        let mut fields = last_page("", &[("consent", "yes")]);
        let once = app.opened_form().await;
        fields.retain(|(name, _)| !matches!(*name, "landlord.address" | "once"));
        fields.push(("once", &once));
        let sent = app.anyones_form(FORM, &fields).await;
        let own = app.anyones_page(&sent.to.unwrap()).await;
        assert!(!own.body.contains("Phòng trệt") && !own.body.contains("6/2021") && !own.body.contains("Phù Đổng"));
        let listed = app.get(REDUCTIONS).await;
        assert_eq!(listed["items"][0]["landlord"]["id"], listed["items"][1]["landlord"]["id"], "staff see one landlord");
    }

    async fn robots_are_asked_again_and_people_only_press_once_more(app: TestApp) {
        let once = app.anyones_page(FORM).await.value("once");
        let hasty = app.anyones_form(FORM, &last_page(&once, &[("consent", "yes")])).await;
        assert_eq!(hasty.status, StatusCode::CONFLICT);
        app.clock.set(app.clock.now().plus_secs(5));
        let robot = app.anyones_form(FORM, &last_page(&once, &[("consent", "yes"), ("website", "https://example.com")])).await;
        assert_eq!(robot.status, StatusCode::CONFLICT);
        assert!(!robot.body.contains("example.com"), "a browser that filled it in for a person is forgiven");
        assert!(app.get(REDUCTIONS).await["items"].as_array().unwrap().is_empty());
        assert_eq!(app.anyones_form(FORM, &last_page(&once, &[("consent", "yes")])).await.status, StatusCode::SEE_OTHER);
    }

    async fn the_private_link_corrects_and_withdraws_until_it_is_verified(app: TestApp) {
        let sent = app.anyones_form(FORM, &last_page(&app.opened_form().await, &[("consent", "yes")])).await.to.unwrap();
        let link = sent.split('?').next().unwrap();
        let page = app.anyones_page(&format!("{link}/correct")).await;
        assert_eq!((page.value("rooms[0].from"), page.value("rooms[0].to")), ("2021-07".into(), "2021-09".into()));
        let correct = format!("{link}/correct");
        let mut fields = TWO_ROWS.to_vec();
        fields[1].1 = "0";
        let wrong = app.anyones_form(&correct, &fields).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("href=\"#rooms[0].rent\""));
        fields[1].1 = "1.000.000";
        fields.push(("rooms[1].drop", "yes"));
        assert_eq!(app.anyones_form(&correct, &fields).await.status, StatusCode::SEE_OTHER);
        let listed = app.get(REDUCTIONS).await;
        assert_eq!((&listed["items"][0]["amount"], &listed["items"][0]["rooms"]), (&json!(1_500_000), &json!(1)));
        let id = listed["items"][0]["id"].as_str().unwrap();
        assert_eq!(app.step(id, "verify", json!({})).await.0, StatusCode::OK);
        assert_eq!(app.anyones_page(&correct).await.status, StatusCode::SEE_OTHER, "led to the pledge");
        assert_eq!(app.anyones_form(&correct, &fields).await.status, StatusCode::CONFLICT);
        assert_eq!(app.anyones_form(&format!("{link}/withdraw"), &[]).await.status, StatusCode::CONFLICT);
    }

    async fn a_withdrawn_pledge_is_neither_verified_nor_rejected(app: TestApp) {
        let sent = app.anyones_form(FORM, &last_page(&app.opened_form().await, &[("consent", "yes")])).await.to.unwrap();
        let link = sent.split('?').next().unwrap();
        assert!(app.anyones_page(&format!("{link}/withdraw")).await.body.contains("button danger"));
        assert_eq!(app.anyones_form(&format!("{link}/withdraw"), &[]).await.status, StatusCode::SEE_OTHER);
        let listed = app.get(&format!("{REDUCTIONS}?status=withdrawn")).await;
        let id = listed["items"][0]["id"].as_str().unwrap();
        assert_eq!(app.step(id, "verify", json!({})).await.0, StatusCode::CONFLICT);
        let summary = app.get("/api/v1/reports/summary").await;
        assert_eq!(summary["rent"]["by_status"]["withdrawn"]["amount"], 3_100_000);
        assert_eq!(summary["rent"]["by_status"]["rejected"]["amount"], 0);
    }

    async fn a_head_verifies_corrects_and_rejects_from_a_queue_of_the_own_area(app: TestApp) {
        let ward = app.ward().await;
        let mut areas = Vec::new();
        for name in ["Khu dân cư số 3", "Khu dân cư số 4"] {
            let area = json!({ "name": name, "kind": "neighbourhood", "parent_id": ward });
            areas.push(text(&app.create("/api/v1/areas", area).await, "id"));
        }
        let head = app.login_within("kdc3", Role::Verifier, Some(areas[0].parse().unwrap()), &[]).await;
        let own = app.pledged(Some(&areas[0]), &[waived("1", "2021-07"), waived("2", "2021-07")]).await;
        let again = app.pledged(Some(&areas[0]), &[waived("2", "2021-07")]).await;
        let others = app.pledged(Some(&areas[1]), &[waived("9", "2021-07")]).await;
        let (_, queue) = app.page_as(&head, "/rent/queue").await;
        assert!(queue.contains(&format!("/rent/{own}/verify")) && !queue.contains(&others), "the own area only");
        assert!(queue.contains("2.000.000 đ") && queue.contains("1, 2"), "what was pledged");
        assert!(queue.contains("Trùng phòng và tháng"), "the second pledge is told beside the first");
        assert!(!queue.contains("0905420430"), "phones are masked");
        let (status, to, _) = app.submit(&format!("/rent/{own}/verify"), &[("back", "/rent/queue")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/rent/queue?done=verified"));
        let (status, _, html) = app.submit(&format!("/rent/{again}/verify"), &[]).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(html.contains("2 tháng 7/2021"), "which room and month is counted already");
        let (status, _, html) = app.submit(&format!("/rent/{again}/reject"), &[("reason", "")]).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("href=\"#reason\""));
        let (status, ..) = app.submit(&format!("/rent/{again}/reject"), &[("reason", "trùng phòng 2")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let html = app.page(&format!("/rent/{again}")).await;
        assert!(html.contains("Từ chối: trùng phòng 2") || html.contains("Đã từ chối"), "{html}");
        assert!(app.page_as(&head, &format!("/rent/{others}")).await.0 == StatusCode::NOT_FOUND);
    }

    async fn what_was_really_given_is_confirmed_month_by_month_beside_the_pledge(app: TestApp) {
        let id = app.pledged(None, &[waived("1", "2021-07"), waived("1", "2021-08")]).await;
        app.step(&id, "verify", json!({})).await;
        let page = app.page(&format!("/rent/{id}/confirm")).await;
        assert!(page.contains("7/2021") && page.contains("name=\"lines[1].amount\" value=\"1.000.000\""), "{page}");
        let path = format!("/rent/{id}/confirm");
        let (status, _, html) = app.submit(&path, &[("lines[0].amount", "1.000.000"), ("lines[1].amount", "9.000.000")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("href=\"#lines[1].amount\"") && html.contains("value=\"9.000.000\""), "{html}");
        let (status, ..) = app.submit(&path, &[("lines[0].amount", "1.000.000"), ("lines[1].amount", "400.000")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let list = app.page("/rent?status=confirmed").await;
        assert!(list.contains("2.000.000 đ") && list.contains("1.400.000 đ"), "pledged and confirmed stay apart");
        app.ward().await;
        let letter = app.page(&format!("/rent/{id}/letter")).await;
        assert!(letter.contains("Một triệu bốn trăm nghìn đồng") && letter.contains("ỦY BAN MTTQ VIỆT NAM PHƯỜNG "), "{letter}");
    }

    async fn a_correction_by_the_head_needs_a_reason_and_is_told_in_the_history(app: TestApp) {
        let id = app.pledged(None, &[waived("1", "2021-07")]).await;
        let path = format!("/rent/{id}/edit");
        assert!(app.page(&path).await.contains("0905420430"));
        let mut fields = vec![
            ("rooms[0].room", "1"), ("rooms[0].rent", "900.000"), ("rooms[0].kind", "percent"),
            ("rooms[0].percent", "33,33"), ("rooms[0].from", "2021-08"), ("rooms[0].to", "2021-08"),
            ("landlord.name", "Mai Mỹ Trâm"), ("was.name", "Mai Mỹ Trâm"), ("reason", ""),
        ];
        let (status, _, html) = app.submit(&path, &fields).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("value=\"33,33\""), "{html}");
        fields.last_mut().unwrap().1 = "báo nhầm tháng";
        assert_eq!(app.submit(&path, &fields).await.0, StatusCode::SEE_OTHER);
        let html = app.page(&format!("/rent/{id}")).await;
        assert!(html.contains("Sửa: báo nhầm tháng") && html.contains("299.970 đ"), "{html}");
    }

    async fn the_table_finds_landlords_without_marks_and_keeps_numbers_out_of_the_address(app: TestApp) {
        app.pledged(None, &[waived("1", "2021-07")]).await;
        assert!(app.page("/rent?q=mai+tram&month=2021-07").await.contains("Mai Mỹ Trâm"));
        assert!(!app.page("/rent?q=mai+tram&month=2021-09").await.contains("K101/41"));
        let (status, to, _) = app.submit("/rent/find", &[("q", "phu dong"), ("status", "pledged")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/rent?q=phu+dong&status=pledged"));
        assert!(app.page(&to).await.contains("Mai Mỹ Trâm"));
        let (status, _, html) = app.submit("/rent/find", &[("q", "0905 420 430")]).await;
        assert!(status == StatusCode::OK && html.contains("Mai Mỹ Trâm"));
        assert_eq!(app.page_as(&app.admin, "/rent?q=0905420430").await.0, StatusCode::SEE_OTHER);
        let export = app.request(Method::GET, "/rent/export.xlsx?q=mai", &app.admin).send().await.unwrap();
        assert!(export.bytes().await.unwrap().starts_with(b"PK"));
        assert_eq!(app.audited("export").await, 1);
    }

    async fn staff_register_for_a_landlord_on_the_same_pages(app: TestApp) {
        let fields = last_page("staff-1", &[("consent", "yes")]);
        let (status, to, html) = app.submit("/rent/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        let html = app.page(to.split('?').next().unwrap()).await;
        assert!(html.contains("admin") && html.contains("3.100.000 đ"), "who entered it: {html}");
    }
}
