//! Responses that are not quite the documented ones: null, empty or odd values where nothing else can be meant, and bytes
//! around or inside the JSON that other readers accept.

use std::fmt::Debug;

use futures::TryStreamExt;
use genesiscloud::{
    Filesystem, FloatingIp, Image, Instance, Quota, RegionAvailability, Reservation, SecurityGroup, Snapshot, SshKey,
    Volume,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use genesiscloud_tests::fixtures::{full, minimal, page, without};
use genesiscloud_tests::mock_api::{MockApi, MockResponse};

/// How many fields were replaced, and by what.
#[derive(Debug, Default, PartialEq)]
struct Checked {
    nulls: usize,
    /// Of these, the ones that must not be null.
    required: usize,
    empty: usize,
    times: usize,
}

/// Texts that a resource can be shown without; all others identify something.
const DESCRIPTIVE: &[&str] = &["description", "unit"];

/// Replaces each field in turn, and decodes the whole.
fn check<T: DeserializeOwned + Debug + PartialEq>(full: &Value, minimal: &Value) -> Checked {
    let decode = |json: &Value| serde_json::from_str::<T>(&json.to_string());
    let expected = |json: &Value| decode(json).unwrap();
    let mut checked = Checked::default();
    for pointer in fields(full, "") {
        let with = |value: Value| {
            let mut changed = full.clone();
            *changed.pointer_mut(&pointer).unwrap() = value;
            changed
        };
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let value = full.pointer(&pointer).unwrap();
        let is_optional = parent.is_empty() && minimal.get(name).is_none();
        let absent = || {
            let mut absent = full.clone();
            absent.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            expected(&absent)
        };
        let null = decode(&with(Value::Null));
        match value {
            _ if is_optional => assert_eq!(null.unwrap(), absent(), "{pointer}"),
            Value::Array(_) => assert_eq!(null.unwrap(), expected(&with(json!([]))), "{pointer}"),
            Value::Object(_) if name == "metadata" => {
                assert_eq!(null.unwrap(), expected(&with(json!({}))), "{pointer}");
            }
            Value::String(_) if DESCRIPTIVE.contains(&name) => {
                assert_eq!(null.unwrap(), expected(&with(json!(""))), "{pointer}");
            }
            // Availability's `count` is null where it is not known.
            Value::Number(_) if name == "count" => assert!(null.is_ok(), "{pointer}"),
            Value::Number(_) if name.starts_with("port_range") => assert!(null.is_ok(), "{pointer}"),
            _ => {
                assert!(null.is_err(), "{pointer} of null: {null:?}");
                checked.required += 1;
            }
        }
        checked.nulls += 1;
        if is_optional && value.is_string() {
            assert_eq!(expected(&with(json!(""))), absent(), "{pointer}");
            checked.empty += 1;
        }
        if let Some(local) = value.as_str().filter(|_| name.ends_with("_at")).and_then(|time| time.strip_suffix('Z')) {
            assert_eq!(expected(&with(json!(local))), expected(full), "{pointer}");
            assert!(decode(&with(json!("yesterday"))).is_err(), "{pointer}");
            checked.times += 1;
        }
    }
    checked
}

/// Pointers to all fields of all objects.
fn fields(json: &Value, at: &str) -> Vec<String> {
    let inner = |(name, value): (String, &Value)| {
        let pointer = format!("{at}/{name}");
        let below = fields(value, &pointer);
        // An item of a list is no field.
        json.is_object().then_some(pointer).into_iter().chain(below)
    };
    match json {
        // What the service's own metadata holds is not documented.
        _ if at.ends_with("/metadata") => Vec::new(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).flat_map(inner).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).flat_map(inner).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_null_or_empty_field_and_a_time_without_zone_are_decoded_where_they_can_mean_one_thing_only() {
    let mut counts = Checked::default();
    let mut add = |of: &str, checked: Checked| {
        assert!(checked.required > 0, "{of} has an id");
        counts.nulls += checked.nulls;
        counts.empty += checked.empty;
        counts.times += checked.times;
        counts.required += checked.required;
    };
    add("volumes", check::<Volume>(&full::volume(), &minimal::volume()));
    add("filesystems", check::<Filesystem>(&full::filesystem(), &minimal::filesystem()));
    add("floating IPs", check::<FloatingIp>(&full::floating_ip(), &minimal::floating_ip()));
    add("images", check::<Image>(&full::image(), &minimal::image()));
    add("instances", check::<Instance>(&full::instance(), &minimal::instance()));
    add("security groups", check::<SecurityGroup>(&full::security_group(), &minimal::security_group()));
    add("snapshots", check::<Snapshot>(&full::snapshot(), &minimal::snapshot()));
    add("SSH keys", check::<SshKey>(&full::ssh_key(), &minimal::ssh_key()));
    add("quotas", check::<Quota>(&full::quota(), &minimal::quota()));
    add("reservations", check::<Reservation>(&full::reservation(), &minimal::reservation()));
    add("availability", check::<RegionAvailability>(&full::availability(), &minimal::availability()));
    assert_eq!(counts, Checked { nulls: 131, required: 86, empty: 22, times: 16 });
}

async fn volume(body: impl Into<Vec<u8>>) -> genesiscloud::Result<Volume> {
    let mock = MockApi::responding_with(MockResponse::new(200, "application/json", body)).await;
    mock.client().volumes().get("v-1").await
}

#[tokio::test]
async fn a_list_that_is_null_is_empty_and_one_that_is_absent_is_an_error() {
    let null = json!({ "volumes": null, "total_count": 0, "page": 1, "per_page": 50 });
    let mock = MockApi::responding_with(MockResponse::json(200, &null)).await;
    assert_eq!(mock.client().volumes().list().try_collect::<Vec<_>>().await.unwrap(), []);
    mock.respond_with(MockResponse::json(200, &json!({ "reservations": null })));
    assert_eq!(mock.client().reservations().get().await.unwrap(), []);
    mock.respond_with(MockResponse::json(200, &without(null, &["volumes"], json!({}))));
    assert!(mock.client().volumes().list_page(1, 50).await.is_err());
}

#[tokio::test]
async fn one_odd_item_is_an_item_of_the_list() {
    let odd =
        json!({ "description": null, "created_at": "2025-03-18T16:25:45.883", "updated_at": "", "instances": null });
    let items = [full::volume(), without(full::volume(), &[], odd)];
    let mock = MockApi::responding_with(MockResponse::json(200, &page("volumes", &items, 1, 50, 2))).await;
    let volumes: Vec<_> = mock.client().volumes().list_page(1, 50).await.unwrap().items;
    assert_eq!(volumes[1].created_at, volumes[0].created_at);
    assert_eq!((volumes[1].description.as_str(), volumes[1].updated_at, volumes[1].instances.len()), ("", None, 0));
}

#[tokio::test]
async fn an_empty_text_that_an_update_sets_is_sent() {
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "volume": full::volume() }))).await;
    let update = genesiscloud::UpdateVolume::new().description("");
    mock.client().volumes().update("v-1", update).await.unwrap();
    assert_eq!(mock.requests()[0].body, json!({ "description": "" }));
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let marked = |json: &Value| format!("\u{feff}{json}");
    assert_eq!(volume(marked(&json!({ "volume": full::volume() }))).await.unwrap().id, "v-1");
    let error = volume(marked(&json!({ "volume": 7 }))).await.unwrap_err();
    assert!(error.message().ends_with(r#"in "{"volume":7}""#), "{error}");

    let body = marked(&json!({ "code": "02021", "message": "volume not found" }));
    let mock = MockApi::responding_with(MockResponse::new(404, "application/json", body)).await;
    let error = mock.client().volumes().get("v-1").await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some(&genesiscloud::ErrorCode::VolumeNotFound), "volume not found"));
}

