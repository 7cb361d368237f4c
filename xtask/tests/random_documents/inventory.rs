//! What programs can name of the bindings, read from their source with a parser of its own: nothing here is shared with the
//! commands whose report is checked.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Attribute, Fields, FnArg, Item, ItemFn, ItemMod, Pat, ReturnType, Signature, Type, Visibility};

/// The public items of the bindings.
#[derive(Default)]
pub(crate) struct Inventory {
    pub(crate) types: BTreeMap<String, Named>,
    pub(crate) methods: BTreeMap<String, Function>,
    pub(crate) requests: BTreeMap<String, Function>,
    /// The names of the constants, and the ids of their operations.
    pub(crate) operations: BTreeMap<String, String>,
    /// The implementations of `From`: the source, and the type made from it.
    pub(crate) conversions: BTreeSet<(String, String)>,
    /// The types that have an example.
    pub(crate) examples: BTreeSet<String>,
}

/// A type of the module `types`.
pub(crate) struct Named {
    pub(crate) kind: Kind,
    pub(crate) has_default: bool,
    /// Whether it is `Eq`.
    pub(crate) is_total: bool,
    /// Whether other crates can write literals of it.
    pub(crate) is_exhaustive: bool,
}

pub(crate) enum Kind {
    Struct(Vec<Field>),
    /// A struct or an alias that stands for another type; whether it has a field `0`.
    Wrapper(Box<Type>, bool),
    /// The variants and their wire values.
    Values(Vec<(String, String)>),
    /// The variants and their types.
    Union(Vec<(String, Type)>),
}

pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) wire: String,
    pub(crate) ty: Type,
    pub(crate) is_required: bool,
}

/// A method of the client or a function of `requests`, without the argument for the client.
pub(crate) struct Function {
    pub(crate) arguments: Vec<(String, Type)>,
    /// The type of the decoded response.
    pub(crate) response: Type,
    /// What the function's body says: of a function of `requests`, the constant of the operation.
    body: String,
}

impl Inventory {
    /// Reads the source of the bindings.
    pub(crate) fn read(bindings: &str) -> Self {
        let mut inventory = Self::default();
        for item in syn::parse_file(bindings).unwrap().items {
            match item {
                Item::Mod(module) if module.ident == "types" => inventory.read_types(module),
                Item::Mod(module) if module.ident == "requests" => inventory.read_requests(module),
                Item::Mod(module) if module.ident == "operations" => inventory.read_operations(module),
                Item::Impl(block) if block.trait_.is_none() && text(&block.self_ty) == "Client" => {
                    let methods = block.items.into_iter().filter_map(|item| match item {
                        syn::ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
                        _ => None,
                    });
                    let methods = methods.filter(|method| is_public(&method.vis));
                    inventory.methods.extend(methods.map(|method| named(&method.sig, String::new())));
                }
                _ => {}
            }
        }
        inventory
    }

    fn read_types(&mut self, module: ItemMod) {
        for item in items(module) {
            let (name, attributes, kind) = match item {
                Item::Struct(item) if is_public(&item.vis) => match item.fields {
                    Fields::Named(fields) => {
                        let fields = fields.named.into_iter().filter(|field| is_public(&field.vis));
                        (item.ident, item.attrs, Kind::Struct(fields.map(field).collect()))
                    }
                    fields => {
                        let inner = fields.into_iter().next().unwrap();
                        let is_readable = is_public(&inner.vis);
                        (item.ident, item.attrs, Kind::Wrapper(inner.ty.into(), is_readable))
                    }
                },
                Item::Type(item) => (item.ident, item.attrs, Kind::Wrapper(item.ty, false)),
                Item::Enum(item) => (item.ident.clone(), item.attrs.clone(), variants(item)),
                Item::Impl(block) => {
                    self.conversions.extend(conversion(&block));
                    self.examples.extend(has_example(&block).then(|| text(&block.self_ty)));
                    continue;
                }
                _ => continue,
            };
            let (has_default, is_total) = (derives(&attributes, "Default"), derives(&attributes, "Eq"));
            let is_exhaustive = !attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
            self.types.insert(name.to_string(), Named { kind, has_default, is_total, is_exhaustive });
        }
    }

    fn read_requests(&mut self, module: ItemMod) {
        for item in items(module) {
            if let Item::Fn(ItemFn { vis, sig, block, .. }) = item
                && is_public(&vis)
            {
                self.requests.extend([named(&sig, text(&block))]);
            }
        }
    }

    fn read_operations(&mut self, module: ItemMod) {
        for item in items(module) {
            if let Item::Const(item) = item {
                let value = text(&item.expr);
                let id = value.split("id : \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
                self.operations.insert(item.ident.to_string(), id.to_owned());
            }
        }
    }

    /// The id of the operation that a method or a function of `requests` is for.
    pub(crate) fn operation_of(&self, function: &str) -> &str {
        let body = &self.requests[function].body;
        let constant = body.split("operations :: ").nth(1).and_then(|rest| rest.split([' ', ',']).next()).unwrap();
        &self.operations[constant]
    }

    /// The types that this one is made of, itself included.
    pub(crate) fn parts<'a>(&'a self, ty: &Type, found: &mut BTreeSet<&'a str>) {
        for word in words(&text(ty)) {
            let Some((name, named)) = self.types.get_key_value(&word) else { continue };
            if !found.insert(name) {
                continue;
            }
            match &named.kind {
                Kind::Struct(fields) => fields.iter().for_each(|field| self.parts(&field.ty, found)),
                Kind::Wrapper(inner, _) => self.parts(inner, found),
                Kind::Union(variants) => variants.iter().for_each(|(_, ty)| self.parts(ty, found)),
                Kind::Values(_) => {}
            }
        }
    }

