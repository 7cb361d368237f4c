//! Explorations: wrong programs are found out by their shortest schedules, and the project's own stories keep all invariants.

use std::time::Duration;

use futures::TryStreamExt;
use genesiscloud::{
    Client, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot, CreateSecurityGroup,
    CreateVolume, Error, InstanceStatus, MemoryLedger, Scope, VolumeStatus,
};
use genesiscloud_sandbox::explore::{Explorer, Kept, Kill, Report, Schedule, Trial, Violation};
use genesiscloud_sandbox::{DateHeader, Fault, FaultRule, PageQuirks, TotalCount};
use genesiscloud_tests::leaks;
use genesiscloud_tests::sandbox::{KRS, SMALL};

const SECOND: Duration = Duration::from_secs(1);
const LARGE: &str = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";

fn new() -> CreateInstance {
    CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).password(leaks::PASSWORD)
}

fn run(explorer: &Explorer) -> Report {
    leaks::watch();
    let report = explorer.run().unwrap();
    assert_eq!(leaks::find(&format!("{report} {report:?}")), None);
    report
}

/// The shortest failing run, with its schedule in words.
fn shortest(report: &Report) -> (String, &Trial) {
    let trial = report.shortest().expect("a wrong program is found out");
    (trial.schedule().to_string(), trial)
}

/// Creates again after any error.
fn doubling() -> Explorer {
    Explorer::new(async |client: Client| {
        let vm = match client.instances().create(new()).await {
            Ok(vm) => vm,
            Err(_) => client.instances().create(new()).await?,
        };
        Ok::<_, Error>(Kept::ids([vm.id]))
    })
}

#[test]
fn a_create_that_is_repeated_by_hand_is_found() {
    let report = run(&doubling().pairs(10));
    let (schedule, trial) = shortest(&report);
    assert_eq!(schedule, "CreateInstance #1: truncated body");
    let [Violation::Duplicated { kind: "instance", name, count: 2, .. }, Violation::Orphaned { .. }] =
        trial.violations()
    else {
        panic!("{trial}");
    };
    assert_eq!(name, "trainer");
    assert_eq!(trial.requests().len(), 2);
    // Exactly the faults after which the instance exists.
    let found: Vec<_> = report.failures().iter().map(|trial| trial.schedule().to_string()).collect();
    let all = [
        "truncated body",
        "response delayed by 120s",
        "502 in HTML after processing",
        "503 after processing",
        "reset after processing",
    ];
    assert_eq!(found, all.map(|fault| format!("CreateInstance #1: {fault}")));
}

/// What the report of the exploration above shows as a test, pasted beside the program without its mistake.
mod pasted {
    use super::*;

    fn explorer() -> Explorer {
        Explorer::new(async |client: Client| {
            let vm = client.instances().create_or_recover(new()).await?;
            Ok::<_, Error>(Kept::ids([vm.id]))
        })
    }

    #[test]
    fn nothing_is_created_twice() {
        use genesiscloud_sandbox::explore::Schedule;
        use genesiscloud_sandbox::{Fault, FaultRule};

        let schedule = Schedule::new().fault(FaultRule::new("CreateInstance", Fault::CutBody));
        let trial = explorer().replay(&schedule).unwrap();
        assert!(trial.violations().is_empty(), "{trial}");
    }
}

#[test]
fn the_test_of_a_report_compiles() {
    let test = run(&doubling().pairs(0)).shortest().unwrap().test();
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    assert!(squeezed(include_str!("explore.rs")).contains(&squeezed(&test)), "{test}");
}

/// Forgets to delete the instance if the wait for it fails.
fn forgetful() -> Explorer {
    Explorer::new(async |client: Client| {
        let vm = client.instances().create_or_recover(new()).await?;
        client.instances().wait(&vm.id).until(InstanceStatus::Active).await.map_err(|_| "it did not become active")?;
        client.instances().delete(&vm.id).await.map_err(|error| format!("{} is left: {error}", vm.id))?;
        Ok::<_, Box<dyn std::error::Error>>(())
    })
}

#[test]
fn an_instance_that_is_left_after_an_error_is_found() {
    let report = run(&forgetful().faults([Fault::EndsInError, Fault::status(503), Fault::CutBody]).pairs(10));
    let (schedule, trial) = shortest(&report);
    assert_eq!(schedule, "CreateInstance #1: ends in error");
    assert!(matches!(trial.violations(), [Violation::Orphaned { kind: "instance", .. }]), "{trial}");
    assert_eq!(report.failures().iter().filter(|trial| trial.schedule().len() == 1).count(), 1, "{report}");
}

