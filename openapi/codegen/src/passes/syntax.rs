//! Helpers that find and change parts of the generated syntax tree.

use quote::ToTokens;
use syn::{Item, ItemImpl, Type, UseTree};

/// The items of `pub mod types`, which holds all generated types.
pub(super) fn types_mut(file: &mut syn::File) -> impl Iterator<Item = &mut Vec<Item>> {
    file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

/// The blocks `impl Client`.
pub(super) fn client_impls_mut(file: &mut syn::File) -> impl Iterator<Item = &mut ItemImpl> {
    file.items.iter_mut().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && is_client(&block.self_ty) => Some(block),
        _ => None,
    })
}

fn is_client(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("Client"))
}

/// Removes names from the file's imports of the form `use a::{b, c}`.
pub(super) fn remove_imports(file: &mut syn::File, names: &[&str]) {
    for item in &mut file.items {
        if let Item::Use(item) = item
            && let UseTree::Path(path) = &mut item.tree
            && let UseTree::Group(group) = &mut *path.tree
        {
            let kept = std::mem::take(&mut group.items).into_iter();
            let is_removed =
                |tree: &UseTree| matches!(tree, UseTree::Name(name) if names.iter().any(|one| name.ident == one));
            group.items = kept.filter(|tree| !is_removed(tree)).collect();
        }
    }
}

/// The source of a node, with a space between all tokens.
pub(super) fn source(node: &impl ToTokens) -> String {
    node.to_token_stream().to_string()
}

#[cfg(test)]
pub(super) mod test {
    use crate::error::Result;

    /// Applies a pass to code, and returns the result formatted.
    pub(crate) fn after(pass: fn(&mut syn::File) -> Result<()>, code: &str) -> String {
        let mut file = syn::parse_str(code).unwrap();
        pass(&mut file).unwrap();
        prettyplease::unparse(&file)
    }

    /// Formats code, for comparison with the result of [`after`].
    pub(crate) fn formatted(code: &str) -> String {
        prettyplease::unparse(&syn::parse_str(code).unwrap())
    }
}
