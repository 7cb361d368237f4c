//! Changes that are easily missed, mistaken for others, or reported once for each place: two examples of each kind.

use super::report::{self, Format};
use super::{Severity, compare};
use Severity::{Breaking, Compatible, Note};

type Found = Vec<(Severity, &'static str, String)>;

fn document(paths: &str, schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nservers: [{{url: 'https://h/v1'}}]\n\
         paths: {{{paths}}}\ncomponents: {{schemas: {{{schemas}}}}}"
    )
}

/// Returns severity, change and place of what is found between documents with these paths and schemas. Some of them are for the
/// comparison only: bindings cannot be generated.
fn between(old: (&str, &str), new: (&str, &str)) -> Found {
    let findings = compare(&document(old.0, old.1), &document(new.0, new.1)).unwrap();
    let findings = findings.into_iter().filter(|finding| finding.change != "names-not-verified");
    findings.map(|finding| (finding.severity, finding.change, finding.place)).collect()
}

fn report(old: (&str, &str), new: (&str, &str)) -> String {
    report::write(&compare(&document(old.0, old.1), &document(new.0, new.1)).unwrap(), Format::Text)
}

/// An operation whose response is an `A`.
const GET: &str = "/a: {get: {operationId: GetA, responses: {'200': {description: d, content: {application/json: {schema: \
                   {$ref: '#/components/schemas/A'}}}}}}}";
/// An operation whose request is an `A`.
const POST: &str = "/a: {post: {operationId: MakeA, requestBody: {required: true, content: {application/json: {schema: \
                    {$ref: '#/components/schemas/A'}}}}, responses: {'204': {description: d}}}}";

fn one(severity: Severity, change: &'static str, place: &str) -> Found {
    vec![(severity, change, place.to_owned())]
}

fn of_response(old: &str, new: &str) -> Found {
    between((GET, &format!("A: {old}")), (GET, &format!("A: {new}")))
}

fn of_request(old: &str, new: &str) -> Found {
    between((POST, &format!("A: {old}")), (POST, &format!("A: {new}")))
}

/// Returns an operation at a path, with parameters: name, location, and what else is in it.
fn at(path: &str, parameters: &[(&str, &str, &str)]) -> String {
    let parameter = |(name, place, more): &(&str, &str, &str)| {
        let required = if *place == "path" { "required: true, " } else { "" };
        format!("{{name: {name}, in: {place}, {required}{more}}}")
    };
    let parameters = parameters.iter().map(parameter).collect::<Vec<_>>().join(", ");
    format!(
        "'{path}': {{get: {{operationId: GetA, parameters: [{parameters}], responses: {{'204': {{description: d}}}}}}}}"
    )
}

fn of_paths(old: &str, new: &str) -> Found {
    between((old, ""), (new, ""))
}

const TEXT: &str = "schema: {type: string}";

#[test]
fn numbers_are_numbers_whichever_are_listed() {
    let of = |schema: &str| format!("{{required: [a], properties: {{a: {schema}}}}}");
    let (any, two, three) = ("{type: integer}", "{type: integer, enum: [1, 2]}", "{type: integer, enum: [1, 2, 3]}");
    for (old, new) in [(any, two), (two, any), (two, three), (three, two)] {
        assert_eq!(of_response(&of(old), &of(new)), one(Note, "keyword-changed", "A.a"), "{old} to {new}");
    }
    assert_eq!(of_response(&of(two), &of(two)), []);
}

#[test]
fn one_of_several_enums_of_strings_is_one_enum() {
    let of = |values: &[&str]| {
        let variants: Vec<_> = values.iter().map(|values| format!("{{type: string, enum: [{values}]}}")).collect();
        format!("{{oneOf: [{}]}}", variants.join(", "))
    };
    assert_eq!(of_response(&of(&["x", "y"]), &of(&["y"])), one(Breaking, "enum-value-removed", "A"));
    assert_eq!(of_response(&of(&["x", "y"]), &of(&["x", "y", "z"])), one(Compatible, "enum-value-added", "A"));
    assert_eq!(of_response(&of(&["x, w", "y"]), &of(&["y, x"])), one(Breaking, "enum-value-removed", "A"));
    assert_eq!(of_response(&of(&["x", "y"]), "{type: string, enum: [y, x]}"), []);
}

