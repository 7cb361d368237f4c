//! Whether synchronous code reaches what futures do: each public method of a type with operations has a blocking one of the
//! same name, or is an exception with its reason.
//!
//! The macros `service!`, `resource!` and `operations!` emit both. Of the methods written otherwise, those are compared whose
//! type has a blocking type of its name, and all that return what has to be awaited.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::{FnArg, ImplItem, Item, ItemImpl, ReturnType, Type, Visibility};

use super::wrapper::last_name;
use crate::modules::{self, SourceFile};

/// Methods without a blocking one, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("Client", "raw", "the generated client is async; `blocking::Client::as_async` leads to it"),
    (
        "ScopeBuilder",
        "stop_when",
        "nothing can interrupt the work, with which the scope begins; it has to return by itself",
    ),
];

/// What has to be awaited.
const AWAITED: [&str; 12] = [
    "BoxFuture",
    "Call",
    "Deletion",
    "FindByName",
    "InstanceScope",
    "List",
    "Pages",
    "PlacementSearch",
    "ScopeBuilder",
    "StatusChanges",
    "Waiter",
    "Watch",
];

/// The public methods of each type.
type Methods = BTreeMap<String, BTreeSet<String>>;

/// Returns the number of methods that have a blocking one, and a sentence for each that lacks it.
pub(super) fn check(sources: &[(String, String)], root: &str) -> Result<(usize, Vec<String>), String> {
    let files = modules::read(sources, root)?;
    let (blocking, others): (Vec<_>, Vec<_>) =
        files.iter().partition(|file| file.module.iter().any(|name| name == "blocking"));
    let twins = of_blocking(&blocking);
    let (mut found, mut gaps, mut excepted) = (0, Vec::new(), BTreeSet::new());
    for (file, item) in others.iter().flat_map(|file| impls(file)) {
        let Some(of) = last_name(&item.self_ty).filter(|_| item.trait_.is_none()) else { continue };
        for method in public(item) {
            let name = method.sig.ident.to_string();
            let twin = twins.get(&of);
            if twin.is_none() && !is_awaited(&method.sig) {
                continue;
            }
            found += 1;
            if EXCEPTIONS.iter().any(|(excepted, method, _)| *excepted == of && *method == name) {
                excepted.insert((of.clone(), name));
            } else if !twin.is_some_and(|twin| twin.contains(&name)) {
                gaps.push(format!(
                    "{file}: `{of}::{name}` has no blocking method of that name; add it to `blocking::{of}`, or an exception \
                     with its reason to EXCEPTIONS in xtask/src/coverage/parity.rs"
                ));
            }
        }
    }
    for (of, name, _) in EXCEPTIONS {
        if !excepted.contains(&((*of).to_owned(), (*name).to_owned())) {
            gaps.push(format!("`{of}::{name}` is an exception in xtask/src/coverage/parity.rs, and needs none"));
        }
    }
    Ok((found, gaps))
}

/// The `impl` blocks of a file, those in inline modules included.
fn impls(file: &SourceFile) -> Vec<(&str, &ItemImpl)> {
    fn collect<'a>(items: &'a [Item], found: &mut Vec<&'a ItemImpl>) {
        for item in items {
            match item {
                Item::Impl(item) => found.push(item),
                Item::Mod(inline) => inline.content.iter().for_each(|(_, items)| collect(items, found)),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(&file.items, &mut found);
    found.into_iter().map(|item| (file.path.as_str(), item)).collect()
}

fn public(item: &ItemImpl) -> impl Iterator<Item = &syn::ImplItemFn> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => Some(method),
        _ => None,
    })
}

/// The methods of the blocking types: written out, of an iterator, or named in the arguments of a macro.
fn of_blocking(files: &[&SourceFile]) -> Methods {
    let mut methods = Methods::new();
    for (_, item) in files.iter().flat_map(|file| impls(file)) {
        let Some(of) = last_name(&item.self_ty) else { continue };
        let known = methods.entry(of).or_default();
        for one in &item.items {
            match one {
                ImplItem::Fn(method) => drop(known.insert(method.sig.ident.to_string())),
                ImplItem::Macro(named) => known.extend(called(named.mac.tokens.clone())),
                _ => {}
            }
        }
    }
    methods
}

/// The names that are followed by parentheses.
fn called(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let names = tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(name), TokenTree::Group(_)] => Some(name.to_string()),
        _ => None,
    });
    names.collect()
}

/// Whether a method is async, or returns what has to be awaited.
fn is_awaited(signature: &syn::Signature) -> bool {
    let has_self = matches!(signature.inputs.first(), Some(FnArg::Receiver(_)));
    let output = match &signature.output {
        ReturnType::Type(_, output) => output,
        ReturnType::Default => return has_self && signature.asyncness.is_some(),
    };
    has_self && (signature.asyncness.is_some() || is_future(output))
}

fn is_future(output: &Type) -> bool {
    last_name(output).is_some_and(|name| AWAITED.contains(&name.as_str()))
}
