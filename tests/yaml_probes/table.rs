//! The documents, with what Go's readers make of them.

use Expected::{Is, Refused};

/// What must become of a probe; stated by hand, never asked of the code under test.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// It is read as this JSON: of an entry the mapping that it is, of a value the value.
    Is(&'static str),
    /// The whole list is refused, with this line of the probe and this problem.
    Refused(usize, &'static str),
}

/// A document that shows one thing.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// The class and what is special.
    pub name: &'static str,
    /// The source.
    pub text: &'static str,
    /// The outcome.
    pub expected: Expected,
}

const fn probe(name: &'static str, text: &'static str, expected: Expected) -> Probe {
    Probe { name, text, expected }
}

/// Stands at the beginning of lines that are not indented with the rest of their item.
pub const COLUMN_0: char = '⇤';

/// Values that say the same in block style, in flow style and, where they are JSON, in JSON.
pub const VALUES: &[Probe] = &[
    // Numbers: a value-tree crate writes back what only looks the same.
    probe("octal mode", "0644", Is("420")),
    probe("octal mode with two zeros", "00400", Is("256")),
    probe("octal mode of YAML 1.2", "0o17", Is("15")),
    probe("negative octal", "-0644", Is("-420")),
    probe("what cannot be octal", "08", Is("8.0")),
    probe("quoted octal mode", "'0644'", Is(r#""0644""#)),
    probe("double quoted octal mode", "\"0400\"", Is(r#""0400""#)),
    probe("hexadecimal", "0x1F", Is("31")),
    probe("binary", "0b101", Is("5")),
    probe("hexadecimal prefix alone", "0x", Is(r#""0x""#)),
    probe("quoted hexadecimal prefix", "\"0x\"", Is(r#""0x""#)),
    probe("underscores in a number", "1_000", Is("1000")),
    probe("quoted underscores", "'1_000'", Is(r#""1_000""#)),
    probe("trailing zero", "1.10", Is("1.1")),
    probe("quoted trailing zero", "\"1.10\"", Is(r#""1.10""#)),
    probe("float without a fraction", "1.0", Is("1.0")),
    probe("exponent", "1e10", Is("10000000000.0")),
    probe("quoted exponent", "'1e10'", Is(r#""1e10""#)),
    probe("exponent beyond all floats", "7e12345", Is(r#""7e12345""#)),
    probe("commit hash that looks like a float", "1234e567", Is(r#""1234e567""#)),
    probe("largest 64-bit integer", "9223372036854775807", Is("9223372036854775807")),
    probe("unsigned 64-bit integer", "18446744073709551615", Is("18446744073709551615")),
    probe("65-bit integer", "18446744073709551616", Is("18446744073709551616.0")),
    probe("77-bit integer", "151115727451828646838272", Is("151115727451828646838272.0")),
    probe("77-bit integer in JSON", r#"{"a":151115727451828646838271}"#, Is(r#"{"a": 1.5111572745182865e23}"#)),
    probe("64-bit integer below all", "-9223372036854775809", Is("-9223372036854775809.0")),
    probe("infinity", ".inf", Is(r#"".inf""#)),
    probe("not a number", ".NaN", Is(r#"".NaN""#)),
    probe("minus zero", "-0", Is("0")),
    probe("plus sign", "+1", Is("1")),
    probe("version with two dots", "1.2.3", Is(r#""1.2.3""#)),
    probe("base 60", "12:30:45", Is(r#""12:30:45""#)),
    probe("port mapping in base 60", "22:22", Is(r#""22:22""#)),
    // Words that only one of the Go readers takes for booleans.
    probe("bare yes", "yes", Is(r#""yes""#)),
    probe("bare Yes", "Yes", Is(r#""Yes""#)),
    probe("bare on", "on", Is(r#""on""#)),
    probe("bare OFF", "OFF", Is(r#""OFF""#)),
    probe("bare y", "y", Is(r#""y""#)),
    probe("bare n", "n", Is(r#""n""#)),
    probe("quoted yes", "\"yes\"", Is(r#""yes""#)),
    probe("quoted on", "'on'", Is(r#""on""#)),
    probe("quoted y", "\"y\"", Is(r#""y""#)),
    probe("true", "true", Is("true")),
    probe("True", "True", Is("true")),
    probe("FALSE", "FALSE", Is("false")),
    probe("tRUE", "tRUE", Is(r#""tRUE""#)),
    probe("quoted true", "'true'", Is(r#""true""#)),
    // Null.
    probe("tilde", "~", Is("null")),
    probe("null", "null", Is("null")),
    probe("Null", "Null", Is("null")),
    probe("quoted null", "'null'", Is(r#""null""#)),
    probe("quoted tilde", "\"~\"", Is(r#""~""#)),
    probe("empty text", "\"\"", Is(r#""""#)),
    probe("null with a tag", "!!null \"\"", Is("null")),
    // Dates.
    probe("date", "2020-01-01", Is(r#""2020-01-01""#)),
    probe("quoted date", "\"2020-01-01\"", Is(r#""2020-01-01""#)),
    probe("date and time", "2020-01-01T00:00:00Z", Is(r#""2020-01-01T00:00:00Z""#)),
    probe("date and time with a space", "2020-01-01 00:00:00", Is(r#""2020-01-01 00:00:00""#)),
    // Tags and anchors.
    probe("text with a tag", "!!str 123", Is(r#""123""#)),
    probe("octal with a tag", "!!int 0644", Is("420")),
    probe("quoted integer with a tag", "!!int '12'", Is("12")),
    probe("float with a tag", "!!float 1", Is("1.0")),
    probe("base64 with a tag", "!!binary aGk=", Is(r#""hi""#)),
    probe("tag of one's own", "!mine 12", Is(r#""12""#)),
    probe("tag of nothing", "! 12", Is("12")),
    probe("tag in full", "!<tag:yaml.org,2002:str> 12", Is(r#""12""#)),
    probe("sequence with a tag", "!!seq [a]", Is(r#"["a"]"#)),
    probe("value that does not fit its tag", "!!int x", Refused(1, "the value does not fit its tag")),
    probe("base64 that is none", "!!binary '?'", Refused(1, "a `!!binary` value must be base64")),
    probe("anchor nobody uses", "&x text", Is(r#""text""#)),
    probe("anchor, then tag", "&x !!str 12", Is(r#""12""#)),
    probe("tag, then anchor", "!!str &x 12", Is(r#""12""#)),
    probe("anchor and alias", "[&x a, *x]", Is(r#"["a", "a"]"#)),
    probe("anchored mapping and alias", "{a: &x {b: 1}, c: *x}", Is(r#"{"a": {"b": 1}, "c": {"b": 1}}"#)),
    probe("anchor used again", "[&x a, *x, &x b, *x]", Is(r#"["a", "a", "b", "b"]"#)),
    probe("alias of nothing", "*x", Refused(1, "unknown anchor")),
    probe("anchor that holds itself", "&x [*x]", Refused(1, "an anchor must not contain itself")),
    // Merge keys.
    probe("merge", "{a: &x {b: 1}, c: {<<: *x, d: 2}}", Is(r#"{"a": {"b": 1}, "c": {"b": 1, "d": 2}}"#)),
    probe("merge of two", "{<<: [{a: 1}, {a: 2, b: 3}]}", Is(r#"{"a": 1, "b": 3}"#)),
    probe("merge below own keys", "{a: 1, <<: {a: 2, b: 3}}", Is(r#"{"a": 1, "b": 3}"#)),
    probe("merge key in quotes", "{'<<': {a: 1}}", Is(r#"{"<<": {"a": 1}}"#)),
    probe("merge sign as a value", "<<", Is(r#""<<""#)),
    probe("merge of text", "{<<: a}", Refused(1, "a merge key must have a mapping or a sequence of mappings")),
    // Plain text.
    probe("equals sign", "=", Is(r#""=""#)),
    probe("hash without a space", "a#b", Is(r#""a#b""#)),
    probe("colon without a space", "a:b", Is(r#""a:b""#)),
    probe("quotes inside plain text", "it's \"so\"", Is(r#""it's \"so\"""#)),
    probe("dash that is no item", "-a", Is(r#""-a""#)),
    probe("url", "https://example.com/?a=b&c=*d", Is(r#""https://example.com/?a=b&c=*d""#)),
    probe("letters beyond ASCII", "é🚀ß", Is(r#""é🚀ß""#)),
    probe("no-break space", "a\u{a0}b", Is("\"a\u{a0}b\"")),
    probe("at sign", "@a", Refused(1, "found character that cannot start any token")),
    probe("backtick", "`a", Refused(1, "found character that cannot start any token")),
    probe("percent sign", "%a", Refused(1, "found character that cannot start any token")),
    // Quoted text.
    probe("apostrophe in single quotes", "'it''s'", Is(r#""it's""#)),
    probe("escape that single quotes do not know", r"'\d'", Is(r#""\\d""#)),
    probe("hash in quotes", "\"a #b\"", Is(r#""a #b""#)),
    probe("escapes", r#""\x41 \u00e9 \U0001F600 \t \\ \" \e""#, Is(r#""A é 😀 \t \\ \" \u001b""#)),
    probe("escaped line separators", r#""\N\_\L\P""#, Is(r#""\u0085\u00a0\u2028\u2029""#)),
    probe("escaped delete character", r#""\x7f""#, Is(r#""\u007f""#)),
    probe("escaped slash", r#""a\/b""#, Is(r#""a/b""#)),
    // Go's readers know it, libyaml does not.
    probe("escaped apostrophe", r#""\'""#, Refused(1, "found unknown escape character")),
    probe("surrogate pair", r#""\ud83d\ude00""#, Refused(1, "found invalid Unicode character escape code")),
    probe("lone surrogate", r#""\ud83d""#, Refused(1, "found invalid Unicode character escape code")),
    probe("unknown escape", r#""\d""#, Refused(1, "found unknown escape character")),
    probe("raw tab", "\"a\tb\"", Is(r#""a\tb""#)),
    probe("raw delete character", "\"a\u{7f}b\"", Refused(1, "control characters are not allowed")),
    probe("raw escape character", "\"a\u{1b}b\"", Refused(1, "control characters are not allowed")),
    probe("raw NUL", "\"a\0b\"", Refused(1, "control characters are not allowed")),
    probe("byte-order mark inside", "\"a\u{feff}b\"", Is("\"a\u{feff}b\"")),
    probe("next line in quotes is a space", "\"a\u{85}b\"", Is(r#""a b""#)),
    probe("line separator in quotes stays", "\"a\u{2028}b\"", Is(r#""a\u2028b""#)),
    probe("paragraph separator in quotes stays", "'a\u{2029}b'", Is(r#""a\u2029b""#)),
    // Flow collections.
    probe("empty mapping", "{}", Is("{}")),
    probe("empty sequence", "[ ]", Is("[]")),
    probe("null behind a colon in braces", "{a, b: }", Is(r#"{"a": null, "b": null}"#)),
    probe("null before a comma in braces", "{a: , b: 1}", Is(r#"{"a": null, "b": 1}"#)),
    probe("trailing commas", "{a: [1, ], }", Is(r#"{"a": [1]}"#)),
    probe("mapping of one in brackets", "[a: b, c]", Is(r#"[{"a": "b"}, "c"]"#)),
    probe("question marks in brackets", "[? a : b]", Is(r#"[{"a": "b"}]"#)),
    probe("question marks in braces", "{? a : b, ? c}", Is(r#"{"a": "b", "c": null}"#)),
    probe("no space behind a quoted key", r#"{"a":b}"#, Is(r#"{"a": "b"}"#)),
    probe("compact JSON", r#"{"a":[1,{"b":null}],"c":"d"}"#, Is(r#"{"a": [1, {"b": null}], "c": "d"}"#)),
    probe("spaced JSON", r#"{ "a" : [ 1 , true ] }"#, Is(r#"{"a": [1, true]}"#)),
    probe("brackets in quotes", r#"["]", '}', a]"#, Is(r#"["]", "}", "a"]"#)),
    probe("octal mode in braces", "{mode: 0644}", Is(r#"{"mode": 420}"#)),
    probe("yes as a key in braces", "{yes: no}", Is(r#"{"yes": "no"}"#)),
    probe("keys twice in braces", "{a: 1, a: 2}", Refused(1, "the mapping has this key already")),
    probe("keys twice in JSON", r#"{"a":1,"a":2}"#, Refused(1, "the mapping has this key already")),
    probe("keys twice, once in quotes", "{a: 1, 'a': 2}", Refused(1, "the mapping has this key already")),
    probe("null as a key", "{null: 1}", Refused(1, "a key must be text, a number or a boolean")),
    probe("sequence as a key", "{[a]: b}", Refused(1, "a key must be text, a number or a boolean")),
    probe("comma alone", "[,]", Refused(1, "did not find expected node content")),
];

/// Lines of a block mapping.
pub const ENTRIES: &[Probe] = &[
    // Keys.
    probe("yes as a key", "yes: 1\n", Is(r#"{"yes": 1}"#)),
    probe("quoted yes as a key", "\"yes\": 1\n", Is(r#"{"yes": 1}"#)),
    probe("on as a key", "on: 1\n", Is(r#"{"on": 1}"#)),
    probe("quoted on as a key", "'on': 1\n", Is(r#"{"on": 1}"#)),
    probe("y as a key", "y: 1\nz: 2\n", Is(r#"{"y": 1, "z": 2}"#)),
    probe("quoted y as a key", "\"y\": 1\n", Is(r#"{"y": 1}"#)),
    probe("true as a key", "true: 1\n", Is(r#"{"true": 1}"#)),
    probe("octal as a key", "0644: 1\n", Is(r#"{"420": 1}"#)),
    probe("hexadecimal as a key", "0x10: 1\n", Is(r#"{"16": 1}"#)),
    probe("float as a key", "1.5: 1\n", Is(r#"{"1.5": 1}"#)),
    probe("quoted number as a key", "'0644': 1\n", Is(r#"{"0644": 1}"#)),
    probe("empty key", "\"\": 1\n", Is(r#"{"": 1}"#)),
    probe("key with spaces", "a b: 1\n", Is(r#"{"a b": 1}"#)),
    probe("key with a colon", "a:b: 1\n", Is(r#"{"a:b": 1}"#)),
    probe("key with a hash", "a#b: 1\n", Is(r#"{"a#b": 1}"#)),
    probe("key with a slash", "example.com/a~b: 1\n", Is(r#"{"example.com/a~b": 1}"#)),
    probe("space before the colon", "a : 1\n", Is(r#"{"a": 1}"#)),
    probe("key with a tag", "!!str 1: a\n", Is(r#"{"1": "a"}"#)),
    probe("key with an anchor", "&k a: 1\n", Is(r#"{"a": 1}"#)),
    probe("key with escapes", "\"\\x61\": 1\n", Is(r#"{"a": 1}"#)),
    probe("key behind a question mark", "? a\n: 1\n", Is(r#"{"a": 1}"#)),
    probe("key behind a question mark alone", "? a\n", Is(r#"{"a": null}"#)),
    probe("text of lines behind a question mark", "? |\n  a\n: - b\n", Is(r#"{"a\n": ["b"]}"#)),
    probe("sequence as a key", "? [a]\n: b\n", Refused(1, "a key must be text, a number or a boolean")),
    probe("null as a key", "~: a\n", Refused(1, "a key must be text, a number or a boolean")),
    probe("keys twice", "a: 1\nb: 2\na: 3\n", Refused(3, "the mapping has this key already")),
    probe("keys twice, once in quotes", "a: 1\n'a': 2\n", Refused(2, "the mapping has this key already")),
    probe("keys twice to JSON", "1: a\n0x1: b\n", Refused(2, "the mapping has this key already")),
    probe("keys twice deep inside", "a:\n- b: {c: 1, c: 2}\n", Refused(2, "the mapping has this key already")),
    probe("key of two lines", "a\nb: 1\n", Refused(2, "could not find expected ':'")),
    probe("two colons", "a: b: c\n", Refused(1, "mapping values are not allowed in this context")),
    // Comments everywhere.
    probe("comments on lines of their own", "# head\na: 1\n# between\n\nb: 2\n# tail\n", Is(r#"{"a": 1, "b": 2}"#)),
    probe(
        "comments behind values",
        "a: 1 # one\nb: 'x' # two\nc: [d] # three\n",
        Is(r#"{"a": 1, "b": "x", "c": ["d"]}"#),
    ),
    probe("comment behind a key", "a: # of a\n  # before b\n  b: 1\n  # behind b\n", Is(r#"{"a": {"b": 1}}"#)),
    probe(
        "comments deeper and shallower",
        "a:\n  b: 1\n      # deep\n# shallow\n  c: 2\n",
        Is(r#"{"a": {"b": 1, "c": 2}}"#),
    ),
    probe("comments at column 0", "a:\n⇤# left\n  b: 1\n⇤# left again\n", Is(r#"{"a": {"b": 1}}"#)),
    probe("comments between items", "a:\n# one\n- 1\n# two\n- 2 # two\n  # more\n", Is(r#"{"a": [1, 2]}"#)),
    probe("comment behind a dash", "a:\n- # one\n  b: 1\n", Is(r#"{"a": [{"b": 1}]}"#)),
    probe("comment before a value on the next line", "a: # text\n  b\n", Is(r#"{"a": "b"}"#)),
    probe(
        "comment of a block scalar",
        "a: |- # of a\n  # text\n  b # text\n# comment\n",
        Is(r##"{"a": "# text\nb # text"}"##),
    ),
    probe("comments in brackets", "a: [ # one\n  b, # two\n  # three\n  c\n] # four\n", Is(r#"{"a": ["b", "c"]}"#)),
    probe(
        "comments in braces",
        "a: { # one\n  b: c, # two\n  d: # three\n    e }\n",
        Is(r#"{"a": {"b": "c", "d": "e"}}"#),
    ),
    probe("hash behind a bracket", "a: [b]#c\n", Is(r#"{"a": ["b"]}"#)),
    probe("hash behind a quote", "a: \"b\"#c\n", Is(r#"{"a": "b"}"#)),
    probe("comment that looks like an item", "a: 1\n# - b: 2\n⇤#- c\n", Is(r#"{"a": 1}"#)),
    probe("comment with quotes", "a: 1 # it's \"so\n# [{\nb: 2\n", Is(r#"{"a": 1, "b": 2}"#)),
    // Block scalars.
    probe("literal", "a: |\n  b\n  c\n", Is(r#"{"a": "b\nc\n"}"#)),
    probe("literal without its last break", "a: |-\n  b\n\n", Is(r#"{"a": "b"}"#)),
    probe("literal with all its breaks", "a: |+\n  b\n\n\n", Is(r#"{"a": "b\n\n\n"}"#)),
    probe("literal that says how far it is indented", "a: |2\n    b\n  c\n", Is(r#"{"a": "  b\nc\n"}"#)),
    probe("literal indented by one", "a: |\n b\n  c\n", Is(r#"{"a": "b\n c\n"}"#)),
    probe("literal that begins with blank lines", "a: |\n\n\n  b\n", Is(r#"{"a": "\n\nb\n"}"#)),
    probe("literal of nothing", "a: |\nb: 1\n", Is(r#"{"a": "", "b": 1}"#)),
    probe("literal of breaks alone", "a: |+\n\n\nb: 1\n", Is(r#"{"a": "\n\n", "b": 1}"#)),
    probe("literal with trailing spaces", "a: |\n  b  \n   \n  c\n", Is(r#"{"a": "b  \n \nc\n"}"#)),
    probe("literal with tabs", "a: |\n  b\tc\n  \td\n", Is(r#"{"a": "b\tc\n\td\n"}"#)),
    probe("literal that begins with a tab", "a: |2\n  \tb\n", Is(r#"{"a": "\tb\n"}"#)),
    probe("literal that begins with a tab and does not say so", "a: |\n  \tb\n", Refused(2, "found a tab character")),
    probe("literal in an item", "a:\n- |\n  b\n- |-\n  c\n", Is(r#"{"a": ["b\n", "c"]}"#)),
    probe("literal in an item, one deep", "a:\n- |\n b\n", Is(r#"{"a": ["b\n"]}"#)),
    probe("literal with a tag", "a: !!str |\n  1\n", Is(r#"{"a": "1\n"}"#)),
    probe("literal with an anchor", "a: &x |\n  b\nc: *x\n", Is(r#"{"a": "b\n", "c": "b\n"}"#)),
    probe("folded", "a: >\n  b\n  c\n\n  d\n", Is(r#"{"a": "b c\nd\n"}"#)),
    probe("folded without its last break", "a: >-\n  b\n  c\n", Is(r#"{"a": "b c"}"#)),
    probe("folded with all its breaks", "a: >+\n  b\n\n", Is(r#"{"a": "b\n\n"}"#)),
    probe(
        "folded with more-indented lines",
        "a: >\n  b\n  c\n    d\n    e\n  f\n",
        Is(r#"{"a": "b c\n  d\n  e\nf\n"}"#),
    ),
    probe(
        "folded with blank lines around more-indented ones",
        "a: >\n  b\n\n    c\n\n  d\n",
        Is(r#"{"a": "b\n\n  c\n\nd\n"}"#),
    ),
    probe("folded that says how far it is indented", "a: >2-\n    b\n  c\n", Is(r#"{"a": "  b\nc"}"#)),
    probe("block scalar less indented than it says", "a: |4\n  b\n", Refused(2, "did not find expected key")),
    probe(
        "fake items in a literal",
        "a: |\n  - b\n  items:\n  - c: d\n  ---\n  ...\n  # no comment\n  \"\n",
        Is(r##"{"a": "- b\nitems:\n- c: d\n---\n...\n# no comment\n\"\n"}"##),
    ),
    probe("fake items in a folded scalar", "a: >-\n  - b\n  - c\n", Is(r#"{"a": "- b - c"}"#)),
    probe("fake items one deep", "a: |\n - b\n - c\n", Is(r#"{"a": "- b\n- c\n"}"#)),
    // Text in quotes and plain text over lines.
    probe("fake items at column 0 in double quotes", "a: \"b\n⇤- c\n⇤- d: e\n⇤\"\n", Is(r#"{"a": "b - c - d: e "}"#)),
    probe(
        "fake items at column 0 in single quotes",
        "a: 'b\n⇤- c''\n⇤items:\n⇤- d'\n",
        Is(r#"{"a": "b - c' items: - d"}"#),
    ),
    probe("anchor before quotes before a fake item", "a: &x \"b\n⇤- c\n⇤  d\"\n", Is(r#"{"a": "b - c d"}"#)),
    probe("tag before quotes before a fake item", "a: !!str\n  'b\n⇤- c'\n", Is(r#"{"a": "b - c"}"#)),
    probe("escaped quote before a fake item", "a: \"b\\\"\n⇤- c\"\n", Is(r#"{"a": "b\" - c"}"#)),
    probe("fake items in brackets at column 0", "a: [b,\n⇤-c\n⇤]\n", Is(r#"{"a": ["b", "-c"]}"#)),
    probe("quotes over lines", "a: \"b\n  c\n\n  d\\n\\\n  e\\\n  \\ f\"\n", Is(r#"{"a": "b c\nd\ne f"}"#)),
    probe("single quotes over lines", "a: 'b\n\n\n  c'\n", Is(r#"{"a": "b\n\nc"}"#)),
    probe("plain text over lines", "a: b\n  c\n\n  d\n", Is(r#"{"a": "b c\nd"}"#)),
    probe("plain text with quotes on its second line", "a: b\n  'c \"\n", Is(r#"{"a": "b 'c \""}"#)),
    probe("plain text with a fake item", "a: b\n  - c\n", Is(r#"{"a": "b - c"}"#)),
    probe("plain text with a fake key", "a: b\n  c: d\n", Refused(2, "mapping values are not allowed in this context")),
    probe("plain text on the next line", "a:\n  b\n  c\n", Is(r#"{"a": "b c"}"#)),
    probe("quotes on the next line", "a:\n  \"b\"\n", Is(r#"{"a": "b"}"#)),
    probe("document marker in quotes", "a: \"b\n⇤--- c\"\n", Refused(2, "found unexpected document indicator")),
    probe("document end in quotes", "a: 'b\n⇤... c'\n", Refused(2, "found unexpected document indicator")),
    probe("text behind quotes", "a: \"b\" c\n", Refused(1, "did not find expected key")),
    probe("question mark that is no key", "a: ?b\n", Is(r#"{"a": "?b"}"#)),
    // Collections.
    probe("sequence at the column of its key", "a:\n- 1\n- 2\n", Is(r#"{"a": [1, 2]}"#)),
    probe("wide sequence", "a:\n  - 1\n  - b: 2\n    c: 3\n", Is(r#"{"a": [1, {"b": 2, "c": 3}]}"#)),
    probe("very wide sequence", "a:\n        -   b: 1\n            c: 2\n", Is(r#"{"a": [{"b": 1, "c": 2}]}"#)),
    probe("sequences in sequences", "a:\n- - 1\n  - - 2\n    - 3\n- - - 4\n", Is(r#"{"a": [[1, [2, 3]], [[4]]]}"#)),
    probe("dashes alone", "a:\n-\n- \n-\n  b: 1\n", Is(r#"{"a": [null, null, {"b": 1}]}"#)),
    probe("empty values", "a:\nb: \nc: {d: }\n", Is(r#"{"a": null, "b": null, "c": {"d": null}}"#)),
    probe("flow sequence on the next line", "a:\n  [b,\n   c]\n", Is(r#"{"a": ["b", "c"]}"#)),
    probe(
        "flow mapping over lines",
        "a: {\n  b: c\n  d,\n  e: [f,\n  g]\n  }\n",
        Is(r#"{"a": {"b": "c d", "e": ["f", "g"]}}"#),
    ),
    probe("flow at column 0", "a: {b: c,\n⇤d: e\n⇤}\n", Is(r#"{"a": {"b": "c", "d": "e"}}"#)),
    probe("mapping with an anchor", "a: &x\n  b: 1\nc: *x\n", Is(r#"{"a": {"b": 1}, "c": {"b": 1}}"#)),
    probe(
        "merge",
        "a: &x\n  b: 1\n  c: 2\nd:\n  <<: *x\n  c: 3\n",
        Is(r#"{"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}"#),
    ),
    probe(
        "merge of two",
        "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne:\n  <<: [*x, *y]\n",
        Is(r#"{"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "d": 3}}"#),
    ),
    probe("merge into the item", "<<: {a: 1}\nb: 2\n", Is(r#"{"a": 1, "b": 2}"#)),
    probe("tag before a mapping", "a: !!map\n  b: 1\n", Is(r#"{"a": {"b": 1}}"#)),
    probe("alias before its anchor", "a: *x\nb: &x 1\n", Refused(1, "unknown anchor")),
    probe("items without their key", "a: 1\n- b\n", Refused(2, "did not find expected key")),
    probe("uneven mapping", "a:\n    b: 1\n  c: 2\n", Refused(3, "did not find expected key")),
    probe("bracket that nothing closes", "a: [b\n", Refused(2, "did not find expected ',' or ']'")),
    // White space.
    probe("tab behind a colon", "a:\tb\n", Is(r#"{"a": "b"}"#)),
    probe("tab before a comment", "a: b\t# c\n", Is(r#"{"a": "b"}"#)),
    probe("tab behind a value", "a: b\t\nc: d\n", Is(r#"{"a": "b", "c": "d"}"#)),
    probe("tabs in brackets", "a: [\tb,\t\n\tc ]\n", Is(r#"{"a": ["b", "c"]}"#)),
    probe("tab as indentation", "a:\n\tb: 1\n", Refused(2, "found character that cannot start any token")),
    probe("tab as indentation at column 0", "a:\n⇤\tb: 1\n", Refused(2, "found character that cannot start any token")),
    probe("spaces behind values", "a: b   \nc:   \n  d: 1\n", Is(r#"{"a": "b", "c": {"d": 1}}"#)),
    probe("lines of spaces", "a: 1\n⇤   \n⇤ \nb: 2\n", Is(r#"{"a": 1, "b": 2}"#)),
    probe("many spaces behind a colon", "a:        b\n", Is(r#"{"a": "b"}"#)),
    // Line breaks that are none to most tools.
    probe("lone carriage return", "a: 1\rb: 2\n", Is(r#"{"a": 1, "b": 2}"#)),
    probe("lone carriage return in quotes", "a: \"b\rc\"\n", Is(r#"{"a": "b c"}"#)),
    probe("next line in plain text", "a: b\u{85}  c\n", Is(r#"{"a": "b c"}"#)),
    probe("next line in a literal", "a: |\n  b\u{85}  c\n", Is(r#"{"a": "b\nc\n"}"#)),
    probe("line separator in a literal", "a: |\n  b\u{2028}  c\n", Is(r#"{"a": "b\u2028c\n"}"#)),
    probe("paragraph separator in plain text", "a: b\u{2029}  c\n", Is(r#"{"a": "b\u2029c"}"#)),
    probe("line separator in a comment", "a: 1 # b\u{2028}\nc: 2\n", Is(r#"{"a": 1, "c": 2}"#)),
];

/// What must become of a list.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// It has items of these names.
    Items(&'static [&'static str]),
    /// It is refused, with this text in the message.
    No(&'static str),
}

/// Whole lists. `{L}` stands for the lines that say that it is a `ResourceList`, `{A}` and `{B}` for items in braces.
pub const LISTS: &[(&str, &str, Outcome)] = &{
    use Outcome::{Items, No};
    [
        // What frames the document.
        ("document start", "---\n{L}items:\n- {A}\n- {B}\n", Items(&["a", "b"])),
        ("document start behind comments", "# c\n\n--- # d\n{L}items:\n- {A}\n", Items(&["a"])),
        ("byte-order mark", "\u{feff}{L}items:\n- {A}\n", Items(&["a"])),
        ("byte-order mark and document start", "\u{feff}---\n{L}items:\n- {A}\n", Items(&["a"])),
        ("byte-order mark inside", "{L}items:\n\u{feff}- {A}\n", No("line 4, column 1")),
        ("document end", "{L}items:\n- {A}\n...\n# end\n", Items(&["a"])),
        ("no line break at the end", "{L}items:\n- {A}", Items(&["a"])),
        ("blank lines at the end", "{L}items:\n- {A}\n\n\n", Items(&["a"])),
        ("second document", "{L}items:\n- {A}\n---\na: b\n", No("line 5, column 1: a second document must not follow")),
        (
            "second document of nothing",
            "{L}items:\n- {A}\n---\n",
            No("line 5, column 1: a second document must not follow"),
        ),
        ("text behind the document end", "{L}items:\n- {A}\n...\na: b\n", No("line 6, column 1")),
        ("%YAML", "%YAML 1.1\n---\n{L}items:\n- {A}\n", No("line 1, column 1: a `%` directive must not stand")),
        ("%TAG", "%TAG ! a:\n---\n{L}items:\n- {A}\n", No("line 1, column 1: a `%` directive must not stand")),
        ("NUL", "{L}items:\n- {A}\n\0", No("line 5, column 1: control characters are not allowed")),
        ("nothing", "", No("it is empty")),
        ("white space", " \n\n", No("line 3, column 1: the document must be a mapping")),
        ("comment alone", "# c\n", No("line 2, column 1: the document must be a mapping")),
        ("sequence", "- {A}\n", No("line 1, column 1: the document must be a mapping")),
        ("text", "items\n", No("line 1, column 1: the document must be a mapping")),
        // Where the items stand.
        ("no key for items", "{L}", Items(&[])),
        ("null items", "{L}items:\nz: 1\n", Items(&[])),
        ("null items, written", "{L}items: ~ # none\n", Items(&[])),
        ("no items", "{L}items: []\n", Items(&[])),
        ("text for items", "{L}items: a\n", No("line 3, column 8: `items` must hold a sequence")),
        ("items before all", "items:\n- {A}\n{L}", Items(&["a"])),
        (
            "items twice",
            "{L}items:\n- {A}\nitems:\n- {B}\n",
            No("line 5, column 1: a top-level key must not stand twice"),
        ),
        (
            "kind twice",
            "{L}items:\n- {A}\nkind: ResourceList\n",
            No("line 5, column 1: a top-level key must not stand twice"),
        ),
        ("quoted key", "{L}\"items\":\n- {A}\n", Items(&["a"])),
        ("key with escapes", "{L}\"\\x69tems\":\n- {A}\n", Items(&["a"])),
        ("key with a space behind it", "{L}items :\n- {A}\n", Items(&["a"])),
        ("key with a tab behind it", "{L}items:\t\n- {A}\n", Items(&["a"])),
        (
            "key behind a question mark",
            "{L}? items\n: - {A}\n",
            No("line 3, column 3: a top-level key must stand on a line of its own"),
        ),
        (
            "items on the line of their key",
            "{L}items: - {A}\n",
            No("line 3, column 8: block sequence entries are not allowed"),
        ),
        ("tag and anchor", "{L}items: !!seq &x # c\n- {A}\n", Items(&["a"])),
        ("flow sequence on the next line", "{L}items:\n  [{A},\n   {B}]\nz: 1\n", Items(&["a", "b"])),
        ("flow sequence on the next line at column 0", "{L}items:\n[{A}, {B},\n]\nz: 1\n", Items(&["a", "b"])),
        ("flow sequence on the next line with a fake item", "{L}items:\n  ['\n- {A}\n']\n", No("`items[0]`")),
        ("wide items", "{L}items:\n  - {A}\n  - {B}\nz: 1\n", Items(&["a", "b"])),
        ("items at column 3", "{L}items:\n   - {A}\n   - {B}\n", Items(&["a", "b"])),
        ("items at uneven columns", "{L}items:\n- {A}\n - {B}\n", No("line 5, column 2")),
        (
            "the list moved right",
            "  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items:\n  - {A}\n",
            Items(&["a"]),
        ),
        ("dashes on lines of their own", "{L}items:\n-\n  {A}\n-\n\n  # c\n  {B}\n", Items(&["a", "b"])),
        ("far behind dashes", "{L}items:\n-    {A}\n- \t{B}\n", Items(&["a", "b"])),
        ("text that names items before them", "{L}note: |\n  items:\n  - {B}\nitems:\n- {A}\n", Items(&["a"])),
        ("quotes that name items before them", "{L}note: '\nitems:\n- {B}\n'\nitems:\n- {A}\n", Items(&["a"])),
        ("items inside of something else", "{L}note:\n  items:\n  - {B}\nitems:\n- {A}\n", Items(&["a"])),
        // What stands between them.
        ("comments between items", "{L}items:\n# 1\n- {A} # 2\n  # 3\n# 4\n\n# 5\n- {B}\n# 6\n", Items(&["a", "b"])),
        ("comments that look like items", "{L}items:\n#- {B}\n- {A}\n# - {B}\n", Items(&["a"])),
        ("blank lines between items", "{L}items:\n\n- {A}\n\n\n- {B}\n\nz: 1\n", Items(&["a", "b"])),
        ("lines of spaces and tabs between items", "{L}items:\n- {A}\n   \n\t\n- {B}\n", Items(&["a", "b"])),
        ("some lines that end with CR LF", "{L}items:\r\n- {A}\r\n- {B}\n", Items(&["a", "b"])),
        ("carriage returns alone", "{L}items:\r- {A}\r- {B}\r", Items(&["a", "b"])),
        ("next line between items", "{L}items:\n- {A}\u{85}- {B}\n", Items(&["a", "b"])),
        ("line separator between items", "{L}items:\n- {A}\u{2028}- {B}\n", Items(&["a", "b"])),
        ("line separator in a comment before an item", "{L}items:\n- {A} # c\u{2029}- {B}\n", Items(&["a", "b"])),
        (
            "document marker between items",
            "{L}items:\n- {A}\n---\n- {B}\n",
            No("line 5, column 1: a second document must not follow"),
        ),
        // What the items are.
        ("items of items", "{L}items:\n- - {A}\n  - {B}\n", No("reading `items[0]`: an item must be an object")),
        ("text as an item", "{L}items:\n- {A}\n- b\n", No("reading `items[1]`: an item must be an object")),
        ("nothing as an item", "{L}items:\n- {A}\n-\n", No("reading `items[1]`: an item must be an object")),
        (
            "anchor before quotes before a fake item",
            "{L}items:\n- {A}\n- &x \"\n- {B}\n\"\n",
            No("reading `items[1]`: an item must be an object"),
        ),
        ("anchored item", "{L}items:\n- &x {A}\n- &x\n  {B}\n", Items(&["a", "b"])),
        ("item with a tag", "{L}items:\n- !!map {A}\n", Items(&["a"])),
        (
            "item that is an alias",
            "{L}items:\n- &x {A}\n- *x\n",
            No("reading `items[1]`: line 1, column 3: unknown anchor"),
        ),
        (
            "alias of what another item has",
            "{L}items:\n- &x {A}\n- {x: *x}\n",
            No("reading `items[1]`: line 1, column 7: unknown anchor"),
        ),
        ("the same anchor in two items", "{L}items:\n- {x: [&x 1, *x]}\n- {x: [&x 1, *x]}\n", Items(&["", ""])),
        (
            "kind twice in an item",
            "{L}items:\n- kind: A\n  kind: B\n",
            No("reading `items[0]`: line 2, column 3: the mapping has this key already"),
        ),
        (
            "name twice in an item",
            "{L}items:\n- metadata:\n    name: a\n    name: a\n",
            No("reading `items[0]`: line 3, column 5: the mapping has this key already"),
        ),
        ("metadata behind a merge key", "{L}items:\n- <<: {metadata: {name: a}}\n  kind: A\n", Items(&["a"])),
        ("metadata behind an alias", "{L}items:\n- spec: &x {name: a}\n  metadata: *x\n", Items(&["a"])),
        ("metadata behind quotes with escapes", "{L}items:\n- \"met\\x61data\": {name: a}\n", Items(&["a"])),
        ("metadata behind a question mark", "{L}items:\n- ? metadata\n  : name: a\n", Items(&["a"])),
        // Braces and JSON.
        (
            "braces",
            "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{A}, {B}]}\n",
            Items(&["a", "b"]),
        ),
        (
            "braces over lines",
            "{ # c\napiVersion: config.kubernetes.io/v1,\nkind: ResourceList,\nitems: [\n{A}, # d\n{B} ] }",
            Items(&["a", "b"]),
        ),
        ("braces and null", "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: }", Items(&[])),
        (
            "compact JSON",
            r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"metadata":{"name":"a"}}]}"#,
            Items(&["a"]),
        ),
        (
            "spaced JSON",
            "\n { \"kind\" : \"ResourceList\" ,\r\n\t\"items\" : [ { \"metadata\" : { \"name\" : \"a\" } } , {} ] , \"apiVersion\" : \"config.kubernetes.io/v1\" } \n",
            Items(&["a", ""]),
        ),
        (
            "JSON with escapes in keys",
            r#"{"apiVersion":"config.kubernetes.io\/v1","kind":"ResourceList","\u0069tems":[{"metadata":{"name":"a"}}]}"#,
            Items(&["a"]),
        ),
        (
            "JSON with items twice",
            r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[],"items":[]}"#,
            No("line 1, column 74: a top-level key must not stand twice"),
        ),
        (
            "JSON that is cut",
            r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"#,
            No("line 1, column 73"),
        ),
        (
            "JSON with a second document",
            "{\"apiVersion\":\"config.kubernetes.io/v1\",\"kind\":\"ResourceList\",\"items\":[]}\n{}\n",
            No("line 2, column 1"),
        ),
    ]
};

/// What must become of an edit.
#[derive(Debug, Clone, Copy)]
pub enum Edited {
    /// The lines that go, behind `-`, and those that come, behind `+`; nothing else changes.
    Lines(&'static [&'static str]),
    /// It is refused with this text in the reason.
    Kept(&'static str),
}

/// Items, and what becomes of them when the annotation `example.com/added` is added, when `/spec/image` is replaced, and
/// when `/spec/args` is removed. `{K}` stands for the lines that name the item.
pub const FIXTURES: &[(&str, &str, [Edited; 3])] = &{
    use Edited::{Kept, Lines};
    const ANNOTATIONS: Edited = Lines(&["+  annotations:", "+    example.com/added: \"yes\""]);
    const ANNOTATION: Edited = Lines(&["+    example.com/added: \"yes\""]);
    const IMAGE: Edited = Lines(&["-  image: a:1", "+  image: b:2"]);
    const ARGS: Edited = Lines(&["-  args: [x]"]);
    [
        ("plain", "{K}spec:\n  image: a:1\n  args: [x]\n", [ANNOTATIONS, IMAGE, ARGS]),
        (
            "comments behind values",
            "{K}spec:\n  image: a:1 # image\n  args: [x] # args\n  z: 1 # z\n",
            [ANNOTATIONS, Lines(&["-  image: a:1 # image", "+  image: b:2 # image"]), Lines(&["-  args: [x] # args"])],
        ),
        (
            "comments on lines of their own",
            "{K}# of spec\nspec:\n  # of image\n  image: a:1\n  # of args\n  args: [x]\n    # still\n  # of z\n  z: 1\n",
            [ANNOTATIONS, IMAGE, Lines(&["-  args: [x]", "-    # still"])],
        ),
        (
            "annotations that are there",
            "kind: A\nmetadata:\n  annotations:\n    a: b # c\n  name: a\nspec: {image: 'a:1', args: []}\n",
            [
                ANNOTATION,
                Lines(&["-spec: {image: 'a:1', args: []}", "+spec: {image: 'b:2', args: []}"]),
                Lines(&["-spec: {image: 'a:1', args: []}", "+spec: {image: 'a:1'}"]),
            ],
        ),
        (
            "annotations in braces",
            "kind: A\nmetadata: {annotations: {a: b}, name: a}\nspec:\n  image: \"a:1\"\n  args:\n  - x\n  - z\n",
            [
                Lines(&[
                    "-metadata: {annotations: {a: b}, name: a}",
                    "+metadata: {annotations: {a: b, example.com/added: \"yes\"}, name: a}",
                ]),
                Lines(&["-  image: \"a:1\"", "+  image: \"b:2\""]),
                Lines(&["-  args:", "-  - x", "-  - z"]),
            ],
        ),
        (
            "annotations of nothing",
            "kind: A\nmetadata:\n  annotations: {} # none\n  name: a\nspec:\n  args: [] # none\n  image: a:1\n",
            [
                Lines(&["-  annotations: {} # none", "+  annotations: # none", "+    example.com/added: \"yes\""]),
                IMAGE,
                Lines(&["-  args: [] # none"]),
            ],
        ),
        (
            "annotations that end with a literal",
            "kind: A\nmetadata:\n  annotations:\n    a: |+\n      b\n\n  name: a\nspec:\n  image: a:1\n  args: [x]\n",
            [ANNOTATION, IMAGE, ARGS],
        ),
        (
            "annotations that end with quotes over lines",
            "kind: A\nmetadata:\n  annotations:\n    a: \"b\n- c\n      d\" # e\n  name: a\nspec:\n  image: a:1\n  args: [x]\n",
            [ANNOTATION, IMAGE, ARGS],
        ),
        (
            "annotations that end with a folded scalar",
            "kind: A\nmetadata:\n  annotations:\n    a: >-\n      b\n        c\n\n      d\n\n  # of name\n  name: a\nspec:\n  image: a:1\n  args: [x]\n",
            [ANNOTATION, IMAGE, ARGS],
        ),
        (
            "annotations indented by four",
            "kind: A\nmetadata:\n    annotations:\n        a: b\n    name: a\nspec:\n    image: a:1\n    args:\n        - x\n",
            [
                Lines(&["+        example.com/added: \"yes\""]),
                Lines(&["-    image: a:1", "+    image: b:2"]),
                Lines(&["-    args:", "-        - x"]),
            ],
        ),
        (
            "metadata in braces over lines",
            "kind: A\nmetadata: {\n  name: a, # c\n  annotations: {\n    a: b # d\n  }\n}\nspec:\n  image: a:1\n  args: [x]\n",
            [Lines(&["-    a: b # d", "+    a: b, # d", "+    example.com/added: \"yes\""]), IMAGE, ARGS],
        ),
        (
            "all in braces",
            "{kind: A, metadata: {name: a}, spec: {args: [x], image: a:1}}\n",
            [
                Lines(&[
                    "-{kind: A, metadata: {name: a}, spec: {args: [x], image: a:1}}",
                    "+{kind: A, metadata: {name: a, annotations: {example.com/added: \"yes\"}}, spec: {args: [x], image: a:1}}",
                ]),
                Lines(&[
                    "-{kind: A, metadata: {name: a}, spec: {args: [x], image: a:1}}",
                    "+{kind: A, metadata: {name: a}, spec: {args: [x], image: \"b:2\"}}",
                ]),
                Lines(&[
                    "-{kind: A, metadata: {name: a}, spec: {args: [x], image: a:1}}",
                    "+{kind: A, metadata: {name: a}, spec: {image: a:1}}",
                ]),
            ],
        ),
        (
            "JSON over lines",
            "{\n  \"kind\": \"A\",\n  \"metadata\": {\n    \"name\": \"a\"\n  },\n  \"spec\": {\n    \"image\": \"a:1\",\n    \"args\": [\"x\"]\n  }\n}\n",
            [
                Lines(&[
                    "-    \"name\": \"a\"",
                    "+    \"name\": \"a\",",
                    "+    \"annotations\": {\"example.com/added\": \"yes\"}",
                ]),
                Lines(&["-    \"image\": \"a:1\",", "+    \"image\": \"b:2\","]),
                Lines(&["-    \"image\": \"a:1\",", "-    \"args\": [\"x\"]", "+    \"image\": \"a:1\""]),
            ],
        ),
        (
            "lines that end with CR LF",
            "kind: A\r\nmetadata:\r\n  name: a\r\nspec:\r\n  image: a:1\r\n  args:\r\n  - x\r\n",
            [
                Lines(&["+  annotations:\r", "+    example.com/added: \"yes\"\r"]),
                Lines(&["-  image: a:1\r", "+  image: b:2\r"]),
                Lines(&["-  args:\r", "-  - x\r"]),
            ],
        ),
        (
            "no line break at the end",
            "kind: A\nspec:\n  args: [x]\n  image: a:1\nmetadata:\n  name: a",
            [Lines(&["+  annotations:", "+    example.com/added: \"yes\""]), IMAGE, ARGS],
        ),
        (
            "comments and blank lines at the end",
            "kind: A\nspec:\n  image: a:1\n  args: [x]\nmetadata:\n  name: a\n  # of name\n\n# of what follows\n",
            [ANNOTATIONS, IMAGE, ARGS],
        ),
        (
            "octal mode, yes and a date beside",
            "{K}spec:\n  mode: 0644\n  image: a:1\n  yes: on\n  args: [x]\n  at: 2020-01-01\n  version: 1.10\n",
            [ANNOTATIONS, IMAGE, ARGS],
        ),
        (
            "image on the next line",
            "{K}spec:\n  image: # here\n    a:1\n  args: # there\n  # more\n  - x # x\n  - - z\n  # of w\n  w: 1\n",
            [
                ANNOTATIONS,
                Lines(&["-    a:1", "+    b:2"]),
                Lines(&["-  args: # there", "-  # more", "-  - x # x", "-  - - z"]),
            ],
        ),
        (
            "image in a literal",
            "{K}spec:\n  image: |-\n    a:1\n  args: [x]\n",
            [ANNOTATIONS, Lines(&["-    a:1", "+    b:2"]), ARGS],
        ),
        (
            "image with a tag and an anchor",
            "{K}spec:\n  image: !!str &x a:1\n  args: &z [x]\n",
            [ANNOTATIONS, Lines(&["-  image: !!str &x a:1", "+  image: !!str &x b:2"]), Lines(&["-  args: &z [x]"])],
        ),
        (
            "quoted keys",
            "\"kind\": A\n'metadata':\n  \"name\": a\n\"spec\":\n  'image': a:1\n  \"args\" : [x]\n",
            [ANNOTATIONS, Lines(&["-  'image': a:1", "+  'image': b:2"]), Lines(&["-  \"args\" : [x]"])],
        ),
        (
            "tabs behind colons",
            "{K}spec:\t# c\n  image:\ta:1\t# d\n  args:\t[x]\n",
            [ANNOTATIONS, Lines(&["-  image:\ta:1\t# d", "+  image: b:2\t# d"]), Lines(&["-  args:\t[x]"])],
        ),
        (
            "byte-order mark and document start",
            "\u{feff}--- # start\n{K}spec:\n  image: a:1\n  args: [x]\n...\n",
            [ANNOTATIONS, IMAGE, ARGS],
        ),
        (
            "keys behind question marks",
            "kind: A\n? metadata\n: name: a\nspec:\n  ? image\n  : a:1\n  ? args\n  : [x]\n",
            [
                Lines(&["+  annotations:", "+    example.com/added: \"yes\""]),
                Lines(&["-  : a:1", "+  : b:2"]),
                Kept("`? key`"),
            ],
        ),
        (
            "metadata shared by an alias",
            "kind: A\nmetadata: &x\n  name: a\nspec:\n  image: a:1\n  args: *x\n",
            [Kept("anchored and used elsewhere"), IMAGE, Kept("an alias of one that is written elsewhere")],
        ),
        (
            "image shared by an alias",
            "{K}spec:\n  image: &x a:1\n  args: [*x]\n",
            [ANNOTATIONS, Kept("anchored and used elsewhere"), Lines(&["-  args: [*x]"])],
        ),
        (
            "image behind a merge key",
            "{K}base: &x {image: a:1, args: [x]}\nspec:\n  <<: *x\n  z: 1\n",
            [ANNOTATIONS, Kept("merge key"), Kept("merge key")],
        ),
        (
            "annotations behind a merge key",
            "kind: A\nbase: &x\n  annotations: {a: b}\nmetadata:\n  <<: *x\n  name: a\nspec:\n  image: a:1\n  args: [x]\n",
            [Kept("merge key"), IMAGE, ARGS],
        ),
        (
            "a line separator before it all",
            "kind: A # c\u{2028}metadata:\n  name: a\nspec:\n  image: a:1\n  args: [x]\n",
            [ANNOTATIONS, IMAGE, ARGS],
        ),
    ]
};
