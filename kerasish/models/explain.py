"""`model.explain()`: what a compiled step of the model does and how long each part takes, or what each layer costs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING, Any

from kerasish import ops, tree
from kerasish.backend.compiler.explain import explain_function, kept_values
from kerasish.backend.dtypes import is_int_dtype
from kerasish.backend.function import Function
from kerasish.backend.graph import KerasTensor
from kerasish.models.data.arrays import ArrayData
from kerasish.models.data.columns import is_array_like
from kerasish.models.data.make import make_data
from kerasish.models.layer_costs import explain_layers
from kerasish.models.training.single_batches import single_batch
from kerasish.typing import Arrays

if TYPE_CHECKING:
    from kerasish.models.model import Model

KINDS = ("predict", "train", "test", "layers")
_BATCH = 32
_BATCHES = 12  # for which the loop is watched waiting


def explain(
    model: Model,
    x: Arrays = None,
    y: Arrays = None,
    kind: str = "predict",
    sample_weight: Arrays = None,
    batch_size: int | None = None,
    repeat: int | None = None,
) -> Any:
    """See `Model.explain`."""
    if kind not in KINDS:
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, KINDS))}, got {kind!r}.")
    if kind == "layers":
        return _by_layer(model, x, batch_size)
    if kind != "predict":
        model._assert_compiled("explain")
    if x is None:
        x = _made_up_inputs(model, batch_size or _BATCH)
    source = _source_of_batches(x, y, sample_weight)
    before = time.perf_counter()
    if source is not None:
        x, y, sample_weight = source.peek()
    until_first = time.perf_counter() - before
    batch = _one_batch(x, y if kind != "predict" else None, sample_weight if kind != "predict" else None)
    if kind == "predict" and not model.built:
        model._prepare(batch)
    if kind != "predict":
        if y is None:
            batch = (batch[0], _made_up_targets(model, batch[0]), batch[2])
        model._prepare(batch)
    function = getattr(model, f"make_{kind}_function")()
    if not isinstance(function, Function):
        raise ValueError(
            f"The model {model.name!r} runs eagerly, so there is no compiled step to explain. Compile it with "
            "`run_eagerly=False`."
        )
    found = explain_function(function, batch, repeat)
    if source is not None:
        found.first_input_seconds, found.input_seconds = until_first, _seconds_of_input(function, batch, source, kind)
    return found


def _source_of_batches(x, y, sample_weight):
    """The source of what `fit` would take batches from one after the other; None of arrays."""
    if is_array_like(x) or isinstance(x, (list, tuple, Mapping)):
        return None
    source = make_data(x, y, sample_weight)
    return None if isinstance(source, ArrayData) else source


def _seconds_of_input(function, batch, source, kind):
    """The median of how long a step waits for its batch, behind the first."""
    entry, _ = function.compiled_for(batch)
    waits, clock = [], time.perf_counter
    source.on_epoch_begin()
    batches = source.epoch()
    with closing(batches), kept_values(entry.graph, entry.device):
        while len(waits) < _BATCHES:
            before = clock()
            given = next(batches, None)
            if given is None:
                break
            waits.append(clock() - before)
            x, y, sample_weight = given
            function(*_one_batch(x, *((y, sample_weight) if kind != "predict" else (None, None))))
    return median(waits[1:] or waits)


def _by_layer(model, x, batch_size):
    if x is None:
        return explain_layers(model, _made_up_inputs(model, batch_size or 1, allocate=False))
    batch = _one_batch(x, None, None)
    if not model.built:
        model._prepare(batch)
    return explain_layers(model, batch[0])


def _one_batch(x, y, sample_weight):
    return tuple(single_batch(x, y, sample_weight))


def _made_up_inputs(model, batch_size, allocate=True):
    """Zeros like the model's inputs; without `allocate` their shapes and dtypes only."""
    inputs = model._inputs_struct
    if inputs is None and isinstance(model._build_shapes, dict) and len(model._build_shapes) == 1:
        inputs = tree.map_shape_structure(
            lambda shape: KerasTensor(shape, model.input_dtype, name="input"), next(iter(model._build_shapes.values()))
        )
    if inputs is None:
        raise ValueError(f"The model {model.name!r} does not know the shape of its inputs; pass `x`, a batch of data.")

    def zeros(tensor):
        if None in tensor.shape[1:]:
            raise ValueError(
                f"The input {tensor.name!r} of shape {tuple(tensor.shape)} has unknown sizes; pass `x`, a batch of "
                "data."
            )
        shape = (tensor.shape[0] or batch_size, *tensor.shape[1:])
        return ops.convert_to_numpy(ops.zeros(shape, tensor.dtype)) if allocate else KerasTensor(shape, tensor.dtype)

    return tree.map_structure(zeros, inputs)


def _made_up_targets(model, x):
    """Zeros like the outputs; class numbers where the loss takes those."""
    outputs = model._output_specs(x)
    size = tree.flatten(x)[0].shape[0]
    losses = [
        str(getattr(loss, "name", None) or getattr(loss, "__name__", loss)).lower() for loss in tree.flatten(model.loss)
    ]
    sparse = any("sparse" in name for name in losses)

    def zeros(spec):
        shape = (size, *spec.shape[1:])
        if sparse:
            return ops.convert_to_numpy(ops.zeros(shape[:-1], "int32"))
        return ops.convert_to_numpy(ops.zeros(shape, "float32" if is_int_dtype(spec.dtype) else spec.dtype))

    return tree.map_structure(zeros, outputs)
