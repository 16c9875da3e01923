//! Composes lists at random and reads them back with two readers: nothing may change but what was asked for.
//!
//! `PROPTEST_CASES=1000000 cargo test --lib composed -- --nocapture` searches longer and tells what it did.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::generate;
use crate::yaml::layout::Layout;
use crate::yaml::text::{BOM, rare_break};
use crate::yaml::view::read;

/// Top-level entries around the items, comments and blank lines among them.
const AROUND: [&str; 14] = [
    "a: 1\n",
    "b: |\n  text\n",
    "c: |+\n  text\n\n",
    "d: >-\n  text\n",
    "e:\n  - x\n  - y: |\n      text\n",
    "f:\n- |+\n  text\n\n",
    "g: {a: [b]}\n",
    "h: \"a\\\n  b\"\n",
    "i:\n",
    "# comment\n",
    "  # deeper\n",
    "\n",
    "   \n",
    "j: a\n  b\n",
];

/// Lists of items that are not block sequences, or are none.
const ITEMS: [&str; 10] = [
    "",
    "items:\n",
    "items: ~ # none\n",
    "items: []\n",
    "items: []# none\n",
    "items: [ # none\n]\n",
    "items: [a, 'b' , {c: d}]\n",
    "items: [a # one\n, \"b\"#two\n, c]\n",
    "items:\n  [{a: b},\n   c]\n",
    "items:\n  ~\t\n",
];

/// What earlier functions reported.
const RESULTS: [&str; 14] = [
    "",
    "",
    "results:\n",
    "results: []\n",
    "results: [ # none\n]\n",
    "results: null\n",
    "results: [0]\n",
    "results: [0, # one\n  {a: b} # two\n]\n",
    "results: [\n  0,\n  1,\n]\n",
    "results:\n- 0\n",
    "results:\n  - a: |\n      text\n   # deeper\n# below\n",
    "results:\n- |+\n  text\n\n",
    "results: text\n",
    "results:\n-\n",
];

/// Members of a mapping in braces, and how they end.
const MEMBERS: [&str; 12] = [
    "\"a\": 1",
    "b: 'c'",
    "d: ",
    "e",
    "items: [a, {b: c}]",
    "\"items\":[{\"a\":1},2]",
    "items: []",
    "items: ",
    "results: [1,]",
    "\"results\":[]",
    "results: [\n  1 # one\n  ]",
    "results: ",
];
const ENDS: [&str; 7] = ["", "\n", "...\n", "...\n# end\n", "  ", "  \n", "    # end"];

/// What few know to be a line break, or no content.
const ODD: [&str; 6] = ["\r", "\u{85}", "\u{2028}", BOM, "\t", " \t\n"];

fn block_lists() -> impl Strategy<Value = String> {
    let tape = prop::collection::vec(any::<u8>(), 0..200);
    (tape, select(vec![0, 0, 0, 1, 2]), select(&RESULTS[..]), any::<bool>()).prop_map(
        |(tape, mutations, results, is_first)| {
            let text = generate::document(&tape, mutations);
            if is_first && !text.starts_with([' ', '-', '#', '\u{feff}']) {
                format!("{results}{text}")
            } else if text.ends_with('\n') {
                format!("{text}{results}")
            } else {
                text
            }
        },
    )
}

fn other_lists() -> impl Strategy<Value = String> {
    let around = || prop::collection::vec(select(&AROUND[..]), 0..3).prop_map(|entries| entries.concat());
    (around(), select(&ITEMS[..]), around(), select(&RESULTS[..]), around(), any::<bool>()).prop_map(
        |(before, items, between, results, behind, is_turned)| {
            let (first, second) = if is_turned { (results, items) } else { (items, results) };
            format!("{before}{first}{between}{second}{behind}")
        },
    )
}

fn mappings_in_braces() -> impl Strategy<Value = String> {
    let separators = prop::collection::vec(select(vec![",", ", ", ",\n  ", " , # next\n  "]), 5);
    let open = select(vec!["{", "{ ", "{\n  ", "--- {", "{ # open\n  "]);
    let close = select(vec!["}", " }", ",}", "\n}\n", " # close\n}\n"]);
    (open, prop::collection::vec(select(&MEMBERS[..]), 0..5), separators, close).prop_map(
        |(open, members, separators, close)| {
            let mut text = open.to_owned();
            for (at, member) in members.iter().enumerate() {
                text += if at > 0 { separators[at] } else { "" };
                text += member;
            }
            text + close
        },
    )
}

fn lists() -> impl Strategy<Value = String> {
    let lists = prop_oneof![4 => block_lists(), 4 => other_lists(), 1 => mappings_in_braces()];
    let odd = prop_oneof![6 => Just(None), 1 => (select(&ODD[..]), any::<Index>()).prop_map(Some)];
    (lists, select(&ENDS[..]), 0..10, odd).prop_map(|(mut text, end, how, odd)| {
        match how {
            0 => text.truncate(text.trim_end().len()),
            1 => text.truncate(text.trim_end_matches('\n').len()),
            2 | 3 => text += end,
            4 => text = text.replace('\n', "\r\n"),
            _ => {}
        }
        if let Some((odd, at)) = odd {
            let at = text.floor_char_boundary(at.index(text.len() + 1));
            text.insert_str(at, odd);
        }
        text
    })
}

