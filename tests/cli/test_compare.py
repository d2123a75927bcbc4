"""gst compare: a table, JSON and a page, and what the exit code says."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from comparisons import runs_of
from level_stores import Level, Levels, fill_levels, level_config
from scipy import stats
from stores import Run, fill, run_config
from tradeoffs import HAND, TWINS

from gst.config.scale import scaled
from gst.store import Store

HIGH, LOW = [0.75, 0.625, 0.6875, 0.75], [0.5, 0.375, 0.4375, 0.5]
FILE = """\
papers:
  mine: {name: Mine, citation: "Myself: On <A> and B"}
tolerance: 0.5
unmeasured: {beauty: nobody knows how}
figures:
  good_one:
    paper: mine
    title: Figure 1
    sweep: hand
    accuracy: final
    values:
      - quantity: test_accuracy
        arms: [A]
        value: 70.3
        unit: percent
        deviation: 5
        runs: 4
        place: Table 1
    claims:
      - claim: A is better than B.
        place: Section 1
        order: {quantity: test_accuracy, of: [A, B], strict: true}
  good_two:
    paper: mine
    title: Figure 2
    sweep: hand
    accuracy: final
    claims:
      - claim: A and A are alike.
        place: Section 2
        match: {quantity: test_accuracy, of: [A, A]}
  bad:
    paper: mine
    title: Figure 3
    sweep: hand
    accuracy: final
    claims:
      - claim: B is better than A.
        place: Section 3
        order: {quantity: test_accuracy, of: [B, A], strict: true}
  partly:
    paper: mine
    title: Figure 4
    sweep: hand
    accuracy: final
    values:
      - {quantity: beauty, arms: [A], value: 1, unit: ratio, place: Table 4}
      - {quantity: stability, arms: [C], value: 99.9, unit: percent, place: Table 4}
    claims:
      - claim: A is better than B.
        place: Section 4
        order: {quantity: test_accuracy, of: [A, B], strict: true}
  absent:
    paper: mine
    title: Figure 5
    sweep: elsewhere
    claims:
      - claim: A is better than B.
        place: Section 5
        order: {quantity: test_accuracy, of: [A, B], strict: true}
"""


@pytest.fixture
def known(folder: Path) -> Path:
    """A store in which A is better than B, and a file that says so and the opposite."""
    (folder / "mine.yaml").write_text(FILE)
    with Store.open(str(folder / "gst.db"), create=True) as store:
        fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    return folder


@pytest.fixture
def compare(gst, known):
    """Call `gst compare` with the file of one's own."""
    return lambda *arguments: gst("compare", *arguments, "--published", "mine.yaml")


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (["good_one"], 0),
        (["good"], 0),
        (["good_one", "good_two"], 0),
        (["bad"], 4),
        (["partly"], 3),
        (["absent"], 3),
        (["partly", "bad"], 4),  # a contradiction is worse than something missing
        (["good", "absent"], 3),
        (["mine"], 4),
        (["--all"], 4),
    ],
)
def test_the_exit_code(compare, figures, code):
    assert compare(*figures).exit_code == code


def test_the_table(compare):
    result = compare("good_one")
    lines = result.stdout.splitlines()
    assert lines[0] == "good_one: Mine, Figure 1"
    assert lines[1] == "  sweep hand: digits_cnn on digits (6 images of a class), 8 runs"
    assert lines[2] == "  accuracy: final test accuracy"
    assert lines[4].split() == ["value", "published", "ours"]
    value = "70.3% ± 5 (n = 4)  70.3% [60.8, 79.8]  (n = 4)  agrees"
    assert lines[5].split("  ", 3)[1:][0] == "test accuracy, A"
    assert " ".join(lines[5].split()).endswith(" ".join(value.split()))
    assert lines[7] == "  held: A is better than B. [Section 1]"
    assert lines[8] == "    test accuracy, A less B: +25 points, n = 4"
    assert "Claims: 1 held, 0 not held, 0 undecided, 0 not run" in lines
    assert "agrees where it lies in our interval" in result.stdout
    assert result.stderr == ""


