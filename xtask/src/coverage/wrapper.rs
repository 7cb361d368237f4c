//! Reads the wrapper's code: the operations it calls and with which arguments, the fields it sets, the types it names.
//!
//! An operation is called through a function of the bindings' module `requests`, in code or in the arguments of a macro, which
//! are read as if they were code.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};

use crate::modules;

/// The parts of the wrapper's code that coverage needs. Tests do not count.
#[derive(Debug, Default)]
pub(super) struct Wrapper {
    /// The uses of the functions that prepare requests, by function.
    requests: BTreeMap<String, Vec<Use>>,
    /// For each request body of the bindings, the type that wraps it, and the file of that type.
    wraps: BTreeMap<String, (String, String)>,
    /// Fields that the methods of a type assign, by their paths, `metadata.startup_script`, each with the methods.
    assigned: BTreeMap<(String, String), BTreeSet<String>>,
    /// Fields that are set where a struct is created.
    made_with: BTreeSet<(String, String)>,
    /// Types that callers can create themselves.
    exported: BTreeSet<String>,
    /// All identifiers.
    names: BTreeSet<String>,
}

/// A use of a function that prepares requests.
#[derive(Debug)]
struct Use {
    file: String,
    how: How,
}

#[derive(Debug)]
enum How {
    /// It is called with these arguments.
    Called(Vec<String>),
    /// It is used as a value, such as an argument of another function.
    Value,
}

/// The arguments of a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arguments<'a> {
    These(&'a [String]),
    /// Unknown, as where the function is kept in a variable: all count as given.
    All,
}

impl Arguments<'_> {
    /// Returns whether an argument other than `None` is given at this position.
    pub(super) fn has(&self, position: usize) -> bool {
        match self {
            Self::These(arguments) => arguments.get(position).is_some_and(|argument| argument != "None"),
            Self::All => true,
        }
    }
}

impl Wrapper {
    /// Reads the crate whose root is the file `root`.
    pub(super) fn read(sources: &[(String, String)], root: &str) -> Result<Self, String> {
        let mut wrapper = Self::default();
        for file in modules::read(sources, root)? {
            let mut aliases = Aliases::default();
            file.items.iter().for_each(|item| aliases.visit_item(item));
            let mut reader =
                Reader { wrapper: &mut wrapper, file: &file.path, aliases: aliases.0, of: None, method: String::new() };
            file.items.iter().for_each(|item| reader.visit_item(item));
        }
        Ok(wrapper)
    }

    /// Returns the arguments of each call of a function that prepares requests.
    pub(super) fn calls(&self, function: &str) -> Vec<Arguments<'_>> {
        let uses = self.requests.get(function).into_iter().flatten();
        let arguments = uses.map(|one| match &one.how {
            How::Called(arguments) => Arguments::These(arguments),
            How::Value => Arguments::All,
        });
        arguments.collect()
    }

    /// Returns the functions that are used, each with a file that uses it.
    pub(super) fn used(&self) -> impl Iterator<Item = (&str, &str)> {
        let used =
            self.requests.iter().flat_map(|(name, uses)| uses.iter().map(|one| (name.as_str(), one.file.as_str())));
        used.collect::<BTreeSet<_>>().into_iter()
    }

    /// Returns whether callers can set a field of a struct at this path of a request body: through a setter, through an
    /// argument from which the struct is created, or because they create the struct themselves.
    pub(super) fn sets(&self, body: &str, place: &str, name: &str, field: &str) -> bool {
        let pair = |of: &str, field: &str| (of.to_owned(), field.to_owned());
        let is_wrapped = self.setters(body, place).is_some();
        is_wrapped || self.made_with.contains(&pair(name, field)) || self.exported.contains(name)
    }

    /// Returns the methods that set the field at this path of a request body, unless one of them has its name.
    pub(super) fn renamed(&self, body: &str, place: &str, field: &str) -> Option<String> {
        let setters = self.setters(body, place).filter(|setters| !setters.contains(field))?;
        Some(setters.iter().map(|setter| format!("`{setter}`")).collect::<Vec<_>>().join(" and "))
    }

    fn setters(&self, body: &str, place: &str) -> Option<&BTreeSet<String>> {
        let (by, _) = self.wraps.get(body)?;
        self.assigned.get(&(by.clone(), place.to_owned()))
    }

    /// Returns the file of the type that wraps a request body.
    pub(super) fn file_of(&self, body: &str) -> Option<&str> {
        self.wraps.get(body).map(|(_, file)| file.as_str())
    }

    pub(super) fn names(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// The names under which a file imports the bindings' module `requests`.
#[derive(Default)]
struct Aliases(BTreeSet<String>);

impl<'ast> Visit<'ast> for Aliases {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.read(&item.tree, &mut Vec::new());
    }
}

