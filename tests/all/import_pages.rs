//! The pages of imported lists, as a clerk uses them.

use calamine::Reader as _;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::{TestApp, text};

const HEADER: &str = "STT,Họ và tên,CCCD,SĐT,Địa chỉ,Tổ,Số khẩu\n";
const LIST: &str = "STT,Họ và tên,CCCD,SĐT,Địa chỉ,Tổ,Số khẩu\n1,Trần Thị Hòa,048172001234,0905123456,12 Phan Nhu,32,4\n\
    2,TRẦN THỊ HOÀ,048172001234,,12 Phan Nhu,32,4\n3,Lê Văn Phúc,,0905123457,5 Hà Khê,99,2\n4,Ngô <b>Thị Nga,,123,6 Hà Khê,32,45\n";

impl TestApp {
    /// Drops a file on the page: status, where it leads, and the HTML.
    async fn drop_file(&self, bytes: impl Into<Vec<u8>>) -> (StatusCode, String, String) {
        let part = Part::bytes(bytes.into()).file_name("ds.csv");
        let form = Form::new().text("once", "").text("progress", "").text("area_id", "").part("file", part);
        let request = self.request(Method::POST, "/households/imports", &self.admin).header("accept", "text/html");
        let response = request.multipart(form).send().await.unwrap();
        let to = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        (response.status(), to, response.text().await.unwrap())
    }

    /// A list that must be read: the path of its page.
    async fn dropped(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (status, to, html) = self.drop_file(bytes).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        to
    }

    async fn count_households(&self) -> i64 {
        let mut conn = self.core.db.read().await.unwrap();
        let (count,): (i64,) = conn.sql("select count(*) from households").one().await.unwrap();
        count
    }
}

