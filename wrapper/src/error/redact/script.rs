//! What of a script is looked for in a message: lines and runs that only a repetition of the script has, and words that look
//! like credentials.
//!
//! Scripts consist mostly of words that messages use as well: commands, packages, images, regions, addresses. A message that
//! has some of them in common with a script of 64 KiB has to be shown. So nothing counts that is shorter than the phrases that
//! two texts on one subject share, nor what anyone may know: values that the request states openly, ids, instance types, marks of HTML, and in runs long words such
//! as addresses and paths.

use std::ops::Range;

use super::decode::fully_decoded;
use super::index::Index;
use super::normal::normal;

/// The fewest bytes, of those that count, by which a run of a script is recognised. Names of instance types, ids and most
/// addresses are shorter, and so are phrases of six English words.
const RUN: usize = 40;
/// The same for a line as a whole, if it has several words. `systemctl restart docker` is shorter.
const LINE: usize = 24;
/// The same for a line with a word that looks like a credential.
const LINE_WITH_CREDENTIAL: usize = 12;
/// The shortest start of a line that counts where a message is cut off.
const START_OF_LINE: usize = 16;
/// The fewest different bytes of a run: rulers in comments have few.
const DIFFERENT: usize = 8;

/// The parts of a script by which its repetition is recognised.
pub(super) fn add_script(index: &mut Index, script: &str, open_values: &[&str]) {
    let decoded = fully_decoded(script);
    let is_known = known(&decoded, open_values);
    add_lines(index, &decoded, &is_known);
    let (bytes, places) = normal(&decoded);
    if bytes.len() < RUN {
        index.add_whole(&bytes, START_OF_LINE);
    }
    // A message may have a long word in common with a script: an address, a path, a name of many parts.
    let is_word = long_words(&decoded);
    let counting = running_total(places.iter().map(|place| !is_known[*place] && !is_word[*place]));
    index.add_runs(&bytes, RUN, |run| counting[run.end] - counting[run.start] >= RUN * 4 / 5 && is_varied(&bytes[run]));
}

/// The words of a script that look like credentials.
pub(super) fn credentials(script: &str) -> impl Iterator<Item = &str> {
    script.lines().flat_map(credentials_of_line)
}

fn add_lines(index: &mut Index, decoded: &[u8], is_known: &[bool]) {
    let mut start = 0;
    for line in decoded.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let (bytes, places) = normal(line);
        let counting = places.iter().filter(|place| !is_known[start + **place]).count();
        let is_word = |word: &[u8]| word.iter().any(u8::is_ascii_alphanumeric);
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| is_word(word));
        // Messages have `name: value` as well.
        let is_after_name = words.next().is_some_and(|word| word.ends_with(b":"));
        let has_words = words.count() > usize::from(is_after_name);
        let has_credential = || credentials_of_line(&String::from_utf8_lossy(line)).next().is_some();
        let counts = (counting >= LINE && has_words) || (counting >= LINE_WITH_CREDENTIAL && has_credential());
        if counts && is_varied(&bytes) {
            index.add_whole(&bytes, START_OF_LINE);
        }
        start += line.len() + 1;
    }
}

fn is_varied(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    seen.iter().filter(|seen| **seen).count() >= DIFFERENT
}

/// How many are true before each place.
fn running_total(flags: impl Iterator<Item = bool>) -> Vec<usize> {
    let totals = flags.scan(0, |total, flag| {
        *total += usize::from(flag);
        Some(*total)
    });
    std::iter::once(0).chain(totals).collect()
}

/// For each byte, whether it is part of something that anyone may know.
fn known(script: &[u8], open_values: &[&str]) -> Vec<bool> {
    let mut is_known = vec![false; script.len()];
    let mut mark = |range: Range<usize>| is_known[range].fill(true);
    for value in open_values.iter().map(|value| value.as_bytes()) {
        let mut at = 0;
        while let Some(found) = script[at..].windows(value.len()).position(|window| window == value) {
            mark(at + found..at + found + value.len());
            at += found + value.len();
        }
    }
    for at in 0..script.len() {
        let text = &script[at..];
        if let Some(length) = uuid(text).or_else(|| instance_type(text)).or_else(|| html_tag(text)) {
            mark(at..at + length);
        }
    }
    is_known
}

/// The length of the UUID that a text begins with.
fn uuid(text: &[u8]) -> Option<usize> {
    let is_uuid = text.get(..36)?.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then_some(36)
}

/// The length of the name of an instance type that a text begins with.
fn instance_type(text: &[u8]) -> Option<usize> {
    text.starts_with(b"vcpu-").then(|| text.iter().position(ends_word).unwrap_or(text.len()))
}

