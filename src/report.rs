//! Puts what the steps found into words: KRM results, lines on stderr, and the exit status.

pub mod check;
pub mod classify;
pub mod credentials;
pub mod inject;
pub mod references;
mod shown;
pub mod spec;

use std::collections::HashSet;

use serde_json::{Value, json};

pub use shown::Shown;

use crate::classify::Placement;
use crate::field_path::FieldPath;
use crate::inject::Plan;
use crate::spec::{Loaded, Output, Plane, Spec};
use crate::wire::{ResId, Resource};
use crate::yaml;

/// How bad a finding is, as the functions specification spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run stops and the items stay as they came.
    Error,
    /// The run goes on.
    Warning,
    /// Nothing is wrong.
    Info,
}

impl Severity {
    /// The word the functions specification uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// One thing to tell the user; the `results` of a `ResourceList` are made of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule that is broken, what was found, and the remedy. Never a secret value.
    pub message: String,
    /// The resource concerned.
    pub resource: Option<ResId>,
    /// The field concerned: `spec.template.spec.volumes[0]`. The specification wants a resource beside it.
    pub field: Option<FieldPath>,
    /// Lines below the message, to be copied.
    pub lines: Vec<String>,
}

impl Finding {
    /// A finding that concerns no resource.
    #[must_use]
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, message: message.into(), resource: None, field: None, lines: Vec::new() }
    }

    /// An error.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// Names the resource concerned.
    #[must_use]
    pub fn on(mut self, resource: &ResId) -> Self {
        self.resource = Some(resource.clone());
        self
    }

    /// Names the field concerned.
    #[must_use]
    pub fn at(mut self, field: impl Into<FieldPath>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Puts lines below the message.
    #[must_use]
    pub fn with_lines(mut self, lines: Vec<String>) -> Self {
        self.lines = lines;
        self
    }

    /// The message with the lines below it.
    fn text(&self) -> String {
        [&self.message].into_iter().chain(&self.lines).cloned().collect::<Vec<_>>().join("\n")
    }

    /// The `results` entry.
    #[must_use]
    pub fn result(&self) -> Value {
        let mut result = json!({ "message": self.text(), "severity": self.severity.as_str() });
        if let Some(id) = &self.resource {
            let mut reference = json!({ "apiVersion": id.gvk.api_version(), "kind": id.gvk.kind, "name": id.name });
            if let Some(namespace) = &id.namespace {
                reference["namespace"] = json!(namespace);
            }
            result["resourceRef"] = reference;
            if let Some(field) = &self.field {
                result["field"] = json!({ "path": field });
            }
        }
        result
    }

    /// The line on stderr: `error: v1/Service/shop/web spec.ports[0]: message`. A field that the message quotes is not
    /// named twice.
    #[must_use]
    pub fn line(&self) -> String {
        let field = self.field.iter().filter(|field| !self.message.contains(&format!("`{field}`")));
        let field = field.map(ToString::to_string);
        let place: Vec<String> = self.resource.iter().map(ToString::to_string).chain(field).collect();
        if place.is_empty() {
            format!("{}: {}", self.severity.as_str(), self.text())
        } else {
            format!("{}: {}: {}", self.severity.as_str(), place.join(" "), self.text())
        }
    }
}

/// How a plane is called in running text.
#[must_use]
pub fn plane_name(plane: Plane) -> &'static str {
    match plane {
        Plane::Control => "control plane",
        Plane::Data => "data plane",
    }
}

/// The findings, each of those that concern a field of the spec on the object that the field was read from.
#[must_use]
pub fn located(loaded: &Loaded, findings: Vec<Finding>) -> Vec<Finding> {
    let located = |finding: Finding| match (&finding.resource, &finding.field) {
        (None, Some(field)) => Finding { resource: loaded.holder(field).cloned(), ..finding },
        _ => finding,
    };
    findings.into_iter().map(located).collect()
}

/// That the list, as it is written, cannot carry what is to be changed in it.
#[must_use]
pub fn unwritable(error: &yaml::Error) -> Finding {
    Finding::error(format!("stdin must be a ResourceList that can be changed: {error}"))
}

/// That there is nothing to split.
#[must_use]
pub fn no_items() -> Finding {
    Finding::error(
        "stdin must be a ResourceList with resources, but `items` is empty; in a kustomization, list this function \
         under `transformers`, because those under `generators` get no resources",
    )
}

/// The one info result of a good run. It tells what is there, not what was done, so that a second run says the same.
#[must_use]
pub fn summary(spec: &Spec, items: &[Resource<'_>], placements: &[Placement], plan: &Plan) -> Finding {
    let injected = &plan.injected;
    // With `directories` a resource of both planes is in the package twice.
    let count = |plane| {
        let is_member = |at: &usize| placements[*at].is_in(plane) && !plan.left_out.contains(at);
        (0..items.len()).filter(is_member).map(|at| items[at].id()).collect::<HashSet<_>>().len()
    };
    let resources = match spec.output {
        Output::Plane(plane) => format!("{}: {}", plane_name(plane), counted(count(plane), "resource")),
        Output::All => format!(
            "control plane: {}, data plane: {}",
            counted(count(Plane::Control), "resource"),
            counted(count(Plane::Data), "resource")
        ),
    };
    let containers = injected.mounts.iter().map(|(_, containers)| containers.len()).sum();
    let parts = [
        (injected.secrets.len(), "Secret"),
        (containers, "mount"),
        (injected.targets.len(), "cluster configuration"),
        (injected.overrides.len(), "override"),
    ];
    let injected: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    let injected = if injected.is_empty() { "nothing".to_owned() } else { injected.join(", ") };
    Finding::new(Severity::Info, format!("{resources}; injected: {injected}"))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
