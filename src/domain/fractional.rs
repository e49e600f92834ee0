//! Fractional-index keys: strings whose byte order is an order of things, with room for a new key
//! between any two. A move then writes one key, whatever the number of siblings.
//!
//! A key is an integer part, whose first character tells its length (`a0` … `az`, `b00` …; `Zz`
//! below `a0`), and a fraction that never ends in the lowest digit. Appending a million keys
//! reaches five characters; only repeated insertion into one gap makes a key grow, by one
//! character in about six.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE: u64 = DIGITS.len() as u64;

/// `count` ascending keys strictly between `low` and `high`; `None` is an open end.
///
/// The caller keeps `low < high`; keys are those made here.
pub fn between(low: Option<&str>, high: Option<&str>, count: usize) -> Vec<String> {
    let mut keys = Vec::with_capacity(count);
    match (low, high) {
        (low, None) => {
            let mut last = low.map(str::to_owned);
            for _ in 0..count {
                let next = one_between(last.as_deref(), None);
                last = Some(next.clone());
                keys.push(next);
            }
        }
        (None, Some(high)) => {
            let mut first = high.to_owned();
            for _ in 0..count {
                first = one_between(None, Some(&first));
                keys.push(first.clone());
            }
            keys.reverse();
        }
        (Some(low), Some(high)) => halve(low, high, count, &mut keys),
    }
    keys
}

/// `count` ascending keys strictly between `low` and `high`, as evenly apart and as short as they
/// can be; `None` is an open end.
///
/// Where [`between`] goes on from its lower neighbour, this measures the gap: it serves where many
/// keys were put into one place and room is made anew. The caller keeps `low < high`.
pub fn spread(low: Option<&str>, high: Option<&str>, count: usize) -> Vec<String> {
    let (Some(low), Some(high)) = (low, high) else {
        return between(low, high, count);
    };
    let ((integer, low_fraction), (high_integer, high_fraction)) = (split(low), split(high));
    // How many steps of the last digit lead from `low` to `high`, with as many digits as it takes.
    let wanted = count as u64 + 1;
    let mut steps = integers_between(integer, high_integer, wanted * 4);
    let mut fraction = Vec::new();
    while steps < wanted {
        let at = fraction.len();
        if at > low.len().max(high.len()) + SPREAD_DIGITS {
            // No two keys made here are so close; others are not measured.
            return between(Some(low), Some(high), count);
        }
        let (from, to) = (digit_at(low_fraction, at), digit_at(high_fraction, at));
        steps = (steps * BASE + to).saturating_sub(from);
        fraction.push(from);
    }
    let mut integer = integer.to_owned();
    let mut at = 0;
    let mut keys = Vec::with_capacity(count);
    for index in 1..wanted {
        let to = index * steps / wanted;
        advance(&mut integer, &mut fraction, to - at);
        at = to;
        keys.push(join(&integer, &fraction));
    }
    keys
}

/// Digits that are enough to spread keys where two neighbours differ at all: 62 to this power.
const SPREAD_DIGITS: usize = 10;

/// How many steps lead from one integer part to a larger one; `limit` if they are more.
fn integers_between(low: &str, high: &str, limit: u64) -> u64 {
    let mut at = low.to_owned();
    for step in 0..limit {
        if at == high {
            return step;
        }
        match increment(&at) {
            Some(next) => at = next,
            None => return step,
        }
    }
    limit
}

/// Goes some steps of the last digit of a fraction on.
fn advance(integer: &mut String, fraction: &mut [u64], steps: u64) {
    let mut carry = steps;
    for digit in fraction.iter_mut().rev() {
        carry += *digit;
        *digit = carry % BASE;
        carry /= BASE;
    }
    for _ in 0..carry {
        if let Some(next) = increment(integer) {
            *integer = next;
        }
    }
}

/// The key of an integer part and a fraction, which must not end in the lowest digit.
fn join(integer: &str, fraction: &[u64]) -> String {
    let length = fraction.iter().rposition(|&digit| digit > 0);
    let digits = &fraction[..length.map_or(0, |last| last + 1)];
    let mut key = integer.to_owned();
    key.extend(
        digits
            .iter()
            .map(|&digit| char::from(DIGITS[digit as usize])),
    );
    key
}

/// A digit of a fraction, which goes on with the lowest one for ever.
fn digit_at(fraction: &str, at: usize) -> u64 {
    let byte = fraction.as_bytes().get(at);
    byte.map_or(0, |&byte| digit(byte) as u64)
}

