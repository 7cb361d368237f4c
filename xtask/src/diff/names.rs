//! Combines the changes that the documents show with those of the names in the bindings that are really generated.
//!
//! A finding that explains the change of a name is all that is said about it. If it says less than what the bindings show, it is
//! raised; a change that no finding explains is a finding of its own.

use std::collections::BTreeSet;

use super::finding::Severity::{Breaking, Note};
use super::finding::{Finding, Findings};
use crate::bindings::{Change, Inventory, Item, changed_names, words};

/// The kinds of changes by which a name of the bindings can change.
const OF_NAMES: [&str; 19] = [
    "became-nullable",
    "became-not-nullable",
    "became-optional",
    "became-required",
    "enum-value-added",
    "enum-value-removed",
    "field-added",
    "field-removed",
    "field-renamed",
    "format-changed",
    "keyword-changed",
    "operation-added",
    "parameter-added",
    "parameter-renamed",
    "request-body-added",
    "response-body-added",
    "schema-renamed",
    "type-changed",
    "union-variant-added",
];

/// The kinds of changes that are breaking and change no name.
const OF_VALUES: [&str; 4] = ["default-changed", "format-changed", "limit-tightened", "security-changed"];

/// Adds what the bindings show to what the documents show.
pub(super) fn combine(findings: &mut Findings, old: &Inventory, new: &Inventory) {
    let changes = changed_names(old, new);
    let names: BTreeSet<_> = changes.iter().map(|change| change.name.as_str()).collect();
    for change in &changes {
        let is_explained = findings.all().any(|finding| explains(finding, change, old));
        if is_explained || is_consequence(change, &names, old, new) {
            continue;
        }
        let is_lower = |finding: &Finding| OF_NAMES.contains(&finding.change) && finding.names.contains(&change.name);
        if let Some(finding) = findings.find_mut(is_lower) {
            raise(finding, change);
        } else {
            findings.add(of_name(change, old));
        }
    }
}

/// Adds that the names cannot be compared.
pub(super) fn not_compared(findings: &mut Findings, reason: &str) {
    let what = format!("cannot be generated, so the names in Rust are not verified: {reason}");
    let impact = "No known impact on callers; a refresh is refused until they can be generated";
    findings.add(Finding::new(Note, "names-not-verified", "bindings", what, impact));
}

/// Returns whether a finding is about a name, or the name is that of a trait that depends on it.
fn explains(finding: &Finding, change: &Change, old: &Inventory) -> bool {
    if finding.severity != Breaking || OF_VALUES.contains(&finding.change) {
        return false;
    }
    match old.items.get(&change.name) {
        Some(Item::Trait) => {
            let types: Vec<_> = words(&change.name).filter(|word| old.has_type(word)).collect();
            finding.names.iter().any(|name| types.contains(&Inventory::owner(name)))
        }
        _ => finding.names.contains(&change.name),
    }
}

/// Returns whether a name changed because others did, which are reported: a type is gone that all of them used, a request and
/// its constant changed as the method did, or a type is no longer one of responses, which keeps unknown fields and has an example.
fn is_consequence(change: &Change, changes: &BTreeSet<&str>, old: &Inventory, new: &Inventory) -> bool {
    if let Some(name) = change.name.strip_prefix("requests::") {
        return changes.contains(format!("raw().{name}").as_str());
    }
    if change.name.starts_with("operations::") {
        let is_of = |name: &str| match old.items.get(&format!("requests::{name}")) {
            Some(Item::Function(function)) => function.operation.as_deref() == change.name.strip_prefix("operations::"),
            _ => false,
        };
        return changes.iter().any(|name| name.strip_prefix("raw().").is_some_and(is_of));
    }
    if let Some(owner) = change.name.strip_suffix("::example") {
        return changes.contains(format!("{owner}.extra").as_str());
    }
    if !old.has_type(&change.name) || new.has_type(&change.name) {
        return false;
    }
    let mut users = old.users(&change.name).peekable();
    users.peek().is_some() && users.all(|user| changes.contains(user) || changes.contains(Inventory::owner(user)))
}

/// Raises a finding to what the bindings show.
fn raise(finding: &mut Finding, change: &Change) {
    finding.severity = Breaking;
    finding.impact = format!("Affects code that uses {}", sentence(change));
    finding.search_for.insert(searched(&change.name).to_owned());
}

fn sentence(Change { name, what }: &Change) -> String {
    format!("`{name}`, which {what}")
}

fn of_name(change: &Change, old: &Inventory) -> Finding {
    let impact = "Affects code that uses it; the generator derives it from other parts of the document as well";
    let mut finding = Finding::new(Breaking, "name-changed", &change.name, change.what.clone(), impact);
    finding.search_for.insert(searched(&change.name).to_owned());
    finding.operations.extend(old.operations_of(&change.name));
    finding
}

