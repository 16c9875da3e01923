//! Words for what is wrong with the spec.

use super::Finding;
use crate::spec::Problem;

/// What stops the run.
#[must_use]
pub fn errors(problems: &[Problem]) -> Vec<Finding> {
    problems.iter().map(|problem| placed(Finding::error(message(problem)), problem)).collect()
}

/// What is odd.
#[must_use]
pub fn warnings(problems: &[Problem]) -> Vec<Finding> {
    problems.iter().map(|problem| placed(Finding::warning(message(problem)), problem)).collect()
}

fn message(problem: &Problem) -> String {
    if problem.field.is_empty() { problem.rule.clone() } else { format!("`{}` {}", problem.field, problem.rule) }
}

fn placed(finding: Finding, problem: &Problem) -> Finding {
    match &problem.resource {
        Some(id) if !problem.field.is_empty() => finding.on(id).at(problem.field.clone()),
        Some(id) => finding.on(id),
        None => finding,
    }
}
