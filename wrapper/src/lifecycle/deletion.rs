//! Deletions that wait until a resource can be deleted, and until it is gone; and the order of several.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::any_resource::AnyResource;
use super::orphan::{Certainty, OrphanedResource};
use crate::core::Core;
use crate::error::{Class, Processed};
use crate::ledger::{LedgerRecord, ResourceKind};
use crate::resource::{self, Resource, is_gone};
use crate::resources::{Filesystems, FloatingIps, Instances, SecurityGroups, Snapshots, SshKeys, Volumes};
use crate::{
    Error, ErrorCode, ErrorKind, Filesystem, FloatingIp, Instance, Result, SecurityGroup, Snapshot, SshKey, Volume,
    WaitErrorKind, Waitable, Waiter, wait,
};

/// The longest delay between attempts.
const MAX_DELAY: Duration = Duration::from_secs(30);
/// The longest wait for a resource that cannot be deleted in its present state, before the next attempt.
const MAX_REST: Duration = Duration::from_secs(60);
/// How long after an accepted deletion a resource may be observed as if it were not being deleted. After that, the success was
/// not the API's, or was lost by it: the deletion is sent again.
const TAKES_EFFECT_WITHIN: Duration = Duration::from_secs(60);
/// For how long a resource is waited for that may be in use by an instance that is left.
const IN_USE_BY_ORPHAN: Duration = Duration::from_secs(60);

/// For how long deletions are tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    total: Duration,
    /// For how long while the state of the resource forbids them.
    conflict: Duration,
}

impl Limits {
    fn of(total: Duration) -> Self {
        Self { total, conflict: total }
    }
}

/// A resource that was not observed to be gone, and as what it was observed last.
pub struct NotGone {
    last: LastObserved,
    error: Error,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LastObserved {
    Deleting,
    /// Its status went from `deleting` to `error`.
    Failed,
    Otherwise,
    NotAtAll,
}

impl NotGone {
    /// What is known after a deletion that was accepted.
    fn accepted(self) -> NotDeleted {
        let (is_deleting, has_failed) = (self.last == LastObserved::Deleting, self.last == LastObserved::Failed);
        let certainty = if has_failed { Certainty::NotDeleted } else { Certainty::NotConfirmed };
        NotDeleted { certainty, error: self.error, is_deleting }
    }

    /// What is known after a deletion whose error leaves it open whether it was processed.
    fn unclear(self, error: Error) -> NotDeleted {
        match self.last {
            LastObserved::Deleting => self.accepted(),
            LastObserved::Failed | LastObserved::Otherwise => NotDeleted::new(Certainty::NotDeleted, error),
            LastObserved::NotAtAll => NotDeleted::new(Certainty::MayBeDeleted, error),
        }
    }
}

/// A resource that can be observed while it is deleted: by its status, or, without one, by reads.
pub trait Observed: Resource {
    #[doc(hidden)]
    fn until_gone(core: &Core, id: &str, within: Duration) -> BoxFuture<'static, Result<(), NotGone>>;

    /// Waits until it does not change.
    #[doc(hidden)]
    fn until_at_rest(core: &Core, id: &str, within: Duration) -> BoxFuture<'static, ()>;
}

impl<R: Waitable> Observed for R {
    fn until_gone(core: &Core, id: &str, within: Duration) -> BoxFuture<'static, Result<(), NotGone>> {
        let wait = Waiter::<R>::new(core, id).until_gone().within(within);
        let gone = wait.map(|gone| {
            gone.map_err(|error| {
                let last = match error.last_status() {
                    _ if error.kind() == WaitErrorKind::Failed => LastObserved::Failed,
                    Some("deleting" | "pending_delete") => LastObserved::Deleting,
                    Some(_) => LastObserved::Otherwise,
                    None => LastObserved::NotAtAll,
                };
                NotGone { last, error: error.into() }
            })
        });
        gone.boxed()
    }

    fn until_at_rest(core: &Core, id: &str, within: Duration) -> BoxFuture<'static, ()> {
        Waiter::<R>::new(core, id).until_at_rest().within(within).map(drop).boxed()
    }
}