    /// The types in requests, or those in responses, each with the ids of their operations.
    pub(crate) fn reached(&self, is_sent: bool) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut reached = BTreeMap::<_, BTreeSet<_>>::new();
        for (name, function) in &self.requests {
            let mut found = BTreeSet::new();
            match is_sent {
                true => function.arguments.iter().for_each(|(_, ty)| self.parts(ty, &mut found)),
                false => self.parts(&function.response, &mut found),
            }
            for ty in found {
                reached.entry(ty).or_default().insert(self.operation_of(name));
            }
        }
        reached
    }
}

/// Writes a part of the syntax as tokens, separated by blanks.
pub(crate) fn text(part: &impl ToTokens) -> String {
    part.to_token_stream().to_string()
}

/// The identifiers in a text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').map(str::to_owned)
}

fn items(module: ItemMod) -> Vec<Item> {
    module.content.map(|(_, items)| items).unwrap_or_default()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn derives(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .map(text)
        .any(|attribute| attribute.contains("derive") && words(&attribute).any(|word| word == name))
}

/// The text of a serde attribute with this name: `rename = "type"`.
fn renamed(attributes: &[Attribute]) -> Option<String> {
    let attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    let mut literals = attributes.filter_map(|attribute| {
        let mut value = None;
        let parsed = attribute.parse_nested_meta(|meta| {
            if let Ok(given) = meta.value() {
                let literal: syn::LitStr = given.parse()?;
                value = meta.path.is_ident("rename").then(|| literal.value()).or(value.take());
            }
            Ok(())
        });
        parsed.ok().and(value)
    });
    literals.next()
}

fn field(field: syn::Field) -> Field {
    let name = field.ident.as_ref().unwrap().to_string();
    let serde: Vec<String> = field.attrs.iter().map(text).filter(|text| text.contains("serde")).collect();
    let says = |word: &str| serde.iter().any(|attribute| words(attribute).any(|one| one == word));
    let is_required = !says("default") && !says("flatten") && !text(&field.ty).contains("option :: Option");
    Field { wire: renamed(&field.attrs).unwrap_or_else(|| name.clone()), name, is_required, ty: field.ty }
}

fn variants(item: syn::ItemEnum) -> Kind {
    let values = item.variants.iter().filter(|variant| variant.fields.is_empty());
    let values: Vec<_> = values
        .map(|variant| {
            (variant.ident.to_string(), renamed(&variant.attrs).unwrap_or_else(|| variant.ident.to_string()))
        })
        .collect();
    if !values.is_empty() {
        return Kind::Values(values);
    }
    let of_type = |variant: syn::Variant| Some((variant.ident.to_string(), variant.fields.into_iter().next()?.ty));
    Kind::Union(item.variants.into_iter().filter_map(of_type).collect())
}

fn has_example(block: &syn::ItemImpl) -> bool {
    let is_it = |item: &syn::ImplItem| matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "example");
    block.trait_.is_none() && block.items.iter().any(is_it)
}

fn conversion(block: &syn::ItemImpl) -> Option<(String, String)> {
    let last = block.trait_.as_ref()?.0.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    (last.ident == "From").then(|| (text(&arguments.args), text(&block.self_ty)))
}

fn named(signature: &Signature, body: String) -> (String, Function) {
    let arguments = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some((plain_name(&argument.pat), without_lifetimes(&argument.ty))),
        FnArg::Receiver(_) => None,
    });
    let arguments = arguments.filter(|(name, _)| name != "client").collect();
    let ReturnType::Type(_, output) = &signature.output else { panic!("{} returns nothing", signature.ident) };
    // `Result<ResponseValue<T>, Error<()>>` or `PreparedRequest<T>`.
    let outer = first_argument(output);
    let response = if text(output).starts_with("Result") { first_argument(&outer) } else { outer };
    (signature.ident.to_string(), Function { arguments, response, body })
}

fn plain_name(pattern: &Pat) -> String {
    text(pattern).replace("mut ", "")
}

fn first_argument(ty: &Type) -> Type {
    let Type::Path(path) = ty else { panic!("{} has no argument", text(ty)) };
    match &path.path.segments.last().unwrap().arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first().unwrap() {
            syn::GenericArgument::Type(ty) => ty.clone(),
            _ => panic!("{} has no argument that is a type", text(ty)),
        },
        _ => panic!("{} has no argument", text(ty)),
    }
}

fn without_lifetimes(ty: &Type) -> Type {
    syn::parse_str(&text(ty).replace("'a ", "")).unwrap()
}
