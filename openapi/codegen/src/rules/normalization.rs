//! Normalizations: rules that reduce what OpenAPI allows to be written in several ways to one. They run on every document,
//! after the lowerings and before the checks, so that whatever reads the document meets that one form only.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::rule::Rule;
use crate::document::{self, describes, every_schema_mut};
use crate::error::{Error, Result};

/// All normalizations, in the order in which they are applied.
pub const NORMALIZATIONS: &[Rule] = &[
    Rule {
        name: "unquoted-versions",
        reason: "YAML reads a version such as 1.0 as a number if it has no quotes.",
        apply: versions,
    },
    Rule {
        name: "decoded-references",
        reason: "A reference is a URI fragment, in which brackets and braces are percent-encoded.",
        apply: references,
    },
    Rule {
        name: "inline-path-items",
        reason: "A path item can be a reference to one elsewhere, which the generator does not follow.",
        apply: path_items,
    },
    Rule { name: "present-responses", reason: "OpenAPI 3.1 allows an operation without responses.", apply: responses },
    Rule {
        name: "ignored-headers",
        reason: "OpenAPI says that header parameters called Accept, Authorization or Content-Type are ignored.",
        apply: ignored_headers,
    },
    Rule {
        name: "required-path-parameters",
        reason: "OpenAPI requires `required: true` of path parameters, which documents omit.",
        apply: path_parameters,
    },
    Rule {
        name: "integer-bounds",
        reason: "A bound that 64 bits do not hold, or that has a fraction, excludes no integer, or is no bound of one.",
        apply: integer_bounds,
    },
];

/// Applies all normalizations.
pub(crate) fn normalize(document: &mut Value) -> Result<()> {
    NORMALIZATIONS.iter().try_for_each(|rule| (rule.apply)(document))
}

fn versions(document: &mut Value) -> Result<()> {
    for place in ["/openapi", "/info/version"] {
        if let Some(version) = document.pointer_mut(place).filter(|version| version.is_number()) {
            *version = version.to_string().into();
        }
    }
    // The generator insists on the third number.
    if let Some(version) = document["openapi"].as_str().filter(|version| version.matches('.').count() == 1) {
        document["openapi"] = format!("{version}.0").into();
    }
    Ok(())
}

fn references(document: &mut Value) -> Result<()> {
    fn decode(node: &mut Value, in_names: bool) {
        match node {
            Value::Array(values) => values.iter_mut().for_each(|value| decode(value, false)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    match (key.as_str(), value) {
                        ("$ref", Value::String(reference)) if !in_names => {
                            // One that is no UTF-8 refers to nothing, and is reported as such.
                            if let Ok(decoded) = percent_decode_str(reference).decode_utf8() {
                                *reference = decoded.into_owned();
                            }
                        }
                        (key, value) => describes(key, in_names).into_iter().for_each(|names| decode(value, names)),
                    }
                }
            }
            _ => {}
        }
    }
    decode(document, false);
    Ok(())
}

fn path_items(document: &mut Value) -> Result<()> {
    let paths: Vec<String> = document::object(&document["paths"]).map(|(path, _)| path.clone()).collect();
    for path in paths {
        let mut followed = Vec::new();
        while let Some(reference) = document["paths"][&path]["$ref"].as_str().map(str::to_owned) {
            let problem = |problem| Error::new(format!("paths.{path} refers to `{reference}`, which {problem}"));
            if followed.contains(&reference) {
                return Err(problem("refers to itself"));
            }
            let shared = document::resolve(document, &reference).and_then(Value::as_object).cloned();
            let mut item: Map<_, _> = shared.ok_or_else(|| problem("does not exist"))?;
            let own = std::mem::take(&mut document["paths"][&path]);
            let own = own.as_object().into_iter().flatten().filter(|(key, _)| *key != "$ref");
            item.extend(own.map(|(key, value)| (key.clone(), value.clone())));
            document["paths"][&path] = Value::Object(item);
            followed.push(reference);
        }
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.shift_remove("pathItems");
    }
    Ok(())
}