/// Fills a closed gap from its middle outwards, so that keys stay short.
fn halve(low: &str, high: &str, count: usize, keys: &mut Vec<String>) {
    if count == 0 {
        return;
    }
    let middle = one_between(Some(low), Some(high));
    let left = (count - 1) / 2;
    halve(low, &middle, left, keys);
    keys.push(middle.clone());
    halve(&middle, high, count - 1 - left, keys);
}

fn one_between(low: Option<&str>, high: Option<&str>) -> String {
    match (low, high) {
        (None, None) => "a0".to_owned(),
        (Some(low), None) => {
            let (integer, fraction) = split(low);
            increment(integer).unwrap_or_else(|| format!("{integer}{}", midpoint(fraction, None)))
        }
        (None, Some(high)) => {
            let (integer, fraction) = split(high);
            if !fraction.is_empty() {
                return integer.to_owned();
            }
            decrement(integer)
                .unwrap_or_else(|| format!("{integer}{}", midpoint("", Some(fraction))))
        }
        (Some(low), Some(high)) => {
            let (low_integer, low_fraction) = split(low);
            let (high_integer, high_fraction) = split(high);
            if low_integer == high_integer {
                let fraction = midpoint(low_fraction, Some(high_fraction));
                return format!("{low_integer}{fraction}");
            }
            match increment(low_integer) {
                Some(next) if next.as_str() < high => next,
                _ => format!("{low_integer}{}", midpoint(low_fraction, None)),
            }
        }
    }
}

fn split(key: &str) -> (&str, &str) {
    let length = match key.as_bytes().first() {
        Some(head @ b'a'..=b'z') => usize::from(head - b'a') + 2,
        Some(head @ b'A'..=b'Z') => usize::from(b'Z' - head) + 2,
        _ => key.len(),
    };
    key.split_at_checked(length).unwrap_or((key, ""))
}

/// Whether a text is a key as they are made here.
pub fn is_key(text: &str) -> bool {
    let (integer, fraction) = split(text);
    let head = integer.as_bytes().first();
    let length = match head {
        Some(head @ b'a'..=b'z') => usize::from(head - b'a') + 2,
        Some(head @ b'A'..=b'Z') => usize::from(b'Z' - head) + 2,
        _ => return false,
    };
    integer.len() == length
        && text.bytes().all(|byte| DIGITS.contains(&byte))
        && !fraction.ends_with('0')
}

fn digit(byte: u8) -> usize {
    DIGITS.iter().position(|&d| d == byte).unwrap_or(0)
}

/// A fraction strictly between two; an empty `low` is zero, no `high` is one.
fn midpoint(low: &str, high: Option<&str>) -> String {
    let low = low.as_bytes();
    let high_bytes = high.map(str::as_bytes);
    if let Some(high) = high_bytes {
        let shared = (0..high.len())
            .take_while(|&i| low.get(i).copied().unwrap_or(DIGITS[0]) == high[i])
            .count();
        if shared > 0 {
            let prefix: String = high[..shared].iter().map(|&b| b as char).collect();
            let rest = low.get(shared..).unwrap_or_default();
            let rest: String = rest.iter().map(|&b| b as char).collect();
            let high: String = high[shared..].iter().map(|&b| b as char).collect();
            return prefix + &midpoint(&rest, Some(&high));
        }
    }
    let from = low.first().map_or(0, |&b| digit(b));
    let to = high_bytes
        .and_then(|h| h.first())
        .map_or(DIGITS.len(), |&b| digit(b));
    if to - from > 1 {
        return char::from(DIGITS[(from + to).div_ceil(2)]).to_string();
    }
    match high_bytes {
        Some(high) if high.len() > 1 => char::from(high[0]).to_string(),
        _ => {
            let rest: String = low.iter().skip(1).map(|&b| b as char).collect();
            char::from(DIGITS[from]).to_string() + &midpoint(&rest, None)
        }
    }
}

/// The next integer part; `None` past the largest.
fn increment(integer: &str) -> Option<String> {
    let mut bytes = integer.as_bytes().to_vec();
    for i in (1..bytes.len()).rev() {
        let d = digit(bytes[i]) + 1;
        if d < DIGITS.len() {
            bytes[i] = DIGITS[d];
            return Some(bytes.into_iter().map(char::from).collect());
        }
        bytes[i] = DIGITS[0];
    }
    let head = match bytes[0] {
        b'Z' => return Some("a0".to_owned()),
        b'z' => return None,
        head => head + 1,
    };
    bytes[0] = head;
    if head > b'a' {
        bytes.push(DIGITS[0]);
    } else {
        bytes.pop();
    }
    Some(bytes.into_iter().map(char::from).collect())
}

