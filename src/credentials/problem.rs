//! What can be wrong with a credential: facts for the report, never a value.

use sha2::{Digest, Sha256};

use crate::field_path::FieldPath;
use crate::redacted::Redacted;
use crate::spec::{SecretReference, ServiceAccountToken};
use crate::wire::ResId;

/// Something wrong with a cluster's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the cluster.
    pub cluster: String,
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub rule: Rule,
}

impl Problem {
    /// Whether the run must stop; everything else is worth a warning.
    #[must_use]
    pub fn is_error(&self) -> bool {
        !matches!(
            self.rule,
            Rule::Whitespace { .. }
                | Rule::TokenExpired { .. }
                | Rule::Subject { .. }
                | Rule::NotAuthority(_)
                | Rule::CertificateExpired { .. }
                | Rule::CertificateNotYetValid { .. }
                | Rule::SameToken { .. }
                | Rule::SameEndpoint { .. }
                | Rule::OwnCluster
                | Rule::MadeElsewhere(_)
        )
    }
}

/// Where a value is: in an item, or in the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The item; absent for the spec.
    pub resource: Option<ResId>,
    /// `spec.clusters[0].credentials.token`, `data.token`, `data["ca.crt"]`.
    pub field: FieldPath,
}

impl Place {
    pub(super) fn spec(field: FieldPath) -> Self {
        Self { resource: None, field }
    }

    pub(super) fn item(id: &ResId, field: impl Into<FieldPath>) -> Self {
        Self { resource: Some(id.clone()), field: field.into() }
    }

    /// Whether it is a key of a Secret's `data`, which `stringData` can hold as well.
    #[must_use]
    pub fn is_key_of_data(&self) -> bool {
        self.resource.is_some() && self.field.len() == 2 && self.field.step(0) == Some("data")
    }

    /// A field below this one.
    pub(super) fn below(&self, words: &'static str) -> Self {
        self.with(self.field.then(words))
    }

    /// Another field of the same thing.
    pub(super) fn with(&self, field: FieldPath) -> Self {
        Self { resource: self.resource.clone(), field }
    }
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A JSON Web Token.
    Jwt,
    /// PEM.
    Pem,
    /// A kubeconfig.
    Kubeconfig,
    /// Any printable text.
    Text,
}

/// One certificate of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// What flyteadmin cannot do with a kubeconfig or an Argo CD cluster Secret, because it takes a token and a CA alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The token is made by a command.
    Exec,
    /// The token is made by an auth provider.
    AuthProvider,
    /// The token is made from an AWS role.
    AwsAuth,
    /// A client certificate.
    ClientCertificate,
    /// User name and password.
    Password,
    /// The token is in a file.
    TokenFile,
    /// The CA is in a file.
    CaFile,
    /// The server is not verified.
    Insecure,
    /// Another user is impersonated.
    Impersonation,
    /// The server is reached through a proxy.
    Proxy,
    /// The server's certificate has another name.
    ServerName,
}

