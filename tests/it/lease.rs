//! Leases: a machine destroys itself at the end of its lease, whatever became of the program that created it.
//!
//! The sandbox does not know of leases: it reads the user data as cloud-init and systemd would. That these accept it is tested
//! with the real ones, if they are installed.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Command;
use std::time::Duration;

use futures::FutureExt;
use genesiscloud::{Client, CreateInstance, Error, ErrorKind, Instance, InstanceStatus, UserDataPart};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, key, pass, stepped};
use genesiscloud_tests::time::Time;
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3600);
const TO_BOOT: u64 = 30;
const TO_DELETE: u64 = 10;

struct Account {
    sandbox: Sandbox,
    time: Time,
    key: String,
}

impl Account {
    async fn new() -> Self {
        let mut data = Data::new();
        for availability in data.availability.iter_mut().flat_map(|region| &mut region.instance_types) {
            (availability.available, availability.count) = (true, None);
        }
        let sandbox = stepped(data).await;
        let time = Time::of(&sandbox);
        let key = time.run(key(&time.client(&sandbox))).await;
        Self { sandbox, time, key }
    }

    fn client(&self) -> Client {
        self.time.client(&self.sandbox)
    }

    fn new_instance(&self) -> CreateInstance {
        CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys([&self.key])
    }

    async fn create(&self, new: CreateInstance) -> Result<Instance, Error> {
        let client = self.client();
        self.time.run(client.instances().create(new)).await
    }

    /// The status of the only instance, `None` if there is none.
    fn status(&self) -> Option<InstanceStatus> {
        let instances = self.sandbox.data().instances;
        assert!(instances.len() <= 1, "{instances:?}");
        instances.into_iter().next().map(|instance| instance.status)
    }

    /// The bodies of the requests that create instances.
    fn sent(&self) -> Vec<Value> {
        let requests = self.sandbox.recorded_requests().into_iter();
        let creates = requests.filter(|request| request.operation.as_deref() == Some("CreateInstance"));
        creates.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }
}

fn cloud_config(content: &str) -> UserDataPart {
    UserDataPart::new("text/cloud-config", content)
}

#[tokio::test]
async fn a_machine_is_destroyed_at_the_end_of_its_lease() {
    for (lease, name) in [(HOUR, "first"), (Duration::from_secs(60), "second"), (365 * 24 * HOUR, "third")] {
        let account = Account::new().await;
        account.create(account.new_instance().lease(lease)).await.unwrap();
        pass(&account.sandbox, lease.as_secs() - 1);
        assert_eq!(account.status(), Some(InstanceStatus::Active), "{name}");
        pass(&account.sandbox, 1);
        assert_eq!(account.status(), Some(InstanceStatus::Deleting), "{name}");
        pass(&account.sandbox, TO_DELETE);
        assert_eq!(account.status(), None, "{name}");
    }
}

#[tokio::test]
async fn a_machine_without_a_lease_stays() {
    let account = Account::new().await;
    account.create(account.new_instance().destroy_on_shutdown(true)).await.unwrap();
    pass(&account.sandbox, 10 * 365 * 24 * 3600);
    assert_eq!(account.status(), Some(InstanceStatus::Active));
}

#[tokio::test]
async fn the_lease_begins_when_the_create_is_sent() {
    let account = Account::new().await;
    let client = account.client();
    let new = account.new_instance().lease(HOUR);
    account.time.advance(HOUR);
    let create = client.instances().create(new);
    account.time.advance(HOUR);
    account.time.run(create).await.unwrap();
    pass(&account.sandbox, 3599);
    assert_eq!(account.status(), Some(InstanceStatus::Active));
    pass(&account.sandbox, 1);
    assert_eq!(account.status(), Some(InstanceStatus::Deleting));
    assert!(part_sent(&account).contains("OnCalendar=2025-06-01 03:00:00 UTC"), "{}", part_sent(&account));
}

/// How an owner ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// After this many polls of the create.
    WhileCreating(u32),
    /// While it searches for the result of a create whose response was lost.
    WhileRecovering,
    WithoutResponse,
    AfterResponse,
    AfterSomeTime(u64),
}

