//! Values of the types that responses hold, which may get more fields and so have no literals in other crates.

/// Makes a value with some fields set, and the others at their default: `filled!(Reference { id, name: name.to_owned() })`.
macro_rules! filled {
    ($Type:ident { $($field:ident $(: $value:expr)?),+ $(,)? }) => {{
        let mut filled = $Type::default();
        $(filled.$field = $crate::filled::value!($field $(, $value)?);)+
        filled
    }};
}
pub(crate) use filled;

macro_rules! value {
    ($field:ident) => {
        $field
    };
    ($field:ident, $value:expr) => {
        $value
    };
}
pub(crate) use value;
