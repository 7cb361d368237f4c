//! Pass `prepared-requests`: moves the code that builds a request from each method of the client into a function.
//!
//! Progenitor generates one method per operation, which builds a request, sends it and decodes the response:
//!
//! ```text
//! pub async fn get_a<'a>(&'a self, id: &'a str) -> Result<ResponseValue<types::A>, Error<()>> {
//!     let url = format!(…);
//!     let mut header_map = …;
//!     let mut request = self.request(GET, url).header(ACCEPT, …).headers(header_map).build()?;
//!     let info = OperationInfo { … };
//!     … // hooks, sending and decoding
//! }
//! ```
//!
//! This pass moves all that precedes `info` and replaces the rest by a call of the hand-written `Client::send`:
//!
//! ```text
//! pub async fn get_a<'a>(&'a self, id: &'a str) -> Result<ResponseValue<types::A>, Error<()>> {
//!     self.send(requests::get_a(self, id)).await
//! }
//!
//! pub mod requests {
//!     /// Prepares the request of [`Client::get_a`].
//!     pub fn get_a<'a>(client: &'a Client, id: &'a str) -> crate::PreparedRequest<types::A> {
//!         crate::PreparedRequest::with_json_response(operations::GET_A, || {
//!             let url = format!(…);
//!             Ok(client.request(GET, url).build()?)
//!         })
//!     }
//! }
//! ```
//!
//! It drops two headers: `api-version`, which progenitor sends to any API and this one does not know, and `Accept`,
//! which progenitor omits where a success has no body, although an error response has one. The transport sets `Accept`
//! on all requests.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Expr, FnArg, ImplItem, ImplItemFn, Item, ItemFn, Pat, ReturnType, Stmt, Type, parse_quote};

use super::syntax::{client_impls_mut, remove_imports, source};
use crate::error::{Error, Result};
use crate::names::constant_name;

pub(super) fn prepare(file: &mut syn::File) -> Result<()> {
    // Progenitor generates no such module, so its presence means that the pass has been applied.
    if file.items.iter().any(|item| matches!(item, Item::Mod(module) if module.ident == "requests")) {
        return Ok(());
    }
    let mut functions = Vec::new();
    for item in client_impls_mut(file).flat_map(|block| &mut block.items) {
        if let ImplItem::Fn(method) = item
            && method.sig.asyncness.is_some()
        {
            functions.push(split(method)?);
        }
    }
    // The hooks are no longer called: neither their names nor the assertion that they exist is needed.
    file.items.retain(|item| !matches!(item, Item::Const(constant) if constant.ident == "_"));
    remove_imports(file, &["ClientHooks", "OperationInfo"]);
    file.items.push(parse_quote! {
        /// Functions that prepare the request of each operation. None of them sends anything.
        pub mod requests {
            use super::*;
            #(#functions)*
        }
    });
    Ok(())
}