#[test]
fn unions_are_compared_as_sets_of_shapes() {
    let union = |variants: &[&str]| format!("{{oneOf: [{}]}}", variants.join(", "));
    let tagged = |tag: &str, value: &str| {
        format!(
            "{{type: object, required: [kind, value], properties: {{kind: {{type: string, enum: [{tag}]}}, \
             value: {{type: {value}}}}}}}"
        )
    };
    let (tcp, udp, icmp) = (tagged("tcp", "string"), tagged("udp", "string"), tagged("icmp", "integer"));
    // Variants that have the same fields are distinguished by their constants.
    let changed = of_request(&union(&[&tcp, &icmp]), &union(&[&tagged("tcp", "boolean"), &icmp]));
    assert_eq!(changed, one(Breaking, "type-changed", "A(an object of kind (tcp) and value).value"));
    assert_eq!(of_request(&union(&[&tcp, &icmp]), &union(&[&icmp, &tcp])), [], "the order does not matter");
    assert_eq!(of_request(&union(&[&tcp, &icmp]), &union(&[&icmp])), one(Breaking, "union-variant-removed", "A"));
    assert_eq!(
        of_response(&union(&[&tcp, &icmp]), &union(&[&tcp, &icmp, &udp])),
        one(Breaking, "union-variant-added", "A")
    );
    // Lists that differ by what they contain.
    let list = |of: &str| format!("{{type: array, items: {{type: {of}}}}}");
    let (texts, numbers, flags) = (list("string"), list("integer"), list("boolean"));
    assert_eq!(
        of_request(&union(&[&texts, &numbers]), &union(&[&texts, &flags])),
        one(Breaking, "type-changed", "A(array)[]")
    );
    assert_eq!(of_request(&union(&[&texts, &numbers]), &union(&[&texts])), one(Breaking, "union-variant-removed", "A"));
    // The same set, and not the same type: the generator makes a union of the two.
    assert_eq!(of_request(&union(&[&texts, &texts]), &union(&[&texts])), one(Breaking, "name-changed", "A"));
    // Several changes at once: by their constants, and by a field in common.
    let found = of_request(&union(&[&tcp, &icmp]), &union(&[&tagged("icmp", "boolean"), &tagged("tcp", "boolean")]));
    assert_eq!(found.iter().filter(|finding| finding.1 == "type-changed").count(), 2, "{found:?}");
    let (a, more, b) = ("{properties: {a: {}}}", "{properties: {a: {}, more: {}}}", "{properties: {b: {}}}");
    let found = of_request(&union(&[a, b]), &union(&[more, b]));
    assert_eq!(found, one(Compatible, "field-added", "A(an object of a and more).more"));
    // Types of the same shape are two types.
    let pets = |variants: &[&str]| {
        let variants: Vec<_> = variants.iter().map(|name| format!("{{$ref: '#/components/schemas/{name}'}}")).collect();
        let pet = "{properties: {name: {type: string}}}";
        format!("A: {{oneOf: [{}]}}, Cat: {pet}, Dog: {pet}", variants.join(", "))
    };
    let found = between((POST, &pets(&["Cat", "Dog"])), (POST, &pets(&["Cat"])));
    assert_eq!(found[0], (Breaking, "union-variant-removed", "A".into()), "{found:?}");
    let found = between((POST, &pets(&["Cat"])), (POST, &pets(&["Dog"])));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_string_is_decoded_by_a_union_that_has_strings() {
    let union = |variants: &[&str]| {
        format!("A: {{oneOf: [{}]}}, T: {{type: string, enum: [t]}}, M: {{type: string}}", variants.join(", "))
    };
    let (one, other) = ("{$ref: '#/components/schemas/T'}", "{$ref: '#/components/schemas/M'}");
    let added = |old: &[&str], new: &[&str]| between((GET, &union(old)), (GET, &union(new)))[0].clone();
    let (number, flag) = ("{type: integer}", "{type: boolean}");
    let severity = |old: &[&str], new: &[&str]| {
        let (severity, change, _) = added(old, new);
        assert_eq!(change, "union-variant-added");
        severity
    };
    assert_eq!(severity(&[one, number], &[one, number, other]), Compatible);
    assert_eq!(severity(&[number, flag], &[number, flag, other]), Breaking);
}

#[test]
fn the_names_of_variants_are_compared() {
    let union = |variants: &[&str]| format!("{{oneOf: [{}]}}", variants.join(", "));
    let (text, number) = ("{type: string}", "{type: integer}");
    let (texts, numbers) = ("{type: array, items: {type: string}}", "{type: array, items: {type: integer}}");
    // Two lists have no names by their types, so that all variants are numbered.
    let found = of_request(&union(&[text, texts]), &union(&[text, texts, numbers]));
    assert_eq!(found[0], (Breaking, "union-variant-renamed", "A".into()), "{found:?}");
    let found = of_request(&union(&[texts, numbers]), &union(&[numbers, texts]));
    assert_eq!(found, one(Breaking, "union-variant-renamed", "A"), "numbers depend on the order");
    assert_eq!(of_request(&union(&[text, number]), &union(&[number, text])), []);
    // The bindings have lists first, whatever the order of the document.
    let titled = |title: &str, schema: &str| schema.replacen('{', &format!("{{title: {title}, "), 1);
    let (ids, one, two) =
        (titled("Ids", texts), titled("One", "{properties: {a: {type: string}}}"), titled("Two", number));
    for order in [[&one, &ids, &two], [&two, &one, &ids], [&ids, &two, &one]] {
        let changed = union(&order.map(String::as_str));
        assert_eq!(of_request(&union(&[&ids, &one, &two]), &changed), [], "{changed}");
    }
}

/// Returns the names of the variants of the generated type `A`.
fn generated_variants(paths: &str, schemas: &str) -> Vec<String> {
    let bindings = genesiscloud_codegen::generate(&document(paths, schemas)).unwrap();
    let types = syn::parse_file(&bindings).unwrap().items.into_iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => Some(module.content.unwrap().1),
        _ => None,
    });
    let variants = types.unwrap().into_iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "A" => Some(item.variants),
        _ => None,
    });
    variants.unwrap().iter().map(|variant| variant.ident.to_string()).collect()
}

