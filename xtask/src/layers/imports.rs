//! Finds the imports between the files of a crate.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

use crate::modules::SourceFile;

/// An item that one file names and another one defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    pub(super) from: String,
    pub(super) to: String,
    /// The module that defines the item, from the crate's root.
    pub(super) module: String,
    /// The item.
    pub(super) name: String,
}

/// Returns all imports between the files of a crate.
pub(super) fn of_crate(files: &[SourceFile]) -> Vec<Import> {
    let modules = Modules::of(files);
    let mut found = BTreeSet::new();
    for (file, source) in files.iter().enumerate() {
        let module = modules.of_path(&source.module);
        let mut reader = Reader { modules: &modules, module, file, targets: BTreeSet::new(), through: BTreeSet::new() };
        source.items.iter().for_each(|item| reader.visit_item(item));
        let targets = reader.with_whole_modules();
        found.extend(targets.into_iter().filter(|target| target.file != file).map(|target| Import {
            from: source.path.clone(),
            to: files[target.file].path.clone(),
            module: modules.path_of(target.module),
            name: target.name,
        }));
    }
    found.into_iter().collect()
}

/// A module, with a file of its own or inline.
#[derive(Debug)]
struct Module {
    name: String,
    parent: Option<usize>,
    /// The index of its file.
    file: usize,
    children: BTreeMap<String, usize>,
    /// The items that it defines.
    items: BTreeSet<String>,
    /// All names in the arguments of its macro invocations, which can define items of these names.
    in_macros: BTreeSet<String>,
    uses: Vec<Use>,
}

/// One name of a `use` declaration.
#[derive(Clone, Debug)]
struct Use {
    path: Vec<String>,
    /// Its name in the module; none for `*`.
    alias: Option<String>,
}

/// The target of a path.
#[derive(Clone, Debug)]
enum Found {
    Module(usize),
    Item(Target),
}

/// An item of the crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    file: usize,
    module: usize,
    name: String,
}

/// All modules; the crate's root is the first.
#[derive(Debug, Default)]
struct Modules(Vec<Module>);

const ROOT: usize = 0;

impl Modules {
    fn of(files: &[SourceFile]) -> Self {
        let mut modules = Self::default();
        // Parents first.
        let mut order: Vec<_> = files.iter().enumerate().collect();
        order.sort_by_key(|(_, file)| file.module.len());
        for (index, file) in order {
            let parent = file.module.split_last().map(|(name, parent)| (name, modules.of_path(parent)));
            let module = modules.add(parent, index);
            modules.items(module, &file.items);
        }
        modules
    }

    fn add(&mut self, parent: Option<(&String, usize)>, file: usize) -> usize {
        let index = self.0.len();
        if let Some((name, parent)) = parent {
            self.0[parent].children.insert(name.clone(), index);
        }
        self.0.push(Module {
            name: parent.map(|(name, _)| name.clone()).unwrap_or_default(),
            parent: parent.map(|(_, parent)| parent),
            file,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            in_macros: BTreeSet::new(),
            uses: Vec::new(),
        });
        index
    }

    fn items(&mut self, module: usize, items: &[Item]) {
        for item in items {
            let name = match item {
                Item::Const(item) => Some(&item.ident),
                Item::Enum(item) => Some(&item.ident),
                Item::Fn(item) => Some(&item.sig.ident),
                Item::Macro(item) => {
                    if item.ident.is_none() {
                        names(item.mac.tokens.clone(), &mut self.0[module].in_macros);
                    }
                    item.ident.as_ref()
                }
                Item::Static(item) => Some(&item.ident),
                Item::Struct(item) => Some(&item.ident),
                Item::Trait(item) => Some(&item.ident),
                Item::TraitAlias(item) => Some(&item.ident),
                Item::Type(item) => Some(&item.ident),
                Item::Union(item) => Some(&item.ident),
                Item::Mod(inline) => {
                    if let Some((_, items)) = &inline.content {
                        let child = self.add(Some((&inline.ident.to_string(), module)), self.0[module].file);
                        self.items(child, items);
                    }
                    continue;
                }
                _ => None,
            };
            self.0[module].items.extend(name.map(ToString::to_string));
            let mut uses = Uses(Vec::new());
            uses.visit_item(item);
            self.0[module].uses.extend(uses.0);
        }
    }

    fn of_path(&self, path: &[String]) -> usize {
        path.iter().fold(ROOT, |module, name| self.0[module].children[name])
    }

    fn path_of(&self, module: usize) -> String {
        match self.0[module].parent {
            None => "crate".to_owned(),
            Some(ROOT) => self.0[module].name.clone(),
            Some(parent) => format!("{}::{}", self.path_of(parent), self.0[module].name),
        }
    }

