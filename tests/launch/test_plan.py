"""What a sweep would do, from its file alone and from what a store has of it."""

from __future__ import annotations

import pytest
from pictures import write_pictures
from stores import Run, claimed, fill, play, run_config
from tiny_sweep import LOOKING, TINY, spec_of

from gst.data import load_dataset
from gst.errors import ConfigError, DataError
from gst.launch.dry_start import dry_start
from gst.launch.networks import TASKS, Task
from gst.launch.plan import LayerPlan, sweep_plan
from gst.networks.parts import ImageShape
from gst.store import Store


@pytest.fixture
def store(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        yield opened


def test_a_plan_without_a_store(tmp_path):
    found = sweep_plan(spec_of(), data=tmp_path)
    assert (len(found.keys), found.runs_left, found.epochs, found.epochs_left) == (4, 4, 12, 12)
    assert found.seconds_left is None
    unpruned, pruned = found.arms
    assert unpruned.events == ()
    assert unpruned.layers == ()
    assert pruned.event_epochs == (0, 1)
    assert pruned.layers == (LayerPlan("conv1", 8, 4), LayerPlan("conv2", 16, 8))
    assert pruned.unit == "filters"


def test_an_event_that_removes_nothing_is_none(tmp_path):
    pruned = sweep_plan(spec_of(TINY.replace("fraction: 0.5", "fraction: 0.05")), data=tmp_path).arms[1]
    assert [(e.kept_before, e.kept_after) for e in pruned.events] == [(8, 8), (16, 16), (8, 8), (16, 16)]
    assert pruned.event_epochs == ()


def test_scratch_pruning_comes_before_training(tmp_path):
    text = TINY.replace("end: 1", "end: 0\n    scratch: true")
    assert sweep_plan(spec_of(text), data=tmp_path).arms[1].event_epochs == (-1,)


def test_weights_are_counted_as_such(tmp_path):
    text = TINY.replace("kind: filters", "kind: weights").replace("score: l2", "score: magnitude")
    pruned = sweep_plan(spec_of(text), data=tmp_path).arms[1]
    assert pruned.unit == "weights"
    assert pruned.layers[0] == LayerPlan("conv1", 72, 36)


def test_widths_that_are_one_network_are_run_once(store, tmp_path):
    """Those of the earlier width; what a store has of the other one stays as it is."""
    arms = "arms:\n  W: {pruning: {kind: none}, grid: {model.width: [0.2, 0.2001]}}\n"
    spec = spec_of(TINY.partition("arms:")[0] + arms)
    found = sweep_plan(spec, data=tmp_path)
    assert (len(found.keys), found.runs_left, found.epochs) == (2, 2, 6)
    other = spec_of(TINY.partition("arms:")[0] + arms.replace("0.2, 0.2001", "0.2001"), name="before")
    assert not set(sweep_plan(other, data=tmp_path).keys) & set(found.keys)
    old_id = store.register(other)
    new_id = store.register(spec)
    assert (store.progress(old_id).runs, store.progress(new_id).runs) == (2, 2)
    assert [arm.runs for arm in store.progress(new_id).arms] == [2, 2]


def test_arms_that_are_the_same_are_run_once(tmp_path):
    found = sweep_plan(spec_of(overrides=["pruning={kind: none}"]), data=tmp_path)
    assert found.arms[0].keys == found.arms[1].keys
    assert (len(found.keys), found.runs_left, found.epochs, found.epochs_left) == (2, 2, 6, 6)
    assert [arm.arm for arm in found.different] == ["No Pruning"]


def test_a_plan_knows_what_a_store_has(store, tmp_path):
    """The unpruned arm's runs: one is complete, one stopped after an epoch; the other arm's have failed."""
    spec = spec_of()
    configs = {arm: config for arm, config, _ in spec.configs}
    fill(
        store,
        [
            Run("No Pruning", 0, [0.5, 0.6, 0.7]),
            Run("No Pruning", 1, [0.5], status="interrupted"),
            Run("PruneL", 0, [0.5], status="failed"),
            Run("PruneL", 1, [0.5], status="diverged"),
        ],
        name="other",
        configs=configs,
    )
    found = sweep_plan(spec, store, data=tmp_path)
    unpruned, pruned = found.arms
    assert (unpruned.completed, unpruned.failed, unpruned.diverged, unpruned.shared) == (1, 0, 0, 2)
    assert (pruned.completed, pruned.failed, pruned.diverged, pruned.shared) == (0, 1, 1, 2)
    assert (unpruned.epochs_left, pruned.epochs_left) == (2, 0)
    assert (found.runs_left, found.runs_failed, found.epochs_left) == (1, 1, 2)
    assert found.seconds_left == pytest.approx(2 * 0.25)  # an epoch made by hand takes a quarter of a second


def test_runs_of_the_sweep_itself_are_not_shared(store, tmp_path):
    store.register(spec_of())
    assert [arm.shared for arm in sweep_plan(spec_of(), store, data=tmp_path).arms] == [0, 0]
    assert [arm.shared for arm in sweep_plan(spec_of(name="copy"), store, data=tmp_path).arms] == [2, 2]


def test_the_time_of_an_arm_is_that_of_its_own_runs_else_of_like_ones_else_unknown(store, tmp_path):
    like = run_config(epochs=5, lr=0.5)  # other training on the same model and data
    fill(store, [Run("like", 0, [0.5] * 5)], configs={"like": like})
    found = sweep_plan(spec_of(), store, data=tmp_path)
    assert [arm.seconds_per_epoch for arm in found.arms] == [0.25, 0.25]
    other = sweep_plan(spec_of(TINY.replace("per_class: 6", "per_class: 7")), store, data=tmp_path)
    assert [arm.seconds_per_epoch for arm in other.arms] == [None, None]
    assert other.seconds_left is None


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "[conv1, conv2]",
            "[conv1, konv2]",
            "tiny.yaml:13: pruning.layers: no layer 'konv2'; did you mean 'conv2'? the model has: conv1,",
        ),
        ("[conv1, conv2]", "last-9", "tiny.yaml:13: pruning.layers: 'last-9' of a model with"),
        ("name: digits_cnn", "name: vgg11", "tiny.yaml:7: model.name: vgg11 needs images"),
    ],
)
def test_a_plan_refuses_what_does_not_fit(tmp_path, right, wrong, message):
    with pytest.raises(ConfigError) as refusal:
        sweep_plan(spec_of(TINY.replace(right, wrong)), data=tmp_path)
    assert str(refusal.value).startswith(message)


