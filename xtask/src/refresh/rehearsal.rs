//! Rehearsals of the next changes of the provider's document, which take minutes: after breaking ones, all errors of the compiler
//! are at places of the to-do list; after an additive one, all tests pass but what the list names.
//!
//! The changes are edits of the document that is vendored now, so that they are always of the next one.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::scratch::{self, Scratch};
use super::{Limits, Options, Source, refresh};
use crate::files;

const VOLUME: &str = "/components/schemas/Volume";
const CREATE_VOLUME: &str = "/paths/~1volumes/post/requestBody/content/application~1json/schema/properties";
const UPDATE_VOLUME: &str =
    "/paths/~1volumes~1{volume_id}/patch/requestBody/content/application~1json/schema/properties";

/// Returns the vendored document with an edit.
fn edited(edit: impl Fn(&mut Value)) -> String {
    let mut document = genesiscloud_codegen::read(&files::read(&files::root(), files::DOCUMENT).unwrap()).unwrap();
    let before = document.clone();
    edit(&mut document);
    assert_ne!(document, before);
    document.to_string()
}

/// Refreshes the checkout at this root from a document, with a real type check, and returns the report and the to-do list.
fn refreshed(root: &Path, document: &str, options: Options) -> String {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("successor.json");
    fs::write(&from, document).unwrap();
    let source = Source::read(from.to_str()).unwrap();
    let now = "2026-11-25T16:00:00Z".parse().unwrap();
    refresh(root, &source, &Limits::default(), now, options, &scratch::check).unwrap()
}

fn at<'a>(document: &'a mut Value, place: &str) -> &'a mut Value {
    document
        .pointer_mut(place)
        .unwrap_or_else(|| panic!("the vendored document has no {place}; rehearse with another part"))
}

fn object<'a>(document: &'a mut Value, place: &str) -> &'a mut Map<String, Value> {
    at(document, place).as_object_mut().unwrap()
}

fn list<'a>(document: &'a mut Value, place: &str) -> &'a mut Vec<Value> {
    at(document, place).as_array_mut().unwrap()
}