#[tokio::test]
async fn of_the_machines_of_200_killed_owners_none_is_left() {
    let account = Account::new().await;
    let mut random = fastrand::Rng::with_seed(7);
    for number in 0..200 {
        let end = match random.u32(0..5) {
            0 => End::WhileCreating(random.u32(0..40)),
            1 => End::WhileRecovering,
            2 => End::WithoutResponse,
            3 => End::AfterResponse,
            _ => End::AfterSomeTime(random.u64(1..100)),
        };
        let lease = Duration::from_millis(random.u64(3_000_000..6_000_000));
        let new = CreateInstance::new(format!("mine-{number}"), SMALL, "ubuntu-24.04", KRS).ssh_keys([&account.key]);
        live_and_be_killed(&account, new.lease(lease), end).await;
    }
    let created = account.sandbox.data().instances.len();
    assert!(created >= 150, "{created} of 200 owners had a machine");
    // All are at most 6,000 s old, and those without a response were created meanwhile as well.
    pass(&account.sandbox, 6000 + TO_DELETE + 1);
    assert_eq!(account.sandbox.data().instances, []);
}

/// Creates an instance, and is not there any more at the given point.
async fn live_and_be_killed(account: &Account, new: CreateInstance, end: End) {
    let client = account.client();
    let instances = client.instances();
    let lose_response =
        || account.sandbox.faults().add(FaultRule::new("CreateInstance", Fault::ResetAfterProcessing)).unwrap();
    match end {
        End::WhileCreating(polls) => {
            let mut create = pin!(instances.create(new));
            for _ in 0..polls {
                if create.as_mut().now_or_never().is_some() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }
        End::WhileRecovering => {
            lose_response();
            account.sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::ResetBeforeRequest)).unwrap();
            let wait = genesiscloud::Clock::sleep(&account.time, Duration::from_secs(1));
            let create = pin!(instances.create_or_recover(new));
            account.time.run(futures::future::select(create, wait)).await;
        }
        End::WithoutResponse => {
            lose_response();
            let lost = account.time.run(instances.create(new)).await.unwrap_err();
            assert!(lost.is_ambiguous());
        }
        End::AfterResponse => {
            account.time.run(instances.create(new)).await.unwrap();
        }
        End::AfterSomeTime(seconds) => {
            account.time.run(instances.create(new)).await.unwrap();
            account.time.advance(Duration::from_secs(seconds));
        }
    }
}

#[tokio::test]
async fn a_startup_script_that_fails_hangs_or_reboots_does_not_keep_a_machine() {
    for script in [
        "#!/bin/sh\nset -e\nfalse\nexit 1\n",
        "#!/bin/bash\nsleep infinity\n",
        "#!/bin/sh\nsleep 60\nreboot\n",
        "#!/bin/sh\nshutdown -r now\n",
    ] {
        let account = Account::new().await;
        account.create(account.new_instance().startup_script(script).lease(HOUR)).await.unwrap();
        pass(&account.sandbox, 3599);
        assert_eq!(account.status(), Some(InstanceStatus::Active), "{script}");
        pass(&account.sandbox, 1 + TO_DELETE);
        assert_eq!(account.status(), None, "{script}");
    }
}

#[tokio::test]
async fn a_machine_that_is_reset_expires_nevertheless() {
    let account = Account::new().await;
    let (client, created) = (account.client(), account.create(account.new_instance().lease(HOUR)).await.unwrap());
    for _ in 0..2 {
        pass(&account.sandbox, 600);
        account.time.run(client.instances().reset(&created.id)).await.unwrap();
    }
    pass(&account.sandbox, 2399);
    assert_eq!(account.status(), Some(InstanceStatus::Active));
    pass(&account.sandbox, 1);
    assert_eq!(account.status(), Some(InstanceStatus::Deleting));
}

#[tokio::test]
async fn a_lease_that_ends_during_a_reset_ends_the_machine_after_it() {
    let account = Account::new().await;
    let (client, created) = (account.client(), account.create(account.new_instance().lease(HOUR)).await.unwrap());
    pass(&account.sandbox, 3595);
    account.time.run(client.instances().reset(&created.id)).await.unwrap();
    pass(&account.sandbox, 11);
    assert_eq!(account.status(), Some(InstanceStatus::Resetting));
    pass(&account.sandbox, 1);
    assert_eq!(account.status(), Some(InstanceStatus::Deleting));
}

