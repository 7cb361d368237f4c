//! Lists as iterators.

use std::iter::FusedIterator;

use super::IntoBlocking;
use super::definitions::{calls, setters};
use crate::blocking_thread::block_on;
use crate::{ImageType, Listable, Page, Result};

/// All items of a list, page after page: an iterator with the settings, guarantees and cost of [`List`](crate::List).
///
/// `next` blocks while a page is on its way. From the second page on, pages are fetched ahead by the thread of blocking calls,
/// whatever the program does meanwhile.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// for instance in client.instances().list().per_page(100) {
///     println!("{}", instance?.name);
/// }
/// let names: Vec<_> = client.volumes().list().map(|disk| Ok(disk?.name)).collect::<genesiscloud::Result<_>>()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a list fetches nothing until its first item is asked for"]
pub struct List<T: Listable>(crate::List<T>);

impl<T: Listable> IntoBlocking for crate::List<T> {
    type Blocking = List<T>;

    fn into_blocking(self) -> List<T> {
        List(self)
    }
}

impl<T: Listable> List<T> {
    setters! { List: per_page(items: u32), prefetch(pages: u32), verified(), strict() }

    calls! { List: into_vec() -> Result<Vec<T>>, first() -> Result<Option<T>>, total_count() -> Result<u64> }

    /// Blocks until [`List::page`](crate::List::page) has ended, which documents it.
    pub fn page(&self, number: u32) -> Result<Page<T>> {
        block_on(self.0.page(number))
    }

    /// Returns the pages of this list instead of its items, as [`List::pages`](crate::List::pages), which documents them.
    pub fn pages(self) -> Pages<T> {
        Pages(self.0.pages())
    }

    /// Returns all items with this name, as [`List::find_by_name`](crate::List::find_by_name), which documents them.
    pub fn find_by_name(self, name: impl Into<String>) -> FindByName<T> {
        FindByName(self.0.find_by_name(name))
    }

    /// Returns all items whose names begin with `prefix`, as [`List::find_by_prefix`](crate::List::find_by_prefix), which
    /// documents them.
    pub fn find_by_prefix(self, prefix: impl Into<String>) -> FindByName<T> {
        FindByName(self.0.find_by_prefix(prefix))
    }
}

impl List<crate::Image> {
    setters! { List: type_(type_: ImageType) }
}

/// The pages of a list: an iterator, returned by [`List::pages`].
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// for page in client.instances().list().pages() {
///     println!("{} instances", page?.items.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "pages are not fetched until they are asked for"]
pub struct Pages<T: Listable>(crate::Pages<T>);

/// The items with some name: an iterator, returned by [`List::find_by_name`] and [`List::find_by_prefix`].
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// let trainer = client.instances().list().find_by_name("trainer").next().transpose()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a list fetches nothing until its first item is asked for"]
pub struct FindByName<T: Listable>(crate::FindByName<T>);

impl<T: Listable> FindByName<T> {
    calls! { FindByName: into_vec() -> Result<Vec<T>> }
}

impl<T: Listable> Iterator for List<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: Listable> Iterator for Pages<T> {
    type Item = Result<Page<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: Listable> Iterator for FindByName<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: Listable> FusedIterator for List<T> {}
impl<T: Listable> FusedIterator for Pages<T> {}
impl<T: Listable> FusedIterator for FindByName<T> {}
