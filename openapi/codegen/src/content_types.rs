//! Adds the media type to requests whose body is JSON under another media type than `application/json`, such as
//! `application/merge-patch+json`, which a service may insist on. The generator sends all JSON as `application/json`.

use serde_json::Value;
use syn::visit_mut::{VisitMut, visit_expr_mut, visit_item_fn_mut};
use syn::{Expr, Item, parse_quote};

use crate::document::{self, object};
use crate::names::{constant_name, method_name};
use crate::rules::{JSON, is_json};

/// Returns the operations whose requests have another media type, each as the name of its constant, and the media type.
pub(crate) fn of(document: &Value) -> Vec<(String, String)> {
    let operations = document::operations(document).into_iter();
    let other = operations.filter_map(|operation| {
        let body = document::resolved(document, &operation.value["requestBody"]);
        let media_types = || object(&body["content"]).map(|(media_type, _)| media_type.as_str());
        let is_plain =
            |media_type: &str| media_type.split(';').next().is_some_and(|of| of.trim().eq_ignore_ascii_case(JSON));
        let media_type =
            media_types().find(|media_type| is_json(media_type)).filter(|_| !media_types().any(is_plain))?;
        Some((constant_name(&method_name(&operation.name())), media_type.to_owned()))
    });
    other.collect()
}

/// Adds the media types to the functions that prepare the requests.
pub(crate) fn declare(file: &mut syn::File, media_types: &[(String, String)]) {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "requests"
        {
            Requests { media_types }.visit_item_mod_mut(module);
        }
    }
}

struct Requests<'a> {
    media_types: &'a [(String, String)],
}

impl VisitMut for Requests<'_> {
    fn visit_item_fn_mut(&mut self, function: &mut syn::ItemFn) {
        let constant = constant_name(&function.sig.ident.to_string());
        if let Some((_, media_type)) = self.media_types.iter().find(|(of, _)| *of == constant) {
            visit_item_fn_mut(&mut Body { media_type }, function);
        }
    }
}

/// Inserts the header before `.json(…)`, which then leaves it as it is.
struct Body<'a> {
    media_type: &'a str,
}

impl VisitMut for Body<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::MethodCall(call) = expr
            && call.method == "json"
        {
            let (request, media_type) = (&call.receiver, self.media_type);
            call.receiver = parse_quote!(#request.header(::reqwest::header::CONTENT_TYPE, #media_type));
            return;
        }
        visit_expr_mut(self, expr);
    }
}
