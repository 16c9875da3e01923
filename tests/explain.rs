//! Runs `split-planes explain` over the cases in `testdata/explain`, and opens its page in a browser.
//!
//! A case is a directory with `input.yaml`, `planes.yaml` and what is printed: `expected.txt`, `.json`, `.mmd` and `.dot`.
//! `UPDATE_EXPECTED=1` rewrites those.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{BINARY, Finished, Scratch, expect, files, read, repository, run, tools};
use serde::Deserialize as _;
use serde_json::Value;

const FORMATS: [&str; 5] = ["table", "json", "mermaid", "html", "dot"];

fn explain(config: Option<&Path>, format: &str, input: &str) -> Finished {
    let mut command = Command::new(BINARY);
    command.args(["explain", "-o", format]);
    if let Some(config) = config {
        command.arg("-c").arg(config);
    }
    run(&mut command, input.as_bytes())
}

fn cases() -> Vec<PathBuf> {
    let inputs = files(&repository().join("testdata/explain")).into_iter().filter(|file| file.ends_with("input.yaml"));
    inputs.filter_map(|file| file.parent().map(Path::to_path_buf)).collect()
}

#[test]
fn every_case_is_explained_as_expected() {
    let mut failures = Vec::new();
    for case in cases() {
        let input = read(&case.join("input.yaml")).unwrap();
        for (format, file) in
            [("table", "expected.txt"), ("json", "expected.json"), ("mermaid", "expected.mmd"), ("dot", "expected.dot")]
        {
            let finished = explain(Some(&case.join("planes.yaml")), format, &input);
            assert_eq!(finished.stderr, "", "{}", case.display());
            let has_errors = finished.stdout.lines().any(|line| line.starts_with("error: "));
            if format == "table" {
                assert_eq!(finished.status.code(), Some(i32::from(has_errors)), "{}", case.display());
            }
            failures.extend(expect(&case.join(file), "", &finished.stdout).err());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases().len() >= 3);
}

#[test]
fn a_resource_list_is_explained_like_the_stream_of_its_items() {
    let case = repository().join("testdata/explain/tells-what-has-no-place");
    let stream = read(&case.join("input.yaml")).unwrap();
    let indented = |text: &str| text.lines().map(|line| ["  ", line, "\n"].concat()).collect::<String>();
    let items: String = stream.split("---\n").map(|item| ["-", &indented(item)[1..]].concat()).collect();
    let config = read(&case.join("planes.yaml")).unwrap();
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
    let list = format!("{head}items:\n{items}functionConfig:\n{}", indented(&config));

    let expected = explain(Some(&case.join("planes.yaml")), "table", &stream);
    assert_eq!(explain(None, "table", &list).stdout, expected.stdout);
    // The file stands in place of the functionConfig, and a PlaneSplit among the documents is the shared spec.
    let other = list.replace("misspelt", "other").replace("claimed-twice}", "other}");
    assert_eq!(explain(Some(&case.join("planes.yaml")), "table", &other).status.code(), Some(1));
    let shared = explain(None, "table", &format!("{stream}---\n{config}")).stdout;
    assert!(shared.contains("configures split-planes"), "{shared}");
}

#[test]
fn what_cannot_be_read_is_said_on_stderr_and_nothing_is_printed() {
    let case = repository().join("testdata/explain/tells-what-has-no-place");
    for (arguments, input, said) in [
        (["-c", "no-such-file.yaml"].as_slice(), "kind: Service\n", "no-such-file.yaml"),
        (&["-c", case.join("input.yaml").to_str().unwrap()], "kind: Service\n", "one document"),
        (&[], "", "stdin must hold resources"),
        (&[], "kind: [\n", "YAML"),
        (&[], "Pulled: oci\n---\nkind: Service\n", "document 1 of the input"),
    ] {
        let finished = run(Command::new(BINARY).arg("explain").args(arguments), input.as_bytes());
        assert_eq!((finished.stdout.as_str(), finished.status.code()), ("", Some(1)), "{arguments:?}");
        assert!(finished.stderr.contains(said), "{}", finished.stderr);
    }
}

#[test]
fn a_spec_that_is_wrong_is_explained_as_such() {
    let scratch = Scratch::new();
    let config = scratch.path().join("planes.yaml");
    let text = "apiVersion: split-planes.dev/v1alpha1\nkind: PlaneSplit\nmetadata: {name: x}\nspec: {plans: {}}\n";
    fs::write(&config, text).unwrap();
    let finished = explain(Some(&config), "json", "kind: Service\n");
    assert_eq!(finished.status.code(), Some(1));
    let explanation: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(explanation["findings"][0]["severity"], "error", "{explanation}");
}

#[test]
fn no_format_shows_a_secret_value() {
    let Some(kustomize) = tools::find("kustomize") else { return };
    let (input, secrets) = example(&kustomize);
    assert!(secrets.len() >= 12, "three clusters with token and CA, encoded and decoded");
    for format in FORMATS {
        let printed = explain(Some(&example_planes()), format, &input).success();
        for secret in &secrets {
            assert!(!printed.contains(secret.as_str()), "{format} shows {secret}");
        }
        assert!(printed.contains("cluster-credentials"), "{format} names the Secret");
    }
}

fn example_planes() -> PathBuf {
    repository().join("testdata/example/base/planes.yaml")
}

/// What kustomize makes of the example and its credentials, and the values of those Secrets.
fn example(kustomize: &Path) -> (String, Vec<String>) {
    let build = |directory: &str| {
        let directory = repository().join("testdata/example").join(directory);
        run(Command::new(kustomize).arg("build").arg(directory), b"").success()
    };
    let stream = format!("{}---\n{}", build("base"), build("control-plane/credentials"));
    let mut secrets = Vec::new();
    for document in serde_yaml::Deserializer::from_str(&stream) {
        let object = Value::deserialize(document).unwrap();
        for (_, value) in object["data"].as_object().into_iter().flatten().filter(|_| object["kind"] == "Secret") {
            let encoded = value.as_str().unwrap().to_owned();
            let decoded = String::from_utf8(STANDARD.decode(&encoded).unwrap()).unwrap();
            // Every certificate has the same first line.
            secrets.extend([encoded, decoded.lines().nth(1).unwrap_or(&decoded).to_owned()]);
        }
    }
    (stream, secrets)
}

/// `make picture` draws it.
#[test]
fn the_picture_in_the_readme_shows_what_the_program_does() {
    let (Some(python), Some(kustomize)) = (tools::find("python3"), tools::find("kustomize")) else { return };
    let (input, _) = example(&kustomize);
    let printed = explain(Some(&example_planes()), "json", &input).success();
    let picture = run(Command::new(python).arg(repository().join(".github/picture.py")), printed.as_bytes()).success();
    assert_eq!(picture, read(&repository().join(".github/planes.svg")).unwrap());
}

// The page.

/// What Chromium makes of a page that it opens from a file, with no name to resolve.
struct Opened {
    dom: String,
    console: Vec<String>,
}

impl Opened {
    fn open(chromium: &Path, page: &str, fragment: &str) -> Self {
        let scratch = Scratch::new();
        let file = scratch.path().join("page.html");
        fs::write(&file, page).unwrap();
        let profile = format!("--user-data-dir={}", scratch.path().join("profile").display());
        let mut command = Command::new(chromium);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]);
        command.args(["--enable-logging=stderr", "--virtual-time-budget=10000", "--window-size=1600,1200"]);
        command.args(["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", &profile]);
        let finished = run(command.arg(format!("file://{}{fragment}", file.display())), b"");
        let console = finished.stderr.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
        Self { dom: finished.success(), console }
    }

    fn count(&self, markup: &str) -> usize {
        self.dom.matches(markup).count()
    }
}

