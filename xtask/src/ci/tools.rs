//! What some steps need beside Rust. Where it is not installed, they are left out, and the last line of the output says so.

use std::process::Command;

use super::steps::Steps;
use crate::process::cargo;

impl Steps {
    /// Runs `cargo NAME …`, a tool with a package of its own.
    pub(super) fn tool(&mut self, name: &str, arguments: &[&str]) -> Result<(), String> {
        let is_installed = succeeds(cargo().args([name, "--version"]));
        self.where_installed(&format!("cargo {name}"), &format!("cargo-{name}"), is_installed, |ci| {
            ci.cargo(&[&[name], arguments].concat())
        })
    }

    /// Runs steps that need the library of the operating system for TLS.
    pub(super) fn with_native_tls(
        &mut self,
        what: &str,
        steps: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.where_installed(what, "OpenSSL", has_native_tls(), steps)
    }

    /// Runs steps that need a nightly toolchain.
    pub(super) fn with_nightly(
        &mut self,
        what: &str,
        steps: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.where_installed(what, "a nightly toolchain", succeeds(nightly().arg("--version")), steps)
    }

    fn where_installed(
        &mut self,
        what: &str,
        needed: &str,
        is_installed: bool,
        steps: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if is_installed {
            return steps(self);
        }
        self.leave_out(&format!("{what} ({needed} is not installed)"));
        Ok(())
    }
}

/// The cargo of the nightly toolchain.
pub(super) fn nightly() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]);
    command
}

/// Windows and macOS bring their libraries. Elsewhere it is OpenSSL, which the build finds by pkg-config.
pub(super) fn has_native_tls() -> bool {
    cfg!(any(windows, target_os = "macos")) || succeeds(Command::new("pkg-config").args(["--exists", "openssl"]))
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_not_installed_is_left_out_in_one_line() {
        let mut ci = Steps::new(true);
        ci.tool("no-such-tool", &["check"]).unwrap();
        let line = "left out: cargo no-such-tool (cargo-no-such-tool is not installed)";
        assert_eq!(ci.summary().lines().last(), Some(line));
    }
}
