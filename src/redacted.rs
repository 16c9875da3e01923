//! Carries secret text so that no message, log or panic can show it, and says what of any other text may be shown.

mod likely;
mod visible;

use zeroize::Zeroizing;

pub use likely::{WITHHELD, likely_secrets, may_be_secret, withhold};
pub use visible::{is_visible, visible};

/// Secret text: a token, a certificate, a kubeconfig. It has neither `Debug` nor `Display`, and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted(Zeroizing<String>);

impl Redacted {
    /// Wraps `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself: for comparing, encoding and writing into the one Secret it belongs to, never for a message.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
