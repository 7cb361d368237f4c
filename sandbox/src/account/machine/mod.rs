//! What runs inside an instance, as far as it can shut the instance down: cloud-init with the instance's user data, and systemd
//! with its timers.

mod cloud_config;
mod shell;
mod units;
mod user_data;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use genesiscloud_bindings::types::CreateInstanceBody;

use self::shell::Step;
use self::units::{calendar_times, is_persistent, shutdown_delay, values};
use self::user_data::UserData;

/// The machine of an instance.
pub(crate) struct Machine {
    pub(super) destroy_on_shutdown: bool,
    /// How often it has booted.
    pub(super) boots: u32,
    user_data: UserData,
    disk: Disk,
}

/// What a machine keeps when it boots.
#[derive(Default)]
struct Disk {
    files: BTreeMap<String, String>,
    enabled_units: BTreeSet<String>,
    /// When persistent timers were first started.
    timer_stamps: BTreeMap<String, DateTime<Utc>>,
}

/// A machine from its boot on.
struct Boot<'a> {
    disk: &'a mut Disk,
    now: DateTime<Utc>,
    /// When the machine shuts down, by the unit or command that does it.
    shutdowns: BTreeMap<String, DateTime<Utc>>,
}

/// How a script ends, or that it goes on.
#[derive(PartialEq)]
enum Flow {
    Continues,
    Exits,
    /// Neither it nor what comes after it gets on.
    Hangs,
    Reboots,
}

/// In the order in which systemd searches them.
const UNIT_FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

impl Machine {
    pub(super) fn new(body: &CreateInstanceBody) -> Self {
        Self {
            destroy_on_shutdown: body.destroy_on_shutdown.unwrap_or(false),
            boots: 0,
            user_data: body.metadata.as_ref().map(UserData::of).unwrap_or_default(),
            disk: Disk::default(),
        }
    }

    /// Boots. Returns when the machine shuts itself down, unless it boots again before.
    pub(super) fn boot(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.boots += 1;
        let is_first = self.boots == 1;
        self.disk.files.retain(|path, _| !path.starts_with("/run/"));
        let mut boot = Boot { disk: &mut self.disk, now, shutdowns: BTreeMap::new() };
        boot.start_enabled_units();
        let flow = boot.run_user_data(&self.user_data, is_first);
        let (time, shutdown) = (boot.now, boot.shutdowns.into_values().min());
        // A machine that reboots at each boot does nothing else.
        let reboots = is_first && flow == Flow::Reboots && shutdown.is_none_or(|shutdown| shutdown > time);
        if reboots { self.boot(time) } else { shutdown }
    }
}

