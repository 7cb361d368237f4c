//! Listing of images.

use genesiscloud_bindings::types::Image;
use serde_json::Value;

use super::list::list_where;
use super::request::OperationRequest;
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse};
use crate::resource_id;

impl Resource for Image {
    const KIND: ResourceKind = ResourceKind {
        schema: "Image",
        singular: Some("image"),
        plural: "images",
        not_found: ErrorCode::IMAGE_NOT_FOUND,
        id_prefix: resource_id::IMAGE,
    };
    table_accessors!(images);
}

pub(super) fn list(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let image_type = request.query("type");
    Ok(list_where::<Image>(account, request, |image| image_type.is_none_or(|image_type| image.type_ == image_type)))
}
