//! Recognises the parts of Flyte and their usual neighbours by what containers run.

use serde_json::Value;

use crate::flyteadmin::command::{Command, words};
use crate::spec::{Claim, Plane};
use crate::wire::Resource;
use crate::workload::{list, pod_template, text};

/// What a workload is to a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// `flyteadmin serve`, or the binary of all components, which read the section `clusters`.
    Admin,
    /// `flyteadmin clusterresource`, which reads it too.
    ClusterResources,
    /// Another command of flyteadmin.
    AdminTask,
    /// The console.
    Console,
    /// datacatalog, or its successor the cache service.
    Catalog,
    /// flytescheduler.
    Scheduler,
    /// flytepropeller.
    Propeller,
    /// flytepropeller's webhook.
    Webhook,
    /// An agent or connector, which flytepropeller calls.
    Connector,
    /// The binary of Flyte 2.
    Second,
    /// A database or an object store.
    Store,
    /// What serves Ingresses.
    IngressController,
    /// A dashboard for people.
    Dashboard,
}

/// The programs of Flyte, longer names before those that they contain.
const PROGRAMS: [(&str, Component); 13] = [
    ("flyte-binary-v2", Component::Second),
    ("flyteconsole", Component::Console),
    ("flytescheduler", Component::Scheduler),
    ("datacatalog", Component::Catalog),
    ("cacheservice", Component::Catalog),
    ("flytepropeller-manager", Component::Propeller),
    ("flytepropeller", Component::Propeller),
    ("flyteadmin", Component::AdminTask),
    ("flyte-binary", Component::Admin),
    ("flyteagent", Component::Connector),
    ("flyteconnector", Component::Connector),
    ("flyte-connectors", Component::Connector),
    ("flyteplugins", Component::Connector),
];

/// What else stands beside Flyte, by a part of the image's name.
const NEIGHBOURS: [(&str, Component); 18] = [
    ("postgres", Component::Store),
    ("minio", Component::Store),
    ("mysql", Component::Store),
    ("mariadb", Component::Store),
    ("gce-proxy", Component::Store),
    ("cloudsql", Component::Store),
    ("cloud-sql", Component::Store),
    ("rustfs", Component::Store),
    ("contour", Component::IngressController),
    ("envoy", Component::IngressController),
    ("traefik", Component::IngressController),
    ("ingress-nginx", Component::IngressController),
    ("nginx-ingress", Component::IngressController),
    ("aws-load-balancer-controller", Component::IngressController),
    ("alb-ingress-controller", Component::IngressController),
    ("external-dns", Component::IngressController),
    ("dashboard", Component::Dashboard),
    ("metrics-scraper", Component::Dashboard),
];

impl Component {
    /// Where it belongs.
    pub fn claim(self) -> Claim {
        match self {
            Self::Propeller | Self::Webhook | Self::Connector => Claim::Only(Plane::Data),
            Self::Store => Claim::Both,
            _ => Claim::Only(Plane::Control),
        }
    }

    /// Whether it is a part of Flyte.
    pub fn is_flyte(self) -> bool {
        !matches!(self, Self::Store | Self::IngressController | Self::Dashboard)
    }

    /// Why it belongs there.
    pub fn why(self) -> &'static str {
        match self {
            Self::Admin => "serves Flyte's API and schedules onto the clusters",
            Self::ClusterResources => "makes the namespaces of the projects in every cluster",
            Self::AdminTask => "runs a command of flyteadmin",
            Self::Console => "serves the console",
            Self::Catalog => "serves the catalog of cached outputs",
            Self::Scheduler => "starts the scheduled executions",
            Self::Propeller => "runs the workflows",
            Self::Webhook => "puts secrets into the pods of the workflows",
            Self::Connector => "is called by flytepropeller",
            Self::Second => "runs Flyte 2",
            Self::Store => "is a store for both planes; every cluster then has one of its own, a managed one is shared",
            Self::IngressController => "serves Ingresses, and those of Flyte are in the control plane",
            Self::Dashboard => "is for people who look after the cluster",
        }
    }
}

