"""The numbers that GST 2020 prints, or that fit its sentences where it prints none, and their opposites."""

from __future__ import annotations

from worlds import Arms, Numbers, World

RATES = (4, 20, 40, 60, 100, 200, 300)
"""Epochs from one event to the next in Figure 3, from the lowest iterative rate to one shot."""


def figure_3(
    stability: dict[str, tuple[float, ...]], accuracy: dict[str, tuple[float, ...]], one_shot: float
) -> Arms:
    """The three targets at each rate; `one_shot` is the correlation in each arm at the highest."""
    arms: Arms = {"No Pruning": {"test_accuracy": (85.2, 0.2)}}
    for target, its in stability.items():
        for i, every in enumerate(RATES):
            arms[f"{target} every={every}"] = {
                "stability": (its[i], 0.05, 1),
                "test_accuracy": (accuracy[target][i], 0.2, one_shot if every == 300 else -0.1),
            }
    return arms


def flat(stability: float, accuracy: float, flatness: float, sd: float = 0.2) -> dict[str, Numbers]:
    """An arm of Figure 6, `flatness` from 0, sharp, to 1, flat."""
    return {
        "stability": (stability, sd if stability < 100 else 0, 1),
        "test_accuracy": (accuracy, 0.15, -0.5),
        "hessian_trace": (520 - 290 * flatness, 20, 0.5),
        "hessian_eigenvalue": (30 - 16 * flatness, 1.5, 0.5),
        "gradient_covariance_trace": (5000 - 3500 * flatness, 250, 0.5),
        "tic": (10 - 4 * flatness, 0.5, 0.5),
        "epsilon": (0.09 + 0.05 * flatness, 0.005, -0.5),
        "loss_rise_by_rank": (-0.8, 0.1),
    }


STABILITY: dict[str, tuple[float, ...]] = {
    "PruneS": (99.9, 99.7, 99.5, 99.3, 99.0, 98.5, 96.0),
    "PruneR": (99.7, 99.4, 99.1, 98.8, 98.4, 97.8, 95.0),
    "PruneL": (99.3, 98.9, 98.5, 98.1, 97.5, 96.5, 94.0),
}
ACCURACY: dict[str, tuple[float, ...]] = {
    "PruneS": (85.45, 85.55, 85.65, 85.7, 85.8, 85.9, 85.7),
    "PruneR": (85.6, 85.7, 85.8, 85.85, 85.95, 86.05, 85.75),
    "PruneL": (86.3, 86.25, 86.2, 86.15, 86.1, 86.05, 85.75),
}
TABLE_C1: Arms = {
    "PruneS 1%*": {"test_accuracy": (87.65, 0.26), "stability": (99.957, 0.006)},
    "PruneS 14%*": {"test_accuracy": (87.72, 0.18), "stability": (99.470, 0.203)},
    "PruneL 14%*": {"test_accuracy": (88.03, 0.26), "stability": (98.904, 0.229)},
}
TRADEOFF_OF_FIGURE_4: Arms = {
    "No Pruning": {"test_accuracy": (94.6, 0.1), "generalization_gap": (4.4, 0.1)},
    "PruneS 3%": {
        "stability": (96.0, 0.8, 1),
        "test_accuracy": (94.2, 0.1, -0.6),
        "generalization_gap": (4.8, 0.1, 0.6),
    },
    "PruneS 5%": {
        "stability": (94.5, 0.8, 1),
        "test_accuracy": (94.4, 0.1, -0.6),
        "generalization_gap": (4.6, 0.1, 0.6),
    },
}  # fmt: skip
OPPOSITE_OF_FIGURE_4: Arms = {
    "No Pruning": {"test_accuracy": (94.0, 0.1)},
    "PruneS 3%": {"test_accuracy": (94.4, 0.1, 0.6), "generalization_gap": (4.6, 0.1, -0.6)},
    "PruneS 5%": {"test_accuracy": (94.2, 0.1, 0.6), "generalization_gap": (4.8, 0.1, -0.6)},
}