/// It has no status, and is deleted at once.
impl Observed for SshKey {
    fn until_gone(core: &Core, id: &str, within: Duration) -> BoxFuture<'static, Result<(), NotGone>> {
        let (core, id) = (core.clone(), id.to_owned());
        let gone = async move {
            let (clock, started) = (core.clock(), core.clock().now());
            loop {
                let (last, error) = match resource::get::<Self>(&core, &id).await {
                    Err(error) if is_gone(&core, &id, &error) => {
                        core.note(LedgerRecord::Gone { kind: Self::KIND, id }).await;
                        return Ok(());
                    }
                    Err(error) => (LastObserved::NotAtAll, error),
                    Ok(_) => (LastObserved::Otherwise, Error::new(ErrorKind::Timeout, "it still exists")),
                };
                let is_over = clock.now().saturating_duration_since(started) >= within;
                if is_over || error.class().ends_cleanup() {
                    return Err(NotGone { last, error });
                }
                clock.sleep(wait::DEFAULT_INTERVAL).await;
            }
        };
        gone.boxed()
    }

    fn until_at_rest(_: &Core, _: &str, _: Duration) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }
}

/// Deletes a resource, and waits until it is gone. What is temporary is tried again; so is a rejection because of a state that
/// can change.
async fn delete_until_gone<R: Observed>(core: &Core, id: &str, limits: Limits) -> Deleted {
    let (clock, started) = (core.clock(), core.clock().now());
    let left_of = |limit: Duration| limit.saturating_sub(clock.now().saturating_duration_since(started));
    let mut is_deleting = false;
    let mut delay = wait::DEFAULT_INTERVAL;
    loop {
        let attempt = attempt::<R>(core, id, is_deleting, left_of(limits.total)).await;
        let Err(not_deleted) = attempt else { return Ok(()) };
        let NotDeleted { certainty, error, .. } = not_deleted;
        is_deleting = not_deleted.is_deleting;
        let is_assigned = is_assigned::<R>(core, id, &error).await;
        if error.class().ends_cleanup() && !is_assigned {
            return Err((certainty, error));
        }
        let is_in_use = error.is_conflict() || is_assigned;
        let limit = if is_in_use { limits.conflict.min(limits.total) } else { limits.total };
        if left_of(limit).is_zero() {
            return match certainty {
                // A last read.
                Certainty::MayBeDeleted => unless_gone::<R>(core, id, error).await.map_err(NotDeleted::why),
                _ => Err((certainty, error)),
            };
        }
        if is_in_use {
            // The state may be one that it passes through. The next attempt shows whether the wait was enough.
            R::until_at_rest(core, id, left_of(limit).min(MAX_REST)).await;
        }
        if is_deleting {
            continue;
        }
        clock.sleep(delay.min(left_of(limit))).await;
        // Grows, so that many resources that cannot be deleted do not use up the rate limit.
        delay = (2 * delay).min(MAX_DELAY);
    }
}

/// Why a resource is not gone after an attempt to delete it.
struct NotDeleted {
    certainty: Certainty,
    error: Error,
    is_deleting: bool,
}

impl NotDeleted {
    fn new(certainty: Certainty, error: Error) -> Self {
        Self { certainty, error, is_deleting: false }
    }

    fn why(self) -> (Certainty, Error) {
        (self.certainty, self.error)
    }
}

/// Sends a deletion, unless the resource is known to be `deleting`, which only needs more time; and waits until it is gone.
async fn attempt<R: Observed>(core: &Core, id: &str, is_deleting: bool, time: Duration) -> Result<(), NotDeleted> {
    let deleted = if is_deleting { Ok(()) } else { resource::delete::<R>(core, id).await };
    let Err(error) = deleted else {
        return R::until_gone(core, id, time.min(TAKES_EFFECT_WITHIN)).await.map_err(NotGone::accepted);
    };
    match error.class() {
        // It is gone or is being deleted. If a read does not show that, the deletion is sent again.
        Class::NotFound if is_gone(core, id, &error) => unless_gone::<R>(core, id, error).await,
        // It is so new that reads may not show it yet, or there was no response.
        Class::NotFound => Err(NotDeleted::new(Certainty::MayBeDeleted, error)),
        class if class.processed() == Processed::Unknown => Err(NotDeleted::new(Certainty::MayBeDeleted, error)),
        _ => Err(NotDeleted::new(Certainty::NotDeleted, error)),
    }
}

/// Reads once what became of a deletion with this error.
async fn unless_gone<R: Observed>(core: &Core, id: &str, error: Error) -> Result<(), NotDeleted> {
    R::until_gone(core, id, Duration::ZERO).await.map_err(|not_gone| not_gone.unclear(error))
}

/// Whether a deletion was rejected because an instance has the floating IP: there is no code for it in the documentation, so
/// 02009, "not allowed", may mean that. A read of the floating IP shows it.
async fn is_assigned<R: Resource>(core: &Core, id: &str, error: &Error) -> bool {
    let may_be = R::KIND == ResourceKind::FloatingIp && error.code() == Some(&ErrorCode::NotAllowed);
    may_be && resource::get::<FloatingIp>(core, id).await.is_ok_and(|ip| ip.instance.is_some())
}

