//! Changes of the generated code, for what no document could make progenitor write.

mod base_url;
mod chosen;
mod default_client;
mod defaults;
mod docs;
mod empty;
mod enum_values;
mod enums;
mod equality;
mod examples;
mod graph;
mod nullable;
mod path_segments;
mod received;
mod requests;
mod scalars;
mod syntax;
mod unions;

use crate::error::Result;

/// One change of the generated code.
#[derive(Debug)]
pub struct Pass {
    /// The name of the pass.
    pub name: &'static str,
    /// Why the pass is needed, in one sentence.
    pub reason: &'static str,
    apply: fn(&mut syn::File) -> Result<()>,
}

/// All passes, in the order in which they are applied.
pub const PASSES: &[Pass] = &[
    Pass {
        name: "chosen-names",
        reason: "What has a chosen name in Rust keeps its own in JSON.",
        apply: chosen::restore,
    },
    Pass {
        name: "nullable-updates",
        reason: "In an update, null clears a property, and a property that was not set must not be sent.",
        apply: nullable::nullable,
    },
    Pass {
        name: "open-enums",
        reason: "A value that the service adds later must not make the response that contains it undecodable, and an \
                 error names a value that is no text.",
        apply: enums::open,
    },
    Pass {
        name: "enum-values",
        reason: "Programs offer the values of an enum for choice, read them from configurations, and compare them with text.",
        apply: enum_values::list,
    },
    Pass {
        name: "lenient-scalars",
        reason: "The service has sent integers as 80, 80.0 and \"80\"; a time without a zone can only be UTC, and an \
                 optional one that is empty only none.",
        apply: scalars::lenient,
    },
    Pass {
        name: "null-is-empty",
        reason: "A service may send null for a list or a description that is empty, and one item must not make a list \
                 undecodable.",
        apply: empty::null_is_empty,
    },
    Pass {
        name: "empty-is-none",
        reason: "A service may send an empty text for one that is not there, which otherwise looks like an address or an \
                 id.",
        apply: empty::empty_is_none,
    },
    Pass {
        name: "lists-first",
        reason: "A struct can also be read from the list of its fields' values, so that a union would take a list for it.",
        apply: unions::lists_first,
    },
    Pass {
        name: "named-unions",
        reason: "The derived error names neither the value nor its types, so it does not help to find it.",
        apply: unions::named,
    },
    Pass {
        name: "defaults",
        reason: "Code that makes a value of a response or a request must still compile when the document adds a field.",
        apply: defaults::defaults,
    },
    Pass {
        name: "fields-may-follow",
        reason: "A field that the service adds to a response must not break a program that was written before.",
        apply: received::non_exhaustive,
    },
    Pass {
        name: "total-equality",
        reason: "Parameters are keys of maps and parts of types that derive `Eq`, where they hold no floating-point number.",
        apply: equality::total,
    },
    Pass {
        name: "examples",
        reason: "Functions that take a resource are tested with one, which a program cannot write as a literal.",
        apply: examples::examples,
    },
    Pass {
        name: "checked-path-segments",
        reason: "An id such as `..` in a path would reach another endpoint.",
        apply: path_segments::checked,
    },
    Pass {
        name: "no-default-client",
        reason: "A client without the caller's HTTP client and transport would send no credentials, and would have a \
                 timeout that cannot be changed.",
        apply: default_client::remove,
    },
    Pass {
        name: "parsed-base-url",
        reason: "Parsing the base URL anew for each request is a twentieth of the instructions of a small call.",
        apply: base_url::parsed,
    },
    Pass {
        name: "prepared-requests",
        reason: "The wrapper sends requests itself, so building a request must be possible without sending it.",
        apply: requests::prepare,
    },
    Pass {
        name: "prose-docs",
        reason: "The JSON schema that progenitor repeats above each type hides the sentence that describes the type.",
        apply: docs::prose,
    },
];

/// Applies all passes.
pub(crate) fn apply(file: &mut syn::File) -> Result<()> {
    PASSES.iter().try_for_each(|pass| (pass.apply)(file))
}
