"""gst data: what is there, what is brought there, and whether it is what runs were trained on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from gst.data import load_dataset
from gst.data.load import PUBLISHED, config_of


@pytest.fixture
def elsewhere(folder):
    """Another data folder, with pictures of two classes."""
    for number, place in enumerate(f"{split}/{label}" for split in ("train", "test") for label in "ab"):
        file = folder / "elsewhere" / "birds" / place / "1.png"
        file.parent.mkdir(parents=True)
        Image.fromarray(np.full((3, 3, 3), number, np.uint8)).save(file)
    return folder / "elsewhere"


def rows(result):
    return {row.pop("data"): row for row in json.loads(result.stdout)}


def test_pictures_are_fetched_listed_and_verified(gst, folder, elsewhere):
    place = folder / "data" / "birds"
    assert gst("data", "fetch", "birds", "--from", elsewhere).stdout == f"folder:birds: {place}\n"
    size = sum(file.stat().st_size for file in place.rglob("*.png"))
    expected = {"state": "complete", "place": str(place), "content_hash": None, "bytes": size}
    listed = gst("data", "list", "--format", "json")
    assert listed.stderr == f"data sets in {folder / 'data'}; digits come with scikit-learn\n"
    assert rows(listed) == {
        name: {"state": "not here", "place": None, "content_hash": None, "bytes": None} for name in PUBLISHED
    } | {"folder:birds": expected}

    digest = load_dataset(config_of("birds"), folder / "data").content_hash
    assert rows(gst("data", "list", "--format", "json"))["folder:birds"]["content_hash"] == digest
    verified = gst("data", "verify", "birds", "--format", "json")
    assert verified.stderr.endswith("gst.db: is no store yet, so there are no runs to compare with\n")
    assert rows(verified) == {
        "folder:birds": {"status": "ok", "content_hash": digest, "found": str(place)},
    }


def test_what_is_there_is_compared_and_never_overwritten(gst, folder, elsewhere):
    place = folder / "data" / "birds"
    gst("data", "fetch", "birds", "--from", elsewhere)
    again = gst("data", "fetch", "birds", "--from", elsewhere)
    assert (again.exit_code, again.stdout) == (0, f"folder:birds: {place} was there\n")
    (place / "train" / "a" / "1.png").unlink()
    refused = gst("data", "fetch", "birds", "--from", elsewhere)
    assert refused.exit_code == 2
    assert f"{place / 'train/a/1.png'}: is not there, and " in refused.stderr
    assert not (place / "train" / "a" / "1.png").exists()


def test_damage_is_found_however_often_it_was_decoded(gst, folder, elsewhere):
    gst("data", "fetch", "birds", "--from", elsewhere)
    load_dataset(config_of("birds"), folder / "data")
    file = folder / "data" / "birds" / "test" / "a" / "1.png"
    file.write_bytes(file.read_bytes()[:40])
    result = gst("data", "verify", "--format", "json")
    found = rows(result)
    assert (found["digits"]["status"], found["folder:birds"]["status"]) == ("ok", "differs")
    assert "test/a/1.png: is not a readable image" in found["folder:birds"]["found"]
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        1,
        "gst: 1 of 2 data sets differ or are missing: folder:birds",
    )


def test_data_are_compared_with_those_of_the_runs(gst, complete):
    result = gst("data", "verify", "--format", "json")
    assert result.exit_code == 0, result.stderr
    digits = rows(result)["digits"]
    with closing(sqlite3.connect(complete)) as store:
        assert store.execute("SELECT content_hash FROM datasets").fetchall() == [(digits["content_hash"],)]
        store.execute("UPDATE datasets SET content_hash = ?", ("f" * 64,))
        store.commit()
    result = gst("data", "verify", "digits", "--format", "json")
    assert result.exit_code == 1
    assert rows(result)["digits"]["found"] == (
        f"4 runs of the store trained on other data: {'f' * 12} then, "
        f"and {digits['content_hash'][:12]} in {digits['found']} now"
    )


def test_data_that_are_not_there(gst):
    result = gst("data", "verify", "cifar10")
    assert (result.exit_code, result.stdout.splitlines()[1].split()[:2]) == (1, ["cifar10", "missing"])
    assert "cifar10 is not in " in result.stdout
    assert rows(gst("data", "verify", "birds", "--format", "json"))["folder:birds"]["status"] == "missing"
    assert "did you mean 'cifar10'? no folder" in gst("data", "verify", "cifr10", "--format", "csv").stdout
    assert (
        gst("data", "fetch", "digits").stderr == "gst: digits come with scikit-learn, and need no fetching\n"
    )


@pytest.mark.parametrize("place", ["http://me:geheim@127.0.0.1:9/sets/", "ftp://me:geheim@127.0.0.1:9/sets"])
def test_keys_of_a_place_are_not_shown(gst, folder, place):
    refused = gst("data", "fetch", "mnist", "--from", place)
    assert refused.exit_code == 2
    assert "geheim" not in refused.stderr
    assert "me:***@127.0.0.1:9/sets" in refused.stderr
