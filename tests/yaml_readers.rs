//! Compares what is read and rendered here with Go's readers: `yaml.v3` (kustomize, kpt) and `sigs.k8s.io/yaml`
//! (kubectl). Needs Go.

mod common;
#[allow(dead_code, reason = "where a probe is refused is looked at where it is read here")]
#[path = "yaml_probes/table.rs"]
mod table;

use std::process::Command;

use common::tools;
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use split_planes::yaml::scalar::render;
use split_planes::yaml::view;
use table::Expected;

/// What Go's readers make of a document; `None` where they refuse it.
struct Read {
    v3: Option<Value>,
    v2: Option<Value>,
}

/// Lets Go read `documents`; `None` without Go.
fn go(documents: &[String]) -> Option<Vec<Read>> {
    let mut go = Command::new(tools::find("go")?);
    go.args(["run", "."]).current_dir(common::repository().join("tests/go/yamlcheck"));
    let input: String = documents.iter().map(|document| Value::from(document.as_str()).to_string() + "\n").collect();
    let output = common::run(&mut go, input.as_bytes()).success();
    let read = output.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).expect("every line is JSON");
        let mut take = |key: &str| line.as_object_mut().and_then(|object| object.remove(key));
        Read { v3: take("v3"), v2: take("v2") }
    });
    let read: Vec<Read> = read.collect();
    assert_eq!(read.len(), documents.len());
    Some(read)
}

/// Whether Go's value is ours; in Go's, `{"$float": …}` stands for a float and `{"$text": …}` for what is text here.
fn is_same(go: &Value, ours: &Value) -> bool {
    match (go, ours) {
        (Value::Object(go), Value::Number(ours)) => {
            let float = go.get("$float").and_then(Value::as_str).and_then(|text| text.parse::<f64>().ok());
            ours.is_f64() && float == ours.as_f64()
        }
        (Value::Object(go), Value::String(_)) if go.contains_key("$text") => true,
        (Value::Object(go), Value::Object(ours)) => {
            go.len() == ours.len()
                && go.iter().all(|(key, value)| ours.get(key).is_some_and(|ours| is_same(value, ours)))
        }
        (Value::Array(go), Value::Array(ours)) => {
            go.len() == ours.len() && go.iter().zip(ours).all(|(go, ours)| is_same(go, ours))
        }
        _ => go == ours,
    }
}

/// Whether two values are the same to JSON, which knows one kind of number.
fn is_same_json(go: &Value, ours: &Value) -> bool {
    match (go, ours) {
        // The test reads Go's floats with serde_json, which is off by the last bit at times.
        (Value::Number(go), Value::Number(ours)) => {
            let (go_float, our_float) = (go.as_f64().unwrap_or(f64::NAN), ours.as_f64().unwrap_or(f64::NAN));
            go == ours || (go_float - our_float).abs() <= our_float.abs() * 1e-15
        }
        (Value::Object(go), Value::Object(ours)) => {
            go.len() == ours.len()
                && go.iter().all(|(key, value)| ours.get(key).is_some_and(|ours| is_same_json(value, ours)))
        }
        (Value::Array(go), Value::Array(ours)) => {
            go.len() == ours.len() && go.iter().zip(ours).all(|(go, ours)| is_same_json(go, ours))
        }
        _ => go == ours,
    }
}

/// Random values, the same in every run.
fn samples<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("nothing is filtered").current()).collect()
}

