from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_text import changed

from gst.config import NoPruning, Schedules, config_hash, load_sweep
from gst.config.scale import scaled
from gst.paths import project_folder

SWEEPS = sorted(path for path in project_folder("sweeps").glob("*.yaml") if path.name != "published.yaml")


def config_of(load, text, **options):
    return load(text, **options).configs[0].config


def schedules(config):
    names = [f"layer {number}" for number in range(config.pruning.layer_count or 3)]
    return [schedule for _, schedule in config.pruning.schedules(tuple(names))]


def test_a_tenth_of_the_published_run(load):
    config = scaled(config_of(load, changed("every: 40", "every: 4")), 0.1)
    assert (config.training.epochs, config.training.lr_drops) == (32, (15, 30))
    assert config.pruning.start == 0
    # 37 and 68 events do not fit into a tenth of the time: one an epoch, from the first to the last
    assert [list(it.epochs) for it in schedules(config)] == [list(range(15))] * 3 + [list(range(28))]
    assert config.pruning.fraction == (0.3, 0.3, 0.3, 0.9)
    assert config.scale == 0.1


def test_warm_up_shrinks_with_the_epochs(load):
    text = changed("lr_drops: [150, 300]", "lr_drops: [150, 300]\n    warmup_epochs: 5")
    config = config_of(load, text)
    assert [scaled(config, share).training.warmup_epochs for share in (0.8, 0.5, 0.3, 0.05)] == [4, 2, 2, 0]


def test_events_keep_their_number_where_the_time_holds_them(load):
    config = scaled(config_of(load, changed("every: 40", "every: 40")), 0.2)
    assert [len(it.epochs) for it in schedules(config)] == [4, 4, 4, 7]
    assert [it.start for it in schedules(config)] == [0, 0, 1, 1]


def test_a_scaled_run_is_another_run_and_says_so(load):
    config = config_of(load, changed("every: 40", "every: 40"))
    half, quarter = scaled(config, 0.5), scaled(config, 0.25)
    assert len({config_hash(it) for it in (config, half, quarter, scaled(half, 0.5))}) >= 3
    assert (half.scale, quarter.scale, scaled(half, 0.5).scale) == (0.5, 0.25, 0.25)
    assert config.scale == 1


def test_fewer_images_are_drawn_from_the_seed_of_the_run(load):
    config = scaled(config_of(load, changed("every: 40", "every: 40")), 0.5, per_class=100)
    assert (config.data.per_class, config.data.draw, config.data.test_per_class) == (100, None, 100)


@pytest.mark.parametrize(
    ("data", "subset", "tested"),
    [("{name: mnist}", 893, 892), ("{name: mnist}", 892, 892), ("{name: cifar10}", 2000, 1000),
     ("{name: cifar10, test_per_class: 7}", 2000, 7), ("{name: cifar100}", 101, 100),
     ("{name: folder, folder: x}", 2000, 2000)],
)  # fmt: skip
def test_the_test_subset_is_no_larger_than_the_smallest_class(load, data, subset, tested):
    text = changed("{name: cifar10}", data)
    assert scaled(config_of(load, text), 0.5, subset).data.test_per_class == tested


def test_a_capped_test_subset_is_told(load):
    text = changed("{name: cifar10}", "{name: mnist}").replace("vgg11", "lenet_300_100")
    assert load(text, scale=0.9, subset=893).remarks == (
        "--subset 893 tests on 892 images of a class, which is what mnist's smallest class has",
    )
    assert load(text, scale=0.9, subset=892).remarks == ()


def test_numbers_of_images_keep_their_proportion(load):
    """Of 5,000 images of a class in CIFAR-10; what has no known size is only capped."""
    sizes = [128, 640, 2560, 5000]
    text = changed("{name: cifar10}", "{name: cifar10, per_class: SIZE}")
    found = [scaled(config_of(load, text.replace("SIZE", str(n))), 0.5, 100).data.per_class for n in sizes]
    assert found == [3, 13, 52, 100]
    folder = changed("{name: cifar10}", "{name: folder, folder: x, per_class: SIZE}")
    found = [scaled(config_of(load, folder.replace("SIZE", str(n))), 0.5, 100).data.per_class for n in sizes]
    assert found == [100] * 4


@pytest.mark.parametrize(
    ("data", "ranking", "kept"),
    [
        ("{name: cifar10}", 1000, 20),  # 100 of 5,000 images of a class
        ("{name: folder, folder: x, per_class: 400}", 1000, 250),
        ("{name: folder, folder: x}", 1000, 100),  # as many as one class has
        ("{name: digits, per_class: 100}", 40, 40),
    ],
)
def test_images_that_rank_keep_their_proportion_too(load, data, ranking, kept):
    text = changed("{name: cifar10}", data).replace("score: l2", f"score: snip\n    score_images: {ranking}")
    assert scaled(config_of(load, text), 0.5, 100).pruning.score_images == kept


