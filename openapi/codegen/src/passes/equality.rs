//! Pass `total-equality`: a type that a request can hold is `Eq` if no floating-point number is in it. What only responses hold is
//! not, since the service may add a field that is such a number, which would take it away again.

use std::collections::BTreeSet;

use syn::{Item, parse_quote};

use super::graph::Graph;
use super::syntax::{client_impls_mut, derives, is_received, source, types_mut};
use crate::error::Result;

pub(super) fn total(file: &mut syn::File) -> Result<()> {
    let returned = returned(file);
    for items in types_mut(file) {
        let total = total_types(&Graph::read(items), &returned);
        for item in items.iter_mut() {
            let (name, attributes) = match item {
                Item::Struct(item) => (&item.ident, &mut item.attrs),
                Item::Enum(item) => (&item.ident, &mut item.attrs),
                _ => continue,
            };
            if total.contains(&name.to_string()) && derives(attributes, "PartialEq") && !derives(attributes, "Eq") {
                attributes.push(parse_quote!(#[derive(Eq)]));
            }
        }
    }
    Ok(())
}

/// The types that the client's methods return.
fn returned(file: &mut syn::File) -> Vec<String> {
    let methods = client_impls_mut(file).flat_map(|block| &block.items).filter_map(|item| match item {
        syn::ImplItem::Fn(method) => Some(source(&method.sig.output)),
        _ => None,
    });
    let names = |output: String| {
        let types =
            output.split("types :: ").skip(1).filter_map(|rest| rest.split(|letter| !is_of_name(letter)).next());
        types.map(str::to_owned).collect::<Vec<_>>()
    };
    methods.flat_map(names).collect()
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The types that are `Eq`: those that no response holds, and those within, unless they lead to a floating-point number.
fn total_types(graph: &Graph<'_>, returned: &[String]) -> BTreeSet<String> {
    let returned = graph.reached(returned.to_vec());
    let others = graph.all().filter(|(name, item)| !is_received(item) && !returned.contains(*name));
    let mut total = graph.reached(others.map(|(name, _)| name.clone()).collect());
    total.retain(|name| {
        let parts = graph.reached(vec![name.clone()]);
        !parts.contains("f32") && !parts.contains("f64")
    });
    total
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn a_type_is_eq_if_a_request_can_hold_it_and_no_float_is_in_it() {
        let others = "#[derive(PartialEq)] struct Load { of: Vec<f64> } #[derive(PartialEq)] struct Outer { load: Option<Middle> } \
                      type Middle = Load; #[derive(PartialEq)] struct Vm { rules: Vec<Rule>, #[serde(flatten)] extra: Map } \
                      #[derive(Clone)] struct Incomparable; #[derive(Eq, PartialEq)] enum Kind { One } \
                      #[derive(PartialEq)] struct Vms(Vec<Vm>);";
        let client = "impl Client { fn list(&self) -> Result<ResponseValue<types::Vms>, E> {} fn create(&self, body: &types::Body) {} }";
        let module = |eq: &str| {
            format!(
                "pub mod types {{ #[derive(Clone, PartialEq)] {eq} struct Body {{ kind: Kind, sizes: Vec<i64>, either: Either }} \
                 #[derive(PartialEq)] {eq} enum Either {{ Body(Box<Body>), Rules(Vec<Rule>) }} \
                 #[derive(PartialEq)] {eq} struct Rule {{ port: i64, #[serde(flatten)] extra: Map }} {others} }} {client}"
            )
        };
        let once = after(super::total, &module(""));
        assert_eq!(once, formatted(&module("#[derive(Eq)]")));
        assert_eq!(after(super::total, &once), once);
    }
}
