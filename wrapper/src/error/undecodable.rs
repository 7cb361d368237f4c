//! The error of a success whose body is not what the document promises: the place, what is wrong there, and the text around
//! it. The work is linear in the size of the body, and secrets are searched for in 64 KiB.

use genesiscloud_bindings::json_text;
use serde::de::DeserializeOwned;

use super::excerpt::{around, shortened};
use super::{Error, ErrorKind, Redactor};

/// How much of a place and of a reason is shown, in characters. Names of fields and values come from outside.
const MAX_PLACE: usize = 80;
const MAX_REASON: usize = 110;

/// The error of a body that cannot be decoded as `T`. Of a confidential one nothing is shown, since it can hold secrets.
pub(crate) fn undecodable<T: DeserializeOwned>(body: &[u8], redactor: &Redactor, is_confidential: bool) -> Error {
    if body.is_empty() {
        return Error::new(ErrorKind::Decode, "it is empty");
    }
    let body = json_text(body);
    let mut json = serde_json::Deserializer::from_slice(&body);
    let (place, error) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => (".".to_owned(), json.end().err()),
        Err(error) => (error.path().to_string(), Some(error.into_inner())),
    };
    let place = match &*shortened(&place, MAX_PLACE, redactor) {
        "." => String::new(),
        place => format!("{place}: "),
    };
    let message = match error {
        _ if is_confidential => format!("{place}not as documented; not shown, since it can hold secrets"),
        Some(error) => {
            let at = match (error.line(), error.column()) {
                (0, _) => String::new(),
                (line, column) => format!(" at line {line} column {column}"),
            };
            let reason = error.to_string();
            let reason = shortened(reason.strip_suffix(&at).unwrap_or(&reason), MAX_REASON, redactor);
            format!("{place}{reason}{at}, in {}", around(&body, error.line(), error.column(), redactor))
        }
        None => format!("{place}it cannot be decoded, in {}", around(&body, 0, 0, redactor)),
    };
    Error::new(ErrorKind::Decode, message)
}
