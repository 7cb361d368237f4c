//! The rules that make the provider's document fit: each has a name, a reason, and a test beside it.
//!
//! A rule changes the document and nothing else. What no document could express is a pass over the generated code
//! ([`crate::passes`]). Rules run in the order of [`RULES`]; a rule whose occasion is absent does nothing, so that a
//! refreshed document generates before anyone has looked at it.

mod lowering;
mod names;
mod requests;
mod responses;
mod types;

use serde_json::Value;

use crate::Result;

pub use lowering::LOWERINGS;
pub(crate) use lowering::lower;
pub(crate) use requests::SECRET_FORMAT;
pub(crate) use responses::may_be_absent;

/// One change to the document.
#[derive(Debug)]
pub struct Rule {
    /// What it is called where people talk about it.
    pub name: &'static str,
    /// Why it is needed, in one sentence.
    pub reason: &'static str,
    apply: fn(&mut Value) -> Result<()>,
}

/// All rules, in the order they run.
pub const RULES: &[Rule] = &[
    Rule {
        name: "success-only",
        reason: "The generator takes one answer type per operation, and an error body may be anything a proxy sends: \
                 the wrapper reads those in one place.",
        apply: responses::success_only,
    },
    Rule {
        name: "any-success-status",
        reason: "A service that answers 200 where its document says 201 has still done what was asked.",
        apply: responses::any_success_status,
    },
    Rule {
        name: "named-responses",
        reason: "Operations that share an answer share its type.",
        apply: responses::named_responses,
    },
    Rule {
        name: "documented-fields",
        reason: "The provider documents fields that its document lacks.",
        apply: responses::documented_fields,
    },
    Rule {
        name: "plain-scalars",
        reason: "A name, an id or a time is a String, a bool, a number; a type of its own checks nothing and takes \
                 names that others need.",
        apply: types::plain_scalars,
    },
    Rule {
        name: "server-decides",
        reason: "Bounds are the service's to check: as types they would refuse what it may yet accept.",
        apply: types::server_decides,
    },
    Rule {
        name: "plain-formats",
        reason: "An address or an id as a type of its own refuses what the service has sent, such as an empty text.",
        apply: types::plain_formats,
    },
    Rule {
        name: "no-defaults",
        reason: "A default in the document would be sent, or believed, though nobody said it.",
        apply: types::no_defaults,
    },
    Rule {
        name: "unknown-fields",
        reason: "A field added tomorrow must neither break decoding nor be lost.",
        apply: responses::unknown_fields,
    },
    Rule {
        name: "sometimes-absent",
        reason: "The provider's own examples lack fields that its document requires.",
        apply: responses::sometimes_absent,
    },
    Rule {
        name: "nullable-is-optional",
        reason: "A service that may send null may as well send nothing.",
        apply: responses::nullable_is_optional,
    },
    Rule {
        name: "clearable-lists",
        reason: "An empty list in an update clears; one that was not set must not be sent.",
        apply: requests::clearable_lists,
    },
    Rule {
        name: "secrets",
        reason: "Passwords and startup scripts must not appear in debug output.",
        apply: requests::secrets,
    },
    Rule {
        name: "shared-reference",
        reason: "Seven objects of an id and a name are one type to a user.",
        apply: types::shared_reference,
    },
    Rule { name: "friendly-names", reason: "Some names the generator makes up are no names.", apply: names::friendly },
    Rule {
        name: "unique-names",
        reason: "The generator silently takes a field's own type for a named one that is spelled the same.",
        apply: names::unique,
    },
];

/// Applies all rules.
pub(crate) fn apply(document: &mut Value) -> Result<()> {
    RULES.iter().try_for_each(|rule| (rule.apply)(document))
}

#[cfg(test)]
pub(crate) mod test {
    use serde_json::Value;

    use crate::{Result, document};

    /// The document after one rule.
    pub(crate) fn after(rule: fn(&mut Value) -> Result<()>, yaml: &str) -> Value {
        let mut document = yaml_value(yaml);
        rule(&mut document).unwrap();
        document
    }

    pub(crate) fn yaml_value(yaml: &str) -> Value {
        document::parse(yaml).unwrap()
    }

    #[test]
    fn names_are_unique_and_reasons_are_sentences() {
        let all = || super::LOWERINGS.iter().chain(super::RULES);
        let names: std::collections::BTreeSet<_> = all().map(|rule| rule.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(all().all(|rule| rule.reason.ends_with('.')));
    }

    #[test]
    fn the_smallest_document_generates() {
        let smallest = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n\
                        paths: {/a: {get: {operationId: GetA, responses: {'204': {description: done}}}}}";
        assert!(crate::generate(smallest).unwrap().contains("pub async fn get_a"));
        let with_components = format!("{smallest}\ncomponents: {{}}");
        assert!(crate::generate(&with_components).unwrap().contains("pub async fn get_a"));
    }

    #[test]
    fn applying_all_rules_twice_changes_nothing_more() {
        let mut once = yaml_value(include_str!("../../compute-v1.yaml"));
        super::apply(&mut once).unwrap();
        let mut twice = once.clone();
        super::apply(&mut twice).unwrap();
        assert_eq!(once, twice);
    }
}
