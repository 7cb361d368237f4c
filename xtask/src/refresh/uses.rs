//! Searches code, documentation and texts for names of the bindings.
//!
//! What is found is certain or possible. `vm.billing_type` is certain to be the field `Instance.billing_type` if no other type
//! has such a field or the file names `Instance`; otherwise it is possible, since only the compiler knows the type of `vm`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::code::{self, Code, Kind};
use crate::bindings::{self, Inventory, Item};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

/// Where a name is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    pub(super) certain: BTreeSet<Place>,
    pub(super) possible: BTreeSet<Place>,
    /// In READMEs, guides and documentation comments, as code.
    pub(super) docs: BTreeSet<Place>,
    pub(super) possible_docs: BTreeSet<Place>,
}

impl Uses {
    pub(super) fn add(&mut self, other: Self) {
        self.certain.extend(other.certain);
        self.possible.extend(other.possible);
        self.docs.extend(other.docs);
        self.possible_docs.extend(other.possible_docs);
        self.in_order();
    }

    /// What is certain is not possible as well.
    fn in_order(&mut self) {
        self.possible.retain(|place| !self.certain.contains(place));
        self.possible_docs.retain(|place| !self.docs.contains(place));
    }
}

/// A name to search for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name<'a> {
    Type(&'a str),
    /// A trait of a type.
    Trait(&'a str),
    Variant(&'a str, &'a str),
    Field(&'a str, &'a str),
    /// A function, a method, or a constant.
    Value(&'a str),
    /// A struct where all its fields are named, so that one more is missing.
    Literal(&'a str),
}

impl<'a> Name<'a> {
    /// Returns what to search for to find an item of the bindings.
    pub(super) fn of(name: &'a str, item: &Item) -> Self {
        let owner = Inventory::owner(name);
        let last = name.rsplit([':', '.']).next().unwrap_or(name);
        match item {
            Item::Type(_) => Self::Type(name),
            Item::Trait => Self::Trait(owner),
            Item::Variant { .. } => Self::Variant(owner, last),
            Item::Field { .. } => Self::Field(owner, last),
            Item::Function(_) | Item::Operation { .. } => Self::Value(last),
        }
    }

    /// The word that is at each place of the name.
    pub(super) fn word(self) -> &'a str {
        match self {
            Self::Type(word) | Self::Trait(word) | Self::Literal(word) | Self::Value(word) => word,
            Self::Variant(_, word) | Self::Field(_, word) => word,
        }
    }
}

/// How sure it is that a word is the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    Certain,
    Possible,
}

/// The files of a checkout, in which names are searched.
pub(super) struct Files<'a> {
    code: Vec<(&'a str, Code)>,
    /// The places of each word in code: file and token.
    words: HashMap<String, Vec<(usize, usize)>>,
    /// The places of each word in documentation.
    docs: HashMap<&'a str, BTreeSet<Place>>,
    /// The places of each text, as a string, or in quotes within one or in a file.
    texts: HashMap<String, BTreeSet<Place>>,
    /// The names that a type has by `use … as …` and `type … = …`, in any file.
    aliases: BTreeMap<String, BTreeSet<String>>,
    /// The number of types that have a member of this name.
    owners: BTreeMap<&'a str, usize>,
}

impl<'a> Files<'a> {
    pub(super) fn read(sources: &'a [(String, String)], bindings: &'a Inventory) -> Self {
        let mut files = Self {
            code: Vec::new(),
            words: HashMap::new(),
            docs: HashMap::new(),
            texts: HashMap::new(),
            aliases: BTreeMap::new(),
            owners: BTreeMap::new(),
        };
        for (name, item) in &bindings.items {
            if let Name::Field(_, member) | Name::Variant(_, member) = Name::of(name, item) {
                *files.owners.entry(member).or_default() += 1;
            }
        }
        for (path, text) in sources {
            match path.rsplit('.').next() {
                Some("rs") => files.add_code(path, text),
                Some("md") => {
                    files.add_texts(path, text, 1);
                    files.add_docs(path, text.lines().enumerate().map(|(at, line)| (at + 1, line)));
                }
                _ => files.add_texts(path, text, 1),
            }
        }
        files
    }

    fn add_code(&mut self, path: &'a str, source: &'a str) {
        let code = Code::read(source);
        for (at, token) in code.tokens.iter().enumerate() {
            match token.kind {
                Kind::Word => self.words.entry(token.text.clone()).or_default().push((self.code.len(), at)),
                Kind::Text => {
                    let place = Place { file: path.to_owned(), line: token.line };
                    self.texts.entry(token.text.clone()).or_default().insert(place);
                    self.add_texts(path, &token.text, token.line);
                }
                Kind::Mark | Kind::Open | Kind::Close => {}
            }
        }
        aliases(&code, &mut self.aliases);
        let lines: Vec<_> = source.lines().collect();
        self.add_docs(path, code.docs.iter().filter_map(|line| Some((*line, *lines.get(*line - 1)?))));
        self.code.push((path, code));
    }

    fn add_docs(&mut self, path: &str, lines: impl Iterator<Item = (usize, &'a str)>) {
        for (line, text) in code::code_in_markdown(lines) {
            for word in bindings::words(text) {
                self.docs.entry(word).or_default().insert(Place { file: path.to_owned(), line });
            }
        }
    }

    /// Adds all that is in quotes.
    fn add_texts(&mut self, path: &str, text: &str, first: usize) {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.contains('"')) {
            for quoted in line.split('"').skip(1) {
                let place = Place { file: path.to_owned(), line: first + at };
                self.texts.entry(quoted.to_owned()).or_default().insert(place);
            }
        }
    }

    /// Returns where a name is used in code and documentation.
    pub(super) fn uses(&self, name: Name<'_>) -> Uses {
        let names = match name {
            Name::Type(of) | Name::Trait(of) | Name::Literal(of) => self.names(of),
            Name::Variant(of, _) | Name::Field(of, _) => self.names(of),
            Name::Value(_) => BTreeSet::new(),
        };
        let owners: BTreeSet<_> = names.iter().flat_map(|name| self.places(name)).map(|(file, _)| *file).collect();
        let is_unique = self.owners.get(name.word()).is_none_or(|owners| *owners == 1);
        let places: Vec<_> = match name {
            Name::Type(_) | Name::Trait(_) => names.iter().flat_map(|name| self.places(name)).collect(),
            Name::Literal(_) => {
                names.iter().map(String::as_str).chain(["Self"]).flat_map(|name| self.places(name)).collect()
            }
            _ => self.places(name.word()).iter().collect(),
        };
        let mut uses = Uses::default();
        for (file, at) in places {
            let (path, code) = &self.code[*file];
            let in_file = InFile { code, names: &names, has_owner: owners.contains(file), is_unique };
            let place = Place { file: (*path).to_owned(), line: code.tokens[*at].line };
            match in_file.certainty(*at, name) {
                Some(Certainty::Certain) => drop(uses.certain.insert(place)),
                Some(Certainty::Possible) => drop(uses.possible.insert(place)),
                None => {}
            }
        }
        // Documentation names what it shows, and no traits.
        if !matches!(name, Name::Trait(_) | Name::Literal(_)) {
            let mut with_owner: BTreeSet<_> = owners.iter().map(|file| self.code[*file].0).collect();
            let in_docs = names.iter().filter_map(|name| self.docs.get(name.as_str())).flatten();
            with_owner.extend(in_docs.map(|place| place.file.as_str()));
            let docs = self.docs.get(name.word()).into_iter().flatten().cloned();
            let is_certain = |place: &Place| is_unique || with_owner.contains(place.file.as_str());
            (uses.docs, uses.possible_docs) = docs.partition(is_certain);
        }
        uses.in_order();
        uses
    }

    fn places(&self, word: &str) -> &[(usize, usize)] {
        self.words.get(word).map_or(&[], Vec::as_slice)
    }

    /// Returns the type and its aliases.
    fn names(&self, of: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([of.to_owned()]);
        let mut open = vec![of.to_owned()];
        while let Some(name) = open.pop() {
            let new = self.aliases.get(&name).into_iter().flatten();
            open.extend(new.filter(|alias| names.insert((*alias).clone())).cloned().collect::<Vec<_>>());
        }
        names
    }

    /// Returns where a text is the value of a string, or in quotes within one or in a file.
    pub(super) fn texts(&self, wanted: &str) -> BTreeSet<Place> {
        self.texts.get(wanted).cloned().unwrap_or_default()
    }

    /// Returns where code depends on which values an enum has: it matches on one, or has a table of them (`= Type {`).
    pub(super) fn matches_on(&self, of: &str) -> BTreeSet<Place> {
        let names = self.names(of);
        let mut found = BTreeSet::new();
        for (path, code) in &self.code {
            for (at, token) in code.tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
                let is_of = |name: Option<&str>| name.is_some_and(|name| names.contains(name));
                let is_next = |count: usize, mark: &str| code.is_mark(Some(at + count), mark);
                let is_arm = || is_next(1, "=") && is_next(2, ">") && is_of(code.qualifier(at));
                let is_table = || is_next(1, "{") && code.is_mark(at.checked_sub(1), "=") && is_of(Some(&token.text));
                if is_arm() || is_table() {
                    found.insert(Place { file: (*path).to_owned(), line: token.line });
                }
            }
        }
        found
    }
}

