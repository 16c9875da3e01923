//! Reads YAML text as a JSON value by the rules of Go's readers.
//!
//! The rules are those of `yaml.v3`, with which kustomize and kpt read: `0644` is 420, `0o17` is 15, `1_000` is 1000,
//! `yes` and `on` are text, `12:30:45` is text, duplicate keys are an error, `<<` merges. kubectl reads with
//! `sigs.k8s.io/yaml`, which stands on `yaml.v2` and differs:
//!
//! * `yes`, `no`, `on`, `off`, `y` and `n` are booleans, in lower, upper and title case, as keys too;
//! * of two equal keys the last one wins, and `<<` overrides what stands before it;
//! * floats without a fraction become integers on their way through JSON.
//!
//! What is YAML is judged by libyaml, of which both Go readers are ports. It takes a few texts that they refuse, of which
//! one is met in practice: `\/` between double quotes, which kubectl and kustomize take only where they read JSON as JSON.
//!
//! Where a value is not a JSON value:
//!
//! * keys become text as `sigs.k8s.io/yaml` makes them (`1: a` has the key `"1"`, `0x10: a` the key `"16"`); null,
//!   sequences and mappings as keys are errors;
//! * dates and times, infinities and NaN, for which JSON has no number, stay the text they are written with;
//! * `!!binary` is decoded;
//! * floats stay floats: `1.0` is not the integer `1`.

mod cursor;
mod resolver;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Number, Value};

use super::Error;
use super::parse::{parse, parse_into};
use super::resolve::{Resolved, resolve};
use super::tree::{Kind, NodeId, Tree};

pub use cursor::Cursor;

/// Base64 as Go decodes it: bits behind the end are not looked at.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// What Go's readers find in a text: the values of one document, which borrow it.
///
/// Aliases are followed and merge keys are merged. It can be used again for the next text, so that reading many needs
/// hardly any allocation.
///
/// ```
/// use split_planes::yaml::view::View;
///
/// let mut view = View::default();
/// for text in ["metadata: {name: web}\n", "- metadata:\n    name: 'web'\n"] {
///     view.read(text)?;
///     let root = view.root().expect("there is a document");
///     let item = root.items().next().unwrap_or(root);
///     let name = item.at(["metadata", "name"]).and_then(|name| name.text());
///     assert_eq!(name.as_deref(), Some("web"));
/// }
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
#[derive(Default)]
pub struct View<'t>(Tree<'t>);

/// Leaves out the text, which may hold secrets.
impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("nodes", &self.0.len()).finish_non_exhaustive()
    }
}

impl<'t> View<'t> {
    /// Reads the one document of `text`.
    ///
    /// # Errors
    ///
    /// As [`read()`].
    pub fn new(text: &'t str) -> Result<Self, Error> {
        let mut view = Self::default();
        view.read(text)?;
        Ok(view)
    }

    /// Reads the one document of `text` in place of what was read before.
    ///
    /// # Errors
    ///
    /// As [`read()`]; what is in the view then means nothing.
    pub fn read(&mut self, text: &'t str) -> Result<(), Error> {
        parse_into(&mut self.0, text)?;
        if !self.0.is_simple() {
            self.0 = resolver::resolve(&self.0)?;
        }
        Ok(())
    }

    /// The value of the document; nothing when the text has none.
    #[must_use]
    pub fn root(&self) -> Option<Cursor<'_, 't>> {
        self.0.root().map(|root| Cursor::new(&self.0, root))
    }
}

/// Reads the one document of `text` as kustomize does (`yaml.v3`).
///
/// Text without a document, and an empty document, is `null`.
///
/// # Errors
///
/// The first thing that is not YAML or that the readers refuse: duplicate keys, unknown anchors, too many aliases,
/// values that do not fit their tag, more than one document.
///
/// ```
/// use serde_json::json;
/// use split_planes::yaml::view::read;
///
/// let value = read("mode: 0644\nreply: yes\nport: '80'\n")?;
/// assert_eq!(value, json!({"mode": 420, "reply": "yes", "port": "80"}));
/// assert_eq!(read("a: 1\na: 2\n").unwrap_err().line, 2);
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
pub fn read(text: &str) -> Result<Value, Error> {
    value(&parse(text)?)
}

/// Checks that [`read()`] will succeed on `text`, without making values.
///
/// # Errors
///
/// The error that [`read()`] would give.
///
/// ```
/// use split_planes::yaml::view::check;
///
/// assert!(check("a: {b: 1, c: 2}\n").is_ok());
/// assert!(check("a: {b: 1, b: 2}\n").is_err());
/// ```
pub fn check(text: &str) -> Result<(), Error> {
    View::new(text).map(drop)
}

