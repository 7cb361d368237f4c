//! The work that a refresh leaves to do, in its order: what the compiler sees, then what it does not.
//!
//! Each changed name of the bindings is an item, with its places in the code. The compiler's errors are joined to these
//! items. It stops at the first package that has errors, while the search finds the places in all of them. An error at no such
//! place is an item of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::code;
use super::scratch::Diagnostic;
use super::uses::{Files, Name, Place, Uses};
use crate::bindings::{self, Change, Inventory, Item};
use crate::diff::{Finding, Severity};

/// The number of lines in one file from which on they are counted, if they are not certain to be concerned.
const MANY: usize = 8;

/// What a refresh found out.
pub(super) struct Given<'a> {
    pub(super) old: &'a Inventory,
    pub(super) new: &'a Inventory,
    pub(super) findings: &'a [Finding],
    /// What the wrapper does not reach of the new document.
    pub(super) gaps: &'a [String],
    /// The compiler's errors with the new bindings.
    pub(super) errors: &'a [Diagnostic],
    /// Path and text of each file that can name something of the bindings.
    pub(super) sources: &'a [(String, String)],
}

/// Returns the list as a checklist in Markdown.
pub(super) fn list(given: &Given<'_>) -> String {
    let files = Files::read(given.sources, given.old);
    let mut tasks = tasks(given, &files);
    let uncovered = join(given, &mut tasks);
    let mut text = String::from("To do:\n\n");
    // What may be something else is last.
    tasks.sort_by_key(|task| (task.errors.is_empty(), task.uses.certain.is_empty()));
    let seen: Vec<_> = tasks.iter().map(Task::to_text).filter(|task| !task.is_empty()).collect();
    if !seen.is_empty() || !uncovered.is_empty() {
        text.push_str("What the compiler sees, in one package after the other:\n\n");
        seen.iter().for_each(|task| text.push_str(task));
        if !uncovered.is_empty() {
            text.push_str("- [ ] found by the compiler, at no place of a changed name:\n");
            uncovered.iter().for_each(|error| text.push_str(&format!("  - {error}\n")));
        }
        text.push_str("\nWhat no compiler sees:\n\n");
    }
    unseen(given, &files, &tasks).iter().for_each(|item| text.push_str(&format!("- [ ] {item}\n")));
    text
}

/// A change of the bindings, and the code that it concerns.
struct Task {
    /// The change in words.
    title: String,
    /// Other names with the same change.
    also: Vec<String>,
    /// The word that code has, and the compiler's messages.
    word: String,
    uses: Uses,
    errors: BTreeSet<Diagnostic>,
}

impl Task {
    fn new(title: String, word: &str, uses: Uses) -> Self {
        Self { title, also: Vec::new(), word: word.to_owned(), uses, errors: BTreeSet::new() }
    }

    fn title(&self) -> String {
        let also: Vec<_> = self.also.iter().map(|name| format!("`{name}`")).collect();
        let also = if also.is_empty() { String::new() } else { format!(" (also {})", also.join(", ")) };
        format!("{}{also}", self.title)
    }

    /// Returns the item of the list: errors, further places, and last what may be something else. Nothing for no place.
    fn to_text(&self) -> String {
        let has_error = |place: &Place| {
            self.errors.iter().any(|error| (error.file.as_str(), error.line) == (place.file.as_str(), place.line))
        };
        let further: BTreeSet<_> = self.uses.certain.iter().filter(|place| !has_error(place)).cloned().collect();
        let possible: BTreeSet<_> = self.uses.possible.iter().filter(|place| !has_error(place)).cloned().collect();
        if self.errors.is_empty() && further.is_empty() && possible.is_empty() {
            return String::new();
        }
        let mut text = format!("- [ ] {}\n", self.title());
        self.errors.iter().for_each(|error| text.push_str(&format!("  - {error}\n")));
        shown(&further, usize::MAX).iter().for_each(|file| text.push_str(&format!("  - {file}\n")));
        if !possible.is_empty() {
            let _ = writeln!(text, "  - also named, and may be something else: {}", shown(&possible, MANY).join("; "));
        }
        text
    }
}

