//! Planted imports: each form that Rust has must be seen.

use super::*;

const LEFT_TO_RIGHT: [&str; 3] = ["left", "middle", "right"];

/// A crate of modules by their paths; what is not given is empty.
fn crate_of(files: &[(&str, &str)]) -> Sources {
    let root = "pub mod left; pub mod middle; pub mod right;";
    Sources::read(&|module: &[String]| {
        let path = module.join("::");
        let planted = files.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| *text);
        if module.is_empty() { [root, planted].concat() } else { planted.to_owned() }
    })
}

fn planted(files: &[(&str, &str)]) -> Breaches {
    breaches(&crate_of(files), &LEFT_TO_RIGHT)
}

#[test]
fn every_form_of_a_forbidden_import_is_seen() {
    for form in [
        "use crate::right;",
        "use crate::right::Thing;",
        "use crate::right as other;",
        "use crate::r#right::Thing;",
        "pub use crate::right::Thing;",
        "pub(crate) use crate::right::{self};",
        "use crate::{left, right};",
        "use crate::{left::{A, B}, right::{C as D}};",
        "use {std::fs, crate::{right::E}};",
        "use super::right;",
        "use super::{left, right::F};",
        "use self::super::right::G;",
        "use crate::right::*;",
        "use split_planes::right::H;",
        "fn f() -> crate::right::Thing { loop {} }",
        "fn f() { super::right::run() }",
        "fn f() { use crate::right; }",
        "fn f() { println!(\"{}\", crate::right::NUMBER) }",
        "macro_rules! m { () => { $crate::right::run() } }",
        "use crate as c; fn f() { c::right::run() }",
        "use crate::{self as c}; use c::right;",
        "use super as up; fn f() { up::right::run() }",
        "mod inner { fn f() { super::super::right::run() } }",
        "#[cfg(test)] mod tests { use super::*; } use crate::right::Thing;",
        "#[cfg(test)] use crate::{left}; use crate::right::Thing;",
        "#[cfg(not(test))] use crate::right::Thing;",
        "#[derive(crate::right::Derive)] struct S;",
    ] {
        assert_ne!(planted(&[("middle", form)]).walls, [""; 0], "{form}");
    }
}

#[test]
fn what_is_no_use_of_a_module_to_the_right_is_allowed() {
    for form in [
        "use crate::left::{self, Thing}; use std::{fs, io::{self, Read}};",
        "// use crate::right;\n/// [`crate::right`]\nfn f() { let text = \"crate::right::run()\"; }",
        "#[cfg(test)] mod tests { use crate::right::Thing; }",
        "#[cfg(test)] pub(crate) mod tests;",
        "#[cfg(test)] use crate::{right::{Thing}};",
        "#[cfg(test)] #[rustfmt::skip] fn f() { crate::right::run() }",
        "enum Kind { A } use Kind::*; fn f() { other_crate::right::run() }",
        "fn f(right: u8) { let x: left::Y = right; right::z() }",
    ] {
        assert_eq!(planted(&[("middle", form)]), Breaches::default(), "{form}");
    }
}

#[test]
fn a_re_export_leads_to_what_it_exports() {
    let through_the_root = planted(&[("", "pub use right::Thing;"), ("left", "use crate::Thing;")]);
    assert_eq!(through_the_root.walls, ["left uses right"]);
    let private = planted(&[("", "use right::{Thing as T};"), ("left", "fn f() { super::T::new() }")]);
    assert_eq!(private.walls, ["left uses right"]);
    let held_by_the_root = planted(&[("", "pub struct Run;"), ("right", "use crate::Run;")]);
    assert_eq!(held_by_the_root.walls, ["right uses what lib.rs holds"]);
    let in_two_steps =
        planted(&[("right", "pub use middle_name::A; mod middle_name { pub struct A; }"), ("middle", "")]);
    assert_eq!(in_two_steps, Breaches::default());
}

#[test]
fn a_glob_on_a_module_hides_what_is_used() {
    let glob = planted(&[("middle", "mod part;"), ("middle::part", "use super::*;")]);
    assert_eq!(glob.walls, ["middle::part imports super::*"]);
}

#[test]
fn files_that_use_each_other_in_a_circle_are_found() {
    let members = |files: &[(&str, &str)]| -> Vec<Vec<String>> {
        let circles = planted(files).circles.into_iter();
        circles.map(|circle| circle.members.into_iter().collect()).collect()
    };
    let middle = ("middle", "mod a; mod b; mod c; pub use b::Thing;");
    let none: Vec<Vec<String>> = Vec::new();
    let two = members(&[middle, ("middle::a", "use super::b::X;"), ("middle::b", "use crate::middle::a;")]);
    assert_eq!(two, [["a", "b"]]);
    let (a, b) = (("middle::a", "use super::Thing;"), ("middle::b", "fn f() { super::c::run() }"));
    assert_eq!(members(&[middle, a, b, ("middle::c", "use super::{a::Y};")]), [["a", "b", "c"]]);
    assert_eq!(members(&[middle, a, b, ("middle::c", "use super::Owned;")]), none, "the parent's types are everyone's");
    let below = ("middle::b", "mod deep;");
    let deep = ("middle::b::deep", "use crate::middle::a::Y;");
    assert_eq!(members(&[middle, a, below, deep]), [["a", "b"]], "through what lies below `b`");
}
