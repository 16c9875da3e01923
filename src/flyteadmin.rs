//! What flyteadmin and the other programs of Flyte read: their commands, their configuration files, and the section
//! `clusters` in them.
//!
//! Source: flyteadmin `cmd/entrypoints` and `pkg/runtime/interfaces/cluster_configuration.go`; flytestdlib `config`.

pub mod command;
pub mod endpoint;
pub mod files;
pub mod host;
pub mod keys;
pub mod section;
pub mod settings;

/// The name of the file with a cluster's token, which is its key in the Secret.
#[must_use]
pub fn token_key(cluster: &str) -> String {
    format!("{cluster}_token")
}

/// The name of the file with a cluster's CA, which is its key in the Secret.
#[must_use]
pub fn ca_cert_key(cluster: &str) -> String {
    format!("{cluster}_cacert")
}

/// The key of a Secret that `path` leads to where the Secret is mounted at `mount_path`.
#[must_use]
pub fn mounted_key<'p>(path: &'p str, mount_path: &str) -> Option<&'p str> {
    let key = path.strip_prefix(mount_path)?.strip_prefix('/')?;
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!key.is_empty() && !key.starts_with("..") && key.chars().all(is_legal)).then_some(key)
}

/// Whether a key of a Secret has a name that [`token_key`] or [`ca_cert_key`] gives.
#[must_use]
pub fn is_credential_key(key: &str) -> bool {
    key.ends_with("_token") || key.ends_with("_cacert")
}
