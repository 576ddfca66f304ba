//! A phone's records as a chain: pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, PointId};
use crate::kernel::message::Invalid;
use crate::redemption::scan::Collector;
use crate::vault::sha256;

const CONTEXT: &[u8; 17] = b"lalanh-record-v1\0";

/// Bytes of a record's hash.
pub const HASH_LEN: usize = 32;

/// The highest sequence a phone reaches: a record a second for a year.
pub const SEQUENCE_MAX: i64 = 31_536_000;

/// A record as its hash sees it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The phone.
    pub device_id: DeviceId,
    /// Its place in the phone's queue, from 1.
    pub sequence: i64,
    /// Chosen by the phone.
    pub nonce: Uuid,
    pub point_id: PointId,
    /// The lease it was handed out under.
    pub lease_epoch: Option<i64>,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// How many units, 1 to 20.
    pub units: i64,
    /// Whether the goods left.
    pub handed_out: bool,
    /// As it was sent.
    pub code: &'a str,
    /// As it was sent.
    pub desk: &'a str,
    /// Who collected.
    pub collector: Option<&'a Collector>,
}

impl Record<'_> {
    /// The record's hash after the hash before it; `docs/phone-protocol.md` §7 has the layout.
    pub fn hash(&self, previous: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(384);
        bytes.extend_from_slice(CONTEXT);
        let mut padded = [0; HASH_LEN];
        let known = previous.len().min(HASH_LEN);
        padded[..known].copy_from_slice(&previous[..known]);
        bytes.extend_from_slice(&padded);
        bytes.extend_from_slice(self.device_id.0.as_bytes());
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(self.nonce.as_bytes());
        bytes.extend_from_slice(self.point_id.0.as_bytes());
        bytes.extend_from_slice(&self.lease_epoch.unwrap_or(0).to_be_bytes());
        bytes.extend_from_slice(&self.scanned_at.micros().div_euclid(1000).to_be_bytes());
        bytes.push(u8::try_from(self.units).unwrap_or(0));
        bytes.push(u8::from(self.handed_out));
        let (name, relation) = self.collector.map_or(("", ""), |c| (c.name.as_str(), c.relation.as_str()));
        for text in [self.code, self.desk, name, relation] {
            bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        sha256(&bytes)
    }
}

/// Where an uploaded record stands in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its place in the phone's queue.
    pub sequence: i64,
    pub nonce: Uuid,
    pub hash: Vec<u8>,
    /// The hash that the phone gave for the record before it; empty: it gave none.
    pub previous: Vec<u8>,
}

/// What is wrong with a phone's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChainProblem)]
pub enum Problem {
    /// A record before this one never came.
    Gap,
    /// Two different records of one sequence: the storage was rolled back.
    Reused,
    /// It doesn't follow the record that is here before it.
    DoesNotFollow,
    /// The phone knows fewer records than it sent, or another one at the end: its storage was rolled back.
    Behind,
}

/// A problem and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChainTrouble)]
pub struct Trouble {
    /// The place in the phone's queue.
    pub sequence: i64,
    /// What is wrong there.
    pub problem: Problem,
}

/// The hashes that are here, by sequence. More than one of a sequence is a problem that was told before.
pub type Known = BTreeMap<i64, BTreeSet<Vec<u8>>>;

/// What is wrong with a new link, given all that is here, itself not included. `head`: records up to it are here, or
/// were told of as unreadable.
pub fn judge(head: i64, known: &Known, link: &Link) -> Option<Trouble> {
    let at = |problem| Some(Trouble { sequence: link.sequence, problem });
    if known.get(&link.sequence).is_some_and(|hashes| hashes.iter().any(|hash| *hash != link.hash)) {
        return at(Problem::Reused);
    }
    let zeros = [0; HASH_LEN];
    let before = known.get(&(link.sequence - 1));
    let follows = match before {
        _ if link.previous.is_empty() => true,
        None if link.sequence == 1 => link.previous == zeros,
        // Told of as unreadable: nothing to compare with.
        None => true,
        Some(hashes) => hashes.iter().any(|hash| hash.is_empty() || *hash == link.previous),
    };
    if !follows {
        return at(Problem::DoesNotFollow);
    }
    if before.is_none() && link.sequence - 1 > head {
        return at(Problem::Gap);
    }
    None
}

/// Whether another record is here at the place of which the phone gave a hash. An empty hash says nothing.
pub fn differs(known_at: Option<&BTreeSet<Vec<u8>>>, hash: &[u8]) -> bool {
    let other = |known: &Vec<u8>| !known.is_empty() && known != hash;
    !hash.is_empty() && known_at.is_some_and(|hashes| hashes.iter().all(other))
}

/// What is here of a phone's chain, beside what the phone says of its end.
pub struct Here<'a> {
    /// The highest place at which a record is here; 0 when there is none.
    pub last: i64,
    /// The first place at which two different records are here: the phone forgot one of them, and perhaps others that
    /// never came.
    pub forked: Option<i64>,
    /// The hashes at the place of which the phone speaks.
    pub at: Option<&'a BTreeSet<Vec<u8>>>,
}

/// What the phone says of its last record, against what is here: `None` when it fits.
pub fn compare(here: &Here<'_>, sequence: i64, hash: &[u8]) -> Option<Trouble> {
    if sequence < here.last || differs(here.at, hash) {
        return Some(Trouble { sequence, problem: Problem::Behind });
    }
    here.forked.map(|sequence| Trouble { sequence, problem: Problem::Reused })
}

/// How far records are here without a gap, after those in `sequences` (sorted, all above `head`) came.
pub fn advanced(head: i64, sequences: impl IntoIterator<Item = i64>) -> i64 {
    sequences.into_iter().fold(head, |head, sequence| if sequence == head + 1 { sequence } else { head })
}

