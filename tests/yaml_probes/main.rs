//! Small documents, each hard in a way of its own, in every place an item can have: what is not edited keeps its bytes,
//! an edit changes its own lines alone, and what cannot be read is refused as a whole with its place.

mod fixtures;
mod lists;
mod places;
mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use json_patch::Patch;
use serde_json::{Value, from_value, json};
use split_planes::wire::{self, Output, ResourceList};
use split_planes::yaml::{edit, view};

use fixtures::{Edited, FIXTURES};
use lists::{LISTS, Outcome};
use places::{AROUND, BLOCK_PLACES, FLOW_PLACES, HEAD, JSON_PLACES, LINE_BREAKS, Place, edits_around};
use table::{ENTRIES, Expected, Probe, VALUES};

// What must hold.

/// Everything that is wrong with a probe, told with its name.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn check(&mut self, is_right: bool, complaint: impl FnOnce() -> String) {
        if !is_right {
            self.0.push(complaint());
        }
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

/// The line of a probe that is refused, and what is said.
type Refusal = (usize, &'static str);

/// A probe in one place of a list.
struct Case<'a> {
    name: &'a str,
    place: &'a Place,
    text: &'a str,
    source: String,
}

impl<'a> Case<'a> {
    fn new(name: &'a str, place: &'a Place, text: &'a str) -> Self {
        Self { name, place, text, source: (place.write)(text, AROUND) }
    }

    fn told(&self, what: &str) -> String {
        format!("{}, {}: {what}\n{}\n", self.name, self.place.name, self.source)
    }

    /// What stands before the probe and behind it.
    fn around(&self) -> (String, String) {
        let without = (self.place.write)("\u{1}", AROUND);
        let (before, after) = without.split_once('\u{1}').expect("every place has room for the probe");
        (before.to_owned(), after.to_owned())
    }

    /// Looks at the probe: its bytes, its value and the edits around it and in it, or how it is refused.
    fn look(&self, expected: &Result<Value, Refusal>, wrong: &mut Wrong) {
        match (wire::read(self.source.as_bytes()), expected) {
            (Ok(list), Ok(value)) => self.look_at_list(&list, value, wrong),
            (Err(error), Err(refusal)) => self.look_at_refusal(&format!("{error:#}"), *refusal, wrong),
            (Ok(_), Err(_)) => wrong.check(false, || self.told("must be refused")),
            (Err(error), Ok(_)) => wrong.check(false, || self.told(&format!("is refused: {error:#}"))),
        }
    }

    /// The place is told within the item, or within the list.
    fn look_at_refusal(&self, error: &str, (line, problem): Refusal, wrong: &mut Wrong) {
        let in_item = self.place.lines_before + line;
        let in_list = self.around().0.matches('\n').count() + line;
        let is_at = |line: usize| error.contains(&format!("line {line}, column "));
        let is_right =
            error.contains(problem) && (is_at(in_item) || is_at(in_list)) && error.matches("line ").count() == 1;
        wrong.check(is_right, || {
            self.told(&format!("must be refused at line {in_item} or {in_list} ({problem}), not with: {error}"))
        });
    }

    fn look_at_list(&self, list: &ResourceList, expected: &Value, wrong: &mut Wrong) {
        let names: Vec<&str> = list.items.iter().map(|item| item.id().name.as_str()).collect();
        wrong.check(names == ["before", "probe", "after"], || self.told(&format!("has the items {names:?}")));
        let [before, probe, after] = &list.items[..] else { return };
        let mut item = json!({"apiVersion": "v1", "kind": "Probe", "metadata": {"name": "probe"}, "tail": ["one"]});
        for (key, value) in expected.as_object().expect("an item has entries") {
            item[key] = value.clone();
        }
        let value = probe.value();
        wrong.check(*value == item, || self.told(&format!("is read as {value}\nnot {item}")));
        wrong.check(unchanged(list) == self.source, || self.told("does not keep its bytes"));
        let is_same = write(list, &[before.text(), probe.text(), after.text()]) == self.source;
        wrong.check(is_same, || self.told("does not keep its bytes when written by items"));

        let dropped = write(list, &[before.text(), after.text()]);
        let is_cut_out = before.text().starts_with('{') || dropped == self.source.replacen(probe.text(), "", 1);
        let is_list = wire::read(dropped.as_bytes()).is_ok_and(|list| list.items.len() == 2);
        wrong.check(is_cut_out && is_list, || self.told(&format!("leaves something when it is dropped:\n{dropped}")));

        for (patch, around) in edits_around() {
            let written = probe
                .edited(&operations(&patch))
                .map(|edited| write(list, &[before.text(), edited.text(), after.text()]));
            let expected = Ok((self.place.write)(self.text, around));
            wrong.check(written == expected, || self.told(&format!("{patch} makes {written:?}\nnot {expected:?}")));
        }
        for pointer in pointers(value) {
            for patch in edits_inside(value, &pointer) {
                self.look_at_edit(list, &patch, wrong);
            }
        }
    }

