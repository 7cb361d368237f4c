//! Each fault of the sandbox: what a client receives, and the state of the account afterwards.

use std::io::ErrorKind;
use std::time::Duration;

use futures::{FutureExt, TryStreamExt};
use genesiscloud::{CreateVolume, ErrorKind as Kind, Region};
use genesiscloud_sandbox::{
    Clock, Data, DateHeader, Fault, FaultRule, FaultScript, IntermediaryPage, RandomFaults, Rate, RetryAfter, Sandbox,
};
use genesiscloud_tests::sandbox::{client, http, instance, request, send, stepped, volume};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A sandbox with realistic data and this fault rule.
async fn sandbox_with_fault(rule: FaultRule) -> Sandbox {
    let sandbox = stepped(Data::realistic()).await;
    sandbox.faults().add(rule).unwrap();
    sandbox
}

fn volume_path() -> String {
    format!("/volumes/{}", volume(1))
}

/// Creates a volume, and returns the bytes of the response and the error that ended the connection.
async fn create_volume_raw(sandbox: &Sandbox) -> (String, Option<ErrorKind>) {
    let endpoint = sandbox.endpoint();
    let address = endpoint.split('/').nth(2).unwrap();
    let body = json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 }).to_string();
    let request = format!(
        "POST /compute/v1/volumes HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        sandbox.token(),
        body.len(),
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut response, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return (String::from_utf8(response).unwrap(), None),
            Ok(length) => response.extend(&buffer[..length]),
            Err(error) => return (String::from_utf8(response).unwrap(), Some(error.kind())),
        }
    }
}

#[tokio::test]
async fn each_connection_fault_breaks_the_connection_at_its_point() {
    let reset = Some(ErrorKind::ConnectionReset);
    for (fault, expected_end, response_starts, volumes) in [
        (Fault::ResetBeforeRequest, reset, false, 120),
        (Fault::ResetAfterProcessing, reset, false, 121),
        (Fault::ResetInBody, reset, true, 121),
        (Fault::CutBody, None, true, 121),
    ] {
        let sandbox = sandbox_with_fault(FaultRule::new("CreateVolume", fault.clone())).await;
        let (response, end) = create_volume_raw(&sandbox).await;
        assert_eq!((end, response.starts_with("HTTP/1.1 201")), (expected_end, response_starts), "{fault}: {response}");
        assert_eq!(sandbox.data().volumes.len(), volumes, "{fault}");
        if let Some((head, body)) = response.split_once("\r\n\r\n") {
            let content_length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            assert_eq!(body.len(), content_length.parse::<usize>().unwrap() / 2, "{fault}");
        }
        let (response, end) = create_volume_raw(&sandbox).await;
        assert!(response.starts_with("HTTP/1.1 201") && end.is_none(), "{fault}: only once");
        let requests = sandbox.recorded_requests();
        assert_eq!(requests[0].fault.as_deref(), Some(fault.to_string().as_str()));
        assert_eq!(requests[0].body.is_empty(), fault == Fault::ResetBeforeRequest);
        assert_eq!(requests[0].status.is_some(), response_starts, "{fault}");
    }
}

#[tokio::test]
async fn a_reset_in_the_body_of_an_empty_response_happens_before_the_response() {
    let sandbox = sandbox_with_fault(FaultRule::new("DeleteVolume", Fault::ResetInBody)).await;
    assert!(request(&sandbox, "DELETE", &volume_path()).send().await.is_err());
    let sandbox = sandbox_with_fault(FaultRule::new("DeleteVolume", Fault::CutBody)).await;
    assert_eq!(request(&sandbox, "DELETE", &volume_path()).send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_status_fault_can_have_any_body_and_processes_the_request_only_if_configured() {
    let create = json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 });
    for (fault, content_type, body, volumes) in [
        (Fault::status(500), Some("application/json"), "{\"code\":\"02500\"", 120),
        (Fault::status(502).html(), Some("text/html; charset=utf-8"), "<html>", 120),
        (Fault::status(503).empty(), None, "", 120),
        (Fault::status(504).html().processed(), Some("text/html; charset=utf-8"), "<html>", 121),
        (Fault::status(201).empty(), None, "", 120),
        (Fault::status(599).empty().processed(), None, "", 121),
    ] {
        let sandbox = sandbox_with_fault(FaultRule::new("*", fault.clone())).await;
        let response = request(&sandbox, "POST", "/volumes").json(&create).send().await.unwrap();
        let header = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header.as_deref(), content_type, "{fault}");
        let text = response.text().await.unwrap();
        assert!(text.starts_with(body) && text.is_empty() == body.is_empty(), "{fault}: {text}");
        assert_eq!(sandbox.data().volumes.len(), volumes, "{fault}");
    }
    let sandbox = sandbox_with_fault(FaultRule::new("*", Fault::status(500).cut())).await;
    let response = request(&sandbox, "GET", &volume_path()).send().await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(response.bytes().await.is_err());
    let sandbox = sandbox_with_fault(FaultRule::new("*", Fault::status(429).retry_after("soon"))).await;
    let response = request(&sandbox, "GET", &volume_path()).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "soon");
}

