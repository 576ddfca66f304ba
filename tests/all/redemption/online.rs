use lalanh::db::Flavour;
use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::market::Plan;
use crate::on_both;
use crate::support::text;

on_both! {
    async fn a_valid_voucher_redeems_once_and_shows_what_to_hand_over(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let answer = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(answer["outcome"], "redeemed", "{answer}");
        assert_eq!(answer["replayed"], false);
        assert_eq!(answer["household"]["head_name"], "Thái Hữu Sơn 0");
        assert_eq!(answer["household"]["members"], 4);
        let contents: Vec<&str> =
            answer["package"]["contents"].as_array().unwrap().iter().map(|c| c["text"].as_str().unwrap()).collect();
        assert_eq!(contents, ["10 kg", "10 quả"]);
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
        assert_eq!(app.level(&market.point, &market.eggs).await, 90);
        app.books_balance().await;
    }

    async fn the_second_scan_tells_where_and_when_the_first_was(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        app.scan_with(&app.admin, json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "desk": 2 })).await;
        app.at("2021-08-05T08:30:00+07:00");
        let second = app.scan(&market.point, &market.vouchers[0]["typed_code"]).await;
        assert_eq!(second["outcome"], "already_redeemed");
        assert_eq!(second["first"]["point"], "Nhà văn hóa khu dân cư số 3");
        assert_eq!(second["first"]["desk"], "2");
        assert_eq!(second["first"]["at"], "2021-08-05T00:00:00Z");
        assert!(second["message"].as_str().unwrap().contains("07:00 05/08/2021"), "{second}");
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
    }

    async fn the_same_nonce_twice_is_one_row_and_one_answer(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let body = json!({
            "nonce": app.clock.uuid(), "point_id": market.point, "code": market.vouchers[0]["code"],
            "scanned_at": "2021-08-05T07:00:00+07:00"
        });
        let first = app.scan_with(&app.admin, body.clone()).await;
        app.at("2021-08-05T09:00:00+07:00");
        let mut second = app.scan_with(&app.admin, body.clone()).await;
        assert_eq!(second["replayed"], true);
        second["replayed"] = json!(false);
        assert_eq!(first, second);
        assert_eq!(app.count_scans().await, 1);
        let stored = app.get(&format!("/api/v1/redemptions/{}", body["nonce"].as_str().unwrap())).await;
        assert_eq!(stored["outcome"], "redeemed");
        assert_eq!(stored["household"], first["household"]);
        assert_eq!(stored["package"], first["package"]);
    }

    async fn the_same_nonce_with_another_body_is_a_conflict(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let nonce = app.clock.uuid();
        let scan = |code: &Value| json!({ "nonce": nonce, "point_id": market.point, "code": code });
        app.scan_with(&app.admin, scan(&market.vouchers[0]["code"])).await;
        let (status, problem) = app.try_scan(&app.admin, scan(&market.vouchers[1]["code"])).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(problem["code"], "nonce_mismatch");
    }

    async fn a_refusal_is_replayed_and_a_new_nonce_may_succeed(app: TestApp) {
        let market = app.open_market(Plan { packages: 0, ..Plan::default() }).await;
        let body = json!({
            "nonce": app.clock.uuid(), "point_id": market.point, "code": market.vouchers[0]["code"],
            "scanned_at": app.clock.now()
        });
        assert_eq!(app.scan_with(&app.admin, body.clone()).await["outcome"], "out_of_stock");
        app.stock(&market.area, &market.point, &[(&market.rice, 10_000), (&market.eggs, 10)]).await;
        let replay = app.scan_with(&app.admin, body).await;
        assert_eq!((&replay["outcome"], &replay["replayed"]), (&json!("out_of_stock"), &json!(true)));
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], "redeemed");
    }

    async fn a_voucher_of_two_units_redeems_twice_and_not_thrice(app: TestApp) {
        let market = app.open_market(Plan { units: 2, ..Plan::default() }).await;
        let code = &market.vouchers[0]["code"];
        let first = app.scan(&market.point, code).await;
        assert_eq!((&first["outcome"], &first["units_left"]), (&json!("redeemed"), &json!(1)));
        assert_eq!(app.scan(&market.point, code).await["outcome"], "redeemed");
        assert_eq!(app.scan(&market.point, code).await["outcome"], "already_redeemed");
        assert_eq!(app.level(&market.point, &market.rice).await, 80_000);
    }

    async fn a_voucher_of_two_units_with_one_nonce_gives_one_unit(app: TestApp) {
        let market = app.open_market(Plan { units: 2, ..Plan::default() }).await;
        let body = json!({
            "nonce": app.clock.uuid(), "point_id": market.point, "code": market.vouchers[0]["code"],
            "scanned_at": app.clock.now()
        });
        for _ in 0..3 {
            assert_eq!(app.scan_with(&app.admin, body.clone()).await["outcome"], "redeemed");
        }
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
    }

    async fn more_units_than_are_left_are_asked_back(app: TestApp) {
        let market = app.open_market(Plan { units: 2, ..Plan::default() }).await;
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "units": 3 });
        let answer = app.scan_with(&app.admin, body).await;
        assert_eq!(answer["outcome"], "needs_input");
        assert_eq!(answer["fields"], json!(["units"]));
    }

    async fn two_rounds_are_independent(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let household = text(&market.vouchers[0]["household"], "id");
        let second_round = app.open_round(&market, &json!({ "name": "Chợ thứ hai" })).await;
        let second = app.issue_to(&second_round, &[household], &market.point, 1).await;
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], "redeemed");
        assert_eq!(app.scan(&market.point, &second[0]["code"]).await["outcome"], "redeemed");
    }

    async fn a_reversal_frees_the_voucher_and_returns_the_stock(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let code = &market.vouchers[0]["code"];
        let nonce = text(&app.scan(&market.point, code).await, "nonce");
        let path = format!("/api/v1/redemptions/{nonce}/reversal");
        let (status, reversal) = app.send(Method::POST, &path, &json!({ "reason": "Quét nhầm phiếu" })).await;
        assert_eq!(status, StatusCode::OK, "{reversal}");
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
        // Undone twice, the goods return once.
        let (status, again) = app.send(Method::POST, &path, &json!({ "reason": "Quét nhầm phiếu" })).await;
        assert_eq!((status, &again), (StatusCode::OK, &reversal));
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
        assert_eq!(app.scan(&market.point, code).await["outcome"], "redeemed");
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
        app.books_balance().await;
    }

    async fn a_database_id_is_never_a_code(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["id"]).await["outcome"], "unknown");
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["household"]["id"]).await["outcome"], "unknown");
        assert_eq!(app.scan(&market.point, &json!("1")).await["outcome"], "unknown");
    }

    async fn lower_case_spaces_and_addresses_are_read(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let code = |n: usize| text(&market.vouchers[n], "code");
        let forms = [
            code(0).to_lowercase(),
            format!("  {}\n", code(1)),
            format!("https://phuong.example/v/{}", code(2).replace(':', "")),
            format!(" {} ", text(&market.vouchers[3], "typed_code").to_lowercase().replace('-', " ")),
        ];
        for form in forms {
            let answer = app.scan(&market.point, &json!(form)).await;
            assert_eq!(answer["outcome"], "redeemed", "{form}");
        }
    }

    async fn the_wrong_point_names_the_right_one(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let answer = app.scan(&market.other_point, &market.vouchers[0]["code"]).await;
        assert_eq!(answer["outcome"], "wrong_point");
        assert_eq!(answer["go_to"]["name"], "Nhà văn hóa khu dân cư số 3");
        assert_eq!(answer["go_to"]["address"], "120 Trần Cao Vân");
    }

    async fn a_round_open_at_any_point_serves_at_each_of_them(app: TestApp) {
        let market = app.open_market(Plan { round: json!({ "any_point": true }), ..Plan::default() }).await;
        app.stock(&market.area, &market.other_point, &[(&market.rice, 10_000), (&market.eggs, 10)]).await;
        assert_eq!(app.scan(&market.other_point, &market.vouchers[0]["code"]).await["outcome"], "redeemed");
    }

    async fn void_vouchers_and_replaced_papers_are_refused(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let act = async |voucher: &Value, verb: &str| {
            let path = format!("/api/v1/vouchers/{}/{verb}", text(voucher, "id"));
            let (status, answer) = app.send(Method::POST, &path, &json!({ "reason": "Mất phiếu giấy" })).await;
            assert!(status.is_success(), "{answer}");
        };
        act(&market.vouchers[0], "void").await;
        let void = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(void["outcome"], "void");
        assert_eq!(void["reason"], "Mất phiếu giấy");
        act(&market.vouchers[1], "reissue").await;
        for old in ["code", "typed_code"] {
            let superseded = app.scan(&market.point, &market.vouchers[1][old]).await;
            assert_eq!(superseded["outcome"], "superseded", "{old}");
            assert_eq!(superseded["replaced_at"], "2021-08-05T00:00:00Z");
        }
        let fresh = app.get(&format!("/api/v1/vouchers/{}", text(&market.vouchers[1], "id"))).await;
        assert_eq!(app.scan(&market.point, &fresh["code"]).await["outcome"], "redeemed");
    }

    async fn dates_turn_at_midnight_in_ho_chi_minh(app: TestApp) {
        let market = app.open_market(Plan { households: 5, ..Plan::default() }).await;
        let cases = [
            ("2021-08-04T23:59:59+07:00", "not_yet_valid"),
            ("2021-08-05T00:00:00+07:00", "redeemed"),
            ("2021-08-06T23:59:59+07:00", "redeemed"),
            ("2021-08-07T00:00:00+07:00", "expired"),
        ];
        for ((moment, expected), voucher) in cases.into_iter().zip(&market.vouchers) {
            app.at(moment);
            let answer = app.scan(&market.point, &voucher["code"]).await;
            assert_eq!(answer["outcome"], expected, "{moment}");
        }
    }

    async fn a_slot_counts_only_where_the_round_enforces_it(app: TestApp) {
        let slots = json!({ "slot_minutes": 30, "slot_capacity": 1, "enforce_slots": true });
        let market = app.open_market(Plan { households: 2, round: slots, ..Plan::default() }).await;
        let later = market.vouchers.iter().find(|v| v["slot_at"] == "2021-08-05T00:30:00Z").unwrap();
        let early = app.scan(&market.point, &later["code"]).await;
        assert_eq!(early["outcome"], "wrong_slot");
        assert!(early["message"].as_str().unwrap().contains("07:30"), "{early}");
        app.at("2021-08-05T07:30:00+07:00");
        assert_eq!(app.scan(&market.point, &later["code"]).await["outcome"], "redeemed");
    }

    async fn a_closed_or_paused_round_hands_out_nothing(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        for (verb, expected) in [("pause", "round_closed"), ("resume", "redeemed"), ("close", "already_redeemed")] {
            let (status, _) = app.send(Method::POST, &format!("/api/v1/rounds/{}/{verb}", market.round), &json!({})).await;
            assert!(status.is_success());
            assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], expected, "{verb}");
        }
    }

    async fn an_unknown_code_stays_refused_under_override(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let body = json!({ "point_id": market.point, "code": "nothing of ours", "override_reason": "Bà con nói có phiếu" });
        assert_eq!(app.scan_with(&app.admin, body).await["outcome"], "unknown");
    }

    async fn a_coordinator_may_override_with_a_reason_and_a_volunteer_may_not(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        app.at("2021-08-09T07:00:00+07:00");
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "override_reason": "Đi cách ly, về trễ" });
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let (status, _) = app.try_scan(&phone, body.clone()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let answer = app.scan_with(&app.admin, body).await;
        assert_eq!(answer["outcome"], "redeemed");
        assert_eq!(answer["against"], json!(["expired"]));
    }

    async fn a_forged_code_of_a_real_serial_is_a_bad_signature(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let mut code = text(&market.vouchers[0], "code").into_bytes();
        let middle = code.len() - 20;
        code[middle] = if code[middle] == b'A' { b'B' } else { b'A' };
        let answer = app.scan(&market.point, &json!(String::from_utf8(code).unwrap())).await;
        assert_eq!(answer["outcome"], "bad_signature");
        assert!(answer["household"].is_null());
    }

    async fn a_withdrawn_keys_vouchers_are_refused_until_they_are_reissued(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let kid = app.get("/api/v1/keys").await["keys"][0]["kid"].as_i64().unwrap();
        app.scan(&market.point, &market.vouchers[1]["code"]).await;
        let path = format!("/api/v1/keys/{kid}/withdraw");
        let (status, answer) = app.send(Method::POST, &path, &json!({ "reason": "Lộ khóa ký" })).await;
        assert!(status.is_success(), "{answer}");
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], "revoked_key");
        let path = format!("/api/v1/vouchers/{}/reissue", text(&market.vouchers[0], "id"));
        let (status, _) = app.send(Method::POST, &path, &json!({ "reason": "Đổi khóa ký" })).await;
        assert!(status.is_success());
        let fresh = app.get(&format!("/api/v1/vouchers/{}", text(&market.vouchers[0], "id"))).await;
        assert_eq!(app.scan(&market.point, &fresh["code"]).await["outcome"], "redeemed");
    }

    async fn a_point_without_the_package_names_one_that_has_it(app: TestApp) {
        let market = app.open_market(Plan { packages: 0, ..Plan::default() }).await;
        app.stock(&market.area, &market.other_point, &[(&market.rice, 10_000), (&market.eggs, 10)]).await;
        let answer = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(answer["outcome"], "out_of_stock");
        assert_eq!(answer["go_to"]["name"], "Trường Nguyễn Bỉnh Khiêm");
    }

    async fn the_last_package_wanted_by_two_desks_goes_to_exactly_one(app: TestApp) {
        let market = app.open_market(Plan { households: 2, packages: 1, ..Plan::default() }).await;
        let [one, two] = [0, 1].map(|n| app.scan(&market.point, &market.vouchers[n]["code"]));
        let (one, two) = tokio::join!(one, two);
        let mut outcomes = [one["outcome"].as_str().unwrap(), two["outcome"].as_str().unwrap()];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["out_of_stock", "redeemed"]);
        assert_eq!(app.level(&market.point, &market.rice).await, 0);
        app.books_balance().await;
    }

    async fn a_hundred_phones_on_one_voucher_give_one_package(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let code = &market.vouchers[0]["code"];
        let scans = (0..100).map(|_| app.scan(&market.point, code));
        let answers = futures_util::future::join_all(scans).await;
        let count = |outcome: &str| answers.iter().filter(|answer| answer["outcome"] == outcome).count();
        assert_eq!((count("redeemed"), count("already_redeemed")), (1, 99));
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
        assert_eq!(app.count_scans().await, 100);
    }

    async fn one_nonce_sent_twenty_times_at_once_is_one_row_and_twenty_equal_answers(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let body = json!({
            "nonce": app.clock.uuid(), "point_id": market.point, "code": market.vouchers[0]["code"],
            "scanned_at": app.clock.now()
        });
        let scans = (0..20).map(|_| app.scan_with(&app.admin, body.clone()));
        let mut answers = futures_util::future::join_all(scans).await;
        for answer in &mut answers {
            answer["replayed"] = json!(false);
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(app.count_scans().await, 1);
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
    }

    async fn a_household_waits_until_the_campaigns_interval_is_over(app: TestApp) {
        let market = app.open_market(Plan { interval_days: Some(14), ..Plan::default() }).await;
        // Issued before either was redeemed; the second answers by what happened since.
        let other = app.open_round(&market, &json!({
            "name": "Chợ tuần sau", "starts_at": "2021-08-20T07:00:00+07:00", "ends_at": "2021-08-21T17:00:00+07:00"
        })).await;
        let household = text(&market.vouchers[0]["household"], "id");
        let later = app.issue_to(&other, &[household], &market.point, 1).await;
        app.at("2021-08-06T16:00:00+07:00");
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], "redeemed");
        app.at("2021-08-20T08:00:00+07:00");
        assert_eq!(app.scan(&market.point, &later[0]["code"]).await["outcome"], "redeemed");
    }

    async fn a_proxy_is_asked_for_where_the_round_wants_one_and_kept_when_given(app: TestApp) {
        let market = app.open_market(Plan { round: json!({ "collector_required": true }), ..Plan::default() }).await;
        let code = &market.vouchers[0]["code"];
        let missing = app.scan(&market.point, code).await;
        assert_eq!((&missing["outcome"], &missing["fields"]), (&json!("needs_input"), &json!(["collector"])));
        let collector = json!({ "name": "Nguyễn Thị Bông", "relation": "hàng xóm" });
        let given = json!({ "point_id": market.point, "code": code, "collector": collector });
        assert_eq!(app.scan_with(&app.admin, given).await["outcome"], "redeemed");
        assert_eq!(app.scan(&market.point, code).await["first"]["proxy"], true);
    }

    async fn an_operator_of_one_point_may_not_act_at_another(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 2", &[&market.other_point]).await;
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"] });
        let answer = app.scan_with(&phone, body.clone()).await;
        assert_eq!(answer["outcome"], "not_allowed");
        assert!(answer["household"].is_null());
        let volunteer = app.login_within("tnv", Role::Volunteer, None, &[market.other_point.parse().unwrap()]).await;
        assert_eq!(app.scan_with(&volunteer, body).await["outcome"], "not_allowed");
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
    }

    async fn undo_is_for_the_same_phone_within_fifteen_minutes_and_for_coordinators_always(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let scan = async |n: usize| {
            let body = json!({ "point_id": market.point, "code": market.vouchers[n]["code"] });
            format!("/api/v1/redemptions/{}/reversal", text(&app.scan_with(&phone, body).await, "nonce"))
        };
        let reason = json!({ "reason": "Quét nhầm" });
        let (first, second) = (scan(0).await, scan(1).await);
        assert_eq!(app.send_as(&other, Method::POST, &first, &reason).await.0, StatusCode::FORBIDDEN);
        app.at("2021-08-05T07:15:00+07:00");
        assert_eq!(app.send_as(&phone, Method::POST, &first, &reason).await.0, StatusCode::OK);
        app.at("2021-08-05T07:15:01+07:00");
        let (status, problem) = app.send_as(&phone, Method::POST, &second, &reason).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("too_late")));
        assert_eq!(app.send(Method::POST, &second, &reason).await.0, StatusCode::OK);
    }

    async fn what_another_phone_holds_for_offline_work_is_refused_here_and_given_there(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, holder_id) = app.phone("Máy 1", &[&market.point]).await;
        app.lease(&market.vouchers[0], holder_id, &market.point, 1).await;
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"] });
        let refused = app.scan_with(&app.admin, body.clone()).await;
        assert_eq!((&refused["outcome"], &refused["held_at"]), (&json!("leased_elsewhere"), &json!("bàn 2")));
        assert_eq!(app.scan_with(&holder, body).await["outcome"], "redeemed");
    }

    async fn statistics_per_package_and_point_equal_the_ledger(app: TestApp) {
        let market = app.open_market(Plan { households: 6, packages: 5, ..Plan::default() }).await;
        for voucher in &market.vouchers {
            app.scan(&market.point, &voucher["code"]).await;
        }
        let nonce = text(&app.get("/api/v1/redemptions?limit=5").await["items"][1], "nonce");
        app.send(Method::POST, &format!("/api/v1/redemptions/{nonce}/reversal"), &json!({ "reason": "Quét nhầm" })).await;
        let counts = app.get(&format!("/api/v1/redemptions/statistics?round_id={}", market.round)).await;
        let count = &counts["items"][0];
        assert_eq!((&count["handed_out"], &count["reversed"], &count["refused"]), (&json!(4), &json!(1), &json!(1)));
        assert_eq!(app.level(&market.point, &market.rice).await, 50_000 - 4 * 10_000);
        assert_eq!(app.level(&market.point, &market.eggs).await, 50 - 4 * 10);
        app.books_balance().await;
    }

    async fn a_redemption_that_stands_alone_takes_at_most_three_statements(app: TestApp) {
        let market = app.open_market(Plan { households: 46, packages: 50, ..Plan::default() }).await;
        let warm = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(warm["outcome"], "redeemed");
        // Another test of this process may have every login asked for anew: then two more.
        let mut alone = Vec::new();
        for voucher in &market.vouchers[1..6] {
            let before = app.core.db.statements();
            assert_eq!(app.scan(&market.point, &voucher["code"]).await["outcome"], "redeemed");
            alone.push(app.core.db.statements() - before);
        }
        assert!(alone.iter().any(|statements| *statements <= 3), "{alone:?} statements");
        let before = app.core.db.statements();
        futures_util::future::join_all(market.vouchers[6..].iter().map(|v| app.scan(&market.point, &v["code"]))).await;
        let together = app.core.db.statements() - before;
        assert!(together < 3 * 40, "{together} statements for 40 redemptions");
    }

    async fn scans_go_on_when_the_database_has_dropped_its_connections(app: TestApp) {
        let market = app.open_market(Plan { households: 3, packages: 10, ..Plan::default() }).await;
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], "redeemed");
        if app.core.db.flavour() == Flavour::Postgres {
            let mut conn = app.core.db.read().await.unwrap();
            let others = "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()";
            let dropped: Vec<(bool,)> = conn.catalogue_sql(others.to_owned()).all().await.unwrap();
            assert!(!dropped.is_empty(), "the writer has a connection of its own");
        }
        for voucher in &market.vouchers[1..] {
            assert_eq!(app.scan(&market.point, &voucher["code"]).await["outcome"], "redeemed");
        }
        app.books_balance().await;
    }

    async fn typed_codes_cannot_be_guessed_for_long(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let guess = json!({ "point_id": market.point, "code": "00000-00000" });
        for _ in 0..30 {
            assert_eq!(app.try_scan(&phone, guess.clone()).await.0, StatusCode::OK);
        }
        assert_eq!(app.try_scan(&phone, guess).await.0, StatusCode::TOO_MANY_REQUESTS);
        // Another phone behind the same hotspot goes on.
        assert_eq!(app.scan(&market.point, &market.vouchers[0]["code"]).await["outcome"], "redeemed");
    }
}
