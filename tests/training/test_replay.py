"""Which steps of an epoch are replayed; on a CPU by a record that says so."""

from __future__ import annotations

import torch

from gst.training.replay import UNRECORDED, _Replayed, recorder


class Record:
    """What stands for a graph: it takes the recorded step, on the tensors that it was recorded with."""

    def __init__(self, step):
        self.replay = step


def seen(sizes):
    """For each batch the sum of its images that the step saw, and whether it was replayed."""
    found, replaying = [], []

    def step(images, labels):
        found.append((int(images.sum()), int(labels.sum()), bool(replaying)))

    def record(recorded):
        def replay():
            replaying.append(1)
            recorded()
            replaying.pop()

        return Record(replay)

    take = _Replayed(step, record)
    for number, size in enumerate(sizes):
        take(torch.full((size,), number), torch.full((size,), 10 * number))
    return found


def test_the_first_steps_and_batches_of_another_size_are_taken_as_they_are():
    found = seen([4, 4, 4, 4, 3, 4])
    assert [images for images, _, _ in found] == [0, 4, 8, 12, 12, 20]
    assert [labels for _, labels, _ in found] == [0, 40, 80, 120, 120, 200]
    assert [replayed for *_, replayed in found] == [False, False, True, True, False, True]
    assert UNRECORDED == 2


def test_a_cpu_records_nothing():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    assert recorder(torch.device("cpu"), optimizer) is None
