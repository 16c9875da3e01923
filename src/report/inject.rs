//! Words for what prevents the injection.

use super::Finding;
use crate::field_path::FieldPath;
use crate::inject::{Difference, Found, Mismatch, Obstacle, Problem, Type};
use crate::spec::Spec;
use crate::wire::ResId;

/// One error for each.
#[must_use]
pub fn findings(spec: &Spec, problems: &[Problem]) -> Vec<Finding> {
    problems.iter().map(|problem| finding(spec, problem)).collect()
}

/// One warning for each Secret that an earlier version seems to have made, and that nothing mounts any more.
#[must_use]
pub fn orphans(secrets: &[ResId]) -> Vec<Finding> {
    let warning = |id: &ResId| {
        Finding::warning(
            "must be mounted by something, because it holds credentials of clusters, but an earlier run mounted it and \
             this one mounts another Secret; remove it, if it is not yours",
        )
        .on(id)
    };
    secrets.iter().map(warning).collect()
}

fn list<'i>(ids: impl IntoIterator<Item = &'i ResId>) -> String {
    ids.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[allow(clippy::too_many_lines, reason = "one sentence for each problem")]
fn finding(spec: &Spec, problem: &Problem) -> Finding {
    match problem {
        Problem::NoWorkload { field } => {
            Finding::error(format!("`{field}` must select a workload of the control plane, but selects none")).at(field)
        }
        Problem::NoContainer { field, container, workloads } => Finding::error(format!(
            "`{field}.containers` must name containers of {}, but none is called {container:?}",
            list(workloads)
        ))
        .at(field.then("containers")),
        Problem::NoneOfTheContainers { field, workload } => Finding::error(format!(
            "`{field}.containers` must name a container of every workload it selects, but this one has none"
        ))
        .on(workload),
        Problem::Namespaces { workloads } => Finding::error(format!(
            "`spec.credentials.mounts` must select workloads of one namespace, because a pod mounts Secrets of its own \
             only; got {}",
            list(workloads)
        ))
        .at("spec.credentials.mounts"),
        Problem::ForeignNamespace { namespace, workload } => Finding::error(format!(
            "`spec.credentials.namespace` must be the namespace of the workloads that mount the Secret, got \
             {namespace:?}; leave it out"
        ))
        .on(workload),
        Problem::Difference { workload, difference } => self::difference(spec, difference).on(workload),
        Problem::Obstacle { workload, obstacle } => self::obstacle(obstacle).on(workload),
        Problem::ForeignConfigMap { field, id, key } => Finding::error(format!(
            "must have no key but {key:?}, because `{field}.create` makes it; leave `create` out to merge into this \
             ConfigMap, or choose another `configMap`"
        ))
        .on(id),
        Problem::NoConfigMap { field, name, elsewhere: None, read, .. } => no_config_map(field, name, read),
        Problem::NoConfigMap { field, namespace: Some(namespace), elsewhere: Some(id), .. }
            if id.effective_namespace() != namespace =>
        {
            Finding::error(format!(
                "`{field}.namespace` must be that of the ConfigMap, but it is {namespace:?} and this one is in {:?}",
                id.effective_namespace()
            ))
            .on(id)
        }
        Problem::NoConfigMap { field, elsewhere: Some(id), .. } => Finding::error(format!(
            "`{field}.configMap` must name a ConfigMap of the plane that it is changed for, but this one is not in it"
        ))
        .on(id),
        Problem::ManyConfigMaps { field, candidates } => {
            let candidates = list(candidates);
            let rule = format!("must name one ConfigMap, but {candidates} have that name; add `namespace` beside it");
            Finding::error(format!("`{field}.configMap` {rule}")).at(field.then("configMap"))
        }
        Problem::ConfigMapElsewhere { field, namespace } => Finding::error(format!(
            "`{field}.namespace` must be {namespace:?}, the namespace of the workloads in `spec.credentials.mounts`, \
             because `create` makes the ConfigMap for them; leave it out"
        ))
        .at(field.then("namespace")),
        Problem::NoKey { field, config_map, key, keys } => Finding::error(format!(
            "`{field}.key` must be a key of the ConfigMap, but {key:?} is not; it has {}",
            if keys.is_empty() { "no other".to_owned() } else { keys.join(", ") }
        ))
        .on(config_map),
        Problem::Mismatch { id, mismatch } => self::mismatch(mismatch).on(id),
        Problem::BinaryKey { config_map, key } => Finding::error(
            "must be text in `data`, because YAML is merged into it and no key can be in both; move it there",
        )
        .on(config_map)
        .at(FieldPath::at("binaryData").key(key)),
        Problem::NotConfiguration { config_map, key, rule } => {
            Finding::error(rule.clone()).on(config_map).at(FieldPath::at("data").key(key))
        }
        Problem::NoEndpoint { cluster } => Finding::error(format!(
            "`spec.clusters[{cluster}].endpoint` must be set to the https URL of the cluster's API server"
        ))
        .at(FieldPath::at("spec.clusters").index(*cluster).then("endpoint")),
        Problem::LeftOver { config_map, key, cluster } => {
            left_over(cluster).on(config_map).at(FieldPath::at("data").key(key))
        }
        Problem::ForeignSecret { id } => Finding::error(
            "must be a Secret that this function made, because it has the name of the one to make; rename it, choose \
             another `spec.credentials.secretName`, or set `spec.credentials.source` to Existing",
        )
        .on(id),
        Problem::ExistingSecretElsewhere { id } => Finding::error(
            "must be in the control plane, because an `existingSecret` of `spec.clusters` names it and flyteadmin's pods \
             mount it; list it under `controlPlane`",
        )
        .on(id),
        Problem::TokenWithoutAccount { id } => Finding::error(
            "must be in the data plane, because `spec.dataPlane.serviceAccountToken` asks for its token there; list it \
             under `both`",
        )
        .on(id),
        Problem::ForeignToken { id } => Finding::error(
            "must be the Secret that asks for the token of `spec.dataPlane.serviceAccountToken`, because it has its name; \
             rename it, or choose another `spec.dataPlane.serviceAccountToken.secretName`",
        )
        .on(id),
        Problem::Shared { id } => Finding::error(
            "must be in one plane with `spec.output: All`, because it is changed for one plane alone; write \
             the planes separately, or take it out of `both`",
        )
        .on(id),
        Problem::NoPath { id } => Finding::error(
            "must come from a file of a kpt package, because `spec.directories` is set; leave it out elsewhere",
        )
        .on(id),
        Problem::Refused { id, field, reason } => {
            let finding = Finding::error(format!("must be written so that it can be edited: {reason}")).on(id);
            if field.is_empty() { finding } else { finding.at(field) }
        }
    }
}

fn no_config_map(field: &FieldPath, name: &str, read: &[String]) -> Finding {
    let read = if read.is_empty() {
        String::new()
    } else {
        format!("; the workloads in `spec.credentials.mounts` read {}", read.join(", "))
    };
    Finding::error(format!(
        "`{field}.configMap` must name a ConfigMap among the resources, but there is no {name:?}{read}"
    ))
    .at(field.then("configMap"))
}

fn left_over(cluster: &str) -> Finding {
    Finding::error(format!(
        "cluster {cluster:?} is enabled, but an earlier run made its credentials and this one does not; set \
         `enabled: false` first, or add it to `spec.clusters`, or remove the entry"
    ))
}

fn difference(spec: &Spec, difference: &Difference) -> Finding {
    let path = &spec.credentials.mount_path;
    let rule = match difference.found {
        Found::Volume => {
            "must be the credentials volume, but another volume has its name; rename that volume, or choose \
                          another `spec.credentials.secretName`"
                .to_owned()
        }
        Found::Mount => format!(
            "must be mounted whole at {path:?}, but the volume is mounted in another way; remove that mount, or set \
             `spec.credentials.mountPath` to its path"
        ),
        Found::Path => format!(
            "must not be mounted at {path:?}, the credentials are: move that mount, or choose another \
             `spec.credentials.mountPath`"
        ),
    };
    Finding::error(rule).at(difference.field.clone())
}

fn mismatch(mismatch: &Mismatch) -> Finding {
    let reason = match mismatch.expected {
        Type::Mapping => "because something is added to it: write a mapping, or leave it out",
        Type::List => "because something is added to it: write a list, or leave it out",
        Type::Text => "because YAML is merged into that text: put the `|` of a block behind the key, or quotes",
    };
    Finding::error(format!("must be {}, {reason}", mismatch.expected)).at(mismatch.field.clone())
}

fn obstacle(obstacle: &Obstacle) -> Finding {
    match obstacle {
        Obstacle::Directory { field, container, paths, patterns } => {
            let found = match (&paths[..], &patterns[..]) {
                ([], _) => "it mounts none".to_owned(),
                (_, []) => format!("{} could be read", paths.join(" and ")),
                _ => format!("its command line says --config {}, not {}", patterns.join(" and "), paths.join(" or ")),
            };
            Finding::error(format!(
                "container {container:?} must read one directory with a ConfigMap, so that the one of \
                 `spec.clusterConfig.targets[].create` can join it: {found}"
            ))
            .at(field.clone())
        }
        Obstacle::Volume { field } => Finding::error(
            "must be the volume of the ConfigMap that `spec.clusterConfig.targets[].create` makes, another volume has \
             its name: rename that volume, or choose another `configMap`",
        )
        .at(field.clone()),
    }
}
