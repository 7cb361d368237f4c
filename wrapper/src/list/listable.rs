//! Resources that can be listed.

use super::received::Item;

/// A resource that can be listed. Sealed: implemented by this crate's types only.
pub trait Listable: private::Listable {}

impl<T: private::Listable> Listable for T {}

/// The id of an item, also of one that cannot be decoded otherwise.
pub(crate) fn id_of<T: Listable>(item: &Item<T>) -> Option<&str> {
    match item {
        Ok(item) => Some(item.id()),
        Err(undecoded) => undecoded.id.as_deref(),
    }
}

pub(crate) mod private {
    use chrono::{DateTime, Utc};

    use crate::call::Call;
    use crate::core::Core;
    use crate::list::received::ReceivedPage;
    use crate::list::request::PageRequest;

    /// How a page is fetched, and what identifies its items.
    pub trait Listable: Sized + Send + 'static {
        /// What a list can be filtered by.
        type Filter: Clone + Send + Sync + Unpin + 'static;

        /// Fetches one page.
        fn fetch(core: &Core, filter: &Self::Filter, page: PageRequest) -> Call<ReceivedPage<Self>>;

        /// The id, which is unique.
        fn id(&self) -> &str;

        /// When it was created, by the service's clock.
        fn created_at(&self) -> DateTime<Utc>;

        /// The name, which need not be unique.
        fn name(&self) -> &str;
    }
}
