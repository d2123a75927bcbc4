"""What is wrong with a file of published numbers is said with its line and the nearest name."""

from __future__ import annotations

import pytest

from gst.compare.loading import load_published
from gst.errors import ConfigError

FILE = """\
papers:
  mine: {name: Mine, citation: Myself}
tolerance: 0.5
figures:
  one:
    paper: mine
    title: Figure 1
    sweep: my_sweep
    values:
      - {quantity: test_accuracy, arms: [A], value: 85.2, unit: percent, place: here}
    claims:
      - claim: A is better than B.
        place: there
        order: {quantity: test_accuracy, of: [A, B], strict: true}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "figures:",
            "sweeps: {my_swep: {differs: it is smaller}}\nfigures:",
            "4: sweeps.my_swep: unknown sweep 'my_swep'; did you mean 'my_sweep'?",
        ),
        (
            "figures:",
            "sweeps:\n  my_sweep:\n    assumed:\n      training.epoch: {reason: none}\nfigures:",
            "7: sweeps.my_sweep.assumed.training.epoch: unknown key 'training.epoch'; "
            "did you mean 'training.epochs'?",
        ),
        ("tolerance: 0.5", "tolerence: 0.5", "3: tolerence: unknown key; did you mean 'tolerance'? "),
        ("tolerance: 0.5", "tolerance: 0", "3: tolerance: expected greater than 0, found 0"),
        ("paper: mine", "paper: mime", "6: figures.one.paper: unknown paper 'mime'; did you mean 'mine'?"),
        (
            "quantity: test_accuracy, arms",
            "quantity: test_acuracy, arms",
            "10: figures.one.values.0: unknown quantity 'test_acuracy'; did you mean 'test_accuracy'?",
        ),
        (
            "order: {quantity: test_accuracy",
            "order: {quantity: stabilty",
            "14: figures.one.claims.0.order: unknown quantity 'stabilty'; did you mean 'stability'?",
        ),
        (
            "unit: percent",
            "unit: points",
            "10: figures.one.values.0.unit: test_accuracy is measured in percent, found 'points'",
        ),
        ("unit: percent", "unit: percents", "did you mean 'percent'?"),
        ("value: 85.2, ", "", "figures.one.values.0.value: is required, and missing"),
        (
            "quantity: test_accuracy, arms",
            "statistic: pearson, arms",
            "`x` and `y` belong to correlations (pearson, pearson_p, kendall, kendall_p), which need both",
        ),
        (
            "{quantity: test_accuracy, arms",
            "{x: stability, y: test_accuracy, arms",
            "`x` and `y` belong to correlations",
        ),
        ("{quantity: test_accuracy, arms", "{arms", "the statistic mean needs a `quantity`"),
        (
            "{quantity: test_accuracy, arms",
            "{quantity: test_accuracy, statistic: runs, arms",
            "the statistic runs has no `quantity` of its own",
        ),
        (
            "{quantity: test_accuracy, arms",
            "{statistic: difference, quantity: test_accuracy, arms",
            "the statistic difference is of two arms or groups, found 1",
        ),
        ("of: [A, B]", "of: [A]", '14: figures.one.claims.0.order.of: expected 2 or more, found ["A"]'),
        ("of: [A, B]", "of: [1, 2]", "`of` compares arms or groups, with a number at most for one of them"),
        ("of: [A, B]", "of: [A, '{}']", "`each` fills the place of {} in the names of arms"),
        ("of: [A, B]", "of: [A, B], each: [C]", "`each` fills the place of {} in the names of arms"),
        ("strict: true", "strict: true, within: 1", "`strict` refuses ties"),
        (
            "order: {quantity: test_accuracy, ",
            "order: {",
            "an order needs either `quantity` or `correlation`",
        ),
        (
            "        order: {quantity: test_accuracy, of: [A, B], strict: true}\n",
            "",
            "a claim is exactly one of `sign`, `order` and `match`",
        ),
        (
            "order: {quantity: test_accuracy, of: [A, B], strict: true}",
            "sign: {x: stability, arms: [A], expect: negative}",
            "a sign needs either `y` or `correlation`",
        ),
        (
            "order: {quantity: test_accuracy, of: [A, B], strict: true}",
            "sign: {x: stability, y: test_accuracy, arms: [A], expect: none}",
            "`expect: none` and `runs`, the published number of them, belong together",
        ),
        (
            "order: {quantity: test_accuracy, of: [A, B], strict: true}",
            "match: {quantity: test_accuracy, of: [A, B, C]}",
            "figures.one.claims.0.match.of: ",
        ),
        ("    sweep: my_sweep\n", "", "'A' is of no sweep: give the figure a `sweep`"),
        (
            "    sweep: my_sweep\n",
            "    sweep: my_sweep\n    benchmarks: {One: my_sweep}\n",
            "a figure has a `sweep`, or `benchmarks` with a sweep each",
        ),
        (
            "value: 85.2, ",
            "value: 85.2, benchmarks: [One], ",
            "10: figures.one.values.0.benchmarks: unknown benchmark 'One'; there are: ",
        ),
        (
            "        place: there\n",
            "        place: there\n        benchmarks: [One]\n",
            "figures.one.claims.0.benchmarks: unknown benchmark 'One'; there are: ",
        ),
        (
            "{quantity: test_accuracy, arms: [A], value: 85.2, unit: percent",
            "{statistic: count, outcome: above, quantity: test_accuracy, arms: [A, B], settings: 1, "
            "value: 1, unit: count",
            "10: figures.one.values.0.statistic: count needs a `rule` of the paper 'mine'",
        ),
        (
            "{quantity: test_accuracy, arms: [A], value: 85.2, unit: percent",
            "{statistic: last_match, quantity: test_accuracy, arms: [A, B], value: 1, unit: percent",
            "10: figures.one.values.0.statistic: last_match needs a `rule` of the paper 'mine'",
        ),
        ("value: 85.2, ", "value: 85.2, pick: largest, ", "`settings` says over how many settings there is"),
        ("value: 85.2, ", "value: 85.2, settings: 2, ", "`settings` says over how many settings there is"),
        ("value: 85.2, ", "value: 85.2, outcome: above, ", "`outcome` says what the statistic count counts"),
        (
            "mine: {name: Mine, citation: Myself}",
            "mine: {name: Mine, citation: Myself, rule: one_std}",
            "`rule` and `replicates`, the seeds that the paper has, belong together",
        ),
        (
            "    sweep: my_sweep\n",
            "    sweep: my_sweep\n    groups: {A: {}}\n",
            "a group needs `arms`, or `kind`, `width` or `at`",
        ),
        (
            "    sweep: my_sweep\n",
            "    sweep: my_sweep\n    groups: {A: {kind: imp, images: the_rest}}\n",
            "`images` are those of a level: say which, `at`",
        ),
        ("strict: true", "strict: true, at_least: 0", "figures.one.claims.0.order.at_least"),
    ],
)
def test_mistakes(tmp_path, old, new, message):
    assert FILE.count(old) == 1
    path = tmp_path / "mine.yaml"
    path.write_text(FILE.replace(old, new))
    with pytest.raises(ConfigError) as refusal:
        load_published(path)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}:")


@pytest.mark.parametrize(
    ("relation", "key"),
    [
        ("order: {quantity: test_accuracy, of: [A, B], strict: false, within: 0.5}", "order.within"),
        ("order: {quantity: test_accuracy, of: [A, B], strict: true, alpha: 0.1}", "order.alpha"),
        ("match: {quantity: test_accuracy, of: [A, B], within: 0.5}", "match.within"),
    ],
)
def test_what_the_rule_of_a_paper_leaves_no_place_for(tmp_path, relation, key):
    path = tmp_path / "mine.yaml"
    changed = FILE.replace("order: {quantity: test_accuracy, of: [A, B], strict: true}", relation)
    path.write_text(changed)
    load_published(path)
    path.write_text(changed.replace("citation: Myself", "citation: Myself, rule: one_std, replicates: 3"))
    with pytest.raises(ConfigError, match=f"claims.0.{key}: the paper has a `rule` of its own"):
        load_published(path)


def test_all_mistakes_are_said_at_once(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FILE.replace("paper: mine", "paper: mime").replace("unit: percent", "unit: points"))
    with pytest.raises(ConfigError) as refusal:
        load_published(path)
    assert len(str(refusal.value).splitlines()) == 2


def test_what_is_unavailable_may_be_called_anything(tmp_path):
    path = tmp_path / "mine.yaml"
    changed = FILE.replace("sweep: my_sweep", "unavailable: not yet").replace("test_accuracy", "beauty")
    path.write_text(changed)
    assert load_published(path).figures["one"].unavailable == "not yet"


def test_a_quantity_that_nobody_measures_yet(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FILE.replace("test_accuracy", "beauty") + "unmeasured: {beauty: nobody knows how}\n")
    assert load_published(path).unmeasured == {"beauty": "nobody knows how"}


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_published(tmp_path / "none.yaml")
