//! The rule about examples: the generator drops them, so that they become the end of descriptions, where the pass `examples` and
//! readers find them.

use serde_json::{Map, Value};

use crate::document::every_schema_mut;
use crate::error::Result;

/// Longer ones are no help in a description.
const MAX_LENGTH: usize = 200;

pub(super) fn described(document: &mut Value) -> Result<()> {
    // From an object to its properties, outermost first, before any is taken out.
    every_schema_mut(document, &mut |schema| {
        let Some(Value::Object(example)) = schema.get("example").cloned() else { return };
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
        for (name, property) in properties {
            if let (Some(value), Value::Object(property)) = (example.get(name), property)
                && !property.contains_key("$ref")
            {
                property.entry("example").or_insert_with(|| value.clone());
            }
        }
    });
    every_schema_mut(document, &mut describe);
    Ok(())
}

fn describe(schema: &mut Map<String, Value>) {
    let Some(example) = schema.shift_remove("example") else { return };
    let json = example.to_string();
    if example.is_object() || json.len() > MAX_LENGTH || json.contains('`') {
        return;
    }
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    schema.insert("description".into(), format!("{description}\n\nExample: `{json}`").trim_start().into());
}

/// Returns the example that a description ends with.
pub(crate) fn described_example(description: &str) -> Option<Value> {
    let (_, rest) = description.rsplit_once("Example: `")?;
    serde_json::from_str(rest.trim_end().strip_suffix('`')?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::rule::test::after;
    use super::*;

    #[test]
    fn a_description_ends_with_the_example_which_is_found_there() {
        let long = "x".repeat(MAX_LENGTH);
        let document = after(
            described,
            &format!(
                "components: {{schemas: {{A: {{description: A text., example: '02008'}}, B: {{example: [1, 2]}}, C: {{example: null}}, \
                 D: {{description: Long., example: {long}}}, E: {{description: Code., example: 'a`b'}}, F: {{description: None.}}}}}}"
            ),
        );
        let description = |name: &str| document["components"]["schemas"][name]["description"].as_str();
        assert_eq!(description("A"), Some("A text.\n\nExample: `\"02008\"`"));
        assert_eq!(
            (description("D"), description("E"), description("F")),
            (Some("Long."), Some("Code."), Some("None."))
        );
        let found = |name: &str| described_example(description(name).unwrap());
        assert_eq!((found("A"), found("B")), (Some(json!("02008")), Some(json!([1, 2]))));
        assert_eq!((found("C"), found("D"), found("F")), (Some(json!(null)), None, None));
        assert!(!document.to_string().contains("\"example\""), "{document}");
    }

    #[test]
    fn the_example_of_an_object_is_that_of_its_properties() {
        let document = after(
            described,
            "components: {schemas: {A: {example: {a: 1, b: 2, c: {d: 3}, e: 4}, properties: {a: {type: integer}, \
             b: {type: integer, example: 5}, c: {properties: {d: {}}}, e: {$ref: '#/components/schemas/E'}}}}}",
        );
        assert_eq!(
            document["components"]["schemas"]["A"],
            json!({ "properties": {
                "a": { "type": "integer", "description": "Example: `1`" },
                "b": { "type": "integer", "description": "Example: `5`" },
                "c": { "properties": { "d": { "description": "Example: `3`" } } },
                "e": { "$ref": "#/components/schemas/E" },
            } })
        );
    }
}
