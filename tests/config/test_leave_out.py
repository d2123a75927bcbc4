"""What a sweep file may say of images to leave out, and how a mistake is answered."""

from __future__ import annotations

import pytest
from tiny_sweep import TINY, spec_of

from gst.config import run_key
from gst.config.sources import sources
from gst.errors import ConfigError

BASE = TINY.partition("arms:")[0].replace("draw: 0}", "draw: 0, validation: 0.2}")
IMP = "  IMP: {pruning: {kind: imp, score: magnitude, target: smallest, fraction: 0.2, levels: 2, rewind_epoch: 0}}\n"


def sweep_of(leave_out, arms=IMP):
    text = BASE + "arms:\n" + arms + f"  Less: {{pruning: {{kind: none}}, data.leave_out: {leave_out}}}\n"
    return spec_of(text, "leaving")


def test_to_leave_nothing_out_is_the_run_that_it_is_without():
    text = BASE + "arms:\n" + IMP + "  Less: {pruning: {kind: none}}\n"
    plain = [run_key(spec) for _, spec in spec_of(text, "leaving").runs()]
    assert [run_key(spec) for _, spec in sweep_of("{indices: []}").runs()] == plain


def test_another_run_chooses_and_is_the_run_of_its_arm():
    runs = list(sweep_of("{arm: IMP, level: optimal, rule: improved, share: 0.2}").runs())
    chooser = {spec.seed: spec for arm, spec in runs if arm == "IMP"}
    for _, spec in (it for it in runs if it.arm == "Less"):
        (source,) = sources(spec)
        assert run_key(source.spec) == run_key(chooser[spec.seed])
        assert source.epoch is None
    (again,) = {run_key(spec) for arm, spec in runs if arm == "Less" and spec.seed == 0}
    others = [
        "{arm: IMP, level: 1, rule: improved, share: 0.2}",
        "{arm: IMP, level: optimal, rule: worsened, share: 0.2}",
        "{arm: IMP, level: optimal, rule: improved, share: 0.1}",
        "{arm: IMP, level: optimal, rule: improved, share: 0.2, at_random: true}",
        "{arm: IMP, level: optimal, rule: misclassified}",
        "{rule: random, share: 0.2}",
        "{indices: [1]}",
        "{indices: [2]}",
    ]
    keys = {
        run_key(spec) for it in others for arm, spec in sweep_of(it).runs() if arm == "Less" and not spec.seed
    }
    assert len(keys | {again}) == len(others) + 1


@pytest.mark.parametrize(
    ("leave_out", "message"),
    [
        ("{share: 0.2}", "data.leave_out.rule: expected `rule` or `indices`, one of the two, found neither"),
        ("{rule: random}", "data.leave_out.share: rule random needs share"),
        ("{rule: misclassified, arm: IMP}", "data.leave_out.level: rule misclassified needs arm, level"),
        (
            "{rule: misclassified, arm: IMP, level: 1, share: 0.2}",
            "data.leave_out.share: misclassified has no share: it needs arm, level",
        ),
        (
            "{rule: random, share: 0.2, at_random: true}",
            "data.leave_out.at_random: `at_random` draws as many images as a rule names, and random needs no arm",
        ),
        (
            "{rule: misclassified, arm: IMP, level: 3}",
            "data.leave_out.level: expected a level from 1 to 2, the arm's last, found 3",
        ),
        ("{rule: misclassified, arm: IPM, level: 1}", "no arm 'IPM'; did you mean 'IMP'?"),
        (
            "{rule: highest_el2n, arm: IMP, share: 0.1}",
            "highest_el2n needs an arm with EL2N scores: measure.examples.el2n",
        ),
        ("{rule: misclassified, arm: Less, level: 1}", "no run can need itself: 'Less' needs 'Less'"),
    ],
)
def test_a_mistake_is_answered_with_its_line(leave_out, message):
    with pytest.raises(ConfigError) as error:
        sweep_of(leave_out)
    assert message in str(error.value)
    assert str(error.value).startswith("leaving.yaml:20: ")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            "data.label_noise: 0.1",
            "expected an arm with the same data, found one that differs in data.label_noise",
        ),
        (
            "data.validation: 0.0",
            "expected an arm with the same data, found one that differs in data.validation",
        ),
    ],
)
def test_the_other_run_has_the_same_images(other, message):
    with pytest.raises(ConfigError, match=message):
        sweep_of(
            "{arm: IMP, level: 1, rule: misclassified}", IMP.replace("{pruning", "{" + other + ", pruning")
        )


def test_a_name_of_a_level_needs_levels_and_validation():
    dense = "  IMP: {pruning: {kind: none}}\n"
    with pytest.raises(
        ConfigError, match=r"optimal is chosen by validation error: the arm needs pruning\.levels"
    ):
        sweep_of("{arm: IMP, level: optimal, rule: misclassified}", dense)
