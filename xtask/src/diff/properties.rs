//! Every change to the vendored document is reported, and nothing else.

use std::collections::BTreeSet;
use std::rc::Rc;

use fastrand::Rng;
use genesiscloud_codegen::document::{self, object};
use serde_json::{Map, Value, json};

use super::api::Api;
use super::finding::Finding;
use super::report::{self, Format};
use super::{names, operations};
use crate::bindings::Inventory;

/// Edits the document. Returns the changes that may be reported, of which the first must be, and a part of its place.
type Edit = fn(&mut Value, &mut Rng) -> (&'static [&'static str], String);

const EDITS: &[(&str, Edit)] = &[
    ("remove an operation", |document, random| {
        let (path, method, id) = operation(document, random);
        item(document, &path).shift_remove(&method);
        (&["operation-removed"], id)
    }),
    ("add an operation", |document, random| {
        let (path, method, _) = operation(document, random);
        let mut copy = item(document, &path)[&method].clone();
        copy["operationId"] = json!("DoSomethingElse");
        document["paths"][format!("{path}/else")] = json!({ method: copy });
        (&["operation-added"], "DoSomethingElse".into())
    }),
    ("rename an operation", |document, random| {
        let (path, method, id) = operation(document, random);
        let new = format!("{id}V2");
        item(document, &path)[&method]["operationId"] = json!(new);
        (&["operation-renamed"], new)
    }),
    ("exchange two ids", |document, _| {
        let ids = [("/volumes", "post"), ("/filesystems", "post")];
        let [one, other] = ids.map(|(path, method)| item(document, path)[method]["operationId"].clone());
        item(document, "/volumes")["post"]["operationId"] = other;
        item(document, "/filesystems")["post"]["operationId"] = one;
        (&["operation-id-reused", "operation-renamed"], "CreateVolume".into())
    }),
    ("move an operation", |document, random| {
        let (path, method, id) = operation(document, random);
        let moved = item(document, &path).shift_remove(&method).unwrap();
        document["paths"][format!("{path}/moved")] = json!({ method: moved });
        // Rules name types by the paths where they are used.
        (&["operation-moved", "schema-renamed"], id)
    }),
    ("make a PATCH a PUT", |document, random| {
        let (path, _, id) = operation_where(document, random, |method, _| method == "patch");
        let moved = item(document, &path).shift_remove("patch").unwrap();
        item(document, &path).insert("put".into(), moved);
        (&["operation-moved"], id)
    }),
    ("deprecate an operation", |document, random| {
        let (path, method, id) = operation(document, random);
        item(document, &path)[&method]["deprecated"] = json!(true);
        (&["deprecated"], id)
    }),
    ("remove a parameter", |document, random| {
        let (path, method, id) = operation_where(document, random, |_, operation| {
            operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one.get("$ref").is_some()))
        });
        let parameters = item(document, &path)[&method]["parameters"].as_array_mut().unwrap();
        parameters.retain(|parameter| parameter["$ref"] != "#/components/parameters/PerPageQueryParameter");
        (&["parameter-removed"], format!("{id} ?per_page"))
    }),
    ("add a parameter", |document, random| {
        let (path, method, id) = operation(document, random);
        let new = json!({ "name": "color", "in": "query", "required": random.bool(), "schema": { "type": "string" } });
        let operation = &mut item(document, &path)[&method];
        let parameters = operation.as_object_mut().unwrap().entry("parameters").or_insert(json!([]));
        parameters.as_array_mut().unwrap().push(new);
        (&["parameter-added"], format!("{id} ?color"))
    }),
    ("rename a parameter", |document, _| {
        let parameters = item(document, "/availability/{region}/instances")["get"]["parameters"].as_array_mut();
        let placement = parameters.unwrap().iter_mut().find(|one| one["name"] == "placement").unwrap();
        placement["name"] = json!("placement_option");
        (&["parameter-renamed"], "GetInstancesAvailability ?placement_option".into())
    }),
    ("require a parameter", |document, _| {
        document["components"]["parameters"]["PageQueryParameter"]["required"] = json!(true);
        (&["became-required"], "?page".into())
    }),
    ("remove a body", |document, random| {
        let (path, method, id) = operation_where(document, random, |_, operation| !operation["requestBody"].is_null());
        item(document, &path)[&method].as_object_mut().unwrap().shift_remove("requestBody");
        (&["request-body-removed"], id)
    }),
    ("change the status of a success", |document, random| {
        let (path, method, id) = operation(document, random);
        let responses = item(document, &path)[&method]["responses"].as_object_mut().unwrap();
        let success = responses.keys().find(|status| status.starts_with('2')).unwrap().clone();
        let response = responses.shift_remove(&success).unwrap();
        responses.insert("202".into(), response);
        (&["success-status-changed"], id)
    }),
    ("remove the body of a response", |document, random| {
        let (path, method, id) =
            operation_where(document, random, |_, operation| operation["responses"].get("200").is_some());
        item(document, &path)[&method]["responses"]["200"] = json!({ "description": "nothing" });
        (&["response-body-removed"], id)
    }),
    ("remove a field", |document, random| {
        let (place, name) = field(document, random, |_, _| true);
        let schema = node(document, &place);
        schema["properties"].as_object_mut().unwrap().shift_remove(&name);
        set_required(schema, &name, false);
        (&["field-removed", "schema-renamed"], name)
    }),
    ("add a field", |document, random| {
        let (place, _) = field(document, random, |_, _| true);
        let is_required = random.bool();
        let schema = node(document, &place);
        schema["properties"]["color"] = json!({ "type": "string" });
        set_required(schema, "color", is_required);
        (&["field-added", "schema-renamed"], ".color".into())
    }),
    ("rename a field", |document, random| {
        let (place, name) = field(document, random, |_, _| true);
        let schema = node(document, &place);
        let value = schema["properties"].as_object_mut().unwrap().shift_remove(&name).unwrap();
        let new = format!("{name}_anew");
        schema["properties"][&new] = value;
        let was_required = is_required(schema, &name);
        set_required(schema, &name, false);
        set_required(schema, &new, was_required);
        (&["field-renamed", "schema-renamed"], name)
    }),
    ("require a field, or make it optional", |document, random| {
        let (place, name) = field(document, random, |_, _| true);
        let schema = node(document, &place);
        let was_required = is_required(schema, &name);
        set_required(schema, &name, !was_required);
        let change = if was_required { "became-optional" } else { "became-required" };
        // The type of an id and a name may change as well.
        (
            if change == "became-optional" {
                &["became-optional", "schema-renamed"]
            } else {
                &["became-required", "schema-renamed"]
            },
            name,
        )
    }),
    ("change whether a field can be null", |document, random| {
        let (place, name) = field(document, random, |_, value| value.get("$ref").is_none());
        let value = &mut node(document, &place)["properties"][&name];
        let was_nullable = value["nullable"] == true;
        value["nullable"] = json!(!was_nullable);
        (if was_nullable { &["became-not-nullable"] } else { &["became-nullable"] }, name)
    }),
    ("deprecate a field", |document, random| {
        let (place, name) = field(document, random, |_, value| value.get("$ref").is_none());
        node(document, &place)["properties"][&name]["deprecated"] = json!(true);
        (&["deprecated"], name)
    }),
    ("change a type", |document, random| {
        let (place, name) =
            field(document, random, |_, value| value["type"] == "string" && value.get("enum").is_none());
        let value = &mut node(document, &place)["properties"][&name];
        value["type"] = json!("integer");
        value.as_object_mut().unwrap().shift_remove("format");
        (&["type-changed"], name)
    }),
    ("make a type a union", |document, random| {
        let (place, name) =
            field(document, random, |_, value| value["type"] == "string" && value.get("enum").is_none());
        let mut value = node(document, &place)["properties"][&name].take();
        let nullable = value.as_object_mut().unwrap().shift_remove("nullable").unwrap_or(json!(false));
        let several = json!({ "oneOf": [value, { "type": "integer" }], "nullable": nullable });
        node(document, &place)["properties"][&name] = several;
        (&["became-union"], name)
    }),
    ("make a string an enum", |document, random| {
        let (place, name) =
            field(document, random, |_, value| value["type"] == "string" && value.get("enum").is_none());
        node(document, &place)["properties"][&name]["enum"] = json!(["red", "blue"]);
        (&["became-enum"], name)
    }),
    ("set a format", |document, random| {
        let (place, name) =
            field(document, random, |_, value| value["type"] == "string" && value.get("format").is_none());
        let format = ["uuid", "date-time"][random.usize(..2)];
        node(document, &place)["properties"][&name]["format"] = json!(format);
        (if format == "uuid" { &["format-changed"] } else { &["type-changed"] }, name)
    }),
    ("set a limit", |document, random| {
        let (place, name) = field(document, random, |_, value| value["type"] == "string");
        node(document, &place)["properties"][&name]["maxLength"] = json!(7);
        (&["limit-tightened"], name)
    }),
    ("raise a limit", |document, random| {
        let (place, name) = field(document, random, |_, value| value.get("minimum").is_some());
        node(document, &place)["properties"][&name]["minimum"] = json!(80_000);
        (&["limit-tightened"], name)
    }),
    ("set a default", |document, random| {
        let (place, name) = field(document, random, |_, value| value["type"] == "string");
        node(document, &place)["properties"][&name]["default"] = json!("red");
        (&["default-changed"], name)
    }),
    ("set a keyword that is not classified", |document, random| {
        let (place, name) = field(document, random, |_, value| value.get("$ref").is_none());
        node(document, &place)["properties"][&name]["readOnly"] = json!(true);
        (&["keyword-changed"], name)
    }),
    ("remove a value", |document, random| {
        let name = schema(document, random, |schema| schema["enum"].as_array().is_some_and(|values| values.len() > 1));
        let values = document["components"]["schemas"][&name]["enum"].as_array_mut().unwrap();
        values.remove(random.usize(..values.len()));
        (&["enum-value-removed"], name)
    }),
    ("add a value", |document, random| {
        let name = schema(document, random, |schema| schema.get("enum").is_some());
        document["components"]["schemas"][&name]["enum"].as_array_mut().unwrap().push(json!("ultraviolet"));
        (&["enum-value-added"], name)
    }),
    ("make an enum a string", |document, random| {
        let name = schema(document, random, |schema| schema.get("enum").is_some());
        document["components"]["schemas"][&name].as_object_mut().unwrap().shift_remove("enum");
        (&["enum-ended"], name)
    }),
    ("add a variant", |document, random| {
        let name = schema(document, random, |schema| schema.get("oneOf").is_some());
        document["components"]["schemas"][&name]["oneOf"].as_array_mut().unwrap().push(json!({ "type": "boolean" }));
        // The other variants were named without the words that all names had in common.
        (&["union-variant-added", "union-variant-renamed"], name)
    }),
    ("remove a variant", |document, random| {
        let name = schema(document, random, |schema| schema.get("oneOf").is_some());
        document["components"]["schemas"][&name]["oneOf"].as_array_mut().unwrap().pop();
        (&["union-variant-removed"], name)
    }),
    ("rename a schema", |document, random| {
        let name = schema(document, random, |schema| schema.get("properties").is_some());
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        let value = schemas.shift_remove(&name).unwrap();
        let new = format!("{name}Anew");
        schemas.insert(new.clone(), value);
        let text = document.to_string();
        let (from, to) = (format!("schemas/{name}\""), format!("schemas/{new}\""));
        *document = serde_json::from_str(&text.replace(&from, &to)).unwrap();
        // Variants are named by their types.
        (&["schema-renamed", "union-variant-renamed"], new)
    }),
    ("move the service", |document, _| {
        document["servers"][0]["url"] = json!("https://api.elsewhere.example/compute/v1");
        (&["server-changed"], "servers".into())
    }),
    ("move the prefix into the paths", |document, _| {
        document["servers"][0]["url"] = json!("https://api.genesiscloud.com");
        let paths = document["paths"].as_object_mut().unwrap();
        *paths = std::mem::take(paths).into_iter().map(|(path, item)| (format!("/compute/v1{path}"), item)).collect();
        (&["server-prefix-moved", "schema-renamed"], "servers".into())
    }),
    ("add a prefix to all schemas", |document, _| {
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        *schemas = std::mem::take(schemas).into_iter().map(|(name, it)| (format!("compute.v1.{name}"), it)).collect();
        let text = document.to_string().replace("components/schemas/", "components/schemas/compute.v1.");
        *document = serde_json::from_str(&text).unwrap();
        (&["schema-prefix-changed"], "components.schemas".into())
    }),
    ("require other credentials", |document, random| {
        let (path, method, id) = operation(document, random);
        document["components"]["securitySchemes"]["Basic"] = json!({ "type": "http", "scheme": "basic" });
        item(document, &path)[&method]["security"] = json!([{ "Basic": [] }]);
        (&["security-changed"], id)
    }),
    ("rename a security scheme", |document, _| {
        let schemes = document["components"]["securitySchemes"].as_object_mut().unwrap();
        let (name, scheme) = schemes.iter().next().map(|(name, it)| (name.clone(), it.clone())).unwrap();
        schemes.shift_remove(&name);
        schemes.insert("Another".into(), scheme);
        let text = document["security"].to_string().replace(&name, "Another");
        document["security"] = serde_json::from_str(&text).unwrap();
        (&["security-scheme-renamed"], "securitySchemes.Another".into())
    }),
    ("document an error response", |document, random| {
        let (path, method, id) = operation(document, random);
        item(document, &path)[&method]["responses"]["418"] = json!({ "description": "no" });
        (&["keyword-changed"], id)
    }),
];

