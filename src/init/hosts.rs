//! Finds the host names of the control plane in what the data plane reads, and proposes what to write instead.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::selectors::{identity, stable_name};
use super::{Draft, Override};
use crate::field_path::FieldPath;
use crate::graph::{Mention, Services, mentions_of};
use crate::spec::{Claim, Plane};
use crate::wire::Resource;
use crate::yaml::view;

/// The name of the public host that stands for flyteadmin.
const FLYTE: &str = "flyte";

/// The domain of placeholders.
const PLACEHOLDER: &str = "example.com";

/// Adds an override for each text of a ConfigMap of the data plane with a host that is in the control plane alone.
pub fn propose(draft: &mut Draft, items: &[Resource<'_>], claims: &[Option<Claim>]) {
    let services = Services::new(items);
    let is_out_of_reach = |at: &usize| claims[*at] == Some(Claim::Only(Plane::Control));
    for (at, item) in items.iter().enumerate() {
        if !claims[at].is_some_and(|claim| claim.includes(Plane::Data)) {
            continue;
        }
        let mentions = mentions_of(item, &services);
        let broken = mentions.iter().filter(|mention| mention.targets.iter().all(is_out_of_reach));
        let mut by_field: BTreeMap<&FieldPath, Vec<&Mention>> = BTreeMap::new();
        for mention in broken {
            by_field.entry(&mention.field).or_default().push(mention);
        }
        for (field, mentions) in by_field {
            let proposed = proposal(item, field, &mentions, items);
            match proposed {
                Some(proposed) => draft.overrides.push(proposed),
                None => draft.unreachable.push(unreachable(item, field, &mentions)),
            }
        }
    }
}

fn unreachable(item: &Resource<'_>, field: &FieldPath, mentions: &[&Mention]) -> String {
    let hosts: Vec<&str> = mentions.iter().map(|mention| mention.host.as_str()).collect();
    format!("{} {} {field} names {}", item.id().gvk.kind, stable_name(item), hosts.join(", "))
}

/// The override of the text in `field`, if it is YAML and every host is in a value of its own.
fn proposal(item: &Resource<'_>, field: &FieldPath, mentions: &[&Mention], items: &[Resource<'_>]) -> Option<Override> {
    let data = item.value().get("data").filter(|_| item.id().gvk.kind == "ConfigMap")?.as_object()?;
    let (key, text) = data.iter().find(|(key, _)| *field == FieldPath::at("data").key(key))?;
    let config = view::read(text.as_str()?).ok()?;
    let mut rewriting = Rewriting { mentions, items, placeholders: Vec::new() };
    let merge = rewriting.rewritten(&config, "")?;
    let mut hosts: Vec<&str> = mentions.iter().map(|mention| mention.host.as_str()).collect();
    hosts.dedup();
    let comment = format!("A data plane does not reach {} of the control plane.", hosts.join(" and "));
    Some(Override {
        comments: vec![comment],
        namespace: identity(item, items).get("namespace").map(|_| item.id().namespace.clone().unwrap_or_default()),
        config_map: stable_name(item).to_owned(),
        key: key.clone(),
        merge: merge.as_object()?.clone(),
        placeholders: rewriting.placeholders,
    })
}

struct Rewriting<'r, 'a> {
    mentions: &'r [&'r Mention],
    items: &'r [Resource<'a>],
    placeholders: Vec<(String, String)>,
}

