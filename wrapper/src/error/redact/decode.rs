//! Decodes text layer by layer: escapes of JSON and of programming languages, percent-encoding, HTML entities,
//! quoted-printable and base64. Each decoded byte keeps the place in the original that it comes from.

use std::ops::Range;

/// The most views that are made of a text. Ten programs that each escape what they are handed do not reach it.
const MAX_VIEWS: usize = 64;

/// The fewest characters of base64 that are decoded: those of a secret of 8 bytes.
const MIN_BASE64: usize = 11;

/// Text with some layers decoded.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// For each byte, the range of the original that it was decoded from.
    pub(super) origins: Vec<Range<u32>>,
    /// Whether nothing is left to decode in it.
    pub(super) is_final: bool,
}

/// All views of a text: as it is and after each layer, with quoted-printable decoded, and with base64 decoded; `None` if it has
/// more layers than are decoded.
pub(super) fn views(text: &str) -> Option<Vec<View>> {
    let mut views = layers(View::of(text))?;
    let mut inner = vec![];
    for plain in views.iter().filter(|view| view.is_final) {
        inner.extend(plain.decoded(quoted_printable));
        // A piece of base64 that was cut off in front can begin at any of four characters.
        inner.extend((0..4).filter_map(|offset| plain.decoded_base64(offset)));
    }
    for view in inner {
        views.extend(layers(view)?);
    }
    Some(views)
}

/// The text with all layers decoded, as far as they are.
pub(super) fn fully_decoded(text: &str) -> Vec<u8> {
    let outermost = View::of(text);
    let inner = std::iter::successors(Some(outermost), |view| KINDS.iter().find_map(|kind| view.decoded(*kind)));
    inner.take(MAX_VIEWS).last().map(|view| view.bytes).unwrap_or_default()
}

/// The kinds of escapes that a layer can have.
const KINDS: [Escape; 2] = [markup, backslash];

/// The view and all that come of it, whichever kind is decoded first. Which is the outer one cannot be seen where an encoder
/// leaves the marks of the other as they are; the results differ where they touch.
fn layers(outermost: View) -> Option<Vec<View>> {
    let mut layers = vec![outermost];
    let mut at = 0;
    while at < layers.len() {
        let inner: Vec<_> = KINDS.iter().filter_map(|kind| layers[at].decoded(*kind)).collect();
        layers[at].is_final = inner.is_empty();
        for view in inner {
            if layers.iter().all(|known| known.bytes != view.bytes) {
                layers.push(view);
            }
        }
        if layers.len() > MAX_VIEWS {
            return None;
        }
        at += 1;
    }
    Some(layers)
}

impl View {
    fn of(text: &str) -> Self {
        let origins = (0..text.len() as u32).map(|at| at..at + 1).collect();
        Self { bytes: text.as_bytes().to_vec(), origins, is_final: false }
    }

    fn empty() -> Self {
        Self { bytes: vec![], origins: vec![], is_final: false }
    }

