"""The descriptions of cloud machines, read by those that they are for."""

from __future__ import annotations

import copy
import re

import jsonschema
import pytest
import yaml
from manifests import ROOT

AWS = yaml.safe_load((ROOT / "docker/ray-aws.yaml").read_text())
SKY = yaml.safe_load((ROOT / "docker/sky.yaml").read_text())


def accepted(config):
    """What Ray's launcher makes of the description before it asks the cloud for anything."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    prepared = prepare_config(copy.deepcopy(config))
    validate_config(prepared)
    return prepared


def test_ray_accepts_its_description():
    types = accepted(AWS)["available_node_types"]
    assert types["head"]["resources"]["CPU"] == 0
    assert types["worker"]["min_workers"] >= 1


@pytest.mark.parametrize("place", [(), ("auth",), ("available_node_types", "worker")])
def test_ray_finds_a_misspelt_key(place):
    config = copy.deepcopy(AWS)
    inner = config
    for key in place:
        inner = inner[key]
    inner["min_worker"] = 1
    with pytest.raises(jsonschema.ValidationError, match="min_worker"):
        accepted(config)


def test_a_job_of_sky_keeps_away_from_the_ray_of_sky_itself():
    """Which listens at 6380 and 8266, and would be ended by `ray stop`."""
    run = "\n".join(line for line in SKY["run"].splitlines() if not line.lstrip().startswith("#"))
    assert not re.search(r"\b6380\b|\b8266\b|ray stop", run)
    assert set(re.findall(r":(\d{4})\b|--port (\d+)", run)) == {("6379", ""), ("", "6379")}


def test_secrets_of_a_job_of_sky_have_no_value():
    assert set(SKY["secrets"].values()) == {None}
    assert not {name for name in SKY["envs"] if re.search("PASSWORD|TOKEN", name)}
