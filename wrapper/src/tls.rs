//! TLS: chosen by this crate's features alone, whatever features of `reqwest` other crates enable.

use reqwest::ClientBuilder;

use crate::Result;

/// Whether this build supports https.
pub(crate) const AVAILABLE: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// Sets rustls with ring; certificates are verified by the operating system's rules.
///
/// Without `https`, no certificate is verified, so a system without root certificates is no error then.
#[cfg(feature = "rustls")]
pub(crate) fn configure(builder: ClientBuilder, https: bool) -> Result<ClientBuilder> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::BuilderVerifierExt;

    use crate::Error;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            if https {
                config.with_platform_verifier()
            } else {
                Ok(config.with_root_certificates(RootCertStore::empty()))
            }
        })
        .map_err(|error| Error::config(format!("TLS cannot be set up: {error}")))?
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(config))
}

/// Sets the operating system's TLS.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(crate) fn configure(builder: ClientBuilder, _https: bool) -> Result<ClientBuilder> {
    Ok(builder.tls_backend_native())
}

/// Sets nothing: there is no TLS in this build.
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) fn configure(builder: ClientBuilder, _https: bool) -> Result<ClientBuilder> {
    Ok(builder)
}
