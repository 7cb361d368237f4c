//! `cargo xtask diff`: the changes from one document to another, and their impact on users of this SDK.
//!
//! An [`api`] is a document to compare. Its operations are [matched](matching) by method and path, and compared part by part
//! ([`operations`], [`security`]); a [`prefix`] that schema names share is one change. What operations send and receive is a
//! [`comparison`] of [`schemas`], the [`variants`] of unions, and [`scalars`], each in its own direction; [`shape`] knows the
//! properties of a single schema, and a [`spot`] is its place in the bindings. Removed and added names are matched by
//! [`renames`]. What the documents show is [combined](mod@names) with the names in the bindings that are generated from both.
//! The result is a list of [`finding`]s, which [`report`] writes.

mod api;
mod comparison;
mod finding;
mod matching;
#[cfg(test)]
mod missed;
mod names;
#[cfg(test)]
mod oasdiff;
mod operations;
mod prefix;
#[cfg(test)]
mod properties;
mod renames;
pub(crate) mod report;
mod scalars;
mod schemas;
mod security;
mod shape;
mod spot;
mod variants;

use std::process::ExitCode;
use std::rc::Rc;

use self::api::Api;
pub(crate) use self::finding::{Finding, Severity};
pub(crate) use self::report::Format;
use crate::bindings::Inventory;

/// Compares two documents, and the bindings that are generated from them.
///
/// # Errors
/// One sentence, if one of them cannot be read.
pub(crate) fn compare(old: &str, new: &str) -> Result<Vec<Finding>, String> {
    compare_with(old, new, || generate(new))
}

/// Compares two documents, of which the new one has these bindings.
///
/// # Errors
/// One sentence, if one of them cannot be read.
pub(crate) fn compare_generated(old: &str, new: &str, bindings: &str) -> Result<Vec<Finding>, String> {
    compare_with(old, new, || Ok(bindings.to_owned()))
}

fn compare_with(
    old_text: &str,
    new_text: &str,
    bindings: impl Fn() -> Result<String, String>,
) -> Result<Vec<Finding>, String> {
    let of_old = |error| format!("the old document: {error}");
    let of_new = |error| format!("the new document: {error}");
    let mut old = Api::read(old_text).map_err(of_old)?;
    let mut new = Api::read(new_text).map_err(of_new)?;
    let before = generate(old_text).map_err(of_old).and_then(|bindings| Inventory::read(&bindings));
    let now = bindings().map_err(of_new).and_then(|bindings| Inventory::read(&bindings));
    let not_verified = match (before, now) {
        (Ok(before), Ok(now)) => {
            (old.names, new.names) = (Rc::new(before), Rc::new(now));
            None
        }
        (Err(reason), _) | (_, Err(reason)) => Some(reason),
    };
    let mut findings = operations::compare(&old, &new);
    match not_verified {
        None => names::combine(&mut findings, &old.names, &new.names),
        Some(reason) => names::not_compared(&mut findings, &reason),
    }
    Ok(findings.into_sorted())
}

fn generate(document: &str) -> Result<String, String> {
    genesiscloud_codegen::generate(document).map_err(|error| error.to_string())
}

