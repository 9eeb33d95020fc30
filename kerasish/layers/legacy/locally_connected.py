"""What LocallyConnected1D and LocallyConnected2D share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from kerasish import ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import positive
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.convolutional.base_convolution import BaseConvolution
from kerasish.typing import IntOrInts, ShapeLike

_OLD_ARGUMENTS = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample": "strides",
    "subsample_length": "strides",
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "init": "kernel_initializer",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
}


class LocallyConnected(BaseConvolution):
    """A convolution whose every output position has a kernel of its own.

    Windows and their kernels are gathered, one product of matrices a position follows. What the implementations of
    Keras 2 differ in is how the kernel is stored: position by position (1), as a matrix from all inputs to all outputs
    of which most entries are never read (2), or as the list of the entries of that matrix that are read (3).

    Args:
        rank: 1 or 2.
        filters: int > 0.
        implementation: 1, 2 or 3.
        **kwargs: those of `BaseConvolution`.
    """

    config_names: tuple[str, ...] = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "use_bias",
        "implementation",
    )
    old_arguments: dict[str, str] = _OLD_ARGUMENTS

    def __init__(
        self, rank: int, filters: int, kernel_size: IntOrInts, kernel: Any, implementation: int, **kwargs: Any
    ) -> None:
        super().__init__(rank, kernel_size, dilation_rate=1, kernels={"kernel": kernel}, **kwargs)
        self.filters: int = positive(filters, "filters")
        if implementation not in (1, 2, 3):
            raise ValueError(f"`implementation` must be 1, 2 or 3, got {implementation!r}.")
        self.implementation: int = implementation
        if self.padding == "same" and implementation == 1:
            raise ValueError("`padding` must be 'valid' where `implementation` is 1; 2 and 3 know 'same' as well.")

    def build(self, input_shape: ShapeLike) -> None:
        channels, first = self._channels(input_shape), self._channel_axis != -1
        space = tuple(input_shape[2:] if first else input_shape[1:-1])
        if None in space:
            raise ValueError(
                f"{self.name!r} has a kernel for each position, and so needs to know the size of every axis of space; "
                f"the input shape is {tuple(input_shape)}."
            )
        same = self.padding == "same"
        reach = space if same else [n - size + 1 for n, size in zip(space, self.kernel_size)]
        out = tuple(-(-n // stride) for n, stride in zip(reach, self.strides))
        if min(out) <= 0:
            raise ValueError(
                f"The window of {self.name!r}, {self.kernel_size}, is larger than the inputs of shape "
                f"{tuple(input_shape)}: no output is left."
            )
        self._out = out
        self._windows = _Windows(space, out, self.kernel_size, self.strides, same)
        self.kernel: Variable = self._add_kernel("kernel", "kernel", self._kernel_shape(space, channels, first))
        self.bias: Variable | None = self._add_kernel("bias", "bias", (*out, self.filters)) if self.use_bias else None
        axes = dict(enumerate(space, 2 if first else 1))
        self.input_spec: InputSpec = InputSpec(ndim=self.rank + 2, axes={**axes, 1 if first else -1: channels})

    def _kernel_shape(self, space, channels, first):
        positions = self._windows.count
        if self.implementation == 1:
            return positions, self._windows.size * channels, self.filters
        if self.implementation == 2:
            inputs = (channels, *space) if first else (*space, channels)
            return (*inputs, self.filters, *self._out) if first else (*inputs, *self._out, self.filters)
        return (sum(self._windows.used) * channels * self.filters,)

    def convolve(self, inputs: Any) -> Any:
        first, windows = self._channel_axis != -1, self._windows
        x = ops.transpose(inputs, (0, *range(2, self.rank + 2), 1)) if first else inputs
        channels = x.shape[-1]
        x = ops.reshape(x, (-1, windows.inputs, channels))
        if windows.padded:  # a point of zeros that windows read beyond the edges
            x = ops.pad(x, ((0, 0), (0, 1), (0, 0)))
        x = ops.reshape(ops.take(x, windows.points, axis=1), (-1, windows.count, windows.size * channels))
        outputs = ops.einsum("npk,pkf->npf", x, self._kernel_by_position(channels, first))
        outputs = ops.reshape(outputs, (-1, *self._out, self.filters))
        return ops.transpose(outputs, (0, self.rank + 1, *range(1, self.rank + 1))) if first else outputs

    def _kernel_by_position(self, channels, first):
        """(positions, points of a window * channels, filters), from the kernel as it is stored."""
        windows = self._windows
        shape = (windows.count, windows.size * channels, self.filters)
        if self.implementation > 1:
            where = self._places(channels, first)
            return ops.reshape(ops.take(ops.reshape(self.kernel, (-1,)), where), shape)
        if not first:
            return ops.convert_to_tensor(self.kernel)
        apart = ops.reshape(self.kernel, (windows.count, channels, windows.size, self.filters))
        return ops.reshape(ops.transpose(apart, (0, 2, 1, 3)), shape)

    def _places(self, channels, first):
        """Where in the stored kernel the entry for (position, point of its window, channel, filter) is.

        For a point beyond the edges it is any: what is read there are zeros.
        """
        w, f, count = self._windows, self.filters, self._windows.count
        p = ops.reshape(ops.arange(count), (-1, 1, 1, 1))
        c, k = ops.reshape(ops.arange(channels), (-1, 1)), ops.arange(f)
        if self.implementation == 2:
            q = _column([point if point < w.inputs else 0 for point in w.points], w.size)
            if first:
                return ((c * w.inputs + q) * f + k) * count + p
            return ((q * channels + c) * count + p) * f + k
        used, before = _column(w.used, 1), _column(w.before, 1)
        rank = _column(w.ranks, w.size)
        if first:  # sorted by (filter, position), then by (channel, point)
            return k * (sum(w.used) * channels) + before * channels + c * used + rank
        return before * channels * f + k * used * channels + rank * channels + c

    def _along_channels(self, bias):
        return ops.reshape(bias, (self.filters, *self._out)) if self._channel_axis != -1 else bias  # as Keras 1 and 2


def _column(numbers, size):
    """Numbers for (position, point of its window) with an axis for channels and one for filters behind."""
    return ops.reshape(ops.convert_to_tensor(numbers, dtype="int32"), (-1, size, 1, 1))


class _Windows:
    """Which points of the inputs, counted in one row, the window of each output position reads.

    Attributes:
        count, size, inputs: ints, how many positions, points in a window, and points of the inputs there are.
        points: list of ints, window by window; `inputs` for a point beyond the edges.
        padded: bool, whether there are such points.
        used: list of ints, how many points of each window are no such points.
        before: list of ints, the sum of `used` before each position.
        ranks: list of ints, for each point how many points of its window stand before it.
    """

    def __init__(
        self, space: Sequence[int], out: Sequence[int], size: Sequence[int], strides: Sequence[int], same: bool
    ) -> None:
        self.inputs = _product(space)
        self.size = _product(size)
        self.count = _product(out)
        self.points: list[int] = []
        self.ranks: list[int] = []
        self.used: list[int] = []
        self.before: list[int] = []
        for position in product(*map(range, out)):
            self.before.append(sum(self.used[-1:]) + (self.before[-1] if self.before else 0))
            seen = 0
            for offset in product(*map(range, size)):
                at = [p * s + o - (n // 2 if same else 0) for p, s, o, n in zip(position, strides, offset, size)]
                inside = all(0 <= a < n for a, n in zip(at, space))
                self.points.append(_in_a_row(at, space) if inside else self.inputs)
                self.ranks.append(seen if inside else 0)
                seen += inside
            self.used.append(seen)
        self.padded = sum(self.used) < len(self.points)


def _product(sizes):
    total = 1
    for size in sizes:
        total *= size
    return total


def _in_a_row(at, space):
    place = 0
    for a, n in zip(at, space):
        place = place * n + a
    return place
