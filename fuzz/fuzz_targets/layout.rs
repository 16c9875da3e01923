//! Compares what the line scanner says of a document with what libyaml's events say.
//!
//! `cargo +nightly fuzz run layout -- -max_len=4096`

#![no_main]

use libfuzzer_sys::fuzz_target;
use split_planes::yaml::events::validate;
use split_planes::yaml::layout::{both, generate, item_value};
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
    assert_eq!(layout.compose(layout.items(), ("results", &[])), text);
    for item in layout.items() {
        let Ok(value) = read(item) else { continue };
        let value = value.pointer(layout.item_pointer()).expect("an item's text holds its value");
        for (key, expected) in value.as_object().into_iter().flatten() {
            if let Some(found) = item_value(item, key) {
                assert_eq!(&read(found).expect("a value is YAML"), expected, "{found:?}");
            }
        }
    }
});
