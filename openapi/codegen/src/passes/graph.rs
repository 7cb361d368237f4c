//! The generated types by name, and which of them lead to which.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Ident, ImplItem, Item, Type};

use super::syntax::{plain_source, source, type_arguments};

pub(super) struct Graph<'a> {
    types: BTreeMap<String, &'a Item>,
    /// The types and their functions.
    functions: BTreeSet<(String, String)>,
}

impl<'a> Graph<'a> {
    pub(super) fn read(items: &'a [Item]) -> Self {
        let mut graph = Self { types: BTreeMap::new(), functions: BTreeSet::new() };
        for item in items {
            let name = match item {
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Impl(block) => {
                    let functions = block.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
                        _ => None,
                    });
                    graph.functions.extend(functions.map(|name| (source(&block.self_ty), name)));
                    continue;
                }
                _ => continue,
            };
            graph.types.insert(name.to_string(), item);
        }
        graph
    }

    pub(super) fn implements(&self, ty: &Ident, function: &str) -> bool {
        self.functions.contains(&(ty.to_string(), function.to_owned()))
    }

    /// The definition of a type of the module.
    pub(super) fn named(&self, ty: &Type) -> Option<&'a Item> {
        self.types.get(&plain_source(ty)).copied()
    }

    /// Whether values of a type can contain one of the other.
    pub(super) fn reaches(&self, ty: &Type, owner: &str) -> bool {
        let mut names = Vec::new();
        names_in(ty, &mut names);
        self.reached(names).contains(owner)
    }

    /// The types of these names and all that they lead to, also numbers.
    pub(super) fn reached(&self, mut unvisited: Vec<String>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        while let Some(name) = unvisited.pop() {
            if let Some(item) = self.types.get(&name).filter(|_| !reached.contains(&name)) {
                inner_types(item).for_each(|ty| names_in(ty, &mut unvisited));
            }
            reached.insert(name);
        }
        reached
    }

    /// All types.
    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &'a Item)> {
        self.types.iter().map(|(name, item)| (name, *item))
    }
}

/// The types of what a value consists of.
fn inner_types(item: &Item) -> Box<dyn Iterator<Item = &Type> + '_> {
    match item {
        Item::Struct(item) => Box::new(item.fields.iter().map(|field| &field.ty)),
        Item::Enum(item) => Box::new(item.variants.iter().flat_map(|one| &one.fields).map(|field| &field.ty)),
        Item::Type(item) => Box::new(std::iter::once(&*item.ty)),
        _ => Box::new(std::iter::empty()),
    }
}

/// Adds the names in a type that are no paths.
fn names_in(ty: &Type, names: &mut Vec<String>) {
    match ty {
        Type::Path(path) => names.extend(path.path.get_ident().map(ToString::to_string)),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| names_in(ty, names)),
        Type::Array(array) => names_in(&array.elem, names),
        _ => {}
    }
    type_arguments(ty).into_iter().for_each(|ty| names_in(ty, names));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_lead_to_those_of_their_fields_and_not_to_what_has_the_same_name() {
        let items = syn::parse_str::<syn::File>(
            "struct Vm { Rule: ::std::vec::Vec<Disk>, at: ::std::string::String } enum Disk { Error, In(Box<(Pool, [f64; 2])>) } \
             type Pool = Vm; struct Rule; struct Error; struct String;",
        );
        let items = items.unwrap().items;
        let graph = Graph::read(&items);
        assert_eq!(graph.reached(vec!["Disk".into()]), ["Disk", "Pool", "Vm", "f64"].map(str::to_owned).into());
        let reaches = |ty: &str, owner| graph.reaches(&syn::parse_str(ty).unwrap(), owner);
        assert!(reaches("::std::option::Option<Vm>", "Vm") && reaches("Vm", "Pool") && !reaches("Vm", "Rule"));
    }
}
