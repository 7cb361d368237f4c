//! Reads the names of bindings from their source.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Attribute, Fields, FnArg, ImplItem, ItemEnum, ItemImpl, Pat, Signature, Visibility};

use super::text::{of_path, of_result, of_type};
use super::{Function, Inventory, Item};

impl Inventory {
    /// Reads the source of bindings.
    ///
    /// # Errors
    /// One sentence, if it is not Rust.
    pub(crate) fn read(source: &str) -> Result<Self, String> {
        let file = syn::parse_file(source).map_err(|error| format!("the bindings do not parse: {error}"))?;
        let mut inventory = Self::default();
        for item in &file.items {
            match item {
                syn::Item::Mod(module) => {
                    let items = module.content.iter().flat_map(|(_, items)| items);
                    match module.ident.to_string().as_str() {
                        "types" => inventory.types(items),
                        "requests" => inventory.requests_of(items),
                        "operations" => items.for_each(|item| inventory.operation(item)),
                        _ => {}
                    }
                }
                syn::Item::Impl(block) if block.trait_.is_none() && of_type(&block.self_ty) == "Client" => {
                    inventory.methods("raw().", block);
                }
                _ => {}
            }
        }
        Ok(inventory)
    }

    fn add(&mut self, name: String, item: Item) {
        self.items.insert(name, item);
    }

    fn types<'a>(&mut self, items: impl Iterator<Item = &'a syn::Item> + Clone) {
        let texts = texts(items.clone());
        for item in items {
            match item {
                syn::Item::Struct(item) if is_public(&item.vis) => {
                    let name = item.ident.to_string();
                    let kind = match &item.fields {
                        Fields::Unnamed(fields) => {
                            let types: Vec<_> = fields.unnamed.iter().map(|field| of_type(&field.ty)).collect();
                            format!("a struct around `{}`", types.join(", "))
                        }
                        _ => "a struct".to_owned(),
                    };
                    self.add(name.clone(), Item::Type(kind));
                    self.derives(&name, &item.attrs);
                    self.fields(&name, &item.fields, true);
                }
                syn::Item::Enum(item) if is_public(&item.vis) => self.enumeration(item, &texts),
                syn::Item::Type(item) if is_public(&item.vis) => {
                    let stands_for = format!("another name for `{}`", of_type(&item.ty));
                    self.add(item.ident.to_string(), Item::Type(stands_for));
                }
                syn::Item::Impl(block) => self.implemented(block),
                _ => {}
            }
        }
    }

    fn fields(&mut self, of: &str, fields: &Fields, is_struct: bool) {
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| !is_struct || is_public(&field.vis)) {
            let name = field.ident.as_ref().map_or(at.to_string(), |name| unraw(&name.to_string()));
            let serde = serde(&field.attrs);
            let json = (!serde.contains_key("flatten")).then(|| serde.get("rename").unwrap_or(&name).clone());
            self.add(format!("{of}.{name}"), Item::Field { json, rust: of_type(&field.ty) });
        }
    }

    fn enumeration(&mut self, item: &ItemEnum, texts: &BTreeMap<(String, String), BTreeSet<String>>) {
        let name = item.ident.to_string();
        let is_open = item.attrs.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
        self.add(name.clone(), Item::Type(if is_open { "an enum of texts" } else { "an enum" }.to_owned()));
        self.derives(&name, &item.attrs);
        for (at, variant) in item.variants.iter().enumerate() {
            let serde = serde(&variant.attrs);
            let of_variant = variant.ident.to_string();
            let mut json = texts.get(&(name.clone(), of_variant.clone())).cloned().unwrap_or_default();
            if matches!(variant.fields, Fields::Unit) {
                json.insert(serde.get("rename").unwrap_or(&of_variant).clone());
            }
            let holds = match &variant.fields {
                Fields::Unnamed(fields) => fields.unnamed.iter().map(|field| of_type(&field.ty)).collect(),
                _ => Vec::new(),
            };
            let of_variant = format!("{name}::{of_variant}");
            if let fields @ Fields::Named(_) = &variant.fields {
                self.fields(&of_variant, fields, false);
            }
            self.add(of_variant, Item::Variant { at, json, holds });
        }
    }

    fn derives(&mut self, of: &str, attributes: &[Attribute]) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            // What is no list of traits derives none.
            let _ = attribute.parse_nested_meta(|meta| {
                let name = meta.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                self.add(format!("{of}: {name}"), Item::Trait);
                Ok(())
            });
        }
    }

    fn implemented(&mut self, block: &ItemImpl) {
        let of = of_type(&block.self_ty);
        let Some((path, _)) = &block.trait_ else { return self.methods(&format!("{of}::"), block) };
        let name = of_path(path);
        let name = name.strip_prefix("serde::").unwrap_or(&name);
        self.add(format!("{of}: {name}"), Item::Trait);
    }

    fn methods(&mut self, before: &str, block: &ItemImpl) {
        for item in &block.items {
            if let ImplItem::Fn(method) = item
                && is_public(&method.vis)
            {
                let name = format!("{before}{}", method.sig.ident);
                self.add(name, Item::Function(function(&method.sig, None)));
            }
        }
    }

    fn requests_of<'a>(&mut self, items: impl Iterator<Item = &'a syn::Item>) {
        for item in items {
            let syn::Item::Fn(item) = item else { continue };
            let mut constant = Constant(None);
            constant.visit_block(&item.block);
            let mut function = function(&item.sig, constant.0);
            function.arguments.retain(|(name, _)| name != "client");
            self.add(format!("requests::{}", item.sig.ident), Item::Function(function));
        }
    }

    fn operation(&mut self, item: &syn::Item) {
        let syn::Item::Const(item) = item else { return };
        let syn::Expr::Reference(reference) = &*item.expr else { return };
        let syn::Expr::Struct(value) = &*reference.expr else { return };
        let of = |name: &str| {
            let is_it = |field: &&syn::FieldValue| field.member.to_token_stream().to_string() == name;
            value.fields.iter().find(is_it).map(|field| field.expr.to_token_stream()).unwrap_or_default()
        };
        let text = |name: &str| literals(of(name)).into_iter().next().unwrap_or_default();
        let (id, method, path) = (text("id"), text("method"), text("path"));
        let is_idempotent = of("is_idempotent").to_string() == "true";
        self.add(format!("operations::{}", item.ident), Item::Operation { id, method, path, is_idempotent });
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn unraw(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

fn function(signature: &Signature, operation: Option<String>) -> Function {
    let arguments = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => Some((name.ident.to_string(), of_type(&argument.ty))),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    Function { arguments: arguments.collect(), result: of_result(&signature.output), operation }
}

/// Returns the words of all `#[serde(…)]`, with their values.
fn serde(attributes: &[Attribute]) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // What has another form has no names.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::LitStr>()?.value()
            } else {
                String::new()
            };
            words.insert(meta.path.to_token_stream().to_string(), value);
            Ok(())
        });
    }
    words
}

