//! A token in a file that other programs replace.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use super::provider::{AccessToken, TokenFuture, TokenProvider};

/// How long what was read is used.
const READ_AFTER: Duration = Duration::from_secs(1);

/// The longest file that is read, in bytes: far more than a token has.
const MAX_SIZE: u64 = 64 * 1024;

/// A token in a file, such as a mounted secret, that is read again while the client is used: at most once a second by the client's
/// [clock](crate::Clock), and once more if the service refuses the token. White space at the ends of the file is removed.
///
/// The file may be written in place or replaced, also by a symbolic link that changes, as Kubernetes does it. What counts is its
/// content, not its time of change. A file that cannot be read, or has no token in it, while one was read before, is a warning in
/// the log, and the token from before is used.
///
/// The file is read on the runtime's thread, so it should be on a local file system. Only a regular file is read, up to 64 KiB.
///
/// ```
/// use genesiscloud::{Client, TokenFile};
///
/// let client = Client::builder().token_provider(TokenFile::new("/run/secrets/genesiscloud-token")).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// Returns the provider for this path. Nothing is read before the first call.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn read(&self) -> io::Result<AccessToken> {
        // To open another kind of file, such as a pipe, may wait without end.
        if !std::fs::metadata(&self.path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut text = String::new();
        if File::open(&self.path)?.take(MAX_SIZE + 1).read_to_string(&mut text)? as u64 > MAX_SIZE {
            return Err(io::Error::other("it is longer than 64 KiB, which is no token"));
        }
        let token = AccessToken::new(text);
        match token.expose().trim() {
            "" => Err(io::Error::other("it is empty")),
            _ => Ok(token.expires_in(READ_AFTER)),
        }
    }
}

impl TokenProvider for TokenFile {
    fn token(&self) -> TokenFuture<'_> {
        let token = self.read().map_err(|error| format!("cannot read {}: {error}", self.path.display()).into());
        Box::pin(std::future::ready(token))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn read(file: &TokenFile) -> Result<String, String> {
        let token = file.token().now_or_never().unwrap();
        token.map(|token| token.expose().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_read_as_it_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let file = TokenFile::new(&path);
        assert!(read(&file).unwrap_err().starts_with(&format!("cannot read {}: ", path.display())));
        std::fs::write(&path, "token-a\n").unwrap();
        assert_eq!(read(&file).unwrap(), "token-a\n");
        std::fs::write(&path, "token-b\n").unwrap();
        assert_eq!(read(&file).unwrap(), "token-b\n");
        std::fs::write(&path, " \n").unwrap();
        assert!(read(&file).unwrap_err().ends_with("it is empty"));
        std::fs::write(&path, vec![b'x'; 64 * 1024 + 1]).unwrap();
        assert!(read(&file).unwrap_err().contains("longer than 64 KiB"));
        let folder = read(&TokenFile::new(folder.path()));
        assert!(folder.unwrap_err().ends_with("it is not a regular file"));
    }
}
