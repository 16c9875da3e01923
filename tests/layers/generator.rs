//! Makes random stacks of kustomizations from a seed: a base, layers above it, and the function in one of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What stands for the function in the files of a [`Layering`].
pub const FUNCTION: &str = "FUNCTION";

/// The label by which the resources say their plane, both to the function and to what replaces it.
pub const LABEL: &str = "plane";

const RESOURCES: &str = include_str!("resources.yaml");

/// A stack of kustomizations.
pub struct Layering {
    /// The text of each file, by its path.
    pub files: BTreeMap<String, String>,
    /// The directory to build.
    pub top: String,
    /// Whether a layer gives names a prefix or suffix after the function ran.
    pub renames_above: bool,
}

/// `SplitMix64`: the same numbers for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a small number");
        usize::try_from(self.next() % limit).expect("a small number")
    }

    /// True in `percent` of 100 cases.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// One kustomization in the making.
#[derive(Default)]
struct Kustomization {
    resources: Vec<String>,
    components: Vec<String>,
    transformers: Vec<String>,
    fields: String,
}

impl Kustomization {
    fn text(&self, kind: &str) -> String {
        let version = if kind == "Component" { "v1alpha1" } else { "v1beta1" };
        let mut text = format!("apiVersion: kustomize.config.k8s.io/{version}\nkind: {kind}\n");
        for (field, entries) in
            [("resources", &self.resources), ("components", &self.components), ("transformers", &self.transformers)]
        {
            if !entries.is_empty() {
                writeln!(text, "{field}: [{}]", entries.join(", ")).expect("writing to a string");
            }
        }
        text + &self.fields
    }

    fn field(&mut self, text: &str) {
        self.fields.push_str(text);
        self.fields.push('\n');
    }
}

/// Makes the layering of `seed`; `ca_cert` is the base64 of a certificate.
pub fn layering(seed: u64, ca_cert: &str) -> Layering {
    let mut random = Random(seed);
    let output = random.pick(&["ControlPlane", "DataPlane"]);
    let mut layering = Layering { files: BTreeMap::new(), top: String::new(), renames_above: false };
    let last = 1 + random.below(3);
    let place = random.below(last + 1);
    let is_component = random.chance(30);
    let second = (place + 1..=last).find(|_| random.chance(15));
    let split = split(&mut random, output, ca_cert);
    for level in 0..=last {
        let directory = format!("l{level}");
        let mut layer = Kustomization::default();
        if level == 0 {
            base(&mut random, &mut layer, &mut layering, &directory);
        } else {
            layer.resources.push(format!("../l{}", level - 1));
        }
        let before = layer.fields.len();
        transformations(&mut random, &mut layer, &mut layering, &directory);
        let renames = ["namePrefix", "nameSuffix"].iter().any(|field| layer.fields[before..].contains(field));
        if level == place || Some(level) == second {
            if is_component {
                let function = Kustomization { transformers: vec!["split.yaml".to_owned()], ..Default::default() };
                put(&mut layering, &directory, "function/split.yaml", &split);
                put(&mut layering, &directory, "function/kustomization.yaml", &function.text("Component"));
                let at = random.below(layer.components.len() + 1);
                layer.components.insert(at, "function".to_owned());
            } else {
                put(&mut layering, &directory, "split.yaml", &split);
                let at = random.below(layer.transformers.len() + 1);
                layer.transformers.insert(at, "split.yaml".to_owned());
            }
        }
        layering.renames_above |= renames && (level > place || (level == place && is_component));
        layering.renames_above |= level >= place && layer.transformers.iter().any(|file| file.starts_with("prefix"));
        layering.renames_above |= level >= place && layer.components.iter().any(|name| name.starts_with("part"));
        put(&mut layering, &directory, "kustomization.yaml", &layer.text("Kustomization"));
        layering.top = directory;
    }
    layering
}

fn put(layering: &mut Layering, directory: &str, name: &str, text: &str) {
    layering.files.insert(format!("{directory}/{name}"), text.to_owned());
}

/// The function's configuration; the function itself is put in place of [`FUNCTION`].
fn split(random: &mut Random, output: &str, ca_cert: &str) -> String {
    let target = random.pick(&[
        "{configMap: admin-config, key: config.yaml}",
        "{configMap: made-clusters, key: clusters.yaml, create: true}",
    ]);
    let token = random.pick(&[
        "serviceAccount: admin",
        "serviceAccount: admin",
        "serviceAccount: elsewhere, namespace: flyte",
        "serviceAccount: elsewhere, namespace: far-away",
    ]);
    format!(
        "apiVersion: split-planes.dev/v1alpha1
kind: PlaneSplit
metadata:
  name: split
  annotations:
    config.kubernetes.io/function: |
      {FUNCTION}
spec:
  output: {output}
  planes:
    controlPlane: [{{labelSelector: {LABEL}=control}}]
    dataPlane: [{{labelSelector: {LABEL}=data}}]
    external: [{{kind: ServiceAccount, name: elsewhere}}]
    unmatched: Both
  clusters:
  - name: cluster_1
    endpoint: https://cluster-1.cloud
    credentials: {{token: bm90LWEtcmVhbC10b2tlbg==, caCert: {ca_cert}}}
  credentials: {{secretName: made-credentials, mounts: [{{kind: Deployment, name: admin}}]}}
  clusterConfig: {{targets: [{target}]}}
  dataPlane:
    serviceAccountToken: {{{token}, secretName: made-token}}
"
    )
}

