//! Each fault of the sandbox as a client meets it, and what it leaves behind.

use std::io::ErrorKind;
use std::time::Duration;

use futures::{FutureExt, TryStreamExt};
use genesiscloud::{CreateVolume, ErrorKind as Kind, Region};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, RandomFaults, Rate, RetryAfter, Sandbox};
use genesiscloud_tests::sandbox::{client, http, request, stepped, volume};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn faulty(rule: FaultRule) -> Sandbox {
    let sandbox = stepped(Data::realistic()).await;
    sandbox.faults().add(rule).unwrap();
    sandbox
}

fn get() -> String {
    format!("/volumes/{}", volume(1))
}

/// What comes over the wire in answer to creating a volume, and how the connection ends.
async fn raw(sandbox: &Sandbox) -> (String, Option<ErrorKind>) {
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
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return (String::from_utf8(answer).unwrap(), None),
            Ok(length) => answer.extend(&buffer[..length]),
            Err(error) => return (String::from_utf8(answer).unwrap(), Some(error.kind())),
        }
    }
}

#[tokio::test]
async fn connections_break_where_they_are_told_to() {
    let reset = Some(ErrorKind::ConnectionReset);
    for (fault, end, answer_starts, volumes) in [
        (Fault::ResetBeforeRequest, reset, false, 120),
        (Fault::ResetAfterProcessing, reset, false, 121),
        (Fault::ResetInBody, reset, true, 121),
        (Fault::CutBody, None, true, 121),
    ] {
        let sandbox = faulty(FaultRule::new("CreateVolume", fault.clone())).await;
        let (answer, how) = raw(&sandbox).await;
        assert_eq!((how, answer.starts_with("HTTP/1.1 201")), (end, answer_starts), "{fault}: {answer}");
        assert_eq!(sandbox.data().volumes.len(), volumes, "{fault}");
        if let Some((head, body)) = answer.split_once("\r\n\r\n") {
            let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            assert_eq!(body.len(), promised.parse::<usize>().unwrap() / 2, "{fault}");
        }
        let (answer, how) = raw(&sandbox).await;
        assert!(answer.starts_with("HTTP/1.1 201") && how.is_none(), "{fault}: only once");
        let journal = sandbox.recorded_requests();
        assert_eq!(journal[0].fault.as_deref(), Some(fault.to_string().as_str()));
        assert_eq!(journal[0].body.is_empty(), fault == Fault::ResetBeforeRequest);
        assert_eq!(journal[0].status.is_some(), answer_starts, "{fault}");
    }
}

#[tokio::test]
async fn a_reset_in_the_body_of_an_answer_without_one_comes_before_it() {
    let sandbox = faulty(FaultRule::new("DeleteVolume", Fault::ResetInBody)).await;
    assert!(request(&sandbox, "DELETE", &get()).send().await.is_err());
    let sandbox = faulty(FaultRule::new("DeleteVolume", Fault::CutBody)).await;
    assert_eq!(request(&sandbox, "DELETE", &get()).send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn any_status_comes_with_any_body_and_is_processed_only_if_told() {
    let create = json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 });
    for (fault, kind, body, volumes) in [
        (Fault::status(500), Some("application/json"), "{\"code\":\"02500\"", 120),
        (Fault::status(502).html(), Some("text/html; charset=utf-8"), "<html>", 120),
        (Fault::status(503).empty(), None, "", 120),
        (Fault::status(504).html().processed(), Some("text/html; charset=utf-8"), "<html>", 121),
        (Fault::status(201).empty(), None, "", 120),
        (Fault::status(599).empty().processed(), None, "", 121),
    ] {
        let sandbox = faulty(FaultRule::new("*", fault.clone())).await;
        let answer = request(&sandbox, "POST", "/volumes").json(&create).send().await.unwrap();
        let header = answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header.as_deref(), kind, "{fault}");
        let text = answer.text().await.unwrap();
        assert!(text.starts_with(body) && text.is_empty() == body.is_empty(), "{fault}: {text}");
        assert_eq!(sandbox.data().volumes.len(), volumes, "{fault}");
    }
    let sandbox = faulty(FaultRule::new("*", Fault::status(500).cut())).await;
    let answer = request(&sandbox, "GET", &get()).send().await.unwrap();
    assert_eq!(answer.status(), 500);
    assert!(answer.bytes().await.is_err());
    let sandbox = faulty(FaultRule::new("*", Fault::status(429).retry_after("soon"))).await;
    let answer = request(&sandbox, "GET", &get()).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "soon");
}