/// Scalars that some reader takes for something else than text, and text that looks like them.
const SCALARS: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "nULL",
    "true",
    "True",
    "TRUE",
    "tRUE",
    "false",
    "yes",
    "Yes",
    "YES",
    "no",
    "on",
    "On",
    "off",
    "y",
    "Y",
    "n",
    "N",
    "0",
    "-0",
    "+0",
    "00",
    "0644",
    "-0644",
    "+0644",
    "08",
    "0o17",
    "0O17",
    "-0o17",
    "+0o17",
    "0o",
    "0o8",
    "0o+7",
    "0o-7",
    "-0o-7",
    "0x1F",
    "0X1f",
    "-0x1F",
    "+0x1F",
    "0x",
    "0xG",
    "0x_F",
    "0b101",
    "0B101",
    "-0b101",
    "+0b101",
    "0b",
    "0b2",
    "0b+1",
    "0b-1",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0_7",
    "0x1_F",
    "1_.5",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "+9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "0xFFFFFFFFFFFFFFFF",
    "0b1111",
    "123456789012345678901234567890",
    "1.",
    "1.0",
    "1.10",
    ".5",
    ".5e3",
    "-.5",
    "+.5",
    ".",
    "..",
    "...x",
    ".e1",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "1e",
    "1e+",
    "1.e3",
    "1e400",
    "-1e400",
    "1e-400",
    ".1_1",
    "1_0.1_0",
    ".1e400",
    "1.2.3",
    "0x1p-2",
    "0x1.8p1",
    "1p3",
    "infinity",
    "nan",
    "inf",
    ".inf",
    ".Inf",
    ".INF",
    ".iNF",
    "+.inf",
    "-.inf",
    "-.INF",
    "+.nan",
    ".nan",
    ".NaN",
    ".NAN",
    "12:30:45",
    "1:30",
    "190:20:30.15",
    "2024-01-01",
    "2024-1-1",
    "2024-13-01",
    "2024-02-30",
    "2024-02-29",
    "2023-02-29",
    "1900-02-29",
    "2000-02-29",
    "0000-01-01",
    "2024-01-01T00:00:00Z",
    "2024-01-01t00:00:00Z",
    "2024-01-01 00:00:00",
    "2024-01-01 0:0:0",
    "2024-01-01T0:0:0Z",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00+01:00",
    "2024-01-01T00:00:00-24:00",
    "2024-01-01T00:00:00+25:00",
    "2024-01-01T00:00:00+01:60",
    "2024-01-01T00:00:00.123Z",
    "2024-01-01T00:00:00,5Z",
    "2024-01-01T00:00:00.1234567890123Z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T23:60:00Z",
    "2024-01-01T23:59:60Z",
    "2024-01-01 00:00:00Z",
    "2024-01-01 00:00:00.5",
    "2024-01-01   1:2:3",
    "2024-01-01T00:00:00z",
    "20240-01-01",
    "2024-001-01",
    "2024-01-01x",
    "=",
    "<<",
    "<",
    "-x",
    "--x",
    "+x",
    "a-b",
    "text",
];