#[test]
fn variants_have_the_names_that_the_generator_gives_them() {
    let (text, number, flag) = ("{type: string}", "{type: integer}", "{type: boolean}");
    let (texts, numbers) = ("{type: array, items: {type: string}}", "{type: array, items: {type: integer}}");
    let (one, two) = ("{$ref: '#/components/schemas/Thing.One'}", "{$ref: '#/components/schemas/Thing.Two'}");
    let titled = "{title: my flag, type: boolean}";
    let named = "Thing.One: {properties: {a: {type: string}}}, Thing.Two: {properties: {b: {type: string}}}";
    for variants in [
        &[text, number, texts][..],
        &[texts, numbers],
        &[text, texts, numbers],
        &[one, two],
        &[two, text, one],
        &[titled, text],
        &[one, titled],
        &[text, flag, number],
        &[text, "{type: string, enum: [x]}"],
    ] {
        let union = format!("A: {{oneOf: [{}]}}, {named}", variants.join(", "));
        let api = super::api::Api::read(&document(GET, &union)).unwrap();
        let variants = api.document["components"]["schemas"]["A"]["oneOf"].as_array().unwrap();
        let (mut names, mut generated) = (super::shape::variant_names(&api, variants), generated_variants(GET, &union));
        // The generator puts lists first.
        names.sort();
        generated.sort();
        assert_eq!(names, generated, "{union}");
    }
}

#[test]
fn tagged_variants_have_the_names_that_the_generator_gives_them() {
    let paths = POST.replace("post", "put");
    let constant = |name: &str, value: &str| format!("{name}: {{type: string, enum: [{value}]}}");
    let object =
        |required: &str, fields: &str| format!("{{type: object, required: [{required}], properties: {{{fields}}}}}");
    let tcp = object("kind, value", &format!("{}, value: {{type: string}}", constant("kind", "tcp")));
    let icmp = object("kind, value", &format!("{}, value: {{type: integer}}", constant("kind", "icmp-v6")));
    let other = object("kind", &format!("{}, a: {{type: integer}}, b: {{type: string}}", constant("kind", "all")));
    let (list, item) = (object("list", "list: {type: array}"), object("item", "item: {type: string}"));
    let untagged = object("", "a: {type: string}");
    for variants in
        [&[&tcp, &icmp][..], &[&tcp, &icmp, &other], &[&list, &item], &[&list, &untagged], &[&tcp, &untagged]]
    {
        let variants: Vec<_> = variants.iter().map(|one| one.as_str()).collect();
        let union = format!("A: {{oneOf: [{}]}}", variants.join(", "));
        let api = super::api::Api::read(&document(&paths, &union)).unwrap();
        let variants = api.document["components"]["schemas"]["A"]["oneOf"].as_array().unwrap();
        assert_eq!(super::shape::variant_names(&api, variants), generated_variants(&paths, &union), "{union}");
    }
}

