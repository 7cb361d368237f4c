//! `checked-segments`: what goes into a path is checked where it goes in, so that no caller can forget to.

use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Expr, parse_quote};

use crate::{Error, Result};

pub(super) fn checked(file: &mut syn::File) -> Result<()> {
    let mut segments = Segments(None);
    segments.visit_file_mut(file);
    segments.0.map_or(Ok(()), Err)
}

struct Segments(Option<Error>);

impl VisitMut for Segments {
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        if !mac.path.is_ident("format") || !mac.tokens.to_string().contains("encode_path") {
            return;
        }
        let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        match mac.parse_body_with(parser) {
            Ok(mut arguments) => {
                arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
                mac.tokens = quote::quote!(#arguments);
            }
            Err(error) => self.0 = Some(Error::new(format!("a path is put together in a way not known here: {error}"))),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Call(call) = expr
            && matches!(&*call.func, Expr::Path(path) if path.path.is_ident("encode_path"))
            && let Some(Expr::Reference(text)) = call.args.first()
            && let Expr::MethodCall(to_string) = &*text.expr
        {
            let parameter = &to_string.receiver;
            let name = quote::quote!(#parameter).to_string();
            *expr = parse_quote!(crate::path_segment(#name, &#parameter.to_string())?);
            return;
        }
        visit_expr_mut(self, expr);
    }

    fn visit_item_use_mut(&mut self, item: &mut syn::ItemUse) {
        if let syn::UseTree::Path(path) = &mut item.tree
            && let syn::UseTree::Group(group) = &mut *path.tree
        {
            group.items = std::mem::take(&mut group.items)
                .into_iter()
                .filter(|tree| !matches!(tree, syn::UseTree::Name(name) if name.ident == "encode_path"))
                .collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{after, formatted};

    #[test]
    fn segments_are_checked_and_nothing_else_changes() {
        assert_eq!(
            after(
                super::checked,
                r#"use progenitor_client::{encode_path, ClientHooks};
                   fn get() { let url = format!("{}/a/{}", self.baseurl, encode_path(&a_id.to_string()),); format!("{x}"); vec!["encode_path"]; }"#
            ),
            formatted(
                r#"use progenitor_client::{ClientHooks};
                   fn get() { let url = format!("{}/a/{}", self.baseurl, crate::path_segment("a_id", &a_id.to_string())?,); format!("{x}"); vec!["encode_path"]; }"#
            )
        );
    }
}
