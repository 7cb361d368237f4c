//! What the name of an instance type says of it.

/// What an instance type has, as its name says it: `vcpu-4_memory-12g_disk-80g_nvidia3080-1` has 4 vCPUs, 12 GiB of memory, a
/// boot disk of 80 GiB and one accelerator.
///
/// The API has no other source for this. The form is that of the provider's
/// [list of instance types](https://developers.genesiscloud.com/instance-types/).
///
/// ```
/// use genesiscloud::InstanceTypeSpec;
///
/// let spec = InstanceTypeSpec::parse("vcpu-16_memory-96g_nvidia-rtx-3090-4").unwrap();
/// assert_eq!((spec.vcpus, spec.memory_gib, spec.disk_gib), (16, 96, None));
/// let gpus = spec.accelerators.unwrap();
/// assert_eq!((gpus.vendor.as_deref(), gpus.model.as_str(), gpus.count), (Some("nvidia"), "rtx-3090", 4));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InstanceTypeSpec {
    /// The number of virtual processors.
    pub vcpus: u32,
    /// The memory in GiB.
    pub memory_gib: u32,
    /// The boot disk in GiB, for types with a fixed one.
    pub disk_gib: Option<u32>,
    /// The accelerators; `None` if it has none.
    pub accelerators: Option<Accelerators>,
}

/// The accelerators of an instance type, all of one model.
///
/// ```
/// let spec = genesiscloud::InstanceTypeSpec::parse("vcpu-192_memory-1920g_nvidia-h100-sxm5-8").unwrap();
/// assert_eq!(spec.accelerators.unwrap().model, "h100-sxm5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Accelerators {
    /// The vendor, `nvidia`, `intel` or `amd`; `None` for any other.
    pub vendor: Option<String>,
    /// The model as the name has it, without a known vendor: `3080` and `rtx-3080` are both names of one model.
    pub model: String,
    /// How many there are, at least 1.
    pub count: u32,
}

const VENDORS: [&str; 3] = ["nvidia", "intel", "amd"];

impl InstanceTypeSpec {
    /// Parses the name of an instance type; `None` if it has another form. Upper and lower case are the same.
    ///
    /// ```
    /// assert_eq!(genesiscloud::InstanceTypeSpec::parse("a-new-form"), None);
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let mut parts = name.split('_').peekable();
        let vcpus = number(parts.next()?.strip_prefix("vcpu-")?)?;
        let memory_gib = size(parts.next()?, "memory-")?;
        let disk_gib = match parts.peek() {
            Some(part) if part.starts_with("disk-") => Some(size(parts.next()?, "disk-")?),
            _ => None,
        };
        let accelerators = match parts.next() {
            Some(part) => Some(Accelerators::parse(part)?),
            None => None,
        };
        parts.next().is_none().then_some(Self { vcpus, memory_gib, disk_gib, accelerators })
    }
}

impl Accelerators {
    fn parse(part: &str) -> Option<Self> {
        let (whole, count) = part.rsplit_once('-')?;
        let vendor = VENDORS.into_iter().find(|vendor| whole.starts_with(vendor));
        let model = vendor.map_or(whole, |vendor| whole[vendor.len()..].trim_start_matches('-'));
        let count = number(count)?;
        (!model.is_empty() && count > 0).then(|| Self {
            vendor: vendor.map(str::to_owned),
            model: model.to_owned(),
            count,
        })
    }
}

/// The number of `memory-12g` behind `memory-`.
fn size(part: &str, prefix: &str) -> Option<u32> {
    number(part.strip_prefix(prefix)?.strip_suffix('g')?)
}

/// A number of digits alone: `parse` also takes a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// vCPUs, memory, disk, and vendor, model and count of the accelerators.
    type Facts<'a> = (u32, u32, Option<u32>, Option<(Option<&'a str>, &'a str, u32)>);

    fn facts(spec: &InstanceTypeSpec) -> Facts<'_> {
        let accelerators = spec.accelerators.as_ref().map(|it| (it.vendor.as_deref(), it.model.as_str(), it.count));
        (spec.vcpus, spec.memory_gib, spec.disk_gib, accelerators)
    }

    /// Names of the provider's list of instance types, one of each form and model.
    #[test]
    fn names_of_every_form_are_parsed() {
        let nvidia = |model, count| Some((Some("nvidia"), model, count));
        let names: [(&str, Facts<'_>); 12] = [
            ("vcpu-2_memory-4g", (2, 4, None, None)),
            ("vcpu-24_memory-48g_disk-80g", (24, 48, Some(80), None)),
            ("vcpu-4_memory-18g_disk-80g_nvidia3090-1", (4, 18, Some(80), nvidia("3090", 1))),
            ("vcpu-32_memory-96g_disk-80g_nvidia1080ti-8", (32, 96, Some(80), nvidia("1080ti", 8))),
            ("vcpu-192_memory-1920g_disk-80g_nvidiah100-8", (192, 1920, Some(80), nvidia("h100", 8))),
            ("vcpu-28_memory-84g_nvidia-gtx-1080ti-7", (28, 84, None, nvidia("gtx-1080ti", 7))),
            ("vcpu-4_memory-16g_nvidia-rtx-3080-1", (4, 16, None, nvidia("rtx-3080", 1))),
            ("vcpu-192_memory-1920g_nvidia-h100-sxm5-8", (192, 1920, None, nvidia("h100-sxm5", 8))),
            ("vcpu-128_memory-960g_intel-gaudi2-8", (128, 960, None, Some((Some("intel"), "gaudi2", 8)))),
            ("vcpu-8_memory-64g_amd-mi300x-2", (8, 64, None, Some((Some("amd"), "mi300x", 2)))),
            ("vcpu-8_memory-64g_tpu-v5-2", (8, 64, None, Some((None, "tpu-v5", 2)))),
            ("VCPU-2_MEMORY-4G_DISK-80G", (2, 4, Some(80), None)),
        ];
        for (name, expected) in names {
            assert_eq!(InstanceTypeSpec::parse(name).as_ref().map(facts), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_name_of_another_form_is_not_guessed() {
        for name in [
            "",
            "_",
            "vcpu-4",
            "vcpu-4_memory-12",
            "vcpu-_memory-12g",
            "vcpu-4_memory-g",
            "vcpu-+4_memory-12g",
            "vcpu-4_memory-12g_",
            "vcpu-4_memory-12g_disk-g",
            "vcpu-4_memory-12g_nvidia3080",
            "vcpu-4_memory-12g_nvidia-1",
            "vcpu-4_memory-12g_nvidia3080-0",
            "vcpu-4_memory-12g_nvidia3080-1_x",
            "vcpu-4_memory-12g_nvidia3080-99999999999",
            "memory-12g_vcpu-4",
            "vcpu-4_memory-12g_disk-80g_disk-80g",
            "vcpu-4_memory-1.5g",
            "vcpu-٣_memory-12g",
        ] {
            assert_eq!(InstanceTypeSpec::parse(name), None, "{name}");
        }
    }
}