on_both! {
    async fn a_list_is_mended_decided_stored_and_taken_back_by_pages(app: TestApp) {
        app.ward().await;
        let list = app.dropped(LIST).await;
        let preview = app.page(&list).await;
        assert!(preview.contains("name=\"fix[1:5].phone\" value=\"123\"") && preview.contains("fix[1:5].members"), "{preview}");
        assert!(preview.contains("Ngô &#60;b&#62;") && !preview.contains("<b>Thị"), "{preview}");
        assert!(!app.page(&format!("{list}?status=new")).await.contains("0905123456"), "phones are masked");
        let rows = format!("{list}/rows");
        let mended = [("status", "error"), ("fix[1:5].phone", "12345"), ("fix[1:5].members", "")];
        assert_eq!(app.submit(&rows, &mended).await.0, StatusCode::SEE_OTHER);
        let again = app.page(&list).await;
        assert!(again.contains("value=\"12345\"") && !again.contains("fix[1:5].members"), "still wrong, as typed: {again}");
        assert_eq!(app.submit(&rows, &[("fix[1:5].phone", "0905 123 458")]).await.0, StatusCode::SEE_OTHER);
        let new = app.page(&format!("{list}?status=new")).await;
        assert!(new.contains("(đã sửa)") && new.contains("Ghi vào sổ (3)"), "{new}");
        let (status, to, _) = app.submit(&rows, &[("status", "new"), ("decide[1:4]", "skip")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?status=new&done=saved")));
        assert!(app.page(&list).await.contains("Ghi vào sổ (2)"));
        let (status, to, html) = app.submit(&format!("{list}/commit"), &[("once", "x"), ("consent", "yes")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?done=imported")), "{html}");
        let done = app.page(&format!("{list}?done=imported")).await;
        assert!(done.contains("Đã ghi danh sách vào sổ") && done.contains("Hoàn tác cả danh sách"), "{done}");
        let id = list.rsplit('/').next().unwrap();
        let stored = app.page(&format!("/households?import_id={id}")).await;
        assert!(stored.contains("2 hộ") && stored.contains("Trần Thị Hòa") && stored.contains("Ngô &#60;b&#62;"), "{stored}");
        assert!(app.page(&format!("{list}/undo")).await.contains("Hoàn tác cả danh sách này?"));
        let (status, to, html) = app.submit(&format!("{list}/undo"), &[("once", "")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?done=undone")), "{html}");
        assert_eq!(app.count_households().await, 0);
        assert!(app.page("/households/imports").await.contains("Đã hoàn tác"));
        let (status, _, _) = app.submit(&format!("{list}/commit"), &[("once", "y")]).await;
        assert_eq!(status, StatusCode::CONFLICT, "what was taken back is not stored again");
        let again = app.dropped(LIST).await;
        assert!(!app.page(&again).await.contains("Tệp này đã được ghi"), "a list that was taken back may come again");
    }

    async fn columns_are_chosen_by_hand_and_the_file_is_read_again(app: TestApp) {
        app.ward().await;
        let list = app.dropped("STT,Họ và tên,Cột lạ,Địa chỉ\n1,Trần Thị Hòa,0905123456,12 Phan Nhu\n2,Lê Văn Phúc,0905123457,5 Hà Khê\n").await;
        let page = app.page(&list).await;
        assert!(page.contains("Cột không dùng đến: Cột lạ"), "{page}");
        let columns = format!("{list}/columns");
        let mut fields = vec![("sheets[0].header_row", "1"), ("sheets[0].columns.head_name", "1"), ("sheets[0].columns.address", "3")];
        fields.push(("sheets[0].columns.phone", "2"));
        let (status, to, html) = app.submit(&columns, &fields).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?done=reread")), "{html}");
        let page = app.page(&list).await;
        assert!(page.contains("••• 456") || page.contains("• 456"), "the phone is read now: {page}");
        fields[1].1 = "";
        let (status, _, html) = app.submit(&columns, &fields).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("<details class=\"columns\" id=\"columns\" open>"), "{html}");
        assert!(app.page(&list).await.contains("Ghi vào sổ (2)"), "a choice that finds no names changes nothing");
    }

    async fn duplicates_are_decided_in_one_go(app: TestApp) {
        let ward = app.ward().await;
        app.household(&ward, json!({ "head_name": "Lê Văn Phúc", "phone": "0905123457", "citizen_id": null, "birth_year": 1970, "address": "x" })).await;
        app.household(&ward, json!({ "head_name": "Trần Thị Hòa", "birth_year": 1972 })).await;
        let list = app.dropped(format!("{HEADER}1,Lê Văn Phúc,,0905123457,5 Hà Khê,,2\n2,Hòa Trần,048172001234,,7 Hà Khê,,2\n")).await;
        let (status, to, _) = app.submit(&format!("{list}/decide"), &[("status", "duplicate"), ("decision", "new")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?status=duplicate&done=decided_some")), "a known id number can't be new");
        assert!(app.page(&list).await.contains("Ghi vào sổ (1)"));
        assert_eq!(app.submit(&format!("{list}/commit"), &[("once", "x")]).await.0, StatusCode::SEE_OTHER);
        assert_eq!(app.count_households().await, 3);
        assert!(app.page("/households/duplicates").await.contains("Lê Văn Phúc"));
    }

    async fn a_list_whose_households_are_in_use_is_not_taken_back(app: TestApp) {
        let ward = app.ward().await;
        let known = app.household(&ward, json!({ "head_name": "Ngô Thị Nga", "phone": "0905123458", "citizen_id": null, "birth_year": null, "address": "x" })).await;
        let list = app.dropped(format!("{HEADER}1,Trần Thị Hòa,048172001234,0905123456,12 Phan Nhu,,4\n2,Ngô Thị Nga,048172001299,0905123458,x,,4\n")).await;
        assert_eq!(app.submit(&format!("{list}/commit"), &[("once", "x")]).await.0, StatusCode::SEE_OTHER);
        let found = app.get("/api/v1/households?q=hoa").await;
        let id = text(&found["items"][0], "id");
        app.clock.set(app.clock.now().plus_secs(60));
        let (status, _) = app.send(Method::PATCH, &format!("/api/v1/households/{id}"), &json!({ "members": 5 })).await;
        assert_eq!(status, StatusCode::OK);
        let ask = app.page(&format!("{list}/undo")).await;
        assert!(ask.contains("Không hoàn tác được") && ask.contains(&id) && ask.contains("Đã thay đổi sau khi ghi"), "{ask}");
        let (status, _, html) = app.submit(&format!("{list}/undo"), &[]).await;
        assert!(status == StatusCode::CONFLICT && html.contains("1 hộ đã được sửa"), "{html}");
        assert_eq!(text(&app.get(&format!("/api/v1/households/{known}")).await, "citizen_id"), "048172001299");
        assert_eq!(app.count_households().await, 2);
    }

    async fn taking_a_list_back_takes_what_it_told_of_others(app: TestApp) {
        let ward = app.ward().await;
        let known = app.household(&ward, json!({ "head_name": "Ngô Thị Nga", "phone": "0905123458", "citizen_id": null, "birth_year": null, "address": "x" })).await;
        let list = app.dropped(format!("{HEADER}1,Ngô Thị Nga,048172001299,0905123458,x,,4\n")).await;
        assert!(app.page(&list).await.contains("Bổ sung vào hộ đã có"));
        assert_eq!(app.submit(&format!("{list}/commit"), &[("once", "x")]).await.0, StatusCode::SEE_OTHER);
        let path = list.replacen("/households", "/api/v1/households", 1);
        let undone = app.create(&format!("{path}/undo"), json!({})).await;
        assert_eq!(undone, json!({ "removed": 0, "emptied": 1 }));
        let after = app.get(&format!("/api/v1/households/{known}")).await;
        assert_eq!((&after["citizen_id"], &after["phone"]), (&json!(null), &json!("0905123458")));
        let (status, problem) = app.send(Method::POST, &format!("{path}/undo"), &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_undone")));
    }

    async fn what_is_no_list_is_told_on_the_page_beside_the_field(app: TestApp) {
        app.ward().await;
        let locked = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/co-mat-khau.xlsx")).unwrap();
        let long = format!("{HEADER}{}", "1,A,,,,,1\n".repeat(300_000)).into_bytes();
        let files: [(Vec<u8>, StatusCode, &str); 7] = [
            (b"\x00\x01\x02 no workbook".to_vec(), StatusCode::UNPROCESSABLE_ENTITY, "file-error"),
            (Vec::new(), StatusCode::UNPROCESSABLE_ENTITY, "file-error"),
            (locked, StatusCode::UNPROCESSABLE_ENTITY, "mật khẩu"),
            (HEADER.into(), StatusCode::UNPROCESSABLE_ENTITY, "Tệp không có hộ nào"),
            ("a,b,c\n1,2,3\n4,5,6\n".into(), StatusCode::UNPROCESSABLE_ENTITY, "Không tìm thấy dòng tiêu đề"),
            (long, StatusCode::UNPROCESSABLE_ENTITY, "file-error"),
            (vec![b'x'; 30 << 20], StatusCode::PAYLOAD_TOO_LARGE, "Tệp lớn quá 25 MB"),
        ];
        for (at, (bytes, status, told)) in files.into_iter().enumerate() {
            let (answered, _, html) = app.drop_file(bytes).await;
            assert_eq!(answered, status, "file {at}: {html}");
            assert!(html.contains(told) && html.contains("type=\"file\""), "file {at}: {html}");
        }
        let request = app.request(Method::POST, "/households/imports", &app.admin).form(&[("once", "")]);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let mut conn = app.core.db.read().await.unwrap();
        let (count,): (i64,) = conn.sql("select count(*) from imports").one().await.unwrap();
        assert_eq!(count, 0, "nothing is half-stored");
    }

    async fn the_wards_own_list_goes_in_by_pages(app: TestApp) {
        app.ward().await;
        let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/danh-sach-ho-kdc-03-a.xlsx")).unwrap();
        let list = app.dropped(bytes).await;
        let errors = app.request(Method::GET, &format!("{list}/errors.xlsx"), &app.admin).send().await.unwrap().bytes().await.unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(errors)).unwrap();
        assert!(book.worksheet_range_at(0).unwrap().unwrap().height() > 1);
        let (status, to, html) = app.submit(&format!("{list}/commit"), &[("once", "x")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?done=imported")), "{html}");
        assert!(app.count_households().await > 20);
        assert!(app.page(&list).await.contains("Các dòng lỗi chưa ghi"));
    }

    async fn the_steps_are_calls_of_the_api_too(app: TestApp) {
        app.ward().await;
        let (_, preview) = app.upload("ds.csv", LIST.into(), None).await;
        let path = format!("/api/v1/households/imports/{}", text(&preview, "id"));
        let (status, rows) = app.send(Method::PATCH, &format!("{path}/rows"), &json!({ "rows": { "5": { "phone": "0905123458", "members": null } } })).await;
        assert_eq!((status, &rows[0]["status"], &rows[0]["corrected"]), (StatusCode::OK, &json!("new"), &json!(true)), "{rows}");
        for (body, code) in [(json!({ "rows": { "77": {} } }), "unknown"), (json!({ "rows": { "5": { "shoe_size": "42" } } }), "unknown")] {
            let (status, problem) = app.send(Method::PATCH, &format!("{path}/rows"), &body).await;
            assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)), "{problem}");
        }
        let (status, decided) = app.send(Method::POST, &format!("{path}/decisions"), &json!({ "decisions": { "2": "skip", "3": "maybe" } })).await;
        assert_eq!((status, &decided["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("decisions.3")));
        let (status, decided) = app.send(Method::POST, &format!("{path}/decisions"), &json!({ "every": { "status": "new", "decision": "skip" } })).await;
        assert_eq!((status, decided), (StatusCode::OK, json!({ "decided": 3, "impossible": 0 })));
        let (status, again) = app.send(Method::PATCH, &path, &json!({ "sheets": [{ "sheet": 0, "columns": { "phone": null } }] })).await;
        assert_eq!((status, &again["totals"]["error"]), (StatusCode::OK, &json!(1)), "what was corrected is forgotten: {again}");
        assert_eq!(again["rows"][1]["decision"], json!(null));
        let listed = app.get("/api/v1/households/imports").await;
        assert_eq!(listed["items"][0]["file_name"], "ds.csv");
    }
}
