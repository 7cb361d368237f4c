//! Check that no schema requires itself. No value of such a type ends, so that nothing could be received or sent, and the default of
//! the generated type would never end either.

use serde_json::Value;

use crate::document::{self, object};
use crate::error::{Error, Result};

pub(crate) fn check(document: &Value) -> Result<()> {
    for (name, schema) in object(&document["components"]["schemas"]) {
        let reference = format!("#/components/schemas/{name}");
        let mut requirement = Requirement { document, reference: &reference, seen: Vec::new() };
        if requirement.is_in(schema) {
            let problem =
                "requires itself, so that no value of it ends: a property on the way has to be optional, or nullable";
            return Err(Error::new(format!("components.schemas.{name} {problem}")));
        }
    }
    Ok(())
}

/// A search for what every value of a schema contains.
struct Requirement<'a> {
    document: &'a Value,
    /// What is searched for.
    reference: &'a str,
    seen: Vec<&'a str>,
}

impl<'a> Requirement<'a> {
    /// Whether every value of a schema contains one of the schema that is searched for. One that can be null does not, nor one that is
    /// a list or a map, which can be empty, and of a union, any variant can be the value.
    fn is_in(&mut self, schema: &'a Value) -> bool {
        if schema["nullable"] == true {
            return false;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            return self.is_behind(reference);
        }
        let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let properties = object(&schema["properties"]).filter(|(name, _)| required(name)).map(|(_, property)| property);
        parts.chain(properties).any(|inner| self.is_in(inner))
    }

    fn is_behind(&mut self, reference: &'a str) -> bool {
        if reference == self.reference {
            return true;
        }
        // What leads to another circle is found from there.
        if self.seen.contains(&reference) {
            return false;
        }
        self.seen.push(reference);
        document::resolve(self.document, reference).is_some_and(|target| self.is_in(target))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NODE: &str = "#/components/schemas/Node";

    fn result(schemas: Value) -> Result<()> {
        check(&json!({ "components": { "schemas": schemas } }))
    }

    #[test]
    fn a_schema_that_requires_itself_is_an_error_that_names_it() {
        let node = json!({ "$ref": NODE });
        for (parent, required) in [
            (node.clone(), json!(["parent"])),
            (json!({ "allOf": [node] }), json!(["parent"])),
            (json!({ "required": ["node"], "properties": { "node": node } }), json!(["parent"])),
            (json!({ "$ref": "#/components/schemas/Rack" }), json!(["parent"])),
        ] {
            let rack = json!({ "required": ["first"], "properties": { "first": { "$ref": NODE } } });
            let schemas = json!({ "Node": { "required": required, "properties": { "parent": parent } }, "Rack": rack });
            let message = result(schemas).unwrap_err().to_string();
            assert!(
                message.starts_with("components.schemas.Node requires itself, so that no value of it ends"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_schema_of_which_a_value_can_end_is_none() {
        let node = json!({ "$ref": NODE });
        for parent in [
            json!({ "nullable": true, "allOf": [node] }),
            json!({ "type": "array", "items": node }),
            json!({ "additionalProperties": node }),
            json!({ "oneOf": [node, { "type": "string" }] }),
            json!({ "properties": { "node": node } }),
            json!({ "$ref": "#/components/schemas/Missing" }),
        ] {
            let schema = json!({ "required": ["parent"], "properties": { "parent": parent } });
            assert_eq!(result(json!({ "Node": schema })), Ok(()), "{parent}");
        }
        assert_eq!(result(json!({ "Node": { "properties": { "parent": node } } })), Ok(()));
    }
}
