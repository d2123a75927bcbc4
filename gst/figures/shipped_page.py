"""sweeps/README.md, where it states numbers: blocks that are made from the archives in sweeps/results.

A block begins with a line that says what is in it, and ends with its own line, which is added where it lacks:

    <!-- results: ARCHIVE WORD... -->     a line about that archive, then what each WORD asks for
    <!-- results: archives -->            all archives, a row each
    <!-- results: verdicts -->            what held at the scale of the papers, of all archives together
    <!-- end of results -->

`make results` writes them again, with the pictures that they show.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gst.archive.shipped import shipped_archives
from gst.errors import InputError, UnknownNameError
from gst.figures.book import FIGURES
from gst.figures.files.export import export
from gst.figures.shipped_tables import PICTURE, Shipped, about, drawn, part, picture, shipped, told, verdicts
from gst.paths import project_folder
from gst.store import Store

END = "<!-- end of results -->"
_BLOCK = re.compile(r"<!-- results: ([^\n]*?) -->\n(?:(?:(?!<!-- ).*\n)*<!-- end of results -->\n)?")


def page() -> Path:
    """The page that the blocks stand in."""
    return project_folder("sweeps") / "README.md"


@contextmanager
def everything() -> Iterator[dict[str, Shipped]]:
    """All archives by name, in one store that goes when they are no longer needed."""
    with tempfile.TemporaryDirectory() as folder, Store.open(f"{folder}/gst.db", create=True) as store:
        paths = shipped_archives()
        store.merge(*paths.values())
        yield {name: shipped(store, name, path) for name, path in paths.items()}


def written(text: str, archives: Mapping[str, Shipped]) -> str:
    """The text with its blocks made again. Raises InputError for a block that cannot be."""
    return _BLOCK.sub(lambda found: block(found[1].split(), archives), text)


def asked(text: str) -> list[list[str]]:
    """The words of each block of the text."""
    return [found.split() for found in _BLOCK.findall(text)]


def block(words: list[str], archives: Mapping[str, Shipped]) -> str:
    """The block that these words ask for, with its first and last lines."""
    head, parts = words[0], words[1:]
    if head == "archives":
        inside = [told(list(archives.values()))]
    elif head == "verdicts":
        inside = [verdicts(next(iter(archives.values())).store)]
    elif head in archives:
        inside = [about(archives[head]), *(part(archives[head], it) for it in parts)]
    else:
        raise UnknownNameError("shipped archive", head, archives)
    return "\n".join([f"<!-- results: {' '.join(words)} -->", *inside, f"{END}\n"])


def draw(text: str, archives: Mapping[str, Shipped]) -> None:
    """Write the pictures that the blocks show."""
    for head, *words in asked(text):
        for word in (it for it in words if it.endswith(PICTURE)):
            sheet, name = drawn(archives[head], word)
            export(FIGURES[name].draw(sheet), sheet, picture(archives[head], word), name=name)


def main() -> None:
    """Write the blocks of the page again, and their pictures."""
    text = page().read_text(encoding="utf-8")
    with everything() as archives:
        if not archives:
            raise InputError("sweeps/results has no archive")
        draw(text, archives)
        page().write_text(written(text, archives), encoding="utf-8")


if __name__ == "__main__":
    main()
