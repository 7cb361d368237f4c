//! Messages as the API and what stands before it write them, and a long script with the same vocabulary.

use fastrand::Rng;

const IDS: [&str; 4] = [
    "2f1c8d5e-6b0a-4c1e-9d0f-3a7b5c9e1d24",
    "a3d5e1f0-22b4-4f6c-8e1d-7c9b0a1f3e52",
    "0c7e9b1a-5d3f-4a2b-b6c8-e1f0a9d8c7b6",
    "9b8a7c6d-1e2f-4d3c-a5b4-c6d7e8f90a1b",
];
const TYPES: [&str; 4] = [
    "vcpu-4_memory-12g_disk-80g_nvidia3080-1",
    "vcpu-2_memory-4g_disk-80g",
    "vcpu-192_memory-1920g_nvidia_h100-8",
    "vcpu-24_memory-48g_disk-320g_nvidia3090-4",
];
const REGIONS: [&str; 4] = ["NORD-NO-KRS-1", "ARC-IS-HAF-1", "EUC-DE-MUC-1", "NA-CA-FTS-1"];
const IMAGES: [&str; 4] = ["ubuntu-24.04", "ubuntu-ml-nvidia-pytorch", "ubuntu-ml-nvidia-pytorch:v1.13", "rocky-9"];
const NAMES: [&str; 4] = ["trainer-01", "gpu-worker-node-07", "web.example.com", "prod-inference-frontend"];
const FIELDS: [&str; 6] = ["startup_script", "user_data", "metadata", "hostname", "ssh_keys", "password"];
const TOOLS: [&str; 8] =
    ["apt-get update", "docker", "systemctl", "cloud-init", "nvidia-smi", "curl", "docker compose up -d", "set -e"];
const STATES: [&str; 6] = ["pending", "active", "stopping", "stopped", "deleting", "error"];
const PACKAGES: [&str; 8] = [
    "nvidia-driver-550-server",
    "docker-ce",
    "containerd.io",
    "nvidia-container-toolkit",
    "python3-venv",
    "prometheus-node-exporter",
    "build-essential",
    "unattended-upgrades",
];

/// In braces: what is chosen at random.
const MESSAGES: [&str; 50] = [
    "instance {id} not found",
    "volume {id} is attached to instance {id}",
    "The instance type {type} is not available in region {region}",
    "instance type {type} is out of stock in {region}, try another region",
    "image {image} cannot run on instance type {type}",
    "invalid value for region: {region}",
    "invalid value for image: {image}",
    "hostname: {name} is not a valid host name; it must consist of lower-case letters, digits and hyphens",
    "name: \"{name}\" is already used by another instance",
    "{field} is required",
    "{field} must be a string",
    "{field} is too long: {number} bytes, at most 65536 are allowed",
    "field {field}: expected a string with at most {number} characters",
    "the startup script must begin with #!/bin/sh, #!/bin/bash or #cloud-config",
    "startup_script: missing shebang, for example #!/usr/bin/env bash",
    "startup_script: `{tool}` exited with status {number}",
    "user data: {tool} is not supported on {image}",
    "cloud-init reported status: error while running {tool}",
    "package {package} is not available for {image}",
    "Unable to locate package {package}",
    "the password must have upper case, lower case and digits, 8 to 72 characters",
    "password: too weak",
    "either ssh_keys or password is required, not both",
    "SSH key {id} not found; the public key must be in OpenSSH format, ssh-ed25519 AAAA... comment",
    "quota exceeded: instances: {number} of {number} used in {region}",
    "quota for {type} is used up; contact support@genesiscloud.com",
    "instance {id} is {state}, and must be active for this action",
    "cannot delete instance {id}: termination protection is enabled",
    "security group {id} is not in region {region}",
    "floating IP {id} is assigned to {name} already",
    "disk_size: must be at least 80, was {number}",
    "billing_type: reserved needs a reservation_id",
    "unauthorized: token expired at 2026-11-{number}T10:00:00Z",
    "rate limit of 10 requests per second exceeded, retry after {number} seconds",
    "could not download https://download.docker.com/linux/ubuntu/gpg: 404",
    "could not reach https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64: timed out",
    "unsupported Content-Type: text/x-shellscript; use text/cloud-config",
    "docker-ce : Depends: containerd.io (>= 1.6.4) but it is not going to be installed",
    "failed to start docker.service: unit docker.service not found",
    "no space left on device: /var/lib/docker/overlay2",
    "permission denied: /etc/systemd/system/trainer.service",
    "cannot read /etc/systemd/system/docker.service.d/10-nvidia-container-runtime.conf",
    "no route to artifacts.internal.prod.eu-central.training-cluster.example.com",
    "mount: /mnt/data: special device /dev/vdb does not exist",
    "invalid YAML in user_data at line {number}, column 3: did not find expected key",
    "validation failed: {field}: does not match pattern ^[a-z0-9-]+$",
    "{\"code\": \"02004\", \"details\": [{\"field\": \"{field}\", \"issue\": \"invalid for {image}\"}]}",
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>",
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
     initial-scale=1\"><title>Maintenance</title></head><body><p>We will be back soon.</p></body></html>",
    "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
];

