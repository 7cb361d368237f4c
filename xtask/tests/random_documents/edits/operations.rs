//! Edits of operations, their paths, parameters, requests and responses.

use serde_json::{Value, json};

use super::Edit;
use super::fields::any_schema;
use crate::draft::{Draft, escaped, rename_key};

pub(super) const EDITS: &[(&str, Edit)] = &[
    ("operation with a method", with_method),
    ("operation id of the client's own", own_id),
    ("operation added", added),
    ("operation removed", removed),
    ("operation renamed", renamed),
    ("operation ids swapped", swapped),
    ("operation moved", moved),
    ("operation without an id", without_id),
    ("trailing slash", trailing_slash),
    ("one more path parameter", more_path_parameters),
    ("path parameter renamed", path_parameter_renamed),
    ("path parameters in another order", path_parameters_reordered),
    ("path twin", path_twin),
    ("path item by reference", path_item_reference),
    ("parameter added", parameter_added),
    ("header parameter", header_parameter),
    ("parameter removed", parameter_removed),
    ("parameter changed", parameter_changed),
    ("several successes", several_successes),
    ("media type", media_type),
    ("body not JSON", octets),
    ("request body removed", request_removed),
    ("response body changed", response_changed),
    ("operation deprecated", deprecated),
];

fn id_of(draft: &Draft, operation: &str) -> String {
    draft.at(operation)["operationId"].as_str().unwrap_or_default().to_owned()
}

/// The pointer of the path item of an operation, and its method.
fn parts(operation: &str) -> (&str, &str) {
    operation.rsplit_once('/').unwrap()
}

fn path_of(operation: &str) -> String {
    parts(operation).0.trim_start_matches("/paths/").replace("~1", "/").replace("~0", "~")
}

fn with_method(draft: &mut Draft) -> Option<String> {
    let (path, method) = (draft.path()?, draft.one_of(&["options", "trace", "head", "put", "delete"])?);
    let id = draft.new_name("Do_");
    let names: Vec<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let parameters: Vec<Value> = names
        .iter()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let item = draft.object(&format!("/paths/{}", escaped(&path)));
    if item.contains_key(method) || item.contains_key("$ref") {
        return None;
    }
    let responses = json!({ "204": { "description": "done" } });
    item.insert(method.into(), json!({ "operationId": id, "parameters": parameters, "responses": responses }));
    Some(format!("{method} {path}"))
}

fn own_id(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let own =
        ["Client", "New", "Inner", "Baseurl", "Exec", "Clone", "Send", "Post", "ApiVersion", "Move", "2fa", "Match"];
    let id = draft.one_of(&own)?;
    draft.object(&operation).insert("operationId".into(), id.into());
    Some(format!("{operation}: {id}"))
}

fn added(draft: &mut Draft) -> Option<String> {
    let (path, id, schema) = (draft.new_name("/"), draft.new_name("List_"), any_schema(draft));
    let responses = json!({ "200": { "description": "d", "content": { "application/json": { "schema": schema } } } });
    let query = json!([{ "name": "filter", "in": "query", "schema": { "type": "string", "enum": ["all", "own"] } }]);
    let operation = json!({ "operationId": id, "parameters": query, "responses": responses });
    let what = format!("{id} {path} {schema}");
    draft.object("/paths").insert(path, json!({ "get": operation }));
    Some(what)
}

fn removed(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let id = id_of(draft, &operation);
    let (item, method) = parts(&operation);
    draft.object(item).shift_remove(method);
    Some(id)
}

fn renamed(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let old = id_of(draft, &operation);
    let new = if draft.rng.bool() { format!("{old}V2") } else { draft.new_name("Renamed_") };
    draft.object(&operation).insert("operationId".into(), new.clone().into());
    Some(format!("{old} to {new}"))
}

fn swapped(draft: &mut Draft) -> Option<String> {
    let (one, other) = (draft.operation()?, draft.operation()?);
    let (id, other_id) = (id_of(draft, &one), id_of(draft, &other));
    draft.object(&one).insert("operationId".into(), other_id.clone().into());
    draft.object(&other).insert("operationId".into(), id.clone().into());
    (one != other).then(|| format!("{id} and {other_id}"))
}

