//! What cloud-init makes of the metadata that an instance is created with: commands and files, by the stage in which they come.

use genesiscloud_bindings::types::CreateInstanceMetadata;
use serde_json::{Map, Value};

use super::cloud_config::merged;
use super::shell::{Step, command, script_steps};

/// What a machine does when it boots, in this order.
#[derive(Default)]
pub(super) struct UserData {
    /// At each boot.
    pub(super) boot_commands: Vec<Step>,
    /// At the first boot.
    pub(super) files: Vec<Step>,
    /// At each boot.
    pub(super) boot_scripts: Vec<Step>,
    /// At the first boot: scripts, `runcmd` and `power_state`.
    pub(super) first_scripts: Vec<Step>,
}

impl UserData {
    pub(super) fn of(metadata: &CreateInstanceMetadata) -> Self {
        let parts =
            || metadata.user_data.iter().flat_map(|parts| &parts.0).map(|it| (it.type_.as_str(), it.content.expose()));
        let of_type = |wanted| parts().filter(move |(media_type, _)| *media_type == wanted).map(|(_, content)| content);
        let startup_script = metadata.startup_script.as_ref().map(|script| script.expose());
        let (configs, scripts): (Vec<_>, Vec<_>) =
            startup_script.into_iter().partition(|script| script.trim_start().starts_with("#cloud-config"));

        let config = merged(of_type("text/cloud-config").chain(configs));
        let first = ["text/x-shellscript-per-once", "text/x-shellscript-per-instance", "text/x-shellscript"];
        let mut first_scripts: Vec<_> = first.into_iter().flat_map(of_type).chain(scripts).map(script).collect();
        first_scripts.push(Step::Script(commands(&config, "runcmd")));
        first_scripts.extend(power_state(&config));
        Self {
            boot_commands: commands(&config, "bootcmd"),
            files: files(&config),
            boot_scripts: of_type("text/x-shellscript-per-boot").map(script).collect(),
            first_scripts,
        }
    }
}

fn script(text: &str) -> Step {
    Step::Script(script_steps(text))
}

/// Reads a list of commands. As cloud-init does, reads none at all if one of them is neither text nor a list.
fn commands(config: &Map<String, Value>, key: &str) -> Vec<Step> {
    let mut steps = vec![];
    for item in config.get(key).and_then(Value::as_array).into_iter().flatten() {
        match item {
            Value::String(text) => steps.extend(script_steps(text)),
            Value::Array(words) => steps.push(command(words.iter().map(word).collect())),
            Value::Null => {}
            _ => return vec![],
        }
    }
    steps
}

/// A word that can be written as a number.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Reads `write_files`, except for what is encoded.
fn files(config: &Map<String, Value>) -> Vec<Step> {
    let files = config.get("write_files").and_then(Value::as_array).into_iter().flatten();
    let file = |file: &Value| {
        let appends = file["append"].as_bool().unwrap_or(false);
        let content = file["content"].as_str().unwrap_or_default().to_owned();
        Some(Step::Write { path: file["path"].as_str()?.to_owned(), content, appends })
    };
    files.filter(|file| file["encoding"].is_null() || file["encoding"] == "text/plain").filter_map(file).collect()
}

/// Reads `power_state` as the command that cloud-init makes of it.
fn power_state(config: &Map<String, Value>) -> Option<Step> {
    let state = config.get("power_state")?;
    let is_shutdown = matches!(state["mode"].as_str(), Some("poweroff" | "halt")) && state["condition"] != false;
    let delay = match &state["delay"] {
        Value::Number(minutes) => format!("+{minutes}"),
        delay => delay.as_str().unwrap_or("now").to_owned(),
    };
    is_shutdown.then(|| command(vec!["shutdown".to_owned(), "-P".to_owned(), delay]))
}
