use serde_json::json;

use super::*;
use crate::yaml::view::read;

const NONE: (&str, &[Value]) = ("results", &[]);

fn layout(text: &str) -> Layout<'_> {
    Layout::new(text, "items").unwrap()
}

/// The items, after checking what holds for every layout.
fn items(text: &str) -> Vec<&str> {
    let layout = layout(text);
    let items: Vec<&str> = layout.items().collect();
    assert_eq!(layout.compose(items.iter().copied(), NONE).unwrap(), text);
    let values = read(text).unwrap();
    for (at, item) in items.iter().enumerate() {
        let value = read(item).unwrap();
        assert_eq!(value.pointer(layout.item_pointer()), Some(&values["items"][at]), "{item:?}");
    }
    assert_eq!(items.len(), values["items"].as_array().map_or(0, Vec::len));
    if let Some(by_lines) = both(text, "items").0 {
        assert_eq!(by_lines, both(text, "items").1.unwrap());
    }
    items
}

/// The items, which the lines alone tell.
fn items_by_lines(text: &str) -> Vec<&str> {
    assert!(both(text, "items").0.is_some(), "not sure of {text:?}");
    items(text)
}

#[test]
fn block_items_are_whole_lines() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- a: 1\n  b: 2\n- c: 3\nresults: []\n";
    assert_eq!(items_by_lines(text), ["- a: 1\n  b: 2\n", "- c: 3\n"]);
}

#[test]
fn a_list_document_with_endless_keys_is_refused() {
    let keys = |count: usize| (0..count).map(|at| format!("k{at}: v\n")).collect::<Vec<_>>().concat();
    assert!(Layout::new(&format!("items:\n- a\n{}", keys(999)), "items").is_ok());
    let error = Layout::new(&format!("items:\n- a\n{}", keys(1000)), "items").unwrap_err();
    assert_eq!((error.line, error.problem.contains("1000 top-level keys")), (1002, true), "{error}");
    let json = |count: usize| (0..count).map(|at| format!("\"k{at}\": 1")).collect::<Vec<_>>().join(", ");
    assert!(Layout::new(&format!("{{{}}}", json(1000)), "items").is_ok());
    assert!(Layout::new(&format!("{{{}}}", json(1001)), "items").is_err());
}

#[test]
fn a_block_scalar_that_keeps_line_breaks_takes_none_from_a_dropped_neighbour() {
    let text = "items:\n- a: |+\n    text\n- b: 1\n\nz: 1\n";
    let layout = layout(text);
    let composed = layout.compose(layout.items().take(1), ("results", &[json!(1)])).unwrap();
    assert_eq!(read(&composed).unwrap(), json!({"items": [{"a": "text\n"}], "z": 1, "results": [1]}), "{composed}");
    assert_eq!(layout.compose(layout.items(), NONE).unwrap(), text);
}

