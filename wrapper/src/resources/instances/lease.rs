//! The lease of an instance: a time at which its machine shuts itself down, and is destroyed by that.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use genesiscloud_bindings::types::{CreateInstanceBody, InstanceUserData};
use serde_json::Value;

use crate::UserDataPart;

/// A shorter lease would be over before the machine has booted.
const SHORTEST: Duration = Duration::from_secs(60);
/// A longer one is rather a mistake in the unit than a wish.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long an instance may live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lease {
    #[default]
    Unlimited,
    /// From the moment at which the create is prepared.
    Lasts(Duration),
    Expires(DateTime<Utc>),
}

impl Lease {
    /// The name of the lease among the fields of an instance.
    pub(super) const FIELD: &str = "lease_seconds";

    /// The lease in seconds, where it is set.
    pub(super) fn to_value(self) -> Option<Value> {
        match self {
            Self::Lasts(duration) => Some(duration.as_secs_f64().into()),
            Self::Unlimited | Self::Expires(_) => None,
        }
    }

    pub(super) fn from_value(value: Option<Value>) -> Result<Self, String> {
        let Some(value) = value else { return Ok(Self::Unlimited) };
        let duration = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        duration.map(Self::Lasts).ok_or_else(|| format!("`{}` is a number of seconds, not {value}", Self::FIELD))
    }

    /// Fixes the time of expiry, in whole seconds as systemd has them, and not before the lease is over.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) -> Result<(), String> {
        let Self::Lasts(duration) = *self else { return Ok(()) };
        if !(SHORTEST..=LONGEST).contains(&duration) {
            return Err(format!("a lease must last from 1 minute to 365 days, not {duration:?}"));
        }
        let end = TimeDelta::from_std(duration).ok().and_then(|duration| now.checked_add_signed(duration));
        let second = end.and_then(|end| end.checked_add_signed(TimeDelta::nanoseconds(999_999_999)));
        let second = second.ok_or("the lease ends beyond the times that can be represented")?;
        *self = Self::Expires(second.trunc_subsecs(0));
        Ok(())
    }

    pub(super) fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Expires(at) => Some(*at),
            Self::Unlimited | Self::Lasts(_) => None,
        }
    }
}

/// Makes an instance expire.
pub(super) fn add_to(body: &mut CreateInstanceBody, expires_at: DateTime<Utc>) -> Result<(), String> {
    ensure_that_it_is_destroyed(body)?;
    ensure_that_nothing_comes_first(body)?;
    body.destroy_on_shutdown = Some(true);
    let parts = body.metadata.get_or_insert_default().user_data.get_or_insert_with(|| InstanceUserData(vec![]));
    // The last, because a part is merged into the ones before it, and by its own rules.
    parts.0.push(UserDataPart::new("text/cloud-config", cloud_config(expires_at)));
    Ok(())
}

fn ensure_that_it_is_destroyed(body: &CreateInstanceBody) -> Result<(), String> {
    if body.destroy_on_shutdown == Some(false) {
        return Err("a lease needs destroy_on_shutdown, which is set to false".to_owned());
    }
    if body.is_protected == Some(true) {
        return Err("a lease cannot destroy a protected instance: create it with is_protected(false)".to_owned());
    }
    Ok(())
}

/// Refuses what cloud-init processes before any `bootcmd`, and can hang or fail in, such as a boothook or an address to
/// include; and what it could merge after the lease: a startup script that is none, but a cloud-config.
fn ensure_that_nothing_comes_first(body: &CreateInstanceBody) -> Result<(), String> {
    let Some(metadata) = &body.metadata else { return Ok(()) };
    if metadata.startup_script.as_ref().is_some_and(|script| !is_script(script.expose())) {
        let reason =
            "with a lease, the startup script must begin with #!; a cloud-config is given as a part of the user data";
        return Err(reason.to_owned());
    }
    let parts = metadata.user_data.iter().flat_map(|parts| &parts.0);
    match parts.zip(1..).find(|(part, _)| !is_harmless(part)) {
        None => Ok(()),
        Some((_, number)) => Err(format!(
            "with a lease, part {number} of the user data must be a text/cloud-config, or a text/x-shellscript that begins \
             with #!"
        )),
    }
}

