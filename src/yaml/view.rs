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
//! The parser is libyaml, of which both Go readers are ports. It takes a few texts that they refuse, of which one is met
//! in practice: `\/` between double quotes, which kubectl and kustomize take only where they read JSON as JSON.
//!
//! Where a value is not a JSON value:
//!
//! * keys become text as `sigs.k8s.io/yaml` makes them (`1: a` has the key `"1"`, `0x10: a` the key `"16"`); null,
//!   sequences and mappings as keys are errors;
//! * dates and times, infinities and NaN, for which JSON has no number, stay the text they are written with;
//! * `!!binary` is decoded;
//! * floats stay floats: `1.0` is not the integer `1`.

mod pick;

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Number, Value};

use super::Error;
use super::events::{MAX_DEPTH, ScalarStyle};
use super::resolve::{Resolved, resolve};
use super::tree::{Kind, NodeId, Tree};

/// The bytes that aliases may add to a text, beyond its own length.
const EXPANSION: usize = 16 << 20;

/// Base64 as Go decodes it: bits behind the end are not looked at.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

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
    value(text, &Tree::parse(text)?)
}

/// The value of a tree that was read from `text`.
pub(super) fn value(text: &str, tree: &Tree) -> Result<Value, Error> {
    let Some(root) = tree.root else { return Ok(Value::Null) };
    Reader { text, tree, expanding: Vec::new(), decoded: 0, aliased: 0, bytes: 0 }.node(root, 0)
}

/// The text that stands for a key in JSON; `None` for keys that JSON cannot have.
pub(super) fn key_text(tree: &Tree, key: NodeId) -> Option<String> {
    let node = &tree[key];
    match &node.kind {
        Kind::Alias { target } => key_text(tree, *target),
        Kind::Scalar { value, style } => {
            Some(match resolve(node.tag.as_deref(), value, *style == ScalarStyle::Plain)? {
                Resolved::Null => return None,
                Resolved::Bool(bool) => bool.to_string(),
                Resolved::Int(int) => int.to_string(),
                Resolved::Uint(int) => int.to_string(),
                Resolved::Float(float) => float_key(float),
                Resolved::Timestamp | Resolved::Text => value.clone(),
                Resolved::Binary => binary(value)?,
            })
        }
        Kind::Sequence { .. } | Kind::Mapping { .. } => None,
    }
}

