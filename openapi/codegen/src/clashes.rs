//! Checks that no two parts of a type or of an operation get one name in Rust. They run after the rules, which may add
//! fields and choose names.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::{self, Operation, object};
use crate::error::{Error, Result};
use crate::names::{UNKNOWN_FIELDS, argument_name, field_name, variant_name};

/// How a clash is resolved, as the end of a sentence.
pub(crate) fn advice(part: &str) -> String {
    format!(
        "give the newer one a name in CHOSEN of openapi/codegen/src/names.rs, as in `(\"{part}\", \"another_name\")`"
    )
}

/// Checks the fields and variants of all schemas, and the arguments of all operations.
pub(crate) fn check(document: &Value) -> Result<()> {
    document::every_schema(document, &mut |pointer, schema| {
        fields(pointer, schema)?;
        variants(pointer, schema)
    })?;
    document::operations(document).iter().try_for_each(|operation| arguments(document, operation))
}

fn fields(pointer: &str, schema: &Value) -> Result<()> {
    let place = document::place(pointer);
    // The generator flattens the additional properties of a schema into a field of this name.
    let keeps_unknown = schema.get("additionalProperties").is_some_and(Value::is_object);
    let mut names = BTreeMap::new();
    for (property, _) in object(&schema["properties"]) {
        let part = format!("{pointer}/properties/{}", document::escaped(property));
        let name = field_name(property);
        if keeps_unknown && name == UNKNOWN_FIELDS {
            let own = "the name of the field that keeps unknown fields";
            return Err(Error::new(format!("{place} has the property `{property}`, {own}: {}", advice(&part))));
        }
        distinct(&mut names, &place, ("properties", "field"), (name, property), &part)?;
    }
    Ok(())
}

fn variants(pointer: &str, schema: &Value) -> Result<()> {
    let place = document::place(pointer);
    let mut names = BTreeMap::new();
    for value in values_of(schema) {
        if values_of(schema).filter(|other| *other == value).count() > 1 {
            return Err(Error::new(format!("{place} lists the value `{value}` twice")));
        }
        let part = format!("{pointer}/enum/{}", document::escaped(value));
        distinct(&mut names, &place, ("values", "variant"), (variant_name(value), value), &part)?;
    }
    Ok(())
}

fn values_of(schema: &Value) -> impl Iterator<Item = &str> {
    schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn arguments(document: &Value, operation: &Operation<'_>) -> Result<()> {
    let id = operation.name();
    // The function that prepares a request has a variable, and an argument for the body.
    let own = ["header_map"].into_iter().chain(operation.value.get("requestBody").map(|_| "body"));
    let own: Vec<&str> = own.collect();
    let mut names = BTreeMap::new();
    for (place, parameter) in parameters(document, operation) {
        let name = parameter["name"].as_str().unwrap_or_default();
        let part = format!("{place}/name/{}", document::escaped(name));
        let argument = argument_name(name);
        if own.contains(&argument.as_str()) {
            let problem =
                format!("operation {id} has the parameter `{name}`, and `{argument}` is a name of the generated code");
            return Err(Error::new(format!("{problem}: {}", advice(&part))));
        }
        distinct(&mut names, &format!("operation {id}"), ("parameters", "argument"), (argument, name), &part)?;
    }
    Ok(())
}

/// The parameters of an operation, each with its JSON pointer. One of the path is replaced by one of the operation that
/// has its name and location.
fn parameters<'a>(document: &'a Value, operation: &Operation<'a>) -> Vec<(String, &'a Value)> {
    let path = format!("/paths/{}", document::escaped(operation.path));
    let lists = [
        (format!("{path}/parameters"), &document["paths"][operation.path]["parameters"]),
        (format!("{path}/{}/parameters", operation.method), &operation.value["parameters"]),
    ];
    let mut all: Vec<(String, &Value)> = Vec::new();
    for (place, list) in lists {
        for (at, parameter) in list.as_array().into_iter().flatten().enumerate() {
            let place = match parameter["$ref"].as_str() {
                Some(reference) => reference.trim_start_matches('#').to_owned(),
                None => format!("{place}/{at}"),
            };
            let parameter = document::resolved(document, parameter);
            all.retain(|(_, other)| other["name"] != parameter["name"] || other["in"] != parameter["in"]);
            all.push((place, parameter));
        }
    }
    all
}

