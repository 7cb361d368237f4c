//! Scopes of several resources: however the work ends, nothing is left, and what is left all the same is named.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, join, select, try_join_all};
use genesiscloud::{
    AnyResource, Client, Clock, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot,
    CreateSecurityGroup, CreateSshKey, CreateVolume, Error, ErrorKind, Instance, MemoryLedger, ResourceKind, Scope,
    ScopeBuilder, ScopeError, ScopeFailure, UpdateInstance,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::ledger::{counts, later, open, with_ledger};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, stepped};
use genesiscloud_tests::time::Time;

const SECOND: Duration = Duration::from_secs(1);
/// How long it takes until everything is created.
const TO_CREATE: Duration = Duration::from_secs(56);

struct Account {
    sandbox: Sandbox,
    time: Time,
    client: Client,
}

impl Account {
    async fn new() -> Self {
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        Self { sandbox, time, client }
    }

    fn add(&self, rule: FaultRule) {
        self.sandbox.faults().add(rule).unwrap();
    }

    /// The kinds of what is left.
    fn left(&self) -> Vec<&'static str> {
        left(&self.sandbox)
    }

    /// The operations of this prefix that were sent, in their order.
    fn sent(&self, prefix: &str) -> Vec<String> {
        let requests = self.sandbox.recorded_requests();
        let operations = requests.into_iter().filter_map(|request| request.operation);
        operations.filter(|operation| operation.starts_with(prefix)).collect()
    }

    fn scope(&self) -> ScopeBuilder {
        self.client.scope()
    }

    /// Runs a scope that creates one of each kind and works for a while.
    fn long_scope(&self, scope: ScopeBuilder) -> impl Future<Output = Result<(), ScopeError<Error>>> + use<> {
        let (client, time) = (self.client.clone(), self.time.clone());
        scope.run(async move |scope| {
            create_all(&client, &scope).await?;
            time.sleep(100 * SECOND).await;
            Ok(())
        })
    }

    async fn cleanup(&self) -> Vec<genesiscloud::OrphanedResource> {
        self.time.run(self.client.wait_for_cleanup()).await
    }
}

fn left(sandbox: &Sandbox) -> Vec<&'static str> {
    let data = sandbox.data();
    let groups = data.security_groups.iter().filter(|group| group.name == "job").count();
    let counts = [
        ("instance", data.instances.len()),
        ("volume", data.volumes.len()),
        ("filesystem", data.filesystems.len()),
        ("snapshot", data.snapshots.len()),
        ("floating IP", data.floating_ips.len()),
        ("security group", groups),
        ("SSH key", data.ssh_keys.len()),
    ];
    counts.into_iter().flat_map(|(kind, count)| std::iter::repeat_n(kind, count)).collect()
}

/// Creates one of each kind; the instance uses the others.
async fn create_all(client: &Client, scope: &Scope) -> Result<Instance, Error> {
    let key = scope.create(CreateSshKey::new("job", PUBLIC_KEY)).await?;
    let group = scope.create(CreateSecurityGroup::new("job", KRS, [])).await?;
    let disk = scope.create(CreateVolume::new("job", KRS, 50)).await?;
    scope.create(CreateFilesystem::new("job", KRS, 50)).await?;
    let ip = scope.create(CreateFloatingIp::new("job", KRS)).await?;
    client.security_groups().wait(&group).await?;
    client.volumes().wait(&disk).await?;
    client.floating_ips().wait(&ip).await?;
    let vm = CreateInstance::new("job", SMALL, "ubuntu-24.04", KRS).ssh_keys([&key]).security_groups([&group]);
    let vm = scope.create(vm.volumes([&disk]).floating_ip(&ip)).await?;
    let vm = client.instances().wait(&vm).await?;
    let snapshot = scope.create_snapshot(&vm, CreateInstanceSnapshot::new("job")).await?;
    client.snapshots().wait(&snapshot).await?;
    Ok(vm)
}

const ALL: [&str; 7] = ["instance", "volume", "filesystem", "snapshot", "floating IP", "security group", "SSH key"];

