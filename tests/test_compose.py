"""The shipped compose.yaml: valid by Compose's schema, nothing published but the dashboard, secrets as files.

Its services run in tests/faults/test_compose.py.
"""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest
import yaml
from compose import HERE

TEXT = (HERE / "compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]


def complaints(text: str) -> list[str]:
    """Each mistake in a file of that text, unknown keys among them."""
    package = pytest.importorskip("check_jsonschema")
    file = resources.files(package) / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    return [
        error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(yaml.safe_load(text))
    ]


def test_it_is_valid():
    assert complaints(TEXT) == []


@pytest.mark.parametrize(
    "key", ["healthcheck", "start_interval", "secrets", "depends_on", "condition", "restart"]
)
def test_a_misspelt_key_is_found(key):
    wrong = re.sub(rf"\b{key}:", f"{key[:-1]}:", TEXT)
    assert any(f"'{key[:-1]}'" in complaint for complaint in complaints(wrong))


def test_the_dashboard_alone_is_published_and_on_this_machine_only():
    assert [name for name, it in SERVICES.items() if "ports" in it] == ["dashboard"]
    assert SERVICES["dashboard"]["ports"] == ["127.0.0.1:${GST_PORT:-8050}:8050"]
    assert not any("network_mode" in it or "privileged" in it for it in SERVICES.values())


def test_passwords_and_tokens_are_files_that_only_who_needs_them_has():
    needed = {name: set(it["secrets"]) for name, it in SERVICES.items()}
    assert needed.pop("database") == {"database_password"}
    assert needed.pop("dashboard") == {"dashboard_token", "pgpass"}
    assert needed.pop("gst") == {"pgpass"}
    assert set(map(frozenset, needed.values())) == {frozenset({"pgpass", "ray_token"})}
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if re.search("PASS|TOKEN", variable):
                assert value.removeprefix("/run/secrets/") in service["secrets"], name


def test_the_page_has_every_setting():
    page = (HERE / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", page, re.M))
    assert told == set(re.findall(r"\$\{(\w+):-", TEXT)) | {"COMPOSE_PROFILES"}


def test_what_others_wait_for_has_a_check_and_what_serves_starts_again():
    for service in SERVICES.values():
        for other, wanted in service.get("depends_on", {}).items():
            assert ("healthcheck" in SERVICES[other]) == (wanted["condition"] == "service_healthy")
    assert {name: it["restart"] for name, it in SERVICES.items() if it["restart"] != "unless-stopped"} == {
        "gst": "on-failure",
        "sweep": "on-failure:5",
    }
