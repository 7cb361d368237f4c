//! TLS: chosen by this crate's features and [`ClientBuilder::tls_backend`](crate::ClientBuilder::tls_backend) alone, whatever
//! features of `reqwest` other crates enable.

use reqwest::ClientBuilder;

use crate::{Error, Result};

/// Whether this build supports https.
pub(crate) const AVAILABLE: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// The library that a client uses for TLS, for [`ClientBuilder::tls_backend`](crate::ClientBuilder::tls_backend).
///
/// ```
/// use genesiscloud::{Client, TlsBackend};
///
/// # #[cfg(feature = "rustls")] {
/// let client = Client::builder().token("secret").tls_backend(TlsBackend::Rustls).build()?;
/// # }
/// # Ok::<(), genesiscloud::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls with ring: the feature `rustls`.
    Rustls,
    /// The operating system's library: the feature `native-tls`.
    NativeTls,
}

impl TlsBackend {
    /// The one that is used unless another is chosen; `None` if this build has none.
    fn of_this_build() -> Option<Self> {
        [Self::Rustls, Self::NativeTls].into_iter().find(|backend| backend.is_available())
    }

    fn is_available(self) -> bool {
        match self {
            Self::Rustls => cfg!(feature = "rustls"),
            Self::NativeTls => cfg!(feature = "native-tls"),
        }
    }

    fn feature(self) -> &'static str {
        match self {
            Self::Rustls => "rustls",
            Self::NativeTls => "native-tls",
        }
    }
}

/// The TLS of one client. All its HTTP clients, one for each runtime, get the same.
#[derive(Clone)]
pub(crate) enum Configuration {
    #[cfg(feature = "rustls")]
    Rustls(Box<rustls::ClientConfig>),
    #[cfg(feature = "native-tls")]
    NativeTls(Vec<reqwest::Certificate>),
    /// There is no TLS in this build.
    None,
}

impl Configuration {
    /// A configuration that trusts the certificates that the operating system does, and these, in PEM.
    ///
    /// Without `https`, no certificate is verified, so a system without root certificates is no error then.
    pub(crate) fn new(https: bool, backend: Option<TlsBackend>, roots: &[Vec<u8>]) -> Result<Self> {
        if let Some(missing) = backend.filter(|backend| !backend.is_available()) {
            let feature = missing.feature();
            return Err(Error::config(format!("this build lacks the TLS backend; enable the feature `{feature}`")));
        }
        match backend.or_else(TlsBackend::of_this_build) {
            #[cfg(feature = "rustls")]
            Some(TlsBackend::Rustls) => rustls_config(https, roots).map(Box::new).map(Self::Rustls),
            #[cfg(feature = "native-tls")]
            Some(TlsBackend::NativeTls) => native_roots(roots).map(Self::NativeTls),
            _ if https && !roots.is_empty() => {
                Err(Error::config("this build has no TLS that could use the root certificates"))
            }
            _ => Ok(Self::None),
        }
    }

    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            #[cfg(feature = "rustls")]
            Self::Rustls(config) => builder.tls_backend_preconfigured((**config).clone()),
            #[cfg(feature = "native-tls")]
            Self::NativeTls(roots) => builder.tls_backend_native().tls_certs_merge(roots.iter().cloned()),
            Self::None => builder,
        }
    }
}

#[cfg(feature = "rustls")]
fn rustls_config(https: bool, roots: &[Vec<u8>]) -> Result<rustls::ClientConfig> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore};

    let roots = roots.iter().map(|pem| rustls_roots(pem)).collect::<Result<Vec<_>>>()?.concat();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let config = if https {
        let verifier = rustls_verifier(roots, provider).map(Arc::new);
        config.and_then(|config| Ok(config.dangerous().with_custom_certificate_verifier(verifier?)))
    } else {
        config.map(|config| config.with_root_certificates(RootCertStore::empty()))
    };
    Ok(config.map_err(|error| Error::config(format!("TLS cannot be set up: {error}")))?.with_no_client_auth())
}

/// Verifies by the operating system's rules, with these authorities in addition.
#[cfg(feature = "rustls")]
fn rustls_verifier(
    roots: Vec<rustls::pki_types::CertificateDer<'static>>,
    provider: std::sync::Arc<rustls::crypto::CryptoProvider>,
) -> Result<rustls_platform_verifier::Verifier, rustls::Error> {
    use rustls_platform_verifier::Verifier;

    if roots.is_empty() {
        return Verifier::new(provider);
    }
    #[cfg(not(target_os = "android"))]
    return Verifier::new_with_extra_roots(roots, provider);
    #[cfg(target_os = "android")]
    return Err(rustls::Error::General("Android takes no further root certificates".into()));
}

#[cfg(feature = "rustls")]
fn rustls_roots(pem: &[u8]) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>> {
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let roots = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let roots = roots.map_err(|_| unreadable())?;
    // Also without https, so that a mistake shows.
    roots.iter().try_for_each(|root| RootCertStore::empty().add(root.clone())).map_err(|_| unreadable())?;
    non_empty(roots)
}

#[cfg(feature = "native-tls")]
fn native_roots(roots: &[Vec<u8>]) -> Result<Vec<reqwest::Certificate>> {
    let read = |pem: &Vec<u8>| reqwest::Certificate::from_pem_bundle(pem).map_err(|_| unreadable()).and_then(non_empty);
    Ok(roots.iter().map(read).collect::<Result<Vec<_>>>()?.concat())
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn non_empty<T>(roots: Vec<T>) -> Result<Vec<T>> {
    if roots.is_empty() { Err(Error::config("the root certificates hold none in PEM")) } else { Ok(roots) }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn unreadable() -> Error {
    Error::config("a root certificate cannot be read; certificates in PEM are needed")
}
