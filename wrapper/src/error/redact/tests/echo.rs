//! The forms in which a service may repeat what it was sent.

use std::fmt::Write;

/// A form: its name, and the function that writes a text in it.
pub(super) type Form = (&'static str, fn(&str) -> String);

/// Forms that keep all of the text.
pub(super) const FORMS: [Form; 25] = [
    ("as it is", str::to_owned),
    ("without white space at its ends", |text| text.trim().to_owned()),
    ("with CRLF", |text| text.replace('\n', "\r\n")),
    ("a block of YAML", |text| lines("    ", text)),
    ("quoted, as in mail", |text| lines("> ", text)),
    ("JSON", json),
    ("JSON in JSON", |text| json(&json(text))),
    ("JSON in JSON in JSON", |text| json(&json(&json(text)))),
    ("\\u for all characters", |text| {
        text.encode_utf16().fold(String::new(), |text, unit| format!("{text}\\u{unit:04X}"))
    }),
    ("JSON with \\/ in JSON with \\/", |text| json(&json(text).replace('/', "\\/")).replace('/', "\\/")),
    ("names of HTML", |text| {
        each(text, |letter| match letter {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            '\'' => "&apos;".into(),
            '/' => "&sol;".into(),
            '-' => "&hyphen;".into(),
            '\n' => "&NewLine;".into(),
            other => other.into(),
        })
    }),
    ("decimal numbers of HTML", |text| each(text, |letter| format!("&#{};", u32::from(letter)))),
    ("hexadecimal numbers of HTML", |text| each(text, |letter| format!("&#x{:x};", u32::from(letter)))),
    ("percent-encoded in upper case", |text| percent(text, "%20", |byte| format!("%{byte:02X}"))),
    ("percent-encoded in lower case", |text| percent(text, "%20", |byte| format!("%{byte:02x}"))),
    ("a form, with + for spaces", |text| percent(text, "+", |byte| format!("%{byte:02X}"))),
    ("percent-encoded twice", |text| percent(text, "%2520", |byte| format!("%25{byte:02X}"))),
    ("JSON, percent-encoded, in HTML", |text| {
        let text = percent(&json(text), "%20", |byte| format!("%{byte:02x}"));
        text.replace('%', "&#37;")
    }),
    ("quoted-printable", |text| {
        each(text, |letter| match letter {
            '=' => "=3D".into(),
            '\n' => "=0A=\r\n".into(),
            other => other.into(),
        })
    }),
    ("in the quotes of a shell", |text| format!("'{}'", text.replace('\'', "'\\''"))),
    ("in quotes of YAML", |text| format!("startup_script: {text:?}\n")),
    ("Debug of Rust", |text| format!("{text:?}")),
    ("Debug of bytes in Rust", |text| format!("b\"{}\"", text.as_bytes().escape_ascii())),
    ("repr of Python", |text| format!("'{}'", text.replace('\\', "\\\\").replace('\n', "\\n").replace('\'', "\\'"))),
    ("base64", |text| base64(text.as_bytes())),
];

/// A text as a random composition of encodings writes it. Each encodes some characters of its own choice.
pub(super) fn generated(random: &mut fastrand::Rng, text: &str) -> String {
    let mut text = match random.u8(..5) {
        0 => text.replace('\n', "\r\n"),
        1 => lines("      ", text),
        2 => text.trim().to_owned(),
        _ => text.to_owned(),
    };
    let mut has_bytes = false;
    for _ in 0..random.usize(1..=4) {
        text = match random.u8(..6) {
            0 => some(random, &text, &['\\', '"', '\n', '\r'], |random, letter| match letter {
                '\n' => "\\n".into(),
                '\r' => "\\r".into(),
                '"' | '\\' | '/' if random.bool() => format!("\\{letter}"),
                _ => letter
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}")),
            }),
            1 => some(random, &text, &['%', ' ', '+'], |random, letter| {
                let upper = random.bool();
                let bytes = letter.to_string().into_bytes();
                bytes.iter().fold(String::new(), |text, byte| {
                    if upper { format!("{text}%{byte:02X}") } else { format!("{text}%{byte:02x}") }
                })
            }),
            2 => some(random, &text, &['&'], |random, letter| match (random.u8(..3), letter) {
                (0, '&') => "&amp;".into(),
                (0, '"') => "&quot;".into(),
                (0, '/') => "&#47".to_owned() + ";",
                (1, _) => format!("&#{};", u32::from(letter)),
                _ => format!("&#x{:X};", u32::from(letter)),
            }),
            3 => format!("{text:?}"),
            4 if !has_bytes => {
                has_bytes = true;
                base64(text.as_bytes())
            }
            _ => json(&text),
        };
        if text.len() > 20_000 {
            break;
        }
    }
    text
}

/// Encodes the characters that must be, and every few others.
fn some(
    random: &mut fastrand::Rng,
    text: &str,
    always: &[char],
    encode: fn(&mut fastrand::Rng, char) -> String,
) -> String {
    let share = random.f32();
    let mut encoded = String::new();
    for letter in text.chars() {
        match always.contains(&letter) || random.f32() < share {
            true => encoded.push_str(&encode(random, letter)),
            false => encoded.push(letter),
        }
    }
    encoded
}

fn each(text: &str, encode: fn(char) -> String) -> String {
    text.chars().map(encode).collect()
}

fn lines(before: &str, text: &str) -> String {
    text.lines().fold(String::new(), |text, line| text + before + line + "\n")
}

fn json(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].to_owned()
}

fn percent(text: &str, space: &str, encode: fn(u8) -> String) -> String {
    let encode = |byte: u8| match byte {
        b' ' => space.to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => encode(byte),
    };
    text.bytes().map(encode).collect()
}

/// In lines of 76 characters.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (index, chunk) in bytes.chunks(3).enumerate() {
        if index > 0 && index % 19 == 0 {
            text.push('\n');
        }
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            let _ = write!(text, "{}", char::from(LETTERS[bits as usize >> (18 - 6 * at) & 63]));
        }
        text.push_str(&"=="[..3 - chunk.len()]);
    }
    text
}