/// Returns a name as it is searched for in code: that of a method or constant without its module, and for a trait its type.
fn searched(name: &str) -> &str {
    let method = ["raw().", "requests::", "operations::"].iter().find_map(|module| name.strip_prefix(module));
    method.unwrap_or_else(|| name.split(": ").next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity::{self, Breaking, Compatible, Note};
    use super::super::{compare, compare_generated};
    use super::*;

    fn document(schemas: &str) -> String {
        operation(
            "'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Vm'}}}}",
            schemas,
        )
    }

    fn operation(response: &str, schemas: &str) -> String {
        format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nservers: [{{url: 'https://h/v1'}}]\n\
             paths: {{/vm: {{get: {{operationId: GetVm, responses: {{{response}}}}}}}}}\ncomponents: {{schemas: {{{schemas}}}}}"
        )
    }

    fn summarised(findings: Vec<Finding>) -> Vec<(Severity, &'static str, String)> {
        findings.into_iter().map(|finding| (finding.severity, finding.change, finding.place)).collect()
    }

    fn found(old: &str, new: &str) -> Vec<(Severity, &'static str, String)> {
        summarised(compare(&document(old), &document(new)).unwrap())
    }

    /// Returns the findings where the generator gives the new document other names: each first one is replaced by the second.
    fn with_names(old: &str, new: &str, names: &[(&str, &str)]) -> Vec<Finding> {
        let (old, new) = (document(old), document(new));
        let bindings = genesiscloud_codegen::generate(&new).unwrap();
        let bindings = names.iter().fold(bindings, |bindings, (from, to)| bindings.replace(from, to));
        compare_generated(&old, &new, &bindings).unwrap()
    }

    fn billing(values: &str) -> String {
        format!(
            "Vm: {{properties: {{billing: {{$ref: '#/components/schemas/Billing'}}}}}}, Billing: {{type: string, enum: [{values}]}}"
        )
    }

    #[test]
    fn variants_that_get_other_names_are_breaking_whatever_the_document_says() {
        let (old, new) = (billing("on-demand, reserved"), billing("on-demand, reserved, metered"));
        assert_eq!(summarised(with_names(&old, &new, &[])), [(Compatible, "enum-value-added", "Billing".into())]);
        // As if the new value were given the name of an old one.
        let findings =
            with_names(&old, &new, &[("OnDemand", "OnXdemand"), ("Metered", "OnDemand"), ("Reserved", "Held")]);
        let lines: Vec<_> =
            findings.iter().map(|it| format!("{} {} {}. {}.", it.severity, it.place, it.what, it.impact)).collect();
        assert_eq!(
            lines,
            [
                "breaking Billing `metered` was added. Affects code that uses `Billing::OnDemand`, which meant `on-demand`, \
                 and means `metered`; `on-demand` is now `Billing::OnXdemand`.",
                "breaking Billing::Reserved is now called `Billing::Held`. Affects code that uses it; the generator derives it \
                 from other parts of the document as well.",
            ]
        );
        assert_eq!(findings[1].search_for, BTreeSet::from(["Billing::Reserved".to_owned()]));
        assert_eq!(findings[1].operations, BTreeSet::from(["GetVm".to_owned()]));
    }

    #[test]
    fn a_finding_names_what_is_generated() {
        let (old, new) = (billing("on-demand"), billing("on-demand, metered"));
        let findings = with_names(&old, &new, &[("Metered", "ByMeter")]);
        assert!(findings[0].impact.contains("it decodes as `Billing::ByMeter`, and before"), "{findings:?}");
        // Fields, as Rust spells them.
        let field = |kind: &str| format!("Vm: {{properties: {{type: {{type: {kind}}}, b: {{type: string}}}}}}");
        let findings = compare(&document(&field("string")), &document(&field("integer"))).unwrap();
        assert_eq!(findings[0].search_for, BTreeSet::from(["Vm.type_".to_owned()]));
        let field = |name: &str| format!("Vm: {{properties: {{{name}: {{type: string}}, b: {{type: string}}}}}}");
        let findings = compare(&document(&field("gen")), &document(&field("c"))).unwrap();
        assert_eq!(findings[0].search_for, BTreeSet::from(["Vm.gen_".to_owned()]));
    }

    #[test]
    fn a_name_that_another_schema_takes_is_breaking() {
        let disk = "Vm: {properties: {disk: {type: object, properties: {size: {type: integer}}}}}";
        let taken = format!("{disk}, VmDisk: {{type: object, properties: {{id: {{type: string}}}}}}");
        assert_eq!(
            found(disk, &taken),
            ["Vm.disk", "VmDisk.extra", "VmDisk.size"].map(|name| (Breaking, "name-changed", name.into()))
        );
    }

    #[test]
    fn a_type_that_is_no_longer_the_shared_one_is_breaking() {
        let list = |more: &str| {
            format!(
                "Vm: {{properties: {{disks: {{type: array, items: {{type: object, required: [id, name], properties: \
                 {{id: {{type: string}}, name: {{type: string{more}}}}}}}}}}}}}"
            )
        };
        let found = found(&list(""), &list(", nullable: true"));
        assert!(found.contains(&(Breaking, "name-changed", "Reference".into())), "{found:?}");
    }

    #[test]
    fn what_the_document_calls_compatible_is_raised_to_what_the_bindings_show() {
        // Without fields, it is a map.
        let vm = |fields: &str| format!("Vm: {{type: object, properties: {{{fields}}}}}");
        assert_eq!(found(&vm(""), &vm("a: {type: string}")), [(Breaking, "field-added", "Vm.a".into())]);
        // The response has another type, which is no longer `Eq`, since the service may add a number to it.
        let (old, new) =
            (operation("'204': {description: d}", &vm("a: {type: string}")), document(&vm("a: {type: string}")));
        let findings = summarised(compare(&old, &new).unwrap());
        let status = (Note, "success-status-changed", "GetVm response".into());
        let added = (Breaking, "response-body-added", "GetVm response".into());
        assert_eq!(findings, [added, (Breaking, "name-changed", "Vm: Eq".into()), status]);
        // A union whose variants no longer all have texts loses `Display`.
        let size = |more: &str| {
            format!("Vm: {{properties: {{size: {{oneOf: [{{type: boolean}}, {{type: integer}}{more}]}}}}}}")
        };
        let found = found(&size(""), &size(", {type: array, items: {type: string}}"));
        assert_eq!(found, [(Breaking, "union-variant-added", "Vm.size".into())]);
    }

    #[test]
    fn a_type_that_is_gone_with_what_used_it_is_no_finding_of_its_own() {
        let vm = |more: &str| format!("Vm: {{properties: {{b: {{type: string}}{more}}}}}");
        let kind =
            ", kind: {type: string, enum: [x]}, disk: {type: object, properties: {kind: {type: string, enum: [y]}}}";
        let removed = ["Vm.disk", "Vm.kind"].map(|place| (Breaking, "field-removed", place.into()));
        assert_eq!(found(&vm(kind), &vm("")), removed);
    }

    #[test]
    fn a_change_of_values_explains_no_name() {
        let vm = |more: &str| format!("Vm: {{properties: {{image: {{type: string{more}}}}}}}");
        let of = |more: &str| {
            let schema = "content: {application/json: {schema: {$ref: '#/components/schemas/Vm'}}}";
            document(&vm(more)).replace("responses", &format!("requestBody: {{{schema}}}, responses"))
        };
        let (old, new) = (of(""), of(", maxLength: 9"));
        let bindings = genesiscloud_codegen::generate(&new).unwrap().replace("pub image:", "pub picture:");
        let findings = summarised(compare_generated(&old, &new, &bindings).unwrap());
        let expected =
            [(Breaking, "limit-tightened", "Vm.image".into()), (Breaking, "name-changed", "Vm.image".into())];
        assert_eq!(findings, expected);
    }

    #[test]
    fn an_operation_is_searched_for_as_rust_spells_it() {
        let of = |id: &str| document("Vm: {type: string}").replace("GetVm", id);
        let findings = compare(&of("Move"), &of("Copy")).unwrap();
        assert!(
            findings[0].search_for.contains("move_") && findings[0].impact.contains("`raw().move_`"),
            "{findings:?}"
        );
    }

    #[test]
    fn a_schema_that_is_not_used_has_a_name() {
        let vm = "Vm: {properties: {a: {type: string}}}";
        let unused = format!("{vm}, Disk: {{properties: {{size: {{type: integer}}}}}}");
        assert_eq!(found(&unused, vm), [(Breaking, "name-changed", "Disk".into())]);
        assert_eq!(found(vm, &unused), []);
    }

    #[test]
    fn documents_without_bindings_are_compared_and_the_reason_is_a_note() {
        let vm = |values: &str| format!("Vm: {{type: string, enum: [{values}]}}");
        let findings = compare(&document(&vm("a-b")), &document(&vm("a-b, aB, c"))).unwrap();
        let last = findings.last().unwrap();
        assert_eq!((last.severity, last.change), (Note, "names-not-verified"));
        assert!(
            last.what.contains("not verified: the new document: components.schemas.Vm has the values `a-b` and `aB`"),
            "{last:?}"
        );
        assert!(findings.iter().any(|finding| finding.change == "enum-value-added"));
        let findings = compare(&document(&vm("a-b, aB")), &document(&vm("a-b"))).unwrap();
        assert!(findings.last().unwrap().what.contains("not verified: the old document: "), "{findings:?}");
    }
}
