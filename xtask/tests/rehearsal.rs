//! A rehearsal of the next changes of the provider's document, in a copy of the checkout: an additive successor of the vendored
//! document, after which all builds and tests pass but what the to-do list of the refresh names, and a breaking one, after
//! which the compiler finds nothing that the list does not name.
//!
//! The successors are fixed edits, so that there is always one of the document that is vendored now.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use genesiscloud_codegen::document;
use serde_json::{Map, Value, json};

/// A copy of the checkout, whose document is another one.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        let listed = git(&root(), &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        for file in listed.split('\0').filter(|file| root().join(file).is_file()) {
            let to = copy.0.path().join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(root().join(file), to).unwrap();
        }
        git(copy.0.path(), &["init", "--quiet"]);
        git(copy.0.path(), &["add", "--all"]);
        git(copy.0.path(), &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "initial"]);
        copy
    }

    /// Refreshes the copy from an edited document, and returns the report and the to-do list.
    fn refresh(&self, edit: fn(&mut Value)) -> String {
        let vendored = fs::read_to_string(self.0.path().join("openapi/compute-v1.yaml")).unwrap();
        let mut successor = document::parse(&vendored).unwrap();
        edit(&mut successor);
        let from = self.0.path().join("target-successor.json");
        fs::write(&from, successor.to_string()).unwrap();
        let output = self.cargo(&["xtask", "refresh", "--from", from.to_str().unwrap()]);
        fs::remove_file(from).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs cargo in the copy. Its target directory is one for all rehearsals: with that of the checkout, each would build the
    /// packages of the other again.
    fn cargo(&self, arguments: &[&str]) -> Output {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(self.0.path())
            .env("CARGO_TARGET_DIR", target.join("rehearsal"))
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("CARGO_MANIFEST_DIR")
            .args(arguments)
            .output()
            .unwrap()
    }
}

/// The root of the checkout from which cargo runs the tests.
fn root() -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).parent().unwrap().to_owned()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn object<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Map<String, Value> {
    let node = document.pointer_mut(pointer).and_then(Value::as_object_mut);
    node.unwrap_or_else(|| panic!("the vendored document has no {pointer}; rehearse with another part of it"))
}

fn list<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Vec<Value> {
    let node = document.pointer_mut(pointer).and_then(Value::as_array_mut);
    node.unwrap_or_else(|| panic!("the vendored document has no {pointer}; rehearse with another part of it"))
}

const VOLUME: &str = "/components/schemas/Volume";
const UPDATE_VOLUME: &str =
    "/paths/~1volumes~1{volume_id}/patch/requestBody/content/application~1json/schema/properties";

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

/// Removes a field and an enum value, and renames a field and an operation.
fn breaking(document: &mut Value) {
    let removed = object(document, "/components/schemas/Instance/properties").shift_remove("placement_option");
    assert!(removed.is_some());
    list(document, "/components/schemas/Volume.Status/enum").retain(|status| *status != "pending_delete");
    let properties = object(document, &format!("{VOLUME}/properties"));
    let size = properties.shift_remove("size").unwrap();
    properties.insert("size_gib".into(), size);
    let renamed = |name: &mut Value| *name = "size_gib".into();
    list(document, &format!("{VOLUME}/required")).iter_mut().filter(|name| **name == "size").for_each(renamed);
    let required = list(document, "/components/schemas/Instance/required");
    required.retain(|name| *name != "placement_option");
    object(document, "/paths/~1quotas/get").insert("operationId".into(), "ListQuotas".into());
}

/// Returns the words of a to-do list that name something: what is between backticks, and ids at the beginning of an item.
fn named(todo: &str) -> Vec<&str> {
    let quoted = todo.split('`').skip(1).step_by(2);
    let ids = todo.lines().filter_map(|line| line.strip_prefix("- [ ] ")?.split([' ', ':']).next());
    quoted.chain(ids).filter(|name| name.contains("ehearsed") || name.contains("REHEARSED")).collect()
}

#[test]
#[ignore = "builds a copy of the workspace and runs its tests, which takes minutes"]
fn after_an_additive_change_all_tests_pass_but_what_the_list_names() {
    let copy = Copy::new();
    let report = copy.refresh(additive);
    let (changes, todo) = report.split_once("\nTo do:\n").expect("a to-do list");
    assert!(changes.contains("\n0 breaking, "), "{changes}");
    for name in ["GetVolumeRehearsed", "throughput_rehearsed", "resizing_rehearsed"] {
        assert!(todo.contains(name), "{name} in {todo}");
    }

    let tests = copy.cargo(&["test", "--locked", "--no-fail-fast"]);
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

#[test]
#[ignore = "builds a copy of the workspace, which takes minutes"]
fn after_a_breaking_change_the_compiler_finds_what_the_list_names() {
    let copy = Copy::new();
    let report = copy.refresh(breaking);
    let (changes, todo) = report.split_once("\nTo do:\n").expect("a to-do list");
    assert!(!changes.contains("\n0 breaking, "), "{changes}");

    let check = ["check", "--locked", "--workspace", "--all-targets", "--keep-going", "--message-format", "json"];
    let checked = copy.cargo(&check);
    let printed = String::from_utf8(checked.stdout).unwrap();
    let messages = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut places: Vec<String> = messages
        .filter(|message| message["message"]["level"] == "error")
        .filter_map(|message| Some(message["message"]["spans"].as_array()?.first()?["file_name"].as_str()?.to_owned()))
        .collect();
    assert!(!places.is_empty(), "nothing uses what was removed: {}", String::from_utf8_lossy(&checked.stderr));
    places.retain(|file| !todo.contains(file));
    assert!(places.is_empty(), "{places:#?} do not compile, and are not in the to-do list:\n{todo}");
}