#[tokio::test]
async fn what_is_created_exists_while_the_work_is_done_and_is_deleted_in_order() {
    let account = Account::new().await;
    let scope = account.scope().run(async |scope| {
        let vm = create_all(&account.client, &scope).await?;
        assert_eq!(account.left(), ALL);
        assert_eq!(account.time.passed(), TO_CREATE);
        Ok::<_, Error>(vm.name)
    });
    assert!(account.sent("").is_empty(), "nothing happens before it is polled");
    assert_eq!(account.time.run(scope).await.unwrap(), "job");
    assert_eq!(account.left(), [""; 0]);
    let deletions = account.sent("Delete");
    assert_eq!((deletions.len(), deletions[0].as_str()), (7, "DeleteInstance"), "each once: {deletions:?}");
    let took = account.time.passed() - TO_CREATE;
    assert!(took < 17 * SECOND, "10 s for the instance, 6 s for all others at once: {took:?}");
}

#[tokio::test]
async fn everything_is_deleted_when_the_work_fails_or_panics() {
    let account = Account::new().await;
    let error = account
        .time
        .run(account.scope().run(async |scope| {
            create_all(&account.client, &scope).await.unwrap();
            Err::<(), _>("no luck")
        }))
        .await
        .unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Work("no luck"))));
    assert_eq!((error.to_string().as_str(), error.may_be_billed()), ("the work failed: no luck", false));
    assert_eq!(account.left(), [""; 0]);

    let panicking = account.scope().run(async |scope| -> Result<(), Error> {
        create_all(&account.client, &scope).await.unwrap();
        panic!("out of memory")
    });
    let outcome = AssertUnwindSafe(account.time.run(panicking)).catch_unwind().await;
    assert_eq!(outcome.unwrap_err().downcast_ref::<&str>(), Some(&"out of memory"));
    assert_eq!(account.left(), [""; 0]);
    let panicking = account.scope().stop_when(async { panic!("cannot listen") });
    let outcome = AssertUnwindSafe(account.time.run(account.long_scope(panicking))).catch_unwind().await;
    assert!(outcome.is_err());
    assert_eq!(account.left(), [""; 0]);
}

/// Moments in the life of a scope: while each kind is created, waited for and used.
fn moments() -> impl Iterator<Item = Duration> {
    let first = (0..16).map(|number| number * SECOND / 25);
    first.chain((1..13).map(|number| number * 5 * SECOND + SECOND / 10))
}

#[tokio::test]
async fn a_scope_can_be_stopped_at_any_moment() {
    for moment in moments() {
        let account = Account::new().await;
        let stop = account.time.sleep(moment);
        let error = account.time.run(account.long_scope(account.scope().stop_when(stop))).await.unwrap_err();
        assert!(matches!(error.failure(), Some(ScopeFailure::Stopped)), "{moment:?}: {error}");
        assert_eq!((account.left(), error.orphans().len()), (vec![], 0), "{moment:?}");
    }
    let account = Account::new().await;
    let stopped = account.scope().stop_when(std::future::ready(()));
    account.time.run(account.long_scope(stopped)).await.unwrap_err();
    assert!(account.sent("").is_empty());
}

#[tokio::test]
async fn a_scope_can_be_dropped_at_any_moment_also_while_it_deletes() {
    let until_deleted = (0..9).map(|number| TO_CREATE + 100 * SECOND + number * 2 * SECOND);
    for moment in moments().chain(until_deleted) {
        let account = Account::new().await;
        let scope = Box::pin(account.long_scope(account.scope()));
        drop(account.time.run(select(scope, account.time.sleep(moment))).await);
        let orphans = account.cleanup().await;
        assert!(orphans.is_empty() && account.left().is_empty(), "{moment:?}: {orphans:?} {:?}", account.left());
    }
}

const CREATES: [&str; 7] = [
    "CreateSSHKey",
    "CreateSecurityGroup",
    "CreateVolume",
    "CreateFilesystem",
    "CreateFloatingIP",
    "CreateInstance",
    "CreateInstanceSnapshot",
];

