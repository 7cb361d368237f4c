//! The names that the generated code gives to operations, schemas, fields and enum values, as the generator derives
//! them, and the names that are chosen here where a derived one is taken.

use heck::{ToPascalCase, ToSnakeCase};

/// The naming rules: what has another name in Rust than the derived one, and that name.
///
/// A name that two parts of the document would get is an error, which gives the first half of the line to add here. It
/// is one of
///
/// * `operation ListVolumes`, whose name is that of its method;
/// * `schema Volume`, whose name is that of its type;
/// * the JSON pointer of a property, `/components/schemas/Volume/properties/userData`, whose name is that of its field;
/// * the JSON pointer of an enum value, `/components/schemas/Billing/enum/onDemand`, whose name is that of its variant;
/// * the JSON pointer of the name of a query or header parameter, `/components/parameters/Page/name/pageSize`, whose name is
///   that of its argument.
///
/// The part that is new in the document gets the line, so that existing names never change.
#[cfg(not(test))]
pub const CHOSEN: &[(&str, &str)] = &[];

/// The naming rules of the tests.
#[cfg(test)]
pub const CHOSEN: &[(&str, &str)] = &[
    ("operation Baseurl", "get_base_url"),
    ("schema CHOSEN.Disk", "OtherChosenDisk"),
    ("/components/schemas/ChosenVm/properties/userData", "user_data_in_camel_case"),
    ("/components/schemas/ChosenVm/properties/extra", "extra_field"),
    ("/components/schemas/ChosenBilling/enum/onDemand", "OnDemandInCamelCase"),
    ("/paths/~1chosen/get/parameters/1/name/pageSize", "page_size_in_camel_case"),
];

/// Returns the name that the naming rules choose for a part of the document.
pub(crate) fn chosen(part: &str) -> Option<&'static str> {
    CHOSEN.iter().find(|(of, _)| *of == part).map(|(_, name)| *name)
}

/// The methods that the client has itself: written by the generator, written by hand, and of the traits that it needs.
pub(crate) const OWN_METHODS: [&str; 12] = [
    "api_version",
    "baseurl",
    "client",
    "clone",
    "exec",
    "inner",
    "new",
    "new_with_client",
    "post",
    "pre",
    "request",
    "send",
];

/// The field of a response's type that keeps the fields which the document does not list.
pub(crate) const UNKNOWN_FIELDS: &str = "extra";

/// Returns the name of an operation's method: `ListVolumes` becomes `list_volumes`.
pub fn method_name(operation_id: &str) -> String {
    match chosen(&format!("operation {operation_id}")) {
        Some(name) => name.to_owned(),
        None => words(operation_id).to_snake_case(),
    }
}

/// Returns the name of the constant of an operation, given its method: `list_volumes` becomes `LIST_VOLUMES`.
///
/// The generator adds an underscore to a method whose name is a keyword, which in upper case is none.
pub(crate) fn constant_name(method: &str) -> String {
    let name = method.trim_end_matches('_').to_uppercase();
    match name.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => name,
        Some(_) => format!("_{name}"),
        None => "X".to_owned(),
    }
}

/// Returns the name of a schema's type: `Instance.Status` becomes `InstanceStatus`.
pub fn type_name(schema: &str) -> String {
    match chosen(&format!("schema {schema}")) {
        Some(name) => name.to_owned(),
        None => identifier(words(schema).to_pascal_case(), "X"),
    }
}

/// Returns the name of an enum value's variant: `on-demand` becomes `OnDemand`.
///
/// `unknown` becomes `NamedUnknown`, since `Unknown` is the variant of values that the document does not list.
pub fn variant_name(value: &str) -> String {
    match identifier(words(value).to_pascal_case(), "X").as_str() {
        "Unknown" => "NamedUnknown".to_owned(),
        name => name.to_owned(),
    }
}

/// Returns the name of a property's field: `userData` becomes `user_data`, and `type` becomes `type_`.
pub(crate) fn field_name(property: &str) -> String {
    identifier(words(property).to_snake_case(), "x")
}

/// Returns the name of the argument for a parameter: `per-page` becomes `per_page`.
pub(crate) fn argument_name(parameter: &str) -> String {
    identifier(words(parameter).to_snake_case(), "_")
}

/// Separates words as the generator does, which drops apostrophes, and has words for two values that have no letters.
fn words(text: &str) -> String {
    match text {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => text.replace('\'', ""),
    }
}

/// Makes a name an identifier as the generator does: it has a first letter, and is not a keyword.
fn identifier(name: String, first: &str) -> String {
    let name = match name.chars().next() {
        None => if first == "X" { "X" } else { "x" }.to_owned(),
        Some(letter) if letter.is_alphabetic() => name,
        Some(_) => format!("{first}{name}"),
    };
    if syn::parse_str::<syn::Ident>(&name).is_ok() && name != "gen" { name } else { format!("{name}_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_generator_derives() {
        for (text, variant, field) in [
            ("on-demand", "OnDemand", "on_demand"),
            ("userData", "UserData", "user_data"),
            ("2fa", "X2fa", "x2fa"),
            ("self", "Self_", "self_"),
            ("type", "Type", "type_"),
            ("gen", "Gen", "gen_"),
            ("it's", "Its", "its"),
            ("-1", "Minus1", "minus1"),
            ("*", "X", "x"),
            ("", "X", "x"),
            ("unknown", "NamedUnknown", "unknown"),
        ] {
            assert_eq!((&*variant_name(text), &*field_name(text)), (variant, field), "{text}");
        }
        assert_eq!(argument_name("2fa"), "_2fa");
    }

    #[test]
    fn constants_of_operations_are_identifiers() {
        for (method, constant) in [("get_a", "GET_A"), ("move_", "MOVE"), ("2fa", "_2FA"), ("_2fa", "_2FA"), ("", "X")]
        {
            assert_eq!(constant_name(method), constant);
        }
    }
}