/// Parts of a script, with a number that differs from one to the next.
const PARTS: [&str; 17] = [
    "# Prepare the host for training number {n}\nset -euo pipefail\nexport DEBIAN_FRONTEND=noninteractive\napt-get update\n",
    "apt-get install -y {package} {package} {package}\nsystemctl daemon-reload\nsystemctl enable --now docker\n",
    "curl -fsSL https://download.docker.com/linux/ubuntu/gpg | gpg --dearmor -o /etc/apt/keyrings/docker-{n}.gpg\n",
    "docker run -d --gpus all --name worker-{n} registry.example.com/team/{name}:{n} --region {region}\n",
    "# instance type {type} in region {region}\nTYPE={type}\nREGION={region}\nIMAGE={image}\n",
    "region: {region}\nimage: {image}\nhostname: {name}\ntype: {type}\nstatus: {state}\n",
    "mkdir -p /mnt/data-{n} /var/lib/docker/overlay2\nmount /dev/vdb /mnt/data || echo \"no space left on device\"\n",
    "cat > /etc/systemd/system/trainer.service <<'UNIT'\n[Unit]\nAfter=docker.service network-online.target\nUNIT\n",
    "VOLUME={id}\nif ! grep -q \"$VOLUME\" /etc/fstab; then echo \"volume $VOLUME not found\"; fi\n",
    "export WORKER_{n}_TOKEN=\"tk{n}x9Qa7Lm2\"\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/{n}EXAMPLEKEY\n",
    "nvidia-smi || exit {n}\nif [ \"$STATE\" = {state} ]; then echo \"instance is {state}\"; fi\n",
    "cat > /var/www/html/index.html <<'HTML'\n<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
     <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Maintenance</title>\n</head>\nHTML\n",
    "#------------------------------------------------------------------------------\n# ===== part {n} =====\n",
    "cp runtime.conf /etc/systemd/system/docker.service.d/10-nvidia-container-runtime.conf\n\
     ping -c 1 artifacts.internal.prod.eu-central.training-cluster.example.com\n",
    "python3 -m venv /opt/venv-{n} && /opt/venv-{n}/bin/pip install torch numpy\ndocker compose up -d\n",
    "echo \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ{n}ZzB2Yk me@laptop\" >> /root/.ssh/authorized_keys\n",
    "wget -q https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64/cuda-keyring_1.1-{n}_all.deb\n",
];

/// 1,000 of them.
pub(super) fn messages() -> Vec<String> {
    let mut random = Rng::with_seed(15);
    (0..1000).map(|at| filled(&mut random, MESSAGES[at % MESSAGES.len()], at)).collect()
}

/// 64 KiB in whole lines.
pub(super) fn script() -> String {
    let mut random = Rng::with_seed(64);
    let mut script = "#!/bin/bash\n# cloud-init: runs once\n".to_owned();
    for at in 0.. {
        script += &filled(&mut random, PARTS[at % PARTS.len()], at);
        if script.len() >= 64 * 1024 {
            break;
        }
    }
    let end = script[..64 * 1024].rfind('\n').unwrap_or_default();
    script[..=end].to_owned()
}

fn filled(random: &mut Rng, template: &str, at: usize) -> String {
    let mut text = template.replace("{n}", &at.to_string());
    let lists: [(&str, &[&str]); 9] = [
        ("{id}", &IDS),
        ("{type}", &TYPES),
        ("{region}", &REGIONS),
        ("{image}", &IMAGES),
        ("{name}", &NAMES),
        ("{field}", &FIELDS),
        ("{tool}", &TOOLS),
        ("{state}", &STATES),
        ("{package}", &PACKAGES),
    ];
    for (place, values) in lists {
        while text.contains(place) {
            text = text.replacen(place, values[random.usize(..values.len())], 1);
        }
    }
    while text.contains("{number}") {
        text = text.replacen("{number}", &random.u32(10..30).to_string(), 1);
    }
    text
}

/// What a request for an instance states openly.
pub(super) fn open_values() -> [&'static str; 4] {
    [NAMES[1], TYPES[0], REGIONS[0], IMAGES[1]]
}