impl Aliases {
    fn read(&mut self, tree: &syn::UseTree, path: &mut Vec<String>) {
        let is_requests = |path: &[String], last: &str| {
            let ends_so = |whole: &[&String]| matches!(whole, [.., bindings, requests] if is_bindings(bindings) && *requests == "requests");
            let whole: Vec<_> = path.iter().collect();
            if last == "self" {
                ends_so(&whole)
            } else {
                last == "requests" && path.last().is_some_and(|last| is_bindings(last))
            }
        };
        match tree {
            syn::UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.read(&inner.tree, path);
                path.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.read(tree, path)),
            syn::UseTree::Name(name) if is_requests(path, &name.ident.to_string()) => {
                self.0.insert("requests".to_owned());
            }
            syn::UseTree::Rename(renamed) if is_requests(path, &renamed.ident.to_string()) => {
                self.0.insert(renamed.rename.to_string());
            }
            _ => {}
        }
    }
}

fn is_bindings(name: &str) -> bool {
    name == "bindings" || name == "genesiscloud_bindings"
}

struct Reader<'a> {
    wrapper: &'a mut Wrapper,
    file: &'a str,
    /// The names of the module `requests` in this file.
    aliases: BTreeSet<String>,
    /// The type whose methods are being read.
    of: Option<String>,
    /// The method that is being read.
    method: String,
}

