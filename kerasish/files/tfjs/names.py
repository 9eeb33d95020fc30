"""What TensorFlow.js calls the weights of a model: by these names it finds them in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kerasish.backend import Variable

_RENAMED = {"DepthwiseConv2D": {"kernel": "depthwise_kernel"}}  # weights, by today's names


def named(layers: Sequence[Any]) -> Iterator[tuple[str, Variable]]:
    """(name, Variable) of all weights, as TensorFlow.js names them."""
    for layer in layers:
        kind = type(layer).__name__
        if hasattr(layer, "layers"):
            yield from named(layer.layers)
        elif kind == "Bidirectional":
            inner = layer.get_config()["layer"]["config"]["name"]
            for side, part in (("forward", layer.forward_layer), ("backward", layer.backward_layer)):
                yield from ((f"{layer.name}/{side}_{inner}/{_leaf(v)}", v) for v in part.weights)
        elif type(getattr(layer, "cell", None)).__name__ == "StackedRNNCells":
            for number, cell in enumerate(layer.cell.cells):
                yield from ((f"{layer.name}/RNNCell_{number}/{_leaf(v)}", v) for v in cell.weights)
        else:
            renamed = _RENAMED.get(kind, {})
            yield from ((f"{layer.name}/{renamed.get(_leaf(v), _leaf(v))}", v) for v in layer.weights)


def _leaf(variable: Variable) -> str:
    return variable.path.rpartition("/")[2]
