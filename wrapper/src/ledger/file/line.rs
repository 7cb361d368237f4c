//! The lines of the file: a record each, in JSON.

use std::io;

use serde::{Deserialize, Serialize};

use crate::ledger::entries::OpenEntries;
use crate::ledger::record::LedgerRecord;

/// The version of the format. A change that an older version of this crate would misread raises it.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    session: String,
    #[serde(flatten)]
    record: LedgerRecord,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct AnyVersion {
    v: u32,
}

/// Encodes the record that a session writes.
pub(super) fn encode(session: &str, record: LedgerRecord) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Line { v: VERSION, session: session.to_owned(), record })?;
    line.push(b'\n');
    Ok(line)
}

/// Reads all lines. One that is not JSON was torn: its process was killed while it wrote, before what it records was done.
pub(super) fn decode(content: &[u8]) -> io::Result<OpenEntries> {
    let mut entries = OpenEntries::default();
    for (number, line) in (1..).zip(content.split(|byte| *byte == b'\n')) {
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line>(line) {
            Ok(Line { v: VERSION, session, record }) => entries.apply(&session, record),
            read => match serde_json::from_slice::<AnyVersion>(line) {
                Ok(AnyVersion { v }) if v > VERSION => {
                    return Err(invalid(format!("line {number} was written by a newer version of this crate")));
                }
                // A whole JSON object is no torn record.
                Ok(_) => {
                    let reason = read.err().map(|error| error.to_string()).unwrap_or_default();
                    return Err(invalid(format!("line {number} is not a record of a ledger: {reason}")));
                }
                Err(_) => {
                    tracing::warn!(line = number, "ignored a record of the ledger that was not written to its end")
                }
            },
        }
    }
    Ok(entries)
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::entries::tests::planned;

    #[test]
    fn a_torn_record_is_ignored_wherever_it_stands() {
        let whole = |key: &str| encode("s", planned(key)).unwrap();
        for torn_at in 1..whole("b").len() - 1 {
            let torn = &whole("b")[..torn_at];
            for content in [[&whole("a"), torn].concat(), [torn, b"\n", &whole("a")].concat()] {
                assert_eq!(decode(&content).unwrap().iter().count(), 1, "{}", String::from_utf8_lossy(&content));
            }
        }
    }

    #[test]
    fn what_is_no_ledger_is_refused() {
        for (content, says) in [
            (r#"{"v":2,"session":"s","record":"other"}"#, "line 1 was written by a newer version"),
            (r#"{"v":1,"session":"s","record":"other"}"#, "line 1 is not a record of a ledger: unknown variant"),
        ] {
            let error = decode(content.as_bytes()).unwrap_err();
            assert!(error.to_string().starts_with(says), "{error}");
        }
    }
}
