"""What the network answers to each training image, when that is asked for (Jin 2022, App. D and E)."""

from __future__ import annotations

from collections.abc import Iterator

from gst.archive.example_file import packed
from gst.records import ExampleContent
from gst.training.examples import example_losses
from gst.training.moments import Standing
from gst.training.state import State


def each_example(state: State, standing: Standing) -> Iterator[ExampleContent]:
    """The answers at the end of that epoch, if they are asked for: after its event, before a level's removal.

    They are given in eval mode, unaugmented. A loss is the cross-entropy on the label that is trained on.
    """
    config = state.spec.config
    if standing.epoch not in state.measurements.moments_of_examples(config.course):
        return
    data = state.dataset
    found = example_losses(state.model, data, config.training.test_batch_size)
    assert found.classes is not None
    labels = data.train.labels
    right = labels if data.right_labels is None else data.right_labels
    columns = (data.train_indices(), labels, right, found.classes, found.losses)
    content = packed([column.cpu().numpy() for column in columns])
    yield ExampleContent(standing.epoch, standing.position.level, len(labels), content)