/// Waits for a status that may never come.
fn endless() -> Explorer {
    Explorer::new(async |client: Client| {
        let vm = client.instances().create_or_recover(new()).await?;
        while client.instances().get(&vm.id).await?.status != InstanceStatus::Active {
            tokio::time::sleep(5 * SECOND).await;
        }
        Ok::<_, Error>(Kept::ids([vm.id]))
    })
}

#[test]
fn a_wait_without_an_end_is_found() {
    let report = run(&endless().faults([Fault::status(503), Fault::EndsInError]).pairs(0).ends_within(600 * SECOND));
    let (schedule, trial) = shortest(&report);
    assert_eq!(schedule, "CreateInstance #1: ends in error");
    assert_eq!(trial.violations(), [Violation::TimedOut(600 * SECOND)]);
    assert!(trial.to_string().contains("2-122  200  GetInstance\n"), "{trial}");
    // Also if it waits for nothing at all, or sends requests without a pause.
    let stuck = Explorer::new(async |_| std::future::pending::<Result<(), String>>().await);
    assert_eq!(shortest(&run(&stuck)).1.violations(), [Violation::TimedOut(3600 * SECOND)]);
    let busy = Explorer::new(async |client: Client| {
        loop {
            client.quotas().get().await?;
        }
        #[allow(unreachable_code)]
        Ok::<_, Error>(())
    });
    let busy = busy.configure_client(|builder| builder.rate(None));
    assert_eq!(shortest(&run(&busy)).1.violations(), [Violation::TooManyRequests(3_000)]);
}

#[test]
fn a_panic_and_a_secret_in_an_error_are_found() {
    let careless = Explorer::new(async |client: Client| {
        let vm =
            client.instances().create(new()).await.map_err(|_| format!("cannot log in with {}", leaks::PASSWORD))?;
        tokio::time::sleep(30 * SECOND).await;
        client.instances().delete(&vm.id).await.unwrap();
        Ok::<_, String>(())
    });
    let report = run(&careless.faults([Fault::error_code("02013")]).pairs(0));
    let [create, delete] = report.failures() else { panic!("{report}") };
    assert_eq!(create.violations(), [Violation::LeakedSecret("the `password` that was sent".into())]);
    assert!(matches!(delete.violations(), [Violation::Panicked(message)] if message.contains("02013")), "{delete}");
}

/// Deletes the instance in a task of its own.
fn background() -> Explorer {
    Explorer::new(async |client: Client| {
        let vm = client.instances().create_or_recover(new()).await?;
        let task = tokio::spawn(async move {
            client.instances().wait(&vm.id).await.ok();
            client.instances().delete(&vm.id).await
        });
        task.await.expect("a task that does not panic")
    })
    .faults([])
    .pairs(0)
}

#[test]
fn a_program_is_killed_with_all_its_tasks_at_each_request() {
    // Without a recovery, nothing can be expected.
    assert_eq!(run(&background().kills()).failures(), []);
    let report = run(&background().after_kill(async |_, _| Ok::<_, Error>(())));
    let found: Vec<_> = report.failures().iter().map(|trial| trial.schedule().to_string()).collect();
    let polls = found.len() - 2;
    assert_eq!(
        (found[0].as_str(), found[1].as_str()),
        ("CreateInstance #1: killed after it", "GetInstance #1: killed before it")
    );
    assert_eq!(found.last().unwrap(), "DeleteInstance #1: killed before it");
    assert!(polls > 10, "{found:?}");
    let schedule = Schedule::new().kill(Kill::after("DeleteInstance"));
    assert_eq!(background().replay(&schedule).unwrap().violations(), []);
    // What is left is open in the ledger.
    assert_eq!(run(&background().ledger().kills()).failures(), []);
    // A recovery that looks for the instance, and is run again if it fails.
    let recovered = || background().after_kill(async |client, _| delete_all(client).await);
    assert_eq!(run(&recovered()).failures(), []);
    let schedule = Schedule::new()
        .kill(Kill::after("CreateInstance"))
        .fault(FaultRule::new("ListInstancesPaginated", Fault::error_code("02008")).times(3));
    let trial = recovered().replay(&schedule).unwrap();
    assert_eq!(trial.violations(), [], "{trial}");
}

