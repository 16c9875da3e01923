//! Parses the selector syntax of `kubectl -l`: equality-based, set-based and numeric requirements, all of which must hold.
//!
//! Source: Kubernetes documentation, "Labels and Selectors", and `labels.Parse` of `k8s.io/apimachinery`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use kube_core::labels::Expression;

use crate::wire::is_met;

/// Requirements on labels or annotations.
#[derive(Debug, Clone)]
pub struct Selector {
    expressions: Vec<Expression>,
    bounds: Vec<Bound>,
}

/// That a label is there, is an integer, and compares so to another: the requirements that kube does not know.
#[derive(Debug, Clone)]
struct Bound {
    key: String,
    ordering: Ordering,
    limit: i64,
}

/// One requirement.
enum Requirement {
    Expression(Expression),
    Bound(Bound),
}

impl Selector {
    /// Whether all requirements hold where `get` finds the value of a label.
    pub fn matches<'v>(&self, get: impl Fn(&str) -> Option<&'v str>) -> bool {
        let is_within = |bound: &Bound| {
            let found = get(&bound.key).and_then(|value| value.parse::<i64>().ok());
            found.is_some_and(|found| found.cmp(&bound.limit) == bound.ordering)
        };
        self.expressions.iter().all(|expression| is_met(expression, &get)) && self.bounds.iter().all(is_within)
    }
}

/// Parses requirements separated by commas: `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, `a`, `!a`, `a > 1`,
/// `a < 1`.
///
/// # Errors
///
/// What is wrong with the first requirement that does not parse.
pub fn parse(text: &str) -> Result<Selector, String> {
    let mut expressions = Vec::new();
    let mut bounds = Vec::new();
    for text in requirements(text)? {
        match requirement(text)? {
            Requirement::Expression(expression) => expressions.push(expression),
            Requirement::Bound(bound) => bounds.push(bound),
        }
    }
    Ok(Selector { expressions, bounds })
}

/// Splits at the commas that are outside parentheses.
fn requirements(text: &str) -> Result<Vec<&str>, String> {
    let mut found = Vec::new();
    let (mut start, mut is_inside) = (0, false);
    for (at, character) in text.char_indices() {
        match character {
            '(' if !is_inside => is_inside = true,
            ')' if is_inside => is_inside = false,
            '(' | ')' => return Err("parentheses must be around one list of values".to_owned()),
            ',' if !is_inside => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    if is_inside {
        return Err("a parenthesis must be closed".to_owned());
    }
    found.push(text[start..].trim());
    Ok(found)
}

fn requirement(text: &str) -> Result<Requirement, String> {
    for (operator, ordering) in [('>', Ordering::Greater), ('<', Ordering::Less)] {
        if let Some((key, limit)) = text.split_once(operator) {
            let limit = value(limit)?;
            let limit = limit
                .parse()
                .map_err(|_| format!("what follows `{operator}` must be an integer from 0 on, got {limit:?}"))?;
            return Ok(Requirement::Bound(Bound { key: self::key(key)?, ordering, limit }));
        }
    }
    expression(text).map(Requirement::Expression)
}

fn expression(requirement: &str) -> Result<Expression, String> {
    if let Some(key) = requirement.strip_prefix('!') {
        return Ok(Expression::DoesNotExist(self::key(key)?));
    }
    if let Some(list) = requirement.strip_suffix(')') {
        let (head, list) = list.split_once('(').ok_or("a list of values must open with a parenthesis")?;
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace).ok_or("`in` must follow a key")?;
        let values = list.split(',').map(value).collect::<Result<BTreeSet<_>, _>>()?;
        return match operator {
            "in" => Ok(Expression::In(self::key(key)?, values)),
            "notin" => Ok(Expression::NotIn(self::key(key)?, values)),
            _ => Err(format!("the operator before a list must be `in` or `notin`, got {operator:?}")),
        };
    }
    if let Some((key, text)) = requirement.split_once("!=") {
        return Ok(Expression::NotEqual(self::key(key)?, value(text)?));
    }
    if let Some((key, text)) = requirement.split_once('=') {
        return Ok(Expression::Equal(self::key(key)?, value(text.strip_prefix('=').unwrap_or(text))?));
    }
    Ok(Expression::Exists(key(requirement)?))
}

/// A label key: a name, with a DNS name and a slash before it or not.
fn key(text: &str) -> Result<String, String> {
    let key = text.trim();
    let (prefix, name) = key.rsplit_once('/').unwrap_or(("", key));
    let is_prefix = prefix.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    if name.is_empty() || !is_prefix || !is_name(name) {
        return Err(format!("a key must be a label key, got {key:?}"));
    }
    Ok(key.to_owned())
}

fn value(text: &str) -> Result<String, String> {
    let value = text.trim();
    if is_name(value) { Ok(value.to_owned()) } else { Err(format!("a value must be a label value, got {value:?}")) }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        && !text.starts_with(['-', '.', '_'])
        && !text.ends_with(['-', '.', '_'])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_operator_selects_as_kubectl_does() {
        let labels: BTreeMap<String, String> =
            [("app", "web"), ("example.com/tier", "front")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        for (selector, expected) in [
            ("app=web", true),
            ("app==web", true),
            ("app = web , example.com/tier", true),
            ("app=api", false),
            ("app!=api", true),
            ("absent!=api", true),
            ("app!=web", false),
            ("app in (api, web)", true),
            ("app in (api)", false),
            ("app notin (api,db)", true),
            ("absent notin (api)", true),
            ("app notin (web)", false),
            ("absent", false),
            ("!absent", true),
            ("!app", false),
            ("app=web,!app", false),
        ] {
            assert_eq!(
                parse(selector).unwrap().matches(|key| labels.get(key).map(String::as_str)),
                expected,
                "{selector}"
            );
        }
    }

    #[test]
    fn integers_compare_as_in_labels_parse() {
        let labels: BTreeMap<String, String> =
            [("t", "4"), ("cold", "-4"), ("word", "4x"), ("empty", ""), ("huge", "9223372036854775808")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into();
        for (selector, expected) in [
            ("t > 3", true),
            ("t>3", true),
            ("t > 4", false),
            ("t < 5", true),
            ("t<5", true),
            ("t < 4", false),
            ("t > 3, t < 5", true),
            ("t > 3, !t", false),
            ("t > 03", true),
            ("t in (3, 4), t > 3", true),
            ("cold < 0", true),
            ("cold > 0", false),
            ("absent > 3", false),
            ("absent < 3", false),
            ("word > 3", false),
            ("word < 5", false),
            ("empty < 5", false),
            ("huge > 3", false),
        ] {
            assert_eq!(
                parse(selector).unwrap().matches(|key| labels.get(key).map(String::as_str)),
                expected,
                "{selector}"
            );
        }
        // A value must begin with a letter or digit, so that not even kubectl takes `-1`.
        for selector in
            ["t > x", "t >", "t > 1.5", "t>=3", "t > 3 < 5", "t > -1", "t > 9223372036854775808", "> 3", "!t > 3"]
        {
            assert!(parse(selector).is_err(), "{selector:?} must be refused");
        }
    }

    #[test]
    fn nonsense_is_refused_instead_of_selecting_everything() {
        for selector in
            ["", ",", "app=web,", "app in web", "app in (web", "app within (web)", "a b", "=x", "a=b=c", "in (a)"]
        {
            assert!(parse(selector).is_err(), "{selector:?} must be refused");
        }
    }
}