/// The ranges of `1..=last` that are missing, when `head` and `sequences` (sorted) are here; at most `most`.
pub fn missing(head: i64, sequences: impl IntoIterator<Item = i64>, last: i64, most: usize) -> Vec<(i64, i64)> {
    let mut ranges = Vec::new();
    let mut next = head + 1;
    for sequence in sequences.into_iter().filter(|sequence| *sequence > head).chain([last + 1]) {
        if sequence > next && next <= last && ranges.len() < most {
            ranges.push((next, (sequence - 1).min(last)));
        }
        next = next.max(sequence + 1);
    }
    ranges
}

/// Reads a hash in hex; nothing is no hash.
pub fn parse_hash(text: &str) -> std::result::Result<Vec<u8>, Invalid> {
    let hash = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes());
    hash.ok().filter(|hash| hash.is_empty() || hash.len() == HASH_LEN).ok_or_else(|| {
        Invalid::fixed(
            "not_a_hash",
            "Mã băm của lượt ghi gồm 64 ký tự thập lục phân.",
            "A record's hash is 64 hexadecimal digits.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(sequence: i64, hash: u8, previous: u8) -> Link {
        Link { sequence, nonce: Uuid::nil(), hash: vec![hash; HASH_LEN], previous: vec![previous; HASH_LEN] }
    }

    fn known(links: &[(i64, u8)]) -> Known {
        let mut known = Known::new();
        for (sequence, hash) in links {
            known.entry(*sequence).or_default().insert(vec![*hash; HASH_LEN]);
        }
        known
    }

    fn problem(head: i64, known: &Known, link: &Link) -> Option<Problem> {
        judge(head, known, link).map(|trouble| trouble.problem)
    }

    #[test]
    fn a_record_that_follows_the_one_before_it_is_fine() {
        assert_eq!(problem(0, &Known::new(), &link(1, 1, 0)), None);
        assert_eq!(problem(1, &known(&[(1, 1)]), &link(2, 2, 1)), None);
    }

    #[test]
    fn a_skipped_a_reused_and_a_foreign_record_are_told_apart() {
        assert_eq!(problem(1, &known(&[(1, 1)]), &link(3, 3, 2)), Some(Problem::Gap));
        assert_eq!(problem(2, &known(&[(1, 1), (2, 2)]), &link(2, 9, 1)), Some(Problem::Reused));
        assert_eq!(problem(2, &known(&[(1, 1), (2, 2)]), &link(3, 3, 9)), Some(Problem::DoesNotFollow));
        assert_eq!(problem(0, &Known::new(), &link(1, 1, 7)), Some(Problem::DoesNotFollow));
    }

    #[test]
    fn what_follows_an_unreadable_record_is_fine_once_that_was_told() {
        let mut known = known(&[(1, 1)]);
        known.entry(2).or_default().insert(Vec::new());
        assert_eq!(problem(2, &known, &link(3, 3, 2)), None);
    }

    #[test]
    fn a_phone_that_knows_less_than_it_sent_was_rolled_back() {
        let known = known(&[(2, 2)]);
        let here = |last, at| Here { last, forked: None, at };
        assert_eq!(compare(&here(2, known.get(&2)), 2, &[2; HASH_LEN]), None);
        assert_eq!(compare(&here(2, None), 5, &[5; HASH_LEN]), None);
        assert!(compare(&here(2, known.get(&2)), 2, &[3; HASH_LEN]).is_some());
        assert!(compare(&here(3, known.get(&2)), 2, &[2; HASH_LEN]).is_some());
        assert!(compare(&Here { forked: Some(1), ..here(2, known.get(&2)) }, 2, &[2; HASH_LEN]).is_some());
    }

    #[test]
    fn missing_records_are_told_as_ranges() {
        assert_eq!(missing(2, [5, 6, 9], 12, 100), [(3, 4), (7, 8), (10, 12)]);
        assert_eq!(missing(3, [], 3, 100), []);
        assert_eq!(missing(0, [1, 2, 9], 3, 100), [(3, 3)]);
        assert_eq!(missing(0, [2, 4, 6], 7, 2), [(1, 1), (3, 3)]);
        assert_eq!(advanced(2, [3, 4, 6]), 4);
    }

    #[test]
    fn a_records_hash_is_the_protocols() {
        let collector = Collector { name: "Nguyễn Thị Bông".to_owned(), relation: "hàng xóm".to_owned() };
        let record = Record {
            device_id: DeviceId(Uuid::from_u128(0x0198_a7b2_6f3c_7d10_9c1a_5b2f_4e6d_8a90)),
            sequence: 18,
            nonce: Uuid::from_u128(0x0198_a7b2_6f3c_7d10_9c1a_5b2f_4e6d_8a91),
            point_id: PointId(Uuid::from_u128(0x0198_a7b2_6f3c_7d10_9c1a_5b2f_4e6d_8a92)),
            lease_epoch: Some(12),
            scanned_at: Moment::parse("2021-08-05T00:12:30.250Z").unwrap(),
            units: 1,
            handed_out: true,
            code: "7G4K2-M9QXR",
            desk: "Bàn 1",
            collector: Some(&collector),
        };
        let hex = |hash: Vec<u8>| data_encoding::HEXLOWER.encode(&hash);
        assert_eq!(
            hex(record.hash(&[0; HASH_LEN])),
            "786edd1e96a5a64cf70426a3b8a104f335a0d912797665938419abf247bd038f"
        );
        let bare = Record { lease_epoch: None, desk: "", collector: None, ..record };
        assert_eq!(hex(bare.hash(&[7; HASH_LEN])), "afd3decd8ac4e5b26d601103858496802c4257008d2da9dceafd08aa7a057894");
    }
}
