"""Sweep files that would never end or take all memory: refused from a count, before anything is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_sweep import TINY

from gst.config import load_sweep
from gst.config.document import MOST_BYTES, MOST_VALUES, parse_document
from gst.config.seeds import parse_seeds
from gst.config.sweep import MOST_RUNS
from gst.errors import ConfigError, suggestion


@pytest.fixture
def refusal(tmp_path):
    """The message about a sweep file with that text."""

    def of(text: str, **options: object) -> str:
        path = tmp_path / "s.yaml"
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            load_sweep(path, **options)
        return str(caught.value).removeprefix(f"{tmp_path}/")

    return of


def laughs(levels: int, form: str) -> str:
    """Aliases of aliases: each line has nine times the values of the line before."""
    return "a0: &a0 {x: 1, y: 2}\n" + "".join(
        f"a{level}: &a{level} {form.replace('~', ', '.join([f'*a{level - 1}'] * 9))}\n"
        for level in range(1, levels)
    )


@pytest.mark.parametrize("form", ["[~]", "{<<: [~]}"])
def test_aliases_are_counted_and_not_expanded(refusal, form):
    said = f"expected at most {MOST_VALUES:,} keys and values once aliases are expanded"
    assert said in refusal(laughs(300, form))


def test_as_many_values_as_are_allowed_are_read():
    root, key, sequence = 1, 1, 1
    most = MOST_VALUES - root - key - sequence
    text = "a: [" + ", ".join(["1"] * most) + "]"
    assert len(parse_document(text, Path("s.yaml")).values["a"]) == most
    with pytest.raises(ConfigError, match=f"found {MOST_VALUES + 1:,}"):
        parse_document(text.replace("]", ", 1]"), Path("s.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 20_000,
        "a: &a [*a]",
        "a0: &a0 [1]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 200)),
    ],
)
def test_depth_is_bounded(refusal, text):
    assert "nested more than 64 levels deep" in refusal(text)


def test_the_depth_of_dotted_keys_is_bounded(refusal):
    key = ".".join(["x"] * 70)
    wanted = "expected at most 65 parts, found 70"
    assert wanted in refusal(TINY.replace("  PruneL: {}", f"  PruneL: {{{key}: 1}}"))


def test_size_is_bounded(refusal):
    assert f"expected at most {MOST_BYTES:,} bytes" in refusal(TINY + "#" * MOST_BYTES)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path("/dev/zero")):
        with pytest.raises(ConfigError, match="it is a pipe or a device"):
            load_sweep(path)


GRID = "grid: {training.batch_size: [~], data.per_class: [~], training.test_batch_size: [~]}\n".replace(
    "~", ", ".join(map(str, range(1, 1001)))
)


@pytest.mark.parametrize(
    ("text", "options", "runs"),
    [
        (TINY.replace("seeds: 2", "seeds: 100000000"), {}, "200,000,000"),
        (TINY, {"seeds": "0-999999999"}, "2,000,000,000"),
        (TINY, {"seeds": f"0-{2**63 - 1}"}, f"{2**64:,}"),
        (TINY + GRID, {}, "4,000,000,000"),
    ],
)
def test_runs_are_counted_before_any_is_made(refusal, text, options, runs):
    said = refusal(text, **options)
    assert f"the sweep has {runs} runs" in said
    assert said.endswith("more than 100,000 need --huge")


def test_a_sweep_may_be_huge_on_purpose(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(TINY.replace("seeds: 2", f"seeds: {MOST_RUNS // 2}"))
    assert len(list(load_sweep(path).runs())) == MOST_RUNS
    seeds = f"{MOST_RUNS // 2 + 1}"
    with pytest.raises(ConfigError, match="100,002 runs"):
        load_sweep(path, seeds=seeds)
    assert len(list(load_sweep(path, seeds=seeds, huge=True).runs())) == MOST_RUNS + 2


@pytest.mark.parametrize("text", [str(2**63) + ",", f"{2**63 - 1}-{2**63}", "9" * 31, "0-1,1", "1-0,7"])
def test_seeds_are_those_that_a_database_holds(text):
    with pytest.raises(ConfigError, match="seeds: expected"):
        parse_seeds(text)


def test_a_long_list_of_seeds_is_refused_by_its_length():
    with pytest.raises(ConfigError, match=r"at most 1,000,000 seeds, found 1,000,000,001"):
        parse_seeds("0-999999999,2000000000")


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("training.epochs", 10**12, "less than or equal to 100000"),
        ("training.batch_size", 2**31, "less than or equal to 2147483647"),
        ("pruning.layers", "last-99999999", "'last-N'"),
        ("pruning.end", 10**30, "end: expected"),
        ("data.draw", 2**63, "draw: expected"),
        ("training.lr", "9" * 5000, "not a YAML value"),
    ],
)
def test_numbers_of_a_configuration_have_bounds(refusal, key, value, wanted):
    pruned = TINY.replace("  No Pruning: {pruning: {kind: none}}\n", "")
    assert wanted in refusal(pruned, overrides=[f"{key}={value}"])


def test_the_nearest_of_a_long_name_is_not_looked_for():
    assert suggestion("x" * 101, ["x" * 101]) == ""
    assert suggestion("x" * 100, ["x" * 100])


def test_a_message_has_the_beginning_of_a_long_value(refusal):
    assert len(refusal(TINY.replace("seeds: 2", f"seeds: '{'x' * 50_000}'"))) < 500
