//! Small documents, each hard in a way of its own, in every place an item can have: what is not edited keeps its bytes,
//! an edit changes its own lines alone, and what cannot be read is refused as a whole with its place.

mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use json_patch::Patch;
use serde_json::{Value, from_value, json};
use split_planes::wire::{self, Output, ResourceList};
use split_planes::yaml::edit::Refusal;
use split_planes::yaml::view;

use table::{COLUMN_0, ENTRIES, Expected, Probe, VALUES};

// The places.

/// What an item says around its probe.
#[derive(Clone, Copy)]
struct Around {
    is_annotated: bool,
    tail: Option<&'static [&'static str]>,
}

const AROUND: Around = Around { is_annotated: false, tail: Some(&["one"]) };

/// The edits around a probe, and what the item says after each.
fn edits_around() -> [(Value, Around); 4] {
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
struct Place {
    name: &'static str,
    /// How many lines of an item stand before its probe, when each is a line.
    lines_before: usize,
    write: fn(&str, Around) -> String,
}

const BLOCK_PLACES: [Place; 6] = [
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

const FLOW_PLACES: [Place; 3] = [
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
        lines_before: 1,
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

const JSON_PLACES: [Place; 2] = [
    Place { name: "JSON", lines_before: 0, write: |probe, around| json_list(probe, around, ", ") },
    Place { name: "JSON over lines", lines_before: 0, write: |probe, around| json_list(probe, around, ",\r\n\t") },
];

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
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
        let rest: String = rest.iter().map(|item| format!("- {item}\n")).collect();
        format!("tail:\n- {first} # first\n{rest}")
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
    text.split_inclusive('\n').map(line).collect()
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

// What must hold.

/// Everything that is wrong with a probe, told with its name.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn check(&mut self, is_right: bool, complaint: impl FnOnce() -> String) -> bool {
        if !is_right {
            self.0.push(complaint());
        }
        is_right
    }

    #[track_caller]
    fn report(self) {
        assert!(self.0.is_empty(), "{} wrong:\n\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Looks at every probe, on all cores.
#[track_caller]
fn each(probes: &[Probe], look: impl Fn(&Probe, &mut Wrong) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Wrong::default();
        while let Some(probe) = probes.get(next.fetch_add(1, Ordering::Relaxed)) {
            look(probe, &mut wrong);
        }
        wrong
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let wrong = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("nothing panics").0).collect()
    });
    Wrong(wrong).report();
}

/// The probe `text` in `place`: identity, the edits around it, or the refusal.
fn look(name: &str, place: &Place, text: &str, expected: Result<&Value, (usize, &str)>, wrong: &mut Wrong) {
    let source = (place.write)(text, AROUND);
    let told = |what: &str| format!("{name}, {}: {what}\n{source}\n", place.name);
    let list = match (wire::read(source.as_bytes()), expected) {
        (Ok(list), Ok(_)) => list,
        (Err(error), Err((line, problem))) => {
            let error = format!("{error:#}");
            let (item, whole) = (place.lines_before + line, line_of(&source, text) + line - 1);
            let is_right = error.contains(problem)
                && (error.contains(&format!("line {item}, column "))
                    || error.contains(&format!("line {whole}, column ")));
            wrong.check(is_right, || {
                told(&format!("must be refused at line {item} or {whole} ({problem}), not with: {error}"))
            });
            return;
        }
        (Ok(_), Err(_)) => return drop(wrong.check(false, || told("must be refused"))),
        (Err(error), Ok(_)) => return drop(wrong.check(false, || told(&format!("refused: {error:#}")))),
    };
    let names: Vec<&str> = list.items.iter().map(|item| item.id().name.as_str()).collect();
    if !wrong.check(names == ["before", "probe", "after"], || told(&format!("has the items {names:?}"))) {
        return;
    }
    let mut item = json!({"apiVersion": "v1", "kind": "Probe", "metadata": {"name": "probe"}, "tail": ["one"]});
    for (key, value) in expected.ok().and_then(Value::as_object).into_iter().flatten() {
        item[key] = value.clone();
    }
    let value = list.items[1].value();
    wrong.check(*value == item, || told(&format!("is read as {value}\nnot {item}")));
    wrong.check(unchanged(&list) == source, || told("does not keep its bytes"));
    wrong.check(write(&list, list.items[1].text()) == source, || told("does not keep its bytes when written by items"));

    for (patch, around) in edits_around() {
        let edited = edited(&list, &patch);
        let expected = Ok((place.write)(text, around));
        wrong.check(edited == expected, || told(&format!("{patch} makes {edited:?}\nnot {expected:?}")));
    }
    look_inside(&list, &source, place, text, wrong, &told);
}

/// Edits every value of the probe: nothing outside of it changes, and what is refused is so for a reason.
fn look_inside(
    list: &ResourceList,
    source: &str,
    place: &Place,
    text: &str,
    wrong: &mut Wrong,
    told: &dyn Fn(&str) -> String,
) {
    let without = (place.write)("⇥", AROUND);
    let (before, after) = without.split_once('⇥').expect("every place has room for the probe");
    let is_flow = !text.ends_with('\n');
    // A removed entry takes its comma along, and in braces its key is not the probe's own.
    let before = if is_flow {
        before.rsplit_once("robe\"").or(before.rsplit_once("probe:")).expect("the key stands before").0
    } else {
        before
    };
    let before = before.trim_end_matches(['p', '"', ' ', '\t', '\r', '\n', ',']);
    let after = after.trim_start();
    let value = list.items[1].value();
    let own = ["apiVersion", "kind", "metadata", "tail"];
    let keys = value.as_object().expect("an item is an object").keys().filter(|key| !own.contains(&key.as_str()));
    let mut pointers = Vec::new();
    for key in keys {
        collect_pointers(&value[key], &format!("/{}", key.replace('~', "~0").replace('/', "~1")), &mut pointers);
    }
    for pointer in pointers {
        let mut patches = vec![
            json!([{"op": "replace", "path": pointer, "value": "new: text"}]),
            json!([{"op": "replace", "path": pointer, "value": {"new": ["yes"]}}]),
            json!([{"op": "remove", "path": pointer}]),
        ];
        match value.pointer(&pointer) {
            Some(Value::Object(_)) => {
                patches.push(json!([{"op": "add", "path": format!("{pointer}/new"), "value": {"a": "on"}}]));
            }
            Some(Value::Array(_)) => {
                patches.push(json!([{"op": "add", "path": format!("{pointer}/-"), "value": "on"}]));
                patches.push(json!([{"op": "add", "path": format!("{pointer}/0"), "value": {"a": 1}}]));
            }
            _ => {}
        }
        for patch in patches {
            let operations: Patch = from_value(patch.clone()).expect("it is a patch");
            let edited = match list.items[1].edited(&operations) {
                Ok(edited) => edited,
                Err(Refusal { reason, .. }) => {
                    let reasons = ["alias", "anchor", "merge key", "`? key`"];
                    wrong.check(reasons.iter().any(|known| reason.contains(known)), || {
                        told(&format!("{patch} is refused: {reason}"))
                    });
                    continue;
                }
            };
            let mut expected = value.clone();
            json_patch::patch(&mut expected, &operations).expect("it fits");
            wrong.check(*edited.value() == expected, || told(&format!("{patch} makes {}", edited.text())));
            let written = write(list, edited.text());
            wrong.check(written.starts_with(before) && written.ends_with(after), || {
                told(&format!("{patch} changes more than the probe:\n{written}"))
            });
            let whole = view::read(&written).map(|whole| whole["items"][1].clone());
            let is_alone = source.contains("&") || whole == Ok(expected);
            wrong.check(is_alone, || told(&format!("{patch} does not read back in the list:\n{written}")));
        }
    }
}

fn collect_pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect_pointers(item, &format!("{at}/{index}"), all));
        }
        Value::Object(map) => {
            for (key, value) in map {
                collect_pointers(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

/// The line of a list on which the probe begins.
fn line_of(source: &str, probe: &str) -> usize {
    let first = probe.lines().next().unwrap_or_default().trim_start_matches(COLUMN_0);
    source.lines().position(|line| line.contains(first)).map_or(0, |line| line + 1)
}

fn unchanged(list: &ResourceList) -> String {
    let mut out = Vec::new();
    list.write_unchanged(&[], &mut out).expect("a Vec takes all");
    String::from_utf8(out).expect("text is written")
}

/// The list with another text in the place of its second item.
fn write(list: &ResourceList, second: &str) -> String {
    let texts = list.items.iter().enumerate().map(|(at, item)| if at == 1 { second } else { item.text() });
    let mut out = Vec::new();
    list.write(&texts.map(Output::Text).collect::<Vec<_>>(), &[], &mut out).expect("a Vec takes all");
    String::from_utf8(out).expect("text is written")
}

fn edited(list: &ResourceList, patch: &Value) -> Result<String, String> {
    let patch: Patch = from_value(patch.clone()).expect("it is a patch");
    let edited = list.items[1].edited(&patch).map_err(|refusal| refusal.to_string())?;
    Ok(write(list, edited.text()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The probe as an entry of the item, where it says what it says as a value.
fn expected(probe: &Probe, wrap: impl Fn(Value) -> Value) -> Result<Value, (usize, &'static str)> {
    match probe.expected {
        Expected::Is(value) => Ok(wrap(json(value))),
        Expected::Refused(line, problem) => Err((line, problem)),
    }
}

/// Whether other line endings leave the text what it is.
fn is_free_of_rare_breaks(text: &str) -> bool {
    !text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

fn block_places(text: &str) -> impl Iterator<Item = &'static Place> {
    let count = if is_free_of_rare_breaks(text) { BLOCK_PLACES.len() } else { BLOCK_PLACES.len() - 1 };
    BLOCK_PLACES[..count].iter()
}

#[test]
fn entries_of_block_items_keep_what_they_are() {
    each(ENTRIES, |probe, wrong| {
        let expected = expected(probe, |value| value);
        for place in block_places(probe.text) {
            look(probe.name, place, probe.text, expected.as_ref().map_err(|&refused| refused), wrong);
        }
    });
}

#[test]
fn values_of_block_items_keep_what_they_are() {
    each(VALUES, |probe, wrong| {
        for (text, wrap) in [
            (format!("probe: {} # of it\n", probe.text), (|value| json!({"probe": value})) as fn(Value) -> Value),
            (format!("probe:\n- {}\n- - a\n", probe.text), |value| json!({"probe": [value, ["a"]]})),
        ] {
            let expected = expected(probe, wrap)
                .map_err(|(line, problem)| (line + text.starts_with("probe:\n") as usize, problem));
            for place in block_places(&text) {
                look(probe.name, place, &text, expected.as_ref().map_err(|&refused| refused), wrong);
            }
        }
    });
}

#[test]
fn values_of_flow_items_keep_what_they_are() {
    each(VALUES, |probe, wrong| {
        let expected = expected(probe, |value| json!({ "probe": value }));
        for place in &FLOW_PLACES {
            look(probe.name, place, probe.text, expected.as_ref().map_err(|&refused| refused), wrong);
        }
    });
}

#[test]
fn values_of_json_items_keep_what_they_are() {
    let is_json = |probe: &&Probe| serde_json::from_str::<Value>(probe.text).is_ok();
    let probes: Vec<Probe> = VALUES.iter().filter(is_json).copied().collect();
    each(&probes, |probe, wrong| {
        let expected = expected(probe, |value| json!({ "probe": value }));
        for place in &JSON_PLACES {
            look(probe.name, place, probe.text, expected.as_ref().map_err(|&refused| refused), wrong);
        }
    });
}

#[test]
fn a_list_cut_anywhere_in_a_probe_is_a_list_or_an_error() {
    let entries: Vec<Probe> = [ENTRIES, VALUES].concat();
    each(&entries, |probe, wrong| {
        let is_entry = probe.text.ends_with('\n');
        let place = if is_entry { &BLOCK_PLACES[0] } else { &FLOW_PLACES[1] };
        let source = (place.write)(probe.text, AROUND);
        let start = source.find("probe").expect("the item is there");
        for cut in start..source.len() {
            match wire::read(&source.as_bytes()[..cut]) {
                Ok(list) => {
                    wrong.check(unchanged(&list) == source[..cut], || format!("{} cut at {cut}", probe.name));
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    let is_told =
                        error.contains("line ") || error.contains("UTF-8") || error.contains("must be an object");
                    wrong.check(is_told, || format!("{} cut at {cut}: {error}", probe.name));
                }
            }
        }
    });
}
