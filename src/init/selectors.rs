//! Writes selectors that match given resources and no others.

use serde_json::{Map, Value, json};

use super::{Line, Seed};
use crate::spec::Claim;
use crate::wire::Resource;
use crate::wire::lookup::{names, without_hash};

/// The name by which a resource is selected: without the hash that a change of its content changes.
pub fn stable_name<'r>(item: &'r Resource<'_>) -> &'r str {
    let id = item.id();
    without_hash(&id.gvk.kind, &id.name).unwrap_or(&id.name)
}

/// The fields that name one resource alone: its kind and name, and its namespace where another has both.
pub fn identity(item: &Resource<'_>, items: &[Resource<'_>]) -> Map<String, Value> {
    let (kind, name) = (&item.id().gvk.kind, stable_name(item));
    let is_namesake = |other: &&Resource<'_>| other.id().gvk.kind == *kind && names(other).any(|found| found == name);
    let mut fields = Map::new();
    fields.insert("kind".to_owned(), json!(kind));
    fields.insert("name".to_owned(), json!(regex::escape(name).replace("\\-", "-")));
    if items.iter().filter(is_namesake).count() > 1
        && let Some(namespace) = &item.id().namespace
    {
        fields.insert("namespace".to_owned(), json!(regex::escape(namespace).replace("\\-", "-")));
    }
    fields
}

/// A selector for each of `seeds`.
pub fn single(seeds: &[Seed], items: &[Resource<'_>]) -> Vec<(Claim, Vec<Line>)> {
    let line = |seed: &Seed| line(&[seed], identity(&items[seed.at], items), items);
    by_claim(seeds, |seeds| seeds.iter().map(|seed| line(seed)).collect())
}

/// As few selectors as match the `seeds` and nothing that belongs elsewhere by `claims`.
pub fn joined(seeds: &[Seed], items: &[Resource<'_>], claims: &[Option<Claim>]) -> Vec<(Claim, Vec<Line>)> {
    by_claim(seeds, |seeds| {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for &seed in seeds {
            let alone = Group::new(seed, items);
            let joined = groups.iter_mut().find_map(|group| {
                let joined = group.with(&alone);
                joined.fits(items, claims, seed.claim).then_some((group, joined))
            });
            match joined {
                Some((group, joined)) => *group = joined,
                None => groups.push(alone),
            }
        }
        groups.into_iter().map(|group| line(&group.seeds, group.fields(), items)).collect()
    })
}

/// What `lines` makes of the seeds of each claim, in the order in which a page has the claims.
fn by_claim<'s>(seeds: &'s [Seed], lines: impl Fn(&[&'s Seed]) -> Vec<Line>) -> Vec<(Claim, Vec<Line>)> {
    let mut claims: Vec<Claim> = seeds.iter().map(|seed| seed.claim).collect();
    claims.sort_unstable();
    claims.dedup();
    let of = |claim: Claim| seeds.iter().filter(|seed| seed.claim == claim).collect::<Vec<_>>();
    claims.into_iter().map(|claim| (claim, lines(&of(claim)))).collect()
}

fn line(seeds: &[&Seed], fields: Map<String, Value>, items: &[Resource<'_>]) -> Line {
    let comment = |seed: &&Seed| format!("{} {}.", stable_name(&items[seed.at]), seed.why);
    Line { comments: seeds.iter().map(comment).collect(), value: Value::Object(fields) }
}

/// Resources that one selector of kinds and names matches.
struct Group<'s> {
    seeds: Vec<&'s Seed>,
    kinds: Vec<String>,
    names: Vec<String>,
    namespace: Option<Value>,
}

impl<'s> Group<'s> {
    fn new(seed: &'s Seed, items: &[Resource<'_>]) -> Self {
        let item = &items[seed.at];
        let namespace = identity(item, items).get("namespace").cloned();
        let (kind, name) = (item.id().gvk.kind.clone(), stable_name(item).to_owned());
        Self { seeds: vec![seed], kinds: vec![kind], names: vec![name], namespace }
    }

    fn with(&self, other: &Self) -> Self {
        let union = |one: &[String], other: &[String]| {
            let mut all = [one, other].concat();
            all.sort();
            all.dedup();
            all
        };
        Self {
            seeds: [&self.seeds[..], &other.seeds].concat(),
            kinds: union(&self.kinds, &other.kinds),
            names: union(&self.names, &other.names),
            namespace: if self.namespace == other.namespace { self.namespace.clone() } else { Some(Value::Null) },
        }
    }

    /// Whether it matches nothing that does not belong to `claim`.
    fn fits(&self, items: &[Resource<'_>], claims: &[Option<Claim>], claim: Claim) -> bool {
        let is_matched = |item: &Resource<'_>| {
            self.kinds.contains(&item.id().gvk.kind)
                && names(item).any(|name| self.names.iter().any(|known| known == name))
        };
        let is_free = self.namespace.is_none();
        is_free && items.iter().zip(claims).all(|(item, found)| !is_matched(item) || *found == Some(claim))
    }

    fn fields(&self) -> Map<String, Value> {
        let escaped: Vec<String> = self.names.iter().map(|name| regex::escape(name).replace("\\-", "-")).collect();
        let mut fields = Map::new();
        fields.insert("kind".to_owned(), json!(self.kinds.join("|")));
        fields.insert("name".to_owned(), json!(escaped.join("|")));
        fields.extend(self.namespace.clone().map(|namespace| ("namespace".to_owned(), namespace)));
        fields
    }
}