#[tokio::test]
async fn an_intermediary_sends_its_page_whether_the_request_was_processed_or_not() {
    let sandbox = stepped(Data::new()).await;
    for &page in IntermediaryPage::ALL {
        for (fault, created) in [(Fault::intermediary(page), 0), (Fault::intermediary(page).processed(), 1)] {
            let before = sandbox.data().volumes.len();
            sandbox.faults().add(FaultRule::new("CreateVolume", fault.clone())).unwrap();
            let (response, _) = create_volume_raw(&sandbox).await;
            let (head, body) = response.split_once("\r\n\r\n").unwrap();
            let status = page.status();
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{fault}: {head}");
            assert_eq!(sandbox.data().volumes.len() - before, created, "{fault}");
            assert!(!body.contains("\"code\""), "{fault}: {body}");
            assert_eq!(head.contains("location:"), (300..400).contains(&status), "{fault}: {head}");
            assert_eq!(sandbox.recorded_requests().last().unwrap().fault, Some(fault.to_string()));
        }
    }
}

#[tokio::test]
async fn a_delayed_response_waits_for_the_clock_but_its_request_is_processed_at_once() {
    let sandbox = sandbox_with_fault(FaultRule::new("CreateVolume", Fault::Delay(Duration::from_secs(60)))).await;
    let client = client(&sandbox);
    let mut create = tokio::spawn(client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)));
    while sandbox.data().volumes.len() == 120 {
        tokio::task::yield_now().await;
    }
    sandbox.clock().advance(Duration::from_secs(59));
    // Gives the server the time in which it could respond.
    request(&sandbox, "GET", "/quotas").send().await.unwrap().bytes().await.unwrap();
    assert!((&mut create).now_or_never().is_none());
    assert_eq!(sandbox.recorded_requests()[0].status, None);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(create.await.unwrap().unwrap().name, "data");
    assert_eq!(sandbox.recorded_requests()[0].status, Some(201));
}

#[tokio::test]
async fn a_slow_body_arrives_in_eight_pieces() {
    let sandbox = sandbox_with_fault(FaultRule::new("GetVolume", Fault::SlowBody(Duration::from_secs(1)))).await;
    let mut response = request(&sandbox, "GET", &volume_path()).send().await.unwrap();
    let (length, mut pieces) = (response.content_length().unwrap(), 0);
    let mut received = 0;
    while let Some(piece) = response.chunk().await.unwrap() {
        (pieces, received) = (pieces + 1, received + piece.len() as u64);
        if received < length {
            assert!(response.chunk().now_or_never().is_none(), "the next piece waits for the clock");
        }
        sandbox.clock().advance(Duration::from_secs(1));
    }
    assert_eq!((pieces, received), (8, length));
}

