//! Carries secret text so that no message, log or panic can show it.

use zeroize::Zeroizing;

/// Secret text: a token, a certificate, a kubeconfig. It has neither `Debug` nor `Display`, and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted(Zeroizing<String>);

impl Redacted {
    /// Takes `text` into custody.
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
