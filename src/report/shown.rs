//! Decides what of a text is shown: no credential, nothing that may be one, and no character that steers a terminal.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::Finding;
use crate::credentials::{SecretMatcher, suspects, values};
use crate::redacted::{visible, withhold};
use crate::spec::Spec;
use crate::wire::{ResId, Resource};
use crate::yaml::view;

/// What must not be shown of one input. Everything that leaves the program, but the resources themselves, goes through it.
#[derive(Default)]
pub struct Shown {
    matcher: Option<SecretMatcher>,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl Shown {
    /// What must not be shown of `items` and the configuration in `config`; there is no spec if that cannot be read.
    #[must_use]
    pub fn of(spec: Option<&Spec>, items: &[Resource<'_>], config: Option<&str>) -> Self {
        let config = config.and_then(|text| view::read(text).ok());
        let mut credentials = suspects(items, config.as_ref());
        credentials.extend(spec.into_iter().flat_map(|spec| values(spec, items)));
        Self { matcher: Some(SecretMatcher::new(&credentials)) }
    }

    /// The text without secrets.
    #[must_use]
    pub fn withheld<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let is_known = |text: &str| self.matcher.as_ref().is_some_and(|matcher| matcher.find(text).is_some());
        withhold(text, &is_known)
    }

    /// The text without secrets, on one line.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        visible(&self.withheld(text)).into_owned()
    }

    /// The finding without secrets.
    #[must_use]
    pub fn finding(&self, finding: &Finding) -> Finding {
        Finding {
            severity: finding.severity,
            message: self.text(&finding.message),
            resource: finding.resource.as_ref().map(|id| self.id(id)),
            field: finding.field.as_ref().map(|field| field.printed_as(self.text(field.as_str()))),
            lines: finding.lines.iter().map(|line| self.text(line)).collect(),
        }
    }

    /// The id without secrets.
    fn id(&self, id: &ResId) -> ResId {
        let mut gvk = (*id.gvk).clone();
        for part in [&mut gvk.group, &mut gvk.version, &mut gvk.kind] {
            *part = self.text(part);
        }
        let namespace = id.namespace.as_ref().map(|namespace| self.text(namespace));
        ResId { gvk: gvk.into(), namespace, name: self.text(&id.name) }
    }

    /// The value without secrets in its strings and keys.
    #[must_use]
    pub fn value(&self, value: Value) -> Value {
        each_text(value, &|text| self.withheld(text).into_owned())
    }

    /// The value without secrets in its strings and keys, each of whose lines has only visible characters.
    #[must_use]
    pub fn value_of_lines(&self, value: Value) -> Value {
        each_text(value, &|text| self.withheld(text).split('\n').map(visible).collect::<Vec<_>>().join("\n"))
    }
}

fn each_text(value: Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(values) => values.into_iter().map(|value| each_text(value, change)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (change(&key), each_text(value, change))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, base64_of};
    use crate::field_path::FieldPath;
    use crate::redacted::WITHHELD;

    fn shown<T>(of: impl FnOnce(&Shown) -> T) -> T {
        let deployment = Deployment::of(&json!({"secret": "a"})).secret("a", &json!({"token": base64_of(OPAQUE)}));
        deployment.run(|spec, items| of(&Shown::of(Some(spec), items, None)))
    }

    #[test]
    fn a_finding_shows_no_credential_in_any_of_its_parts() {
        let id = ResId::core("Secret", Some("flyte"), OPAQUE);
        let finding = Finding::error(format!("got {OPAQUE:?}")).on(&id).at(FieldPath::at("data").key(OPAQUE));
        let line = shown(|shown| shown.finding(&finding)).line();
        assert_eq!(line, format!("error: v1/Secret/flyte/{WITHHELD} data.{WITHHELD}: got \"{WITHHELD}\""));
        let finding = Finding::warning("a name").on(&ResId::core("Secret", None, "a"));
        assert_eq!(shown(|shown| shown.finding(&finding)), finding);
    }

    #[test]
    fn a_finding_is_one_line() {
        let finding = Finding::error("got a\u{1b}[31m")
            .on(&ResId::core("Pod", None, "a\nerror: forged"))
            .at(FieldPath::default().key("b\u{202e}"));
        assert_eq!(
            Shown::default().finding(&finding).line(),
            "error: v1/Pod/a\\nerror: forged [\"b\\u{202e}\"]: got a\\u{1b}[31m"
        );
    }

    #[test]
    fn a_value_keeps_all_but_secrets() {
        let value = json!({"a": [OPAQUE, 1, {OPAQUE: "b\n"}]});
        assert_eq!(shown(|shown| shown.value(value)), json!({"a": [WITHHELD, 1, {WITHHELD: "b\n"}]}));
    }
}
