//! Words for what is wrong with credentials: the cluster, the field, the rule and the remedy, never a value.

use x509_parser::time::ASN1Time;

use super::{Finding, Severity};
use crate::credentials::{Place, Position, Problem, Refusal, Rule, Shape};
use crate::spec::{SecretReference, ServiceAccountToken};

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        let severity = if problem.is_error() { Severity::Error } else { Severity::Warning };
        let field = &problem.place.field;
        let message = format!("cluster {:?}: `{field}` {}", problem.cluster, words(&problem.rule, &problem.place));
        let finding = Self::new(severity, message).at(field);
        match &problem.place.resource {
            Some(id) => finding.on(id),
            None => finding,
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a table: every rule and its words")]
fn words(rule: &Rule, place: &Place) -> String {
    match rule {
        Rule::NoSource => "must be set: one of `secret`, `kubeconfig`, `existingSecret`, or `token` with `caCert`; \
             or `spec.credentials.source: Existing` if one Secret for all clusters is made elsewhere"
            .to_owned(),
        Rule::NoItem { secret, made } => {
            let name = name(secret);
            let fetch = fetch(made.as_ref());
            format!(
                "must name a Secret among the resources, but {name:?} is not there; apply the data-plane output to the cluster \
                 (`output: DataPlane` needs no credentials), fetch its token with `{fetch}`, give what it prints the \
                 name {:?} and add it to the resources",
                secret.name
            )
        }
        Rule::Ambiguous { secret, found } => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            format!(
                "must name one Secret, but {:?} matches {}; write `namespace/name`, or give each its own name",
                name(secret),
                found.join(" and ")
            )
        }
        Rule::Sealed { secret, kind } => format!(
            "must name a Secret whose values can be read, but {:?} is made by an item of kind {kind} in the cluster; write \
             `existingSecret: {}` for it, with an `endpoint`",
            name(secret),
            secret.name
        ),
        Rule::NoKey { key, found } => format!("must have the key {key:?}, but it has {}", list(found)),
        Rule::Unfilled { key } => format!(
            "must have the key {key:?}; this is the Secret as it is applied, and Kubernetes writes token and CA into it in \
             the cluster; fetch it from there with `kubectl get secret -o yaml`"
        ),
        Rule::NoToken => "must have a bearer token, because flyteadmin can use nothing else".to_owned(),
        Rule::NoCa => "must have the CA's certificates, because flyteadmin reads them from a file".to_owned(),
        Rule::TooLarge { size, limit } => format!(
            "must take at most {limit} bytes in a Secret, or a client-side `kubectl apply` refuses it, but it takes {size}; leave \
             only the CA of this cluster's API server"
        ),
        Rule::NotString => "must be a string; quote it".to_owned(),
        Rule::NotText => "must be base64 of text, but what it encodes is none; was it encoded at all?".to_owned(),
        Rule::Empty => "must not be empty".to_owned(),
        Rule::Placeholder => {
            "must be the value itself, not a placeholder or something still encrypted; put it in, or decrypt it before \
             this function runs"
                .to_owned()
        }
        Rule::Omitted => "must be the value itself, this is what `kubectl config view` prints in its place: use \
             `kubectl config view --flatten --raw`"
            .to_owned(),
        Rule::ManagerReference => {
            "must be the value itself, this refers to one in a secret manager, which this function does not ask: let the \
             manager make a Secret in the control-plane cluster and name it in `existingSecret`"
                .to_owned()
        }
        Rule::HeaderScheme => "must be the token alone, without `Bearer` in front of it: remove that word".to_owned(),
        Rule::IllegalCharacter => {
            "must be a bearer token, which has letters, digits and -._~+/: alone and `=` at its end (RFC 6750), got a space, \
             quote, `$`, brace or the like: was a variable left as it is, or did the command that should print the token \
             print something else?"
                .to_owned()
        }
        Rule::Raw(shape) => {
            format!("must be base64, got {} as it is; {}", article(*shape), encode(place))
        }
        Rule::NotBase64 => format!("must be base64, padded and without spaces; {}", encode(place)),
        Rule::EncodedTwice(shape) => {
            format!("must not be encoded once more than is needed, but it is {} in base64; decode it once", article(*shape))
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
            format!("must hold X.509 certificates, but {} cannot be read; was it cut or edited?", which(*position))
        }
        Rule::NotAuthority(position) => format!(
            "must hold CA certificates, but {} is none (no `CA:TRUE`); take `ca.crt` of the cluster's token Secret",
            which(*position)
        ),
        Rule::CertificateExpired { position, at } => {
            format!("must hold certificates that are valid, but {} expired on {}", which(*position), date(*at))
        }
        Rule::CertificateNotYetValid { position, at } => {
            format!("must hold certificates that are valid, but {} is not valid before {}", which(*position), date(*at))
        }
        Rule::Whitespace { is_trimmed } => {
            let remedy = if *is_trimmed { "; trimmed here" } else { "" };
            format!("must not begin or end with white space, because flyteadmin does not trim it{remedy}")
        }
        Rule::ControlCharacter => {
            "must be one line, because a line break or control character inside a token makes a header that Go refuses to send"
                .to_owned()
        }
        Rule::PemAsToken => "must be a token, but is PEM; are token and CA exchanged?".to_owned(),
        Rule::TokenExpired { at } => format!("must be a token that is valid, but it expired on {}", date(*at)),
        Rule::Subject { expected, found } => {
            let found = found.as_deref().unwrap_or("somebody else");
            format!("must be a token of {expected}, which `spec.dataPlane.serviceAccountToken` names, but it is of {found}")
        }
        Rule::SameToken { other, fingerprint } => format!(
            "must not bring the token that cluster {other:?} has (SHA-256 {fingerprint}…), because a token is valid for one cluster only"
        ),
        Rule::NoEndpoint => {
            "must be set, because neither the spec nor where the credentials come from has the URL of the API server".to_owned()
        }
        Rule::EndpointDiffers { written, brought } => format!(
            "must be that of the credentials, or left out; it is {written:?}, but the credentials are for {brought:?}"
        ),
        Rule::NotHttps => {
            "must be an https URL of a host, without user or query; without `https` the token would be sent unencrypted"
                .to_owned()
        }
        Rule::OwnCluster => {
            "must not be the name that every cluster gives its own API server; use `inCluster: true` for it".to_owned()
        }
        Rule::SameEndpoint { other, fingerprint } => {
            format!("must not be that of cluster {other:?} (SHA-256 {fingerprint}…), because both names would mean one cluster")
        }
        Rule::Unreadable { format, at: Some((line, column)) } => {
            format!("must hold {format}, but it cannot be read at line {line} column {column} of it")
        }
        Rule::Unreadable { format, at: None } => format!("must hold {format}, but it cannot be read"),
        Rule::NoContext { wanted: Some(wanted), found } => {
            format!("must have the context {wanted:?}, but it has {}", list(found))
        }
        Rule::NoContext { wanted: None, found } => {
            format!("must have a `current-context`, or `kubeconfig.context` must choose one; it has {}", list(found))
        }
        Rule::NoEntry { kind, name } => format!("must have the {kind} {name:?} that the context names"),
        Rule::Refused(refusal) => {
            let reason = reason(*refusal);
            format!("must not be used, because {reason}; give the token of a ServiceAccount and the CA of the cluster")
        }
        Rule::MadeElsewhere(inner) => {
            format!("{}; the Secret is only referenced, so it stays as it is", words(inner, place))
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
        Refusal::Insecure => "flyteadmin always verifies the server, and a token must not be sent to another server",
        Refusal::Impersonation => "flyteadmin acts as the owner of the token alone",
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

fn encode(place: &Place) -> &'static str {
    if place.is_key_of_data() { "encode it, or move it to `stringData`" } else { "encode it" }
}

fn article(shape: Shape) -> &'static str {
    match shape {
        Shape::Jwt => "a JSON Web Token",
        Shape::Pem => "PEM",
        Shape::Kubeconfig => "a kubeconfig",
        Shape::Text => "printable text",
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
    ASN1Time::from_timestamp(seconds)
        .map_or_else(|_| format!("second {seconds}"), |time| time.to_datetime().date().to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::credentials::resolve;
    use crate::credentials::samples::{Deployment, NOW, OPAQUE, authority, base64_of, jwt, private_key};
    use crate::field_path::FieldPath;
    use crate::wire::ResId;

    fn finding(rule: Rule) -> Finding {
        let place = Place {
            resource: Some(ResId::core("Secret", Some("flyte"), "cluster-1-token")),
            field: "data.token".into(),
        };
        Finding::from(&Problem { cluster: "cluster_1".to_owned(), place, rule })
    }

    #[test]
    fn a_message_names_cluster_field_rule_and_remedy() {
        let encoded = finding(Rule::EncodedTwice(Shape::Jwt));
        assert_eq!(
            encoded.line(),
            "error: v1/Secret/flyte/cluster-1-token: cluster \"cluster_1\": `data.token` must not be encoded once \
             more than is needed, but it is a JSON Web Token in base64; decode it once"
        );
        let expired = finding(Rule::TokenExpired { at: 0 });
        assert_eq!(
            expired.line(),
            "warning: v1/Secret/flyte/cluster-1-token: cluster \"cluster_1\": `data.token` must be a token that is \
             valid, but it expired on 1970-01-01"
        );
    }

    #[test]
    fn only_what_stands_in_the_data_of_a_secret_can_move_to_string_data() {
        let item = Some(ResId::core("Secret", None, "a"));
        let message = |resource: &Option<ResId>, field: FieldPath, rule: &Rule| {
            let place = Place { resource: resource.clone(), field };
            Finding::from(&Problem { cluster: "a".to_owned(), place, rule: rule.clone() }).message
        };
        for rule in [Rule::NotBase64, Rule::Raw(Shape::Jwt), Rule::MadeElsewhere(Box::new(Rule::NotBase64))] {
            for key in ["token", "ca.crt"] {
                let field = FieldPath::at("data").key(key);
                assert!(message(&item, field, &rule).contains("or move it to `stringData`"), "{key}");
            }
            for (resource, field) in [
                (&None, "spec.clusters[0].credentials.token".into()),
                (&None, "spec.clusters[0].credentials.caCert".into()),
                (&item, "data.kubeconfig.clusters[0].cluster.certificate-authority-data".into()),
                (&item, FieldPath::at("data").key("kube.config").then("clusters[0].cluster")),
                (&item, "stringData.config.tlsClientConfig.caData".into()),
            ] {
                let message = message(resource, field, &rule);
                assert!(message.contains("encode it") && !message.contains("move it"), "{message}");
            }
        }
    }

    #[test]
    fn a_missing_secret_says_what_to_apply_and_fetch_first() {
        let secret = SecretReference { namespace: None, name: "cluster-1-token".to_owned() };
        let made = ServiceAccountToken {
            service_account: "flyteadmin".to_owned(),
            namespace: Some("flyte".to_owned()),
            secret_name: "flyteadmin-token".to_owned(),
        };
        let message = finding(Rule::NoItem { secret, made: Some(made) }).message;
        for part in
            ["`output: DataPlane`", "`kubectl get secret flyteadmin-token -n flyte -o yaml`", "\"cluster-1-token\""]
        {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn every_message_states_a_rule() {
        let position = Position { number: 2, of: 3 };
        let secret = SecretReference { namespace: Some("flyte".to_owned()), name: "a".to_owned() };
        let text = || "a".to_owned();
        let rules = [
            Rule::NoSource,
            Rule::NoItem { secret: secret.clone(), made: None },
            Rule::Ambiguous { secret: secret.clone(), found: vec![] },
            Rule::Sealed { secret, kind: text() },
            Rule::NoKey { key: text(), found: vec![] },
            Rule::Unfilled { key: text() },
            Rule::NotString,
            Rule::NotText,
            Rule::Empty,
            Rule::Placeholder,
            Rule::Omitted,
            Rule::ManagerReference,
            Rule::HeaderScheme,
            Rule::IllegalCharacter,
            Rule::Raw(Shape::Jwt),
            Rule::NotBase64,
            Rule::EncodedTwice(Shape::Pem),
            Rule::Whitespace { is_trimmed: true },
            Rule::ControlCharacter,
            Rule::PemAsToken,
            Rule::TokenExpired { at: i64::MAX },
            Rule::Subject { expected: text(), found: None },
            Rule::NotPem,
            Rule::PrivateKey,
            Rule::NotCertificate(position),
            Rule::NotAuthority(position),
            Rule::CertificateExpired { position, at: 0 },
            Rule::CertificateNotYetValid { position, at: 0 },
            Rule::NoEndpoint,
            Rule::EndpointDiffers { written: text(), brought: text() },
            Rule::NotHttps,
            Rule::OwnCluster,
            Rule::Unreadable { format: "a kubeconfig", at: None },
            Rule::Unreadable { format: "a kubeconfig", at: Some((1, 1)) },
            Rule::NoContext { wanted: None, found: vec![] },
            Rule::NoContext { wanted: Some(text()), found: vec![text()] },
            Rule::NoEntry { kind: "user", name: text() },
            Rule::Refused(Refusal::Exec),
            Rule::NoToken,
            Rule::NoCa,
            Rule::SameToken { other: text(), fingerprint: text() },
            Rule::SameEndpoint { other: text(), fingerprint: text() },
            Rule::TooLarge { size: 2, limit: 1 },
            Rule::MadeElsewhere(Box::new(Rule::Whitespace { is_trimmed: false })),
        ];
        for rule in rules {
            let message = finding(rule).message;
            assert!(message.starts_with("cluster \"cluster_1\": `data.token` must "), "{message}");
            assert!(!message.ends_with(['.', ' ']) && !message.contains("  "), "{message}");
        }
    }

    const CANARY: &str = "canary-4f1c9b7e2d";

    /// Deployments with a canary wherever a secret can be, each broken in another way.
    fn broken() -> Vec<Deployment> {
        let key = private_key();
        let token = |text: &str| {
            let data = json!({"token": text, "ca.crt": base64_of(&key)});
            Deployment::of(&json!({"secret": "a"})).secret("a", &data)
        };
        let inline = |text: &str| Deployment::of(&json!({"token": text, "caCert": base64_of(CANARY)}));
        let kubeconfig = |text: &str| {
            Deployment::of_set(&json!({"kubeconfig": {"secret": "a"}}))
                .secret("a", &json!({"kubeconfig": base64_of(text)}))
        };
        let argo_cd = |config: &str| {
            let metadata = json!({"name": "a", "labels": {"argocd.argoproj.io/secret-type": "cluster"}});
            let server = format!("https://admin:{CANARY}@cluster-1.example.com");
            let strings = json!({"server": server, "config": config});
            let item = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": strings});
            Deployment::of(&json!({"secret": "a"})).item(item)
        };
        let user = |user: &Value| {
            let cluster = json!({"server": format!("http://{CANARY}@a"), "certificate-authority-data": CANARY});
            json!({
                "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": cluster}], "users": [{"name": "u", "user": user}],
            })
        };
        let expected = json!({"serviceAccount": "flyteadmin", "namespace": "flyte", "secretName": "flyteadmin-token"});
        let claims = json!({"sub": CANARY, "exp": 1, "jti": CANARY});
        let twice = base64_of(&base64_of(&jwt(&claims)));
        let same = json!({"token": base64_of(CANARY), "caCert": base64_of(&authority())});
        let endpoint = "https://a.example.com";
        let in_existing = json!({"a_token": CANARY, "a_cacert": base64_of(&key)});
        let cluster = |name: &str| json!({"name": name, "endpoint": endpoint, "credentials": same});
        vec![
            token(CANARY),
            token(&jwt(&claims)),
            token(&twice),
            token(&base64_of(&jwt(&claims))).set("/dataPlane", json!({"serviceAccountToken": expected})),
            token(&base64_of(&format!("{CANARY}\n{CANARY}"))),
            token(&base64_of(&format!("-----BEGIN {CANARY}"))),
            token(&base64_of(&format!("{{{{ {CANARY} }}}}"))),
            token(&base64_of(&format!("{CANARY}\n"))),
            token(&key),
            inline(CANARY),
            inline(&format!("<{CANARY}>")),
            kubeconfig(CANARY),
            kubeconfig(&format!("users: [{CANARY}")),
            kubeconfig(&format!("users: [{{name: u, user: {CANARY}}}]")),
            kubeconfig(&format!("users: [{{name: u, user: {{token: [{CANARY}]}}}}]")),
            kubeconfig(&user(&json!({"token": format!("{CANARY}\n{CANARY}")})).to_string()),
            kubeconfig(
                &user(&json!({"password": CANARY, "username": CANARY, "exec": {"env": [{"value": CANARY}]}}))
                    .to_string(),
            ),
            kubeconfig(&user(&json!({"client-key-data": CANARY, "client-certificate-data": CANARY})).to_string()),
            argo_cd(CANARY),
            argo_cd(&json!({"bearerToken": [CANARY]}).to_string()),
            argo_cd(
                &json!({"bearerToken": CANARY, "tlsClientConfig": {"caData": CANARY, "keyData": CANARY}}).to_string(),
            ),
            argo_cd(
                &json!({"username": CANARY, "password": CANARY, "tlsClientConfig": {"certData": CANARY}}).to_string(),
            ),
            Deployment::with(&json!([cluster("a"), cluster("b")])),
            Deployment::with(&json!([{"name": "a", "endpoint": endpoint}]))
                .set("/credentials/source", json!("Existing"))
                .secret("cluster-credentials", &in_existing),
        ]
    }

    #[test]
    fn no_value_is_shown_on_any_path() {
        let mut shown = Vec::new();
        for (number, deployment) in broken().iter().enumerate() {
            let problems = deployment.run(|spec, items| match resolve(spec, items, NOW) {
                Ok((_, problems)) | Err(problems) => problems,
            });
            assert!(!problems.is_empty(), "deployment {number} must be broken");
            for problem in problems {
                let finding = Finding::from(&problem);
                let texts =
                    [finding.line(), finding.result().to_string(), format!("{finding:?}"), format!("{problem:?}")];
                shown.extend(texts.map(|text| (number, text)));
            }
        }
        // Without the characters that depend on what is around them.
        let encoded = |before: &str| base64_of(&format!("{before}{CANARY}"))[4..20].to_owned();
        for (number, text) in shown {
            assert!(!text.contains(CANARY) && !text.contains("PRIVATE KEY-----"), "deployment {number}: {text}");
            assert!(
                ["", "a", "ab"].iter().all(|before| !text.contains(&encoded(before))),
                "deployment {number}: {text}"
            );
        }
    }

    #[test]
    fn a_good_deployment_has_nothing_to_tell() {
        let credentials = json!({"token": base64_of(OPAQUE), "caCert": base64_of(&authority())});
        assert_eq!(Deployment::of(&credentials).problems(), []);
    }
}
