"""The shipped manifests: valid by the schemas of their kinds, and safe by the rules of their page."""

from __future__ import annotations

import copy
import re
import subprocess
from functools import cache

import pytest
import yaml
from manifests import (
    COMPONENTS,
    FOLDER,
    OVERLAYS,
    ROOT,
    built,
    complaints_of_queue,
    complaints_of_ray,
    definitions,
    edited,
    needs_kubectl,
    one,
    pods,
)

pytestmark = needs_kubectl
needs_definitions = pytest.mark.skipif(definitions() is None, reason="KubeRay's definitions are not here")
BUILT = (*OVERLAYS, "postgres")


@cache
def manifests(name):
    return built(FOLDER / name)


def ray_job(name="gpu"):
    return copy.deepcopy(one(manifests(name), "RayJob"))


def cluster_of(job):
    return job["spec"]["rayClusterSpec"]


@pytest.fixture(scope="module")
def with_components(tmp_path_factory):
    """All that the GPU overlay sends with each component."""
    found = {}
    for name in COMPONENTS:
        lines = f"components:\n  - ../{name}\n"
        folder = edited(
            tmp_path_factory.mktemp(name) / "kubernetes",
            {"gpu/kustomization.yaml": lambda text, lines=lines: text + lines},
        )
        found[name] = built(folder / "gpu")
    return found


@needs_definitions
@pytest.mark.parametrize("name", OVERLAYS)
def test_ray_jobs_are_valid(name):
    assert complaints_of_ray(ray_job(name)) == []


@needs_definitions
@pytest.mark.parametrize("name", COMPONENTS)
def test_ray_jobs_with_components_are_valid(name, with_components):
    assert complaints_of_ray(one(with_components[name], "RayJob")) == []


@needs_definitions
@pytest.mark.parametrize(
    "plant",
    [
        lambda job: job["spec"].update(backofLimit=3),
        lambda job: cluster_of(job)["authOptions"].update(mode="tokens"),
        lambda job: cluster_of(job)["headGroupSpec"]["rayStartParams"].update({"num-cpus": 0}),
        lambda job: cluster_of(job)["workerGroupSpecs"][0]["template"]["spec"].update(toleration=[]),
        lambda job: cluster_of(job)["headGroupSpec"]["template"]["spec"]["containers"][0].update(envfrom=[]),
    ],
)
def test_mistakes_in_a_ray_job_are_found(plant):
    job = ray_job()
    plant(job)
    assert len(complaints_of_ray(job)) == 1


@pytest.mark.parametrize("name", BUILT)
def test_other_kinds_are_valid(name):
    validate = pytest.importorskip("kubernetes_validate").validate
    for manifest in manifests(name):
        if manifest["kind"] != "RayJob":
            validate(manifest, "1.37", strict=True)


def test_a_mistake_in_another_kind_is_found():
    kubernetes = pytest.importorskip("kubernetes_validate")
    service = copy.deepcopy(one(manifests("postgres"), "StatefulSet"))
    service["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes.ValidationError, match="readynessProbe"):
        kubernetes.validate(service, "1.37", strict=True)


def test_the_image_is_set_in_one_place(tmp_path):
    def renamed(text):
        return text.replace("registry.example.com/gst", "elsewhere.org/mine").replace("0.2.0", "7")

    folder = edited(tmp_path / "kubernetes", {"base/kustomization.yaml": renamed})
    images = {
        container["image"]
        for manifest in built(folder / "spot")
        for pod in pods(manifest)
        for container in (*pod.get("initContainers", []), *pod["containers"])
    }
    assert images == {"elsewhere.org/mine:7"}


def test_ray_is_the_one_of_the_image():
    constraints = (ROOT / "docker/constraints.txt").read_text()
    (version,) = re.findall(r"^ray==(.*)$", constraints, re.M)
    assert {cluster_of(ray_job(name))["rayVersion"] for name in OVERLAYS} == {version}


@pytest.mark.parametrize("name", BUILT)
def test_pods_have_no_rights_that_they_do_not_need(name):
    for manifest in manifests(name):
        for pod in pods(manifest):
            assert pod["automountServiceAccountToken"] is False
            assert pod["securityContext"]["runAsNonRoot"]
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in (*pod.get("initContainers", []), *pod["containers"]):
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                }
                assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
                assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", BUILT)
def test_no_manifest_has_a_secret(name):
    """Passwords and keys come from Secrets, which none of the files make."""
    for manifest in manifests(name):
        assert manifest["kind"] != "Secret"
        for pod in pods(manifest):
            for container in pod["containers"]:
                values = {it["name"] for it in container.get("env", []) if "value" in it}
                assert not {name for name in values if re.search("PASSWORD|TOKEN|KEY", name)}


