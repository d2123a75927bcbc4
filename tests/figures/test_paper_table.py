"""Tables for papers: a row an arm, held against means by hand, and as text that programs read."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from level_stores import fill_levels
from level_sweeps import configs_of, runs_of
from stores import Run, fill
from students import student
from tradeoffs import HAND, TWINS, targeted

from gst.analysis.source import Table
from gst.figures import FIGURES, export
from gst.figures.files.export import caption, provenance, titled
from gst.figures.files.markup import latex, markdown
from gst.figures.files.paper_table import PaperTable, paper_tables

ODD = ("[a]", "*", "50% & $x_1^2$ #~{}\\", "a|b <i> `c`", "-1", "two\nlines")

BEFORE = Run("before", 0, [0.5, 0.5], events=[(-1, 0.125, 0.0625)])
"""It was pruned before training, so that its stability was not measured."""


def cell(values, digits):
    """A mean in percent with Student's interval, as people write it."""
    low, high = student(values)
    mean = sum(values) / len(values)
    return f"{100 * mean:.{digits}f} [{100 * low:.{digits}f}, {100 * high:.{digits}f}]".replace("-", "−")


def of(store, name, sweep="hand", **parameters):
    return titled(FIGURES[name].numbers(store, sweep, **parameters)).for_papers


def test_an_arm_has_a_row_with_its_means(store):
    fill(store, HAND, configs=TWINS)
    means, differences, correlations, *_ = of(store, "tradeoff")
    assert means.columns == ("Arm", "n", "Final test accuracy, %", "Mean stability, %")
    assert means.numeric == (False, True, True, True)
    assert means.rows == (
        ("none", "2", cell([0.25, 0.5], 2), ""),
        ("hard", "2", cell([0.75, 0.5], 2), cell([0.25, 0.5], 3)),
        ("soft", "2", cell([0.625, 0.25], 2), cell([0.75, 1.0], 3)),
    )
    assert differences.columns == (
        "Arm",
        "Other",
        "Difference in final test accuracy, points",
        "n",
        "p (Holm)",
    )
    low, high = student([0.5, 0.0])
    told = f"+25.00 [{100 * low:+.2f}, {100 * high:+.2f}]".replace("-", "−")
    assert {row[:2]: row[2:4] for row in differences.rows}["hard", "none"] == (told, "2")
    assert correlations.columns[:3] == ("Estimate", "Value", "n")
    assert correlations.rows[0][0] == "Correlation, Pearson's of all runs"


def test_a_curve_has_its_last_epoch_and_arms_their_other_means(store):
    fill(store, HAND)
    (means,) = of(store, "dynamics")
    assert [(row[0], row[-1]) for row in means.rows] == [
        ("none", cell([0.25, 0.5], 2)),
        ("hard", cell([0.75, 0.5], 2)),
        ("soft", cell([0.625, 0.25], 2)),
    ]
    assert means.columns[-1] == "Test accuracy, %"


def test_a_mean_of_some_arms_stands_beside_those_of_all(store):
    fill(store, HAND)
    means, _ = of(store, "fig3", accuracy="final")  # which has a mean of the unpruned arm alone
    assert [row[0] for row in means.rows] == ["none", "hard", "soft"]
    assert [row.count("") for row in means.rows] == [1, 0, 0]  # an unpruned arm has no stability
    assert len(set(means.columns)) == len(means.columns)


def test_by_a_key_no_other_quantity_is_added_where_an_arm_lacks_it(store):
    configs = {**TWINS, "hard": targeted("largest", every=2), "before": targeted("random")}
    fill(store, [*HAND, BEFORE], configs=configs)
    (means,) = of(store, "by", x="pruning.target", y="stability")
    line, key = means.columns.index("Line"), means.columns.index("pruning.target")
    assert means.columns[-1] == "Mean stability, %"
    assert [(row[0], row[key], bool(row[line])) for row in means.rows] == [
        ("hard", "largest", True),
        ("soft", "smallest", True),
    ]


@pytest.mark.parametrize("name", ["tradeoff", "dynamics", "by", "parallel"])
def test_an_arm_without_events_has_no_stability_in_any_table(store, name):
    fill(store, [*HAND, BEFORE], configs={**TWINS, "before": targeted("random")})
    means, *_ = of(store, name, **({"y": "stability"} if name in ("by", "parallel") else {}))
    stable = means.columns.index("Mean stability, %")
    found = {row[0]: row[stable] for row in means.rows}
    assert not found.pop("none", "")
    assert not found.pop("before", "")
    assert all(found.values())
    assert found.keys() == {"hard", "soft"}


