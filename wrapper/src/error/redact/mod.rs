//! Redacts secrets in text from outside, which may echo them in any form.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `decode` | the text with its escapes decoded, layer by layer |
//! | `normal` | the form in which texts are compared |
//! | `index` | many secrets, found in one pass |
//! | `script` | by what the repetition of a script is recognised |
//!
//! The token is hidden where it stands; the rest of the text remains. A text that repeats a secret of the request is withheld as
//! a whole: a script has many lines, and which of the others the text shows as well cannot be known.

mod decode;
mod index;
mod normal;
mod script;
#[cfg(test)]
mod tests;

use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::decode::{View, fully_decoded, views};
use self::index::Index;
use self::normal::normal;

/// Secrets shorter than this, in bytes, are not searched for: they may be ordinary words, and text would become unreadable.
const MIN_LENGTH: usize = 8;

/// The length of the parts by which a token or a password is recognised, if it is longer. Ordinary words are shorter, and half
/// a secret is no less secret.
const PART: usize = 12;
/// The same for longer ones, such as the query of a URL, whose names and fixed values are no secrets, and for several words.
const PART_OF_LONG: usize = 24;
/// The longest password of the API.
const MAX_PASSWORD: usize = 72;

/// How much of a text is considered, in bytes: more than an error shows.
const MAX_TEXT: usize = 256 * 1024;

const REDACTED: &str = "<redacted>";
const WITHHELD: &str = "[withheld, since it repeats a secret of the request]";

/// The secrets of one call.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    tokens: Words,
    of_request: Words,
    /// What is recognised only in text that is decoded as far as it can be.
    scripts: Index,
}

impl Redactor {
    /// A redactor of tokens, which are hidden where they stand.
    pub(crate) fn new<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redactor = Self::default();
        tokens.into_iter().for_each(|token| redactor.tokens.add(token));
        redactor
    }

    /// Adds secrets of the request: texts that repeat one are withheld. What is in `open_values`, which the request states
    /// openly, does not count as a repetition of a script.
    pub(crate) fn withholding<'a>(
        mut self,
        secrets: impl IntoIterator<Item = &'a str>,
        open_values: &[impl AsRef<str>],
    ) -> Self {
        let open_values: Vec<_> =
            open_values.iter().map(AsRef::as_ref).filter(|value: &&str| value.len() >= MIN_LENGTH).collect();
        for secret in secrets.into_iter().map(str::trim).filter(|secret| secret.len() >= MIN_LENGTH) {
            if secret.contains(['\n', '\r']) || (secret.len() > MAX_PASSWORD && secret.contains(' ')) {
                script::add_script(&mut self.scripts, secret, &open_values);
                let is_open = |word: &&str| open_values.iter().any(|value| value.contains(word));
                script::credentials(secret).filter(|word| !is_open(word)).for_each(|word| self.of_request.add(word));
            } else {
                self.of_request.add(secret);
            }
        }
        self
    }

    /// Returns the text with the token replaced, or a sentence in its place if it repeats a secret of the request.
    pub(crate) fn text(&self, text: &str) -> String {
        let text = start(text);
        let Some(views) = views(text) else { return WITHHELD.to_owned() };
        let is_in = |view: &View| {
            let has_script = || !self.scripts.find(&normal(&view.bytes).0).is_empty();
            !self.of_request.find(&view.bytes).is_empty() || (view.is_final && !self.scripts.is_empty() && has_script())
        };
        if views.iter().any(is_in) { WITHHELD.to_owned() } else { self.without_tokens(text, &views) }
    }

    /// Returns a JSON value with its texts redacted; or a sentence in its place, if it repeats a secret of the request.
    pub(crate) fn json(&self, value: &Value) -> Value {
        let whole = value.to_string();
        if whole.len() > MAX_TEXT || self.withholds(&whole) { WITHHELD.into() } else { self.each_text(value) }
    }

    fn each_text(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.each_text(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (self.text(name), self.each_text(value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Returns whether a text repeats a secret of the request, so that no part of it may be shown.
    pub(crate) fn withholds(&self, text: &str) -> bool {
        let has_none = self.of_request.index.is_empty() && self.of_request.exact.is_empty() && self.scripts.is_empty();
        !has_none && self.text(text) == WITHHELD
    }

    /// Returns a body with the token replaced, to be read; what is read from it and shown has to be redacted as
    /// [`text`](Self::text). JSON remains JSON: a token is replaced with the whole of its escapes.
    pub(crate) fn body(&self, body: &str) -> String {
        let body = start(body);
        views(body).map_or_else(|| WITHHELD.to_owned(), |views| self.without_tokens(body, &views))
    }

    fn without_tokens(&self, text: &str, views: &[View]) -> String {
        let places = |view: &View| -> Vec<_> {
            self.tokens.find(&view.bytes).into_iter().map(|range| view.origin(range)).collect()
        };
        let mut ranges: Vec<_> = views.iter().flat_map(places).collect();
        ranges.sort_by_key(|range| range.start);
        let (mut redacted, mut shown_to) = (String::new(), 0);
        for Range { start, end } in ranges {
            let (start, end) = (boundary(text, start as usize), boundary(text, end as usize));
            if start > shown_to || shown_to == 0 {
                redacted.push_str(&text[shown_to..start]);
                redacted.push_str(REDACTED);
            }
            shown_to = shown_to.max(end);
        }
        redacted.push_str(&text[shown_to..]);
        redacted
    }
}

fn start(text: &str) -> &str {
    &text[..boundary(text, MAX_TEXT)]
}

/// The last boundary between characters up to a place.
fn boundary(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Secrets that are one word each, such as tokens and passwords.
#[derive(Debug, Default)]
struct Words {
    index: Index,
    /// Those of too few letters and digits for the index.
    exact: Vec<SecretString>,
}

impl Words {
    fn add(&mut self, word: &str) {
        let word = word.trim();
        if word.len() < MIN_LENGTH {
            return;
        }
        // Escapes in a secret are decoded with those of the text, except where the text is searched as it is.
        for form in [word.as_bytes(), &fully_decoded(word)] {
            let (form, _) = normal(form);
            if form.len() < MIN_LENGTH {
                self.exact.push(word.into());
                continue;
            }
            // Of several words, some may be ordinary.
            let is_one_word = form.len() <= MAX_PASSWORD && !word.contains(' ');
            let (start, part) = if is_one_word { (MIN_LENGTH, PART) } else { (PART, PART_OF_LONG) };
            self.index.add_whole(&form, start);
            self.index.add_runs(&form, part, |_| true);
        }
    }

    /// Returns where a text has these secrets.
    fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        if self.index.is_empty() && self.exact.is_empty() {
            return vec![];
        }
        let (normal, places) = normal(text);
        let indexed = self.index.find(&normal).into_iter().map(|at| places[at.start]..places[at.end - 1] + 1);
        let exact = self.exact.iter().flat_map(|word| {
            let word = word.expose_secret().as_bytes();
            let windows = text.windows(word.len()).enumerate().filter(move |(_, window)| *window == word);
            windows.map(|(at, window)| at..at + window.len())
        });
        indexed.chain(exact).collect()
    }
}
