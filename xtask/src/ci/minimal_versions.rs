//! The lower bounds of dependencies: the workspace must compile with the lowest versions that its manifests accept, since a
//! program may have locked any of them.

use super::tools::nightly;
use crate::files;
use crate::process::stdout;
use crate::refresh::scratch::Scratch;

/// Type-checks a scratch copy with the lowest versions. Only cargo of the nightly toolchain selects them; the compiler is the
/// one that this program runs with. The registry must be reachable.
pub(super) fn check() -> Result<String, String> {
    let scratch = Scratch::of(&files::root())?;
    stdout(nightly().args(["update", "-Z", "direct-minimal-versions"]).current_dir(scratch.root()))?;
    // For the libraries as others build them: without tests.
    let arguments = ["check", "--locked", "--workspace", "--all-features", "--quiet"];
    stdout(scratch.cargo().env("CARGO_NET_OFFLINE", "false").args(arguments))?;
    Ok("the workspace compiles with them".to_owned())
}
