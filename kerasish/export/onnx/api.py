"""Models and functions as ONNX."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.graph import Tensor
from kerasish.export.onnx import calls, forms  # noqa: F401  (they enter their forms)
from kerasish.export.onnx.conversion import Conversion
from kerasish.export.onnx.file import model_of, write
from kerasish.export.onnx.graph_writer import File, GraphWriter
from kerasish.export.onnx.onnx_package import onnx_module
from kerasish.export.onnx.tracing import traced
from kerasish.export.onnx.value import Value
from kerasish.export.signatures import Signature

DEFAULT_OPSET = 18
OLDEST_OPSET = 17
_AXES = {2: ("batch", "features"), 3: ("batch", "time", "features"), 4: ("batch", "height", "width", "channels"),
         5: ("batch", "depth", "height", "width", "channels")}  # fmt: skip


def checked_opset(opset: int | None) -> int:
    """The version of the operators that a file is written in.

    Raises:
        ValueError: for one that there is not, or that is too old.
    """
    newest = onnx_module().defs.onnx_opset_version()
    if opset is None:
        return DEFAULT_OPSET
    if isinstance(opset, bool) or not isinstance(opset, int) or not OLDEST_OPSET <= opset <= newest:
        raise ValueError(
            f"`opset_version` must be an int from {OLDEST_OPSET} to {newest}, the newest that the installed onnx "
            f"knows, got {opset!r}."
        )
    return opset


def as_onnx(
    function: Callable[..., Any],
    signature: Signature,
    output_names: Sequence[str] | None,
    name: str,
    opset: int | None = None,
) -> Any:
    """The ModelProto of a function of tensors.

    Args:
        function: takes the arguments of `signature`, returns a structure of tensors.
        signature: what it takes.
        output_names: one for each output; None: "output_0", ...
        name: of the graph.
        opset: int, or None for the default.

    Raises:
        ValueError: for what has no form in ONNX, naming the layer.
    """
    opset, inputs = checked_opset(opset), signature.flat
    found = traced(lambda *flat: function(*signature.packed(flat)), inputs, _names_of_axes(inputs))
    _refuse_state(found.graph)
    _warn_of_guesses(found.guesses)
    graph = GraphWriter(File(opset))
    taken = [graph.file.unique(spec.name) for spec in inputs]
    outputs = [x for x in tree.flatten(found.outputs) if isinstance(x, Tensor)]
    names = output_names if output_names is not None and len(output_names) == len(outputs) else None
    named = [graph.file.unique(names[i] if names else _output_name(found.outputs, i)) for i in range(len(outputs))]
    conversion = Conversion(graph, found.graph.trace, found.calls)
    values = [Value(graph, own, t.dtype, t.shape) for own, t in zip(taken, found.inputs)]
    conversion.settled(found.inputs, values)
    for axis in found.axes:
        graph.sizes.is_axis(axis.size, conversion.values[axis.tensor], axis.axis)
    results = []
    for own, tensor in zip(named, outputs):
        value = conversion.value(tensor)
        graph.file.scope = ""
        last = graph.op("Identity", value)
        graph.nodes[-1].output[0] = own
        results.append(Value(graph, own, last.dtype, tensor.shape))
    return model_of(graph, name, values, results)


def _output_name(outputs, place):
    """Of a dict the key, else a number."""
    return str(sorted(outputs)[place]) if isinstance(outputs, dict) and len(outputs) > place else f"output_{place}"


def _names_of_axes(inputs):
    """What open axes are called; beyond the first with the input's name, where there are several inputs."""
    found = []
    for spec in inputs:
        rank = len(spec.shape)
        words = _AXES.get(rank) or ("batch", *(f"axis_{i}" for i in range(1, rank)))
        several = len(inputs) > 1
        found.append(tuple(word if i == 0 or not several else f"{spec.name}_{word}" for i, word in enumerate(words)))
    return found


def _warn_of_guesses(guesses):
    if any(kind == ">" for kind, _ in guesses.known):
        warnings.warn(
            "What is exported decides by sizes that are open, as an `if` on a size does, and a file holds one way "
            "alone: that of large sizes. Give sizes in `Input(shape=...)` (or `input_signature`), or look whether the "
            "file gives what the model gives at the sizes that come.",
            stacklevel=2,
        )


def _refuse_state(graph):
    for variable, value in graph.updates.items():
        if value is not None and "seed_generator" not in variable.path:
            raise ValueError(
                f"A call of the model changes the variable {variable.path!r}, and a file of ONNX keeps nothing from "
                "one run to the next. Make a model whose state is an input and an output (`stateful=False`, "
                "`initial_state=...`, `return_state=True`)."
            )


def export(
    model: Any,
    path: str,
    signature: Signature,
    opset_version: int | None = None,
    external_data: bool | None = None,
) -> None:
    """Write a model as a file of ONNX.

    Args:
        model: a model or layer, called with `training=False`.
        path: string.
        signature: what it is called with.
        opset_version: int from 17, or None for 18.
        external_data: whether the numbers lie in a file beside (`path` + ".data"); None: above 2 GB.

    Raises:
        ValueError: for what has no form in ONNX, naming the layer.
    """
    names = getattr(model, "output_names", None)
    write(as_onnx(model, signature, names, model.name, opset_version), path, external_data)
