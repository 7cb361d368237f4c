//! The sandbox as any client sees it: plain HTTP, documented errors, and every field the document requires.

use genesiscloud_sandbox::{Data, Sandbox};
use genesiscloud_tests::document;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request by hand; gives status and body.
async fn send(sandbox: &Sandbox, method: &str, target: &str, header: &str) -> (u16, Value) {
    let endpoint = sandbox.endpoint();
    let address = endpoint.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\n{header}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

fn bearer(sandbox: &Sandbox) -> String {
    format!("Authorization: Bearer {}\r\n", sandbox.token())
}

#[tokio::test]
async fn refusals_are_the_documented_ones() {
    let sandbox = Sandbox::start().await;
    let right = bearer(&sandbox);
    for (method, target, header, status, code) in [
        ("GET", "/compute/v1/volumes", "", 401, "02014"),
        ("GET", "/compute/v1/nothing", "", 401, "02014"),
        ("GET", "/compute/v1/volumes", "Authorization: Bearer wrong\r\n", 401, "01204"),
        ("GET", "/compute/v1/volumes", "Authorization: Basic YTpi\r\n", 401, "01204"),
        ("GET", "/compute/v1/volumes", "X-Auth-Token: wrong\r\n", 401, "01204"),
        ("GET", "/compute/v1/nothing", &right, 404, "02001"),
        ("GET", "/volumes", &right, 404, "02001"),
        ("GET", "/compute/v1/instances/x", &right, 404, "02008"),
        ("GET", "/compute/v1/instances/x/actions", &right, 404, "02008"),
        ("GET", "/compute/v1/instances/x/snapshots", &right, 404, "02008"),
        ("GET", "/compute/v1/instances/x/user-metadata", &right, 404, "02008"),
        ("GET", "/compute/v1/snapshots/x", &right, 404, "02015"),
        ("GET", "/compute/v1/volumes/x", &right, 404, "02021"),
        ("GET", "/compute/v1/security-groups/x", &right, 404, "02025"),
        ("GET", "/compute/v1/ssh-keys/x", &right, 404, "02047"),
        ("GET", "/compute/v1/filesystems/x", &right, 404, "02404"),
        ("GET", "/compute/v1/floating-ips/x", &right, 404, "02404"),
        ("GET", "/compute/v1/availability/x/instances", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes?page=0", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes?page=-1", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes?page=two", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes?per_page=0", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes?per_page=101", &right, 400, "02004"),
        ("GET", "/compute/v1/images?per_page=101", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes?page=1&page=2", &right, 400, "02004"),
        ("GET", "/compute/v1/images?type=a&type=b", &right, 400, "02004"),
        ("GET", "/compute/v1/volumes/%ff", &right, 400, "02004"),
        ("DELETE", "/compute/v1/volumes/x", &right, 501, "02501"),
        ("POST", "/compute/v1/volumes", &right, 501, "02501"),
    ] {
        let (got, body) = send(&sandbox, method, target, header).await;
        assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{method} {target} {header}: {body}");
        let message = body["message"].as_str().unwrap();
        assert!(!message.is_empty());
        if target.contains("page=0") {
            assert!(["1 or more", "1 to 100"].iter().any(|range| message.ends_with(range)), "{message}");
            assert_eq!(message.ends_with("1 to 100"), target.contains("per_page"), "{message}");
        }
    }
    assert_eq!(sandbox.journal().len(), 29);
    assert_eq!(sandbox.journal()[5].to_string(), "GET /compute/v1/nothing");
}

#[tokio::test]
async fn a_dropped_sandbox_is_gone_and_a_running_one_prints_shortly() {
    let sandbox = Sandbox::start().await;
    let endpoint = sandbox.endpoint();
    assert_eq!(format!("{sandbox:?}"), format!("Sandbox {{ endpoint: {endpoint:?}, .. }}"));
    let client = genesiscloud::Client::builder().token(sandbox.token()).endpoint(endpoint).build().unwrap();
    client.quotas().get().await.unwrap();
    drop(sandbox);
    assert!(client.quotas().get().await.is_err());
}

#[tokio::test]
async fn what_an_instance_can_do_follows_its_status() {
    let sandbox = Sandbox::start().await;
    let data = Data::realistic();
    for (status, actions) in [("active", "[\"stop\",\"reset\"]"), ("stopped", "[\"start\"]"), ("error", "[]")] {
        let instance = data.instances.iter().find(|instance| instance.status.to_string() == status).unwrap();
        let target = format!("/compute/v1/instances/{}/actions", instance.id);
        let (_, body) = send(&sandbox, "GET", &target, &bearer(&sandbox)).await;
        assert_eq!(body["actions"].to_string(), actions, "{status}");
    }
}

#[tokio::test]
async fn pages_past_the_end_are_empty() {
    let sandbox = Sandbox::start().await;
    for target in ["/compute/v1/volumes?page=4&per_page=50", "/compute/v1/volumes?page=18446744073709551615"] {
        let (status, body) = send(&sandbox, "GET", target, &bearer(&sandbox)).await;
        assert_eq!((status, &body["volumes"], &body["total_count"]), (200, &Value::Array(vec![]), &120.into()));
    }
}

#[tokio::test]
async fn answers_have_every_field_the_document_requires() {
    let sandbox = Sandbox::start().await;
    let instance = Data::realistic().instances[13].id.clone();
    let lists =
        ["instances", "images", "snapshots", "volumes", "filesystems", "ssh-keys", "security-groups", "floating-ips"];
    let targets = lists.iter().map(|list| format!("/{list}"));
    let others = ["/quotas", "/reservations", "/availability/NORD-NO-KRS-1/instances"].map(str::to_owned);
    let single = [format!("/instances/{instance}"), format!("/instances/{instance}/snapshots")];
    for target in targets.chain(others).chain(single) {
        let (status, body) = send(&sandbox, "GET", &format!("/compute/v1{target}"), &bearer(&sandbox)).await;
        assert_eq!(status, 200, "{target}");
        let template = target.replace(&instance, "{instance_id}").replace("NORD-NO-KRS-1", "{region}");
        let answer = document::resolved(&document::document()["paths"][&template]["get"]["responses"]["200"]);
        complete(&target, &answer["content"]["application/json"]["schema"], &body);
    }
}

/// Panics where a value lacks what its schema requires.
fn complete(place: &str, schema: &'static Value, value: &Value) {
    let schema = document::resolved(schema);
    if value.is_null() {
        return assert_eq!(schema["nullable"], true, "{place} is null");
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{place} has no {name}: {value}");
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            complete(&format!("{place}.{name}"), property, value);
        }
    }
    for value in value.as_array().into_iter().flatten() {
        complete(place, &schema["items"], value);
    }
}
