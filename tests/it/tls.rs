//! TLS: certificates are verified, and a custom configuration has its own authorities.

use std::sync::Arc;

use genesiscloud::{Client, ErrorKind, RetryPolicy};
use genesiscloud_tests::mock_api::TOKEN;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Duration, Instant};
use tokio_rustls::TlsAcceptor;

/// A server for `localhost` with a self-signed certificate; its URL and certificate.
async fn server() -> (String, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // Fails if the client does not trust the certificate, which one of the tests expects.
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"quotas\": []}").await;
            let _ = stream.shutdown().await;
        }
    });
    (endpoint, certificate)
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused_before_sending() {
    let (endpoint, _) = server().await;
    let client = Client::builder().token(TOKEN).endpoint(endpoint).build().unwrap();
    let error = client.quotas().get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert_eq!((error.attempts(), error.is_retryable()), (1, false), "it would be refused again");
    // The message of rustls, which is used whatever else is in the build.
    assert!(error.to_string().contains("invalid peer certificate: UnknownIssuer"), "{error}");
}

#[tokio::test]
async fn a_custom_tls_configuration_has_its_own_authorities() {
    let (endpoint, certificate) = server().await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder().token(TOKEN).endpoint(endpoint);
    let client = builder.configure_http(move |http| http.tls_backend_preconfigured(tls.clone())).build().unwrap();
    assert_eq!(client.quotas().get().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_cut_off_is_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let client = Client::builder().token(TOKEN).endpoint(endpoint).build().unwrap();
    let error = client.instances().perform("i-1", genesiscloud::InstanceAction::Stop).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Connect, 5, true), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_ends_is_a_connect_timeout() {
    // Accepts into the backlog and never responds.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let builder = Client::builder().token(TOKEN).endpoint(format!("https://{}", listener.local_addr().unwrap()));
    let client = builder.connect_timeout(Duration::from_secs(3)).retry_policy(RetryPolicy::never()).build().unwrap();
    let start = Instant::now();
    let error = client.instances().perform("i-1", genesiscloud::InstanceAction::Stop).await.unwrap_err();
    assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Connect, 3), "{error}");
    assert!(error.is_retryable(), "nothing was sent");
}