#[test]
fn a_block_scalar_at_the_end_takes_no_line_break_from_what_is_appended() {
    let results: (&str, &[Value]) = ("results", &[json!(1)]);
    for (text, expected) in [
        ("items:\n- a: |\n    b", "items:\n- a: |-\n    b\nresults:\n- 1\n"),
        ("items:\n- a: >2+ # c\n    b", "items:\n- a: >2- # c\n    b\nresults:\n- 1\n"),
        ("items:\n- a: |-\n    b", "items:\n- a: |-\n    b\nresults:\n- 1\n"),
        ("items:\n- a: |\n    b\n    ", "items:\n- a: |\n    b\n    \nresults:\n- 1\n"),
        ("items:\n- a: |+\n    b\n    ", "items:\n- a: |+\n    b\nresults:\n- 1\n"),
        ("items:\n- a\nz:\n  y: |\n   x", "items:\n- a\nz:\n  y: |-\n   x\nresults:\n- 1\n"),
        ("z: |\n  y", "z: |-\n  y\nresults:\n- 1\n"),
        ("z:\n  y: >+\n ", "z:\n  y: >+\nresults:\n- 1\n"),
        ("z: |+\n  y\n\n ", "z: |+\n  y\n\nresults:\n- 1\n"),
        ("z: |+\r\n  y\r\n ", "z: |+\r\n  y\r\nresults:\r\n- 1\r\n"),
        ("z: |\n y\n  ", "z: |-\n y\n  \nresults:\n- 1\n"),
        ("items:\n- a: |+\n    b\n\n  ", "items:\n- a: |+\n    b\n\nresults:\n- 1\n"),
        ("items: [a # c\n]\nz: |\n y", "items: [a # c\n]\nz: |-\n y\nresults:\n- 1\n"),
        ("results: [0]\nz: |\n [", "results: [0, 1]\nz: |\n ["),
        ("z: &x |\n y", "z: &x |-\n y\nresults:\n- 1\n"),
        ("a: &x 1\nz:\n- *x\n- |\n y", "a: &x 1\nz:\n- *x\n- |-\n y\nresults:\n- 1\n"),
        ("z:\n ? |+\n\n ", "z:\n ? |+\n\nresults:\n- 1\n"),
        ("results:\n  ~\t\nz: 1\n", "results:\n- 1\nz: 1\n"),
        ("results:\n  []\t# c\nz: 1\n", "results:\t# c\n- 1\nz: 1\n"),
    ] {
        let layout = layout(text);
        assert_eq!(layout.compose(layout.items(), results).unwrap(), expected);
        let mut value = read(text).unwrap();
        let before = value["results"].as_array().cloned().unwrap_or_default();
        value["results"] = before.into_iter().chain([json!(1)]).collect();
        assert_eq!(read(expected).unwrap(), value);
        assert_eq!(layout.compose(layout.items(), NONE).unwrap(), text);
    }
    let layout = layout("items:\n- a: 1\n- |\n  b");
    let turned = ["- |\n  b", "- a: 1\n"];
    assert_eq!(layout.compose(turned, NONE).unwrap(), "items:\n- |-\n  b\n- a: 1\n");
}

#[test]
fn blank_lines_behind_the_list_stay_where_no_block_scalar_takes_them() {
    let (item, text) = ("- a: |\n    b\n", "items:\n- a: 1\n\n\nz: 1\n");
    assert_eq!(layout(text).compose([item], NONE).unwrap(), text.replace("- a: 1\n", item));
    let indented = text.replace("\n\n", "\n      \n");
    assert_eq!(layout(&indented).compose([item], NONE).unwrap(), "items:\n- a: |\n    b\nz: 1\n");
}

#[test]
fn what_continues_a_list_stays_before_a_list_that_is_new() {
    let layout = layout("results:\n- 0\n");
    assert_eq!(layout.compose(["- a\n"], ("results", &[json!(1)])).unwrap(), "results:\n- 0\n- 1\nitems:\n- a\n");
}

#[test]
fn new_entries_are_parted_from_what_stands_before_them() {
    for text in ["{}", "{ }", "{a: 1,}", "{a: 1}", "{\n}\n", "---\n{a: 1 # b\n}"] {
        let composed = layout(text).compose(["b"], ("results", &[json!(1)])).unwrap();
        let value = read(&composed).unwrap();
        assert_eq!((&value["items"], &value["results"]), (&json!(["b"]), &json!([1])), "{composed}");
    }
    let composed = layout("results: []# c\n").compose(["- b\n"], ("results", &[json!(1)])).unwrap();
    assert_eq!(composed, "results: # c\n- 1\nitems:\n- b\n");
    for text in ["{a: }", "{a:  }", "{items: [], a:\n}"] {
        let composed = layout(text).compose(["b"], NONE).unwrap();
        assert_eq!(read(&composed), Ok(json!({"a": null, "items": ["b"]})), "{composed}");
    }
}

#[test]
fn comments_in_brackets_stay() {
    for (text, expected) in [
        ("results: [# c\n]\n", "results: [r # c\n]\nitems:\n- b\n"),
        ("results: [ # c\n]\n", "results: [r # c\n]\nitems:\n- b\n"),
        ("{results: [\n# c\n]}\n", "{results: [r\n# c\n], items: [b]}\n"),
    ] {
        let layout = layout(text);
        let item = if text.starts_with('{') { "b" } else { "- b\n" };
        assert_eq!(layout.compose([item], ("results", &[json!("r")])).unwrap(), expected);
    }
    assert_eq!(layout("items: [ # c\n]\n").compose(["b"], NONE).unwrap(), "items: [b # c\n]\n");
}

