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

/// Neither a control character nor one that is invisible or changes how its neighbours read.
fn is_printable(character: char) -> bool {
    !character.is_control() && !is_invisible(character)
}

/// The line and paragraph separators, and what Unicode calls default-ignorable: joiners, marks and overrides of direction,
/// selectors of variants, tags, fillers. A text can hide another one in them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
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

    #[test]
    fn what_is_invisible_or_changes_direction_is_replaced() {
        let bidi = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let invisible =
            "\u{ad}\u{200b}\u{200c}\u{200d}\u{2060}\u{2064}\u{3164}\u{fe0f}\u{feff}\u{fffa}\u{e0041}\u{e0100}";
        for character in bidi.chars().chain(invisible.chars()) {
            assert_eq!(printable(&format!("a{character}b")), "a\u{fffd}b", "{character:?}");
        }
        let visible = "aÄß 漢字 עברית عربي देवनागरी 한글 😀 — “x” €";
        assert_eq!(printable(visible), visible);
    }
}
