//! Random texts that no other program draws.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Returns up to 12 random lower-case letters and digits. Their randomness is the operating system's, by way of the seeds of a
/// hash map: programs with equal names, settings and start times draw different ones.
pub(crate) fn random_text(length: usize) -> String {
    let mut rest = RandomState::new().build_hasher().finish();
    let digit = || {
        let digit = base_36_digit(rest);
        rest /= 36;
        digit
    };
    std::iter::repeat_with(digit).take(length.min(12)).collect()
}

/// Returns the last digit of a number in base 36.
pub(crate) fn base_36_digit(number: u64) -> char {
    let digit = u32::try_from(number % 36).expect("less than 36");
    char::from_digit(digit, 36).expect("a digit of base 36")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_part_of_a_host_name_and_differ() {
        let texts: std::collections::HashSet<_> = std::iter::repeat_with(|| random_text(12)).take(1000).collect();
        assert_eq!(texts.len(), 1000);
        let is_valid = |one: &String| {
            one.len() == 12 && one.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(texts.iter().all(is_valid));
    }
}