#[test]
fn what_is_written_oddly_is_composed_where_that_says_the_same_and_refused_where_not() {
    for (text, expected) in [
        ("items:\n- a\n   \t\nz: 1\n", Ok("items:\n- b: c\n   \t\nz: 1\nresults:\n- 1\n")),
        ("items:\r- a\rz: 1\r", Ok("items:\r- b: c\nz: 1\r\nresults:\n- 1\n")),
        ("z: \"\u{feff}\"\nitems:\n- a\n", Ok("z: \"\u{feff}\"\nitems:\n- b: c\nresults:\n- 1\n")),
        ("items:\n- a\nresults:\n\u{feff}- 1\n", Err((4, 1, "a byte-order mark amid the text"))),
        ("items:\n- a\n \t", Ok("items:\n- b: c\nresults:\n- 1\n")),
        ("results:\u{2028}\u{feff}- 1", Err((1, 9, "a line break that is neither LF nor CRLF"))),
    ] {
        let layout = layout(text);
        let composed = layout.compose(["- b: c\n"], ("results", &[json!(1)]));
        match (composed, expected) {
            (Ok(composed), Ok(expected)) => assert_eq!(composed, expected),
            (Err(error), Err((line, column, what))) => {
                assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
                assert!(error.problem.starts_with(what), "{text:?}: {error}");
            }
            (composed, _) => panic!("{text:?}: {composed:?}"),
        }
        assert_eq!(layout.compose(layout.items(), NONE).unwrap(), text);
    }
}

#[test]
fn dashes_stand_where_they_stand() {
    assert_eq!(items_by_lines("items:\n  - a: 1\n  - b: 2\n"), ["  - a: 1\n", "  - b: 2\n"]);
    assert_eq!(items_by_lines("  items:\n  - a: 1\n  z: 1\n"), ["  - a: 1\n"]);
    assert_eq!(items_by_lines("items:\n-   a: 1\n    b: 2\n-\n  c: 3\n"), ["-   a: 1\n    b: 2\n", "-\n  c: 3\n"]);
    assert_eq!(items_by_lines("items:\n- - - a\n    - b\n  - c\n- d\n"), ["- - - a\n    - b\n  - c\n", "- d\n"]);
    assert_eq!(items_by_lines("items:\n-\n- a\n-"), ["-\n", "- a\n", "-"]);
}

#[test]
fn text_that_looks_like_an_item_is_none() {
    for item in [
        "- a: \"\n- b\n\"\n",
        "- a: '\n- b ''\n- c\n'\n",
        "- a: \"\\\"\n- b\n\"\n",
        "- |\n  - b\n\n  - c\n",
        "- a: |-2\n     - b\n    - c\n",
        "- a: >+ # text\n\n    - b\n\n",
        "- a: b\n    - c \"\n",
        "- a:\n    b\n    - 'c\n",
        "- [a,\n-b]\n",
        "- {a: b c'd, # ]\n  e: [']', \"}\"]}\n",
        "- &x \"\n- b\n\"\n",
        "- &x !!str\n  'a\n- b\n'\n",
        "- a: !!str |\n    - c\n- # none\n  - |\n   - x\n",
        "- b'c: d\"e\n  'f': g#h'\n",
    ] {
        let text = format!("items:\n{item}- last\n");
        let found = items(&text);
        assert_eq!(found.last(), Some(&"- last\n"), "{text}");
        assert_eq!(found.concat(), format!("{item}- last\n"));
    }
    let text = "a: \"\nitems:\n- x\n\"\nb: |\n items:\n - x\nitems:\n- y\n";
    assert_eq!(items_by_lines(text), ["- y\n"]);
}

