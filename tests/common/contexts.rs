//! A kubeconfig for several clusters of a test.
#![allow(dead_code, reason = "every test crate compiles this file and uses its own part of it")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::api_server::Cluster;
use crate::common::{BINARY, Finished, Scratch, run};

/// A kubeconfig with a context for each of several clusters, and the real kubectl as a program of its own.
pub struct Contexts {
    directory: Scratch,
    config: Value,
}

impl Contexts {
    /// The first of the clusters is the current context.
    pub fn new(clusters: &[(&str, &Cluster)]) -> Self {
        let directory = Scratch::new();
        let program = clusters[0].1.program.display();
        let kubectl = directory.path().join("kubectl");
        fs::write(&kubectl, format!("#!/bin/sh\nexec {program} kubectl \"$@\"\n")).unwrap();
        fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
        let mut config = json!({"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []});
        config["current-context"] = json!(clusters[0].0);
        for (name, cluster) in clusters {
            let own = fs::read_to_string(cluster.directory().join("kubeconfig")).unwrap();
            let own: Value = serde_yaml::from_str(&own).unwrap();
            for list in ["clusters", "users"] {
                let mut entry = own[list][0].clone();
                entry["name"] = json!(name);
                config[list].as_array_mut().unwrap().push(entry);
            }
            let context = json!({"name": name, "context": {"cluster": name, "user": name}});
            config["contexts"].as_array_mut().unwrap().push(context);
        }
        Self { directory, config }
    }

    /// Adds a context in which another user, who is known by a token, talks to a cluster.
    pub fn add_user(&mut self, name: &str, cluster: &str, token: &str) {
        let user = json!({"name": name, "user": {"token": token}});
        self.config["users"].as_array_mut().unwrap().push(user);
        let context = json!({"name": name, "context": {"cluster": cluster, "user": name}});
        self.config["contexts"].as_array_mut().unwrap().push(context);
    }

    /// A directory with `kubectl` in it, and nothing else that can be run.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        let path = self.directory.path().join("kubeconfig");
        fs::write(&path, self.config.to_string()).unwrap();
        path
    }

    /// Runs `split-planes credentials`.
    pub fn fetch(&self, planes: &Path, output: &Path, more: &[&str]) -> Finished {
        let mut command = Command::new(BINARY);
        command.arg("credentials").arg("-c").arg(planes).arg("-o").arg(output).args(more);
        command.arg("--kubectl").arg(self.directory.path().join("kubectl"));
        run(command.env("KUBECONFIG", self.kubeconfig()), b"")
    }
}