/// Returns a task for each change, and for what is more than before where code names all there is.
fn tasks(given: &Given<'_>, files: &Files<'_>) -> Vec<Task> {
    let mut changes = bindings::changed_names(given.old, given.new);
    // Of the names of an operation, the function that prepares its request comes first: it is what the wrapper uses.
    changes.sort_by_key(|change| !change.name.starts_with("requests::"));
    let mut tasks = BTreeMap::<(String, String), (usize, Task)>::new();
    for (at, change) in changes.iter().enumerate() {
        let Some(item) = given.old.items.get(&change.name) else { continue };
        let (uses, word) = (uses_of(change, item, given.old, files), last_word(&change.name));
        let key = match item {
            // Function, method and constant of an operation.
            Item::Function(_) | Item::Operation { .. } => (word.to_lowercase(), String::new()),
            Item::Field { .. } | Item::Variant { .. } => (word.to_owned(), change.what.clone()),
            Item::Type(_) | Item::Trait => (change.name.clone(), String::new()),
        };
        let new = || (at, Task::new(change.to_string(), word, Uses::default()));
        let (first, task) = tasks.entry(key).or_insert_with(new);
        task.uses.add(uses);
        if *first != at {
            task.also.push(change.name.clone());
        }
    }
    let more = additions(given, &changes).into_iter();
    let more = more.map(|(title, name)| Task::new(title, name.word(), files.uses(name)));
    let more = more.filter(|task| !task.uses.certain.is_empty());
    let mut tasks: Vec<_> = tasks.into_values().collect();
    tasks.sort_by_key(|(at, _)| *at);
    tasks.into_iter().map(|(_, task)| task).chain(more).collect()
}

/// Returns the uses of a name, and of the members of a type that is gone or of another kind.
fn uses_of(change: &Change, item: &Item, old: &Inventory, files: &Files<'_>) -> Uses {
    let name = Name::of(&change.name, item);
    let mut uses = files.uses(name);
    if let Name::Type(of) = name
        && !change.what.starts_with("is now called")
    {
        old.members(of).for_each(|(member, item)| uses.add(files.uses(Name::of(member, item))));
    }
    uses
}

fn last_word(name: &str) -> &str {
    name.rsplit([':', '.', ' ']).next().unwrap_or(name)
}

/// Returns what is more than before: fields, which code that makes a value must name, and arguments.
fn additions<'a>(given: &Given<'a>, changes: &[Change]) -> Vec<(String, Name<'a>)> {
    let mut found = Vec::new();
    let is_changed = |name: &str| changes.iter().any(|change| change.name == name);
    for (name, item) in given.old.items.iter().filter(|(name, _)| !is_changed(name)) {
        match (item, given.new.items.get(name)) {
            (Item::Type(_), Some(Item::Type(_))) => {
                let more = given.new.members(name).filter(|(member, item)| {
                    matches!(item, Item::Field { .. }) && !given.old.items.contains_key(*member)
                });
                let more: Vec<_> = more.map(|(member, _)| format!("`{member}`")).collect();
                if !more.is_empty() {
                    found.push((format!("`{name}` also has {}", more.join(", ")), Name::Literal(name)));
                }
            }
            (Item::Function(was), Some(Item::Function(is))) if was.arguments.len() < is.arguments.len() => {
                let more =
                    is.arguments.iter().filter(|(name, _)| !was.arguments.iter().any(|(other, _)| other == name));
                let more: Vec<_> = more.map(|(argument, rust)| format!("`{argument}: {rust}`")).collect();
                found.push((format!("`{name}` also takes {}", more.join(", ")), Name::of(name, item)));
            }
            _ => {}
        }
    }
    found
}

/// Adds each error to the task that it is about, and returns the errors that are at no place of a task.
fn join<'a>(given: &Given<'a>, tasks: &mut [Task]) -> Vec<&'a Diagnostic> {
    let mut uncovered = Vec::new();
    for error in given.errors {
        let text = given.sources.iter().find(|(path, _)| *path == error.file).map_or("", |(_, text)| text);
        let item = code::item_at(text, error.line).map_or(error.line..=error.line, |(_, lines)| lines);
        let closeness = |task: &Task| {
            let places =
                || task.uses.certain.iter().chain(&task.uses.possible).filter(|place| place.file == error.file);
            let is_at_line = places().any(|place| place.line == error.line);
            let is_in_item = places().any(|place| item.contains(&place.line));
            let is_named = bindings::words(&error.message).any(|word| word == task.word);
            (is_at_line || is_in_item).then_some((is_named, is_at_line))
        };
        let closest =
            tasks.iter_mut().filter_map(|task| Some((closeness(task)?, task))).max_by_key(|(close, _)| *close);
        match closest {
            Some((_, task)) => drop(task.errors.insert(error.clone())),
            None => uncovered.push(error),
        }
    }
    uncovered
}

