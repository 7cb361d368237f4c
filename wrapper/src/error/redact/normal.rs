//! The normal form in which texts are compared: without what echoes add, drop or change.

/// The bytes without white space, control characters, quotes, backslashes and `+`, and from which place each byte is.
///
/// So line breaks, indentation and the quoting of shells do not matter, nor whether a form writes a space as `+`.
pub(super) fn normal(text: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut places) = (vec![], vec![]);
    let mut at = 0;
    while at < text.len() {
        match text[at..] {
            // A replacement character, and quotes of typography.
            [0xef, 0xbf, 0xbd, ..] | [0xe2, 0x80, 0x98..=0x9f, ..] => at += 2,
            [0..=b' ' | 0x7f | b'"' | b'\'' | b'`' | b'\\' | b'+', ..] => {}
            [byte, ..] => {
                bytes.push(byte);
                places.push(at);
            }
            [] => {}
        }
        at += 1;
    }
    (bytes, places)
}

/// The length of a normal form without what a cut-off text is ended with, and without the start of an entity of HTML.
pub(super) fn length_before_cut(normal: &[u8]) -> usize {
    let trimmed = |bytes: &[u8]| {
        let mut length = bytes.len();
        loop {
            match &bytes[..length] {
                [.., b'.' | b')' | b']' | b'}' | b'>' | b'%' | b'&' | b','] => length -= 1,
                // An ellipsis.
                [.., 0xe2, 0x80, 0xa6] => length -= 3,
                _ => return length,
            }
        }
    };
    let length = trimmed(normal);
    let last = &normal[length.saturating_sub(8)..length];
    match last.iter().rposition(|byte| matches!(byte, b'&' | b'%')) {
        Some(at) if last[at + 1..].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#') => {
            trimmed(&normal[..length - last.len() + at])
        }
        _ => length,
    }
}