    fn push(&mut self, decoded: Unit, origin: &Range<u32>) {
        match decoded {
            Unit::Nothing => {}
            Unit::Byte(byte) => self.bytes.push(byte),
            // HTML writes spaces that it must keep in this way.
            Unit::Char('\u{a0}') => self.bytes.push(b' '),
            Unit::Char(character) => self.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        self.origins.resize(self.bytes.len(), origin.clone());
    }

    /// The view with each escape of a kind replaced by what it stands for; `None` if it has none.
    fn decoded(&self, escape: Escape) -> Option<Self> {
        // Most texts have none.
        let mark = self.bytes.iter().position(|byte| MARKS.contains(byte))?;
        let first = (mark..self.bytes.len()).find(|at| escape(&self.bytes[*at..]).is_some())?;
        let (bytes, origins) = (self.bytes[..first].to_vec(), self.origins[..first].to_vec());
        let mut view = Self { bytes, origins, is_final: false };
        let mut at = first;
        while at < self.bytes.len() {
            let (length, unit) = escape(&self.bytes[at..]).unwrap_or((1, Unit::Byte(self.bytes[at])));
            view.push(unit, &self.origin(at..at + length));
            at += length;
        }
        Some(view)
    }

    /// What all pieces of base64 in it hold, each read from this character on.
    fn decoded_base64(&self, offset: usize) -> Option<Self> {
        let mut view = Self::empty();
        let mut at = 0;
        for piece in self.bytes.split(|byte| base64_value(*byte).is_none()) {
            let from = at + offset;
            at += piece.len() + 1;
            if piece.len() < MIN_BASE64 {
                continue;
            }
            for (index, group) in piece[offset..].chunks(4).enumerate() {
                let values = group.iter().filter_map(|byte| base64_value(*byte));
                let bits = values.fold(0, |bits, value| (bits << 6) | value) << (6 * (4 - group.len()));
                let start = from + 4 * index;
                let origin = self.origin(start..start + group.len());
                for byte in &bits.to_be_bytes()[1..group.len()] {
                    view.push(Unit::Byte(*byte), &origin);
                }
            }
        }
        (!view.bytes.is_empty()).then_some(view)
    }

    /// The range of the original that these bytes come from.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<u32> {
        self.origins[range.start].start..self.origins[range.end - 1].end
    }
}

/// What an escape stands for.
#[derive(Clone, Copy)]
enum Unit {
    Byte(u8),
    Char(char),
    Nothing,
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(
        match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        }
        .into(),
    )
}

/// The bytes that escapes begin with.
const MARKS: &[u8] = b"\\%&=";

/// The escape that a text begins with, and its length.
type Escape = fn(&[u8]) -> Option<(usize, Unit)>;

/// Escapes of URLs and HTML.
fn markup(text: &[u8]) -> Option<(usize, Unit)> {
    match text[0] {
        b'%' => percent(text),
        b'&' => entity(text),
        _ => None,
    }
}

/// The number that the first digits are, and how many there are: at least `least`, at most `most`.
fn number(text: &[u8], radix: u32, least: usize, most: usize) -> Option<(usize, u32)> {
    let digits = text.iter().take(most).map_while(|byte| char::from(*byte).to_digit(radix));
    let (length, number) =
        digits.fold((0, 0_u32), |(length, number), digit| (length + 1, number.saturating_mul(radix) + digit));
    (length >= least).then_some((length, number))
}

fn character(code: u32) -> Unit {
    char::from_u32(code).map_or(Unit::Nothing, Unit::Char)
}

/// Escapes of JSON, Rust, Python, JavaScript and shells.
fn backslash(text: &[u8]) -> Option<(usize, Unit)> {
    if text[0] != b'\\' {
        return None;
    }
    let byte = |byte| Some((2, Unit::Byte(byte)));
    match *text.get(1)? {
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        b'b' | b'f' | b'v' | b'\n' => byte(b' '),
        kept @ (b'\\' | b'/' | b'"' | b'\'' | b'`') => byte(kept),
        b'x' => number(&text[2..], 16, 2, 2).map(|(length, code)| (2 + length, Unit::Byte(code as u8))),
        b'u' if text.get(2) == Some(&b'{') => {
            let (length, code) = number(&text[3..], 16, 1, 6)?;
            (text.get(3 + length) == Some(&b'}')).then(|| (4 + length, character(code)))
        }
        b'u' => utf16(text),
        b'U' => number(&text[2..], 16, 8, 8).map(|(length, code)| (2 + length, character(code))),
        b'0'..=b'3' => match number(&text[1..], 8, 3, 3) {
            Some((length, code)) => Some((1 + length, Unit::Byte(code as u8))),
            None => (text[1] == b'0').then_some((2, Unit::Nothing)),
        },
        _ => None,
    }
}

