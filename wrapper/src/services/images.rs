//! Images.

use futures::future::BoxFuture;

use super::{known_by_its_fields, service};
use crate::list::{PageRequest, private};
use crate::{Client, Image, ImageType, List, Page, Pending, Result};

service! {
    /// What instances are created from. The API has no way to get one image; list them and pick.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let images = client.images();
    /// # }
    /// ```
    Images
}

impl private::Listed for Image {
    type Filter = Option<ImageType>;

    fn fetch(client: Client, kind: Self::Filter, page: PageRequest) -> BoxFuture<'static, Result<Page<Self>>> {
        Box::pin(async move {
            let call = client.call("ListImagesPaginated");
            let (number, size) = page.query(&call)?;
            let answer = call.raw.list_images_paginated(number, size, kind).await;
            let list = call.finish(answer).await?;
            page.answer(&call, list.images, (list.page, list.per_page, list.total_count))
        })
    }

    known_by_its_fields!();
}

impl Images {
    /// All images, or those of one [`kind`](List::kind). One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    /// use genesiscloud::ImageType;
    ///
    /// let mut images = client.images().list().kind(ImageType::CloudImage);
    /// while let Some(image) = images.try_next().await? {
    ///     println!("{}", image.slug.unwrap_or(image.id));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Image> {
        List::new(&self.client, None)
    }

    /// One page of images of any kind; pages count from 1 and hold 1 to 100 items. One request, none if a number is out
    /// of range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.images().list_page(1, 100).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<Image>> {
        self.list().per_page(per_page).page(page)
    }
}

impl List<Image> {
    /// Only images of this kind. The documentation also names kinds that today's document does not list:
    /// `ImageType::Unknown("snapshot".into())` asks for one of those.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let snapshots = client.images().list().kind(genesiscloud::ImageType::Unknown("snapshot".into()));
    /// # }
    /// ```
    pub fn kind(self, kind: ImageType) -> Self {
        self.filter(Some(kind))
    }
}
