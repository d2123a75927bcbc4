"""A run that goes on from the state of another one, its trunk."""

from __future__ import annotations

import torch

from gst.config import RunSpec
from gst.config.trunk import same_pruning
from gst.data import Dataset
from gst.errors import Diverged
from gst.training.state import NONE_ASKED, State, start
from gst.training.train import train

OF_PRUNING = ("alive", "averages", "perturbation", "rewound")
"""The parts of a state that only a run with the same pruning can take over."""
OF_SCORES = ("scores", "scoring")
"""Those that a run has of EL2N networks, which its trunk may have trained for itself."""


def branch_off(state: State, trunk: State) -> None:
    """Have a run that has not begun go on from its trunk: weights, batch norm, optimizer, and what is pruned.

    What the optimizer has seen is the trunk's; learning rate, momentum and weight decay are the run's own.
    """
    config = state.spec.config
    assert config.trunk is not None
    assert trunk.next_epoch == config.first_epoch, "the trunk stands elsewhere"
    content, own = trunk.state_dict(), state.state_dict()
    kept = OF_SCORES if same_pruning(config, config.trunk) else OF_SCORES + OF_PRUNING
    groups = [
        {name: it for name, it in of.items() if name != "params"} for of in state.optimizer.param_groups
    ]
    state.load_state_dict(content | {name: own[name] for name in kept})
    for group, values in zip(state.optimizer.param_groups, groups, strict=True):
        group.update(values)


def begun(spec: RunSpec, dataset: Dataset, device: torch.device) -> State:
    """The run before its own first epoch, for which its trunk is trained up to there, without measurements.

    Raises Diverged where the trunk diverges before.
    """
    state = start(spec, dataset, device, NONE_ASKED)
    if spec.config.first_epoch:
        branch_off(state, trunk_again(spec, dataset, device))
    return state


def trunk_again(spec: RunSpec, dataset: Dataset, device: torch.device) -> State:
    """The state of the run's trunk at the epoch from which it goes on. Raises Diverged as `begun` does."""
    assert spec.config.trunk is not None
    trunk = begun(RunSpec(spec.config.trunk, spec.seed), dataset, device)
    last = spec.config.first_epoch - 1
    for records in train(trunk):
        if records.epoch.epoch == last:
            return trunk
    raise Diverged(f"the trunk has no epoch {last}")