/// `\u` and four digits, or two of them for one character. One that is cut off stands for nothing. If something else is wrong
/// with it, its parts may be escaped themselves, and are decoded first.
fn utf16(text: &[u8]) -> Option<(usize, Unit)> {
    let unit = |text: &[u8]| text.strip_prefix(b"\\u").and_then(|digits| number(digits, 16, 4, 4));
    match (unit(text), text.get(6..).and_then(unit)) {
        (Some((_, high @ 0xd800..=0xdbff)), Some((_, low @ 0xdc00..=0xdfff))) => {
            Some((12, character(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))))
        }
        (Some((_, code)), _) => char::from_u32(code).map(|character| (6, Unit::Char(character))),
        (None, _) => {
            let length = 2 + number(&text[2..], 16, 0, 3)?.0;
            let is_cut_off = matches!(text.get(length), None | Some(b'"' | b'.' | b'<' | 0x80..));
            is_cut_off.then_some((length, Unit::Nothing))
        }
    }
}

fn percent(text: &[u8]) -> Option<(usize, Unit)> {
    match text.get(1) {
        Some(b'u') => number(&text[2..], 16, 4, 4).map(|(_, code)| (6, character(code))),
        _ => number(&text[1..], 16, 2, 2).map(|(_, code)| (3, Unit::Byte(code as u8))),
    }
}

/// The names of HTML for punctuation, each before its character.
const PUNCTUATION: &str = "Tab \t NewLine \n excl ! quot \" QUOT \" num # dollar $ percnt % amp & AMP & apos ' lpar ( rpar ) ast * \
    midast * plus + comma , period . sol / colon : semi ; lt < LT < equals = gt > GT > quest ? commat @ lsqb [ lbrack [ bsol \\ \
    rsqb ] rbrack ] Hat ^ lowbar _ UnderBar _ grave ` DiacriticalGrave ` lcub { lbrace { verbar | vert | VerticalLine | rcub } \
    rbrace } hyphen - dash -";

/// The names of HTML for the characters from U+00A0 on.
const LATIN1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
    micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave \
    Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml \
    Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth \
    ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The longest of these names.
const MAX_NAME: usize = 16;

fn entity(text: &[u8]) -> Option<(usize, Unit)> {
    let (marks, number) = match *text.get(1)? {
        b'#' if matches!(text.get(2), Some(b'x' | b'X')) => (3, number(&text[3..], 16, 1, 8)?),
        b'#' => (2, number(&text[2..], 10, 1, 8)?),
        _ => {
            let end = text.iter().take(MAX_NAME + 2).position(|byte| *byte == b';')?;
            return named(str::from_utf8(&text[1..end]).ok()?).map(|character| (end + 1, Unit::Char(character)));
        }
    };
    let end = marks + number.0;
    match text.get(end) {
        Some(b';') => Some((end + 1, character(number.1))),
        // The digits that follow may be escaped.
        Some(b'%' | b'&' | b'\\') => None,
        _ => Some((end, character(number.1))),
    }
}

fn named(name: &str) -> Option<char> {
    let words = || PUNCTUATION.split(' ').filter(|word| !word.is_empty());
    let punctuation = || words().zip(words().skip(1)).step_by(2).find(|(known, _)| *known == name)?.1.chars().next();
    let latin1 = || LATIN1.split_whitespace().zip('\u{a0}'..).find(|(known, _)| *known == name);
    punctuation().or_else(|| latin1().map(|(_, character)| character))
}

/// The escapes of mail.
fn quoted_printable(text: &[u8]) -> Option<(usize, Unit)> {
    match text {
        [b'=', b'\n', ..] => Some((2, Unit::Nothing)),
        [b'=', b'\r', b'\n', ..] => Some((3, Unit::Nothing)),
        [b'=', digits @ ..] => number(digits, 16, 2, 2).map(|(_, code)| (3, Unit::Byte(code as u8))),
        _ => None,
    }
}
