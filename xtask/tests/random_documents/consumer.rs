//! A program that names every public item of the old bindings, and prints what each is on the wire. Each item is one function
//! on one line, so that an error of the compiler belongs to one item.
//!
//! Where the SDK declares an addition compatible, the program is written as one that keeps to that: it fills an argument that is
//! new and optional with `None`, and ends the literals of what requests hold with `..Default::default()`. What responses hold has
//! no literals.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use syn::Type;

use crate::inventory::{Field, Function, Inventory, Kind, Named, text};
use crate::samples::{Samples, is_unknown_fields};

/// One public item, and what a program does with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    /// A label for people: `Instance.status`.
    pub(crate) label: String,
    /// The type that it belongs to.
    pub(crate) owner: Option<String>,
    /// Its own names: in Rust, and on the wire.
    pub(crate) names: BTreeSet<String>,
    /// The ids of the operations that it is part of.
    pub(crate) operations: BTreeSet<String>,
    /// The named types in its signature, and those that they are made of.
    pub(crate) mentions: BTreeSet<String>,
    /// The names of all that its value on the wire is made of.
    pub(crate) contents: BTreeSet<String>,
    /// Whether the value is sent, so that it must not change at all. A value that is received may get more fields.
    pub(crate) is_sent: bool,
    code: String,
}

/// The beginning of each program. Paths are absolute, since the bindings may export any name.
const PRELUDE: &str = r#"
#![allow(warnings)]
use genesiscloud_bindings::{self as bindings, *};
use genesiscloud_bindings::types::*;
type Seen = ::std::result::Result<::serde_json::Value, ::std::string::String>;
fn from<T: ::serde::de::DeserializeOwned>(json: &str) -> ::std::result::Result<T, ::std::string::String> { bindings::decode_json(json.as_bytes()).map_err(|error| ::std::string::ToString::to_string(&error)) }
fn to<T: ::serde::Serialize + ?::std::marker::Sized>(value: &T) -> Seen { ::serde_json::to_value(value).map_err(|error| ::std::string::ToString::to_string(&error)) }
#[derive(Debug)] struct Unconnected;
impl bindings::Transport for Unconnected { fn execute<'a>(&'a self, _: &'a ::reqwest::Client, _: ::reqwest::Request, _: &'static bindings::Operation) -> bindings::ResponseFuture<'a> { ::std::unreachable!() } }
fn client() -> bindings::Client { bindings::Client::new_with_client("http://127.0.0.1", ::reqwest::Client::new(), bindings::SharedTransport::new(Unconnected)) }
fn responds<T>(_: impl ::std::future::Future<Output = ::std::result::Result<bindings::ResponseValue<T>, bindings::Error<()>>>) {}
fn request<T>(prepared: bindings::PreparedRequest<T>) -> Seen {
    let request = prepared.request.map_err(|error| ::std::string::ToString::to_string(&error))?;
    let body = request.body().and_then(|body| body.as_bytes()).map(|body| ::serde_json::from_slice::<::serde_json::Value>(body).unwrap());
    let headers: ::std::vec::Vec<_> = request.headers().iter().map(|(name, value)| ::std::format!("{name}: {value:?}")).collect();
    let mut query: ::std::vec::Vec<_> = request.url().query_pairs().map(|(name, value)| ::std::format!("{name}={value}")).collect();
    query.sort();
    ::std::result::Result::Ok(::serde_json::json!([prepared.operation.id, request.method().as_str(), request.url().path(), query, headers, body]))
}
fn path_without_names(path: &str) -> ::std::string::String { path.split('}').map(|part| part.split('{').next().unwrap()).collect::<::std::vec::Vec<_>>().join("{}") }
fn see(at: usize, seen: fn() -> Seen) { ::std::println!("{}", ::serde_json::json!([at, match seen() { ::std::result::Result::Ok(value) => ::serde_json::json!({ "ok": value }), ::std::result::Result::Err(error) => ::serde_json::json!({ "error": error }) }])); }
"#;

/// Writes the program with the items at these places.
pub(crate) fn program(items: &[Item], places: &BTreeSet<usize>) -> String {
    let mut program = String::from(PRELUDE);
    for at in places {
        let _ = writeln!(program, "fn i{at}() -> Seen {{ {} }}", items[*at].code);
    }
    program.push_str("fn main() {\n");
    for at in places {
        let _ = writeln!(program, "see({at}, i{at});");
    }
    program.push_str("}\n");
    program
}

/// Returns the place of the item whose function is on a line of the program, counted from 1.
pub(crate) fn place_of_line(line: usize, places: &BTreeSet<usize>) -> Option<usize> {
    places.iter().nth(line.checked_sub(PRELUDE.matches('\n').count() + 1)?).copied()
}