#[test]
fn a_keyword_of_a_union_that_changes_its_type_is_reported() {
    let lists = "[{type: array, items: {type: string}}, {type: array, items: {type: integer}}]";
    let several = "[{type: string}, {type: integer}]";
    let of = |keyword: &str, variants: &str| format!("{{{keyword}: {variants}}}");
    assert_eq!(of_response(&of("oneOf", lists), &of("anyOf", lists)), one(Breaking, "type-changed", "A"));
    // A value has one of these types only.
    assert_eq!(of_response(&of("oneOf", several), &of("anyOf", several)), []);
}

#[test]
fn a_prefix_that_moves_into_the_paths_concerns_the_endpoint_and_the_types_that_rules_name_by_paths() {
    let old = include_str!("../../fixtures/compute-v1.2025-05.yaml");
    let address = "https://api.genesiscloud.com/compute/v1";
    assert!(old.contains(address));
    let moved = old.replace(address, "https://api.genesiscloud.com/compute").replace("\n  /", "\n  /v1/");
    let report = report::write(&compare(old, &moved).unwrap(), Format::Text);
    for line in [
        "server-prefix-moved: servers the path of the address changed from `/compute/v1` to `/compute`.",
        "CreateInstance body.metadata has another name for its type: `CreateInstanceMetadata` is now called",
        "CreateFloatingIP body.version has another name for its type: `CreateFloatingIpVersion` is now called",
        "\n3 breaking, 0 compatible, 0 notes.",
    ] {
        assert!(report.contains(line), "{line} in {report}");
    }
}

#[test]
fn a_slash_at_the_end_of_a_path_is_another_address() {
    assert_eq!(of_paths(&at("/a", &[]), &at("/a/", &[])), one(Breaking, "operation-moved", "GetA"));
    let id = [("id", "path", TEXT)];
    assert_eq!(of_paths(&at("/a/{id}/", &id), &at("/a/{id}", &id)), one(Breaking, "operation-moved", "GetA"));
}

#[test]
fn a_prefix_of_schema_names_is_one_change_whatever_has_none() {
    let schemas = |prefix: &str| {
        let reference = |name: &str| format!("{{$ref: '#/components/schemas/{prefix}{name}'}}");
        format!(
            "Time: {{type: string, format: date-time}}, {prefix}A: {{properties: {{b: {}, c: {}, \
             at: {{$ref: '#/components/schemas/Time'}}}}}}, {prefix}B: {{type: string, enum: [x]}}, \
             {prefix}C: {{properties: {{d: {{type: string}}}}}}",
            reference("B"),
            reference("C")
        )
    };
    let paths = |prefix: &str| GET.replace("schemas/A", &format!("schemas/{prefix}A"));
    let change = |old: &str, new: &str| between((&paths(old), &schemas(old)), (&paths(new), &schemas(new)));
    let expected = one(Breaking, "schema-prefix-changed", "components.schemas");
    for (old, new) in [("compute.v1.", ""), ("", "compute.v1."), ("compute.v1.", "compute.v2."), ("", "Compute")] {
        assert_eq!(change(old, new), expected, "from {old} to {new}");
    }
    assert_eq!(change("v1.", "v1."), []);
}

#[test]
fn parameters_of_a_moved_path_are_compared_by_name() {
    let (id, network) = (("id", "path", TEXT), ("network", "path", "schema: {type: integer}"));
    let (region, key) = (("region", "path", TEXT), ("key", "path", TEXT));
    let old = at("/a/{id}/b/{network}", &[id, network]);
    let found = of_paths(&old, &at("/r/{region}/a/{id}/b/{network}", &[region, id, network]));
    assert_eq!(found[0], (Breaking, "operation-moved", "GetA".into()));
    assert_eq!(found[1..], one(Breaking, "parameter-added", "GetA {region}"));
    let found = of_paths(&old, &at("/b/{network}", &[network]));
    assert_eq!(found[1..], one(Breaking, "parameter-removed", "GetA {id}"));
    // As many others are in the same order.
    let found = of_paths(&old, &at("/c/{key}/b/{network}", &[key, network]));
    assert_eq!(found[1..], one(Note, "parameter-renamed", "GetA {key}"));
    // The same ones in another order: the compiler sees it by chance only.
    let found = of_paths(&at("/a/{id}/{key}", &[id, key]), &at("/b/{key}/{id}", &[id, key]));
    assert_eq!(found[1..], one(Breaking, "parameter-order-changed", "GetA"));
}