/// Decodes base64, in which Go passes over line breaks, to what JSON can carry of it.
fn binary(value: &str) -> Option<String> {
    let bytes = BASE64.decode(value.replace(['\r', '\n'], "")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a key is the merge key `<<`.
pub(super) fn is_merge(tree: &Tree, key: NodeId) -> bool {
    let node = &tree[key];
    let Kind::Scalar { value, style } = &node.kind else { return false };
    value == "<<"
        && match node.tag.as_deref() {
            None => *style == ScalarStyle::Plain,
            Some(tag) => tag == "tag:yaml.org,2002:merge",
        }
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

/// What a scalar of the text `value` is in JSON; nothing when it claims to be base64 and is not.
fn json(resolved: &Resolved, value: &str) -> Option<Value> {
    Some(match *resolved {
        Resolved::Null => Value::Null,
        Resolved::Bool(bool) => Value::Bool(bool),
        Resolved::Int(int) => Value::Number(int.into()),
        Resolved::Uint(int) => Value::Number(int.into()),
        Resolved::Float(float) => {
            Number::from_f64(float).map_or_else(|| Value::String(value.to_owned()), Value::Number)
        }
        Resolved::Timestamp | Resolved::Text => Value::String(value.to_owned()),
        Resolved::Binary => Value::String(binary(value)?),
    })
}

struct Reader<'t> {
    text: &'t str,
    tree: &'t Tree,
    /// The aliases on the way to the current node.
    expanding: Vec<NodeId>,
    decoded: usize,
    aliased: usize,
    /// Bytes of scalars that were read through an alias.
    bytes: usize,
}

impl<'t> Reader<'t> {
    fn error(&self, node: NodeId, problem: &str) -> Error {
        Error::at(self.text, self.tree[node].span.start, problem)
    }

    fn node(&mut self, id: NodeId, depth: usize) -> Result<Value, Error> {
        self.count(id)?;
        if depth > MAX_DEPTH {
            let problem = format!("collections must not be nested more than {MAX_DEPTH} deep through aliases");
            return Err(self.error(id, &problem));
        }
        let tree = self.tree;
        match &tree[id].kind {
            Kind::Alias { target } => self.through(id, |reader| reader.node(*target, depth + 1)),
            Kind::Scalar { value, style } => self.scalar(id, value, *style),
            Kind::Sequence { items, .. } => {
                items.iter().map(|&item| self.node(item, depth + 1)).collect::<Result<_, _>>().map(Value::Array)
            }
            Kind::Mapping { entries, .. } => {
                let mut map = Map::new();
                self.mapping(id, entries, &mut map, depth)?;
                Ok(Value::Object(map))
            }
        }
    }

    /// Reads what an alias stands for.
    fn through<T>(&mut self, alias: NodeId, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.expanding.contains(&alias) {
            return Err(self.error(alias, "an anchor must not contain itself"));
        }
        self.expanding.push(alias);
        let result = read(self);
        self.expanding.pop();
        result
    }

    /// Counts a node as `yaml.v3` does, to stop where it stops.
    fn count(&mut self, id: NodeId) -> Result<(), Error> {
        self.decoded += 1;
        let Some(&outermost) = self.expanding.first() else { return Ok(()) };
        self.aliased += 1;
        if let Kind::Scalar { value, .. } = &self.tree[id].kind {
            self.bytes += value.len();
        }
        #[allow(clippy::cast_precision_loss, reason = "the limit is as imprecise in Go")]
        let (decoded, aliased) = (self.decoded as f64, self.aliased as f64);
        let allowed = 0.99 - 0.89 * ((decoded - 400_000.0) / 3_600_000.0).clamp(0.0, 1.0);
        let is_excessive = self.aliased > 100 && self.decoded > 1000 && aliased / decoded > allowed;
        if is_excessive || self.bytes > EXPANSION + self.text.len() {
            return Err(self.error(outermost, "the document contains excessive aliasing"));
        }
        Ok(())
    }

    fn scalar(&self, id: NodeId, value: &str, style: ScalarStyle) -> Result<Value, Error> {
        let tag = self.tree[id].tag.as_deref();
        let Some(resolved) = resolve(tag, value, style == ScalarStyle::Plain) else {
            return Err(self.error(id, "the value does not fit its tag"));
        };
        json(&resolved, value).ok_or_else(|| self.error(id, "a `!!binary` value must be base64"))
    }

    /// Reads the entries of a mapping that `map` does not have yet.
    fn mapping(
        &mut self,
        id: NodeId,
        entries: &'t [(NodeId, NodeId)],
        map: &mut Map<String, Value>,
        depth: usize,
    ) -> Result<(), Error> {
        self.refuse_duplicates(entries)?;
        let mut merged = None;
        for &(key, value) in entries {
            if is_merge(self.tree, key) {
                merged = Some(value);
                continue;
            }
            let name = self.key(key)?;
            self.count(key)?;
            let value = self.node(value, depth + 1)?;
            map.entry(name).or_insert(value);
        }
        merged.map_or(Ok(()), |merged| self.merge(id, merged, map, depth))
    }

    fn key(&self, key: NodeId) -> Result<String, Error> {
        key_text(self.tree, key).ok_or_else(|| self.error(key, "a key must be text, a number or a boolean"))
    }

    /// Refuses two keys of the same source text, as `yaml.v3` does, and two that become the same key in JSON.
    fn refuse_duplicates(&self, entries: &[(NodeId, NodeId)]) -> Result<(), Error> {
        let mut texts = Vec::with_capacity(entries.len());
        let mut is_text_alone = true;
        for &(key, _) in entries {
            let node = &self.tree[key];
            if let Kind::Scalar { value, style } = &node.kind {
                texts.push((Cow::Borrowed(value.as_str()), key));
                is_text_alone &=
                    resolve(node.tag.as_deref(), value, *style == ScalarStyle::Plain) == Some(Resolved::Text);
            } else {
                is_text_alone = false;
            }
        }
        self.refuse_repeated(texts)?;
        if is_text_alone {
            return Ok(());
        }
        let own = entries.iter().filter(|&&(key, _)| !is_merge(self.tree, key));
        let names = own.map(|&(key, _)| Ok((Cow::Owned(self.key(key)?), key)));
        self.refuse_repeated(names.collect::<Result<_, _>>()?)
    }

    /// Refuses the first key whose text stands before it as well.
    fn refuse_repeated(&self, mut texts: Vec<(Cow<str>, NodeId)>) -> Result<(), Error> {
        // Nodes are numbered in the order they are written.
        texts.sort_unstable();
        let repeated = texts.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1).min();
        repeated.map_or(Ok(()), |key| Err(self.error(key, "the mapping has this key already")))
    }

    /// Adds what stands behind `<<`: a mapping, or a sequence of them, of which earlier ones win.
    fn merge(
        &mut self,
        parent: NodeId,
        merged: NodeId,
        map: &mut Map<String, Value>,
        depth: usize,
    ) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(self.error(parent, "merge keys are nested too deep"));
        }
        let tree = self.tree;
        if let Kind::Sequence { items, .. } = &tree[merged].kind {
            return items.iter().try_for_each(|&item| self.merge_one(item, map, depth));
        }
        self.merge_one(merged, map, depth)
    }

    fn merge_one(&mut self, merged: NodeId, map: &mut Map<String, Value>, depth: usize) -> Result<(), Error> {
        self.count(merged)?;
        let tree = self.tree;
        match &tree[merged].kind {
            Kind::Mapping { entries, .. } => self.mapping(merged, entries, map, depth + 1),
            Kind::Alias { target } => match &tree[*target].kind {
                Kind::Mapping { entries, .. } => self.through(merged, |reader| {
                    reader.count(*target)?;
                    reader.mapping(*target, entries, map, depth + 1)
                }),
                _ => Err(self.error(merged, "a merge key must have a mapping or a sequence of mappings")),
            },
            Kind::Scalar { .. } | Kind::Sequence { .. } => {
                Err(self.error(merged, "a merge key must have a mapping or a sequence of mappings"))
            }
        }
    }
}

