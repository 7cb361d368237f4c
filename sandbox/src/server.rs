//! The listener and its connections. They end with the task that runs them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::request_handler::answer;
use crate::server_state::Shared;

pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&shared)));
                }
                // Too many open files, as a rule: some will close.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    // Answers are small and whole: waiting to fill a packet would only slow them down.
    let _ = stream.set_nodelay(true);
    let (connection, breaker) = Connection::new(stream);
    let service = service_fn(move |request| {
        let answer = answer(Arc::clone(&shared), breaker.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // An error is a connection that ended early, on purpose or by the client: nobody is left to tell.
    let _ = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(connection), service).await;
}
