"""A number a channel that is added to a convolution is its bias."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.reading import names_read
from kerasish.export.onnx.value import Value

_CONVOLUTIONS = ("Conv", "ConvTranspose")


def join_biases(nodes: list[Any], constants: dict[str, Value], wanted: set[str]) -> list[Any]:
    """The nodes, with a constant that is added to the result of a convolution, and that alone, as its third input.

    Args:
        nodes: of one graph, in order; the convolutions among them are changed.
        constants: dict from name to Value of all constants; those that become biases get one axis.
        wanted: the names of the graph's outputs.
    """
    readers: dict[str, list[Any]] = {}
    for node in nodes:
        for name in names_read([node]):
            readers.setdefault(name, []).append(node)
    makers = {name: node for node in nodes for name in node.output}
    gone = set()
    for node in nodes:
        if node.op_type != "Add":
            continue
        for name, other in (tuple(node.input), tuple(node.input)[::-1]):
            made, bias = makers.get(name), constants.get(other)
            alone = name not in wanted and len(readers.get(name, ())) == 1 and len(readers.get(other, ())) == 1
            if made is None or bias is None or made.op_type not in _CONVOLUTIONS or len(made.input) != 2 or not alone:
                continue
            if bias.rank >= 3 and bias.array.size == bias.shape[1]:
                bias.array = bias.array.reshape(-1)
                made.input.append(other)
                made.output[0] = node.output[0]
                gone.add(id(node))
                break
    return [node for node in nodes if id(node) not in gone]