/// Returns the texts that `Display` and `FromStr` have for each variant of each enum: those of an arm with one text and one
/// `Self::Variant`.
fn texts<'a>(items: impl Iterator<Item = &'a syn::Item>) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut texts = Texts::default();
    for item in items {
        if let syn::Item::Impl(block) = item {
            texts.of = of_type(&block.self_ty);
            texts.visit_item_impl(block);
        }
    }
    texts.found
}

#[derive(Default)]
struct Texts {
    of: String,
    found: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Visit<'_> for Texts {
    fn visit_arm(&mut self, arm: &syn::Arm) {
        let mut variants = Variants::default();
        variants.visit_arm(arm);
        if let ([text], [variant]) = (&literals(arm.to_token_stream())[..], &variants.0[..]) {
            self.found.entry((self.of.clone(), variant.clone())).or_default().insert(text.clone());
        }
        syn::visit::visit_arm(self, arm);
    }
}

/// The variants in `Self::Variant`.
#[derive(Default)]
struct Variants(Vec<String>);

impl Visit<'_> for Variants {
    fn visit_path(&mut self, path: &syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [of, variant] = &names[..]
            && of == "Self"
        {
            self.0.push(variant.clone());
        }
        syn::visit::visit_path(self, path);
    }
}

/// The constant of a prepared request's operation.
struct Constant(Option<String>);

impl Visit<'_> for Constant {
    fn visit_path(&mut self, path: &syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [module, name] = &names[..]
            && module == "operations"
        {
            self.0 = Some(name.clone());
        }
        syn::visit::visit_path(self, path);
    }
}