#[tokio::test]
async fn a_delayed_answer_waits_for_the_clock_and_its_request_does_not() {
    let sandbox = faulty(FaultRule::new("CreateVolume", Fault::Delay(Duration::from_secs(60)))).await;
    let client = client(&sandbox);
    let mut create = tokio::spawn(client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)));
    while sandbox.data().volumes.len() == 120 {
        tokio::task::yield_now().await;
    }
    sandbox.clock().advance(Duration::from_secs(59));
    // Time for the server to do what it would.
    request(&sandbox, "GET", "/quotas").send().await.unwrap().bytes().await.unwrap();
    assert!((&mut create).now_or_never().is_none());
    assert_eq!(sandbox.recorded_requests()[0].status, None);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(create.await.unwrap().unwrap().name, "data");
    assert_eq!(sandbox.recorded_requests()[0].status, Some(201));
}

#[tokio::test]
async fn a_slow_body_comes_in_eight_pieces() {
    let sandbox = faulty(FaultRule::new("GetVolume", Fault::SlowBody(Duration::from_secs(1)))).await;
    let mut answer = request(&sandbox, "GET", &get()).send().await.unwrap();
    let (length, mut pieces) = (answer.content_length().unwrap(), 0);
    let mut received = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        (pieces, received) = (pieces + 1, received + piece.len() as u64);
        if received < length {
            assert!(answer.chunk().now_or_never().is_none(), "the next piece comes with the time");
        }
        sandbox.clock().advance(Duration::from_secs(1));
    }
    assert_eq!((pieces, received), (8, length));
}

#[tokio::test]
async fn answers_differ_from_the_document_as_told() {
    let list = "/volumes?per_page=2";
    let answer = async |fault: Fault| {
        let sandbox = faulty(FaultRule::new("*", fault)).await;
        let answer = request(&sandbox, "GET", list).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.text().await.unwrap())
    };
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (kind, plain) = answer(Fault::WrongContentType).await;
    assert_eq!((kind.as_str(), &json(&plain)["total_count"]), ("text/html; charset=utf-8", &json!(120)));
    let (_, unknown) = answer(Fault::UnknownEnumValue).await;
    let first = &json(&unknown)["volumes"][0];
    assert_eq!([&first["status"], &first["region"], &first["type"]], ["sandbox-unknown"; 3]);
    let (_, fields) = answer(Fault::UnknownField).await;
    assert!(json(&fields)["volumes"][1]["sandbox_unknown"].is_object());
    let (_, floats) = answer(Fault::IntegerAsFloat).await;
    assert!(floats.contains("\"size\":50.0") && floats.contains("\"total_count\":120.0"), "{floats}");
    let sandbox = faulty(FaultRule::new("*", Fault::MissingOptionalField)).await;
    let page = request(&sandbox, "GET", "/instances?per_page=1").send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("disk_size") && page.contains("\"status\""), "{page}");
}

#[tokio::test]
async fn the_sdk_bears_what_the_document_does_not_promise() {
    for fault in [Fault::UnknownEnumValue, Fault::UnknownField, Fault::MissingOptionalField, Fault::IntegerAsFloat] {
        let sandbox = faulty(FaultRule::new("*", fault.clone()).always()).await;
        let all = client(&sandbox).instances().list().try_collect::<Vec<_>>().await;
        assert_eq!(all.map(|all| all.len()).map_err(|error| error.to_string()), Ok(250), "{fault}");
    }
}

#[tokio::test]
async fn pages_shift_when_items_go_and_come_between_them() {
    let ids = async |fault: Fault| {
        let sandbox = faulty(FaultRule::new("ListVolumesPaginated", fault)).await;
        let client = client(&sandbox);
        let mut all = vec![];
        for number in 1..=3 {
            all.extend(client.volumes().list_page(number, 50).await.unwrap());
        }
        all.into_iter().map(|volume| volume.id).collect::<Vec<_>>()
    };
    let gone = ids(Fault::ItemDeleted).await;
    assert_eq!(gone.len(), 119);
    assert!(!gone.contains(&volume(50)), "the item that moved onto the page already read");
    let added = ids(Fault::ItemAdded).await;
    assert_eq!(added.iter().filter(|id| **id == volume(49)).count(), 2, "the item that moved onto the next page");
}

