//! Ways to write a list of three items, the second of which carries a probe.

use serde_json::{Value, json};

use crate::table::COLUMN_0;

/// What an item says around its probe.
#[derive(Clone, Copy)]
pub struct Around {
    pub is_annotated: bool,
    pub tail: Option<&'static [&'static str]>,
}

pub const AROUND: Around = Around { is_annotated: false, tail: Some(&["one"]) };

/// The edits around a probe, and what the item says after each.
pub fn edits_around() -> [(Value, Around); 4] {
    [
        (
            json!([{"op": "add", "path": "/metadata/annotations", "value": {"example.com/added": "yes"}}]),
            Around { is_annotated: true, ..AROUND },
        ),
        (json!([{"op": "add", "path": "/tail/-", "value": "two"}]), Around { tail: Some(&["one", "two"]), ..AROUND }),
        (json!([{"op": "replace", "path": "/tail/0", "value": "other"}]), Around { tail: Some(&["other"]), ..AROUND }),
        (json!([{"op": "remove", "path": "/tail"}]), Around { tail: None, ..AROUND }),
    ]
}

/// A way to write a list of three items, the second of which carries the probe.
pub struct Place {
    pub name: &'static str,
    /// How many lines of an item stand before its probe, when each is a line.
    pub lines_before: usize,
    pub write: fn(&str, Around) -> String,
}

pub const BLOCK_PLACES: [Place; 6] = [
    Place { name: "dashes at column 0", lines_before: 4, write: |probe, around| block(HEAD, "- ", 2, probe, around) },
    Place { name: "wide dashes", lines_before: 4, write: |probe, around| block(HEAD, "  - ", 4, probe, around) },
    Place { name: "far behind dashes", lines_before: 4, write: |probe, around| block(HEAD, " -   ", 5, probe, around) },
    Place { name: "below dashes", lines_before: 5, write: |probe, around| block(HEAD, "-\n   ", 3, probe, around) },
    Place {
        name: "behind a byte-order mark and a document start",
        lines_before: 4,
        write: |probe, around| block(&format!("\u{feff}# top\n--- # start\n{HEAD}"), "- ", 2, probe, around),
    },
    Place {
        name: "lines that end with CR LF",
        lines_before: 4,
        write: |probe, around| block(HEAD, "- ", 2, probe, around).replace('\n', "\r\n"),
    },
];

pub const FLOW_PLACES: [Place; 3] = [
    Place {
        name: "braces behind dashes",
        lines_before: 0,
        write: |probe, around| {
            let [before, probe, after] = flow_items(probe, around);
            format!("{HEAD}- {before}\n- {probe} # the probe\n- {after}\n{FOOT}")
        },
    },
    Place {
        name: "brackets",
        lines_before: 0,
        write: |probe, around| {
            let [before, probe, after] = flow_items(probe, around);
            format!(
                "{}items: [ # here\n  {before}, # one\n  {probe}, {after},\n]\n{FOOT}",
                HEAD.replace("items:\n", "")
            )
        },
    },
    Place {
        name: "braces around it all",
        lines_before: 0,
        write: |probe, around| {
            let items = flow_items(probe, around).join(", ");
            format!(
                "{{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{items}], functionConfig: {{}}}}"
            )
        },
    },
];

pub const JSON_PLACES: [Place; 2] = [
    Place { name: "JSON", lines_before: 0, write: |probe, around| json_list(probe, around, ", ") },
    Place { name: "JSON over lines", lines_before: 3, write: |probe, around| json_list(probe, around, ",\r\n\t") },
];

/// What Go's readers take for the end of a line.
pub const LINE_BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

pub const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
const FOOT: &str = "functionConfig: # none\n  kind: ConfigMap\n";

/// A block list whose items begin with `dash` and stand at column `indent`.
fn block(head: &str, dash: &str, indent: usize, probe: &str, around: Around) -> String {
    let item = |name: &str, metadata: &str, rest: &str| {
        let text = format!("apiVersion: v1\nkind: Probe\nmetadata:\n  name: {name} # its name\n{metadata}{rest}");
        let text = indented(&text, indent);
        format!("{dash}{}", &text[indent..])
    };
    let metadata = if around.is_annotated { "  annotations:\n    example.com/added: \"yes\"\n" } else { "" };
    let tail = around.tail.map_or(String::new(), |tail| {
        let (first, rest) = tail.split_first().expect("a tail holds something");
        let rest: Vec<String> = rest.iter().map(|item| format!("- {item}\n")).collect();
        format!("tail:\n- {first} # first\n{}", rest.concat())
    });
    let items = [item("before", "", ""), item("probe", metadata, &format!("{probe}{tail}")), item("after", "", "")];
    format!("{head}{}{FOOT}", items.concat())
}

/// Every line of a text moved right, but for blank ones and those that say they stay.
fn indented(text: &str, indent: usize) -> String {
    let line = |line: &str| match line.strip_prefix(COLUMN_0) {
        Some(line) => line.to_owned(),
        None if line == "\n" => line.to_owned(),
        None => format!("{}{line}", " ".repeat(indent)),
    };
    text.split_inclusive(LINE_BREAKS).map(line).collect()
}

/// Three items in braces.
fn flow_items(probe: &str, around: Around) -> [String; 3] {
    let item = |name: &str, metadata: &str, rest: &str| {
        format!("{{apiVersion: v1, kind: Probe, metadata: {{name: {name}{metadata}}}{rest}}}")
    };
    let metadata = if around.is_annotated { ", annotations: {example.com/added: \"yes\"}" } else { "" };
    let tail = around.tail.map_or(String::new(), |tail| format!(", tail: [{}]", tail.join(", ")));
    [item("before", "", ""), item("probe", metadata, &format!(", probe: {probe}{tail}")), item("after", "", "")]
}

fn json_list(probe: &str, around: Around, comma: &str) -> String {
    let item = |name: &str, metadata: &str, rest: &str| {
        format!(r#"{{"apiVersion":"v1"{comma}"kind":"Probe"{comma}"metadata":{{"name":"{name}"{metadata}}}{rest}}}"#)
    };
    let metadata = if around.is_annotated { r#", "annotations": {"example.com/added": "yes"}"# } else { "" };
    let tail = around.tail.map_or(String::new(), |tail| format!("{comma}\"tail\": [\"{}\"]", tail.join("\", \"")));
    let probe = item("probe", metadata, &format!("{comma}\"probe\":{probe}{tail}"));
    let items = [item("before", "", ""), probe, item("after", "", "")].join(comma);
    format!(
        r#"{{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{items}],"functionConfig":{{}}}}"#
    )
}