fn ends_word(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`<>=,;?#".contains(byte)
}

/// For each byte, whether it is part of a long word that is no credential. With a user name, an address can be one.
fn long_words(script: &[u8]) -> Vec<bool> {
    let mut is_word = vec![];
    for word in script.split_inclusive(ends_word) {
        let text = match word {
            [text @ .., last] if ends_word(last) => text,
            _ => word,
        };
        let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._/:".contains(byte);
        let is_random = || text.split(|byte| !byte.is_ascii_alphanumeric()).any(looks_random);
        let is_address = text.starts_with(b"https://") || text.starts_with(b"http://");
        let counts = text.len() < LINE || text.contains(&b'@') || is_random();
        is_word.resize(is_word.len() + word.len(), !counts && (is_address || text.iter().all(is_plain)));
    }
    is_word
}

/// Tags that most pages have, error pages of intermediaries among them.
const COMMON_TAGS: [&str; 12] =
    ["!doctype", "html", "head", "meta", "link", "title", "body", "div", "center", "hr", "h1", "p"];

/// The length of the tag that a text begins with.
fn html_tag(text: &[u8]) -> Option<usize> {
    let inner = text.strip_prefix(b"<")?;
    let inner = inner.strip_prefix(b"/").unwrap_or(inner);
    let is_common = COMMON_TAGS.iter().any(|tag| {
        let begins = inner.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag.as_bytes()));
        begins && !inner.get(tag.len()).is_some_and(u8::is_ascii_alphanumeric)
    });
    if !is_common {
        return None;
    }
    text.iter().take(300).position(|byte| *byte == b'>').map(|end| end + 1)
}

/// The shortest word that can be a credential.
const MIN_CREDENTIAL: usize = 8;
/// From this length on, it need not have a digit.
const MIN_WITHOUT_DIGIT: usize = 16;
/// The shortest word that looks random.
const MIN_RANDOM: usize = 16;

const SECRET_NAMES: [&str; 16] = [
    "apikey",
    "auth",
    "authorization",
    "cred",
    "credential",
    "credentials",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "sig",
    "signature",
    "token",
];

/// With one of these at the end of its name, a value is none, as in `KEY_NAME`.
const NAMES_OF_WHAT_IS_ABOUT_SECRETS: [&str; 12] =
    ["algorithm", "dir", "file", "host", "length", "name", "path", "server", "size", "type", "uri", "url"];

fn credentials_of_line(line: &str) -> impl Iterator<Item = &str> {
    let separated = line.char_indices().filter(|(_, separator)| matches!(separator, '=' | ':'));
    let assigned = separated.filter_map(|(at, _)| assigned(&line[..at], &line[at + 1..]));
    // `--password hunter2`
    let flags = line.match_indices("--").filter_map(|(at, _)| {
        let (name, value) = line[at + 2..].split_once(' ')?;
        assigned_value(name, value)
    });
    let in_addresses = line.match_indices("://").filter_map(|(at, _)| {
        let authority = line[at + 3..].split(['/', ' ', '"', '\'']).next()?;
        let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        Some(password).filter(|password| password.len() >= MIN_CREDENTIAL && !password.starts_with('$'))
    });
    let is_public_key = ["ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-"].iter().any(|kind| line.contains(kind));
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
    let random = words.filter(move |word| !is_public_key && looks_random(word.as_bytes()));
    assigned.chain(flags).chain(in_addresses).chain(random)
}

fn assigned<'a>(before: &str, after: &'a str) -> Option<&'a str> {
    let before = before.trim_end_matches([' ', '"', '\'']);
    let name = before.rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || "_-.".contains(letter))).next()?;
    assigned_value(name, after)
}

fn assigned_value<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    let parts: Vec<_> = name.split(['_', '-', '.']).map(str::to_ascii_lowercase).collect();
    let is_one_of = |part: &String, names: &[&str]| names.contains(&part.as_str());
    let is_about_secret = parts.last().is_some_and(|last| is_one_of(last, &NAMES_OF_WHAT_IS_ABOUT_SECRETS));
    if is_about_secret || !parts.iter().any(|part| is_one_of(part, &SECRET_NAMES)) {
        return None;
    }
    let ends = |letter: char| letter.is_whitespace() || "\"'`;,)}]".contains(letter);
    let mut words =
        text.split(ends).map(|word| word.trim_start_matches(['=', '>', ':'])).filter(|word| !word.is_empty());
    let value = words.find(|word| !["bearer", "basic", "token"].contains(&word.to_ascii_lowercase().as_str()))?;
    let is_reference = ["$", "/", "<", "{", "http", "file:"].iter().any(|start| value.starts_with(start));
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_long = value.len() >= if has_digit { MIN_CREDENTIAL } else { MIN_WITHOUT_DIGIT };
    (is_long && !is_reference).then_some(value)
}

/// Whether letters and digits alternate as in no word or name.
fn looks_random(word: &[u8]) -> bool {
    let changes = word.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    word.len() >= MIN_RANDOM && changes >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_look_like_credentials_are_found() {
        for (line, expected) in [
            ("export KEY=\"script-of-a-test\"", Some("script-of-a-test")),
            ("  db_password: 'hunter2hunter'", Some("hunter2hunter")),
            ("curl -H 'Authorization: Bearer abcdefgh12345' https://x.example", Some("abcdefgh12345")),
            ("mysql --password s3cretpw", Some("s3cretpw")),
            ("git clone https://bot:qwertyuiop@git.example.com/x.git", Some("qwertyuiop")),
            ("login wJ4alrX7UtnFEMI8K7MD", Some("wJ4alrX7UtnFEMI8K7MD")),
            ("password: required", None),
            ("SSH_KEY_NAME=production-deploy-2024", None),
            ("API_TOKEN=$(cat /run/token)", None),
            ("apt-key: https://download.docker.com/linux/ubuntu/gpg", None),
            ("type: vcpu-4_memory-12g_disk-80g_nvidia3080-1", None),
            ("volume: 2f1c8d5e-0000-4000-8000-000000000001", None),
            ("apt-get install -y nvidia-driver-550-server", None),
            ("- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGl0 me@laptop", None),
        ] {
            assert_eq!(credentials(line).next(), expected, "{line}");
        }
    }

    #[test]
    fn what_anyone_may_know_does_not_count() {
        let script = b"id=2f1c8d5e-0000-4000-8000-000000000001 <meta charset=x> gpu-node-1 <key>";
        let marked = known(script, &["gpu-node-1"]);
        let rest: Vec<u8> = script.iter().zip(marked).filter(|(_, known)| !known).map(|(byte, _)| *byte).collect();
        assert_eq!(String::from_utf8(rest).unwrap(), "id=   <key>");
    }
}
