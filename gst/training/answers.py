"""What a network answers at the end of its training, so that networks can be asked where they disagree."""

from __future__ import annotations

from collections.abc import Iterator

from gst.archive.packed import packed
from gst.records import Answers
from gst.training.moments import Standing
from gst.training.state import State


def final_answers(state: State, standing: Standing) -> Iterator[Answers]:
    """After the last epoch, the class that each test image is taken for, by the test of that epoch."""
    if standing.epoch == state.spec.config.total_epochs - 1:
        assert standing.tested is not None
        classes = standing.tested.classes.tolist()
        yield Answers(standing.epoch, len(classes), packed(classes))
