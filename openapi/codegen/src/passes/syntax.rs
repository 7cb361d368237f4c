//! Helpers that find and change parts of the generated syntax tree.

use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Field, Item, ItemImpl, Lit, LitStr, Meta, MetaNameValue, Type, UseTree, parse_quote,
};

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

/// The source of a type, without spaces.
pub(super) fn plain_source(ty: &Type) -> String {
    source(ty).replace(' ', "")
}

/// The path of a generic type that the generator uses.
pub(super) fn container(ty: &Type) -> &'static str {
    let source = plain_source(ty);
    let known = ["::std::option::Option", "::std::vec::Vec", "::std::collections::HashMap"];
    known.into_iter().find(|path| source.starts_with(&format!("{path}<"))).unwrap_or_default()
}

/// The arguments of a generic type.
pub(super) fn type_arguments(ty: &Type) -> Vec<&Type> {
    let Type::Path(path) = ty else { return Vec::new() };
    let arguments = path.path.segments.last().map(|segment| &segment.arguments);
    let Some(syn::PathArguments::AngleBracketed(arguments)) = arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Makes a function the deserializer of a field.
pub(super) fn read_by(function: &str, field: &mut Field) {
    let is_optional = plain_source(&field.ty).starts_with("::std::option::Option<");
    // With a deserializer of its own, an Option is no longer None by default when the field is absent. A field without a
    // name is never absent.
    field.attrs.push(if is_optional && field.ident.is_some() && !has_serde(&field.attrs, "default") {
        parse_quote!(#[serde(default, deserialize_with = #function)])
    } else {
        parse_quote!(#[serde(deserialize_with = #function)])
    });
}

/// Whether a field has a deserializer of its own.
pub(super) fn has_reader(field: &Field) -> bool {
    has_serde(&field.attrs, "deserialize_with")
}

/// Whether a field holds the fields that are not known.
pub(super) fn is_flattened(field: &Field) -> bool {
    has_serde(&field.attrs, "flatten")
}

/// Whether a type is what a response can hold: it keeps the fields that are not known.
pub(super) fn is_received(item: &Item) -> bool {
    matches!(item, Item::Struct(item) if item.fields.iter().any(is_flattened))
}

/// The name of a field in JSON.
pub(super) fn wire_name(field: &Field) -> String {
    let name = || field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    renamed(&field.attrs).unwrap_or_else(name)
}

/// The name in `#[serde(rename = "…")]`.
pub(super) fn renamed(attributes: &[Attribute]) -> Option<String> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // An attribute of another form does not rename.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<LitStr>()?.value());
            }
            Ok(())
        });
    }
    name
}

/// The text of the doc comments.
pub(super) fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. }) => {
            path.is_ident("doc").then(|| text.value())
        }
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a trait is derived.
pub(super) fn derives(attributes: &[Attribute], name: &str) -> bool {
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    let mut words = derives.map(|attribute| source(&attribute.meta));
    words.any(|list| list.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name))
}

/// Whether `#[serde(…)]` holds a word.
pub(super) fn has_serde(attributes: &[Attribute], word: &str) -> bool {
    let mut found = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // An attribute that is not of this form holds no such word.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(word);
            if meta.input.peek(syn::Token![=]) {
                let _: syn::Lit = meta.value()?.parse()?;
            }
            Ok(())
        });
    }
    found
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
