"""Layers that prepare data, called within a graph of TensorFlow's: `tf.data.Dataset.map(layer)`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from kerasish import forks, tree
from kerasish.backend.graph import KerasTensor
from kerasish.backend.sizes import shown
from kerasish.ops import convert_to_numpy

_turn = forks.reentrant_lock()  # of parallel calls of `map`: two draws of one layer must differ


def is_in_a_graph(*structures: Any) -> bool:
    """Whether a symbolic tensor of TensorFlow is among the leaves; without TensorFlow there is none."""
    tensorflow = sys.modules.get("tensorflow")
    symbolic = getattr(tensorflow, "Tensor", None)  # absent where `tensorflow` is no more than kerasish's door
    if symbolic is None:
        return False
    return any(isinstance(leaf, symbolic) and not hasattr(leaf, "numpy") for leaf in tree.flatten(list(structures)))


def call_from_a_graph(*given: Any) -> Any:
    """`step_of_a_graph`, which TensorFlow must not translate: it would read all that a layer's shapes lead to."""
    return sys.modules["tensorflow"].autograph.experimental.do_not_convert(step_of_a_graph)(*given)


def step_of_a_graph(call: Callable[..., Any], spec: Callable[..., Any], name: str, args: Any, kwargs: Any) -> Any:
    """A call as a step of TensorFlow's graph: when the graph runs, `call` is given NumPy arrays.

    Args:
        call: function of arrays.
        spec: the same of `KerasTensor`s, whose outputs have a shape and a dtype.
        name: of the layer, for messages.
        args, kwargs: the arguments, with TensorFlow's tensors among them.

    Returns:
        TensorFlow's tensors in the structure of the outputs, their static shapes set as far as they are known.

    Raises:
        ValueError: for a tensor whose number of axes is not known.
    """
    tensorflow = sys.modules["tensorflow"]
    leaves = tree.flatten([args, kwargs])
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, tensorflow.Tensor)]

    def with_leaves(values):
        filled = list(leaves)
        for place, value in zip(places, values):
            filled[place] = value
        return tree.pack_sequence_as([args, kwargs], filled)

    given, given_kwargs = with_leaves([_symbolic(leaves[place], name) for place in places])
    outputs = spec(*given, **given_kwargs)
    flat = tree.flatten(outputs)

    def compute(*arrays):
        with _turn:
            args, kwargs = with_leaves(arrays)
            found = tree.flatten(call(*args, **kwargs))
        return [_as_tensorflow_takes(value, wanted) for value, wanted in zip(found, flat)]

    results = tensorflow.numpy_function(
        compute, [leaves[place] for place in places], [getattr(tensorflow, str(wanted.dtype)) for wanted in flat]
    )
    for result, wanted in zip(results, flat):
        result.set_shape(shown(wanted.shape))
    return tree.pack_sequence_as(outputs, list(results))


def _symbolic(tensor, name):
    if tensor.shape.rank is None:
        raise ValueError(
            f"{name!r} is given a tensor of TensorFlow whose number of axes is not known: say its shape by "
            "`tensor.set_shape(...)` or `tf.ensure_shape` before the call."
        )
    return KerasTensor(tuple(tensor.shape), tensor.dtype.name)


def _as_tensorflow_takes(value, wanted):
    array = convert_to_numpy(value)
    return array if str(wanted.dtype) == "string" else array.astype(str(wanted.dtype), copy=False)
