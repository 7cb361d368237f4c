//! Tests of all steps together, on small documents as providers write them, and on documents with names that clash.

use crate::generate;

/// A document in which `GetVm` responds with the schema `Vm`.
fn document(vm: &str, more_schemas: &str, more_paths: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{/vm: {{get: {{operationId: GetVm, {}}}}}, {more_paths}}}\n\
         components: {{schemas: {{Vm: {vm}, {more_schemas}}}}}",
        responds("200", "{$ref: '#/components/schemas/Vm'}")
    )
}

fn responds(status: &str, schema: &str) -> String {
    format!("responses: {{'{status}': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}")
}

const DONE: &str = "responses: {'204': {description: done}}";

fn code(document: &str) -> String {
    plain(&generate(document).unwrap())
}

/// Code without spaces and last commas, which depend on the length of a line.
fn plain(code: &str) -> String {
    code.split_whitespace().collect::<String>().replace(",)", ")").replace(",>", ">")
}

#[track_caller]
fn assert_parts(code: &str, parts: &[&str]) {
    for part in parts {
        assert!(code.contains(&plain(part)), "{part}\nis not in\n{code}");
    }
}

fn error(document: &str) -> String {
    generate(document).unwrap_err().to_string()
}

#[test]
fn lists_and_maps_of_integers_have_a_reader() {
    let list = "{type: array, items: {type: integer}}";
    let vm = format!(
        "{{type: object, required: [a], properties: {{a: {list}, b: {{type: object, additionalProperties: {list}}}, \
         c: {{type: array, items: {{$ref: '#/components/schemas/Count'}}}}}}}}"
    );
    let code = code(&document(&vm, "Count: {type: integer, enum: [1, 2]}", ""));
    assert_parts(
        &code,
        &[
            "crate::lenient::read\")] pub a: ::std::vec::Vec<i64>",
            "pub b: ::std::collections::HashMap< ::std::string::String, ::std::vec::Vec<i64>, >",
            "crate::lenient::read\")] pub c: ::std::vec::Vec<i64>",
        ],
    );
}

#[test]
fn integers_that_a_document_enumerates_are_integers() {
    let vm = "{type: object, required: [gpus], properties: {gpus: {type: integer, enum: [1, 2, 4]}, \
              step: {type: number, enum: [0.5, 1]}}}";
    let code = code(&document(vm, "", ""));
    assert_parts(&code, &["pub gpus: i64", "pub step: ::std::option::Option<f64>"]);
}

#[test]
fn several_successes_of_one_type_or_of_none_are_generated() {
    let created = responds("200", "{$ref: '#/components/schemas/Vm'}")
        .replace("'200':", "'201': {$ref: '#/components/responses/R'}, '200':");
    let paths = format!(
        "/a: {{delete: {{operationId: DeleteVm, responses: {{'202': {{description: later}}, '204': {{description: gone}}}}}}, \
         put: {{operationId: PutVm, {created}}}}}"
    );
    let shared = "R: {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Vm'}}}}";
    let code =
        code(&format!("{}\n  responses: {{{shared}}}", block(&document("{type: object, properties: {}}", "", &paths))));
    assert_parts(
        &code,
        &[
            "fn delete_vm<'a>(client: &'a Client) -> crate::PreparedRequest<()>",
            "pub fn put_vm<'a>(client: &'a Client) -> crate::PreparedRequest<types::Vm>",
        ],
    );
}

/// Writes the components of a document as a block, to which more can be added.
fn block(document: &str) -> String {
    let (head, schemas) = document.split_once("components: {schemas: ").unwrap();
    format!("{head}components:\n  schemas: {}", schemas.strip_suffix('}').unwrap())
}

#[test]
fn json_under_another_media_type_is_sent_under_it() {
    let body = |media_type: &str| {
        format!(
            "requestBody: {{content: {{{media_type}: {{schema: {{type: object, properties: {{name: {{type: string}}}}}}}}}}}}"
        )
    };
    let paths = format!(
        "/a: {{patch: {{operationId: UpdateVm, {}, {DONE}}}, put: {{operationId: PutVm, {}, {DONE}}}}}",
        body("application/merge-patch+json"),
        body("application/json; charset=utf-8")
    );
    let document = document("{type: object, properties: {}}", "", &paths)
        .replace("application/json: {schema: {$ref", "application/hal+json: {schema: {$ref");
    let code = code(&document);
    let header = ".header(::reqwest::header::CONTENT_TYPE, \"application/merge-patch+json\")";
    assert_parts(
        &code,
        &[&format!("PATCH, url) {header} .json(&body)"), "PUT, url).json(&body)", "crate::PreparedRequest<types::Vm>"],
    );
    assert_eq!(code.matches("CONTENT_TYPE").count(), 1, "{code}");
}

