"""A sweep of many levels made by hand, with the arms of Jin 2022's figures, and what it must come to."""

from __future__ import annotations

from level_stores import Level, Levels, level_config

from gst.config import RunConfig

NOISE = 0.25
CONFIGS: dict[str, RunConfig] = {
    "IMP": level_config(levels=3, validation=0.25),
    "noisy": level_config(levels=3, validation=0.25, label_noise=NOISE),
    "extended": level_config("extended", levels=3, validation=0.25),
    "noisy extended": level_config("extended", levels=3, validation=0.25, label_noise=NOISE),
    "dense": level_config("none", validation=0.25),
    "half": level_config("none", validation=0.25, width=0.5),
    "noisy half": level_config("none", validation=0.25, width=0.5, label_noise=NOISE),
}

# By arm: test accuracies in 32nds by seed and level.
TEST: dict[str, list[tuple[int, ...]]] = {
    "IMP": [(16, 18, 17, 12), (16, 18, 18, 11), (16, 19, 17, 13)],
    "noisy": [(10, 14, 18, 12), (11, 15, 19, 13), (10, 14, 18, 12)],
    "extended": [(16, 18, 12, 13), (16, 19, 12, 12), (16, 18, 12, 14)],
    "noisy extended": [(10, 10, 11, 10), (11, 11, 12, 11), (10, 10, 11, 10)],
    "dense": [(16,), (16,), (16,)],
    "half": [(17,), (15,), (16,)],
    "noisy half": [(20,), (20,), (20,)],
}
# And the levels' validation accuracies, of every seed.
VALIDATION: dict[str, tuple[int, ...]] = {
    "IMP": (16, 20, 18, 12), "noisy": (10, 14, 20, 12), "extended": (16, 16, 12, 20),
    "noisy extended": (10, 10, 11, 10), "dense": (16,), "half": (18,), "noisy half": (16,),
}  # fmt: skip
OPTIMAL = {"IMP": 1, "noisy": 2, "extended": 3, "noisy extended": 2}
SPARSEST = {"IMP": 2, "noisy": 3}
LOSSES = ((1.0, 0.5, 0.25, 2.0), (0.5, 0.25, 1.0, 4.0))
"""By level: the losses of images with right labels and with wrong ones; a 64th more for each seed."""


def groups(arm: str, seed: int, level: int) -> tuple[float, ...]:
    """The losses of five groups, which rise; level 1 lowers them, level 2 raises them, most at the top."""
    change = (0, -1, 2, 4)[level] * (seed + 1)
    return tuple((8 + number + change * number) / 64 for number in range(5))


def level_of(arm: str, seed: int, number: int) -> Level:
    """The level of that number of that run."""
    original, noisy = (row[number] + seed / 64 for row in LOSSES)
    return Level(
        TEST[arm][seed][number] / 32,
        VALIDATION[arm][number] / 32,
        original,
        noisy if CONFIGS[arm].data.label_noise else None,
        groups(arm, seed, number) if CONFIGS[arm].pruning.kind == "imp" else (),
    )


def runs_of(*arms: str, seeds: int = 3) -> list[Levels]:
    """The runs of these arms."""
    return [
        Levels(arm, seed, [level_of(arm, seed, number) for number in range(len(TEST[arm][seed]))])
        for arm in arms
        for seed in range(seeds)
    ]


def configs_of(*arms: str) -> dict[str, RunConfig]:
    """Their configurations."""
    return {arm: CONFIGS[arm] for arm in arms}


def means(arm: str) -> list[float]:
    """The mean test error at each level."""
    return [1 - sum(column) / len(column) / 32 for column in zip(*TEST[arm], strict=True)]
