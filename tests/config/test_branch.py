"""Runs that begin from another run's state, as a sweep file names them."""

from __future__ import annotations

import json

import pytest
from branches import BRANCHES, IMP
from tiny_sweep import spec_of

from gst.config import RunConfig, RunSpec, config_from_json, config_hash, config_json, run_key
from gst.config.scale import scaled
from gst.config.sources import sources
from gst.errors import ConfigError

HEAD = BRANCHES.partition("arms:")[0]


def arms(text, **changes):
    """The configurations of these arms, by label."""
    return {it.arm: it.config for it in spec_of(f"{HEAD}arms:\n{text}", **changes).configs}


def refused(text):
    with pytest.raises(ConfigError) as caught:
        arms(text)
    return str(caught.value).removeprefix("tiny.yaml:")


NONE = "pruning: {kind: none}"
DENSE = f"  Dense: {{{NONE}}}\n"


def test_the_label_of_an_arm_becomes_its_configuration_wherever_it_stands():
    found = {it.arm: it.config for it in spec_of(BRANCHES).configs}
    assert list(found) == ["Late", "Deep", "Other", "Dense", "Ticket", "Level"]
    assert found["Late"].trunk == found["Other"].trunk == found["Ticket"].trunk == found["Dense"]
    assert found["Deep"].trunk == found["Other"]
    assert found["Level"].trunk == found["Ticket"]
    content = json.loads(config_json(found["Deep"]))
    assert content["from"]["arm"] == json.loads(config_json(found["Other"]))
    assert content["from"]["arm"]["from"]["arm"] == json.loads(config_json(found["Dense"]))


def test_a_branch_is_the_same_run_under_every_label_and_in_every_file():
    one = arms(f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n")["A"]
    two = arms(f"  B: {{from.arm: C, from.epoch: 1, {NONE}}}\n  C: {{{NONE}}}\n")["B"]
    assert run_key(RunSpec(one, 0)) == run_key(RunSpec(two, 0))
    assert config_from_json(config_json(one)) == one


def test_what_is_measured_of_the_trunk_makes_no_other_branch():
    flat = "measure: {flatness: {epoch: 0}}"
    child = f"  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n"
    assert arms(f"  Dense: {{{NONE}, {flat}}}\n{child}")["A"] == arms(DENSE + child)["A"]


def test_own_epochs_and_draws():
    found = {it.arm: it.config for it in spec_of(BRANCHES).configs}
    counts = {arm: (it.first_epoch, it.own_epochs, it.draws) for arm, it in found.items()}
    assert counts == {
        "Late": (1, 2, ""), "Deep": (2, 1, "branch/1/"), "Other": (1, 2, "branch/1/"), "Dense": (0, 3, ""),
        "Ticket": (1, 4, ""), "Level": (3, 2, "branch/1/"),
    }  # fmt: skip


def test_a_branch_needs_its_trunk_and_no_other_unless_it_begins_untrained():
    found = arms(
        DENSE + "".join(f"  E{k}: {{from: {{arm: Dense, epoch: {k}}}, {NONE}}}\n" for k in (0, 1, 2))
    )
    assert [sources(RunSpec(found[f"E{k}"], 5)) for k in (0, 1, 2)] == [
        (), ((RunSpec(found["Dense"], 5), 0),), ((RunSpec(found["Dense"], 5), 1),),
    ]  # fmt: skip


def test_a_run_needs_those_that_it_branches_off_and_no_others():
    runs = {it.arm: RunSpec(it.config, 3) for it in spec_of(BRANCHES).configs}
    names = {spec: arm for arm, spec in runs.items()}
    needed = {arm: "".join(names[it.spec] for it in sources(spec)) for arm, spec in runs.items()}
    assert needed == {
        "Late": "Dense", "Deep": "Other", "Other": "Dense", "Dense": "", "Ticket": "Dense", "Level": "Ticket",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("from: {arm: Dense, epoch: 1}", "20: measure.connectivity.order: the line is to a run of another "
         "`from.order`, and this run has none (in arm 'A')"),
        ("from: {arm: Dense, epoch: 1, order: 1}", "20: measure.connectivity.order: the line is to a run of "
         "another `from.order`, and this run has order 1 itself (in arm 'A')"),
    ],
)  # fmt: skip
def test_a_line_goes_to_another_order(base, said):
    text = f"{DENSE}  A: {{{base}, {NONE}, measure: {{connectivity: {{order: 1}}}}}}\n"
    assert refused(text) == said


