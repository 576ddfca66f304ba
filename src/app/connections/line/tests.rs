use std::time::Duration;

use super::*;

fn over(line: &Line) -> Option<Over> {
    line.until().map(|(_, over)| over)
}

#[test]
fn a_connection_is_unfinished_until_its_head_is_whole_and_again_while_the_next_one_comes() {
    let now = Instant::now();
    let line = Arc::new(Line::new(Limits::default(), now, now));
    assert!(line.standing().is_unfinished());
    line.heard(now);
    line.shaken(now + Duration::from_secs(3));
    assert_eq!(line.until(), Some((now + Duration::from_secs(13), Over::SlowHead)));
    assert!(line.standing().is_unfinished());
    let flight = line.begin(false);
    line.heard(now);
    assert!(line.standing().is_working() && line.until().is_none());
    drop(flight);
    assert_eq!((over(&line), line.standing().is_unfinished()), (Some(Over::Idle), false));
    line.heard(Instant::now());
    assert_eq!((over(&line), line.standing().is_unfinished()), (Some(Over::SlowHead), true));
}

#[test]
fn a_shared_connection_rests_while_it_is_only_asked_whether_it_lives() {
    let now = Instant::now();
    let line = Arc::new(Line::new(Limits::default(), now, now));
    let (first, second) = (line.begin(true), line.begin(true));
    drop(first);
    assert_eq!(over(&line), None);
    drop(second);
    line.heard(Instant::now());
    assert_eq!(over(&line), Some(Over::Idle));
}

#[test]
fn an_answer_that_nobody_takes_has_its_time_and_a_live_stream_that_rests_has_none() {
    let now = Instant::now();
    let line = Arc::new(Line::new(Limits::default(), now, now));
    let mut flight = line.begin(false);
    flight.offer(now);
    assert_eq!(line.until(), Some((now + Limits::default().stall, Over::Stalled)));
    flight.taken();
    assert_eq!(line.until(), None);
    flight.offer(now);
    drop(flight);
    assert_eq!(over(&line), Some(Over::Idle));
}

#[test]
fn the_end_of_an_answer_on_a_slow_line_is_no_rest() {
    let now = Instant::now();
    let line = Arc::new(Line::new(Limits::default(), now, now));
    let flight = line.begin(false);
    line.filled();
    drop(flight);
    let waiting = line.standing();
    assert_eq!((over(&line), waiting.is_working()), (Some(Over::Stalled), false));
    let later = Instant::now() + Duration::from_secs(200);
    line.wrote(later);
    assert_eq!(line.until(), Some((later + Limits::default().idle, Over::Idle)));
    assert!(line.standing() < waiting, "those at rest leave before");
    assert!(!line.standing().is_unfinished());
}

#[test]
fn whoever_lets_the_service_wait_is_not_at_work() {
    let now = Instant::now();
    let line = Arc::new(Line::new(Limits::default(), now, now));
    let (mut first, second) = (line.begin(true), line.begin(true));
    first.offer(now);
    assert!(line.standing().is_working(), "the other request is answered");
    drop(second);
    assert!(!line.standing().is_working());
    first.taken();
    assert!(line.standing().is_working(), "a live stream that waits for news");
}

#[test]
fn the_unfinished_go_first_then_those_that_rest_longest() {
    let epoch = Instant::now();
    let at = |secs| Arc::new(Line::new(Limits::default(), epoch, epoch + Duration::from_secs(secs)));
    let (working, resting, old, young) = (at(0), at(1), at(2), at(3));
    let _flight = working.begin(false);
    drop(resting.begin(false));
    let mut lines = [&working, &resting, &young, &old];
    lines.sort_by_key(|line| line.standing());
    let order: Vec<_> = lines.iter().map(|line| Arc::as_ptr(line)).collect();
    assert_eq!(order, [&old, &young, &resting, &working].map(Arc::as_ptr));
}
