//! Quotas: limits of the account.

use genesiscloud_bindings::requests;
#[doc(inline)]
pub use genesiscloud_bindings::types::{Quota, QuotaFlavor};

use super::definitions::{operations, service};

service! {
    /// The quotas of the account.
    Quotas,
    /// Returns the quotas of the account.
    client.quotas()
}

operations! { impl Quotas {
    /// Returns all quotas, with the use of each. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// for quota in client.quotas().get().await? {
    ///     println!("{}: {} of {}", quota.key, quota.used, quota.capacity);
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "list")]
    #[inline]
    pub fn get(&self) -> Call<Vec<Quota>> {
        self.core.call(requests::get_quotas(self.core.raw()), &[], |body| Ok(body.quotas))
    }
} }
