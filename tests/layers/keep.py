"""Leaves out the resources of the other plane and does nothing else: what kustomize makes of the rest is what is wanted."""
import json
import sys

import yaml

resource_list = yaml.safe_load(sys.stdin)
other = {"ControlPlane": "data", "DataPlane": "control"}[resource_list["functionConfig"]["spec"]["output"]]
is_kept = lambda item: (item["metadata"].get("labels") or {}).get("plane") != other
resource_list["items"] = [item for item in resource_list["items"] if is_kept(item)]
json.dump(resource_list, sys.stdout)