#[tokio::test]
async fn what_exceeds_the_rate_is_not_processed_and_told_when_to_come_again() {
    for (form, expected) in [
        (RetryAfter::Seconds, Some("1")),
        (RetryAfter::Date, Some("Sun, 01 Jun 2025 00:00:01 GMT")),
        (RetryAfter::Absent, None),
    ] {
        let rate = Rate::per_second(10).burst(3).retry_after(form);
        let sandbox = Sandbox::builder().clock(Clock::stepped()).rate(rate).start().await.unwrap();
        for status in [204, 204, 204, 429, 429] {
            let spare = sandbox
                .data()
                .volumes
                .into_iter()
                .find(|it| it.instances.is_empty() && it.status.to_string() == "created");
            let path = format!("/volumes/{}", spare.unwrap().id);
            let answer = request(&sandbox, "DELETE", &path).send().await.unwrap();
            assert_eq!(answer.status(), status);
            if status == 429 {
                assert_eq!(answer.headers().get("retry-after").map(|value| value.to_str().unwrap()), expected);
                assert_eq!(answer.headers()["date"], "Sun, 01 Jun 2025 00:00:00 GMT");
                assert_eq!(answer.json::<Value>().await.unwrap()["code"], "02429");
            }
        }
        assert_eq!(sandbox.data().volumes.iter().filter(|it| it.status.to_string() == "deleting").count(), 3);
        let error = client(&sandbox).quotas().get().await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after().is_some()), (Kind::RateLimited, expected.is_some()));
        sandbox.clock().advance(Duration::from_secs(1));
        client(&sandbox).quotas().get().await.unwrap();
    }
}

#[tokio::test]
async fn a_request_that_is_refused_at_the_door_uses_up_no_fault() {
    let sandbox = faulty(FaultRule::new("*", Fault::status(500))).await;
    let url = format!("{}/quotas", sandbox.endpoint());
    assert_eq!(http().get(&url).send().await.unwrap().status(), 401);
    assert_eq!(sandbox.faults().remaining_rules(), 1);
    assert_eq!(request(&sandbox, "GET", "/quotas").send().await.unwrap().status(), 500);
    assert_eq!(sandbox.faults().remaining_rules(), 0);
}

#[tokio::test]
async fn bad_weather_is_the_same_for_the_same_seed() {
    let weather = async || {
        let sandbox = stepped(Data::new()).await;
        let faults = [Fault::status(503), Fault::ResetInBody, Fault::CutBody, Fault::ResetBeforeRequest];
        sandbox.faults().set_random(RandomFaults::new(7, 0.3, faults)).unwrap();
        for _ in 0..60 {
            // What happens to the answer is told by the journal.
            let answer = request(&sandbox, "GET", "/quotas").send().await;
            let _ = futures::future::OptionFuture::from(answer.ok().map(reqwest::Response::bytes)).await;
        }
        sandbox.recorded_requests().into_iter().map(|request| request.fault).collect::<Vec<_>>()
    };
    let first = weather().await;
    assert_eq!(first, weather().await);
    assert!((8..32).contains(&first.iter().flatten().count()), "{first:?}");
}

#[tokio::test]
async fn the_journal_tells_which_requests_were_under_way_together() {
    let sandbox = faulty(FaultRule::new("GetVolume", Fault::Delay(Duration::from_secs(1)))).await;
    let slow = tokio::spawn(request(&sandbox, "GET", &get()).send());
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
async fn what_comes_and_goes_between_pages_leaves_an_account_that_could_be() {
    let sandbox = stepped(Data::realistic()).await;
    let before = sandbox.data();
    for operation in ["ListInstancesPaginated", "ListVolumesPaginated"] {
        sandbox.faults().add(FaultRule::new(operation, Fault::ItemAdded)).unwrap();
        sandbox.faults().add(FaultRule::new(operation, Fault::ItemDeleted)).unwrap();
    }
    for path in ["/instances", "/volumes"] {
        request(&sandbox, "GET", path).send().await.unwrap();
    }
    let with_more = sandbox.data();
    let added = &with_more.instances[0];
    assert!(added.volumes.is_empty() && added.floating_ip.is_none() && added.name.starts_with("added-"));
    assert_eq!(with_more.volumes[1].instances.len(), 1, "the volume that was the first is still attached once");
    for path in ["/instances", "/volumes"] {
        request(&sandbox, "GET", path).send().await.unwrap();
    }
    let after = sandbox.data();
    assert_eq!(after.availability, before.availability, "what was taken is given back");
    assert_eq!((after.instances, after.volumes), (before.instances, before.volumes));

    sandbox.faults().add(FaultRule::new("ListVolumesPaginated", Fault::ItemDeleted)).unwrap();
    request(&sandbox, "GET", "/volumes").send().await.unwrap();
    assert!(sandbox.data().instances[0].volumes.is_empty(), "no machine has a volume that is gone");
}