/// Compares two files and prints the report. Exits with 0 if nothing breaks, 1 if something does, 2 if they cannot be compared.
pub(crate) fn run(old: &str, new: &str, format: Format) -> ExitCode {
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let findings = read(old).and_then(|old| Ok((old, read(new)?))).and_then(|(old, new)| compare(&old, &new));
    match findings {
        Ok(findings) => {
            print!("{}", report::write(&findings, format));
            ExitCode::from(u8::from(findings.iter().any(|finding| finding.severity == Severity::Breaking)))
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns severity, change and place of what is found between documents with these paths and schemas.
    fn found(old: (&str, &str), new: (&str, &str)) -> Vec<(Severity, &'static str, String)> {
        let document = |(paths, schemas): (&str, &str)| {
            format!(
                "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{{paths}}}\ncomponents: {{schemas: {{{schemas}}}}}"
            )
        };
        let findings = compare(&document(old), &document(new)).unwrap();
        // Some documents are for the comparison only: bindings cannot be generated.
        let findings = findings.into_iter().filter(|finding| finding.change != "names-not-verified");
        findings.map(|finding| (finding.severity, finding.change, finding.place)).collect()
    }

    /// An operation that sends and receives an `A`.
    const THING: &str = "/a: {post: {operationId: CreateA, requestBody: {content: {application/json: {schema: {$ref: \
        '#/components/schemas/A'}}}}, responses: {'201': {description: d, content: {application/json: {schema: {$ref: \
        '#/components/schemas/A'}}}}}}}";

    /// Returns what is found where only the fields of `A` change.
    fn of_fields(old: &str, new: &str) -> Vec<(Severity, &'static str, String)> {
        found((THING, &format!("A: {{{old}}}")), (THING, &format!("A: {{{new}}}")))
    }

    use Severity::{Breaking, Compatible, Note};

    #[test]
    fn a_union_of_one_variant_is_that_variant() {
        for plain in ["type: integer", "$ref: '#/components/schemas/A'", "type: array, items: {type: string}"] {
            for keyword in ["oneOf", "anyOf"] {
                let (plain, union) = (format!("one: {{{plain}}}"), format!("one: {{{keyword}: [{{{plain}}}]}}"));
                let (plain, union) = (format!("properties: {{{plain}}}"), format!("properties: {{{union}}}"));
                assert_eq!(of_fields(&plain, &union), [], "{union}");
                assert_eq!(of_fields(&union, &plain), [], "{union}");
            }
        }
        assert_eq!(
            of_fields(
                "properties: {one: {oneOf: [{type: integer}]}}",
                "properties: {one: {oneOf: [{type: string}], nullable: true}}"
            ),
            [(Breaking, "type-changed", "A.one".into()), (Compatible, "became-nullable", "A.one".into())]
        );
    }

    #[test]
    fn past_changes_of_the_provider_are_classified() {
        // 2024-02: a size changed from an optional string to a required number.
        assert_eq!(
            of_fields("properties: {size: {type: string}}", "required: [size], properties: {size: {type: integer}}"),
            [(Breaking, "type-changed", "A.size".into()), (Breaking, "became-required", "A.size".into())]
        );
        // 2024-10: a list became a union.
        assert_eq!(
            of_fields(
                "properties: {volumes: {type: array, items: {type: string}}}",
                "properties: {volumes: {oneOf: [{type: array, items: {type: string}}, {properties: {attach: {type: string}}}]}}"
            ),
            [(Breaking, "became-union", "A.volumes".into())]
        );
        // 2023-09: enums became strings, and addresses nullable.
        assert_eq!(
            of_fields("properties: {type: {type: string, enum: [a]}}", "properties: {type: {type: string}}"),
            [(Breaking, "enum-ended", "A.type".into())]
        );
        assert_eq!(
            of_fields(
                "required: [ip], properties: {ip: {type: string}}",
                "required: [ip], properties: {ip: {type: string, nullable: true}}"
            ),
            [(Breaking, "became-nullable", "A.ip".into())]
        );
        // 2024-01: an id was used for another path, and its former operation renamed.
        let paths = |of_instance: &str, of_all: &str| {
            let parameter = "{name: id, in: path, required: true, schema: {type: string}}";
            format!(
                "'/instances/{{id}}/snapshots': {{post: {{operationId: {of_instance}, parameters: [{parameter}], \
                 responses: {{}}}}}}, /snapshots: {{post: {{operationId: {of_all}, responses: {{}}}}}}"
            )
        };
        let (before, now) = (paths("CreateSnapshot", "Import"), paths("CreateInstanceSnapshot", "CreateSnapshot"));
        assert_eq!(
            found((&before, ""), (&now, "")),
            [
                (Breaking, "operation-renamed", "CreateInstanceSnapshot".into()),
                (Breaking, "operation-renamed", "CreateSnapshot".into()),
                (Breaking, "operation-id-reused", "CreateSnapshot".into()),
            ]
        );
    }

    #[test]
    fn requests_and_responses_are_classified_separately() {
        let both = |old, new| {
            of_fields(old, new).into_iter().map(|(severity, change, _)| (severity, change)).collect::<Vec<_>>()
        };
        // A change in both directions has the higher severity.
        let (before, more) = ("properties: {b: {type: string}}", "properties: {b: {type: string}, a: {type: string}}");
        assert_eq!(both(before, more), [(Compatible, "field-added")]);
        assert_eq!(both(before, &format!("required: [a], {more}")), [(Breaking, "field-added")]);
        // It is an `Option` in both cases, because it can be null.
        let nullable = "{type: string, nullable: true}";
        let response = |required: &str| {
            let paths = "/a: {get: {operationId: GetA, responses: {'200': {description: d, content: {application/json: \
                         {schema: {$ref: '#/components/schemas/A'}}}}}}}";
            (paths, format!("A: {{{required}properties: {{a: {nullable}}}}}"))
        };
        let (paths, before) = response("required: [a], ");
        assert_eq!(found((paths, &before), (paths, &response("").1)), [(Note, "became-optional", "A.a".into())]);
    }

    #[test]
    fn comparing_recursive_all_of_ends() {
        for schema in [
            "properties: {parent: {allOf: [{$ref: '#/components/schemas/A'}], nullable: true}}",
            "allOf: [{$ref: '#/components/schemas/A'}, {properties: {a: {type: string}}}]",
            "properties: {b: {allOf: [{properties: {a: {$ref: '#/components/schemas/A'}}}, {properties: {}}]}}",
        ] {
            assert_eq!(of_fields(schema, schema), [], "{schema}");
        }
    }

    #[test]
    fn comparing_a_recursive_schema_ends() {
        let holding = |field: &str| {
            format!("properties: {{inner: {{$ref: '#/components/schemas/A'}}, {field}: {{type: string}}}}")
        };
        let found = of_fields(&holding("red"), &holding("blue"));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    /// Returns severity and change of what is found where a response, and nothing else, has these fields.
    fn of_response(old: &str, new: &str) -> Vec<(Severity, &'static str)> {
        let paths = "/a: {get: {operationId: GetA, responses: {'200': {description: d, content: {application/json: {schema: \
                     {$ref: '#/components/schemas/A'}}}}}}}";
        let schemas = |field: &str| format!("B: {{properties: {{id: {{type: string}}}}}}, A: {{{field}}}");
        let findings = found((paths, &schemas(old)), (paths, &schemas(new)));
        findings.into_iter().map(|(severity, change, _)| (severity, change)).collect()
    }

    #[test]
    fn types_are_compared_by_their_rust_types() {
        let list = "{type: array, items: {type: string}}";
        let field = |required: &str, schema: &str| format!("{required}properties: {{a: {schema}}}");
        let change = |old: String, new: String| of_response(&old, &new);
        // An absent list is an empty one; a list that can be null is an `Option`.
        assert_eq!(change(field("required: [a], ", list), field("", list)), [(Note, "became-optional")]);
        let nullable = list.replace("array,", "array, nullable: true,");
        assert_eq!(change(field("", list), field("", &nullable)), [(Breaking, "became-nullable")]);
        let (any, map) = ("{type: object}", "{type: object, additionalProperties: {type: string}}");
        assert_eq!(change(field("", any), field("", map)), [(Breaking, "type-changed")]);
        let fields = "{type: object, properties: {b: {type: string}}}";
        assert_eq!(change(field("", map), field("", fields)), [(Breaking, "type-changed")]);
        // A wrapped reference is the same reference; the keywords beside it are compared.
        let (plain, wrapped) = ("{$ref: '#/components/schemas/B'}", "{allOf: [{$ref: '#/components/schemas/B'}]}");
        assert_eq!(change(field("", plain), field("", wrapped)), []);
        let deprecated = wrapped.replace("allOf", "deprecated: true, allOf");
        assert_eq!(change(field("", plain), field("", &deprecated)), [(Note, "deprecated")]);
        // An id and a name are a shared type.
        let pair = "{type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}";
        let more = pair.replace("name: {", "host: {type: string}, name: {");
        assert_eq!(
            change(field("", pair), field("", &more)),
            [(Breaking, "schema-renamed"), (Compatible, "field-added")]
        );
        let timed = pair.replace("name: {type: string}", "name: {type: string, format: date-time}");
        assert_eq!(change(field("", pair), field("", &timed)), [(Note, "format-changed")]);
        // Variants without names are identified by their fields.
        let (a, b) = ("{properties: {a: {type: string}}}", "{properties: {b: {type: string}}}");
        let union = |variants: &[&str]| field("", &format!("{{oneOf: [{}]}}", variants.join(", ")));
        let c = "{properties: {c: {type: string}}}";
        assert_eq!(
            change(union(&[a, b, c]), union(&[b, c]))[..2],
            [(Breaking, "union-variant-removed"), (Breaking, "union-variant-renamed")]
        );
        // One that is left is no union.
        assert_eq!(change(union(&[a, b]), union(&[b])), [(Breaking, "union-ended")]);
        let otherwise = a.replace("string", "integer");
        assert_eq!(change(union(&[a, b]), union(&[&otherwise, b])), [(Breaking, "type-changed")]);
        let with_discriminator = union(&[a, b]).replace("oneOf", "discriminator: {propertyName: a}, oneOf");
        assert_eq!(change(union(&[a, b]), with_discriminator), [(Note, "keyword-changed")]);
    }

    #[test]
    fn addresses_and_parameters_are_compared_as_sent() {
        let at = |path: &str, parameters: &str| {
            let all = format!("'{path}': {{get: {{operationId: GetA, parameters: [{parameters}], responses: {{}}}}}}");
            (all, "")
        };
        let of = |old: (String, &'static str), new: (String, &'static str)| {
            let findings = found((&old.0, old.1), (&new.0, new.1));
            findings.into_iter().map(|(severity, change, _)| (severity, change)).collect::<Vec<_>>()
        };
        let parameter =
            |name: &str, kind: &str| format!("{{name: {name}, in: path, required: true, schema: {{type: {kind}}}}}");
        let (x, y) = (parameter("x", "string"), parameter("y", "integer"));
        let (id, slug) = (parameter("id", "string"), parameter("slug", "string"));
        assert_eq!(of(at("/a/{id}", &id), at("/a/{slug}", &slug)), [(Note, "parameter-renamed")]);
        let swapped = of(at("/a/{x}/{y}", &format!("{x}, {y}")), at("/a/{y}/{x}", &format!("{x}, {y}")));
        assert_eq!(swapped.iter().filter(|finding| **finding == (Breaking, "type-changed")).count(), 2, "{swapped:?}");
        let query = "{name: q, in: query, schema: {type: string}}";
        let explicit = "{name: q, in: query, style: form, explode: true, schema: {type: string}}";
        assert_eq!(of(at("/a", query), at("/a", explicit)), []);
        let header = |name: &str| format!("{{name: {name}, in: header, schema: {{type: string}}}}");
        assert_eq!(of(at("/a", &header("X-Foo")), at("/a", &header("x-foo"))), []);

        let served = |server: &str| {
            format!(
                "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nservers: [{server}]\n\
                 paths: {{/a: {{get: {{operationId: GetA, responses: {{'204': {{description: d}}}}}}}}}}"
            )
        };
        let moved = compare(&served("{url: 'https://h/v1'}"), &served("{url: 'https://h/v2'}")).unwrap();
        assert_eq!((moved.len(), moved[0].change), (1, "server-changed"));
        let same = "{url: 'https://H:443/{v}/', variables: {v: {default: v1}}}";
        assert_eq!(compare(&served("{url: 'https://h/v1'}"), &served(same)).unwrap(), []);
    }

    #[test]
    fn credentials_are_classified_by_what_this_sdk_sends() {
        let asking = |scheme: &str| {
            format!(
                "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nsecurity: [{{S: []}}]\n\
                 paths: {{/a: {{get: {{operationId: GetA, responses: {{}}}}}}}}\n\
                 components: {{securitySchemes: {{S: {scheme}}}}}"
            )
        };
        let (bearer, old) = ("{type: http, scheme: bearer}", "{type: apiKey, in: header, name: X-Auth-Token}");
        let basic = "{type: http, scheme: basic}";
        for (was, is, severity) in [(bearer, old, Breaking), (old, bearer, Note), (bearer, basic, Breaking)] {
            let findings = compare(&asking(was), &asking(is)).unwrap();
            assert_eq!((findings[0].severity, findings[0].place.as_str()), (severity, "GetA"), "{was} to {is}");
        }
    }

    #[test]
    fn changes_of_error_responses_are_notes_unless_code_names_them() {
        let paths = "/a: {get: {operationId: GetA, responses: {'200': {description: d}, default: {description: d, content: \
                     {application/json: {schema: {$ref: '#/components/schemas/E'}}}}}}}";
        let fields = |more: &str| format!("E: {{properties: {{text: {{type: string}}{more}}}}}");
        let (with, without) = (fields(", code: {type: string}"), fields(""));
        assert_eq!(found((paths, &without), (paths, &with)), [(Note, "field-added", "E.code".into())]);
        assert_eq!(found((paths, &with), (paths, &without)), [(Breaking, "field-removed", "E.code".into())]);
    }
}
