"""Quantities of the runs of one sweep by their names, measurements of flatness among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gst.analysis.measurements import flatness_results
from gst.analysis.quantities import FLATNESS_QUANTITIES, RUN_QUANTITIES, RunQuantity
from gst.analysis.source import Source, find_source
from gst.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from gst.store import Store


def quantity_names(store: Store, sweep: str) -> list[str]:
    """The quantities that `sweep_quantity` knows for the runs of that sweep. Raises UnknownNameError."""
    measured = flatness_results(store, find_source(store, sweep))
    return [*RUN_QUANTITIES, *(FLATNESS_QUANTITIES if measured else ())]


def sweep_quantity(store: Store, source: Source, name: str) -> RunQuantity:
    """The quantity of that name for runs of this sweep: of a run, or of its flatness (hessian_trace).

    Raises UnknownNameError for a name that is neither, and InputError where no flatness was measured.
    """
    if name in RUN_QUANTITIES:
        return RUN_QUANTITIES[name]
    if name not in FLATNESS_QUANTITIES:
        raise UnknownNameError("quantity", name, {**RUN_QUANTITIES, **FLATNESS_QUANTITIES})
    quantity, results = FLATNESS_QUANTITIES[name], flatness_results(store, source)
    if not results:
        raise InputError(
            f"sweep {source.label!r}: the flatness of none of its runs was measured, and {name} is of it; "
            "`measure: {flatness: {epoch: ...}}` in a sweep file asks for it"
        )
    values = {it.run.key: quantity.of(it) for it in results}
    pairs = sorted({it.eigenpairs for it in results})
    leading = f"{pairs[0]}" if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]}"
    fields = quantity._asdict() | {"of": lambda run: values.get(run.key)}
    return RunQuantity(**fields | {"title": quantity.title.format(leading)})