/// The rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The Secret is to be generated and nothing says where the credentials come from.
    NoSource,
    /// No item has the name.
    NoItem {
        /// What was looked for.
        secret: SecretReference,
        /// The token Secret that the data-plane output makes.
        made: Option<ServiceAccountToken>,
    },
    /// Several items have the name.
    Ambiguous {
        /// What was looked for.
        secret: SecretReference,
        /// What was found.
        found: Vec<ResId>,
    },
    /// Only an item that makes a Secret of the name in the cluster is there, whose values cannot be read here.
    Sealed {
        /// What was looked for.
        secret: SecretReference,
        /// The kind of that item.
        kind: String,
    },
    /// A key is missing.
    NoKey {
        /// The key.
        key: String,
        /// The keys that are there.
        found: Vec<String>,
    },
    /// A token Secret as it is applied, without what Kubernetes writes into it.
    Unfilled {
        /// The key that is missing.
        key: String,
    },
    /// A value is no string.
    NotString,
    /// What is decoded is no UTF-8 text.
    NotText,
    /// There is nothing.
    Empty,
    /// Left from a template, or still encrypted.
    Placeholder,
    /// What `kubectl config view` prints in place of the value.
    Omitted,
    /// A reference that a secret manager's tool would replace by the value.
    ManagerReference,
    /// The word before the token in a header.
    HeaderScheme,
    /// A character that no bearer token has.
    IllegalCharacter,
    /// Plain text where base64 belongs.
    Raw(Shape),
    /// Neither base64 nor anything known.
    NotBase64,
    /// Base64 of base64.
    EncodedTwice(Shape),
    /// White space around the token.
    Whitespace {
        /// Whether it is gone from what is used.
        is_trimmed: bool,
    },
    /// A line break or another control character inside the token.
    ControlCharacter,
    /// PEM where the token belongs.
    PemAsToken,
    /// The token's `exp` is past.
    TokenExpired {
        /// Seconds since the epoch.
        at: i64,
    },
    /// The token is of another ServiceAccount.
    Subject {
        /// `system:serviceaccount:flyte:flyteadmin`.
        expected: String,
        /// The ServiceAccount that the token names, if it names one.
        found: Option<String>,
    },
    /// No PEM block with a certificate.
    NotPem,
    /// A private key.
    PrivateKey,
    /// A PEM block that is broken, or whose content is no X.509 certificate.
    NotCertificate(Position),
    /// A certificate without the CA bit.
    NotAuthority(Position),
    /// A certificate's `notAfter` is past.
    CertificateExpired {
        /// Which certificate.
        position: Position,
        /// Seconds since the epoch.
        at: i64,
    },
    /// A certificate's `notBefore` is to come.
    CertificateNotYetValid {
        /// Which certificate.
        position: Position,
        /// Seconds since the epoch.
        at: i64,
    },
    /// Neither the spec nor the source of the credentials has an endpoint.
    NoEndpoint,
    /// The spec's endpoint is not that of the source.
    EndpointDiffers {
        /// The spec's.
        written: String,
        /// The source's.
        brought: String,
    },
    /// The source's endpoint is no `https` URL of a host.
    NotHttps,
    /// The source's endpoint is the name that every cluster gives its own API server.
    OwnCluster,
    /// A kubeconfig or an Argo CD `config` that cannot be read.
    Unreadable {
        /// What it must be.
        format: &'static str,
        /// Line and column, if known.
        at: Option<(usize, usize)>,
    },
    /// A kubeconfig has no such context, or none is chosen.
    NoContext {
        /// The context asked for.
        wanted: Option<String>,
        /// Those that are there.
        found: Vec<String>,
    },
    /// A kubeconfig's context names a cluster or user that is not there.
    NoEntry {
        /// `cluster` or `user`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Something that a token and a CA cannot carry to flyteadmin.
    Refused(Refusal),
    /// No token is given.
    NoToken,
    /// No CA is given.
    NoCa,
    /// Another cluster has the same token.
    SameToken {
        /// That cluster.
        other: String,
        /// Of the token.
        fingerprint: String,
    },
    /// Another cluster has the same endpoint.
    SameEndpoint {
        /// That cluster.
        other: String,
        /// Of the endpoint.
        fingerprint: String,
    },
    /// A value of a Secret that is only referenced would be refused if it were ours.
    MadeElsewhere(Box<Rule>),
    /// The credentials of one cluster alone are more than a client-side `kubectl apply` can carry.
    TooLarge {
        /// The bytes they take.
        size: usize,
        /// The bytes they may take.
        limit: usize,
    },
}

/// The first eight hex digits of the SHA-256 of `text`: tells two values apart without showing either.
pub(super) fn fingerprint(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..4])
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)]).collect()
}

/// The problems of one cluster, as they are found.
pub(super) struct Notes<'s> {
    pub(super) cluster: &'s str,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Notes<'s> {
    pub(super) fn of(cluster: &'s str) -> Self {
        Self { cluster, problems: Vec::new() }
    }

    pub(super) fn add(&mut self, place: &Place, rule: Rule) {
        self.problems.push(Problem { cluster: self.cluster.to_owned(), place: place.clone(), rule });
    }

    /// The value that was read, if it was, with what was noted about it.
    pub(super) fn keep(&mut self, place: &Place, read: Result<(Redacted, Vec<Rule>), Rule>) -> Option<Redacted> {
        match read {
            Ok((value, warnings)) => {
                for rule in warnings {
                    self.add(place, rule);
                }
                Some(value)
            }
            Err(rule) => {
                self.add(place, rule);
                None
            }
        }
    }
}
