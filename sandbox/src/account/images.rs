//! Images.

use genesiscloud_bindings::types::Image;
use serde_json::Value;

use super::resource::{Kind, Resource, Table, in_table, list_where};
use super::{Account, Call, id};
use crate::refusal::{Code, Refusal};

impl Resource for Image {
    const KIND: Kind =
        Kind { schema: "Image", one: Some("image"), many: "images", missing: Code::IMAGE_NOT_FOUND, id: id::IMAGE };
    in_table!(images);
}

pub(super) fn list(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let kind = call.query("type");
    Ok(list_where::<Image>(account, call, |image| kind.is_none_or(|kind| image.type_.to_string() == kind)))
}
