//! Lists of resources in pages, and what changes between two of them.

use serde_json::{Value, json};

use super::request::{Call, Ending};
use super::resource::{Resource, each_kind};
use super::state::Account;
use crate::error_response::Refusal;

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
