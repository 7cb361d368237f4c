//! What a program leaves in the account on purpose.

/// The resources that a program says it leaves in the account on purpose. A program that leaves none can return `()`.
///
/// ```
/// use genesiscloud_sandbox::explore::Kept;
///
/// # fn example(vm: genesiscloud::Instance, disk: genesiscloud::Volume) {
/// let kept = Kept::ids([&vm.id, &disk.id]);
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    ids: Vec<String>,
}

impl Kept {
    /// Keeps nothing.
    ///
    /// ```
    /// let kept = genesiscloud_sandbox::explore::Kept::none();
    /// ```
    pub fn none() -> Self {
        Self::default()
    }

    /// Keeps the resources with these ids, of any kind.
    ///
    /// ```
    /// let kept = genesiscloud_sandbox::explore::Kept::ids(["an-instance", "a-volume"]);
    /// ```
    pub fn ids(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { ids: ids.into_iter().map(Into::into).collect() }
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.iter().any(|kept| kept == id)
    }
}

impl From<()> for Kept {
    fn from((): ()) -> Self {
        Self::none()
    }
}
