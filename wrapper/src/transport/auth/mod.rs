//! The token of each request: one that is fixed, or those of a provider.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `header` | a token in the header that carries it |
//! | `provider` | the interface to what provides tokens |
//! | `file` | the provider that reads a file |
//! | `cache` | the token of a provider, and when and how the provider is called |

mod cache;
mod file;
mod header;
mod provider;

use std::sync::Arc;

use self::cache::{MAX_KNOWN, TokenCache};
pub use self::file::TokenFile;
pub use self::header::AuthScheme;
pub(crate) use self::header::HeaderToken;
pub use self::provider::{AccessToken, TokenFuture, TokenProvider};
use crate::Clock;
use crate::config::Token;

/// The tokens of a client, and the header that carries them.
#[derive(Debug)]
pub(crate) struct Credentials {
    scheme: AuthScheme,
    source: Source,
    /// Tokens of the client from which this one was derived, which are secrets here as well.
    inherited: Vec<Token>,
}

#[derive(Debug)]
enum Source {
    Fixed(Arc<HeaderToken>),
    Provider(Arc<TokenCache>),
}

impl Credentials {
    pub(crate) fn fixed(token: Token, scheme: AuthScheme) -> Self {
        let source = Source::Fixed(Arc::new(HeaderToken::new(token, scheme)));
        Self { scheme, source, inherited: vec![] }
    }

    pub(crate) fn provided(provider: Arc<dyn TokenProvider>, scheme: AuthScheme) -> Self {
        let source = Source::Provider(Arc::new(TokenCache::new(provider, scheme)));
        Self { scheme, source, inherited: vec![] }
    }

    /// Those of a derived client with another token in the same header.
    pub(crate) fn with_token(&self, token: Token) -> Self {
        let mut inherited = self.known();
        inherited.drain(..inherited.len().saturating_sub(MAX_KNOWN));
        Self { inherited, ..Self::fixed(token, self.scheme) }
    }

    /// The tokens that no error may show: those that are used, and the last ones that were.
    pub(crate) fn known(&self) -> Vec<Token> {
        let own = match &self.source {
            Source::Fixed(header) => vec![header.token.clone()],
            Source::Provider(cache) => cache.known(),
        };
        self.inherited.iter().cloned().chain(own).collect()
    }

    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.source, Source::Fixed(_))
    }

    /// The token to send now; `None` if the provider has to be called for it.
    pub(super) fn ready(&self, clock: &dyn Clock) -> Option<Arc<HeaderToken>> {
        match &self.source {
            Source::Fixed(header) => Some(Arc::clone(header)),
            Source::Provider(cache) => cache.ready(clock.now()),
        }
    }

    /// The token to send now, for which the provider is called if need be; or why there is none.
    pub(super) async fn get(&self, clock: &Arc<dyn Clock>) -> Result<Arc<HeaderToken>, Arc<str>> {
        match &self.source {
            Source::Fixed(header) => Ok(Arc::clone(header)),
            Source::Provider(cache) => cache.get(clock).await,
        }
    }

    /// Whether there is another token than this one, which the service has refused.
    pub(super) async fn replace(&self, refused: &Arc<HeaderToken>, clock: &Arc<dyn Clock>) -> bool {
        let Source::Provider(cache) = &self.source else { return false };
        cache.refuse(refused, clock.now());
        cache.get(clock).await.is_ok_and(|token| !Arc::ptr_eq(&token, refused))
    }
}