/// Returns the items that no compiler sees.
fn unseen(given: &Given<'_>, files: &Files<'_>, tasks: &[Task]) -> Vec<String> {
    let mut items: Vec<String> = given.gaps.iter().filter(|gap| !is_of_a_change(gap, given)).cloned().collect();
    if items.iter().any(|item| item.contains("; add a method in ")) {
        items.push(
            "a new resource also has its two lines in wrapper/src/resources/mod.rs; CONTRIBUTING.md lists all that a new \
             operation needs, under *How to add an operation*"
                .to_owned(),
        );
    }
    items.extend(statuses(given, files));
    items.extend(behaviour(given, files));
    items.extend(texts(given, files));
    items.extend(tasks.iter().filter_map(documentation));
    items.extend(fixtures(given));
    if ids(given.old) != ids(given.new) {
        let command = "GENESISCLOUD_WRITE_TABLES=1 cargo test --test it fault_matrix::";
        items.push(format!("wrapper/FAULTS.md has a line for each operation: `{command}` writes it"));
    }
    items.push("`cargo xtask ci`: the tests report the rest".to_owned());
    items
}

/// Where documentation has a changed name, which the tests of its examples need not see.
fn documentation(task: &Task) -> Option<String> {
    let (certain, possible) = (shown(&task.uses.docs, MANY), shown(&task.uses.possible_docs, MANY));
    let also = if possible.is_empty() { String::new() } else { format!("; also named: {}", possible.join("; ")) };
    (!certain.is_empty()).then(|| format!("documentation: {}: see {}{also}", task.title(), certain.join("; ")))
}

/// Returns whether a gap exists because an operation was renamed or removed, which is a task.
fn is_of_a_change(gap: &str, given: &Given<'_>) -> bool {
    let is_known = |address: &(&str, String)| given.old.requests().any(|(_, _, (_, other))| other == *address);
    let is_renamed = given.new.requests().any(|(name, _, (id, address))| {
        !given.old.items.contains_key(&format!("requests::{name}"))
            && is_known(&address)
            && gap.starts_with(&format!("{id} ("))
    });
    let mut gone =
        given.old.requests().filter(|(name, ..)| !given.new.items.contains_key(&format!("requests::{name}")));
    is_renamed || gone.any(|(name, ..)| gap.contains(&format!(" calls `requests::{name}`,")))
}

/// New values of enums, where code depends on which there are.
fn statuses(given: &Given<'_>, files: &Files<'_>) -> Vec<String> {
    let mut new = BTreeMap::<&str, Vec<String>>::new();
    for (name, item) in &given.new.items {
        let owner = Inventory::owner(name);
        if matches!(item, Item::Variant { .. }) && given.old.has_type(owner) && !given.old.items.contains_key(name) {
            new.entry(owner).or_default().push(format!("`{name}`"));
        }
    }
    let items = new.into_iter().filter_map(|(of, values)| {
        let places = shown(&files.matches_on(of), usize::MAX);
        let values = values.join(", ");
        (!places.is_empty())
            .then(|| format!("decide what {values} means where `{of}` is matched on: {}", places.join("; ")))
    });
    items.collect()
}

/// Breaking changes that leave all names as they were.
fn behaviour(given: &Given<'_>, files: &Files<'_>) -> Vec<String> {
    let changed = bindings::changed_names(given.old, given.new);
    let is_task = |name: &str| {
        changed
            .iter()
            .any(|change| change.name == name || Inventory::owner(&change.name) == name || change.name.ends_with(name))
    };
    let mut items = Vec::new();
    for finding in given.findings.iter().filter(|finding| finding.severity == Severity::Breaking) {
        let mut uses = Uses::default();
        for name in finding.search_for.iter().filter(|name| !is_task(name) && !name.starts_with('"')) {
            let item = given.old.items.get(name);
            uses.add(files.uses(item.map_or(Name::Value(name), |item| Name::of(name, item))));
        }
        let places: BTreeSet<_> = uses.certain.into_iter().chain(uses.possible).collect();
        if !places.is_empty() {
            items.push(format!("{} {}: see {}", finding.place, finding.what, shown(&places, MANY).join("; ")));
        }
    }
    items
}