fn moved(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let (item, method) = parts(&operation);
    let path = path_of(&operation) + "/moved";
    let value = draft.object(item).shift_remove(method)?;
    let parameters = draft.at(item)["parameters"].clone();
    let target = draft.object(&format!("/paths/{}", escaped(&path)));
    target.insert(method.to_owned(), value);
    if !parameters.is_null() {
        target.insert("parameters".into(), parameters);
    }
    Some(format!("{method} {path}"))
}

fn without_id(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    draft.object(&operation).shift_remove("operationId");
    Some(operation)
}

fn trailing_slash(draft: &mut Draft) -> Option<String> {
    let path = draft.path()?;
    let new = match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    };
    draft.rename_path(&path, &new);
    Some(new)
}

fn more_path_parameters(draft: &mut Draft) -> Option<String> {
    let path = draft.path()?;
    let name = draft.new_name("");
    let new = if draft.rng.bool() { format!("{path}/{{{name}}}") } else { format!("/in/{{{name}}}{path}") };
    draft.rename_path(&path, &new);
    let parameter = json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    draft.array(&format!("/paths/{}", escaped(&new)), "parameters").push(parameter);
    Some(new)
}

fn path_parameter_renamed(draft: &mut Draft) -> Option<String> {
    let found: Vec<String> =
        draft.at("/paths").as_object()?.keys().filter(|path| path.contains('{')).cloned().collect();
    let path = draft.one_of(&found)?;
    let old = path.split('{').nth(1)?.split('}').next()?.to_owned();
    let new = draft.new_name("");
    let new_path = path.replace(&format!("{{{old}}}"), &format!("{{{new}}}"));
    draft.rename_path(&path, &new_path);
    let item = format!("/paths/{}", escaped(&new_path));
    let found = draft.pointers(&|_, node| node["in"] == "path" && node["name"] == *old);
    for pointer in found.iter().filter(|pointer| pointer.starts_with(&format!("{item}/"))) {
        draft.object(pointer).insert("name".into(), new.clone().into());
    }
    Some(new_path)
}

fn path_parameters_reordered(draft: &mut Draft) -> Option<String> {
    let found: Vec<String> =
        draft.at("/paths").as_object()?.keys().filter(|path| path.matches('{').count() > 1).cloned().collect();
    let path = draft.one_of(&found)?;
    let names: Vec<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let new = path.replace(names[0], "\0").replace(names[1], names[0]).replace('\0', names[1]);
    draft.rename_path(&path, &new);
    Some(new)
}

fn path_twin(draft: &mut Draft) -> Option<String> {
    let found: Vec<String> =
        draft.at("/paths").as_object()?.keys().filter(|path| path.contains('{')).cloned().collect();
    let path = draft.one_of(&found)?;
    let (twin, id) = (path.replace('{', "{other_"), draft.new_name("Twin_"));
    let names: Vec<&str> = twin.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let parameters: Vec<Value> =
        names.iter().map(|name| json!({ "name": name, "in": "path", "required": true, "schema": {} })).collect();
    let get = json!({ "operationId": id, "parameters": parameters, "responses": { "204": { "description": "d" } } });
    draft.object("/paths").insert(twin.clone(), json!({ "get": get }));
    Some(twin)
}

fn path_item_reference(draft: &mut Draft) -> Option<String> {
    let path = draft.path()?;
    let item = draft.object("/paths").insert(path.clone(), json!({ "$ref": "#/x-items/one" }))?;
    if item.get("$ref").is_some() || draft.document.get("x-items").is_some() {
        draft.object("/paths").insert(path, item);
        return None;
    }
    draft.object("/x-items").insert("one".into(), item);
    Some(path)
}

fn parameter_added(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let schemas = [
        json!({ "type": "string" }),
        json!({ "type": "integer" }),
        json!({ "type": "boolean" }),
        json!({ "type": "string", "enum": ["up", "down"] }),
        json!({ "type": "array", "items": { "type": "string" } }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "nullable": true }),
        json!({ "type": "integer", "enum": [1, 2] }),
    ];
    let (schema, name) = (draft.one_of(&schemas)?, draft.new_name(""));
    let (is_required, place) = (draft.rng.u8(..3) == 0, draft.one_of(&["query", "query", "header"])?);
    let parameter = json!({ "name": name, "in": place, "required": is_required, "schema": schema });
    draft.array(&operation, "parameters").push(parameter.clone());
    Some(format!("{operation}: {parameter}"))
}

