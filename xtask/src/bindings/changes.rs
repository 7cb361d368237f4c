//! Compares the names of two bindings: which of those that a program may use are gone, or stand for something else.
//!
//! An addition is no such change: a field or a variant more, or an argument more that is an `Option`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::text::{replaced, words};
use super::{Function, Inventory, Item};

/// A name that code may have which does not compile any more, or has another meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The name in the old bindings.
    pub(crate) name: String,
    /// What became of it, in words that follow the name.
    pub(crate) what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.name, self.what)
    }
}

/// Returns the names that changed, in their order. The members of a type that is gone are not listed.
pub(crate) fn changed_names(old: &Inventory, new: &Inventory) -> Vec<Change> {
    let compared = Compared { old, new, renamed: Renamed::types(old, new) };
    old.items
        .iter()
        .filter_map(|(name, item)| Some(Change { name: name.clone(), what: compared.what(name, item)? }))
        .collect()
}

struct Compared<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    renamed: BTreeMap<&'a str, &'a str>,
}

impl Compared<'_> {
    /// Returns a text of the old bindings with the new names of types.
    fn now(&self, text: &str) -> String {
        replaced(text, |word| self.renamed.get(word).copied().unwrap_or(word))
    }

    fn is_gone(&self, name: &str) -> bool {
        self.old.has_type(name) && !self.new.has_type(&self.now(name))
    }

    /// Returns what became of a name, unless it is as it was.
    fn what(&self, name: &str, was: &Item) -> Option<String> {
        let owner = Inventory::owner(name);
        let (of_gone, now) = match was {
            Item::Type(_) => (false, self.now(name)),
            Item::Trait => (words(name).any(|word| self.is_gone(word)), self.now(name)),
            _ => {
                (self.is_gone(owner) || self.is_another(owner), format!("{}{}", self.now(owner), &name[owner.len()..]))
            }
        };
        if of_gone {
            return None;
        }
        let Some(is) = self.new.items.get(&now) else { return Some(self.gone(owner, was)) };
        match (was, is) {
            (Item::Type(_), _) if now != name => Some(format!("is now called `{now}`")),
            (Item::Type(was), Item::Type(is)) => (self.now(was) != *is).then(|| format!("was {was}, and is {is}")),
            (Item::Field { json: was, rust: was_type }, Item::Field { json: is, rust: is_type }) => {
                self.another_text(owner, was.iter(), is.iter()).or_else(|| self.another_type(was_type, is_type))
            }
            (Item::Variant { json: was, holds: were, .. }, Item::Variant { json: is, holds: are, .. }) => self
                .another_text(owner, was.iter(), is.iter())
                .or_else(|| self.another_type(&were.join(", "), &are.join(", "))),
            (Item::Function(was), Item::Function(is)) => self.another_function(was, is),
            (Item::Operation { .. }, Item::Operation { .. }) => another_operation(was, is),
            _ => None,
        }
    }

    /// Returns whether a type has the same name and is of another kind, so that it has other members.
    fn is_another(&self, name: &str) -> bool {
        match (self.old.items.get(name), self.new.items.get(&self.now(name))) {
            (Some(Item::Type(was)), Some(Item::Type(is))) => self.now(was) != *is,
            _ => false,
        }
    }

    fn gone(&self, owner: &str, was: &Item) -> String {
        let successor = match was {
            Item::Field { json: Some(json), .. } => self.new.field(&self.now(owner), json).map(|(name, _)| name),
            Item::Variant { json, .. } => json.iter().find_map(|text| self.new.variant(&self.now(owner), text)),
            _ => None,
        };
        successor.map_or("is gone".to_owned(), |name| format!("is now called `{name}`"))
    }

    /// Returns the change of what a field or variant is in JSON.
    fn another_text<'a>(
        &self,
        owner: &str,
        was: impl Iterator<Item = &'a String>,
        is: impl Iterator<Item = &'a String>,
    ) -> Option<String> {
        let (was, is): (Vec<_>, Vec<_>) = (was.collect(), is.collect());
        let text = |all: &[&String]| all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" and ");
        let owner = self.now(owner);
        let now = |text: &&String| {
            let name = self.new.variant(&owner, text).or(self.new.field(&owner, text).map(|(name, _)| name))?;
            Some(format!("; `{text}` is now `{name}`"))
        };
        let successor = was.iter().find_map(now).unwrap_or_default();
        (was != is).then(|| format!("meant {}, and means {}{successor}", text(&was), text(&is)))
    }

    fn another_type(&self, was: &str, is: &str) -> Option<String> {
        (self.now(was) != is).then(|| format!("was `{was}`, and is `{is}`"))
    }

    fn another_function(&self, was: &Function, is: &Function) -> Option<String> {
        let types = |function: &Function| {
            let types = function.arguments.iter().map(|(_, rust)| rust.as_str());
            types.collect::<Vec<_>>().join(", ")
        };
        if self.now(&was.result) != is.result {
            return Some(format!("returned `{}`, and returns `{}`", was.result, is.result));
        }
        let (names_were, names_are) = (was.arguments.iter().map(|(name, _)| name), &is.arguments);
        let is_swapped = names_were
            .zip(names_are)
            .any(|(was, (is, _))| was != is && names_are.iter().any(|(other, _)| other == was));
        let has_same_count = was.arguments.len() == is.arguments.len();
        let is_other =
            if has_same_count { self.now(&types(was)) != types(is) || is_swapped } else { !self.is_addition(was, is) };
        let names = |function: &Function| {
            let arguments = function.arguments.iter().map(|(name, rust)| format!("{name}: {rust}"));
            arguments.collect::<Vec<_>>().join(", ")
        };
        is_other.then(|| format!("took `({})`, and takes `({})`", names(was), names(is)))
    }

    /// Returns whether a function has the same arguments and some that are an `Option`.
    fn is_addition(&self, was: &Function, is: &Function) -> bool {
        let mut were = was.arguments.iter().map(|(_, rust)| self.now(rust)).peekable();
        let is_known = |rust: &String| were.next_if(|was| was == rust).is_some();
        let mut is_known = is_known;
        let all = is.arguments.iter().all(|(_, rust)| is_known(rust) || rust.starts_with("Option<"));
        all && were.next().is_none()
    }
}

