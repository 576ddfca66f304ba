//! How near two names are, for the hint "possible duplicate". Never decides a duplicate.

use strsim::osa_distance;

use super::fold;

/// How alike two names sound without marks, from 0 (nothing in common) to 1 (the same letters): by how many letters are
/// inserted, dropped, replaced or swapped with their neighbour to turn one into the other.
pub fn name_similarity(a: &str, b: &str) -> f32 {
    // Long enough for any name; bounds the work on hostile input.
    const LONGEST: usize = 100;
    let (a, b): (String, String) = (fold(a).chars().take(LONGEST).collect(), fold(b).chars().take(LONGEST).collect());
    let longer = a.chars().count().max(b.chars().count());
    if longer == 0 {
        return 0.0;
    }
    1.0 - osa_distance(&a, &b) as f32 / longer as f32
}