fn item<'a>(document: &'a mut Value, path: &str) -> &'a mut Map<String, Value> {
    document["paths"][path].as_object_mut().unwrap()
}

fn operation(document: &Value, random: &mut Rng) -> (String, String, String) {
    operation_where(document, random, |_, _| true)
}

fn operation_where(
    document: &Value,
    random: &mut Rng,
    is_suitable: impl Fn(&str, &Value) -> bool,
) -> (String, String, String) {
    let mut all = document::operations(document);
    all.retain(|operation| is_suitable(operation.method, operation.value));
    let one = all[random.usize(..all.len())];
    (one.path.to_owned(), one.method.to_owned(), one.name())
}

fn node<'a>(document: &'a mut Value, place: &str) -> &'a mut Value {
    document.pointer_mut(place).unwrap()
}

/// Returns the places of the objects in requests and success responses.
fn objects(document: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    for operation in document::operations(document) {
        let at = format!("/paths/{}/{}", operation.path.replace('/', "~1"), operation.method);
        open.push(format!("{at}/requestBody/content/application~1json/schema"));
        for (status, response) in object(&operation.value["responses"]).filter(|(status, _)| status.starts_with('2')) {
            let response =
                response["$ref"].as_str().map_or(format!("{at}/responses/{status}"), |to| to[1..].to_owned());
            open.push(format!("{response}/content/application~1json/schema"));
        }
    }
    let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
    while let Some(place) = open.pop() {
        let Some(schema) = document.pointer(&place).filter(|_| seen.insert(place.clone())) else { continue };
        open.extend(schema["$ref"].as_str().map(|to| to[1..].to_owned()));
        open.push(format!("{place}/items"));
        open.extend(object(&schema["properties"]).map(|(name, _)| format!("{place}/properties/{name}")));
        let variants = schema["oneOf"].as_array().map_or(0, Vec::len);
        open.extend((0..variants).map(|variant| format!("{place}/oneOf/{variant}")));
        if schema.get("properties").is_some() {
            found.insert(place);
        }
    }
    found
}

