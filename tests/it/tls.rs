//! https: certificates are checked, and a client of one's own brings its own authorities.

use std::sync::Arc;

use genesiscloud::{Client, ErrorKind};
use genesiscloud_tests::wire::TOKEN;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server for `localhost` whose certificate no authority signed; its address and certificate.
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
            // Fails where the client does not trust the certificate, which is what one of the tests is about.
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
async fn a_certificate_that_nobody_signed_is_refused_before_anything_is_sent() {
    let (endpoint, _) = server().await;
    let client = Client::builder().token(TOKEN).endpoint(endpoint).build().unwrap();
    let error = client.quotas().get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    // The words of rustls, which is used whatever else is in the build.
    assert!(error.to_string().contains("invalid peer certificate: UnknownIssuer"), "{error}");
}

#[tokio::test]
async fn a_client_of_ones_own_brings_its_authorities() {
    let (endpoint, certificate) = server().await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let own = reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap();
    let client = Client::builder().token(TOKEN).endpoint(endpoint).http_client(own).build().unwrap();
    assert_eq!(client.quotas().get().await.unwrap(), []);
}
