//! Calls within requests to a web server: each request has a deadline, which the call to the API keeps, and each error becomes a
//! status that says whose fault it is. The server, a sandbox and the requests are in this program.

#[macro_use]
mod support;

use std::error::Error;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use genesiscloud::{Client, ErrorKind, reqwest};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use serde_json::{Value, json};

/// The client of the web server waits no longer than this.
const DEADLINE: Duration = Duration::from_secs(2);

async fn machine(State(client): State<Client>, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    // One client for all requests: they share its connections and its rate limit. The options of a call are set on a clone.
    let vm = client.with_deadline(DEADLINE).instances().get(id).await?;
    Ok(Json(json!({ "name": vm.name, "status": vm.status, "address": vm.public_ip })))
}

/// An error as the answer to a request. Errors of the SDK show no secret, but they are for the log: who asks gets the kind.
struct Failure(genesiscloud::Error);

impl From<genesiscloud::Error> for Failure {
    fn from(error: genesiscloud::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        eprintln!("{error}");
        let status = match error.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::InvalidInput | ErrorKind::BadRequest => StatusCode::BAD_REQUEST,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            ErrorKind::NoCapacity | ErrorKind::QuotaExceeded | ErrorKind::Throttled => StatusCode::SERVICE_UNAVAILABLE,
            // The server's own token is not accepted, the API has failed, …: nothing that who asks could change.
            _ => StatusCode::BAD_GATEWAY,
        };
        (status, Json(json!({ "error": error.kind().to_string() }))).into_response()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().data(Data::realistic()).start().await?;
    let id = sandbox.data().instances[0].id.clone();
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new().route("/machines/{id}", get(machine)).with_state(client.clone());
    tokio::spawn(async { axum::serve(listener, app).await });

    // A client of this program's own needs a TLS provider of its own, even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let ask = async |id: &str| {
        let response = http.get(format!("http://{address}/machines/{id}")).send().await?;
        println!("/machines/{id}: {} {}", response.status(), response.text().await?);
        Ok::<_, reqwest::Error>(())
    };
    ask(&id).await?;
    ask("no-such-machine").await?;
    sandbox.faults().add(FaultRule::new("GetInstance", Fault::Delay(Duration::from_secs(30))).times(1))?;
    ask(&id).await?;
    Ok(())
}
