//! Pass `fields-may-follow`: what a response can hold is `#[non_exhaustive]`. What only a request holds is not: its fields are
//! for the program to set, and the compiler shows a literal that lacks a new one.

use syn::{Item, parse_quote};

use super::syntax::{is_received, types_mut};
use crate::error::Result;

pub(super) fn non_exhaustive(file: &mut syn::File) -> Result<()> {
    for item in types_mut(file).flatten() {
        if is_received(item)
            && let Item::Struct(item) = item
            && !item.attrs.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"))
        {
            item.attrs.push(parse_quote!(#[non_exhaustive]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn what_a_response_can_hold_may_get_more_fields() {
        let (vm, others) =
            ("struct Vm { name: String, #[serde(flatten)] extra: Map }", "struct Body { name: String } enum A {}");
        let once = after(super::non_exhaustive, &format!("pub mod types {{ {vm} {others} }}"));
        assert_eq!(once, formatted(&format!("pub mod types {{ #[non_exhaustive] {vm} {others} }}")));
        assert_eq!(after(super::non_exhaustive, &once), once);
    }
}
