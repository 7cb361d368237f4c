//! The last check: no type of the generated code has two members of one name, no module two items, and no function two
//! arguments. The checks of the document name the place of a clash; this one finds those that they do not foresee, such as
//! between the parts of an `allOf`, before code that does not compile is written.

use std::collections::BTreeSet;

use syn::{Attribute, FnArg, Ident, ImplItem, Item, Pat, Signature, UseTree};

use crate::error::{Error, Result};

pub(crate) fn check(file: &syn::File) -> Result<()> {
    items("the generated code", &file.items)
}

fn items(of: &str, items_of: &[Item]) -> Result<()> {
    let names = |named: fn(&Item) -> Option<&Ident>| items_of.iter().filter_map(named).map(ToString::to_string);
    distinct(of, "items", names(type_name).chain(items_of.iter().flat_map(imported)))?;
    distinct(of, "items", names(value_name))?;
    distinct(of, "methods of the client", items_of.iter().flat_map(client_methods))?;
    items_of.iter().try_for_each(|item| match item {
        Item::Mod(module) => {
            let content = module.content.iter().map(|(_, content)| content);
            content.into_iter().try_for_each(|content| items(&format!("the module `{}`", module.ident), content))
        }
        Item::Struct(item) => {
            let fields = item.fields.iter().filter_map(|field| Some((field.ident.as_ref()?, &field.attrs[..])));
            members(&item.ident, "fields", fields)
        }
        Item::Enum(item) => {
            let variants = item.variants.iter().map(|variant| (&variant.ident, &variant.attrs[..]));
            members(&item.ident, "variants", variants)
        }
        Item::Fn(function) => arguments(&function.sig),
        _ => Ok(()),
    })
}

/// Checks the members of a type. The error gives the names that they have in JSON.
fn members<'a>(
    of: &Ident,
    kind: &str,
    members: impl Iterator<Item = (&'a Ident, &'a [Attribute])> + Clone,
) -> Result<()> {
    let names = members.clone().map(|(name, _)| name.to_string());
    distinct(&format!("the type `{of}`"), kind, names).map_err(|error| {
        let same = |name: &Ident| members.clone().filter(|(other, _)| *other == name).count() > 1;
        let in_json = members
            .clone()
            .filter(|(name, _)| same(name))
            .map(|(name, attributes)| format!("`{}`", renamed(attributes).unwrap_or_else(|| name.to_string())));
        Error::new(format!("{error}; in JSON, they are {}", in_json.collect::<Vec<_>>().join(" and ")))
    })
}

/// The name in `#[serde(rename = "…")]`.
fn renamed(attributes: &[Attribute]) -> Option<String> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // An attribute that is not of this form holds no name.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.input.peek(syn::Token![=]) {
                let value: syn::Lit = meta.value()?.parse()?;
                if let (true, syn::Lit::Str(text)) = (meta.path.is_ident("rename"), value) {
                    name = Some(text.value());
                }
            }
            Ok(())
        });
    }
    name
}

/// The name of an item among types.
fn type_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Enum(item) => Some(&item.ident),
        Item::Mod(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

/// The name of an item among values.
fn value_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) if item.ident != "_" => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Static(item) => Some(&item.ident),
        _ => None,
    }
}

/// The names that `use a::{b, c}` imports.
fn imported(item: &Item) -> Vec<String> {
    fn names(tree: &UseTree) -> Vec<String> {
        match tree {
            UseTree::Path(path) => names(&path.tree),
            UseTree::Group(group) => group.items.iter().flat_map(names).collect(),
            UseTree::Name(name) => vec![name.ident.to_string()],
            UseTree::Rename(name) => vec![name.rename.to_string()],
            UseTree::Glob(_) => Vec::new(),
        }
    }
    match item {
        Item::Use(item) => names(&item.tree),
        _ => Vec::new(),
    }
}

/// The methods of a block `impl Client`.
fn client_methods(item: &Item) -> Vec<String> {
    let Item::Impl(block) = item else { return Vec::new() };
    let is_client = matches!(&*block.self_ty, syn::Type::Path(path) if path.path.is_ident("Client"));
    let methods = block.items.iter().filter(|_| is_client && block.trait_.is_none()).filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
        _ => None,
    });
    methods.collect()
}

fn arguments(signature: &Signature) -> Result<()> {
    let names = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => Some(name.ident.to_string()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    distinct(&format!("the function `{}`", signature.ident), "arguments", names)
}

fn distinct(of: &str, kind: &str, names: impl Iterator<Item = String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if seen.contains(&name) {
            return Err(Error::new(format!(
                "{of} would have two {kind} called `{name}`: a rule in openapi/codegen/src/rules must rename one"
            )));
        }
        seen.insert(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_used_twice_is_an_error_that_names_it() {
        for (code, start) in [
            ("struct A { a: B, a: B }", "the type `A` would have two fields called `a`"),
            (
                "struct A { #[serde(default, rename = \"aB\")] a_b: C, c: C, a_b: C }",
                "the type `A` would have two fields called `a_b`: a rule in openapi/codegen/src/rules must rename one; \
                 in JSON, they are `aB` and `a_b`",
            ),
            ("mod types { enum A { B, C, B } }", "the type `A` would have two variants called `B`"),
            ("mod types { struct A; type A = B; }", "the module `types` would have two items called `A`"),
            (
                "mod operations { const A: B = C; const A: B = C; }",
                "the module `operations` would have two items called `A`",
            ),
            ("pub use a::{Client, B}; struct Client;", "the generated code would have two items called `Client`"),
            ("mod requests { fn a(b: B, b: B) {} }", "the function `a` would have two arguments called `b`"),
            (
                "impl Client { fn a() {} } impl Client { fn a() {} }",
                "the generated code would have two methods of the client called `a`",
            ),
        ] {
            let message = check(&syn::parse_str(code).unwrap()).unwrap_err().to_string();
            assert!(message.starts_with(start), "{message}");
        }
    }

    #[test]
    fn names_of_different_kinds_do_not_clash() {
        let code =
            "use a::b; struct A { a: B, b: B } fn A() {} const _: () = (); const _: () = (); mod types { struct A; }
                    impl Client { fn a() {} } impl Other for Client { fn a() {} } impl C { fn a() {} }";
        check(&syn::parse_str(code).unwrap()).unwrap();
    }
}