def test_what_is_not_run_and_what_is_not_measured(compare):
    text = compare("partly", "absent").stdout
    assert "not measured: nobody knows how\n    beauty, A 1\n" in text
    assert "not run: sweep hand has no arm 'C'; there are: A, B\n    stability, C 99.9%\n" in text
    assert "absent: not run: sweep elsewhere is not in the store; run it: gst sweep elsewhere\n" in text
    assert "Claims: 1 held, 0 not held, 0 undecided, 1 not run\n" in text


def test_scaled_runs_are_said_to_be(gst, folder):
    (folder / "mine.yaml").write_text(FILE)
    configs = {arm: scaled(run_config(epochs=40, lr=lr), 0.1) for arm, lr in (("A", 0.1), ("B", 0.2))}
    with Store.open(str(folder / "gst.db"), create=True) as store:
        fill(store, runs_of("A", HIGH) + runs_of("B", LOW), configs=configs)
    result = gst("compare", "bad", "--published", "mine.yaml")
    assert result.exit_code == 3  # not 4: it says nothing against the paper
    assert (
        "not held (at scale 0.1 with 6 images of a class): B is better than A. [Section 3]" in result.stdout
    )
    assert "Claims: 0 held, 0 not held, 0 undecided, 0 not run\n" in result.stdout
    assert "1 more was judged by runs that differ from the published experiment" in result.stdout


def test_json(compare):
    result = compare("good_one", "bad", "absent", "--format", "json")
    assert result.exit_code == 4
    facts = json.loads(result.stdout)
    assert facts["claims"] == {
        "held": 1, "not held": 1, "undecided": 0, "not run": 1, "elsewhere": 0,
    }  # fmt: skip
    assert (facts["contradicted"], facts["incomplete"], facts["published"]) == (True, True, "mine.yaml")
    one, bad, absent = facts["figures"]
    assert (one["figure"], bad["figure"], absent["figure"]) == ("good_one", "bad", "absent")
    (value,) = one["values"]
    assert (value["name"], value["published"], value["unit"]) == ("test accuracy, A", 70.3, "percent")
    assert value["ours"]["value"] == pytest.approx(70.3125)
    assert value["ours"]["n"] == [4]
    assert (value["inside"], value["agrees"], value["difference"]["p"] > 0.9) == (True, True, True)
    (claim,) = one["claims"]
    assert (claim["verdict"], claim["counts"], claim["deviations"]) == ("held", True, [])
    (part,) = claim["parts"]
    assert (part["value"], part["unit"], part["method"]) == (25.0, "points", "95% t, paired by seed")
    (setting,) = one["settings"]
    assert (setting["sweep"], setting["runs"], setting["scales"]) == ("hand", 8, [1.0])
    assert absent["claims"][0] | {"parts": []} == absent["claims"][0]
    assert absent["claims"][0]["reason"].startswith("sweep elsewhere is not in the store")


def test_a_page(compare, known):
    result = compare("good_one", "absent", "-o", "page.html")
    assert result.exit_code == 3
    assert result.stderr == f"Page: {known / 'page.html'}\n"
    page = (known / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "A is better than B." in page
    assert [path.name for path in known.glob(".*partial")] == []


def test_another_sweep(compare, known):
    with Store.open(str(known / "gst.db")) as store:
        configs = {"A": run_config(lr=0.3), "B": run_config(lr=0.4)}
        fill(store, runs_of("A", LOW) + runs_of("B", HIGH), name="other", configs=configs)
    assert compare("bad", "--sweep", "other").exit_code == 0
    assert compare("good_one", "--sweep", "other").exit_code == 4


def test_what_is_published_comes_with_gst(gst, known):
    result = gst("compare", "fig2_vgg11", "fig6")
    assert result.exit_code == 3
    assert "fig2_vgg11: not run: sweep fig2_vgg11 is not in the store; run it: gst sweep fig2_vgg11\n" in (
        result.stdout
    )
    assert "fig6: not run: sweep fig6 is not in the store; run it: gst sweep fig6\n" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "compare what? Name figures, such as fig2_vgg11, or --all, and not both"),
        (("fig2", "--all"), "compare what?"),
        (("--all", "--sweep", "hand"), "--sweep stands for the sweep of one figure, so not with --all"),
        (("fig2_vg11",), "no published figure 'fig2_vg11'; did you mean 'fig2_vgg11', "),
        (("fig2_vgg11", "-o", "page.pdf"), "page.pdf: a comparison is written as .html"),
        (("fig2_vgg11", "-o", "no/page.html"), "no/page.html: the folder no does not exist"),
        (("fig2_vgg11", "--published", "none.yaml"), "none.yaml: cannot be read"),
        (("fig2_vgg11", "--sweep", "hund"), "no sweep 'hund'; did you mean 'hand'?"),
        (("fig2", "--sweep", "hand"), "these have fig2_vgg11 fig2_vgg11, fig2_resnet18 fig2_resnet18"),
    ],
)
def test_mistakes(refused, known, arguments, message):
    assert message in refused("compare", *arguments)


