//! The sandbox as any client sees it: plain HTTP, documented errors, and every field the document requires.

use std::time::Duration;

use genesiscloud::Region;
use genesiscloud_sandbox::{AccountStatus, Clock, Data, Sandbox};
use genesiscloud_tests::document;
use genesiscloud_tests::sandbox::{client, http, instance, request, send, stepped};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

#[tokio::test]
async fn invalid_requests_get_the_documented_error() {
    let sandbox = stepped(Data::realistic()).await;
    let bearer = format!("Bearer {}", sandbox.token());
    let right = ("authorization", bearer.as_str());
    let none = ("accept", "*/*");
    for (method, path, (name, value), status, code, message) in [
        ("GET", "/volumes", none, 401, "02014", "auth token not provided"),
        ("GET", "/nothing", none, 401, "02014", "auth token not provided"),
        ("GET", "/volumes", ("authorization", "Bearer wrong"), 401, "01204", "permission denied"),
        ("GET", "/volumes", ("authorization", "Basic YTpi"), 401, "01204", "permission denied"),
        ("GET", "/volumes", ("x-auth-token", "wrong"), 401, "01204", "permission denied"),
        ("GET", "/nothing", right, 404, "02001", "invalid route"),
        ("GET", "/volumes/", right, 404, "02001", "invalid route"),
        ("PUT", "/volumes", right, 405, "02001", "method not allowed on this route"),
        ("GET", "/instances/x/actions", right, 404, "02008", "instance not found"),
        ("GET", "/instances/x/snapshots", right, 404, "02008", "instance not found"),
        ("GET", "/instances/x/user-metadata", right, 404, "02008", "instance not found"),
        ("GET", "/filesystems/x", right, 404, "02404", "filesystem not found"),
        ("GET", "/floating-ips/x", right, 404, "02404", "floating ip not found"),
        ("DELETE", "/volumes/x", right, 404, "02021", "volume not found"),
        ("POST", "/volumes", right, 400, "02003", "the body is missing"),
        ("GET", "/availability/x/instances", right, 400, "02004", "\"region\" must be one of NORD-NO-KRS-1"),
        ("GET", "/availability/NORD-NO-KRS-1/instances?placement=B", right, 400, "02052", "there is no such placement"),
        ("GET", "/volumes?page=0", right, 400, "02004", "\"page\" must be 1 or more"),
        ("GET", "/volumes?page=-1", right, 400, "02004", "\"page\" must be 1 or more"),
        ("GET", "/volumes?page=two", right, 400, "02004", "\"page\" must be an integer"),
        ("GET", "/volumes?page=%2B1", right, 400, "02004", "\"page\" must be an integer"),
        ("GET", "/volumes?page=", right, 400, "02004", "\"page\" must be an integer"),
        ("GET", "/volumes?per_page=0", right, 400, "02004", "\"per_page\" must be 1 or more"),
        ("GET", "/volumes?per_page=101", right, 400, "02004", "\"per_page\" must be 100 or less"),
        ("GET", "/volumes?page=1&page=2", right, 400, "02004", "\"page\" is given more than once"),
        ("GET", "/images?type=snapshot", right, 400, "02004", "\"type\" must be one of cloud-image"),
        ("GET", "/volumes/%ff", right, 400, "02002", "the path must be UTF-8"),
    ] {
        let url = format!("{}{path}", sandbox.endpoint());
        let answer = http().request(method.parse().unwrap(), url).header(name, value).send().await.unwrap();
        let got = answer.status();
        let body: Value = answer.json().await.unwrap();
        let text = body["message"].as_str().unwrap();
        assert_eq!((got.as_u16(), body["code"].as_str()), (status, Some(code)), "{method} {path} {value}: {body}");
        assert!(text.starts_with(message), "{method} {path}: {text}, not {message}");
    }
    assert_eq!(sandbox.recorded_requests()[5].to_string(), "GET /compute/v1/nothing");
    let outside = sandbox.endpoint().replace("/compute/v1", "/volumes");
    let answer = http().get(outside).bearer_auth(sandbox.token()).send().await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn invalid_bodies_get_the_documented_error() {
    let sandbox = stepped(Data::realistic()).await;
    let volume = r#"{"name":"d","region":"NORD-NO-KRS-1","size":1}"#;
    let deep = "[".repeat(100_000);
    let large = format!("{}{volume}", " ".repeat(1024 * 1024));
    for (kind, body, status, code) in [
        ("application/json", "{", 400, "02002"),
        ("application/json", deep.as_str(), 400, "02002"),
        ("application/json", "null", 400, "02004"),
        ("application/json", "\u{0}", 400, "02002"),
        ("application/json", large.as_str(), 413, "02002"),
        ("text/plain", volume, 415, "02002"),
        ("application/x-www-form-urlencoded", "name=d", 415, "02002"),
        ("Application/JSON; charset=utf-8", volume, 201, ""),
    ] {
        let request = request(&sandbox, "POST", "/volumes").header("content-type", kind).body(body.to_owned());
        let answer = request.send().await.unwrap();
        let status_got = answer.status().as_u16();
        let answer: Value = answer.json().await.unwrap();
        let start = &body[..body.len().min(20)];
        assert_eq!(
            (status_got, answer["code"].as_str().unwrap_or_default()),
            (status, code),
            "{kind} {start}: {answer}"
        );
    }
    assert_eq!(sandbox.data().volumes.len(), 121);
}

#[tokio::test]
async fn a_request_that_names_another_host_is_refused() {
    let sandbox = Sandbox::builder().allow_host("sandbox.test").start().await.unwrap();
    for (host, path, status) in [
        ("localhost", "/quotas", 200),
        ("sandbox.test:80", "/quotas", 200),
        ("evil.example", "/quotas", 421),
        ("evil.example", "/openapi.json", 421),
    ] {
        let response = request(&sandbox, "GET", path).header("host", host).send().await.unwrap();
        let received = response.status().as_u16();
        let code = response.json::<Value>().await.unwrap()["code"].clone();
        assert_eq!((received, code == "02421"), (status, status == 421), "{host}{path}");
    }
}

#[tokio::test]
async fn the_body_of_an_unauthenticated_request_is_not_recorded() {
    let sandbox = stepped(Data::new()).await;
    let url = format!("{}/volumes", sandbox.endpoint());
    let body = json!({ "name": "d", "region": "NORD-NO-KRS-1", "size": 1 });
    for (token, status) in [("wrong", 401), (sandbox.token(), 201)] {
        let response = http().post(&url).bearer_auth(token).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status);
    }
    let evil = http().post(&url).bearer_auth(sandbox.token()).header("host", "evil.example").json(&body);
    assert_eq!(evil.send().await.unwrap().status(), 421);
    let recorded = sandbox.recorded_requests().into_iter().map(|request| request.json()).collect::<Vec<_>>();
    assert_eq!(recorded, [None, Some(body), None]);
}

