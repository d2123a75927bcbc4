"""Runs that come with gst: each archive can be imported, and sweeps/README.md says what they say."""

from __future__ import annotations

import math
import re
import tomllib

import numpy as np
import pytest
from scipy import stats

from gst.analysis.levels import level_results
from gst.analysis.results import run_results
from gst.analysis.source import find_source
from gst.archive.shipped import shipped_archives
from gst.cli.comparison_text import comparison_text
from gst.cli.summary import summary
from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.config import load_sweep
from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.files.verify import verify
from gst.figures.shipped_page import asked, block, everything, written
from gst.figures.shipped_tables import PICTURE, picture
from gst.paths import project_folder

PAGE = (project_folder("sweeps") / "README.md").read_text(encoding="utf-8")
FRONT = (project_folder("sweeps").parent / "README.md").read_text(encoding="utf-8")
IN_A_WHEEL = 10_000_000
"""Bytes of all archives and pictures up to which a wheel takes them along."""


@pytest.fixture(scope="module")
def archives():
    """All of them, in one store."""
    with everything() as found:
        yield found


def one(archives, name, sweep=None):
    """The store, and what the one sweep of the archive is called there, or the one of that name."""
    (version,) = [it for it in archives[name].versions if sweep in (None, it.name)]
    return archives[name].store, version.called


