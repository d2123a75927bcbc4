"""Tables for papers as text: Markdown, and LaTeX that compiles whatever arms are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gst.figures.files.paper_table import PaperTable
from gst.words import visible

_LATEX = str.maketrans(
    {
        **{it: f"\\{it}" for it in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "−": "$-$",
        "±": r"$\pm$",
        "×": r"$\times$",
        "·": r"$\cdot$",
        "τ": r"$\tau$",
        "ε": r"$\varepsilon$",
    }
)


def markdown(tables: Iterable[PaperTable], caption: str) -> str:
    """The tables in Markdown under their caption; columns of numbers stand to the right."""
    blocks = [f"{_markdown(caption)}\n"]
    for table in tables:
        rule = ["---:" if numeric else "---" for numeric in table.numeric]
        rows = [[_markdown(it) for it in row] for row in (table.columns, *table.rows)]
        blocks.append("".join(f"| {' | '.join(row)} |\n" for row in [rows[0], rule, *rows[1:]]))
    return "\n".join(blocks)


def latex(tables: Sequence[PaperTable], caption: str, label: str) -> str:
    """The tables in LaTeX, one below the other in one float; they need the package booktabs."""
    tabulars = "\n\n\\medskip\n".join(map(_tabular, tables))
    name = re.sub(r"[^A-Za-z0-9]+", "-", label)
    return (
        "% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\\small\n"
        f"\\caption{{{_latex(caption)}}}\n\\label{{tab:{name}}}\n{tabulars}\n\\end{{table}}\n"
    )


def _tabular(table: PaperTable) -> str:
    form = "".join("r" if numeric else "l" for numeric in table.numeric)
    head, *rows = (" & ".join(map(_latex, row)) for row in (table.columns, *table.rows))
    # An empty group, as a row that begins with "[" or "*" would be an option of the line break before it.
    body = "".join(f"{{}}{row} \\\\\n" for row in rows)
    top, middle, bottom = (f"\\{it}rule\n" for it in ("top", "mid", "bottom"))
    return f"\\begin{{tabular}}{{{form}}}\n{top}{head} \\\\\n{middle}{body}{bottom}\\end{{tabular}}"


def _latex(text: str) -> str:
    return _line(text).translate(_LATEX)


def _markdown(text: str) -> str:
    return re.sub(r"([\\|`*<$])", r"\\\1", _line(text))


def _line(text: str) -> str:
    return visible(" ".join(text.split()))
