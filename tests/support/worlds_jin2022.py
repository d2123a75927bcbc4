"""The numbers that Jin et al. 2022 print, or that fit their sentences, and their opposites."""

from __future__ import annotations

from worlds import Arms, Numbers, World

BENCHMARKS = ("lenet", "resnet20", "vgg16", "resnet32", "resnet50")
NOISES: dict[str, tuple[float, ...]] = {
    "lenet": (0.05, 0.1, 0.15),
    "resnet20": (0.15, 0.3, 0.6),
    "vgg16": (0.15, 0.3, 0.6),
    "resnet32": (0.15, 0.3, 0.6),
    "resnet50": (0.15,),
}
SPREAD = 0.1
"""Standard deviations of errors and gains over the seeds: a mean of 0 beside it is a match."""

# By benchmark, from the least label noise on: what pruning gains over dense networks (Section 4: 11 of 13
# better, 2 match), and what extended dense training loses against pruning (5.1: 9 of 13 worse).
GAINS = {
    "lenet": (0, 1.0, 2.6), "resnet20": (3, 8, 20), "vgg16": (5.2, 16.1, 34.6), "resnet32": (0, 4, 9),
    "resnet50": (2.0,),
}  # fmt: skip
EXTENDED = {
    "lenet": (0, 0, 2.6), "resnet20": (0.4, 5, 14.5), "vgg16": (3.6, 15, 34.2), "resnet32": (0, 2, 4.8),
    "resnet50": (-0.3,),
}  # fmt: skip
# What the best width loses against pruning, with label noise and without (5.2: worse on four of five).
NARROW = {"lenet": -4, "resnet20": 0, "vgg16": 1.6, "resnet32": 1, "resnet50": 0.36}
WORSE_WHEN_CLEAN = {"lenet": 0, "resnet20": 2, "vgg16": 1, "resnet32": 3, "resnet50": 2}
GAP, GROWTH = 0.08, 2.0
"""The loss gap of mislabelled images in dense networks, and its growth when pruned (Section 4, VGG16)."""
RAISED = 0.4
"""The change of the hardest group's loss at the best sparsity, with label noise."""


def arm(kind: str, noise: float | None = None) -> str:
    """The arm's pattern."""
    return f"{kind} label_noise={noise or 0.0}"


def figure_2(*, improves: float, later: float, hardest: float, useful: int = 7) -> Arms:
    """A clean arm whose best level is 5."""
    return {
        "*": {
            "test_error": (8, SPREAD), "gain": (0.3, 0.02), "best": 5, "useful": useful, "hardest": hardest,
            "change": (improves, 0.01), "later_change": (later, 0.01),
        }
    }  # fmt: skip


def pruned(gain: float, **more: Numbers) -> dict[str, Numbers]:
    """An arm that is better by so many points at its best level."""
    return {"test_error": (40, SPREAD), "gain": (gain, SPREAD), "best": 12, **more}


def figure_3(name: str) -> Arms:
    """The noisy arms; LeNet's dense network is the best with 5%, and ResNet32 matches it with 15%."""
    raised = -RAISED if name == "resnet50" else RAISED
    arms: Arms = {arm("IMP"): pruned(0.2)}
    for noise, gain in zip(NOISES[name], GAINS[name], strict=True):
        losses: dict[str, Numbers] = {
            "change": (raised, 0.02), "gap": (GAP, 0.01), "early": (-0.01, 0.002), "late": (GROWTH, 0.05),
            "closing": (GROWTH / 2, 0.05),
        }  # fmt: skip
        arms[arm("IMP", noise)] = pruned(gain, **losses)
    if name == "lenet":
        arms[arm("IMP", 0.05)] |= {"best": 0, "gain": 0}
    return arms


