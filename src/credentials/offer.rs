//! What a source of credentials offers for one cluster.

use super::encoding::Written;
use super::problem::Place;

/// What a source has for one cluster.
pub(super) struct Offer {
    pub(super) token: Option<Written>,
    pub(super) ca_cert: Option<Written>,
    pub(super) endpoint: Option<Endpoint>,
}

/// An endpoint that a source brings.
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) place: Place,
}