fn another_operation(was: &Item, is: &Item) -> Option<String> {
    let text = |item: &Item| match item {
        Item::Operation { id, method, path, is_idempotent } => {
            let repeats = if *is_idempotent { "idempotent" } else { "not idempotent" };
            format!("{id}, {method} {}, {repeats}", super::text::without_names(path))
        }
        _ => String::new(),
    };
    let (was, is) = (text(was), text(is));
    (was != is).then(|| format!("was {was}, and is {is}"))
}

/// The search for types that have another name where they are used.
struct Renamed<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    seen: BTreeSet<(&'a str, &'a str)>,
    found: BTreeMap<&'a str, &'a str>,
}

impl<'a> Renamed<'a> {
    /// Returns the old and the new names of types, which replace one another in the same operations, fields and variants.
    fn types(old: &'a Inventory, new: &'a Inventory) -> BTreeMap<&'a str, &'a str> {
        let mut renamed = Self { old, new, seen: BTreeSet::new(), found: BTreeMap::new() };
        let now: Vec<_> = new.requests().collect();
        for (_, was, (id, address)) in old.requests() {
            let by_address = now.iter().find(|(_, _, (_, other))| *other == address);
            if let Some((_, is, _)) = by_address.or_else(|| now.iter().find(|(_, _, (other, _))| *other == id)) {
                renamed.texts(&was.result, &is.result);
                for (name, was) in &was.arguments {
                    if let Some((_, is)) = is.arguments.iter().find(|(other, _)| other == name) {
                        renamed.texts(was, is);
                    }
                }
            }
        }
        for name in old.items.keys().filter(|name| old.has_type(name) && new.has_type(name)) {
            renamed.members(name, name);
        }
        renamed.found
    }

    /// Adds the types in texts, if they are as many.
    fn texts(&mut self, was: &'a str, is: &'a str) {
        let (old, new) = (self.old, self.new);
        let before: Vec<_> = words(was).filter(|word| old.has_type(word)).collect();
        let now: Vec<_> = words(is).filter(|word| new.has_type(word)).collect();
        if before.len() == now.len() {
            before.into_iter().zip(now).for_each(|(was, is)| self.pair(was, is));
        }
    }

    fn pair(&mut self, was: &'a str, is: &'a str) {
        if self.seen.insert((was, is)) {
            if was != is && !self.new.has_type(was) && !self.old.has_type(is) {
                self.found.entry(was).or_insert(is);
            }
            self.members(was, is);
        }
    }