async fn delete_all(client: Client) -> Result<(), Error> {
    let all: Vec<_> = client.instances().list().verified().try_collect().await?;
    for vm in &all {
        client.instances().wait(&vm.id).await.ok();
        client.instances().delete(&vm.id).await?;
    }
    Ok(())
}

#[test]
fn the_times_of_client_and_tokio_are_one() {
    let timed = Explorer::new(async |client: Client| {
        let (started, first) = (tokio::time::Instant::now(), client.instances().create(new()).await?);
        // A timer of a task is not passed over while the program itself waits for longer.
        let (task_client, id) = (client.clone(), first.id.clone());
        let task = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(29_900)).await;
            task_client.instances().get(&id).await
        });
        tokio::time::sleep(30 * SECOND).await;
        let early = task.await.expect("a task that does not panic")?.status;
        let late = client.instances().get(&first.id).await?.status;
        client.instances().delete(&first.id).await?;
        client.instances().wait(&first.id).until_gone().await.expect("it is deleted");
        assert_eq!((early, late), (InstanceStatus::Creating, InstanceStatus::Active));
        let passed = started.elapsed().as_secs_f64();
        assert!((40.0..45.0).contains(&passed), "{passed}");
        Ok::<_, Error>(())
    });
    let report = run(&timed.faults([]));
    assert_eq!((report.runs(), report.failures(), report.is_complete()), (1, &[][..], true));
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let explore = |seed| {
        run(&doubling().after_kill(async |client, _| delete_all(client).await).seed(seed).pairs(10).max_runs(14))
    };
    let first = explore(7);
    assert_eq!((first.runs(), first.is_complete()), (14, false));
    assert_eq!(explore(7), first);
    assert_ne!(explore(8).failures(), first.failures());
}

#[test]
fn what_cannot_be_explored_is_an_error() {
    let message = |explorer: Explorer| explorer.run().unwrap_err().to_string();
    let failing = Explorer::new(async |_| Err::<(), _>("no config"));
    assert_eq!(message(failing), "the program fails without any fault: no config");
    let panicking = Explorer::new(async |_| -> Result<(), String> { panic!("no config") });
    assert_eq!(message(panicking), "the program panics without any fault: no config");
    let invalid = doubling().faults([Fault::status(99)]);
    assert_eq!(message(invalid), "99 is not a response status: use 200 to 599");
    let added = doubling().faults([Fault::ItemAdded]);
    assert_eq!(message(added), "\"item added after the page\" changes the account in place of the program");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let nested = runtime.block_on(async { message(doubling()) });
    assert!(nested.starts_with("an exploration has runtimes of its own"), "{nested}");
}

/// An instance that exists only during its work.
fn scope() -> Explorer {
    Explorer::new(async |client: Client| {
        let work = async |_| {
            tokio::time::sleep(60 * SECOND).await;
            Ok::<_, String>(())
        };
        client.instances().scoped(new()).run(work).await
    })
}

/// A scope that is dropped while its work is done.
fn dropped_scope() -> Explorer {
    Explorer::new(async |client: Client| {
        let scope = client.instances().scoped(new()).run(async |_| std::future::pending::<Result<(), String>>().await);
        let outcome = tokio::time::timeout(40 * SECOND, scope).await;
        let orphans = client.wait_for_cleanup().await;
        match outcome {
            _ if !orphans.is_empty() => Err(format!("{orphans:?}")),
            Ok(Err(error)) => Err(error.to_string()),
            _ => Ok(()),
        }
    })
}

async fn delete(client: &Client, id: &str) -> Result<(), String> {
    let left = |error: &dyn std::error::Error| format!("{id} may be left: {error}");
    client.instances().delete(id).await.map_err(|error| left(&error))?;
    client.instances().wait(id).until_gone().await.map_err(|error| left(&error))
}

/// An instance that is created, used and deleted by single calls.
fn single_calls() -> Explorer {
    Explorer::new(async |client: Client| {
        let vm = client.instances().create_or_recover(new()).await.map_err(|error| error.to_string())?;
        let ready = client.instances().wait(&vm.id).await;
        delete(&client, &vm.id).await?;
        ready.map(drop).map_err(|error| error.to_string())
    })
}

