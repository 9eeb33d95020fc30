"""What a model takes and gives: names, dtypes and shapes, against which every request is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from kerasish import tree
from kerasish.backend.graph import KerasTensor
from kerasish.backend.settings import floatx
from kerasish.backend.texts import is_text
from kerasish.models.training.outputs import Outputs
from kerasish.serving.refusals import BadRequest
from kerasish.suggestions import did_you_mean
from kerasish.typing import Shape


@dataclass(frozen=True)
class TensorInfo:
    """One input or output.

    Args:
        name: string.
        dtype: string, a dtype's name, or "string".
        shape: tuple, the batch axis among it; None where a size is open.
    """

    name: str
    dtype: str
    shape: Shape

    def empty_rows(self, rows: int, open_size: int = 1) -> Any:
        """Made-up rows: zeros, or empty text; axes that are open have `open_size`."""
        shape = (rows, *(open_size if size is None else size for size in self.shape[1:]))
        return np.full(shape, "") if self.dtype == "string" else np.zeros(shape, np_dtype(self.dtype))


class Signature:
    """The inputs and outputs of a model.

    Args:
        inputs: list of TensorInfo. outputs: list of TensorInfo.
        pack: function of the list of arrays, in the order of `inputs`, to what the model is called with.

    Attributes:
        rows: int where the model was made for batches of one size, else None.
        can_batch: whether rows of several requests may go together: every input and output has a batch axis.
    """

    def __init__(self, inputs: list[TensorInfo], outputs: list[TensorInfo], pack: Any) -> None:
        self.inputs, self.outputs, self.pack = tuple(inputs), tuple(outputs), pack
        self._by_name = {info.name: i for i, info in enumerate(inputs)}
        sizes = {info.shape[0] if info.shape else 0 for info in (*self.inputs, *self.outputs)}
        self.can_batch = len(sizes) == 1 and 0 not in sizes
        self.rows = next(iter(sizes)) if self.can_batch else None

    def ordered(self, tensors: Mapping[str, Any]) -> list[Any]:
        """The arrays of a request in the order of the inputs, checked.

        Args:
            tensors: dict from names of inputs to arrays, with the batch axis.

        Raises:
            BadRequest: for names that are not the inputs', for other dtypes, for shapes that don't fit.
        """
        for name in tensors:
            if name not in self._by_name:
                known = list(self._by_name)
                raise BadRequest(f"There is no input {name!r}.{did_you_mean(name, known)} Inputs: {', '.join(known)}.")
        missing = [name for name in self._by_name if name not in tensors]
        if missing:
            raise BadRequest(f"The input {missing[0]!r} is missing.")
        arrays = [tensors[info.name] for info in self.inputs]
        for info, array in zip(self.inputs, arrays):
            self._check(info, array)
        if len(arrays) > 1 and self.can_batch:
            rows = {info.name: array.shape[0] for info, array in zip(self.inputs, arrays)}
            if len(set(rows.values())) > 1:
                raise BadRequest(f"All inputs must have the same number of rows, got {rows}.")
        return arrays

    def _check(self, info, array):
        expected = info.shape
        fits = len(array.shape) == len(expected) and all(
            size is None or size == given for size, given in zip(expected[1:], array.shape[1:])
        )
        if not fits or (not self.can_batch and None not in expected[:1] and array.shape[:1] != expected[:1]):
            wanted = [-1, *(-1 if size is None else size for size in expected[1:])]
            raise BadRequest(f"The input {info.name!r} takes shape {wanted}, got {list(array.shape)}.")
        if not array.shape[0]:
            raise BadRequest(f"The input {info.name!r} has no rows.")
        given = "string" if is_text(array) else array.dtype.name
        if given != info.dtype:
            raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got {given}.")


def signature_of(model: Any) -> Signature:
    """The signature of a model.

    Raises:
        ValueError: where its inputs are known to nobody but its `call`.
    """
    graph = getattr(model, "_graph", None)
    if graph is not None:
        return _signature(graph.inputs_struct, graph.outputs_struct, getattr(model, "output_names", None))
    shape = (model.get_build_config() or {}).get("input_shape") if model.built else None
    if shape is None:
        raise ValueError(
            f"The inputs of {model.name!r} ({type(model).__name__}) can't be told: it has a `call` of its own and was "
            "not built on one structure of shapes. Save it as a functional model: `keras.Model(inputs, model(inputs))`."
        )
    taken = tree.map_shape_structure(lambda sizes: KerasTensor((None, *sizes[1:]), floatx(), name="inputs"), shape)
    return _signature(taken, model.compute_output_spec(taken), None)


def _signature(taken, given, output_names):
    inputs, outputs = tree.flatten(taken), tree.flatten(given)
    names = _keys(taken) or _distinct([tensor.name for tensor in inputs])
    called = _keys(given) or Outputs(list(range(len(outputs))), output_names).names
    pack = (lambda arrays: tree.pack_sequence_as(taken, arrays)) if tree.is_nested(taken) else itemgetter(0)
    return Signature(list(map(_info, names, inputs)), list(map(_info, called, outputs)), pack)


def _info(name, tensor):
    return TensorInfo(name, tensor.dtype, tuple(size if isinstance(size, int) else None for size in tensor.shape))


def _distinct(names):
    return names if len(set(names)) == len(names) else [f"{name}_{i}" for i, name in enumerate(names)]


def _keys(struct):
    """The names in a flat dict, in the order of its leaves; None for other structures."""
    if not isinstance(struct, Mapping) or any(tree.is_nested(part) for part in struct.values()):
        return None
    return [name for name, _ in tree.children(struct)]


def np_dtype(name: str) -> Any:
    """NumPy's dtype of a name, bfloat16's too."""
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes  # start-up time: few models take it

        return np.dtype(getattr(ml_dtypes, name))