/// The value of a tree.
pub(super) fn value(tree: &Tree<'_>) -> Result<Value, Error> {
    let of = |tree: &Tree<'_>| tree.root().map_or(Value::Null, |root| json(tree, root));
    if tree.is_simple() { Ok(of(tree)) } else { resolver::resolve(tree).map(|tree| of(&tree)) }
}

/// The text that stands for a key in JSON; `None` for keys that JSON cannot have.
pub(super) fn key_text<'t>(tree: &Tree<'t>, key: NodeId) -> Option<Cow<'t, str>> {
    let value = match tree[key].kind {
        Kind::Alias(target) => return key_text(tree, target),
        Kind::Scalar(_) => tree.text_of(key),
        Kind::Sequence(_) | Kind::Mapping(_) => return None,
    };
    Some(match resolve(tree.tag(key), &value, tree.is_plain(key))? {
        Resolved::Null => return None,
        Resolved::Bool(bool) => bool.to_string().into(),
        Resolved::Int(int) => int.to_string().into(),
        Resolved::Uint(int) => int.to_string().into(),
        Resolved::Float(float) => float_key(float).into(),
        Resolved::Timestamp | Resolved::Text => value,
        Resolved::Binary => binary(&value)?.into(),
    })
}

/// Decodes base64, in which Go passes over line breaks, to what JSON can carry of it.
fn binary(value: &str) -> Option<String> {
    let bytes = BASE64.decode(value.replace(['\r', '\n'], "")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a key is the merge key `<<`.
pub(super) fn is_merge(tree: &Tree<'_>, key: NodeId) -> bool {
    let is_tagged_right = || tree.tag(key).map_or_else(|| tree.is_plain(key), |tag| tag == "tag:yaml.org,2002:merge");
    matches!(tree[key].kind, Kind::Scalar(_)) && tree.text_of(key) == "<<" && is_tagged_right()
}

/// `strconv.FormatFloat(float, 'g', -1, 32)`, which is how a float key is written in JSON.
fn float_key(float: f64) -> String {
    if float.is_nan() {
        return ".nan".to_owned();
    }
    #[allow(clippy::cast_possible_truncation, reason = "Go formats keys with 32 bits")]
    let float = float as f32;
    if float.is_infinite() {
        return if float > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() };
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return float.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// The scalar `id` in JSON; nothing when it does not fit its tag.
fn scalar(tree: &Tree<'_>, id: NodeId) -> Option<Value> {
    let value = tree.text_of(id);
    Some(match resolve(tree.tag(id), &value, tree.is_plain(id))? {
        Resolved::Null => Value::Null,
        Resolved::Bool(bool) => Value::Bool(bool),
        Resolved::Int(int) => Value::Number(int.into()),
        Resolved::Uint(int) => Value::Number(int.into()),
        Resolved::Float(float) => {
            Number::from_f64(float).map_or_else(|| Value::String(value.into_owned()), Value::Number)
        }
        Resolved::Timestamp | Resolved::Text => Value::String(value.into_owned()),
        Resolved::Binary => Value::String(binary(&value)?),
    })
}

/// The value of the node `id` of a tree that is resolved.
fn json(tree: &Tree<'_>, id: NodeId) -> Value {
    match tree[id].kind {
        Kind::Sequence(_) => tree.items(id).map(|item| json(tree, item)).collect(),
        Kind::Mapping(_) => {
            let name = |key| key_text(tree, key).unwrap_or_default().into_owned();
            Value::Object(tree.entries(id).map(|(key, value)| (name(key), json(tree, value))).collect())
        }
        Kind::Scalar(_) | Kind::Alias(_) => scalar(tree, id).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_by_go_s_rules() {
        let cases = [
            ("0644", json!(420)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("08", json!(8.0)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("1.10", json!(1.1)),
            ("1e3", json!(1000.0)),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("'1'", json!("1")),
            ("~", json!(null)),
            ("", json!(null)),
            ("2024-01-01", json!("2024-01-01")),
            (".inf", json!(".inf")),
            ("12:30:45", json!("12:30:45")),
            ("!!str 1", json!("1")),
            ("!!int '0x10'", json!(16)),
            ("!!float 1", json!(1.0)),
            ("!!binary aGk=", json!("hi")),
            ("!custom 1", json!("1")),
            ("|\n  x\n", json!("x\n")),
        ];
        for (source, expected) in cases {
            assert_eq!(read(&format!("a: {source}\n")), Ok(json!({"a": expected})), "{source}");
        }
    }

    #[test]
    fn keys_become_text() {
        let text = "1: a\n0x10: b\n1.5: c\ntrue: d\n1e9: e\nyes: f\n";
        let value = json!({"1": "a", "16": "b", "1.5": "c", "true": "d", "1e+09": "e", "yes": "f"});
        assert_eq!(read(text), Ok(value));
    }

    #[test]
    fn merge_keys_add_what_is_not_there() {
        let text = "b: &b {x: 1, y: 1}\nc: &c {<<: *b, y: 2, z: 2}\na: {y: 3, <<: [*c, {w: 4, z: 4}]}\n";
        assert_eq!(read(text).map(|value| value["a"].clone()), Ok(json!({"y": 3, "x": 1, "z": 2, "w": 4})));
    }

    #[test]
    fn what_go_refuses_is_an_error_at_its_line_for_read_and_check() {
        let cases = [
            ("a: 1\nb: 2\na: 3\n", 3),
            ("a: {x: 1, 'x': 2}\n", 1),
            ("1: a\n0x1: b\n", 2),
            ("a: *b\n", 1),
            ("a:\n- &b [*b]\n", 2),
            ("a: 1\nb: {null: 1}\n", 2),
            ("a: 1\n? [b]\n: 1\n", 2),
            ("a: 1\n<<: 1\n", 2),
            ("a: !!int x\n", 1),
            ("a: !!binary '?'\n", 1),
            ("a: 1\n---\nb: 1\n", 3),
            ("a: 1\nb: [\n", 3),
        ];
        for (text, line) in cases {
            let error = read(text).expect_err("Go refuses it");
            assert_eq!(error.line, line, "{error} in {text}");
            assert_eq!(check(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_cursor_finds_what_reading_finds() {
        for text in [
            "- kind: Pod # c\n  metadata:\n    labels: {a: b}\n    name: web\n    kind: x\n  spec: [1, 0x10]\n- 1\n",
            "- {\"metadata\": {\"name\": 1.5}, \"kind\": \"P\\u006fd\", \"spec\": {\"1\": null}}\n",
            "- kind:\n  metadata: {name: !!str 1}\n  spec:\n  - a\n  - |\n    b\n- a\n  b\n",
            "- &a\n  kind: &k Pod\n  metadata: {<<: {name: web}}\n- *a\n",
            "[{kind: Pod, \"metadata\": [name], 1: 0x2}]",
            "kind: 2024-01-01\n1: *a\n".replace("*a", "\"it's\"").as_str(),
            "text",
            "",
        ] {
            let value = read(text).expect("it is YAML");
            let view = View::new(text).expect("it is YAML");
            assert_eq!(view.root().map_or(Value::Null, Cursor::value), value, "{text}");
            if let Some(root) = view.root() {
                same(root, &value);
            }
        }
    }

    fn same(cursor: Cursor<'_, '_>, value: &Value) {
        assert_eq!(cursor.value(), *value);
        assert_eq!(cursor.text().as_deref(), value.as_str());
        assert_eq!(cursor.is_mapping(), value.is_object());
        assert_eq!(cursor.items().count(), value.as_array().map_or(0, Vec::len));
        assert_eq!(cursor.entries().count(), value.as_object().map_or(0, serde_json::Map::len));
        cursor.items().zip(value.as_array().into_iter().flatten()).for_each(|(item, value)| same(item, value));
        for ((key, inner), (name, value)) in cursor.entries().zip(value.as_object().into_iter().flatten()) {
            assert_eq!(key, name.as_str());
            same(inner, value);
            same(cursor.get(name).expect("the key is there"), value);
        }
        assert!(cursor.get("absent").is_none());
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let bomb = (0..40).fold("a0: &a0 x\n".to_owned(), |text, level| {
            text + &format!("a{}: &a{} [*a{level}, *a{level}]\n", level + 1, level + 1)
        });
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(900));
        let chain =
            (0..2000).fold("- &a0 x\n".to_owned(), |text, level| text + &format!("- &a{} [*a{level}]\n", level + 1));
        for text in [bomb, long, chain] {
            let error = read(&text).expect_err("it is too much");
            assert!(error.problem.contains("excessive") || error.problem.contains("nested"), "{error}");
            assert_eq!(check(&text), Err(error));
        }
    }

    #[test]
    fn streams_without_a_value_are_null() {
        for text in ["", "\n", "# c\n", "---\n", "--- # c\n...\n", "\u{feff}", "null\n---\n"] {
            assert_eq!(read(text), Ok(Value::Null), "{text:?}");
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn check_takes_what_read_takes() {
        for text in
            ["a: &a 1\nb: *a\n", "a: !!str 1\n", "{<<: {a: 1}, b: 1}\n", "1: a\n", "[{a: 1}, {a: 1}]\n", "a: 1\n---\n"]
        {
            assert!(read(text).is_ok(), "{text}");
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }
}
