//! Pages of the sandbox that deviate from the document: what a client receives.

use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, PageEcho, PageQuirks, Sandbox, TotalCount};
use genesiscloud_tests::sandbox::{send, stepped, volume};
use serde_json::{Value, json};

/// A page of a list of 120 volumes: status, number of items, id of the first, and the other fields.
async fn page(quirks: PageQuirks, query: &str) -> (u16, usize, Value, Value) {
    let builder = Sandbox::builder().clock(Clock::stepped()).data(Data::realistic());
    let sandbox = builder.page_quirks(quirks).start().await.unwrap();
    let (status, mut page) = send(&sandbox, "GET", &format!("/volumes{query}"), &Value::Null).await;
    let items = page["volumes"].take();
    page.as_object_mut().unwrap().remove("volumes");
    (status.as_u16(), items.as_array().map_or(0, Vec::len), items[0]["id"].clone(), page)
}

fn fields(page: u64, per_page: u64, total_count: u64) -> Value {
    json!({ "page": page, "per_page": per_page, "total_count": total_count })
}

#[tokio::test]
async fn each_quirk_changes_the_page_as_documented() {
    let third = "?page=3&per_page=50";
    for (quirks, query, items, first, expected) in [
        (PageQuirks::new(), third, 20, 100, fields(3, 50, 120)),
        (PageQuirks::new().cap(25), "?page=2&per_page=100", 25, 25, fields(2, 25, 120)),
        (PageQuirks::new().cap(25), "", 25, 0, fields(1, 25, 120)),
        (PageQuirks::new().cap(80), "", 50, 0, fields(1, 50, 120)),
        (PageQuirks::new().hidden_cap(25), "?page=2&per_page=100", 25, 25, fields(2, 100, 120)),
        (PageQuirks::new().page_echo(PageEcho::First), third, 20, 100, fields(1, 50, 120)),
        (PageQuirks::new().page_echo(PageEcho::FromZero), third, 20, 100, fields(2, 50, 120)),
        (PageQuirks::new().page_echo(PageEcho::Absent), third, 20, 100, json!({ "per_page": 50, "total_count": 120 })),
        (PageQuirks::new().total_count(TotalCount::Absent), third, 20, 100, json!({ "page": 3, "per_page": 50 })),
        (PageQuirks::new().total_count(TotalCount::Capped(100)), third, 20, 100, fields(3, 50, 100)),
        (PageQuirks::new().total_count(TotalCount::OffBy(-200)), third, 20, 100, fields(3, 50, 0)),
        (PageQuirks::new().total_count(TotalCount::OffBy(7)), third, 20, 100, fields(3, 50, 127)),
        (PageQuirks::new().total_count(TotalCount::OfPage), third, 20, 100, fields(3, 50, 20)),
        (PageQuirks::new().first_page_only(), third, 50, 0, fields(1, 50, 120)),
        (PageQuirks::new().first_page_only().page_echo(PageEcho::Requested), third, 50, 0, fields(3, 50, 120)),
    ] {
        let received = page(quirks.clone(), query).await;
        assert_eq!(received, (200, items, volume(first).into(), expected), "{quirks} for {query}");
    }
}

#[tokio::test]
async fn a_page_after_the_last_is_an_error_with_a_code_if_so_configured() {
    for (status, code) in [(404, "02001"), (400, "02004")] {
        let quirks = PageQuirks::new().past_end(status);
        let error = json!({ "code": code, "message": "there is no such page" });
        assert_eq!(page(quirks.clone(), "?page=4").await, (status, 0, Value::Null, error));
        assert_eq!(page(quirks.clone(), "?page=3").await.0, 200);
        // The first page of an empty list exists.
        let sandbox = stepped(Data::new()).await;
        sandbox.set_page_quirks(quirks).unwrap();
        assert_eq!(send(&sandbox, "GET", "/volumes?page=1", &Value::Null).await.0, 200);
    }
}

#[tokio::test]
async fn a_fault_replaces_the_quirks_for_one_page_and_other_operations_have_none() {
    let sandbox = stepped(Data::realistic()).await;
    sandbox.set_page_quirks(PageQuirks::new().cap(25)).unwrap();
    let fault = Fault::PageQuirks(PageQuirks::new().cap(10));
    sandbox.faults().add(FaultRule::new("*", fault.clone())).unwrap();
    assert_eq!(send(&sandbox, "GET", &format!("/volumes/{}", volume(1)), &Value::Null).await.1["page"], Value::Null);
    for expected in [10, 25] {
        assert_eq!(send(&sandbox, "GET", "/volumes", &Value::Null).await.1["per_page"], expected);
    }
    assert_eq!(sandbox.recorded_requests()[1].fault.as_deref(), Some("page with { cap: 10 }"));
    let error = sandbox.faults().add(FaultRule::new("GetVolume", fault)).unwrap_err();
    assert_eq!(error.to_string(), "\"page with { cap: 10 }\" does not affect GetVolume");
}