#[tokio::test]
async fn a_lost_response_to_a_create_leaves_nothing() {
    for operation in CREATES {
        for fault in [Fault::ResetAfterProcessing, Fault::Delay(3600 * SECOND), Fault::CutBody] {
            // Used to its end, stopped and dropped while the response is in flight.
            for end in ["used", "stopped", "dropped"] {
                let account = Account::new().await;
                account.add(FaultRule::new(operation, fault.clone()));
                let sent = async {
                    while account.sent(operation).is_empty() {
                        account.time.sleep(SECOND / 4).await;
                    }
                };
                let never = std::future::pending();
                let moment: futures::future::LocalBoxFuture<'_, ()> =
                    if end == "used" { never.boxed_local() } else { sent.boxed_local() };
                let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
                let scope = account.scope().stop_when(stopped.map(drop));
                let mut scope = Box::pin(account.long_scope(scope));
                let outcome = match account.time.run(select(&mut scope, moment)).await {
                    Either::Left((outcome, _)) => Some(outcome),
                    Either::Right(_) if end == "dropped" => None,
                    Either::Right(_) => {
                        stop.send(()).unwrap();
                        Some(account.time.run(&mut scope).await)
                    }
                };
                drop(scope);
                let mut orphans = account.cleanup().await;
                if let Some(Err(error)) = &outcome {
                    orphans.extend(error.orphans().iter().cloned());
                }
                let context = format!("{operation} {fault} {end}: {outcome:?} {orphans:?}");
                if operation == "CreateSSHKey" {
                    // It is not searched for, since one that existed before can be the same.
                    assert_eq!((account.left(), orphans.len()), (vec!["SSH key"], 1), "{context}");
                    assert_eq!((orphans[0].kind(), orphans[0].id()), (ResourceKind::SshKey, None), "{context}");
                    assert!(orphans[0].to_string().starts_with("AN SSH KEY NAMED job MAY EXIST, look for it"));
                } else {
                    assert_eq!((account.left(), orphans.len()), (vec![], 0), "{context}");
                    assert!(outcome.is_none_or(|outcome| outcome.is_ok() == (end == "used")));
                }
            }
        }
    }
}

#[tokio::test]
async fn an_ssh_key_that_existed_before_is_not_taken_for_the_result_of_a_lost_create() {
    let account = Account::new().await;
    let new = || CreateSshKey::new("job", PUBLIC_KEY);
    // This client knows what it has created itself.
    let other = account.time.client(&account.sandbox);
    let before = account.time.run(other.ssh_keys().create(new())).await.unwrap();
    account.add(FaultRule::new("CreateSSHKey", Fault::ResetBeforeRequest).always());
    let scope = account.scope().run(async |scope| scope.create(new()).await);
    let error = account.time.run(scope).await.unwrap_err();
    assert_eq!((error.orphans().len(), error.may_be_billed()), (1, false), "{error}");
    let keys = account.sandbox.data().ssh_keys;
    assert_eq!((keys.len(), &keys[0].id), (1, &before.id));
}

#[tokio::test]
async fn deletions_retry_what_is_temporary() {
    let operations = ["DeleteInstance", "DeleteVolume", "DeleteSnapshot", "DeleteSecurityGroup", "DeleteSSHKey"];
    for operation in operations {
        for (fault, times) in [
            (Fault::status(503), 9),
            (Fault::status(429), 9),
            (Fault::status(404).html(), 3),
            (Fault::ResetAfterProcessing, 9),
            (Fault::Delay(3600 * SECOND), 6),
            (Fault::status(204).empty(), 1),
        ] {
            let account = Account::new().await;
            account.add(FaultRule::new(operation, fault.clone()).times(times));
            let scope = account.scope().run(async |scope| create_all(&account.client, &scope).await);
            account.time.run(scope).await.unwrap_or_else(|error| panic!("{operation} {fault}: {error}"));
            assert_eq!(account.left(), [""; 0], "{operation} {fault}");
        }
    }
}

