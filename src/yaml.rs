//! YAML text as bytes: what is in it, where it stands, and how to change one thing without touching another.
//!
//! Text is never emitted from a parsed tree, because a tree forgets what its readers differ in: plain `yes` is text to
//! kustomize and a boolean to kubectl. What is not edited keeps its bytes, and only new values are rendered. Nothing
//! here knows Kubernetes.
//!
//! | module | question | answer |
//! |---|---|---|
//! | [`events`] | what is written, and at which bytes? | [`Events`](events::Events), [`validate`](events::validate) |
//! | [`layout`] | where are the items of a list? | [`Layout`](layout::Layout), [`item_value`](layout::item_value) |
//! | [`view`] | what does it mean to Go's readers? | [`View`](view::View), [`read`](view::read()) as a JSON value, [`check`](view::check) |
//! | [`edit`] | how does a JSON patch change it? | [`apply`](edit::apply), or a [`Refusal`](edit::Refusal) |
//! | [`scalar`] | how is a new value written? | [`render`](scalar::render) |
//!
//! Find the items, read them, edit one, write the list back:
//!
//! ```
//! use json_patch::Patch;
//! use serde_json::{from_value, json};
//! use split_planes::yaml::{edit, layout::Layout, view};
//!
//! let text = r#"
//! items: # by name
//! - name: books   # since 1999
//!   mode: 0644
//!
//! ## the shop below opens on Mondays
//! - {name: "toys", mode: 0644}
//! "#;
//! let list = Layout::new(text, "items")?;
//! let at = list.item_pointer();
//! let mut items: Vec<String> = list.items().map(str::to_owned).collect();
//! for item in &mut items {
//!     let value = view::read(item)?;
//!     let shop = value.pointer(at).expect("that is where an item stands");
//!     assert_eq!(shop["mode"], 420, "Go reads it in octal");
//!     if shop["name"] == "toys" {
//!         let path = format!("{at}/open");
//!         let open = json!([{"op": "add", "path": path, "value": ["on", "Mondays"]}]);
//!         *item = edit::apply(item, &from_value::<Patch>(open)?)?;
//!     }
//! }
//! assert_eq!(
//!     list.compose(items.iter().map(String::as_str), ("notes", &[json!("one edited")]))?,
//!     text.replace("0644}", r#"0644, open: ["on", Mondays]}"#) + "notes:\n- one edited\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//!
//! * **Bytes.** An empty patch gives back its text, and so do the items of a list, composed as they are. An edit is
//!   made only if the text after it reads as the patched value, and so is a list composed that is written oddly.
//! * **Values** are what `yaml.v3` makes of them, through which kustomize and kpt read; [`view`] tells where kubectl
//!   differs. Rendered values are the same to all three.
//! * **Errors** name a line and a column, counted from 1, the column in characters. They do not quote values, which may
//!   be secrets, and neither does the `Debug` of events and layouts.
//! * **Bounds.** Collections nest up to [`events::MAX_DEPTH`] deep, through aliases too. Aliases may be as many as
//!   `yaml.v3` allows, and the scalars behind them may add as many bytes as the text has, and 16 MiB. A list document
//!   has up to 1,000 top-level keys. What is beyond is an error.

pub mod edit;
pub mod events;
pub mod layout;
mod ordinary;
#[cfg(not(fuzzing))]
mod parse;
#[cfg(fuzzing)]
pub mod parse;
mod resolve;
pub mod scalar;
mod text;
mod tree;
pub mod view;

pub use events::Error;
