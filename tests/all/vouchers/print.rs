use std::process::Command;

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::fields;
use crate::on_both;
use crate::support::{TestApp, text};

/// The output of a reader program, or nothing where it is not installed.
fn read_with(app: &TestApp, program: &str, args: &[&str], file: &str, bytes: &[u8]) -> Option<String> {
    let path = app.dir.join(file);
    std::fs::write(&path, bytes).unwrap();
    let args = args.iter().map(|arg| if *arg == "FILE" { path.to_str().unwrap() } else { arg });
    match Command::new(program).args(args).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("SKIPPED: {program} is not installed");
            None
        }
    }
}

async fn pdf(app: &TestApp, round: &str, query: &str) -> (String, Vec<u8>) {
    let path = format!("/api/v1/rounds/{round}/vouchers.pdf?{query}");
    let response = app.request(Method::GET, &path, &app.admin).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    (name, response.bytes().await.unwrap().to_vec())
}

on_both! {
    async fn a_vouchers_picture_is_read_by_an_independent_reader(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let voucher = app.vouchers(&round).await[0].clone();
        let path = format!("/api/v1/vouchers/{}", text(&voucher, "id"));
        let svg = app.request(Method::GET, &format!("{path}/qr.svg"), &app.admin).send().await.unwrap();
        assert_eq!(svg.headers()["content-type"], "image/svg+xml; charset=utf-8");
        assert!(svg.text().await.unwrap().contains("<path"));
        let png = app.request(Method::GET, &format!("{path}/qr.png?scale=4"), &app.admin).send().await.unwrap();
        let png = png.bytes().await.unwrap();
        if let Some(read) = read_with(&app, "zbarimg", &["--raw", "-q", "FILE"], "qr.png", &png) {
            assert_eq!(read.trim(), text(&voucher, "code"));
        }
        let too_large = app.send(Method::GET, &format!("{path}/qr.png?scale=51"), &json!(null)).await;
        assert_eq!(fields(&too_large), [("scale".to_owned(), "out_of_range".to_owned())]);
    }

    async fn sheets_hold_every_issued_voucher_and_none_that_is_void(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 20).await;
        let slots = json!({ "slot_minutes": 60, "slot_capacity": 5, "point_ids": [market.points[0]] });
        let round = app.round(&market, slots).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let vouchers = app.vouchers(&round).await;
        let path = format!("/api/v1/vouchers/{}/void", text(&vouchers[0], "id"));
        app.create(&path, json!({ "reason": "Đã chuyển đi" })).await;
        for layout in ["eight", "one", "card"] {
            let (name, bytes) = pdf(&app, &round, &format!("layout={layout}")).await;
            assert!(name.contains("phieu-dot-1"), "{name}");
            let Some(page) = read_with(&app, "pdftotext", &["FILE", "-"], "sheet.pdf", &bytes) else { return };
            for voucher in &vouchers[1..] {
                assert!(page.contains(&text(voucher, "typed_code")), "{layout}");
            }
            assert!(!page.contains(&text(&vouchers[0], "typed_code")), "{layout}");
            let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
            for printed in ["Nguyễn Thị Ấn 20", "20 Trần Cao Vân", "Thứ Năm 05/08/2021", "07:00 – 08:00", "10 kg gạo"] {
                assert!(flat.contains(printed), "{layout}: {printed} in {flat}");
            }
        }
    }

    async fn the_roster_of_a_point_lists_its_households_with_typed_codes(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 3).await;
        app.households(&market.areas[1], 2).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let path = format!("/api/v1/rounds/{round}/vouchers.pdf?layout=roster");
        let no_point = app.send(Method::GET, &path, &json!(null)).await;
        assert_eq!(fields(&no_point), [("point_id".to_owned(), "required".to_owned())]);
        let (name, bytes) = pdf(&app, &round, &format!("layout=roster&point_id={}", market.points[1])).await;
        assert!(name.contains("danh-sach-ky-nhan-dot-1"), "{name}");
        let Some(page) = read_with(&app, "pdftotext", &["-layout", "FILE", "-"], "roster.pdf", &bytes) else { return };
        assert!(page.contains("DANH SÁCH KÝ NHẬN") && page.contains("Nhà văn hóa 2"), "{page}");
        for voucher in app.vouchers(&round).await {
            let listed = page.contains(&text(&voucher, "typed_code"));
            assert_eq!(listed, voucher["point_id"] == market.points[1]);
        }
        assert!(page.contains("457.048"), "2 × 228.524 đ: {page}");
    }

    async fn printing_is_logged_and_needs_the_right_to_see_vouchers(app: TestApp) {
        let market = app.market(None).await;
        let round = app.round(&market, json!({})).await;
        pdf(&app, &round, "").await;
        let mut conn = app.core.db.read().await.unwrap();
        let (count,): (i64,) =
            conn.sql("select count(*) from audit_entries where action = 'print' and record_kind = 'round'").one().await.unwrap();
        assert_eq!(count, 1);
        let verifier = app.login("truongban", Role::Verifier).await;
        let path = format!("/api/v1/rounds/{round}/vouchers.pdf");
        assert_eq!(app.send_as(&verifier, Method::GET, &path, &json!(null)).await.0, StatusCode::FORBIDDEN);
        let wrong = app.send(Method::GET, &format!("{path}?layout=nine"), &json!(null)).await;
        assert_eq!(fields(&wrong), [("layout".to_owned(), "unknown".to_owned())]);
    }
}