/// Edits each of which concerns code of the wrapper, the sandbox or the tests.
fn breaking_edits() -> [(&'static str, String); 6] {
    let fields = format!("{VOLUME}/properties");
    [
        ("a field renamed", edited(|document| rename(document, VOLUME, "size", "size_gib"))),
        (
            "a value removed",
            edited(|document| {
                list(document, "/components/schemas/Instance.Status/enum").retain(|it| *it != "resetting")
            }),
        ),
        (
            "an operation renamed",
            edited(|document| *at(document, "/paths/~1quotas/get/operationId") = "GetAllQuotas".into()),
        ),
        (
            "a request field of another type",
            edited(|document| *at(document, &format!("{CREATE_VOLUME}/size")) = json!({ "type": "string" })),
        ),
        (
            "fields added",
            edited(|document| {
                at(document, &fields)["zone"] = json!({ "type": "string" });
                at(document, CREATE_VOLUME)["zone"] = json!({ "type": "string" });
            }),
        ),
        ("a successor", edited(breaking)),
    ]
}

/// Renames a field of a schema.
fn rename(document: &mut Value, schema: &str, from: &str, to: &str) {
    let fields = object(document, &format!("{schema}/properties"));
    let field = fields.remove(from).unwrap();
    fields.insert(to.to_owned(), field);
    let required = list(document, &format!("{schema}/required")).iter_mut();
    required.filter(|name| **name == from).for_each(|name| *name = to.into());
}

/// Removes a field and an enum value, and renames a field and an operation.
fn breaking(document: &mut Value) {
    const INSTANCE: &str = "/components/schemas/Instance";
    assert!(object(document, &format!("{INSTANCE}/properties")).remove("placement_option").is_some());
    list(document, &format!("{INSTANCE}/required")).retain(|name| *name != "placement_option");
    list(document, "/components/schemas/Volume.Status/enum").retain(|status| *status != "pending_delete");
    rename(document, VOLUME, "size", "size_gib");
    *at(document, "/paths/~1quotas/get/operationId") = "ListQuotas".into();
}

/// Adds an operation to a resource with its types, fields to responses and a request, a status and a region.
fn additive(document: &mut Value) {
    let metrics = json!({ "type": "object", "required": ["reads"], "properties": {
        "reads": { "type": "integer" }, "period": { "type": "string", "enum": ["hourly", "daily"] } } });
    object(document, "/components/schemas").insert("Volume.Rehearsed".into(), metrics);
    let body = json!({ "$ref": "#/components/schemas/Volume.Rehearsed" });
    let get = json!({
        "operationId": "GetVolumeRehearsed",
        "parameters": [
            { "name": "volume_id", "in": "path", "required": true, "schema": { "type": "string" } },
            { "name": "since", "in": "query", "schema": { "type": "string", "format": "date-time" } },
        ],
        "responses": { "200": { "description": "d", "content": { "application/json": { "schema": body } } } },
    });
    object(document, "/paths").insert("/volumes/{volume_id}/rehearsed".into(), json!({ "get": get }));
    let number = json!({ "type": "integer", "description": "In MiB per second." });
    let properties = format!("{VOLUME}/properties");
    object(document, &properties).insert("throughput_rehearsed".into(), number.clone());
    let text = json!({ "type": "string", "nullable": true });
    object(document, "/components/schemas/Instance/properties").insert("rack_rehearsed".into(), text);
    object(document, UPDATE_VOLUME).insert("throughput_rehearsed".into(), number);
    list(document, "/components/schemas/Volume.Status/enum").push("resizing_rehearsed".into());
    list(document, "/components/schemas/Region/enum").push("EAST-REHEARSED-1".into());
}

/// Returns the words of a to-do list that name something: what is between backticks, and ids at the beginning of an item.
fn named(todo: &str) -> Vec<&str> {
    let quoted = todo.split('`').skip(1).step_by(2);
    let ids = todo.lines().filter_map(|line| line.strip_prefix("- [ ] ")?.split([' ', ':']).next());
    quoted.chain(ids).filter(|name| name.contains("ehearsed") || name.contains("REHEARSED")).collect()
}

#[test]
#[ignore = "type-checks the whole workspace six times, which takes minutes"]
fn all_errors_of_the_compiler_are_at_places_of_the_list() {
    for (edit, document) in breaking_edits() {
        let report = refreshed(&files::root(), &document, Options { is_dry_run: true, is_forced: true });
        assert!(report.contains(" (E0"), "{edit}: the compiler finds an error: {report}");
        assert!(!report.contains("found by the compiler, at no place"), "{edit}: {report}");
    }
}

#[test]
#[ignore = "runs all tests of a copy of the workspace, which takes minutes"]
fn after_an_additive_change_all_tests_pass_but_what_the_list_names() {
    let scratch = Scratch::of(&files::root()).unwrap();
    let report = refreshed(&scratch.root(), &edited(additive), Options::default());
    let (changes, todo) = report.split_once("\nTo do:\n").expect("a to-do list");
    assert!(changes.contains("\n0 breaking, "), "{changes}");
    for name in ["GetVolumeRehearsed", "throughput_rehearsed", "ResizingRehearsed"] {
        assert!(todo.contains(name), "{name} in {todo}");
    }

    let tests = scratch.cargo().args(["test", "--locked", "--no-fail-fast"]).output().unwrap();
    let (printed, errors) = (String::from_utf8_lossy(&tests.stdout), String::from_utf8_lossy(&tests.stderr));
    assert!(!errors.contains("error: could not compile") && !errors.contains("error[E"), "{errors}");
    let names = named(todo);
    let mut failed: Vec<&str> =
        printed.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED")).collect();
    failed.retain(|test| {
        let output = printed.split_once(&format!("---- {test} stdout ----")).map_or("", |(_, rest)| rest);
        let output = output.split("\n---- ").next().unwrap_or_default();
        let file = output.split("panicked at ").nth(1).and_then(|place| place.split(':').next());
        !names.iter().any(|name| output.contains(name)) && !file.is_some_and(|file| todo.contains(file))
    });
    assert!(failed.is_empty(), "{failed:#?} fail, and are not in the to-do list:\n{todo}\n{printed}");
}
