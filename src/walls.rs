//! The line and its walls: what each module may use, compared with every path that the sources write.
//!
//! The sources are read as tokens, so that comments and strings are no code and a macro hides nothing. A path is followed
//! through what modules import and re-export to the module that holds it. What only tests are compiled with is left out.

mod paths;
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use paths::{Module, Sources};

/// The line, from left to right. `field_path`, `redacted` and `workload` are where they are first needed.
const LINE: [&str; 19] = [
    "yaml",
    "field_path",
    "redacted",
    "wire",
    "workload",
    "flyteadmin",
    "spec",
    "credentials",
    "graph",
    "classify",
    "inject",
    "check",
    "report",
    "steps",
    "split",
    "verify",
    "explain",
    "init",
    "fetch",
];

/// The circles that are known. The list only gets shorter.
const KNOWN_CIRCLES: [(&str, &[&str]); 0] = [];

/// The modules directly below one that use each other in a circle, through whatever lies below them.
#[derive(Debug, PartialEq, Eq)]
struct Circle {
    parent: Module,
    members: BTreeSet<String>,
    /// One use in it for each pair of members.
    uses: Vec<String>,
}

/// What is wrong with the uses of the modules among each other.
#[derive(Debug, Default, PartialEq, Eq)]
struct Breaches {
    /// Uses of what is to the right in the line, and imports that hide what they use.
    walls: Vec<String>,
    circles: Vec<Circle>,
}

fn breaches(sources: &Sources, line: &[&str]) -> Breaches {
    let mut walls = sources.globs();
    let place = |name: &String| line.iter().position(|known| known == name);
    let mut siblings: BTreeMap<Module, BTreeMap<(String, String), String>> = BTreeMap::new();
    for (user, used) in sources.uses() {
        let shared = user.iter().zip(&used).take_while(|(one, other)| one == other).count();
        let described = format!("{} uses {}", user.join("::"), used.join("::"));
        if used.is_empty() && !user.is_empty() {
            walls.push(format!("{} uses what lib.rs holds", user.join("::")));
        }
        // The file that opens a module holds the types that its parts share, and calls them.
        let (Some(from), Some(to)) = (user.get(shared), used.get(shared)) else { continue };
        if shared > 0 {
            let pair = (from.clone(), to.clone());
            siblings.entry(user[..shared].to_vec()).or_default().entry(pair).or_insert(described);
        } else if place(from).is_none() || place(from) < place(to) || place(to).is_none() {
            walls.push(described);
        }
    }
    let circles = siblings.into_iter().flat_map(|(parent, uses)| circles(&parent, &uses)).collect();
    Breaches { walls, circles }
}

fn circles(parent: &Module, uses: &BTreeMap<(String, String), String>) -> Vec<Circle> {
    let reached_from = |start: &String| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(from) = open.pop() {
            let next = uses.keys().filter(|(user, _)| user == from).map(|(_, used)| used);
            open.extend(next.filter(|used| reached.insert((*used).clone())));
        }
        reached
    };
    let names: BTreeSet<&String> = uses.keys().flat_map(|(user, used)| [user, used]).collect();
    let reached: BTreeMap<&String, BTreeSet<String>> = names.iter().map(|name| (*name, reached_from(name))).collect();
    let circle_of = |name: &String| -> BTreeSet<String> {
        reached[name].iter().filter(|other| reached[*other].contains(name)).cloned().collect()
    };
    let found: BTreeSet<BTreeSet<String>> = names.into_iter().map(circle_of).filter(|one| !one.is_empty()).collect();
    found
        .into_iter()
        .map(|members| {
            let inside = |pair: &(String, String)| members.contains(&pair.0) && members.contains(&pair.1);
            let uses = uses.iter().filter(|(pair, _)| inside(pair)).map(|(_, described)| described.clone()).collect();
            Circle { parent: parent.clone(), members, uses }
        })
        .collect()
}

/// The sources of the library, by following the `mod` declarations from `lib.rs`.
fn read() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    Sources::read(&|module: &[String]| {
        let name = if module.is_empty() { "lib".to_owned() } else { module.join("/") };
        let file = root.join(name + ".rs");
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("reading {}: {error}", file.display()))
    })
}

#[test]
fn a_module_uses_only_modules_to_its_left() {
    let sources = read();
    let declared: BTreeSet<&str> = sources.modules().filter(|module| module.len() == 1).map(|one| &*one[0]).collect();
    assert_eq!(declared, LINE.into_iter().collect(), "the line holds each module of lib.rs");
    assert!(sources.modules().count() > 50, "the sources must be found");
    assert_eq!(breaches(&sources, &LINE).walls, [""; 0]);
}

#[test]
fn the_files_of_a_module_do_not_use_each_other_in_a_circle() {
    let mut unseen: Vec<_> = KNOWN_CIRCLES.to_vec();
    for circle in breaches(&read(), &LINE).circles {
        let parent = circle.parent.join("::");
        let is_it = |(known, members): &(&str, &[&str])| {
            *known == parent && circle.members.iter().all(|member| members.contains(&&**member))
        };
        assert!(KNOWN_CIRCLES.iter().any(is_it), "{parent}: {:?} in a circle: {:#?}", circle.members, circle.uses);
        unseen.retain(|known| !is_it(known));
    }
    assert_eq!(unseen, [], "a circle that is gone must be taken out of the list");
}