/// Texts of the old document that code and fixtures may have: ids of operations, values of enums, names of fields.
fn texts(given: &Given<'_>, files: &Files<'_>) -> Vec<String> {
    let texts = |inventory: &Inventory| -> BTreeSet<String> {
        let texts = inventory.items.values().flat_map(|item| match item {
            Item::Operation { id, .. } => vec![id.clone()],
            Item::Variant { json, .. } => json.iter().cloned().collect(),
            Item::Field { json, .. } => json.iter().cloned().collect(),
            _ => Vec::new(),
        });
        texts.collect()
    };
    let (old, new) = (texts(given.old), texts(given.new));
    let items = old.difference(&new).filter_map(|text| {
        let places = shown(&files.texts(text), MANY);
        (!places.is_empty())
            .then(|| format!("the text \"{text}\" is gone from the document: see {}", places.join("; ")))
    });
    items.collect()
}

/// The types of responses that have other fields, of which the tests have full and minimal ones.
fn fixtures(given: &Given<'_>) -> Option<String> {
    let fields = |inventory: &Inventory| -> BTreeSet<String> {
        let fields = inventory.items.iter().filter(|(_, item)| matches!(item, Item::Field { .. }));
        fields.map(|(name, _)| name.clone()).collect()
    };
    let (old, new) = (fields(given.old), fields(given.new));
    let types: BTreeSet<_> =
        old.symmetric_difference(&new).map(|name| format!("`{}`", Inventory::owner(name))).collect();
    let types = types.into_iter().collect::<Vec<_>>().join(", ");
    (!types.is_empty()).then(|| format!("fixtures, full and minimal, in tests/support/fixtures.rs: those of {types}"))
}

fn ids(inventory: &Inventory) -> BTreeSet<&str> {
    inventory.requests().map(|(_, _, (id, _))| id).collect()
}

