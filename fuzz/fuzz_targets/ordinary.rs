//! Compares the trees of ordinary text with those of libyaml's events.
//!
//! `cargo +nightly fuzz run ordinary -- -max_len=4096`

#![no_main]

#[path = "../../src/yaml/layout/tests/generate.rs"]
mod generate;

use libfuzzer_sys::fuzz_target;
use split_planes::yaml::layout::Layout;
use split_planes::yaml::parse::compare;

fuzz_target!(|data: &[u8]| {
    let Some((&mode, rest)) = data.split_first() else { return };
    // Half of the inputs are text as it is, half are choices of the generator.
    if mode % 2 == 0 {
        if let Ok(text) = std::str::from_utf8(rest) {
            compare(text);
        }
        return;
    }
    let text = generate::document(rest, usize::from(mode / 2 % 6));
    compare(&text);
    if let Ok(layout) = Layout::new(&text, "items") {
        layout.items().for_each(|item| {
            compare(item);
        });
    }
});
