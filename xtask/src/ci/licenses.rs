//! The licenses of all dependencies. `deny.toml` lists those that are allowed; cargo-deny reads the same list, but need not be
//! installed.

use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::files;
use crate::process::{cargo, stdout};

/// The part of `deny.toml` that is about licenses.
#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// More licenses for one crate.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

/// The part of `cargo metadata` that is about licenses.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// Fails if a package, on whatever platform and with whatever features, has a license that is not allowed.
pub(super) fn check() -> Result<String, String> {
    let policy = Policy::read(&files::read(&files::root(), "deny.toml")?)?;
    let metadata = stdout(cargo().args(["metadata", "--locked", "--all-features", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let refused: Vec<_> = metadata.packages.iter().filter_map(|package| policy.refusal(package)).collect();
    match refused.is_empty() {
        true => Ok(format!("{} packages have licenses that deny.toml allows", metadata.packages.len())),
        false => Err(refused.join("; ")),
    }
}

impl Policy {
    fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| format!("deny.toml: {error}"))
    }

    /// Says why the license of a package is not allowed; nothing if it is.
    fn refusal(&self, package: &Package) -> Option<String> {
        let Package { name, version, license } = package;
        let Some(license) = license else { return Some(format!("{name} {version} names no license")) };
        // Also reads `MIT/Apache-2.0`, which old manifests have.
        match Expression::parse_mode(license, ParseMode::LAX) {
            Ok(license) if license.evaluate(|one| self.allows(name, &one.to_string())) => None,
            Ok(license) => Some(format!("{name} {version} has the license {license}, which deny.toml does not allow")),
            Err(error) => Some(format!("the license of {name} {version}: {error}")),
        }
    }

    fn allows(&self, name: &str, license: &str) -> bool {
        let exceptions = self.licenses.exceptions.iter().filter(|exception| exception.name == name);
        exceptions.map(|exception| &exception.allow).chain([&self.licenses.allow]).flatten().any(|one| one == license)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT", "ISC"]
        exceptions = [{ crate = "excepted", allow = ["MPL-2.0"] }]
        [bans]
        multiple-versions = "deny"
    "#;

    fn refusal(name: &str, license: Option<&str>) -> Option<String> {
        let package =
            Package { name: name.to_owned(), version: "1.0.0".to_owned(), license: license.map(str::to_owned) };
        Policy::read(POLICY).unwrap().refusal(&package)
    }

    #[test]
    fn a_license_is_allowed_by_the_list_or_for_its_crate() {
        for license in ["MIT", "MIT OR GPL-3.0-only", "MIT/Unlicense", "MIT AND ISC"] {
            assert_eq!(refusal("any", Some(license)), None, "{license}");
        }
        assert_eq!(refusal("excepted", Some("MPL-2.0")), None);
        assert_eq!(refusal("excepted", Some("MIT AND MPL-2.0")), None);
    }

    #[test]
    fn any_other_license_is_refused_by_name() {
        let refused = |license: &str| format!("any 1.0.0 has the license {license}, which deny.toml does not allow");
        for license in ["MPL-2.0", "MIT AND GPL-3.0-only", "MIT WITH LLVM-exception"] {
            assert_eq!(refusal("any", Some(license)), Some(refused(license)));
        }
        assert_eq!(refusal("any", None).unwrap(), "any 1.0.0 names no license");
        assert!(refusal("any", Some("My own")).unwrap().starts_with("the license of any 1.0.0: "));
        assert!(Policy::read("[bans]").err().unwrap().starts_with("deny.toml: "));
    }
}
