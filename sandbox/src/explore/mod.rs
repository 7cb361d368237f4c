//! Tries a program under every fault at every request, and checks what it leaves. Needs the feature `explore`.
//!
//! An [`Explorer`] gets a program: a function that takes a client of the crate `genesiscloud` and does the program's work. It
//! runs the program once without faults and records its requests, then once for each fault at each of them, then for pairs of
//! faults; on request, it also kills the program at each request. Each run has a sandbox, an account and a runtime of its
//! own, and a clock that skips all pauses. The [`Report`] shows the shortest schedule of faults under which the program
//! violates an invariant, and a test to paste that runs it again.
//!
//! ```
//! use genesiscloud::{CreateInstance, Region};
//! use genesiscloud_sandbox::explore::{Explorer, Violation};
//!
//! let cpu = "vcpu-2_memory-4g_disk-80g";
//! let report = Explorer::new(move |client| async move {
//!     let new = CreateInstance::new("trainer", cpu, "ubuntu-24.04", Region::NordNoKrs1);
//!     let vm = client.instances().create_or_recover(new.password("Passw0rd")).await?;
//!     client.instances().wait(&vm.id).await.map_err(|_| "not ready")?; // returns without deletion
//!     client.instances().delete(&vm.id).await?;
//!     Ok::<_, Box<dyn std::error::Error>>(())
//! })
//! .pairs(0)
//! .run()?;
//!
//! let trial = report.shortest().expect("a wrong program");
//! assert_eq!(trial.schedule().to_string(), "CreateInstance #1: ends in error");
//! assert!(matches!(trial.violations(), [Violation::Orphaned { kind: "instance", .. }]));
//! # Ok::<(), genesiscloud_sandbox::explore::ExploreError>(())
//! ```
//!
//! # Invariants
//!
//! An error is no violation: programs may fail under faults. After every run,
//!
//! * **no billed resource is left that nothing mentions.** An instance, volume, filesystem, snapshot or floating IP that was
//!   created during the run, exists and is not being deleted must be in the [`Kept`] that the program returns, or be open in
//!   the [ledger](Explorer::ledger). If the program returns an error, its `Display` or `Debug` may contain the id or the name
//!   of the resource instead, as a whole word.
//! * **nothing is created twice.** Of the resources created during the run, no more of a kind with the same name existed at
//!   once, those that are being deleted aside, than in the run without faults; one, if that run had none of the name.
//! * **the program ends** within the time of [`Explorer::ends_within`], and within 3,000 requests.
//! * **no error contains a secret**: the token, or a `password`, `startup_script` or `user_data` that was sent, or one of its
//!   lines of 16 characters or more. `Display` and `Debug` are searched, and the messages of panics.
//! * **the program does not panic.**
//!
//! After a kill they hold for the recovery that [`Explorer::after_kill`] sets. Without one, what is left must be open in the
//! ledger, if there is one.
//!
//! # Time
//!
//! Client, sandbox and `tokio::time` share one time, which passes only when all of the program waits for it. A pause of an
//! hour costs nothing, and the instants are the same in each run. The system's clock is not part of it, and neither is what
//! happens in other threads or elsewhere on the network: a program that waits for these alone is found not to end. A task
//! that never waits, such as one that yields in a loop, cannot be interrupted: it keeps time from passing. [`Time`] is this clock
//! for other tests.
//!
//! # Cost
//!
//! A run takes some milliseconds with optimisation, and about 20 ms without. A program with 20 requests has about 200 single
//! faults.

mod census;
mod error;
mod explorer;
mod invariants;
mod kept;
mod plan;
mod report;
mod run;
mod runtime;
mod schedule;
mod source;
mod time;
mod trial;

pub use error::ExploreError;
pub use explorer::{Explorer, Progress};
pub use invariants::Violation;
pub use kept::Kept;
pub use report::Report;
pub use schedule::{Kill, Schedule};
pub use time::Time;
pub use trial::Trial;
