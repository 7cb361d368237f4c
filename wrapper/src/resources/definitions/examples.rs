//! Macros that write the examples in the documentation of what the others define.

/// An expression of an example, with a line for each further method.
macro_rules! chain {
    ($first:expr $(, $step:ident($($argument:tt)*))*) => {
        concat!(stringify!($first) $(, "\n    .", stringify!($step), "(", stringify!($($argument)*), ")")*)
    };
}
pub(in crate::resources) use chain;

/// An example that uses a client.
macro_rules! example {
    ($($code:expr),+) => {
        concat!(
            "\n```\n# async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {\n", $($code,)+
            "\n# Ok(()) }\n```"
        )
    };
}
pub(in crate::resources) use example;

/// What an example begins with: its imports and, after them, values that it names.
macro_rules! setup {
    ($($name:ident),+ $(; let $value:ident = $expression:expr)*) => {
        concat!(
            "use genesiscloud::", $crate::resources::definitions::examples::use_tree!($($name),+), ";\n\n",
            $("let ", stringify!($value), " = ", stringify!($expression), ";\n",)*
        )
    };
}
pub(in crate::resources) use setup;

macro_rules! use_tree {
    ($name:ident) => { stringify!($name) };
    ($($name:ident),+) => { concat!("{", stringify!($($name),+), "}") };
}
pub(in crate::resources) use use_tree;