    /// Resolves a path that is written in this module. Returns none if it leads out of the crate.
    fn resolve(&self, module: usize, path: &[String], seen: &mut BTreeSet<(usize, String)>) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let mut found = match first.as_str() {
            "crate" => Found::Module(ROOT),
            "self" => Found::Module(module),
            "super" => Found::Module(self.0[module].parent?),
            name => self.name(module, name, rest.is_empty(), seen)?,
        };
        for (at, name) in rest.iter().enumerate() {
            found = match found {
                Found::Module(inner) if name == "super" => Found::Module(self.0[inner].parent?),
                Found::Module(inner) if name == "self" => Found::Module(inner),
                Found::Module(inner) => self.name(inner, name, at + 1 == rest.len(), seen)?,
                // Variants, methods and constants of the item.
                item => return Some(item),
            };
        }
        Some(found)
    }

    /// Resolves a name in a module, which defines or imports it.
    fn name(&self, module: usize, name: &str, is_last: bool, seen: &mut BTreeSet<(usize, String)>) -> Option<Found> {
        let Module { children, items, in_macros, uses, file, .. } = &self.0[module];
        let child = children.get(name).map(|child| Found::Module(*child));
        let target = || Found::Item(Target { file: *file, module, name: name.to_owned() });
        let item = items.contains(name).then(target);
        let own = if is_last { item.or(child) } else { child.or(item) };
        if own.is_some() || !seen.insert((module, name.to_owned())) {
            return own;
        }
        let mut imported = uses.iter().filter(|one| one.alias.as_deref() == Some(name));
        let mut globs = uses.iter().filter(|one| one.alias.is_none());
        // A name that is imported explicitly means that import, even if it leads out of the crate.
        if let Some(first) = imported.next() {
            let found = self.resolve(module, &first.path, seen);
            return found.or_else(|| imported.find_map(|one| self.resolve(module, &one.path, seen)));
        }
        let by_glob = globs.find_map(|one| match self.resolve(module, &one.path, seen)? {
            Found::Module(from) => self.name(from, name, is_last, seen),
            Found::Item(_) => None,
        });
        by_glob.or_else(|| in_macros.contains(name).then(target))
    }
}

/// Adds all identifiers in the tokens.
fn names(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => drop(found.insert(name.to_string())),
            TokenTree::Group(group) => names(group.stream(), found),
            _ => {}
        }
    }
}

/// Collects the `use` declarations of an item, those inside functions included. Inline modules have their own.
struct Uses(Vec<Use>);

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            flatten(&item.tree, &mut Vec::new(), &mut self.0);
        }
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}
}

fn flatten(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Use>) {
    let mut add = |last: Option<String>, alias: Option<String>| {
        let whole = path.iter().cloned().chain(last.filter(|last| last != "self")).collect();
        found.push(Use { path: whole, alias });
    };
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            flatten(&inner.tree, path, found);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path, found)),
        UseTree::Name(name) if name.ident == "self" => add(None, path.last().cloned()),
        UseTree::Name(name) => add(Some(name.ident.to_string()), Some(name.ident.to_string())),
        UseTree::Rename(renamed) => add(Some(renamed.ident.to_string()), Some(renamed.rename.to_string())),
        UseTree::Glob(_) => add(None, None),
    }
}

/// Reads the code of one file.
struct Reader<'a> {
    modules: &'a Modules,
    module: usize,
    file: usize,
    targets: BTreeSet<Target>,
    /// The first names of the paths that were resolved, and the modules in which these are written.
    through: BTreeSet<(usize, String)>,
}

