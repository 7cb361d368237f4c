//! Machines of the sandbox that shut themselves down: by which user data, when, and what becomes of the instance.

use genesiscloud::{Client, CreateInstance, InstanceStatus, UpdateInstance, UserDataPart};
use genesiscloud_sandbox::Sandbox;
use genesiscloud_tests::sandbox::{KRS, SMALL, key, new_account, pass};

const TO_BOOT: u64 = 30;

async fn created(client: &Client, change: impl FnOnce(CreateInstance) -> CreateInstance) -> String {
    let new = CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys([key(client).await]);
    client.instances().create(change(new)).await.unwrap().id
}

fn parts<const N: usize>(configs: [&str; N]) -> [UserDataPart; N] {
    configs.map(|content| UserDataPart::new("text/cloud-config", content))
}

/// The status of the only instance, `None` if there is none.
fn status(sandbox: &Sandbox) -> Option<InstanceStatus> {
    sandbox.data().instances.into_iter().next().map(|instance| instance.status)
}

/// Files of a timer that shuts down an hour after the start of the stepped clock, with other settings of the timer.
fn timer_files(settings: &str) -> String {
    format!(
        "write_files:\n- path: /etc/systemd/system/end.service\n  content: |\n    [Service]\n    ExecStart=/sbin/poweroff\n\
         - path: /etc/systemd/system/end.timer\n  content: |\n    [Timer]\n    OnCalendar=2025-06-01 01:00:00 UTC\n    \
         {settings}\n    [Install]\n    WantedBy=timers.target\n"
    )
}

/// When the machine shuts down, in seconds from the create.
async fn shutdown_after(change: impl FnOnce(CreateInstance) -> CreateInstance) -> Option<u64> {
    let (sandbox, client) = new_account().await;
    created(&client, change).await;
    pass(&sandbox, TO_BOOT - 1);
    for seconds in TO_BOOT..2 * 3600 {
        pass(&sandbox, 1);
        if status(&sandbox) != Some(InstanceStatus::Active) {
            assert_eq!(status(&sandbox), Some(InstanceStatus::Stopping));
            return Some(seconds);
        }
    }
    None
}

#[tokio::test]
async fn user_data_shuts_down_a_machine_when_it_says_so() {
    let files = &timer_files("");
    for (commands, expected) in [
        ("runcmd: [[systemctl, enable, --now, end.timer]]", Some(3600)),
        ("runcmd:\n- systemctl daemon-reload && systemctl start end.timer 2>&1", Some(3600)),
        ("runcmd: ['[ \"$(date +%s)\" -lt 1748736000 ] || systemctl start end']", Some(TO_BOOT)),
        ("runcmd: [shutdown -h +10]", Some(TO_BOOT + 600)),
        ("runcmd: [sleep 60, /sbin/halt]", Some(TO_BOOT + 60)),
        ("power_state: {mode: poweroff, delay: +30}", Some(TO_BOOT + 1800)),
        ("power_state: {mode: halt, delay: '+20'}", Some(TO_BOOT + 1200)),
        // What does not: the timer is not started, or stopped again, or nothing comes so far.
        ("{}", None),
        ("runcmd: [systemctl daemon-reload, systemctl enable end.timer]", None),
        ("runcmd: [systemctl start other.timer]", None),
        ("runcmd: [systemctl start end.timer, systemctl stop end.timer]", None),
        ("runcmd: [echo systemctl start end.timer]", None),
        ("runcmd: [exit 0, systemctl start end.timer]", None),
        ("bootcmd: [systemctl start end.timer]", None),
        ("bootcmd: [sleep infinity]\nruncmd: [systemctl start end.timer]", None),
        ("runcmd: [{systemctl: start}, systemctl start end.timer]", None),
        ("runcmd: [shutdown -h +10, shutdown -c]", None),
        ("power_state: {mode: reboot}", None),
        ("power_state: {mode: poweroff, condition: false}", None),
        ("runcmd: [systemctl start end.timer", None),
    ] {
        let after = shutdown_after(|new| new.user_data(parts([files, commands]))).await;
        assert_eq!(after, expected, "{commands}");
    }
}

#[tokio::test]
async fn a_later_part_replaces_a_list_unless_it_says_how_to_merge() {
    let start = &format!("{}runcmd: [systemctl start end.timer]\n", timer_files(""));
    for (second, expected) in [
        ("runcmd: [echo]", None),
        ("merge_how: list(append)+dict(recurse_list)\nruncmd: [echo]", Some(3600)),
        ("merge_how: list(prepend)+dict(recurse_list)\nruncmd: [exit 0]", None),
        ("write_files: []", None),
    ] {
        let after = shutdown_after(|new| new.user_data(parts([start, second]))).await;
        assert_eq!(after, expected, "{second}");
    }
}

