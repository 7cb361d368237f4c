//! Source files as tokens and documentation, with their lines. Tokens of macros are tokens like others, so that code that
//! only a macro makes complete is read as well.

use std::ops::RangeInclusive;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A source file.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) tokens: Vec<Token>,
    /// The lines of documentation comments.
    pub(super) docs: Vec<usize>,
}

/// A token: a word, a mark, a text, or the beginning or end of a group.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// A word without `r#`, and the value of a text.
    pub(super) text: String,
    pub(super) line: usize,
    /// The beginning of the innermost group around it.
    pub(super) within: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Mark,
    Text,
    Open,
    Close,
}

impl Code {
    /// Reads a file. One that is no Rust has no tokens: the compiler says so.
    pub(super) fn read(source: &str) -> Self {
        let mut code = Self::default();
        if let Ok(tokens) = TokenStream::from_str(source) {
            code.add(tokens, None);
        }
        code
    }

    fn add(&mut self, tokens: TokenStream, within: Option<usize>) {
        for token in tokens {
            let line = token.span().start().line;
            match token {
                TokenTree::Group(group) => self.add_group(&group, within),
                TokenTree::Ident(word) => {
                    let text = word.to_string();
                    self.push(Kind::Word, text.strip_prefix("r#").unwrap_or(&text), line, within);
                }
                TokenTree::Punct(mark) => self.push(Kind::Mark, &mark.as_char().to_string(), line, within),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    // Numbers are no texts, and there are many.
                    let text = if text.contains('"') { text_of(TokenTree::Literal(literal)) } else { None };
                    self.push(Kind::Text, &text.unwrap_or_default(), line, within);
                }
            }
        }
    }

    fn add_group(&mut self, group: &proc_macro2::Group, within: Option<usize>) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => return self.add(group.stream(), within),
        };
        if let Some(docs) = documentation(group) {
            let line = group.span_open().start().line;
            return self.docs.extend((0..docs.lines().count()).map(|at| line + at));
        }
        let at = self.tokens.len();
        self.push(Kind::Open, open, group.span_open().start().line, within);
        self.add(group.stream(), Some(at));
        self.push(Kind::Close, close, group.span_close().end().line, within);
    }

    fn push(&mut self, kind: Kind, text: &str, line: usize, within: Option<usize>) {
        self.tokens.push(Token { kind, text: text.to_owned(), line, within });
    }

    /// Returns whether there is this mark, or the beginning or end of a group.
    pub(super) fn is_mark(&self, at: Option<usize>, mark: &str) -> bool {
        at.and_then(|at| self.tokens.get(at)).is_some_and(|token| token.kind != Kind::Text && token.text == mark)
    }

    /// Returns the word before `::` before a token.
    pub(super) fn qualifier(&self, at: usize) -> Option<&str> {
        let is_path = self.is_mark(at.checked_sub(1), ":") && self.is_mark(at.checked_sub(2), ":");
        self.tokens.get(at.checked_sub(3)?).filter(|_| is_path).map(|token| token.text.as_str())
    }

    /// Returns the word before the innermost braces around a token, as of `Volume { … }`.
    pub(super) fn head(&self, at: usize) -> Option<&str> {
        let open = self.tokens[at].within.filter(|open| self.tokens[*open].text == "{")?;
        self.tokens.get(open.checked_sub(1)?).filter(|token| token.kind == Kind::Word).map(|token| token.text.as_str())
    }

    /// Returns the type of the innermost `impl` around a token, which `Self` stands for.
    pub(super) fn self_type(&self, at: usize) -> Option<&str> {
        self.groups_around(at).find_map(|open| {
            let is_before = |token: &&Token| token.within == self.tokens[open].within;
            let header = self.tokens[..open].iter().rev().filter(is_before);
            let header: Vec<_> = header.take_while(|token| !["}", ";"].contains(&token.text.as_str())).collect();
            let begin = header.iter().position(|token| token.kind == Kind::Word && token.text == "impl")?;
            last_of_path(header[..begin].iter().rev().copied())
        })
    }

    /// Returns the beginnings of the groups around a token, the innermost one first.
    fn groups_around(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.tokens[at].within, |open| self.tokens[*open].within)
    }

    /// Returns whether a token is in the braces of a macro, whose words can become any code: `resource! { … }`.
    pub(super) fn is_in_macro(&self, at: usize) -> bool {
        self.groups_around(at).any(|open| self.tokens[open].text == "{" && self.is_mark(open.checked_sub(1), "!"))
    }
}

/// Returns `C` of `<A> B for a::C<D> where …`, after `impl`.
fn last_of_path<'a>(header: impl Iterator<Item = &'a Token>) -> Option<&'a str> {
    let (mut depth, mut last) = (0_i32, None);
    for token in header.take_while(|token| token.text != "where") {
        match token.text.as_str() {
            "<" => depth += 1,
            ">" => depth -= 1,
            word if depth == 0 && token.kind == Kind::Word => last = Some(word),
            _ => {}
        }
    }
    last
}

/// Returns the text of `[doc = "…"]`.
fn documentation(group: &proc_macro2::Group) -> Option<String> {
    let tokens: Vec<_> = group.stream().into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(word), TokenTree::Punct(_), text @ TokenTree::Literal(_)] if word == "doc" => {
            text_of(text.clone())
        }
        _ => None,
    }
}