#[tokio::test]
async fn half_a_surrogate_pair_is_a_replacement_character() {
    let named = |name: &str| {
        json!({ "volume": without(full::volume(), &[], json!({ "name": "NAME" })) }).to_string().replace("NAME", name)
    };
    for (escaped, name) in [
        (r"da\ud83dta", "da\u{fffd}ta"),
        (r"\udc00", "\u{fffd}"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ud83d", "\u{fffd}"),
        (r"\\ud83d \ud83d", "\\ud83d \u{fffd}"),
        (r"\ud83d\\ude00", "\u{fffd}\\ude00"),
    ] {
        assert_eq!(volume(named(escaped)).await.unwrap().name, name, "{escaped}");
    }
    // The place of another error stays what it is.
    let error = volume(named(r"\ud83d").replace("50", "\"much\"")).await.unwrap_err();
    assert!(error.message().starts_with("volume.size: \"much\" is not an integer"), "{error}");

    let body = r#"{"code": "02021", "message": "no volume \ud83d"}"#;
    let mock = MockApi::responding_with(MockResponse::new(404, "application/json", body)).await;
    let error = mock.client().volumes().get("v-1").await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some(&genesiscloud::ErrorCode::VolumeNotFound), "no volume \u{fffd}"));
}

#[tokio::test]
async fn a_content_encoding_that_was_not_asked_for_is_named() {
    let compressed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x2a\xcb\xcf\x29\xcd\x4d\x55\xb2\x52\xaa\xae";
    let mock = MockApi::new().await;
    for encoding in ["gzip", "br", "zstd, gzip"] {
        for status in [200, 404, 502] {
            let response = MockResponse::new(status, "application/json", compressed);
            mock.respond_with(response.header("content-encoding", encoding));
            let error = mock.client().volumes().get("v-1").await.unwrap_err();
            let reason = format!("content-encoding: {encoding} was not asked for");
            assert!(error.message().ends_with(&reason), "{status}: {error}");
        }
    }
    // What can be read is read, whatever the header says.
    for encoding in ["gzip", "identity"] {
        let response = MockResponse::json(200, &json!({ "volume": full::volume() }));
        mock.respond_with(response.header("content-encoding", encoding));
        assert_eq!(mock.client().volumes().get("v-1").await.unwrap().id, "v-1");
        let response = MockResponse::json(404, &json!({ "code": "02021", "message": "gone" }));
        mock.respond_with(response.header("content-encoding", encoding));
        assert_eq!(mock.client().volumes().get("v-1").await.unwrap_err().message(), "gone");
    }
    mock.respond_with(MockResponse::new(200, "text/plain", "<x>").header("content-encoding", "identity"));
    assert!(mock.client().volumes().get("v-1").await.unwrap_err().message().ends_with("in \"<x>\""));
}

