//! Takes the steps for each plane and keeps what they found, where a run would have stopped too.

use super::Outcome;
use crate::credentials::{self, Now, Rule};
use crate::report::{Finding, Severity};
use crate::spec::{SecretSource, Spec};
use crate::split::{self, Target};
use crate::steps::{self, Sorted};
use crate::wire::Resource;

/// The outputs that injection can be planned for, and what is found on the way: of all data planes, unless the spec says
/// whose it is.
///
/// `spec` is asked for one output after the other.
pub fn outcomes(spec: &mut Spec, items: &[Resource<'_>], sorted: &Sorted, now: Now) -> (Vec<Outcome>, Vec<Finding>) {
    let Sorted { graph, classified, .. } = sorted;
    let mut outcomes = Vec::new();
    let mut findings = Vec::new();
    let cluster = spec.cluster.clone();
    let is_meant = |target: &Target| target.cluster.is_none() || cluster.is_none() || target.cluster == cluster;
    for target in split::outputs(spec).into_iter().filter(is_meant) {
        target.ask(spec);
        let source = spec.credentials.source;
        let resolved = steps::resolve(spec, items, now).or_else(|problems| {
            findings.extend(problems.iter().map(finding));
            // How the rest is wired does not depend on what is inside the Secret.
            spec.credentials.source = SecretSource::Existing;
            steps::resolve(spec, items, now)
        });
        let written = resolved.ok().map(|(resolved, warnings)| {
            findings.extend(warnings.iter().map(Finding::from));
            steps::write(spec, items, graph, &classified.placements, resolved.as_ref())
        });
        spec.credentials.source = source;
        // What has no place is missing everywhere else too: one error is enough.
        let is_sorted = classified.problems.is_empty();
        match written {
            Some(Ok(written)) => {
                findings.extend(written.findings.iter().filter(|_| is_sorted).cloned());
                outcomes.push(Outcome { plane: target.plane, cluster: target.cluster, written });
            }
            Some(Err(problems)) if is_sorted => findings.extend(problems),
            Some(Err(_)) | None => {}
        }
    }
    (outcomes, findings)
}

/// The finding for a credential; what is simply not there yet is no error before a control plane is written.
fn finding(problem: &credentials::Problem) -> Finding {
    let finding = Finding::from(problem);
    let is_to_come = matches!(problem.rule, Rule::NoItem { .. });
    if is_to_come { Finding { severity: Severity::Warning, ..finding } } else { finding }
}