/// Checks, in little memory, that [`read`] will succeed on `text`.
///
/// Text as people write it takes one pass and a set of keys for each mapping that is open. Aliases, tags and merge keys,
/// which are rare, are checked by reading.
///
/// # Errors
///
/// The error that [`read`] would give.
///
/// ```
/// use split_planes::yaml::view::check;
///
/// assert!(check("a: {b: 1, c: 2}\n").is_ok());
/// assert!(check("a: {b: 1, b: 2}\n").is_err());
/// ```
pub fn check(text: &str) -> Result<(), Error> {
    pick(text, []).map(drop)
}

/// Checks `text` as [`check`] does and picks the values at JSON `pointers` (RFC 6901) on the way, at most eight; `None`
/// where there is none.
///
/// # Errors
///
/// The error that [`read`] would give.
///
/// ```
/// use serde_json::json;
/// use split_planes::yaml::view::pick;
///
/// let picked = pick("- kind: Pod\n  metadata: {name: web}\n", ["/0/metadata/name", "/0/spec"])?;
/// assert_eq!(picked, [Some(json!("web")), None]);
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
pub fn pick<const N: usize>(text: &str, pointers: [&str; N]) -> Result<[Option<Value>; N], Error> {
    if pointers.iter().all(|pointer| pointer.starts_with('/') && !pointer.contains('~'))
        && let Some(picked) = pick::pick(text, &pointers)?
    {
        return Ok(picked);
    }
    let value = read(text)?;
    Ok(pointers.map(|pointer| value.pointer(pointer).cloned()))
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
    fn what_is_picked_is_what_reading_finds() {
        let pointers = ["/0/kind", "/0/metadata/name", "/0/metadata/labels", "/0/spec/1", "/0/spec/01", "/1", "/0", ""];
        for text in [
            "- kind: Pod # c\n  metadata:\n    labels: {a: b}\n    name: web\n    kind: x\n  spec: [1, 0x10]\n- 1\n",
            "- {\"metadata\": {\"name\": 1.5}, \"kind\": \"P\\u006fd\", \"spec\": {\"1\": null}}\n",
            "- kind:\n  metadata: {name: !!str 1}\n  spec:\n  - a\n  - |\n    b\n- a\n  b\n",
            "- &a\n  kind: &k Pod\n  metadata: {<<: {name: web}}\n- *a\n",
            "[{kind: Pod, \"metadata\": [name]}]",
            "kind: Pod\n",
            "text",
            "",
        ] {
            let value = read(text).expect("it is YAML");
            assert_eq!(pick(text, pointers), Ok(pointers.map(|pointer| value.pointer(pointer).cloned())), "{text}");
            for pointer in pointers {
                assert_eq!(pick(text, [pointer]), Ok([value.pointer(pointer).cloned()]), "{pointer} of {text}");
            }
        }
        assert_eq!(pick("a/b: 1\n", ["/a~1b"]), Ok([Some(json!(1))]));
        assert_eq!(pick("- kind: Pod\n  a: 1\n  a: 2\n", ["/0/kind"]).expect_err("a key stands twice").line, 3);
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
