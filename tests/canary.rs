//! No stream shows a secret: canary values run through every kind of failure, and everything printed is searched for them.

mod common;

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::BINARY;

/// Stands for a token; long enough not to occur by chance.
const CANARY: &str = "canary-5up3r-s3cr3t-b1rd-0f-y3ll0w-f34th3r";

/// What each case changes in a deployment that works: a text, and what stands there instead.
const BREAKAGES: [(&str, &str, &str); 19] = [
    ("nothing", "", ""),
    ("a token in the place of an enum", "output: ControlPlane", "output: {TOKEN}"),
    ("a token in the place of an object", "    credentials: {secret: one}", "    credentials: {TOKEN}"),
    ("a token in the place of a list", "    - {kind: Deployment, name: admin}", "      {TOKEN}"),
    ("a token in the place of an endpoint", "https://one.example.com:6443", "https://user:{TOKEN}@one.example.com"),
    ("a token in the place of inline credentials", "{secret: one}", "{token: '{TOKEN}', caCert: '{TOKEN}'}"),
    ("a token that is not encoded", "    token: {BASE64}", "    token: {TOKEN}"),
    ("a token that is encoded twice", "    token: {BASE64}", "    token: {TWICE}"),
    ("a token with a line break in it", "    token: {BASE64}", "    token: {BROKEN}"),
    ("a certificate that is a token", "    ca.crt: {CERTIFICATE}", "    ca.crt: {BASE64}"),
    ("no certificate", "    ca.crt: {CERTIFICATE}", "    other: {BASE64}"),
    ("a kubeconfig that is a token", "{secret: one}", "{kubeconfig: {secret: one, key: token}}"),
    ("a kubeconfig with a user that runs a command", "{secret: one}", "{kubeconfig: {secret: one, key: kubeconfig}}"),
    ("a token in the data plane", "    mode: worker", "    mode: '{TOKEN}'"),
    ("an encoded token in the data plane", "    mode: worker", "    mode: 'x{BASE64}'"),
    ("configuration that is not YAML", "      a: 1", "      a: [{TOKEN}"),
    ("a functionConfig that is not YAML", "output: ControlPlane", "output: [{TOKEN}"),
    ("a key twice", "    token: {BASE64}", "    token: {BASE64}\n    token: {BASE64}"),
    ("an anchor that is not there", "    token: {BASE64}", "    token: *{TOKEN}"),
];

const DEPLOYMENT: &str = "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Secret
  metadata:
    name: one
  data:
    token: {BASE64}
    ca.crt: {CERTIFICATE}
    kubeconfig: {KUBECONFIG}
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: admin
  spec:
    template:
      spec:
        containers:
        - name: admin
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: admin-config
  data:
    admin.yaml: |
      a: 1
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: worker-config
  data:
    mode: worker
functionConfig:
  apiVersion: split-planes.dev/v1alpha1
  kind: PlaneSplit
  metadata:
    name: planes
  spec:
    output: ControlPlane
    planes:
      controlPlane: [{name: admin}, {name: admin-config}]
      dataPlane: [{name: worker-config}]
    clusters:
    - name: one
      endpoint: https://one.example.com:6443
      credentials: {secret: one}
    credentials:
      mounts:
      - {kind: Deployment, name: admin}
    clusterConfig:
      targets: [{configMap: admin-config, key: admin.yaml}]
";

fn filled(template: &str) -> String {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(Vec::new()).expect("a certificate").self_signed(&key);
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- {{name: c, context: {{cluster: k, user: u}}}}\n\
         clusters:\n- {{name: k, cluster: {{server: 'https://one.example.com:6443'}}}}\nusers:\n\
         - {{name: u, user: {{exec: {{command: login, args: [{CANARY}]}}}}}}\n"
    );
    template
        .replace("{TOKEN}", CANARY)
        .replace("{BASE64}", &STANDARD.encode(CANARY))
        .replace("{TWICE}", &STANDARD.encode(STANDARD.encode(CANARY)))
        .replace("{BROKEN}", &STANDARD.encode(format!("{CANARY}\n{CANARY}")))
        .replace("{KUBECONFIG}", &STANDARD.encode(kubeconfig))
        .replace("{CERTIFICATE}", &STANDARD.encode(certificate.expect("a certificate").pem()))
}

/// Every form of the canary that a reader could turn back into it.
fn traces() -> Vec<String> {
    let once = STANDARD.encode(CANARY);
    let twice = STANDARD.encode(&once);
    // The ends of an encoding depend on what stands around it.
    let middle = |text: &str| text[4..text.len() - 4].to_owned();
    vec![CANARY[..16].to_owned(), CANARY[16..].to_owned(), middle(&once), middle(&twice)]
}

#[test]
fn no_stream_shows_a_credential() {
    let mut refusals = 0;
    for output in ["ControlPlane", "DataPlane", "All"] {
        for (name, what, instead) in BREAKAGES {
            let template =
                DEPLOYMENT.replace(what, instead).replace("output: ControlPlane", &format!("output: {output}"));
            assert!(what.is_empty() || template != DEPLOYMENT, "{name} must break something");
            let input = filled(&template);

            let run = common::run(&mut Command::new(BINARY), input.as_bytes());
            refusals += usize::from(!run.status.success());
            // The items themselves come back as they came, and the Secret of the control plane holds the token.
            let results = run.stdout.split_once("\nresults:").map_or("", |(_, results)| results);
            let mut printed = vec![("stderr", run.stderr.clone()), ("results", results.to_owned())];
            for format in ["table", "json", "mermaid", "html"] {
                let mut command = Command::new(BINARY);
                let explained = common::run(command.args(["explain", "-o", format]), input.as_bytes());
                printed.push((format, explained.stdout));
                printed.push((format, explained.stderr));
            }
            for (stream, text) in printed {
                for trace in traces() {
                    assert!(!text.contains(&trace), "{name}, output {output}: {stream} shows the credential:\n{text}");
                }
            }
        }
    }
    assert!(refusals > BREAKAGES.len(), "the breakages must break: {refusals} refusals");
}
