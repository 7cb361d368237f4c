//! Searches all log output of the process, at every level, for secrets while the tests run.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Once};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub const PASSWORD: &str = "Passw0rd-of-a-test";
/// Has several lines, characters that JSON escapes, and another secret.
pub const SCRIPT: &str = "#!/bin/sh\nexport KEY=\"script-of-a-test\"\nlogin Passw0rd-of-a-test\n";
/// A part of it that is the same however it is escaped.
const PART_OF_SCRIPT: &str = "script-of-a-test";
pub const USER_DATA: &str = "user-data-of-a-test";
pub const SECRETS: [&str; 5] =
    [crate::mock_api::TOKEN, "sandbox-token-that-opens-nothing-else", PASSWORD, PART_OF_SCRIPT, USER_DATA];

static LINES: AtomicUsize = AtomicUsize::new(0);

/// Searches all log output from now on. A secret in it ends the process, since a panic could be caught by the task that logs.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let format = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Search);
        // The mock server logs the requests it receives, which is its purpose.
        let targets = Targets::new().with_default(LevelFilter::TRACE).with_target("httpmock", LevelFilter::OFF);
        tracing_subscriber::registry().with(format).with(targets).init();
    });
}

/// How many lines were searched so far.
pub fn lines() -> usize {
    LINES.load(Ordering::Relaxed)
}

/// The secret in a text, as it is or in base64, however it is aligned.
pub fn find(text: &str) -> Option<&'static str> {
    static FORMS: LazyLock<Vec<(&str, Vec<String>)>> =
        LazyLock::new(|| SECRETS.into_iter().map(|secret| (secret, forms(secret))).collect());
    let found = FORMS.iter().find(|(_, forms)| forms.iter().any(|form| text.contains(form)));
    found.map(|(secret, _)| *secret)
}

fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), format!("{secret:?}").trim_matches('"').to_owned()];
    for before in ["", "x", "xx"] {
        for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            let text = engine.encode(format!("{before}{secret}"));
            // Without the characters that depend on their neighbours.
            forms.push(text[before.len().div_ceil(3) * 4..text.len() - 4].to_owned());
        }
    }
    forms
}

struct Search;

impl Write for Search {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.fetch_add(1, Ordering::Relaxed);
        let line = String::from_utf8_lossy(bytes);
        if let Some(secret) = find(&line) {
            eprintln!("the secret {secret:?} was logged: {line}");
            std::process::exit(1);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_base64_as_well() {
        for before in ["", "Bearer ", "user:", "ab"] {
            for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
                let header = engine.encode(format!("{before}{PASSWORD} and more"));
                assert_eq!(find(&header), Some(PASSWORD), "{header}");
            }
        }
        assert_eq!(find("nothing"), None);
    }
}