/// Returns the items of `old`, for a program that is compiled with `new`.
pub(crate) fn items(old: &Inventory, new: &Inventory) -> Vec<Item> {
    let (sent, received) = (old.reached(true), old.reached(false));
    let mut writer =
        Writer { old, sent: Samples { old, new: None }, received: Samples { old, new: Some(new) }, items: Vec::new() };
    for (name, named) in &old.types {
        let all = [&sent, &received].into_iter().filter_map(|reached| reached.get(name.as_str())).flatten();
        let operations = all.map(|id| (*id).to_owned()).collect();
        let is = |reached: &BTreeMap<&str, _>| reached.contains_key(name.as_str());
        writer.named(name, named, operations, is(&sent), is(&received));
    }
    for (source, made) in &old.conversions {
        // A reference of any lifetime has an implementation for each, of which one is enough.
        let (source, made) = (external(source).replace("& ", "&'static "), external(made));
        let code = format!("let _: fn({source}) -> {made} = <{made} as ::std::convert::From<{source}>>::from; to(&0)");
        let mut mentions = BTreeSet::new();
        for ty in [&source, &made] {
            old.parts(&syn::parse_str(ty).unwrap(), &mut mentions);
        }
        let mentions = mentions.into_iter().map(str::to_owned).collect();
        writer.items.push(Item { label: format!("{made} from {source}"), mentions, code, ..Item::default() });
    }
    for (name, function) in &old.requests {
        writer.function(name, function, new.requests.get(name), true);
    }
    for (name, function) in &old.methods {
        writer.function(name, function, new.methods.get(name), false);
    }
    for (name, id) in &old.operations {
        let code = format!(
            "let it: &bindings::Operation = bindings::operations::{name}; \
             to(&(it.id, it.method, path_without_names(it.path), it.is_idempotent))"
        );
        let (label, operations) = (format!("operations::{name}"), [id.clone()].into());
        writer.items.push(Item {
            label,
            names: [name.clone()].into(),
            operations,
            is_sent: true,
            code,
            ..Item::default()
        });
    }
    writer.items
}

struct Writer<'a> {
    old: &'a Inventory,
    sent: Samples<'a>,
    received: Samples<'a>,
    items: Vec<Item>,
}

