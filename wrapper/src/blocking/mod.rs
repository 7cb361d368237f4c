//! Synchronous code: the client, its services, lists, waits, watches and scopes, whose methods block. Feature `blocking`.
//!
//! Each type has the name of the one in the [crate's root](crate) that it wraps, and its methods have the names of that type's
//! methods, which document them. All other types, such as resources, parameters and errors, are the same ones. The
//! [guide](crate::guide::blocking) says when to use it, what it costs, and how a call is interrupted.
//!
//! * **A call blocks** its thread until it has ended, and returns what the future would: deleting `.await` translates most
//!   code.
//! * **Streams are iterators**: [`List`], [`Pages`], [`FindByName`], [`StatusChanges`], [`Watch`].
//! * **A wait** is ended by its condition: `wait("an-id").until_ready()`, after the settings ([`Waiter`]).
//! * **The work of a scope runs on the caller's thread**, and so do predicates: what they call may block.
//!
//! It blocks and never panics, on any thread: also within a runtime, where it keeps a worker from all else.
//!
//! ```no_run
//! use genesiscloud::blocking::Client;
//!
//! fn main() -> genesiscloud::Result<()> {
//!     for instance in Client::from_env()?.instances().list() {
//!         let instance = instance?;
//!         println!("{} is {}", instance.name, instance.status);
//!     }
//!     Ok(())
//! }
//! ```

mod client;
pub(crate) mod definitions;
mod list;
mod wait;
mod watch;

use crate::blocking_thread::block_on;
pub use crate::lifecycle::blocking::*;
pub use crate::resources::blocking::*;

pub use self::client::{Client, ClientBuilder};
pub use self::list::{FindByName, List, Pages};
pub use self::wait::{StatusChanges, Waiter};
pub use self::watch::{Store, Watch};

/// What an operation returns, as the blocking operation of the same name returns it.
pub(crate) trait IntoBlocking {
    type Blocking;

    fn into_blocking(self) -> Self::Blocking;
}

impl<T: Send> IntoBlocking for crate::Call<T> {
    type Blocking = crate::Result<T>;

    fn into_blocking(self) -> crate::Result<T> {
        block_on(self)
    }
}
