//! Lowerings: rules that convert OpenAPI 3.1 to 3.0, the version that the generator supports. They run before the
//! checks, on a document that declares 3.1, and leave it declaring 3.0.3.
//!
//! They may drop prose, and limits that the service checks anyway. They keep everything that determines a type.

use serde_json::{Map, Value, json};

use super::rule::Rule;
use crate::document::{self, every_schema_mut};
use crate::error::{Error, Result};

/// All lowerings, in the order in which they are applied.
pub const LOWERINGS: &[Rule] = &[
    Rule {
        name: "unsupported-keywords",
        reason: "A keyword without an equivalent in 3.0 must be an error that names it, not a wrong type.",
        apply: reject_unsupported,
    },
    Rule {
        name: "top-level",
        reason: "Webhooks and dialects do not concern a client, and do not exist in 3.0.",
        apply: top_level,
    },
    Rule { name: "boolean-schemas", reason: "3.0 writes `true` as `{}`, and `false` as `{not: {}}`.", apply: booleans },
    Rule {
        name: "reference-siblings",
        reason: "In 3.0 the siblings of a `$ref` are ignored.",
        apply: reference_siblings,
    },
    Rule { name: "const", reason: "3.0 writes a constant as an enum of one value.", apply: constants },
    Rule {
        name: "null-types",
        reason: "3.0 has neither a null type nor lists of types: it writes `nullable` and `oneOf`.",
        apply: null_types,
    },
    Rule {
        name: "exclusive-bounds",
        reason: "An exclusive bound is a number in 3.1, and a flag of the inclusive bound in 3.0.",
        apply: exclusive_bounds,
    },
    Rule { name: "examples", reason: "A schema of 3.0 has one `example`.", apply: examples },
    Rule {
        name: "encoded-content",
        reason: "3.0 marks a string that contains bytes with a `format`.",
        apply: encoded_content,
    },
    Rule {
        name: "assertions",
        reason: "Assertions that 3.0 lacks are checked by the service, like all others.",
        apply: assertions,
    },
];

/// Converts a document that declares OpenAPI 3.1; leaves any other unchanged.
pub(crate) fn lower(document: &mut Value) -> Result<()> {
    // Without quotes it is a number.
    if !document["openapi"].to_string().trim_matches('"').starts_with("3.1") {
        return Ok(());
    }
    LOWERINGS.iter().try_for_each(|rule| (rule.apply)(document))?;
    document["openapi"] = json!("3.0.3");
    Ok(())
}

/// Keywords that change the meaning of a schema or of references in it, and that no lowering can express.
const UNSUPPORTED: [&str; 4] = ["$defs", "$dynamicAnchor", "$dynamicRef", "$id"];

fn reject_unsupported(document: &mut Value) -> Result<()> {
    let mut found = None;
    every_schema_mut(document, &mut |schema| {
        found = found.or_else(|| UNSUPPORTED.into_iter().find(|keyword| schema.contains_key(*keyword)));
    });
    let Some(keyword) = found else { return Ok(()) };
    let place = document::place_of(document, keyword).unwrap_or_default();
    Err(Error::new(format!("{place} has `{keyword}`, which has no equivalent in OpenAPI 3.0")))
}

fn top_level(document: &mut Value) -> Result<()> {
    let Some(fields) = document.as_object_mut() else { return Ok(()) };
    fields.entry("paths").or_insert_with(|| json!({}));
    ["webhooks", "jsonSchemaDialect"].iter().for_each(|name| drop(fields.shift_remove(*name)));
    let mut remove = |place: &str, name: &str| {
        document.pointer_mut(place).and_then(Value::as_object_mut).and_then(|fields| fields.shift_remove(name));
    };
    remove("/info", "summary");
    remove("/info/license", "identifier");
    Ok(())
}

