"""Normalization."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from kerasish import backend, ops
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.variable import Variable, assign_all
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.typing import Config, ShapeLike


class Normalization(DataLayer):
    """Inputs shifted and scaled to mean 0 and variance 1, by numbers that are given or that `adapt` finds in data.

    Args:
        axis: int, tuple of ints or None: the axes along which each index has a mean and variance of its own; None:
            one for everything.
        mean: number, or list that broadcasts over the kept axes; goes with `variance`. Without them, `adapt` is
            called before training.
        variance: number, or list that broadcasts over the kept axes; goes with `mean`.
        invert: whether to undo the normalization instead: inputs * sqrt(variance) + mean.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: for an axis out of range or of open size, and for `mean` and `variance` that don't fit each
            other or the inputs.

    >>> import kerasish as keras
    >>> layer = keras.layers.Normalization()
    >>> layer.adapt(keras.ops.convert_to_tensor([[0.0, 7.0], [2.0, 9.0]]))
    >>> layer(keras.ops.convert_to_tensor([[0.0, 9.0]])).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis: tuple[int, ...] = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if (mean is None) != (variance is None):
            raise ValueError(
                f"`mean` and `variance` must be given together, got mean={mean!r} and variance={variance!r}."
            )
        self.input_mean: Any = _plain(mean)
        self.input_variance: Any = _plain(variance)
        self.invert: bool = invert
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor
        self._kept = self._input_shape = None
        if mean is not None:
            given, other = _shape(self.input_mean), _shape(self.input_variance)
            if given != other:
                raise ValueError(f"`mean` and `variance` must have the same shape, got {given} and {other}.")
            if len(given) > len(self.axis):
                raise ValueError(
                    f"`mean` must have at most as many axes as `axis` names ({len(self.axis)}), got shape {given} for "
                    f"axis={self.axis}."
                )

    def build(self, input_shape: ShapeLike) -> None:
        rank = len(input_shape)
        if any(not -rank <= a < rank for a in self.axis):
            raise ValueError(
                f"`axis`={self.axis} of {self.name!r} is out of range for inputs of shape {tuple(input_shape)}."
            )
        kept = sorted(a % rank for a in self.axis)
        if any(input_shape[a] is None for a in kept):
            raise ValueError(
                f"{self.name!r} needs to know the sizes of the axes {self.axis}; the input shape is "
                f"{tuple(input_shape)}."
            )
        sizes = tuple(input_shape[a] for a in kept)
        if self.input_mean is None:
            self.adapt_mean: Variable = self.add_weight(sizes, "zeros", name="mean", trainable=False)
            self.adapt_variance: Variable = self.add_weight(sizes, "ones", name="variance", trainable=False)
            self.count: Variable = self.add_weight((), "zeros", dtype="int32", name="count", trainable=False)
        else:
            given = _shape(self.input_mean)
            if any(g not in (1, size) for g, size in zip(reversed(given), reversed(sizes))):
                raise ValueError(
                    f"`mean` of {self.name!r}, of shape {given}, can't be broadcast to the kept axes, of shape {sizes}."
                )
        self._kept, self._input_shape = kept, tuple(input_shape)
        self.built = True

    def adapt(self, data: Any) -> None:
        """Find mean and variance of data, and keep them as the layer's weights. What was found before is forgotten.

        Args:
            data: array or tensor; or an iterable of batches (a list, a generator, a PyDataset): arrays, or tuples that
                begin with one.

        Raises:
            ValueError: for no batches and for shapes that don't fit.
            TypeError: for what is no data.
            RuntimeError: where `mean` was given.
        """
        if self.input_mean is not None:
            raise RuntimeError(
                f"{self.name!r} was made with `mean` and `variance`, so it can't `adapt`. Leave them out."
            )
        batches = self._batches_of(data)
        first = next(batches, None)
        if first is None:
            raise ValueError("`data` holds no batches; `adapt` needs at least one array.")
        if not self.built:
            self.build(tuple(first.shape))
        mean, variance, count = None, None, 0
        for batch in itertools.chain([first], batches):
            self._check_batch(batch)
            x = ops.cast(
                ops.convert_to_tensor(batch), "float64" if standardize_dtype(batch.dtype) in _WIDE else "float32"
            )
            reduced = tuple(a for a in range(len(x.shape)) if a not in self._kept)
            new_mean, new_variance = ops.moments(x, axes=reduced) if reduced else (x, ops.zeros_like(x))
            size = 1
            for a in reduced:
                size *= x.shape[a]
            if count:  # Chan et al., "Updating formulae and a pairwise algorithm for computing sample variances", 1979
                share = size / (count + size)
                both = mean + (new_mean - mean) * share
                variance = (variance + (mean - both) ** 2) * (1 - share) + (
                    new_variance + (new_mean - both) ** 2
                ) * share
                mean = both
            else:
                mean, variance = new_mean, new_variance
            count += size
        assign_all([(self.adapt_mean, mean), (self.adapt_variance, variance)])

    def _batches_of(self, data):
        """An iterator over the batches of `data`, whatever it is."""
        if hasattr(data, "shape") and hasattr(data, "dtype"):
            return iter([data])
        if not hasattr(data, "__iter__") and not hasattr(data, "__getitem__") or isinstance(data, (str, bytes, dict)):
            raise TypeError(f"`data` must be an array or an iterable of batches, got {type(data).__name__}.")
        items = (
            (data[i] for i in range(len(data)))
            if not hasattr(data, "__iter__") or hasattr(data, "on_epoch_end")
            else data
        )
        return (_batch(item) for item in items)

    def _check_batch(self, batch):
        shape = tuple(batch.shape)
        if len(shape) != len(self._input_shape) or any(shape[a] != self._input_shape[a] for a in self._kept):
            raise ValueError(
                f"`data` must fit the shape {self._input_shape} with which {self.name!r} was built, got an array of "
                f"shape {shape}."
            )

    def finalize_state(self) -> None:
        """Nothing is left to do: mean and variance are read from the weights at each call.

        Code for Keras 2 calls it.
        """

    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts to the inputs; None before the layer is built."""
        return (
            None
            if self._kept is None
            else self._broadcast(self.adapt_mean if self.input_mean is None else self.input_mean)
        )

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts to the inputs; None before the layer is built."""
        return (
            None
            if self._kept is None
            else self._broadcast(self.adapt_variance if self.input_mean is None else self.input_variance)
        )

    def _broadcast(self, numbers):
        numbers = ops.convert_to_tensor(numbers, dtype=self.compute_dtype)
        numbers = ops.broadcast_to(numbers, tuple(self._input_shape[axis] for axis in self._kept))
        kept = [size if axis in self._kept else 1 for axis, size in enumerate(self._input_shape)]
        return ops.reshape(numbers, kept)

    def call(self, inputs: Any) -> Any:
        inputs = ops.cast(inputs, self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), backend.epsilon())
        return inputs * deviation + self.mean if self.invert else (inputs - self.mean) / deviation

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        return tuple(input_shape)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": self.input_mean,
            "variance": self.input_variance,
        }


_WIDE = ("float64", "int32", "uint32", "int64", "uint64")  # whose numbers float32 can't hold


def _batch(item):
    """The inputs of a batch, which may stand in a tuple with targets."""
    batch = item[0] if isinstance(item, tuple) and item else item
    if not hasattr(batch, "shape") or not hasattr(batch, "dtype"):
        raise TypeError(
            f"`data` must yield arrays, got an item of type {type(batch).__name__}. Give numbers as one array, "
            "batches as a list of arrays."
        )
    standardize_dtype(batch.dtype)
    return batch


def _plain(numbers):
    """Numbers, lists and arrays of any library as plain numbers and lists."""
    if isinstance(numbers, (list, tuple)):
        return [_plain(item) for item in numbers]
    if hasattr(numbers, "shape"):
        return ops.convert_to_numpy(numbers).tolist()
    return numbers


def _shape(numbers):
    return (
        (len(numbers), *_shape(numbers[0]))
        if isinstance(numbers, list) and numbers
        else (0,)
        if isinstance(numbers, list)
        else ()
    )
