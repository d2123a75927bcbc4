"""The server of `gst mcp`: tools of an agent with bounded answers and messages, and pages to read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations

from gst.cli.agent_tools import AgentTools
from gst.cli.bounded import bounded
from gst.cli.group import refusal
from gst.cli.output import taken_notes
from gst.errors import UnknownNameError
from gst.paths import project_folder

INSTRUCTIONS = (
    "A store of network-pruning experiments, read-only. Begin with `sweeps`. A sweep has arms "
    "(configurations), an arm has runs (one a seed), a run has epochs and pruning events, which count from "
    "0. Accuracies and stability are fractions of 1. For statistics use `contrast`, `figure` and `compare`: "
    "they respect that runs share seeds and configurations, and give n and 95% intervals; means of your own "
    "in SQL do not. An answer that was cut says so under `cut`; `notes` says what a reader must know."
)
PAGES = {
    "gst://schema": ("schema", "db/README.md: tables, views and questions in SQL with their answers"),
    "gst://queries": (
        "queries",
        "The named queries that sql takes as @NAME: parameters, and what each answers",
    ),
    "gst://keys": ("keys", "The keys of a sweep file, for plan"),
}


def server(url: str) -> MCPServer[Any]:
    """The server of the store at that URL."""
    tools, only_reads = AgentTools(url), ToolAnnotations(read_only_hint=True, open_world_hint=False)
    named = (
        *(tools.sweeps, tools.runs, tools.run, tools.sql),
        *(tools.plan, tools.contrast, tools.compare, tools.figure),
    )
    found: MCPServer[Any] = MCPServer(
        "gst",
        instructions=INSTRUCTIONS,
        version=version("gst"),
        log_level="WARNING",
        tools=[Asked.from_function(answering(tool), annotations=only_reads) for tool in named],
    )
    for address, (name, about) in PAGES.items():
        kind = "application/json" if name == "queries" else "text/markdown"
        found.resource(address, name=name, description=about, mime_type=kind)(functools.partial(page, name))
    return found


class Asked(Tool):
    """A tool that refuses arguments in the words of gst, unknown ones too."""

    async def run(self, arguments: dict[str, Any], *context: Any, **options: Any) -> Any:
        """The answer. Raises ToolError for arguments that the tool does not take."""
        from gst.config.problem import faults

        model = self.fn_metadata.arg_model
        for name in arguments:
            if name not in model.model_fields:
                raise ToolError(str(UnknownNameError(f"argument of {self.name}", name, model.model_fields)))
        if wrong := faults(model, self.fn_metadata.pre_parse_json(arguments)):
            raise ToolError(f"{self.name}: {wrong}")
        return await super().run(arguments, *context, **options)


def answering(tool: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The tool with an answer of bounded size, notes among it; what a command refuses is its error."""

    @functools.wraps(tool)
    def answer(**arguments: Any) -> dict[str, Any]:
        try:
            with taken_notes() as notes:
                found = tool(**arguments)
            return bounded({**({"notes": notes} if notes else {}), **found})
        except Exception as error:
            if (words := refusal(error)) is None:
                raise
            raise ToolError(words[0]) from None

    return answer


def page(name: str) -> str:
    """The text of a page."""
    import json

    from gst.store.queries import named_queries

    match name:
        case "schema":
            return (project_folder("db") / "README.md").read_text(encoding="utf-8")
        case "keys":
            return (project_folder("sweeps") / "keys.md").read_text(encoding="utf-8")
    rows = [
        {"query": f"@{it.name}", "parameters": it.parameters, "question": it.question}
        for it in named_queries()
    ]
    return json.dumps(rows, indent=2)
