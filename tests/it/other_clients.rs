//! Other clients of the API on the sandbox: the names of commands in the document that it serves, and the requests that the
//! examples of the provider's Terraform provider lead to.

use genesiscloud_sandbox::{Data, OpenApiDocument, Sandbox};
use genesiscloud_tests::sandbox::{http, pass, send, stepped};
use serde_json::{Value, json};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBOpdKM8wSI07+PO4xLDL7zW/kNWGbdFXeHyBU1TRlBn alice@example.com";
const REGION: &str = "NORD-NO-KRS-1";

/// Creates something, and returns it once it can be used.
async fn create(sandbox: &Sandbox, path: &str, name: &str, body: Value) -> Value {
    let (status, mut created) = send(sandbox, "POST", path, &body).await;
    assert_eq!(status.as_u16(), 201, "{path}: {created}");
    pass(sandbox, 60);
    if name.is_empty() { created } else { created[name].take() }
}

#[tokio::test]
async fn the_document_names_commands_as_the_introduction_of_the_api_does() {
    let sandbox = Sandbox::start().await;
    let document: Value =
        http().get(format!("{}/openapi.json", sandbox.endpoint())).send().await.unwrap().json().await.unwrap();
    let name = |path: &str, method: &str| document["paths"][path][method]["x-cli-name"].as_str().unwrap().to_owned();
    assert_eq!(name("/instances", "get"), "list-instances");
    assert_eq!(name("/instances", "post"), "create-instance");
    assert_eq!(name("/floating-ips", "get"), "list-floating-ips");
    // The vendored document stays as the provider publishes it.
    assert!(!genesiscloud::bindings::DOCUMENT.contains("x-cli-name"));
    assert!(OpenApiDocument::vendored().operation_ids().any(|id| id == "ListInstancesPaginated"));
}

/// What `terraform apply` of the provider's examples sends: the resources that others refer to first.
#[tokio::test]
async fn the_examples_of_the_terraform_provider_run_unchanged() {
    let sandbox = stepped(Data::new()).await;
    let id = |created: &Value| created["id"].as_str().unwrap().to_owned();

    let key = create(&sandbox, "/ssh-keys", "", json!({ "name": "alice", "value": KEY })).await;
    let mut groups = Vec::new();
    for (name, port) in [("allow-ssh", 22), ("allow-http", 80), ("allow-https", 443)] {
        let rule = json!({ "direction": "ingress", "protocol": "tcp", "port_range_min": port, "port_range_max": port });
        let group = json!({ "name": name, "description": "", "region": REGION, "rules": [rule] });
        groups.push(id(&create(&sandbox, "/security-groups", "security_group", group).await));
    }
    let address = json!({ "name": "terraform-floating-ip", "region": REGION, "version": "ipv4" });
    let address = create(&sandbox, "/floating-ips", "floating_ip", address).await;
    let instance = json!({
        "name": "terraform-instance", "hostname": "terraform-instance", "region": REGION, "image": "ubuntu-22.04",
        "type": "vcpu-4_memory-16g_nvidia-rtx-3080-1", "ssh_keys": [id(&key)], "security_groups": groups,
        "floating_ip": id(&address), "disk_size": 128, "metadata": { "startup_script": "#!/bin/bash\nset -eo pipefail\n" },
    });
    let instance = create(&sandbox, "/instances", "instance", instance).await;
    assert_eq!(instance["floating_ip"]["id"], address["id"]);

    let small = json!({
        "name": "example", "hostname": "example", "region": REGION, "image": "ubuntu:22.04", "type": "vcpu-2_memory-4g",
        "ssh_keys": [id(&key)],
    });
    create(&sandbox, "/instances", "instance", small).await;
    let filesystem =
        json!({ "name": "example", "description": "Example filesystem", "region": REGION, "size": 50, "type": "vast" });
    create(&sandbox, "/filesystems", "filesystem", filesystem).await;
}

#[tokio::test]
async fn a_rejected_instance_type_is_answered_with_those_that_there_are() {
    let sandbox = stepped(Data::new()).await;
    let key = create(&sandbox, "/ssh-keys", "", json!({ "name": "alice", "value": KEY })).await;
    let body = json!({
        "name": "vm", "hostname": "vm", "region": REGION, "image": "ubuntu-24.04", "type": "vcpu-4", "ssh_keys": [key["id"]],
    });
    let (status, error) = send(&sandbox, "POST", "/instances", &body).await;
    assert_eq!((status.as_u16(), &error["code"]), (400, &json!("02020")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("in NORD-NO-KRS-1; there are: ") && message.contains("vcpu-2_memory-4g,"), "{message}");
}
