"""Training without some of the images: what stays is as it was, and what is left out is recorded."""

from __future__ import annotations

import pytest
import torch
from runs import BASE, without_seconds

from gst.config import RunConfig, RunSpec
from gst.errors import ConfigError, DataError
from gst.training import run_data, start, stream, train

DATA = {"per_class": 12, "validation": 0.25, "label_noise": 0.2}


def spec_of(leave_out=None, seed=0, measure=None, **model):
    data = BASE["data"] | DATA | ({} if leave_out is None else {"leave_out": leave_out})
    training = BASE["training"] | {"epochs": 2}
    values = {
        **BASE,
        "pruning": {"kind": "none"},
        "data": data,
        "training": training,
        "measure": measure or {},
    }
    return RunSpec(RunConfig.model_validate(values | {"model": BASE["model"] | model}), seed)


def test_labels_and_the_images_held_out_stay_and_the_rest_goes(digits):
    whole = run_data(digits, spec_of().config.data, 0)
    gone = whole.train_indices()[[3, 17, 44]].tolist()
    beside = next(it for it in range(1797) if it not in whole.train_indices().tolist())
    less = run_data(digits, spec_of({"indices": (*gone, beside)}).config.data, 0)
    assert less.left_out.tolist() == gone
    labels = dict(zip(whole.train_indices().tolist(), whole.train.labels.tolist(), strict=True))
    noisy = dict(zip(whole.train_indices().tolist(), whole.noisy.tolist(), strict=True))
    assert less.train_indices().tolist() == [it for it in labels if it not in gone]
    assert less.train.labels.tolist() == [labels[it] for it in less.train_indices().tolist()]
    assert less.noisy.tolist() == [noisy[it] for it in less.train_indices().tolist()]
    assert torch.equal(less.train.images, digits.train.images[less.train_indices()])
    assert torch.equal(less.validation.images, whole.validation.images)
    assert torch.equal(less.held_out, whole.held_out)


def test_a_random_share_is_drawn_from_the_seeds_own_stream(digits):
    less = run_data(digits, spec_of({"rule": "random", "share": 0.2}).config.data, 0)
    trained = run_data(digits, spec_of().config.data, 0).train_indices()
    drawn = torch.randperm(90, generator=stream(0, "leave_out"))[:18]
    assert less.left_out.tolist() == sorted(trained[drawn].tolist())
    other = run_data(digits, spec_of({"rule": "random", "share": 0.2}).config.data, 1)
    assert other.left_out.tolist() != less.left_out.tolist()


def test_what_is_left_out_is_recorded_and_what_is_noisy_still_counts_all_images(digits):
    whole = run_data(digits, spec_of().config.data, 0)
    gone = whole.train_indices()[whole.noisy][:2].tolist()
    ((record, _), (before, _)) = (
        [it.examples for it in train(start(spec_of(wanted), digits))]
        for wanted in ({"indices": tuple(gone)}, None)
    )
    assert record[0].left_out == tuple(gone)
    assert record[0].trained == 88
    assert before[0].left_out is None
    assert record[0].noisy == before[0].noisy[2:]
    assert record[0].held_out == before[0].held_out


def test_to_leave_nothing_out_is_the_same_run(digits):
    plain, nothing = (without_seconds(train(start(spec_of(it), digits))) for it in (None, {"indices": ()}))
    assert plain == nothing


def test_an_index_that_no_image_has_is_told_and_so_is_an_empty_rest(digits):
    with pytest.raises(
        ConfigError, match=r"^data\.leave_out\.indices: expected indices from 0 to 1796, found 1797"
    ):
        run_data(digits, spec_of({"indices": (1797,)}).config.data, 0)
    with pytest.raises(DataError, match=r"^data\.leave_out: no image would be left"):
        run_data(digits, spec_of({"indices": tuple(range(1797))}).config.data, 0)


def test_narrow_networks_have_the_scores_of_the_wide_where_asked(digits):
    def scores(of_model, **el2n):
        asked = {"examples": {"el2n": {"epochs": 1, "replicates": 2, **el2n}}}
        (record, *_) = next(train(start(spec_of(measure=asked, width=of_model), digits))).examples
        return record.el2n

    assert scores(0.5, width="full") == scores(1.0)
    assert scores(0.5) != scores(1.0)