    /// An edit inside of the probe: nothing outside of it changes, and what is refused is so for a reason.
    fn look_at_edit(&self, list: &ResourceList, patch: &Value, wrong: &mut Wrong) {
        let [before, probe, after] = &list.items[..] else { return };
        let operations = operations(patch);
        let edited = match probe.edited(&operations) {
            Ok(edited) => edited,
            Err(edit::Refusal { reason, .. }) => {
                let is_known = REASONS.iter().any(|(known, sign)| reason.contains(known) && self.text.contains(sign));
                return wrong.check(is_known, || self.told(&format!("{patch} is refused: {reason}")));
            }
        };
        let mut expected = probe.value().clone();
        json_patch::patch(&mut expected, &operations).expect("the edit fits the value");
        let written = write(list, &[before.text(), edited.text(), after.text()]);
        wrong.check(*edited.value() == expected, || self.told(&format!("{patch} is read back otherwise:\n{written}")));
        let value = view::read(&written).map(|mut list| list["items"][1].take());
        wrong.check(value == Ok(expected), || {
            self.told(&format!("{patch} is read back otherwise in the list:\n{written}"))
        });

        let (head, tail) = self.around();
        // A removed entry takes its key and comma along, which are not the probe's own in braces.
        let (head, tail) = if self.text.ends_with('\n') {
            (head.trim_end_matches(' '), &tail[..])
        } else {
            let key = head.rfind("probe").expect("the key stands before the value");
            (head[..key].trim_end_matches(['"', ' ', '\t', '\r', '\n', ',']), tail.trim_start_matches(['"', ' ', ',']))
        };
        let is_alone = written.starts_with(head) && written.ends_with(tail);
        wrong.check(is_alone, || self.told(&format!("{patch} changes more than the probe:\n{written}")));
    }
}

/// Why edits inside of a probe are refused, and what the probe then has in it.
const REASONS: [(&str, &str); 9] = [
    ("anchored and used elsewhere", "*"),
    ("holds an anchor that is used elsewhere", "*"),
    ("an alias of one that is written elsewhere", "*"),
    ("comes through a merge key", "<<"),
    // What the merge key brings would show.
    ("would change something else", "<<"),
    ("`? key`", "? "),
    ("written without braces", "["),
    // To the editor, lines end with line feeds.
    ("edits leave alone", "\r"),
    ("would change something else", "\r"),
];

/// Edits of what `pointer` names.
fn edits_inside(value: &Value, pointer: &str) -> Vec<Value> {
    let mut edits = vec![
        json!([{"op": "replace", "path": pointer, "value": "new: text"}]),
        json!([{"op": "replace", "path": pointer, "value": {"new": ["yes"]}}]),
        json!([{"op": "remove", "path": pointer}]),
    ];
    match value.pointer(pointer) {
        Some(Value::Object(_)) => {
            edits.push(json!([{"op": "add", "path": format!("{pointer}/new"), "value": {"a": "on"}}]));
        }
        Some(Value::Array(_)) => {
            edits.push(json!([{"op": "add", "path": format!("{pointer}/-"), "value": "on"}]));
            edits.push(json!([{"op": "add", "path": format!("{pointer}/0"), "value": {"a": 1}}]));
        }
        _ => {}
    }
    edits
}

/// The places in the probe of an item.
fn pointers(item: &Value) -> Vec<String> {
    let is_own = |key: &str| !["apiVersion", "kind", "metadata", "tail"].contains(&key);
    let mut all = Vec::new();
    for (key, value) in item.as_object().expect("an item is an object").iter().filter(|(key, _)| is_own(key)) {
        collect_pointers(value, &format!("/{}", token(key)), &mut all);
    }
    all
}

fn token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn operations(patch: &Value) -> Patch {
    from_value(patch.clone()).expect("these are operations")
}

fn collect_pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect_pointers(item, &format!("{at}/{index}"), all));
        }
        Value::Object(map) => {
            for (key, value) in map {
                collect_pointers(value, &format!("{at}/{}", token(key)), all);
            }
        }
        _ => {}
    }
}

