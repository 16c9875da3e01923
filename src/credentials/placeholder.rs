//! Tells what a template or an encrypting tool left from a credential.

/// Whether `text` stands where a credential is still to come.
///
/// Tokens may have any shape, so only what nobody issues as a token is taken for a placeholder.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let is_wrapped = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close);
    let joined: String = text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
    (text.contains("{{") && text.contains("}}"))
        || is_wrapped("<", ">")
        || ["your-", "your_", "your "].iter().any(|start| text.starts_with(start))
        || ["changeme", "replaceme"].iter().any(|start| joined.starts_with(start))
        || ["tokenhere", "certhere", "cacerthere", "cahere", "certificatehere"].iter().any(|end| joined.ends_with(end))
        || text.starts_with("enc[aes256")
        || text.contains("**sops**")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_issues_is_a_placeholder() {
        for text in [
            "{{ cluster 1 token here }}",
            "{{token}}",
            "<token>",
            " <your-token-here>\n",
            "changeme",
            "CHANGEME",
            "change-me",
            "CHANGE_ME_PLEASE",
            "your-token",
            "YOUR_TOKEN",
            "your token",
            "cluster-1-token-here",
            "cluster_1_ca_cert_here",
            "ENC[AES256_GCM,data:abc,iv:abc,tag:abc,type:str]",
            "**SOPS**",
            "REPLACE_ME",
            "replace-me-with-a-token",
            "REPLACEME",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn what_might_be_issued_is_not() {
        for text in [
            "token-of-cluster-1",
            "yourtoken",
            "exchangeme-not",
            "<a",
            "a>",
            "{{a",
            "a}}",
            "enc[",
            "sops",
            "nowhere",
            "where-the-token-is",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "eyJhbGciOiJub25lIn0.e30.c2ln",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
