from __future__ import annotations

import pytest

from gst.config.keys import run_keys
from gst.config.page import keys_page
from gst.config.reference import all_keys, in_words
from gst.paths import project_folder

KEYS = all_keys()


def test_the_page_is_current():
    page = (project_folder("sweeps") / "keys.md").read_text(encoding="utf-8")
    assert page == keys_page(), "write it again with `make schema`"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.key} {key.of}")
def test_every_key_is_described(key):
    assert key.type
    assert 10 < len(key.about) < 260
    assert key.about.endswith(".")
    assert "\n" not in key.about


def test_no_key_of_a_run_is_missing():
    assert {key.key for key in KEYS} > set(run_keys())


def test_a_key_that_differs_by_kind_is_told_for_each():
    found = {key.of: (key.type, key.default) for key in KEYS if key.key == "pruning.fraction"}
    assert found == {
        "filters, weights, zeroing, gaussian": ("number from 0 to 1, or a list", "required"),
        "imp": ("number above 0 below 1", "required"),
    }


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, "whole number from 0"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "number above 0 to 1"),
        ({"enum": ["a", "b"]}, "a, b"),
        ({"enum": list(range(30))}, "30 names"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text"),
        (
            {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
            "number, or a list",
        ),
        ({"type": "array", "items": {}}, "list"),
        ({"type": "boolean"}, "true or false"),
        ({"$ref": "#/definitions/Resources"}, "mapping"),
    ],
)
def test_types_in_words(schema, words):
    assert in_words(schema) == words