/// Time is paused: it advances as soon as client and server both wait.
#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_arrive_ends_its_connection_and_an_idle_connection_stays() {
    let sandbox = Sandbox::builder().clock(Clock::stepped()).start().await.unwrap();
    let address = sandbox.endpoint().split('/').nth(2).unwrap().to_owned();
    let get =
        format!("GET /compute/v1/quotas HTTP/1.1\r\nhost: {address}\r\nx-auth-token: {}\r\n\r\n", sandbox.token());
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let mut buffer = [0; 64 * 1024];
    for round in 0..3 {
        stream.write_all(get.as_bytes()).await.unwrap();
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..length].starts_with(b"HTTP/1.1 200 OK\r\n"), "round {round}");
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
    for connection in [stream, TcpStream::connect(&address).await.unwrap()] {
        let (mut stream, started) = (connection, Instant::now());
        let (half, rest) = get.split_at(get.len() / 2);
        stream.write_all(half.as_bytes()).await.unwrap();
        // A byte now and then does not extend the time.
        tokio::time::sleep(Duration::from_secs(9)).await;
        stream.write_all(&rest.as_bytes()[..1]).await.unwrap();
        let end = stream.read(&mut buffer).await;
        assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
        assert_eq!(started.elapsed().as_secs(), 10);
    }
}

