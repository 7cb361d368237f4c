//! A server of fixed responses: one instance, or a page of 100. Prints its endpoint, and serves until its input ends.

use std::convert::Infallible;
use std::io::Write;

use genesiscloud_benches::client::Result;
use genesiscloud_benches::responses;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Enough for a burst of connections.
const BACKLOG: u32 = 4096;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(async { listen() })?;
    println!("http://{}/compute/v1", listener.local_addr()?);
    std::io::stdout().flush()?;
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    runtime.block_on(serve(listener))
}

fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse().expect("an address"))?;
    socket.listen(BACKLOG)
}

async fn serve(listener: TcpListener) -> Result<()> {
    let bodies = (Bytes::from(responses::instance()), Bytes::from(responses::page()));
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        tokio::spawn(respond(connection, bodies.clone()));
    }
}

async fn respond(connection: TcpStream, (instance, page): (Bytes, Bytes)) {
    let service = service_fn(|request: Request<Incoming>| {
        let body = if request.uri().path().ends_with("/instances") { &page } else { &instance };
        let mut response = Response::new(Full::new(body.clone()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        async { Ok::<_, Infallible>(response) }
    });
    // A client that ends closes its connections.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}
