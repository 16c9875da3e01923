//! Lists that want more time or memory than they are worth, or that are no text at all.

use std::fmt::Write as _;

/// What must become of a hostile list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is written as it came.
    Written,
    /// Nothing is written, and the one line on stderr holds this.
    Refused(&'static str),
}

use Fate::{Refused, Written};

/// A list that is hard on its reader.
pub struct Hostile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub fate: Fate,
}

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
const ITEM: &str = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data:\n    x: ";
const FOOT: &str = "functionConfig:\n  apiVersion: split-planes.dev/v1alpha1\n  kind: PlaneSplit\n  metadata: {name: x}\n  spec: {output: ControlPlane, planes: {unmatched: ControlPlane}}\n";

/// A list of one ConfigMap, which goes to the plane that is written, with `value` in its data.
pub fn list(value: &str) -> String {
    format!("{HEAD}{ITEM}{value}\n{FOOT}")
}

/// The same list as JSON.
fn json_list(value: &str) -> String {
    format!(
        r#"{{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"a"}},"data":{{"x":{value}}}}}],"functionConfig":{{"apiVersion":"split-planes.dev/v1alpha1","kind":"PlaneSplit","metadata":{{"name":"x"}},"spec":{{"output":"ControlPlane","planes":{{"unmatched":"ControlPlane"}}}}}}}}"#
    )
}

/// The lists; `megabytes` is how long a long scalar is, and a fiftieth of how many keys, in thousands, a mapping has.
pub fn lists(megabytes: usize) -> Vec<Hostile> {
    let bytes = megabytes * 1_000_000;
    let keys = megabytes * 20_000;
    let deep = |open: &str| list(&open.repeat(100_000));
    let laughs = (1..10).fold("\n      a0: &a0 [l, l, l, l, l, l, l, l, l, l]\n".to_owned(), |text, level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("{text}      a{level}: &a{level} [{aliases}]\n")
    });
    let aliases = format!("&x \"{}\"\n    y:\n{}", "y".repeat(100_000), "    - *x\n".repeat(20_000));
    let entries = |indent: &str| {
        (0..keys).fold(String::new(), |mut text, key| {
            writeln!(text, "{indent}k{key}: v").expect("a String takes all");
            text
        })
    };
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| {
        format!("\u{feff}{}", list("v")).encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>()
    };
    let text = |name, text: String, fate| Hostile { name, bytes: text.into_bytes(), fate };
    vec![
        text("billion laughs", list(&laughs), Refused("excessive aliasing")),
        text("20,000 aliases of 100 kB", list(&aliases), Refused("excessive aliasing")),
        text("100,000 open brackets", deep("["), Refused("nested more than 512 deep")),
        text("100,000 open braces", deep("{a: "), Refused("nested more than 512 deep")),
        text("100,000 dashes", list(&format!("\n    {}", "- ".repeat(100_000))), Refused("nested more than 512 deep")),
        text(
            "100,000 pairs of brackets",
            list(&("[".repeat(100_000) + &"]".repeat(100_000))),
            Refused("nested more than 512 deep"),
        ),
        text("100,000 open brackets in JSON", json_list(&"[".repeat(100_000)), Refused("nested more than 512 deep")),
        text(
            "100,000 pairs of brackets in JSON",
            json_list(&("[".repeat(100_000) + &"]".repeat(100_000))),
            Refused("nested more than 512 deep"),
        ),
        text("200 pairs of brackets", list(&("[".repeat(200) + &"]".repeat(200))), Written),
        text(
            "200 mappings",
            list(&(0..200).map(|depth| format!("\n{}a:", " ".repeat(6 + depth))).collect::<Vec<_>>().concat()),
            Written,
        ),
        text("long plain scalar", list(&"y".repeat(bytes)), Written),
        text("long plain scalar of words", list(&"yes no ".repeat(bytes / 7)), Written),
        text("long double quoted scalar", list(&format!("\"{}\"", "y".repeat(bytes))), Written),
        text("long double quoted scalar of escapes", list(&format!("\"{}\"", "\\n".repeat(bytes / 2))), Written),
        text(
            "long literal",
            list(&format!("|{}", format!("\n      {}", "y".repeat(990)).repeat(bytes / 997))),
            Written,
        ),
        text(
            "long folded scalar",
            list(&format!(">-{}", format!("\n      {}", "y".repeat(990)).repeat(bytes / 997))),
            Written,
        ),
        text("long line of a comment", list(&format!("v # {}", "y".repeat(bytes))), Written),
        text("long scalar in JSON", json_list(&format!("\"{}\"", "y".repeat(bytes))), Written),
        text("keys without end in an item", list(&format!("v\n{}", entries("    ").trim_end())), Written),
        text("keys without end at the top", list("v") + &entries(""), Refused("1000 top-level keys")),
        text("items without end in brackets", list(&format!("[{}]", "a, ".repeat(keys))), Written),
        text("NUL", list("a\0b"), Refused("column 9: control characters are not allowed")),
        Hostile {
            name: "bytes that are no UTF-8",
            bytes: [list("v").as_bytes(), b"\xff\xfe"].concat(),
            fate: Refused("must be UTF-8"),
        },
        Hostile { name: "UTF-16, little end first", bytes: utf16(u16::to_le_bytes), fate: Refused("must be UTF-8") },
        Hostile { name: "UTF-16, big end first", bytes: utf16(u16::to_be_bytes), fate: Refused("must be UTF-8") },
        Hostile { name: "nothing", bytes: Vec::new(), fate: Refused("it is empty") },
    ]
}
