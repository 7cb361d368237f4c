//! The names in generated bindings that a program can use, and what each of them stands for.
//!
//! [`read`] takes them from the code itself, and [`changes`] compares those of two documents: so nothing here depends on how
//! names are derived from a document.

mod changes;
mod read;
mod text;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::changes::{Change, changed_names};
pub(crate) use self::text::{inner, words};

/// The names of bindings, each as a program writes it: `Volume`, `Volume.size`, `Region::NordNoKrs1`, `Volume: Default` for a
/// trait, `raw().get_volume` for a method of the client, `requests::get_volume`, `operations::GET_VOLUME`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) items: BTreeMap<String, Item>,
}

/// What a name stands for. Types are texts without the paths of std and of the bindings, such as `Option<Volume>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A type: `a struct`, `a struct around …`, `an enum`, `an enum of texts`, `another name for …`.
    Type(String),
    /// A field, with its name in JSON unless it holds all others.
    Field { json: Option<String>, rust: String },
    /// A variant, with its place in the enum, the texts that it stands for, and the types that it holds. Its attribute, `Display` and `FromStr` have the
    /// same text.
    Variant { at: usize, json: BTreeSet<String>, holds: Vec<String> },
    /// An implemented trait.
    Trait,
    /// A function.
    Function(Function),
    /// A constant that describes an operation.
    Operation { id: String, method: String, path: String, is_idempotent: bool },
}

/// A function, without the client among its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Name and type of each argument.
    pub(crate) arguments: Vec<(String, String)>,
    /// The type of what the service responds with, or of what the function returns.
    pub(crate) result: String,
    /// The name of the constant of its operation, if it prepares a request.
    pub(crate) operation: Option<String>,
}

impl Inventory {
    /// Returns the type that has a member or implements a trait.
    pub(crate) fn owner(name: &str) -> &str {
        let end = ["::", ".", ": "].iter().filter_map(|separator| name.find(separator)).min();
        &name[..end.unwrap_or(name.len())]
    }

    pub(crate) fn has_type(&self, name: &str) -> bool {
        matches!(self.items.get(name), Some(Item::Type(_)))
    }

    /// Returns the members of a type, and the traits that it implements.
    pub(crate) fn members<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a str, &'a Item)> {
        let begins = move |(name, _): &(&String, &Item)| Self::owner(name) == of && *name != of;
        let after = self.items.range(of.to_owned()..).take_while(move |(name, _)| name.starts_with(of));
        after.filter(begins).map(|(name, item)| (name.as_str(), item))
    }

    /// Returns the field of a type with this name in JSON.
    pub(crate) fn field(&self, of: &str, json: &str) -> Option<(&str, &str)> {
        let begin = format!("{of}.");
        let fields = self.items.range(begin.clone()..).take_while(|(name, _)| name.starts_with(&begin));
        fields.map(|(name, item)| (name.as_str(), item)).find_map(|(name, item)| match item {
            Item::Field { json: Some(own), rust } if own == json => Some((name, rust.as_str())),
            _ => None,
        })
    }

    /// Returns the variant of an enum that stands for this text.
    pub(crate) fn variant(&self, of: &str, text: &str) -> Option<&str> {
        let is_it = |item: &Item| matches!(item, Item::Variant { json, .. } if json.contains(text));
        self.members(of).find(|(_, item)| is_it(item)).map(|(name, _)| name)
    }

    /// Returns the variants of an enum, with their places and the types that they hold.
    pub(crate) fn variants(&self, of: &str) -> impl Iterator<Item = (&str, usize, &[String])> {
        self.members(of).filter_map(|(name, item)| match item {
            Item::Variant { at, holds, .. } => Some((name, *at, holds.as_slice())),
            _ => None,
        })
    }

    /// Returns the fields, variants and functions in whose types a type is.
    pub(crate) fn users<'a>(&'a self, of: &str) -> impl Iterator<Item = &'a str> {
        let has = move |text: &String| text::words(text).any(|word| word == of);
        let uses = move |(_, item): &(&String, &Item)| match item {
            Item::Type(text) => has(text),
            Item::Field { rust, .. } => has(rust),
            Item::Variant { holds, .. } => holds.iter().any(has),
            Item::Function(Function { arguments, result, .. }) => {
                has(result) || arguments.iter().any(|(_, rust)| has(rust))
            }
            Item::Trait | Item::Operation { .. } => false,
        };
        self.items.iter().filter(uses).map(|(name, _)| name.as_str())
    }

    /// Returns the ids of the operations that use a name.
    pub(crate) fn operations_of(&self, name: &str) -> BTreeSet<String> {
        let mut open = vec![Self::owner(name).to_owned()];
        let mut seen = BTreeSet::new();
        let mut methods: BTreeSet<_> = name.strip_prefix("raw().").map(str::to_owned).into_iter().collect();
        while let Some(name) = open.pop() {
            for user in self.users(&name) {
                methods.extend(user.strip_prefix("requests::").map(str::to_owned));
                let owner = Self::owner(user);
                if self.has_type(owner) && seen.insert(owner) {
                    open.push(owner.to_owned());
                }
            }
        }
        let ids = self.requests().filter(|(name, _, _)| methods.contains(*name));
        ids.map(|(_, _, (id, _))| id.to_owned()).collect()
    }

    /// Returns the name and the function that prepares the request of an operation.
    pub(crate) fn request(&self, id: &str) -> Option<(&str, &Function)> {
        let is_it = |item: &Item| matches!(item, Item::Operation { id: own, .. } if own == id);
        let constant = self.items.iter().find(|(_, item)| is_it(item))?.0.strip_prefix("operations::")?;
        self.items.iter().find_map(|(name, item)| match item {
            Item::Function(function) if function.operation.as_deref() == Some(constant) => {
                Some((name.strip_prefix("requests::")?, function))
            }
            _ => None,
        })
    }

    /// Returns the functions that prepare requests, without `requests::`; with id, and method and path, of their operations.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (&str, &Function, (&str, (&str, String)))> {
        self.items.iter().filter_map(|(name, item)| {
            let Item::Function(function) = item else { return None };
            let constant = format!("operations::{}", function.operation.as_deref()?);
            match self.items.get(&constant)? {
                Item::Operation { id, method, path, .. } => {
                    let name = name.strip_prefix("requests::")?;
                    Some((name, function, (id.as_str(), (method.as_str(), text::without_names(path)))))
                }
                _ => None,
            }
        })
    }
}