#[test]
fn another_spelling_is_no_change_where_the_name_in_rust_is_the_same() {
    let kind = |name: &str| {
        format!(
            "A: {{properties: {{kind: {{$ref: '#/components/schemas/{name}'}}}}}}, {name}: {{type: string, enum: [x]}}"
        )
    };
    let change = |old: &str, new: &str| between((GET, &kind(old)), (GET, &kind(new)));
    assert_eq!(change("A.Type", "AType"), one(Note, "schema-renamed", "AType"));
    assert_eq!(change("a_type", "A-Type"), one(Note, "schema-renamed", "A-Type"));
    assert_eq!(change("A.Type", "AKind"), one(Breaking, "schema-renamed", "AKind"));
    // An inline schema has the name of its place.
    let inline = "A: {properties: {kind: {type: string, enum: [x]}}}";
    assert_eq!(between((GET, inline), (GET, &kind("AKind"))), one(Note, "schema-renamed", "A.kind"));
    assert_eq!(between((GET, inline), (GET, &kind("Kind"))), one(Breaking, "schema-renamed", "A.kind"));
}

#[test]
fn another_spelling_of_what_is_sent_breaks_released_versions_though_code_compiles() {
    let field = |name: &str| format!("{{properties: {{{name}: {{type: string}}}}}}");
    let old_and_new = (format!("A: {}", field("user_data")), format!("A: {}", field("userData")));
    let text = report((GET, &old_and_new.0), (GET, &old_and_new.1));
    assert!(text.contains("they read the old name; the name in Rust is the same"), "{text}");
    let of = |value: &str| format!("A: {{type: string, enum: [{value}, other]}}");
    let text = report((GET, &of("on-demand")), (GET, &of("on_demand")));
    assert!(text.contains("`A::OnDemand` is now the new value") && text.starts_with("breaking"), "{text}");
    // Both at once get other names.
    let found = of_response("{type: string, enum: [on-demand]}", "{type: string, enum: [on-demand, onDemand]}");
    assert_eq!(found[0], (Breaking, "type-changed", "A".into()));
    let found = of_response("{type: string, enum: [a-b, aB]}", "{type: string, enum: [a-b, aB, c]}");
    assert_eq!(found, one(Compatible, "enum-value-added", "A"), "they had other names before");
}

#[test]
fn a_parameter_carries_no_null() {
    let page = |more: &str| at("/a", &[("page", "query", more)]);
    let (plain, nullable) = ("schema: {type: integer}", "schema: {type: integer, nullable: true}");
    assert_eq!(of_paths(&page(nullable), &page(plain)), one(Note, "became-not-nullable", "GetA ?page"));
    assert_eq!(of_paths(&page(plain), &page(nullable)), one(Note, "became-nullable", "GetA ?page"));
    // Not of a required one either. Without that, its argument becomes an `Option`.
    let required = |schema: &str| page(&format!("required: true, {schema}"));
    assert_eq!(of_paths(&required(plain), &required(nullable)), one(Note, "became-nullable", "GetA ?page"));
    assert_eq!(of_paths(&required(nullable), &page(plain)), one(Breaking, "became-optional", "GetA ?page"));
    assert_eq!(of_paths(&required(plain), &page(plain)), one(Breaking, "became-optional", "GetA ?page"));
}