    fn members(&mut self, was: &'a str, is: &'a str) {
        let (old, new) = (self.old, self.new);
        for (name, item) in old.members(was) {
            match item {
                Item::Field { json: Some(json), rust } => {
                    let same = new.field(is, json).map(|(_, rust)| rust);
                    same.into_iter().for_each(|now| self.texts(rust, now));
                }
                Item::Variant { holds, .. } => {
                    if let Some(Item::Variant { holds: now, .. }) =
                        new.items.get(&format!("{is}{}", &name[was.len()..]))
                    {
                        holds.iter().zip(now).for_each(|(was, is)| self.texts(was, is));
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(old: &str, new: &str) -> Vec<String> {
        let of = |types: &str| Inventory::read(&format!("pub mod types {{ {types} }}")).unwrap();
        changed_names(&of(old), &of(new)).iter().map(ToString::to_string).collect()
    }

    const KIND: &str =
        r#"#[non_exhaustive] pub enum Kind { #[serde(rename = "on-demand")] OnDemand, #[serde(rename = "b")] B }"#;

    #[test]
    fn a_variant_of_another_meaning_is_a_change_and_one_more_is_none() {
        let twins = r#"#[non_exhaustive] pub enum Kind { #[serde(rename = "on-demand")] OnXdemand, #[serde(rename = "b")] B,
                       #[serde(rename = "onDemand")] OnDemand }"#;
        let found = changes(KIND, twins);
        assert_eq!(
            found,
            ["`Kind::OnDemand` meant `on-demand`, and means `onDemand`; `on-demand` is now `Kind::OnXdemand`"]
        );
        assert_eq!(
            changes(KIND, &twins.replace(" OnDemand ", " Other ")),
            ["`Kind::OnDemand` is now called `Kind::OnXdemand`"]
        );
        assert_eq!(changes(KIND, &KIND.replace(" B ", " B, C ")), [""; 0]);
        assert_eq!(changes(KIND, &KIND.replace(r#"#[serde(rename = "b")] B"#, "")), ["`Kind::B` is gone"]);
    }

    #[test]
    fn fields_are_compared_by_their_names_types_and_names_in_json() {
        let old = "pub struct A { pub a: i64, #[serde(rename = \"bB\")] pub b: i64, pub c: i64 }";
        let new = "pub struct A { pub a: Option<i64>, pub b: i64, pub d: i64 }";
        assert_eq!(
            changes(old, new),
            ["`A.a` was `i64`, and is `Option<i64>`", "`A.b` meant `bB`, and means `b`", "`A.c` is gone"]
        );
        assert_eq!(changes(old, "pub enum A { B }"), ["`A` was a struct, and is an enum"]);
        assert_eq!(changes(old, "pub struct B;"), ["`A` is gone"]);
        let derived = format!("#[derive(Default, Clone)] {old}");
        assert_eq!(changes(&derived, &derived.replace("Default, ", "")), ["`A: Default` is gone"]);
    }

    #[test]
    fn a_renamed_type_is_one_change() {
        let of = |name: &str| {
            format!(
                "pub struct A {{ pub a: ::std::vec::Vec<{name}> }} #[derive(Default)] pub struct {name} {{ pub c: i64 }}
                 impl ::std::convert::From<{name}> for A {{}}"
            )
        };
        assert_eq!(changes(&of("B"), &of("C")), ["`B` is now called `C`"]);
        let more = of("C").replace("c: i64", "d: i64");
        assert_eq!(changes(&of("B"), &more), ["`B` is now called `C`", "`B.c` is gone"]);
    }

    #[test]
    fn an_argument_more_is_no_change_if_it_is_an_option() {
        let of = |arguments: &str, result: &str| {
            let source = format!("impl Client {{ pub fn a(&self, {arguments}) -> {result} {{}} }}");
            Inventory::read(&source).unwrap()
        };
        let old = of("page: Option<i64>, per_page: Option<i64>", "B");
        for (arguments, result, what) in [
            ("page: Option<i64>, per_page: Option<i64>, z: Option<bool>", "B", ""),
            ("a: Option<bool>, page: Option<i64>, per_page: Option<i64>", "B", ""),
            ("other: Option<i64>, per_page: Option<i64>", "B", ""),
            (
                "per_page: Option<i64>, x_page: Option<i64>",
                "B",
                "took `(page: Option<i64>, per_page: Option<i64>)`, and takes `(per_page: Option<i64>, x_page: Option<i64>)`",
            ),
            ("id: &str, page: Option<i64>, per_page: Option<i64>", "B", "took"),
            ("page: Option<i64>", "B", "took"),
            ("page: Option<i64>, per_page: Option<i64>", "C", "returned `B`, and returns `C`"),
        ] {
            let found = changed_names(&old, &of(arguments, result));
            assert_eq!(found.len(), usize::from(!what.is_empty()), "{arguments}: {found:?}");
            assert!(found.iter().all(|change| change.what.starts_with(what)), "{found:?}");
        }
    }

    #[test]
    fn another_operation_of_the_same_name_is_a_change() {
        let of = |path: &str| {
            let source = format!(
                "pub mod operations {{ pub const A: &crate::Operation = &crate::Operation {{ id: \"A\", method: \"GET\", \
                 path: \"{path}\", is_idempotent: true }}; }}"
            );
            Inventory::read(&source).unwrap()
        };
        assert_eq!(changed_names(&of("/a/{b}"), &of("/a/{c}")), []);
        assert_eq!(
            changed_names(&of("/a"), &of("/b"))[0].to_string(),
            "`operations::A` was A, GET /a, idempotent, and is A, GET /b, idempotent"
        );
    }
}
