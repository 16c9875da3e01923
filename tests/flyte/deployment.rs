//! The example or a render of a chart, with a spec of the test's own: built by the real kustomize, and laid out as its containers see it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::common::{Scratch, kustomize_build, repository, tools};

/// A base with its overlays, and the workload whose files a test looks at.
pub struct Deployment {
    kustomize: PathBuf,
    scratch: Scratch,
    credentials: Vec<String>,
    reader: Reader,
}

/// What a build printed.
struct Resources(Vec<Value>);

/// The workload whose first container runs `flyteadmin clusterresource sync`.
struct Reader {
    kind: &'static str,
    name: &'static str,
    pod_spec: &'static str,
}

/// What a container sees: its files by path, and the pattern of `--config`.
pub struct Files {
    pub content: BTreeMap<PathBuf, String>,
    pub pattern: PathBuf,
}

impl Deployment {
    /// A copy of the example without its credentials.
    pub fn of_the_example() -> Option<Self> {
        let pod_spec = "/spec/jobTemplate/spec/template/spec";
        Self::new(Reader { kind: "CronJob", name: "syncresources", pod_spec })
    }

    /// What the chart flyte-core renders, with the spec for it.
    pub fn of_the_chart(render: &Path) -> Option<Self> {
        let mut deployment =
            Self::new(Reader { kind: "Deployment", name: "syncresources", pod_spec: "/spec/template/spec" })?;
        let base = deployment.root().join("base");
        fs::remove_dir_all(&base).unwrap();
        fs::create_dir(&base).unwrap();
        fs::copy(render, base.join("render.yaml")).unwrap();
        fs::copy(repository().join("function-config/flyte-core-helm.yaml"), base.join("planes.yaml")).unwrap();
        fs::write(base.join("kustomization.yaml"), "resources: [render.yaml, planes.yaml]\n").unwrap();
        deployment.mount_below_the_root();
        Some(deployment)
    }

    fn new(reader: Reader) -> Option<Self> {
        let kustomize = tools::find("kustomize")?;
        let scratch = Scratch::copy_of(&repository().join("testdata/example"));
        let mut deployment = Self { kustomize, scratch, credentials: Vec::new(), reader };
        deployment.mount_below_the_root();
        Some(deployment)
    }

    /// The same path on this machine as in a container, so that flyteadmin reads the files where its configuration says.
    fn mount_below_the_root(&mut self) {
        let mount = self.root().join("credentials");
        self.change_spec(|spec| spec["credentials"]["mountPath"] = json!(mount));
    }

    /// The directory of the copy.
    pub fn root(&self) -> &Path {
        self.scratch.path()
    }

    /// Changes the `spec` of the shared spec.
    pub fn change_spec(&mut self, change: impl FnOnce(&mut Value)) {
        let path = self.scratch.path().join("base/planes.yaml");
        let mut planes: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut planes["spec"]);
        fs::write(path, planes.to_string()).unwrap();
    }

    /// Replaces a text in a file of the base.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.scratch.path().join("base").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Puts the `data` of a token Secret among the resources of the control plane, under a name of its own.
    pub fn add_credentials(&mut self, name: &str, data: &Value) {
        let directory = self.scratch.path().join("control-plane/credentials");
        let data = json!({ "token": data["token"], "ca.crt": data["ca.crt"] });
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": "flyte" }, "data": data });
        fs::write(directory.join(format!("{name}.yaml")), secret.to_string()).unwrap();
        self.credentials.push(format!("{name}.yaml"));
        let kustomization = json!({ "resources": self.credentials });
        fs::write(directory.join("kustomization.yaml"), kustomization.to_string()).unwrap();
    }

    /// The output for the data plane.
    pub fn data_plane(&self) -> String {
        self.build("data-plane")
    }

    /// What `flyteadmin clusterresource sync` sees in the control plane.
    pub fn files(&self) -> Files {
        let printed = self.build("control-plane");
        let documents = serde_yaml::Deserializer::from_str(&printed);
        let resources = documents.map(|document| Value::deserialize(document).unwrap()).collect();
        Resources(resources).files_of(&self.reader, self.root())
    }

    fn build(&self, overlay: &str) -> String {
        kustomize_build(&self.kustomize, &self.scratch.path().join(overlay)).success()
    }
}

