"""gst normality: how normal the activations of somebody's trained weights are (Figure B.1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

from gst.cli.options import Form, argument, choice, count, option
from gst.cli.output import note, print_rows
from gst.cli.summary import check_file
from gst.errors import DataError, InputError, UnknownNameError

if TYPE_CHECKING:
    from gst.figures.activations import FileNormality


def normality(
    weights: Annotated[Path, argument("FILE", "A state dict that torch.save wrote, or a checkpoint.")],
    model: Annotated[str, option("NAME", "Network that the weights are of, one with batch norm.")] = "vgg19",
    data: Annotated[Literal["cifar10", "cifar100"], choice("Data set of the images.")] = "cifar10",
    folder: Annotated[
        str | None, option("NAME", "In place of --data: an image folder in GST_DATA_DIR.")
    ] = None,
    images: Annotated[int, count("Number of training images.")] = 128,
    layers: Annotated[int, count("The last N convolutions.")] = 8,
    seed: Annotated[int, option("N", "Seed of the untrained network's weights.", min=0)] = 0,
    output: Annotated[
        Path | None,
        option(
            "PATH",
            "Draw it: .html, .png, .svg, .pdf, .json, or .csv, .md and .tex for the numbers.",
            "--output",
            "-o",
        ),
    ] = None,
    form: Form = "table",
) -> None:
    """Measure how normal activations are with the weights in a file.

    Figure B.1 of GST 2020 for weights that gst did not train: the distance (KS) and excess kurtosis of
    each layer's normalised activations, untrained and with the file's weights. torchvision's names are
    understood: gst normality vgg19_bn.pth -o figB1.html. Linear layers are not needed, and no code in
    the file is run. Figures of runs: gst figure figB1.
    """
    from gst.figures.activations import COLUMNS

    if output is not None:
        check_file(output)
    found = _measured(weights, model, data, folder, images, layers, seed)
    note(found.summary)
    print_rows(COLUMNS, found.rows(), form)
    if output is not None:
        note(f"Figure: {found.export(output).absolute()}")


def _measured(
    weights: Path, name: str, data: str, folder: str | None, images: int, layers: int, seed: int
) -> FileNormality:
    """The network's activations before and after the weights of that file are put into it."""
    import hashlib

    from gst.config import DataConfig, ModelName
    from gst.config.measure import NormalityConfig
    from gst.data import load_dataset
    from gst.figures.activations import FileNormality
    from gst.models import build, load_body
    from gst.networks.parts import ImageShape
    from gst.paths import data_folder, open_regular
    from gst.training.network_measurements import normality_of
    from gst.training.streams import stream

    if name not in get_args(ModelName):
        raise UnknownNameError("model", name, get_args(ModelName))
    if not weights.exists():  # before data are looked for
        raise DataError(f"{weights}: cannot be read: there is no such file")
    settings = {"name": "folder", "folder": folder} if folder is not None else {"name": data}
    dataset = load_dataset(DataConfig.model_validate(settings), data_folder())
    network = build(
        cast("ModelName", name),
        classes=dataset.classes,
        image=ImageShape(*dataset.image),
        generator=stream(seed, "init"),
    )
    config = NormalityConfig(layers=layers, images=images)
    untrained = tuple(normality_of(network, dataset, config, -1))
    if not untrained:
        raise InputError(f"--model {name}: it has no convolution with batch norm to measure")
    left_out = load_body(network, weights)
    if left_out:
        note(f"not needed, and left out: {', '.join(left_out)}")
    trained = tuple(normality_of(network, dataset, config, 0))
    with open_regular(weights) as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    seen = min(images, len(dataset.train.labels))
    about = {
        "weights": weights.name,
        "weights_sha256": digest,
        "model": name,
        "data": dataset.name,
        "data_hash": dataset.content_hash,
        "images": seen,
        "seed": seed,
    }
    summary = f"{name} on {dataset.name} · {seen} training images · untrained: seed {seed}"
    return FileNormality(untrained + trained, about, summary)