#[test]
fn comments_belong_to_the_item_they_stand_with() {
    let text = "\
items:
# heads a
- a: 1
  # deeper, so of a
# heads b

# heads b, too
- b: 2
# of b

- c: 3

# heads d

- d: 4
  # of d
# of what follows
z: 1
";
    assert_eq!(
        items_by_lines(text),
        [
            "# heads a\n- a: 1\n  # deeper, so of a\n# heads b\n\n",
            "# heads b, too\n- b: 2\n# of b\n\n",
            "- c: 3\n\n",
            "# heads d\n\n- d: 4\n  # of d\n"
        ]
    );
}

#[test]
fn documents_may_be_framed() {
    for text in [
        "\u{feff}items:\n- a\n",
        "# top\n\n--- # start\nitems: # here\n- a\n...\n# end\n",
        "\u{feff}---\nitems:\r\n- a\r\nz: b\r\n",
        "items:\n- a",
        "---\nitems:\n\n- a\n\n\n",
    ] {
        assert_eq!(items_by_lines(text).len(), 1, "{text:?}");
    }
}

#[test]
fn what_the_lines_do_not_tell_the_events_do() {
    for (text, count) in [
        ("items: &x\n- a\n", 1),
        ("items: !!seq\n- a\n- b\n", 2),
        ("items:\n- ? a\n  : b\n- c\n", 2),
        ("items:\n- ? a\n  :\n- c\n", 2),
        ("items:\n- a:\u{2028}- b\n", 2),
        ("items:\n- a: |\n    x\u{85}- b\n", 2),
        ("items:\r- a\r- b\r", 2),
        ("items: [a, {b: c}, \"d\", &x [e], *x]\n", 5),
        ("items: [a, b,\n  c d, ] # end\n", 3),
        ("{items: [{a: b}], z: 1}\n", 1),
        ("--- {items: [{a: b}], z: 1}\n", 1),
        ("{\"items\": [{\"a\":\"]\"} , 2 ], \"z\": 1}", 2),
        ("\"items\":\n- a\n", 1),
        ("\"it\\x65ms\":\n- a\n", 1),
    ] {
        if text.contains("*x") {
            assert_eq!(layout(text).items().len(), count);
        } else {
            assert_eq!(items(text).len(), count, "{text:?}");
        }
    }
}

#[test]
fn a_list_may_be_missing() {
    for text in [
        "a: b\n",
        "items:\n",
        "items:\na: b\n",
        "items: null # none\n",
        "items: ~",
        "items: []\n",
        "{}",
        "{\"items\": null}",
    ] {
        assert!(items(text).is_empty(), "{text}");
    }
}

#[test]
fn what_is_no_list_document_is_refused_with_its_place() {
    for (text, line, column, problem) in [
        ("", 1, 1, "the document must be a mapping"),
        ("# nothing\n", 2, 1, "the document must be a mapping"),
        ("- a\n", 1, 1, "the document must be a mapping"),
        ("[1]", 1, 1, "the document must be a mapping"),
        ("a: b\nitems: c\n", 2, 8, "`items` must hold a sequence"),
        ("{\"items\": {}}", 1, 11, "`items` must hold a sequence"),
        ("items:\n  a: b\n", 2, 3, "`items` must hold a sequence"),
        ("items:\n- a\nb: c\nitems:\n- d\n", 4, 1, "a top-level key must not stand twice"),
        ("{\"items\":[],\"items\":[]}", 1, 13, "a top-level key must not stand twice"),
        ("items:\n- a\n---\nitems:\n- a\n", 3, 1, "a second document must not follow"),
        ("items:\n- a\n...\nb: c\n", 4, 1, "did not find expected <document start>"),
        ("%YAML 1.1\n---\nitems:\n- a\n", 1, 1, "a `%` directive must not stand before the document"),
        ("? items\n: - a\n", 1, 3, "a top-level key must stand on a line of its own, without `? `"),
        ("items:\n- a\nb: c: d\n", 3, 5, "mapping values are not allowed in this context"),
        ("items:\n- a\nb: [\n", 4, 1, "did not find expected node content while parsing a flow node"),
    ] {
        let error = Layout::new(text, "items").unwrap_err();
        assert_eq!((error.line, error.column, error.problem.as_str()), (line, column, problem), "{text:?}");
    }
}

