"""The prunable layers of any network, found in the graph that autograd keeps of one forward pass.

The graph is that of what was computed: it needs no source code, and holds functions as well as modules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias

from torch import Tensor, nn

from gst.networks.layers import Layer, Role
from gst.networks.parts import Weights

Node: TypeAlias = Any
"""A step of the forward pass, such as ConvolutionBackward0."""

VIEWS = {
    "Clone", "Permute", "Reshape", "Squeeze", "T", "ToCopy", "Transpose", "UnsafeView", "Unsqueeze", "View",
}  # fmt: skip
"""Steps that change neither values nor their number."""
KEEPS_ZERO = VIEWS | {
    "AdaptiveAvgPool2D", "AvgPool2D", "Cat", "ConstantPadNd", "Elu", "Expand", "Gelu", "Hardswish",
    "Hardtanh", "LeakyRelu", "MaxPool2DWithIndices", "Mean", "Mul", "NativeDropout", "Relu", "Roll",
    "Select", "Silu", "Slice", "Split", "SplitWithSizes", "Stack", "Sum", "Tanh", "UpsampleBilinear2D",
    "UpsampleNearest2D",
}  # fmt: skip
"""Steps after which a channel of zeros is one still."""


def traced(model: nn.Module, output: Tensor) -> tuple[Layer, ...]:
    """The convolutions and linear layers that led to the output, in the order in which they were used.

    Single weights of all of them can be pruned. Filters can where a batch norm that reads nothing else
    follows at once, or none does, and their channel then stays zero up to the next layer: `refusal` says
    otherwise. `blocks` are the convolutions, in a network with additions without the first one.
    """
    graph = _Graph(model, output)
    found = [graph.layer(name, module) for name, module in graph.used]
    first = next((it for it in found if len(it.part.shape) == 4), None)
    return tuple(
        it._replace(role="stem") if it is first and graph.has_branches and it.role == "block" else it
        for it in found
    )


class _Graph:
    """The steps that led to an output, and the steps that read what each of them gave."""

    def __init__(self, model: nn.Module, output: Tensor) -> None:
        self._root: Node = output.grad_fn
        self._readers: dict[Node, list[Node]] = defaultdict(list)
        self._leaves: dict[int, Node] = {}
        self._connect()
        self._names = {id(it): name for name, it in model.named_parameters()}
        self._modules = dict(model.named_modules())
        prunable = {
            id(it.weight): (name, it)
            for name, it in reversed(self._modules.items())
            if isinstance(it, nn.Conv2d | nn.Linear) and "weight" in it._parameters
        }
        uses = {id_: list(self._uses(id_)) for id_ in prunable}
        self._steps = {step for found in uses.values() for step in found}
        self._of = {name: uses[id_] for id_, (name, _) in prunable.items()}
        self.used = sorted(
            (it for it in prunable.values() if self._of[it[0]]),
            key=lambda it: min(step._sequence_nr() for step in self._of[it[0]]),
        )
        self.has_branches = any(_name(it) == "Add" and len(_inputs(it)) > 1 for it in self._readers)

    def _connect(self) -> None:
        seen, left = {self._root}, [self._root]
        self._readers[self._root] = []
        while left:
            step = left.pop()
            for before in _inputs(step):
                self._readers[before].append(step)
                if before not in seen:
                    seen.add(before)
                    left.append(before)
                    if hasattr(before, "variable"):
                        self._leaves[id(before.variable)] = before

    def _uses(self, parameter: int) -> Iterator[Node]:
        """The steps that compute with that parameter, whatever view of it they are given."""
        left = list(self._readers[self._leaves[parameter]]) if parameter in self._leaves else []
        while left:
            step = left.pop()
            if _name(step) in VIEWS:
                left.extend(self._readers[step])
            else:
                yield step

    def layer(self, name: str, module: nn.Conv2d | nn.Linear) -> Layer:
        """The layer of that module."""
        steps = self._of[name]
        norm, end, refusal = None, steps[0], None
        if len(steps) > 1:
            refusal = f"it is used {len(steps)} times"
        else:
            norm, end, refusal = self._norm(steps[0])
        reached = set(self._reached(end))
        refusal = refusal or next((said for step in reached if (said := self._fills(step)) is not None), None)
        role: Role = "block" if isinstance(module, nn.Conv2d) else "hidden"
        if self._root is end or self._root in reached:
            role = "output"
        part = Weights(tuple(module.weight.shape), module.bias is not None)
        return Layer(name, part, norm, None, None, role, refusal)

    def _norm(self, step: Node) -> tuple[str | None, Node, str | None]:
        """The batch norm that reads the step's result, the last of the two, and why there is none."""
        readers = self._readers[step]
        norms = [it for it in readers if "BatchNorm" in _name(it)]
        if not norms:
            return None, step, None
        name = self._module_of(norms[0])
        if len(readers) > 1:
            return None, step, f"its batch norm {name!r} is not all that reads its output"
        module = self._modules.get(name)
        if not isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d) or not module.affine:
            return None, step, f"its batch norm {name!r} has no scale and shift to remove"
        assert module.weight is not None
        if len(list(self._uses(id(module.weight)))) > 1:
            return None, step, f"its batch norm {name!r} is used several times"
        return name, norms[0], None

    def _reached(self, step: Node) -> Iterator[Node]:
        """The steps that read what the step gave, up to the next layers, and no further than is known."""
        left, seen = list(self._readers[step]), set()
        while left:
            it = left.pop()
            if it in seen or it in self._steps:
                continue
            seen.add(it)
            yield it
            if self._fills(it) is None:
                left.extend(self._readers[it])

    def _fills(self, step: Node) -> str | None:
        """Why a channel of zeros may be something else after that step; None where it cannot."""
        name = _name(step)
        if name in KEEPS_ZERO:
            return None
        if "Norm" in name:
            return f"its output reaches {self._module_of(step)!r}, a norm that fills a channel of zeros again"
        if name in ("Add", "Sub"):
            return (
                "something is added to its output, which fills a channel of zeros again, as a shortcut does"
            )
        return f"whether {name} leaves a channel of zeros as it is, is not known"

    def _module_of(self, step: Node) -> str:
        """The name of the module whose parameters the step uses."""
        names = (self._names.get(id(it.variable)) for it in _inputs(step) if hasattr(it, "variable"))
        return next((it.rpartition(".")[0] for it in names if it), _name(step))


def _inputs(step: Node) -> list[Node]:
    return [it for it, _ in step.next_functions if it is not None]


def _name(step: Node) -> str:
    """`Relu` of ReluBackward0."""
    return type(step).__name__.rstrip("0123456789").removesuffix("Backward")