fn values() -> impl Strategy<Value = Vec<Value>> {
    let values = vec![
        json!({"new": [1, {"a": "b"}]}),
        json!({"text": "a\nb\n"}),
        json!({"text": "a\n\n"}),
        json!({"text": " a\nb"}),
        json!("on"),
        json!(""),
        json!(null),
        json!(1.5),
        json!({}),
    ];
    prop::collection::vec(select(values), 0..3)
}

/// What is to be made of a list.
#[derive(Debug)]
struct Change {
    kept: Vec<Index>,
    new: Vec<Value>,
    results: Vec<Value>,
}

fn changes() -> impl Strategy<Value = Change> {
    (prop::collection::vec(any::<Index>(), 0..5), values(), values()).prop_map(|(kept, new, results)| Change {
        kept,
        new,
        results,
    })
}

impl Change {
    /// The places of the items that stay, in their new order.
    fn kept(&self, count: usize) -> Vec<usize> {
        let mut kept: Vec<usize> = Vec::new();
        for index in self.kept.iter().filter(|_| count > 0) {
            let at = index.index(count);
            if !kept.contains(&at) {
                kept.push(at);
            }
        }
        kept
    }

    /// What the list `value` says after it.
    fn expected(&self, mut value: Value) -> Value {
        let own = value["items"].as_array().cloned().unwrap_or_default();
        let items: Vec<Value> =
            self.kept(own.len()).into_iter().map(|at| own[at].clone()).chain(self.new.clone()).collect();
        if !own.is_empty() || !items.is_empty() {
            value["items"] = items.into();
        } else if value.get("items").is_none() {
            value.as_object_mut().expect("a list is a mapping").remove("items");
        }
        match value.get_mut("results") {
            _ if self.results.is_empty() => {}
            Some(Value::Array(results)) => results.extend_from_slice(&self.results),
            None | Some(Value::Null) => value["results"] = self.results.clone().into(),
            Some(_) => {}
        }
        value
    }
}

/// The value of `text` to `serde_yaml`, which resolves scalars in its own way; it takes a byte-order mark for a column.
fn read_by_serde(text: &str) -> Option<Value> {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    serde_json::to_value(serde_yaml::from_str::<serde_yaml::Value>(text).ok()?).ok()
}

fn is_odd(text: &str) -> bool {
    let body = text.trim_start_matches(BOM);
    rare_break(body.as_bytes()).is_some() || body.contains([BOM, "\t"].map(|odd| odd.chars().next().unwrap()))
}

#[derive(Default)]
struct Counts {
    composed: Cell<usize>,
    refused: Cell<usize>,
}

fn count(cell: &Cell<usize>) {
    cell.set(cell.get() + 1);
}

fn check(text: &str, change: &Change, counts: &Counts) -> Result<(), TestCaseError> {
    let (Ok(layout), Ok(value)) = (Layout::new(text, "items"), read(text)) else { return Ok(()) };
    // Items are read by themselves, where an alias has no anchor.
    if text.contains('*') {
        return Ok(());
    }
    let own: Vec<&str> = layout.items().collect();
    let kept: Vec<&str> = change.kept(own.len()).into_iter().map(|at| own[at]).collect();
    let new: Vec<String> = change.new.iter().map(|value| layout.render_item(value)).collect();
    let items = kept.iter().copied().chain(new.iter().map(String::as_str));
    let composed = match layout.compose(items, ("results", &change.results)) {
        Ok(composed) => composed,
        Err(error) => {
            count(&counts.refused);
            prop_assert!(is_odd(text), "{error}: {text:?}");
            return Ok(());
        }
    };
    count(&counts.composed);
    prop_assert_eq!(read(&composed), Ok(change.expected(value)), "{:?} became {:?}", text, composed);
    if let Some(value) = read_by_serde(text) {
        prop_assert_eq!(read_by_serde(&composed), Some(change.expected(value)), "{:?} became {:?}", text, composed);
    }
    for line in kept.iter().filter(|item| item.ends_with('\n')).flat_map(|item| item.lines()) {
        prop_assert!(composed.contains(line), "{line:?} is not in {composed:?}");
    }
    if layout.item_pointer() == "/0" {
        let lines = layout.around_items().flat_map(str::lines).map(str::trim);
        for comment in lines.filter(|line| line.starts_with('#')) {
            prop_assert!(composed.contains(comment), "{comment:?} is not in {composed:?}");
        }
    }
    Ok(())
}

#[test]
#[allow(clippy::print_stdout, reason = "a long search tells what it did")]
fn a_composed_list_says_what_was_put_in() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let counts = Counts::default();
    runner.run(&(lists(), changes()), |(text, change)| check(&text, &change, &counts)).unwrap();
    println!("{} lists composed, {} refused", counts.composed.get(), counts.refused.get());
}