/// Returns the places by file: `a.rs:1, 2`; of more lines than `most`, their number.
fn shown(places: &BTreeSet<Place>, most: usize) -> Vec<String> {
    let mut files = BTreeMap::<&str, Vec<String>>::new();
    for place in places {
        files.entry(&place.file).or_default().push(place.line.to_string());
    }
    let shown = files.into_iter().map(|(file, lines)| match lines.len() > most {
        true => format!("{file} ({} lines)", lines.len()),
        false => format!("{file}:{}", lines.join(", ")),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"
        pub mod types {
            pub struct Volume { pub size: i64, pub status: Status }
            pub struct Disk { pub size: i64 }
            #[non_exhaustive] pub enum Status { #[serde(rename = "on")] On, #[serde(rename = "off")] Off }
            pub struct Gone { pub inner: i64 }
        }
        pub mod requests {
            pub fn get_a<'a>(client: &'a Client) -> crate::PreparedRequest<types::Volume> { operations::GET_A }
            pub fn list_b<'a>(client: &'a Client) -> crate::PreparedRequest<types::Volume> { operations::LIST_B }
        }
        pub mod operations {
            pub const GET_A: &Operation = &Operation { id: "GetA", method: "GET", path: "/a", is_idempotent: true };
            pub const LIST_B: &Operation = &Operation { id: "ListB", method: "GET", path: "/b", is_idempotent: true };
        }
    "#;

    /// The list after replacements in the bindings.
    fn list_with(
        edits: &[(&str, &str)],
        gaps: &[&str],
        errors: &[(&str, usize, &str)],
        code: &[(&str, &str)],
    ) -> String {
        let new = edits.iter().fold(OLD.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let owned = |text: &&str| (*text).to_owned();
        let error = |(file, line, message): &(&str, usize, &str)| Diagnostic {
            file: owned(file),
            line: *line,
            message: owned(message),
        };
        list(&Given {
            old: &Inventory::read(OLD).unwrap(),
            new: &Inventory::read(&new).unwrap(),
            findings: &[],
            gaps: &gaps.iter().map(owned).collect::<Vec<_>>(),
            errors: &errors.iter().map(error).collect::<Vec<_>>(),
            sources: &code.iter().map(|(path, text)| (owned(path), owned(text))).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn names_with_the_same_change_are_one_item_with_the_errors_in_their_items() {
        let code = [
            ("a.rs", "fn f(volume: Volume) {\n    let size = volume.size;\n    g(size)\n}\n"),
            ("b.rs", "file.size"),
            ("c.md", "`Volume { size }`"),
        ];
        let errors = [("a.rs", 3, "expected `i64`, found `()` (E0308)"), ("b.rs", 2, "unclosed")];
        let edits = [("size: i64", "size_gib: i64")];
        assert_eq!(
            list_with(&edits, &[], &errors, &code),
            "To do:\n\n\
             What the compiler sees, in one package after the other:\n\n\
             - [ ] `Disk.size` is gone (also `Volume.size`)\n  \
               - a.rs:3: expected `i64`, found `()` (E0308)\n  \
               - a.rs:2\n  \
               - also named, and may be something else: b.rs:1\n\
             - [ ] found by the compiler, at no place of a changed name:\n  \
               - b.rs:2: unclosed\n\n\
             What no compiler sees:\n\n\
             - [ ] documentation: `Disk.size` is gone (also `Volume.size`): see c.md:1\n\
             - [ ] fixtures, full and minimal, in tests/support/fixtures.rs: those of `Disk`, `Volume`\n\
             - [ ] `cargo xtask ci`: the tests report the rest\n"
        );
    }

    #[test]
    fn a_renamed_operation_is_one_item_and_no_gap() {
        let gaps = [
            "GetOther (GET /a): the wrapper does not call `requests::get_other`; add a method in a.rs",
            "a.rs calls `requests::get_a`, which is no operation of the document",
            "GetNew (GET /new): the wrapper does not call `requests::get_new`; add a method in a.rs",
        ];
        let edits = [("get_a", "get_other"), ("GET_A", "GET_OTHER"), ("GetA", "GetOther")];
        let list = list_with(&edits, &gaps, &[], &[("a.rs", "requests::get_a(raw);\n\"GetA\"")]);
        assert!(list.contains("- [ ] `requests::get_a` is gone (also `operations::GET_A`)\n  - a.rs:1\n"), "{list}");
        assert!(list.contains("- [ ] the text \"GetA\" is gone from the document: see a.rs:2\n"), "{list}");
        assert!(!list.contains("GetOther") && !list.contains("no operation of the document"), "{list}");
        assert!(list.contains(gaps[2]) && list.contains("How to add an operation"), "{list}");
        assert!(list.contains("fault_matrix::"), "{list}");
    }

    #[test]
    fn additions_are_items_where_code_names_all_there_is() {
        let edits = [
            ("status: Status }", "status: Status, pub zone: String }"),
            ("Off }", "Off, #[serde(rename = \"idle\")] Idle }"),
            ("list_b<'a>(client: &'a Client)", "list_b<'a>(client: &'a Client, page: Option<i64>)"),
        ];
        let code = "Volume { size, status };\nmatch a { Status::On => 1 };\nrequests::list_b(raw)";
        let list = list_with(&edits, &[], &[], &[("a.rs", code)]);
        assert!(list.contains("- [ ] `Volume` also has `Volume.zone`\n  - a.rs:1\n"), "{list}");
        assert!(list.contains("- [ ] `requests::list_b` also takes `page: Option<i64>`\n  - a.rs:3\n"), "{list}");
        assert!(
            list.contains("- [ ] decide what `Status::Idle` means where `Status` is matched on: a.rs:2\n"),
            "{list}"
        );
        let elsewhere = list_with(&edits, &[], &[], &[("a.rs", "Volume { ..volume }")]);
        assert!(!elsewhere.contains("also has") && !elsewhere.contains("decide"), "{elsewhere}");
    }

    #[test]
    fn the_members_of_a_type_that_is_gone_are_places_of_it() {
        let edits = [("pub struct Gone { pub inner: i64 }", "")];
        let list = list_with(&edits, &[], &[], &[("a.rs", "use types::Gone;"), ("b.rs", "a.inner;\n\"inner\"")]);
        assert!(list.contains("- [ ] `Gone` is gone\n  - a.rs:1\n  - b.rs:1\n"), "{list}");
        let removed =
            list_with(&[("#[serde(rename = \"off\")] Off", "")], &[], &[], &[("a.rs", "Status::Off;\n\"off\"")]);
        assert!(removed.contains("- [ ] `Status::Off` is gone\n  - a.rs:1\n"), "{removed}");
        assert!(removed.contains("- [ ] the text \"off\" is gone from the document: see a.rs:2\n"), "{removed}");
    }

    #[test]
    fn many_lines_that_are_not_certain_are_counted() {
        let places = |lines: usize| (1..=lines).map(|line| Place { file: "a.rs".to_owned(), line }).collect();
        assert_eq!(shown(&places(2), MANY), ["a.rs:1, 2"]);
        assert_eq!(shown(&places(9), MANY), ["a.rs (9 lines)"]);
    }
}
