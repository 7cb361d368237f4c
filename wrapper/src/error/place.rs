//! The path of the value at which a parser stopped, such as `instances[3].status`. It is read from the text, so that a type is
//! decoded once: libraries that note the path while they decode need their own copy of the code of each type.

/// How many levels of a path are named: as many as serde_json reads.
const MAX_DEPTH: usize = 128;

/// An object or a list that is open where the text ends.
enum Open {
    /// With the key whose value is next or was last, if it has been read.
    Object(Option<String>),
    /// With the index of the item that is next or was last.
    List(usize),
}

/// Returns the path of the value that is open, or has just been read, behind the first `end` bytes of a JSON; empty for the
/// whole. A parser reports the mistake of a value where it has read it.
pub(super) fn path(json: &[u8], end: usize) -> String {
    let mut open = vec![];
    let mut rest = &json[..end.min(json.len())];
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'{' => open.push(Open::Object(None)),
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => drop(open.pop()),
            b',' => begin_next(open.last_mut()),
            b'"' => {
                let (text, after) = rest.split_at(end_of_text(rest));
                take_key(open.last_mut(), text);
                rest = after;
            }
            _ => {}
        }
    }
    joined(&open)
}

fn begin_next(open: Option<&mut Open>) {
    match open {
        Some(Open::Object(key)) => *key = None,
        Some(Open::List(index)) => *index += 1,
        None => {}
    }
}

/// Takes the key of an object that is before one. `text` is what follows the first quotation mark.
fn take_key(open: Option<&mut Open>, text: &[u8]) {
    if let Some(Open::Object(key @ None)) = open {
        *key = match serde_json::from_slice(&[b"\"", text].concat()) {
            Ok(text) => Some(text),
            Err(error) if error.is_eof() => None,
            // Empty, so that the value behind it is not taken for it.
            Err(_) => Some(String::new()),
        };
    }
}

/// Where the text ends that has begun: behind its closing quotation mark, if there is one.
fn end_of_text(json: &[u8]) -> usize {
    let mut is_escaped = false;
    let closes = |byte: &u8| {
        let closes = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        closes
    };
    json.iter().position(closes).map_or(json.len(), |quote| quote + 1)
}

fn joined(open: &[Open]) -> String {
    let mut path = String::new();
    for open in open.iter().take(MAX_DEPTH) {
        match open {
            Open::List(index) => path.push_str(&format!("[{index}]")),
            Open::Object(None) => {}
            Open::Object(Some(key)) => {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use genesiscloud_bindings::types::{
        PaginatedInstancesResponse, PaginatedSecurityGroupsResponse, PaginatedVolumesResponse,
    };
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::super::excerpt::offset;
    use super::*;
    use crate::{Instance, SecurityGroup, Volume};

    /// The path of the mistake in a JSON, by this module and by a library that notes the path while it decodes; `None` if there
    /// is no mistake.
    fn paths<T: DeserializeOwned>(json: &str) -> Option<(String, String)> {
        let error = serde_json::from_str::<T>(json).err()?;
        let noted = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(json)).err()?;
        let noted = noted.path().to_string();
        let found = path(json.as_bytes(), offset(json.as_bytes(), error.line(), error.column()));
        Some((found, if noted == "." { String::new() } else { noted }))
    }

    /// The JSON with each of its values replaced by others, and without each of its fields.
    fn changed(value: &Value) -> Vec<Value> {
        let others = json!([null, true, -1, 1.5, "", "\"]}, é", [[7]], {"a": {}}]);
        let mut all = others.as_array().unwrap().clone();
        match value {
            Value::Array(items) => {
                for index in 0..items.len() {
                    all.extend(changed(&items[index]).into_iter().map(|item| {
                        let mut items = items.clone();
                        items[index] = item;
                        Value::Array(items)
                    }));
                }
            }
            Value::Object(fields) => {
                for (key, field) in fields {
                    let without: serde_json::Map<_, _> =
                        fields.clone().into_iter().filter(|(name, _)| name != key).collect();
                    all.push(Value::Object(without.clone()));
                    all.extend(changed(field).into_iter().map(|field| {
                        let mut fields = without.clone();
                        fields.insert(key.clone(), field);
                        Value::Object(fields)
                    }));
                }
            }
            _ => {}
        }
        all
    }

    fn agrees<T: DeserializeOwned>(field: &str, item: impl Serialize) {
        let item = serde_json::to_value(item).unwrap();
        let page = json!({ field: [item, item], "page": 1, "per_page": 50, "total_count": 2 });
        let mut mistakes = 0;
        for changed in changed(&page) {
            for json in [changed.to_string(), serde_json::to_string_pretty(&changed).unwrap()] {
                if let Some((found, noted)) = paths::<T>(&json) {
                    mistakes += 1;
                    assert_eq!(found, noted, "{json}");
                }
            }
        }
        assert!(mistakes > 300, "{field}: {mistakes}");
    }

    #[test]
    fn the_path_is_that_of_a_library_that_notes_it_while_it_decodes() {
        agrees::<PaginatedInstancesResponse>("instances", Instance::example());
        agrees::<PaginatedVolumesResponse>("volumes", Volume::example());
        agrees::<PaginatedSecurityGroupsResponse>("security_groups", SecurityGroup::example());
    }

    #[test]
    fn the_path_of_a_json_that_ends_or_goes_wrong_is_that_of_what_is_open() {
        for (json, expected) in [
            ("", ""),
            ("[1, [", "[1][0]"),
            (r#"{"a": {"b": [{"c": 1}, {"d": "#, "a.b[1].d"),
            (r#"{"a": {"b": 1}"#, "a"),
            (r#"{"a": 1, "b"#, ""),
            (r#"{"a": {"\ud800": "c"#, "a."),
            (r#"{"a": 1, "b""#, "b"),
            (r#"{"a\"b\\": "}\"],", "c\u00e9": ["#, "cé[0]"),
            (r#"{"a\"b\\": "}\"],""#, "a\"b\\"),
            ("]}, [", "[0]"),
        ] {
            assert_eq!(path(json.as_bytes(), json.len()), expected, "{json}");
            assert_eq!(path(json.as_bytes(), usize::MAX), expected, "{json}");
        }
        assert_eq!(path(b"{\"\xff\": [", 7), "[0]");
    }
}