#[test]
fn entries_stand_alone() {
    let text = "# top\napiVersion: v1\nspec:\n  a: |\n    x\nitems:\n- a\nz: *x\ny: 1";
    let layout = layout(text);
    assert_eq!(layout.entry("apiVersion"), Some("apiVersion: v1\n"));
    assert_eq!(layout.entry("spec"), Some("spec:\n  a: |\n    x\n"));
    assert_eq!(layout.entry("items"), Some("items:\n- a\n"));
    assert_eq!(layout.entry("z"), None);
    assert_eq!(layout.entry("y"), Some("y: 1"));
    assert_eq!(layout.entry("x"), None);
    let json = Layout::new("{\"a\": {\"b\":1}, \"c\":[] , \"items\": []}", "items").unwrap();
    assert_eq!(json.entry("a"), Some("\"a\": {\"b\":1}"));
    assert_eq!((json.entry("c"), json.entry_value("c")), (None, Some("[]")));
}

#[test]
fn items_are_dropped_edited_and_added() {
    let text = "items: # here\n- a\n- b\n- c";
    let layout = layout(text);
    assert_eq!(layout.compose(["- a\n", "- c"], NONE).unwrap(), "items: # here\n- a\n- c");
    assert_eq!(layout.compose(["- c", "- a\n"], NONE).unwrap(), "items: # here\n- c\n- a\n");
    assert_eq!(layout.compose([], NONE).unwrap(), "items: [] # here\n");
    let new = layout.render_item(&json!({"d": [1]}));
    assert_eq!(layout.compose(["- c", &new], NONE).unwrap(), "items: # here\n- c\n- d:\n  - 1\n");
    assert_eq!(
        layout.compose(["- c"], ("results", &[json!({"x": 1})])).unwrap(),
        "items: # here\n- c\nresults:\n- x: 1\n"
    );
    let anchored = Layout::new("items: &x # c\n- a\nb: 1\n", "items").unwrap();
    assert_eq!(anchored.compose([], NONE).unwrap(), "items: &x [] # c\nb: 1\n");
}

#[test]
fn new_items_take_the_style_of_the_list() {
    for (text, expected) in [
        ("items:\r\n  - a\r\n", "items:\r\n  - a\r\n  - b: 1\r\n    c: x\r\n"),
        ("items: [] # c\nz: 1\n", "items: # c\n- b: 1\n  c: x\nz: 1\n"),
        ("items:\nz: 1\n", "items:\n- b: 1\n  c: x\nz: 1\n"),
        ("items: null", "items:\n- b: 1\n  c: x\n"),
        ("z: 1\n...\n", "z: 1\nitems:\n- b: 1\n  c: x\n...\n"),
        ("z: 1", "z: 1\nitems:\n- b: 1\n  c: x\n"),
        ("items: [a]\n", "items: [a, {b: 1, c: x}]\n"),
        ("{\"items\":[]}", "{\"items\":[{\"b\": 1, \"c\": \"x\"}]}"),
        ("{\"items\":null}", "{\"items\":[{\"b\": 1, \"c\": \"x\"}]}"),
        ("{}", "{\"items\": [{\"b\": 1, \"c\": \"x\"}]}"),
        ("{a: b, items: , c: d}", "{a: b, items: [{b: 1, c: x}] , c: d}"),
    ] {
        let layout = layout(text);
        let new = layout.render_item(&json!({"b": 1, "c": "x"}));
        assert_eq!(read(&new).unwrap().pointer(layout.item_pointer()), Some(&json!({"b": 1, "c": "x"})));
        let composed = layout.compose(layout.items().chain([new.as_str()]), NONE).unwrap();
        assert_eq!(composed, expected);
        read(&composed).unwrap();
    }
}

