#!/usr/bin/env python3
"""Times split-planes beside `cat` and a Go function with the same job: compare.py SPLIT_PLANES PEER [COUNT ...].

Every round runs each command once, in turn, on the same list through pipes, so that what else the machine does hits all
of them. Prints the minimum of the wall time, the median of the ratios to split-planes in one round, and the peak memory
beside the size of the list."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
HEAD = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
CONFIG = """functionConfig:
  apiVersion: split-planes.dev/v1alpha1
  kind: PlaneSplit
  metadata:
    name: split
  spec:
    output: ControlPlane
    planes:
      dataPlane:
      - {kind: ConfigMap, namespace: 'team-[0-4]'}
      - {labelSelector: tier=worker}
      neither:
      - {name: app-.*-unused}
      unmatched: ControlPlane
"""


def item(at):
    """A Deployment, a ConfigMap or a custom resource, as kustomize writes them."""
    name, namespace = f"app-{at}", f"team-{at % 10}"
    metadata = f"""  metadata:
    annotations:
      config.kubernetes.io/index: '0'
      config.kubernetes.io/path: {namespace}/{name}.yaml
    labels:
      app.kubernetes.io/name: {name}
      tier: {"worker" if at % 4 == 0 else "web"}
    name: {name}
    namespace: {namespace}
"""
    if at % 3 == 0:
        containers = "".join(
            f"""        - args:
          - --verbosity=2
          - --config=/etc/{name}/*.yaml
          env:
          - name: MODE
            value: "on"
          - name: PASSWORD
            valueFrom:
              secretKeyRef:
                key: password
                name: {name}-{number}
          image: registry.example.com/{namespace}/{name}:v1.{at}
          name: c{number}
          resources:
            limits:
              cpu: 500m
              memory: 1Gi
          volumeMounts:
          - mountPath: /etc/{name}
            name: config
"""
            for number in range(3)
        )
        return f"""- apiVersion: apps/v1
  kind: Deployment
{metadata}  spec:
    replicas: 2
    selector:
      matchLabels:
        app.kubernetes.io/name: {name}
    template:
      metadata:
        labels:
          app.kubernetes.io/name: {name}
      spec:
        containers:
{containers}        volumes:
        - configMap:
            defaultMode: 0644
            name: app-{at + 1}
          name: config
"""
    if at % 3 == 1:
        lines = "".join(f"      key{number}: a line of configuration, number {number}\n" for number in range(30))
        return f"- apiVersion: v1\n  data:\n    app.yaml: |\n{lines}  kind: ConfigMap\n{metadata}"
    tasks = "".join(f"    - {{name: task-{n}, retries: {n}, timeout: 30s, inputs: [a, b]}}\n" for n in range(20))
    return f"- apiVersion: example.com/v1\n  kind: Pipeline\n{metadata}  spec:\n    tasks:\n{tasks}"


def once(command, path):
    """Wall time and peak memory in bytes; output is read and thrown away."""
    with open(path, "rb") as list_file:
        start = time.perf_counter()
        child = subprocess.Popen([command], stdin=list_file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        memory = 0
        while os.read(child.stdout.fileno(), 1 << 20):
            memory = max(memory, peak(child.pid))
        status = child.wait()
        seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command} fails on {path}")
    return seconds, memory


def peak(process):
    """The most memory that a process has had; wait4 would count that of this script as well."""
    with open(f"/proc/{process}/status") as status:
        lines = [line for line in status if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


def compare(commands, path):
    size = os.path.getsize(path)
    runs = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            runs[name].append(once(command, path))
    own = [seconds for seconds, _ in runs["split-planes"]]
    for name, measured in runs.items():
        times = [seconds for seconds, _ in measured]
        ratio = statistics.median(other / mine for other, mine in zip(times, own))
        memory = max(peak for _, peak in measured) / size
        print(f"  {name:14} {min(times) * 1000:8.0f} ms  {ratio:6.2f} x split-planes  {memory:6.1f} x the list in memory")


def main():
    split_planes, peer, *counts = sys.argv[1:]
    commands = {"cat": "cat", "split-planes": split_planes, "kyaml": peer}
    for count in [int(count) for count in counts] or [50, 1000, 10000]:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(HEAD + "".join(map(item, range(count))) + CONFIG)
            file.flush()
            print(f"{count} resources, {os.path.getsize(file.name) / 1e6:.1f} MB")
            compare(commands, file.name)


if __name__ == "__main__":
    main()
