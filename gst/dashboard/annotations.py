"""Tags and notes of runs on a page, and the controls that write them where the dashboard may."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from gst.dashboard.access import check_writer
from gst.dashboard.page import Context
from gst.dashboard.pieces import failure, field, fields
from gst.errors import GstError, InputError
from gst.store import RunDetails, Store
from gst.words import readable


def said_of(run: RunDetails) -> list[Any]:
    """The tags of a run, and the notes about it and its sweeps."""
    notes = (
        html.P([html.Span(f"{readable(it.written)}{f', sweep {it.sweep}' if it.sweep else ''}"), it.text])
        for it in run.notes
    )
    return [html.P([html.Span(tag, className="tag") for tag in run.tags]), *notes]


def writing(context: Context, name: str, whom: str) -> list[Any]:
    """Controls to tag runs and to note something, with ids that begin with `name`; none where that is off.

    `{name}-done` changes with each write.
    """
    done = dcc.Store(id=f"{name}-done")
    return [done] if context.editor is None else [done, *_controls(name, whom)]


def _controls(name: str, whom: str) -> Iterator[Any]:
    tag = dcc.Input(id=f"{name}-tag", type="text", placeholder="one word")
    note = dcc.Input(id=f"{name}-note", type="text", placeholder="why it matters")
    yield fields(
        field(f"Tag of {whom}", tag),
        html.Button("Add tag", id=f"{name}-add", className="plain"),
        html.Button("Remove tag", id=f"{name}-remove", className="plain"),
        field(f"Note about {whom}", note, wide=True),
        html.Button("Add note", id=f"{name}-say", className="plain"),
    )
    yield html.Div(id=f"{name}-problem")


def register_writing(app: Dash, context: Context, name: str, keys: State) -> None:
    """Have those controls write about the runs with these keys; nothing is registered where that is off."""
    editor = context.editor
    if editor is None:
        return

    @app.callback(
        Output(f"{name}-done", "data"),
        Output(f"{name}-problem", "children"),
        Output(f"{name}-note", "value"),
        *(Input(f"{name}-{verb}", "n_clicks") for verb in ("add", "remove", "say")),
        State(f"{name}-tag", "value"),
        State(f"{name}-note", "value"),
        keys,
        prevent_initial_call=True,
    )
    def write(*given: Any) -> Any:
        *clicks, tag, note, chosen = given
        if not any(clicks):
            return (no_update,) * 3
        check_writer()
        try:
            written(editor, str(ctx.triggered_id).removeprefix(f"{name}-"), chosen, tag or "", note or "")
        except GstError as error:
            return no_update, failure(str(error)), no_update
        return time.time(), None, "" if ctx.triggered_id == f"{name}-say" else no_update


def written(editor: Store, verb: str, keys: list[str], tag: str, note: str) -> None:
    """Add or remove the tag, or keep the note. Raises GstError for no runs, no tag and no note."""
    if not keys:
        raise InputError("no run is chosen")
    if verb == "say":
        editor.note(note, keys=keys)
    else:
        editor.tag(keys, **{verb: [tag.strip()]})
