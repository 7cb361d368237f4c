//! Edits of the document as a whole: prefixes, how references are written, what is data, versions.

use serde_json::{Value, json};

use super::Edit;
use crate::draft::{Draft, escaped};

pub(super) const EDITS: &[(&str, Edit)] = &[
    ("prefix of schemas", schema_prefix),
    ("prefix in the paths", path_prefix),
    ("percent-encoded reference", percent_encoded),
    ("$ref in an example", reference_in_example),
    ("$ref in an extension", reference_in_extension),
    ("version that is a number", version),
    ("server", server),
    ("security", security),
    ("OpenAPI 3.1", raised),
    ("prose", prose),
];

fn schema_prefix(draft: &mut Draft) -> Option<String> {
    let names: Vec<String> = draft.at("/components/schemas").as_object()?.keys().cloned().collect();
    let prefix = draft.one_of(&["v1.", "Compute", "api_"])?;
    // One schema may stay without it.
    let spared = draft.rng.usize(..2 * names.len());
    for (_, name) in names.iter().enumerate().filter(|(at, _)| *at != spared) {
        let schema = draft.object("/components/schemas").shift_remove(name)?;
        draft.object("/components/schemas").insert(format!("{prefix}{name}"), schema);
        draft.redirect(name, &format!("{prefix}{name}"));
    }
    Some(format!("{prefix}, without it: {:?}", names.get(spared)))
}

fn path_prefix(draft: &mut Draft) -> Option<String> {
    let url = draft.at("/servers/0")["url"].as_str()?.to_owned();
    let (host, prefix) = url.strip_suffix("/compute/v1").map(|host| (host.to_owned(), "/compute/v1"))?;
    draft.object("/servers/0").insert("url".into(), host.into());
    let paths: Vec<String> = draft.at("/paths").as_object()?.keys().cloned().collect();
    paths.iter().for_each(|path| draft.rename_path(path, &format!("{prefix}{path}")));
    Some(prefix.to_owned())
}

fn percent_encoded(draft: &mut Draft) -> Option<String> {
    let pointer = draft.reference()?;
    let reference = draft.at(&pointer)["$ref"].as_str()?.to_owned();
    let (folder, name) = reference.rsplit_once('/')?;
    let first = name.chars().next().filter(char::is_ascii)?;
    let encoded = format!("{folder}/%{:02X}{}", u32::from(first), &name[1..]);
    draft.object(&pointer).insert("$ref".into(), encoded.clone().into());
    Some(encoded)
}

fn reference_in_example(draft: &mut Draft) -> Option<String> {
    let schema = draft.object_schema()?;
    draft.object(&schema).insert("example".into(), json!({ "$ref": "#/nowhere", "schema": { "$ref": 7 } }));
    Some(schema)
}

fn reference_in_extension(draft: &mut Draft) -> Option<String> {
    let place = if draft.rng.bool() { draft.object_schema()? } else { draft.operation()? };
    draft.object(&place).insert("x-origin".into(), json!({ "$ref": "#/nowhere", "properties": { "$ref": [] } }));
    Some(place)
}

fn version(draft: &mut Draft) -> Option<String> {
    let version = draft.one_of(&[json!(1.0), json!(2), json!("2026-01-02")])?;
    draft.object("/info").insert("version".into(), version.clone());
    Some(version.to_string())
}

fn server(draft: &mut Draft) -> Option<String> {
    let urls = ["https://api.example.com/compute/v1", "/compute/v1", "https://{region}.example.com/v2"];
    let url = draft.one_of(&urls)?;
    draft.document["servers"] = json!([{ "url": url, "variables": { "region": { "default": "eu" } } }]);
    Some(url.to_owned())
}

fn security(draft: &mut Draft) -> Option<String> {
    let place = if draft.rng.bool() { String::new() } else { draft.operation()? };
    draft.object(&place).insert("security".into(), json!([]));
    Some(place)
}

/// Declares OpenAPI 3.1, and writes one schema in its way.
fn raised(draft: &mut Draft) -> Option<String> {
    draft.document["openapi"] = "3.1.0".into();
    let found = draft.pointers(&|_, node| node["type"].is_string() && node.get("enum").is_none());
    let schema = draft.one_of(&found)?;
    let ty = draft.at(&schema)["type"].clone();
    draft.object(&schema).insert("type".into(), Value::from(vec![ty, "null".into()]));
    Some(schema)
}

fn prose(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let property = draft.object(&format!("{schema}/properties/{}", escaped(&name)));
    property.insert("description".into(), "Ends a comment */ and\nbegins \"another\" /* \\".into());
    Some(format!("{schema}: {name}"))
}