/// Reduces a method to the call that sends its request, and returns the function that prepares the request.
fn split(method: &mut ImplItemFn) -> Result<ItemFn> {
    let name = method.sig.ident.clone();
    let unknown = |problem: &str| Error::new(format!("the generated method `{name}` {problem}"));
    let body = success_body(&method.sig.output)
        .ok_or_else(|| unknown("does not return `Result<ResponseValue<T>, Error<()>>` with a `T` decoded from JSON"))?;
    let parameters: Vec<FnArg> = method.sig.inputs.iter().skip(1).cloned().collect();
    let arguments = parameters.iter().map(argument).collect::<Option<Vec<_>>>();
    let arguments = arguments.ok_or_else(|| unknown("has a parameter without a name"))?;
    let build = build_steps(&method.block.stmts)
        .ok_or_else(|| unknown("does not build its request in a `let` statement before `let info`"))?;

    method.block = parse_quote!({ self.send(requests::#name(self, #(#arguments),*)).await });
    // A program compiles the operations that it uses, and the crate of the bindings none.
    method.attrs.push(parse_quote!(#[inline]));

    let client =
        Ident::new(if arguments.iter().any(|one| one == "client") { "_client" } else { "client" }, Span::call_site());
    let build = renamed(build, "self", &client);
    let generics = &method.sig.generics;
    let operation = format_ident!("{}", constant_name(&name.to_string()));
    let constructor =
        format_ident!("{}", if source(&body) == "()" { "with_empty_response" } else { "with_json_response" });
    let doc = format!(" Prepares the request of [`Client::{name}`].");
    Ok(parse_quote! {
        #[doc = #doc]
        #[inline]
        pub fn #name #generics(#client: &'a Client, #(#parameters),*) -> crate::PreparedRequest<#body> {
            crate::PreparedRequest::#constructor(operations::#operation, || { #build })
        }
    })
}

/// `T` of the return type `Result<ResponseValue<T>, Error<()>>`, except where it is a stream of bytes.
fn success_body(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, result) = output else { return None };
    let [response, error] = &type_arguments(result, "Result")?[..] else { return None };
    let [body] = &type_arguments(response, "ResponseValue")?[..] else { return None };
    let is_supported =
        source(error) == "Error < () >" && !["ByteStream", "reqwest :: Upgraded"].contains(&&*source(body));
    is_supported.then(|| body.clone())
}

/// The arguments of a generic type with this name.
fn type_arguments(ty: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let types = arguments.args.iter().map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    types.collect()
}

/// The name of a parameter.
fn argument(parameter: &FnArg) -> Option<Ident> {
    match parameter {
        FnArg::Typed(parameter) => pattern_name(&parameter.pat),
        FnArg::Receiver(_) => None,
    }
}

fn pattern_name(pattern: &Pat) -> Option<Ident> {
    match pattern {
        Pat::Ident(pattern) => Some(pattern.ident.clone()),
        _ => None,
    }
}

/// The statements that build a request, ending with `Ok(request)`.
fn build_steps(statements: &[Stmt]) -> Option<TokenStream> {
    let end = statements.iter().position(|statement| declares(statement, "info"))?;
    let [steps @ .., Stmt::Local(request)] = &statements[..end] else { return None };
    let mut request = (*request.init.as_ref()?.expr).clone();

    let mut steps: Vec<&Stmt> = steps.iter().filter(|step| !source(step).contains("Self :: api_version ()")).collect();
    // One statement creates the map, and others fill it if the operation has header parameters.
    let has_headers = steps.iter().filter(|step| mentions(step.to_token_stream(), "header_map")).count() > 1;
    if !has_headers {
        steps.retain(|step| !declares(step, "header_map"));
    }
    RemoveHeaders { header_map: !has_headers }.visit_expr_mut(&mut request);
    Some(quote!(#(#steps)* Ok(#request)))
}

/// Whether a statement is `let name = …`.
fn declares(statement: &Stmt, name: &str) -> bool {
    matches!(statement, Stmt::Local(local) if pattern_name(&local.pat).is_some_and(|declared| declared == name))
}

/// Removes calls of the request builder: `.header(ACCEPT, …)` and, if it is unused, `.headers(header_map)`.
struct RemoveHeaders {
    header_map: bool,
}

impl VisitMut for RemoveHeaders {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        while let Expr::MethodCall(call) = &*expr
            && let Some(first) = call.args.first()
            && ((call.method == "header" && source(first) == ":: reqwest :: header :: ACCEPT")
                || (call.method == "headers" && self.header_map))
        {
            *expr = (*call.receiver).clone();
        }
        visit_expr_mut(self, expr);
    }
}

/// Whether an identifier occurs in code, also inside macros.
fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Replaces an identifier in code, also inside macros.
fn renamed(tokens: TokenStream, from: &str, to: &Ident) -> TokenStream {
    let rename = |token| match token {
        TokenTree::Ident(ident) if ident == from => TokenTree::Ident(to.clone()),
        TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), renamed(group.stream(), from, to))),
        other => other,
    };
    tokens.into_iter().map(rename).collect()
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};
    use super::prepare;

    /// A method as progenitor generates it.
    fn method(name: &str, parameters: &str, body: &str, headers: &str, request: &str) -> String {
        format!(
            r#"pub async fn {name}<'a>(&'a self, {parameters}) -> Result<ResponseValue<{body}>, Error<()>> {{
                let url = format!("{{}}/a/{{}}", self.baseurl, crate::path_segment("id", &id.to_string())?);
                let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
                header_map.append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                );
                {headers}
                #[allow(unused_mut)]
                let mut request = self.{request}.headers(header_map).build()?;
                let info = OperationInfo {{ operation_id: "{name}" }};
                self.pre(&mut request, &info).await?;
                let result = self.exec(request, &info).await;
                self.post(&result, &info).await?;
                let response = result?;
                match response.status().as_u16() {{
                    200u16..=299u16 => ResponseValue::from_response(response).await,
                    _ => Err(Error::UnexpectedResponse(response)),
                }}
            }}"#
        )
    }

    const ACCEPT: &str =
        r#"header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static("application/json"))"#;

    fn error(code: &str) -> String {
        prepare(&mut syn::parse_str(code).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn a_method_with_path_query_and_body_is_split() {
        let parameters = "id: &'a str, page: Option<i64>, body: &'a types::B";
        let query = r#"query(&progenitor_client::QueryParam::new("page", &page))"#;
        let method = method("put_a", parameters, "types::A", "", &format!("put(url).{ACCEPT}.json(&body).{query}"));
        assert_eq!(
            after(prepare, &format!("impl Client {{ {method} }}")),
            formatted(&format!(
                r#"impl Client {{
                    #[inline]
                    pub async fn put_a<'a>(&'a self, {parameters}) -> Result<ResponseValue<types::A>, Error<()>> {{
                        self.send(requests::put_a(self, id, page, body)).await
                    }}
                }}
                /// Functions that prepare the request of each operation. None of them sends anything.
                pub mod requests {{
                    use super::*;
                    /// Prepares the request of [`Client::put_a`].
                    #[inline]
                    pub fn put_a<'a>(client: &'a Client, {parameters}) -> crate::PreparedRequest<types::A> {{
                        crate::PreparedRequest::with_json_response(operations::PUT_A, || {{
                            let url = format!(
                                "{{}}/a/{{}}", client.baseurl, crate::path_segment("id", &id.to_string())?
                            );
                            Ok(client.put(url).json(&body).{query}.build()?)
                        }})
                    }}
                }}"#
            ))
        );
    }

    #[test]
    fn a_method_without_a_response_body_ignores_what_it_receives() {
        let code = format!("impl Client {{ {} }}", method("delete_a", "id: &'a str", "()", "", "delete(url)"));
        let code = after(prepare, &code);
        assert!(code.contains("-> crate::PreparedRequest<()>"), "{code}");
        assert!(code.contains("with_empty_response("), "{code}");
        assert!(code.contains("operations::DELETE_A"), "{code}");
        assert!(code.contains("Ok(client.delete(url).build()?)"), "{code}");
    }

    #[test]
    fn header_parameters_are_kept() {
        let header = r#"header_map.append("x-trace", trace.to_string().try_into()?);"#;
        let method = method("get_a", "id: &'a str, trace: &'a str", "types::A", header, &format!("get(url).{ACCEPT}"));
        let code = after(prepare, &format!("impl Client {{ {method} }}"));
        assert!(code.contains("let mut header_map") && code.contains(header), "{code}");
        assert!(code.contains("Ok(client.get(url).headers(header_map).build()?)"), "{code}");
        assert!(!code.contains("api-version") && !code.contains("ACCEPT"), "{code}");
    }

    #[test]
    fn a_parameter_called_client_does_not_collide() {
        let method = method("get_a", "id: &'a str, client: &'a str", "types::A", "", "get(url)");
        let code = after(prepare, &format!("impl Client {{ {method} }}"));
        assert!(code.contains("_client: &'a Client"), "{code}");
        assert!(code.contains("Ok(_client.get(url).build()?)"), "{code}");
    }

    #[test]
    fn hooks_are_removed_and_other_code_is_kept() {
        assert_eq!(
            after(
                prepare,
                "use progenitor_client::{ClientHooks, OperationInfo, RequestBuilderExt};
                 impl Client { pub fn new_with_client() {} }
                 impl Other { pub async fn other() {} }
                 const _: () = { fn assert_client_hooks() where Client: ClientHooks<()> {} };"
            ),
            formatted(
                "use progenitor_client::{RequestBuilderExt};
                 impl Client { pub fn new_with_client() {} }
                 impl Other { pub async fn other() {} }
                 /// Functions that prepare the request of each operation. None of them sends anything.
                 pub mod requests { use super::*; }"
            )
        );
    }

    #[test]
    fn applying_the_pass_twice_changes_nothing_more() {
        let once =
            after(prepare, &format!("impl Client {{ {} }}", method("get_a", "id: &'a str", "()", "", "get(url)")));
        assert_eq!(after(prepare, &once), once);
    }

    #[test]
    fn a_method_of_an_unknown_form_is_an_error_that_names_it() {
        let returns = "does not return `Result<ResponseValue<T>, Error<()>>` with a `T` decoded from JSON";
        for body in ["types::A>, Error<types::E>", "ByteStream>, Error<()>", "reqwest::Upgraded>, Error<()>"] {
            let code = format!("impl Client {{ async fn get_a(&self) -> Result<ResponseValue<{body}> {{}} }}");
            assert_eq!(error(&code), format!("the generated method `get_a` {returns}"));
        }
        assert_eq!(
            error("impl Client { async fn get_a(&self) {} }"),
            format!("the generated method `get_a` {returns}")
        );
        let output = "Result<ResponseValue<()>, Error<()>>";
        assert_eq!(
            error(&format!("impl Client {{ async fn get_a(&self, (id, _): (u8, u8)) -> {output} {{}} }}")),
            "the generated method `get_a` has a parameter without a name"
        );
        for block in ["let request = build();", "let info = 1;", "let request; let info = 1;", "build(); let info = 1;"]
        {
            assert_eq!(
                error(&format!("impl Client {{ async fn get_a(&self) -> {output} {{ {block} }} }}")),
                "the generated method `get_a` does not build its request in a `let` statement before `let info`"
            );
        }
    }
}
