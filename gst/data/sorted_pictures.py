"""Pictures sorted by split and class, <split>/<class>/<picture>: which there are, and what else is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gst.data.picture import is_picture
from gst.data.source import Entry, Source, joined
from gst.errors import DataError
from gst.words import listed, visible

TRAIN = "train"
TESTS = ("test", "val", "valid", "validation")
"""Where test images may be."""
_KAGGLES = ("ILSVRC", "Data", "CLS-LOC")
"""The folders around ImageNet's pictures as Kaggle packs them, each in the one before and not alone in it."""
_DEEPEST = 8
"""Folders around the pictures that are looked through; a link may lead round in a circle."""


class Picture(NamedTuple):
    """A picture's class, its name in the folder of that class, and the size of its file in bytes."""

    label: str
    name: str
    size: int


class Pictures(NamedTuple):
    """The pictures of a split, in the order of classes and names, and the place of their classes."""

    place: str
    pictures: tuple[Picture, ...]

    def file(self, picture: Picture) -> str:
        """The place of that picture in the source."""
        return f"{self.place}/{picture.label}/{picture.name}"


class SortedPictures(NamedTuple):
    """The pictures of both splits; the classes of the training pictures, and the number of each.

    `remarks` say what is there and not read, and what is lacking that need not be there.
    """

    train: Pictures
    test: Pictures
    classes: dict[str, int]
    remarks: tuple[str, ...]


def sorted_pictures(source: Source, where: Path, tests: Sequence[str]) -> SortedPictures:
    """The pictures in train/ and in the first of the folders `tests` that is there.

    Folders around these two are looked through where there is nothing else. Classes are the folders in train/
    that have pictures, in the order of their names. What is no picture by its name or content is passed over.

    Raises DataError, which begins with `where`, for what is out of place, and for what cannot be read.
    """
    listing = _Listing(source, where)
    names = [it.name for it in listing.top]
    test_folder = next((name for name in tests if name in names), tests[0])
    train, test = (listing.split(split) for split in (TRAIN, test_folder))
    labels, tested = (sorted({it.label for it in split.pictures}) for split in (train, test))
    if strange := sorted(set(tested) - set(labels)):
        raise DataError(
            f"{where}: {test_folder}/ has classes that {TRAIN}/ lacks: {visible(listed(strange))}"
        )
    outside = [name for name in names if name not in (TRAIN, test_folder)]
    said = {
        f"has no {tests[0]}/; test images are those in": [test_folder][: test_folder != tests[0]],
        f"not read, for it is outside of {TRAIN}/ and {test_folder}/": outside,
        "passed over, for it is no picture": listing.others,
        "without pictures": listing.empty,
        "classes without test images": sorted(set(labels) - set(tested)),
    }
    remarks = tuple(
        f"{where.name}: {text}: {visible(listed(found))}" for text, found in said.items() if found
    )
    return SortedPictures(train, test, {label: index for index, label in enumerate(labels)}, remarks)


def has_splits(source: Source) -> bool:
    """Whether there are train/ and a folder for test images. Raises DataError for what cannot be read."""
    names = {it.name for it in _Listing(source, Path()).top if it.is_folder}
    return TRAIN in names and not names.isdisjoint(TESTS)


class _Listing:
    """Lists splits of a source, and keeps the places of what it passes over."""

    def __init__(self, source: Source, where: Path) -> None:
        self._source = source
        self._where = where
        self.others: list[str] = []
        self.empty: list[str] = []
        self._root, self.top = self._found_root()

    def _found_root(self) -> tuple[str, list[Entry]]:
        """The place of train/, or the last one where it was looked for, and what is there."""
        place, entries = "", self._source.entries("")
        for _ in range(_DEEPEST):
            seen = [it for it in entries if not it.clutter]
            inner = next((it for it in seen if it.name in _KAGGLES), seen[0] if len(seen) == 1 else None)
            if inner is None or not inner.is_folder or any(it.name == TRAIN for it in seen):
                break
            self.others += [joined(place, it.name) for it in entries if it.clutter]
            place = joined(place, inner.name)
            entries = self._source.entries(place)
        return place, entries

    def split(self, split: str) -> Pictures:
        """The pictures of that split. Raises DataError where there are none."""
        is_there = any(it.name == split and it.is_folder for it in self.top)
        pictures = tuple(self._pictures(split)) if is_there else ()
        if not pictures:
            there = visible(listed([it.name for it in self.top])) or "nothing"
            raise DataError(
                f"{self._where}: has no images of the form {split}/<class>/<image>; there is {there}"
            )
        return Pictures(joined(self._root, split), pictures)

    def _pictures(self, split: str) -> Iterator[Picture]:
        for label in self._entries(split):
            place = f"{split}/{label.name}"
            if not label.is_folder:
                if self._is_picture(place, label):
                    raise DataError(
                        f"{self._where}: {place} is not of the form {split}/<class>/<image>; images that "
                        "come unsorted must be moved into folders, one for each class"
                    )
                continue
            count = 0
            for it in self._entries(place):
                inside = f"{place}/{it.name}"
                if it.is_folder:
                    raise DataError(
                        f"{self._where}: {inside} is a folder, and not of the form {split}/<class>/<image>"
                    )
                if self._is_picture(inside, it):
                    count += 1
                    yield Picture(label.name, it.name, it.size or 0)
            if not count:
                self.empty.append(place)

    def _entries(self, place: str) -> Iterator[Entry]:
        """What is in that place below the root, without clutter."""
        for it in self._source.entries(joined(self._root, place)):
            if it.clutter:
                self.others.append(f"{place}/{it.name}")
            elif it.problem:
                raise DataError(f"{self._where}: {place}/{it.name} {it.problem}")
            else:
                yield it

    def _is_picture(self, place: str, entry: Entry) -> bool:
        read = partial(self._source.read, joined(self._root, place))
        if is_picture(entry.name, read, f"{self._where}: {place}"):
            if entry.size == 0:
                raise DataError(f"{self._where}: {place} is empty, expected a picture")
            return True
        self.others.append(place)
        return False
