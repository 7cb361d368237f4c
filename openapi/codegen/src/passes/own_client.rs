//! `no-own-client`: `Client::new`, which makes its own HTTP client, is removed; `new_with_client` remains.

use crate::Result;

pub(super) fn removed(file: &mut syn::File) -> Result<()> {
    for item in &mut file.items {
        if let syn::Item::Impl(block) = item
            && block.trait_.is_none()
            && matches!(&*block.self_ty, syn::Type::Path(path) if path.path.is_ident("Client"))
        {
            block.items.retain(|item| !matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "new"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::test::{after, formatted};

    #[test]
    fn only_the_constructor_goes() {
        assert_eq!(
            after(super::removed, "impl Client { fn new() {} fn new_with_client() {} } impl Other { fn new() {} }"),
            formatted("impl Client { fn new_with_client() {} } impl Other { fn new() {} }")
        );
    }
}
