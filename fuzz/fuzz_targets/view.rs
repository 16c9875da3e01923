//! Reads arbitrary text: the quick check says what the reader says, and what was read can be rendered and read again.
//!
//! `cargo +nightly fuzz run view -- -max_len=4096`

#![no_main]

use libfuzzer_sys::fuzz_target;
use split_planes::yaml::scalar::render;
use split_planes::yaml::view::{check, read};

fuzz_target!(|text: &str| {
    let value = match read(text) {
        Ok(value) => value,
        Err(error) => return assert_eq!(check(text), Err(error)),
    };
    assert_eq!(check(text), Ok(()));
    let rendered = render(&value, 0);
    assert_eq!(read(&rendered), Ok(value), "{rendered}");
});
