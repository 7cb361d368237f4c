//! Which request gets which answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use genesiscloud_bindings::types::{InstanceAction, InstanceStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Kind, PageQuery, Refusal};
use crate::extract::{Path, Query};
use crate::{Data, Received, Shared};

/// The path before all paths of the document.
pub(crate) const BASE: &str = "/compute/v1";

const INSTANCE: Kind =
    Kind { schema: "Instance", one: Some("instance"), many: "instances", missing: ("02008", "instance not found") };
const IMAGE: Kind = Kind { schema: "Image", one: Some("image"), many: "images", missing: ("02006", "invalid image") };
const SNAPSHOT: Kind =
    Kind { schema: "Snapshot", one: Some("snapshot"), many: "snapshots", missing: ("02015", "snapshot not found") };
const VOLUME: Kind =
    Kind { schema: "Volume", one: Some("volume"), many: "volumes", missing: ("02021", "volume not found") };
const FILESYSTEM: Kind = Kind {
    schema: "Filesystem",
    one: Some("filesystem"),
    many: "filesystems",
    missing: ("02404", "filesystem not found"),
};
const SSH_KEY: Kind = Kind { schema: "SSHKey", one: None, many: "ssh_keys", missing: ("02047", "ssh key not found") };
const SECURITY_GROUP: Kind = Kind {
    schema: "SecurityGroup",
    one: Some("security_group"),
    many: "security_groups",
    missing: ("02025", "security group not found"),
};
const FLOATING_IP: Kind = Kind {
    schema: "FloatingIP",
    one: Some("floating_ip"),
    many: "floating_ips",
    missing: ("02404", "floating ip not found"),
};

type Answer = Result<Json<Value>, Refusal>;
type Server = State<Arc<Shared>>;

/// The whole server.
pub(crate) fn app(shared: Arc<Shared>, token: &'static str) -> Router {
    let routes = Router::new()
        .merge(resource("/filesystems", FILESYSTEM, |data| &data.filesystems, |one| &one.id))
        .merge(resource("/floating-ips", FLOATING_IP, |data| &data.floating_ips, |one| &one.id))
        .merge(resource("/instances", INSTANCE, |data| &data.instances, |one| &one.id))
        .merge(resource("/security-groups", SECURITY_GROUP, |data| &data.security_groups, |one| &one.id))
        .merge(resource("/snapshots", SNAPSHOT, |data| &data.snapshots, |one| &one.id))
        .merge(resource("/ssh-keys", SSH_KEY, |data| &data.ssh_keys, |one| &one.id))
        .merge(resource("/volumes", VOLUME, |data| &data.volumes, |one| &one.id))
        .route("/images", get(images))
        .route("/instances/{id}/actions", get(actions))
        .route("/instances/{id}/snapshots", get(instance_snapshots))
        .route("/instances/{id}/user-metadata", get(user_metadata))
        .route("/availability/{region}/instances", get(availability))
        .route("/quotas", get(quotas))
        .route("/reservations", get(reservations))
        .with_state(Arc::clone(&shared));
    Router::new()
        .nest(BASE, routes)
        .fallback(no_route)
        .method_not_allowed_fallback(only_reads)
        .layer(middleware::from_fn(move |request: Request, next: Next| authenticated(token, request, next)))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let shared = Arc::clone(&shared);
            async move { recorded(&shared, request, next).await }
        }))
}

/// List and get of a kind of resource.
fn resource<T: Serialize + 'static>(
    path: &'static str,
    kind: Kind,
    all: fn(&Data) -> &Vec<T>,
    id: fn(&T) -> &str,
) -> Router<Arc<Shared>> {
    let list = move |State(shared): Server, Query(query): Query<PageQuery>| async move {
        kind.page(&all(&shared.data()).iter().collect::<Vec<_>>(), &query)
    };
    let one = move |State(shared): Server, Path(wanted): Path<String>| async move {
        kind.single(all(&shared.data()).iter().find(|resource| id(resource) == wanted))
    };
    Router::new().route(path, get(list)).route(&format!("{path}/{{id}}"), get(one))
}

#[derive(Deserialize)]
struct ImageQuery {
    #[serde(rename = "type")]
    kind: Option<String>,
}

async fn images(State(shared): Server, Query(filter): Query<ImageQuery>, Query(query): Query<PageQuery>) -> Answer {
    let data = shared.data();
    let wanted = |kind: String| filter.kind.as_ref().is_none_or(|wanted| *wanted == kind);
    let images: Vec<_> = data.images.iter().filter(|image| wanted(image.type_.to_string())).collect();
    IMAGE.page(&images, &query)
}

async fn actions(State(shared): Server, Path(id): Path<String>) -> Answer {
    let data = shared.data();
    let Some(instance) = data.instances.iter().find(|instance| instance.id == id) else {
        return INSTANCE.single(None::<&Value>);
    };
    let actions = match instance.status {
        InstanceStatus::Active => vec![InstanceAction::Stop, InstanceAction::Reset],
        InstanceStatus::Stopped => vec![InstanceAction::Start],
        _ => vec![],
    };
    Ok(Json(json!({ "actions": actions })))
}

async fn instance_snapshots(State(shared): Server, Path(id): Path<String>, Query(query): Query<PageQuery>) -> Answer {
    let data = shared.data();
    if !data.instances.iter().any(|instance| instance.id == id) {
        return INSTANCE.single(None::<&Value>);
    }
    let of_instance = data.snapshots.iter().filter(|snapshot| snapshot.source_instance_id.as_ref() == Some(&id));
    SNAPSHOT.page(&of_instance.collect::<Vec<_>>(), &query)
}

async fn user_metadata(State(shared): Server, Path(id): Path<String>) -> Answer {
    let data = shared.data();
    if !data.instances.iter().any(|instance| instance.id == id) {
        return INSTANCE.single(None::<&Value>);
    }
    Ok(Json(data.user_metadata.get(&id).cloned().unwrap_or_default().into()))
}

async fn availability(State(shared): Server, Path(region): Path<String>) -> Answer {
    match shared.data().availability.iter().find(|answer| answer.region.to_string() == region) {
        Some(answer) => Ok(Json(json!({ "availability": answer }))),
        None => Err(Refusal::new(StatusCode::BAD_REQUEST, "02004", "\"region\" is not one of the regions")),
    }
}

async fn quotas(State(shared): Server) -> Answer {
    Ok(Json(json!({ "quotas": shared.data().quotas })))
}

async fn reservations(State(shared): Server) -> Answer {
    Ok(Json(json!({ "reservations": shared.data().reservations })))
}

async fn no_route() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "02001", "invalid route")
}

async fn only_reads() -> Refusal {
    Refusal::new(StatusCode::NOT_IMPLEMENTED, "02501", "the sandbox only reads so far")
}

async fn authenticated(token: &str, request: Request, next: Next) -> Response {
    match given_token(request.headers()) {
        None => Refusal::new(StatusCode::UNAUTHORIZED, "02014", "auth token not provided").into_response(),
        Some(given) if given == token => next.run(request).await,
        Some(_) => Refusal::new(StatusCode::UNAUTHORIZED, "01204", "permission denied").into_response(),
    }
}

fn given_token(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name)?.to_str().ok();
    match text(header::AUTHORIZATION) {
        Some(value) => Some(value.strip_prefix("Bearer ").unwrap_or_default()),
        None => headers.get("x-auth-token")?.to_str().ok(),
    }
}

async fn recorded(shared: &Shared, request: Request, next: Next) -> Response {
    let received = Received { method: request.method().to_string(), target: request.uri().to_string() };
    shared.journal().push(received);
    next.run(request).await
}