impl Reader<'_> {
    /// Returns the function of the module `requests` that a path names.
    fn request(&self, path: &syn::Path) -> Option<String> {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        match &names[..] {
            [alias, function] if self.aliases.contains(alias) => Some(function.clone()),
            [.., bindings, requests, function] if is_bindings(bindings) && requests == "requests" => {
                Some(function.clone())
            }
            _ => None,
        }
    }

    fn uses(&mut self, function: String, how: How) {
        let one = Use { file: self.file.to_owned(), how };
        self.wrapper.requests.entry(function).or_default().push(one);
    }

    /// Reads the arguments of a macro as if they were code: uses of functions that prepare requests, a type that wraps a request
    /// body (`struct A(ABody)`), the fields that its setters assign (`self.0.a = …`, `pub fn a(…) = self.0.a;`), and structs that
    /// are created.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let outer = self.of.clone();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(alias) if self.aliases.contains(&alias.to_string()) => {
                    self.request_at(&tokens[at + 1..])
                }
                TokenTree::Ident(word) if word == "struct" => self.wrapper_at(&tokens[at + 1..]),
                TokenTree::Ident(word) if word == "self" => self.assignment_at(&tokens, at),
                TokenTree::Ident(word) if word == "fn" => {
                    self.method = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
                }
                TokenTree::Ident(_) => {
                    let expression = tokens[at..].iter().take(2).cloned().collect();
                    if let Ok(made) = syn::parse2(expression) {
                        self.made(&made);
                    }
                }
                _ => {}
            }
        }
        self.of = outer;
    }

    /// Reads `::a(…)` or `::a` after the name of the module `requests`.
    fn request_at(&mut self, tokens: &[TokenTree]) {
        if let [TokenTree::Punct(one), TokenTree::Punct(two), TokenTree::Ident(function), rest @ ..] = tokens
            && one.as_char() == ':'
            && two.as_char() == ':'
        {
            let how = match rest {
                [TokenTree::Group(arguments), ..] => How::Called(split(arguments.stream())),
                _ => How::Value,
            };
            self.uses(function.to_string(), how);
        }
    }

    /// Reads `A(ABody)` after `struct`. What follows belongs to this type.
    fn wrapper_at(&mut self, tokens: &[TokenTree]) {
        if let [TokenTree::Ident(wrapper), TokenTree::Group(body), ..] = tokens
            && let Some(body) = words(body.stream()).pop()
        {
            self.wrapper.wraps.insert(body, (wrapper.to_string(), self.file.to_owned()));
            self.of = Some(wrapper.to_string());
        }
    }

    /// Reads `self.0.a` before or after `=`.
    fn assignment_at(&mut self, tokens: &[TokenTree], at: usize) {
        let is_punct =
            |token: &TokenTree, wanted: char| matches!(token, TokenTree::Punct(one) if one.as_char() == wanted);
        let is_end = |token: &&TokenTree| is_punct(token, '=') || is_punct(token, ';');
        let place: TokenStream = tokens[at..].iter().take_while(|token| !is_end(token)).cloned().collect();
        let is_before = tokens[at..].iter().find(is_end).is_some_and(|end| is_punct(end, '='));
        let is_after = at > 0 && is_punct(&tokens[at - 1], '=');
        if (is_before || is_after)
            && let Ok(place) = syn::parse2(place)
        {
            self.assigned(&place);
        }
    }

    fn assigned(&mut self, left: &syn::Expr) {
        if let Some(of) = &self.of {
            for place in assigned_places(left) {
                self.wrapper.assigned.entry((of.clone(), place)).or_default().insert(self.method.clone());
            }
        }
    }

    fn made(&mut self, made: &syn::ExprStruct) {
        if let Some(segment) = made.path.segments.last() {
            let is_set = |field: &&syn::FieldValue| field.expr.to_token_stream().to_string() != "None";
            let fields = made.fields.iter().filter(is_set).map(|field| member_name(&field.member));
            self.wrapper.made_with.extend(fields.map(|field| (segment.ident.to_string(), field)));
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let function = match &*call.func {
            syn::Expr::Path(callee) => self.request(&callee.path),
            _ => None,
        };
        match function {
            Some(function) => {
                let arguments = call.args.iter().map(|argument| argument.to_token_stream().to_string()).collect();
                self.uses(function, How::Called(arguments));
            }
            None => self.visit_expr(&call.func),
        }
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(function) = self.request(&path.path) {
            self.uses(function, How::Value);
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.tokens(invocation.tokens.clone());
        visit::visit_macro(self, invocation);
    }

    fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
        self.wrapper.names.insert(name.to_string());
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if let syn::Fields::Unnamed(fields) = &item.fields
            && let [field] = &fields.unnamed.iter().collect::<Vec<_>>()[..]
            && let Some(inner) = last_name(&field.ty)
        {
            self.wrapper.wraps.insert(inner, (item.ident.to_string(), self.file.to_owned()));
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let words = words(item.tree.to_token_stream());
        let is_of_bindings = words.first().is_some_and(|first| is_bindings(first));
        if matches!(item.vis, syn::Visibility::Public(_)) && (is_of_bindings || self.file.ends_with("lib.rs")) {
            self.wrapper.exported.extend(words);
        }
        visit::visit_item_use(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outer = self.of.take();
        self.of = last_name(&item.self_ty);
        visit::visit_item_impl(self, item);
        self.of = outer;
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        self.method = method.sig.ident.to_string();
        visit::visit_impl_item_fn(self, method);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.assigned(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        self.made(made);
        visit::visit_expr_struct(self, made);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        // Names in a definition are used only where the macro is invoked.
        if item.ident.is_none() {
            self.wrapper.names.extend(words(item.mac.tokens.clone()));
            visit::visit_item_macro(self, item);
        }
    }
}

/// Returns the path that is assigned below `self.0`: `a.b` for `self.0.a.get_or_insert_default().b`.
fn assigned_places(left: &syn::Expr) -> Vec<String> {
    fn members(expr: &syn::Expr) -> Vec<String> {
        match expr {
            syn::Expr::Field(field) => [members(&field.base), vec![member_name(&field.member)]].concat(),
            syn::Expr::MethodCall(call) => members(&call.receiver),
            _ => Vec::new(),
        }
    }
    match left {
        syn::Expr::Tuple(several) => several.elems.iter().flat_map(assigned_places).collect(),
        one => match &members(one)[..] {
            // Assigning a nested field sets the outer field as well.
            [zero, place @ ..] if zero == "0" => (1..=place.len()).map(|end| place[..end].join(".")).collect(),
            _ => Vec::new(),
        },
    }
}

fn member_name(member: &syn::Member) -> String {
    member.to_token_stream().to_string()
}

pub(super) fn last_name(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// Splits the arguments of a call in a macro.
fn split(arguments: TokenStream) -> Vec<String> {
    let tokens: Vec<_> = arguments.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
    tokens.split(is_comma).map(|one| one.iter().map(ToString::to_string).collect::<String>()).collect()
}

/// Returns all identifiers in the tokens.
fn words(tokens: TokenStream) -> Vec<String> {
    let words = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Ident(word) => vec![word.to_string()],
        TokenTree::Group(group) => words(group.stream()),
        _ => vec![],
    });
    words.collect()
}