#[tokio::test]
async fn a_stopped_machine_expires_when_it_is_started() {
    let account = Account::new().await;
    let (client, created) = (account.client(), account.create(account.new_instance().lease(HOUR)).await.unwrap());
    pass(&account.sandbox, 600);
    account.time.run(client.instances().stop(&created.id)).await.unwrap();
    pass(&account.sandbox, 2 * 3600);
    assert_eq!(account.status(), Some(InstanceStatus::Stopped), "it does not run, so it cannot shut down");
    account.time.run(client.instances().start(&created.id)).await.unwrap();
    pass(&account.sandbox, 14);
    assert_eq!(account.status(), Some(InstanceStatus::Starting));
    pass(&account.sandbox, 1);
    assert_eq!(account.status(), Some(InstanceStatus::Deleting));
}

#[tokio::test]
async fn a_lease_that_is_over_before_the_first_boot_ends_the_machine_then() {
    let account = Account::new().await;
    account.sandbox.faults().add(FaultRule::new("CreateInstance", Fault::EndsInPendingPayment)).unwrap();
    let created = account.create(account.new_instance().lease(HOUR)).await.unwrap();
    pass(&account.sandbox, 2 * 3600);
    assert_eq!(account.status(), Some(InstanceStatus::PendingPayment));
    assert!(account.sandbox.pay(&created.id));
    pass(&account.sandbox, TO_BOOT);
    assert_eq!(account.status(), Some(InstanceStatus::Deleting));
}

/// A cloud-config that shuts the machine down two hours after the start of the stepped clock, by its own units.
const OWN: &str = "#cloud-config
write_files:
- path: /etc/systemd/system/own.service
  content: |
    [Service]
    ExecStart=/usr/bin/systemctl poweroff
- path: /etc/systemd/system/own.timer
  content: |
    [Timer]
    OnCalendar=2025-06-01 02:00:00 UTC
runcmd:
- [systemctl, start, own.timer]
";

#[tokio::test]
async fn a_lease_and_user_data_of_the_caller_take_effect_together() {
    let own_boot = OWN.replace("runcmd", "bootcmd:\n- exit 1\nruncmd");
    let own_list = format!("{OWN}bootcmd: [[sleep, infinity]]\n");
    let other = "packages: [htop]\nmerge_how: dict(replace)\n";
    for (parts, is_own_reached) in [
        (vec![cloud_config(OWN)], true),
        (vec![cloud_config(&own_boot)], true),
        (vec![cloud_config(&own_list)], false),
        (
            vec![cloud_config(other), cloud_config(OWN), UserDataPart::new("text/x-shellscript", "#!/bin/sh\nexit 1")],
            true,
        ),
        (
            vec![cloud_config(OWN), UserDataPart::new("text/x-shellscript-per-boot", "\n#!/bin/sh\nsleep infinity")],
            false,
        ),
    ] {
        for hours in [1, 3] {
            let account = Account::new().await;
            let new = account.new_instance().user_data(parts.clone()).lease(hours * HOUR);
            account.create(new).await.unwrap();
            let expected = if is_own_reached { hours.min(2) } else { hours };
            pass(&account.sandbox, u64::from(expected) * 3600 - 1);
            assert_eq!(account.status(), Some(InstanceStatus::Active), "{hours} hours with {:?}", account.sent());
            pass(&account.sandbox, 1);
            assert_eq!(account.status(), Some(InstanceStatus::Deleting), "{hours} hours with {:?}", account.sent());
        }
    }
}

#[tokio::test]
async fn the_lease_is_the_last_part_and_nothing_else_is_changed() {
    let account = Account::new().await;
    let new = account.new_instance().user_data([cloud_config(OWN)]).startup_script("#!/bin/sh\ntrue\n");
    account.create(new.clone().lease(HOUR)).await.unwrap();
    account.create(new.lease(HOUR).lease(2 * HOUR).destroy_on_shutdown(true).is_protected(false)).await.unwrap();
    for (mut body, hour) in account.sent().into_iter().zip(1..) {
        let parts = body["metadata"]["user_data"].take();
        assert_eq!(parts[0], json!({ "type": "text/cloud-config", "content": OWN }));
        assert_eq!(parts[1]["type"], "text/cloud-config");
        assert!(parts[1]["content"].as_str().unwrap().contains(&format!("2025-06-01 0{hour}:00:00 UTC")), "{parts}");
        assert_eq!((parts.as_array().unwrap().len(), &parts[1]["filename"]), (2, &Value::Null));
        assert_eq!(
            (&body["destroy_on_shutdown"], &body["metadata"]["startup_script"]),
            (&json!(true), &json!("#!/bin/sh\ntrue\n"))
        );
    }
}

