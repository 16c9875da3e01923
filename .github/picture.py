#!/usr/bin/env python3
"""Draws the README's picture, before and after the split, from what the program explains.

    kustomize build … | split-planes explain -c planes.yaml -o json | .github/picture.py > .github/planes.svg
"""
import html
import json
import sys

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
SHOWN = WORKLOADS + ("CustomResourceDefinition",)
ROW, WIDTH, GAP = 22, 270, 50
MADE = {"Secret": "+", "Mount": "credentials mounted", "Clusters": "clusters listed", "Override": "public hosts"}

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2330 } .muted { fill: #5c6678; font-size: 11.5px } .head { font-weight: 650 }
.box { fill: #fff; stroke: #cfd6e1 } .control { stroke: #2f5fd0 } .data { stroke: #147a55 } .new { fill: #147a55; font-size: 11.5px }
.arrow { stroke: #5c6678; fill: none; stroke-width: 1.6 } .tip { fill: #5c6678 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9ef } .muted { fill: #9aa4b5 } .new { fill: #5fcf9f } .box { fill: #181c24; stroke: #3a4352 }
  .control { stroke: #83a8ff } .data { stroke: #5fcf9f } .arrow { stroke: #9aa4b5 } .tip { fill: #9aa4b5 }
}
"""


def text(x, y, words, css=""):
    return f'<text x="{x}" y="{y}" class="{css}">{html.escape(words)}</text>'


def without_hash(name):
    """The name without the suffix that kustomize gives generated ConfigMaps."""
    head, _, tail = name.rpartition("-")
    return head if len(tail) == 10 and set(tail) <= set("2456789bcdfghkmt") else name


def box(x, y, title, lines, css):
    """A plane with its lines. Returns its height and its elements."""
    height = 40 + ROW * len(lines)
    drawn = [f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="9" class="box {css}" stroke-width="1.6"/>', text(x + 14, y + 24, title, "head")]
    for at, (words, style) in enumerate(lines):
        drawn.append(text(x + 14, y + 46 + ROW * at, words, style))
    return height, drawn


def arrow(x1, y1, x2, y2):
    middle = (x1 + x2) / 2
    return f'<path class="arrow" d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2 - 7} {y2}"/><path class="tip" d="M{x2} {y2}l-9 -5v10z"/>'


def main():
    explanation = json.load(sys.stdin)
    resources, injections = explanation["resources"], explanation["injections"]

    def plane(name):
        """What runs in a plane, how much there is beside it, and what is injected."""
        members = [r for r in resources if r["plane"] in (name, "Both")]
        runs = [r for r in members if r["kind"] in SHOWN]
        lines = [(f"{r['name'].split('.')[0]}", "") for r in runs]
        lines.append((f"and {len(members) - len(runs)} more resources", "muted"))
        for injection in injections:
            if injection["plane"] == name and injection["kind"] != "Checksum":
                of = without_hash(injection["resource"].rsplit("/", 1)[1])
                made = "Secret" if injection["kind"] == "Secret" else MADE[injection["kind"]]
                lines.append((f"+ {of}: {made}", "new"))
        return lines

    runs = [r for r in resources if r["kind"] in SHOWN]
    placed = [r for r in resources if r["plane"] != "Local"]
    before = [(r["name"].split(".")[0], "") for r in runs] + [(f"and {len(placed) - len(runs)} more resources", "muted")]
    clusters = next(i["clusters"] for i in injections if i["kind"] == "Clusters")

    right = WIDTH + 2 * GAP + 126
    control_height, control = box(right, 10, "Control plane", plane("ControlPlane"), "control")
    data_top = 10 + control_height + 34
    data_height, data = box(right, data_top, f"Data plane, in {len(clusters)} clusters", plane("DataPlane"), "data")
    total = data_top + data_height + 10
    before_height = 40 + ROW * len(before)
    before_top = (total - before_height) / 2
    _, one = box(10, before_top, "One deployment", before, "")
    middle = before_top + before_height / 2
    hub = WIDTH + 10 + GAP
    parts = [
        arrow(WIDTH + 10, middle, hub, middle),
        f'<rect x="{hub}" y="{middle - 18}" width="116" height="36" rx="18" class="box" stroke-width="1.6"/>', text(hub + 15, middle + 4.5, "split-planes", "head"),
        arrow(hub + 116, middle, right, 10 + control_height / 2), arrow(hub + 116, middle, right, data_top + data_height / 2),
    ]
    size = f'{right + WIDTH + 10} {total}'
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="One deployment becomes a control plane and a data plane">')
    print(f"<style>{STYLE}</style>", *one, *control, *data, *parts, "</svg>", sep="\n")


main()