/// Returns the place of an object, and one of its fields. Referenced objects have places of their own.
fn field(document: &Value, random: &mut Rng, is_suitable: impl Fn(&str, &Value) -> bool) -> (String, String) {
    let fields: Vec<_> = objects(document)
        .into_iter()
        .flat_map(|place| {
            let schema = document.pointer(&place).unwrap();
            let names = object(&schema["properties"]).filter(|(name, value)| is_suitable(name, value));
            names.map(|(name, _)| (place.clone(), name.clone())).collect::<Vec<_>>()
        })
        .collect();
    fields[random.usize(..fields.len())].clone()
}

/// Returns the name of a schema in requests or success responses.
fn schema(document: &Value, random: &mut Rng, is_suitable: impl Fn(&Value) -> bool) -> String {
    let text = document["paths"].to_string() + &document["components"].to_string();
    let names = object(&document["components"]["schemas"]).filter(|(name, schema)| {
        // Changes of error responses are notes.
        *name != "Error" && is_suitable(schema) && text.contains(&format!("#/components/schemas/{name}\""))
    });
    let names: Vec<_> = names.map(|(name, _)| name.clone()).collect();
    names[random.usize(..names.len())].clone()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name))
}

fn set_required(schema: &mut Value, name: &str, required: bool) {
    let names = schema.as_object_mut().unwrap().entry("required").or_insert(json!([]));
    let names = names.as_array_mut().unwrap();
    names.retain(|one| one != name);
    if required {
        names.push(json!(name));
    }
    if names.is_empty() {
        schema.as_object_mut().unwrap().shift_remove("required");
    }
}

