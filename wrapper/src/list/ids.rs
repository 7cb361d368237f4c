//! The ids of the items read so far.

use std::collections::BTreeSet;

use uuid::Uuid;

/// An id; in 16 bytes if it is a UUID, as the service's ids are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Id {
    Uuid(Uuid),
    Text(Box<str>),
}

impl Id {
    pub(super) fn of(text: &str) -> Self {
        // Only the usual form of a UUID, so that no two texts are the same id.
        let is_text_of = |uuid: &Uuid| *uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *text;
        match Uuid::try_parse(text).ok().filter(is_text_of) {
            Some(uuid) => Self::Uuid(uuid),
            None => Self::Text(text.into()),
        }
    }
}

/// Whether an id is a UUID in the form that the service uses.
pub(crate) fn is_uuid(id: &str) -> bool {
    matches!(Id::of(id), Id::Uuid(_))
}

/// A set of ids. It is the only state that grows with a list, so it is kept small: UUIDs are in short sorted vectors that grow
/// in small steps. (A hash table doubles its size, and a tree is half empty.)
#[derive(Debug)]
pub(super) struct Ids {
    uuids: Vec<Vec<Uuid>>,
    texts: BTreeSet<Box<str>>,
}

/// With 100,000 items, a vector holds some 400.
const BUCKETS: usize = 256;

impl Default for Ids {
    fn default() -> Self {
        Self { uuids: vec![vec![]; BUCKETS], texts: BTreeSet::new() }
    }
}

impl Ids {
    /// Adds an id, and returns whether it is new.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        match Id::of(id) {
            Id::Uuid(uuid) => insert(&mut self.uuids[bucket_of(&uuid)], uuid),
            Id::Text(text) => self.texts.insert(text),
        }
    }

    pub(super) fn len(&self) -> u64 {
        (self.uuids.iter().map(Vec::len).sum::<usize>() + self.texts.len()) as u64
    }
}

/// Uses all bytes, so that sequential UUIDs are spread like random ones.
fn bucket_of(uuid: &Uuid) -> usize {
    usize::from(uuid.as_bytes().iter().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(*byte)))
}

fn insert(sorted: &mut Vec<Uuid>, uuid: Uuid) -> bool {
    let Err(place) = sorted.binary_search(&uuid) else { return false };
    if sorted.len() == sorted.capacity() {
        sorted.reserve_exact(sorted.len() / 8 + 4);
    }
    sorted.insert(place, uuid);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_texts_are_different_ids() {
        let texts = [
            "10000000-0000-4000-8000-00000000000a",
            "10000000-0000-4000-8000-00000000000A",
            "1000000000004000800000000000000a",
            "{10000000-0000-4000-8000-00000000000a}",
            "urn:uuid:10000000-0000-4000-8000-00000000000a",
            "v-1",
            "",
        ];
        let mut ids = Ids::default();
        for (number, text) in texts.into_iter().enumerate() {
            assert_eq!(ids.len(), number as u64);
            assert!(ids.insert(text));
            assert!(!ids.insert(text));
        }
        assert_eq!(ids.texts.len(), 6);
    }

    #[test]
    fn one_hundred_thousand_ids_take_little_more_than_their_bytes() {
        for sequential in [true, false] {
            let mut ids = Ids::default();
            let mut random = fastrand::Rng::with_seed(7);
            for number in 0..100_000 {
                let uuid = Uuid::from_u128(if sequential { number } else { random.u128(..) });
                assert!(ids.insert(&uuid.to_string()));
            }
            let bytes: usize = ids.uuids.iter().map(|vector| 16 * vector.capacity()).sum();
            assert!(ids.len() == 100_000 && bytes < 2_000_000, "{bytes}");
        }
    }
}