type Deleted = Result<(), (Certainty, Error)>;

/// How a resource of a kind is deleted: a pointer, so that a program compiles the deletions of the kinds that it uses.
type Delete = fn(Core, String, Limits) -> BoxFuture<'static, Deleted>;

fn delete_of<R: Observed>(core: Core, id: String, limits: Limits) -> BoxFuture<'static, Deleted> {
    async move { delete_until_gone::<R>(&core, &id, limits).await }.boxed()
}

/// A resource to delete, and how.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) resource: AnyResource,
    delete: Delete,
    /// For how long its deletion is tried.
    within: Duration,
}

impl Target {
    pub(super) fn of<R: Observed + Into<AnyResource>>(resource: R) -> Self {
        Self { resource: resource.into(), delete: delete_of::<R>, within: wait::DEFAULT_TIMEOUT }
    }

    /// Sets for how long its deletion is tried.
    pub(super) fn within(self, time: Duration) -> Self {
        Self { within: time, ..self }
    }

    #[inline]
    pub(super) fn of_any(resource: AnyResource) -> Self {
        match resource {
            AnyResource::Instance(it) => Self::of::<Instance>(*it),
            AnyResource::Volume(it) => Self::of::<Volume>(*it),
            AnyResource::Filesystem(it) => Self::of::<Filesystem>(*it),
            AnyResource::Snapshot(it) => Self::of::<Snapshot>(*it),
            AnyResource::FloatingIp(it) => Self::of::<FloatingIp>(*it),
            AnyResource::SecurityGroup(it) => Self::of::<SecurityGroup>(*it),
            AnyResource::SshKey(it) => Self::of::<SshKey>(*it),
        }
    }

    fn is_instance(&self) -> bool {
        self.resource.kind() == ResourceKind::Instance
    }

    pub(super) fn orphaned(&self, why: (Certainty, Error)) -> OrphanedResource {
        OrphanedResource::new(self.resource.kind(), self.resource.id(), self.resource.name(), why)
    }

    async fn delete(&self, core: &Core, while_in_use: Duration) -> Option<OrphanedResource> {
        let limits = Limits { total: self.within, conflict: while_in_use };
        let deleted = (self.delete)(core.clone(), self.resource.id().to_owned(), limits).await;
        deleted.err().map(|why| self.orphaned(why))
    }
}

/// Deletes resources, and waits until they are gone: instances first, at once, since they use the others; then the others, at
/// once. One that cannot be deleted does not stop the others. Each has its time from the beginning of its step. Returns what is
/// left.
pub(super) async fn delete_all(core: &Core, targets: &[Target]) -> Vec<OrphanedResource> {
    // The options of the scope's client are for its own calls.
    let core = core.with_built_options();
    let (instances, others): (Vec<_>, Vec<_>) = targets.iter().partition(|target| target.is_instance());
    let mut while_in_use = Duration::MAX;
    let mut left = vec![];
    for stage in [instances, others] {
        let deletions = stage.into_iter().map(|target| target.delete(&core, while_in_use));
        left.extend(join_all(deletions).await.into_iter().flatten());
        if !left.is_empty() {
            // What an instance that is left uses cannot be deleted, however long it is waited for.
            while_in_use = IN_USE_BY_ORPHAN;
        }
    }
    left
}

/// Resources that are to be deleted together.
#[derive(Default)]
pub(super) struct Targets(Mutex<Vec<Target>>);

impl Targets {
    fn lock(&self) -> MutexGuard<'_, Vec<Target>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, target: Target) {
        let mut targets = self.lock();
        // The same resource again, as when it was created and then adopted.
        targets.retain(|other| other.resource.id() != target.resource.id());
        targets.push(target);
    }

    /// Removes the resources with this id, and returns whether there were any.
    pub(super) fn remove(&self, id: &str) -> bool {
        let mut targets = self.lock();
        let before = targets.len();
        targets.retain(|target| target.resource.id() != id);
        targets.len() < before
    }

    pub(super) fn all(&self) -> Vec<Target> {
        self.lock().clone()
    }

    pub(super) fn take(&self) -> Vec<Target> {
        std::mem::take(&mut *self.lock())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

impl fmt::Debug for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter().map(|target| format!("{}", target.resource))).finish()
    }
}

