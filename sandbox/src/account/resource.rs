//! What all kinds of resources have in common: a table, an answer, pages.

use chrono::{DateTime, Utc};
use genesiscloud_bindings::types::Reference;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Account, Call, Ending, id};
use crate::contract::Contract;
use crate::refusal::{Code, Refusal};

/// All resources of a kind by id, in the order they are listed.
pub(super) type Table<T> = IndexMap<String, T>;

pub(super) fn table<T: Resource>(resources: Vec<T>) -> Table<T> {
    resources.into_iter().map(|resource| (resource.id().to_owned(), resource)).collect()
}

/// A kind of resource, as answers name it.
pub(super) struct Kind {
    /// Schema in the document.
    pub(super) schema: &'static str,
    /// Field of a single answer; none for SSH keys, which come bare.
    pub(super) one: Option<&'static str>,
    /// Field of a list, and key of the quota.
    pub(super) many: &'static str,
    pub(super) missing: Code,
    pub(super) id: id::Kind,
}

pub(super) trait Resource: Clone + PartialEq + Serialize + Send + 'static {
    const KIND: Kind;
    fn table(account: &Account) -> &Table<Self>;
    fn table_mut(account: &mut Account) -> &mut Table<Self>;
    fn id(&self) -> &str;
    /// Its id and its name.
    fn identity(&mut self) -> (&mut String, &mut String);
    fn touch(&mut self, now: DateTime<Utc>);

    /// Whether it is being deleted.
    fn is_leaving(&self) -> bool {
        false
    }

    /// As an answer shows it, with what other resources know of it.
    fn shown(&self, account: &Account) -> Self {
        let _ = account;
        self.clone()
    }

    /// Makes it another of its like, with a name of its own and nothing that only one can have.
    fn become_another(&mut self, account: &mut Account, id: String, name: String) {
        let _ = account;
        let (own_id, own_name) = self.identity();
        (*own_id, *own_name) = (id, name);
    }

    /// Takes it out of the account, now.
    fn vanish(account: &mut Account, id: &str) {
        Self::table_mut(account).shift_remove(id);
        super::instances::forget(account, id);
    }

    /// Schedules what follows from its status.
    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let _ = (account, id, ending);
    }
}

impl Kind {
    /// The answer for one resource.
    pub(super) fn single(&self, resource: &impl Serialize) -> Value {
        let value = self.value(resource);
        match self.one {
            Some(name) => json!({ name: value }),
            None => value,
        }
    }

    fn value(&self, resource: &impl Serialize) -> Value {
        let mut value = serde_json::to_value(resource).expect("resources are JSON");
        if let Some(fields) = value.as_object_mut() {
            Contract::vendored().complete(self.schema, fields);
        }
        value
    }
}

/// How one resource names another.
pub(crate) fn reference(id: &str, name: &str) -> Reference {
    Reference { id: id.to_owned(), name: name.to_owned(), extra: Map::new() }
}

/// The page a request asks for, of all resources of a kind.
pub(super) fn list<T: Resource>(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let table = T::table(account);
    Ok(page::<T>(account, call, table.len(), |start, count| table.values().skip(start).take(count).collect::<Vec<_>>()))
}

/// The page a request asks for, of those that fit.
pub(super) fn list_where<T: Resource>(account: &Account, call: &Call, fits: impl Fn(&T) -> bool) -> Value {
    let all = T::table(account).values().filter(|resource| fits(resource)).collect::<Vec<_>>();
    page(account, call, all.len(), |start, count| all.iter().copied().skip(start).take(count).collect())
}

fn page<'a, T: Resource>(
    account: &Account,
    call: &Call,
    total: usize,
    slice: impl FnOnce(usize, usize) -> Vec<&'a T>,
) -> Value {
    // They kept to the document, so that what cannot be read is only too large.
    let number = |name, default| call.query(name).map_or(default, |text| text.parse().unwrap_or(u64::MAX));
    let (page, per_page) = (number("page", 1), number("per_page", 50));
    let start = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
    let items = slice(start, per_page as usize).into_iter().map(|item| T::KIND.value(&item.shown(account)));
    let mut answer = json!({ "total_count": total, "page": page, "per_page": per_page });
    answer[T::KIND.many] = items.collect();
    answer
}

/// The resource a request names.
pub(super) fn get<T: Resource>(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.single::<T>(call.id())
}

/// Calls a function once for each kind of resource, as the first type parameter.
macro_rules! each_kind {
    ($function:ident($($argument:expr),*)) => {{
        use genesiscloud_bindings::types as kinds;
        $function::<kinds::Filesystem>($($argument),*);
        $function::<kinds::FloatingIp>($($argument),*);
        $function::<kinds::Image>($($argument),*);
        $function::<kinds::Instance>($($argument),*);
        $function::<kinds::SecurityGroup>($($argument),*);
        $function::<kinds::Snapshot>($($argument),*);
        $function::<kinds::SshKey>($($argument),*);
        $function::<kinds::Volume>($($argument),*);
    }};
}
pub(super) use each_kind;

/// Takes away the first item of a listed page, as if somebody had deleted it between two pages.
pub(crate) fn remove_item(account: &mut Account, page: &Value) {
    fn remove<T: Resource>(account: &mut Account, page: &Value) {
        if let Some(id) = first_item::<T>(page) {
            T::vanish(account, id);
        }
    }
    each_kind!(remove(account, page));
}

/// Puts a new item before all others, as if somebody had added it between two pages.
pub(crate) fn add_item(account: &mut Account, page: &Value) {
    fn add<T: Resource>(account: &mut Account, page: &Value) {
        let first = first_item::<T>(page).and_then(|id| T::table(account).get(id));
        let Some(mut item) = first.cloned() else { return };
        let id = account.new_id::<T>();
        let name = format!("added-{}", account.count);
        item.become_another(account, id.clone(), name);
        T::table_mut(account).shift_insert(0, id.clone(), item);
        T::proceed(account, &id, Ending::Settled);
    }
    each_kind!(add(account, page));
}

fn first_item<T: Resource>(page: &Value) -> Option<&str> {
    page[T::KIND.many][0]["id"].as_str()
}

/// The part of [`Resource`] that reads the same for all kinds, for the table of that name.
macro_rules! in_table {
    ($table:ident) => {
        fn table(account: &Account) -> &Table<Self> {
            &account.$table
        }

        fn table_mut(account: &mut Account) -> &mut Table<Self> {
            &mut account.$table
        }

        fn id(&self) -> &str {
            &self.id
        }

        fn identity(&mut self) -> (&mut String, &mut String) {
            (&mut self.id, &mut self.name)
        }

        fn touch(&mut self, now: chrono::DateTime<chrono::Utc>) {
            self.updated_at = Some(now);
        }
    };
}
pub(super) use in_table;
