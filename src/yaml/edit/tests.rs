use serde_json::{Value, from_value, json};

use super::*;
use crate::yaml::view;

/// What `apply` makes of `text`; a refusal as its reason behind `!`.
fn edited(text: &str, operations: Value) -> String {
    let patch: Patch = from_value(operations).expect("a patch");
    apply(text, &patch).unwrap_or_else(|refusal| format!("!{}: {}", refusal.pointer, refusal.reason))
}

fn op(op: &str, path: &str, value: &Value) -> Value {
    json!([{"op": op, "path": path, "value": value}])
}

#[track_caller]
fn check(cases: &[(&str, Value, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, operations, expected)| (text, operations, edited(text, operations.clone()), expected))
        .filter(|(_, _, result, expected)| result != *expected)
        .map(|(text, operations, result, expected)| {
            format!("{operations} on {text:?}\n  makes {result:?}\n    not {expected:?}\n")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn rare_line_breaks_in_and_before_quotes_stop_no_edit() {
    for text in
        ["\"a\\\r\rb\"", " \",\\\\\\\r\r\rJ\n\\\\\\  \"", "\"a\\\u{2028} b\"", "\"a\\\u{85}\nb\"", "!\r\u{2028}'a'"]
    {
        let value = view::read(text).expect("it is YAML");
        let new = format!("{}x", value.as_str().expect("it is a string"));
        let after = edited(text, op("replace", "", &json!(new)));
        assert_eq!(view::read(&after).expect("it is YAML"), json!(new), "{text:?}: {after:?}");
    }
}

#[test]
fn keys_are_added_at_the_end_of_their_mapping() {
    check(&[
        ("a: 1\n", op("add", "/b", &json!(2)), "a: 1\nb: 2\n"),
        ("a: 1", op("add", "/b", &json!(2)), "a: 1\nb: 2"),
        ("a: 1\r\n", op("add", "/b", &json!({"c": [1]})), "a: 1\r\nb:\r\n  c:\r\n  - 1\r\n"),
        ("a: 1 # one\n# tail\n\n# next\n", op("add", "/b", &json!(2)), "a: 1 # one\n# tail\nb: 2\n\n# next\n"),
        ("m:\n  a: 1\n# n\nn: 2\n", op("add", "/m/b", &json!(2)), "m:\n  a: 1\n  b: 2\n# n\nn: 2\n"),
        ("m:\n  a: 1\n  # m\n\nn: 2\n", op("add", "/m/b", &json!(2)), "m:\n  a: 1\n  # m\n  b: 2\n\nn: 2\n"),
        ("- a: 1\n  m:\n    x: y\n", op("add", "/0/b", &json!("on")), "- a: 1\n  m:\n    x: y\n  b: \"on\"\n"),
        ("# head\n- a: |\n    x\n\n\n", op("add", "/0/b", &json!(1)), "# head\n- a: |\n    x\n  b: 1\n\n\n"),
        ("a: |+\n  x\n\n", op("add", "/b", &json!(1)), "a: |+\n  x\n\nb: 1\n"),
        ("a: |\n  x", op("add", "/b", &json!(1)), "a: |-\n  x\nb: 1"),
        ("a: |\n  x\n  ", op("add", "/b", &json!(1)), "a: |\n  x\nb: 1\n  "),
        ("a: |+\n  x\n ", op("add", "/b", &json!("y\nz\n")), "a: |+\n  x\nb: |\n  y\n  z\n "),
        ("- a: >-\n    x\n\n    ", op("add", "/0/b", &json!(1)), "- a: >-\n    x\n  b: 1\n\n    "),
        ("a: 1", op("add", "/b", &json!("x\ny\n")), "a: 1\nb: |\n  x\n  y\n"),
        ("a: 1\nb:\n", op("add", "/c", &json!(null)), "a: 1\nb:\nc: null\n"),
    ]);
}

#[test]
fn elements_are_added_in_the_style_of_their_sequence() {
    check(&[
        ("a:\n- 1\n", op("add", "/a/-", &json!({"x": 1, "w": [2]})), "a:\n- 1\n- x: 1\n  w:\n  - 2\n"),
        ("a:\n  - 1\n", op("add", "/a/-", &json!({"x": 1, "w": [2]})), "a:\n  - 1\n  - x: 1\n    w:\n      - 2\n"),
        ("a:\n- 1 # one\n# b\nb: 1\n", op("add", "/a/1", &json!(2)), "a:\n- 1 # one\n- 2\n# b\nb: 1\n"),
        ("a:\n# one\n- 1\n# two\n- 2\n", op("add", "/a/1", &json!(9)), "a:\n# one\n- 1\n- 9\n# two\n- 2\n"),
        ("a:\n- 1\n- 2\n", op("add", "/a/0", &json!({"x": 1, "w": 2})), "a:\n- x: 1\n  w: 2\n- 1\n- 2\n"),
        ("- - 1\n", op("add", "/0/0", &json!(0)), "- - 0\n  - 1\n"),
        ("- - 1\n", op("add", "/0/-", &json!(2)), "- - 1\n  - 2\n"),
    ]);
}

#[test]
fn empty_collections_become_blocks() {
    check(&[
        ("a: {}\nb: 1\n", op("add", "/a/x", &json!(1)), "a:\n  x: 1\nb: 1\n"),
        ("a: [] # none\nb: 1\n", op("add", "/a/-", &json!(1)), "a: # none\n- 1\nb: 1\n"),
        ("a:\n  - 1\nb: []\n", op("add", "/b/-", &json!(1)), "a:\n  - 1\nb:\n  - 1\n"),
        ("- a: {}\n", op("add", "/0/a/x", &json!(1)), "- a:\n    x: 1\n"),
        ("- {}\n", op("add", "/0/x", &json!({"w": 1})), "- x:\n    w: 1\n"),
        ("a: null\n", op("replace", "/a", &json!({"x": 1})), "a:\n  x: 1\n"),
        ("a:\nb: 1\n", op("replace", "/a", &json!({"x": 1})), "a:\n  x: 1\nb: 1\n"),
        ("a: # c\n\nb: 1\n", op("replace", "/a", &json!([1])), "a: # c\n- 1\n\nb: 1\n"),
        ("-\n- 1\n", op("replace", "/0", &json!({"x": 1, "w": 2})), "- x: 1\n  w: 2\n- 1\n"),
        ("{}", op("add", "/a", &json!("b")), r#"{"a": "b"}"#),
        ("# only\n{} # c\n", op("add", "/a", &json!({"b": 1})), "# only\na: # c\n  b: 1\n"),
        ("--- {}\n", op("add", "/a", &json!(1)), "---\na: 1\n"),
    ]);
}

#[test]
fn brackets_stay_brackets_and_json_stays_json() {
    check(&[
        ("a: [x, y] # c\n", op("add", "/a/-", &json!("z, z")), "a: [x, y, \"z, z\"] # c\n"),
        ("a: [x, y]\n", op("add", "/a/0", &json!("w")), "a: [w, x, y]\n"),
        ("a: {x: 1}\n", op("add", "/a/y", &json!({"z": ["on"]})), "a: {x: 1, \"y\": {z: [\"on\"]}}\n"),
        ("a: [\n  x, # x\n  y # y\n]\n", op("add", "/a/-", &json!("z")), "a: [\n  x, # x\n  y, # y\n  z\n]\n"),
        ("a: [\n  x,\n  y, # y\n]\n", op("add", "/a/-", &json!("z")), "a: [\n  x,\n  y, # y\n  z,\n]\n"),
        ("a: [\n  x,\n  y\n]\n", op("add", "/a/1", &json!("z")), "a: [\n  x,\n  z,\n  y\n]\n"),
        ("{\n  \"a\": 1\n}\n", op("add", "/b", &json!("x")), "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n"),
        (r#"{"a": {}}"#, op("add", "/a/b", &json!([1])), r#"{"a": {"b": [1]}}"#),
        (r#"{"a": "b"}"#, op("replace", "/a", &json!("c\u{1F600}\n")), "{\"a\": \"c\u{1F600}\\n\"}"),
        ("a: {x, y: , z: 1}\n", op("replace", "/a/x", &json!(1)), "a: {x: 1, y: , z: 1}\n"),
        ("a: {x, y: , z: 1}\n", op("replace", "/a/y", &json!(1)), "a: {x, y: 1 , z: 1}\n"),
        ("a: [x, y]\n", op("remove", "/a/0", &json!(null)), "a: [y]\n"),
        ("a: [x, y]\n", op("remove", "/a/1", &json!(null)), "a: [x]\n"),
        ("a: [x, y,]\n", op("remove", "/a/1", &json!(null)), "a: [x,]\n"),
        ("a: [ x ]\n", op("remove", "/a/0", &json!(null)), "a: []\n"),
        ("a: [\n  x, # x\n  y # y\n]\n", op("remove", "/a/1", &json!(null)), "a: [\n  x # x\n]\n"),
        ("a: [\n  x, # x\n  y ]\n", op("remove", "/a/1", &json!(null)), "a: [\n  x # x\n  ]\n"),
        ("a: [\n  x,\n  y ]\n", op("remove", "/a/1", &json!(null)), "a: [\n  x]\n"),
        ("a: [x: 1, y]\n", op("remove", "/a/0/x", &json!(null)), "a: [{}, y]\n"),
        ("a: [!!int '5', y]\n", op("replace", "/a/0", &json!("w")), "a: [w, y]\n"),
        ("a: {x: !!null }\n", op("replace", "/a/x", &json!(1)), "a: {x: 1 }\n"),
    ]);
}

#[test]
fn a_comment_right_behind_quotes_and_brackets_stays_a_comment() {
    check(&[
        ("a: \"x\"#c\n", op("replace", "/a", &json!("y")), "a: \"y\"#c\n"),
        ("a: \"x\"#c\n", op("replace", "/a", &json!({"b": 1})), "a: #c\n  b: 1\n"),
        ("a: [x]#c\n", op("replace", "/a", &json!("w")), "a: w #c\n"),
    ]);
}

#[test]
fn scalars_keep_their_quotes() {
    check(&[
        ("a: x # c\n", op("replace", "/a", &json!("w")), "a: w # c\n"),
        ("a: x # c\n", op("replace", "/a", &json!("on")), "a: \"on\" # c\n"),
        ("a: 'x'\n", op("replace", "/a", &json!("it's")), "a: 'it''s'\n"),
        ("a: \"x\"\n", op("replace", "/a", &json!("\u{7}")), "a: \"\\u0007\"\n"),
        ("a: 1 # c\n", op("replace", "/a", &json!(2.5)), "a: 2.5 # c\n"),
        ("a: 'x'\n", op("replace", "/a", &json!(true)), "a: true\n"),
        ("a: x # c\n", op("replace", "/a", &json!("y\nz")), "a: |- # c\n  y\n  z\n"),
        ("a: [x]\n", op("replace", "/a/0", &json!("y\nz")), "a: [\"y\\nz\"]\n"),
        ("a: !!str 5\n", op("replace", "/a", &json!("6")), "a: !!str \"6\"\n"),
        ("a: &x 5\n", op("replace", "/a", &json!({"b": 1})), "a: &x\n  b: 1\n"),
        ("a:\n  \"x\"\n", op("replace", "/a", &json!("y")), "a:\n  \"y\"\n"),
    ]);
}

#[test]
fn quoted_text_keeps_the_source_of_what_stays() {
    let folded = "a: \"\\x41 line\\n\\\n   b: 1\\n\n   c\"\n";
    check(&[
        (r#"a: "\x41b\nc: 1\nd""#, op("replace", "/a", &json!("Ab\nc: 2\nd")), r#"a: "\x41b\nc: 2\nd""#),
        (folded, op("replace", "/a", &json!("A line\nb: 2\n c")), "a: \"\\x41 line\\n\\\n   b: 2\\n\n   c\"\n"),
        (folded, op("replace", "/a", &json!("A line\n")), "a: \"\\x41 line\\n\"\n"),
        ("a: \"x\n  y\"\n", op("replace", "/a", &json!("x  y")), "a: \"x\n  \\ y\"\n"),
        ("a: 'x: 1\n\n  y: 1\n\n  '\n", op("replace", "/a", &json!("x: 1\ny: 2\n")), "a: 'x: 1\n\n  y: 2\n\n  '\n"),
        ("a: 'x: 1\n\n  z: 1'\n", op("replace", "/a", &json!("x: 1\ny: 2\nz: 1")), "a: 'x: 1\n\n  y: 2\n\n  z: 1'\n"),
        ("a: 'x: 1\n\n  z: 1'\n", op("replace", "/a", &json!("x:\n  y: 2")), "a: |-\n  x:\n    y: 2\n"),
        ("a: b\n  c d\n", op("replace", "/a", &json!("b c e")), "a: b\n  c e\n"),
        ("a: b\n  c d\n", op("replace", "/a", &json!("b c: e")), "a: \"b c: e\"\n"),
    ]);
}

#[test]
fn literal_blocks_keep_the_lines_that_stay() {
    check(&[
        ("a: | # c\n   x\n\n   y\n", op("replace", "/a", &json!("x\n\nz\n")), "a: | # c\n   x\n\n   z\n"),
        (
            "a: |\r\n  x\r\n  y\r\nb: 1\r\n",
            op("replace", "/a", &json!("x\nw\ny\n")),
            "a: |\r\n  x\r\n  w\r\n  y\r\nb: 1\r\n",
        ),
        ("a: |-\n  x\n\nb: 1\n", op("replace", "/a", &json!("x\ny")), "a: |-\n  x\n  y\n\nb: 1\n"),
        ("a: |-\n  x\n\nb: 1\n", op("replace", "/a", &json!("x\n")), "a: |\n  x\n\nb: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", op("replace", "/a", &json!("y\n\n")), "a: |+\n  y\n\nb: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", op("replace", "/a", &json!("y\n")), "a: |+\n  y\nb: 1\n"),
        ("a: |2\n    x\n  y\n", op("replace", "/a", &json!("  x\nz\n")), "a: |2\n    x\n  z\n"),
        ("a: |\n  x\n", op("replace", "/a", &json!("  y\nz\n")), "a: |2\n    y\n  z\n"),
        ("a: |\n  x\n  y", op("replace", "/a", &json!("x\nz")), "a: |\n  x\n  z"),
        ("a: |\n  x\n  y", op("replace", "/a", &json!("x\nz\n")), "a: |\n  x\n  z\n"),
        ("a: |\n    \n  \n    x\n", op("replace", "/a", &json!("\n\ny\n")), "a: |\n    \n  \n    y\n"),
        ("a: |\n  x\n", op("replace", "/a", &json!("\u{7}\n")), "a: \"\\u0007\\n\"\n"),
        ("a: >\n  x\n  x\n\n  y\n", op("replace", "/a", &json!("x x\nz\n")), "a: >\n  x\n  x\n\n  z\n"),
        ("a: >\n  x\n\n    y\n  z\n", op("replace", "/a", &json!("x\n\n  y\nw\n")), "a: >\n  x\n\n    y\n  w\n"),
        ("a:\n- |\n x\n", op("replace", "/a/0", &json!("y\n")), "a:\n- |\n y\n"),
    ]);
}

#[test]
fn pointers_name_keys_as_json_has_them() {
    check(&[
        ("a/b: {c~d: 1}\n", op("replace", "/a~1b/c~0d", &json!(2)), "a/b: {c~d: 2}\n"),
        ("0x10: a\n'on': b\n", op("replace", "/16", &json!("c")), "0x10: c\n'on': b\n"),
        ("on: a\n\"\": b\n", op("replace", "/on", &json!("c")), "on: c\n\"\": b\n"),
        ("\"\": {\"\": 1}\n", op("add", "/", &json!("c")), "\"\": c\n"),
    ]);
}

#[test]
fn text_around_the_document_stays() {
    check(&[
        ("\u{feff}a: 1\n", op("add", "/b", &json!(2)), "\u{feff}a: 1\nb: 2\n"),
        ("\u{feff}{\"a\": 1}\n", op("add", "/b", &json!("c")), "\u{feff}{\"a\": 1, \"b\": \"c\"}\n"),
        ("%YAML 1.1\n--- # d\na: 1\n...\n", op("add", "/b", &json!(2)), "%YAML 1.1\n--- # d\na: 1\nb: 2\n...\n"),
        ("a: 1\n# end\n---\n", op("add", "/b", &json!(2)), "a: 1\nb: 2\n# end\n---\n"),
        (
            "  - a: 1\n    b:\n      - c\n",
            op("add", "/0/b/-", &json!([1])),
            "  - a: 1\n    b:\n      - c\n      - - 1\n",
        ),
        (
            "  - a: 1\n    b:\n      - c\n",
            op("add", "/0/d", &json!([1])),
            "  - a: 1\n    b:\n      - c\n    d:\n      - 1\n",
        ),
        ("# x\n\n- a: 1", op("remove", "/0/a", &json!(1)), "# x\n\n- {}"),
    ]);
}

#[test]
fn what_is_there_already_keeps_its_bytes() {
    check(&[
        ("a: 0644\nb: 'x'\n", op("replace", "/a", &json!(420)), "a: 0644\nb: 'x'\n"),
        ("a: {b: 'x'}\n", op("add", "/a", &json!({"b": "x"})), "a: {b: 'x'}\n"),
        ("a: 1\n", op("test", "/a", &json!(1)), "a: 1\n"),
    ]);
}

#[test]
fn operations_build_on_each_other() {
    let operations = json!([
        {"op": "test", "path": "/a", "value": 1},
        {"op": "add", "path": "/m", "value": {}},
        {"op": "add", "path": "/m/x", "value": ["1"]},
        {"op": "add", "path": "/m/x/-", "value": "b"},
        {"op": "copy", "from": "/a", "path": "/m/c"},
        {"op": "move", "from": "/z", "path": "/m/z"},
    ]);
    let text = "a: 1 # one\nz: {u: v}\n";
    check(&[(text, operations, "a: 1 # one\nm:\n  x:\n  - \"1\"\n  - b\n  c: 1\n  z:\n    u: v\n")]);
    let operations = json!([
        {"op": "add", "path": "/c", "value": 3},
        {"op": "remove", "path": "/a"},
        {"op": "replace", "path": "/b", "value": 4},
        {"op": "add", "path": "/d", "value": 5},
    ]);
    check(&[("a: 1\nb: 2 # two\n", operations, "b: 4 # two\nc: 3\nd: 5\n")]);
}

#[test]
fn text_inside_text_is_edited_in_two_steps() {
    let outer = "data:\n  config.yaml: | # flyte\n     # clusters\n     a: 'x' # ax\n\n     b: {}\n  other: 1\n";
    let inner = view::read(outer).expect("it is YAML")["data"]["config.yaml"].as_str().expect("text").to_owned();
    let inner = edited(&inner, json!([{"op": "add", "path": "/b/c", "value": [{"d": "on", "e": 1}]}]));
    assert_eq!(
        edited(outer, op("replace", "/data/config.yaml", &json!(inner))),
        "data:\n  config.yaml: | # flyte\n     # clusters\n     a: 'x' # ax\n\n     b:\n       c:\n       - d: \"on\"\n         e: 1\n  other: 1\n"
    );
}

#[test]
fn what_is_shared_or_missing_is_refused() {
    let shared = "!/a/x: the value is anchored and used elsewhere";
    let merged = "!/a/x: the value comes through a merge key (`<<`)";
    check(&[
        ("a: &a {x: 1}\nb: *a\n", op("replace", "/a/x", &json!(2)), shared),
        ("a: &a {x: 1}\nb: *a\n", op("add", "/a/x", &json!(2)), shared),
        ("a: {x: &a 1}\nb: *a\n", op("remove", "/a/x", &json!(2)), shared),
        ("b: &b {x: 1}\na: {<<: *b}\n", op("replace", "/a/x", &json!(2)), merged),
        ("b: &b {x: 1}\na: {<<: *b}\n", op("add", "/a/x", &json!(2)), merged),
        ("b: &b {x: 1}\na: {<<: *b}\n", op("remove", "/a/x", &json!(2)), merged),
        (
            "b: &b 1\na: *b\n",
            op("replace", "/a", &json!(2)),
            "!/a: the value is an alias of one that is written elsewhere",
        ),
        (
            "b: &b {x: 1}\na: *b\n",
            op("replace", "/a/x", &json!(2)),
            "!/a/x: the value is an alias of one that is written elsewhere",
        ),
        ("a: [&b 1]\nc: *b\n", op("remove", "/a", &json!(2)), "!/a: the value holds an anchor that is used elsewhere"),
        ("a: 1\n", op("remove", "/b", &json!(1)), "!/b: there is nothing at this path"),
        ("a: 1\n", op("add", "/b/c", &json!(1)), "!/b/c: there is nothing at this path"),
        ("a: [1]\n", op("add", "/a/2", &json!(1)), "!/a/2: there is nothing at this path"),
        ("a: 1\n", op("test", "/a", &json!(2)), "!/a: the value is not the one that the `test` expects"),
        ("a: 1\n", op("remove", "", &json!(2)), "!: there is nothing at this path"),
        (
            "a: [\n",
            op("add", "/b", &json!(2)),
            "!: line 2, column 1: did not find expected node content while parsing a flow node",
        ),
        ("? a\n: 1\n", op("add", "/b", &json!(2)), "!/b: the mapping is written with `? key`"),
        ("a: 1\n---\nb: 1\n", op("add", "/b", &json!(2)), "!: line 3, column 1: there must be one document only"),
    ]);
}

#[test]
fn what_is_not_shared_is_edited_next_to_what_is() {
    check(&[
        (
            "b: &b {x: 1}\na:\n  <<: *b\n  y: 1\n",
            op("add", "/a/z", &json!(2)),
            "b: &b {x: 1}\na:\n  <<: *b\n  y: 1\n  z: 2\n",
        ),
        ("b: &b {x: 1}\na: {<<: *b, y: 1}\n", op("replace", "/a/y", &json!(2)), "b: &b {x: 1}\na: {<<: *b, y: 2}\n"),
        ("a: &a {x: 1}\n", op("replace", "/a/x", &json!(2)), "a: &a {x: 2}\n"),
        ("a: [&b 1, *b]\nc: 1\n", op("remove", "/a", &json!(2)), "c: 1\n"),
    ]);
}

#[test]
fn removed_entries_take_their_comment_along() {
    check(&[
        ("a: 1 # a\n# b\nb: 2\n", op("remove", "/a", &json!(null)), "# b\nb: 2\n"),
        ("a: 1\nb: 2", op("remove", "/b", &json!(null)), "a: 1"),
        ("a: |\n  x\nb: 2", op("remove", "/b", &json!(null)), "a: |\n  x\n"),
        ("- a: 1\n  b: 2\n", op("remove", "/0/a", &json!(null)), "- b: 2\n"),
        ("- a: 1 # a\n  # b\n  b: 2\n", op("remove", "/0/a", &json!(null)), "- # b\n  b: 2\n"),
        ("a:\n  b: 1\nc: 2\n", op("remove", "/a/b", &json!(null)), "a: {}\nc: 2\n"),
        ("a: # c\n- b: 1\n  d: 1\nc: 2\n", op("remove", "/a/0", &json!(null)), "a: [] # c\nc: 2\n"),
        ("- a: 1\n", op("remove", "/0/a", &json!(null)), "- {}\n"),
        ("a: |+\n  x\nb: 1\n\nc: 1\n", op("remove", "/b", &json!(null)), "a: |+\n  x\nc: 1\n"),
        ("a:\n- 1\n- 2 # two\n  # more\n- 3\n", op("remove", "/a/1", &json!(null)), "a:\n- 1\n- 3\n"),
    ]);
}

#[test]
fn collections_are_replaced_as_a_whole() {
    check(&[
        ("a:\n  b: 1\nc: 2\n", op("replace", "/a", &json!(5)), "a: 5\nc: 2\n"),
        ("a:\n    b: 1 # c\nc: 2\n", op("replace", "/a", &json!({"d": 1})), "a:\n    d: 1\nc: 2\n"),
        ("a:\n- 1\nc: 2\n", op("replace", "/a", &json!({"d": 1})), "a:\n  d: 1\nc: 2\n"),
        ("a:\n  b: 1\nc: 2\n", op("replace", "/a", &json!([1, 2])), "a:\n- 1\n- 2\nc: 2\n"),
        ("- a: 1\n  b: 2\n- c\n", op("replace", "/0", &json!({"x": 1, "w": 2})), "- x: 1\n  w: 2\n- c\n"),
        ("a: [1,\n  2] # c\nb: 1\n", op("replace", "/a", &json!("x")), "a: x # c\nb: 1\n"),
        ("a: 1\n", op("replace", "", &json!({"b": 1})), "b: 1\n"),
        ("", op("replace", "", &json!({"b": 1})), "b: 1\n"),
        ("# c\n", op("add", "", &json!({"b": 1})), "# c\nb: 1\n"),
        ("# c", op("add", "", &json!({"b": [1]})), "# c\nb:\n- 1"),
        ("---\n# c\n", op("add", "", &json!({"b": 1})), "---\n# c\nb: 1\n"),
    ]);
}
