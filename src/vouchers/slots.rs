//! Time slots (khung giờ): how a round's time is cut up, and which slots have room left. Pure.

use std::collections::HashMap;

use crate::kernel::{Day, Moment};

/// A time slot, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// When it begins.
    pub at: Moment,
    /// The first moment that is no longer in it.
    pub ends_at: Moment,
}

/// First and last day of `[starts_at, ends_at)` in Asia/Ho_Chi_Minh: a round that ends at midnight does not touch
/// the day that begins then.
pub fn days(starts_at: Moment, ends_at: Moment) -> (Day, Day) {
    (starts_at.day(), Moment::from_micros(ends_at.micros() - 1).day())
}

/// Cuts `[starts_at, ends_at)` into slots of so many minutes, in order of time.
///
/// A round of several days keeps the same hours on each: 07:00 on the first day to 17:00 on the last means 07:00 to
/// 17:00 daily. Only when the last day's end is not later in the day than the first day's start does the round run
/// through the night. What is left over at a day's end and shorter than a slot is none.
pub fn tile(starts_at: Moment, ends_at: Moment, minutes: i64) -> Vec<Slot> {
    let (first, last) = days(starts_at, ends_at);
    let opens = starts_at.secs_since(first.start());
    let closes = ends_at.secs_since(last.start());
    let through_the_night = first < last && closes <= opens;
    let length = minutes.max(1) * 60;
    let mut slots = Vec::new();
    let mut day = first;
    while day <= last {
        let (mut at, end) = if through_the_night {
            (day.start().max(starts_at), day.end().min(ends_at))
        } else {
            (day.start().plus_secs(opens), day.start().plus_secs(closes))
        };
        while at.plus_secs(length) <= end {
            slots.push(Slot { at, ends_at: at.plus_secs(length) });
            at = at.plus_secs(length);
        }
        day = day.plus_days(1);
    }
    slots
}

/// The slots of one place, each with the room that is left, given out in order of time.
#[derive(Clone, Debug)]
pub struct FreeSlots {
    slots: Vec<(Slot, u64)>,
    next: usize,
    left: u64,
}

impl FreeSlots {
    /// Slots that hold `capacity` each, less what is `taken` (by when the slot begins); those over at `now` are out.
    pub fn new(slots: &[Slot], capacity: u64, taken: &HashMap<Moment, u64>, now: Moment) -> Self {
        let slots: Vec<(Slot, u64)> = slots
            .iter()
            .filter(|slot| slot.ends_at > now)
            .map(|slot| (*slot, capacity.saturating_sub(taken.get(&slot.at).copied().unwrap_or(0))))
            .collect();
        let left = slots.iter().map(|(_, left)| left).sum();
        Self { slots, next: 0, left }
    }

    /// How many more it takes.
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// A place in the earliest slot that has room.
    pub fn take(&mut self) -> Option<Slot> {
        while let Some((slot, left)) = self.slots.get_mut(self.next) {
            if *left > 0 {
                *left -= 1;
                self.left -= 1;
                return Some(*slot);
            }
            self.next += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn a_morning_is_cut_into_slots_and_the_rest_is_none() {
        let slots = tile(at("2021-08-05T07:00:00+07:00"), at("2021-08-05T08:10:00+07:00"), 20);
        let times: Vec<String> = slots.iter().map(|slot| slot.at.clock_time()).collect();
        assert_eq!(times, ["07:00", "07:20", "07:40"]);
    }

    #[test]
    fn two_days_keep_the_same_hours() {
        let slots = tile(at("2021-08-05T07:00:00+07:00"), at("2021-08-06T09:00:00+07:00"), 60);
        let times: Vec<String> = slots.iter().map(|slot| slot.at.for_people()).collect();
        assert_eq!(times, ["07:00 05/08/2021", "08:00 05/08/2021", "07:00 06/08/2021", "08:00 06/08/2021"]);
    }

    #[test]
    fn a_round_until_midnight_does_not_touch_the_next_day() {
        let (start, end) = (at("2021-08-05T00:00:00+07:00"), at("2021-08-07T00:00:00+07:00"));
        assert_eq!(days(start, end), (Day::parse("2021-08-05").unwrap(), Day::parse("2021-08-06").unwrap()));
        assert_eq!(tile(start, end, 60).len(), 48);
    }

    proptest! {
        #[test]
        fn slots_lie_inside_the_round_and_never_overlap(start in 0_i64..200_000, length in 1_i64..400_000, minutes in 5_i64..300) {
            let starts_at = at("2021-08-05T00:00:00+07:00").plus_secs(start);
            let ends_at = starts_at.plus_secs(length);
            let slots = tile(starts_at, ends_at, minutes);
            prop_assert!(slots.iter().all(|s| s.at >= starts_at && s.ends_at <= ends_at));
            prop_assert!(slots.iter().all(|s| s.ends_at.secs_since(s.at) == minutes * 60));
            prop_assert!(slots.windows(2).all(|pair| pair[0].ends_at <= pair[1].at));
        }

        #[test]
        fn no_slot_is_given_out_beyond_its_capacity(
            taken in prop::collection::vec(0_u64..8, 3), capacity in 1_u64..6, wanted in 0_usize..40,
        ) {
            let slots = tile(at("2021-08-05T07:00:00+07:00"), at("2021-08-05T08:00:00+07:00"), 20);
            let mut held: HashMap<Moment, u64> = slots.iter().zip(&taken).map(|(s, n)| (s.at, *n)).collect();
            let mut free = FreeSlots::new(&slots, capacity, &held, at("2021-08-05T00:00:00+07:00"));
            let room = free.left();
            let given: Vec<Slot> = (0..wanted).map_while(|_| free.take()).collect();
            prop_assert_eq!(given.len() as u64, room.min(wanted as u64));
            prop_assert!(given.is_sorted());
            for slot in given {
                let count = held.entry(slot.at).or_default();
                *count += 1;
                prop_assert!(*count <= capacity);
            }
        }
    }
}