/// Adds what a file calls types by other names.
fn aliases(code: &Code, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let tokens = &code.tokens;
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
        if token.text == "as"
            && let Some((of, alias)) = at.checked_sub(1).and_then(|before| tokens.get(before)).zip(tokens.get(at + 1))
        {
            found.entry(of.text.clone()).or_default().insert(alias.text.clone());
        }
        if token.text == "type"
            && let Some(alias) = tokens.get(at + 1)
        {
            let stands_for = tokens[at + 2..].iter().take_while(|token| token.text != ";");
            for of in stands_for.filter(|token| token.kind == Kind::Word) {
                found.entry(of.text.clone()).or_default().insert(alias.text.clone());
            }
        }
    }
}

/// The search in one file.
struct InFile<'a> {
    code: &'a Code,
    /// The names of the type whose member is searched.
    names: &'a BTreeSet<String>,
    /// The file names that type.
    has_owner: bool,
    /// No other type has such a member.
    is_unique: bool,
}

impl InFile<'_> {
    fn certainty(&self, at: usize, name: Name<'_>) -> Option<Certainty> {
        let word = self.code.tokens[at].text.as_str();
        match name {
            Name::Type(_) => self.names.contains(word).then_some(Certainty::Certain),
            Name::Trait(_) => self.names.contains(word).then_some(Certainty::Possible),
            Name::Literal(_) => self.is_literal(at).then_some(Certainty::Certain),
            Name::Variant(_, member) if word == member => self.variant(at),
            Name::Field(_, member) if word == member => self.field(at),
            Name::Value(value) if word == value => self.value(at),
            _ => None,
        }
    }

    /// Returns whether a word at a place is the type, or `Self` in its methods.
    fn is_owner(&self, at: usize, name: Option<&str>) -> bool {
        let name = if name == Some("Self") { self.code.self_type(at) } else { name };
        name.is_some_and(|name| self.names.contains(name))
    }

    /// Returns how sure it is that a member of this name is the searched one.
    fn of_a_member(&self) -> Certainty {
        if self.has_owner || self.is_unique { Certainty::Certain } else { Certainty::Possible }
    }

    fn is_after(&self, at: usize, mark: &str) -> bool {
        self.code.is_mark(at.checked_sub(1), mark)
    }

    fn is_before(&self, at: usize, mark: &str) -> bool {
        self.code.is_mark(Some(at + 1), mark)
    }

    /// `Type::Member`, `Member` in the braces of a macro or by a glob import.
    fn variant(&self, at: usize) -> Option<Certainty> {
        let qualifier = self.code.qualifier(at);
        if self.is_owner(at, qualifier) || self.is_owner(at, self.code.head(at)) {
            return Some(Certainty::Certain);
        }
        let is_possible = qualifier.is_some() || self.has_owner || self.is_unique;
        (is_possible && !self.is_after(at, ".")).then_some(Certainty::Possible)
    }

    /// `value.field`, `Type { field: … }`, and any `field` in the braces of a macro.
    fn field(&self, at: usize) -> Option<Certainty> {
        let is_access = self.is_after(at, ".") && !self.is_before(at, "(");
        let is_listed = self.is_after(at, "{") || self.is_after(at, ",") || self.is_after_word(at, &["ref", "mut"]);
        let is_named = is_listed && (self.is_before(at, ":") || self.is_before(at, ",") || self.is_before(at, "}"));
        if is_access {
            Some(self.of_a_member())
        } else if is_named && self.is_owner(at, self.code.head(at)) {
            Some(Certainty::Certain)
        } else if self.code.is_in_macro(at) && !self.is_after(at, ":") && !self.is_before(at, "(") {
            Some(self.of_a_member())
        } else {
            None
        }
    }

    /// `module::function`, `value.method(…)`, `module::CONSTANT`, and any of these by an import or in a macro.
    fn value(&self, at: usize) -> Option<Certainty> {
        let is_declared = self.is_after_word(at, &["fn", "let", "mut", "const", "static"]);
        match self.code.qualifier(at) {
            Some("requests" | "operations") => Some(Certainty::Certain),
            _ if is_declared => None,
            _ if self.is_after(at, ".") && self.is_before(at, "(") => Some(Certainty::Certain),
            _ => Some(Certainty::Possible),
        }
    }

    /// `Type { … }` without `..`, where it is a value or a pattern.
    fn is_literal(&self, at: usize) -> bool {
        let tokens = &self.code.tokens;
        let is_type = self.is_owner(at, Some(&tokens[at].text)) && self.is_before(at, "{");
        let is_declared = self.is_after_word(at, &["struct", "impl", "for", "mod"])
            || (self.is_after(at, ">") && self.code.is_mark(at.checked_sub(2), "-"));
        let has_rest = || {
            let inner = |token: &&super::code::Token| token.within == Some(at + 1);
            let marks: Vec<_> = tokens.iter().filter(inner).map(|token| token.text.as_str()).collect();
            marks.windows(2).any(|pair| pair == [".", "."])
        };
        is_type && !is_declared && !has_rest()
    }

    fn is_after_word(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(1).is_some_and(|before| words.contains(&self.code.tokens[before].text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINDINGS: &str = r#"
        pub mod types {
            pub struct Instance {
                pub billing_type: Kind, pub name: String, pub meta: Meta, #[serde(rename = "type")] pub type_: i64
            }
            pub struct Volume { pub name: String }
            pub struct Meta { pub script: String }
            #[non_exhaustive] pub enum Kind { #[serde(rename = "on-demand")] OnDemand, Spot }
            #[non_exhaustive] pub enum Other { Spot }
        }
        pub mod requests { pub fn get_volume<'a>(client: &'a Client) -> crate::PreparedRequest<types::Volume> {} }
        pub mod operations { pub const GET_VOLUME: &Operation = &Operation { id: "GetVolume", method: "GET", path: "/v" }; }
    "#;

    fn found(source: &str, name: &str) -> (Vec<usize>, Vec<usize>) {
        let inventory = Inventory::read(BINDINGS).unwrap();
        let sources = [
            ("a.rs".to_owned(), source.to_owned()),
            ("b.rs".to_owned(), "use types::Instance as Machine;\ntype Disk = Volume;".to_owned()),
        ];
        let files = Files::read(&sources, &inventory);
        let uses = files.uses(Name::of(name, &inventory.items[name]));
        let lines = |places: BTreeSet<Place>| {
            places.into_iter().filter(|place| place.file == "a.rs").map(|place| place.line).collect()
        };
        (lines(uses.certain), lines(uses.possible))
    }

    #[test]
    fn types_are_found_by_all_their_names_and_in_macros() {
        let source = "fn a(a: Instance) {}\nfn b(b: Machine) {}\nm! { Instance }\nfn c(c: InstanceKind) {}";
        assert_eq!(found(source, "Instance"), (vec![1, 2, 3], vec![]));
    }

    #[test]
    fn fields_are_found_without_the_name_of_their_type() {
        assert_eq!(
            found("fn a() {\n vm.billing_type;\n vm.billing_type();\n}", "Instance.billing_type"),
            (vec![2], vec![])
        );
        assert_eq!(found("vm.name", "Instance.name"), (vec![], vec![1]), "another type has this field");
        assert_eq!(found("fn a(a: Machine) {\n a.name }", "Instance.name"), (vec![2], vec![]), "by an alias");
        assert_eq!(found("self.0.meta.get_or_insert_default()\n.script = a", "Meta.script"), (vec![2], vec![]));
        assert_eq!(found("vm.type_", "Instance.type_"), (vec![1], vec![]));
        let named =
            "let Machine {\n name: n, ..\n} = a;\nlet b = types::Instance { meta,\n name };\nVolume {\n name };";
        assert_eq!(found(named, "Instance.name"), (vec![2, 5], vec![]));
        assert_eq!(found("parameters! {\n A(Instance) = name; b(name: C) }", "Instance.name"), (vec![2], vec![]));
        assert_eq!(
            found("impl Instance { fn a(name: &str) -> Self {\n Self { name } } }", "Instance.name"),
            (vec![2], vec![])
        );
    }

    #[test]
    fn variants_are_found_by_their_enum() {
        assert_eq!(found("Kind::Spot;\nOther::Spot;\nuse Kind::*;\nSpot", "Kind::Spot"), (vec![1], vec![2, 4]));
        assert_eq!(found("pub fn wait = Kind {\n Spot => Ready };\n", "Kind::Spot"), (vec![2], vec![]));
        assert_eq!(found("Other::Spot;\na.Spot", "Kind::Spot"), (vec![], vec![1]), "Other may be an alias");
        assert_eq!(found("impl A for Kind { fn a() {\n Self::OnDemand } }", "Kind::OnDemand"), (vec![2], vec![]));
    }

    #[test]
    fn functions_and_constants_are_found_where_they_are_used() {
        let source =
            "requests::get_volume(raw);\nraw.get_volume();\nlet get_volume = 1;\nfn get_volume() {}\nf(get_volume)";
        assert_eq!(found(source, "requests::get_volume"), (vec![1, 2], vec![5]));
        assert_eq!(found("&operations::GET_VOLUME", "operations::GET_VOLUME"), (vec![1], vec![]));
    }

    #[test]
    fn structs_are_found_where_all_fields_are_named() {
        let inventory = Inventory::read(BINDINGS).unwrap();
        let source = "struct Volume { a: A }\nimpl Volume {}\nfn a() -> Volume { b }\nVolume { name };\nVolume { ..a };\n\
                      match a { Volume { name } => Disk { name: a..b } }\nimpl Volume { fn b() {\n Self { name } } }\n\
                      impl C { fn c() { Self { name } } }";
        let sources = [("a.rs".to_owned(), source.to_owned()), ("b.rs".to_owned(), "type Disk = Volume;".to_owned())];
        let uses = Files::read(&sources, &inventory).uses(Name::Literal("Volume"));
        let lines: Vec<_> = uses.certain.iter().map(|place| place.line).collect();
        assert_eq!(lines, [4, 6, 8]);
    }

    #[test]
    fn documentation_texts_and_matches_are_found() {
        let inventory = Inventory::read(BINDINGS).unwrap();
        let sources = [
            (
                "a.rs".to_owned(),
                "/// Sets `Kind`.\nfn a() { \"on-demand\" }\nconst B: &str = r#\"{\n \"on-demand\": 1}\"#;".to_owned(),
            ),
            ("b.md".to_owned(), "Kind\n`Kind::Spot`\n```json\n{\"on-demand\": Kind}\n```".to_owned()),
            (
                "c.rs".to_owned(),
                "match a { Kind::Spot => 1 }\npub fn wait = Kind { Spot => Ready };\nlet a = Kind::Spot;".to_owned(),
            ),
        ];
        let files = Files::read(&sources, &inventory);
        let places = |places: BTreeSet<Place>| {
            places.iter().map(|place| format!("{}:{}", place.file, place.line)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(places(files.uses(Name::Type("Kind")).docs), "a.rs:1 b.md:2 b.md:4");
        assert_eq!(places(files.texts("on-demand")), "a.rs:2 a.rs:4 b.md:4");
        assert_eq!(places(files.matches_on("Kind")), "c.rs:1 c.rs:2");
    }
}