/// As `Deletion::within` has them: the attempts begin 2 s after one another, then 4, 8, 16 and 30; the last one is at the limit.
#[tokio::test]
async fn deletions_are_tried_no_longer_than_the_limit_of_their_scope() {
    for (within, attempts) in [(None, 44), (Some(60), 6), (Some(0), 1)] {
        let limit = within.unwrap_or(1200) * SECOND;
        let scope = |account: &Account| match within {
            Some(_) => account.scope().delete_within(limit),
            None => account.scope(),
        };
        let in_use = FaultRule::new("DeleteVolume", Fault::error_code("02022")).always();
        let disk = || CreateVolume::new("job", KRS, 50);

        let account = Account::new().await;
        account.add(in_use.clone());
        let ended = scope(&account).run(async |scope| scope.create(disk()).await.map(drop));
        let error = account.time.run(ended).await.unwrap_err();
        assert_eq!((account.time.passed(), account.sent("DeleteVolume").len()), (limit, attempts), "{error}");
        assert_eq!(error.orphans().len(), 1);

        // The same for one that was adopted, of a scope that is dropped.
        let account = Account::new().await;
        let disk = account.time.run(account.client.volumes().create(disk())).await.unwrap();
        account.add(in_use);
        let endless = scope(&account).run(async |scope| {
            scope.adopt(&disk)?;
            std::future::pending::<Result<(), Error>>().await
        });
        drop(account.time.run(select(Box::pin(endless), account.time.sleep(SECOND))).await);
        assert_eq!(account.cleanup().await.len(), 1);
        let took = account.time.passed() - SECOND;
        assert_eq!((took, account.sent("DeleteVolume").len()), (limit, attempts), "{within:?}");
    }
}

/// A read before the end shows what the deletion itself does not.
#[tokio::test]
async fn what_is_known_of_a_resource_whose_deletion_has_no_result_is_said() {
    let not_found = || FaultRule::new("DeleteVolume", Fault::error_code("02021")).always();
    let reset = || FaultRule::new("DeleteVolume", Fault::ResetAfterProcessing).always();
    let unreadable =
        || ["GetVolume", "ListVolumesPaginated"].map(|read| FaultRule::new(read, Fault::status(503)).always());
    let exists = Some("STILL EXISTS AND IS BILLED, delete it yourself: DeleteVolume: not found");
    let new = || CreateVolume::new("job", KRS, 50);
    let may_exist = Some("MAY STILL EXIST AND BE BILLED, check it: DeleteVolume: the connection was lost");
    for (rules, expected, left) in [
        (vec![not_found()], exists, 1),
        (vec![reset()], None, 0),
        (vec![reset()].into_iter().chain(unreadable()).collect(), may_exist, 0),
    ] {
        for within in [Duration::ZERO, 60 * SECOND] {
            let account = Account::new().await;
            let scope = account.scope().delete_within(within).run(async |scope| {
                let volume = scope.create(new()).await?;
                account.client.volumes().wait(&volume).await.unwrap();
                // By then, a 404 counts.
                account.time.sleep(100 * SECOND).await;
                rules.iter().for_each(|rule| account.add(rule.clone()));
                Ok::<_, Error>(())
            });
            let said = account.time.run(scope).await.err().map(|error| error.to_string());
            assert_eq!(account.sandbox.data().volumes.len(), left, "{said:?}");
            match expected {
                Some(expected) => assert!(said.as_ref().unwrap().contains(expected), "{said:?}"),
                None => assert_eq!(said, None),
            }
        }
    }
}

