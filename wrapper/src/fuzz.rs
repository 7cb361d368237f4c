//! Guarantees for any input from outside. Each function takes any bytes and panics if a guarantee is broken.
//!
//! The tests below call them with thousands of generated inputs; the targets of `wrapper/fuzz`, which need cargo-fuzz, with
//! millions. Not compiled otherwise.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use genesiscloud_bindings::types as t;
use genesiscloud_bindings::{self as bindings, requests};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Url;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::config::{Endpoint, Token};
use crate::error::{ErrorBody, Redactor, error_code, read_error_body, undecodable};
use crate::transport::retry_after;
use crate::{Client, Error};

const TOKEN: &str = "s3cr3t-t0ken-of-a-test";

static CLIENT: LazyLock<Client> =
    LazyLock::new(|| Client::builder().token(TOKEN).endpoint("http://127.0.0.1:9").build().expect("a client"));

/// An error is one line, short, and without the token.
fn assert_one_safe_line(error: &Error) {
    let line = error.to_string();
    assert!(!line.contains(TOKEN), "{line:?}");
    assert!(line.chars().all(|letter| !letter.is_control()), "{line:?}");
    assert!(line.chars().count() < 1000, "{line:?}");
}

/// An error body is read whatever it is, and shown on one line. The first two bytes are the status.
pub fn error_body(input: &[u8]) {
    let Some((status, body)) = input.split_first_chunk::<2>() else { return };
    let Ok(status) = StatusCode::from_u16(u16::from_be_bytes(*status) % 400 + 200) else { return };
    let redactor = Redactor::new([TOKEN]);
    let ErrorBody { code, message, details, .. } = read_error_body(&redactor.body(&String::from_utf8_lossy(body)));
    assert!(!message.is_empty());
    let details = details.map(|details| redactor.json(&details));
    let error = Error::response(status, code.clone(), message).with_details(details);
    assert_eq!(error.status(), Some(status));
    assert_eq!((error.kind(), error.code()), (crate::ErrorKind::of_response(status, code.as_ref()), code.as_ref()));
    assert_one_safe_line(&error);
    // The transport reads the code alone.
    let _ = error_code(body);
}

/// A response is decoded as the type of each operation, and equal after it is encoded and decoded again; or the error is one
/// safe line.
pub fn response(input: &[u8]) {
    decode::<t::SingleInstanceResponse>(input);
    decode::<t::SingleVolumeResponse>(input);
    decode::<t::SingleFilesystemResponse>(input);
    decode::<t::SingleSnapshotResponse>(input);
    decode::<t::SingleSecurityGroupResponse>(input);
    decode::<t::SingleFloatingIpResponse>(input);
    decode::<t::SshKey>(input);
    decode::<t::PaginatedInstancesResponse>(input);
    decode::<t::PaginatedVolumesResponse>(input);
    decode::<t::PaginatedFilesystemsResponse>(input);
    decode::<t::PaginatedSnapshotsResponse>(input);
    decode::<t::PaginatedSecurityGroupsResponse>(input);
    decode::<t::PaginatedFloatingIPsResponse>(input);
    decode::<t::PaginatedSshKeysResponse>(input);
    decode::<t::PaginatedImagesResponse>(input);
    decode::<t::InstanceGetActionsResponse>(input);
    decode::<t::InstancesAvailability>(input);
    decode::<t::QuotasResponse>(input);
    decode::<t::ReservationsResponse>(input);
    decode::<Map<String, Value>>(input);
}

fn decode<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(input: &[u8]) {
    match bindings::decode_json::<T>(input) {
        Ok(value) => {
            let encoded = serde_json::to_vec(&value).expect("a decoded value can be encoded");
            let again = serde_json::from_slice::<T>(&encoded).expect("an encoded value can be decoded");
            assert_eq!(value, again);
        }
        Err(error) => assert_one_safe_line(&undecodable(input, &error, "", &Redactor::new([TOKEN]), false)),
    }
}