#[tokio::test]
async fn each_content_fault_changes_the_response_as_documented() {
    let list = "/volumes?per_page=2";
    let receive = async |fault: Fault| {
        let sandbox = sandbox_with_fault(FaultRule::new("*", fault)).await;
        let response = request(&sandbox, "GET", list).send().await.unwrap();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        (content_type, response.text().await.unwrap())
    };
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (content_type, plain) = receive(Fault::WrongContentType).await;
    assert_eq!((content_type.as_str(), &json(&plain)["total_count"]), ("text/html; charset=utf-8", &json!(120)));
    let (_, unknown) = receive(Fault::UnknownEnumValue).await;
    let first = &json(&unknown)["volumes"][0];
    assert_eq!([&first["status"], &first["region"], &first["type"]], ["sandbox-unknown"; 3]);
    let (_, fields) = receive(Fault::UnknownField).await;
    assert!(json(&fields)["volumes"][1]["sandbox_unknown"].is_object());
    let (_, floats) = receive(Fault::IntegerAsFloat).await;
    assert!(floats.contains("\"size\":50.0") && floats.contains("\"total_count\":120.0"), "{floats}");
    let sandbox = sandbox_with_fault(FaultRule::new("*", Fault::MissingOptionalField)).await;
    let page = request(&sandbox, "GET", "/instances?per_page=1").send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("disk_size") && page.contains("\"status\""), "{page}");
}

#[tokio::test]
async fn each_fault_for_odd_values_changes_an_instance_as_documented() {
    for (fault, field, value) in [
        (Fault::IntegerAsText, "disk_size", json!("80")),
        (Fault::SizeInBytes, "disk_size", json!("85899345920")),
        (Fault::NullList, "ssh_keys", Value::Null),
        (Fault::NullOptionalField, "public_ip", Value::Null),
        (Fault::EmptyOptionalField, "public_ip", json!("")),
        (Fault::EmptyOptionalField, "updated_at", json!("")),
    ] {
        let sandbox = sandbox_with_fault(FaultRule::new("GetInstance", fault.clone())).await;
        let path = format!("/instances/{}", instance(1));
        let odd = send(&sandbox, "GET", &path, &Value::Null).await.1["instance"].take();
        let plain = send(&sandbox, "GET", &path, &Value::Null).await.1["instance"].take();
        assert_eq!(odd[field], value, "{fault}");
        assert!(
            plain[field] != value && odd["id"] == plain["id"] && odd["created_at"] == plain["created_at"],
            "{fault}"
        );
    }
    let sandbox = sandbox_with_fault(FaultRule::new("*", Fault::UndecodableItem)).await;
    send(&sandbox, "GET", &volume_path(), &Value::Null).await;
    let (_, page) = send(&sandbox, "GET", "/volumes?per_page=5", &Value::Null).await;
    let items = page["volumes"].as_array().unwrap();
    let odd = items.iter().map(|item| item["created_at"] == "yesterday").collect::<Vec<_>>();
    assert_eq!(odd, [false, false, true, false, false]);
}

#[tokio::test]
async fn the_date_header_can_be_wrong_for_one_response_or_for_all() {
    let sandbox = sandbox_with_fault(FaultRule::new("*", Fault::DateHeader(DateHeader::Offset(-7200)))).await;
    let date = async || {
        let response = request(&sandbox, "GET", "/quotas").send().await.unwrap();
        response.headers().get("date").map(|date| date.to_str().unwrap().to_owned())
    };
    assert_eq!(date().await.as_deref(), Some("Sat, 31 May 2025 22:00:00 GMT"));
    assert_eq!(date().await.as_deref(), Some("Sun, 01 Jun 2025 00:00:00 GMT"));
    sandbox.set_date_header(DateHeader::Absent).unwrap();
    assert_eq!(date().await, None);
    sandbox.set_date_header(DateHeader::Text("yesterday".into())).unwrap();
    sandbox.faults().add(FaultRule::new("*", Fault::intermediary(IntermediaryPage::Login200))).unwrap();
    assert_eq!(date().await.as_deref(), Some("yesterday"), "also with another fault");
    assert!(sandbox.set_date_header(DateHeader::Offset(i64::MAX)).is_err());
}

#[tokio::test]
async fn the_sdk_accepts_responses_that_deviate_from_the_document() {
    for fault in [Fault::UnknownEnumValue, Fault::UnknownField, Fault::MissingOptionalField, Fault::IntegerAsFloat] {
        let sandbox = sandbox_with_fault(FaultRule::new("*", fault.clone()).always()).await;
        let all = client(&sandbox).instances().list().try_collect::<Vec<_>>().await;
        assert_eq!(all.map(|all| all.len()).map_err(|error| error.to_string()), Ok(250), "{fault}");
    }
}

