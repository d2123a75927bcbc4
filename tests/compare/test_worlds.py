"""Each claim of a paper holds for runs that come to the paper's own numbers, and not for their opposite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from worlds import World, fill_world
from worlds_gst2019 import GST2019
from worlds_gst2020 import GST2020
from worlds_jin2022 import JIN2022

from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.compare.published import Claim
from gst.compare.results import ClaimResult
from gst.store import Store

WORLDS: dict[str, World] = {"gst2019": GST2019, "gst2020": GST2020, "jin2022": JIN2022}
PUBLISHED = load_published(shipped_file())


def world_of(figure: str) -> World:
    """The world of that figure's paper."""
    return WORLDS[PUBLISHED.figures[figure].paper]


def claims() -> Iterator[tuple[str, Claim]]:
    """The figures with each of their claims."""
    for name, figure in PUBLISHED.figures.items():
        yield from ((name, claim) for claim in figure.claims)


@pytest.fixture(scope="module")
def judged(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[ClaimResult, ...]]:
    """The claims of a figure, judged in its paper's world or in an opposite one."""

    @cache
    def filled(paper: str, sweeps: tuple[str, ...], opposite: int | None) -> str:
        path = tmp_path_factory.mktemp("world") / "gst.db"
        path.write_bytes(empty.read_bytes())
        tables = WORLDS[paper].tables(opposite)
        fill_world(path, {sweep: tables[sweep] for sweep in sweeps})
        return str(path)

    @cache
    def judge(name: str, opposite: int | None = None) -> tuple[ClaimResult, ...]:
        paper = PUBLISHED.figures[name].paper
        sweeps = tuple(it for it in PUBLISHED.figures[name].sweeps if it in WORLDS[paper].paper)
        with Store.open(filled(paper, sweeps, opposite), readonly=True) as store:
            return compare(store, PUBLISHED, [name]).claims

    return judge


def told(results: list[ClaimResult]) -> str:
    """The verdicts with their parts, for whoever reads why a test failed."""
    lines = [f"{it.name} {it.verdict}: {it.reason} {it.deviations}" for it in results]
    parts = [f"  {part.verdict}: {part}" for it in results for part in it.parts]
    return "\n".join([*lines, *parts])


@pytest.mark.parametrize(("name", "claim"), [*claims()], ids=lambda it: getattr(it, "claim", it))
class TestEveryClaim:
    def test_is_held_by_the_papers_own_numbers(self, judged, name, claim):
        """Or it is undecided, for a reason that the world gives."""
        found = [it for it in judged(name) if it.claim == claim.claim]
        wanted = "undecided" if (name, claim.claim) in world_of(name).unknown else "held"
        assert found
        assert {it.deviations for it in found} == {()}, told(found)
        assert {it.verdict for it in found} == {wanted}, told(found)

    def test_is_not_held_by_the_opposite(self, judged, name, claim):
        """In each of its benchmarks one of the opposites contradicts it."""
        figure = PUBLISHED.figures[name]
        numbers = [
            number
            for number, changes in enumerate(world_of(name).opposites)
            if not set(figure.sweeps).isdisjoint(changes)
        ]
        found = [it for number in numbers for it in judged(name, number) if it.claim == claim.claim]
        contradicted = {it.benchmark for it in found if it.verdict == "not held"}
        assert found
        assert contradicted == {it.benchmark for it in found}, told(found)


def test_what_is_unknown_is_a_claim():
    known = {(name, claim.claim) for name, claim in claims()}
    assert {key for world in WORLDS.values() for key in world.unknown} <= known
