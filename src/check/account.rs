//! Checks that the ServiceAccount whose token the control plane gets has its rights where the token is valid.
//!
//! Source: the Kubernetes documentation, "Using RBAC Authorization", on the subjects of bindings.

use serde_json::Value;

use crate::classify::Placement;
use crate::graph::Graph;
use crate::spec::{Plane, Selector, ServiceAccountToken};
use crate::wire::{ResId, Resource};
use crate::workload::{list, text};

/// The account has rights, and not in the data plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The ServiceAccount.
    pub account: ResId,
    /// What gives it rights and is not in the data plane: bindings, and the roles of those that are.
    pub missing: Vec<ResId>,
}

/// Checks the account of a token.
#[must_use]
pub fn check(
    token: &ServiceAccountToken,
    graph: &Graph,
    items: &[Resource<'_>],
    placements: &[Placement],
    external: &[Selector],
) -> Option<Violation> {
    let is_here = |at: usize| placements[at].is_in(Plane::Data);
    let is_external = |at: usize| external.iter().any(|selector| selector.matches(&items[at]));
    let is_account = |at: &usize| token.is_of(&items[*at]);
    let mut accounts = (0..items.len()).filter(|&at| is_here(at)).chain(0..items.len()).filter(is_account);
    let account = &items[accounts.next()?];
    let bindings: Vec<usize> = (0..items.len()).filter(|&at| binds(&items[at], account)).collect();
    let roles = |binding: usize| {
        let edges = graph.outgoing(binding).map(|(_, edge)| edge);
        edges.filter(|edge| ["Role", "ClusterRole"].contains(&edge.wanted.kind.as_ref())).flat_map(|edge| &edge.targets)
    };
    let mut missing = Vec::new();
    for binding in bindings {
        if is_external(binding) {
            return None;
        }
        if !is_here(binding) {
            missing.push(items[binding].id().clone());
            continue;
        }
        let mut targets = roles(binding).copied().peekable();
        if targets.peek().is_none() || targets.any(|role| is_here(role) || is_external(role)) {
            return None;
        }
        missing.extend(roles(binding).map(|&role| items[role].id().clone()));
    }
    missing.dedup();
    (!missing.is_empty()).then(|| Violation { account: account.id().clone(), missing })
}

/// Whether an item binds a role to an account, by its name or by a group that every account of its namespace is in.
fn binds(item: &Resource<'_>, account: &Resource<'_>) -> bool {
    let gvk = &item.id().gvk;
    let is_binding = gvk.group == "rbac.authorization.k8s.io" || gvk.group == "authorization.openshift.io";
    if !is_binding || !["RoleBinding", "ClusterRoleBinding"].contains(&gvk.kind.as_str()) {
        return false;
    }
    list(item.value(), "subjects").iter().any(|subject| is_subject(subject, account))
}

fn is_subject(subject: &Value, account: &Resource<'_>) -> bool {
    let name = text(subject, "name");
    let namespace = text(subject, "namespace");
    match text(subject, "kind") {
        "ServiceAccount" => {
            account.names().any(|known| known == name)
                && (namespace.is_empty() || account.namespaces().any(|known| known == namespace))
        }
        "Group" => {
            let is_of = |known: &str| name == format!("system:serviceaccounts:{known}");
            ["system:serviceaccounts", "system:authenticated"].contains(&name) || account.namespaces().any(is_of)
        }
        "User" => {
            let is_of = |known: &str| {
                let user = name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
                user.is_some_and(|(of, name)| of == known && account.names().any(|known| known == name))
            };
            account.namespaces().any(is_of)
        }
        _ => false,
    }
}