#[tokio::test]
async fn an_unsupported_method_gets_405_with_the_allowed_ones() {
    let sandbox = stepped(Data::new()).await;
    let answer = request(&sandbox, "PUT", "/instances/x").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "DELETE, GET, PATCH"));
}

#[tokio::test]
async fn the_document_is_served_with_the_sandbox_as_its_server() {
    let sandbox = stepped(Data::new()).await;
    let get = |name: &str| http().get(format!("{}/{name}", sandbox.endpoint())).send();
    let json: Value = get("openapi.json").await.unwrap().json().await.unwrap();
    let yaml: Value = yaml_serde::from_str(&get("openapi.yaml").await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(json, yaml);
    assert_eq!(json["servers"], json!([{ "url": sandbox.endpoint() }]));
    let mut vendored = document::document().clone();
    vendored["servers"] = json["servers"].clone();
    let mut without_commands = json.clone();
    let paths = without_commands["paths"].as_object_mut().unwrap().values_mut();
    for operation in paths.flat_map(|path| path.as_object_mut().unwrap().values_mut()) {
        assert!(operation.as_object_mut().unwrap().remove("x-cli-name").is_some());
    }
    assert_eq!(without_commands, vendored);
    let root = sandbox.endpoint().replace("/compute/v1", "/openapi.json");
    assert_eq!(http().get(root).send().await.unwrap().json::<Value>().await.unwrap(), json);
}

#[tokio::test]
async fn a_dropped_sandbox_closes_its_port_and_debug_is_short() {
    let sandbox = Sandbox::start().await;
    let endpoint = sandbox.endpoint();
    assert_eq!(format!("{sandbox:?}"), format!("Sandbox {{ endpoint: {endpoint:?}, .. }}"));
    let client = client(&sandbox);
    client.quotas().get().await.unwrap();
    drop(sandbox);
    assert!(client.quotas().get().await.is_err());
}

#[tokio::test]
async fn the_actions_of_an_instance_follow_its_status() {
    let data = Data::realistic();
    let sandbox = stepped(data.clone()).await;
    for (status, actions) in [("active", "[\"stop\",\"reset\"]"), ("stopped", "[\"start\"]"), ("error", "[]")] {
        let instance = data.instances.iter().find(|instance| instance.status == status).unwrap();
        let (_, body) = send(&sandbox, "GET", &format!("/instances/{}/actions", instance.id), &Value::Null).await;
        assert_eq!(body["actions"].to_string(), actions, "{status}");
    }
}

#[tokio::test]
async fn pages_past_the_end_are_empty() {
    let sandbox = stepped(Data::realistic()).await;
    let large = ["18446744073709551615", "18446744073709551616", "99999999999999999999999"];
    let large = large.map(|page| format!("/volumes?page={page}"));
    for path in large.iter().map(String::as_str).chain(["/volumes?page=4&per_page=50"]) {
        let (status, body) = send(&sandbox, "GET", path, &Value::Null).await;
        assert_eq!(
            (status.as_u16(), &body["volumes"], &body["total_count"]),
            (200, &Value::Array(vec![]), &120.into())
        );
    }
}

#[tokio::test]
async fn permissions_of_the_account_are_checked_first() {
    let mut data = Data::realistic();
    data.account_status = AccountStatus::ReadOnly;
    let sandbox = stepped(data).await;
    let (status, _) = send(&sandbox, "GET", "/instances", &Value::Null).await;
    assert_eq!(status, 200);
    for (method, path) in [("DELETE", format!("/instances/{}", instance(1))), ("PATCH", "/volumes/x".to_owned())] {
        let (_, body) = send(&sandbox, method, &path, &json!({})).await;
        assert_eq!(body["code"], "02043", "{method} {path}");
    }
}

#[tokio::test]
async fn both_auth_schemes_are_accepted_in_any_case() {
    let sandbox = Sandbox::builder().token("another").start().await.unwrap();
    for (name, value) in [("x-auth-token", "another"), ("authorization", "bearer another")] {
        let url = format!("{}/quotas", sandbox.endpoint());
        assert_eq!(http().get(url).header(name, value).send().await.unwrap().status(), 200, "{name}");
    }
}

#[tokio::test]
async fn invalid_settings_are_reported_before_the_start() {
    let taken = Sandbox::start().await;
    let port = taken.endpoint().split([':', '/']).nth(4).unwrap().parse().unwrap();
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    for token in ["", "two words", "line\nbreak", "ümlaut"] {
        let error = Sandbox::builder().token(token).start().await.unwrap_err();
        assert_eq!(error.to_string(), "the token must be visible ASCII, without spaces");
    }
    let mut twins = Data::new().with_instances(2);
    twins.instances[1].id = twins.instances[0].id.clone();
    let error = Sandbox::builder().data(twins).start().await.unwrap_err();
    assert_eq!(error.to_string(), format!("two instances have the id {}", instance(0)));
}

#[tokio::test]
async fn many_sandboxes_are_independent() {
    let (one, other) = (stepped(Data::new()).await, stepped(Data::new()).await);
    let body = json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 });
    send(&one, "POST", "/volumes", &body).await;
    assert_eq!((one.data().volumes.len(), other.data().volumes.len()), (1, 0));
    assert_eq!((one.recorded_requests().len(), other.recorded_requests().len()), (1, 0));
}