fn is_harmless(part: &UserDataPart) -> bool {
    let media_type = part.type_.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "text/cloud-config" => true,
        "text/x-shellscript"
        | "text/x-shellscript-per-boot"
        | "text/x-shellscript-per-instance"
        | "text/x-shellscript-per-once" => is_script(part.content.expose()),
        _ => false,
    }
}

/// Whether cloud-init takes a text for a script, whatever its type: it looks at the start, without white space.
fn is_script(text: &str) -> bool {
    text.trim_start().starts_with("#!")
}

/// The part of the user data that shuts the machine down.
///
/// - `bootcmd`, because it runs at each boot, and before scripts and packages. `runcmd` runs only once, and after the startup
///   script, which can hang. `write_files` comes after `bootcmd`, so the units are written here.
/// - `merge_how`, because by default the list of one part replaces that of another. This one is put before the list that is
///   there already, so that no command before it can exit or hang.
/// - In `/run`, which is empty after a boot: the units are no part of the disk, of which a snapshot can become another machine.
/// - Without default dependencies, because the timer would wait for `sysinit.target`, which waits for this command, and the
///   shutdown for a boot that may not end.
/// - The comparison, because systemd does not start what was due before its timer was started. After the start, so that no
///   moment lies between.
fn cloud_config(expires_at: DateTime<Utc>) -> String {
    let (calendar, unix) = (expires_at.format("%Y-%m-%d %H:%M:%S UTC"), expires_at.timestamp());
    format!(
        "#cloud-config
merge_how: list(prepend)+dict(no_replace,recurse_list)+str()
bootcmd:
- |
  cat >/run/systemd/system/genesiscloud-lease.service <<'END'
  [Unit]
  Description=Shutdown at the end of the lease
  DefaultDependencies=no

  [Service]
  ExecStart=/sbin/shutdown -P now
  Restart=on-failure
  RestartSec=10
  END
  cat >/run/systemd/system/genesiscloud-lease.timer <<'END'
  [Unit]
  Description=End of the lease
  DefaultDependencies=no
  Conflicts=shutdown.target
  Before=shutdown.target

  [Timer]
  OnCalendar={calendar}
  AccuracySec=1s
  END
  systemctl daemon-reload
  systemctl start genesiscloud-lease.timer
  [ \"$(date +%s)\" -lt {unix} ] || systemctl start --no-block genesiscloud-lease.service
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_ends_at_a_whole_second_and_not_too_early() {
        for (now, expected) in [
            ("2025-06-01T00:00:00Z", "2025-06-01T00:01:00Z"),
            ("2025-06-01T00:00:00.000000001Z", "2025-06-01T00:01:01Z"),
            ("2025-12-31T23:59:30.999Z", "2026-01-01T00:00:31Z"),
        ] {
            let mut lease = Lease::Lasts(SHORTEST);
            assert_eq!(lease.expires_at(), None);
            lease.begin(now.parse().unwrap()).unwrap();
            assert_eq!(lease.expires_at(), Some(expected.parse().unwrap()), "{now}");
            lease.begin("2030-01-01T00:00:00Z".parse().unwrap()).unwrap();
            assert_eq!(lease.expires_at(), Some(expected.parse().unwrap()), "it begins once");
        }
    }

    #[test]
    fn a_lease_has_bounds() {
        let begin = |duration, now| Lease::Lasts(duration).begin(now);
        let now = "2025-06-01T00:00:00Z".parse().unwrap();
        for refused in
            [Duration::ZERO, SHORTEST - Duration::from_nanos(1), LONGEST + Duration::from_nanos(1), Duration::MAX]
        {
            assert!(begin(refused, now).unwrap_err().contains("from 1 minute to 365 days"), "{refused:?}");
        }
        assert_eq!((begin(SHORTEST, now), begin(LONGEST, now)), (Ok(()), Ok(())));
        assert!(begin(SHORTEST, DateTime::<Utc>::MAX_UTC).unwrap_err().contains("beyond the times"));
    }
}