def test_the_caption_tells_the_scale_and_the_note_of_the_sweeps_file(store):
    small = {arm: it.model_copy(update={"scale": 0.25}) for arm, it in TWINS.items()}
    fill(store, HAND, configs=small, text="note: only a\n  demonstration\n")
    numbers = FIGURES["tradeoff"].numbers(store, "hand")
    told = caption(titled(numbers), provenance(numbers))
    assert told.endswith(" Scaled down to 0.25 of the sweep file's epochs. Only a demonstration.")
    assert "scaled down to 0.25 of the sweep file's epochs" in numbers.subtitle()


def test_levels_of_an_arm_have_a_row_each(store):
    fill_levels(store, runs_of("noisy"), {"noisy": configs_of("noisy")["noisy"]}, name="jin")
    (means,) = of(store, "jin_fig3", "jin")[:1]
    level = means.columns.index("Level")
    assert [row[level] for row in means.rows] == sorted({row[level] for row in means.rows})
    assert len({row[level] for row in means.rows}) > 1


def test_what_is_no_estimate_stays_without_its_empty_columns():
    table = Table(("layer", "ks", "note"), (("conv1", 0.25, None), ("conv2", -0.5, "")))
    assert paper_tables(table) == (
        PaperTable(
            ("Layer", "Ks", "Note"), (("conv1", "0.25", ""), ("conv2", "−0.5", "")), (False, True, True)
        ),
    )


def test_another_n_is_told_in_its_cell():
    rows = (
        ("mean stability", "a", 0.5, 3),
        ("mean final_accuracy", "a", 0.25, 2),
        ("mean x_y", "a", 1234.5, 3),
    )
    (found,) = paper_tables(Table(("what", "arm", "value", "n"), rows))
    assert found.columns == ("Arm", "n", "Mean stability, %", "Final test accuracy, %", "X y")
    assert found.rows == (("a", "3", "50.000", "25.00 (n = 2)", "1234"),)


def test_markdown_cells_cannot_break_out():
    text = markdown([PaperTable(("a", "n"), tuple((it, "1") for it in ODD), (False, True))], "By | hand")
    caption, _, head, rule, *rows = text.splitlines()
    assert (caption, head, rule) == ("By \\| hand", "| a | n |", "| --- | ---: |")
    assert len(rows) == len(ODD)
    for row, name in zip(rows, ODD, strict=True):
        assert len(re.findall(r"(?<!\\)\|", row)) == 3
        assert not re.search(r"(?<!\\)\$", row)
        inner = row.removeprefix("| ").removesuffix(" | 1 |")
        assert re.sub(r"\\(.)", r"\1", inner) == name.replace("\n", " ")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX is installed")
def test_latex_compiles_whatever_arms_are_called(store, tmp_path):
    fill(store, HAND, configs=TWINS)
    numbers = FIGURES["tradeoff"].numbers(store, "hand")
    export(FIGURES["tradeoff"].draw(numbers), numbers, tmp_path / "whole.tex", name="tradeoff")
    odd = PaperTable(("a & b", "−1 ± 2"), tuple((it, "+1 [−1, 2]") for it in ODD), (False, True))
    (tmp_path / "odd.tex").write_text(latex([odd, odd], "50% of <all>", "a_b"), encoding="utf-8")
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
        "\\input{whole}\\input{odd}\n\\end{document}\n"
    )
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")


def test_latex_has_no_bare_special_character():
    text = latex([PaperTable(("a",), tuple((it,) for it in ODD), (False,))], "caption", "a b/c")
    rows = text.partition("\\midrule\n")[2].partition("\\bottomrule")[0].splitlines()
    assert [row.startswith("{}") and row.endswith(" \\\\") for row in rows] == [True] * len(ODD)
    for row in rows:
        inner = row.removeprefix("{}").removesuffix(" \\\\")
        assert not re.search(r"(?<!\\)[&%$#_~^|<>]", re.sub(r"\\text\w+\{\}", "", inner))
    assert "\\label{tab:a-b-c}" in text
