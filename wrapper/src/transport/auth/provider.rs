//! The interface to what provides tokens, and the token that it provides.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

/// The future that [`TokenProvider::token`] returns.
pub type TokenFuture<'a> = BoxFuture<'a, Result<AccessToken, Box<dyn StdError + Send + Sync>>>;

/// A provider of tokens that change while a program runs. [`ClientBuilder::token_provider`](crate::ClientBuilder::token_provider)
/// has a client use one; [`TokenFile`](crate::TokenFile) reads them from a file. A closure that returns a future of a token is
/// one as well.
///
/// It is called before the first request, when the token has [expired](AccessToken::expires_in), and when the service has refused
/// it. The [guide](crate::guide::authentication) has the rules. The token must be of the same account as the one before: what the
/// client has observed, created and recorded is taken to exist for the new one too.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::{AccessToken, Client, TokenFuture, TokenProvider};
///
/// struct Vault; // … has the address of a service that issues tokens
///
/// impl TokenProvider for Vault {
///     fn token(&self) -> TokenFuture<'_> {
///         Box::pin(async {
///             let issued = "…"; // ask the service
///             Ok(AccessToken::new(issued).expires_in(Duration::from_secs(3600)))
///         })
///     }
/// }
///
/// let client = Client::builder().token_provider(Vault).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// Returns the token to use from now on, which may be the same as before.
    ///
    /// The client polls the future on a task of its own, on the runtime of a call that needs the token; however many calls need
    /// it, there is one future at a time. It is dropped after 30 s. A panic is an error like any other.
    ///
    /// # Errors
    /// Any error, whose text becomes a part of the call's error, without the tokens that the client knows. It must contain no other
    /// secrets.
    fn token(&self) -> TokenFuture<'_>;
}

impl<F, R, T, E> TokenProvider for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<T, E>> + Send + 'static,
    T: Into<AccessToken>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn token(&self) -> TokenFuture<'_> {
        let token = self();
        Box::pin(async { token.await.map(Into::into).map_err(Into::into) })
    }
}

/// A token from a [`TokenProvider`]. `Debug` does not show it, and it is zeroised when dropped.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::AccessToken;
///
/// let token = AccessToken::new("secret-token").expires_in(Duration::from_secs(900));
/// assert_eq!(format!("{token:?}"), "AccessToken { lifetime: Some(900s), .. }");
/// ```
#[derive(Clone)]
pub struct AccessToken {
    text: SecretString,
    lifetime: Option<Duration>,
}

impl AccessToken {
    /// Returns a token that is used until the service refuses it. White space at its ends is removed; a text that cannot be a
    /// token is an error of the calls that need it.
    pub fn new(token: impl Into<String>) -> Self {
        Self { text: SecretString::from(token.into()), lifetime: None }
    }

    /// Sets how long it is used, from when the provider was called; then the provider is called again. At least one second.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    pub(super) fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    pub(super) fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }
}

impl From<String> for AccessToken {
    fn from(token: String) -> Self {
        Self::new(token)
    }
}

impl From<&str> for AccessToken {
    fn from(token: &str) -> Self {
        Self::new(token)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}