impl Files {
    /// The files that the pattern of `--config` names: one, or all of a directory.
    pub fn configuration(&self) -> impl Iterator<Item = (&OsStr, &str)> {
        let is_read = |path: &Path| match self.pattern.file_name().unwrap().to_str().unwrap().strip_prefix('*') {
            Some(suffix) => {
                path.parent() == self.pattern.parent() && path.file_name().unwrap().to_string_lossy().ends_with(suffix)
            }
            None => path == self.pattern,
        };
        let read = self.content.iter().filter(move |(path, _)| is_read(path));
        read.map(|(path, text)| (path.file_name().unwrap(), text.as_str()))
    }
}

impl Resources {
    /// The files that a container sees, and what it is told to read. The mounts below `root` keep their paths; all others
    /// are moved below it.
    fn files_of(&self, reader: &Reader, root: &Path) -> Files {
        let pod = self.object(reader.kind, reader.name).pointer(reader.pod_spec).unwrap();
        let container = &pod["containers"][0];
        let moved = |path: &str| if Path::new(path).starts_with(root) { path.into() } else { below(root, path) };
        let mut content = BTreeMap::new();
        for mount in list(&container["volumeMounts"]) {
            let volume = list(&pod["volumes"]).find(|volume| volume["name"] == mount["name"]).unwrap();
            let directory = moved(mount["mountPath"].as_str().unwrap());
            content.extend(self.volume(volume).into_iter().map(|(name, text)| (directory.join(name), text)));
        }
        let arguments: Vec<&str> =
            list(&container["command"]).chain(list(&container["args"])).filter_map(Value::as_str).collect();
        let pattern = arguments.windows(2).find(|pair| pair[0] == "--config").unwrap()[1];
        Files { content, pattern: below(root, pattern) }
    }

    fn object(&self, kind: &str, name: &str) -> &Value {
        let is_named = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
        self.0.iter().find(is_named).unwrap_or_else(|| panic!("{kind} {name} is in the output"))
    }

    /// The files of a volume; none for a Secret that is made elsewhere.
    fn volume(&self, volume: &Value) -> BTreeMap<String, String> {
        let sources = volume["projected"]["sources"].as_array();
        let sources = sources.map_or_else(|| vec![volume], |sources| sources.iter().collect());
        let mut files = BTreeMap::new();
        for source in sources {
            let config_map = source["configMap"]["name"].as_str();
            let secret = source["secret"]["secretName"].as_str().or(source["secret"]["name"].as_str());
            let (all, reference) = match (config_map, secret) {
                (Some(name), _) => (strings(&self.object("ConfigMap", name)["data"]), &source["configMap"]),
                (None, Some(name)) => (self.secret(name), &source["secret"]),
                (None, None) => continue,
            };
            match reference["items"].as_array() {
                None => files.extend(all),
                Some(items) => files.extend(items.iter().filter_map(|item| {
                    Some((item["path"].as_str()?.to_owned(), all.get(item["key"].as_str()?)?.clone()))
                })),
            }
        }
        files
    }

    fn secret(&self, name: &str) -> BTreeMap<String, String> {
        let Some(secret) =
            self.0.iter().find(|object| object["kind"] == "Secret" && object["metadata"]["name"] == name)
        else {
            return BTreeMap::new();
        };
        let decoded = |text: String| String::from_utf8(BASE64.decode(text).unwrap()).unwrap();
        strings(&secret["data"]).into_iter().map(|(key, text)| (key, decoded(text))).collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(object: &Value) -> BTreeMap<String, String> {
    let entries = object.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join("root").join(path.trim_start_matches('/'))
}
