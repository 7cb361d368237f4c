//! Check that no `allOf` leads back to itself. The generator merges the schemas of an `allOf` and would never end.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{self, object};
use crate::error::{Error, Result};

const KEYWORDS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

pub(crate) fn check(document: &Value) -> Result<()> {
    document::every_schema(document, &mut |pointer, schema| {
        if parts(schema).next().is_none() {
            return Ok(());
        }
        let mut merge = Merge::new(document);
        // The first time finds the properties that several parts have.
        let found = merge.schema(schema, Use::Resolved).and_then(|()| {
            (merge.is_first, merge.done) = (false, BTreeSet::new());
            merge.schema(schema, Use::Resolved)
        });
        let place = document::place(pointer);
        found.map_err(|reference| {
            Error::new(format!("{place} is merged with itself: through `{reference}`, it is a part of itself"))
        })
    })
}

/// The parts of a schema that is made of several.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    KEYWORDS.iter().filter_map(|key| schema[*key].as_array()).flatten()
}

/// How the generator reads a schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// As a part of a type that it generates: what it refers to are other types.
    Inside,
    /// With what it refers to, if that has parts.
    Resolved,
    /// Merged with another schema: its properties are resolved, and merged with what the other says about all properties.
    Merged,
    /// Merged with a schema that says something about the same properties, to any depth.
    Overlaid,
}

impl Use {
    /// The use of a schema's parts: a schema that has several, or properties of its own, merges them.
    fn of(schema: &Value, outer: Self) -> Self {
        let all_of = schema["allOf"].as_array().map_or(0, Vec::len);
        let merges = all_of > 1 || (parts(schema).next().is_some() && schema.get("properties").is_some());
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
    /// Whether a part says something about all properties, with which those of other parts are merged.
    is_about_all: bool,
    is_first: bool,
}

impl<'a> Merge<'a> {
    fn new(document: &'a Value) -> Self {
        let (done, seen, shared) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { document, open: Vec::new(), done, seen, shared, is_about_all: false, is_first: true }
    }

    /// Follows a schema. An error is a reference that has been followed on the way to itself.
    fn schema(&mut self, schema: &'a Value, outer: Use) -> std::result::Result<(), &'a str> {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.reference(reference, outer);
        }
        let usage = Use::of(schema, outer);
        parts(schema).try_for_each(|part| self.schema(part, usage))?;
        if usage >= Use::Merged {
            self.note(schema);
        }
        for (name, property) in object(&schema["properties"]) {
            let is_overlaid = self.is_about_all || self.shared.contains(name.as_str());
            let inner = match usage {
                Use::Inside | Use::Resolved => Use::Inside,
                Use::Merged if !is_overlaid => Use::Resolved,
                Use::Merged | Use::Overlaid => Use::Overlaid,
            };
            self.schema(property, inner)?;
        }
        let inner = if usage == Use::Overlaid || self.is_about_all { Use::Overlaid } else { Use::Inside };
        let others = ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key));
        others.into_iter().try_for_each(|other| self.schema(other, inner))
    }

    /// Notes what the properties of a part are merged with.
    fn note(&mut self, part: &'a Value) {
        if !self.is_first {
            return;
        }
        for (name, _) in object(&part["properties"]) {
            if !self.seen.insert(name) {
                self.shared.insert(name);
            }
        }
        self.is_about_all |= object(&part["additionalProperties"]).next().is_some();
    }

    fn reference(&mut self, reference: &'a str, outer: Use) -> std::result::Result<(), &'a str> {
        let Some(target) = document::resolve(self.document, reference) else { return Ok(()) };
        if outer == Use::Inside || (outer == Use::Resolved && parts(target).next().is_none()) {
            return Ok(());
        }
        if self.open.contains(&reference) {
            return Err(reference);
        }
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
            format!("{{properties: {{a: {{properties: {{b: {{allOf: [{BASE}, {NODE}]}}}}}}}}}}"),
            format!(
                "{{properties: {{a: {{allOf: [{{additionalProperties: {NODE}}}, {{properties: {{b: {{}}}}}}]}}}}}}"
            ),
        ] {
            let message = result(&node).unwrap_err().to_string();
            assert!(message.starts_with("components.schemas.Node"), "{node}: {message}");
            assert!(
                message
                    .ends_with(" is merged with itself: through `#/components/schemas/Node`, it is a part of itself"),
                "{message}"
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
