//! Words for what is wrong with credentials: the cluster, the field, the rule and the remedy, never a value.

use x509_parser::time::ASN1Time;

use super::{Finding, Severity};
use crate::credentials::{Position, Problem, Refusal, Rule, Shape};
use crate::spec::{SecretReference, ServiceAccountToken};

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        let severity = if problem.is_error() { Severity::Error } else { Severity::Warning };
        let field = &problem.place.field;
        let message = format!("cluster {:?}: `{field}` {}", problem.cluster, words(&problem.rule));
        let finding = Self::new(severity, message).at(field);
        match &problem.place.resource {
            Some(id) => finding.on(id),
            None => finding,
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a table: every rule and its words")]
fn words(rule: &Rule) -> String {
    match rule {
        Rule::NoSource => "must be given: one of `secret`, `kubeconfig`, or `token` with `caCert`; \
             or `spec.credentials.source: Existing` where the Secret is made elsewhere"
            .to_owned(),
        Rule::NoItem { secret, made } => {
            let name = name(secret);
            let fetch = fetch(made.as_ref());
            format!(
                "must name a Secret among the resources, {name:?} is not there: apply the data-plane output to the cluster \
                 (`output: DataPlane` needs no credentials), fetch its token with `{fetch}`, give what it prints the \
                 name {:?} and add it to the resources",
                secret.name
            )
        }
        Rule::Ambiguous { secret, found } => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            format!(
                "must name one Secret, {:?} matches {}: write `namespace/name`, or give each its own name",
                name(secret),
                found.join(" and ")
            )
        }
        Rule::Sealed { secret, kind } => format!(
            "must name a Secret whose values can be read, {:?} is made by an item of kind {kind}, in the cluster: let it \
             make the Secret `spec.credentials.secretName` with a token and a CA for each cluster, and write \
             `spec.credentials.source: Existing`",
            name(secret)
        ),
        Rule::NoKey { key, found } => format!("must have the key {key:?}, it has {}", list(found)),
        Rule::Unfilled { key } => format!(
            "must have the key {key:?}: this is the Secret as it is applied, and Kubernetes writes token and CA into it in \
             the cluster; fetch it from there with `kubectl get secret -o yaml`"
        ),
        Rule::NoToken => "must have a bearer token: flyteadmin can use nothing else".to_owned(),
        Rule::NoCa => "must have the CA's certificates: flyteadmin reads them from a file".to_owned(),
        Rule::TooLarge { size, limit } => format!(
            "must take at most {limit} bytes in a Secret, or a client-side `kubectl apply` refuses it, got {size}: leave \
             only the CA of this cluster's API server"
        ),
        Rule::NotString => "must be a string: quote it".to_owned(),
        Rule::NotText => "must be base64 of text, and what it encodes is none: was it encoded at all?".to_owned(),
        Rule::Empty => "must not be empty".to_owned(),
        Rule::Placeholder => {
            "must be the value itself, not a placeholder or something still encrypted: put it in, or decrypt it before \
             this function runs"
                .to_owned()
        }
        Rule::Raw(shape) => {
            format!("must be base64, got {} as it is: encode it, or move it to `stringData`", article(*shape))
        }
        Rule::NotBase64 => "must be base64, padded and without spaces: encode it, or move it to `stringData`".to_owned(),
        Rule::EncodedTwice(shape) => {
            format!("must not be encoded once more than is needed, it is {} in base64: decode it once", article(*shape))
        }
        Rule::NotPem => {
            "must be certificates in PEM: a block from `-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`, each \
             on a line of its own"
                .to_owned()
        }
        Rule::PrivateKey => {
            "must not hold a private key, only certificates: every pod with the mount would see it".to_owned()
        }
        Rule::NotCertificate(position) => {
            format!("must hold X.509 certificates, {} cannot be read: was it cut or edited?", which(*position))
        }
        Rule::NotAuthority(position) => format!(
            "must hold CA certificates, {} is none (no `CA:TRUE`): take `ca.crt` of the cluster's token Secret",
            which(*position)
        ),
        Rule::CertificateExpired { position, at } => {
            format!("must hold certificates that are valid, {} expired on {}", which(*position), date(*at))
        }
        Rule::CertificateNotYetValid { position, at } => {
            format!("must hold certificates that are valid, {} is not before {}", which(*position), date(*at))
        }
        Rule::Whitespace { is_trimmed } => {
            let remedy = if *is_trimmed { ": trimmed here" } else { "" };
            format!("must not begin or end with white space, because flyteadmin does not trim it{remedy}")
        }
        Rule::ControlCharacter => {
            "must be one line: a line break or control character inside a token makes a header that Go refuses to send"
                .to_owned()
        }
        Rule::PemAsToken => "must be a token, got PEM: are token and CA exchanged?".to_owned(),
        Rule::TokenExpired { at } => format!("must be a token that is valid, it expired on {}", date(*at)),
        Rule::Subject { expected, found } => {
            let found = found.as_deref().unwrap_or("somebody else");
            format!("must be a token of {expected}, which `spec.dataPlane.serviceAccountToken` names, it is of {found}")
        }
        Rule::SameToken { other, fingerprint } => format!(
            "must not bring the token that cluster {other:?} has (SHA-256 {fingerprint}…): a token opens one cluster only"
        ),
        Rule::NoEndpoint => {
            "must be given: neither the spec nor where the credentials come from has the URL of the API server".to_owned()
        }
        Rule::EndpointDiffers { written, brought } => format!(
            "must be that of the credentials, or left out: it is {written:?}, and the credentials are for {brought:?}"
        ),
        Rule::NotHttps => {
            "must be an https URL of a host, without user or query: without `https` the token would travel in clear text"
                .to_owned()
        }
        Rule::OwnCluster => {
            "must not be the name that every cluster gives its own API server: use `inCluster: true` for it".to_owned()
        }
        Rule::SameEndpoint { other, fingerprint } => {
            format!("must not be that of cluster {other:?} (SHA-256 {fingerprint}…): both names mean one cluster")
        }
        Rule::Unreadable { format, at: Some((line, column)) } => {
            format!("must hold {format}, it cannot be read at line {line} column {column} of it")
        }
        Rule::Unreadable { format, at: None } => format!("must hold {format}, it cannot be read"),
        Rule::NoContext { wanted: Some(wanted), found } => {
            format!("must have the context {wanted:?}, it has {}", list(found))
        }
        Rule::NoContext { wanted: None, found } => {
            format!("must have a `current-context`, or `kubeconfig.context` must choose one: it has {}", list(found))
        }
        Rule::NoEntry { kind, name } => format!("must have the {kind} {name:?} that the context names"),
        Rule::Refused(refusal) => {
            let reason = reason(*refusal);
            format!("must not be used: {reason}; give the token of a ServiceAccount and the CA of the cluster")
        }
        Rule::MadeElsewhere(inner) => {
            format!("{}; the Secret is only referenced, so it stays as it is", words(inner))
        }
    }
}