fn responses(document: &mut Value) -> Result<()> {
    document::operations_mut(document).for_each(|operation| {
        operation.entry("responses").or_insert_with(|| json!({}));
    });
    Ok(())
}

const IGNORED_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

fn ignored_headers(document: &mut Value) -> Result<()> {
    let before = document.clone();
    let is_ignored = |parameter: &Value| {
        let parameter = match parameter["$ref"].as_str() {
            Some(reference) => document::resolve(&before, reference).unwrap_or(parameter),
            None => parameter,
        };
        let name = parameter["name"].as_str().unwrap_or_default().to_lowercase();
        parameter["in"] == "header" && IGNORED_HEADERS.contains(&name.as_str())
    };
    each_parameters(document, |parameters| parameters.retain(|parameter| !is_ignored(parameter)));
    Ok(())
}

fn path_parameters(document: &mut Value) -> Result<()> {
    let require = |parameter: &mut Value| {
        if parameter["in"] == "path" {
            parameter["required"] = json!(true);
        }
    };
    each_parameters(document, |parameters| parameters.iter_mut().for_each(require));
    let shared = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut);
    shared.into_iter().flat_map(Map::values_mut).for_each(require);
    Ok(())
}

/// Calls `change` on the parameters of each path and of each operation.
fn each_parameters(document: &mut Value, change: impl Fn(&mut Vec<Value>)) {
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for item in items.filter_map(Value::as_object_mut) {
        item.get_mut("parameters").and_then(Value::as_array_mut).into_iter().for_each(&change);
        for operation in item.values_mut().filter_map(Value::as_object_mut) {
            operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().for_each(&change);
        }
    }
}

const BOUNDS: [(&str, &str); 3] =
    [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"), ("multipleOf", "")];

/// Bounds of what is counted.
const COUNTS: [&str; 6] = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

fn integer_bounds(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        for count in COUNTS {
            if schema.get(count).is_some_and(|value| value.is_number() && !value.is_u64()) {
                schema.shift_remove(count);
            }
        }
        if schema.get("type").is_none_or(|kind| kind != "integer") {
            return;
        }
        for (bound, exclusive) in BOUNDS {
            let Some(value) = schema.get(bound).filter(|value| value.is_number() && !value.is_i64()) else { continue };
            match value.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < MAX_EXACT) {
                Some(whole) => drop(schema.insert(bound.into(), (whole as i64).into())),
                None => {
                    schema.shift_remove(bound);
                    schema.shift_remove(exclusive);
                }
            }
        }
    });
    Ok(())
}