def test_a_wheel_leaves_them_out_where_they_would_weigh_too_much():
    folder = project_folder("sweeps") / "results"
    project = tomllib.loads((folder.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    left_out = project["tool"]["hatch"]["build"]["targets"]["wheel"].get("exclude", [])
    are_many = sum(path.stat().st_size for path in folder.iterdir()) > IN_A_WHEEL
    assert ("sweeps/results/*.zip" in left_out) == are_many


def test_every_archive_has_its_part_of_the_page():
    heads = [words[0] for words in asked(PAGE)]
    assert set(shipped_archives()) | {"archives", "verdicts"} == set(heads)


@pytest.mark.slow
def test_the_page_says_what_the_archives_say(archives):
    """Or else: make results."""
    assert written(PAGE, archives) == PAGE


@pytest.mark.slow
def test_the_pictures_show_what_the_archives_say(archives):
    for head, *words in asked(PAGE):
        for word in (it for it in words if it.endswith(PICTURE)):
            checks = verify(archives[head].store, picture(archives[head], word), FIGURES)
            assert [it.words for it in checks if it.holds is False] == []


def test_a_block_that_cannot_be_made_says_why(archives):
    with pytest.raises(UnknownNameError, match="no shipped archive 'criterion'; did you mean 'criteria'"):
        block(["criterion"], archives)
    with pytest.raises(UnknownNameError, match="no figure 'tradeof'; did you mean 'tradeoff'"):
        block(["criteria", "tradeof"], archives)
    with pytest.raises(InputError, match=r"criteria: 'tradeoff.9': the figure has 4 tables"):
        block(["criteria", "tradeoff.9"], archives)
    with pytest.raises(InputError, match=r"criteria: 'trade-off': expected FIGURE"):
        block(["criteria", "trade-off"], archives)


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_archives())
def test_an_archive_draws_the_figures_of_its_sweeps(archives, name):
    for version in archives[name].versions:
        for figure in load_sweep(project_folder("sweeps") / f"{version.name}.yaml").figures:
            sheet = FIGURES[figure].numbers(archives[name].store, version.called)
            assert FIGURES[figure].draw(sheet).layout.title.text
            assert sheet.source.keys


def cells(row, of):
    """The cells of the rows of the page that begin so, in the part about that archive."""
    part = re.search(rf"<!-- results: {of} .*?<!-- end", PAGE, re.DOTALL)[0]
    return [
        [cell.strip().replace("−", "-") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith(f"| {row} |")
    ]


def test_figure_2_a_tenth_as_long_is_as_the_readme_has_it(archives):
    store, sweep = one(archives, "fig2_vgg11_tenth_jpeg")
    found = {}
    for run in run_results(store, find_source(store, sweep)):
        found.setdefault(run.arm, []).append(100 * run.final_accuracy)
    assert list(found) == ["No Pruning", "PruneS 1%", "PruneS 13%", "PruneL 13%"]
    for arm, values in found.items():
        (_, n, accuracy, *_), *_ = cells(arm, "fig2_vgg11_tenth_jpeg")
        assert (n, accuracy.split()[0]) == ("5", f"{sum(values) / len(values):.2f}")


def test_the_front_page_quotes_the_quickstart_as_it_ships(archives):
    (own,) = [it for it in archives["quickstart"].versions if it.meant]
    sheet = FIGURES["tradeoff"].numbers(archives["quickstart"].store, own.called)
    told = summary(sheet, load_sweep(project_folder("sweeps") / "quickstart.yaml"))
    for part in FRONT.split("what came of it:\n\n```\n")[1].split("```")[0].split("...\n"):
        assert part in f"{told}\n"


def test_lenet_at_the_scale_of_jin_2022_is_as_the_readme_has_it(archives):
    store, sweep = one(archives, "jin_lenet", "jin_fig3_lenet")
    levels = {}
    for it in level_results(store, find_source(store, sweep)):
        levels.setdefault((it.arm, it.level), []).append((it.validation_accuracy, it.test_accuracy))
    assert {len(seeds) for seeds in levels.values()} == {3}
    arms = dict.fromkeys(arm for arm, _ in levels)
    assert len(levels) == 25 * len(arms) == 100
    for arm in arms:
        (row,) = cells(arm, "jin_lenet")
        means = [np.mean(levels[arm, level], axis=0) for level in range(25)]
        best = int(np.argmax([held_out for held_out, _ in means]))
        assert (row[3], row[-2]) == (str(best), "3")
        assert row[-1].split()[0] == f"{100 * (1 - means[best][1]):.2f}"
    published = load_published(shipped_file())
    found = {name: compare(store, published, [name]) for name in ("jin_fig3", "jin_fig4", "jin_fig5")}
    judged = [it for each in found.values() for it in each.claims if it.verdict != "not run"]
    assert [(it.verdict, it.counts) for it in judged] == [("held", True)] * 7
    told = comparison_text(found["jin_fig3"])
    for part in FRONT.split("`gst compare jin_fig3`:\n\n```\n")[1].split("```")[0].split("...\n"):
        assert part in told
    _, own = one(archives, "jin_lenet", "jin_fig2_lenet")
    by_test = compare(store, published, ["jin_fig2a"], sweep=own, select_by="test")
    assert [it.verdict for it in by_test.claims] == ["held", "held"]
    assert not any(it.deviations for it in by_test.claims)


@pytest.mark.parametrize("name", ["criteria", "criteria_mnist"])
def test_criteria_are_as_the_readme_has_them(archives, name):
    store, sweep = one(archives, name)
    runs = [it for it in run_results(store, find_source(store, sweep)) if it.target is not None]
    (row,) = cells("Correlation, between configurations", name)
    assert row[1:3] == [between(runs), "24 configurations"]
    assert between([it for it in runs if not it.arm.startswith("GraSP")]) in PAGE


def between(runs):
    """Pearson's r of the arms' means, with Fisher's interval."""
    arms = list(dict.fromkeys(it.arm for it in runs))
    means = [
        [np.mean([getattr(it, name) for it in runs if it.arm == arm]) for arm in arms]
        for name in ("stability", "final_accuracy")
    ]
    value = np.corrcoef(means)[0, 1]
    low, high = np.tanh(np.arctanh(value) + np.array([-1, 1]) * 1.959964 / math.sqrt(len(arms) - 3))
    return f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"


def test_weights_that_come_back_are_as_the_readme_has_them(archives):
    store, sweep = one(archives, "regrowth")
    runs = run_results(store, find_source(store, sweep))
    (row,) = cells("Correlation, between configurations", "regrowth")
    exchanged = [it for it in runs if it.arm.startswith(("SET", "RigL"))]
    assert row[1:3] == [between(exchanged), "12 configurations"]
    final = {(it.arm, it.seed): 100 * it.final_accuracy for it in runs}
    for entry in ("zero", "initial"):
        arm = f"SET fraction=0.8 target=largest entry={entry}"
        gains = [final[arm, seed] - final["Static fraction=0.8", seed] for seed in range(3000, 3008)]
        half = stats.t.ppf(0.975, 7) * np.std(gains, ddof=1) / math.sqrt(8)
        assert f"{np.mean(gains):+.1f} [{np.mean(gains) - half:+.1f}, {np.mean(gains) + half:+.1f}]" in PAGE
    for fraction in (0.8, 0.95):
        before, after, back = events(store, f"SET fraction={fraction} target=smallest entry=initial")
        assert re.search(f"{before}.*{after}\\D*{back}", PAGE, re.DOTALL)
        _, after, back = events(store, f"SET fraction={fraction} target=smallest entry=zero")
        assert after == back


def test_one_network_pruned_in_twelve_ways_is_as_the_readme_has_it(archives):
    late, called = one(archives, "late_pruning")
    runs = run_results(late, find_source(late, called))
    (row,) = cells("Correlation, between configurations", "late_pruning")
    assert row[1:3] == [between([it for it in runs if it.target is not None]), "12 configurations"]
    quickstart = archives["quickstart"].store
    ours = gains(runs)
    theirs = gains(run_results(quickstart, find_source(quickstart, "quickstart")))
    rng = np.random.default_rng(0)
    draws = [[rng.integers(0, 8, 8) for _ in range(2)] for _ in range(10_000)]
    ratios = [pooled(ours[:, of_ours]) / pooled(theirs[:, of_theirs]) for of_ours, of_theirs in draws]
    low, high = np.quantile(ratios, [0.025, 0.975])
    words = f"is {pooled(ours):.2f} points here and {pooled(theirs):.2f} in the quickstart"
    assert words in " ".join(PAGE.split())
    assert f"{pooled(ours) / pooled(theirs):.2f} [{low:.2f}, {high:.2f}]" in PAGE


def gains(runs):
    """Points of final accuracy of each pruned arm above No Pruning, [arms, seeds]."""
    final = {(it.arm, it.seed): 100 * it.final_accuracy for it in runs}
    arms, seeds = (list(dict.fromkeys(key[place] for key in final)) for place in (0, 1))
    pruned = [arm for arm in arms if arm != "No Pruning"]
    return np.array([[final[arm, seed] - final["No Pruning", seed] for seed in seeds] for arm in pruned])


def pooled(gains):
    """The standard deviation over seeds, pooled over arms."""
    return math.sqrt(gains.var(axis=1, ddof=1).mean())


def test_narrower_networks_at_the_scale_of_jin_2022_are_as_the_readme_has_them(archives):
    store, sweep = one(archives, "jin_lenet", "jin_fig7_lenet")
    found = {}
    for it in level_results(store, find_source(store, sweep)):
        kind, _, noise = it.arm.rpartition("label_noise=")
        found.setdefault((noise, kind, it.level), []).append((it.validation_accuracy, it.test_accuracy))
    assert {len(seeds) for seeds in found.values()} == {3}
    assert sum(kind.startswith("Width") for _, kind, _ in found) == 40
    told = {"dense": [], "narrow": [], "pruned": []}
    for noise in ("0.05", "0.1", "0.15"):
        means = {key[1:]: np.mean(seeds, axis=0) for key, seeds in found.items() if key[0] == noise}
        narrow, pruned = (
            max((held_out, test) for (kind, _), (held_out, test) in means.items() if kind.startswith(name))
            for name in ("Width", "IMP")
        )
        for name, test in (("dense", means["IMP ", 0][1]), ("narrow", narrow[1]), ("pruned", pruned[1])):
            told[name].append(f"{100 * (1 - test):.2f}%")
    text = " ".join(PAGE.split())
    for first, second, third in told.values():
        assert f"{first}, {second} and {third}" in text
    claims = compare(store, load_published(shipped_file()), ["jin_fig7"]).claims
    assert [(it.verdict, it.counts) for it in claims if it.verdict != "not run"] == [("held", True)]


def test_images_left_out_at_the_scale_of_jin_2022_are_as_the_readme_has_them(archives):
    store, sweep = one(archives, "jin_lenet", "jin_appE_lenet")
    final = {}
    for run in run_results(store, find_source(store, sweep)):
        final.setdefault(run.arm, {})[run.seed] = 100 * run.final_accuracy
    text = " ".join(PAGE.split())
    for arm in ("Without misclassified", "Dense", "Without as many"):
        noises = [final[f"{arm} label_noise={it}"] for it in (0.05, 0.1, 0.15)]
        assert {len(it) for it in noises} == {3}
        first, second, third = (f"{np.mean(list(it.values())):.1f}%" for it in noises)
        assert f"{first}, {second} and {third}" in text
    (claim,) = compare(store, load_published(shipped_file()), ["jin_appE"]).claims
    assert (claim.verdict, claim.counts) == ("not held", False)


def test_two_orders_of_batches_are_as_the_readme_has_them(archives):
    store, _ = one(archives, "branches_lenet")
    points = store.query(
        "SELECT branch_epoch, r.seed, share, test_accuracy FROM connectivity JOIN runs r USING (run_id) "
        "JOIN configs c ON c.config_id = r.config_id ORDER BY 1, 2, 3"
    ).rows
    for epoch in (0, 1, 2, 4):
        lines = np.array([1 - it[3] for it in points if it[0] == epoch]).reshape(3, 11)
        barriers = lines.max(axis=1) - (lines[:, 0] + lines[:, -1]) / 2
        assert barriers.max() < 0.02  # stable, by the rule of Frankle et al. 2020
        (row,) = [
            it for it in cells("Test error barrier", "branches_lenet") if it[1] == f"Order 2 epoch={epoch}"
        ]
        half = stats.t.ppf(0.975, 2) * np.std(barriers, ddof=1) / math.sqrt(3)
        told = [float(it) for it in re.findall(r"-?[0-9.]+(?:e-?[0-9]+)?", row[3])]
        assert told == pytest.approx(
            [barriers.mean(), barriers.mean() - half, barriers.mean() + half], rel=5e-3
        )


def events(store, arm):
    """Mean accuracy before the events of that arm, after what goes has gone, and once it is back."""
    columns = ", ".join(f"avg(test_accuracy_{it})" for it in ("before", "after", "regrown"))
    found = store.query(
        f"SELECT {columns} FROM pruning_events JOIN sweep_runs USING (run_id) "
        f"WHERE epoch >= 0 AND arm = '{arm}'"
    )
    return [f"{100 * it:.1f}%" for it in found.rows[0]]


@pytest.mark.parametrize(
    ("letter", "first", "other"),
    [("D", "improved", "random"), ("E", "misclassified", "as many"), ("E", "misclassified", None)],
)
def test_images_that_are_left_out_are_as_the_readme_has_them(archives, letter, first, other):
    name = f"jin_app{letter}_lenet_short"
    store, sweep = one(archives, name)
    final = {
        (it.arm, it.seed): 100 * it.final_accuracy for it in run_results(store, find_source(store, sweep))
    }
    against = "Dense" if other is None else f"Without {other}"
    gains = [final[f"Without {first}", seed] - final[against, seed] for seed in range(3)]
    half = stats.t.ppf(0.975, 2) * np.std(gains, ddof=1) / math.sqrt(3)
    rows = {row[1]: row[2] for row in cells(f"Without {first}", name)}
    wanted = (np.mean(gains), np.mean(gains) - half, np.mean(gains) + half)
    assert rows[against] == "{:+.2f} [{:+.2f}, {:+.2f}]".format(*wanted)


def test_predictors_are_as_the_readme_has_them(archives):
    store, sweep = one(archives, "predictors")
    runs = run_results(store, find_source(store, sweep))
    trace = dict(store.query("SELECT r.key, f.hessian_trace FROM flatness f JOIN runs r USING (run_id)").rows)
    arms = list(dict.fromkeys(it.arm for it in runs))
    assert (len(runs), len(arms)) == (110, 22)
    of = {
        "stability": lambda run: run.stability,
        "hessian_trace": lambda run: trace[run.key],
        "final_distance": lambda run: run.final_distance,
        "final_accuracy": lambda run: run.final_accuracy,
    }
    means = [[np.mean([value(it) for it in runs if it.arm == arm]) for arm in arms] for value in of.values()]
    final = {(it.arm, it.seed): 100 * it.final_accuracy for it in runs}
    gains = [final["No Pruning rho=0.2", it] - final["No Pruning rho=0", it] for it in range(4000, 4005)]
    half = stats.t.ppf(0.975, 4) * np.std(gains, ddof=1) / math.sqrt(5)
    assert (
        f"{np.mean(gains):.1f} [{np.mean(gains) - half:.1f}, {np.mean(gains) + half:.1f}] points above"
        in PAGE
    )
    inverse = np.linalg.inv(np.corrcoef(means))
    for at, words in enumerate(("stability", "hessian trace", "final distance")):
        plain, partial = (
            np.corrcoef(means)[at, 3],
            -inverse[at, 3] / math.sqrt(inverse[at, at] * inverse[3, 3]),
        )
        for begins, value, freedom in (("Correlation", plain, 20), ("Partial correlation", partial, 18)):
            (row,) = cells(f"{begins} between configurations of {words} and final accuracy", "predictors")
            low, high = np.tanh(np.arctanh(value) + np.array([-1, 1]) * 1.959964 / math.sqrt(freedom - 1))
            assert [float(it) for it in re.findall(r"-?[\d.]+", row[1])] == pytest.approx(
                [value, low, high], abs=0.005
            )
            p = 2 * stats.t.sf(abs(value) * math.sqrt(freedom / (1 - value**2)), freedom)
            assert (row[2], float(row[3])) == ("22 configurations", pytest.approx(p, rel=0.1))
