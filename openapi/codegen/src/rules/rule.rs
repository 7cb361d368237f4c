//! One change of the document.

use serde_json::Value;

use crate::error::Result;

/// One change of the document.
#[derive(Debug)]
pub struct Rule {
    /// The name of the rule.
    pub name: &'static str,
    /// Why the rule is needed, in one sentence.
    pub reason: &'static str,
    pub(super) apply: fn(&mut Value) -> Result<()>,
}

#[cfg(test)]
pub(super) mod test {
    use serde_json::Value;

    use crate::document;
    use crate::error::Result;

    /// Applies a rule to a document in YAML.
    pub(crate) fn after(rule: fn(&mut Value) -> Result<()>, yaml: &str) -> Value {
        let mut document = yaml_value(yaml);
        rule(&mut document).unwrap();
        document
    }

    pub(crate) fn yaml_value(yaml: &str) -> Value {
        document::parse(yaml).unwrap()
    }
}