PAPER: dict[str, Arms] = {
    "fig2_vgg11": {  # r = -0.73
        "No Pruning": {"test_accuracy": (85.2, 0.2)},
        "PruneS 1%": {"stability": (99.95, 0.02, 1), "test_accuracy": (85.5, 0.2, -0.3)},
        "PruneS 13%": {"stability": (99.6, 0.15, 1), "test_accuracy": (85.75, 0.2, -0.3)},
        "PruneL 13%": {"stability": (98.9, 0.2, 1), "test_accuracy": (86.0, 0.2, -0.3)},
    },
    "fig2_resnet18": {"No Pruning": {"test_accuracy": (87.3, 0.2)}, **TABLE_C1},
    "fig3": figure_3(STABILITY, ACCURACY, -0.1),
    "fig4_resnet18": TRADEOFF_OF_FIGURE_4,
    "fig4_resnet20": TRADEOFF_OF_FIGURE_4,
    "fig4_resnet56": TRADEOFF_OF_FIGURE_4,
    "fig5": {
        "No Noise": {"test_accuracy": (85.2, 0.2)},
        "PruneL": {"test_accuracy": (86.0, 0.2), "stability": (98.9, 0.2)},
        "Zeroing *": {"stability": (98.9, 0.2), "final_removal_drop": (3.0, 0.5)},
        "Zeroing 1": {"test_accuracy": (85.6, 0.2)},
        "Zeroing 50": {"test_accuracy": (86.0, 0.2)},
        "Zeroing 1105": {"test_accuracy": (86.0, 0.2), "final_removal_drop": (0.05, 0.1)},
        "Gaussian *": {"test_accuracy": (85.3, 0.2), "stability": (99.0, 0.2), "final_removal_drop": (5, 1)},
        "Gaussian 1105": {"test_accuracy": (86.0, 0.2)},
    },
    "fig6": {
        "No Pruning": flat(100, 85.2, 0),
        "Scratch": flat(100, 85.15, 0.05),
        "PruneS 1%": flat(99.95, 85.5, 0.3, 0.02),
        "PruneS 13%": flat(99.6, 85.75, 0.6),
        "PruneR 13%": flat(99.3, 85.85, 0.75),
        "PruneL 13%": flat(98.9, 86.1, 1),
    },
    "figB1": {
        "*": {
            "test_accuracy": 93.0,
            "normality_distance_growth": (0.05, 0.01),
            "normality_distance_by_depth": (0.8, 0.1),
        }
    },
    "figB2_vgg11": {  # r = -0.88
        "No Pruning": {"test_accuracy": (85.2, 0.2)},
        "PruneS 1%": {"stability": (99.98, 0.01, 1), "test_accuracy": (85.5, 0.15, -0.5)},
        "PruneS 13%": {"stability": (99.81, 0.1, 1), "test_accuracy": (85.7, 0.15, -0.5)},
        "PruneL 13%": {"stability": (97.67, 0.3, 1), "test_accuracy": (86.2, 0.15, -0.5)},
    },
    "figB2_resnet18": {  # r = -0.65
        "No Pruning": {"test_accuracy": (87.3, 0.2)},
        "PruneS 1%": {"stability": (99.961, 0.006, 1), "test_accuracy": (87.6, 0.2, -0.2)},
        "PruneS 14%": {"stability": (98.14, 0.4, 1), "test_accuracy": (87.85, 0.2, -0.2)},
        "PruneL 14%": {"stability": (96.66, 0.6, 1), "test_accuracy": (88.0, 0.2, -0.2)},
    },
    "figB2_resnet18_ebn": {
        "No Pruning": {"test_accuracy": (87.3, 0.2)},
        "PruneS 1%": {"stability": (99.96, 0.006, 1), "test_accuracy": (87.6, 0.2, -0.2)},
        "PruneS 14%": {"stability": (98.5, 0.4, 1), "test_accuracy": (87.85, 0.2, -0.2)},
        "PruneL 14%": {"stability": (97.0, 0.6, 1), "test_accuracy": (88.0, 0.2, -0.2)},
    },
    "tabC1": TABLE_C1 | {
        "PruneS 1% 59%": {"test_accuracy": (87.52, 0.11), "stability": (99.935, 0.012)},
        "PruneS 14% 59%": {"test_accuracy": (87.95, 0.18), "stability": (98.912, 0.303)},
        "PruneL 14% 59%": {"test_accuracy": (87.48, 0.37), "stability": (98.143, 0.434)},
    },
    "figC3": {
        "No Pruning": {"test_accuracy": (94.35, 0.1)},
        "PruneS 6% total": {
            "stability": (99.96, 0.01, 1), "test_accuracy": (94.25, 0.1, -0.4),
            "generalization_gap": (4.7, 0.1, 0.4),
        },
        "PruneS 10% total": {
            "stability": (99.93, 0.01, 1), "test_accuracy": (94.41, 0.1, -0.4),
            "generalization_gap": (4.5, 0.1, 0.4),
        },
    },
    "figD2": {
        "No Noise": {"test_accuracy": (85.2, 0.2)},
        "PruneL": {"test_accuracy": (86.0, 0.2), "stability": (98.9, 0.2)},
        "Zeroing *": {
            "test_accuracy": (85.5, 0.2), "stability": (98.9, 0.2), "final_removal_drop": (4.0, 0.5),
        },
        "Zeroing 2480": {"test_accuracy": (86.0, 0.2), "final_removal_drop": (1.0, 0.3)},
    },
    "tabF1": {
        "No Pruning": {"test_accuracy": (73.28, 0.12)},
        "Scratch": {"test_accuracy": (73.11, 0.13), "stability": 100},
        "PruneS": {"test_accuracy": (73.22, 0.09), "stability": (91.94, 4.10)},
        "PruneL": {"test_accuracy": (73.41, 0.08), "stability": (86.98, 6.87)},
    },
}  # fmt: skip

