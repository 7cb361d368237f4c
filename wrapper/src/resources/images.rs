//! Images, from which instances are created.

use genesiscloud_bindings::requests;
#[doc(inline)]
pub use genesiscloud_bindings::types::{Image, ImageType};

use super::definitions::{listed_by_fields, operations, service};
use crate::core::Core;
use crate::list::{PageRequest, ReceivedPage, private};
use crate::{Call, List, Page};

service! {
    /// The images that instances are created from. The API has no operation for one image; they can only be listed.
    Images,
    /// Returns the images that instances are created from.
    client.images()
}

impl private::Listable for Image {
    type Filter = Option<ImageType>;

    #[inline]
    fn fetch(core: &Core, kind: &Self::Filter, page: PageRequest) -> Call<ReceivedPage<Self>> {
        let operation = |raw: &_, number, size| requests::list_images_paginated(raw, number, size, kind.clone());
        page.fetch(core, operation, "images", |l| (l.images, l.page, l.per_page, l.total_count))
    }

    listed_by_fields!();
}

operations! { impl Images {
    /// Lists all images, or those of one [`type_`](List::type_). One request per page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    /// use genesiscloud::ImageType;
    ///
    /// let mut images = client.images().list().type_(ImageType::CloudImage);
    /// while let Some(image) = images.try_next().await? {
    ///     println!("{}", image.slug.unwrap_or(image.id));
    /// }
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn list(&self) -> List<Image> {
        List::new(&self.core, None)
    }

    /// Returns one page of images of any type; pages count from 1 and hold 1 to 100 items. One request, none if a number is out
    /// of range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.images().list_page(1, 100).await?;
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn list_page(&self, page: u32, per_page: u32) -> Call<Page<Image>> {
        self.list().per_page(per_page).page(page)
    }
} }

impl List<Image> {
    /// Lists only images of this type. The documentation also names types that the document does not list:
    /// `ImageType::Unknown("snapshot".into())` is one of those.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let snapshots = client.images().list().type_(genesiscloud::ImageType::Unknown("snapshot".into()));
    /// # }
    /// ```
    pub fn type_(self, image_type: ImageType) -> Self {
        self.filter(Some(image_type))
    }
}