#[test]
fn a_nullable_property_of_an_update_can_be_sent_as_null() {
    let object = "{type: object, properties: {name: {type: string, nullable: true}, size: {type: integer, nullable: true}, \
                  inner: {type: object, properties: {note: {type: string, nullable: true}}}, kind: {type: string}}}";
    let body = format!("requestBody: {{content: {{application/json: {{schema: {object}}}}}}}");
    let paths = format!(
        "/a: {{patch: {{operationId: UpdateVm, {body}, {DONE}}}, post: {{operationId: CreateVm, {body}, {DONE}}}}}"
    );
    let code = code(&document("{type: object, properties: {}}", "", &paths));
    for (name, ty) in [("name", "::std::string::String"), ("size", "i64"), ("note", "::std::string::String")] {
        let option = "::std::option::Option";
        assert_parts(&code, &[&format!("deserialize_with = \"set_or_null\")] pub {name}: {option}<{option}<{ty}>>")]);
    }
    assert_eq!(code.matches("\"set_or_null\"").count(), 3, "{code}");
    assert_parts(&code, &["pub kind: ::std::option::Option<::std::string::String>", "fn set_or_null<"]);
}

#[test]
fn a_write_only_property_is_not_required_of_a_response() {
    let vm = "{type: object, required: [id, token], properties: {id: {type: string}, token: {type: string, writeOnly: true}, \
              nested: {type: object, required: [pin], properties: {pin: {type: integer, writeOnly: true}}}}}";
    let code = code(&document(vm, "", ""));
    assert_parts(
        &code,
        &["pub token: ::std::option::Option<::std::string::String>", "pub pin: ::std::option::Option<i64>"],
    );
}

#[test]
fn references_are_followed_where_they_are_references() {
    let vm = "{type: object, properties: {page: {$ref: '#/components/schemas/Page%5BVm%5D'}, example: {type: string}}, \
              example: {page: {$ref: 'https://docs.example.com'}}, x-links: [{$ref: nowhere}]}";
    let paths = "/b: {$ref: '#/x-paths/b'}, /c: {$ref: '#/paths/~1b'}, x-groups: [{$ref: nowhere}]";
    let text = document(vm, "'Page[Vm]': {type: object, properties: {n: {type: string}}}", paths);
    let text = format!("{text}\nx-paths: {{b: {{$ref: '#/x-paths/d'}}, d: {{put: {{operationId: PutB, {DONE}}}}}}}");
    assert_eq!(error(&text), "operation id PutB is used twice");
    let code = code(&text.replace("/c: {$ref: '#/paths/~1b'}, ", ""));
    assert_parts(&code, &["pub page: ::std::option::Option<PageVm>", "id: \"PutB\", method: \"PUT\", path: \"/b\""]);
}

#[test]
fn unquoted_versions_and_large_bounds_are_read() {
    let vm = "{type: object, properties: {a: {type: integer, minimum: -9223372036854775809, maximum: 18446744073709551616}}}";
    let text = document(vm, "", "").replace("openapi: 3.0.3", "openapi: 3.0").replace("version: '1'", "version: 1.0");
    assert_parts(&code(&text), &["pub a: ::std::option::Option<i64>", "Version: 1.0"]);
    let text = text.replace("openapi: 3.0", "openapi: 3.1").replace("maximum:", "exclusiveMaximum:");
    assert_parts(&code(&text), &["pub a: ::std::option::Option<i64>"]);
}

#[test]
fn headers_that_the_client_sets_are_no_arguments() {
    let header = |name: &str| format!("{{name: {name}, in: header, required: true, schema: {{type: string}}}}");
    let paths = format!(
        "/a: {{parameters: [{}], get: {{operationId: GetA, parameters: [{}, {}], {DONE}}}}}",
        header("Accept"),
        header("authorization"),
        header("X-Trace")
    );
    let code = code(&document("{type: object, properties: {}}", "", &paths));
    assert_parts(&code, &["pub fn get_a<'a>( client: &'a Client, x_trace: &'a str, ) -> crate::PreparedRequest<()>"]);
}

#[test]
fn every_method_of_http_is_generated() {
    let paths = format!(
        "/a: {{options: {{operationId: AskA, {DONE}}}, \
         trace: {{operationId: TraceA, {DONE}}}, head: {{operationId: HeadA, {DONE}}}}}"
    );
    let code = code(&document("{type: object, properties: {}}", "", &paths));
    for method in ["OPTIONS", "TRACE", "HEAD"] {
        assert_parts(&code, &[&format!("Ok(client.request(::reqwest::Method::{method}, url).build()?)")]);
    }
}