/// The lowest layer: every kind of reference, in namespaces that are written, come from the layer, or are left out.
fn base(random: &mut Random, layer: &mut Kustomization, layering: &mut Layering, directory: &str) {
    let subjects = random.pick(&["flyte", "flyte", "default", "prod"]);
    let written = random.below(4);
    let mut at = 0;
    let mut namespace = || {
        at += 1;
        match written {
            0 => ", namespace: flyte",
            1 if at % 3 == 0 => ", namespace: flyte",
            _ => "",
        }
    };
    let mut text = String::new();
    for part in RESOURCES.replace("SUBJECTS", subjects).split_inclusive("NAMESPACE") {
        match part.strip_suffix("NAMESPACE") {
            Some(part) => text.extend([part, namespace()]),
            None => text.push_str(part),
        }
    }
    put(layering, directory, "resources.yaml", &text);
    layer.resources.push("resources.yaml".to_owned());
    let inside = if written == 0 { "namespace: flyte, " } else { "" };
    layer.field(&format!(
        "generatorOptions: {{disableNameSuffixHash: {}}}
configMapGenerator:
- {{name: admin-config, {inside}literals: [\"config.yaml=server: {{}}\"], options: {{labels: {{{LABEL}: control}}}}}}
- {{name: shared, {inside}literals: [a=b]}}
secretGenerator:
- {{name: password, {inside}literals: [a=b], options: {{labels: {{{LABEL}: control}}}}}}",
        random.chance(30)
    ));
    // Some in a namespace and some in none: a pod does not find what it mounts unless the layer moves them together.
    if written == 1 {
        layer.field(&format!("namespace: {}", random.pick(&["flyte", "prod"])));
    }
}

/// What a layer does to everything below it.
fn transformations(random: &mut Random, layer: &mut Kustomization, layering: &mut Layering, directory: &str) {
    let number = layering.files.len();
    if random.chance(40) {
        layer.field(&format!("namePrefix: {}-", random.pick(&["prod", "eu", "a"])));
    }
    if random.chance(25) {
        layer.field(&format!("nameSuffix: -{}", random.pick(&["blue", "x"])));
    }
    if random.chance(35) && !layer.fields.contains("\nnamespace:") {
        layer.field(&format!("namespace: {}", random.pick(&["flyte", "prod", "shop"])));
    } else if random.chance(30) {
        let subjects = random.pick(&["defaultOnly", "allServiceAccounts", "none"]);
        let text = format!(
            "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {{name: n, namespace: {}}}\n\
             setRoleBindingSubjects: {subjects}\nunsetOnly: {}\n",
            random.pick(&["flyte", "prod", "shop"]),
            random.chance(30),
        );
        put(layering, directory, "namespace.yaml", &text);
        layer.transformers.push("namespace.yaml".to_owned());
    }
    if random.chance(15) {
        let text = "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: t-\n\
                    fieldSpecs: [{path: metadata/name}]\n";
        put(layering, directory, "prefix.yaml", text);
        layer.transformers.push("prefix.yaml".to_owned());
    }
    if random.chance(30) {
        let selectors = random.chance(50);
        layer.field(&format!(
            "labels: [{{pairs: {{level: l{number}}}, includeSelectors: {selectors}, includeTemplates: true}}]"
        ));
    }
    if random.chance(20) {
        layer.field(&format!("commonAnnotations: {{level: l{number}}}"));
    }
    if random.chance(30) {
        layer.field(&format!("images: [{{name: admin, newName: example.com/admin, newTag: v{number}}}]"));
    }
    if random.chance(30) {
        layer.field(
            "replacements:
- source: {kind: ServiceAccount, name: admin, fieldPath: metadata.name}
  targets:
  - {select: {kind: Deployment}, options: {create: true}, fieldPaths: [metadata.annotations.account]}",
        );
    }
    if random.chance(25) {
        let name = random.pick(&["extra", "shared"]);
        let behavior = if name == "shared" { "merge" } else { "create" };
        if !layer.fields.contains("configMapGenerator") {
            layer.field(&format!(
                "configMapGenerator: [{{name: {name}, behavior: {behavior}, literals: [k{number}=v]}}]"
            ));
        }
    }
    if random.chance(25) {
        let mut part = Kustomization::default();
        part.field(random.pick(&[
            "namePrefix: c-",
            "labels: [{pairs: {part: p}}]",
            "namespace: parts",
            "nameSuffix: -c",
        ]));
        put(layering, directory, "part/kustomization.yaml", &part.text("Component"));
        layer.components.push("part".to_owned());
    }
    if random.chance(25) {
        let text = format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: beside-{number}}}\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: beside-{number}}}\n\
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}}\n\
             subjects: [{{kind: ServiceAccount, name: beside-{number}, namespace: {}}}]\n",
            random.pick(&["default", "flyte", "prod"])
        );
        put(layering, directory, "beside/resources.yaml", &text);
        let mut beside = Kustomization { resources: vec!["resources.yaml".to_owned()], ..Default::default() };
        beside.field(random.pick(&["namePrefix: b-", "namespace: flyte", "nameSuffix: -b", ""]));
        put(layering, directory, "beside/kustomization.yaml", &beside.text("Kustomization"));
        layer.resources.push("beside".to_owned());
    }
}