impl Boot<'_> {
    fn start_enabled_units(&mut self) {
        for unit in self.disk.enabled_units.clone() {
            self.start(&unit);
        }
    }

    fn run_user_data(&mut self, user_data: &UserData, is_first: bool) -> Flow {
        let UserData { boot_commands, files, boot_scripts, first_scripts } = user_data;
        for (steps, runs_always) in
            [(boot_commands, true), (files, false), (boot_scripts, true), (first_scripts, false)]
        {
            let flow = if is_first || runs_always { self.run(steps) } else { Flow::Continues };
            if matches!(flow, Flow::Hangs | Flow::Reboots) {
                return flow;
            }
        }
        Flow::Continues
    }

    fn run(&mut self, steps: &[Step]) -> Flow {
        for step in steps {
            let flow = match step {
                Step::Write { path, content, appends } => {
                    self.write(path, content, *appends);
                    Flow::Continues
                }
                Step::Run { condition: Some(condition), .. } if !condition.holds(self.now) => Flow::Continues,
                Step::Run { words, .. } => self.execute(words),
                Step::Script(steps) => match self.run(steps) {
                    Flow::Exits => Flow::Continues,
                    flow => flow,
                },
            };
            if flow != Flow::Continues {
                return flow;
            }
        }
        Flow::Continues
    }

    fn write(&mut self, path: &str, content: &str, appends: bool) {
        let file = self.disk.files.entry(path.to_owned()).or_default();
        if !appends {
            file.clear();
        }
        file.push_str(content);
    }

    fn execute(&mut self, words: &[String]) -> Flow {
        let Some((command, arguments)) = words.split_first() else { return Flow::Continues };
        let has = |argument: &str| arguments.iter().any(|it| it == argument);
        if let Some(delay) = shutdown_delay(words) {
            self.shutdowns.insert("shutdown".to_owned(), self.now + delay);
            return Flow::Continues;
        }
        match command.rsplit('/').next().unwrap_or_default() {
            "exit" => return Flow::Exits,
            "sleep" => match arguments.first().and_then(|seconds| seconds.parse().ok()) {
                Some(seconds) => self.now += TimeDelta::seconds(u32::into(seconds)),
                None => return Flow::Hangs,
            },
            "reboot" => return Flow::Reboots,
            "shutdown" if has("-r") && has("now") => return Flow::Reboots,
            "shutdown" if has("-c") => {
                self.shutdowns.remove("shutdown");
            }
            "systemctl" if has("reboot") => return Flow::Reboots,
            "systemctl" => self.control_units(arguments),
            _ => {}
        }
        Flow::Continues
    }

    /// Does what `systemctl` is run with.
    fn control_units(&mut self, arguments: &[String]) {
        let starts_now = arguments.iter().any(|argument| argument == "--now");
        let mut names = arguments.iter().filter(|argument| !argument.starts_with('-'));
        let Some(verb) = names.next() else { return };
        for name in names {
            let unit = if name.contains('.') { name.clone() } else { format!("{name}.service") };
            match verb.as_str() {
                "start" | "restart" => self.start(&unit),
                "stop" => {
                    self.shutdowns.remove(&unit);
                }
                "enable" => {
                    if starts_now {
                        self.start(&unit);
                    }
                    // Without this setting there is nothing to enable.
                    if self.unit(&unit).is_some_and(|unit| values(unit, "WantedBy").next().is_some()) {
                        self.disk.enabled_units.insert(unit);
                    }
                }
                "disable" => {
                    self.disk.enabled_units.remove(&unit);
                }
                _ => {}
            }
        }
    }

    fn unit(&self, name: &str) -> Option<&str> {
        let mut paths = UNIT_FOLDERS.iter().map(|folder| format!("{folder}/{name}"));
        paths.find_map(|path| self.disk.files.get(&path)).map(String::as_str)
    }

    /// Starts a unit, which shuts the machine down if it is such a service, or a timer for one.
    fn start(&mut self, name: &str) {
        let time = match name.strip_suffix(".timer") {
            Some(stem) => self.timer_elapses(name, stem),
            None => self.service_delay(name).map(|delay| self.now + delay),
        };
        if let Some(time) = time {
            self.shutdowns.insert(name.to_owned(), time);
        }
    }

    /// Returns the delay after which a service shuts the machine down, if it does.
    fn service_delay(&self, name: &str) -> Option<TimeDelta> {
        let command = values(self.unit(name)?, "ExecStart").next()?;
        shutdown_delay(&command.split_whitespace().collect::<Vec<_>>())
    }

    /// Returns when a timer shuts the machine down. A time before the timer was started has no effect; a persistent one
    /// was started when that was first done.
    fn timer_elapses(&mut self, name: &str, stem: &str) -> Option<DateTime<Utc>> {
        let timer = self.unit(name)?.to_owned();
        let service = values(&timer, "Unit").last().map_or_else(|| format!("{stem}.service"), str::to_owned);
        let delay = self.service_delay(&service)?;
        let now = self.now;
        let since =
            if is_persistent(&timer) { *self.disk.timer_stamps.entry(name.to_owned()).or_insert(now) } else { now };
        calendar_times(&timer).filter(|time| *time > since).min().map(|time| time.max(now) + delay)
    }
}