#[test]
fn the_page_draws_every_resource_without_a_network() {
    let (Some(chromium), Some(kustomize)) = (tools::find("chromium"), tools::find("kustomize")) else { return };
    let (input, _) = example(&kustomize);
    let printed = explain(Some(&example_planes()), "json", &input).success();
    let explanation: Value = serde_json::from_str(&printed).unwrap();
    let resources = explanation["resources"].as_array().unwrap().len();
    let page = explain(Some(&example_planes()), "html", &input).success();

    let opened = Opened::open(&chromium, &page, "");
    assert_eq!(opened.console, [""; 0]);
    let drawn = opened.count(r#"class="card""#);
    assert_eq!(drawn, resources, "a card for each resource");
    assert_eq!(opened.count("card is-ghost is-injected"), 2, "the Secrets that are made");
    assert!(opened.count("<path d=\"M") > resources / 2, "the references are drawn");
    for column in ["Control plane", "Both planes", "Data plane"] {
        assert_eq!(opened.count(&format!(">{column}<span>")), 1, "{column}");
    }

    let filtered = Opened::open(&chromium, &page, "#q=flytepropeller");
    assert_eq!(filtered.console, [""; 0]);
    let is_named = |resource: &&Value| resource["id"].as_str().unwrap().contains("flytepropeller");
    let named = explanation["resources"].as_array().unwrap().iter().filter(is_named).count();
    let shown = filtered.count("<li><button") - filtered.count("<li><button type=\"button\" class=\"card is-ghost");
    assert_eq!(shown, named);
    assert_eq!(filtered.count("<li hidden=\"\">") + shown, opened.count("<li><button"));

    let narrowed = Opened::open(&chromium, &page, "#place=DataPlane&kind=Service");
    assert_eq!(narrowed.console, [""; 0]);
    assert_eq!(narrowed.count(">Data plane<span>1</span>"), 1, "counts follow the filter");
    assert_eq!(
        narrowed.count(
            "<section class=\"column\" data-place=\"ControlPlane\" aria-labelledby=\"place-ControlPlane\" hidden"
        ),
        1
    );

    let selected = Opened::open(&chromium, &page, "#r=apps/v1/Deployment/flyte/flyteadmin");
    assert_eq!(selected.console, [""; 0]);
    assert_eq!(selected.count("<h2>flyteadmin</h2>"), 1);
    assert_eq!(selected.count("<code>spec.planes.controlPlane[0]</code>"), 1, "why it is there");
    assert!(selected.count("<wbr>serviceAccountName</code>") == 1, "what it refers to");
}

#[test]
fn the_page_marks_what_the_split_breaks() {
    let Some(chromium) = tools::find("chromium") else { return };
    let case = repository().join("testdata/explain/marks-references-that-cross-planes-or-dangle");
    let input = read(&case.join("input.yaml")).unwrap();
    let page = explain(Some(&case.join("planes.yaml")), "html", &input).stdout;
    let opened = Opened::open(&chromium, &page, "");
    assert_eq!(opened.console, [""; 0]);
    // No pod starts without its ConfigMap and its ServiceAccount; the Service of the other plane and what was never there are warnings.
    assert_eq!(opened.count("url(#tip-broken)"), 2);
    assert_eq!(opened.count("url(#tip-warned)"), 2);
}

#[test]
fn what_the_page_proposes_can_be_copied() {
    let Some(chromium) = tools::find("chromium") else { return };
    let case = repository().join("testdata/explain/tells-what-has-no-place");
    let input = read(&case.join("input.yaml")).unwrap();
    let page = explain(Some(&case.join("planes.yaml")), "html", &input).stdout;
    let opened = Opened::open(&chromium, &page, "");
    assert_eq!(opened.console, [""; 0]);
    let (_, block) = opened.dom.split_once("class=\"proposal\">").unwrap();
    assert!(block.lines().nth(1).unwrap().starts_with("- {"), "{block}");
    assert!(block.contains(">Copy</button>"));
}

#[test]
fn names_in_the_input_cannot_become_markup() {
    let Some(chromium) = tools::find("chromium") else { return };
    let hostile = "</script><img src=x onerror=console.error(1)><!--";
    let metadata = serde_json::json!({ "name": hostile, "namespace": "<b>" });
    let input = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\n");
    let planes = repository().join("testdata/explain/tells-what-has-no-place/planes.yaml");
    let page = explain(Some(&planes), "html", &input).stdout;
    assert!(!page.contains("<img"));
    let opened = Opened::open(&chromium, &page, "");
    assert_eq!(opened.console, [""; 0]);
    assert_eq!((opened.count("<img"), opened.count("<b>")), (0, 0));
    assert_eq!(opened.count(r#"class="card""#), 1);
}