/// An instance at the first placement with capacity.
fn placement() -> Explorer {
    Explorer::new(async |client: Client| {
        let search = client.instances().create_first_available(new(), [(KRS, LARGE), (KRS, SMALL)]);
        let vm = search.await.map_err(|error| error.to_string())?;
        let ready = client.instances().wait(&vm.id).await;
        delete(&client, &vm.id).await?;
        ready.map(drop).map_err(|error| error.to_string())
    })
}

/// An instance at the first placement where one becomes active.
fn placement_that_waits() -> Explorer {
    Explorer::new(async |client: Client| {
        let search = client.instances().first_available(new(), [(KRS, LARGE), (KRS, SMALL)]);
        let vm = search.create_ready().await.map_err(|error| error.to_string())?;
        delete(&client, &vm.id).await
    })
}

/// Deletes what the ledger knows, and sees that nothing is left.
async fn reconcile(client: Client, ledger: MemoryLedger) -> Result<(), String> {
    let text = |error: Error| error.to_string();
    let reconciled = client.reconcile(&ledger).delete().await.map_err(text)?;
    if !reconciled.not_deleted.is_empty() || !reconciled.undecided.is_empty() {
        return Err(reconciled.to_string());
    }
    let mut instances: Vec<_> = client.instances().list().verified().try_collect().await.map_err(text)?;
    let mut volumes: Vec<_> = client.volumes().list().verified().try_collect().await.map_err(text)?;
    // A read may have said too early that they are gone.
    instances.retain(|it| it.status != InstanceStatus::Deleting);
    volumes.retain(|it| it.status != VolumeStatus::Deleting);
    assert!(instances.is_empty() && volumes.is_empty(), "{instances:?} {volumes:?} are left after {reconciled}");
    let filesystems: Vec<_> = client.filesystems().list().verified().try_collect().await.map_err(text)?;
    let addresses: Vec<_> = client.floating_ips().list().verified().try_collect().await.map_err(text)?;
    assert!(
        filesystems.is_empty() && addresses.is_empty(),
        "{filesystems:?} {addresses:?} are left after {reconciled}"
    );
    Ok(())
}

/// A scope with a volume of its own, with a ledger that is reconciled after a kill.
fn reconciled_scope() -> Explorer {
    let program = async |client: Client| {
        let left = |error: &dyn std::error::Error| format!("scratch may be left: {error}");
        let disk = CreateVolume::new("scratch", KRS, 50).marker("job-7");
        let disk = client.volumes().create_or_recover(disk).await.map_err(|error| left(&error))?;
        let ready = client.volumes().wait(&disk.id).await;
        let work = async |_| {
            tokio::time::sleep(30 * SECOND).await;
            Ok::<_, String>(())
        };
        let outcome = client.instances().scoped(new().volumes([&disk.id])).run(work).await;
        client.volumes().delete(&disk.id).await.map_err(|error| left(&error))?;
        client.volumes().wait(&disk.id).until_gone().await.map_err(|error| left(&error))?;
        ready.map_err(|error| error.to_string())?;
        outcome.map_err(|error| error.to_string())
    };
    Explorer::new(program).ledger().after_kill(reconcile)
}

/// An instance, and what it uses.
async fn create_all(client: &Client, scope: &Scope) -> Result<genesiscloud::Instance, Error> {
    let group = scope.create(CreateSecurityGroup::new("web", KRS, [])).await?;
    let disk = scope.create(CreateVolume::new("scratch", KRS, 50)).await?;
    scope.create(CreateFilesystem::new("shared", KRS, 50)).await?;
    let ip = scope.create(CreateFloatingIp::new("entry", KRS)).await?;
    client.security_groups().wait(&group).await?;
    client.volumes().wait(&disk).await?;
    client.floating_ips().wait(&ip).await?;
    let vm = scope.create(new().security_groups([&group]).volumes([&disk]).floating_ip(&ip)).await?;
    Ok(client.instances().wait(&vm).await?)
}

/// A scope of several resources, the last of which is a snapshot of another.
fn resource_scope() -> Explorer {
    Explorer::new(async |client: Client| {
        let work = async |scope: Scope| {
            let vm = create_all(&client, &scope).await?;
            let snapshot = scope.create_snapshot(&vm, CreateInstanceSnapshot::new("friday")).await?;
            client.snapshots().wait(&snapshot).await?;
            Ok::<_, Error>(())
        };
        client.scope().run(work).await
    })
}