/// A deletion that waits until the resource can be deleted, and until it is gone: a future. Returned by
/// [`Volumes::delete_when_possible`] and its like on every resource; sends nothing before it is polled, and nothing after it is
/// dropped.
///
/// * **Absent is success**: the API's 404, unless this client has just created the resource, so that reads may not show it yet.
/// * **What is waited out**: a resource in use or locked, such as an attached volume (02022), a snapshot (02016) or a security
///   group in use (02027), an instance that is `creating` (02013), a floating IP that is assigned; whatever may be temporary,
///   such as 5xx, 429 and lost connections; and what an intermediary responds in place of the API. A deletion detaches nothing:
///   what is in use is waited for until the program, or another one, ends that.
/// * **What ends it**: a rejection that does not change by itself, as of a protected instance (02038), of a default security
///   group (02024), or of the token. A protected instance is not waited for: remove the protection first.
/// * **Gone**: an accepted deletion takes some time. The resource is polled until the API responds with 404, as the provider's
///   own tools do. If it shows no effect for a minute, or ends in `error`, it is sent again; and at once after a 404, if a read
///   shows that the resource exists and is not being deleted.
/// * **Time**: 20 minutes at most ([`within`](Self::within)), by the client's clock; a call that is in flight by then is
///   awaited.
/// * **Cost**: the deletion and the polls until the resource is gone, every 2 s, which deletions and waits for one kind of
///   resource share (see [`Waiter`]). Each further attempt costs a deletion, and where the state forbids it, a poll until it is
///   at rest. They begin 2 s after one another, then 4, 8 and 16, and then every 30 s: at most 44 in 20 minutes. If the last
///   attempt has no response, one poll shows what became of it.
///
/// # Errors
/// The last one. A conflict means that the state of the resource did not allow the deletion all the time; a wait that failed
/// or timed out, that the deletion was accepted, and the resource was not observed to be gone; a 404, that the deletion was
/// answered with it, and no read confirmed it.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// client.instances().delete("an-instance").await?;
/// // Its volume is attached until the instance is gone.
/// client.volumes().delete_when_possible("a-volume").await?;
/// # Ok(()) }
/// ```
#[must_use = "a deletion sends nothing until it is polled"]
pub struct Deletion {
    core: Core,
    id: String,
    within: Duration,
    delete: Delete,
    running: Option<BoxFuture<'static, Deleted>>,
}

impl Deletion {
    fn new<R: Observed>(core: &Core, id: &str) -> Self {
        let (within, delete) = (wait::DEFAULT_TIMEOUT, delete_of::<R>);
        Self { core: core.clone(), id: id.to_owned(), within, delete, running: None }
    }

    /// Sets the time limit; 20 minutes by default. With zero, there is one attempt: a call with its retries, and one poll
    /// unless it is rejected. A deletion that was polled already begins again.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// client.security_groups().delete_when_possible("an-id").within(Duration::from_secs(60)).await?;
    /// # Ok(()) }
    /// ```
    pub fn within(self, time: Duration) -> Self {
        Self { within: time, running: None, ..self }
    }
}

impl Future for Deletion {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let Self { core, id, within, delete, running } = self.get_mut();
        let running = running.get_or_insert_with(|| delete(core.clone(), id.clone(), Limits::of(*within)));
        running.poll_unpin(context).map_err(|(_, error)| error)
    }
}

impl fmt::Debug for Deletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deletion").field("id", &self.id).field("within", &self.within).finish_non_exhaustive()
    }
}

macro_rules! delete_when_possible {
    ($($Service:ident of $Item:ident ($one:literal), client.$service:ident();)+) => {
        $(
            impl $Service {
                #[doc = concat!(
                    "Returns a deletion of the ", $one, " with this id that waits until it can be deleted, 20 minutes at most, \
                     and then until it is gone; absent is success. [`Deletion`] has what is waited for, what ends it, and what \
                     it costs."
                )]
                ///
                /// # Errors
                /// The last one. A conflict means that its state did not allow the deletion all the time; a wait that timed out
                /// or failed, that the deletion was accepted and that it was not observed to be gone.
                #[doc = concat!(
                    "\n```\n# async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {\nclient.",
                    stringify!($service), "().delete_when_possible(\"an-id\").await?;\n# Ok(()) }\n```"
                )]
                pub fn delete_when_possible(&self, id: impl AsRef<str>) -> Deletion {
                    Deletion::new::<$Item>(&self.core, id.as_ref())
                }
            }
        )+
    };
}

delete_when_possible! {
    Instances of Instance ("instance"), client.instances();
    Volumes of Volume ("volume"), client.volumes();
    Filesystems of Filesystem ("filesystem"), client.filesystems();
    Snapshots of Snapshot ("snapshot"), client.snapshots();
    FloatingIps of FloatingIp ("floating IP"), client.floating_ips();
    SecurityGroups of SecurityGroup ("security group"), client.security_groups();
    SshKeys of SshKey ("SSH key"), client.ssh_keys();
}
