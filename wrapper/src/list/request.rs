//! The page that a list asks for.

/// The page to request.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    pub(crate) page: u32,
    pub(crate) per_page: Option<u32>,
}