def test_a_store_that_is_not_there(refused, folder):
    assert "there is no such store" in refused("compare", "fig2_vgg11")


def test_a_running_sweep_is_compared_as_far_as_it_is(gst, folder):
    (folder / "mine.yaml").write_text(FILE)
    with Store.open(str(folder / "gst.db"), create=True) as store:
        runs = [*runs_of("A", HIGH), *runs_of("B", LOW[:2]), Run("B", 2, [0.5], status="running")]
        fill(store, [*runs, Run("B", 3, status="pending")])
    result = gst("compare", "good_one", "--published", "mine.yaml")
    assert "6 runs, 2 missing (1 pending, 1 running)" in result.stdout
    assert "n = 4 and 2" in result.stdout


LEVELS = """\
papers:
  mine: {name: Mine, citation: Myself, rule: one_std, replicates: 3}
tolerance: 0.5
figures:
  both:
    paper: mine
    title: Figure 1
    benchmarks: {First: one, Second: two}
    accuracy: final
    groups:
      dense: {kind: imp, at: dense}
      best sparse: {kind: imp, at: optimal}
    values:
      - statistic: difference
        quantity: test_error
        arms: [dense, best sparse]
        only: {label_noise: some}
        per: [label_noise]
        value: 12.5
        unit: points
        place: Table 1
      - statistic: count
        outcome: above
        quantity: test_error
        arms: [dense, best sparse]
        only: {label_noise: some}
        per: [label_noise]
        settings: 4
        value: 3
        unit: count
        place: Table 1
    claims:
      - claim: Pruning helps.
        place: Section 1
        order:
          quantity: test_error
          of: [dense, best sparse]
          strict: true
          only: {label_noise: some}
          per: [label_noise]
      - claim: It is never worse.
        place: Section 1
        order: {quantity: test_error, of: [dense, best sparse], strict: false}
"""


@pytest.fixture
def one_of_two(folder):
    """A store with the first of two benchmarks, and the file that has both."""
    (folder / "mine.yaml").write_text(LEVELS)
    configs = {f"IMP {noise}": level_config(levels=1, label_noise=noise) for noise in (0.25, 0.5)}
    runs = [
        Levels(arm, seed, [Level(0.5), Level(0.5 + gain / 16)])
        for arm in configs
        for seed, gain in enumerate((1, 2, 3))
    ]
    with Store.open(str(folder / "gst.db"), create=True) as store:
        fill_levels(store, runs, configs, name="one")


def test_benchmarks_in_the_table(gst, one_of_two):
    result = gst("compare", "both", "--published", "mine.yaml")
    assert result.exit_code == 3
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[1].endswith("6 runs; levels chosen by test error")
    assert not [line for line in lines if line.startswith("accuracy:")]
    assert "held: First: Pruning helps. [Section 1]" in lines
    p = stats.ttest_1samp([6.25, 12.5, 18.75], 0).pvalue
    chosen = "best sparse (level 1, 50% of the weights)"
    numbers = f"test error, dense less {chosen}: +12.5 points [-3.0, +28.0], n = 3, sd 6.2, p = {p:.2g}"
    assert f"held: label noise 25%: {numbers}" in lines
    text = " ".join(lines)
    assert "claims, since sweep two is not in the store; run it: gst sweep two" in text
    assert text.count("sweep two is not in the store") == 1
    assert "Second: Pruning helps." not in lines
    assert "Claims: 2 held, 0 not held, 0 undecided, 2 not run" in lines
    assert "Where an sd is given the paper's own rule decides" in text
    assert "A claim is undecided where an interval" not in text