SHARP: Arms = {  # the less stable, the sharper, and so beside the paper's accuracies the sharper the better
    "No Pruning": flat(100, 85.2, 1),
    "Scratch": flat(100, 85.15, 0.95),
    "PruneS 1%": flat(99.95, 85.5, 0.7, 0.02),
    "PruneS 13%": flat(99.6, 85.75, 0.4),
    "PruneR 13%": flat(99.3, 85.85, 0.25),
    "PruneL 13%": flat(98.9, 86.1, 0),
}
OPPOSITES: tuple[dict[str, Arms], ...] = (
    {
        "fig2_vgg11": {
            "PruneS 1%": {"stability": (99.3, 0.1, 1), "test_accuracy": (85.8, 0.1, 0.5)},
            "PruneS 13%": {"stability": (99.9, 0.1, 1), "test_accuracy": (86.2, 0.1, 0.5)},
            "PruneL 13%": {"stability": (98.5, 0.1, 1), "test_accuracy": (85.2, 0.1, 0.5)},
        },
        "fig2_resnet18": {
            "PruneS 1%": {"stability": (98.5, 0.1, 1), "test_accuracy": (87.0, 0.1, 0.5)},
            "PruneS 14%": {"stability": (99.9, 0.1, 1), "test_accuracy": (88.0, 0.1, 0.5)},
            "PruneL 14%": {"stability": (99.0, 0.1, 1), "test_accuracy": (87.4, 0.1, 0.5)},
        },
        "fig3": figure_3(
            {target: tuple(reversed(its)) for target, its in STABILITY.items()},
            {target: tuple(172 - it for it in its) for target, its in ACCURACY.items()},
            0.1,
        ),
        "fig4_resnet18": OPPOSITE_OF_FIGURE_4,
        "fig4_resnet20": OPPOSITE_OF_FIGURE_4,
        "fig4_resnet56": OPPOSITE_OF_FIGURE_4,
        "fig5": {
            "PruneL": {"test_accuracy": (84.5, 0.2)},
            "Zeroing *": {"stability": (97.0, 0.2), "final_removal_drop": (-1.0, 0.5)},
            "Zeroing 1": {"test_accuracy": (86.6, 0.2)},
            "Zeroing 1105": {"final_removal_drop": (4.0, 0.5)},
            "Gaussian *": {"final_removal_drop": (-1.0, 0.5)},
            "Gaussian 1105": {"test_accuracy": (84.0, 0.2)},
        },
        "fig6": SHARP | {"*": {"loss_rise_by_rank": (0.8, 0.1)}},
        "figB1": {
            "*": {"normality_distance_growth": (-0.05, 0.01), "normality_distance_by_depth": (-0.8, 0.1)},
        },
        "figB2_vgg11": {
            "PruneS 1%": {"stability": (99.3, 0.1, 1), "test_accuracy": (85.5, 0.2, 0.5)},
            "PruneS 13%": {"stability": (99.9, 0.1, 1), "test_accuracy": (85.6, 0.2, 0.5)},
            "PruneL 13%": {"stability": (98.5, 0.1, 1), "test_accuracy": (85.2, 0.2, 0.5)},
        },
        "figB2_resnet18": {
            "PruneS 1%": {"stability": (98.0, 0.1, 1), "test_accuracy": (87.6, 0.2, 0.5)},
            "PruneS 14%": {"stability": (99.4, 0.1, 1), "test_accuracy": (87.8, 0.2, 0.5)},
            "PruneL 14%": {"stability": (98.5, 0.1, 1), "test_accuracy": (87.5, 0.2, 0.5)},
        },
        "figB2_resnet18_ebn": {
            "PruneS 1%": {"test_accuracy": (88.0, 0.2, 0.2)},
            "PruneL 14%": {"test_accuracy": (87.6, 0.2, 0.2)},
        },
        "tabC1": {
            "PruneS 1% 59%": {"test_accuracy": (86.5, 0.11), "stability": (99.99, 0.001)},
            "PruneS 14% 59%": {"test_accuracy": (87.2, 0.18), "stability": (99.9, 0.01)},
            "PruneL 14% 59%": {"test_accuracy": (88.7, 0.2), "stability": (99.9, 0.01)},
        },
        "figC3": {
            "PruneS 6% total": {
                "stability": (93.0, 0.2, 1), "test_accuracy": (94.3, 0.1, 0.4),
                "generalization_gap": (4.5, 0.1, -0.4),
            },
            "PruneS 10% total": {
                "stability": (92.5, 0.2, 1), "test_accuracy": (94.0, 0.1, 0.4),
                "generalization_gap": (4.7, 0.1, -0.4),
            },
        },
        "figD2": {
            "Zeroing *": {"stability": (95.0, 0.2), "final_removal_drop": (-1.0, 0.3)},
            "Zeroing 2480": {"test_accuracy": (84.5, 0.2), "final_removal_drop": (-1.0, 0.3)},
        },
        "tabF1": {
            "Scratch": {"test_accuracy": (73.80, 0.13)},
            "PruneS": {"stability": (80.0, 1.0)},
            "PruneL": {"test_accuracy": (72.50, 0.08), "stability": (95.0, 1.0)},
        },
    },
    {
        "fig3": {"* every=300": {"stability": (95.0, 1.0, 1), "test_accuracy": (85.7, 0.2, -0.8)}},
        "fig6": {
            "No Pruning": {"test_accuracy": (86.1, 0.15)},
            "Scratch": {"test_accuracy": (86.05, 0.15)},
            "PruneS 1%": {"test_accuracy": (85.85, 0.15)},
            "PruneS 13%": {"test_accuracy": (85.75, 0.15)},
            "PruneR 13%": {"test_accuracy": (85.5, 0.15)},
            "PruneL 13%": {"test_accuracy": (85.2, 0.15)},
        },
    },
)  # fmt: skip

UNKNOWN = {
    (
        "tabF1",
        "PruneL ends above PruneS.",
    ): "the printed numbers have p = 0.052 at a level of 0.05, by rounding",
}

GST2020 = World(PAPER, OPPOSITES, UNKNOWN)
