//! Recognises what templates, encrypting tools and `kubectl` leave in place of a credential.

/// What is written for a value that is not known.
const STAND_INS: [&str; 16] = [
    "null",
    "none",
    "nil",
    "undefined",
    "nan",
    "n/a",
    "todo",
    "tbd",
    "fixme",
    "placeholder",
    "unset",
    "empty",
    "hidden",
    "masked",
    "sensitive",
    "omitted",
];

/// What `kubectl config view` prints for tokens and certificates unless it is told `--raw`.
const OMITTED: [&str; 2] = ["REDACTED", "DATA+OMITTED"];

/// How references begin that tools such as vals, Bank-Vaults, the 1Password operator and those of clouds replace by values.
const REFERENCES: [&str; 15] = [
    "vault:",
    "bao:",
    "ref+",
    "secretref+",
    "op://",
    "arn:",
    "sm://",
    "ssm:",
    "awssm:",
    "awssm://",
    "gcpsm:",
    "azurekeyvault:",
    "akv:",
    "doppler://",
    "keyvault:",
];

/// Whether `text` is what `kubectl config view` prints in place of a value.
pub(super) fn is_omitted(text: &str) -> bool {
    OMITTED.contains(&text.trim().trim_matches(['<', '>', '[', ']']))
}

/// Whether `text` names a value in a secret manager.
pub(super) fn is_reference(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    REFERENCES.iter().any(|start| text.starts_with(start))
}

/// Whether `text` is in a place where a credential is still to come.
///
/// Tokens may have any shape, so only what nobody issues as a token is taken for a placeholder.
pub(super) fn is_placeholder(text: &str) -> bool {
    is_left_from_a_template(text) || is_stand_in(text)
}

/// Whether `text` is a word for nothing, or the same sign all over.
fn is_stand_in(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'', '<', '>', '[', ']', '(', ')']).to_ascii_lowercase();
    let is_of_one = |sign: char| text.len() >= 3 && text.chars().all(|c| c == sign);
    STAND_INS.contains(&text.as_str())
        || text == "redacted"
        || ['*', 'x', '.', '•', '-', '_', '?'].into_iter().any(is_of_one)
}

fn is_left_from_a_template(text: &str) -> bool {
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
            "null",
            "None",
            "TODO\n",
            "\"null\"",
            "[REDACTED]",
            "*****",
            "xxxxxxxx",
            "n/a",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn references_and_what_kubectl_omits_are_told_apart() {
        for text in
            ["vault:secret/data/flyte#token", "ref+vault://a/b", "op://vault/item/token", "arn:aws:secretsmanager:x"]
        {
            assert!(is_reference(text) && !is_omitted(text) && !is_placeholder(text), "{text}");
        }
        for text in ["token-abc12:secret", "kubeconfig-u-1:x", "opaque", "refused", "arnold"] {
            assert!(!is_reference(text) && !is_omitted(text), "{text}");
        }
        for text in ["REDACTED", "DATA+OMITTED\n"] {
            assert!(is_omitted(text), "{text}");
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
            "todo-list-service:abc",
            "none-of-it",
            "x*x",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "eyJhbGciOiJub25lIn0.e30.c2ln",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