#[tokio::test]
async fn pages_shift_when_items_are_deleted_or_added_between_requests() {
    let ids = async |fault: Fault| {
        let sandbox = sandbox_with_fault(FaultRule::new("ListVolumesPaginated", fault)).await;
        let client = client(&sandbox);
        let mut all = vec![];
        for number in 1..=3 {
            all.extend(client.volumes().list_page(number, 50).await.unwrap());
        }
        all.into_iter().map(|volume| volume.id).collect::<Vec<_>>()
    };
    let after_deletion = ids(Fault::ItemDeleted).await;
    assert_eq!(after_deletion.len(), 119);
    assert!(!after_deletion.contains(&volume(50)), "the item that moved onto a page already read");
    let after_addition = ids(Fault::ItemAdded).await;
    assert_eq!(
        after_addition.iter().filter(|id| **id == volume(49)).count(),
        2,
        "the item that moved onto the next page"
    );
}

#[tokio::test]
async fn a_throttled_request_is_not_processed_and_gets_retry_after_in_the_configured_form() {
    for (form, expected) in [
        (RetryAfter::Seconds, Some("1")),
        (RetryAfter::Date, Some("Sun, 01 Jun 2025 00:00:01 GMT")),
        (RetryAfter::Absent, None),
    ] {
        let rate = Rate::per_second(10).burst(3).retry_after(form);
        let sandbox = Sandbox::builder().clock(Clock::stepped()).rate(rate).start().await.unwrap();
        for status in [204, 204, 204, 429, 429] {
            let spare = sandbox.data().volumes.into_iter().find(|it| it.instances.is_empty() && it.status == "created");
            let path = format!("/volumes/{}", spare.unwrap().id);
            let response = request(&sandbox, "DELETE", &path).send().await.unwrap();
            assert_eq!(response.status(), status);
            if status == 429 {
                assert_eq!(response.headers().get("retry-after").map(|value| value.to_str().unwrap()), expected);
                assert_eq!(response.headers()["date"], "Sun, 01 Jun 2025 00:00:00 GMT");
                assert_eq!(response.json::<Value>().await.unwrap()["code"], "02429");
            }
        }
        assert_eq!(sandbox.data().volumes.iter().filter(|it| it.status == "deleting").count(), 3);
        let error = client(&sandbox).quotas().get().await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after().is_some()), (Kind::Throttled, expected.is_some()));
        sandbox.clock().advance(Duration::from_secs(1));
        client(&sandbox).quotas().get().await.unwrap();
    }
}

#[tokio::test]
async fn an_unauthenticated_request_consumes_no_fault() {
    let sandbox = sandbox_with_fault(FaultRule::new("*", Fault::status(500))).await;
    let url = format!("{}/quotas", sandbox.endpoint());
    assert_eq!(http().get(&url).send().await.unwrap().status(), 401);
    assert_eq!(sandbox.faults().remaining_rules(), 1);
    assert_eq!(request(&sandbox, "GET", "/quotas").send().await.unwrap().status(), 500);
    assert_eq!(sandbox.faults().remaining_rules(), 0);
}

#[tokio::test]
async fn random_faults_are_the_same_for_the_same_seed() {
    let injected_faults = async || {
        let sandbox = stepped(Data::new()).await;
        let faults = [Fault::status(503), Fault::ResetInBody, Fault::CutBody, Fault::ResetBeforeRequest];
        sandbox.faults().set_random(RandomFaults::new(7, 0.3, faults)).unwrap();
        for _ in 0..60 {
            // The recorded request shows what happened to the response.
            let response = request(&sandbox, "GET", "/quotas").send().await;
            let _ = futures::future::OptionFuture::from(response.ok().map(reqwest::Response::bytes)).await;
        }
        sandbox.recorded_requests().into_iter().map(|request| request.fault).collect::<Vec<_>>()
    };
    let first = injected_faults().await;
    assert_eq!(first, injected_faults().await);
    assert!((8..32).contains(&first.iter().flatten().count()), "{first:?}");
}