/// Adds the Rust name of a part to `names`, unless another part has it.
fn distinct<'a>(
    names: &mut BTreeMap<String, &'a str>,
    place: &str,
    (parts, kind): (&str, &str),
    (name, of): (String, &'a str),
    part: &str,
) -> Result<()> {
    let Some(other) = names.get(&name) else {
        names.insert(name, of);
        return Ok(());
    };
    let problem = format!("{place} has the {parts} `{other}` and `{of}`, which give one {kind} `{name}`");
    Err(Error::new(format!("{problem}: {}", advice(part))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(schemas: &str, operation: &str) -> String {
        let document =
            format!("paths: {{/a: {{get: {{operationId: GetA{operation}}}}}}}\ncomponents: {{schemas: {{{schemas}}}}}");
        check(&document::parse(&document).unwrap()).unwrap_err().to_string()
    }

    fn advised(problem: &str, part: &str) -> String {
        let file = "openapi/codegen/src/names.rs";
        format!("{problem}: give the newer one a name in CHOSEN of {file}, as in `(\"{part}\", \"another_name\")`")
    }

    #[test]
    fn two_members_of_one_name_are_an_error_that_names_both_and_says_what_to_do() {
        for (schema, kinds, names, member, part) in [
            (
                "{properties: {user_data: {}, userData: {}}}",
                "properties",
                "`user_data` and `userData`",
                "field `user_data`",
                "properties/userData",
            ),
            ("{properties: {id: {}, _id: {}}}", "properties", "`id` and `_id`", "field `id`", "properties/_id"),
            (
                "{enum: [on-demand, onDemand]}",
                "values",
                "`on-demand` and `onDemand`",
                "variant `OnDemand`",
                "enum/onDemand",
            ),
            (
                "{enum: [unknown, named-unknown]}",
                "values",
                "`unknown` and `named-unknown`",
                "variant `NamedUnknown`",
                "enum/named-unknown",
            ),
            ("{enum: [a/b, a.b, 'a~b']}", "values", "`a/b` and `a.b`", "variant `AB`", "enum/a.b"),
        ] {
            let pointer = "/components/schemas/A";
            let problem = format!("components.schemas.A has the {kinds} {names}, which give one {member}");
            assert_eq!(error(&format!("A: {schema}"), ""), advised(&problem, &format!("{pointer}/{part}")));
            let inner = format!("{pointer}/properties/b/items");
            let problem = problem.replace("schemas.A", "schemas.A.properties.b.items");
            assert_eq!(
                error(&format!("A: {{properties: {{b: {{items: {schema}}}}}}}"), ""),
                advised(&problem, &format!("{inner}/{part}"))
            );
        }
        assert_eq!(error("A: {enum: [a, b, a]}", ""), "components.schemas.A lists the value `a` twice");
    }

    #[test]
    fn the_field_for_unknown_fields_has_its_name_to_itself() {
        let schema = "{properties: {extra: {}}, additionalProperties: {}}";
        let problem = "components.schemas.A has the property `extra`, the name of the field that keeps unknown fields";
        assert_eq!(error(&format!("A: {schema}"), ""), advised(problem, "/components/schemas/A/properties/extra"));
        let document = document::parse("components: {schemas: {A: {properties: {extra: {}}}}}").unwrap();
        assert_eq!(check(&document), Ok(()));
    }

    #[test]
    fn two_arguments_of_one_name_are_an_error() {
        let place = "/paths/~1a/get/parameters";
        for (operation, problem, part) in [
            (
                ", parameters: [{name: per-page, in: query}, {name: per_page, in: query}]",
                "operation GetA has the parameters `per-page` and `per_page`, which give one argument `per_page`",
                "1/name/per_page",
            ),
            (
                ", parameters: [{name: id, in: query}, {name: id, in: header}]",
                "operation GetA has the parameters `id` and `id`, which give one argument `id`",
                "1/name/id",
            ),
            (
                ", parameters: [{name: Body, in: query}], requestBody: {}",
                "operation GetA has the parameter `Body`, and `body` is a name of the generated code",
                "0/name/Body",
            ),
        ] {
            assert_eq!(error("", operation), advised(problem, &format!("{place}/{part}")));
        }
        let document = "paths: {/a: {parameters: [{name: id, in: query}], get: {operationId: A, \
         parameters: [{name: id, in: query}, {name: body, in: query}]}}}";
        assert_eq!(check(&document::parse(document).unwrap()), Ok(()));
    }
}
