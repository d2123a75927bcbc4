"""gst measure: the flatness of a run that is trained already."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from gst.cli.options import Db, count
from gst.cli.output import note, print_text
from gst.cli.runs import facts
from gst.words import fine_duration, short

SHOWN = (
    "hessian_trace", "significant_trace", "stochastic_trace", "gradient_trace", "tic", "refined_epsilon",
    "base_loss", "images", "eigenpairs", "method", "products",
)  # fmt: skip


def measure(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The beginning of its key.")],
    images: Annotated[int, count("Number of test images.")] = 512,
    eigenpairs: Annotated[int, count("Number of the Hessian's eigenpairs.")] = 100,
    method: Annotated[Literal["lanczos", "power"], typer.Option(help="How they are found.")] = "lanczos",
    iterations: Annotated[
        int,
        count("Iterations of power iteration for each pair, at most; 20 in the authors' code."),
    ] = 100,
    directions: Annotated[
        int, count("Eigenvectors to walk along until the loss rises by 0.1.", least=0)
    ] = 10,
    replace: Annotated[bool, typer.Option("--replace", help="Measure again what is measured.")] = False,
    gpu: Annotated[bool, typer.Option("--gpu", help="On the GPU.")] = False,
    db: Db = None,
) -> None:
    """Measure how flat the loss of a completed run is.

    It is measured on test images at the last epoch, of which the run must have kept its state: gst sweep
    FILE --keep final. A sweep file can ask for the same at any epoch while runs train: measure:
    {flatness: {epoch: 314}}.
    """
    from dataclasses import asdict

    from gst.config.measure import FlatnessConfig
    from gst.launch import measuring
    from gst.launch.artifacts import place_for
    from gst.launch.trial import device
    from gst.paths import data_folder, store_url
    from gst.store import Store

    config = FlatnessConfig(
        epoch=0,
        images=images,
        eigenpairs=eigenpairs,
        method=method,
        iterations=iterations,
        directions=min(directions, eigenpairs),
    )
    with Store.open(store_url(db)) as store:
        key = store.resolve(run)
        note(f"measuring run {short(key)}")
        found = measuring.measure(
            store,
            key,
            config,
            data=data_folder(),
            artifacts=place_for(store),
            device=device(1.0 if gpu else 0.0),
            replace=replace,
        )
    values = asdict(found)
    title = f"run {short(key)} after epoch {found.epoch + 1}, in {fine_duration(found.seconds)}"
    print_text(facts(title, {name: values[name] for name in SHOWN}))