def test_images_whose_gradient_brings_weights_back_keep_it_too():
    (_, rigl, _) = next(
        it for it in load_sweep(project_folder("sweeps") / "regrowth.yaml").configs if "RigL" in it[0]
    )
    assert (rigl.data.per_class, rigl.pruning.regrow.images) == (20, 200)
    assert scaled(rigl, 0.5, 3).pruning.regrow.images == 30


def test_digits_are_tested_on_what_is_left(load):
    text = changed("{name: cifar10}", "{name: digits, per_class: 20}").replace("vgg11", "digits_cnn")
    data = scaled(config_of(load, text), 0.5, 5).data
    assert (data.per_class, data.test_per_class) == (5, None)


@pytest.mark.parametrize(
    ("batches", "factor", "per_class", "wanted"),
    [
        (1, 0.1, None, 1),
        (1105, 0.1, None, 110),
        (50, 0.01, None, 2),
        (1000, 0.5, 500, 50),  # a tenth of the images, so a tenth of the batches in an epoch
    ],
)
def test_noise_lasts_as_long_in_proportion(load, batches, factor, per_class, wanted):
    text = changed("kind: filters", f"kind: zeroing\n    train_batches: {batches}")
    assert scaled(config_of(load, text), factor, per_class).pruning.train_batches == wanted


@pytest.mark.parametrize(
    ("factor", "wanted"),
    [(0.1, (31, 10, 10, 9)), (0.02, (5, 2, 2, 2)), (0.001, (0, 1, 1, 0)), (0.5, (157, 50, 10, 45))],
)
def test_flatness_is_measured_as_late_with_fewer_eigenpairs(load, factor, wanted):
    text = changed("  pruning:", "  measure: {flatness: {epoch: 314}, normality: {}}\n  pruning:")
    measure = scaled(config_of(load, text), factor).measure
    flatness = measure.flatness
    assert (flatness.epoch, flatness.eigenpairs, flatness.directions, flatness.trace_products) == wanted
    assert flatness.images == 512
    assert measure.normality is not None


def test_an_unpruned_run_is_scaled_too(load):
    config = scaled(config_of(load, changed("  S: {}", "  S: {pruning: {kind: none}}")), 0.1)
    assert config.training.epochs == 32
    assert isinstance(config.pruning, NoPruning)


@functools.cache
def last_of(path):
    return load_sweep(path).configs[-1].config


@given(st.sampled_from(SWEEPS), st.floats(0.001, 1))
def test_every_shipped_configuration_scales_to_a_valid_one(path, factor):
    config = last_of(path)
    small = scaled(config, factor)  # validated: no event after the last epoch, no drop out of order
    assert 1 <= small.training.epochs <= config.training.epochs
    if not isinstance(config.pruning, Schedules):
        assert small.course.levels == config.course.levels
        assert small.course.rewind < small.training.epochs
        return
    for before, after in zip(schedules(config), schedules(small), strict=True):
        assert 1 <= len(after.epochs) <= len(before.epochs)
        assert after.fraction == before.fraction


def test_a_whole_sweep_is_scaled_when_it_is_loaded(load):
    text = changed("  S: {}", "  S: {}\n  None: {pruning: {kind: none}}")
    spec = load(text, scale=0.1, subset=100)
    whole = load(text)
    assert [it.config for it in spec.configs] == [scaled(it.config, 0.1, 100) for it in whole.configs]
    assert spec.digest() != whole.digest()
    assert {it.config.scale for it in spec.configs} == {0.1}


@pytest.mark.parametrize("options", [{"scale": 0.0}, {"scale": 1.0}, {"scale": 1.5}, {"subset": 100}])
def test_what_is_no_scale(refusal, options):
    assert refusal(**options).startswith("scale: expected a fraction between 0 and 1, such as 0.05, found ")


def test_what_does_not_fit_names_the_options_that_may_have_caused_it(load):
    spec = load(scale=0.05, subset=100, overrides=["training.batch_size=64"])
    told = spec.misfit("S", "pruning.score_images: 500 images of 400")
    assert told.endswith(
        "of 400 (in arm 'S', with training.batch_size=64, with --scale 0.05, with --subset 100)"
    )
    assert load(scale=0.05).misfit("S", "pruning.score: x").endswith(" (in arm 'S', with --scale 0.05)")
    assert "--" not in load().misfit("S", "pruning.score: x")
