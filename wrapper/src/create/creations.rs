//! What the creates of this program are making, and have made lately: none of it is what a lost answer made.

use std::any::TypeId;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::list::private::Listed;
use crate::{Client, Result};

/// For how long what was made is known: longer than a create and the search for what it made take together.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 60);

#[derive(Debug, Default)]
pub(crate) struct Creations(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Creates under way, by what they make and its name.
    under_way: HashMap<Making, usize>,
    /// Ids, by when they came.
    made: VecDeque<(Instant, String)>,
}

/// What is made, and its name.
type Making = (TypeId, String);

fn making<T: 'static>(name: &str) -> Making {
    (TypeId::of::<T>(), name.to_owned())
}

impl Creations {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, making: Making) {
        *self.lock().under_way.entry(making).or_default() += 1;
    }

    fn end(&self, making: &Making) {
        let mut state = self.lock();
        if let Some(count) = state.under_way.get_mut(making) {
            *count -= 1;
            if *count == 0 {
                state.under_way.remove(making);
            }
        }
    }

    /// Whether a create of this name is under way, which may be what made a thing that nobody knows yet.
    pub(super) fn is_making<T: 'static>(&self, name: &str) -> bool {
        self.lock().under_way.contains_key(&making::<T>(name))
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.lock().made.iter().any(|(_, made)| made == id)
    }

    /// Whether it was not known yet. It is from now on, so of all who find it one alone adopts it.
    pub(super) fn claim(&self, now: Instant, id: &str) -> bool {
        let mut state = self.lock();
        let is_old = |(made, _): &(Instant, String)| now.saturating_duration_since(*made) > KNOWN_FOR;
        while state.made.front().is_some_and(is_old) {
            state.made.pop_front();
        }
        let is_new = state.made.iter().all(|(_, made)| made != id);
        if is_new {
            state.made.push_back((now, id.to_owned()));
        }
        is_new
    }
}

/// A create under way, until it is dropped.
struct UnderWay {
    client: Client,
    making: Making,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.client.made().creations.end(&self.making);
    }
}

/// Makes a create known while it is under way, and what it made after that.
pub(crate) async fn creating<T: Listed>(
    client: Client,
    name: String,
    create: impl Future<Output = Result<T>>,
) -> Result<T> {
    let under_way = UnderWay { client, making: making::<T>(&name) };
    under_way.client.made().creations.begin(under_way.making.clone());
    let new = create.await?;
    let client = &under_way.client;
    client.made().creations.claim(client.clock().now(), new.id());
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_known_for_a_while_and_claimed_once() {
        let creations = Creations::default();
        let start = Instant::now();
        assert!(creations.claim(start, "a") && !creations.claim(start, "a"));
        assert!(creations.claim(start + KNOWN_FOR, "b") && creations.knows("a"));
        assert!(creations.claim(start + KNOWN_FOR + Duration::from_secs(1), "c"));
        assert!(!creations.knows("a") && creations.knows("b"));
    }

    #[test]
    fn creates_of_one_name_are_counted() {
        let creations = Creations::default();
        let a = making::<u8>("a");
        creations.begin(a.clone());
        creations.begin(a.clone());
        creations.end(&a);
        assert!(creations.is_making::<u8>("a"));
        assert!(!creations.is_making::<u8>("b") && !creations.is_making::<u16>("a"));
        creations.end(&a);
        assert!(!creations.is_making::<u8>("a"));
    }
}
