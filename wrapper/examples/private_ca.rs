//! A private certificate authority: a gateway in front of the API, whose certificate the operating system does not trust. A client
//! without the authority refuses it and sends no token; one with it reaches the API. The gateway runs inside this program, in front of
//! a sandbox.

#[macro_use]
mod support;

use std::error::Error;
use std::io;
use std::sync::Arc;

use genesiscloud::{Client, ErrorKind};
use genesiscloud_sandbox::Sandbox;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start().await?;
    let gateway = Gateway::start(&sandbox.endpoint()).await?;
    let builder = || Client::builder().token(sandbox.token()).endpoint(&gateway.endpoint);

    let error = builder().build()?.quotas().get().await.expect_err("the authority is not known");
    println!("Without the authority: {error}");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(sandbox.recorded_requests().is_empty());

    // A program reads it from a file, such as /etc/company/authority.pem.
    let client = builder().root_certificates(gateway.authority.clone()).build()?;
    println!("With the authority: {} instances", client.instances().list().total_count().await?);
    Ok(())
}

/// A server that decrypts, and passes on to an endpoint.
struct Gateway {
    endpoint: String,
    /// The certificate of its authority in PEM.
    authority: String,
}

impl Gateway {
    async fn start(target: &str) -> Result<Self, Box<dyn Error>> {
        let target = target.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
        let mut authority = CertificateParams::new([])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(pass_on(connection, acceptor.clone(), target.clone()));
            }
        });
        Ok(Self { endpoint, authority: authority.pem() })
    }
}

async fn pass_on(connection: TcpStream, acceptor: TlsAcceptor, target: String) -> io::Result<()> {
    // Fails if the client does not trust the certificate.
    let mut client = acceptor.accept(connection).await?;
    let mut server = TcpStream::connect(target).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}