impl Writer<'_> {
    /// Adds the items of a type.
    fn named(&mut self, name: &str, named: &Named, operations: BTreeSet<String>, is_sent: bool, is_received: bool) {
        let this: Type = syn::parse_str(name).unwrap();
        let owner =
            Item { owner: Some(name.to_owned()), operations, contents: self.contents(&this), ..Item::default() };
        let sample = literal(&if is_received { &self.received } else { &self.sent }.of_named(name));
        let mut items = Vec::new();
        let mut add = |label: String, names: &[&String], ty: Option<&Type>, code: String| {
            let names = names.iter().map(|name| (*name).clone()).collect();
            let mentions = ty.map(|ty| self.mentions(ty)).unwrap_or_default();
            let is_sent = label.ends_with(" sent");
            items.push(Item { label, names, mentions, code, is_sent, ..owner.clone() });
        };
        let (read, own) = (format!("let it: types::{name} = from({sample})?;"), name.to_owned());
        add(own.clone(), &[&own], None, format!("let _: Option<types::{name}> = None; to(&0)"));
        if named.has_default {
            let code = format!("let it: types::{name} = ::std::default::Default::default(); to(&0)");
            let mut fields: Vec<_> = owner.contents.iter().collect();
            fields.push(&own);
            add(format!("{name}: Default"), &fields, None, code);
        }
        if named.is_total {
            let code = format!("fn total<T: ::std::cmp::Eq>() {{}} total::<types::{name}>(); to(&0)");
            let fields: Vec<_> = owner.contents.iter().chain([&own]).collect();
            add(format!("{name}: Eq"), &fields, None, code);
        }
        if self.old.examples.contains(name) {
            add(format!("{name}::example"), &[&own], None, format!("let _ = types::{name}::example(); to(&0)"));
        }
        match &named.kind {
            Kind::Struct(fields) => {
                if named.is_exhaustive {
                    let fields = fields.iter().map(|field| format!("{0}: it.{0}, ", field.name)).collect::<String>();
                    let literal = format!("types::{name} {{ {fields}..::std::default::Default::default() }}");
                    add(format!("{name} as a literal"), &[&own], None, format!("{read} let _ = {literal}; to(&0)"));
                }
                for Field { name: rust, wire, ty, .. } in fields.iter().filter(|field| !is_unknown_fields(field)) {
                    let written = external(&text(ty));
                    let code = format!("{read} let field: &{written} = &it.{rust}; to(field)");
                    add(format!("{name}.{rust}"), &[rust, wire], Some(ty), code);
                }
            }
            Kind::Wrapper(ty, has_field) => {
                let (written, inner) = (external(&text(ty)), if *has_field { "it.0" } else { "it" });
                let code = format!("{read} let inner: &{written} = &{inner}; to(inner)");
                add(format!("{name}.0"), &[&own], Some(ty), code);
            }
            Kind::Values(values) => {
                for (rust, wire) in values {
                    let (text, json) = (format!("{wire:?}"), literal(&Value::from(wire.clone())));
                    let code = format!(
                        "let it = types::{name}::{rust}; let read: types::{name} = from({json})?; \
                         let parsed: types::{name} = {text}.parse().map_err(|_| ::std::string::String::new())?; \
                         to(&(::std::string::ToString::to_string(&it), &it, read == it, parsed == it))"
                    );
                    add(format!("{name}::{rust}"), &[rust, wire], None, code);
                }
            }
            Kind::Union(variants) => {
                for (rust, ty) in variants {
                    let (written, json) = (external(&text(ty)), literal(&self.received.of(ty, rust)));
                    let code = format!(
                        "let inner: {written} = from({json})?; let it = types::{name}::{rust}(inner); \
                         let read: types::{name} = from({json})?; \
                         to(&(&it, ::std::matches!(read, types::{name}::{rust}(_))))"
                    );
                    add(format!("{name}::{rust}"), &[rust], Some(ty), code);
                }
            }
        }
        if is_sent {
            let json = literal(&self.sent.of_named(name));
            add(format!("{name} sent"), &[&own], None, format!("let it: types::{name} = from({json})?; to(&it)"));
        }
        self.items.extend(items);
    }

    fn mentions(&self, ty: &Type) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.old.parts(ty, &mut found);
        found.into_iter().map(str::to_owned).collect()
    }

    /// The names of the types that this one is made of, and of their fields.
    fn contents(&self, ty: &Type) -> BTreeSet<String> {
        let types = self.mentions(ty);
        let structs = types.iter().filter_map(|name| match &self.old.types[name].kind {
            Kind::Struct(fields) => Some(fields),
            _ => None,
        });
        let fields = structs.flatten().flat_map(|field| [field.name.clone(), field.wire.clone()]).collect();
        &types | &fields
    }

    fn function(&mut self, name: &str, function: &Function, new: Option<&Function>, is_request: bool) {
        let mut code = String::new();
        let mut given = Vec::new();
        for (at, (argument, ty)) in function.arguments.iter().enumerate() {
            let written = external(&text(ty));
            let json = literal(&self.sent.of(ty, argument));
            let (bound, passed) = match ty {
                _ if written == "& str" => (format!("let a{at}: &str = \"a {argument}\";"), format!("a{at}")),
                _ if written == "Option < & str >" => {
                    (format!("let a{at}: Option<&str> = Some(\"a {argument}\");"), format!("a{at}"))
                }
                Type::Reference(reference) => {
                    let inner = external(&text(&reference.elem));
                    (format!("let a{at}: {inner} = from({json})?;"), format!("&a{at}"))
                }
                _ if written.starts_with("Option < & ") => {
                    let inner = written.trim_start_matches("Option < & ").trim_end_matches('>').to_owned();
                    (format!("let a{at}: {inner} = from({json})?;"), format!("Some(&a{at})"))
                }
                _ => (format!("let a{at}: {written} = from({json})?;"), format!("a{at}")),
            };
            code.push_str(&bound);
            given.push(passed);
        }
        let arguments = with_additions(function, new, given).join(", ");
        let response = external(&text(&function.response));
        let (label, call) = match is_request {
            true => (
                format!("requests::{name}"),
                format!("request::<{response}>(bindings::requests::{name}(&client(), {arguments}))"),
            ),
            false => (
                format!("Client::{name}"),
                format!("let client = client(); responds::<{response}>(client.{name}({arguments})); to(&0)"),
            ),
        };
        let operations = [self.old.operation_of(name).to_owned()].into();
        let names = std::iter::once(name).chain(function.arguments.iter().map(|(name, _)| name.as_str()));
        let names = names.map(str::to_owned).collect();
        let sent = || function.arguments.iter().map(|(_, ty)| ty);
        let mentions = sent().chain([&function.response]).flat_map(|ty| self.mentions(ty)).collect();
        let contents = sent().flat_map(|ty| self.contents(ty)).collect();
        let code = code + &call;
        self.items.push(Item { label, owner: None, names, operations, mentions, contents, is_sent: true, code });
    }
}

/// Inserts `None` for each argument that is new and optional.
fn with_additions(old: &Function, new: Option<&Function>, given: Vec<String>) -> Vec<String> {
    let Some(new) = new else { return given };
    let has = |function: &Function, name: &str| function.arguments.iter().any(|(other, _)| other == name);
    let mut given = given.into_iter().zip(&old.arguments).peekable();
    let mut passed = Vec::new();
    for (name, ty) in &new.arguments {
        let is_next = given.peek().is_some_and(|(_, (next, _))| next == name || !has(new, next));
        let is_addition = !has(old, name) && text(ty).starts_with("Option");
        match (is_next, is_addition) {
            (false, true) => passed.push("None".to_owned()),
            _ => passed.extend(given.next().map(|(argument, _)| argument)),
        }
    }
    passed.extend(given.map(|(argument, _)| argument));
    passed
}

/// A type as another crate writes it.
fn external(ty: &str) -> String {
    ty.replace("crate ::", "bindings ::")
}

/// A text with a JSON value, as a literal of Rust.
fn literal(value: &Value) -> String {
    format!("{:?}", value.to_string())
}
