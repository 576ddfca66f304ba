//! The pages of the stock: transfers, stock takes, adjustments, the ledger, what came and went.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::text;

/// The value of a hidden field of a page.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, after) =
        page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name} in {page}"));
    after.split('"').next().unwrap()
}

on_both! {
    async fn a_transfer_by_page_refuses_more_than_there_is_beside_the_field_and_prints_two_copies(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho phường").await, app.point(&ward, "Nhà văn hóa 3").await);
        let (greens, oil) = (app.item("Rau xanh", "kg", 3).await, app.item("Dầu ăn", "chai", 0).await);
        app.give(&store, &greens, 12_500, Some("2021-08-07")).await;
        app.give(&store, &oil, 5, None).await;
        let page = app.page(&format!("/stock/transfers/new?from_point_id={store}&to_point_id={point}")).await;
        assert!(page.contains(">12,5<") && page.contains("Kho phường"), "{page}");
        let path = "/stock/transfers/new";
        let mut fields = vec![
            ("once", "a"), ("from_point_id", store.as_str()), ("to_point_id", &point),
            ("lines[0].item_id", &oil), ("lines[0].quantity", ""),
            ("lines[1].item_id", &greens), ("lines[1].quantity", "12,6"),
        ];
        let (status, _, page) = app.submit(path, &fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("id=\"lines[1].quantity-error\"") && page.contains("value=\"12,6\""), "{page}");
        assert!(page.contains("chỉ còn 12,5 kg"), "{page}");
        assert_eq!(app.on_hand(&point, &greens, "").await, 0);
        fields[6].1 = "2,5";
        let (status, to, page) = app.submit(path, &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert_eq!((app.on_hand(&store, &greens, "").await, app.on_hand(&point, &greens, "").await), (10_000, 2_500));
        assert!(app.page(&to).await.contains("2,5 kg Rau xanh"));
        let id = to.split(['/', '?']).nth(3).unwrap();
        let paper = app.page(&format!("/stock/transfers/{id}/paper")).await;
        assert_eq!(paper.matches("Biên bản bàn giao hàng").count(), 2);
        for shown in ["Bên giao", "Nhà văn hóa 3", "07/08/2021", "ỦY BAN MTTQ VIỆT NAM PHƯỜNG THANH KHÊ TÂY"] {
            assert!(paper.contains(shown), "{shown} in {paper}");
        }
        assert!(app.page("/stock/transfers").await.contains("2,5 kg Rau xanh"));
    }

    async fn a_shortage_suggests_the_transfer_that_mends_it(app: TestApp) {
        let market = app.open_market(Plan { households: 3, packages: 1, ..Plan::default() }).await;
        app.give(&market.other_point, &market.rice, 50_000, None).await;
        let page = app.page("/stock/transfers/new").await;
        assert!(page.contains("lấy 20 kg Gạo từ Trường Nguyễn Bỉnh Khiêm"), "{page}");
        let (from, to) = (&market.other_point, &market.point);
        let path = format!("/stock/transfers/new?from_point_id={from}&to_point_id={to}&suggested=yes");
        let page = app.page(&path).await;
        assert!(page.contains("name=\"lines[0].quantity\" value=\"20\""), "{page}");
    }

    async fn a_stock_take_books_the_differences_once_they_were_looked_at(app: TestApp) {
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho phường").await;
        let (rice, oil) = (app.item("Gạo", "kg", 3).await, app.item("Dầu ăn", "chai", 0).await);
        app.give(&store, &rice, 500_000, None).await;
        app.give(&store, &oil, 20, None).await;
        let path = format!("/stock/count/{store}");
        assert!(app.page("/stock/count").await.contains("Kho phường"));
        assert!(app.page(&path).await.contains("Đếm được"));
        let counted = [
            ("once", "a"), ("lines[0].item_id", &rice), ("lines[0].counted", "498,5"),
            ("lines[1].item_id", &oil), ("lines[1].counted", "20"),
        ];
        let (status, _, page) = app.submit(&path, &counted).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("-1,5") && page.contains("Khớp"), "{page}");
        assert_eq!(app.on_hand(&store, &rice, "").await, 500_000);
        // Goods leave between the look and the booking: nothing is booked, the new differences are shown.
        let mut booked = counted.to_vec();
        let (rice_book, oil_book) = (hidden(&page, "lines[0].book").to_owned(), hidden(&page, "lines[1].book").to_owned());
        booked.extend([("lines[0].book", rice_book.as_str()), ("lines[1].book", &oil_book), ("note", "Bao rách"), ("step", "book")]);
        let (status, _) = app.adjust(&store, "spoiled", &rice, -500).await;
        assert_eq!(status, StatusCode::CREATED);
        let (status, _, page) = app.submit(&path, &booked).await;
        assert_eq!(status, StatusCode::CONFLICT, "{page}");
        assert!(page.contains("499,5") && page.contains(">-1<"), "{page}");
        let fresh = hidden(&page, "lines[0].book").to_owned();
        booked[5].1 = &fresh;
        let (status, to, page) = app.submit(&path, &booked).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert_eq!(app.on_hand(&store, &rice, "").await, 498_500);
        assert!(app.page(&to).await.contains("Bao rách"));
        app.assert_ledger_agrees().await;
    }

    async fn a_stock_take_that_finds_everything_there_is_kept_and_changes_nothing(app: TestApp) {
        let ward = app.ward().await;
        let (store, oil) = (app.warehouse(&ward, "Kho phường").await, app.item("Dầu ăn", "chai", 0).await);
        app.give(&store, &oil, 20, None).await;
        let line = |counted| json!([{ "item_id": oil, "book": 20, "counted": counted }]);
        let body = json!({ "point_id": store, "note": "cuối ngày", "lines": line(20) });
        let adjustment = app.create("/api/v1/stock/counts", body).await;
        assert_eq!(adjustment["lines"], json!([]));
        assert!(app.page("/stock/adjustments").await.contains("Khớp sổ"));
        let body = json!({ "point_id": store, "lines": line(-1) });
        let (status, problem) = app.send(Method::POST, "/api/v1/stock/counts", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "lines[0].counted");
        let (status, _, page) = app.submit(&format!("/stock/count/{store}"), &[("lines[0].item_id", &oil), ("lines[0].counted", "")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        assert_eq!(app.on_hand(&store, &oil, "").await, 20);
    }

    async fn expired_goods_are_offered_for_writing_off_and_the_ledger_tells_what_was_left(app: TestApp) {
        let ward = app.ward().await;
        let (store, greens) = (app.warehouse(&ward, "Kho phường").await, app.item("Rau xanh", "kg", 3).await);
        app.give(&store, &greens, 4_000, Some("2021-08-06")).await;
        app.give(&store, &greens, 6_000, Some("2021-08-30")).await;
        app.clock.set(app.clock.now().plus_secs(3 * 86_400));
        let lots = app.page("/stock/lots").await;
        assert!(lots.contains("Đã hết hạn 2 ngày") && lots.contains("reason=spoiled") && !lots.contains("30/08/2021"), "{lots}");
        assert!(app.page("/stock/lots?days=all").await.contains("30/08/2021"));
        let fields = [
            ("once", "a"), ("point_id", store.as_str()), ("reason", "spoiled"), ("note", "Rau dập"),
            ("lines[0].item_id", &greens), ("lines[0].quantity", "4"),
        ];
        let (status, to, page) = app.submit("/stock/adjustments/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let shown = app.page(&to).await;
        assert!(shown.contains("06/08/2021") && shown.contains("-4") && !shown.contains("30/08/2021"), "{shown}");
        let ledger = app.page(&format!("/stock/entries?item_id={greens}&point_id={store}")).await;
        let left: Vec<usize> = [">6<", ">10<", ">4<"].map(|left| ledger.find(left).unwrap_or_else(|| panic!("{left} in {ledger}"))).to_vec();
        assert!(left.is_sorted(), "the newest line stands first: {ledger}");
        assert!(ledger.contains("Hàng hỏng") && ledger.contains("/donations/"), "{ledger}");
        assert!(!app.page("/stock/entries?reason=transfer").await.contains("Rau xanh</th>"));
    }

    async fn opening_and_what_came_less_what_went_is_closing_to_the_gram(app: TestApp) {
        let market = app.open_market(Plan { households: 2, packages: 3, ..Plan::default() }).await;
        for voucher in &market.vouchers {
            app.scan(&market.point, &voucher["code"]).await;
        }
        app.transfer(&market.point, &market.other_point, &market.rice, 2_500).await;
        app.adjust(&market.point, "lost", &market.rice, -125).await;
        let path = |point: &str| format!("/api/v1/stock/turnover?from=2021-08-05&to=2021-08-05&point_id={point}");
        let all = app.get(&path(&market.point)).await;
        let rice = all["items"].as_array().unwrap().iter().find(|row| row["item_id"] == market.rice.as_str()).unwrap();
        // It was given on 01/08: the first day opens with it.
        let figures = ["opening", "donated", "moved_in", "added", "handed_out", "moved_out", "written_off", "closing"];
        let found: Vec<i64> = figures.iter().map(|name| rice[name].as_i64().unwrap()).collect();
        assert_eq!(found, [30_000, 0, 0, 0, 20_000, 2_500, 125, 7_375]);
        let ward = app.get("/api/v1/stock/turnover?from=2021-08-05&to=2021-08-05").await;
        let rice = ward["items"].as_array().unwrap().iter().find(|row| row["item_id"] == market.rice.as_str()).unwrap();
        let inner = ["moved_in", "moved_out", "closing"].map(|name| rice[name].as_i64().unwrap());
        assert_eq!(inner, [0, 0, 9_875], "what moves within the ward neither came nor went");
        let page = app.page(&format!("/stock/turnover?from=2021-08-01&to=2021-08-05&point_id={}", market.point)).await;
        assert!(page.contains("7,375") && page.contains(">30<"), "{page}");
        for path in ["/stock/turnover/export.xlsx", "/stock/entries/export.xlsx", "/stock/export.xlsx"] {
            let export = app.request(Method::GET, path, &app.admin).send().await.unwrap();
            assert!(export.bytes().await.unwrap().starts_with(b"PK"), "{path}");
        }
        let (status, problem) = app.send(Method::GET, "/api/v1/stock/turnover?from=2021-08-05&to=2021-08-01", &json!({})).await;
        assert_eq!((status, text(&problem["errors"][0], "field")), (StatusCode::UNPROCESSABLE_ENTITY, "to".to_owned()));
    }

    async fn a_donor_sees_how_many_households_a_gift_reached(app: TestApp) {
        let market = app.open_market(Plan { households: 2, packages: 10, ..Plan::default() }).await;
        for voucher in &market.vouchers {
            app.scan(&market.point, &voucher["code"]).await;
        }
        let donors = app.get("/api/v1/donors").await;
        let donor = text(&donors["items"][0], "id");
        let page = app.page(&format!("/donors/{donor}")).await;
        let row = page.split("<tr>").find(|row| row.contains("Gạo <span")).unwrap();
        assert!(row.contains(">100<") && row.contains(">20<") && row.contains(">2<"), "{row}");
        assert!(app.page("/donors?name=luong+thuc&kind=organisation").await.contains("Công ty Lương thực"));
        assert!(app.page(&format!("/stock/entries?item_id={}&reason=redemption", market.rice)).await.contains("/vouchers/"));
    }
}