/// What an item's containers run; nothing where it runs none that is known.
pub fn of(item: &Resource<'_>) -> Option<Component> {
    let pod = pod_template(item.id())?.get(item.value(), &["spec"])?;
    let containers = || list(pod, "containers").iter().chain(list(pod, "initContainers"));
    let flyte: Vec<Component> = containers().filter_map(flyte).collect();
    // `generate-secrets` and `run-migrations` are steps on the way to what serves.
    let main = [Component::Admin, Component::ClusterResources].into_iter().find(|main| flyte.contains(main));
    let neighbour = || list(pod, "containers").iter().find_map(|container| by_image(container, &NEIGHBOURS));
    main.or_else(|| flyte.first().copied()).or_else(neighbour)
}

/// The part of Flyte that a container runs.
fn flyte(container: &Value) -> Option<Component> {
    let words: Vec<String> = words(container).collect();
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let by_word = words.iter().find_map(|word| {
        let program = word.rsplit('/').next();
        PROGRAMS.iter().find(|(name, _)| program == Some(name)).map(|(_, component)| *component)
    });
    let component = by_word.or_else(|| by_image(container, &PROGRAMS))?;
    Some(match component {
        Component::AdminTask if Command::of(container).reads_clusters() => {
            if has("serve") {
                Component::Admin
            } else {
                Component::ClusterResources
            }
        }
        Component::Propeller if has("webhook") => Component::Webhook,
        component => component,
    })
}

/// The first of `table` whose name is part of the last part of the image's name.
fn by_image(container: &Value, table: &[(&str, Component)]) -> Option<Component> {
    let image = text(container, "image");
    let repository = image.split('@').next().unwrap_or_default();
    let name = repository.rsplit('/').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    table.iter().find(|(part, _)| name.contains(part)).map(|(_, component)| *component)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn component(containers: &Value, init: &Value) -> Option<Component> {
        let spec = json!({"containers": containers, "initContainers": init});
        let item = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "any"},
            "spec": {"template": {"spec": spec}}});
        of(&Resource::read(item.to_string(), "").unwrap())
    }

    #[test]
    fn a_workload_is_known_by_what_it_runs_and_not_by_its_name() {
        for (containers, expected) in [
            (json!([{"command": ["/bin/flyteadmin", "serve"]}]), Some(Component::Admin)),
            (json!([{"image": "x/flyteadmin:v1@sha256:0", "args": ["clusterresource", "run"]}]), {
                Some(Component::ClusterResources)
            }),
            (json!([{"command": ["sh", "-c", "flyteadmin migrate run"]}]), Some(Component::AdminTask)),
            (
                json!([{"image": "mirror.example.com:5000/a/flyte-binary:v1", "args": ["start"]}]),
                Some(Component::Admin),
            ),
            (json!([{"image": "x/flyte-binary-v2:latest"}]), Some(Component::Second)),
            (json!([{"image": "x/flyteconsole-v2"}]), Some(Component::Console)),
            (json!([{"command": ["flytescheduler", "run"]}]), Some(Component::Scheduler)),
            (json!([{"command": ["flytepropeller", "webhook"]}]), Some(Component::Webhook)),
            (json!([{"image": "nginx"}, {"command": ["flytepropeller"]}]), Some(Component::Propeller)),
            (json!([{"image": "docker.io/minio/minio:1"}]), Some(Component::Store)),
            (json!([{"image": "example.com/flyteadmin/web:1"}]), None),
        ] {
            assert_eq!(component(&containers, &json!([])), expected, "{containers}");
        }
        // A database is waited for, which makes nobody a database.
        let waits = json!([{"image": "postgres:10", "command": ["sh"]}, {"command": ["datacatalog", "migrate"]}]);
        assert_eq!(component(&json!([{"image": "x"}]), &waits), Some(Component::Catalog));
        assert_eq!(component(&json!([{"image": "x"}]), &json!([{"image": "postgres:10"}])), None);
    }
}
