//! The modules of a crate, as its source files declare them. Code that is compiled only for tests or fuzzing is left out.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, ImplItem, Item, Meta, Stmt, TraitItem};

/// A source file of a crate: a module that has a file of its own.
pub(crate) struct SourceFile {
    /// From the root of the workspace.
    pub(crate) path: String,
    /// The names of the modules from the crate's root to this one, which are none for the root itself.
    pub(crate) module: Vec<String>,
    pub(crate) items: Vec<Item>,
}

/// Reads the crate whose root is the file `root`, out of these paths and texts.
///
/// # Errors
/// If a file does not parse, or a declared module has no file.
pub(crate) fn read(sources: &[(String, String)], root: &str) -> Result<Vec<SourceFile>, String> {
    let mut files = Vec::new();
    let mut open = vec![(root.to_owned(), Vec::new())];
    while let Some((path, module)) = open.pop() {
        let Some((_, text)) = sources.iter().find(|(known, _)| *known == path) else {
            return Err(format!("{path}: there is no such file"));
        };
        let mut file = syn::parse_file(text).map_err(|error| format!("{path} does not parse: {error}"))?;
        WithoutTests.visit_file_mut(&mut file);
        for declared in declared(&file.items, &[]) {
            let place = format!("{}{}", folder_of_children(&path), declared.join("/"));
            let candidates = [format!("{place}.rs"), format!("{place}/mod.rs")];
            let Some(child) = candidates.into_iter().find(|one| sources.iter().any(|(known, _)| known == one)) else {
                return Err(format!("{path} declares the module `{}`, which has no file", declared.join("::")));
            };
            open.push((child, [&module[..], &declared[..]].concat()));
        }
        files.push(SourceFile { path, module, items: file.items });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// Returns the modules that have a file of their own, with the inline modules around their declarations.
fn declared(items: &[Item], within: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for item in items {
        if let Item::Mod(module) = item {
            let path = [within, &[module.ident.to_string()]].concat();
            match &module.content {
                Some((_, items)) => found.extend(declared(items, &path)),
                None => found.push(path),
            }
        }
    }
    found
}

/// Returns the folder of a file's child modules: that of the file itself for `mod.rs` and the roots of crates, `list/` for `list.rs`.
fn folder_of_children(path: &str) -> String {
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => format!("{}/", path.trim_end_matches(".rs")),
    }
}

/// Removes code that is compiled only for tests or fuzzing.
struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain(|item| !is_for_tests(attributes(item)));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_for_tests(attributes(item)));
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        item.items.retain(|item| match item {
            ImplItem::Const(item) => !is_for_tests(&item.attrs),
            ImplItem::Fn(item) => !is_for_tests(&item.attrs),
            ImplItem::Type(item) => !is_for_tests(&item.attrs),
            ImplItem::Macro(item) => !is_for_tests(&item.attrs),
            _ => true,
        });
        visit_mut::visit_item_impl_mut(self, item);
    }

    fn visit_item_trait_mut(&mut self, item: &mut syn::ItemTrait) {
        item.items.retain(|item| match item {
            TraitItem::Const(item) => !is_for_tests(&item.attrs),
            TraitItem::Fn(item) => !is_for_tests(&item.attrs),
            TraitItem::Type(item) => !is_for_tests(&item.attrs),
            TraitItem::Macro(item) => !is_for_tests(&item.attrs),
            _ => true,
        });
        visit_mut::visit_item_trait_mut(self, item);
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|statement| match statement {
            Stmt::Item(item) => !is_for_tests(attributes(item)),
            Stmt::Local(local) => !is_for_tests(&local.attrs),
            Stmt::Macro(invocation) => !is_for_tests(&invocation.attrs),
            Stmt::Expr(..) => true,
        });
        visit_mut::visit_block_mut(self, block);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(cfg) if cfg.path.is_ident("cfg") => {
            cfg.parse_args::<Meta>().is_ok_and(|condition| !possible(&condition).holds)
        }
        meta => meta.path().is_ident("test"),
    })
}

/// The possible results of a condition in a build that is neither for tests nor for fuzzing.
struct Possible {
    holds: bool,
    fails: bool,
}

fn possible(condition: &Meta) -> Possible {
    let Meta::List(list) = condition else {
        let is_for_tests = condition.path().is_ident("test") || condition.path().is_ident("fuzzing");
        return Possible { holds: !is_for_tests, fails: true };
    };
    let parse = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
    let parts: Vec<_> = list.parse_args_with(parse).iter().flatten().map(possible).collect();
    let (holds, fails) = (|part: &Possible| part.holds, |part: &Possible| part.fails);
    if list.path.is_ident("all") {
        Possible { holds: parts.iter().all(holds), fails: parts.iter().any(fails) }
    } else if list.path.is_ident("any") {
        Possible { holds: parts.iter().any(holds), fails: parts.iter().all(fails) }
    } else if list.path.is_ident("not") {
        Possible { holds: parts.iter().any(fails), fails: parts.iter().any(holds) }
    } else {
        Possible { holds: true, fails: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Result<Vec<SourceFile>, String> {
        let sources: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        read(&sources, "src/lib.rs")
    }

    #[test]
    fn the_files_of_all_declared_modules_are_read() {
        let files = crate_of(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a/mod.rs", "mod c;"),
            ("src/a/c.rs", ""),
            ("src/b.rs", "mod inline { mod d; }"),
            ("src/b/inline/d.rs", ""),
            ("src/declared_nowhere.rs", "no Rust"),
        ])
        .unwrap();
        let found: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.module.join("::"))).collect();
        let expected = [
            ("src/a/c.rs", "a::c"),
            ("src/a/mod.rs", "a"),
            ("src/b.rs", "b"),
            ("src/b/inline/d.rs", "b::inline::d"),
            ("src/lib.rs", ""),
        ];
        assert_eq!(found, expected.map(|(path, module)| (path, module.to_owned())));
        assert_eq!(
            crate_of(&[("src/lib.rs", "mod a;")]).err().as_deref(),
            Some("src/lib.rs declares the module `a`, which has no file")
        );
    }

    #[test]
    fn code_for_tests_and_fuzzing_is_left_out() {
        let files = crate_of(&[(
            "src/lib.rs",
            "#[cfg(test)] mod a;\n\
             #[cfg(any(test, fuzzing))] mod b;\n\
             #[cfg(all(unix, test))] fn c() {}\n\
             impl D { #[cfg(test)] fn e() {} fn f() { #[cfg(test)] g(); #[cfg(test)] use h::I; } }\n\
             #[test] fn j() {}\n\
             #[cfg(not(test))] fn kept() {}\n\
             #[cfg(any(test, unix))] fn kept_too() {}",
        )])
        .unwrap();
        let names = files[0].items.iter().filter_map(|item| match item {
            Item::Fn(item) => Some(item.sig.ident.to_string()),
            Item::Impl(item) => Some(format!("{} method", item.items.len())),
            _ => None,
        });
        assert_eq!(names.collect::<Vec<_>>(), ["1 method", "kept", "kept_too"]);
    }
}
