"""gst examples: the training images that pruning helps most, hurts most, or gets wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gst.cli.options import Db, Form, argument, count, opened, option
from gst.cli.output import note, print_rows, print_text
from gst.errors import InputError
from gst.words import short

if TYPE_CHECKING:
    from gst.analysis.single_examples import Group, SingleExamples
    from gst.config import RunSpec

COLUMNS = (
    "group", "rank", "index", "label", "right_label", "dense", "sparse", "dense_loss", "sparse_loss", "el2n",
)  # fmt: skip
WORDS: Mapping[Group, str] = {
    "improved": "Improved most by pruning (loss at level {0} less loss at level {1})",
    "worsened": "Worsened most by pruning (loss at level {1} less loss at level {0})",
    "misclassified": "Misclassified at level {1}, by loss there",
    "highest_el2n": "Highest EL2N scores",
}


def examples_command(
    run: Annotated[str, argument("RUN", "The beginning of its key.")],
    level: Annotated[
        int | None,
        count("The level to hold against level 0.", least=1, default="the one of lowest validation error"),
    ] = None,
    most: Annotated[int, count("Number of images of each group.")] = 8,
    output: Annotated[
        Path | None, option("FILE.png", "A picture in place of a table.", "--output", "-o")
    ] = None,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Show the images that pruning changes most, or gets wrong.

    Of a run of many levels whose sweep file asks for it: measure: {each_example: {levels: all}}. The network
    of a level is held against that of level 0, image by image. Labels are those trained on. A picture shows
    what each image is, with its label, the right one where that is another, and both predictions.
    """
    if output is not None and output.suffix != ".png":
        raise InputError(f"{output}: expected a name that ends in .png; --format json or csv has the numbers")
    from gst.analysis.own_level import own_level
    from gst.analysis.single_examples import GROUPS, members
    from gst.launch.single_examples import examples

    with opened(db) as store:
        key = store.resolve(run)
        level = own_level(store, key, "optimal" if level is None else level)
        dense, sparse = examples(store, key, 0), examples(store, key, level)
        chosen = {group: members(group, dense, sparse)[:most].tolist() for group in GROUPS}
        if output is not None:
            output.write_bytes(_sheet(store.spec(key), dense, sparse, chosen))
            print_text(str(output.absolute()))
            return
    rows = [
        (group, rank, *_row(dense, sparse, it))
        for group in GROUPS
        for rank, it in enumerate(chosen[group], 1)
    ]
    note(f"run {short(key)}: level {level} beside level 0, {len(dense.images)} training images")
    print_rows(COLUMNS, rows, form)


def _row(dense: SingleExamples, sparse: SingleExamples, position: int) -> Iterator[Any]:
    """The values of one image, in the order of COLUMNS."""
    for column in (dense.images, dense.label, dense.right_label, dense.prediction, sparse.prediction):
        yield int(column[position])
    for losses in (dense.loss, sparse.loss):
        yield float(losses[position])
    yield None if dense.el2n is None else float(dense.el2n[position])


def _sheet(
    spec: RunSpec, dense: SingleExamples, sparse: SingleExamples, chosen: Mapping[Group, list[int]]
) -> bytes:
    from gst.data import load_dataset
    from gst.data.contact_sheet import Tile, contact_sheet, pixels
    from gst.paths import data_folder

    split = load_dataset(spec.config.data, data_folder()).train

    def tile(position: int) -> Tile:
        label, right = dense.label[position], dense.right_label[position]
        given = f"label {label}" if label == right else f"label {label}, right {right}"
        answers = f"dense {dense.prediction[position]}, sparse {sparse.prediction[position]}"
        losses = f"{dense.loss[position]:.2g} to {sparse.loss[position]:.2g}"
        return Tile(pixels(split, int(dense.images[position])), (given, answers, losses))

    title = f"Run {short(dense.key)}, seed {spec.seed}: dense is level 0, sparse is level {sparse.level}"
    groups = [
        (WORDS[group].format(dense.level, sparse.level), [tile(it) for it in positions])
        for group, positions in chosen.items()
        if positions or group != "highest_el2n"
    ]
    return contact_sheet(title, groups)