#[tokio::test]
async fn one_that_cannot_be_deleted_does_not_stop_the_others_and_all_that_is_left_is_named() {
    let account = Account::new().await;
    let scope = account.scope().run(async |scope| {
        let vm = create_all(&account.client, &scope).await.unwrap();
        let protect = UpdateInstance::new().is_protected(true);
        account.client.instances().update(&vm, protect).await.unwrap();
        Err::<(), _>("no luck")
    });
    let error = account.time.run(scope).await.unwrap_err();
    let left = ["instance", "volume", "floating IP", "security group"];
    assert_eq!(account.left(), left);
    let mut kinds: Vec<_> = error.orphans().iter().map(|orphan| orphan.kind().to_string()).collect();
    kinds.sort();
    assert_eq!(kinds, ["floating IP", "instance", "security group", "volume"]);
    assert!(matches!(error.failure(), Some(ScopeFailure::Work("no luck"))) && error.may_be_billed());
    let data = account.sandbox.data();
    let text = error.to_string();
    for (words, id) in [
        ("INSTANCE", &data.instances[0].id),
        ("VOLUME", &data.volumes[0].id),
        ("FLOATING IP", &data.floating_ips[0].id),
    ] {
        assert!(
            text.contains(&format!("{words} {id} (job) STILL EXISTS AND IS BILLED, delete it yourself: ")),
            "{text}"
        );
    }
    assert!(text.contains(" (job) STILL EXISTS, delete it yourself: DeleteSecurityGroup: "), "{text}");
    assert!(text.ends_with("; before that, the work failed: no luck"), "{text}");
    let took = account.time.passed() - TO_CREATE;
    assert!(took < 70 * SECOND, "what the instance uses is not waited for in vain: {took:?}");

    // Of others, only themselves are left.
    let account = Account::new().await;
    account.add(FaultRule::new("DeleteVolume", Fault::status(401)).always());
    let scope = account.scope().run(async |scope| create_all(&account.client, &scope).await);
    let error = account.time.run(scope).await.unwrap_err();
    assert_eq!((account.left(), error.orphans().len(), error.failure().is_none()), (vec!["volume"], 1, true));
    assert!(error.to_string().ends_with("; before that, the work succeeded"), "{error}");

    // The same for one that was dropped.
    let account = Account::new().await;
    account.add(FaultRule::new("DeleteVolume", Fault::status(401)).always());
    let scope = Box::pin(account.long_scope(account.scope()));
    drop(account.time.run(select(scope, account.time.sleep(TO_CREATE + SECOND))).await);
    let orphans = account.cleanup().await;
    assert_eq!((orphans.len(), orphans[0].kind(), orphans[0].name()), (1, ResourceKind::Volume, "job"));
    assert_eq!(account.left(), ["volume"]);
    assert!(account.cleanup().await.is_empty(), "each is reported once");
}

#[tokio::test]
async fn a_create_whose_result_is_not_known_is_named_whatever_the_work_does_with_the_error() {
    let account = Account::new().await;
    account.add(FaultRule::new("CreateVolume", Fault::ResetAfterProcessing));
    account.add(FaultRule::new("ListVolumesPaginated", Fault::status(403)).always());
    let scope = account.scope().run(async |scope| {
        let lost = scope.create(CreateVolume::new("lost", KRS, 50)).await.unwrap_err();
        assert!(lost.is_ambiguous());
        scope.create(CreateVolume::new("job", KRS, 50)).await?;
        Ok::<_, Error>(())
    });
    let error = account.time.run(scope).await.unwrap_err();
    assert!(error.failure().is_none() && error.may_be_billed());
    assert!(error.to_string().starts_with("A VOLUME NAMED lost MAY EXIST AND BE BILLED, look for it: "), "{error}");
    let volumes = account.sandbox.data().volumes;
    assert_eq!((volumes.len(), volumes[0].name.as_str()), (1, "lost"));
}

#[tokio::test]
async fn keep_on_error_keeps_everything_and_names_it() {
    let account = Account::new().await;
    let scope = account.scope().keep_on_error().run(async |scope| {
        create_all(&account.client, &scope).await.unwrap();
        Err::<(), _>("no luck")
    });
    let error = account.time.run(scope).await.unwrap_err();
    assert_eq!((account.left(), error.kept().len(), error.orphans().len()), (ALL.to_vec(), 7, 0));
    assert!(error.to_string().contains(" (job) WAS KEPT AND IS BILLED, delete it yourself"), "{error}");
    assert!(error.to_string().ends_with("; before that, the work failed: no luck"), "{error}");
    // Stopping is no error.
    let account = Account::new().await;
    let scope = account.scope().keep_on_error().stop_when(account.time.sleep(TO_CREATE + SECOND));
    account.time.run(account.long_scope(scope)).await.unwrap_err();
    assert_eq!(account.left(), [""; 0]);
}

