//! Pass `checked-path-segments`: path parameters are validated where the generated code inserts them, on every way to
//! it.

use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Expr, parse_quote};

use super::syntax::{remove_imports, source};
use crate::error::{Error, Result};

pub(super) fn checked(file: &mut syn::File) -> Result<()> {
    let mut segments = Segments { error: None };
    segments.visit_file_mut(file);
    remove_imports(file, &["encode_path"]);
    segments.error.map_or(Ok(()), Err)
}

/// Replaces `encode_path(&id.to_string())` inside `format!` by `crate::path_segment("id", &id.to_string())?`.
struct Segments {
    error: Option<Error>,
}

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
            Err(error) => {
                self.error = Some(Error::new(format!("the code that formats a path has an unknown form: {error}")));
            }
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Call(call) = expr
            && matches!(&*call.func, Expr::Path(path) if path.path.is_ident("encode_path"))
            && let Some(Expr::Reference(text)) = call.args.first()
            && let Expr::MethodCall(to_string) = &*text.expr
        {
            let parameter = &to_string.receiver;
            let name = source(parameter);
            *expr = parse_quote!(crate::path_segment(#name, &#parameter.to_string())?);
            return;
        }
        visit_expr_mut(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn path_segments_are_checked_and_nothing_else_changes() {
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