#[test]
fn values_are_appended_to_any_list() {
    let value = &[json!({"m": "x"}), json!(2)];
    for (text, expected) in [
        ("results:\n  - a\n   # of a\n# of z\nz: 1\n", "results:\n  - a\n   # of a\n  - m: x\n  - 2\n# of z\nz: 1\n"),
        ("items:\n- a\nresults:\n- b", "items:\n- a\nresults:\n- b\n- m: x\n- 2\n"),
        ("items:\n- a", "items:\n- a\nresults:\n- m: x\n- 2\n"),
        ("results: []\nitems:\n- a\n", "results:\n- m: x\n- 2\nitems:\n- a\n"),
        ("results: [1]\n", "results: [1, {m: x}, 2]\n"),
        ("results: [1, # one\n]\n", "results: [1, {m: x}, 2, # one\n]\n"),
        ("results: [1 # one\n]\n", "results: [1, {m: x}, 2 # one\n]\n"),
        ("results: [\n  1 # one\n]\n", "results: [\n  1, # one\n  {m: x},\n  2\n]\n"),
        ("results:\n", "results:\n- m: x\n- 2\n"),
        ("items: []\n...\n# end\n", "items: []\nresults:\n- m: x\n- 2\n...\n# end\n"),
        ("{\"items\":[1]}\n", "{\"items\":[1], \"results\": [{\"m\": \"x\"}, 2]}\n"),
        ("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"results\": [{\"m\": \"x\"}, 2]\n}\n"),
        ("{a: b, }\n", "{a: b, results: [{m: x}, 2], }\n"),
        ("{\"results\": [ 1 ]}", "{\"results\": [ 1, {\"m\": \"x\"}, 2 ]}"),
        ("results: text\n", "results: text\n"),
    ] {
        let layout = layout(text);
        let composed = layout.compose(layout.items(), ("results", value)).unwrap();
        assert_eq!(composed, expected);
        read(&composed).unwrap();
    }
}

#[test]
fn rendered_json_is_read_by_libyaml() {
    let value = json!({"a\u{7f}": "\u{85}\u{2028}\u{feff}\u{ffff}\u{1f600}\n/\u{0}"});
    let layout = layout("{\"items\": [1]}");
    assert_eq!(read(&layout.render_item(&value)).unwrap(), value);
}

#[test]
fn a_text_cut_anywhere_is_a_list_or_an_error() {
    let text = "\u{feff}--- # é\nitems: &x\n  - a: |2-\n      b\n  - {c: [\"d\\\"\", 'e''']}\n  - !!str\n    f\nz: *x\n...\n# end\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n"), text.replace("&x", "[a,b,\"c\"]")] {
        for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
            if let Ok(layout) = Layout::new(&text[..at], "items") {
                assert_eq!(layout.compose(layout.items(), NONE).unwrap(), &text[..at]);
                // A lone CR is odd, and an alias of the list would change with it.
                let composed = layout.compose([], ("results", &[json!(1)]));
                let is_refused = text[..at].ends_with('\r') || text[..at].contains("*x");
                assert!(composed.is_ok_and(|text| text.contains("results")) || is_refused, "{:?}", &text[..at]);
            }
        }
    }
}

#[test]
fn hostile_text_is_answered_soon() {
    let deep = |open: &str| format!("items:\n- {}", open.repeat(100_000));
    for text in [deep("["), deep("{a: "), deep("- "), deep("[{"), deep("? "), deep("&x "), deep("\"\" "), deep("! ")] {
        if let Ok(layout) = Layout::new(&text, "items") {
            assert!(layout.items().any(|item| crate::yaml::events::validate(item).is_err()), "{text:.40}");
        }
    }
    let nested = "[".repeat(100_000) + &"]".repeat(100_000);
    let json = format!("{{\"items\": [{nested}]}}");
    assert!(layout(&json).items().all(|item| read(item).is_err()));
    assert!(Layout::new(&format!("items: {nested}\n"), "items").is_err());
    assert!(Layout::new("items:\n- a\nb: \0\n", "items").is_err());
    let keys = (0..20_000).fold(String::new(), |text, key| text + &format!("k{key}: {key}\n")) + "items:\n- a\n";
    assert!(Layout::new(&keys, "items").is_err());
    let blank = format!("items:\n- a\n{}\n- b\n", "\n #".repeat(100_000));
    assert_eq!(layout(&blank).items().len(), 2);
    let long = format!("items:\n- \"{}\"\n- b\n", "a\n".repeat(200_000));
    assert_eq!(layout(&long).items().len(), 2);
}

mod composed;
pub(in crate::yaml) mod generate;

mod generated {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::yaml::events::validate;

