//! How badly a masked code would read: the penalties of ISO/IEC 18004 §7.8.3, for whole lines of modules at once.

/// Penalty of a code given as its rows and its columns, the first module of a line in the highest bit. The
/// quiet zone counts as light, as a reader sees it.
pub fn penalty(rows: &[u64], columns: &[u64]) -> u32 {
    let side = rows.len();
    let lines = rows.iter().chain(columns).map(|line| runs(*line, side) + finders(*line)).sum::<u32>();
    let blocks = rows.windows(2).map(|pair| blocks(pair[0], pair[1], side)).sum::<u32>();
    let dark = rows.iter().map(|row| row.count_ones()).sum::<u32>();
    lines + blocks + balance(dark, side)
}

/// Bits at which a module has a right neighbour.
const fn inner(side: usize) -> u64 {
    u64::MAX << (65 - side)
}

/// At each module, whether its right neighbour is alike.
const fn alike(line: u64, side: usize) -> u64 {
    !(line ^ (line << 1)) & inner(side)
}

/// 3 for each run of five alike, and 1 for each module more.
const fn runs(line: u64, side: usize) -> u32 {
    let alike = alike(line, side);
    let five = alike & (alike << 1) & (alike << 2) & (alike << 3);
    // A run of n has n − 4 places where five begin, and begins once.
    five.count_ones() + 2 * (five & !(five >> 1)).count_ones()
}

/// 3 for each block of two by two alike.
const fn blocks(upper: u64, lower: u64, side: usize) -> u32 {
    3 * (alike(upper, side) & alike(lower, side) & !(upper ^ lower)).count_ones()
}

/// 40 for each 1:1:3:1:1 that has four light modules before or after it.
fn finders(line: u64) -> u32 {
    // Four of the quiet zone come in from the left; to the right there are zeros enough.
    let line = line >> 4;
    let find = |pattern: u32| {
        (0..11).fold(u64::MAX, |found, i| {
            let here = line << i;
            found & if pattern >> (10 - i) & 1 == 1 { here } else { !here }
        })
    };
    // Patterns that would begin in the last ten bits run over the end of the word, where zeros come in.
    40 * ((find(0b000_0101_1101) & !0x3ff).count_ones() + (find(0b101_1101_0000) & !0x3ff).count_ones())
}

/// 10 for each 5 % that the share of dark modules is off one half.
const fn balance(dark: u32, side: usize) -> u32 {
    let all = (side * side) as u32;
    (dark * 20).abs_diff(all * 10) / all * 10
}

/// The same, module by module.
#[cfg(test)]
pub fn count_by_module(dark: &[bool], side: usize) -> u32 {
    let at = |x: usize, y: usize| dark[y * side + x];
    let lines = (0..side).flat_map(|i| {
        let row: Vec<bool> = (0..side).map(|x| at(x, i)).collect();
        let column: Vec<bool> = (0..side).map(|y| at(i, y)).collect();
        [row, column]
    });
    let mut sum = 0;
    for line in lines {
        for run in line.chunk_by(|a, b| a == b).map(<[bool]>::len).filter(|len| *len >= 5) {
            sum += 3 + run as u32 - 5;
        }
        let quiet = [false; 4];
        let wide: String = quiet.iter().chain(&line).chain(&quiet).map(|dark| if *dark { '1' } else { '0' }).collect();
        for i in 0..wide.len() - 10 {
            sum += 40 * u32::from(["00001011101", "10111010000"].contains(&&wide[i..i + 11]));
        }
    }
    for y in 1..side {
        for x in 1..side {
            let block = [at(x, y), at(x - 1, y), at(x, y - 1), at(x - 1, y - 1)];
            sum += 3 * u32::from(block.iter().all(|dark| *dark == block[0]));
        }
    }
    let share = dark.iter().filter(|dark| **dark).count() as f64 * 100.0 / (side * side) as f64;
    sum + ((share - 50.0).abs() / 5.0).floor() as u32 * 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_at_once_count_what_single_modules_count(
            bits in proptest::collection::vec(any::<u64>(), 49),
            streaks in proptest::collection::vec(any::<u64>(), 49),
            side in prop_oneof![Just(41_usize), Just(49)],
        ) {
            // Ones that are rare, so that long runs and finder patterns come about too.
            let dark: Vec<bool> =
                (0..side * side).map(|i| (bits[i / side] & streaks[i / side]) >> (i % side) & 1 == 1).collect();
            let mut lines = ([0_u64; 49], [0_u64; 49]);
            for (i, _) in dark.iter().enumerate().filter(|(_, dark)| **dark) {
                lines.0[i / side] |= 1 << (63 - i % side);
                lines.1[i % side] |= 1 << (63 - i / side);
            }
            prop_assert_eq!(penalty(&lines.0[..side], &lines.1[..side]), count_by_module(&dark, side));
        }
    }
}