/// Documents beyond scalars: tags, keys, anchors, merges, streams.
const DOCUMENTS: &[&str] = &[
    "",
    "# c\n",
    "---\n",
    "--- # c\n...\n",
    "null\n",
    "a:\n",
    "{a, b: , ? c}\n",
    "[a: b, c]\n",
    "? a\n: b\n",
    "? a\n",
    "'yes': 1\n\"no\": 2\n",
    "a: 1\na: 2\n",
    "a: 1\n'a': 2\n",
    "1: a\n'1': b\n",
    "{a: 1, a: 2}\n",
    "- {a: 1, b: {c: 1, c: 2}}\n",
    "1: a\n2: b\n",
    "0x10: a\n",
    "1.5: a\n",
    "1e3: a\n",
    "1e21: a\n",
    "1234567.0: a\n",
    "0.00001: a\n",
    "true: a\n",
    "yes: a\n",
    ".inf: a\n",
    "-.inf: a\n",
    ".nan: a\n",
    "-0.0: a\n",
    "18446744073709551615: a\n",
    "null: a\n",
    "~: a\n",
    ": a\n",
    "[a]: b\n",
    "{a: b}: c\n",
    "a: !!str 123\n",
    "a: !!str\n",
    "a: !!int '0x1F'\n",
    "a: !!int x\n",
    "a: !!int 1.5\n",
    "a: !!float 1\n",
    "a: !!float 0x10\n",
    "a: !!float x\n",
    "a: !!float 18446744073709551615\n",
    "a: !!bool yes\n",
    "a: !!bool 'true'\n",
    "a: !!null ''\n",
    "a: !!null x\n",
    "a: !!binary aGk=\n",
    "a: !!binary |\n  aGk\n  =\n",
    "a: !!binary aGl=\n",
    "a: !!binary '!'\n",
    "a: !!timestamp 2024-01-01\n",
    "a: !!timestamp x\n",
    "a: !!timestamp '2024-01-01'\n",
    "a: ! 12\n",
    "a: ! '12'\n",
    "a: !custom 12\n",
    "a: !custom {b: 1}\n",
    "a: !!set {b: , c: }\n",
    "a: !!map x\n",
    "a: !!merge x\n",
    "!!str 1: a\n",
    "!!binary YQ==: 1\n",
    "a: &x 1\nb: *x\n",
    "a: *x\n",
    "a: &x [*x]\n",
    "&x a: *x\n",
    "a: &x {b: 1}\nc: *x\n",
    "a: &x 1\nb: &x 2\nc: *x\n",
    "a: &x b\n*x : c\n",
    "&x a: 1\nb: {*x : 2}\n",
    "b: &b {x: 1, y: 2}\na:\n  <<: *b\n  x: 3\n",
    "b: &b {x: 1}\na:\n  x: 3\n  <<: *b\n",
    "b: &b {x: 1}\nc: &c {x: 2, z: 3}\na: {<<: [*b, *c]}\n",
    "a: {<<: {x: 1}, y: 2}\n",
    "a: {<<: [{x: 1}, {x: 2, y: 3}]}\n",
    "a: {<<: 1}\n",
    "a: {<<: [1]}\n",
    "a: {<<: }\n",
    "a: {'<<': {x: 1}}\n",
    "a: {!!merge <<: {x: 1}}\n",
    "b: &b [1]\na: {<<: *b}\n",
    "b: &b {x: 1}\nc: &c {<<: *b, y: 2}\na: {<<: *c, z: 3}\n",
    "b: &b {x: 1}\na: {<<: *b, <<: *b}\n",
    "a: {<<: {x: 1, x: 2}}\n",
    "a: <<\n",
    "- <<\n",
    "a: |\n  x\n\n",
    "a: |+\n  x\n\n",
    "a: |-\n  x",
    "a: >\n  x\n  y\n\n  z\n",
    "a: \"x\\ty\\u00e9\\\n  z\"\n",
    "a: 'x\n\n  y'\n",
    "a: x\n  y\n",
    "\u{feff}a: 1\n",
    "a: 1\r\nb: |\r\n  x\r\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: b: c\n",
    "a: [1\n",
    "\ta: 1\n",
    "a: 'x\n",
    "a: \u{85}b\n",
    "- a\n- - b\n  - c: 1\n",
    "a: \u{1F600}\n",
];

/// Compares reading, and says where it differs.
fn compare_reading(documents: &[String]) {
    let Some(read) = go(documents) else { return };
    let mut differences = Vec::new();
    for (document, go) in documents.iter().zip(&read) {
        let ours = view::read(document);
        assert_eq!(ours.is_ok(), view::check(document).is_ok(), "read and check disagree on {document:?}");
        let is_same = match (&go.v3, &ours) {
            (Some(go), Ok(ours)) => is_same(go, ours),
            (None, Err(_)) => true,
            // A date as a key is no JSON to yaml.v3; here it is text, as it is to kubectl.
            (None, Ok(ours)) => ours.is_object() && go.v2.as_ref() == Some(ours),
            (Some(_), Err(_)) => false,
        };
        if !is_same {
            let ours = ours.map_or_else(|error| error.to_string(), |value| value.to_string());
            differences.push(format!("{document:?}\n  go {:?}\n  here {ours}\n", go.v3.as_ref().map(Value::to_string)));
        }
    }
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), documents.len(), differences.concat());
}

#[test]
fn scalars_are_read_as_kustomize_reads_them() {
    let documents: Vec<String> = SCALARS
        .iter()
        .flat_map(|scalar| [format!("a: {scalar}\n"), format!("- '{scalar}'\n"), format!("{scalar}: a\n")])
        .collect();
    compare_reading(&documents);
}

#[test]
fn documents_are_read_as_kustomize_reads_them() {
    compare_reading(&DOCUMENTS.iter().map(|&document| document.to_owned()).collect::<Vec<_>>());
}

