use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::kernel::ids::UserId;
use crate::redemption::scan::Collector;

const HERE: PointId = PointId(Uuid::from_u128(1));
const THERE: PointId = PointId(Uuid::from_u128(2));
const PHONE: DeviceId = DeviceId(Uuid::from_u128(3));
const OTHER_PHONE: DeviceId = DeviceId(Uuid::from_u128(4));

fn day(n: i32) -> Day {
    Day::parse("2021-08-05").unwrap().plus_days(n)
}

fn noon(n: i32) -> Moment {
    day(n).start().plus_secs(12 * 3600)
}

prop_compose! {
    fn vouchers()(
        paper in prop_oneof![
            5 => Just(Paper::Current), 1 => Just(Paper::Replaced { at: None }), 1 => Just(Paper::NeverIssued)
        ],
        key_withdrawn in prop::bool::weighted(0.1), void in prop::bool::weighted(0.1), units in 1..4_i64,
        used in 0..5_i64, on_paper_list: bool,
        point_id in prop::option::of(prop_oneof![Just(HERE), Just(THERE)]), from in -2..2_i32, days in 0..3_i32,
        open in prop::bool::weighted(0.8), enforce_slots: bool, any_point: bool, has_point in prop::bool::weighted(0.8),
        collector_required in prop::bool::weighted(0.2), wait in prop::option::of(-2..3_i32),
        leased_to in prop::option::weighted(0.3, prop_oneof![Just(PHONE), Just(OTHER_PHONE)]),
        undone_before in prop::bool::weighted(0.1),
    ) -> VoucherFacts {
        VoucherFacts {
            paper, key_withdrawn,
            void_reason: void.then(|| "Chuyển đi".to_owned()),
            units, used, handovers: used,
            first: (used > 0).then(|| First {
                at: noon(0), point: "Điểm 1".into(), desk: String::new(), proxy: false, nonce: Some(Uuid::nil()),
                device_id: None,
            }),
            on_paper_list: on_paper_list && used > 0, point_id, valid: (day(from), day(from + days)),
            slot: Some((noon(0), noon(0).plus_secs(1800))),
            round: RoundFacts { open, enforce_slots, any_point, has_point, collector_required, amber: false },
            next_on: wait.map(day),
            leased_to: leased_to.map(|device_id| Lease {
                device_id, epoch: 1, desk: "bàn 2".into(), device: "Máy 2".into(), heard_at: None, revoked: false,
            }),
            undone_before,
        }
    }
}