    fn documents() -> impl Strategy<Value = String> {
        let mutations = select(vec![0, 0, 0, 1, 2, 4]);
        (prop::collection::vec(any::<u8>(), 0..300), mutations)
            .prop_map(|(tape, mutations)| generate::document(&tape, mutations))
    }

    /// Flow mappings out of pieces of JSON and of what YAML takes beside it.
    fn objects() -> impl Strategy<Value = String> {
        let pieces = select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "'",
            "{}",
            "[1, 2]",
            "{\"a\":\"}\"}",
            "{\"a\": [null]}",
            "\"b\"",
            "c",
            "-1.5",
            "-",
            "---",
            "...",
            " ",
            "\n",
            "\t",
            "# d\n",
            "&x",
            "*x",
            "!!str",
            "\\",
            "\\\"",
            "|",
            "?",
            "%",
            "é",
            "\u{85}",
        ]);
        let value = prop_oneof![
            2 => prop::collection::vec(pieces.clone(), 1..2),
            1 => prop::collection::vec(pieces, 0..5),
        ];
        let member = (select(vec!["\"k\"", "\"k\"", " \"k\" ", "k", "'k'", "\"\\x6b\""]), value);
        prop::collection::vec(member, 1..5).prop_map(|members| {
            let member = |(at, (key, value)): (usize, &(&str, Vec<&str>))| {
                format!("{}:{}", key.replace('k', &format!("k{at}")), value.concat())
            };
            format!("{{{}}}", members.iter().enumerate().map(member).collect::<Vec<_>>().join(","))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn lines_tell_what_events_tell(text in documents()) {
            let (Some(lines), events) = both(&text, "items") else { return Ok(()) };
            match events {
                Ok(events) => prop_assert_eq!(lines, events),
                // What libyaml refuses as a whole it must refuse in an item, too: items are validated one by one.
                Err(error) => prop_assert!(lines.items().any(|item| validate(item).is_err()), "{error}: {lines:?}"),
            }
        }

        #[test]
        fn what_is_not_edited_keeps_its_bytes(text in documents()) {
            if let Ok(layout) = Layout::new(&text, "items") {
                prop_assert_eq!(layout.compose(layout.items(), NONE).unwrap(), &text[..]);
            }
        }

        #[test]
        fn items_and_entries_say_what_the_document_says(text in documents()) {
            let (Ok(layout), Ok(value)) = (Layout::new(&text, "items"), read(&text)) else { return Ok(()) };
            for (at, item) in layout.items().enumerate() {
                let expected = &value["items"][at];
                if let Ok(read) = read(item) {
                    prop_assert_eq!(read.pointer(layout.item_pointer()), Some(expected));
                } else {
                    prop_assert!(item.contains('*'), "only an alias may look elsewhere: {item:?}");
                }
                for key in expected.as_object().iter().flat_map(|mapping| mapping.keys()) {
                    if let Some(value) = item_value(item, key) {
                        prop_assert_eq!(&read(value).unwrap(), &expected[key], "{:?}", value);
                    }
                }
            }
            for key in value.as_object().iter().flat_map(|mapping| mapping.keys()) {
                if let Some(entry) = layout.entry(key) {
                    prop_assert_eq!(&read(entry).unwrap(), &json!({key.as_str(): value[key]}), "{:?}", entry);
                }
            }
        }

        #[test]
        fn items_of_json_are_those_of_the_list(objects in prop::collection::vec(objects(), 0..3)) {
            let text = format!("{{\"items\": [{}]}}", objects.join(" , "));
            let Ok(value) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
            let layout = layout(&text);
            let items: Vec<Value> = layout.items().map(|item| serde_json::from_str(item).unwrap()).collect();
            prop_assert_eq!(&Value::from(items), &value["items"], "{}", text);
        }

        #[test]
        fn values_are_those_of_the_object(text in objects()) {
            let Ok(object) = read(&text) else { return Ok(()) };
            for (key, expected) in object.as_object().unwrap() {
                if let Some(value) = item_value(&text, key) {
                    prop_assert_eq!(&read(value).unwrap(), expected, "{:?} of {:?}", value, text);
                }
            }
        }
    }
}