fn header_parameter(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let name = draft.one_of(&["Authorization", "accept", "Content-Type", "X-Request-Id", "If-Match"])?;
    let parameter =
        json!({ "name": name, "in": "header", "required": draft.rng.bool(), "schema": { "type": "string" } });
    draft.array(&operation, "parameters").push(parameter);
    Some(format!("{operation}: {name}"))
}

/// Returns the pointer of the parameters of an operation, and the place of one that is not in its path.
fn parameter(draft: &mut Draft) -> Option<(String, usize)> {
    let operation = draft.operation_where(|it| it["parameters"].is_array())?;
    let all = draft.at(&operation)["parameters"].as_array()?.clone();
    let others: Vec<usize> = (0..all.len()).filter(|at| all[*at]["in"] != "path").collect();
    Some((operation, draft.one_of(&others)?))
}

fn parameter_removed(draft: &mut Draft) -> Option<String> {
    let (operation, at) = parameter(draft)?;
    let removed = draft.array(&operation, "parameters").remove(at);
    Some(format!("{operation}: {removed}"))
}

fn parameter_changed(draft: &mut Draft) -> Option<String> {
    let (operation, at) = parameter(draft)?;
    let choice = draft.rng.u8(..3);
    let name = draft.new_name("");
    let parameter = draft.array(&operation, "parameters").get_mut(at)?.as_object_mut()?;
    if parameter.contains_key("$ref") {
        *parameter = json!({ "name": name, "in": "query", "schema": { "type": "string" } }).as_object()?.clone();
    } else {
        match choice {
            0 => parameter.insert("required".into(), true.into()),
            1 => parameter.insert("schema".into(), json!({ "type": "integer" })),
            _ => parameter.insert("name".into(), name.into()),
        };
    }
    Some(format!("{operation}: {}", draft.at(&operation)["parameters"][at]))
}

fn several_successes(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let known = draft.at(&operation)["responses"].as_object()?.clone();
    let (_, first) = known.iter().find(|(status, _)| status.starts_with('2'))?;
    let other = match draft.rng.u8(..3) {
        0 => first.clone(),
        1 => json!({ "description": "no body" }),
        _ => json!({ "description": "d", "content": { "application/json": { "schema": any_schema(draft) } } }),
    };
    let status = draft.one_of(&["202", "203", "2XX", "206"])?;
    let what = format!("{operation}: {status} {other}");
    draft.object(&format!("{operation}/responses")).insert(status.into(), other);
    Some(what)
}

fn media_type(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["content"]["application/json"].is_object());
    let place = draft.one_of(&found)?;
    let types = ["application/merge-patch+json", "application/json; charset=utf-8", "application/vnd.api+json"];
    let ty = draft.one_of(&types)?;
    let content = draft.object(&format!("{place}/content"));
    match content.len() {
        1 => rename_key(content, "application/json", ty),
        _ => drop(content.insert(ty.into(), json!({}))),
    }
    Some(format!("{place}: {ty}"))
}

fn octets(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let known = draft.at(&operation)["responses"].as_object()?.clone();
    let (status, _) = known.iter().find(|(status, _)| status.starts_with('2'))?;
    let ty = draft.one_of(&["application/octet-stream", "text/plain", "image/png"])?;
    let body = json!({ "description": "d", "content": { ty: { "schema": { "type": "string", "format": "binary" } } } });
    draft.object(&format!("{operation}/responses")).insert(status.clone(), body);
    Some(format!("{operation}: {ty}"))
}

fn request_removed(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation_where(|it| it.get("requestBody").is_some())?;
    draft.object(&operation).shift_remove("requestBody");
    Some(operation)
}

fn response_changed(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    let known = draft.at(&operation)["responses"].as_object()?.clone();
    let (status, _) = known.iter().find(|(status, _)| status.starts_with('2'))?;
    let response = match draft.rng.bool() {
        true => json!({ "description": "no body" }),
        false => json!({ "description": "d", "content": { "application/json": { "schema": any_schema(draft) } } }),
    };
    let what = format!("{operation}: {response}");
    draft.object(&format!("{operation}/responses")).insert(status.clone(), response);
    Some(what)
}

fn deprecated(draft: &mut Draft) -> Option<String> {
    let operation = draft.operation()?;
    draft.object(&operation).insert("deprecated".into(), true.into());
    Some(operation)
}
