//! Runs progenitor, and says which operation or schema it was when progenitor gives up.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::{Value, json};

use crate::document::{self, object};
use crate::rules::SECRET_FORMAT;
use crate::{Error, Result, check};

/// The generated code for a document that the rules have been applied to.
///
/// # Errors
/// When progenitor refuses the document; the sentence names the operation or schema it refuses.
pub fn run(document: &Value) -> Result<syn::File> {
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
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Seam))
        .with_derive("PartialEq")
        .with_conversion(secret, "crate::Secret", [].into_iter());
    settings
}

/// One run. Progenitor panics on some documents; a panic is one more reason, not the end of the build.
fn attempt(document: &Value) -> std::result::Result<syn::File, String> {
    let openapi = check::read(document, "the document").map_err(|error| error.to_string())?;
    let generated = quietly(|| Generator::new(&settings()).generate_tokens(&openapi));
    let tokens = generated?.map_err(|error| one_line(&error.to_string()))?;
    syn::parse2(tokens).map_err(|error| format!("the code it gives does not parse: {error}"))
}

/// Runs `work` with panics caught and not printed.
fn quietly<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    // The hook is the process's, so only one may be away from its place at a time.
    static HOOK: Mutex<()> = Mutex::new(());
    let guard = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    drop(guard);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        one_line(&text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first operation or schema without which the rest can be generated.
fn culprit(document: &Value) -> Option<String> {
    let operations = document::operations(document).into_iter().map(|operation| {
        let mut rest = document.clone();
        if let Some(item) = rest["paths"][operation.path].as_object_mut() {
            item.shift_remove(operation.method);
        }
        (format!("operation {}", operation.name()), rest)
    });
    let schemas = object(&document["components"]["schemas"]).map(|(name, _)| {
        let mut rest = document.clone();
        rest["components"]["schemas"][name] = json!({});
        (format!("schema {name}"), rest)
    });
    schemas.chain(operations).find(|(_, rest)| attempt(rest).is_ok()).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(paths: &str, schemas: &str) -> String {
        let yaml = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{/ok: {{get: {{operationId: Ok, responses: {{}}}}}}, \
             {paths}}}\ncomponents: {{schemas: {{Fine: {{type: string}}, {schemas}}}}}"
        );
        run(&document::parse(&yaml).unwrap()).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn a_panic_inside_the_generator_names_the_operation() {
        let sentence = refused(
            "/two: {get: {operationId: TwoAnswers, responses: {'200': {description: a, content: {application/json: {schema: \
             {type: string}}}}, '204': {description: b}}}}",
            "",
        );
        assert!(sentence.starts_with("operation TwoAnswers cannot be generated: assertion failed"), "{sentence}");
        assert!(!sentence.contains('\n'));
    }

    #[test]
    fn a_refused_schema_is_named() {
        let sentence = refused("", "Odd: {type: string, pattern: '('}");
        assert!(sentence.starts_with("schema Odd cannot be generated: "), "{sentence}");
    }

    #[test]
    fn what_no_single_piece_explains_is_still_one_sentence() {
        let sentence = refused("", "Odd: {type: string, pattern: '('}, Even: {type: string, pattern: '['}");
        assert!(sentence.starts_with("the document cannot be generated: "), "{sentence}");
    }
}
