//! Bad input, tried on purpose: each is refused with the field, the reason and the way out, and leaves nothing behind.

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use rust_xlsxwriter::{Formula, Workbook};
use serde_json::{Value, json};

use crate::backup::said;
use crate::on_both;
use crate::support::{TestApp, text};

/// What takes a file, with a header that it understands.
const IMPORTS: [(&str, &str); 3] = [
    ("/api/v1/households/imports", "STT,Họ và tên,CCCD,SĐT,Địa chỉ,Tổ,Số khẩu"),
    ("/api/v1/donations/imports", "STT,Đơn vị cá nhân ủng hộ,Nội dung ủng hộ,Số lượng,ĐVT,Trị giá (đồng),Ngày"),
    (
        "/api/v1/rent-reductions/imports",
        "STT,Chủ nhà trọ,Điện thoại,Địa chỉ,KDC,Số phòng,Giá thuê,Mức giảm,Từ tháng,Đến tháng,Tổng tiền giảm",
    ),
];

impl TestApp {
    /// Sends a file; status and answer.
    async fn send_file(&self, path: &str, name: &str, bytes: Vec<u8>) -> (StatusCode, Value) {
        let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
        let request = self.request(Method::POST, path, &self.admin).multipart(form);
        let response = request.header("accept-language", "en").send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    /// Nothing was staged, registered or given.
    async fn nothing_is_stored(&self) {
        let mut conn = self.core.db.read().await.unwrap();
        let (count,): (i64,) = conn
            .sql(
                "select (select count(*) from imports) + (select count(*) from households)
                     + (select count(*) from donations) + (select count(*) from rent_reductions)",
            )
            .one()
            .await
            .unwrap();
        assert_eq!(count, 0);
    }

    /// The command line refuses the file in both languages and stores nothing.
    fn cli_refuses(&self, name: &str, bytes: &[u8], vi: &str, en: &str) {
        let path = self.dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        let output = self.program().run(&["import", "households", path.to_str().unwrap(), "--commit"]);
        let told = said(&output);
        assert!(!output.status.success() && told.contains(vi) && told.contains(en), "{told}");
    }
}

/// A sheet with a header, and rows of cells; those that begin with `=` are formulas with the result after `|`.
fn workbook(header: &str, rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, title) in (0_u16..).zip(header.split(',')) {
        sheet.write_string(0, column, title).unwrap();
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells.iter()) {
            match cell.split_once('|').filter(|_| cell.starts_with('=')) {
                Some((formula, result)) => sheet.write_formula(row, column, Formula::new(formula).set_result(result)),
                None => sheet.write_string(row, column, *cell),
            }
            .unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

on_both! {
    async fn a_file_that_is_no_list_is_refused_with_the_way_out(app: TestApp) {
        app.ward().await;
        let locked = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/co-mat-khau.xlsx")).unwrap();
        for (path, header) in IMPORTS {
            let many = format!("{header}\n{}", "1,Trần Thị Hòa,,,12 Phan Nhu,32,4\n".repeat(300_000));
            let cases: [(&str, Vec<u8>, &str); 5] = [
                ("anh.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00".to_vec(), "not_a_workbook"),
                ("khoa.xlsx", locked.clone(), "password"),
                ("rong.xlsx", Vec::new(), "empty"),
                ("khong-dong.csv", format!("{header}\n").into_bytes(), "no_rows"),
                ("qua-dai.csv", many.into_bytes(), "too_many_rows"),
            ];
            for (name, bytes, about) in cases {
                let (status, problem) = app.send_file(path, name, bytes).await;
                let error = &problem["errors"][0];
                assert_eq!((status, &error["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file")), "{path} {name}: {problem}");
                assert!(text(error, "message").len() > 20, "{path} {about}: {problem}");
            }
            let (status, problem) = app.send_file(path, "to.xlsx", vec![b'x'; 100 << 20]).await;
            assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")), "{path}: {problem}");
            let response = app.request(Method::POST, path, &app.admin).json(&json!({})).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        }
        app.cli_refuses("anh.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00", "Excel", "Excel");
        app.cli_refuses("khoa.xlsx", &locked, "mật khẩu", "password");
        app.cli_refuses("dai.csv", format!("{}\n{}", IMPORTS[0].1, "1,A,,,B,1,1\n".repeat(300_000)).as_bytes(), "dòng", "rows");
        app.cli_refuses("to.xlsx", &vec![b'x'; 100 << 20], "25 MB", "25 MB");
        app.nothing_is_stored().await;
    }

    async fn cells_that_cannot_be_what_they_say_are_errors_of_their_row(app: TestApp) {
        app.ward().await;
        let rows: [&[&str]; 5] = [
            &["1", "=UPPER(\"x\")|Lê Thị Công Thức", "", "", "5 Hà Khê", "32", "=1+2|3"],
            &["2", "Tra\u{302}\u{300}n Thi\u{323} Y\u{301} 🌿", "", "0905123458", "6 Hà Khê", "32", "2"],
            &["3", "<script>alert(1)</script>'; drop table households;--", "", "", "7 Hà Khê", "32", "2"],
            &["4", "Ngô Thị Nga", "", "", "8 Hà Khê", "32", "99999999999999999999999"],
            &["5", "Ngô Thị Mai", "99999999999999999999999", "", "9 Hà Khê", "32", "2"],
        ];
        let path = "/api/v1/households/imports";
        let (status, preview) = app.send_file(path, "ds.xlsx", workbook(IMPORTS[0].1, &rows)).await;
        assert_eq!(status, StatusCode::CREATED, "{preview}");
        let found: Vec<(&str, &str)> = preview["rows"].as_array().unwrap().iter().filter(|row| row["status"] != "skipped")
            .map(|row| (row["status"].as_str().unwrap(), row["name"].as_str().unwrap())).collect();
        assert_eq!(found[..3], [
            ("new", "Lê Thị Công Thức"), ("new", "Trần Thị Ý 🌿"), ("new", "<Script>Alert(1)</Script>'; Drop Table Households;--"),
        ], "{preview}");
        assert_eq!((found[3].0, found[4].0), ("error", "error"), "{preview}");
        let (status, counts) = app.send(Method::POST, &format!("{path}/{}/commit", text(&preview, "id")), &json!({})).await;
        assert_eq!((status, &counts["new"]), (StatusCode::OK, &json!(3)));
        assert_eq!(app.found(&[("q", "cong thuc")]).await, ["Lê Thị Công Thức"]);
    }

    async fn days_in_2035_are_refused_in_lists_and_forms(app: TestApp) {
        let ward = app.ward().await;
        let born = "STT,Họ và tên,Ngày sinh,Địa chỉ,Số khẩu\n1,Trần Thị Hòa,01/01/2035,12 Phan Nhu,4\n";
        let (_, preview) = app.send_file(IMPORTS[0].0, "ds.csv", born.into()).await;
        assert_eq!(preview["totals"]["error"], 1, "{preview}");
        let given = format!("{}\n1,Bà Bảy,Gạo,10,kg,100000,01/01/2035\n", IMPORTS[1].1);
        let (_, preview) = app.send_file(IMPORTS[1].0, "uh.csv", given.into()).await;
        assert_eq!(preview["totals"]["error"], 1, "{preview}");
        let cash = json!([{ "kind": "cash", "amount": 1 }]);
        let body = json!({ "donor": { "name": "Bà Bảy", "kind": "person" }, "received_on": "2035-01-01", "lines": cash });
        let (status, problem) = app.send(Method::POST, "/api/v1/donations", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("received_on")), "{problem}");
        let mut body = TestApp::household_body(&ward);
        body["birth_year"] = json!(2035);
        let (status, problem) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("birth_year")));
    }

    async fn numbers_beyond_what_can_be_counted_name_their_field(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let rice = text(&app.create("/api/v1/items", json!({ "name": "Gạo", "unit": "kg", "decimals": 3 })).await, "id");
        let donor = json!({ "name": "Bà Bảy", "kind": "person" });
        for (line, field) in [
            (r#"{"kind":"goods","item_id":"ITEM","quantity":99999999999999999999,"value":1}"#, "lines[0].quantity"),
            (r#"{"kind":"goods","item_id":"ITEM","quantity":9223372036854775807,"value":1}"#, "lines[0].quantity"),
            (r#"{"kind":"cash","amount":9223372036854775807}"#, "lines[0].amount"),
            (r#"{"kind":"cash","amount":-5}"#, "lines[0].amount"),
        ] {
            let line = line.replace("ITEM", &rice);
            let body = format!(
                r#"{{"donor":{donor},"received_on":"2021-08-05","point_id":"{point}","lines":[{line}]}}"#
            );
            let request = app.request(Method::POST, "/api/v1/donations", &app.admin).body(body);
            let response = request.header("content-type", "application/json").send().await.unwrap();
            let status = response.status();
            let problem: Value = response.json().await.unwrap();
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
            let told = text(&problem["errors"][0], "field");
            assert!(told == field || told == "lines[0]", "{field}: {problem}");
        }
        app.nothing_is_stored().await;
    }

    async fn null_is_a_field_left_out(app: TestApp) {
        let ward = app.ward().await;
        app.create("/api/v1/items", json!({ "name": "Gạo", "unit": "kg", "decimals": 3, "perishable": null, "low_stock": null })).await;
        let donor = json!({ "name": "Bà Bảy", "kind": "person", "anonymous": null });
        app.create("/api/v1/donations", json!({ "campaign_id": null, "donor": donor, "received_on": "2021-08-05", "point_id": null,
            "condition": null, "lines": [{ "kind": "cash", "amount": 5 }] })).await;
        app.create("/api/v1/areas", json!({ "name": "KDC 1", "kind": "neighbourhood", "parent_id": ward, "code": null })).await;
        let (status, problem) = app.send(Method::POST, "/api/v1/areas", &json!({ "name": null, "kind": "ward" })).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("name")));
        let (status, problem) = app.send(Method::GET, "/api/v1/reports/summary?from=2021-08-05T10:00&to=2021-08-06", &Value::Null).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("from")), "{problem}");
    }

    async fn a_name_with_nothing_to_see_in_it_is_refused(app: TestApp) {
        let ward = app.ward().await;
        let point = app.warehouse(&ward, "Kho").await;
        let nothing = "\u{19}\u{200b} \u{ad}";
        for (method, path, body) in [
            (Method::POST, "/api/v1/areas".to_owned(), json!({ "name": nothing, "kind": "neighbourhood", "parent_id": ward })),
            (Method::PATCH, format!("/api/v1/areas/{ward}"), json!({ "name": nothing })),
            (Method::PATCH, format!("/api/v1/points/{point}"), json!({ "name": nothing })),
            (Method::POST, "/api/v1/devices".to_owned(), json!({ "name": nothing, "point_ids": [point] })),
        ] {
            let (status, problem) = app.send(method, &path, &body).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("name")), "{path}: {problem}");
        }
        let seen = app.send(Method::PATCH, &format!("/api/v1/points/{point}"), &json!({ "name": " Kho\u{200b} \u{7}lớn " })).await;
        assert_eq!((seen.0, &seen.1["name"]), (StatusCode::OK, &json!("Kho lớn")));
    }

    async fn a_share_that_there_cannot_be_is_refused_whatever_the_kind_of_cut(app: TestApp) {
        let landlord = json!({ "name": "Mai Mỹ Trâm", "phone": "0905 420 430" });
        let room = |percent: f64| json!({ "room": "1", "month": "2021-07", "rent": 1_400_000, "kind": "amount", "amount": 200_000,
            "percent": percent });
        let pledge = |percent: f64| json!({ "landlord": landlord, "rooms": [room(percent)] });
        for percent in [-0.99, 0.0, 100.01] {
            let (status, problem) = app.send(Method::POST, "/api/v1/rent-reductions", &pledge(percent)).await;
            let field = &problem["errors"][0]["field"];
            assert_eq!((status, field), (StatusCode::UNPROCESSABLE_ENTITY, &json!("rooms[0].percent")), "{percent}: {problem}");
        }
        assert_eq!(app.send(Method::POST, "/api/v1/rent-reductions", &pledge(50.0)).await.0, StatusCode::CREATED);
    }

    async fn a_change_that_says_nothing_is_refused(app: TestApp) {
        let ward = app.ward().await;
        let path = format!("/api/v1/areas/{ward}");
        let before = app.get(&path).await;
        for (method, path) in [(Method::PATCH, path.as_str()), (Method::PUT, "/api/v1/public/settings")] {
            let request = app.request(method, path, &app.admin).header("accept-language", "en");
            let response = request.send().await.unwrap();
            let (status, problem): (_, Value) = (response.status(), response.json().await.unwrap());
            assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("required")), "{path}");
            assert!(text(&problem["errors"][0], "message").contains("send what is to change"), "{problem}");
        }
        assert_eq!(app.get(&path).await, before);
        // An empty change is one, and a step whose fields may all be left out needs no body.
        assert_eq!(app.send(Method::PATCH, &path, &json!({})).await.0, StatusCode::OK);
    }

    async fn equal_lists_committed_at_once_are_stored_once(app: TestApp) {
        let ward = app.ward().await;
        app.warehouse(&ward, "Kho").await;
        let people = format!("{}\n1,Trần Thị Hòa,,0905123456,12 Phan Nhu,32,4\n2,Lê Văn Phúc,,0905123457,5 Hà Khê,32,2\n", IMPORTS[0].1);
        let gifts = format!("{}\n1,Bà Bảy,Gạo,10,kg,100000,01/08/2021\n2,Ông Tám,Gạo,\"2,5\",tấn,,02/08/2021\n", IMPORTS[1].1);
        for (path, list, stored) in [(IMPORTS[0].0, people, "/api/v1/households"), (IMPORTS[1].0, gifts, "/api/v1/donations")] {
            let (_, one) = app.send_file(path, "a.csv", list.clone().into()).await;
            let (_, two) = app.send_file(path, "b.csv", list.clone().into()).await;
            assert_eq!((&one["totals"]["new"], &two["totals"]["new"]), (&json!(2), &json!(2)), "{one}");
            let commit = async |preview: &Value| {
                app.send(Method::POST, &format!("{path}/{}/commit", text(preview, "id")), &json!({})).await
            };
            let (a, b) = tokio::join!(commit(&one), commit(&two));
            assert!(a.0.is_success() && b.0.is_success(), "{} {}", a.1, b.1);
            assert_eq!(app.get(stored).await["items"].as_array().unwrap().len(), 2, "{path}: {} {}", a.1, b.1);
            let (_, third) = app.send_file(path, "c.csv", list.into()).await;
            assert_eq!((&third["totals"]["new"], &third["totals"]["duplicate"]), (&json!(0), &json!(2)), "{third}");
            assert!(third["rows"].as_array().unwrap().iter().filter(|row| row["status"] == "duplicate").all(|row| row["duplicate_of"].is_string()));
        }
        app.assert_ledger_agrees().await;
    }
}
