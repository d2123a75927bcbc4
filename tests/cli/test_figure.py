"""gst figure: figures by name, by family and by sweep, lists of them, and what is missing."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pandas as pd
import pytest
from level_stores import fill_levels, level_config
from level_sweeps import configs_of, runs_of
from stores import Run, fill
from tradeoffs import HAND, pruned

from gst.figures import FIGURES
from gst.store import Store


@pytest.fixture
def papers(folder):
    """A store with runs for Figure 2 of VGG11 alone, one of them missing, and for one of Table C.1."""
    with Store.open("gst.db", create=True) as store:
        fill(store, [*HAND, pruned("late", 0, 0.5, 0.5, status="failed")], name="fig2_vgg11")
        fill(store, [Run("S 46%", 0, [0.5, 0.25], events=[(0, 0.5, 0.25)])], name="tabC1")
    return folder


def drawn(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".html", ".json", ".csv", ".md"))


def test_a_papers_figure_needs_its_name_alone(gst, papers):
    result = gst("figure", "fig2_vgg11")
    assert (result.exit_code, result.stdout) == (0, f"{papers / 'fig2_vgg11.html'}\n")
    assert 'content="fig2_vgg11"' in (papers / "fig2_vgg11.html").read_text()


def test_another_sweep_can_be_given(gst, papers):
    result = gst("figure", "fig2_resnet18", "--sweep", "fig2_vgg11")
    assert result.stdout == f"{papers / 'fig2_vgg11-fig2_resnet18.html'}\n"
    assert gst("figure", "fig2_resnet18", "fig2_vgg11").stdout == result.stdout


def test_a_version_by_its_address(gst, papers):
    with Store.open("gst.db", readonly=True) as store:
        digest = FIGURES["tradeoff"].numbers(store, "tabC1").source.digest
    result = gst("figure", "tradeoff", "--sweep", f"tabC1@{digest[:8]}")
    assert result.stdout == f"{papers / 'tabC1-tradeoff.html'}\n"  # which is what the name alone means


def test_a_figure_of_any_sweep_needs_one(refused, papers):
    assert "figure 'dynamics' is of any sweep; say of which: --sweep" in refused("figure", "dynamics")
    assert drawn(papers) == []


def test_a_folder_or_a_file(gst, papers):
    (papers / "out").mkdir()
    assert gst("figure", "tabC1", "-o", "out").stdout == f"{papers / 'out' / 'tabC1.html'}\n"
    assert gst("figure", "tabC1", "-o", "table.md").stdout == f"{papers / 'table.md'}\n"
    assert "\n| Arm | n |" in (papers / "table.md").read_text()


def test_a_family_draws_what_can_be_drawn_and_says_what_cannot(gst, papers):
    result = gst("figure", "fig2")
    assert result.exit_code == 3
    assert result.stdout == f"{papers / 'fig2_vgg11.html'}\n"
    assert "not in this store: fig2_resnet18; gst sweep NAME trains" in result.stderr
    assert "gst: 1 of 2 figures are not drawn: fig2_resnet18" in result.stderr


def test_a_family_in_files_or_a_folder_of_its_own(gst, papers):
    result = gst("figure", "fig2", "--sweep", "fig2_vgg11", "-o", "two.json")
    assert result.exit_code == 0, result.output
    assert drawn(papers) == ["two-fig2_resnet18.json", "two-fig2_vgg11.json"]
    (papers / "out").mkdir()
    assert gst("figure", "fig2", "--sweep", "fig2_vgg11", "-o", "out").exit_code == 0
    assert drawn(papers / "out") == ["fig2_vgg11-fig2_resnet18.html", "fig2_vgg11.html"]


@pytest.mark.parametrize(
    ("family", "members"),
    [
        ("fig2", {"fig2_vgg11", "fig2_resnet18"}),
        ("fig5", {"fig5_top", "fig5_bottom"}),
        ("figB2", {"figB2_vgg11", "figB2_resnet18", "figB2_resnet18_ebn"}),
    ],
)
def test_families(family, members):
    from gst.cli.figure import figures_of

    assert {name for name, _ in figures_of(family, None)} == members


def test_a_figure_of_several_benchmarks_is_drawn_of_each(gst, folder):
    with Store.open("gst.db", create=True) as store:
        for arm, benchmark in (("noisy", "lenet"), ("noisier", "vgg16")):
            runs = [replace(run, arm=arm) for run in runs_of("noisy")]
            config = level_config(levels=3, validation=0.25, label_noise=0.5)
            chosen = {"noisy": configs_of("noisy")["noisy"], "noisier": config}
            fill_levels(store, runs, {arm: chosen[arm]}, name=f"jin_fig3_{benchmark}")
    result = gst("figure", "jin_fig4")
    assert result.exit_code == 3
    names = ["jin_fig4_lenet.html", "jin_fig4_vgg16.html"]
    assert result.stdout.splitlines() == [str(folder / name) for name in names]
    absent = ", ".join(f"jin_fig3_{it}" for it in ("resnet20", "resnet32", "resnet50"))
    assert f"not in this store: {absent}; gst sweep NAME trains" in result.stderr
    assert "3 of 5 figures are not drawn: jin_fig4_resnet20, jin_fig4_resnet32, jin_fig4_re" in result.stderr
    result = gst("figure", "jin_fig3", "--sweep", "jin_fig3_vgg16", "-o", "one.csv")
    assert (result.exit_code, drawn(folder)) == (0, [*names, "one.csv"])
    assert gst("figure", "jin_fig5", "-o", "five.json").exit_code == 3
    assert drawn(folder) == ["five-jin_fig5_lenet.json", "five-jin_fig5_vgg16.json", *names, "one.csv"]
    assert "every cell of the CSV is what these numbers give" in gst("verify", "one.csv").output
    assert "the drawing is what these numbers give" in gst("verify", "five-jin_fig5_lenet.json").output
    rows = list(csv.DictReader(io.StringIO(gst("figure", "--format", "csv").stdout)))
    listed = {row["sweep"]: row["runs"] for row in rows if row["figure"] == "jin_fig3"}
    assert (list(listed), listed["jin_fig3_lenet"], listed["jin_fig3_resnet50"]) == (
        list(FIGURES["jin_fig3"].family), "3 of 3", "none",
    )  # fmt: skip


def test_strict_refuses_missing_runs_and_names_them(gst, papers):
    result = gst("figure", "fig2_vgg11", "--strict")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "gst: figure fig2_vgg11 lacks 2 of 8 runs of sweep fig2_vgg11: "
        "late seed 0 (failed), late seed 1 (pending)\n"
    )
    assert drawn(papers) == []


def test_strict_names_a_few_of_many(gst, papers):
    with Store.open("gst.db") as store:
        fill(store, [Run("a", 0, [0.5]), *(Run("a", seed, status="failed") for seed in range(1, 13))])
    assert gst("figure", "tradeoff", "--sweep", "hand", "--strict").stderr.endswith(
        "a seed 9 (failed), a seed 10 (failed) and 2 more\n"
    )


def test_strict_draws_what_is_whole(gst, papers):
    assert gst("figure", "tabC1", "--strict").exit_code == 0
    arms = ("-p", "arms=none,hard")
    assert gst("figure", "dynamics", "--sweep", "fig2_vgg11", *arms, "--strict").exit_code == 0


@pytest.mark.parametrize("arguments", [(), ("--list",), ("fig2_vgg11", "--list")])
def test_the_list_says_what_the_store_has(gst, papers, arguments):
    rows = list(csv.DictReader(io.StringIO(gst("figure", *arguments, "--format", "csv").stdout)))
    found = {row["figure"]: (row["sweep"], row["runs"]) for row in rows}
    assert list(found) == list(FIGURES)
    assert found["tradeoff"] == ("any", "")
    assert found["fig2_vgg11"] == ("fig2_vgg11", "6 of 8")
    assert found["tabC1"] == ("tabC1", "1 of 1")
    assert found["fig5_top"] == ("fig5", "none")
    assert {row["title"] for row in rows} == {figure.title for figure in FIGURES.values()}
    assert drawn(papers) == []


def test_numbers_are_printed_in_each_form(gst, papers):
    columns, rows = FIGURES["tradeoff"].numbers(*of_store("fig2_vgg11")).table().filled()
    printed = json.loads(gst("figure", "tradeoff", "--sweep", "fig2_vgg11", "--format", "json").stdout)
    assert printed == [
        {name: it for name, it in zip(columns, row, strict=True) if it is not None} for row in rows
    ]
    table = pd.read_csv(io.StringIO(gst("figure", "fig2_vgg11", "--format", "csv").stdout))
    assert table.groupby("what").size()["run"] == 6
    lines = gst("figure", "fig2_vgg11", "--format", "table").stdout.splitlines()
    assert lines[0].split("  ")[0] == "Arm"
    assert [line.split()[0] for line in lines[1:4]] == ["none", "hard", "soft"]
    assert "6 runs" in lines[-1]
    assert drawn(papers) == []


def of_store(sweep):
    """The numbers' arguments: the store as it stands, and the sweep."""
    with Store.open("gst.db", readonly=True) as store:
        return store, sweep