def test_gaussian_noise_needs_a_filter_of_each_layer_to_measure(tmp_path):
    text = TINY.replace("kind: filters", "kind: gaussian").replace("fraction: 0.5", "fraction: 1.0")
    with pytest.raises(ConfigError) as refusal:
        sweep_plan(spec_of(text.replace("every: 1", "every: 1\n    train_batches: 1")), data=tmp_path)
    assert str(refusal.value) == (
        "tiny.yaml:18: pruning.fraction: gaussian noise is measured by a filter that is never targeted, and "
        "layer 'conv1' would have none of 8 (in arm 'PruneL')"
    )


def test_what_a_plan_takes_for_granted_of_digits_is_so(tmp_path):
    (_, config, _), _ = spec_of().configs
    dataset = load_dataset(config.data, tmp_path)
    assert TASKS["digits"] == Task(dataset.classes, ImageShape(*dataset.image))


def test_imagenet_has_its_1000_classes_and_pictures_of_ones_own_have_theirs(tmp_path):
    text = TINY.replace("{name: digits, per_class: 6, draw: 0}", "{name: imagenet}")
    text = text.replace("digits_cnn", "resnet50")
    unpruned = ["pruning={kind: none}"]
    whole = sweep_plan(spec_of(text, overrides=unpruned), data=tmp_path)
    assert whole.arms[0].reduction.total == 25_557_032
    write_pictures(tmp_path / "pets")
    unpruned.append("data.folder=pets")
    own = sweep_plan(spec_of(text, overrides=unpruned), data=tmp_path)
    assert own.arms[0].reduction.total == 25_557_032 - 997 * 2049


@pytest.mark.parametrize(
    ("data", "model", "parameters"),
    [
        ("mnist", "lenet_300_100", 266_610),
        ("cifar10", "resnet20_conv", 272_474),
        ("cifar10", "vgg16", 14_728_266),
        ("cifar100", "resnet32_conv", 472_756),
        ("imagenet", "resnet50", 25_557_032),
    ],
)
def test_networks_of_2022_get_the_outputs_of_their_data(tmp_path, data, model, parameters):
    overrides = ["pruning={kind: none}", f"data={{name: {data}, per_class: null, draw: null}}"]
    (arm, _) = sweep_plan(spec_of(overrides=[*overrides, f"model.name={model}"]), data=tmp_path).arms
    assert arm.reduction.total == parameters


def test_arms_of_other_widths_are_other_networks(tmp_path):
    found = sweep_plan(spec_of(TINY + "grid: {model.width: [1.0, 0.5]}\n"), data=tmp_path)
    assert [arm.layers[0].total for arm in found.arms if arm.layers] == [8, 4]
    assert found.arms[0].reduction.total == 20_506
    # (9 + 1 + 2) * 4 + (36 + 1 + 2) * 8 + (32 + 1) * 128 + 129 * 10
    assert found.arms[1].reduction.total == 5_874