/// The integer part before; `None` below the smallest.
fn decrement(integer: &str) -> Option<String> {
    let top = DIGITS[DIGITS.len() - 1];
    let mut bytes = integer.as_bytes().to_vec();
    for i in (1..bytes.len()).rev() {
        let d = digit(bytes[i]);
        if d > 0 {
            bytes[i] = DIGITS[d - 1];
            return Some(bytes.into_iter().map(char::from).collect());
        }
        bytes[i] = top;
    }
    let head = match bytes[0] {
        b'a' => return Some("Zz".to_owned()),
        b'A' => return None,
        head => head - 1,
    };
    bytes[0] = head;
    if head < b'Z' {
        bytes.push(top);
    } else {
        bytes.pop();
    }
    Some(bytes.into_iter().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_million_appends_stay_short() {
        let keys = between(None, None, 1_000_000);
        assert!(keys.is_sorted());
        assert_eq!(keys.last().unwrap().len(), 5);
    }

    #[test]
    fn ends_of_the_integer_part_carry() {
        assert_eq!(between(Some("az"), None, 1), ["b00"]);
        assert_eq!(between(None, Some("a0"), 1), ["Zz"]);
        assert_eq!(between(None, Some("Z0"), 1), ["Yzz"]);
        assert_eq!(between(Some("Zz"), None, 1), ["a0"]);
    }

    #[test]
    fn what_was_not_made_here_is_no_key() {
        for key in ["a0", "Zz", "b00V", "Yzz1"] {
            assert!(is_key(key), "{key}");
        }
        for text in ["", "a", "b0", "0", "a00", "a0_", "a0é", "é0", "a0 "] {
            assert!(!is_key(text), "{text}");
        }
    }

    #[test]
    fn repeated_insertion_into_one_gap_grows_slowly() {
        let (low, mut high) = ("a0".to_owned(), "a1".to_owned());
        for _ in 0..600 {
            high = between(Some(&low), Some(&high), 1).remove(0);
        }
        assert!(high.len() < 130, "{}", high.len());
    }

    #[test]
    fn spread_keys_are_even_and_short() {
        assert_eq!(spread(Some("a0"), Some("a4"), 3), ["a1", "a2", "a3"]);
        assert_eq!(spread(Some("a0"), Some("a2"), 3), ["a0V", "a1", "a1V"]);
        assert_eq!(spread(Some("Zz"), Some("a0"), 1), ["ZzV"]);
        let crowded = (format!("a0{}", "z".repeat(40)), "a1V");
        let keys = spread(Some(&crowded.0), Some(crowded.1), 600);
        assert!(keys.iter().all(|key| key.len() <= 5), "{keys:?}");
        let close = format!("a0{}", "1".repeat(50));
        let keys = spread(Some(&close), Some(&format!("{close}1")), 60);
        assert!(keys.iter().all(|key| key.len() <= 54), "{keys:?}");
        assert_eq!(spread(None, Some("a0"), 2), ["Zy", "Zz"]);
        // What was not made here does not keep anybody waiting.
        assert_eq!(spread(Some("a0_"), Some("a0~"), 1).len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn spread_keys_stay_in_order_wherever_they_are_put(
            inserts in proptest::collection::vec((any::<proptest::sample::Index>(), 1usize..70), 1..40)
        ) {
            let mut keys: Vec<String> = Vec::new();
            for (at, count) in inserts {
                let at = at.index(keys.len() + 1);
                let low = at.checked_sub(1).map(|i| keys[i].clone());
                let high = keys.get(at).cloned();
                let new = spread(low.as_deref(), high.as_deref(), count);
                prop_assert_eq!(new.len(), count);
                keys.splice(at..at, new);
                prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", keys);
                prop_assert!(keys.iter().all(|key| is_key(key)), "{:?}", keys);
            }
        }

        #[test]
        fn keys_stay_in_order_wherever_they_are_put(
            inserts in proptest::collection::vec((any::<proptest::sample::Index>(), 1usize..5), 1..60)
        ) {
            let mut keys: Vec<String> = Vec::new();
            for (at, count) in inserts {
                let at = at.index(keys.len() + 1);
                let low = at.checked_sub(1).map(|i| keys[i].clone());
                let high = keys.get(at).cloned();
                let new = between(low.as_deref(), high.as_deref(), count);
                prop_assert_eq!(new.len(), count);
                keys.splice(at..at, new);
                prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", keys);
            }
        }
    }
}