impl Rewriting<'_, '_> {
    /// What of `value` must be merged so that it names public hosts; nothing where it names none.
    fn rewritten(&mut self, value: &Value, path: &str) -> Option<Value> {
        match value {
            Value::String(text) => {
                let public = self.public(text)?;
                self.placeholders.push((path.to_owned(), public.clone()));
                Some(Value::String(public))
            }
            // A list is replaced as a whole.
            Value::Array(list) => {
                let below = |at: usize| format!("{path}[{at}]");
                let new: Vec<Option<Value>> =
                    list.iter().enumerate().map(|(at, entry)| self.rewritten_whole(entry, &below(at))).collect();
                let changed = new.iter().any(Option::is_some);
                let entries = list.iter().zip(new).map(|(old, new)| new.unwrap_or_else(|| old.clone()));
                changed.then(|| entries.collect())
            }
            Value::Object(entries) => {
                let mut merge = Map::new();
                for (key, entry) in entries {
                    let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    if let Some(new) = self.rewritten(entry, &below) {
                        merge.insert(key.clone(), new);
                    }
                }
                // A public host is reached through TLS.
                if merge.values().any(Value::is_string) && entries.get("insecure") == Some(&json!(true)) {
                    merge.insert("insecure".to_owned(), json!(false));
                }
                (!merge.is_empty()).then_some(Value::Object(merge))
            }
            _ => None,
        }
    }

    /// An entry of a list with everything that is not rewritten; nothing where nothing is.
    fn rewritten_whole(&mut self, entry: &Value, path: &str) -> Option<Value> {
        let new = self.rewritten(entry, path)?;
        let mut whole = entry.clone();
        json_patch::merge(&mut whole, &new);
        Some(whole)
    }

    /// The text with public hosts in place of those that are not reached.
    fn public(&self, text: &str) -> Option<String> {
        let mut public = text.to_owned();
        for mention in self.mentions {
            let name = self.host(mention);
            let needs_port = mention.host.contains(':') && !public.contains("http://");
            let replacement = if needs_port { format!("{name}:443") } else { name };
            public = replaced(&public, &mention.host, &replacement).unwrap_or(public);
        }
        (public != text).then(|| public.replace("http://", "https://"))
    }

    /// The public name of a Service: the host of an Ingress that leads to it, or a placeholder.
    fn host(&self, mention: &Mention) -> String {
        let ingress = self.items.iter().find_map(|item| ingress_host(item, &mention.service));
        ingress.unwrap_or_else(|| {
            let is_admin = mention.service.contains("flyteadmin") || mention.service.contains("flyte-binary");
            let label = if is_admin { FLYTE } else { mention.service.as_str() };
            format!("{label}.{PLACEHOLDER}")
        })
    }
}

/// `text` with `host` replaced wherever it is a word of its own.
fn replaced(text: &str, host: &str, replacement: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut from = 0;
    while let Some(at) = text[from..].find(host).map(|at| at + from) {
        let end = at + host.len();
        if !text[..at].ends_with(is_part) && !text[end..].starts_with(is_part) {
            let rest = replaced(&text[end..], host, replacement).unwrap_or_else(|| text[end..].to_owned());
            return Some(format!("{}{replacement}{rest}", &text[..at]));
        }
        from = end;
    }
    None
}

/// The host of the rule of an Ingress that leads to a Service.
fn ingress_host(item: &Resource<'_>, service: &str) -> Option<String> {
    if item.id().gvk.kind != "Ingress" {
        return None;
    }
    let rules = item.value().pointer("/spec/rules")?.as_array()?;
    rules.iter().find_map(|rule| {
        let host = rule.get("host")?.as_str().filter(|host| host.contains('.') && !host.contains('*'))?;
        let leads = |path: &Value| {
            let names = ["/backend/service/name", "/backend/serviceName"];
            names.iter().any(|name| path.pointer(name).and_then(Value::as_str) == Some(service))
        };
        rule.pointer("/http/paths")?.as_array()?.iter().any(leads).then(|| host.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_replaced_only_as_a_word() {
        for (text, expected) in [
            ("flyteadmin:81", Some("F:443")),
            ("dns:///flyteadmin:81", Some("dns:///F:443")),
            ("a flyteadmin:81, flyteadmin:81", Some("a F:443, F:443")),
            ("my-flyteadmin:81", None),
            ("flyteadmin:810", None),
        ] {
            assert_eq!(replaced(text, "flyteadmin:81", "F:443").as_deref(), expected, "{text}");
        }
    }
}