#[test]
fn an_option_more_in_a_request_changes_code_that_builds_it() {
    let field = |required: &str, schema: &str| format!("{{{required}properties: {{image: {schema}}}}}");
    let (required, text, nullable) = ("required: [image], ", "{type: string}", "{type: string, nullable: true}");
    let change = |old: String, new: String| of_request(&old, &new);
    let found = change(field(required, text), field(required, nullable));
    assert_eq!(found, one(Breaking, "became-nullable", "A.image"));
    assert_eq!(change(field(required, text), field("", text)), one(Breaking, "became-optional", "A.image"));
    // An optional list of a body can be absent or empty; one of a named schema can only be empty.
    let (inline, list) = ("{$ref: '#/components/schemas/A'}", "{type: array, items: {type: string}}");
    let body = |schema: String| POST.replace(inline, &schema);
    let found = between((&body(field(required, list)), ""), (&body(field("", list)), ""));
    assert_eq!(found, one(Breaking, "became-optional", "MakeA body.image"));
    assert_eq!(change(field(required, list), field("", list)), one(Compatible, "became-optional", "A.image"));
    // It is an `Option` in both cases.
    assert_eq!(change(field("", text), field("", nullable)), one(Compatible, "became-nullable", "A.image"));
    assert_eq!(change(field(required, nullable), field("", nullable)), one(Compatible, "became-optional", "A.image"));
}

#[test]
fn a_format_of_a_request_rejects_values_that_were_sent_before() {
    let of = |kind: &str, format: &str| {
        let format = if format.is_empty() { String::new() } else { format!(", format: {format}") };
        format!("{{properties: {{a: {{type: {kind}{format}}}}}}}")
    };
    for (kind, old, new, severity) in [
        ("string", "", "uuid", Breaking),
        ("string", "ipv4", "ipv6", Breaking),
        ("string", "uuid", "", Compatible),
        ("string", "", "password", Note),
        ("integer", "int64", "int32", Breaking),
        ("integer", "", "int64", Note),
        ("integer", "int32", "", Compatible),
    ] {
        let found = of_request(&of(kind, old), &of(kind, new));
        assert_eq!(found, one(severity, "format-changed", "A.a"), "{kind}: {old} to {new}");
        assert_eq!(of_response(&of(kind, old), &of(kind, new)), one(Note, "format-changed", "A.a"));
    }
}

#[test]
fn header_parameters_that_openapi_ignores_are_no_change() {
    for name in ["Authorization", "content-type", "ACCEPT"] {
        let with = at("/a", &[(name, "header", "required: true, schema: {type: string}")]);
        assert_eq!(of_paths(&at("/a", &[]), &with), []);
        assert_eq!(of_paths(&with, &at("/a", &[])), []);
    }
    let other = at("/a", &[("X-Tenant", "header", "required: true, schema: {type: string}")]);
    assert_eq!(of_paths(&at("/a", &[]), &other), one(Breaking, "parameter-added", "GetA header x-tenant"));
}

#[test]
fn fields_of_one_direction_are_compared_in_that_direction() {
    let field = |required: &str, more: &str| {
        format!("{{required: [id{required}], properties: {{id: {{type: string}}, secret: {{type: string{more}}}}}}}")
    };
    let without = "{required: [id], properties: {id: {type: string}}}";
    let (write, read) = (field(", secret", ", writeOnly: true"), field(", secret", ", readOnly: true"));
    assert_eq!(of_response(without, &write), one(Note, "field-added", "A.secret"));
    assert_eq!(of_request(without, &write), one(Breaking, "field-added", "A.secret"));
    assert_eq!(of_request(without, &read), one(Note, "field-added", "A.secret"));
    // A response that no longer has it is decoded, and code that reads it is not as it was.
    let found = of_response(&field(", secret", ""), &write);
    assert_eq!(found[0], (Breaking, "became-optional", "A.secret".into()));
    assert_eq!(
        of_request(&field("", ""), &field("", ", readOnly: true")),
        one(Breaking, "keyword-changed", "A.secret")
    );
    assert_eq!(of_response(&field("", ""), &field("", ", readOnly: true")), one(Note, "keyword-changed", "A.secret"));
}

#[test]
fn a_path_item_by_reference_is_compared_like_any_other() {
    let old = at("/a", &[]);
    let (path, item) = old.split_once(": ").unwrap();
    let by_reference = format!("{path}: {{$ref: '#/x-paths/a'}}}}\nx-paths: {{a: {item}");
    assert_eq!(of_paths(&old, &by_reference), []);
    let deprecated = by_reference.replace("operationId", "deprecated: true, operationId");
    assert_eq!(of_paths(&by_reference, &deprecated), one(Note, "deprecated", "GetA"));
}

