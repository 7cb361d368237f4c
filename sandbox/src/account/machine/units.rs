//! Reads systemd's units: when a timer elapses, what a service starts.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// Returns the values of a setting.
pub(super) fn values<'a>(unit: &'a str, setting: &str) -> impl Iterator<Item = &'a str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines.filter(move |(name, _)| name.trim() == setting).map(|(_, value)| value.trim())
}

/// Returns the absolute times at which a timer elapses. Repeated ones are not read.
pub(super) fn calendar_times(timer: &str) -> impl Iterator<Item = DateTime<Utc>> {
    values(timer, "OnCalendar").filter_map(|time| {
        let time = time.strip_suffix("UTC")?.trim_end();
        let with_seconds = NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S");
        Some(with_seconds.or_else(|_| NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M")).ok()?.and_utc())
    })
}

/// Whether a timer makes up for what it missed while it was not active.
pub(super) fn is_persistent(timer: &str) -> bool {
    values(timer, "Persistent").last().is_some_and(|value| matches!(value, "true" | "yes" | "on" | "1"))
}

/// Returns the delay of a command that shuts a machine down, or `None` if this is no such command.
pub(super) fn shutdown_delay(words: &[impl AsRef<str>]) -> Option<TimeDelta> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let (command, arguments) = words.split_first()?;
    let command = command.trim_start_matches(['-', '@', '+', '!', ':']).rsplit('/').next()?;
    let mut positional = arguments.iter().filter(|argument| !argument.starts_with('-'));
    match command {
        "poweroff" | "halt" => Some(TimeDelta::zero()),
        "systemctl" => matches!(positional.next(), Some(&"poweroff" | &"halt")).then(TimeDelta::zero),
        "shutdown" => {
            let is_other = |argument: &&str| matches!(*argument, "-r" | "--reboot" | "-c" | "-k");
            let minutes = match positional.next() {
                _ if arguments.iter().any(is_other) => None,
                None => Some(1),
                Some(&"now") => Some(0),
                Some(time) => time.strip_prefix('+')?.parse::<u32>().ok(),
            };
            minutes.map(|minutes| TimeDelta::minutes(minutes.into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_times_are_read() {
        let timer = "[Timer]\nOnCalendar=2025-06-01 12:00:05 UTC\n OnCalendar = 2025-06-02 01:00 UTC\nOnCalendar=hourly\n\
                     OnCalendar=2025-06-01 12:00:05\nOnCalendar=*-*-* 12:00:00 UTC\nPersistent=no\nPersistent=yes\n";
        let times: Vec<_> = calendar_times(timer).map(|time| time.to_rfc3339()).collect();
        assert_eq!(times, ["2025-06-01T12:00:05+00:00", "2025-06-02T01:00:00+00:00"]);
        assert!(is_persistent(timer) && !is_persistent("Persistent=no") && !is_persistent(""));
    }

    #[test]
    fn commands_that_shut_down_are_recognised() {
        for (command, minutes) in [
            ("poweroff", Some(0)),
            ("/usr/sbin/halt -p", Some(0)),
            ("systemctl --no-block poweroff", Some(0)),
            ("-/sbin/shutdown -P now", Some(0)),
            ("shutdown", Some(1)),
            ("shutdown -h +30", Some(30)),
            ("shutdown -r now", None),
            ("shutdown -c", None),
            ("shutdown 12:00", None),
            ("systemctl start poweroff.service", None),
            ("systemctl reboot", None),
            ("echo shutdown now", None),
        ] {
            let words: Vec<_> = command.split(' ').collect();
            assert_eq!(shutdown_delay(&words).map(|delay| delay.num_minutes()), minutes, "{command}");
        }
    }
}