def test_the_list_needs_no_store(gst, folder):
    result = gst("figure", "--format", "json")
    assert result.exit_code == 0
    assert {row["figure"] for row in json.loads(result.stdout)} == set(FIGURES)
    assert "gst.db: there is no such store" in result.stderr
    assert not (folder / "gst.db").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fig2_vgg"], "no figure 'fig2_vgg'; did you mean 'fig2_vgg11', "),
        (["fig2_vgg11", "-o", "x.doc"], "x.doc: a figure is written as one of"),
        (["fig2_vgg11", "-o", "nowhere/x.html"], "the folder nowhere does not exist"),
        (["fig2_vgg11", "-p", "acuracy=best"], "no parameter of figure fig2_vgg11 'acuracy'; did you mean"),
        (["tabF1"], "no sweep 'tabF1'"),
        (["tradeoff", "tabC1", "--sweep", "tabF1"], "'tabC1' and --sweep 'tabF1': name one sweep"),
        (["tabF1"], "its runs come from: gst sweep tabF1"),
        (
            ["fig2", "--format", "json"],
            "--format prints one figure, and there are 2: fig2_vgg11 --sweep fig2_vgg",
        ),
        (
            ["fig2_vgg11", "--format", "csv", "-o", "x.csv"],
            "--format prints the numbers, and -o writes a file",
        ),
    ],
)
def test_mistakes(refused, papers, arguments, message):
    assert message in refused("figure", *arguments)
    assert drawn(papers) == []


def test_a_sweep_draws_all_of_its_figures(gst, folder, complete):
    sweep = (folder / "tiny.yaml").read_text().replace("[tradeoff]", "[dynamics, tradeoff]")
    (folder / "tiny.yaml").write_text(sweep)
    result = gst("sweep", "tiny.yaml", "--local", "-o", "tiny.csv")
    assert result.exit_code == 0, result.output
    files = [folder / "tiny-dynamics.csv", folder / "tiny-tradeoff.csv"]
    assert result.stdout.splitlines()[-2:] == [f"Figure: {file}" for file in files]
    assert [file.read_text().count("\ntest_accuracy,") for file in files] == [6, 0]


def test_one_file_is_for_the_only_member_of_a_family_that_was_run(gst, papers):
    result = gst("figure", "fig2", "-o", "one.json")
    assert (result.exit_code, result.stdout) == (0, f"{papers / 'one.json'}\n")
    assert drawn(papers) == ["one.json"]
