//! Pass `examples`: what a response can hold has a function `example`, a value for tests with every field set. It is an
//! expression rather than JSON that is read, so that it costs little to compile and cannot fail.

mod given;
mod scalar;

use quote::quote;
use serde_json::Value;
use syn::{Expr, Field, Fields, Ident, Item, ItemEnum, ItemStruct, ItemType, Path, Type, Variant, parse_quote};

use super::graph::Graph;
use super::syntax::{container, is_flattened, is_received, plain_source, renamed, type_arguments, types_mut};
use crate::error::Result;

pub(super) fn examples(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let graph = Graph::read(items);
        let blocks: Vec<Item> = items.iter().filter_map(|item| graph.block(item)).collect();
        items.extend(blocks);
    }
    Ok(())
}

/// What a value is written for.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The types that the value is within, from the outside.
    within: &'a [&'a str],
    field: &'a Field,
}

impl Graph<'_> {
    fn block(&self, item: &Item) -> Option<Item> {
        let Item::Struct(of) = item else { return None };
        if !is_received(item) || self.implements(&of.ident, "example") {
            return None;
        }
        let (name, value) = (&of.ident, self.fields(of));
        Some(parse_quote! {
            impl #name {
                /// Returns an example for tests, with each field set to a value of the right form.
                pub fn example() -> Self {
                    #value
                }
            }
        })
    }

    fn fields(&self, item: &ItemStruct) -> Expr {
        let owner = item.ident.to_string();
        let values = item.fields.iter().map(|field| {
            let (name, place) = (&field.ident, Place { within: &[&owner], field });
            let given = given::of_field(&owner, field);
            let value = match given.and_then(|json| self.given(&field.ty, &json)) {
                _ if is_flattened(field) => default(),
                Some(value) => value,
                None => self.value(&field.ty, place),
            };
            quote!(#name: #value)
        });
        parse_quote!(Self { #(#values),* })
    }

    /// A value that was given as JSON, unless it is none of the type.
    fn given(&self, ty: &Type, json: &Value) -> Option<Expr> {
        match (container(ty), type_arguments(ty).first()) {
            ("::std::option::Option", Some(_)) if json.is_null() => Some(none()),
            ("::std::option::Option", Some(inner)) => Some(some(self.given(inner, json)?)),
            ("::std::vec::Vec", Some(inner)) => {
                let values = json.as_array()?.iter().map(|json| self.given(inner, json));
                let values = values.collect::<Option<Vec<Expr>>>()?;
                Some(parse_quote!(::std::vec![#(#values),*]))
            }
            _ => scalar::given(&plain_source(ty), json).or_else(|| match self.named(ty)? {
                Item::Enum(item) => variant(item, json),
                _ => None,
            }),
        }
    }

    /// A value of the right form.
    fn value(&self, ty: &Type, place: Place<'_>) -> Expr {
        let is_endless = place.within.iter().any(|owner| self.reaches(ty, owner));
        match (container(ty), type_arguments(ty).first()) {
            // What contains itself comes to an end where it may be absent.
            ("::std::option::Option", Some(_)) if is_endless => none(),
            _ if is_endless => default(),
            ("::std::option::Option", Some(inner)) => some(self.value(inner, place)),
            ("::std::vec::Vec", Some(inner)) => {
                let value = self.value(inner, place);
                parse_quote!(::std::vec![#value])
            }
            _ => match self.named(ty) {
                Some(item) => self.of_named(item, place),
                None => scalar::plausible(&plain_source(ty), place.within[0], place.field).unwrap_or_else(default),
            },
        }
    }

    fn of_named(&self, item: &Item, place: Place<'_>) -> Expr {
        match item {
            Item::Struct(ItemStruct { ident, .. }) if is_received(item) => parse_quote!(#ident::example()),
            Item::Struct(ItemStruct { ident, fields, .. }) => self.around(parse_quote!(#ident), ident, fields, place),
            Item::Type(ItemType { ident, ty, .. }) => self.inside(ident, ty, place),
            Item::Enum(item) => self.of_enum(item, place),
            _ => default(),
        }
    }

    /// The value that the document gives as an example, or the first that it lists; of a union, one of its first type.
    fn of_enum(&self, item: &ItemEnum, place: Place<'_>) -> Expr {
        let given = given::of_type(&item.attrs).and_then(|json| variant(item, &json));
        given.unwrap_or_else(|| match item.variants.first() {
            Some(Variant { ident, fields, .. }) => {
                let name = &item.ident;
                self.around(parse_quote!(#name::#ident), name, fields, place)
            }
            None => default(),
        })
    }

    /// A struct or a variant that is nothing, or stands for one other type.
    fn around(&self, path: Path, name: &Ident, fields: &Fields, place: Place<'_>) -> Expr {
        match fields {
            Fields::Unit => parse_quote!(#path),
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let value = self.inside(name, &fields.unnamed[0].ty, place);
                parse_quote!(#path(#value))
            }
            _ => default(),
        }
    }

    /// A value inside one of a named type.
    fn inside(&self, name: &Ident, ty: &Type, place: Place<'_>) -> Expr {
        let name = name.to_string();
        let within: Vec<&str> = place.within.iter().copied().chain([&*name]).collect();
        self.value(ty, Place { within: &within, ..place })
    }
}

/// The variant that is this text in JSON.
fn variant(item: &ItemEnum, json: &Value) -> Option<Expr> {
    let is_it = |one: &&Variant| {
        let text = renamed(&one.attrs).unwrap_or_else(|| one.ident.to_string());
        matches!(one.fields, Fields::Unit) && json == &text
    };
    let (name, variant) = (&item.ident, &item.variants.iter().find(is_it)?.ident);
    Some(parse_quote!(#name::#variant))
}

fn some(value: Expr) -> Expr {
    parse_quote!(::std::option::Option::Some(#value))
}

fn none() -> Expr {
    parse_quote!(::std::option::Option::None)
}

fn default() -> Expr {
    parse_quote!(::std::default::Default::default())
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::after;
    use super::super::syntax::wire_name;

    fn examples(types: &str) -> String {
        after(super::examples, &format!("pub mod types {{ {types} }}"))
    }

    /// A struct that a response can hold.
    fn received(name: &str, fields: &str) -> String {
        format!(
            "pub struct {name} {{ {fields}, #[serde(flatten)] pub extra: ::serde_json::Map<::std::string::String, V> }}"
        )
    }

    #[track_caller]
    fn assert_values(code: &str, values: &[&str]) {
        let plain = |code: &str| code.split_whitespace().collect::<String>().replace(",)", ")");
        for value in values {
            assert!(plain(code).contains(&plain(value)), "{value}\nis not in\n{code}");
        }
    }

    #[test]
    fn a_field_gets_the_example_of_the_document_if_it_is_one() {
        let fields = r#"
            /// Size.\n///\n/// Example: `80`
            pub size: i64,
            /// Example: `"spot"`
            pub kind: Kind,
            /// Example: `"unlisted"`
            pub other: Kind,
            /// Example: `7`
            pub hint: ::std::string::String,
            /// Example: `["a", "b"]`
            pub zones: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
            pub of_type: Kind"#;
        let kind = r#"/// Example: `"reserved"`
            pub enum Kind { #[serde(rename = "on-demand")] OnDemand, #[serde(rename = "spot")] Spot, #[serde(rename = "reserved")] Reserved, Unknown(S) }"#;
        let code = examples(&format!("{} {kind}", received("Vm", &fields.replace("\\n", "\n"))));
        assert_values(
            &code,
            &[
                "pub fn example() -> Self",
                "size: 80,",
                "kind: Kind::Spot",
                "other: Kind::Reserved",
                "hint: \"example\".into()",
                "zones: ::std::option::Option::Some(::std::vec![\"a\".into(), \"b\".into()])",
                "of_type: Kind::Reserved",
            ],
        );
    }

    #[test]
    fn other_fields_get_a_value_of_the_form_that_their_name_and_description_suggest() {
        let text = "::std::string::String";
        let fields = format!(
            "pub id: {text}, pub image_id: {text}, pub public_ip: {text}, pub zip: {text}, pub ids: ::std::vec::Vec<{text}>, \
             /// Algorithm, such as `ssh-ed25519` or `ssh-rsa`.\n #[serde(rename = \"type\")] pub type_: {text}, \
             pub at: ::chrono::DateTime<::chrono::offset::Utc>, pub is_on: bool, pub load: f64, pub odd: Odd"
        );
        let code = examples(&format!("{} {}", received("Vm", &fields), received("Disk", &format!("pub id: {text}"))));
        let values = [
            "public_ip: \"192.0.2.1\".into()",
            "zip: \"example\".into()",
            "type_: \"ssh-ed25519\".into()",
            "from_timestamp_nanos(1767323045000000000)",
            "is_on: false, load: 1.0, odd: ::std::default::Default::default()",
        ];
        assert_values(&code, &values);
        let ids: Vec<&str> = code.split("id: \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.iter().map(|id| id.len()).collect::<Vec<_>>(), [36; 3], "{code}");
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
    }

    #[test]
    fn values_of_other_types_are_written_or_their_own_example_is_called() {
        let types = "pub struct Ids(pub ::std::vec::Vec<::std::string::String>); pub enum Either { Ids(Ids), Disk(Disk) } \
                     pub type Name = ::std::string::String; pub enum Never {}";
        let fields =
            "pub ids: Ids, pub either: Either, pub name: Name, pub disk: ::std::option::Option<Disk>, pub never: Never";
        let code = examples(&format!("{} {} {types}", received("Vm", fields), received("Disk", "pub size: i64")));
        assert_values(
            &code,
            &[
                "ids: Ids(::std::vec![\"example\".into()])",
                "either: Either::Ids(Ids(::std::vec![\"example\".into()]))",
                "name: \"example\".into()",
                "disk: ::std::option::Option::Some(Disk::example())",
                "never: ::std::default::Default::default()",
            ],
        );
        assert_eq!(code.matches("fn example").count(), 2, "{code}");
    }

    #[test]
    fn what_contains_itself_comes_to_an_end() {
        let node =
            received("Node", "pub parent: ::std::option::Option<Box<Node>>, pub of: ::std::option::Option<Rack>");
        let rack = received("Rack", "pub nodes: ::std::vec::Vec<Node>, pub tree: Tree");
        let code = examples(&format!("{node} {rack} pub enum Tree {{ Inner(::std::vec::Vec<Tree>) }}"));
        assert_values(
            &code,
            &[
                "parent: ::std::option::Option::None, of: ::std::option::Option::None",
                "nodes: ::std::default::Default::default(), tree: Tree::Inner(::std::default::Default::default())",
            ],
        );
    }

    #[test]
    fn requests_get_none_and_the_pass_adds_nothing_when_it_runs_again() {
        let once = examples(&format!(
            "pub struct Body {{ pub name: ::std::string::String }} {}",
            received("Vm", "pub a: bool")
        ));
        assert!(!once.contains("impl Body"), "{once}");
        assert_eq!(after(super::examples, &once), once);
    }

    #[test]
    fn the_chosen_examples_are_those_of_fields_of_the_vendored_document_and_of_their_type() {
        let bindings = crate::generate(include_str!("../../../compute-v1.yaml")).unwrap();
        let mut file = syn::parse_file(&bindings).unwrap();
        let items = super::types_mut(&mut file).next().unwrap();
        let graph = super::Graph::read(items);
        for (owner, name, json) in super::given::CHOSEN {
            let Some(syn::Item::Struct(item)) = graph.named(&syn::parse_str(owner).unwrap()) else {
                panic!("no {owner}")
            };
            let field = item.fields.iter().find(|field| wire_name(field) == *name);
            let field = field.unwrap_or_else(|| panic!("no {owner}.{name}"));
            let json = serde_json::from_str(json).unwrap();
            assert!(graph.given(&field.ty, &json).is_some(), "{owner}.{name}");
        }
    }
}
