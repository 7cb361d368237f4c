//! Values of the types of the bindings as JSON. A text contains the wire name of its field, so that a field which is read
//! from another one shows.

use serde_json::{Map, Value, json};
use syn::{GenericArgument, PathArguments, Type};

use crate::inventory::{Field, Inventory, Kind, text};

/// How deep types that contain themselves are filled.
const DEPTH: usize = 6;

/// Makes values of the types of old bindings.
pub(crate) struct Samples<'a> {
    pub(crate) old: &'a Inventory,
    /// The bindings whose required fields a value has as well, since the service that is described there sends them.
    pub(crate) new: Option<&'a Inventory>,
}

impl Samples<'_> {
    /// Returns a value of this type, for the field or argument of this name.
    pub(crate) fn of(&self, ty: &Type, name: &str) -> Value {
        self.within(ty, name, DEPTH)
    }

    /// Returns a value of a named type.
    pub(crate) fn of_named(&self, name: &str) -> Value {
        self.named(name, name, DEPTH)
    }

    fn within(&self, ty: &Type, name: &str, depth: usize) -> Value {
        let path = match ty {
            Type::Reference(reference) => return self.within(&reference.elem, name, depth),
            Type::Path(path) => &path.path,
            // A unit, or a tuple that no document has.
            _ => return Value::Null,
        };
        let last = path.segments.last().unwrap();
        let inner = || match &last.arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.last() {
                Some(GenericArgument::Type(ty)) => self.within(ty, name, depth),
                _ => Value::Null,
            },
            _ => Value::Null,
        };
        match last.ident.to_string().as_str() {
            "String" | "str" | "Secret" => json!(format!("a {name}")),
            "bool" => json!(true),
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => json!(7),
            "f32" | "f64" => json!(1.5),
            "DateTime" => json!("2026-01-02T03:04:05Z"),
            "NaiveDate" => json!("2026-01-02"),
            "NaiveTime" => json!("03:04:05"),
            "Uuid" => json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
            "Value" => json!("any"),
            "Map" => json!({ "key": "any" }),
            "HashMap" if depth > 1 => json!({ "key": inner() }),
            "HashMap" => json!({}),
            "Vec" if depth > 1 => json!([inner()]),
            "Vec" => json!([]),
            "Option" | "Box" => inner(),
            other => self.named(other, name, depth),
        }
    }

    fn named(&self, ty: &str, name: &str, depth: usize) -> Value {
        let Some(known) = self.old.types.get(ty).or_else(|| self.new?.types.get(ty)) else {
            return json!("unknown type");
        };
        if depth == 0 {
            return Value::Null;
        }
        match &known.kind {
            Kind::Struct(fields) => {
                let mut object = self.object(fields.iter(), depth);
                let added = self.new.and_then(|new| new.types.get(ty)).map(|named| &named.kind);
                if let Some(Kind::Struct(added)) = added {
                    for (wire, value) in self.object(added.iter().filter(|field| field.is_required), depth) {
                        object.entry(wire).or_insert(value);
                    }
                }
                object.into()
            }
            Kind::Wrapper(inner, _) => self.within(inner, name, depth - 1),
            Kind::Values(values) => json!(values[0].1),
            Kind::Union(variants) => self.within(&variants[0].1, name, depth - 1),
        }
    }

    fn object<'a>(&self, fields: impl Iterator<Item = &'a Field>, depth: usize) -> Map<String, Value> {
        let known = fields.filter(|field| !is_unknown_fields(field));
        // At the end of the depth, what is optional is left out, so that what contains itself comes to an end.
        let known = known.filter(|field| depth > 1 || field.is_required);
        known.map(|field| (field.wire.clone(), self.within(&field.ty, &field.wire, depth - 1))).collect()
    }
}

/// Whether a field keeps what the document does not list.
pub(crate) fn is_unknown_fields(field: &Field) -> bool {
    field.name == "extra" && text(&field.ty).contains("serde_json :: Map")
}
