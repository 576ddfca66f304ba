//! Whether a word can be a Vietnamese syllable: how old encodings are told from good text.

use super::{TONES, split_tone};

/// Consonants that begin a syllable, longest first. `qu` and `gi` count as consonants.
const ONSETS: [&str; 29] = [
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "y", "",
];

/// What may follow, without tone.
const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay \
    ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên ênh êp êt êu \
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong \
    op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt \
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt uyn \
    uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu \
    y yên yêt yêm yêu yêng ynh yt yn ych ";

/// Whether one word, in any case, can be a Vietnamese syllable: onset, rime, at most one tone, and sắc or nặng
/// when it ends in a stop.
pub fn is_vietnamese_syllable(word: &str) -> bool {
    let mut tone = None;
    let mut letters = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        let (letter, mark) = split_tone(c);
        match (tone, mark) {
            (Some(_), Some(_)) => return false,
            (None, Some(mark)) => tone = Some(mark),
            _ => {}
        }
        letters.push(letter);
    }
    ONSETS.iter().filter_map(|onset| letters.strip_prefix(onset)).any(|rime| is_rime(rime, tone))
}

fn is_rime(rime: &str, tone: Option<char>) -> bool {
    if rime.is_empty() || !rime.chars().all(char::is_alphabetic) {
        return false;
    }
    let stops = rime.ends_with(['p', 't', 'c']) || rime.ends_with("ch");
    if stops && tone != Some(TONES[3]) && tone != Some(TONES[4]) {
        return false;
    }
    RIMES.split(' ').any(|known| known == rime)
}
