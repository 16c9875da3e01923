//! Items as people write them, and the lines that three edits change.

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
            "literal that keeps its breaks at the end, without one",
            "{K}spec:\n  image: a:1\n  args: [x]\n  text: |+\n    b",
            [ANNOTATIONS, IMAGE, ARGS],
        ),
        (
            "literal before the annotation at the end, without a line break",
            "kind: A\nspec:\n  image: a:1\n  args: [x]\nmetadata:\n  annotations:\n    a: |+\n      b",
            [
                // A line break would become part of the text.
                Lines(&["-    a: |+", "-      b", "+    a: |-", "+      b", "+    example.com/added: \"yes\""]),
                IMAGE,
                ARGS,
            ],
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
            [ANNOTATIONS, Lines(&["-  image:\ta:1\t# d", "+  image:\tb:2\t# d"]), Lines(&["-  args:\t[x]"])],
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
