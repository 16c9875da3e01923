//! Loads every YAML block of the README and the files in `function-config`: what people copy must be accepted.

#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use common::{files, repository};
use serde_json::{Value, json};
use split_planes::{spec, wire};

#[test]
fn every_block_is_yaml_and_every_plane_split_is_accepted() {
    let pages = pages();
    assert!(pages.len() > 6, "the README and its pages: {}", pages.len());
    let blocks: Vec<String> = pages.iter().flat_map(|(_, text)| blocks(text)).collect();
    assert!(blocks.len() >= 9, "they have their examples: {}", blocks.len());
    for block in blocks {
        let value: Value = serde_yaml::from_str(&block).unwrap_or_else(|error| panic!("{error} in\n{block}"));
        assert!(value["apiVersion"].is_string() && value["kind"].is_string(), "no resource:\n{block}");
        if value["kind"] == "PlaneSplit" {
            assert_accepted(value, &block);
        }
    }
}

#[test]
fn every_ready_made_plane_split_is_accepted() {
    let directories = ["function-config", "testdata/example"];
    let mut accepted = 0;
    for file in directories.iter().flat_map(|directory| files(&repository().join(directory))) {
        if file.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&file).unwrap();
            let name = file.display().to_string();
            // flyteadmin's templates are no YAML before it fills them in.
            let Ok(value) = serde_yaml::from_str::<Value>(&text) else { continue };
            if value["kind"] == "PlaneSplit" {
                assert_accepted(value, &name);
                accepted += 1;
            }
        }
    }
    assert_eq!(accepted, 7);
}

#[test]
fn every_file_that_the_readme_links_to_exists() {
    for (page, text) in pages() {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let local = targets.filter(|target| !target.starts_with("https://") && !target.starts_with('#'));
        let missing: Vec<_> = local.filter(|target| !page.with_file_name(target).exists()).collect();
        assert_eq!(missing, Vec::<&str>::new(), "{}", page.display());
    }
}

#[test]
fn every_case_that_the_readme_names_exists() {
    let section = read("docs/guide-errors.md");
    let is_case = |word: &&str| {
        word.split('-').filter(|part| !part.is_empty()).count() > 2
            && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    let cases: Vec<&str> = section.split('`').skip(1).step_by(2).filter(is_case).collect();
    assert!(cases.len() > 20, "{cases:?}");
    let missing: Vec<_> =
        cases.into_iter().filter(|case| !repository().join("testdata/cases").join(case).is_dir()).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_readme_and_the_schema_know_the_same_fields() {
    let reference = read("docs/reference.md");
    let rows = reference.lines().skip_while(|line| !line.starts_with("| field of `spec`")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let first_columns = rows.filter_map(|row| row.split('|').nth(1));
    let documented: BTreeSet<String> =
        first_columns.flat_map(|column| column.split('`').skip(1).step_by(2)).map(str::to_owned).collect();

    let schema: Value = serde_json::from_str(&read("function-config/schema.json")).unwrap();
    let mut known = BTreeSet::new();
    fields(&schema, &schema["properties"]["spec"], "", &mut known);
    let unknown: Vec<_> = documented.difference(&known).collect();
    assert!(unknown.is_empty(), "the schema does not have {unknown:?}");
    // A row may describe a field with everything below it, or only what is below it.
    let related = |one: &str, other: &str| {
        one == other || other.strip_prefix(one).is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    let is_documented = |field: &&String| documented.iter().any(|row| related(row, field) || related(field, row));
    let missing: Vec<_> = known.iter().filter(|field| !is_documented(field)).collect();
    assert!(missing.is_empty(), "the README does not have {missing:?}");
}

/// The paths of all fields, such as `clusters[].credentials.secret`.
fn fields(schema: &Value, node: &Value, path: &str, known: &mut BTreeSet<String>) {
    let node = match node["$ref"].as_str() {
        Some(reference) => schema.pointer(&reference[1..]).unwrap(),
        None => node,
    };
    if !path.is_empty() {
        known.insert(path.trim_end_matches("[]").to_owned());
    }
    for alternative in node["oneOf"].as_array().into_iter().flatten() {
        fields(schema, alternative, path, known);
    }
    if node["items"].is_object() {
        fields(schema, &node["items"], &format!("{path}[]"), known);
    }
    for (name, below) in node["properties"].as_object().into_iter().flatten() {
        let below_path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        fields(schema, below, &below_path, known);
    }
}

/// Loads it as the functionConfig of an empty list; one without `output` is a shared spec and gets one.
#[track_caller]
fn assert_accepted(mut config: Value, source: &str) {
    config["spec"].as_object_mut().unwrap().entry("output").or_insert(json!("ControlPlane"));
    let list =
        format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig: {config}\n");
    let list = wire::read(list.as_bytes()).unwrap();
    if let Err(problems) = spec::load(&list) {
        panic!("{problems:#?} in\n{source}");
    }
}

/// The README and the pages below `docs`, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = files(&repository().join("docs"));
    let markdown = docs.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "md"));
    let pages = iter::once(repository().join("README.md")).chain(markdown);
    pages.map(|page| (page.clone(), fs::read_to_string(page).unwrap())).collect()
}

fn blocks(markdown: &str) -> Vec<String> {
    let parts = markdown.split("```yaml\n").skip(1);
    parts.filter_map(|part| part.split("```").next()).map(str::to_owned).collect()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}
