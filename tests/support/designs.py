"""Sweeps with a group-sequential design, and runs of theirs that end with a given accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from stores import Run, claimed, play, run_config, sweep_of

from gst.config import RunSpec, SweepSpec
from gst.config.design import Design, Question
from gst.store import Look, Store

ARMS = {name: run_config(epochs=1, lr=lr) for name, lr in (("A", 0.1), ("B", 0.2), ("C", 0.3))}
LOOKS = (3, 5, 8)


def design_of(**changes: Any) -> Design:
    question = Question(difference=("B", "A"), of="final_test_accuracy")
    values: dict[str, Any] = {"looks": LOOKS, "question": question, "spending": "pocock"}
    return Design(**(values | changes))


def designed(**changes: Any) -> SweepSpec:
    """A sweep of three arms that asks about two of them."""
    design = design_of(**changes)
    return sweep_of(ARMS, design.seeds, name="designed")._replace(design=design)


def end_runs(
    store: Store, sweep_id: int, driver: int, accuracy: Callable[[str, int], float | str], most: int = 10**6
) -> int:
    """End the runs that remain, at most so many, with that accuracy, or as that status; how many did."""
    specs = [store.spec(key) for key in store.remaining(sweep_id)[:most]]
    arms = {config: arm for arm, config in ARMS.items()}
    for spec in specs:
        arm = arms[spec.config]
        found = accuracy(arm, spec.seed)
        run = (
            Run(arm, spec.seed, [0.5], status=found)
            if isinstance(found, str)
            else Run(arm, spec.seed, [found])
        )
        play(claimed(store, RunSpec(spec.config, spec.seed), sweep_id, driver), run)
    return len(specs)


def to_the_stop(
    store: Store, spec: SweepSpec, accuracy: Callable[[str, int], float | str], looks: int = 10**6
) -> tuple[int, list[Look]]:
    """Drive the sweep until it stops or so many looks are taken: its id, and its decisions."""
    sweep_id = store.register(spec)
    driver = store.take_over(sweep_id)
    taken: list[Look] = []
    while len(taken) < looks:
        end_runs(store, sweep_id, driver, accuracy)
        look = store.decide(sweep_id, driver)
        if look is None:
            break
        taken.append(look)
    return sweep_id, taken


def noisy(effect: float, wobble: Iterable[float] = (0.0, 0.02, -0.01, 0.01, -0.02, 0.03, 0.0, -0.01)) -> Any:
    """Accuracies that depend on the seed, better by `effect` in arm B, whose effect wobbles."""
    by_seed = list(wobble)

    def accuracy(arm: str, seed: int) -> float:
        return 0.5 + 0.01 * (seed % 3) + (effect + by_seed[seed % len(by_seed)] if arm == "B" else 0.0)

    return accuracy