fn reason(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Exec => "flyteadmin reads the token from a file and runs no command to get one",
        Refusal::AuthProvider => "flyteadmin reads the token from a file and asks no auth provider for one",
        Refusal::AwsAuth => "flyteadmin reads the token from a file and takes no AWS role",
        Refusal::ClientCertificate => "flyteadmin sends a bearer token and has no client certificates",
        Refusal::Password => "flyteadmin sends a bearer token and has no user name and password",
        Refusal::TokenFile => "the file is not among the resources",
        Refusal::CaFile => {
            "the file is not among the resources; `kubectl config view --flatten --raw` puts it in place"
        }
        Refusal::Insecure => "flyteadmin always verifies the server, and a token must not be sent to anybody else",
        Refusal::Impersonation => "flyteadmin acts as the owner of the token and nobody else",
        Refusal::Proxy => "flyteadmin has no proxy of a cluster's own",
        Refusal::ServerName => "flyteadmin verifies the server by the host name of the endpoint",
    }
}

fn fetch(made: Option<&ServiceAccountToken>) -> String {
    match made {
        Some(ServiceAccountToken { secret_name, namespace: Some(namespace), .. }) => {
            format!("kubectl get secret {secret_name} -n {namespace} -o yaml")
        }
        Some(ServiceAccountToken { secret_name, namespace: None, .. }) => {
            format!("kubectl get secret {secret_name} -o yaml")
        }
        None => "kubectl get secret TOKEN-SECRET -n NAMESPACE -o yaml".to_owned(),
    }
}

fn name(secret: &SecretReference) -> String {
    match &secret.namespace {
        Some(namespace) => format!("{namespace}/{}", secret.name),
        None => secret.name.clone(),
    }
}

fn article(shape: Shape) -> &'static str {
    match shape {
        Shape::Jwt => "a JSON Web Token",
        Shape::Pem => "PEM",
        Shape::Kubeconfig => "a kubeconfig",
    }
}

fn which(position: Position) -> String {
    match position {
        Position { of: 1, .. } => "the certificate".to_owned(),
        Position { number, of } => format!("certificate {number} of {of}"),
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn date(seconds: i64) -> String {
    ASN1Time::from_timestamp(seconds).map_or_else(|_| format!("second {seconds}"), |time| time.to_string())
}