/// The same, dropped or stopped while it creates.
fn interrupted_resource_scope(is_dropped: bool) -> Explorer {
    Explorer::new(move |client: Client| async move {
        let limit = || tokio::time::sleep(20 * SECOND);
        let scope = client.scope();
        let scope = if is_dropped { scope } else { scope.stop_when(limit()) };
        let work = async |scope: Scope| {
            create_all(&client, &scope).await?;
            std::future::pending::<Result<(), Error>>().await
        };
        let outcome = match is_dropped {
            true => tokio::time::timeout(20 * SECOND, scope.run(work)).await.ok(),
            false => Some(scope.run(work).await),
        };
        let orphans = client.wait_for_cleanup().await;
        match outcome {
            _ if !orphans.is_empty() => Err(format!("{orphans:?}")),
            Some(Err(error)) if !error.orphans().is_empty() => Err(error.to_string()),
            _ => Ok(()),
        }
    })
}

/// A scope of several resources with a ledger, which is reconciled after a kill.
fn reconciled_resource_scope() -> Explorer {
    let program = async |client: Client| {
        let outcome = client.scope().run(async |scope| create_all(&client, &scope).await).await;
        outcome.map(drop).map_err(|error| error.to_string())
    };
    Explorer::new(program).ledger().after_kill(reconcile)
}

/// A replica of the service that lags behind may not know an instance that others have shown.
#[test]
fn an_instance_that_was_not_found_once_stays_in_the_ledger_until_it_is_deleted() {
    let not_found = |operation| FaultRule::new(operation, Fault::error_code("02008"));
    let schedule = Schedule::new().fault(not_found("GetInstance").skip(4)).kill(Kill::after("GetInstance").skip(6));
    let trial = scope().ledger().replay(&schedule).unwrap();
    assert!(trial.requests().iter().any(|request| request.to_string().contains("DeleteInstance")), "{trial}");
    assert!(trial.violations().is_empty(), "{trial}");
    // A read shows that the deletion has not found what exists, and it is sent again.
    for skipped in 17..40 {
        let schedule = Schedule::new().fault(not_found("DeleteInstance")).fault(not_found("GetInstance").skip(skipped));
        let trial = scope().ledger().replay(&schedule).unwrap();
        assert!(trial.violations().is_empty(), "{trial}");
    }
}

/// An instance that is found by a list after a kill, where no ledger knows it: once the service's reads do not lag behind.
fn swept_scope() -> Explorer {
    scope().after_kill(async |client, _| {
        tokio::time::sleep(120 * SECOND).await;
        delete_all(client).await
    })
}

const STORIES: [fn() -> Explorer; 12] = [
    scope,
    dropped_scope,
    single_calls,
    placement,
    placement_that_waits,
    swept_scope,
    || scope().ledger().kills(),
    reconciled_scope,
    resource_scope,
    || interrupted_resource_scope(true),
    || interrupted_resource_scope(false),
    reconciled_resource_scope,
];

fn no_story_fails(limit: impl Fn(Explorer) -> Explorer) {
    let reports = STORIES.iter().enumerate().map(|(number, story)| (number, run(&limit(story()))));
    let failed = reports.filter(|(_, report)| !report.failures().is_empty());
    let failed: Vec<_> = failed.map(|(number, report)| format!("story {number}: {report}")).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_stories_keep_all_invariants() {
    no_story_fails(|story| story.max_runs(15));
    no_story_fails(|story| story.faults([Fault::ResetAfterProcessing, Fault::EndsInError]).max_runs(15).pairs(4));
}

#[test]
#[ignore = "takes minutes; CONTRIBUTING.md has the command"]
fn the_stories_keep_all_invariants_at_length() {
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    no_story_fails(|story| story.seed(seed).pairs(1500).max_runs(2500));
    let unusual = [
        Fault::EndsInPendingPayment,
        Fault::StaleReads(90 * SECOND),
        Fault::DateHeader(DateHeader::Absent),
        Fault::DateHeader(DateHeader::Offset(-7200)),
        Fault::NullOptionalField,
        Fault::MissingOptionalField,
        Fault::UnknownEnumValue,
        Fault::UndecodableItem,
        Fault::PageQuirks(PageQuirks::new().total_count(TotalCount::OffBy(-1))),
        Fault::error_code("02008"),
        Fault::SlowBody(20 * SECOND),
        Fault::ResetAfterProcessing,
        Fault::EndsInError,
    ];
    no_story_fails(|story| story.faults(unusual.clone()).seed(seed).pairs(500).max_runs(1500));
}
