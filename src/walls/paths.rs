//! The paths that Rust sources write, and the modules that they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The path of a module below the crate; empty for the crate itself.
pub type Module = Vec<String>;
/// A path as it is written, or one from the crate on, without `crate`.
type Written = Vec<String>;

/// The modules of a crate and what they write.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<Module, Contents>);

#[derive(Debug, Default)]
struct Contents {
    /// What names mean here: imports under their names, re-exports among them.
    names: BTreeMap<String, Written>,
    globs: Vec<Written>,
    paths: BTreeSet<Written>,
    /// The modules that are declared here and lie in files of their own.
    files: Vec<String>,
}

impl Sources {
    /// Reads the crate module by module, as the declarations say; `text` knows what the file of each holds.
    pub fn read(text: &impl Fn(&[String]) -> String) -> Self {
        let mut sources = Self::default();
        let mut open = vec![Module::new()];
        while let Some(module) = open.pop() {
            let tokens: TokenStream = text(&module).parse().unwrap_or_else(|error| panic!("{module:?}: {error}"));
            sources.scan(tokens, &module);
            let files = std::mem::take(&mut sources.0.entry(module.clone()).or_default().files);
            open.extend(files.into_iter().map(|name| below(&module, name)));
        }
        sources
    }

    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.0.keys()
    }

    /// Every use of one module by another.
    pub fn uses(&self) -> BTreeSet<(Module, Module)> {
        let mut uses = BTreeSet::new();
        for (module, contents) in &self.0 {
            let written = contents.paths.iter().chain(contents.names.values());
            for path in written.chain(&contents.globs) {
                uses.extend(self.holder(module, path).map(|(used, _)| (module.clone(), used)));
            }
        }
        uses.retain(|(user, used)| user != used);
        uses
    }

    /// Imports of all that a module holds: what is used of it cannot be seen.
    pub fn globs(&self) -> Vec<String> {
        let whole_module =
            |module: &Module, path: &Written| self.holder(module, path).is_some_and(|(_, rest)| rest.is_empty());
        let of = |(module, contents): (&Module, &Contents)| -> Vec<String> {
            let globs = contents.globs.iter().filter(|path| whole_module(module, path));
            globs.map(|path| format!("{} imports {}::*", module.join("::"), path.join("::"))).collect()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// The module that holds what a path leads to and the path inside it; none outside this crate.
    fn holder(&self, module: &[String], path: &[String]) -> Option<(Module, Written)> {
        self.follow(module, path, 0)
    }

    fn follow(&self, module: &[String], path: &[String], depth: usize) -> Option<(Module, Written)> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" | "split_planes" => &[],
            "self" => module,
            "super" => module.split_last()?.1,
            name => {
                let is_import = self.0.get(module)?.names.contains_key(name);
                let is_here = is_import || self.0.contains_key(&below(module, first.clone()));
                return if is_here { self.inside(module.to_vec(), path, depth) } else { None };
            }
        };
        if rest.first().is_some_and(|next| next == "super") {
            return self.follow(start, rest, depth);
        }
        self.inside(start.to_vec(), rest, depth)
    }

    /// Follows a path from a module on, through its children and what it imports.
    fn inside(&self, mut at: Module, path: &[String], depth: usize) -> Option<(Module, Written)> {
        for (step, name) in path.iter().enumerate() {
            let child = below(&at, name.clone());
            if self.0.contains_key(&child) {
                at = child;
                continue;
            }
            let import = self.0.get(&at).and_then(|contents| contents.names.get(name));
            // An import may have the name of what it imports, and two may lead to each other.
            let target = import.filter(|target| depth < 16 && target.first() != Some(name));
            return match target {
                Some(target) => {
                    let whole: Written = target.iter().chain(&path[step + 1..]).cloned().collect();
                    self.follow(&at, &whole, depth + 1)
                }
                None if import.is_some() => None,
                None => Some((at, path[step..].to_vec())),
            };
        }
        Some((at, Written::new()))
    }

    fn scan(&mut self, tokens: TokenStream, module: &Module) {
        self.0.entry(module.clone()).or_default();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let is_inner = next_is(&mut tokens, '!').is_some();
                    let Some(TokenTree::Group(attribute)) = tokens.next() else { continue };
                    match (attribute.stream().to_string().replace(' ', "") == "cfg(test)", is_inner) {
                        (true, true) => return,
                        (true, false) => skip_item(&mut tokens),
                        (false, _) => self.scan(attribute.stream(), module),
                    }
                }
                TokenTree::Group(group) => self.scan(group.stream(), module),
                TokenTree::Ident(ident) if ident == "use" => self.import(&mut tokens, module),
                TokenTree::Ident(ident) if ident == "mod" => self.declare(&mut tokens, module),
                TokenTree::Ident(ident) => {
                    let mut path = vec![plain(&ident.to_string())];
                    while let Some(name) = next_segment(&mut tokens) {
                        path.push(name);
                    }
                    let contents = self.0.entry(module.clone()).or_default();
                    if path.len() > 1 {
                        contents.paths.insert(path);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// `mod name;` or `mod name { … }`.
    fn declare(&mut self, tokens: &mut Peekable<IntoIter>, module: &Module) {
        let Some(TokenTree::Ident(name)) = tokens.next() else { return };
        let name = plain(&name.to_string());
        match tokens.next() {
            Some(TokenTree::Group(group)) => self.scan(group.stream(), &below(module, name)),
            _ => self.0.entry(module.clone()).or_default().files.push(name),
        }
    }

    /// What follows `use`, up to the semicolon.
    fn import(&mut self, tokens: &mut Peekable<IntoIter>, module: &Module) {
        let tree: TokenStream = tokens
            .by_ref()
            .take_while(|token| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))
            .collect();
        self.branches(tree, &[], module);
    }

    /// The branches of an import, with the path before them.
    fn branches(&mut self, tree: TokenStream, before: &[String], module: &Module) {
        let mut path = before.to_vec();
        let mut alias = None;
        let mut tokens = tree.into_iter().peekable();
        loop {
            let token = tokens.next();
            match token {
                Some(TokenTree::Ident(ident)) if ident == "as" => alias = tokens.next().map(|name| name.to_string()),
                Some(TokenTree::Ident(ident)) => path.push(plain(&ident.to_string())),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.branches(group.stream(), &path, module);
                    path.clear();
                }
                Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => {
                    self.0.entry(module.clone()).or_default().globs.push(std::mem::take(&mut path));
                }
                Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => {}
                ref end @ (Some(TokenTree::Punct(_)) | None) => {
                    self.name(std::mem::replace(&mut path, before.to_vec()), before, alias.take(), module);
                    if end.is_none() {
                        return;
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Notes what one branch of an import brings into the module.
    fn name(&mut self, mut path: Written, before: &[String], alias: Option<String>, module: &Module) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        } else if path == before {
            // Behind the last comma, or after a group or a star.
            return;
        }
        let Some(name) = alias.or_else(|| path.last().cloned()) else { return };
        let contents = self.0.entry(module.clone()).or_default();
        if name == "_" || contents.names.contains_key(&name) {
            contents.paths.insert(path);
        } else {
            contents.names.insert(name, path);
        }
    }
}

fn below(module: &[String], name: String) -> Module {
    module.iter().cloned().chain([name]).collect()
}

/// A name without the mark that lets a keyword be one.
fn plain(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

fn next_is(tokens: &mut Peekable<IntoIter>, wanted: char) -> Option<TokenTree> {
    tokens.next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted))
}

/// The name behind the next `::`, if there is one.
fn next_segment(tokens: &mut Peekable<IntoIter>) -> Option<String> {
    next_is(tokens, ':')?;
    next_is(tokens, ':')?;
    match tokens.next_if(|token| matches!(token, TokenTree::Ident(_)))? {
        TokenTree::Ident(name) => Some(plain(&name.to_string())),
        _ => None,
    }
}

/// Skips what an attribute belongs to: up to its braces or its semicolon.
fn skip_item(tokens: &mut Peekable<IntoIter>) {
    let mut is_import = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !is_import => return,
            TokenTree::Ident(ident) => is_import |= ident == "use",
            _ => {}
        }
    }
}
