//! An index of secrets, in normal form, that finds them in a text in one pass, however many there are.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use secrecy::{ExposeSecret, SecretSlice};

use super::normal::length_before_cut;

/// How many first bytes of a secret are looked up. No secret is shorter.
pub(super) const ANCHOR: usize = 8;

/// Secrets that are searched for.
#[derive(Default)]
pub(super) struct Index {
    whole: Vec<Whole>,
    /// Which of them begin with bytes of this hash.
    by_anchor: HashMap<u64, Vec<usize>>,
    /// Hashes of all runs of some lengths.
    runs: HashMap<usize, HashSet<u64>>,
}

/// A secret that is found as a whole, and its start where a text is cut off.
struct Whole {
    bytes: SecretSlice<u8>,
    /// The shortest start that counts.
    shortest_start: usize,
}

impl Index {
    /// Adds a secret of at least [`ANCHOR`] bytes. At the end of a text, its start is enough if it has so many bytes.
    pub(super) fn add_whole(&mut self, bytes: &[u8], shortest_start: usize) {
        let Some(anchor) = bytes.get(..ANCHOR) else { return };
        let same_anchor = self.by_anchor.entry(hash(anchor)).or_default();
        if same_anchor.iter().any(|at| self.whole[*at].bytes.expose_secret() == bytes) {
            return;
        }
        same_anchor.push(self.whole.len());
        self.whole.push(Whole { bytes: bytes.to_vec().into(), shortest_start });
    }

    /// Adds all runs of a length for which `counts` holds.
    pub(super) fn add_runs(&mut self, bytes: &[u8], length: usize, counts: impl Fn(Range<usize>) -> bool) {
        let runs = self.runs.entry(length).or_default();
        each_run(bytes, length, |at, hash| {
            if counts(at..at + length) {
                runs.insert(hash);
            }
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.runs.is_empty()
    }

    /// Returns where a text in normal form has secrets.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = vec![];
        for (length, runs) in &self.runs {
            each_run(text, *length, |at, hash| {
                if runs.contains(&hash) {
                    found.push(at..at + length);
                }
            });
        }
        let end = length_before_cut(text);
        each_run(text, ANCHOR, |at, hash| {
            for secret in self.by_anchor.get(&hash).into_iter().flatten().map(|secret| &self.whole[*secret]) {
                let bytes = secret.bytes.expose_secret();
                if text[at..].starts_with(bytes) {
                    found.push(at..at + bytes.len());
                } else if at < end && end - at >= secret.shortest_start && bytes.starts_with(&text[at..end]) {
                    found.push(at..end);
                }
            }
        });
        found
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").finish_non_exhaustive()
    }
}

/// Equal texts have equal hashes. Others may have them too, which hides more than is needed, and is as improbable as 1 : 2⁶⁴.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |hash: u64, byte| hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1))
}

/// Calls with the start and the hash of each run of a length.
fn each_run(bytes: &[u8], length: usize, mut call: impl FnMut(usize, u64)) {
    let Some(first) = bytes.get(..length) else { return };
    let leaving = (0..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut run = hash(first);
    call(0, run);
    for (at, (old, new)) in bytes.iter().zip(&bytes[length..]).enumerate() {
        let left = (u64::from(*old) + 1).wrapping_mul(leaving);
        run = run.wrapping_mul(BASE).wrapping_add(u64::from(*new) + 1).wrapping_sub(left);
        call(at + 1, run);
    }
}
