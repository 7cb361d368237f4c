//! Macros for the blocking types that are not emitted with their operations: those of lists, waits, watches and scopes. Each
//! wraps the type of the same name in the crate's root, and a method calls that type's method of the same name.

/// Methods that change the settings of what has not begun.
macro_rules! setters {
    ($Type:ident: $($name:ident($($argument:ident: $Argument:ty),*)),+ $(,)?) => {
        $(
            #[doc = concat!(
                "Has the effect of [`", stringify!($Type), "::", stringify!($name), "`](crate::", stringify!($Type), "::",
                stringify!($name), "), which documents it."
            )]
            pub fn $name(self $(, $argument: $Argument)*) -> Self {
                Self(self.0.$name($($argument),*))
            }
        )+
    };
}
pub(crate) use setters;

/// Methods that consume the value, and block until what the method of the same name returns has ended.
macro_rules! calls {
    ($Type:ident: $($name:ident($($argument:ident: $Argument:ty),*) -> $Output:ty),+ $(,)?) => {
        $(
            #[doc = concat!(
                "Blocks until [`", stringify!($Type), "::", stringify!($name), "`](crate::", stringify!($Type), "::",
                stringify!($name), ") has ended, which documents it."
            )]
            pub fn $name(self $(, $argument: $Argument)*) -> $Output {
                $crate::blocking_thread::block_on(self.0.$name($($argument),*))
            }
        )+
    };
}
pub(crate) use calls;
