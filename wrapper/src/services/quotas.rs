//! Quotas.

use super::service;
use crate::{Pending, Quota};

service! {
    /// What the account may have.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let quotas = client.quotas();
    /// # }
    /// ```
    Quotas
}

impl Quotas {
    /// All quotas, with what is used of each. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// for quota in client.quotas().get().await? {
    ///     println!("{}: {} of {}", quota.key, quota.used, quota.capacity);
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "list")]
    pub fn get(&self) -> Pending<Vec<Quota>> {
        let call = self.client.call("GetQuotas");
        Pending::new(async move {
            let answer = call.raw.get_quotas().await;
            Ok(call.finish(answer).await?.quotas)
        })
    }
}
