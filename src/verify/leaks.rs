//! Looks for the credentials of clusters in what a data plane gets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Output, on};
use crate::report::Finding;
use crate::spec::Plane;
use crate::wire::Resource;

/// What is shorter is no token, and may be anywhere by chance.
const SHORTEST: usize = 12;

/// An error for each resource of a data plane with a token of the base or of the control plane in it.
pub fn leaks(base: &[Resource<'_>], outputs: &[Output<'_, '_>]) -> Vec<Finding> {
    let control = outputs.iter().filter(|output| output.plane == Plane::Control).flat_map(|output| output.items);
    let tokens: Vec<String> = base.iter().chain(control).flat_map(tokens).collect();
    let mut findings = Vec::new();
    for output in outputs.iter().filter(|output| output.plane == Plane::Data) {
        for item in output.items {
            if tokens.iter().any(|token| holds(item.value(), token)) {
                findings.push(on(output, item.id(), "holds the token of a cluster"));
            }
        }
    }
    findings
}

/// The tokens in a Secret, decoded.
fn tokens(item: &Resource<'_>) -> Vec<String> {
    if item.id().gvk.kind != "Secret" {
        return Vec::new();
    }
    let decoded = |value: &Value| {
        let bytes = STANDARD.decode(value.as_str()?.trim()).ok()?;
        Some(String::from_utf8(bytes).ok()?.trim().to_owned())
    };
    let is_token = |key: &str| key == "token" || key.ends_with("_token");
    let of = |field: &str, read: &dyn Fn(&Value) -> Option<String>| -> Vec<String> {
        let entries = item.value().get(field).and_then(Value::as_object).into_iter().flatten();
        entries.filter(|(key, _)| is_token(key)).filter_map(|(_, value)| read(value)).collect()
    };
    let plain = |value: &Value| Some(value.as_str()?.trim().to_owned());
    let all = [of("data", &decoded), of("stringData", &plain)].concat();
    all.into_iter().filter(|token| token.len() >= SHORTEST).collect()
}

/// Whether a text somewhere in the value has the token in it, as it is or encoded.
fn holds(value: &Value, token: &str) -> bool {
    match value {
        Value::String(text) => in_text(text, token),
        Value::Array(list) => list.iter().any(|value| holds(value, token)),
        Value::Object(entries) => entries.iter().any(|(key, value)| in_text(key, token) || holds(value, token)),
        _ => false,
    }
}

fn in_text(text: &str, token: &str) -> bool {
    let is_in = |text: &str| text.contains(token) || (0..3).any(|shift| text.contains(&inner(token, shift)));
    let decoded = STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    is_in(text) || decoded.is_some_and(|text| is_in(&text))
}

/// The characters that base64 makes of the token wherever it begins in a group of three bytes.
fn inner(token: &str, shift: usize) -> String {
    let padded = ["\0".repeat(shift).as_str(), token].concat();
    let encoded = STANDARD.encode(&padded[..padded.len() - padded.len() % 3]);
    encoded[if shift == 0 { 0 } else { 4 }..].to_owned()
}
