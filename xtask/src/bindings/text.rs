//! Types as short texts.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// Returns a type without lifetimes, and without the paths of std and of the bindings.
pub(super) fn of_type(ty: &Type) -> String {
    match ty {
        Type::Reference(reference) => format!("&{}", of_type(&reference.elem)),
        Type::Path(path) => of_path(&path.path),
        Type::Tuple(tuple) => {
            format!("({})", tuple.elems.iter().map(of_type).collect::<Vec<_>>().join(", "))
        }
        other => other.to_token_stream().to_string(),
    }
}

pub(super) fn of_path(path: &syn::Path) -> String {
    let segments: Vec<_> = path.segments.iter().collect();
    let is_known = segments
        .first()
        .is_some_and(|first| first.ident == "types" || (path.leading_colon.is_some() && first.ident == "std"));
    let shown = if is_known { &segments[segments.len().saturating_sub(1)..] } else { &segments[..] };
    let one = |segment: &&syn::PathSegment| format!("{}{}", segment.ident, of_arguments(&segment.arguments));
    shown.iter().map(one).collect::<Vec<_>>().join("::")
}

fn of_arguments(arguments: &PathArguments) -> String {
    let PathArguments::AngleBracketed(arguments) = arguments else { return String::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Lifetime(_) => None,
        GenericArgument::Type(ty) => Some(of_type(ty)),
        other => Some(other.to_token_stream().to_string()),
    });
    let types = types.collect::<Vec<_>>().join(", ");
    if types.is_empty() { types } else { format!("<{types}>") }
}

/// Returns what a function returns, and of a method or a prepared request what the service responds with.
pub(super) fn of_result(result: &ReturnType) -> String {
    let ReturnType::Type(_, ty) = result else { return "()".to_owned() };
    let text = of_type(ty);
    let response = inner(&text, "crate::PreparedRequest").or_else(|| {
        let response = text.strip_prefix("Result<ResponseValue<")?;
        Some(response.rsplit_once(">, ").map_or(response, |(response, _)| response))
    });
    response.unwrap_or(&text).to_owned()
}

/// Returns the argument of a generic type, if it is this one.
pub(crate) fn inner<'a>(text: &'a str, of: &str) -> Option<&'a str> {
    text.strip_prefix(of)?.strip_prefix('<')?.strip_suffix('>')
}

/// Returns the words of a text, which can be names of types.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !is_of_word(letter)).filter(|word| !word.is_empty())
}

/// Replaces words of a text.
pub(super) fn replaced<'a>(text: &'a str, by: impl Fn(&'a str) -> &'a str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        all.push_str(if word.is_empty() { "" } else { by(word) });
        let next = after.find(is_of_word).unwrap_or(after.len());
        all.push_str(&after[..next]);
        rest = &after[next..];
    }
    all
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// `/volumes/{volume_id}` as `/volumes/{}`.
pub(super) fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| format!("{all}{{{}", part.find('}').map_or(part, |end| &part[end..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_short() {
        for (long, short) in [
            ("::std::option::Option<::std::vec::Vec<types::Volume>>", "Option<Vec<Volume>>"),
            ("&'a types::CreateVolumeBody", "&CreateVolumeBody"),
            ("::chrono::DateTime<::chrono::offset::Utc>", "chrono::DateTime<chrono::offset::Utc>"),
            ("::std::borrow::Cow<'static, str>", "Cow<str>"),
            ("()", "()"),
        ] {
            assert_eq!(of_type(&syn::parse_str(long).unwrap()), short);
        }
        for (long, short) in [
            ("-> crate::PreparedRequest<types::Volume>", "Volume"),
            ("-> Result<ResponseValue<::std::vec::Vec<types::Volume>>, Error<()>>", "Vec<Volume>"),
            ("-> Result<ResponseValue<()>, Error<()>>", "()"),
            ("-> &str", "&str"),
            ("", "()"),
        ] {
            assert_eq!(of_result(&syn::parse_str(long).unwrap()), short);
        }
    }

    #[test]
    fn words_are_replaced_as_wholes() {
        let by = |word| if word == "A" { "B" } else { word };
        assert_eq!(replaced("Option<A>, AA: From<&A>", by), "Option<B>, AA: From<&B>");
        assert_eq!(replaced("A", by), "B");
        assert_eq!(without_names("/a/{b}/c/{d}"), "/a/{}/c/{}");
    }
}