fn unchanged(list: &ResourceList) -> String {
    list.compose_unchanged(&[]).expect("nothing is changed").collect()
}

/// The list with these items.
fn write(list: &ResourceList, items: &[&str]) -> String {
    let items: Vec<Output> = items.iter().copied().map(Output::Text).collect();
    list.compose(&items, &[]).expect("the list can be composed").collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The probe as an entry of the item, where it says what it says as a value.
fn expected(probe: &Probe, wrap: impl Fn(Value) -> Value) -> Result<Value, Refusal> {
    match probe.expected {
        Expected::Is(value) => Ok(wrap(json(value))),
        Expected::Refused(line, problem) => Err((line, problem)),
    }
}

/// Whether other line endings leave the text what it is.
fn is_free_of_rare_breaks(text: &str) -> bool {
    !text.contains(&LINE_BREAKS[1..])
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
            Case::new(probe.name, place, probe.text).look(&expected, wrong);
        }
    });
}

#[test]
fn values_of_block_items_keep_what_they_are() {
    each(VALUES, |probe, wrong| {
        let of_key = format!("probe: {} # of it\n", probe.text);
        let expected_of_key = expected(probe, |value| json!({ "probe": value }));
        for place in block_places(&of_key) {
            let case = Case::new(probe.name, place, &of_key);
            case.look(&expected_of_key, wrong);
        }
        let of_dash = format!("probe:\n- {}\n- - a\n", probe.text);
        let expected_of_dash = expected(probe, |value| json!({ "probe": [value, ["a"]] }));
        let case = Case::new(probe.name, &BLOCK_PLACES[0], &of_dash);
        case.look(&expected_of_dash.map_err(|(line, problem)| (line + 1, problem)), wrong);
    });
}

#[test]
fn values_of_flow_items_keep_what_they_are() {
    each(VALUES, |probe, wrong| {
        let expected = expected(probe, |value| json!({ "probe": value }));
        for place in &FLOW_PLACES {
            Case::new(probe.name, place, probe.text).look(&expected, wrong);
        }
    });
}

#[test]
fn values_of_json_items_keep_what_they_are() {
    let is_json = |probe: &&Probe| serde_json::from_str::<Value>(probe.text).is_ok();
    let probes: Vec<Probe> = VALUES.iter().filter(is_json).copied().collect();
    each(&probes, |probe, wrong| {
        // In JSON a pair of surrogates is one character; YAML has no pairs.
        let is_pair = probe.name == "surrogate pair";
        let character = json!({ "probe": json(probe.text) });
        let expected = if is_pair { Ok(character) } else { expected(probe, |value| json!({ "probe": value })) };
        for place in &JSON_PLACES {
            Case::new(probe.name, place, probe.text).look(&expected, wrong);
        }
    });
}

#[test]
fn a_list_cut_anywhere_is_a_list_or_an_error() {
    let places = [(ENTRIES, &BLOCK_PLACES[0]), (VALUES, &FLOW_PLACES[1])];
    for (probes, place) in places {
        each(probes, |probe, wrong| {
            let case = Case::new(probe.name, place, probe.text);
            let (before, after) = case.around();
            // What follows the probe decides how it ends.
            for cut in before.len()..case.source.len() - after.len() + 24 {
                cut_at(case.name, &case.source, cut, wrong);
            }
        });
    }
    let mut wrong = Wrong::default();
    for (name, text, _) in LISTS {
        let source = filled(text);
        for cut in 1..source.len() {
            cut_at(name, &source, cut, &mut wrong);
        }
    }
    wrong.report();
}

/// Reads the first bytes of a list.
fn cut_at(name: &str, source: &str, cut: usize, wrong: &mut Wrong) {
    match wire::read(&source.as_bytes()[..cut]) {
        Ok(list) => wrong.check(unchanged(&list) == source[..cut], || format!("{name} cut at {cut}")),
        Err(error) => {
            let error = format!("{error:#}");
            let told = ["line ", "UTF-8", "must be an object", "got kind", "`apiVersion`"];
            wrong.check(told.iter().any(|told| error.contains(told)), || format!("{name} cut at {cut}: {error}"));
        }
    }
}

/// A whole list of the table.
fn filled(text: &str) -> String {
    let item = |name: &str| format!("{{apiVersion: v1, kind: Probe, metadata: {{name: {name}}}}}");
    text.replace("{L}", &HEAD.replace("items:\n", "")).replace("{A}", &item("a")).replace("{B}", &item("b"))
}