/// Set in `.cargo/config.toml`, for every process that cargo starts here, examples included.
#[test]
fn every_sandbox_of_this_run_is_verified() {
    assert_eq!(std::env::var("GENESISCLOUD_SANDBOX_VERIFY").as_deref(), Ok("1"));
}

/// Generated data must not hold what no request could have created.
#[tokio::test]
async fn generated_data_satisfies_the_rules_for_requests() {
    let data = Data::realistic();
    let in_region = |id: &str, region: &Region| {
        let group = data.security_groups.iter().find(|group| group.id == id).map(|group| &group.region);
        group.or_else(|| data.volumes.iter().find(|volume| volume.id == id).map(|volume| &volume.region))
            == Some(region)
    };
    for instance in &data.instances {
        let mut others = instance.security_groups.iter().chain(&instance.volumes);
        assert!(others.all(|it| in_region(&it.id, &instance.region)), "{}", instance.id);
        assert_eq!(data.reserved_types.contains(&instance.type_), instance.reservation_id.is_some(), "{}", instance.id);
    }
    let reserved = data.instances.iter().filter(|instance| instance.reservation_id.is_some()).count();
    assert_eq!(data.reservations[0].quota.used, reserved as i64);
    let fast = data.volumes.iter().filter(|volume| volume.type_ == "ssd");
    assert!(fast.clone().count() > 0 && fast.into_iter().all(|volume| volume.region == Region::NordNoKrs1));

    let sandbox = stepped(data.clone()).await;
    for key in &data.ssh_keys {
        let (status, _) = send(&sandbox, "POST", "/ssh-keys", &json!({ "name": "again", "value": key.value })).await;
        assert_eq!(status, 201, "{}", key.value);
    }
}

#[tokio::test]
async fn attached_security_groups_do_not_exclude_others() {
    let mut data = Data::realistic();
    data.security_groups[2].region = Region::EucDeMuc1;
    data.instances[10].security_groups = data.instances[0].security_groups.clone();
    let sandbox = stepped(data).await;
    let change = json!({ "security_groups": { "attach": sandbox.data().security_groups[2].id } });
    let (status, body) = send(&sandbox, "PATCH", &format!("/instances/{}", instance(10)), &change).await;
    assert_eq!((status.as_u16(), body["instance"]["security_groups"].as_array().map(Vec::len)), (200, Some(2)));
}