/// Returns operations on some resources, each of which has a body and a query.
fn of_many(edit: impl Fn(usize) -> (String, String)) -> (String, String) {
    let one = |number| {
        let (operation, field) = edit(number);
        let path = format!(
            "/{number}: {{post: {{operationId: Make{number}, {operation}responses: {{'200': {{description: d, content: \
             {{application/json: {{schema: {{$ref: '#/components/schemas/V{number}'}}}}}}}}}}}}}}"
        );
        (path, format!("V{number}: {{properties: {{{field}}}}}"))
    };
    let (paths, schemas): (Vec<_>, Vec<_>) = (1..=7).map(one).unzip();
    (paths.join(", "), schemas.join(", "))
}

#[test]
fn a_change_of_the_whole_document_is_one_line() {
    let plain = of_many(|_| (String::new(), "created_at: {type: string}".into()));
    let new = [
        (
            "parameter-added",
            of_many(|_| {
                (
                    "parameters: [{name: X-T, in: header, schema: {type: string}}], ".into(),
                    "created_at: {type: string}".into(),
                )
            }),
        ),
        ("deprecated", of_many(|_| ("deprecated: true, ".into(), "created_at: {type: string}".into()))),
        ("type-changed", of_many(|_| (String::new(), "created_at: {type: string, format: date-time}".into()))),
        ("field-renamed", of_many(|_| (String::new(), "createdAt: {type: string}".into()))),
        ("field-added", of_many(|_| (String::new(), "created_at: {type: string}, tags: {type: string}".into()))),
        (
            "operation-moved",
            (
                plain
                    .0
                    .replace('/', "/v2/")
                    .replace("application/v2", "application")
                    .replace("#/v2/components/v2/schemas/v2", "#/components/schemas"),
                plain.1.clone(),
            ),
        ),
    ];
    for (change, new) in new {
        let findings = compare(&document(&plain.0, &plain.1), &document(&new.0, &new.1)).unwrap();
        let changes: Vec<_> = findings.iter().map(|finding| finding.change).collect();
        assert_eq!(changes, [change]);
        assert_eq!((findings[0].places().count(), findings[0].operations.len()), (7, 7), "{change}");
        let text = report::write(&findings, Format::Text);
        assert!(text.contains(" The same at 6 other places: ") && text.contains(" and 3 more."), "{text}");
    }
}

#[test]
fn another_spelling_of_all_fields_is_one_line() {
    let fields = |separator: &str| {
        of_many(|number| {
            (
                String::new(),
                format!("field{separator}{}: {{type: string}}", ["A", "B", "C", "D", "E", "F", "G"][number - 1]),
            )
        })
    };
    let (old, new) = (fields("_"), fields(""));
    assert_eq!(between((&old.0, &old.1), (&new.0, &new.1)).len(), 1);
}

#[test]
fn few_changes_and_different_ones_are_not_joined() {
    let plain = of_many(|_| (String::new(), "a: {type: string}".into()));
    let four =
        of_many(|number| (String::new(), format!("a: {{type: {}}}", if number > 3 { "integer" } else { "string" })));
    assert_eq!(between((&plain.0, &plain.1), (&four.0, &four.1)).len(), 4);
    let different = of_many(|number| (String::new(), format!("a: {{type: string, maxLength: {number}}}")));
    assert_eq!(between((&plain.0, &plain.1), (&different.0, &different.1)).len(), 7);
}

#[test]
fn every_finding_is_one_line_without_data_structures() {
    let old = "{properties: {a: {type: string}, b: {type: string}}}";
    let new = "{properties: {a: {type: string, enum: [\"x\\ny\", z]}, \"c\\nd\": {type: string}}}";
    let text = report((GET, &format!("A: {old}")), (GET, &format!("A: {new}")));
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("changed from any string to one of `x\\ny`, `z`."), "{text}");
    let flows = |url: &str| format!("{{clientCredentials: {{tokenUrl: {url}, scopes: {{}}}}}}");
    let with = |scheme: String| {
        document(GET, "A: {type: string}").replace(
            "components: {",
            &format!("security: [{{S: []}}]\ncomponents: {{securitySchemes: {{S: {scheme}}}, "),
        )
    };
    let oauth = with(format!("{{type: oauth2, flows: {}}}", flows("'https://h/token'")));
    let findings = compare(&with("{type: http, scheme: bearer}".into()), &oauth).unwrap();
    let text = report::write(&findings, Format::Text);
    assert!(text.contains("accepts oauth2 clientCredentials; before, it accepted http bearer."), "{text}");
}