#[tokio::test]
async fn recorded_requests_show_which_of_them_overlapped() {
    let sandbox = sandbox_with_fault(FaultRule::new("GetVolume", Fault::Delay(Duration::from_secs(1)))).await;
    let slow = tokio::spawn(request(&sandbox, "GET", &volume_path()).send());
    while sandbox.recorded_requests().is_empty() {
        tokio::task::yield_now().await;
    }
    request(&sandbox, "GET", "/quotas").send().await.unwrap();
    sandbox.clock().advance(Duration::from_secs(1));
    slow.await.unwrap().unwrap().bytes().await.unwrap();
    request(&sandbox, "GET", "/reservations").header("x-mine", "1").send().await.unwrap().bytes().await.unwrap();
    let [slow, quick, last] = sandbox.recorded_requests().try_into().unwrap();
    assert!(slow.overlaps(&quick) && !quick.overlaps(&last) && !slow.overlaps(&last));
    assert_eq!((last.header("x-mine"), last.operation.as_deref()), (Some("1"), Some("GetReservations")));
}

#[tokio::test]
async fn items_added_and_deleted_between_pages_leave_a_consistent_account() {
    let sandbox = stepped(Data::realistic()).await;
    let before = sandbox.data();
    for operation in ["ListInstancesPaginated", "ListVolumesPaginated"] {
        sandbox.faults().add(FaultRule::new(operation, Fault::ItemAdded)).unwrap();
        sandbox.faults().add(FaultRule::new(operation, Fault::ItemDeleted)).unwrap();
    }
    for path in ["/instances", "/volumes"] {
        request(&sandbox, "GET", path).send().await.unwrap();
    }
    let with_added = sandbox.data();
    let added = &with_added.instances[0];
    assert!(added.volumes.is_empty() && added.floating_ip.is_none() && added.name.starts_with("added-"));
    assert_eq!(with_added.volumes[1].instances.len(), 1, "the volume that was first is still attached once");
    for path in ["/instances", "/volumes"] {
        request(&sandbox, "GET", path).send().await.unwrap();
    }
    let after = sandbox.data();
    assert_eq!(after.availability, before.availability, "the capacity in use is returned");
    assert_eq!((after.instances, after.volumes), (before.instances, before.volumes));

    sandbox.faults().add(FaultRule::new("ListVolumesPaginated", Fault::ItemDeleted)).unwrap();
    request(&sandbox, "GET", "/volumes").send().await.unwrap();
    assert!(sandbox.data().instances[0].volumes.is_empty(), "no instance has a deleted volume");
}

/// The table of faults in the guide's page on testing: a fault in Rust, and the same one in a file.
#[test]
fn the_guide_names_each_fault_as_rust_and_as_files_do() {
    macro_rules! faults {
        ($($fault:expr),+ $(,)?) => { [$((stringify!($fault), $fault)),+] };
    }
    let faults = faults![
        Fault::status(503),
        Fault::status(502).html(),
        Fault::status(429).retry_after("2"),
        Fault::error_code("02036"),
        Fault::intermediary(IntermediaryPage::Login200),
        Fault::Delay(Duration::from_secs(2)),
        Fault::ResetBeforeRequest,
        Fault::ResetAfterProcessing,
        Fault::ResetInBody,
        Fault::CutBody,
        Fault::UnknownEnumValue,
        Fault::EndsInError,
    ];
    let guide = include_str!("../../wrapper/src/guide/testing.md");
    let table = guide.split("| on the wire | in Rust | in a file |").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows: Vec<_> = table.lines().skip(2).map(|row| row.split(" | ").collect::<Vec<_>>()).collect();
    assert_eq!(rows.len(), faults.len());
    for (row, (rust, fault)) in rows.iter().zip(faults) {
        let named = row[2].trim_matches([' ', '|', '`']);
        let named = if named.contains(':') { format!("{{ {named} }}") } else { named.to_owned() };
        let script: FaultScript = format!("rules: [{{ on: '*', fault: {named} }}]").parse().unwrap();
        assert_eq!(row[1].trim_matches('`'), rust);
        let expected = format!("{:?}", FaultRule::new("*", fault));
        assert!(format!("{script:?}").contains(&expected), "{script:?} is not {expected}");
    }
}
