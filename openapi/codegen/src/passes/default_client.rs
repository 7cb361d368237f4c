//! Pass `no-default-client`: removes `Client::new`, which creates an HTTP client of its own. `new_with_client` remains.

use syn::ImplItem;

use super::syntax::client_impls_mut;
use crate::error::Result;

pub(super) fn remove(file: &mut syn::File) -> Result<()> {
    for block in client_impls_mut(file) {
        block.items.retain(|item| !matches!(item, ImplItem::Fn(function) if function.sig.ident == "new"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn only_the_default_constructor_of_the_client_is_removed() {
        assert_eq!(
            after(super::remove, "impl Client { fn new() {} fn new_with_client() {} } impl Other { fn new() {} }"),
            formatted("impl Client { fn new_with_client() {} } impl Other { fn new() {} }")
        );
    }
}