#[tokio::test]
async fn a_startup_script_shuts_down_a_machine() {
    for (script, expected) in [
        ("#!/bin/sh\nwork\nshutdown -P +5\n", Some(TO_BOOT + 300)),
        ("#!/bin/bash\nsleep 120\nsystemctl poweroff\n", Some(TO_BOOT + 120)),
        ("#cloud-config\npower_state: {mode: poweroff, delay: 3}\n", Some(TO_BOOT + 180)),
        ("#!/bin/sh\nshutdown -P +5\nreboot\n", None),
        ("#!/bin/sh\nexit 1\npoweroff\n", None),
    ] {
        assert_eq!(shutdown_after(|new| new.startup_script(script)).await, expected, "{script}");
    }
}

#[tokio::test]
async fn a_shutdown_from_within_destroys_an_instance_that_was_created_so() {
    use InstanceStatus as Is;
    for (destroys, protects, first, then) in [
        (Some(true), false, Is::Deleting, None),
        (Some(false), false, Is::Stopping, Some(Is::Stopped)),
        (None, false, Is::Stopping, Some(Is::Stopped)),
        (Some(true), true, Is::Stopping, Some(Is::Stopped)),
    ] {
        let (sandbox, client) = new_account().await;
        let id = created(&client, |new| {
            let new = new.startup_script("#!/bin/sh\nshutdown +1");
            if let Some(destroys) = destroys { new.destroy_on_shutdown(destroys) } else { new }
        })
        .await;
        pass(&sandbox, TO_BOOT);
        if protects {
            client.instances().update(&id, UpdateInstance::new().is_protected(true)).await.unwrap();
        }
        pass(&sandbox, 59);
        assert_eq!(status(&sandbox), Some(Is::Active));
        pass(&sandbox, 1);
        assert_eq!(status(&sandbox), Some(first), "{destroys:?}, protected: {protects}");
        pass(&sandbox, 10);
        assert_eq!(status(&sandbox), then, "{destroys:?}, protected: {protects}");
    }
}

#[tokio::test]
async fn the_stop_action_stops_an_instance_that_a_shutdown_would_destroy() {
    let (sandbox, client) = new_account().await;
    let id = created(&client, |new| new.destroy_on_shutdown(true).startup_script("#!/bin/sh\nshutdown +1")).await;
    pass(&sandbox, TO_BOOT);
    client.instances().stop(&id).await.unwrap();
    pass(&sandbox, 3600);
    assert_eq!(status(&sandbox), Some(InstanceStatus::Stopped));
    // The script runs at the first boot only.
    client.instances().start(&id).await.unwrap();
    pass(&sandbox, 3600);
    assert_eq!(status(&sandbox), Some(InstanceStatus::Active));
}

#[tokio::test]
async fn an_enabled_timer_outlasts_a_boot_and_a_persistent_one_makes_up_for_it() {
    let enable = "runcmd: [systemctl enable --now end.timer]\n";
    let start = "runcmd: [systemctl start end.timer]\n";
    for (settings, command, stopped_for, expected) in [
        ("", enable, 600, InstanceStatus::Active),
        ("", start, 600, InstanceStatus::Active),
        ("Persistent=true", enable, 600, InstanceStatus::Active),
        ("", enable, 3600, InstanceStatus::Active),
        ("Persistent=true", start, 3600, InstanceStatus::Active),
        ("Persistent=true", enable, 3600, InstanceStatus::Stopping),
    ] {
        let (sandbox, client) = new_account().await;
        let config = timer_files(settings) + command;
        let id = created(&client, |new| new.user_data(parts([&config]))).await;
        pass(&sandbox, TO_BOOT);
        client.instances().stop(&id).await.unwrap();
        pass(&sandbox, stopped_for);
        assert_eq!(status(&sandbox), Some(InstanceStatus::Stopped));
        client.instances().start(&id).await.unwrap();
        pass(&sandbox, 15);
        assert_eq!(status(&sandbox), Some(expected), "{settings} {command} {stopped_for}");
        if stopped_for < 3600 {
            pass(&sandbox, 3600 - TO_BOOT - stopped_for - 15);
            let expected = if command == enable { InstanceStatus::Stopping } else { InstanceStatus::Active };
            assert_eq!(status(&sandbox), Some(expected), "{settings} {command}");
        }
    }
}
