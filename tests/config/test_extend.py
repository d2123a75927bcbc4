from __future__ import annotations

import pytest
from sweep_text import SWEEP, changed

from gst.config import load_sweep, run_key
from gst.errors import ConfigError


@pytest.fixture
def over(tmp_path):
    """Loads `s.yaml` of that text, which may extend other files, given by name."""

    def over(text, **others):
        for name, other in {"base": SWEEP, **others, "s": text}.items():
            (tmp_path / f"{name}.yaml").write_text(other)
        return load_sweep(tmp_path / "s.yaml")

    return over


@pytest.fixture
def refusal(over, tmp_path):
    """What the user reads about such files, without their folder."""

    def refusal(text, **others):
        with pytest.raises(ConfigError) as caught:
            over(text, **others)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return refusal


def keys(spec):
    return [run_key(run.spec) for run in spec.runs()]


def test_a_file_has_all_of_the_one_that_it_extends(over, load):
    spec = over("extends: base.yaml\n")
    assert (spec.name, spec.title) == ("s", "A sweep for tests")
    assert spec.configs == load().configs
    assert keys(spec) == keys(load())
    assert spec.text == f"extends: base.yaml\n--- # base.yaml\n{SWEEP}"


@pytest.mark.parametrize(
    ("own", "same"),
    [
        ("base: {training.epochs: 400}", changed("epochs: 325", "epochs: 400")),
        ("base: {training: {epochs: 400}}", changed("epochs: 325", "epochs: 400")),
        ("base: {training: {lr_drops: [7]}}", changed("[150, 300]", "[7]")),
        ("base: {pruning: {every: 8}}", changed("every: 40", "every: 8")),
        ("base: {pruning: {kind: none}}", SWEEP.partition("  pruning:")[0] + "  pruning: {kind: none}\narms: {S: {}}"),
        ("base: {pruning.kind: zeroing, pruning.train_batches: 3}",
         changed("kind: filters", "kind: zeroing\n    train_batches: 3")),
        ("seeds: 3", changed("seeds: 2", "seeds: 3")),
        ("arms: {L: {pruning.target: largest}}", changed("  S: {}", "  S: {}\n  L: {pruning.target: largest}")),
        ("arms: {S: {pruning.every: 8}}", changed("S: {}", "S: {pruning.every: 8}")),
        ("grid: {pruning.every: [4, 8]}", SWEEP + "grid: {pruning.every: [4, 8]}"),
    ],
)  # fmt: skip
def test_what_it_says_itself_goes_over_that(over, load, own, same):
    spec = over(f"extends: base.yaml\n{own}\n")
    assert [it.arm for it in spec.configs] == [it.arm for it in load(same).configs]
    assert keys(spec) == keys(load(same))


def test_an_arm_is_changed_in_the_spelling_of_either_file(over, load):
    own = "  S: {pruning.target: random, grid: {pruning.every: [4, 8]}}"
    first = changed(
        "  S: {}",
        "  S: {pruning: {target: largest}, grid: {pruning.every: [2]}, seeds: {start: 1, count: 2}}",
    )
    spec = over(f"extends: first.yaml\narms:\n{own}\n", first=first)
    asked = load(changed("  S: {}", own.replace("]}}", "]}, seeds: [1, 2]}")))
    assert spec.configs == asked.configs


def test_a_kind_by_its_dotted_key_keeps_the_rest_across_files(over):
    first = changed("  S: {}", "  S: {pruning.kind: zeroing}")
    spec = over("extends: first.yaml\narms: {S: {pruning.train_batches: 5}}\n", first=first)
    assert spec.configs[0].config.pruning.model_dump()["train_batches"] == 5
    assert spec.configs[0].config.pruning.layers == "last-4"


def test_files_extend_each_other_in_a_row(over, load):
    spec = over("extends: first.yaml\nseeds: 1\n", first="extends: base.yaml\nseeds: 3\ntitle: First\n")
    assert spec.title == "First"
    assert keys(spec) == keys(load(seeds="1"))


@pytest.mark.parametrize(
    ("text", "others", "message"),
    [
        ("seeds: 2\nextends: nowhere.yaml\n", {},
         "s.yaml:2: extends: nowhere.yaml: cannot be read: No such file or directory"),
        ("extends: [base.yaml]\n", {}, 's.yaml:1: extends: expected the path of a sweep file, found ["base.yaml"]'),
        ("extends: s.yaml\n", {}, "s.yaml:1: extends: s.yaml extends s.yaml in its turn"),
        ("extends: first.yaml\n", {"first": "title: x\nextends: s.yaml\n"},
         "first.yaml:2: extends: s.yaml extends first.yaml in its turn"),
        ("extends: first.yaml\n", {"first": SWEEP.replace("every: 40", "evry: 40")},
         "first.yaml:18 (extended by s.yaml): pruning.evry: unknown key; did you mean 'every'? valid keys here: end, every, fraction, kind, "
         "layers, mask_bn, ramp, rounds, score, score_images, scratch, start, target"),
        ("extends: base.yaml\n\nbase:\n  training:\n    epochs: x\n", {},
         "s.yaml:5: training.epochs: expected a whole number, found 'x'"),
        ("extends: base.yaml\nbase: {training.epochs: 3, training: {epochs: 4}}\n", {},
         "s.yaml:2: base.training.epochs: given twice, nested and dotted"),
        ("extends: base.yaml\nbase: 5\n", {}, "s.yaml:2: base: expected a mapping, found 5"),
        ("extends: first.yaml\n", {"first": "- 1\n"},
         "s.yaml:1: extends: first.yaml: expected a mapping of keys such as title, base and arms"),
    ],
)  # fmt: skip
def test_refusals(refusal, text, others, message):
    assert refusal(text, **others) == message


def test_a_chain_of_files_has_an_end(over, refusal):
    chain = {f"f{number}": f"extends: f{number + 1}.yaml\n" for number in range(1, 20)} | {"f19": SWEEP}
    assert over("extends: f1.yaml\n", **chain).title == "A sweep for tests"
    assert refusal("extends: f0.yaml\n", f0="extends: f1.yaml\n", **chain) == (
        "f18.yaml:1: extends: expected a chain of at most 20 files, each of which extends the next, found more"
    )
