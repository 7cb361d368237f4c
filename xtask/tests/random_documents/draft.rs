//! A document that is being edited at random, and the places in it where edits can be made.

use fastrand::Rng;
use serde_json::{Map, Value};

/// A document and the source of choices.
pub(crate) struct Draft {
    pub(crate) document: Value,
    pub(crate) rng: Rng,
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Draft {
    /// Chooses one of several; none if there are none.
    pub(crate) fn one_of<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        self.rng.choice(choices).cloned()
    }

    /// Returns a name that the document does not have.
    pub(crate) fn new_name(&mut self, beginning: &str) -> String {
        let words = ["zone", "label", "owner", "rack", "tier", "budget", "lease", "quota", "token_hint", "note"];
        let word = words[self.rng.usize(..words.len())];
        format!("{beginning}{word}_{}", self.rng.char('a'..='z'))
    }

    /// Returns the pointer of a schema with properties, chosen from all of them.
    pub(crate) fn object_schema(&mut self) -> Option<String> {
        let found = self.pointers(&|key, node| key != "properties" && node["properties"].is_object());
        self.one_of(&found)
    }

    /// Returns the pointer of a schema with properties, and one of those.
    pub(crate) fn property(&mut self) -> Option<(String, String)> {
        let schema = self.object_schema()?;
        let names: Vec<String> = self.at(&schema)["properties"].as_object()?.keys().cloned().collect();
        Some((schema, self.one_of(&names)?))
    }

    /// Returns the pointer of an enum of texts.
    pub(crate) fn enumeration(&mut self) -> Option<String> {
        let is_text = |node: &Value| node["enum"].as_array().is_some_and(|values| values.iter().all(Value::is_string));
        let found = self.pointers(&|_, node| is_text(node));
        self.one_of(&found)
    }

    /// Returns the pointer of a reference to a schema.
    pub(crate) fn reference(&mut self) -> Option<String> {
        let is_one = |node: &Value| node["$ref"].as_str().is_some_and(|to| to.starts_with("#/components/schemas/"));
        let found = self.pointers(&|_, node| is_one(node));
        self.one_of(&found)
    }

    /// Returns the pointers of all operations.
    pub(crate) fn operations(&self) -> Vec<String> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        let of_path = paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten().filter(|(key, _)| METHODS.contains(&key.as_str()));
            methods.map(move |(method, _)| format!("/paths/{}/{method}", escaped(path)))
        });
        of_path.collect()
    }

    /// Returns the pointer of an operation.
    pub(crate) fn operation(&mut self) -> Option<String> {
        let found = self.operations();
        self.one_of(&found)
    }

    /// Returns the pointer of an operation of which this is true.
    pub(crate) fn operation_where(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Option<String> {
        let found: Vec<_> = self.operations().into_iter().filter(|pointer| is_wanted(self.at(pointer))).collect();
        self.one_of(&found)
    }

    /// Returns the name of a named schema.
    pub(crate) fn schema_name(&mut self) -> Option<String> {
        let names: Vec<String> = self.document.pointer("/components/schemas")?.as_object()?.keys().cloned().collect();
        self.one_of(&names)
    }

    /// Returns one of the paths.
    pub(crate) fn path(&mut self) -> Option<String> {
        let paths: Vec<String> = self.document["paths"].as_object()?.keys().cloned().collect();
        self.one_of(&paths)
    }

    /// Renames a path, which keeps its place.
    pub(crate) fn rename_path(&mut self, old: &str, new: &str) {
        let paths = self.object("/paths");
        rename_key(paths, old, new);
    }

    /// The node at a pointer.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.document.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The object at a pointer, to be changed. A node that is missing or no object becomes an empty one.
    pub(crate) fn object(&mut self, pointer: &str) -> &mut Map<String, Value> {
        let mut node = &mut self.document;
        for key in pointer.split('/').skip(1).map(unescaped) {
            node = match node {
                Value::Array(values) => &mut values[key.parse::<usize>().unwrap()],
                node => &mut node[key],
            };
        }
        if !node.is_object() {
            *node = Value::Object(Map::new());
        }
        node.as_object_mut().unwrap()
    }

    /// The array at a key of an object, to be changed. It is made if it is missing.
    pub(crate) fn array(&mut self, pointer: &str, key: &str) -> &mut Vec<Value> {
        let value = self.object(pointer).entry(key).or_insert_with(|| Value::Array(Vec::new()));
        value.as_array_mut().unwrap()
    }

    /// Returns the pointers of all objects of which this is true, given also the key that they have.
    pub(crate) fn pointers(&self, is_wanted: &dyn Fn(&str, &Value) -> bool) -> Vec<String> {
        fn walk(node: &Value, key: &str, pointer: &str, found: &mut Vec<String>, is: &dyn Fn(&str, &Value) -> bool) {
            match node {
                Value::Object(fields) => {
                    if is(key, node) {
                        found.push(pointer.to_owned());
                    }
                    for (key, value) in fields.iter().filter(|(key, _)| !key.starts_with("x-") && *key != "example") {
                        walk(value, key, &format!("{pointer}/{}", escaped(key)), found, is);
                    }
                }
                Value::Array(values) => {
                    for (at, value) in values.iter().enumerate() {
                        walk(value, "", &format!("{pointer}/{at}"), found, is);
                    }
                }
                _ => {}
            }
        }
        let mut found = Vec::new();
        walk(&self.document, "", "", &mut found, is_wanted);
        found
    }

    /// Replaces every reference to one schema.
    pub(crate) fn redirect(&mut self, from: &str, to: &str) {
        let from = format!("#/components/schemas/{from}");
        for pointer in self.pointers(&|_, node| node["$ref"] == *from) {
            self.object(&pointer).insert("$ref".into(), format!("#/components/schemas/{to}").into());
        }
    }
}

/// Renames a key, which keeps its place.
pub(crate) fn rename_key(fields: &mut Map<String, Value>, old: &str, new: &str) {
    let renamed = |key: String| if key == old { new.to_owned() } else { key };
    *fields = std::mem::take(fields).into_iter().map(|(key, value)| (renamed(key), value)).collect();
}

/// A key as a part of a JSON pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}
