//! Edits arbitrary text: every edit reads back as the patched value or is refused, and leaves all other lines.
//!
//! `cargo +nightly fuzz run edit -- -max_len=4096`

#![no_main]

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use split_planes::yaml::{edit, view};

// Four bytes that choose an operation, the text, and behind a NUL the new text.
fuzz_target!(|input: &[u8]| {
    let [operation, place, kind, index, rest @ ..] = input else { return };
    let (text, new) = std::str::from_utf8(rest).map_or(("", ""), |rest| rest.split_once('\0').unwrap_or((rest, "x")));
    let Ok(mut value) = view::read(text) else { return };
    let mut places = Vec::new();
    collect(&value, PointerBuf::new(), &mut places);
    let mut path = places[usize::from(*place) % places.len()].clone();
    let new = match kind % 8 {
        0 => json!(null),
        1 => json!(u64::from(*index)),
        2 => json!([new, 1]),
        3 => json!({ new: new, "b": [] }),
        // Most of a text as it is, as an edit of text inside text makes it.
        4 => json!(value.pointer(path.as_str()).and_then(Value::as_str).unwrap_or_default().replace('a', new)),
        _ => json!(new),
    };
    let operation = match operation % 3 {
        0 => PatchOperation::Remove(RemoveOperation { path }),
        1 => PatchOperation::Replace(ReplaceOperation { path, value: new }),
        _ => {
            match value.pointer(path.as_str()) {
                Some(Value::Array(items)) => path.push_back((usize::from(*index) % (items.len() + 1)).to_string()),
                Some(Value::Object(_)) => path.push_back("added"),
                _ => {}
            }
            PatchOperation::Add(AddOperation { path, value: new })
        }
    };
    let patch = Patch(vec![operation]);
    let Ok(result) = edit::apply(text, &patch) else { return };
    json_patch::patch(&mut value, &patch).expect("the edit was made");
    assert_eq!(view::read(&result), Ok(value), "{patch} made {result:?} of {text:?}");
    let PatchOperation::Add(AddOperation { path, .. }) = &patch.0[0] else { return };
    if path.back().is_some_and(|token| token.encoded() == "added") && !text.contains("added") {
        let remove = Patch(vec![PatchOperation::Remove(RemoveOperation { path: path.clone() })]);
        let removed = edit::apply(&result, &remove).expect("what was added can be removed");
        assert_eq!(view::read(&removed), view::read(text), "{removed:?} is left of {text:?}");
    }
});

/// The places in a value.
fn collect(value: &Value, at: PointerBuf, places: &mut Vec<PointerBuf>) {
    let below = |token: &str| {
        let mut below = at.clone();
        below.push_back(token);
        below
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, below(&index.to_string()), places));
        }
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(value, below(key), places)),
        _ => {}
    }
    places.push(at);
}
