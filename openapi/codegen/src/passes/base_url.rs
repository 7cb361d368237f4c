//! Pass `parsed-base-url`: the client keeps its base URL parsed, and begins each request with the hand-written
//! `Client::request`, which parses the path alone.

use quote::format_ident;
use syn::visit_mut::{VisitMut, visit_expr_method_call_mut, visit_field_value_mut};
use syn::{ExprMethodCall, FieldValue, Item, parse_quote};

use super::syntax::source;
use crate::error::Result;

/// The methods for which progenitor begins a request with a method of the HTTP client.
const METHODS: [&str; 8] = ["delete", "get", "head", "options", "patch", "post", "put", "trace"];

pub(super) fn parsed(file: &mut syn::File) -> Result<()> {
    for item in &mut file.items {
        if let Item::Struct(client) = item
            && client.ident == "Client"
        {
            let is_base = |field: &&mut syn::Field| field.ident.as_ref().is_some_and(|name| name == "baseurl");
            client.fields.iter_mut().filter(is_base).for_each(|field| field.ty = parse_quote!(crate::BaseUrl));
        }
    }
    Requests.visit_file_mut(file);
    Ok(())
}

/// Replaces `self.client.get(url)` by `self.request(::reqwest::Method::GET, url)`, and the text of the base URL by what it is
/// parsed to.
struct Requests;

impl VisitMut for Requests {
    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        if source(&field.expr) == "baseurl . to_string ()" {
            field.expr = parse_quote!(crate::BaseUrl::new(baseurl));
        }
        visit_field_value_mut(self, field);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        if source(&call.receiver) == "self . client" && METHODS.iter().any(|method| call.method == method) {
            let method = format_ident!("{}", call.method.to_string().to_uppercase());
            call.receiver = parse_quote!(self);
            call.method = parse_quote!(request);
            call.args.insert(0, parse_quote!(::reqwest::Method::#method));
        }
        visit_expr_method_call_mut(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn the_base_url_is_parsed_once_and_requests_begin_with_it() {
        assert_eq!(
            after(
                super::parsed,
                "pub struct Client { pub(crate) baseurl: String, client: String }
                 pub struct Other { baseurl: String }
                 impl Client {
                     fn new_with_client(baseurl: &str) -> Self { Self { baseurl: baseurl.to_string(), client } }
                     fn get() { self.client.get(url).json(&body).build()?; self.client.trace(url); other.client.get(url); }
                 }"
            ),
            formatted(
                "pub struct Client { pub(crate) baseurl: crate::BaseUrl, client: String }
                 pub struct Other { baseurl: String }
                 impl Client {
                     fn new_with_client(baseurl: &str) -> Self { Self { baseurl: crate::BaseUrl::new(baseurl), client } }
                     fn get() {
                         self.request(::reqwest::Method::GET, url).json(&body).build()?;
                         self.request(::reqwest::Method::TRACE, url);
                         other.client.get(url);
                     }
                 }"
            )
        );
    }
}