#[tokio::test]
async fn what_is_adopted_is_deleted_and_what_is_kept_is_not() {
    let account = Account::new().await;
    let scope = account.scope().run(async |scope| {
        let volumes = account.client.volumes();
        let before = volumes.create(CreateVolume::new("before", KRS, 50)).await?;
        scope.adopt(&before)?;
        let result = scope.create(CreateVolume::new("result", KRS, 50)).await?;
        scope.adopt(&result)?;
        assert!(scope.keep(&result) && !scope.keep(&result) && !scope.keep("another"));
        let gone = scope.create(CreateVolume::new("gone", KRS, 50)).await?;
        volumes.wait(&gone).await?;
        volumes.delete(&gone).await?;
        Ok::<_, Error>(AnyResource::from(result))
    });
    let result = account.time.run(scope).await.unwrap();
    let volumes = account.sandbox.data().volumes;
    assert_eq!((volumes.len(), volumes[0].id.as_str()), (1, result.id()));
}

#[tokio::test]
async fn a_scope_that_has_ended_takes_nothing() {
    let account = Account::new().await;
    let scope = account.scope().run(async |scope| {
        let disk = scope.create(CreateVolume::new("job", KRS, 50)).await?;
        Ok::<_, Error>((scope, disk))
    });
    let (scope, disk) = account.time.run(scope).await.unwrap();
    let refused = account.time.run(scope.create(CreateVolume::new("late", KRS, 50))).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(scope.adopt(&disk).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(!scope.keep(&disk));
    assert_eq!((account.left(), account.sent("CreateVolume").len()), (vec![], 1));
}

#[tokio::test]
async fn nothing_is_kept_any_more_once_it_is_being_deleted() {
    let account = Account::new().await;
    let scope = account.scope().run(async |scope| {
        let disk = scope.create(CreateVolume::new("job", KRS, 50)).await?;
        let late = account.time.sleep(SECOND);
        Ok::<_, Error>(tokio::spawn(async move {
            late.await;
            scope.keep(&disk)
        }))
    });
    let is_kept = account.time.run(scope).await.unwrap();
    assert_eq!((account.time.run(is_kept).await.unwrap(), account.left()), (false, vec![]));
}

#[tokio::test]
async fn creates_of_other_tasks_are_awaited_at_the_end() {
    for delay in [20, 3600] {
        let account = Account::new().await;
        account.add(FaultRule::new("CreateVolume", Fault::Delay(delay * SECOND)));
        let scope = account.scope().run(async |scope| {
            let disk = scope.create(CreateVolume::new("job", KRS, 50));
            let task = tokio::spawn(disk);
            account.time.sleep(SECOND).await;
            Ok::<_, Error>(task)
        });
        let task = account.time.run(scope).await.unwrap();
        assert_eq!((account.left(), account.sent("CreateVolume").len()), (vec![], 1), "{delay}");
        assert!(account.time.run(task).await.unwrap().is_ok(), "the task gets the result, which is deleted by now");
    }
}

#[tokio::test]
async fn a_create_of_another_task_that_waits_for_a_permit_is_cancelled_at_the_end() {
    let account = Account::new().await;
    // The burst is used up, so that the create has to wait.
    let others = futures::future::join_all((0..30).map(|_| account.client.quotas().get()));
    let scope = account.scope().run(async |scope| {
        let task = tokio::spawn(scope.create(CreateVolume::new("job", KRS, 50)));
        account.time.sleep(SECOND / 2).await;
        Ok::<_, Error>(task)
    });
    let (_, task) = account.time.run(join(others, scope)).await;
    assert!(account.time.run(task.unwrap()).await.unwrap().is_err());
    assert!(account.sent("CreateVolume").is_empty());
}

#[tokio::test]
async fn many_are_created_and_deleted_at_once() {
    let account = Account::new().await;
    let scope = account.scope().run(async |scope| {
        let new = |number| CreateVolume::new(format!("job-{number}"), KRS, 50);
        let disks = try_join_all((0..8).map(|number| scope.create(new(number)))).await?;
        let new = |disk: &genesiscloud::Volume| {
            let new = CreateInstance::new(&disk.name, SMALL, "ubuntu-24.04", KRS).password("Passw0rd");
            new.volumes([disk])
        };
        try_join_all(disks.iter().map(|disk| account.client.volumes().wait(disk))).await?;
        try_join_all(disks.iter().map(|disk| scope.create(new(disk)))).await?;
        Ok::<_, Error>(())
    });
    account.time.run(scope).await.unwrap();
    assert_eq!(account.left(), [""; 0]);
    let deletions = account.sent("Delete");
    // The instances are `creating`, so that each deletion is tried twice.
    assert_eq!((deletions.len(), deletions[16..].iter().all(|it| it == "DeleteVolume")), (24, true), "{deletions:?}");
}

#[tokio::test]
async fn a_protected_instance_is_refused_before_sending() {
    let account = Account::new().await;
    let new = CreateInstance::new("job", SMALL, "ubuntu-24.04", KRS).password("Passw0rd").is_protected(true);
    let error = account.time.run(account.scope().run(async |scope| scope.create(new).await)).await.unwrap_err();
    assert!(matches!(error.into_failure(), Some(ScopeFailure::Work(error)) if error.kind() == ErrorKind::InvalidInput));
    assert!(account.sent("").is_empty());
}

#[test]
fn a_runtime_that_ends_leaves_everything_to_who_waits_for_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for moment in [TO_CREATE / 2, TO_CREATE + SECOND] {
        let first = runtime();
        // The sandbox runs on this one.
        let second = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let account = second.block_on(Account::new());
        first.block_on(async {
            let scope = Box::pin(account.long_scope(account.scope()));
            drop(account.time.run(select(scope, account.time.sleep(moment))).await);
        });
        drop(first);
        assert!(!account.left().is_empty());
        let orphans = second.block_on(account.cleanup());
        assert_eq!((orphans.len(), account.left()), (0, vec![]), "{moment:?}: {orphans:?}");
    }
}

