"""What runs came to at the end of each of their levels, and the losses of groups of images there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.source import Source

if TYPE_CHECKING:
    from gst.store import Store


class LevelResult(NamedTuple):
    """A completed run in one arm, as it was at the end of one of its levels; accuracies are fractions of 1.

    A dense run that was summed up is at level 0. `epochs` is how many the run had trained by then,
    `weights` how many convolutions and linear layers have, `weights_left` the fraction of these that is
    left. Losses are of the training images, `original` and `noisy` those with the right label and with
    another; None where there are none, or where a loss was not finite.
    """

    arm: str
    key: str
    seed: int
    config_id: int
    model: str
    dataset: str
    label_noise: float
    width: float
    kind: str
    scale: float
    level: int
    epochs: int
    weights: int
    weights_left: float
    test_accuracy: float
    validation_accuracy: float | None
    test_loss: float | None
    train_loss: float | None
    original_loss: float | None
    noisy_loss: float | None

    @property
    def test_error(self) -> float:
        """The fraction of the test images that is answered wrong."""
        return 1 - self.test_accuracy

    @property
    def validation_error(self) -> float | None:
        """The same of the images held out; None where none are."""
        return None if self.validation_accuracy is None else 1 - self.validation_accuracy


class GroupLossResult(NamedTuple):
    """The mean training loss of one percentile group of EL2N scores, of a run at the end of a level.

    Groups count from 1 and the last has the highest scores. Losses are None as in LevelResult.
    """

    arm: str
    key: str
    seed: int
    level: int
    bin: int
    n_original: int
    original_loss: float | None
    n_noisy: int
    noisy_loss: float | None
    loss: float | None


_LEVELS = """\
SELECT
    m.arm, r.key, r.seed, r.config_id, c.model, c.dataset, c.label_noise, c.width, c.kind, c.scale,
    l.level, l.epoch + 1 AS epochs, l.weights, l.weights_left * 1.0 / l.weights AS weights_left,
    l.test_accuracy, l.validation_accuracy, l.test_loss, l.train_loss, l.original_loss, l.noisy_loss
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
JOIN levels l ON l.run_id = m.run_id
WHERE m.sweep_id = :sweep_id
ORDER BY m.position, l.level"""
_GROUPS = """\
SELECT m.arm, r.key, r.seed, g.level, g.bin, g.n_original, g.original_loss, g.n_noisy, g.noisy_loss, g.loss
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN group_losses g ON g.run_id = m.run_id
WHERE m.sweep_id = :sweep_id
ORDER BY m.position, g.level, g.bin"""


def level_results(store: Store, source: Source) -> tuple[LevelResult, ...]:
    """The levels of the source's completed runs, in the order of the sweep file and then rising.

    Those of a run in two arms are there twice; runs that were not summed up are left out.
    """
    found = store.query(_LEVELS, sweep_id=source.sweep_id)
    assert found.columns == LevelResult._fields
    known = _completed(source)
    results = (LevelResult(*row) for row in found.rows)
    return tuple(it for it in results if (it.arm, it.key) in known)


def group_loss_results(store: Store, source: Source) -> tuple[GroupLossResult, ...]:
    """The losses by EL2N group of the source's completed runs, run by run, by level and group."""
    found = store.query(_GROUPS, sweep_id=source.sweep_id)
    assert found.columns == GroupLossResult._fields
    known = _completed(source)
    results = (GroupLossResult(*row) for row in found.rows)
    return tuple(it for it in results if (it.arm, it.key) in known)


def _completed(source: Source) -> set[tuple[str, str]]:
    return {(member.arm, member.key) for member in source.members if member.status == "completed"}