fn booleans(document: &mut Value) -> Result<()> {
    fn lower(schema: &mut Value) {
        match schema {
            Value::Bool(true) => *schema = json!({}),
            Value::Bool(false) => *schema = json!({ "not": {} }),
            _ => {}
        }
    }
    for (_, schema) in document::schemas_mut(document).into_iter().flatten() {
        lower(schema);
    }
    every_schema_mut(document, &mut |schema| {
        for name in ["properties", "patternProperties"] {
            schema.get_mut(name).and_then(Value::as_object_mut).into_iter().flatten().for_each(|(_, one)| lower(one));
        }
        for name in ["items", "not"] {
            schema.get_mut(name).into_iter().for_each(lower);
        }
        for name in ["allOf", "anyOf", "oneOf"] {
            schema.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(lower);
        }
    });
    Ok(())
}

/// Siblings of a `$ref` that do not change the schema.
const PROSE: [&str; 5] = ["$comment", "description", "example", "examples", "title"];
/// Siblings of a `$ref` that concern the place of the reference and not its type.
const OF_THE_PLACE: [&str; 5] = ["default", "deprecated", "nullable", "readOnly", "writeOnly"];

fn reference_siblings(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let Some(reference) = schema.get("$ref").cloned() else { return };
        schema.retain(|name, _| name != "$ref" && !PROSE.contains(&name.as_str()));
        if schema.is_empty() {
            schema.insert("$ref".into(), reference);
        } else if schema.keys().all(|name| OF_THE_PLACE.contains(&name.as_str())) {
            schema.insert("allOf".into(), json!([{ "$ref": reference }]));
        } else {
            let own = std::mem::take(schema);
            schema.insert("allOf".into(), json!([{ "$ref": reference }, own]));
        }
    });
    Ok(())
}

fn constants(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let Some(value) = schema.shift_remove("const") else { return };
        if let Some(kind) = type_of(&value) {
            schema.entry("type").or_insert_with(|| json!(kind));
        }
        schema.insert("enum".into(), json!([value]));
    });
    Ok(())
}

fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) => Some(if number.is_f64() { "number" } else { "integer" }),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    }
}

fn null_types(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let mut is_nullable = false;
        match schema.get_mut("type") {
            Some(Value::Array(types)) => {
                let count = types.len();
                types.retain(|kind| kind != "null");
                is_nullable |= types.len() < count;
                match std::mem::take(types).as_slice() {
                    [] => drop(schema.shift_remove("type")),
                    [one] => drop(schema.insert("type".into(), one.clone())),
                    several => one_of_types(schema, several),
                }
            }
            Some(kind) if kind == "null" => {
                schema.shift_remove("type");
                is_nullable = true;
            }
            _ => {}
        }
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            let count = values.len();
            values.retain(|value| !value.is_null());
            is_nullable |= values.len() < count;
            if values.is_empty() {
                schema.shift_remove("enum");
            }
        }
        for name in ["anyOf", "oneOf"] {
            is_nullable |= without_null(schema, name);
        }
        if is_nullable {
            schema.insert("nullable".into(), json!(true));
        }
    });
    Ok(())
}

/// Keywords that apply to values of one type.
const OF_ARRAYS: [&str; 1] = ["items"];
const OF_OBJECTS: [&str; 3] = ["additionalProperties", "properties", "required"];
const OF_STRINGS: [&str; 1] = ["format"];

fn one_of_types(schema: &mut Map<String, Value>, types: &[Value]) {
    schema.shift_remove("type");
    let variants = types.iter().map(|kind| {
        let own: &[&str] = match kind.as_str() {
            Some("array") => &OF_ARRAYS,
            Some("object") => &OF_OBJECTS,
            Some("string") => &OF_STRINGS,
            _ => &[],
        };
        let own = own.iter().filter_map(|name| Some(((*name).to_owned(), schema.shift_remove(*name)?)));
        std::iter::once(("type".to_owned(), kind.clone())).chain(own).collect::<Map<_, _>>().into()
    });
    let variants = variants.collect::<Vec<Value>>();
    schema.insert("oneOf".into(), variants.into());
}

