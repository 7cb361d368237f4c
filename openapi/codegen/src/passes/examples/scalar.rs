//! Values of scalar types: those that are given, or in the form that a field's name and documentation suggest. The addresses are
//! those that RFC 5737 and RFC 2606 reserve for documentation.

use proc_macro2::Literal;
use serde_json::Value;
use syn::{Expr, Field, parse_quote};

use super::super::syntax::{documentation, wire_name};

const TEXT: &str = "::std::string::String";
const SECRET: &str = "crate::Secret";

/// 2026-01-02T03:04:05Z.
const TIME_IN_NANOSECONDS: i64 = 1_767_323_045_000_000_000;

/// Writes a value that was given, unless it is none of the type.
pub(super) fn given(ty: &str, json: &Value) -> Option<Expr> {
    Some(match (ty, json) {
        (TEXT | SECRET, Value::String(text)) => parse_quote!(#text.into()),
        ("bool", Value::Bool(value)) => parse_quote!(#value),
        ("i64", Value::Number(number)) => integer(number.as_i64()?),
        ("f64", Value::Number(number)) => {
            let number = Literal::f64_unsuffixed(number.as_f64()?);
            parse_quote!(#number)
        }
        _ => return None,
    })
}

/// Writes a value of a type for a field of another one.
pub(super) fn plausible(ty: &str, owner: &str, field: &Field) -> Option<Expr> {
    Some(match ty {
        TEXT | SECRET | "::serde_json::Value" => {
            let text = text(owner, field);
            parse_quote!(#text.into())
        }
        "bool" => parse_quote!(false),
        "i64" => parse_quote!(1),
        "f64" => parse_quote!(1.0),
        "::chrono::DateTime<::chrono::offset::Utc>" => {
            let time = integer(TIME_IN_NANOSECONDS);
            parse_quote!(::chrono::DateTime::from_timestamp_nanos(#time))
        }
        _ => return None,
    })
}

fn integer(number: i64) -> Expr {
    let number = Literal::i64_unsuffixed(number);
    parse_quote!(#number)
}

fn text(owner: &str, field: &Field) -> String {
    let name = wire_name(field);
    let has = |words: [&str; 2]| name.split(['_', '-']).any(|word| words.contains(&word));
    of_documentation(field).unwrap_or_else(|| match &*name {
        "id" => uuid(owner),
        _ if name.ends_with("_id") => uuid(&name),
        _ if has(["ip", "ips"]) => "192.0.2.1".to_owned(),
        _ if has(["url", "uri"]) => "https://example.com/".to_owned(),
        _ => "example".to_owned(),
    })
}

/// The value that the description names: "Algorithm of the key, such as `ssh-ed25519`."
fn of_documentation(field: &Field) -> Option<String> {
    let text = documentation(&field.attrs);
    let (_, rest) = text.split_once("such as `")?;
    Some(rest.split_once('`')?.0.to_owned())
}

/// A UUID that is another one for each name, so that the ids of two resources are not equal.
fn uuid(name: &str) -> String {
    // FNV-1a, twice.
    let hash =
        |start| name.bytes().fold(start, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let (first, second) = (hash(0xcbf2_9ce4_8422_2325), hash(0x8422_2325_cbf2_9ce4));
    let (node, version, variant) = (second & 0xffff_ffff_ffff, first & 0xfff, second >> 52);
    format!("{:08x}-{:04x}-4{version:03x}-8{variant:03x}-{node:012x}", first >> 32, (first >> 16) & 0xffff)
}
