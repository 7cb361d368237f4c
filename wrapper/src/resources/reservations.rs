//! Reservations: capacity reserved for the account.

use genesiscloud_bindings::requests;
#[doc(inline)]
pub use genesiscloud_bindings::types::{Reservation, ReservationQuota};

use super::definitions::{operations, service};

service! {
    /// The reservations of the account: capacity for instances with billing type `reserved`.
    Reservations,
    /// Returns the reservations of the account.
    client.reservations()
}

operations! { impl Reservations {
    /// Returns all reservations, with the use of each. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// for reservation in client.reservations().get().await? {
    ///     let (name, quota) = (reservation.flavor_name, reservation.quota);
    ///     println!("{name}: {} of {}", quota.used, quota.capacity);
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "list")]
    #[inline]
    pub fn get(&self) -> Call<Vec<Reservation>> {
        self.core.call(requests::get_reservations(self.core.raw()), &[], |body| Ok(body.reservations))
    }
} }