/// Removes the null variants of a `oneOf` or `anyOf`, and returns whether there were any. If one variant remains, it
/// replaces the keyword.
fn without_null(schema: &mut Map<String, Value>, name: &str) -> bool {
    let Some(variants) = schema.get_mut(name).and_then(Value::as_array_mut) else { return false };
    let count = variants.len();
    // The lowering `const` has made enums of constants.
    let nulls = [json!("null"), json!(["null"]), json!([null])];
    variants.retain(|variant| !nulls.contains(&variant["type"]) && !nulls.contains(&variant["enum"]));
    let had_null = variants.len() < count;
    if had_null && variants.len() == 1 {
        let only = variants.pop().unwrap_or_default();
        schema.shift_remove(name);
        match only {
            Value::Object(only) if !only.contains_key("$ref") => schema.extend(only),
            only => drop(schema.insert("allOf".into(), json!([only]))),
        }
    }
    had_null
}

fn exclusive_bounds(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        for (exclusive, inclusive, is_below) in [
            ("exclusiveMinimum", "minimum", (|a, b| a < b) as fn(f64, f64) -> bool),
            ("exclusiveMaximum", "maximum", |a, b| a > b),
        ] {
            let Some(bound) = schema.get(exclusive).filter(|bound| bound.is_number()).cloned() else { continue };
            schema.shift_remove(exclusive);
            let is_weaker = schema.get(inclusive).and_then(Value::as_f64).zip(bound.as_f64());
            if !is_weaker.is_some_and(|(other, bound)| is_below(bound, other)) {
                schema.insert(inclusive.into(), bound);
                schema.insert(exclusive.into(), json!(true));
            }
        }
    });
    Ok(())
}

fn examples(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let Some(Value::Array(examples)) = schema.shift_remove("examples") else { return };
        if let Some(first) = examples.into_iter().next() {
            schema.entry("example").or_insert(first);
        }
    });
    Ok(())
}

fn encoded_content(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let encoding = schema.shift_remove("contentEncoding");
        let media_type = schema.shift_remove("contentMediaType");
        schema.shift_remove("contentSchema");
        if encoding.is_some() || media_type.is_some() {
            let format = if encoding.is_some_and(|encoding| encoding == "base64") { "byte" } else { "binary" };
            schema.entry("type").or_insert_with(|| json!("string"));
            schema.entry("format").or_insert_with(|| json!(format));
        }
    });
    Ok(())
}

const ASSERTIONS: [&str; 15] = [
    "$anchor",
    "$comment",
    "$schema",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$vocabulary",
];