#[test]
fn probes_are_what_kustomize_reads() {
    let values = table::VALUES.iter().map(|probe| (probe, format!("probe: {}\n", probe.text), true));
    let entries = table::ENTRIES.iter().map(|probe| (probe, probe.text.replace(table::COLUMN_0, ""), false));
    let probes: Vec<_> = values.chain(entries).collect();
    let documents: Vec<String> = probes.iter().map(|(_, document, _)| document.clone()).collect();
    let Some(read) = go(&documents) else { return };
    for ((probe, document, is_value), go) in probes.into_iter().zip(read) {
        let is_right = match (&go.v3, probe.expected) {
            (Some(go), Expected::Is(expected)) => {
                let value: Value = serde_json::from_str(expected).expect("the table holds JSON");
                is_same(go, &if is_value { json!({ "probe": value }) } else { value })
            }
            (None, Expected::Refused(..)) => true,
            _ => OTHERWISE.contains(&probe.name),
        };
        assert!(is_right, "{probe:?}\nyaml.v3 makes {:?} of\n{document}", go.v3);
    }
}

/// The probes that libyaml takes and `yaml.v3` refuses, or the other way round, or of which JSON has no value.
const OTHERWISE: [&str; 3] = ["escaped slash", "escaped apostrophe", "keys twice to JSON"];

#[test]
fn random_scalars_are_read_as_kustomize_reads_them() {
    let scalar = prop_oneof![
        "[-+]?[0-9]{1,3}[0-9._eExXoObB+:-]{0,6}",
        "[-+]?0[xXoObB_][-+]?[0-9a-fA-F_]{0,18}",
        "[-+.0-9_]{1,8}",
        "[0-9]{18,21}",
        "(19|20)[0-9]{2}-[0-2]?[0-9]-[0-4]?[0-9]([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]{0,3})?(Z|[-+][0-9]{2}:[0-9]{2})?)?",
        "[-+.]{0,2}([yYnN]|yes|no|on|off|true|null|inf|nan|NaN|Inf|INF)",
        "[!-~]{1,5}",
    ];
    let documents = samples(scalar, 10_000).into_iter().map(|scalar| format!("a: {scalar}\n")).collect::<Vec<_>>();
    compare_reading(&documents);
}

/// Text that is hard to render.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(SCALARS).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9 :#,.=/+_-]{0,10}",
        1 => "[ -~]{0,8}",
        1 => "[ -~\t\n]{0,16}",
        1 => "([a-c \t#-]{0,4}\n){0,6}",
        1 => r#"[ab'"\\\t\n\r,:#\[\]{}&*!|>%@`é🚀ß²٣\u{0}\u{1f}\u{7f}\u{85}\u{a0}\u{ad}\u{2028}\u{2029}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{fffe}\u{ffff}\u{10ffff}-]{0,8}"#,
        1 => "[-+]?[0-9]{1,3}[0-9._eExXoObBTtZz:a-z-]{0,6}",
    ]
}

/// Compares what Go reads with the values that were rendered.
fn compare_rendering(values: &[Value]) {
    let documents: Vec<String> = values.iter().map(|value| render(value, 0)).collect();
    let Some(read) = go(&documents) else { return };
    for ((value, document), go) in values.iter().zip(&documents).zip(&read) {
        assert!(go.v3.as_ref().is_some_and(|v3| is_same(v3, value)), "yaml.v3 on\n{document}\n{:?}", go.v3);
        assert!(go.v2.as_ref().is_some_and(|v2| is_same_json(v2, value)), "yaml.v2 on\n{document}\n{:?}", go.v2);
    }
}

#[test]
fn rendered_strings_are_that_string_to_kustomize_and_kubectl() {
    let texts = samples(text(), 10_000);
    let values = texts
        .into_iter()
        .map(|text| json!({ "value": text.clone(), text.clone(): [text.clone(), [[text.clone()]], { "k": text }] }));
    compare_rendering(&values.collect::<Vec<_>>());
}

#[test]
fn rendered_values_are_that_value_to_kustomize_and_kubectl() {
    let leaf = prop_oneof![
        3 => text().prop_map(Value::String),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_filter("JSON knows no others", |float| float.is_finite()).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let value = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            hash_map(text(), inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    compare_rendering(&samples(value, 3_000));
}