/// `Retry-After`, and after a line break the response's `Date`: the delay is bounded.
pub fn retry_delay(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in [header::RETRY_AFTER, header::DATE] {
        if let Some(value) = lines.next().and_then(|line| HeaderValue::from_bytes(line).ok()) {
            headers.insert(name, value);
        }
    }
    for now in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40)] {
        let requested = retry_after(&headers, now);
        let policy = crate::RetryPolicy::default();
        let delay = policy.delay(1, requested, &crate::transport::Jitter::new(Some(1)));
        assert!(delay <= policy.max_retry_after() || !policy.waits_for(delay));
    }
}

/// An endpoint is a URL that requests may be sent to, and the same when it is parsed again; or it is refused.
pub fn endpoint(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for plain_http in [false, true] {
        match Endpoint::parse("the endpoint", &text, plain_http) {
            Ok(endpoint) => {
                let url = Url::parse(endpoint.as_str()).expect("an address");
                assert!(url.path().ends_with("/compute/v1") && url.has_host(), "{url}");
                assert!(url.username().is_empty() && url.password().is_none(), "{url}");
                assert!(url.query().is_none() && url.fragment().is_none(), "{url}");
                assert!(endpoint.is_https() || endpoint.is_loopback() || plain_http, "{url}");
                assert_eq!(Endpoint::parse("it", endpoint.as_str(), plain_http).expect("the same"), endpoint);
            }
            Err(error) => assert_one_safe_line(&error),
        }
    }
}

/// A token can be carried by a header and is not printed; or it is refused without being repeated.
pub fn token(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Token::parse("the token", &text) {
        Ok(token) => {
            let header = HeaderValue::try_from(format!("Bearer {}", token.expose())).expect("a header");
            assert_eq!(header.to_str().expect("ASCII"), format!("Bearer {}", text.trim()));
            assert_eq!(format!("{token:?}"), "<redacted>");
        }
        Err(error) => {
            assert_one_safe_line(&error);
            // The message is the same whatever else is in the token, so it holds no part of it.
            let other =
                Token::parse("the token", &format!("{}7Qz9", text.trim())).map(drop).map_err(|error| error.to_string());
            assert!(text.trim().is_empty() || other == Err(error.to_string()), "{other:?}");
        }
    }
}

