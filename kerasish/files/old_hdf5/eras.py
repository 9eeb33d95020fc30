"""Arrays of older layers made into today's: other axes, gates apart, statistics with another meaning, cuDNN's layout.

`converted(layer, sources, group)` gives one source a weight of `layer`, in the order of `layer.weights`. What fits as
it is stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.files.old_hdf5.stored import Derived

if TYPE_CHECKING:
    from kerasish.layers.base.layer import Layer

_CONV_LSTMS = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
_GATES = {
    **dict.fromkeys(("LSTM", *_CONV_LSTMS), (0, 2, 1, 3)),
    "GRU": (0, 1, 2),
}  # where Keras 1's gates (LSTM: i, c, f, o; GRU: z, r, h) stand: in the order of today's kernels
_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose")


def kind_of(layer: Layer) -> Any:
    """The name of the library's class that `layer` is, or is a subclass of, among those that are converted.

    Else None.
    """
    for cls in type(layer).__mro__:
        if cls.__name__ in _KINDS and cls.__module__.partition(".")[0] == __name__.partition(".")[0]:
            return cls.__name__
    return None


def split_count(layer: Layer) -> Any:
    """How many arrays Keras 1 kept for a recurrent layer, gate by gate: 12 for LSTM, 9 for GRU.

    None for other layers.
    """
    gates = _GATES.get(kind_of(layer))
    return None if gates is None else 3 * len(gates)


def converted(layer: Layer, sources: Any, group: Any) -> Any:
    """The sources for the weights of `layer`, from the arrays that the file of `group` holds for it."""
    kind, sources = kind_of(layer), list(sources)
    if kind is None or not sources:
        return sources
    shapes = [variable.shape for variable in layer.weights]
    if group.era < 2:
        sources = _from_keras_1(kind, layer, sources, shapes, group.era)
    if kind in _CONVOLUTIONS and group.flipped and len(sources[0].shape) > 2:
        sources[0] = _flipped(sources[0])
    if kind in _CONV_LSTMS and group.flipped:
        sources[:2] = map(_flipped, sources[:2])
    if kind in _GATES and len(sources) == 3:
        sources = _from_cudnn(sources, shapes, len(_GATES[kind]))
    return sources


# -- Keras 1 and before ---------------------------------------------------------------------------------------------


def _from_keras_1(kind, layer, sources, shapes, era):
    if kind == "Highway":  # before 1.2 each bias stood behind its kernel
        return sorted(sources, key=lambda source: -len(source.shape))
    if kind in _CONV_LSTMS and len(sources) == split_count(layer):
        sources = _with_last_axes_last(layer, sources, shapes, era)
    if kind in _GATES and len(sources) == split_count(layer):
        return _joined(sources, _GATES[kind])
    if kind == "BatchNormalization":
        return _with_variance(layer, sources) if era == 0 and len(sources) == 4 else sources
    if kind in _GATES or not shapes:
        return sources
    kernels = 2 if kind.startswith("Separable") else 1
    first = getattr(layer, "data_format", None) == "channels_first"
    return [_kernel(kind, source, shape, first, era) for source, shape in zip(sources[:kernels], shapes)] + sources[
        kernels:
    ]


def _joined(sources, order):
    """(kernel, recurrent kernel, bias) of each gate: one kernel, one recurrent kernel, one bias.

    Gates of unlike shapes stay, so that they are told.
    """
    parts = []
    for offset in range(3):
        gates = [sources[3 * gate + offset] for gate in order]
        if not gates[0].shape or any(gate.shape != gates[0].shape for gate in gates):
            return sources
        shape = (*gates[0].shape[:-1], len(gates) * gates[0].shape[-1])
        parts.append(Derived(gates, shape, lambda *arrays: np.concatenate(arrays, axis=-1)))
    return parts


def _with_last_axes_last(layer, sources, shapes, era):
    """The gates' kernels of a ConvLSTM, each with its axes in today's order."""
    first = layer.data_format == "channels_first"
    wanted = [(*shape[:-1], shape[-1] // 4) for shape in shapes]
    return [
        _kernel("Conv2D", source, wanted[number % 3], first, era) if number % 3 < 2 else source
        for number, source in enumerate(sources)
    ]


def _with_variance(layer, sources):
    """Before Keras 1 the fourth array was a standard deviation s, used as (x - mean) / (s + epsilon).

    Now sqrt(variance + epsilon) divides.
    """
    epsilon = layer.epsilon
    return [*sources[:3], Derived(sources[3:], sources[3].shape, lambda s: (s + epsilon) ** 2 - epsilon)]


def _kernel(kind, source, wanted, channels_first, era):
    """A kernel with its axes in today's order.

    Where its shape can be read in two ways, the layer's data format decides.
    """
    shape = source.shape
    for axes in _orders(kind, len(shape), channels_first, era):
        found = tuple(shape[axis] for axis in axes)
        if kind == "Conv1D" and len(found) == 4 and found[1] == 1:
            found = (found[0], *found[2:])
        if found == wanted:
            return (
                source
                if axes == tuple(range(len(shape))) and found == shape
                else Derived([source], wanted, _moving(axes, wanted))
            )
    return source


def _orders(kind, rank, channels_first, era):
    """Ways in which the axes may have been stored, as permutations that undo them, the likeliest first.

    Theano's order is (filters, channels, rows, columns), TensorFlow's (rows, columns, channels, filters). Conv1D had a
    column axis of 1. Transposed convolutions swapped the last two.
    """
    spatial, as_is = tuple(range(2, rank)), tuple(range(rank))
    if rank < 3:
        return [as_is]
    if kind == "Conv1D":
        return [(2, 3, 1, 0), as_is] if rank == 4 and era == 0 else [as_is, (2, 3, 1, 0)] if rank == 4 else [as_is]
    if kind == "Conv2DTranspose":
        theano, tensorflow = (*spatial, 0, 1), (*as_is[:-2], rank - 1, rank - 2)
    else:
        theano, tensorflow = (*spatial, 1, 0), as_is
    return [theano, tensorflow, as_is] if channels_first else [tensorflow, theano, as_is]


def _moving(axes, shape):
    return lambda array: array.transpose(axes).reshape(shape)


def _flipped(source):
    """The kernel turned round along its spatial axes."""
    backwards = (slice(None, None, -1),) * (len(source.shape) - 2)
    return Derived([source], source.shape, lambda array: array[backwards])


# -- cuDNN ----------------------------------------------------------------------------------------------------------


def _from_cudnn(sources, shapes, gates):
    """CuDNNLSTM and CuDNNGRU have two biases, one after the other, and each gate's kernels transposed.

    The input kernel in its old shape.
    """
    kernel, recurrent, bias = sources
    units = recurrent.shape[0] if recurrent.shape else 0
    wanted = (gates * units,) if gates == 4 else (2, gates * units)
    if (
        bias.shape != (2 * gates * units,)
        or len(shapes) != 3
        or shapes[2] != wanted
        or len(kernel.shape) != 2
        or len(recurrent.shape) != 2
    ):
        return sources
    return [
        Derived(
            [kernel], kernel.shape, lambda array: _by_gate(array, gates, lambda part: part.reshape(part.shape[::-1]).T)
        ),
        Derived([recurrent], recurrent.shape, lambda array: _by_gate(array, gates, lambda part: part.T)),
        Derived(
            [bias], wanted, lambda array: array.reshape(2, -1).sum(axis=0) if gates == 4 else array.reshape(wanted)
        ),
    ]


def _by_gate(array, gates, change):
    return np.concatenate([change(np.ascontiguousarray(part)) for part in np.split(array, gates, axis=1)], axis=1)


_KINDS = frozenset((*_CONVOLUTIONS, *_GATES, "SeparableConv2D", "BatchNormalization", "Highway"))