#[tokio::test]
async fn an_error_shows_the_text_around_the_place_and_the_value() {
    let volumes = |odd: Value| {
        let items: Vec<_> = (0..50).map(|n| without(full::volume(), &[], json!({ "id": format!("v-{n}") }))).collect();
        let items = [&items[..49], &[without(full::volume(), &[], odd)]].concat();
        MockResponse::json(200, &page("volumes", &items, 1, 50, 50))
    };
    let mock = MockApi::new().await;
    for (odd, value) in [
        (json!({ "id": "v-odd", "created_at": "2025-03-18 16:25" }), r#""2025-03-18 16:25" is not a time"#),
        (json!({ "id": "v-odd", "status": 7 }), "7 is not a text"),
        (json!({ "id": "v-odd", "region": { "name": "x" } }), r#"{"name":"x"} is not a text"#),
        (json!({ "id": "v-odd", "size": "much" }), r#""much" is not an integer"#),
        (json!({ "id": "v-odd", "name": 7 }), "invalid type: integer `7`"),
    ] {
        let name = odd.as_object().unwrap().keys().find(|name| *name != "id").unwrap().clone();
        mock.respond_with(volumes(odd));
        let error = mock.client().volumes().list_page(1, 50).await.unwrap_err();
        assert!(error.message().starts_with(&format!("volumes[49].{name}: {value}")), "{error}");
        let excerpt = error.message().split_once(", in \"").unwrap().1;
        assert!(excerpt.contains(&format!("\"{name}\":")) && !excerpt.contains("v-48"), "{error}");
        assert!(excerpt.chars().count() < 160, "{excerpt}");
        assert!(error.to_string().contains(excerpt), "the line is not cut: {error}");
    }
}
