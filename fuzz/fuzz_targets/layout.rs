//! Compares what the line scanner says of a document with what libyaml's events say, and a composed document with what
//! was put in.
//!
//! `cargo +nightly fuzz run layout -- -max_len=4096`

#![no_main]

#[path = "../../src/yaml/layout/tests/generate.rs"]
mod generate;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use split_planes::yaml::events::validate;
use split_planes::yaml::layout::{Layout, both, item_value};
use split_planes::yaml::view::read;

fuzz_target!(|data: &[u8]| {
    let Some((&mode, rest)) = data.split_first() else { return };
    // Half of the inputs are text as it is, half are choices of the generator.
    let text = if mode % 2 == 0 {
        let Ok(text) = std::str::from_utf8(rest) else { return };
        text.to_owned()
    } else {
        generate::document(rest, usize::from(mode / 2 % 6))
    };
    let (lines, events) = both(&text, "items");
    if let Some(lines) = &lines {
        match &events {
            Ok(events) => assert_eq!(lines, events),
            // What libyaml refuses as a whole it must refuse in an item, too: items are validated one by one.
            Err(error) => assert!(lines.items().any(|item| validate(item).is_err()), "{error}: {lines:?}"),
        }
    }
    let Some(layout) = lines.or(events.ok()) else { return };
    assert_eq!(layout.compose(layout.items(), ("results", &[])).as_deref(), Ok(&text[..]));
    for item in layout.items() {
        let Ok(value) = read(item) else { continue };
        let value = value.pointer(layout.item_pointer()).expect("an item's text holds its value");
        for (key, expected) in value.as_object().into_iter().flatten() {
            if let Some(found) = item_value(item, key) {
                assert_eq!(&read(found).expect("a value is YAML"), expected, "{found:?}");
            }
        }
    }
    // An alias may lose its anchor.
    if !text.contains(['*', '&'])
        && let Ok(value) = read(&text)
    {
        compose(&layout, &value);
    }
});

/// Drops every second item and adds one, and a result.
fn compose(layout: &Layout<'_>, value: &Value) {
    let (new, result) = (json!({"new": [1]}), json!("result"));
    let rendered = layout.render_item(&new);
    let items = layout.items().step_by(2).chain([rendered.as_str()]);
    // What is written too oddly to be composed is refused.
    let Ok(composed) = layout.compose(items.collect::<Vec<_>>(), ("results", &[result.clone()])) else { return };
    let mut expected = value.clone();
    let kept = value["items"].as_array().into_iter().flatten().step_by(2).cloned();
    expected["items"] = kept.chain([new]).collect();
    match &mut expected["results"] {
        Value::Array(results) => results.push(result),
        results @ Value::Null => *results = json!([result]),
        _ => {}
    }
    assert_eq!(read(&composed), Ok(expected), "{composed}");
}
