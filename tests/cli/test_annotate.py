"""gst tag and gst note, and where tags and notes are shown."""

from __future__ import annotations

import csv
import io
import json

import pytest
from stores import Run, fill

from gst.store import Store


@pytest.fixture
def keys(folder):
    """Three runs in a store, in two arms."""
    with Store.open("gst.db", create=True) as store:
        fill(store, [Run("a", 0, [0.5]), Run("a", 1, [0.5]), Run("b", 0, [0.5, 0.25])])
        return [key for (key,) in store.query("SELECT key FROM tradeoff ORDER BY position").rows]


def rows(result):
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_runs_are_tagged_and_found_by_their_tag(gst, keys):
    found = rows(gst("tag", keys[0][:10], keys[2][:10], "--add", "paper", "--add", "b:2", "--format", "csv"))
    assert found == [{"key": keys[0], "tags": "b:2 paper"}, {"key": keys[2], "tags": "b:2 paper"}]
    changed = rows(gst("tag", keys[2], "-r", "paper", "-a", "draft", "--format", "csv"))
    assert changed == [{"key": keys[2], "tags": "b:2 draft"}]
    assert [row["key"] for row in rows(gst("ls", "--tag", "paper", "--format", "csv"))] == [keys[0]]
    listed = rows(gst("ls", "--tag", "b:2", "--sweep", "hand", "--arm", "b", "--format", "csv"))
    assert [row["key"] for row in listed] == [keys[2]]


def test_all_runs_of_a_sweep_or_of_an_arm_are_tagged(gst, keys):
    shown = gst("tag", "--sweep", "hand", "--arm", "a", "--add", "first")
    assert shown.stdout.splitlines() == ["key           tags", *(f"{key[:12]}  first" for key in keys[:2])]
    assert len(rows(gst("tag", "--sweep", "hand", "--add", "all", "--format", "csv"))) == 4  # one is pending
    assert {row["key"] for row in rows(gst("ls", "--tag", "first", "--format", "csv"))} == set(keys[:2])


def test_show_has_tags_and_notes(gst, keys):
    gst("tag", keys[0], "--add", "paper")
    assert gst("note", keys[0][:12], "the GPU was shared").stderr == f"noted about run {keys[0]}\n"
    assert gst("note", "--sweep", "hand", "before the fix").stderr == "noted about sweep hand\n"
    text = gst("show", keys[0]).stdout
    assert "\n  tags        paper\n" in text
    notes = text.partition("\n\nnotes\n")[2].partition("\n\n")[0].splitlines()
    assert [line.partition(": ")[2] for line in notes] == ["the GPU was shared", "before the fix"]
    assert notes[1].endswith(" on sweep hand: before the fix")
    found = json.loads(gst("show", keys[0], "--format", "json").stdout)
    assert found["tags"] == ["paper"]
    assert [(note["sweep"], note["text"]) for note in found["notes"]] == [
        (None, "the GPU was shared"),
        ("hand", "before the fix"),
    ]
    other = gst("show", keys[1]).stdout
    assert "before the fix" in other
    assert "the GPU was shared" not in other
    assert "\n  tags" not in other


def test_the_status_of_a_sweep_has_its_notes(gst, keys):
    gst("note", "--sweep", "hand", "before the fix")
    gst("note", keys[0], "of a run")
    status = gst("status", "hand")
    assert status.stderr.endswith("on sweep hand: before the fix\n")
    assert "of a run" not in status.stderr


def test_without_tags_and_notes_nothing_is_said_of_them(gst, keys):
    text = gst("show", keys[0]).stdout
    assert "notes" not in text
    assert "tags" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tag", "KEY"), "give --add TAG or --remove TAG"),
        (("tag", "--add", "x"), "name runs by the beginnings of their keys, or give --sweep"),
        (("tag", "KEY", "--sweep", "hand", "--add", "x"), "one of the two"),
        (("tag", "KEY", "--add", "two words"), "tag 'two words': a tag is one word"),
        (("tag", "KEY", "--remove", "papr"), "no tag of these runs 'papr'; did you mean 'paper'?"),
        (("tag", "zzz", "--add", "x"), "no run 'zzz'"),
        (("ls", "--tag", "papr"), "no tag 'papr'; did you mean 'paper'?"),
        (("note", "KEY"), "give a run and a text in quotes"),
        (("note", "KEY", "two", "words"), "give a run and a text in quotes"),
        (("note", "--sweep", "hand", "two", "words"), "give a run and a text in quotes"),
        (("note", "KEY", " "), "a note needs words"),
        (("note", "--sweep", "hant", "x"), "no sweep 'hant'; did you mean 'hand'?"),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_written(gst, refused, keys, arguments, message):
    gst("tag", keys[0], "--add", "paper")
    assert message in refused(*(keys[0] if it == "KEY" else it for it in arguments))
    with Store.open("gst.db", readonly=True) as store:
        assert store.query("SELECT tag FROM run_tags").rows == [("paper",)]
        assert store.query("SELECT text FROM notes").rows == []
