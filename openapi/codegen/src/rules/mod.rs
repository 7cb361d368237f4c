//! Changes of the document, for where it does not fit the generator or the behaviour of the service.
//!
//! Each rule has a name, a reason, and a test next to its code. A rule changes the document and nothing else; what no
//! document could express is a pass over the generated code ([`crate::passes`]). The rules run in the order of
//! [`RULES`]. A rule that finds nothing to change does nothing, so that a new document can be generated before the
//! rules are adapted to it.

mod examples;
mod lowering;
mod media_types;
mod names;
mod normalization;
mod requests;
mod responses;
mod rule;
mod types;

use serde_json::Value;

use crate::error::Result;

pub(crate) use examples::described_example;
pub use lowering::LOWERINGS;
pub(crate) use lowering::lower;
pub(crate) use media_types::{JSON, is_json};
pub(crate) use names::MARK;
pub use names::readable_names;
pub use normalization::NORMALIZATIONS;
pub(crate) use normalization::normalize;
pub(crate) use requests::{CLEARS, SECRET_FORMAT};
pub use responses::may_be_absent;
pub use rule::Rule;

/// All rules, in the order in which they are applied.
pub const RULES: &[Rule] = &[
    Rule {
        name: "one-media-type",
        reason: "The client sends and reads JSON, which has several media types, and of which a body has one.",
        apply: media_types::one,
    },
    Rule {
        name: "success-only",
        reason: "The generator supports one response type per operation, and the body of an error response may come \
                 from any intermediary: the wrapper reads those in one place.",
        apply: responses::success_only,
    },
    Rule {
        name: "any-success-status",
        reason: "A response with status 200 where the document promises 201 is a success all the same.",
        apply: responses::any_success_status,
    },
    Rule {
        name: "open-numbers",
        reason: "A number or a flag that the service adds to a list of values later must not break decoding.",
        apply: types::open_numbers,
    },
    Rule {
        name: "named-responses",
        reason: "Operations that share a response share its type.",
        apply: responses::named_responses,
    },
    Rule {
        name: "documented-fields",
        reason: "The provider documents fields that its OpenAPI document lacks.",
        apply: responses::documented_fields,
    },
    Rule {
        name: "plain-scalars",
        reason: "A name, an id or a time is a String, a bool or a number; a type of its own checks nothing and takes a \
                 name that another type needs.",
        apply: types::plain_scalars,
    },
    Rule {
        name: "no-null-parameters",
        reason: "A path, a query or a header cannot carry null, so that a parameter is set or, if it is optional, left out.",
        apply: requests::no_null_parameters,
    },
    Rule {
        name: "no-bounds",
        reason: "Bounds are checked by the service: as types they would reject values that it may accept later.",
        apply: types::no_bounds,
    },
    Rule {
        name: "plain-formats",
        reason: "An address or an id with a type of its own rejects values that the service has sent, such as an empty \
                 string.",
        apply: types::plain_formats,
    },
    Rule {
        name: "no-defaults",
        reason: "A default of the document would be sent, or assumed in a response, although it was never set.",
        apply: types::no_defaults,
    },
    Rule {
        name: "unknown-fields",
        reason: "A field that the service adds later must neither break decoding nor be lost.",
        apply: responses::unknown_fields,
    },
    Rule {
        name: "sometimes-absent",
        reason: "Examples of the provider lack fields that its document requires.",
        apply: responses::sometimes_absent,
    },
    Rule {
        name: "one-direction",
        reason: "OpenAPI requires a `writeOnly` property of requests only, and a `readOnly` one of responses only.",
        apply: responses::one_direction,
    },
    Rule {
        name: "nullable-updates",
        reason: "In an update, null clears a property, and a property that was not set must not be sent.",
        apply: requests::nullable_updates,
    },
    Rule {
        name: "nullable-is-optional",
        reason: "A service that may send null may also omit the field.",
        apply: responses::nullable_is_optional,
    },
    Rule {
        name: "clearable-lists",
        reason: "An empty list in an update clears the property; a list that was not set must not be sent.",
        apply: requests::clearable_lists,
    },
    Rule {
        name: "secrets",
        reason: "Passwords, startup scripts and presigned addresses must not appear in debug output.",
        apply: requests::secrets,
    },
    Rule {
        name: "described-examples",
        reason: "The generator drops examples, which show the form of a value and are what tests begin with.",
        apply: examples::described,
    },
    Rule {
        name: "shared-reference",
        reason: "Seven objects that consist of an id and a name are one type for users.",
        apply: types::shared_reference,
    },
    Rule {
        name: "readable-names",
        reason: "Some names that the generator derives for inline schemas are not readable.",
        apply: names::readable,
    },
    Rule { name: "chosen-names", reason: "Two names of the document may give one name in Rust.", apply: names::choose },
    Rule {
        name: "unique-names",
        reason: "The generator silently uses a named type for an inline one whose derived name is the same.",
        apply: names::unique,
    },
];

/// Applies all rules.
pub(crate) fn apply(document: &mut Value) -> Result<()> {
    RULES.iter().try_for_each(|rule| (rule.apply)(document))
}

#[cfg(test)]
mod tests {
    use super::rule::test::yaml_value;
    use super::{LOWERINGS, NORMALIZATIONS, RULES, apply};

    #[test]
    fn names_are_unique_and_reasons_are_sentences() {
        let all = || LOWERINGS.iter().chain(NORMALIZATIONS).chain(RULES);
        let names: std::collections::BTreeSet<_> = all().map(|rule| rule.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(all().all(|rule| rule.reason.ends_with('.')));
    }

    #[test]
    fn applying_all_rules_twice_changes_nothing_more() {
        let mut once = yaml_value(include_str!("../../compute-v1.yaml"));
        apply(&mut once).unwrap();
        let mut twice = once.clone();
        apply(&mut twice).unwrap();
        assert_eq!(once, twice);
    }
}