prop_compose! {
    fn scans()(
        presented in prop_oneof![
            8 => Just(Presented::Typed("0000000000".into())), 1 => Just(Presented::Forged), 1 => Just(Presented::Foreign)
        ],
        units in prop_oneof![4 => 1..4_i64, 1 => 1..21_i64],
        source in prop_oneof![Just(Source::Online), Just(Source::Offline), Just(Source::Roster)],
        phone: bool, serves_point in prop::bool::weighted(0.8), collector: bool, scanned in -2..3_i32,
        override_it in prop::bool::weighted(0.3),
    ) -> Scan {
        let overridden = override_it && source == Source::Online;
        Scan {
            nonce: Uuid::nil(), presented, point_id: HERE, desk: String::new(), units, scanned_at: noon(scanned),
            collector: collector.then(|| Collector { name: "Bà Bông".into(), relation: String::new() }),
            source: if overridden { Source::Override } else { source },
            operator: if phone {
                Operator::Device { id: PHONE, revoked_at: None }
            } else {
                Operator::User(UserId(Uuid::nil()))
            },
            serves_point,
            override_reason: overridden.then(|| "Đã xác minh".to_owned()),
            sequence: None, lease_epoch: None, body_hash: Vec::new(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn nothing_is_handed_out_online_that_was_used_up_void_elsewhere_or_not_there(
        voucher in vouchers(), scan in scans(), in_stock: bool,
    ) {
        let decision = decide(Some(&voucher), in_stock, &scan, noon(0));
        if scan.source == Source::Online && decision.handover {
            prop_assert_eq!(decision.outcome, Outcome::Redeemed);
            prop_assert!(voucher.used + scan.units <= voucher.units);
            prop_assert!(in_stock && scan.serves_point && voucher.void_reason.is_none() && voucher.round.open);
            prop_assert!(voucher.paper == Paper::Current && !voucher.key_withdrawn);
            prop_assert!(voucher.valid.0 <= day(0) && day(0) <= voucher.valid.1);
            prop_assert!(voucher.leased_to.as_ref().is_none_or(|l| scan.operator.device_id() == Some(l.device_id)));
            prop_assert!(decision.against.is_empty() && decision.conflict.is_none());
        }
    }

    #[test]
    fn a_refusal_moves_nothing_and_a_handover_is_never_called_one(
        voucher in prop::option::of(vouchers()), scan in scans(), in_stock: bool,
    ) {
        let decision = decide(voucher.as_ref(), in_stock, &scan, noon(0));
        if decision.outcome == Outcome::Redeemed {
            prop_assert!(decision.handover);
        }
        if decision.handover && decision.outcome != Outcome::Redeemed {
            // Only a fact that came second: kept, and told.
            prop_assert!(scan.source.is_fact());
            prop_assert_eq!(decision.outcome, Outcome::AlreadyRedeemed);
            prop_assert_eq!(decision.conflict, Some(ConflictKind::HandedOutTwice));
        }
    }

    #[test]
    fn more_units_than_a_voucher_has_left_are_refused_when_asked_and_a_conflict_when_told(
        voucher in vouchers(), scan in scans(), in_stock: bool,
    ) {
        let decision = decide(Some(&voucher), in_stock, &scan, noon(0));
        if decision.handover && voucher.used + scan.units > voucher.units {
            match scan.source {
                Source::Online => prop_assert!(false, "{decision:?}"),
                // A coordinator hands a used-up voucher out once more, with a reason.
                Source::Override => prop_assert!(voucher.used >= voucher.units && scan.units <= voucher.units),
                Source::Offline | Source::Roster => prop_assert!(decision.conflict.is_some(), "{decision:?}"),
            }
        }
    }

    #[test]
    fn a_fact_of_a_handover_that_was_undone_is_always_a_conflict(
        voucher in vouchers(), scan in scans(), in_stock: bool,
    ) {
        let decision = decide(Some(&VoucherFacts { undone_before: true, ..voucher }), in_stock, &scan, noon(0));
        if decision.handover && scan.source.is_fact() {
            prop_assert!(decision.conflict.is_some());
        }
    }

    #[test]
    fn what_was_handed_out_is_never_lost_once_the_voucher_is_known(
        voucher in vouchers(), scan in scans(), in_stock: bool,
    ) {
        let known = voucher.paper != Paper::NeverIssued && matches!(scan.presented, Presented::Typed(_));
        if scan.source.is_fact() && known {
            let decision = decide(Some(&voucher), in_stock, &scan, noon(0));
            let same_line = scan.source == Source::Roster && decision.outcome == Outcome::AlreadyRedeemed;
            prop_assert!(decision.handover || same_line);
            // Whatever it went against is visible to a coordinator.
            prop_assert!(decision.against.is_empty() || decision.conflict.is_some() || same_line);
        }
    }

    #[test]
    fn an_override_never_passes_what_proves_nothing_or_what_is_not_there(
        voucher in prop::option::of(vouchers()), scan in scans(), in_stock: bool,
    ) {
        let decision = decide(voucher.as_ref(), in_stock, &scan, noon(0));
        if scan.source == Source::Override && decision.handover {
            prop_assert!(in_stock && voucher.is_some() && matches!(scan.presented, Presented::Typed(_)));
            prop_assert!(decision.against.iter().all(|outcome| outcome.may_be_overridden()));
        }
    }

    #[test]
    fn the_phones_clock_moves_no_online_decision(
        voucher in vouchers(), scan in scans(), in_stock: bool, off in -9..9_i32,
    ) {
        let source = if scan.source.is_fact() { Source::Online } else { scan.source };
        let scan = Scan { source, ..scan };
        let skewed = Scan { scanned_at: noon(off), ..scan.clone() };
        let decided = |scan: &Scan| decide(Some(&voucher), in_stock, scan, noon(0));
        prop_assert_eq!(decided(&scan), decided(&skewed));
    }
}

#[test]
fn undo_ends_for_the_phone_after_fifteen_minutes_and_never_for_a_coordinator() {
    let phone = Operator::Device { id: PHONE, revoked_at: None };
    let other = Operator::Device { id: OTHER_PHONE, revoked_at: None };
    let at = noon(0);
    assert_eq!(may_undo(phone, false, phone, at, at.plus_secs(UNDO_MINUTES * 60)), Undo::Allowed);
    assert_eq!(may_undo(phone, false, phone, at, at.plus_secs(UNDO_MINUTES * 60 + 1)), Undo::TooLate);
    assert_eq!(may_undo(other, false, phone, at, at), Undo::NotTheirs);
    assert_eq!(may_undo(Operator::User(UserId(Uuid::nil())), true, phone, at, noon(9)), Undo::Allowed);
}
