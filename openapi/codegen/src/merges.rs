//! Check that no `allOf` leads back to itself. The generator merges the schemas of an `allOf` and would never end.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{self, object};
use crate::error::{Error, Result};

const KEYWORDS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

pub(crate) fn check(document: &Value) -> Result<()> {
    document::every_schema(document, &mut |place, schema| {
        if parts(schema).next().is_none() {
            return Ok(());
        }
        let mut merge = Merge::new(document);
        // The first time finds the properties that several parts have.
        let found = merge.schema(schema, Use::Alone).and_then(|()| {
            (merge.is_first, merge.done) = (false, BTreeSet::new());
            merge.schema(schema, Use::Alone)
        });
        found.map_err(|reference| {
            Error::new(format!("{place} is merged with itself: through `{reference}`, it is a part of itself"))
        })
    })
}

/// The parts of a schema that is made of several.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    KEYWORDS.iter().filter_map(|key| schema[*key].as_array()).flatten()
}

/// How the generator uses a schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// As it is. Its parts are looked at if it has any.
    Alone,
    /// Merged with another schema, which merges its properties with what the other says about all properties.
    Merged,
    /// Merged with a schema that says something about the same properties, to any depth.
    Overlaid,
}

impl Use {
    /// The use of a schema's parts: a schema that has several, or properties of its own, merges them.
    fn of(schema: &Value, outer: Self) -> Self {
        let count = parts(schema).count();
        let merges =
            schema["allOf"].as_array().map_or(0, Vec::len) > 1 || (count > 0 && schema.get("properties").is_some());
        if merges { outer.max(Self::Merged) } else { outer }
    }
}

/// What the generator reads to merge a schema.
struct Merge<'a> {
    document: &'a Value,
    /// The references on the way to the current schema.
    open: Vec<&'a str>,
    /// The references that have been followed.
    done: BTreeSet<(&'a str, Use)>,
    /// The names of the properties of all parts, and those that several have.
    seen: BTreeSet<&'a str>,
    shared: BTreeSet<&'a str>,
    is_first: bool,
}

impl<'a> Merge<'a> {
    fn new(document: &'a Value) -> Self {
        let (done, seen, shared) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { document, open: Vec::new(), done, seen, shared, is_first: true }
    }

    /// Follows a schema. An error is a reference that has been followed on the way to itself.
    fn schema(&mut self, schema: &'a Value, outer: Use) -> std::result::Result<(), &'a str> {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.reference(reference, outer);
        }
        let usage = Use::of(schema, outer);
        for part in parts(schema) {
            self.schema(part, usage)?;
        }
        if usage == Use::Overlaid && schema.get("items").is_some() {
            self.schema(&schema["items"], usage)?;
        }
        for (name, property) in object(&schema["properties"]).filter(|_| usage > Use::Alone) {
            if self.is_first && !self.seen.insert(name) {
                self.shared.insert(name);
            }
            let is_overlaid = self.shared.contains(name.as_str()) || usage == Use::Overlaid;
            self.schema(property, if is_overlaid { Use::Overlaid } else { Use::Alone })?;
        }
        Ok(())
    }

    fn reference(&mut self, reference: &'a str, outer: Use) -> std::result::Result<(), &'a str> {
        if self.open.contains(&reference) {
            return Err(reference);
        }
        let Some(target) = document::resolve(self.document, reference) else { return Ok(()) };
        if self.done.insert((reference, outer)) {
            self.open.push(reference);
            self.schema(target, outer)?;
            self.open.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a document in which `Base` has the fields `id` and `rack`, and `Node` is the given schema.
    fn result(node: &str) -> Result<()> {
        let base = "{properties: {id: {type: string}, rack: {properties: {row: {type: string}}}}}";
        let other = "Host: {properties: {node: {$ref: '#/components/schemas/Node'}}}";
        let document = format!("components: {{schemas: {{Base: {base}, {other}, Node: {node}}}}}");
        check(&document::parse(&document).unwrap())
    }

    const BASE: &str = "{$ref: '#/components/schemas/Base'}";
    const NODE: &str = "{$ref: '#/components/schemas/Node'}";

    #[test]
    fn a_schema_that_is_merged_with_itself_is_an_error_that_names_it() {
        for node in [
            format!("{{allOf: [{NODE}]}}"),
            format!("{{allOf: [{BASE}, {NODE}]}}"),
            format!("{{allOf: [{BASE}, {{properties: {{parent: {NODE}}}}}]}}"),
            format!("{{allOf: [{BASE}, {{properties: {{parent: {{oneOf: [{NODE}, {{type: string}}]}}}}}}]}}"),
            format!("{{properties: {{a: {{}}}}, anyOf: [{NODE}, {{type: string}}]}}"),
            format!("{{properties: {{a: {{}}}}, oneOf: [{{properties: {{parent: {NODE}}}}}]}}"),
            format!("{{allOf: [{BASE}, {{properties: {{rack: {{properties: {{node: {NODE}}}}}}}}}]}}"),
            format!("{{allOf: [{{properties: {{rack: {{items: {NODE}}}}}}}, {BASE}]}}"),
        ] {
            assert_eq!(
                result(&node).unwrap_err().to_string(),
                "/components/schemas/Node is merged with itself: through `#/components/schemas/Node`, it is a part of itself",
                "{node}"
            );
        }
    }

    #[test]
    fn other_recursion_is_none_of_a_merge() {
        for node in [
            format!("{{properties: {{parent: {NODE}, children: {{type: array, items: {NODE}}}}}}}"),
            format!("{{properties: {{parent: {{nullable: true, allOf: [{NODE}]}}}}}}"),
            format!("{{allOf: [{BASE}, {{properties: {{children: {{type: array, items: {NODE}}}}}}}]}}"),
            format!("{{allOf: [{BASE}, {{properties: {{children: {{additionalProperties: {NODE}}}}}}}]}}"),
            format!("{{allOf: [{BASE}, {{properties: {{host: {{$ref: '#/components/schemas/Host'}}}}}}]}}"),
            format!("{{allOf: [{BASE}, {{properties: {{other: {{properties: {{node: {NODE}}}}}}}}}]}}"),
        ] {
            assert_eq!(result(&node), Ok(()), "{node}");
        }
    }
}