#[tokio::test]
async fn what_a_lease_cannot_be_combined_with_is_refused_before_sending() {
    let account = Account::new().await;
    let new = || account.new_instance().lease(HOUR);
    let part =
        |media_type: &str, content: &str| new().user_data([cloud_config("{}"), UserDataPart::new(media_type, content)]);
    let secret = "hunter2-secret";
    for (new, reason) in [
        (new().lease(Duration::ZERO), "from 1 minute to 365 days"),
        (new().lease(Duration::from_millis(59_999)), "from 1 minute to 365 days"),
        (new().lease(Duration::MAX), "from 1 minute to 365 days"),
        (new().lease(366 * 24 * HOUR), "from 1 minute to 365 days"),
        (new().destroy_on_shutdown(false), "destroy_on_shutdown"),
        (new().is_protected(true), "is_protected(false)"),
        (new().startup_script(format!("#cloud-config\nruncmd: [{secret}]")), "must begin with #!"),
        (new().startup_script(format!("echo {secret}")), "must begin with #!"),
        (part("text/cloud-boothook", "#!/bin/sh\nsleep infinity"), "part 2 of the user data"),
        (part("text/cloud-config-jsonp", secret), "part 2 of the user data"),
        (part("text/x-include-url", secret), "part 2 of the user data"),
        (part("text/plain", "#!/bin/sh"), "part 2 of the user data"),
        (part("text/x-shellscript", "#include https://files.example.com/"), "part 2 of the user data"),
        (part("Text/X-Shellscript; charset=utf-8", secret), "part 2 of the user data"),
    ] {
        let error = account.create(new.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some("CreateInstance")), "{error}");
        assert!(error.to_string().contains(reason), "{error}, not {reason}");
        assert!(!format!("{error:?}{error}{new:?}").contains(secret), "{error:?}");
        let client = account.client();
        let error = account.time.run(client.instances().create_or_recover(new)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert_eq!((account.sent(), account.status()), (vec![], None));
    // The same without what is wrong.
    for new in [
        part("Text/Cloud-Config; charset=utf-8", "#include"),
        part("text/x-shellscript", " \n#!/bin/sh"),
        part("text/x-shellscript-per-once", "#!/bin/sh"),
        new().is_protected(false).destroy_on_shutdown(true),
    ] {
        account.create(new).await.unwrap();
    }
}

#[tokio::test]
async fn debug_shows_the_lease_and_no_user_data() {
    let account = Account::new().await;
    let debug = format!("{:?}", account.new_instance().lease(HOUR).startup_script("#!/bin/sh\necho hunter2"));
    assert!(debug.contains("3600s") && !debug.contains("hunter2"), "{debug}");
    assert!(!format!("{:?}", account.new_instance()).contains("3600s"));
}

#[tokio::test]
async fn each_placement_has_a_whole_lease_and_one_part() {
    let account = Account::new().await;
    let client = account.client();
    let instances = client.instances();
    account.sandbox.faults().add(FaultRule::new("CreateInstance", Fault::error_code("02036"))).unwrap();
    let search = instances.first_available(
        account.new_instance().lease(HOUR),
        [(KRS, SMALL), (KRS, "vcpu-4_memory-12g_disk-80g_nvidia3080-1")],
    );
    account.time.run(search.create()).await.unwrap();
    let sent = account.sent();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|body| body["metadata"]["user_data"].as_array().unwrap().len() == 1), "{sent:?}");
}

/// The part that was sent last.
fn part_sent(account: &Account) -> String {
    let body = account.sent().pop().unwrap();
    let parts = body["metadata"]["user_data"].as_array().unwrap();
    parts.last().unwrap()["content"].as_str().unwrap().to_owned()
}