/// An id reaches the resource it names, or is refused.
pub fn path_segment(input: &[u8]) {
    let id = String::from_utf8_lossy(input);
    match requests::get_volume(CLIENT.raw(), &id).request {
        Ok(request) => {
            let url = request.url();
            assert!(url.query().is_none() && url.fragment().is_none(), "{url}");
            let path = url.path();
            let segment = path.strip_prefix("/compute/v1/volumes/").expect("the path of volumes");
            let query = format!("id={segment}");
            let decoded: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
            assert_eq!(decoded, [("id".into(), id)], "{path}");
        }
        Err(bindings::Error::InvalidRequest(_)) => {
            assert!(matches!(&*id, "" | "." | "..") || id.chars().any(char::is_control), "{id:?} is an id");
        }
        other => panic!("{id:?} gave {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use genesiscloud_sandbox::Data;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use serde_json::json;

    use super::*;

    /// Any bytes; or one of these seeds with some bytes replaced.
    fn mutated(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
        let bytes = |most| prop::collection::vec(any::<u8>(), 0..most);
        let text = "[ -~]{0,40}".prop_map(String::into_bytes);
        let mutated = (prop::sample::select(seeds), any::<Index>(), 0..20_usize, prop_oneof![bytes(8), text]).prop_map(
            |(mut seed, at, cut, with)| {
                let from = at.index(seed.len() + 1);
                let to = (from + cut).min(seed.len());
                seed.splice(from..to, with);
                seed
            },
        );
        prop_oneof![1 => bytes(300), 9 => mutated]
    }

    fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    /// A response of every operation.
    fn responses() -> Vec<Vec<u8>> {
        let data = Data::realistic();
        let page = |name: &str, items: Value| json!({ name: items, "page": 1, "per_page": 50, "total_count": 1 });
        [
            json!({ "instance": data.instances[0] }),
            json!({ "volume": data.volumes[0] }),
            json!({ "filesystem": data.filesystems[0] }),
            json!({ "snapshot": data.snapshots[0] }),
            json!({ "security_group": data.security_groups[0] }),
            json!({ "floating_ip": data.floating_ips[0] }),
            json!(data.ssh_keys[0]),
            page("instances", json!(data.instances[..1])),
            page("volumes", json!(data.volumes[..1])),
            page("filesystems", json!(data.filesystems[..1])),
            page("snapshots", json!(data.snapshots[..1])),
            page("security_groups", json!(data.security_groups[..1])),
            page("floating_ips", json!(data.floating_ips[..1])),
            page("ssh_keys", json!(data.ssh_keys[..1])),
            page("images", json!(data.images[..1])),
            json!({ "actions": ["start", "stop"] }),
            json!({ "availability": data.availability[0] }),
            json!({ "quotas": data.quotas }),
            json!({ "reservations": data.reservations }),
        ]
        .iter()
        .map(|response| response.to_string().into_bytes())
        .collect()
    }

    #[test]
    fn every_seed_is_a_response_of_an_operation() {
        let responses = responses();
        let decodes = |response: &[u8]| {
            macro_rules! any { ($($type:ty),*) => { $(serde_json::from_slice::<$type>(response).is_ok())||* } }
            any!(
                t::SingleInstanceResponse,
                t::SingleVolumeResponse,
                t::SingleFilesystemResponse,
                t::SingleSnapshotResponse,
                t::SingleSecurityGroupResponse,
                t::SingleFloatingIpResponse,
                t::SshKey,
                t::PaginatedInstancesResponse,
                t::PaginatedVolumesResponse,
                t::PaginatedFilesystemsResponse,
                t::PaginatedSnapshotsResponse,
                t::PaginatedSecurityGroupsResponse,
                t::PaginatedFloatingIPsResponse,
                t::PaginatedSshKeysResponse,
                t::PaginatedImagesResponse,
                t::InstanceGetActionsResponse,
                t::InstancesAvailability,
                t::QuotasResponse,
                t::ReservationsResponse
            )
        };
        for response in &responses {
            assert!(decodes(response), "{}", String::from_utf8_lossy(response));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn error_bodies(input in mutated(seeds(&[
            "\u{0}\u{4}{\"code\": \"02008\", \"message\": \"instance not found\"}",
            "\u{1}\u{2f}{\"code\": 2008, \"message\": [\"s3cr3t-t0ken-of-a-test\"]}",
            "\u{1}\u{2e}<html>s3cr3t\\u002dt0ken-of-a-test</html>",
        ]))) {
            error_body(&input);
        }

        #[test]
        fn responses_of_all_operations(input in mutated(responses())) {
            response(&input);
        }

        #[test]
        fn retry_delays(input in mutated(seeds(&[
            "120", "0", "18446744073709551615",
            "Wed, 21 Oct 2015 07:28:00 GMT\nWed, 21 Oct 2015 07:27:00 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT\nSun Nov  6 08:49:37 1994",
        ]))) {
            retry_delay(&input);
        }

        #[test]
        fn endpoints(input in mutated(seeds(&[
            "https://api.genesiscloud.com/compute/v1", "api.genesiscloud.com", "http://127.0.0.1:8080",
            "http://[::1]:8080/genesis/compute/v1/", "https://user:password@host?query#fragment",
        ]))) {
            endpoint(&input);
        }

        #[test]
        fn tokens(input in mutated(seeds(&[TOKEN, " \tabc\n", "Bearer abc", "a\u{7f}b", "ü"]))) {
            token(&input);
        }

        #[test]
        fn path_segments(input in mutated(seeds(&["2f1c8d5e-0000-4000-8000-000000000001", "..", ".", "a/../b", "%2e%2e\\"]))) {
            path_segment(&input);
        }
    }
}