fn text_of(literal: TokenTree) -> Option<String> {
    syn::parse2::<syn::LitStr>(literal.into()).ok().map(|text| text.value())
}

/// Returns the parts of a Markdown text that are code, with their lines: code spans and code blocks.
pub(super) fn code_in_markdown<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let (mut is_block, mut last) = (false, 0);
    for (line, text) in lines {
        // Documentation of another item.
        is_block &= line <= last + 1;
        last = line;
        if text.trim_start_matches(['/', '!', ' ']).starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            found.push((line, text));
        } else {
            found.extend(text.split('`').skip(1).step_by(2).map(|span| (line, span)));
        }
    }
    found
}

/// Returns the innermost item around a line, such as `types::Volume` or `Volumes::get`, with its first and last line.
pub(super) fn item_at(source: &str, line: usize) -> Option<(String, RangeInclusive<usize>)> {
    let file = syn::parse_file(source).ok()?;
    let mut found = ItemAt { line, path: Vec::new(), found: None };
    found.visit_file(&file);
    found.found
}

struct ItemAt {
    line: usize,
    path: Vec<String>,
    found: Option<(String, RangeInclusive<usize>)>,
}

impl ItemAt {
    fn enter(&mut self, name: String, span: proc_macro2::Span, visit: impl FnOnce(&mut Self)) {
        let lines = span.start().line..=span.end().line;
        if lines.contains(&self.line) {
            self.path.push(name);
            self.found = Some((self.path.join("::"), lines));
            visit(self);
            self.path.pop();
        }
    }
}

impl<'ast> Visit<'ast> for ItemAt {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Const(item) => item.ident.to_string(),
            syn::Item::Enum(item) => item.ident.to_string(),
            syn::Item::Fn(item) => item.sig.ident.to_string(),
            syn::Item::Impl(item) => name_of(&item.self_ty),
            syn::Item::Macro(item) => {
                item.mac.path.segments.last().map_or(String::new(), |it| format!("{}!", it.ident))
            }
            syn::Item::Mod(item) => item.ident.to_string(),
            syn::Item::Static(item) => item.ident.to_string(),
            syn::Item::Struct(item) => item.ident.to_string(),
            syn::Item::Trait(item) => item.ident.to_string(),
            syn::Item::Type(item) => item.ident.to_string(),
            syn::Item::Use(_) => "use".to_owned(),
            _ => return,
        };
        self.enter(name, item.span(), |found| visit::visit_item(found, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.enter(item.sig.ident.to_string(), item.span(), |found| visit::visit_impl_item_fn(found, item));
    }
}

fn name_of(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        _ => "impl".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_lines_and_what_is_around_them() {
        let code = Code::read("let a = Volume {\n r#type: b::C,\n};\nm! { (d) } \"e\"");
        let at = |word: &str| code.tokens.iter().position(|token| token.text == word).unwrap();
        assert_eq!(["a", "type", "C", "d", "e"].map(|word| code.tokens[at(word)].line), [1, 2, 2, 4, 4]);
        assert_eq!((code.head(at("type")), code.head(at("a")), code.head(at("d"))), (Some("Volume"), None, None));
        assert_eq!((code.qualifier(at("C")), code.qualifier(at("b"))), (Some("b"), None));
        assert!(code.is_in_macro(at("d")) && !code.is_in_macro(at("type")));
        assert!(Code::read("no ( Rust").tokens.is_empty());
        let source =
            "impl<A: B> C<A> for d::D<A> where A: E { fn f() { x } } impl G { fn g() -> Self { y } } fn h() { z }";
        let code = Code::read(source);
        let self_type = |word: &str| code.self_type(code.tokens.iter().position(|token| token.text == word).unwrap());
        assert_eq!((self_type("x"), self_type("y"), self_type("z")), (Some("D"), Some("G"), None));
    }

    #[test]
    fn code_in_documentation_is_found_with_its_lines() {
        let source = "/// A `Volume` is\n/// big.\n/// ```\n/// b()\n/// ```\nfn c() {}\n\n/// no `d`\nfn e() {}";
        let code = Code::read(source);
        let lines = code.docs.iter().map(|line| (*line, source.lines().nth(line - 1).unwrap()));
        assert_eq!(code_in_markdown(lines), [(1, "Volume"), (4, "/// b()"), (8, "d")]);
        assert!(code.tokens.iter().all(|token| token.text != "doc"));
        // A block that is not closed ends with its comment.
        let open = [(1, "```"), (2, "a"), (4, "`b` c")];
        assert_eq!(code_in_markdown(open.into_iter()), [(2, "a"), (4, "b")]);
    }

    #[test]
    fn the_innermost_item_around_a_line_is_found() {
        let source = "use a::B;\nmod c {\n impl D {\n  fn e() {\n   f();\n  }\n }\n}\nresource! {\n g\n}\n\n";
        let item = |line| item_at(source, line).map(|(name, lines)| (name, *lines.start(), *lines.end()));
        assert_eq!(item(1), Some(("use".to_owned(), 1, 1)));
        assert_eq!(item(5), Some(("c::D::e".to_owned(), 4, 6)));
        assert_eq!(item(3), Some(("c::D".to_owned(), 3, 7)));
        assert_eq!(item(10), Some(("resource!".to_owned(), 9, 11)));
        assert_eq!(item(12), None);
    }
}
