//! Answers: resources, pages, and errors as the provider documents them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::document;

/// A refusal with the provider's code and a text.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "code": self.code, "message": self.message }))).into_response()
    }
}

/// A kind of resource, as answers name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Schema in the document.
    pub(crate) schema: &'static str,
    /// Field of a single answer; none for SSH keys, which come bare.
    pub(crate) one: Option<&'static str>,
    /// Field of a list.
    pub(crate) many: &'static str,
    /// Code and text for a missing one.
    pub(crate) missing: (&'static str, &'static str),
}

/// The query of a list, unread: numbers that are none are refused in our own words.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PageQuery {
    page: Option<String>,
    per_page: Option<String>,
}

impl Kind {
    /// The answer for one resource, or for none.
    pub(crate) fn single(self, resource: Option<&impl Serialize>) -> Result<Json<Value>, Refusal> {
        let (code, message) = self.missing;
        let resource = resource.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, code, message))?;
        let value = self.value(resource);
        Ok(Json(match self.one {
            Some(name) => json!({ name: value }),
            None => value,
        }))
    }

    /// The answer for a page of resources.
    pub(crate) fn page<T: Serialize>(self, resources: &[&T], query: &PageQuery) -> Result<Json<Value>, Refusal> {
        let page = number("page", query.page.as_deref(), 1, u64::MAX)?;
        let per_page = number("per_page", query.per_page.as_deref(), 50, 100)?;
        let start = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
        let items = resources.iter().skip(start).take(per_page as usize).map(|resource| self.value(*resource));
        Ok(Json(json!({
            self.many: items.collect::<Vec<_>>(),
            "total_count": resources.len(),
            "page": page,
            "per_page": per_page,
        })))
    }

    fn value(self, resource: &impl Serialize) -> Value {
        let mut value = serde_json::to_value(resource).expect("resources are JSON");
        document::complete(self.schema, &mut value);
        value
    }
}

fn number(name: &str, text: Option<&str>, default: u64, most: u64) -> Result<u64, Refusal> {
    let Some(text) = text else { return Ok(default) };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => {
            let range = if most == u64::MAX { "1 or more".to_owned() } else { format!("1 to {most}") };
            let message = format!("\"{name}\" must be a whole number, {range}");
            Err(Refusal::new(StatusCode::BAD_REQUEST, "02004", message))
        }
    }
}
