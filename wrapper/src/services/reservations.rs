//! Reservations.

use super::service;
use crate::{Pending, Reservation};

service! {
    /// Capacity set aside for the account, which instances billed as `reserved` draw on.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let reservations = client.reservations();
    /// # }
    /// ```
    Reservations
}

impl Reservations {
    /// All reservations, with what is used of each. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// for reservation in client.reservations().get().await? {
    ///     println!("{}: {} of {}", reservation.flavor_name, reservation.quota.used, reservation.quota.capacity);
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "list")]
    pub fn get(&self) -> Pending<Vec<Reservation>> {
        let call = self.client.call("GetReservations");
        Pending::new(async move {
            let answer = call.raw.get_reservations().await;
            Ok(call.finish(answer).await?.reservations)
        })
    }
}