def test_what_is_measured_is_of_the_runs_own_epochs():
    text = f"{DENSE}  A: {{from: {{arm: Dense, epoch: 2}}, {NONE}, measure: {{flatness: {{epoch: 1}}}}}}\n"
    said = "20: measure.flatness.epoch: asks for epoch 1, which is the trunk's: from 2 on (in arm 'A')"
    assert refused(text) == said


def test_a_grid_of_the_file_pairs_branch_and_trunk():
    grid = "grid: {training.optimizer.lr: [0.1, 0.2]}\n"
    found = arms(f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n{grid}")
    for lr in ("0.1", "0.2"):
        assert found[f"A lr={lr}"].trunk == found[f"Dense lr={lr}"]


def test_a_point_of_a_grid_is_named_by_its_label():
    dense = f"  Dense: {{{NONE}, grid: {{training.batch_size: [8, 16]}}}}\n"
    assert (
        arms(f"{dense}  A: {{from: {{arm: Dense batch_size=8, epoch: 1}}, {NONE}}}\n")[
            "A"
        ].trunk.training.batch_size
        == 8
    )
    assert (
        arms(f"{dense}  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n")["A"].trunk.training.batch_size == 16
    )


def test_a_change_of_all_runs_changes_trunks_too_and_makes_no_branches():
    child = f"  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n"
    found = arms(DENSE + child, overrides=["training.epochs=5", "from.epoch=2"])
    assert found["A"].trunk == found["Dense"]
    assert (found["Dense"].branch, found["Dense"].training.epochs, found["A"].first_epoch) == (None, 5, 2)


def test_a_shrunk_sweep_shrinks_trunks_and_the_epochs_at_which_they_are_left():
    found = arms(f"{DENSE}  A: {{from: {{arm: Dense, epoch: 6}}, {NONE}}}\n", overrides=["training.epochs=8"])
    short = {arm: scaled(it, 0.5) for arm, it in found.items()}
    assert short["A"].trunk == short["Dense"]
    assert (short["A"].first_epoch, short["A"].total_epochs) == (3, 4)


def test_widths_of_one_network_are_one_trunk():
    found = arms(
        f"  A: {{model.width: 0.501, {NONE}}}\n  B: {{model.width: 0.5, {NONE}}}\n"
        f"  C: {{from: {{arm: B, epoch: 1}}, model.width: 0.5, {NONE}}}\n"
    )
    assert found["B"] == found["A"] == found["C"].trunk
    assert config_from_json(config_json(found["C"])) == found["C"]


WRONG = {
    "an arm that is not there": (
        f"{DENSE}  A: {{from: {{arm: Dens, epoch: 1}}, {NONE}}}\n",
        "20: from.arm: no arm 'Dens'; did you mean 'Dense'? There are: A, Dense (in arm 'A')",
    ),
    "no label": (
        f"{DENSE}  A: {{from: {{arm: 3, epoch: 1}}, {NONE}}}\n",
        "20: from.arm: expected the label of an arm, found 3",
    ),
    "itself": (
        f"  A: {{from: {{arm: A, epoch: 1}}, {NONE}}}\n",
        "19: from.arm: no run can need itself: 'A' needs 'A'; an arm that needs none has `from: null` (in arm 'A')",
    ),
    "a cycle": (
        f"  A: {{from: {{arm: B, epoch: 1}}, {NONE}}}\n  B: {{from: {{arm: A, epoch: 1}}, {NONE}}}\n",
        "20: from.arm: no run can need itself: 'A' needs 'B' needs 'A'; an arm that needs none has "
        "`from: null` (in arm 'B')",
    ),
    "several points": (
        f"  Dense: {{{NONE}, grid: {{training.batch_size: [8, 9]}}}}\n"
        f"  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n",
        "20: from.arm: 'Dense' has 2 points; expected the label of one: 'Dense batch_size=8', "
        "'Dense batch_size=9' (in arm 'A')",
    ),
    "an epoch that the trunk has not": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 4}}, {NONE}}}\n",
        "20: from.epoch: the trunk trains 3 epochs: expected 0 to 3, found 4 (in arm 'A')",
    ),
    "an epoch after which nothing is left": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 3}}, {NONE}}}\n",
        "20: from.epoch: the run trains 3 epochs: none is left after 3 (in arm 'A')",
    ),
    "a level of a trunk without": (
        f"{DENSE}  A: {{from: {{arm: Dense, level: 1}}, {NONE}}}\n",
        "20: from.level: the trunk has no levels, found 1 (in arm 'A')",
    ),
    "neither epoch nor level": (
        f"{DENSE}  A: {{from: {{arm: Dense}}, {NONE}}}\n",
        "20: from.epoch: expected `epoch` or `level`, one of the two, found neither (in arm 'A')",
    ),
    "an unknown key": (
        f"{DENSE}  A: {{from: {{arm: Dense, epochs: 1}}, {NONE}}}\n",
        "20: from.epochs: unknown key; did you mean 'epoch'? valid keys here: arm, epoch, level, order",
    ),
    "another model": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, model.width: 0.5, {NONE}}}\n",
        "20: from.arm: the trunk has model.width (8, 16, 256), and this run (4, 8, 128): expected the same "
        "(in arm 'A')",
    ),
    "other data": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, data.per_class: 5, {NONE}}}\n",
        "20: from.arm: the trunk has data.per_class 6, and this run 5: expected the same (in arm 'A')",
    ),
    "another optimizer": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, training.optimizer.name: sgd, {NONE}}}\n",
        "20: from.arm: the trunk has training.optimizer.name adam, and this run sgd: expected the same "
        "(in arm 'A')",
    ),
    "a trunk that is pruned in another way": (
        f"  P: {{}}\n  A: {{from: {{arm: P, epoch: 1}}, {NONE}}}\n",
        "20: from.arm: the trunk is pruned in another way, and what it has removed would come back: expected "
        "the same `pruning`, or a trunk of kind none (in arm 'A')",
    ),
    "pruning before the branch": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}}}\n",
        "14: pruning.start: pruning starts at epoch 0, which is the trunk's: from 1 on (in arm 'A')",
    ),
    "weights of before the branch": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 2}}, {IMP}}}\n",
        "20: pruning.rewind_epoch: weights go back to epoch 1, which is the trunk's: expected 2 or later "
        "(in arm 'A')",
    ),
    "seeds that the trunk has not": (
        f"  Dense: {{seeds: [0], {NONE}}}\n  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n",
        "20: from.arm: arm 'Dense' has no seed 1: expected one that has all seeds of this arm (in arm 'A')",
    ),
    "EL2N scores": (
        f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}, measure: {{examples: {{el2n: {{epochs: 1}}}}}}}}\n",
        "20: measure.examples.el2n: EL2N scores are taken before epoch 0: ask them of the trunk (in arm 'A')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line(name):
    text, said = WRONG[name]
    assert refused(text).startswith(said)