#[test]
fn lists_have_their_items_or_are_refused() {
    let mut wrong = Wrong::default();
    for (name, text, outcome) in LISTS {
        let source = filled(text);
        let told = |what: String| format!("{name}: {what}\n{source}\n");
        match (wire::read(source.as_bytes()), outcome) {
            (Ok(list), Outcome::Items(expected)) => {
                let names: Vec<&str> = list.items.iter().map(|item| item.id().name.as_str()).collect();
                wrong.check(names == **expected, || told(format!("has the items {names:?}")));
                wrong.check(unchanged(&list) == source, || told("does not keep its bytes".to_owned()));
                add_and_remove(&list, &source, &told, &mut wrong);
            }
            (Ok(_), Outcome::No(problem)) => wrong.check(false, || told(format!("must be refused: {problem}"))),
            (Err(error), Outcome::No(problem)) => {
                let error = format!("{error:#}");
                wrong.check(error.contains(problem), || told(format!("must be refused with {problem}, not {error}")));
            }
            (Err(error), Outcome::Items(_)) => wrong.check(false, || told(format!("is refused: {error:#}"))),
        }
    }
    wrong.report();
}

/// Adds an entry to every item and takes it away again.
fn add_and_remove(list: &ResourceList, source: &str, told: &dyn Fn(String) -> String, wrong: &mut Wrong) {
    let add = operations(&json!([{"op": "add", "path": "/new", "value": {"a": "on"}}]));
    let remove = operations(&json!([{"op": "remove", "path": "/new"}]));
    for (at, item) in list.items.iter().enumerate() {
        let back = item.edited(&add).and_then(|added| {
            wrong.check(added.value()["new"] == json!({"a": "on"}), || told(format!("item {at} is not edited")));
            added.edited(&remove)
        });
        match back {
            Ok(back) => {
                let texts = list
                    .items
                    .iter()
                    .enumerate()
                    .map(|(other, item)| if other == at { back.text() } else { item.text() });
                let written = write(list, &texts.collect::<Vec<_>>());
                wrong.check(written == source, || told(format!("item {at} does not come back:\n{written}")));
            }
            Err(refusal) => wrong.check(refusal.reason.contains("`? key`"), || told(format!("item {at}: {refusal}"))),
        }
    }
}

#[test]
fn edits_change_their_lines_alone() {
    let mut wrong = Wrong::default();
    for (name, text, expected) in FIXTURES {
        let text = text.replace("{K}", "kind: A\nmetadata:\n  name: a\n");
        let value = view::read(&text).expect("the fixtures are YAML");
        let annotation = if value["metadata"].get("annotations").is_some() {
            json!([{"op": "add", "path": "/metadata/annotations/example.com~1added", "value": "yes"}])
        } else {
            json!([{"op": "add", "path": "/metadata/annotations", "value": {"example.com/added": "yes"}}])
        };
        let image = json!([{"op": "replace", "path": "/spec/image", "value": "b:2"}]);
        let args = json!([{"op": "remove", "path": "/spec/args"}]);
        for (patch, expected) in [annotation, image, args].iter().zip(expected) {
            let result = edit::apply(&text, &operations(patch));
            let told = |what: String| format!("{name}, {patch}: {what}\n{text}\n");
            match (&result, expected) {
                (Ok(edited), Edited::Lines(lines)) => {
                    let changed = changed_lines(&text, edited);
                    wrong.check(changed == *lines, || told(format!("changes {changed:#?}\nnot {lines:#?}")));
                    let mut patched = value.clone();
                    json_patch::patch(&mut patched, &operations(patch)).expect("the edits fit");
                    wrong.check(view::read(edited) == Ok(patched), || {
                        told(format!("is read back otherwise:\n{edited}"))
                    });
                }
                (Err(refusal), Edited::Kept(reason)) => {
                    wrong.check(refusal.reason.contains(reason), || told(format!("is refused: {refusal}")));
                }
                (Ok(edited), Edited::Kept(_)) => wrong.check(false, || told(format!("must be refused:\n{edited}"))),
                (Err(refusal), Edited::Lines(_)) => wrong.check(false, || told(format!("is refused: {refusal}"))),
            }
        }
    }
    wrong.report();
}

/// The lines that differ, in one stretch: those of `before` behind `-`, those of `after` behind `+`.
fn changed_lines(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<_>, Vec<_>) = (before.split('\n').collect(), after.split('\n').collect());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[head..], &after[head..]);
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let gone = before[..before.len() - tail].iter().map(|line| format!("-{line}"));
    gone.chain(after[..after.len() - tail].iter().map(|line| format!("+{line}"))).collect()
}
