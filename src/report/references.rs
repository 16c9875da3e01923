//! Words.
use super::Finding;
use crate::check::references::Violation;
use crate::spec::Plane;
/// stub
#[must_use]
pub fn finding(_plane: Plane, violation: &Violation) -> Finding {
    match violation {
        Violation::CutOff(d) if d.strength == crate::graph::Strength::Start => Finding::error(format!("`{}` must name a resource of this plane, {} is not in it", d.field, d.wanted)).on(&d.from).at(d.field.clone()),
        Violation::CutOff(d) => Finding::warning(format!("`{}` must name a resource of this plane, {} is not in it", d.field, d.wanted)).on(&d.from).at(d.field.clone()),
        Violation::Missing(d) => Finding::new(super::Severity::Info, format!("`{}` names {}, which is not among the resources", d.field, d.wanted)).on(&d.from).at(d.field.clone()),
        Violation::UnusedSecret { secret } => Finding::warning("is used by nothing").on(secret),
        Violation::CrossesPlanes(c) => Finding::warning(format!("names {}", c.host)).on(&c.from).at(c.field.clone()),
    }
}
