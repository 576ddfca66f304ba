//! How near two names are, for the hint "possible duplicate". Never decides a duplicate.

use super::fold;

/// How many letters to insert, drop, replace or swap with their neighbour to turn one text into the other.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0_usize; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut current = last.clone();
    for i in 1..=a.len() {
        current[0] = i;
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            current[j] = replace.min(last[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before_last[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut current);
    }
    last[b.len()]
}

/// How alike two names sound without marks, from 0 (nothing in common) to 1 (the same letters).
pub fn name_similarity(a: &str, b: &str) -> f32 {
    // Long enough for any name; bounds the work on hostile input.
    const LONGEST: usize = 100;
    let (a, b): (String, String) = (fold(a).chars().take(LONGEST).collect(), fold(b).chars().take(LONGEST).collect());
    let longer = a.chars().count().max(b.chars().count());
    if longer == 0 {
        return 0.0;
    }
    1.0 - edit_distance(&a, &b) as f32 / longer as f32
}
