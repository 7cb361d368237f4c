//! What all kinds of resources have in common: a table, an answer, pages.

use chrono::{DateTime, Utc};
use genesiscloud_bindings::types::{
    Filesystem, FloatingIp, Image, Instance, Reference, SecurityGroup, Snapshot, SshKey, Volume,
};
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

pub(super) trait Resource: Clone + Serialize + Send + 'static {
    const KIND: Kind;
    fn table(account: &Account) -> &Table<Self>;
    fn table_mut(account: &mut Account) -> &mut Table<Self>;
    fn id(&self) -> &str;
    fn rename(&mut self, id: String, name: String);
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
    json!({
        T::KIND.many: items.collect::<Vec<_>>(),
        "total_count": total,
        "page": page,
        "per_page": per_page,
    })
}

/// The resource a request names.
pub(super) fn get<T: Resource>(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.single::<T>(call.id())
}

/// Takes away the first item of a listed page, as if somebody deleted it between two pages.
pub(crate) fn remove_item(account: &mut Account, page: &Value) {
    each_kind(account, page, Move::Remove);
}

/// Puts a new item before all others, as if somebody added it between two pages.
pub(crate) fn add_item(account: &mut Account, page: &Value) {
    each_kind(account, page, Move::Add);
}

#[derive(Clone, Copy)]
enum Move {
    Remove,
    Add,
}

fn each_kind(account: &mut Account, page: &Value, what: Move) {
    shift::<Filesystem>(account, page, what);
    shift::<FloatingIp>(account, page, what);
    shift::<Image>(account, page, what);
    shift::<Instance>(account, page, what);
    shift::<SecurityGroup>(account, page, what);
    shift::<Snapshot>(account, page, what);
    shift::<SshKey>(account, page, what);
    shift::<Volume>(account, page, what);
}

fn shift<T: Resource>(account: &mut Account, page: &Value, what: Move) {
    let Some(id) = page[T::KIND.many][0]["id"].as_str() else { return };
    match what {
        Move::Remove => {
            T::table_mut(account).shift_remove(id);
        }
        Move::Add => {
            let Some(mut item) = T::table(account).get(id).cloned() else { return };
            let new_id = account.new_id::<T>();
            item.rename(new_id.clone(), format!("added-{}", account.count));
            T::table_mut(account).shift_insert(0, new_id, item);
        }
    }
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

        fn rename(&mut self, id: String, name: String) {
            (self.id, self.name) = (id, name);
        }

        fn touch(&mut self, now: chrono::DateTime<chrono::Utc>) {
            self.updated_at = Some(now);
        }
    };
}
pub(super) use in_table;