#[tokio::test]
async fn a_later_process_finds_in_the_ledger_what_a_scope_has_left() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    // A scope that ends leaves no open entry.
    time.run(client.scope().run(async |scope| create_all(&client, &scope).await)).await.unwrap();
    assert_eq!((open(&ledger).await.len(), left(&sandbox).len()), (0, 0));
    // One whose process ends while it works: nothing more is done by it.
    let scope = client.scope().run(async |scope| {
        create_all(&client, &scope).await?;
        std::future::pending::<Result<(), Error>>().await
    });
    let mut scope = Box::pin(scope);
    drop(time.run(select(&mut scope, time.sleep(TO_CREATE + SECOND))).await);
    std::mem::forget(scope);
    assert_eq!(left(&sandbox), ALL);
    let ledger = ledger.after_restart();
    let client = later(&sandbox, &time, &ledger);
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), left(&sandbox)), ([0, 7, 0, 0, 0], vec![]), "{result}");
}

#[tokio::test]
async fn a_conflict_with_what_is_not_the_scopes_is_waited_out() {
    let account = Account::new().await;
    let (attached, detached) = tokio::sync::oneshot::channel::<String>();
    let scope = account.scope().run(async |scope| {
        let disk = scope.create(CreateVolume::new("job", KRS, 50)).await?;
        account.client.volumes().wait(&disk).await?;
        // Another program uses it.
        let other = CreateInstance::new("other", SMALL, "ubuntu-24.04", KRS).password("Passw0rd").volumes([&disk]);
        let other = account.client.instances().create(other).await?;
        attached.send(account.client.instances().wait(&other).await?.id).unwrap();
        Ok::<_, Error>(())
    });
    let other = async {
        let id = detached.await.unwrap();
        account.time.sleep(300 * SECOND).await;
        account.client.instances().delete(&id).await.unwrap();
    };
    let (outcome, ()) = account.time.run(join(scope, other)).await;
    outcome.unwrap();
    assert_eq!(account.left(), [""; 0]);
}