def test_a_dry_start_finds_data_that_are_missing_or_too_few(tmp_path):
    dry_start(spec_of(), data=tmp_path)
    missing = TINY.replace("{name: digits, per_class: 6, draw: 0}", "{name: folder, folder: birds}")
    with pytest.raises(DataError, match="birds"):
        dry_start(spec_of(missing), data=tmp_path)
    with pytest.raises(DataError, match=r"tiny.yaml:6: data.per_class: 600 .* \(in arm 'No Pruning'\)"):
        dry_start(spec_of(TINY.replace("per_class: 6", "per_class: 600")), data=tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "cifar10, per_class: 5001",
            "per_class: expected at most 5,000, found 5,001: cifar10's smallest",
        ),
        (
            "mnist, per_class: 6000",
            "per_class: expected at most 5,421, found 6,000: mnist's smallest class",
        ),
        (
            "cifar100, test_per_class: 101",
            "test_per_class: expected at most 100, found 101: cifar100's smallest",
        ),
    ],
)
def test_more_images_than_a_published_set_has_are_refused_before_it_is_here(tmp_path, data, message):
    text = TINY.replace("{name: digits, per_class: 6, draw: 0}", f"{{name: {data}}}")
    with pytest.raises(DataError) as refusal:
        dry_start(spec_of(text), data=tmp_path, fetch=False)
    assert str(refusal.value).startswith(f"tiny.yaml:6: data.{message}")


def test_a_dry_start_looks_at_arms_that_rank_by_images(tmp_path):
    """The first arm of those data prunes nothing, and so fits."""
    ranked = TINY.replace("PruneL: {}", "PruneL: {pruning.score: snip, pruning.score_images: 61}")
    with pytest.raises(ConfigError, match=r"pruning.score_images: 61 images of 60 .* \(in arm 'PruneL'\)"):
        dry_start(spec_of(ranked), data=tmp_path)


def test_a_dry_start_without_fetching_names_the_data_that_are_not_here(tmp_path):
    absent = TINY.replace("{name: digits, per_class: 6, draw: 0}", "{name: cifar10}")
    assert dry_start(spec_of(absent), data=tmp_path, fetch=False) == ({}, ("cifar10",))
    assert not list(tmp_path.iterdir())
    found, passed_over = dry_start(spec_of(), data=tmp_path, fetch=False)
    assert [it.name for it in found.values()] == [*found] == ["digits"]
    assert passed_over == ()


def test_a_dry_start_looks_at_each_kind_of_run_once(tmp_path, monkeypatch):
    started = []

    def seen(spec, dataset):
        started.append(spec.config.data.per_class)
        return dataset

    monkeypatch.setattr("gst.training.fitting_data", seen)
    grid = TINY + "grid: {data.per_class: [6, 7], training.optimizer.lr: [1e-3, 2e-3]}\n"
    dry_start(spec_of(grid), data=tmp_path)
    assert started == [6, 7]


def test_a_design_has_all_its_seeds_until_it_stops(store, tmp_path):
    spec = spec_of(LOOKING, "looking")
    before = sweep_plan(spec, store, data=tmp_path)
    assert (len(before.keys), before.runs_left, before.undecided) == (80, 80, True)
    sweep_id = store.register(spec)
    driver = store.take_over(sweep_id)
    for seeds in (3, 5):
        for key in store.remaining(sweep_id):
            run = store.spec(key)
            better = 0.0 if run.config.pruning.kind == "none" else 0.25 + 0.001 * run.seed
            play(claimed(store, run, sweep_id, driver), Run("", run.seed, [0.5, 0.5 + better]))
        look = store.decide(sweep_id, driver)
        assert look.seeds == seeds
        if look.decision != "continue":
            break
    after = sweep_plan(spec, store, data=tmp_path)
    assert look.decision == "reject"
    assert (len(after.keys), after.runs_left, after.undecided) == (2 * look.seeds, 0, False)
    other = sweep_plan(spec._replace(design=None), store, data=tmp_path)
    assert (other.runs_left, other.undecided) == (80 - 2 * look.seeds, False)


def test_epochs_of_el2n_networks_are_counted(store, tmp_path):
    """Two networks of one epoch each before every run of three epochs."""
    scores = "measure: {examples: {el2n: {epochs: 1, replicates: 2}}}"
    spec = spec_of(TINY.replace("arms:", f"  {scores}\narms:"))
    found = sweep_plan(spec, data=tmp_path)
    assert [arm.epochs for arm in found.arms] == [2 * (3 + 2)] * 2
    assert (found.epochs, found.epochs_left) == (20, 20)


def test_activations_of_a_network_without_batch_norms_are_refused(tmp_path):
    conv4 = TINY.replace("name: digits_cnn", "name: conv4").replace("name: digits,", "name: mnist,")
    asking = conv4.replace("  pruning:\n", "  measure: {normality: {}}\n  pruning:\n", 1)
    with pytest.raises(ConfigError, match=r"measure\.normality: conv4 has no batch norm"):
        sweep_plan(spec_of(asking), data=tmp_path)