fn vendored() -> Value {
    genesiscloud_codegen::read(include_str!("../../../openapi/compute-v1.yaml")).unwrap()
}

#[test]
fn every_edit_is_reported_and_nothing_else() {
    let document = vendored();
    let old = Api::of(document.clone());
    let mut failures = Vec::new();
    for (name, edit) in EDITS {
        for seed in 0..10 {
            let mut edited = document.clone();
            let (changes, place) = edit(&mut edited, &mut Rng::with_seed(seed));
            let findings = operations::compare(&old, &Api::of(edited)).into_sorted();
            let is_reported = |change: &str| {
                findings.iter().any(|finding| finding.change == change && finding.place.contains(&place))
            };
            let is_more = findings.iter().any(|finding| !changes.contains(&finding.change));
            if is_more || !is_reported(changes[0]) {
                failures.push(format!("{name}, seed {seed}, at {place}: {}", report::write(&findings, Format::Text)));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn equal_documents_have_no_findings() {
    let document = vendored();
    let same = operations::compare(&Api::of(document.clone()), &Api::of(document.clone())).into_sorted();
    assert_eq!(same, []);
    // Prose and order are not compared.
    let text = document.to_string().replace("machine", "device");
    let mut reworded: Value = serde_json::from_str(&text).unwrap();
    let schemas = reworded["components"]["schemas"].as_object_mut().unwrap();
    *schemas = std::mem::take(schemas).into_iter().rev().collect();
    assert_eq!(operations::compare(&Api::of(document), &Api::of(reworded)).into_sorted(), []);
}

/// Edits after which the generator gives other names or types to what did not change in the document, or to more than what the
/// document shows. They return what the names in the bindings add to the report.
const EDITS_OF_NAMES: &[(&str, Edit)] = &[
    ("add a schema with the name that an inline schema has", |document, _| {
        document["components"]["schemas"]["ReservationQuota"] =
            json!({ "type": "object", "properties": { "id": { "type": "string" } } });
        let names = &[
            "name-changed Reservation.quota",
            "name-changed ReservationQuota.capacity",
            "name-changed ReservationQuota.extra",
            "name-changed ReservationQuota.used",
        ];
        (names, String::new())
    }),
    ("make one of the schemas that share a type another one", |document, _| {
        let instances = &mut document["components"]["schemas"]["Volume"]["properties"]["instances"]["items"];
        instances["properties"]["name"]["nullable"] = json!(true);
        (&["name-changed Volume.instances"], String::new())
    }),
    ("take from responses a type that requests have as well", |document, _| {
        document["components"]["schemas"]["SecurityGroup"] = json!({ "type": "object", "properties": {} });
        let names = &[
            "name-changed SecurityGroup",
            "name-changed SecurityGroupRule.extra",
            "name-changed SecurityGroupRule.port_range_max",
            "name-changed SecurityGroupRule.port_range_min",
        ];
        (names, String::new())
    }),
    ("add an optional body to a request", |document, _| {
        let schema = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        item(document, "/ssh-keys/{ssh_key_id}")["delete"]["requestBody"] =
            json!({ "content": { "application/json": { "schema": schema } } });
        (&["request-body-added DeleteSSHKey body"], String::new())
    }),
    ("add a body to a response", |document, _| {
        item(document, "/ssh-keys/{ssh_key_id}")["delete"]["responses"]["204"]["content"] =
            json!({ "application/json": { "schema": { "$ref": "#/components/schemas/SSHKey" } } });
        (&["response-body-added DeleteSSHKey response"], String::new())
    }),
    ("remove a field of error responses", |document, _| {
        let error = &mut document["components"]["schemas"]["Error"];
        error["properties"].as_object_mut().unwrap().shift_remove("message");
        set_required(error, "message", false);
        (&["field-removed Error.message"], String::new())
    }),
];

/// Returns a document with the names of its bindings.
fn generated(document: Value) -> Result<Api, String> {
    let bindings = genesiscloud_codegen::generate(&document.to_string()).map_err(|error| error.to_string())?;
    Ok(Api { names: Rc::new(Inventory::read(&bindings)?), ..Api::of(document) })
}

/// Returns what of the findings was added or raised because of the names in the bindings.
fn of_names(old: &Api, new: &Api) -> Vec<String> {
    let mut findings = operations::compare(old, new);
    let key = |finding: &Finding| (finding.severity, finding.change, finding.place.clone());
    let by_documents: BTreeSet<_> = findings.all().map(key).collect();
    names::combine(&mut findings, &old.names, &new.names);
    let is_new = |finding: &&Finding| !by_documents.contains(&key(finding));
    findings.all().filter(is_new).map(|finding| format!("{} {}", finding.change, finding.place)).collect()
}

#[test]
fn names_that_change_because_of_another_part_are_reported() {
    let old = generated(vendored()).unwrap();
    for (name, edit) in EDITS_OF_NAMES {
        let mut edited = old.document.clone();
        let (expected, _) = edit(&mut edited, &mut Rng::with_seed(100));
        let found = generated(edited).map(|new| of_names(&old, &new));
        assert_eq!(found.unwrap_or_else(|reason| vec![reason]), expected, "{name}");
    }
}

#[test]
fn changes_of_names_that_the_document_explains_are_reported_once() {
    let old = generated(vendored()).unwrap();
    for (name, edit) in EDITS {
        let mut edited = old.document.clone();
        edit(&mut edited, &mut Rng::with_seed(101));
        // Some are refused, such as a PATCH of another name.
        let Ok(new) = generated(edited) else { continue };
        let found = of_names(&old, &new);
        let expected: &[&str] = match *name {
            "exchange two ids" => &["name-changed CreateFilesystemBody.type_", "name-changed CreateVolumeBody.type_"],
            // Rules of the generator name schemas, and do not find them any more.
            "add a prefix to all schemas" => &[
                "name-changed Image.os_type",
                "name-changed Instance.dns_name",
                "name-changed Instance.image",
                "name-changed Instance.is_protected",
                "name-changed Instance.os_type",
                "name-changed Instance.placement_option",
            ],
            _ => &[],
        };
        assert_eq!(found, expected, "{name}");
    }
}
