//! The names in the generated bindings.

use std::collections::{BTreeMap, BTreeSet};

use syn::{FnArg, Item, Pat, Type};

/// The parts of the bindings that coverage needs.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// The functions that prepare requests, with their parameters: the client, and those of the operation.
    pub(super) requests: BTreeMap<String, Vec<Argument>>,
    /// Structs with named fields.
    pub(super) structs: BTreeMap<String, Vec<Field>>,
    /// Structs with unnamed fields.
    pub(super) tuples: BTreeSet<String>,
    /// Enums of strings, with their values.
    pub(super) enums: BTreeMap<String, BTreeSet<String>>,
    /// Enums of types, with these types.
    pub(super) unions: BTreeMap<String, Vec<String>>,
}

/// A parameter of a function that prepares requests.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    name: String,
    /// The names in its type, such as `Option` and `Region`.
    pub(super) types: Vec<String>,
}

impl Argument {
    /// Returns whether it is the argument for this name in the document.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.trim_end_matches('_') == genesiscloud_codegen::method_name(name)
    }
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) rust: String,
    pub(super) json: String,
    pub(super) types: Vec<String>,
}

impl Bindings {
    pub(super) fn read(source: &str) -> Result<Self, String> {
        let file = syn::parse_file(source).map_err(|error| format!("the bindings do not parse: {error}"))?;
        let mut bindings = Self::default();
        for item in &file.items {
            match item {
                Item::Mod(module) if module.ident == "requests" => {
                    module.content.iter().flat_map(|(_, items)| items).for_each(|item| bindings.request(item));
                }
                Item::Mod(module) if module.ident == "types" => {
                    module.content.iter().flat_map(|(_, items)| items).for_each(|item| bindings.type_(item));
                }
                _ => {}
            }
        }
        Ok(bindings)
    }

    fn request(&mut self, item: &Item) {
        let Item::Fn(function) = item else { return };
        let arguments = function.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(name) => Some(Argument { name: name.ident.to_string(), types: types_in(&argument.ty) }),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        });
        self.requests.insert(function.sig.ident.to_string(), arguments.collect());
    }

    fn type_(&mut self, item: &Item) {
        match item {
            Item::Struct(item) => {
                let name = item.ident.to_string();
                match &item.fields {
                    syn::Fields::Named(fields) => {
                        let fields = fields.named.iter().filter(|field| !has_attribute(&field.attrs, "flatten"));
                        let fields = fields.filter_map(|field| {
                            let rust = field.ident.as_ref()?.to_string();
                            let json = renamed(&field.attrs).unwrap_or_else(|| rust.clone());
                            Some(Field { rust, json, types: types_in(&field.ty) })
                        });
                        self.structs.insert(name, fields.collect());
                    }
                    _ => drop(self.tuples.insert(name)),
                }
            }
            Item::Enum(item) => {
                let named = item.variants.iter().filter(|variant| variant.fields.is_empty());
                let values = named.map(|variant| renamed(&variant.attrs).unwrap_or_else(|| variant.ident.to_string()));
                let values: BTreeSet<_> = values.collect();
                if values.is_empty() {
                    let types = item
                        .variants
                        .iter()
                        .flat_map(|variant| variant.fields.iter().flat_map(|field| types_in(&field.ty)));
                    self.unions.insert(item.ident.to_string(), types.collect());
                } else {
                    self.enums.insert(item.ident.to_string(), values);
                }
            }
            _ => {}
        }
    }
}

/// Returns the names in a type, outermost first.
fn types_in(ty: &Type) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'ast> syn::visit::Visit<'ast> for Names {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            self.0.extend(path.segments.last().map(|segment| segment.ident.to_string()));
            syn::visit::visit_path(self, path);
        }
    }
    let mut names = Names(Vec::new());
    syn::visit::Visit::visit_type(&mut names, ty);
    names.0
}

fn has_attribute(attributes: &[syn::Attribute], word: &str) -> bool {
    let mut found = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
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

/// Returns the name in `#[serde(rename = "…")]`.
fn renamed(attributes: &[syn::Attribute]) -> Option<String> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.input.peek(syn::Token![=]) {
                let value: syn::LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("rename") {
                    name = Some(value.value());
                }
            }
            Ok(())
        });
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_types_of_the_bindings_are_read() {
        let bindings = Bindings::read(
            "pub mod requests { pub fn list_a<'a>(client: &'a Client, type_: Option<types::Kind>, body: &'a types::ABody) {} }\n\
             pub mod types {\n\
               pub struct ABody { #[serde(rename = \"type\", skip_serializing_if = \"f\")] pub type_: Option<Kind>, \
                 #[serde(flatten)] pub extra: Map }\n\
               pub struct List(pub Vec<String>);\n\
               pub enum Kind { #[serde(rename = \"x-y\")] XY, Z, #[serde(untagged)] Unknown(String) }\n\
               pub enum Either { Variant0(List), Variant1(ABody) }\n\
             }",
        )
        .unwrap();
        let [_, kind, body] = &bindings.requests["list_a"][..] else { panic!("three arguments") };
        assert!(kind.is_called("type") && body.is_called("body") && !body.is_called("bodies"));
        assert_eq!(body.types, ["ABody"]);
        let [field] = &bindings.structs["ABody"][..] else { panic!("one field") };
        assert_eq!((field.rust.as_str(), field.json.as_str()), ("type_", "type"));
        assert!(field.types.contains(&"Kind".into()) && bindings.tuples.contains("List"));
        assert_eq!(bindings.enums["Kind"], BTreeSet::from(["x-y".to_owned(), "Z".to_owned()]));
        assert_eq!(bindings.unions["Either"], ["List", "ABody"]);
    }
}