def test_one_benchmark_alone(gst, one_of_two):
    result = gst("compare", "both", "--published", "mine.yaml", "--sweep", "one", "--format", "json")
    assert result.exit_code == 3  # for the count, which takes both
    (figure,) = json.loads(result.stdout)["figures"]
    assert [claim["benchmark"] for claim in figure["claims"]] == ["First", "First"]
    assert [value["measured"] for value in figure["values"]] == [True, True, True]
    assert "Second left out, and this takes all of them" in figure["values"][-1]["reason"]


def test_benchmarks_on_the_page(gst, one_of_two, folder):
    assert gst("compare", "both", "--published", "mine.yaml", "-o", "page.html").exit_code == 3
    page = (folder / "page.html").read_text()
    assert "First: Pruning helps." in page
    assert "n = 3, sd 6.2" in page
    assert "levels chosen by test error" in page
    assert "<b>Accuracy:" not in page


def test_every_figure_of_jin_is_asked_of_an_empty_store(gst, folder):
    with Store.open(str(folder / "gst.db"), create=True):
        pass
    result = gst("compare", "jin2022", "--format", "json")
    assert result.exit_code == 3
    found = json.loads(result.stdout)["figures"]
    assert len(found) == 12
    for figure in found:
        assert all(it["measured"] and not it["ours"] for it in figure["values"])
        assert all(it["measured"] and it["verdict"] == "not run" for it in figure["claims"])


def test_a_sweep_that_no_figure_is_about_is_answered(gst, folder):
    with Store.open(str(folder / "gst.db"), create=True) as store:
        fill(store, HAND, configs=TWINS)
    result = gst("compare", "hand", "-o", "own.html")
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "hand: Your sweep, By hand"
    assert "final test accuracy, paired by seed  difference" in lines
    assert any(line.startswith("hard less none") for line in lines)
    assert "(asked of your sweep, not of the paper's experiment)" in result.stdout
    page = (folder / "own.html").read_text(encoding="utf-8")
    assert "<td>hard less none</td>" in page
    (figure,) = json.loads(gst("compare", "hand", "--format", "json").stdout)["figures"]
    assert figure["differences"][0]["name"] == "hard less none"


def test_names_that_are_neither_figure_nor_sweep_and_sweeps_of_figures(gst, folder):
    with Store.open(str(folder / "gst.db"), create=True) as store:
        fill(store, HAND, configs=TWINS)
    assert "did you mean 'hand'" in gst("compare", "hamd").stderr
    assert "'hand' is no figure" in gst("compare", "hand", "--sweep", "hand").stderr


def test_one_arm_less_another(gst, refused, folder):
    with Store.open("gst.db", create=True) as store:
        fill(store, HAND, configs=TWINS, name="own")
    said = gst("compare", "own", "soft", "none").stdout
    assert said.startswith("soft less none: final test accuracy +6.25 points [")
    # The paired t test of two differences d, d': t = (d + d') / |d - d'|, and p = 1 - 2 atan(t) / pi.
    p = 1 - 2 * math.atan(0.125 / 0.625) / math.pi
    assert f"2 seeds, p = {p:.2g} (for this question alone)" in said
    found = json.loads(gst("compare", "own", "soft", "none", "--of", "stability", "--format", "json").stdout)
    assert (found["arm"], found["other"], found["n"]) == ("soft", "none", 2)
    assert "no arm of sweep own 'sofd'; did you mean 'soft'?" in refused("compare", "own", "sofd", "none")


def test_a_variant_of_the_papers_sweep_is_named_where_the_store_has_one(gst):
    assert gst("import", "--shipped", "jin_appD_lenet_short").exit_code == 0
    result = gst("compare", "jin_appD", "jin_appE")
    assert result.exit_code == 3
    call = "gst compare jin_appD --sweep jin_appD_lenet_short"
    assert result.stderr == (
        f"jin_appD: sweep jin_appD_lenet_short of the store could stand in for the paper's: {call}\n"
    )
    assert "1 more was judged" in gst(*call.split()[1:]).stdout


@pytest.mark.parametrize("arms", [["A"], ["A", "B", "C"]])
def test_a_contrast_takes_two_arms(gst, known, arms):
    result = gst("compare", "hand", *arms)
    assert result.exit_code == 2
    assert result.stderr == (
        f"gst: hand: expected two arms, the first less the second, found {', '.join(map(repr, arms))}; "
        "there are: A, B\n"
    )