def figure_3_opposite(name: str) -> Arms:
    """Pruning is the worse the more noise there is, but for 5%; losses change the other way."""
    raised = RAISED if name == "resnet50" else -RAISED
    arms: Arms = {
        arm("IMP", noise): {
            "gain": (-30 * noise, SPREAD), "best": 12, "change": (raised, 0.02), "early": (0.5, 0.02),
            "late": (-0.05, 0.01), "closing": (-2, 0.05),
        }
        for noise in NOISES[name]
    }  # fmt: skip
    if name == "lenet":
        arms[arm("IMP", 0.05)]["gain"] = (2, SPREAD)
    return arms


def figure_6(name: str, *, worse: float = 0, factor: float = 1) -> Arms:
    """Extended dense training beside pruning: alike with right labels, or so much worse."""
    arms: Arms = {arm("IMP"): pruned(0.5), arm("Extended dense"): pruned(0.5 - worse)}
    for noise, gain, lost in zip(NOISES[name], GAINS[name], EXTENDED[name], strict=True):
        arms[arm("IMP", noise)] = pruned(gain)
        arms[arm("Extended dense", noise)] = pruned(gain - factor * lost)
    return arms


def figure_7(name: str, *, factor: float = 1) -> Arms:
    """Narrow networks beside pruning; the full width has an error of 40%, and pruning one of 30%."""
    noisy = 40 - factor * (10 - NARROW[name])
    clean = 30 + factor * WORSE_WHEN_CLEAN[name]
    return {
        "IMP*": pruned(10),
        "Width*": {"test_error": (noisy, SPREAD)},
        "Width*label_noise=0.0": {"test_error": (clean, SPREAD)},
    }


def figure_1a(lost: float) -> Arms:
    """Pruning and extended dense training are alike at each level, or the latter is so much worse."""
    return {"IMP": pruned(1), "Extended dense": pruned(1) | {"test_error": (40 + lost, SPREAD)}}


def left_out(arm: str, gained: float) -> Arms:
    """Dense networks of 97%, and those without some images: random ones cost 0.2, the arm's gain so much."""
    return {
        "IMP*": pruned(0.2),
        "Dense*": {"test_accuracy": (97, 0.05)},
        "Without *": {"test_accuracy": (96.8, 0.05)},
        arm: {"test_accuracy": (97 + gained, 0.05)},
    }


FIGURE_1B = figure_2(improves=-0.1, later=0.4, hardest=1, useful=21)
OF_FIGURE_2 = {
    "lenet": (-0.1, 7),
    "resnet20": (0.4, 8),
    "vgg16": (0.4, 21),
    "resnet32": (-0.1, 7),
    "resnet50": (-0.1, 7),
}

JIN2022 = World(
    paper={
        "jin_fig1a": figure_1a(0),
        "jin_fig1b": FIGURE_1B,
        **{
            f"jin_fig2_{name}": figure_2(improves=-0.1, later=later, hardest=1, useful=useful)
            for name, (later, useful) in OF_FIGURE_2.items()
        },
        **{f"jin_fig3_{name}": figure_3(name) for name in BENCHMARKS},
        **{f"jin_fig6_{name}": figure_6(name) for name in BENCHMARKS},
        **{f"jin_fig7_{name}": figure_7(name) for name in BENCHMARKS},
        "jin_appD_lenet": left_out("Without improved", -1),
        "jin_appE_lenet": left_out("Without misclassified*", 1),
    },
    opposites=(
        {
            "jin_fig1a": figure_1a(3),
            "jin_fig1b": figure_2(improves=0.1, later=-0.4, hardest=1, useful=21),
            **{
                f"jin_fig2_{name}": figure_2(improves=0.1, later=-later, hardest=-1, useful=useful)
                for name, (later, useful) in OF_FIGURE_2.items()
            },
            **{f"jin_fig3_{name}": figure_3_opposite(name) for name in BENCHMARKS},
            **{f"jin_fig6_{name}": figure_6(name, worse=3, factor=-0.1) for name in BENCHMARKS},
            **{f"jin_fig7_{name}": figure_7(name, factor=-1) for name in BENCHMARKS},
            "jin_appD_lenet": left_out("Without improved", 1),
            "jin_appE_lenet": left_out("Without misclassified*", -1),
        },
    ),
)
