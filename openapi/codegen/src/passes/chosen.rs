//! Pass `chosen-names`: restores the names in JSON of fields, enum values and parameters for which the rule of the same
//! name has chosen names in Rust.

use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::ToTokens;

use crate::document;
use crate::error::{Error, Result};
use crate::names::CHOSEN;
use crate::rules::MARK;

pub(super) fn restore(file: &mut syn::File) -> Result<()> {
    if CHOSEN.is_empty() {
        return Ok(());
    }
    // Through tokens, since most of the names are in attributes.
    *file = syn::parse2(restored(file.to_token_stream()))
        .map_err(|error| Error::new(format!("the code with the chosen names does not parse: {error}")))?;
    Ok(())
}

fn restored(tokens: TokenStream) -> TokenStream {
    let restore = |token| match token {
        TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), restored(group.stream()))),
        TokenTree::Literal(literal) => TokenTree::Literal(original(&literal).unwrap_or(literal)),
        other => other,
    };
    tokens.into_iter().map(restore).collect()
}

/// The name in JSON for one that is marked.
fn original(literal: &Literal) -> Option<Literal> {
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?.value();
    let marks = text.chars().rev().take_while(|letter| *letter == MARK).count();
    let (part, _) = CHOSEN.get(marks.checked_sub(1)?)?;
    let name = part.rsplit('/').next()?;
    Some(Literal::string(&document::unescaped(name)))
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};
    use super::*;

    #[test]
    fn marked_names_are_restored_and_other_texts_are_kept() {
        let at = CHOSEN.iter().position(|(part, _)| part.ends_with("/onDemand")).unwrap();
        let marks = "\\0".repeat(at + 1);
        let code = |name: &str| {
            format!(
                "enum A {{ #[serde(rename = {name})] OnDemandInCamelCase, #[serde(rename = \"b\")] B }}
                 fn name(a: A) -> &'static str {{ match a {{ A::OnDemandInCamelCase => {name}, A::B => \"b\" }} }}"
            )
        };
        assert_eq!(after(restore, &code(&format!("\"OnDemandInCamelCase{marks}\""))), formatted(&code("\"onDemand\"")));
    }

    #[test]
    fn code_without_chosen_names_is_unchanged() {
        let code = crate::generate(include_str!("../../../compute-v1.yaml")).unwrap();
        assert_eq!(after(restore, &code), formatted(&code));
    }
}
