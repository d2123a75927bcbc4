"""gst measure: the flatness of a run that is trained already."""

from __future__ import annotations

from typing import Annotated, Literal

from gst.cli.options import Db, argument, choice, count, opened
from gst.cli.output import Answer, note, print_json, print_text
from gst.cli.runs import facts
from gst.errors import InputError
from gst.words import counted, fine_duration, short

SHOWN = (
    "hessian_trace", "significant_trace", "stochastic_trace", "gradient_trace", "tic", "refined_epsilon",
    "base_loss", "images", "eigenpairs", "method", "products",
)  # fmt: skip


def measure(
    run: Annotated[str, argument("RUN", "The beginning of its key.")],
    images: Annotated[int, count("Number of test images.")] = 512,
    eigenpairs: Annotated[int, count("Number of the Hessian's eigenpairs.")] = 100,
    method: Annotated[Literal["lanczos", "power"], choice("How they are found.")] = "lanczos",
    iterations: Annotated[
        int,
        count("Iterations of power iteration for each pair, at most; 20 in the authors' code."),
    ] = 100,
    directions: Annotated[
        int, count("Eigenvectors to walk along until the loss rises by 0.1.", least=0)
    ] = 10,
    epoch: Annotated[
        int | None, count("The epoch at whose end, from 0.", least=0, default="the last")
    ] = None,
    replace: Annotated[bool, choice("Measure again what is measured.", "--replace")] = False,
    gpu: Annotated[bool, choice("On the GPU.", "--gpu")] = False,
    form: Annotated[Answer, choice("How to write the values.", "--format")] = "text",
    db: Db = None,
) -> None:
    """Measure how flat the loss of a completed run is.

    It is measured on test images, with the state that the run has kept (gst sweep FILE --keep final). Where
    none that it has kept leads there, the run is trained again up to that epoch. A sweep file can ask for the
    same while runs train: measure: {flatness: {epoch: 314}}.
    """
    from dataclasses import asdict

    from gst.config.measure import FlatnessConfig, Measurements
    from gst.launch.artifacts import place_for
    from gst.launch.measuring import Place
    from gst.launch.measuring import measure as measured
    from gst.launch.trial import device
    from gst.paths import data_folder
    from gst.records import Flatness
    from gst.store import lacking

    with opened(db, readonly=False) as store:
        key = store.resolve(run)
        epochs = store.spec(key).config.total_epochs
        if epoch is not None and epoch >= epochs:
            raise InputError(
                f"--epoch {epoch}: run {short(key)} has {counted(epochs, 'epoch')}; the last is {epochs - 1}"
            )
        config = FlatnessConfig(
            epoch=epochs - 1 if epoch is None else epoch,
            images=images,
            eigenpairs=eigenpairs,
            method=method,
            iterations=iterations,
            directions=min(directions, eigenpairs),
        )
        asked = Measurements(flatness=(config,))
        if not replace and not lacking(store, {key: asked}):
            raise InputError(
                f"run {short(key)}: epoch {config.epoch} is measured already; --replace does it again"
            )
        note(f"measuring run {short(key)}")
        place = Place(data_folder(), place_for(store), device(1.0 if gpu else 0.0))
        (found,) = measured(store, key, asked, place, note)
    assert isinstance(found, Flatness)
    values = asdict(found)
    if form == "json":
        print_json({"key": key, **values})
        return
    title = f"run {short(key)} after epoch {found.epoch}, in {fine_duration(found.seconds)}"
    print_text(facts(title, {name: values[name] for name in SHOWN}))
