//! Text from outside as part of one line of an error message or a log.

/// The most characters of such a text that a line shows.
pub(super) const MAX_CHARS: usize = 300;

/// The text on one line: white space folded, characters that cannot be printed replaced, long text cut.
pub(crate) fn printable(text: &str) -> String {
    let mut line = String::new();
    let words = text.split_whitespace().flat_map(|word| [" ", word]).skip(1);
    for (count, character) in words.flat_map(str::chars).enumerate() {
        if count == MAX_CHARS {
            line.push('…');
            break;
        }
        line.push(if is_printable(character) { character } else { char::REPLACEMENT_CHARACTER });
    }
    line
}

/// The start of a body, in quotes.
pub(crate) fn excerpt(body: &str) -> String {
    format!("\"{}\"", printable(body))
}

/// Neither a control character nor one that changes how its neighbours read.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_on_one_line() {
        assert_eq!(printable(" a\r\n\tb  c "), "a b c");
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\0"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert_eq!(printable(&"x".repeat(1000)), format!("{}…", "x".repeat(MAX_CHARS)));
        assert_eq!(printable(&"ü".repeat(MAX_CHARS)), "ü".repeat(MAX_CHARS));
    }
}