def test_a_chain_has_an_end():
    links = "".join(f"  A{k}: {{from: {{arm: A{k + 1}, epoch: 0}}, {NONE}}}\n" for k in range(25))
    assert "expected a chain of at most 20 arms, each of which needs the next" in refused(
        f"{links}  A25: {{{NONE}}}\n"
    )


def test_a_stored_trunk_that_is_not_as_gst_writes_it_is_refused():
    found = arms(f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n")["A"]
    for change in ({"scale": 1.0}, {"data": "nothing"}):
        content = json.loads(config_json(found))
        content["from"]["arm"] |= change
        with pytest.raises(ValueError):  # noqa: PT011
            RunConfig.model_validate_json(json.dumps(content))


def test_settings_name_a_trunk_by_its_hash():
    found = arms(f"{DENSE}  A: {{from: {{arm: Dense, epoch: 1}}, {NONE}}}\n")
    settings = found["A"].settings()
    assert settings["from.arm"] == config_hash(found["Dense"])[:12]
    assert [key for key in settings if key.startswith("from")] == [
        "from.arm",
        "from.epoch",
        "from.level",
        "from.order",
    ]


def test_an_arm_takes_back_the_branch_of_the_base_as_the_message_says():
    shared = HEAD.replace("base:\n", "base:\n  from: {arm: Dense, epoch: 1}\n")
    with pytest.raises(ConfigError, match="'Dense' needs 'Dense'; an arm that needs none has `from: null`"):
        spec_of(f"{shared}arms:\n{DENSE}  A: {{{NONE}}}\n")
    own = f"  Dense: {{from: null, {NONE}}}\n"
    found = {it.arm: it.config for it in spec_of(f"{shared}arms:\n{own}  A: {{{NONE}}}\n").configs}
    assert (found["Dense"].trunk, found["A"].trunk) == (None, found["Dense"])