#[test]
fn operations_called_like_keywords_and_numbers_have_constants() {
    let paths = format!("/a: {{get: {{operationId: Move, {DONE}}}, put: {{operationId: 2fa, {DONE}}}}}");
    let code = code(&document("{type: object, properties: {}}", "", &paths));
    assert_parts(
        &code,
        &["pub const MOVE:", "with_empty_response(operations::MOVE,", "pub const _2FA:", "operations::_2FA,"],
    );
}

#[test]
fn a_schema_that_is_merged_with_itself_is_an_error_and_no_stack_overflow() {
    let vm =
        "{type: object, required: [id], properties: {id: {type: string}, host: {$ref: '#/components/schemas/Host'}}}";
    let host = "Host: {allOf: [{$ref: '#/components/schemas/Vm'}, {type: object, properties: {rack: {type: string}}}]}";
    let message = error(&document(vm, host, ""));
    assert!(message.starts_with("components.schemas.Host is merged with itself"), "{message}");
}

#[test]
fn the_parts_of_a_schema_that_clash_are_named() {
    let part = |name: &str| format!("{{type: object, properties: {{{name}: {{type: string}}}}}}");
    let vm = format!("{{type: object, properties: {{p: {{allOf: [{}, {}]}}}}}}", part("userData"), part("user_data"));
    assert_eq!(
        error(&document(&vm, "", "")),
        "the type `VmP` would have two fields called `user_data`: a rule in openapi/codegen/src/rules must rename one; \
         in JSON, they are `userData` and `user_data`"
    );
}

/// A document with the names for which the tests have naming rules.
fn document_with_chosen_names() -> String {
    let vm = "{type: object, required: [userData], properties: {user_data: {type: string}, userData: {type: string}, \
              extra: {type: integer}, billing: {$ref: '#/components/schemas/ChosenBilling'}, \
              disk: {$ref: '#/components/schemas/CHOSEN.Disk'}}}";
    let schemas = "ChosenBilling: {type: string, enum: [on-demand, prepaid-3-month, onDemand]}, \
                   ChosenDisk: {type: object, properties: {a: {type: string}}}, \
                   CHOSEN.Disk: {type: object, properties: {b: {type: string}}}";
    let query = |name: &str| format!("{{name: {name}, in: query, schema: {{type: string}}}}");
    let paths = format!(
        "/chosen: {{get: {{operationId: ListChosen, parameters: [{}, {}], {DONE}}}}}, \
         /baseurl: {{get: {{operationId: Baseurl, {DONE}}}}}",
        query("page_size"),
        query("pageSize")
    );
    document(vm, schemas, &paths).replace("Vm:", "ChosenVm:").replace("schemas/Vm", "schemas/ChosenVm")
}

#[test]
fn names_that_clash_are_resolved_by_naming_rules_and_sent_as_the_document_has_them() {
    let code = code(&document_with_chosen_names());
    assert_parts(
        &code,
        &[
            "#[serde(rename = \"userData\")] #[serde(deserialize_with = \"crate::lenient::or_empty\")] \
             pub user_data_in_camel_case: ::std::string::String",
            "rename = \"extra\"",
            "pub extra_field: ::std::option::Option<i64>",
            "#[serde(rename = \"on-demand\")] OnDemand,",
            "#[serde(rename = \"prepaid-3-month\")] Prepaid3Month,",
            "#[serde(rename = \"onDemand\")] OnDemandInCamelCase,",
            "Self::OnDemandInCamelCase => f.pad(\"onDemand\")",
            "\"onDemand\" => Ok(Self::OnDemandInCamelCase)",
            "pub struct OtherChosenDisk",
            "pub disk: ::std::option::Option<OtherChosenDisk>",
            "progenitor_client::QueryParam::new( \"pageSize\", &page_size_in_camel_case, )",
            "pub fn get_base_url<'a>(client: &'a Client)",
            "pub const GET_BASE_URL: &crate::Operation = &crate::Operation { id: \"Baseurl\"",
        ],
    );
    assert!(!code.contains('\0') && !code.contains("\\0"), "{code}");
}

#[test]
fn without_its_naming_rule_each_clash_is_an_error() {
    for (named, other, clash) in [
        ("ChosenVm", "OtherVm", "`user_data` and `userData`"),
        ("ChosenBilling", "OtherBilling", "`on-demand` and `onDemand`"),
        ("CHOSEN.Disk", "Chosen.Disk", "schemas ChosenDisk and Chosen.Disk"),
        ("/chosen", "/other", "`page_size` and `pageSize`"),
    ] {
        let message = error(&document_with_chosen_names().replace(named, other));
        assert!(message.contains(clash), "{message}");
    }
}
