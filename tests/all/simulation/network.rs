//! What goes over the network, and when it arrives.

use lalanh::redemption::Outcome;
use lalanh::redemption::leases::LeaseState;
use uuid::Uuid;

/// Seconds since the simulation began.
pub type Secs = i64;
/// A voucher, by its place.
pub type Voucher = usize;
/// A phone, by its place.
pub type Phone = usize;
/// A lease, by its place at the server; its epoch is one more.
pub type Lease = usize;

/// What is held before a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    pub voucher: Voucher,
    pub issue: u8,
    /// By its typed code, which names no voucher to a phone without its row.
    pub typed: bool,
}

/// A record of a phone's queue.
#[derive(Clone, Debug)]
pub struct Item {
    pub sequence: i64,
    pub previous: Vec<u8>,
    pub nonce: Uuid,
    pub paper: Paper,
    pub lease: Option<Lease>,
    pub scanned_at: Secs,
    pub hash: Vec<u8>,
}

/// What a nonce was answered, and whether that handover was undone since.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub nonce: Uuid,
    pub outcome: Outcome,
    pub voucher: Voucher,
    pub reversed: bool,
}

/// Why a phone's list says that a voucher is not to be handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    HandedOut,
    Held,
}

/// What a phone asks.
#[derive(Clone, Debug)]
pub enum Request {
    Ask { key: Uuid, sequence: i64, hash: Vec<u8> },
    Manifest { lease: Lease },
    Scan { nonce: Uuid, paper: Paper },
    Stored { nonce: Uuid },
    Upload { items: Vec<Item> },
    Recalls { lease: Lease },
    Return { lease: Lease, vouchers: Vec<Voucher> },
    Report { lease: Lease, sequence: i64, hash: Vec<u8> },
    Undo { nonce: Uuid },
}

impl Request {
    /// Whether a phone that was revoked may still tell it.
    pub const fn is_of_the_revoked(&self) -> bool {
        matches!(self, Self::Upload { .. } | Self::Return { .. } | Self::Report { .. })
    }
}

/// What the server answers.
#[derive(Clone, Debug)]
pub enum Reply {
    Leased { key: Uuid, lease: Lease, use_secs: Secs },
    RolledBack,
    Revoked,
    Manifest { lease: Lease, rows: Vec<(Voucher, u8)>, known: Vec<(Voucher, Why)> },
    LeaseEnded { lease: Lease },
    Scanned(Answer),
    Stored { nonce: Uuid, answer: Option<Answer> },
    Uploaded { answers: Vec<Answer> },
    Recalls { lease: Lease, state: LeaseState, vouchers: Vec<Voucher> },
    Returned { lease: Lease, vouchers: Vec<Voucher> },
    Ended { lease: Lease },
    Missing { lease: Lease },
    Undone { nonce: Uuid },
}

/// What is on its way.
#[derive(Clone, Debug)]
pub enum Parcel {
    /// To the server; when it was sent, and by which start of the phone.
    Up { from: Phone, boot: u32, sent_at: Secs, request: Request },
    /// To a phone.
    Down { to: Phone, boot: u32, sent_at: Secs, reply: Reply },
}
