//! Reads arbitrary text: what is checked is what the reader reads, which can be rendered and read again.
//!
//! `cargo +nightly fuzz run view -- -max_len=4096`

#![no_main]

use libfuzzer_sys::fuzz_target;
use split_planes::yaml::scalar::render;
use split_planes::yaml::view::{View, check, read};

fuzz_target!(|text: &str| {
    let value = match read(text) {
        Ok(value) => value,
        Err(error) => return assert_eq!(check(text), Err(error)),
    };
    let view = View::new(text).expect("it was read");
    assert_eq!(view.root().map(|root| root.value()).unwrap_or_default(), value);
    for (name, inner) in value.as_object().into_iter().flatten() {
        let found = view.root().and_then(|root| root.get(name)).expect("the key is there");
        assert_eq!((found.text().as_deref(), &found.value()), (inner.as_str(), inner));
    }
    let rendered = render(&value, 0);
    assert_eq!(read(&rendered), Ok(value), "{rendered}");
});