/// Returns the texts in code.
fn literals(tokens: TokenStream) -> Vec<String> {
    let of = |token| match token {
        TokenTree::Group(group) => literals(group.stream()),
        TokenTree::Literal(literal) => {
            let text = syn::parse2::<syn::LitStr>(TokenTree::Literal(literal).into());
            text.map(|text| text.value()).into_iter().collect()
        }
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
        pub mod types {
            #[derive(::serde::Serialize, Default)]
            pub struct Volume {
                #[serde(rename = "type", skip_serializing_if = "f")] pub type_: ::std::option::Option<Kind>,
                #[serde(flatten)] pub extra: ::serde_json::Map<K, V>,
                hidden: bool,
            }
            pub struct List(pub ::std::vec::Vec<::std::string::String>);
            impl ::std::convert::From<List> for ::std::vec::Vec<::std::string::String> {}
            #[non_exhaustive]
            pub enum Kind { #[serde(rename = "x-y")] XY, Z, #[serde(untagged)] Unknown(::std::string::String) }
            impl ::std::fmt::Display for Kind {
                fn fmt(&self, f: &mut F) -> R { match *self { Self::XY => f.pad("x-y"), Self::Unknown(ref it) => f.pad(it) } }
            }
            impl ::std::str::FromStr for Kind {
                fn from_str(value: &str) -> R { match value { "xy" => Ok(Self::XY), _ => Ok(Self::Unknown(value.into())) } }
            }
            pub enum Either { List(List), Pair { a: bool } }
            pub type Name = ::std::string::String;
        }
        pub struct Client;
        impl Client {
            pub async fn get_a<'a>(&'a self, id: &'a str) -> Result<ResponseValue<types::Volume>, Error<()>> {}
        }
        pub mod requests {
            pub fn get_a<'a>(client: &'a Client, id: &'a str) -> crate::PreparedRequest<types::Volume> {
                crate::PreparedRequest::with_json_response(operations::GET_A, || {})
            }
        }
        pub mod operations {
            pub const GET_A: &crate::Operation =
                &crate::Operation { id: "GetA", method: "GET", path: "/a/{id}", is_idempotent: true };
        }
    "#;

    #[test]
    fn all_names_of_bindings_are_read() {
        let inventory = Inventory::read(SOURCE).unwrap();
        let names: Vec<_> = inventory.items.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "Either",
                "Either::List",
                "Either::Pair",
                "Either::Pair.a",
                "Kind",
                "Kind: Display",
                "Kind: FromStr",
                "Kind::Unknown",
                "Kind::XY",
                "Kind::Z",
                "List",
                "List.0",
                "Name",
                "Vec<String>: From<List>",
                "Volume",
                "Volume.extra",
                "Volume.type_",
                "Volume: Default",
                "Volume: Serialize",
                "operations::GET_A",
                "raw().get_a",
                "requests::get_a",
            ]
        );
        let text = |name: &str| format!("{:?}", inventory.items[name]);
        assert_eq!(text("Volume.type_"), r#"Field { json: Some("type"), rust: "Option<Kind>" }"#);
        assert!(text("Volume.extra").contains("json: None"));
        // Its attribute and `Display` differ from `FromStr`.
        assert_eq!(text("Kind::XY"), r#"Variant { at: 0, json: {"x-y", "xy"}, holds: [] }"#);
        assert_eq!(text("Either::List"), r#"Variant { at: 0, json: {}, holds: ["List"] }"#);
        let request = inventory.request("GetA").unwrap();
        assert_eq!((request.0, request.1.result.as_str()), ("get_a", "Volume"));
        assert_eq!(request.1.arguments, [("id".to_owned(), "&str".to_owned())]);
        assert_eq!(inventory.requests().next().unwrap().2, ("GetA", ("GET", "/a/{}".to_owned())));
        assert_eq!(inventory.field("Volume", "type"), Some(("Volume.type_", "Option<Kind>")));
        assert_eq!(inventory.variant("Kind", "x-y"), Some("Kind::XY"));
    }

    #[test]
    fn the_committed_bindings_are_read_in_full() {
        let source = std::fs::read_to_string(crate::files::root().join(crate::files::BINDINGS)).unwrap();
        let inventory = Inventory::read(&source).unwrap();
        let count = |begin: &str| inventory.items.keys().filter(|name| name.starts_with(begin)).count();
        let document = crate::files::read(&crate::files::root(), crate::files::DOCUMENT).unwrap();
        let operations =
            genesiscloud_codegen::document::operations(&genesiscloud_codegen::read(&document).unwrap()).len();
        let counts = [count("requests::"), count("operations::"), inventory.requests().count()];
        assert_eq!(counts, [operations; 3]);
        for name in ["raw().get_volume", "Region::NordNoKrs1", "Volume.type_", "InstanceUpdateVolumes::Attach"] {
            assert!(inventory.items.contains_key(name), "{name}");
        }
        // Attribute, `Display` and `FromStr` agree.
        for (name, item) in &inventory.items {
            if let Item::Variant { json, .. } = item {
                assert!(json.len() <= 1, "{name}: {json:?}");
            }
        }
    }
}
