//! Reads arbitrary text: what is checked and picked is what the reader reads, which can be rendered and read again.
//!
//! `cargo +nightly fuzz run view -- -max_len=4096`

#![no_main]

use libfuzzer_sys::fuzz_target;
use split_planes::yaml::scalar::render;
use split_planes::yaml::view::{check, pick, read};

fuzz_target!(|text: &str| {
    let value = match read(text) {
        Ok(value) => value,
        Err(error) => return assert_eq!(check(text), Err(error)),
    };
    assert_eq!(check(text), Ok(()));
    let pointers = ["", "/a", "/0", "/0/a", "/a/0", "/a/b", "/b/a/1", "/0/0"];
    for pointer in pointers {
        assert_eq!(pick(text, [pointer]), Ok([value.pointer(pointer).cloned()]), "{pointer}");
    }
    assert_eq!(pick(text, pointers), Ok(pointers.map(|pointer| value.pointer(pointer).cloned())));
    let rendered = render(&value, 0);
    assert_eq!(read(&rendered), Ok(value), "{rendered}");
});
