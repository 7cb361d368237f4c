//! Pages of a list, and the faults that shift items between two pages.

use serde_json::{Value, json};

use super::request::{OperationRequest, Outcome};
use super::resource::{Resource, each_kind};
use super::state::Account;
use crate::error_response::ErrorResponse;

/// Returns the requested page of all resources of a kind.
pub(super) fn list<T: Resource>(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    if let Some(all) = account.stale_list::<T>() {
        return Ok(page_of(account, request, &all));
    }
    let table = T::table(account);
    Ok(page::<T>(account, request, table.len(), |start, count| {
        table.values().skip(start).take(count).collect::<Vec<_>>()
    }))
}

/// Returns the requested page of the resources that match.
pub(super) fn list_where<T: Resource>(
    account: &Account,
    request: &OperationRequest,
    matches: impl Fn(&T) -> bool,
) -> Value {
    let mut all = account.stale_list().unwrap_or_else(|| T::table(account).values().collect());
    all.retain(|resource| matches(resource));
    page_of(account, request, &all)
}

fn page_of<T: Resource>(account: &Account, request: &OperationRequest, all: &[&T]) -> Value {
    page(account, request, all.len(), |start, count| all.iter().copied().skip(start).take(count).collect())
}

fn page<'a, T: Resource>(
    account: &Account,
    request: &OperationRequest,
    total: usize,
    slice: impl FnOnce(usize, usize) -> Vec<&'a T>,
) -> Value {
    // Both were validated against the OpenAPI document, so parsing fails only on overflow.
    let number = |name, default| request.query(name).map_or(default, |text| text.parse().unwrap_or(u64::MAX));
    let (page, per_page) = (number("page", 1), number("per_page", 50));
    let start = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
    let items = slice(start, per_page as usize).into_iter().map(|item| T::KIND.value(&item.with_references(account)));
    let mut body = json!({ "total_count": total, "page": page, "per_page": per_page });
    body[T::KIND.plural] = items.collect();
    body
}

/// Removes the first item of a page from the account, as a deletion between two page requests would.
pub(crate) fn remove_first_item(account: &mut Account, page: &Value) {
    fn remove<T: Resource>(account: &mut Account, page: &Value) {
        if let Some(id) = first_item_id::<T>(page) {
            T::remove(account, id);
        }
    }
    each_kind!(remove(account, page));
}

/// Adds an item at the start of the list that a page belongs to, as a creation between two page requests could.
pub(crate) fn insert_first_item(account: &mut Account, page: &Value) {
    fn insert<T: Resource>(account: &mut Account, page: &Value) {
        let first = first_item_id::<T>(page).and_then(|id| T::table(account).get(id));
        let Some(mut item) = first.cloned() else { return };
        let id = account.new_id::<T>();
        let name = format!("added-{}", account.sequence);
        item.become_copy(account, id.clone(), name);
        T::insert(account, item);
        let table = T::table_mut(account);
        table.move_index(table.len() - 1, 0);
        T::schedule_transition(account, &id, Outcome::Ready);
    }
    each_kind!(insert(account, page));
}

fn first_item_id<T: Resource>(page: &Value) -> Option<&str> {
    page[T::KIND.plural][0]["id"].as_str()
}
