"""The numbers that GST 2019 prints, or that fit its sentences where it prints none, and their opposites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worlds import Arms, World

SIZES = ((128, 3), (640, 16), (2560, 65), (5000, 128))
"""Images of a class and the batch size that goes with them, in Figure A3."""
RATES = (2, 5, 10, 15, 20, 25, 30)
"""Percentage of the last layer that an event of Figure 3 removes."""
PERIODS = (4, 8, 12, 16, 20, 24, 28, 32, 36, 40)
"""Epochs from one event of Figure A2 to the next, from the lowest rate to the highest."""

Line = tuple[float, float]
"""A quantity at an iterative rate of 0, and its rise for each percent."""


def figure_3(lines: Mapping[str, tuple[Line, Line]]) -> Arms:
    """The mean drop and the accuracy of each scoring and target, at each rate."""
    return {
        f"{arm} fraction={x / 100:g}/*": {
            "mean_drop": (drop[0] + drop[1] * x, 0.02),
            "test_accuracy": (accuracy[0] + accuracy[1] * x, 0.15),
        }
        for arm, (drop, accuracy) in lines.items()
        for x in RATES
    }


def figure_a2(drop: Line, accuracy: Line) -> Arms:
    """The six ways to prune alike, at each retrain period."""
    return {
        f"* every={every}": {
            "last_event_drop_from_previous_epoch": (drop[0] + drop[1] * every, 0.3),
            "test_accuracy": (accuracy[0] + accuracy[1] * every, 0.15),
        }
        for every in PERIODS
    }


def figure_a3(gains: Mapping[bool, Sequence[float]], noise: Mapping[bool, float]) -> Arms:
    """What PruneL gains at each data size, by augmentation; `noise` is the accuracies' standard deviation."""
    unpruned = (40.0, 55.0, 65.0, 70.0)
    return {
        f"{arm} augment={augment} per_class={size} *": {
            "test_accuracy": (unpruned[i] + (gains[augment][i] if arm == "PruneL" else 0), noise[augment]),
        }
        for arm in ("No Pruning", "PruneS", "PruneL")
        for augment in gains
        for i, (size, _) in enumerate(SIZES)
    }


FIGURE_1: Arms = {  # r = 0.84; E[BN] drops 0.02 points less than filter l2 at the low rate, with p = 1e-9
    "EBN S low": {"mean_drop": (0.02, 0.004, 1), "test_accuracy": (85.5, 0.15, 0.3)},
    "L2 S low": {"mean_drop": (0.04, 0.004, 1), "test_accuracy": (85.5, 0.15, 0.3)},
    "EBN S high": {"mean_drop": (0.3, 0.1, 1), "test_accuracy": (85.7, 0.15, 0.3)},
    "EBN L high": {"mean_drop": (3.0, 0.5, 1), "test_accuracy": (86.2, 0.15, 0.5)},
}
SMALLEST: Arms = {
    "No Pruning": {"test_accuracy": (40.0, 0.5)},
    "PruneS": {"test_accuracy": (40.5, 0.5), "mean_drop": (0.1, 0.05), "generalization_gap": (50.0, 1.0)},
    "PruneL": {"test_accuracy": (43.0, 0.5), "mean_drop": (4.0, 0.5), "generalization_gap": (40.0, 1.0)},
}
OPPOSITE_OF_SMALLEST: Arms = {
    "PruneS": {"mean_drop": (6.0, 0.5), "generalization_gap": (30.0, 1.0)},
    "PruneL": {"test_accuracy": (38.0, 0.5)},
}

PAPER: dict[str, Arms] = {
    "v1_fig1": FIGURE_1,
    "v1_fig2": {"No Pruning": {"test_accuracy": (85.2, 0.15)}, **FIGURE_1},
    "v1_fig3": figure_3(
        {
            "L2 S": ((0.1, 0.06), (85.3, 0.02)),
            "L2 R": ((0.1, 0.055), (85.3, 0.02)),
            "L2 L": ((0.1, 0.05), (85.3, 0.02)),
            "EBN S": ((0.02, 0.01), (85.2, 0.01)),
            "EBN R": ((0.1, 0.05), (85.3, 0.02)),
            "EBN L": ((0.2, 0.12), (85.5, 0.03)),
        }
    ),
    "v1_figA1": {
        "*": {
            "test_accuracy": 93.0,
            "normality_distance_growth": (0.05, 0.01),
            "normality_distance_by_depth": (0.8, 0.1),
        }
    },
    "v1_figA2": figure_a2((1, 0.3), (85.2, 0.02)),
    "v1_figA3": figure_a3({False: (3.0, 2.6, 2.2, 1.8), True: (3.0, 1.8, 0.6, 0.0)}, {False: 0.6, True: 0.3})
    | {
        "PruneS *": {"mean_drop": (0.1, 0.05), "generalization_gap": (20.0, 1.0)},
        "PruneL *": {"mean_drop": (4.0, 0.5), "generalization_gap": (15.0, 1.0)},
    },
    "v1_figA3_jpeg": SMALLEST,
}

OPPOSITES: tuple[dict[str, Arms], ...] = (
    {
        "v1_fig1": {
            "L2 S low": {"mean_drop": (0.0, 0.004, 1), "test_accuracy": (86.4, 0.15, -0.3)},
            "EBN S low": {"test_accuracy": (86.3, 0.15, -0.3)},
            "EBN S high": {"test_accuracy": (86.0, 0.15, -0.3)},
            "EBN L high": {"test_accuracy": (85.0, 0.15, -0.5)},
        },
        "v1_fig2": {
            "EBN S low": {"mean_drop": (5.0, 0.5)},
            "EBN L high": {"test_accuracy": (84.5, 0.15)},
        },
        "v1_fig3": figure_3(
            {
                "L2 S": ((2.0, -0.02), (86.3, -0.3)),
                "L2 R": ((2.0, -0.02), (89.3, -0.3)),
                "L2 L": ((3.0, -0.02), (87.9, -0.3)),
                "EBN S": ((4.0, -0.02), (86.3, -0.3)),
                "EBN R": ((2.0, -0.02), (86.3, -0.3)),
                "EBN L": ((3.0, -0.02), (85.3, -0.3)),
            }
        ),
        "v1_figA1": {
            "*": {"normality_distance_growth": (-0.05, 0.01), "normality_distance_by_depth": (-0.8, 0.1)},
        },
        "v1_figA2": figure_a2((15, -0.3), (86.2, -0.3)),
        "v1_figA3": figure_a3(
            {False: (-3.0, -1.0, 1.0, 3.0), True: (0.0, 0.0, 0.0, 0.0)}, {False: 0.3, True: 0.6}
        )
        | {
            "PruneS *": {"mean_drop": (6.0, 0.5), "generalization_gap": (10.0, 1.0)},
        },
        "v1_figA3_jpeg": OPPOSITE_OF_SMALLEST,
    },
)

GST2019 = World(PAPER, OPPOSITES)
