//! What the wrapper's code reaches: the raw methods it calls and with what, the fields it sets, the types it names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};

/// The wrapper's code, as far as it matters here. Its tests do not count.
#[derive(Debug, Default)]
pub(super) struct Wrapper {
    /// Arguments of each call of a raw method.
    calls: BTreeMap<String, Vec<Vec<String>>>,
    /// Macros that call a raw method which they are given, and its arguments.
    macros: BTreeMap<String, Vec<String>>,
    invocations: Vec<Invocation>,
    /// For each request body of the bindings, the type that wraps it, and the file it is in.
    wraps: BTreeMap<String, (String, String)>,
    /// Fields assigned in the methods of a type, by their places: `metadata.startup_script`.
    assigned: BTreeSet<(String, String)>,
    /// Fields that a struct is made with.
    made_with: BTreeSet<(String, String)>,
    /// Types that users can make themselves.
    exported: BTreeSet<String>,
    /// All names there are.
    names: BTreeSet<String>,
    /// Operations by their ids, and the file that names each.
    pub(super) operations: BTreeSet<(String, String)>,
}

/// What a macro is given.
#[derive(Debug)]
struct Invocation {
    name: String,
    words: Vec<String>,
    texts: Vec<String>,
    file: String,
}

impl Wrapper {
    pub(super) fn read(sources: &[(String, String)]) -> Result<Self, String> {
        let mut wrapper = Self::default();
        for (path, source) in sources {
            let file = syn::parse_file(source).map_err(|error| format!("{path} does not parse: {error}"))?;
            Reader { wrapper: &mut wrapper, file: path, of: None }.visit_file(&file);
        }
        // The texts that a macro is given which calls a raw method are the ids of operations.
        for Invocation { texts, file, .. } in
            wrapper.invocations.iter().filter(|one| wrapper.macros.contains_key(&one.name))
        {
            wrapper.operations.extend(texts.iter().map(|id| (id.clone(), file.clone())));
        }
        Ok(wrapper)
    }

    /// With what a raw method is called, each time.
    pub(super) fn calls(&self, method: &str) -> Vec<&Vec<String>> {
        let by_macro = self.invocations.iter().filter(|one| one.words.iter().any(|word| word == method));
        let by_macro = by_macro.filter_map(|one| self.macros.get(&one.name));
        self.calls.get(method).into_iter().flatten().chain(by_macro).collect()
    }

    /// Whether a field of a struct can be set by callers, which stands at this place in a request body: by a setter, by what
    /// the struct is made with, or because callers make it themselves.
    pub(super) fn sets(&self, body: &str, place: &str, name: &str, field: &str) -> bool {
        let pair = |of: &str, field: &str| (of.to_owned(), field.to_owned());
        let wrapped = self.wraps.get(body).is_some_and(|(by, _)| self.assigned.contains(&pair(by, place)));
        wrapped || self.made_with.contains(&pair(name, field)) || self.exported.contains(name)
    }

    /// The file of the type that wraps a request body.
    pub(super) fn file_of(&self, body: &str) -> Option<&str> {
        self.wraps.get(body).map(|(_, file)| file.as_str())
    }

    pub(super) fn names(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

struct Reader<'a> {
    wrapper: &'a mut Wrapper,
    file: &'a str,
    /// The type whose methods are being read.
    of: Option<String>,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
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
        if matches!(item.vis, syn::Visibility::Public(_)) && self.file.ends_with("lib.rs") {
            let words = words(item.tree.to_token_stream());
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

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if matches!(&*call.receiver, syn::Expr::Field(field) if is_named(&field.member, "raw")) {
            let arguments = call.args.iter().map(|argument| argument.to_token_stream().to_string()).collect();
            self.wrapper.calls.entry(call.method.to_string()).or_default().push(arguments);
        }
        if call.method == "call"
            && let Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(id), .. })) = call.args.first()
        {
            self.wrapper.operations.insert((id.value(), self.file.to_owned()));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        if let Some(of) = self.of.clone() {
            let places = assigned_places(&assign.left);
            self.wrapper.assigned.extend(places.into_iter().map(|place| (of.clone(), place)));
        }
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        if let Some(segment) = made.path.segments.last() {
            let is_set = |field: &&syn::FieldValue| field.expr.to_token_stream().to_string() != "None";
            let fields = made.fields.iter().filter(is_set).map(|field| member_name(&field.member));
            self.wrapper.made_with.extend(fields.map(|field| (segment.ident.to_string(), field)));
        }
        visit::visit_expr_struct(self, made);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        match &item.ident {
            Some(defined) => {
                if let Some(arguments) = raw_call(item.mac.tokens.clone()) {
                    self.wrapper.macros.insert(defined.to_string(), arguments);
                }
            }
            None => {
                let (words, texts) = (words(item.mac.tokens.clone()), texts(item.mac.tokens.clone()));
                self.wrapper.names.extend(words.iter().cloned());
                self.wrapper.invocations.push(Invocation { name, words, texts, file: self.file.to_owned() });
            }
        }
    }
}

/// What is assigned to, below `self.0`: `self.0.a.get_or_insert_default().b` is `a.b`.
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
            // What is set in something sets that as well.
            [zero, place @ ..] if zero == "0" => (1..=place.len()).map(|end| place[..end].join(".")).collect(),
            _ => Vec::new(),
        },
    }
}

fn member_name(member: &syn::Member) -> String {
    member.to_token_stream().to_string()
}

fn is_named(member: &syn::Member, name: &str) -> bool {
    matches!(member, syn::Member::Named(member) if member == name)
}

fn is_for_tests(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && words(attribute.meta.to_token_stream()).iter().any(|word| word == "test")
}

fn last_name(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The arguments of `raw.$method(…)` in the definition of a macro.
fn raw_call(tokens: TokenStream) -> Option<Vec<String>> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let called = tokens.windows(5).find_map(|five| match five {
        [
            TokenTree::Ident(raw),
            TokenTree::Punct(dot),
            TokenTree::Punct(dollar),
            TokenTree::Ident(_),
            TokenTree::Group(all),
        ] if raw == "raw" && dot.as_char() == '.' && dollar.as_char() == '$' => Some(all.stream()),
        _ => None,
    });
    let split = |arguments: TokenStream| {
        let tokens: Vec<_> = arguments.into_iter().collect();
        let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
        tokens.split(is_comma).map(|one| one.iter().map(ToString::to_string).collect::<String>()).collect()
    };
    called.map(split).or_else(|| {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => raw_call(group.stream()),
            _ => None,
        })
    })
}

/// All words in there.
fn words(tokens: TokenStream) -> Vec<String> {
    let words = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Ident(word) => vec![word.to_string()],
        TokenTree::Group(group) => words(group.stream()),
        _ => vec![],
    });
    words.collect()
}

/// All texts in there.
fn texts(tokens: TokenStream) -> Vec<String> {
    let texts = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Literal(literal) => {
            syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
        }
        _ => None,
    });
    texts.collect()
}
