//! The guide: how the crate behaves, one page per topic.
//!
//! The pages state the policies: what is retried, what is limited, what is guaranteed and what is not. The documentation
//! of each method states what it costs and how it fails.
//!
//! | page | topics |
//! | --- | --- |
//! | [`authentication`] | token, tokens that change, endpoint, redaction of secrets |
//! | [`blocking`] | synchronous code: threads in place of futures, within runtimes, how to interrupt it |
//! | [`requests_and_responses`] | calls, sent fields, decoding, compatibility between versions, which types can be compared, the generated client |
//! | [`errors`] | kinds, error codes, responses that cannot be decoded |
//! | [`retries`] | retried outcomes, delays, time limits, ambiguous errors |
//! | [`rate_limits`] | rate, burst, throttling, shared limiters |
//! | [`lists`] | streams of items, prefetching, changes while listing |
//! | [`deviating_lists`] | items that cannot be decoded, pages that are not as documented |
//! | [`waits`] | conditions, what ends a wait, shared polls |
//! | [`watches`] | changes of all resources of a kind, stores to read from, phases of instances |
//! | [`recovery`] | creates whose response was lost: markers, the search for the result |
//! | [`lifecycle`] | scopes, deletions that wait, cleanup, placement |
//! | [`never_lose_a_machine`] | the ledger, reconciliation, sweeps, leases |
//! | [`testing`] | the sandbox, faults, time in tests |
//! | [`tls_and_proxies`] | TLS features, certificates, proxies, connections |
//! | [`observability`] | observers, spans, OpenTelemetry, events, headers |
//! | [`command_line`] | the API from a shell |

#[doc = include_str!("authentication.md")]
pub mod authentication {}

#[doc = include_str!("blocking.md")]
pub mod blocking {}

#[doc = include_str!("requests_and_responses.md")]
pub mod requests_and_responses {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("retries.md")]
pub mod retries {}

#[doc = include_str!("rate_limits.md")]
pub mod rate_limits {}

#[doc = include_str!("lists.md")]
pub mod lists {}

#[doc = include_str!("deviating_lists.md")]
pub mod deviating_lists {}

#[doc = include_str!("waits.md")]
pub mod waits {}

#[doc = include_str!("watches.md")]
pub mod watches {}

#[doc = include_str!("recovery.md")]
pub mod recovery {}

#[doc = include_str!("lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("never_lose_a_machine.md")]
pub mod never_lose_a_machine {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("tls_and_proxies.md")]
pub mod tls_and_proxies {}

#[doc = include_str!("observability.md")]
pub mod observability {}

#[doc = include_str!("command_line.md")]
pub mod command_line {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    /// The link definitions in a text, by label.
    fn links<'a>(text: &'a str, prefix: &str) -> BTreeMap<&'a str, &'a str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(prefix)?.strip_prefix('['));
        lines.filter_map(|line| line.split_once("]: ")).collect()
    }

    #[test]
    fn the_links_of_the_readme_have_the_same_targets_in_rustdoc() {
        let in_readme = links(include_str!("../../README.md"), "");
        let in_rustdoc = links(include_str!("../lib.rs"), "//! ");
        assert!(in_readme.keys().eq(in_rustdoc.keys()), "{in_readme:?}\n{in_rustdoc:?}");
        for (label, path) in in_rustdoc {
            let name = path.rsplit([':', '/']).next().unwrap();
            assert!(in_readme[label].contains(name), "{label}: {} is not {path}", in_readme[label]);
        }
    }
}