fn assertions(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        ASSERTIONS.iter().for_each(|keyword| drop(schema.shift_remove(*keyword)));
        if schema.shift_remove("patternProperties").is_some() {
            schema.insert("additionalProperties".into(), json!({}));
        }
        if schema.shift_remove("prefixItems").is_some() {
            schema.insert("items".into(), json!({}));
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::rule::test::yaml_value;
    use super::*;

    /// Returns a schema after all lowerings.
    fn lowered(schema: &str) -> Value {
        let mut document = yaml_value(&format!("openapi: 3.1.0\ncomponents: {{schemas: {{A: {schema}}}}}"));
        lower(&mut document).unwrap();
        assert_eq!(document["openapi"], "3.0.3");
        document["components"]["schemas"]["A"].take()
    }

    #[test]
    fn each_keyword_of_3_1_becomes_its_equivalent_in_3_0() {
        for (of_3_1, of_3_0) in [
            ("{type: [string, 'null']}", json!({ "type": "string", "nullable": true })),
            ("{type: ['null']}", json!({ "nullable": true })),
            ("{type: 'null'}", json!({ "nullable": true })),
            (
                "{type: [string, array], items: {type: integer}, format: uuid}",
                json!({ "oneOf": [
                    { "type": "string", "format": "uuid" },
                    { "type": "array", "items": { "type": "integer" } },
                ] }),
            ),
            ("{type: [string], enum: [a, null]}", json!({ "type": "string", "enum": ["a"], "nullable": true })),
            (
                "{oneOf: [{$ref: '#/components/schemas/B'}, {type: 'null'}]}",
                json!({ "allOf": [{ "$ref": "#/components/schemas/B" }], "nullable": true }),
            ),
            ("{anyOf: [{type: string}, {type: 'null'}]}", json!({ "type": "string", "nullable": true })),
            ("{anyOf: [{type: string}, {const: null}]}", json!({ "type": "string", "nullable": true })),
            (
                "{$ref: '#/components/schemas/B', deprecated: true, description: A text.}",
                json!({ "deprecated": true, "allOf": [{ "$ref": "#/components/schemas/B" }] }),
            ),
            (
                "{anyOf: [{type: string}, {type: integer}, {type: 'null'}]}",
                json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }], "nullable": true }),
            ),
            ("{const: ipv4}", json!({ "type": "string", "enum": ["ipv4"] })),
            ("{type: integer, const: 7}", json!({ "type": "integer", "enum": [7] })),
            ("{exclusiveMinimum: 3}", json!({ "minimum": 3, "exclusiveMinimum": true })),
            ("{minimum: 5, exclusiveMinimum: 3}", json!({ "minimum": 5 })),
            ("{maximum: 5, exclusiveMaximum: 3}", json!({ "maximum": 3, "exclusiveMaximum": true })),
            ("{exclusiveMinimum: true, minimum: 1}", json!({ "minimum": 1, "exclusiveMinimum": true })),
            ("{examples: [1, 2]}", json!({ "example": 1 })),
            ("{properties: {examples: {examples: []}}}", json!({ "properties": { "examples": {} } })),
            ("{contentEncoding: base64}", json!({ "type": "string", "format": "byte" })),
            (
                "{type: string, contentMediaType: application/octet-stream}",
                json!({ "type": "string", "format": "binary" }),
            ),
            ("{$ref: '#/components/schemas/B', description: A text.}", json!({ "$ref": "#/components/schemas/B" })),
            (
                "{$ref: '#/components/schemas/B', properties: {c: {type: ['null', string]}}}",
                json!({ "allOf": [
                    { "$ref": "#/components/schemas/B" },
                    { "properties": { "c": { "type": "string", "nullable": true } } },
                ] }),
            ),
            (
                "{properties: {a: true, b: false}, items: true, additionalProperties: false}",
                json!({ "properties": { "a": {}, "b": { "not": {} } }, "items": {}, "additionalProperties": false }),
            ),
            ("{type: object, if: {}, then: {}, dependentRequired: {}}", json!({ "type": "object" })),
            ("{type: array, prefixItems: [{}], items: false}", json!({ "type": "array", "items": {} })),
            ("{patternProperties: {'^x-': {type: string}}}", json!({ "additionalProperties": {} })),
        ] {
            assert_eq!(lowered(of_3_1), of_3_0, "{of_3_1}");
        }
    }

    #[test]
    fn keywords_outside_of_schemas_are_converted() {
        let mut document = yaml_value(
            "openapi: 3.1.0\ninfo: {title: t, version: '1', summary: s, license: {name: MIT, identifier: MIT}}\n\
             jsonSchemaDialect: d\nwebhooks: {}",
        );
        lower(&mut document).unwrap();
        assert_eq!(
            document,
            json!({
                "openapi": "3.0.3", "info": { "title": "t", "version": "1", "license": { "name": "MIT" } },
                "paths": {},
            })
        );
    }

    #[test]
    fn a_keyword_without_equivalent_is_an_error_with_its_place() {
        let mut document = yaml_value("openapi: 3.1.0\ncomponents: {schemas: {A: {properties: {b: {$defs: {}}}}}}");
        assert_eq!(
            lower(&mut document).unwrap_err().to_string(),
            "components.schemas.A.properties.b has `$defs`, which has no equivalent in OpenAPI 3.0"
        );
    }

    #[test]
    fn a_version_without_quotes_is_recognised() {
        let mut document = yaml_value("openapi: 3.1\ncomponents: {schemas: {A: {const: 1}}}");
        lower(&mut document).unwrap();
        assert_eq!(document["openapi"], "3.0.3");
    }

    #[test]
    fn a_document_of_3_0_is_unchanged() {
        let mut document = yaml_value("openapi: 3.0.3\ncomponents: {schemas: {A: {const: 1, type: [string]}}}");
        let before = document.clone();
        lower(&mut document).unwrap();
        assert_eq!(document, before);
    }
}