/// 2^53, below which a float that is whole is one integer.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::super::rule::test::{after, yaml_value};
    use super::*;

    #[test]
    fn versions_without_quotes_are_texts() {
        for (yaml, openapi, version) in [
            ("openapi: 3.0\ninfo: {version: 1.0}", "3.0.0", "1.0"),
            ("openapi: '3.0'\ninfo: {version: 2}", "3.0.0", "2"),
            ("openapi: 3.0.3\ninfo: {version: '1'}", "3.0.3", "1"),
            ("openapi: 3.0.3\ninfo: {version: 2025-05-01}", "3.0.3", "2025-05-01"),
        ] {
            let document = after(versions, yaml);
            assert_eq!((&document["openapi"], &document["info"]["version"]), (&json!(openapi), &json!(version)));
        }
    }

    #[test]
    fn references_are_decoded_except_in_data() {
        let document = after(
            references,
            "components: {schemas: {A: {$ref: '#/a%5Bb%5D', example: {$ref: '%5B'}, x-a: {$ref: '%5B'}, properties: {example: \
             {$ref: '#/%C3%A4'}, b: {$ref: '%FF'}}}}}",
        );
        assert_eq!(
            document["components"]["schemas"]["A"],
            json!({
                "$ref": "#/a[b]", "example": { "$ref": "%5B" }, "x-a": { "$ref": "%5B" },
                "properties": { "example": { "$ref": "#/ä" }, "b": { "$ref": "%FF" } },
            })
        );
    }

    #[test]
    fn path_items_are_inlined_with_what_the_reference_adds() {
        let document = after(
            path_items,
            "paths: {/a: {$ref: '#/x-items/b', summary: s}, /c: {get: {}}, /d: {$ref: '#/components/pathItems/e'}}\n\
             x-items: {b: {$ref: '#/x-items/f'}, f: {put: {}, summary: t}}\ncomponents: {pathItems: {e: {post: {}}}}",
        );
        assert_eq!(
            document["paths"],
            json!({ "/a": { "put": {}, "summary": "s" }, "/c": { "get": {} }, "/d": { "post": {} } })
        );
        assert_eq!(document["components"], json!({}));
    }

    #[test]
    fn a_path_item_that_is_not_there_or_refers_to_itself_is_an_error() {
        for (reference, problem) in [
            ("#/x-items/b", "refers to itself"),
            ("#/components/pathItems/A", "does not exist"),
            ("other.yaml", "does not exist"),
        ] {
            let mut document =
                yaml_value(&format!("paths: {{/a: {{$ref: '{reference}'}}}}\nx-items: {{b: {{$ref: '#/x-items/b'}}}}"));
            assert_eq!(
                path_items(&mut document).unwrap_err().to_string(),
                format!("paths./a refers to `{reference}`, which {problem}")
            );
        }
    }

    #[test]
    fn headers_that_openapi_ignores_are_removed() {
        let document = after(
            ignored_headers,
            "paths: {/a: {parameters: [{name: ACCEPT, in: header}, {name: accept, in: query}], get: {parameters: \
             [{$ref: '#/components/parameters/A'}, {name: content-type, in: header}, {name: X-A, in: header}]}}}\n\
             components: {parameters: {A: {name: Authorization, in: header}}}",
        );
        assert_eq!(document["paths"]["/a"]["parameters"], json!([{ "name": "accept", "in": "query" }]));
        assert_eq!(document["paths"]["/a"]["get"]["parameters"], json!([{ "name": "X-A", "in": "header" }]));
    }

    #[test]
    fn path_parameters_are_required() {
        let document = after(
            path_parameters,
            "paths: {/a: {parameters: [{in: path}], get: {parameters: [{in: path, required: false}, {in: query}]}}}\n\
             components: {parameters: {A: {in: path}}}",
        );
        let required = json!({ "in": "path", "required": true });
        assert_eq!(document["paths"]["/a"]["parameters"], json!([required]));
        assert_eq!(document["paths"]["/a"]["get"]["parameters"], json!([required, { "in": "query" }]));
        assert_eq!(document["components"]["parameters"]["A"], required);
    }

    #[test]
    fn bounds_beyond_64_bits_are_removed_and_whole_floats_are_integers() {
        for (schema, expected) in [
            (
                "{type: integer, minimum: -9223372036854776000, maximum: 18446744073709551616}",
                json!({ "type": "integer" }),
            ),
            ("{type: integer, maximum: 9223372036854775808, exclusiveMaximum: true}", json!({ "type": "integer" })),
            (
                "{type: integer, minimum: 1.0, maximum: 1e3}",
                json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
            ),
            ("{type: integer, minimum: 0.5, multipleOf: 0.5}", json!({ "type": "integer" })),
            ("{type: integer, minimum: -5}", json!({ "type": "integer", "minimum": -5 })),
            ("{type: number, minimum: 0.5}", json!({ "type": "number", "minimum": 0.5 })),
            ("{maxLength: 99999999999999999999, minItems: -1, maxItems: 3}", json!({ "maxItems": 3 })),
        ] {
            let document = after(integer_bounds, &format!("components: {{schemas: {{A: {schema}}}}}"));
            assert_eq!(document["components"]["schemas"]["A"], expected, "{schema}");
        }
    }

    #[test]
    fn an_operation_without_responses_has_none() {
        let document = after(responses, "paths: {/a: {get: {}}}");
        assert_eq!(document["paths"]["/a"]["get"], json!({ "responses": {} }));
    }
}
