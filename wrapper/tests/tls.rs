//! TLS with each set of features: `rustls`, `native-tls`, both, and with features of `reqwest` that another crate enables. CI
//! runs this with each.
#![cfg(any(feature = "rustls", feature = "native-tls"))]

use std::sync::{Arc, Mutex};

use genesiscloud::{Client, ClientBuilder, ErrorKind, TlsBackend};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The backends of this build; the first is the default.
fn backends() -> Vec<TlsBackend> {
    let mut backends = vec![];
    if cfg!(feature = "rustls") {
        backends.push(TlsBackend::Rustls);
    }
    if cfg!(feature = "native-tls") {
        backends.push(TlsBackend::NativeTls);
    }
    backends
}

/// How a backend refuses an authority that it does not trust. Of the operating systems' libraries, OpenSSL's words are known.
fn refusal(backend: TlsBackend) -> &'static str {
    match backend {
        TlsBackend::Rustls => "invalid peer certificate: UnknownIssuer",
        _ if cfg!(target_os = "linux") => "certificate verify failed",
        _ => "",
    }
}

/// A server for `localhost` with a certificate of a private authority.
struct Server {
    endpoint: String,
    /// The authority's certificate.
    pem: String,
    requests: Arc<Mutex<Vec<String>>>,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl Server {
    async fn start() -> Self {
        let (authority, key) = (authority("of the server"), KeyPair::generate().unwrap());
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the server");
        let certificate = params.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        // It would rather speak HTTP/2.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let received = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // Fails if the client does not trust the certificate.
                let Ok(mut stream) = acceptor.accept(socket).await else { continue };
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                received.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"quotas\": []}").await;
                let _ = stream.shutdown().await;
            }
        });
        Self { endpoint, pem: authority.pem(), requests }
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder().token("secret").endpoint(&self.endpoint)
    }
}

#[tokio::test]
async fn the_backend_is_that_of_this_crates_features() {
    let server = Server::start().await;
    let chosen = backends().into_iter().map(|backend| (backend, server.builder().tls_backend(backend)));
    for (backend, builder) in [(backends()[0], server.builder())].into_iter().chain(chosen) {
        let error = builder.build().unwrap().quotas().get().await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Connect, false), "{error}");
        assert!(error.to_string().contains(refusal(backend)), "{backend:?}: {error}");
    }
    for missing in [TlsBackend::Rustls, TlsBackend::NativeTls].into_iter().filter(|one| !backends().contains(one)) {
        let error = server.builder().tls_backend(missing).build().unwrap_err();
        assert!(error.to_string().contains("this build lacks the TLS backend; enable the feature"), "{error}");
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_once_it_is_given() {
    let (server, other) = (Server::start().await, authority("another").pem());
    for backend in backends() {
        let builder = || server.builder().tls_backend(backend);
        let both = format!("{other}\n{}", server.pem);
        for builder in [
            builder().root_certificates(&server.pem),
            builder().root_certificates(&both),
            builder().root_certificates(&other).root_certificates(&server.pem),
        ] {
            assert_eq!(builder.build().unwrap().quotas().get().await.unwrap(), [], "{backend:?}");
        }
        let error = builder().root_certificates(&other).build().unwrap().quotas().get().await.unwrap_err();
        assert!(error.to_string().contains(refusal(backend)), "{backend:?}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_certificate_is_refused() {
    let damaged = authority("another").pem().replacen("MII", "AAA", 1);
    for backend in backends() {
        for (text, says) in [
            ("", "the root certificates hold none in PEM"),
            ("no certificate", "the root certificates hold none in PEM"),
            (&damaged, "a root certificate cannot be read"),
            ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "a root certificate cannot be read"),
        ] {
            for endpoint in ["https://localhost:1", "http://127.0.0.1:1"] {
                let builder = Client::builder().token("secret").endpoint(endpoint).tls_backend(backend);
                let error = builder.root_certificates(text).build().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.to_string().contains(says), "{backend:?} {text:?}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn features_of_other_crates_do_not_change_what_is_sent() {
    let server = Server::start().await;
    for backend in backends() {
        let client = server.builder().tls_backend(backend).root_certificates(&server.pem).build().unwrap();
        client.quotas().get().await.unwrap();
    }
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests.len(), backends().len());
    for request in &*requests {
        assert!(request.starts_with("GET /compute/v1/quotas HTTP/1.1\r\n"), "{request}");
        assert!(!request.to_lowercase().contains("accept-encoding"), "{request}");
    }
}
