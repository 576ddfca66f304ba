//! Chance that is the same on every machine.

use uuid::Uuid;

use crate::simulation::network::Secs;

/// A small generator (SplitMix64): the same runs on every machine.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) const fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(super) const fn secs(&mut self, from: Secs, to: Secs) -> Secs {
        from + self.below((to - from) as u64) as Secs
    }

    pub(super) const fn percent(&mut self, p: u64) -> bool {
        self.below(100) < p
    }

    pub(super) fn id(&mut self) -> Uuid {
        Uuid::from_u128((u128::from(self.next()) << 64) | u128::from(self.next()))
    }
}
