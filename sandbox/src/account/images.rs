//! Images.

use genesiscloud_bindings::types::Image;
use serde_json::Value;

use super::list::list_where;
use super::request::Call;
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal};
use crate::resource_id as id;

impl Resource for Image {
    const KIND: Kind =
        Kind { schema: "Image", one: Some("image"), many: "images", missing: Code::IMAGE_NOT_FOUND, id: id::IMAGE };
    in_table!(images);
}

pub(super) fn list(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let kind = call.query("type");
    Ok(list_where::<Image>(account, call, |image| kind.is_none_or(|kind| image.type_.to_string() == kind)))
}