/// The part of a lease from the start of the stepped clock.
async fn lease_part(lease: Duration) -> String {
    let account = Account::new().await;
    account.create(account.new_instance().lease(lease)).await.unwrap();
    part_sent(&account)
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lease-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a program, and returns what it printed; `None` and a line on standard error if it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let printed =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            assert!(output.status.success(), "{program} {arguments:?}: {printed}");
            Some(printed)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("LEFT OUT: the lease was not checked with {program}, which is not installed");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

#[tokio::test]
async fn cloud_init_accepts_the_part() {
    let path = folder("schema").join("lease.yaml");
    std::fs::write(&path, lease_part(HOUR).await).unwrap();
    let path = path.to_str().unwrap();
    // Before 22.2 it was `cloud-init devel schema`.
    if let Some(printed) = run("cloud-init", &["schema", "--config-file", path]) {
        assert!(printed.contains("Valid"), "{printed}");
    }
}

/// Runs the commands of the part, with another folder for the units and with a `systemctl` that only writes down its arguments.
/// Returns them.
#[cfg(unix)]
fn run_commands(part: &str, folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;

    let config: Value = yaml_serde::from_str(part).unwrap();
    let script = config["bootcmd"][0].as_str().unwrap().replace("/run/systemd/system", folder.to_str().unwrap());
    assert_eq!((config["bootcmd"].as_array().unwrap().len(), config.as_object().unwrap().len()), (1, 2));
    let (bin, calls) = (folder.join("bin"), folder.join("calls"));
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(bin.join("systemctl"), format!("#!/bin/sh\necho \"$@\" >>{}\n", calls.display())).unwrap();
    std::fs::set_permissions(bin.join("systemctl"), PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let status = Command::new("/bin/sh").args(["-euc", &script]).env("PATH", path).status().unwrap();
    assert!(status.success(), "{script}");
    std::fs::read_to_string(calls).unwrap()
}

/// The end of the lease is fixed by the clock of the sandbox, in 2025; that of the computer is later.
#[cfg(unix)]
#[tokio::test]
async fn a_real_shell_writes_the_units_and_shuts_down_what_has_expired() {
    let folder = folder("expired");
    let calls = run_commands(&lease_part(HOUR).await, &folder);
    let start = "daemon-reload\nstart genesiscloud-lease.timer\n";
    assert_eq!(calls, format!("{start}start --no-block genesiscloud-lease.service\n"));
    let service = std::fs::read_to_string(folder.join("genesiscloud-lease.service")).unwrap();
    assert!(service.starts_with("[Unit]\n") && service.contains("\nExecStart=/sbin/shutdown -P now\n"), "{service}");
    let timer = std::fs::read_to_string(folder.join("genesiscloud-lease.timer")).unwrap();
    assert!(timer.starts_with("[Unit]\n") && timer.contains("\nOnCalendar=2025-06-01 01:00:00 UTC\n"), "{timer}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_real_shell_shuts_down_nothing_that_has_not_expired() {
    // 2025-06-01 01:00:00 UTC, and a moment that the clock of no computer shows yet.
    let part = lease_part(HOUR).await;
    assert!(part.contains("1748739600"), "{part}");
    let calls = run_commands(&part.replace("1748739600", "99999999999"), &folder("running"));
    assert_eq!(calls, "daemon-reload\nstart genesiscloud-lease.timer\n");
}

#[cfg(unix)]
#[tokio::test]
async fn systemd_accepts_the_units() {
    let folder = folder("units");
    run_commands(&lease_part(HOUR).await, &folder);
    let unit = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let units = [unit("genesiscloud-lease.service"), unit("genesiscloud-lease.timer")];
    if let Some(printed) = run("systemd-analyze", &["verify", "--man=no", &units[0], &units[1]]) {
        assert!(!printed.contains("genesiscloud-lease"), "{printed}");
    }
    let calendar = ["calendar", "--base-time=2025-06-01 00:00:00 UTC", "2025-06-01 01:00:00 UTC"];
    if let Some(printed) = run("systemd-analyze", &calendar) {
        assert!(printed.contains("2025-06-01 01:00:00 UTC") && !printed.contains("never"), "{printed}");
    }
}