impl Reader<'_> {
    fn path(&mut self, path: &[String]) {
        if let Some(Found::Item(target)) = self.modules.resolve(self.module, path, &mut BTreeSet::new()) {
            self.targets.insert(target);
            self.through.extend(path.first().map(|first| (self.module, first.clone())));
        }
    }

    /// Returns the imported items, and the modules that are imported without a path through them.
    fn with_whole_modules(mut self) -> BTreeSet<Target> {
        for (module, Module { file, uses, .. }) in
            self.modules.0.iter().enumerate().filter(|(_, one)| one.file == self.file)
        {
            for Use { path, alias } in uses {
                let Some(alias) = alias else { continue };
                let found = self.modules.resolve(module, path, &mut BTreeSet::new());
                if let Some(Found::Module(whole)) = found
                    && self.modules.0[whole].file != *file
                    && !self.through.contains(&(module, alias.clone()))
                {
                    let Module { file, name, parent, .. } = &self.modules.0[whole];
                    let name = name.clone();
                    self.targets.insert(Target { file: *file, module: parent.unwrap_or(ROOT), name });
                }
            }
        }
        self.targets
    }

    /// Reads the paths in the arguments of a macro, or in its definition. There only `crate`, `self` and `super` count, because
    /// other names are resolved where the macro is used.
    fn tokens(&mut self, tokens: TokenStream, is_definition: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let is_punct =
            |at: usize, mark: char| matches!(tokens.get(at), Some(TokenTree::Punct(found)) if found.as_char() == mark);
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream(), is_definition),
                TokenTree::Ident(first) => {
                    let is_field = at > 0 && is_punct(at - 1, '.');
                    let is_variable = at > 0 && is_punct(at - 1, '$') && first != "crate";
                    let mut path = vec![first.to_string()];
                    while is_punct(at + 1, ':')
                        && is_punct(at + 2, ':')
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    let is_from_root = matches!(path[0].as_str(), "crate" | "self" | "super");
                    if !is_field && !is_variable && (is_from_root || !is_definition) {
                        self.path(&path);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, inline: &'ast syn::ItemMod) {
        if inline.content.is_some() {
            let outer = self.module;
            self.module = self.modules.0[outer].children[&inline.ident.to_string()];
            visit::visit_item_mod(self, inline);
            self.module = outer;
        }
    }

    /// Reads private imports. A re-export is no import; if the item is used here as well, the path that names it is one.
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if matches!(item.vis, Visibility::Inherited) && item.leading_colon.is_none() {
            let mut uses = Vec::new();
            flatten(&item.tree, &mut Vec::new(), &mut uses);
            for one in uses.into_iter().filter(|one| one.alias.is_some()) {
                if let Some(Found::Item(target)) = self.modules.resolve(self.module, &one.path, &mut BTreeSet::new()) {
                    self.targets.insert(target);
                }
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.path(&names);
        }
        visit::visit_path(self, path);
    }

    /// The paths in `pub(super)` and `pub(in …)` are no imports.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        let is_definition = invocation.path.is_ident("macro_rules");
        self.tokens(invocation.tokens.clone(), is_definition);
        visit::visit_macro(self, invocation);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone(), false);
            // Such as `#[serde(with = "crate::time")]`.
            for token in list.tokens.clone() {
                if let TokenTree::Literal(literal) = token
                    && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                    && let Ok(path) = text.parse::<syn::Path>()
                {
                    self.visit_path(&path);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;

    /// Returns the imports of a crate of these files: importing file, defining file, item.
    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let imports = of_crate(&modules::read(&sources, "lib.rs").unwrap());
        imports.iter().map(|Import { from, to, name, .. }| format!("{from} {to} {name}")).collect()
    }

    /// Returns the imports of `a.rs` with this text, in a crate where `b` re-exports `C` of `b/c.rs`, and the root all of `b`.
    fn of_a(text: &str) -> Vec<String> {
        let files = [
            ("lib.rs", "mod a; mod b; pub use b::*;"),
            ("a.rs", text),
            ("b/mod.rs", "mod c; pub use self::c::C; pub fn d() {} pub mod e { pub use super::c::C as F; }"),
            ("b/c.rs", "pub enum C { V }"),
        ];
        imports(&files)
    }

    #[test]
    fn an_item_is_imported_from_the_file_that_defines_it() {
        for text in [
            "use crate::C;",
            "use crate::b::C as X;",
            "use super::b::{C};",
            "use crate::b; fn f(_: b::C) {}",
            "fn f() { crate::C::V; }",
            "fn f() { use crate::b::e::F; }",
            "use crate::b::*; type T = C;",
            "use crate::b::e as g; type T = Option<g::F>;",
            "fn f() { assert!(matches!(x, crate::C::V)); }",
            "macro_rules! m { () => { $crate::b::C }; }",
            "#[serde(with = \"crate::b::C\")] struct S;",
        ] {
            assert_eq!(of_a(text), ["a.rs b/c.rs C"], "{text}");
        }
        assert_eq!(of_a("use crate::b::{self, C}; fn f() { b::d(); }"), ["a.rs b/c.rs C", "a.rs b/mod.rs d"]);
    }

    #[test]
    fn other_paths_are_no_imports() {
        for text in [
            "pub use crate::b::C;",
            "pub(crate) mod x { pub(in crate::a) fn f() { super::g(); } } fn g() {}",
            "use b::C;",
            "use ::b::C;",
            "fn f() { x.C; }",
            "macro_rules! m { ($C:ident) => { C }; }",
            "#[cfg(test)] mod tests { use crate::b::C; }",
        ] {
            assert_eq!(of_a(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn importing_a_whole_module_counts_as_importing_its_file() {
        assert_eq!(of_a("use crate::b as whole;"), ["a.rs b/mod.rs b"]);
    }

    #[test]
    fn a_file_imports_a_re_exported_item_only_if_it_uses_it() {
        let imports_with_root = |text| imports(&[("lib.rs", text), ("a.rs", "pub struct A; pub use crate::B;")]);
        assert_eq!(imports_with_root("mod a; pub use a::A;"), [""; 0]);
        assert_eq!(imports_with_root("mod a; pub use a::A; fn f(_: A) {}"), ["lib.rs a.rs A"]);
        assert_eq!(imports_with_root("mod a; fn f() { a::A; }"), ["lib.rs a.rs A"]);
    }

    #[test]
    fn an_item_defined_by_a_macro_belongs_to_the_file_that_invokes_it() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use b::*;"),
            ("a.rs", "fn f(_: crate::Made, _: crate::Other, _: crate::Text) {}"),
            ("b.rs", "use std::Text; make! { struct Made of Text; }"),
        ];
        assert_eq!(imports(&files), ["a.rs b.rs Made"]);
    }

    #[test]
    fn cyclic_re_exports_resolve_to_nothing() {
        assert_eq!(
            imports(&[("lib.rs", "mod a; pub use a::*;"), ("a.rs", "pub use crate::*; use crate::X;")]),
            [""; 0]
        );
    }
}