def test_ray_asks_for_a_token_and_the_cluster_ends_with_its_job():
    for name in OVERLAYS:
        job = ray_job(name)
        assert cluster_of(job)["authOptions"] == {"mode": "token"}
        assert job["spec"]["shutdownAfterJobFinishes"]
        assert job["spec"]["backoffLimit"] > 0
        assert cluster_of(job)["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_the_head_waits_longer_for_the_end_of_a_sweep_than_ray_does():
    pod = cluster_of(ray_job())["headGroupSpec"]["template"]["spec"]
    (head,) = pod["containers"]
    (seconds,) = (int(it["value"]) for it in head["env"] if it["name"] == "RAY_JOB_STOP_WAIT_TIME_S")
    assert pod["terminationGracePeriodSeconds"] > seconds + 15


def test_nobody_is_let_in_but_ray_and_its_operator():
    """Of what a namespace has, Ray's pods reach each other and Postgres, and KubeRay the head's dashboard."""
    found = {it["metadata"]["name"]: it["spec"] for it in (*manifests("gpu"), *manifests("postgres"))
             if it["kind"] == "NetworkPolicy"}  # fmt: skip
    assert found["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    others, operator = found["ray"]["ingress"]
    assert others == {"from": [{"podSelector": found["ray"]["podSelector"]}]}
    assert operator["ports"] == [{"port": 8265}]
    assert found["postgres"]["ingress"][0]["ports"] == [{"port": 5432}]
    assert found.keys() == {"nobody", "ray", "postgres"}
    dashboard = one(manifests("gpu"), "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert "ports" not in dashboard
    assert dashboard["args"] == ["dashboard"]  # at its own loopback


def test_all_is_in_one_namespace_and_names_what_there_is():
    """ConfigMaps, volumes and services that pods name are made by the same folder, or by that of Postgres."""
    sent = [*manifests("kueue"), *manifests("postgres")]
    assert {it["metadata"]["namespace"] for it in sent} == {"gst"}
    there = {(it["kind"], it["metadata"]["name"]) for it in sent}
    for manifest in sent:
        for pod in pods(manifest):
            for volume in pod.get("volumes", []):
                assert ("ConfigMap", volume.get("configMap", {"name": "files"})["name"]) in there
                claim = volume.get("persistentVolumeClaim", {"claimName": "shared"})["claimName"]
                assert ("PersistentVolumeClaim", claim) in there
            for container in pod["containers"]:
                for source in container.get("envFrom", []):
                    name = source.get("configMapRef", {"name": "settings"})["name"]
                    assert ("ConfigMap", name) in there
    url = one(sent, "ConfigMap", "settings")["data"]["GST_DB_URL"]
    assert ("Service", url.rpartition("@")[2].partition("/")[0]) in there


def test_without_a_shared_volume_none_is_asked_for(with_components):
    sent = with_components["s3"]
    assert "PersistentVolumeClaim" not in {it["kind"] for it in sent}
    text = yaml.safe_dump_all(sent)
    assert "persistentVolumeClaim" not in text
    assert "/shared/" not in text
    assert one(sent, "ConfigMap", "settings")["data"]["GST_ARTIFACT_DIR"].startswith("s3://")


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_queue_gets_a_cluster_of_fixed_size(name):
    assert complaints_of_queue(ray_job(name)) == []


@pytest.mark.parametrize(
    ("plant", "complaint"),
    [
        (lambda job: cluster_of(job).update(enableInTreeAutoscaling=True), "a cluster that resizes itself"),
        (lambda job: job["spec"].update(shutdownAfterJobFinishes=False), "a cluster that outlives its job"),
        (lambda job: cluster_of(job)["workerGroupSpecs"][0].pop("replicas"), "workers without a number"),
    ],
)
def test_what_a_queue_refuses_is_found(plant, complaint):
    job = ray_job("kueue")
    plant(job)
    assert complaints_of_queue(job) == [complaint]


def test_gpus_are_asked_for_where_they_are():
    def workers(name):
        return cluster_of(ray_job(name))["workerGroupSpecs"][0]["template"]["spec"]

    assert "nvidia.com/gpu" not in workers("cpu")["containers"][0]["resources"]["limits"]
    assert workers("gpu")["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    tolerated = {it["key"] for it in workers("spot")["tolerations"]}
    assert tolerated == {"nvidia.com/gpu", *workers("spot")["nodeSelector"]}
    (term,) = cluster_of(ray_job("spot"))["headGroupSpec"]["template"]["spec"]["affinity"]["nodeAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]["nodeSelectorTerms"]
    assert {it["key"] for it in term["matchExpressions"]} == {*workers("spot")["nodeSelector"]}


def test_the_script_of_the_job_is_bash():
    subprocess.run(["bash", "-n", FOLDER / "base/sweep.sh"], check=True)
