//! The names that the generated code gives to operations, schemas and enum values.

use heck::{ToPascalCase, ToSnakeCase};

/// Returns the name of an operation's method: `ListVolumes` becomes `list_volumes`.
pub fn method_name(operation_id: &str) -> String {
    operation_id.to_snake_case()
}

/// Returns the name of the constant of an operation, given its method: `list_volumes` becomes `LIST_VOLUMES`.
pub(crate) fn constant_name(method: &str) -> String {
    method.to_uppercase()
}

/// Returns the name of a schema's type: `Instance.Status` becomes `InstanceStatus`.
pub fn type_name(schema: &str) -> String {
    schema.to_pascal_case()
}

/// Returns the name of an enum value's variant: `on-demand` becomes `OnDemand`.
///
/// `unknown` becomes `NamedUnknown`, since `Unknown` is the variant of values that the document does not list.
pub fn variant_name(value: &str) -> String {
    match value.to_pascal_case().as_str() {
        "Unknown" => "NamedUnknown".to_owned(),
        name => name.to_owned(),
    }
}
