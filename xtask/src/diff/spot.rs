//! Where a place of a document is in the bindings that are really generated from it.

use crate::bindings::{Inventory, Item, inner};

/// A place in the bindings: the field, variant, method or type that it is part of, and the type of the value there. Each is empty
/// if it is not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    pub(super) item: String,
    pub(super) rust: String,
}

impl Spot {
    /// Returns the place of an operation's parameters and bodies, without a type.
    pub(super) fn operation(names: &Inventory, id: &str) -> Self {
        let item = names.request(id).map(|(name, _)| format!("raw().{name}"));
        Self { item: item.unwrap_or_default(), rust: String::new() }
    }

    /// Returns the place of an argument.
    pub(super) fn argument(names: &Inventory, id: &str, parameter: &str) -> Self {
        let Some((_, function)) = names.request(id) else { return Self::default() };
        let (name, arguments) = (genesiscloud_codegen::method_name(parameter), function.arguments.iter());
        let mut same = arguments.filter(|(argument, _)| argument.trim_matches('_') == name.trim_matches('_'));
        Self { rust: same.next().map(|(_, rust)| rust.clone()).unwrap_or_default(), ..Self::operation(names, id) }
    }

    /// Returns the place of a success response.
    pub(super) fn response(names: &Inventory, id: &str) -> Self {
        let rust = names.request(id).map(|(_, function)| function.result.clone());
        Self { rust: rust.unwrap_or_default(), ..Self::operation(names, id) }
    }

    /// Returns the place with the type of a schema, if its type is not known otherwise, as in error responses.
    pub(super) fn or_schema(self, names: &Inventory, schema: Option<&str>) -> Self {
        if !self.rust.is_empty() || names.items.is_empty() {
            return self;
        }
        let derived = schema.map(genesiscloud_codegen::type_name).filter(|name| names.has_type(name));
        Self { rust: derived.unwrap_or_default(), ..self }
    }

    /// Returns the name of the type, without `Option` and the like, if it is one of the bindings.
    pub(super) fn type_name(&self, names: &Inventory) -> Option<&str> {
        Some(without_option(&self.rust)).filter(|name| names.has_type(name))
    }

    /// Returns the place of a field. One that does not exist is the type.
    pub(super) fn field(&self, names: &Inventory, json: &str) -> Self {
        let owner = without_option(&self.rust);
        match names.field(owner, json) {
            Some((item, rust)) => Self { item: item.to_owned(), rust: rust.to_owned() },
            None if names.has_type(owner) => Self { item: owner.to_owned(), rust: String::new() },
            None => Self { rust: String::new(), ..self.clone() },
        }
    }

    /// Returns the place of the values in a list or a map.
    pub(super) fn values(&self, names: &Inventory) -> Self {
        let of = |rust: &str| {
            let rust = without_option(rust);
            let of_map = || inner(rust, "HashMap").and_then(|types| Some(types.split_once(", ")?.1));
            inner(rust, "Vec").or_else(of_map).map(str::to_owned)
        };
        let list = format!("{}.0", without_option(&self.rust));
        match names.items.get(&list) {
            Some(Item::Field { rust, .. }) => Self { rust: of(rust).unwrap_or_default(), item: list },
            _ => Self { rust: of(&self.rust).unwrap_or_default(), ..self.clone() },
        }
    }

    /// Returns the place of a union's variant, if there are as many variants as in the document.
    pub(super) fn variant(&self, names: &Inventory, at: usize, count: usize) -> Self {
        let owner = without_option(&self.rust);
        let variants: Vec<_> = names.variants(owner).collect();
        match variants.iter().find(|(_, place, _)| *place == at && variants.len() == count) {
            Some((item, _, [rust])) => Self { item: (*item).to_owned(), rust: rust.clone() },
            Some((item, _, _)) => Self { item: (*item).to_owned(), rust: (*item).to_owned() },
            None => Self { item: self.item.clone(), rust: String::new() },
        }
    }
}

fn without_option(rust: &str) -> &str {
    let plain = rust.trim_start_matches('&');
    ["Option", "Box"].iter().find_map(|of| inner(plain, of)).map_or(plain, without_option)
}
