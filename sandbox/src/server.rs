//! The TCP listener and its connections. All of them end with the task that runs [`serve`].

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::request_handler::handle_request;
use crate::server_state::ServerState;

pub(crate) async fn serve(listener: TcpListener, state: Arc<ServerState>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, Arc::clone(&state)));
                }
                // The usual cause is too many open files, which passes as connections close.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<ServerState>) {
    // Responses are small and written at once, so that Nagle's algorithm would only delay them.
    let _ = stream.set_nodelay(true);
    let arrived_at = stream.local_addr().ok().map(|address| address.ip());
    let (connection, reset_handle, request_in_progress) = Connection::new(stream);
    let service = service_fn(move |request| {
        let response =
            handle_request(Arc::clone(&state), reset_handle.clone(), arrived_at, request_in_progress.start(), request);
        async move { Ok::<_, Infallible>(response.await) }
    });
    // An error means that the connection ended early, by a fault or by the client: no peer is left to report it to.
    let _ = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(connection), service).await;
}
