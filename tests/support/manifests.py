"""The shipped Kubernetes manifests as kubectl builds them, and what their schemas and a queue object to."""

from __future__ import annotations

import copy
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

Manifest = dict[str, Any]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docker/kubernetes"
OVERLAYS = ("cpu", "gpu", "spot", "kueue")
COMPONENTS = ("s3", "policy")
QUEUE = "kueue.x-k8s.io/queue-name"

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl is installed here")


def definitions() -> Path | None:
    """KubeRay's definitions of its kinds, which lie beside the checkout or above it, or None."""
    places = (folder / "shared/cluster" for folder in ROOT.parents)
    return next((place for place in places if (place / "crd_rayjobs.yaml").exists()), None)


def built(folder: Path) -> list[Manifest]:
    """What `kubectl apply -k` of that folder would send to a cluster."""
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def edited(to: Path, changes: dict[str, Callable[[str], str]]) -> Path:
    """The shipped folder, copied to that place, with its files changed as a reader would."""
    shutil.copytree(FOLDER, to)
    for name, change in changes.items():
        before = (to / name).read_text(encoding="utf-8")
        after = change(before)
        assert after != before, name
        (to / name).write_text(after, encoding="utf-8")
    return to


def one(manifests: list[Manifest], kind: str, name: str | None = None) -> Manifest:
    """The only manifest of that kind, and of that name if it is given."""
    (found,) = (it for it in manifests if it["kind"] == kind and name in (None, it["metadata"]["name"]))
    return found


def pods(manifest: Manifest) -> Iterator[Manifest]:
    """The specifications of all pods that a manifest makes."""
    if manifest["kind"] == "RayJob":
        cluster = manifest["spec"]["rayClusterSpec"]
        for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
            yield group["template"]["spec"]
    elif "template" in manifest.get("spec", {}):
        yield manifest["spec"]["template"]["spec"]


def complaints_of_ray(job: Manifest) -> list[str]:
    """Each mistake in a RayJob by KubeRay's definition, unknown keys among them."""
    return [f"{'.'.join(map(str, it.absolute_path))}: {it.message}" for it in _ray_jobs().iter_errors(job)]


def complaints_of_queue(job: Manifest) -> list[str]:
    """What Kueue refuses, or suspends over and over, in a RayJob that waits in a queue."""
    spec = job["spec"]
    if QUEUE not in job["metadata"].get("labels", {}):
        return []
    rules = {
        "a cluster that resizes itself": spec["rayClusterSpec"].get("enableInTreeAutoscaling", False),
        "a cluster that outlives its job": not spec.get("shutdownAfterJobFinishes", False),
        "workers without a number": any(
            "replicas" not in group for group in spec["rayClusterSpec"]["workerGroupSpecs"]
        ),
        "a cluster of somebody else": "clusterSelector" in spec,
    }
    return [words for words, broken in rules.items() if broken]


@cache
def _ray_jobs() -> jsonschema.Draft7Validator:
    folder = definitions()
    assert folder is not None
    text = (folder / "crd_rayjobs.yaml").read_text(encoding="utf-8")
    versions = yaml.load(text, yaml.CSafeLoader)["spec"]["versions"]
    (schema,) = (it["schema"]["openAPIV3Schema"] for it in versions if it["name"] == "v1")
    strict = _strict(copy.deepcopy(schema))
    strict["properties"]["metadata"] = {"type": "object"}
    return jsonschema.Draft7Validator(strict)


def _strict(schema: Any) -> Any:
    """The same schema, in which an object has no properties but those that are named."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _strict(part) for key, part in schema.items()}
    if isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    if found.pop("x-kubernetes-int-or-string", False):
        found.pop("anyOf", None)
        found["type"] = ["integer", "string"]
    return found
