//! Whole lists, framed and filled in every way that readers take or refuse.

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
        (
            "flow sequence on the next line at column 0",
            "{L}items:\n[{A}, {B},\n]\nz: 1\n",
            No("line 5, column 1: could not find expected ':'"),
        ),
        ("flow sequence on the next line with a fake item", "{L}items:\n  ['\n- {A}\n']\n", No("`items[0]`")),
        ("wide items", "{L}items:\n  - {A}\n  - {B}\nz: 1\n", Items(&["a", "b"])),
        ("items at column 3", "{L}items:\n   - {A}\n   - {B}\n", Items(&["a", "b"])),
        (
            "items at uneven columns",
            "{L}items:\n- {A}\n - {B}\n",
            No("reading `items[0]`: line 2, column 2: did not find expected '-' indicator"),
        ),
        (
            "the list moved right",
            "  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items:\n  - {A}\n",
            Items(&["a"]),
        ),
        ("dashes on lines of their own", "{L}items:\n-\n  {A}\n-\n\n  # c\n  {B}\n", Items(&["a", "b"])),
        ("far behind dashes", "{L}items:\n-    {A}\n-  {B}\n", Items(&["a", "b"])),
        (
            "tab behind a dash",
            "{L}items:\n- \t{A}\n",
            No("line 4, column 3: found character that cannot start any token"),
        ),
        ("text that names items before them", "{L}note: |\n  items:\n  - {B}\nitems:\n- {A}\n", Items(&["a"])),
        ("quotes that name items before them", "{L}note: '\nitems:\n- {B}\n'\nitems:\n- {A}\n", Items(&["a"])),
        ("items inside of something else", "{L}note:\n  items:\n  - {B}\nitems:\n- {A}\n", Items(&["a"])),
        // What stands between them.
        ("comments between items", "{L}items:\n# 1\n- {A} # 2\n  # 3\n# 4\n\n# 5\n- {B}\n# 6\n", Items(&["a", "b"])),
        ("comments that look like items", "{L}items:\n#- {B}\n- {A}\n# - {B}\n", Items(&["a"])),
        ("blank lines between items", "{L}items:\n\n- {A}\n\n\n- {B}\n\nz: 1\n", Items(&["a", "b"])),
        ("lines of spaces between items", "{L}items:\n- {A}\n   \n \n- {B}\n", Items(&["a", "b"])),
        (
            "line of a tab between items",
            "{L}items:\n- {A}\n\t\n- {B}\n",
            No("line 5, column 1: found character that cannot start any token"),
        ),
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
            No("reading `items[0]`, A: line 2, column 3: the mapping has this key already"),
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
