//! Runs progenitor. When progenitor fails, the error names the operation or schema that it fails on.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::{Value, json};

use crate::check;
use crate::document::{self, object};
use crate::error::{Error, Result};
use crate::rules::SECRET_FORMAT;

/// Generates the code for a document to which the rules have been applied.
///
/// # Errors
/// When progenitor rejects the document. The error names the operation or schema that it rejects.
pub(crate) fn run(document: &Value) -> Result<syn::File> {
    attempt(document).map_err(|reason| match culprit(document) {
        Some(culprit) => Error::new(format!("{culprit} cannot be generated: {reason}")),
        None => Error::new(format!("the document cannot be generated: {reason}")),
    })
}

fn settings() -> GenerationSettings {
    let secret = SchemaObject {
        instance_type: Some(InstanceType::String.into()),
        format: Some(SECRET_FORMAT.into()),
        ..SchemaObject::default()
    };
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        // The pass `prepared-requests` removes the calls of the hooks; this mode generates no default hooks.
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::SharedTransport))
        .with_derive("PartialEq")
        .with_conversion(secret, "crate::Secret", [].into_iter());
    settings
}

/// Runs progenitor once. It panics on some documents; a panic becomes an error, so that it does not end the build.
fn attempt(document: &Value) -> std::result::Result<syn::File, String> {
    let openapi = check::deserialize(document, "the document").map_err(|error| error.to_string())?;
    let generated = catch_panic(|| Generator::new(&settings()).generate_tokens(&openapi));
    let tokens = generated?.map_err(|error| one_line(&error.to_string()))?;
    syn::parse2(tokens).map_err(|error| format!("the generated code does not parse: {error}"))
}

thread_local! {
    /// Whether a panic of this thread is not printed.
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` and returns the message of its panic, which is not printed. Those of other threads are: the panic hook is global
/// to the process, so it is replaced once, by one that asks the thread.
fn catch_panic<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_SILENT.get() {
                hook(panic);
            }
        }));
    });
    IS_SILENT.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    IS_SILENT.set(false);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        one_line(&text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
    })
}

/// The first words of a reason, in one line and without the data structures that the generator prints after them.
fn one_line(text: &str) -> String {
    const MAX_WORDS: usize = 30;
    let text = text.split(" {").next().unwrap_or_default();
    let words: Vec<_> = text.split_whitespace().collect();
    match words.get(..MAX_WORDS) {
        Some(first) => format!("{} …", first.join(" ")),
        None => words.join(" "),
    }
}

/// Finds a schema or operation that makes the rest fail: without it, and without those that follow it, the document can be
/// generated, and with it, it cannot.
///
/// The search halves the document at each step, since one run takes seconds for a large one.
fn culprit(document: &Value) -> Option<String> {
    let mut schemas_only = document.clone();
    schemas_only["paths"] = json!({});
    if attempt(&schemas_only).is_err() {
        let names: Vec<String> = object(&document["components"]["schemas"]).map(|(name, _)| name.clone()).collect();
        return first_failing(names.len(), |kept| {
            let mut part = schemas_only.clone();
            names[kept..].iter().for_each(|name| part["components"]["schemas"][name] = json!({}));
            part
        })
        .map(|at| format!("schema {}", names[at]));
    }
    let operations = document::operations(document);
    let at = first_failing(operations.len(), |kept| {
        let mut part = document.clone();
        for operation in &operations[kept..] {
            part["paths"][operation.path].as_object_mut().and_then(|item| item.shift_remove(operation.method));
        }
        part
    });
    at.map(|at| format!("operation {}", operations[at].name()))
}

/// Finds the place of an entry with which the part of the document that ends with it fails, and without which it does not.
fn first_failing(count: usize, part: impl Fn(usize) -> Value) -> Option<usize> {
    let fails = |kept| attempt(&part(kept)).is_err();
    if fails(0) {
        return None;
    }
    let (mut succeeds, mut fails_with) = (0, count);
    while fails_with - succeeds > 1 {
        let middle = usize::midpoint(succeeds, fails_with);
        if fails(middle) { fails_with = middle } else { succeeds = middle }
    }
    fails_with.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(paths: &str, schemas: &str) -> String {
        let yaml = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{/ok: {{get: {{operationId: Ok, responses: {{}}}}}}, \
             {paths}}}\ncomponents: {{schemas: {{Fine: {{type: string}}, {schemas}}}}}"
        );
        run(&document::parse(&yaml).unwrap()).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn a_panic_is_an_error_that_is_silent_in_its_thread_alone() {
        assert_eq!(catch_panic(|| panic!("no  {}", 1)), Err::<(), _>("no 1".to_owned()));
        let of_others = || std::thread::spawn(|| IS_SILENT.get()).join().unwrap();
        assert_eq!(catch_panic(|| (IS_SILENT.get(), of_others())), Ok((true, false)));
        assert!(!IS_SILENT.get());
    }

    #[test]
    fn a_panic_of_the_generator_is_an_error_that_names_the_operation() {
        let message = error(
            "/two: {get: {operationId: TwoResponses, responses: {'200': {description: a, content: {application/json: {schema: \
             {type: string}}}}, '204': {description: b}}}}",
            "",
        );
        assert!(message.starts_with("operation TwoResponses cannot be generated: assertion failed"), "{message}");
        assert!(!message.contains('\n'));
    }

    #[test]
    fn a_reason_has_one_line_and_no_data_structures() {
        assert_eq!(one_line("invalid schema:\n  Item(Schema { nullable: false })"), "invalid schema: Item(Schema");
        assert_eq!(one_line(&"word ".repeat(40)), format!("{}…", "word ".repeat(30)));
    }

    #[test]
    fn a_rejected_schema_is_named() {
        let message = error("", "Odd: {type: string, pattern: '('}");
        assert!(message.starts_with("schema Odd cannot be generated: "), "{message}");
    }

    #[test]
    fn the_first_of_several_causes_is_named() {
        let message = error("", "Odd: {type: string, pattern: '('}, Even: {type: string, pattern: '['}");
        assert!(message.starts_with("schema Odd cannot be generated: "), "{message}");
    }
}
