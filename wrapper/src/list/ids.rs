//! The ids of the items read so far.

use std::collections::BTreeMap;

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

/// Ids, each with a small value. It is the only state that grows with a list, so it is kept small: UUIDs are in short sorted
/// vectors that grow in small steps. (A hash table doubles its size, and a tree is half empty.)
///
/// The number of vectors grows with that of the ids, one at a time (linear hashing), so that each stays short.
#[derive(Debug)]
pub(super) struct Ids<V = ()> {
    buckets: Vec<Vec<(Uuid, V)>>,
    uuids: usize,
    texts: BTreeMap<Box<str>, V>,
}

/// The average length of the vectors, once there are several.
const BUCKET_SIZE: usize = 256;

impl<V> Default for Ids<V> {
    fn default() -> Self {
        Self { buckets: vec![vec![]], uuids: 0, texts: BTreeMap::new() }
    }
}

impl<V: Copy> Ids<V> {
    /// Sets the value of an id, and returns the one before; `None` if the id is new.
    pub(super) fn insert(&mut self, id: &Id, value: V) -> Option<V> {
        let uuid = match id {
            Id::Uuid(uuid) => *uuid,
            Id::Text(text) => return self.texts.insert(text.clone(), value),
        };
        let index = bucket_of(&uuid, self.buckets.len());
        let bucket = &mut self.buckets[index];
        match bucket.binary_search_by_key(&uuid, |(uuid, _)| *uuid) {
            Ok(place) => Some(std::mem::replace(&mut bucket[place].1, value)),
            Err(place) => {
                if bucket.len() == bucket.capacity() {
                    bucket.reserve_exact(bucket.len() / 8 + 4);
                }
                bucket.insert(place, (uuid, value));
                self.uuids += 1;
                if self.uuids > BUCKET_SIZE * self.buckets.len() {
                    self.split();
                }
                None
            }
        }
    }

    pub(super) fn len(&self) -> u64 {
        (self.uuids + self.texts.len()) as u64
    }

    /// Adds a bucket, and moves to it what belongs there from the one that has had it.
    fn split(&mut self) {
        let (added, count) = (self.buckets.len(), self.buckets.len() + 1);
        let from = &mut self.buckets[added - count.next_power_of_two() / 2];
        let (moved, mut kept): (Vec<_>, Vec<_>) = from.drain(..).partition(|(uuid, _)| bucket_of(uuid, count) == added);
        kept.shrink_to_fit();
        *from = kept;
        self.buckets.push(moved);
    }
}

/// The bucket of a UUID among this many. Uses all bytes, so that sequential UUIDs are spread like random ones.
fn bucket_of(uuid: &Uuid, buckets: usize) -> usize {
    let hash = uuid.as_bytes().iter().fold(0, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let slots = buckets.next_power_of_two();
    let slot = hash as usize % slots;
    if slot < buckets { slot } else { slot - slots / 2 }
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
            assert_eq!(ids.insert(&Id::of(text), number), None);
            assert_eq!(ids.insert(&Id::of(text), number + 1), Some(number));
        }
        assert_eq!(ids.texts.len(), 6);
    }

    #[test]
    fn ids_take_little_more_than_their_bytes_and_the_same_time_however_many_there_are() {
        for sequential in [true, false] {
            let mut ids = Ids::default();
            let mut random = fastrand::Rng::with_seed(7);
            let mut added = 0;
            for count in [1_000, 10_000, 100_000, 300_000] {
                for number in added..count {
                    let uuid = Uuid::from_u128(if sequential { number } else { random.u128(..) });
                    assert_eq!(ids.insert(&Id::Uuid(uuid), ()), None);
                }
                added = count;
                assert_eq!(u128::from(ids.len()), count);
                let lengths = || ids.buckets.iter().map(Vec::len);
                // An id costs a binary search, and moves half a bucket at most.
                assert!(lengths().max().unwrap() < 4 * BUCKET_SIZE, "{count}: {:?}", lengths().max());
                let bytes: usize = ids.buckets.iter().map(|bucket| 16 * bucket.capacity()).sum();
                assert!(bytes as u128 <= 16 * count * 5 / 4, "{count}: {bytes}");
            }
        }
    }

    #[test]
    fn every_id_is_found_again_after_the_buckets_were_split() {
        let mut ids = Ids::default();
        let mut random = fastrand::Rng::with_seed(7);
        let all: Vec<_> = (0..5_000_u16).map(|number| (Id::Uuid(Uuid::from_u128(random.u128(..))), number)).collect();
        all.iter().for_each(|(id, number)| assert_eq!(ids.insert(id, *number), None));
        all.iter().for_each(|(id, number)| assert_eq!(ids.insert(id, 0), Some(*number)));
        assert_eq!(ids.len(), 5_000);
    }
}
