//! Macros that define the parameters of requests, with their setters, and as data.

/// Defines the parameters of a request: a type around its body, `new`, and setters.
macro_rules! parameters {
    // Those for creating something, with a `new` for what is required. A wish is kept beside the body, which it completes later.
    (
        $(#[$about:meta])*
        pub struct $Parameters:ident($Body:ty) $(with $Wish:ident)? for $purpose:literal;
        example($($setup:tt)+): $example:expr $(, .$step:ident($($argument:tt)*))*;
        $(secret [$($secret:literal),+];)?
        $(derived [$($derived:literal),+];)?

        $(#[$new_doc:meta])*
        pub fn new($($required:ident: $Required:ty),+) = $new:expr;

        $($setters:tt)*
    ) => {
        #[doc = concat!("Parameters for ", $purpose, ".")]
        $(#[$about])*
        #[doc = concat!(
            "\n```\n", $crate::resources::definitions::examples::setup!($($setup)+), "let new = ",
            $crate::resources::definitions::examples::chain!($example $(, $step($($argument)*))*), ";\n```"
        )]
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[must_use]
        pub struct $Parameters(pub(crate) $Body $(, pub(crate) $Wish)?);

        $crate::resources::definitions::parameters::as_data! {
            $Parameters($Body) $(with $Wish)?, secret [$($($secret)+)?], derived [$($($derived)+)?]
        }

        $crate::resources::definitions::parameters::setters! {
            [
                $(#[$new_doc])*
                pub fn new($($required: $Required),+) -> Self {
                    Self($new $(, $Wish::default())?)
                }
            ]
            $Parameters $($setters)*
        }
    };

    // Those for updating something.
    (
        $(#[$about:meta])*
        pub struct $Parameters:ident($Body:ty): Default for $purpose:literal;
        example($($setup:tt)+): $example:expr;

        $($setters:tt)*
    ) => {
        #[doc = concat!("Parameters for ", $purpose, "; fields that are not set stay as they are.")]
        $(#[$about])*
        #[doc = concat!(
            "\n```\n", $crate::resources::definitions::examples::setup!($($setup)+), "let change = ", stringify!($example), ";\n```"
        )]
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[must_use]
        pub struct $Parameters(pub(crate) $Body);

        $crate::resources::definitions::parameters::as_data!($Parameters($Body), secret [], derived []);

        $crate::resources::definitions::parameters::setters! {
            [
                /// Returns parameters that change nothing.
                pub fn new() -> Self {
                    Self::default()
                }
            ]
            $Parameters $($setters)*
        }
    };
}
pub(in crate::resources) use parameters;

/// Makes the body of parameters readable, and implements serde's traits for them.
macro_rules! as_data {
    ($Parameters:ident($Body:ty) $(with $Wish:ident)?, secret [$($secret:literal)*], derived [$($derived:literal)*]) => {
        impl $Parameters {
            /// Returns the body as it is set so far, with the API's own fields.
            pub fn body(&self) -> &$Body {
                &self.0
            }
        }

        impl $crate::resources::as_data::Parameters for $Parameters {
            type Body = $Body;

            const SECRET: &'static [&'static str] = &[$($secret),*];
            const DERIVED: &'static [&'static str] = &[$($derived),*];

            fn body(&self) -> &$Body {
                &self.0
            }

            $crate::resources::definitions::parameters::beside!($($Wish)?);
        }

        impl serde::Serialize for $Parameters {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::resources::as_data::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Parameters {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::resources::as_data::deserialize(deserializer)
            }
        }
    };
}
pub(in crate::resources) use as_data;

/// What parameters have beside their body: nothing, or a wish.
macro_rules! beside {
    () => {
        const BESIDE: Option<&'static str> = None;

        fn beside(&self) -> Option<serde_json::Value> {
            None
        }

        fn new(body: Self::Body, _: Option<serde_json::Value>) -> Result<Self, String> {
            Ok(Self(body))
        }
    };
    ($Wish:ident) => {
        const BESIDE: Option<&'static str> = Some($Wish::FIELD);

        fn beside(&self) -> Option<serde_json::Value> {
            self.1.to_value()
        }

        fn new(body: Self::Body, beside: Option<serde_json::Value>) -> Result<Self, String> {
            Ok(Self(body, $Wish::from_value(beside)?))
        }
    };
}
pub(in crate::resources) use beside;

/// Defines the methods of parameters, in their order: `[…]` has those that are defined already. A setter names the optional
/// field that it sets, or is written as a method of its own.
macro_rules! setters {
    (
        [$($done:tt)*] $Parameters:ident
        $(#[$doc:meta])*
        pub fn $setter:ident($value:ident: $Value:ty) = self.$body:tt.$field:ident;
        $($rest:tt)*
    ) => {
        $crate::resources::definitions::parameters::setters! {
            [
                $($done)*

                $(#[$doc])*
                pub fn $setter(mut self, $value: $Value) -> Self {
                    self.$body.$field = Some($value.into());
                    self
                }
            ]
            $Parameters $($rest)*
        }
    };
    (
        [$($done:tt)*] $Parameters:ident
        $(#[$doc:meta])*
        pub fn $setter:ident($($signature:tt)*) -> Self $body:block
        $($rest:tt)*
    ) => {
        $crate::resources::definitions::parameters::setters! {
            [
                $($done)*

                $(#[$doc])*
                pub fn $setter($($signature)*) -> Self $body
            ]
            $Parameters $($rest)*
        }
    };
    ([$($done:tt)*] $Parameters:ident) => {
        impl $Parameters {
            $($done)*
        }
    };
}
pub(in crate::resources) use setters;
