"""Where the values of a functional model come in."""

from __future__ import annotations

from typing import Any

from kerasish.backend import deprecation
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.node import SourceNode
from kerasish.backend.settings import floatx
from kerasish.layers.base.layer import Layer
from kerasish.scalars import plain_numbers
from kerasish.suggestions import suggesting
from kerasish.typing import Config, DTypeLike, Shape, ShapeLike, TensorLike


class InputLayer(Layer):
    """The entry of a functional or sequential model. `Input` makes one and returns its tensor.

    Args:
        shape: tuple of int or None, without the batch axis.
        batch_size: int or None.
        dtype: string, default `floatx()`.
        sparse: whether values come as sparse matrices, which its tensor says then; they are made dense batch by batch
            either way.
        ragged: False; ragged tensors are not offered.
        batch_shape: the whole shape, in place of the two.
        input_tensor: a KerasTensor to wrap instead of making one.
        optional: whether None may be passed.
        name: string, by default the class name in snake_case, numbered.
        **kwargs: those of `Layer`: `trainable`, `autocast`, ...

    Raises:
        ValueError: when neither or both of `shape` and `batch_shape` are given, or one is no shape.

    >>> import kerasish as keras
    >>> entry = keras.layers.InputLayer((4,), name="features")
    >>> keras.Sequential([entry, keras.layers.Dense(2)]).output_shape
    (None, 2)
    """

    def __init__(
        self,
        shape: ShapeLike | None = None,
        batch_size: int | None = None,
        dtype: DTypeLike | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: ShapeLike | None = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        for old in ("input_shape", "batch_input_shape", "input_dtype"):
            if old in kwargs:
                deprecation.warn_renamed("InputLayer", old, _OLD_ARGUMENTS[old])
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        dtype = kwargs.pop("input_dtype", dtype)
        kwargs.pop("trainable", None)
        super().__init__(name=name, **kwargs)
        if ragged:
            raise ValueError("`ragged=True` is not supported: pad the rows, and pass dense arrays.")
        if input_tensor is not None:
            if not hasattr(input_tensor, "shape") or not hasattr(input_tensor, "dtype"):
                raise ValueError(f"`input_tensor` must be a symbolic tensor, got {input_tensor!r:.80}.")
            batch_shape, dtype = input_tensor.shape, dtype or input_tensor.dtype
        self._batch_shape = _checked_shape(shape, batch_size, batch_shape)
        self._dtype = standardize_dtype(dtype) if dtype is not None else floatx()
        self.optional = optional
        self.sparse: bool = bool(sparse)
        tensor = (
            input_tensor
            if input_tensor is not None
            else KerasTensor(self._batch_shape, self._dtype, sparse=self.sparse, name=self.name)
        )
        node = SourceNode(operation=self, outputs=[tensor], structure=tensor)
        tensor.node = tensor.node or node
        self._inbound_nodes.append(node)
        self.built = True

    @property
    def batch_shape(self) -> Shape:
        """The whole shape, batch axis included."""
        return self._batch_shape

    @property
    def dtype(self) -> str:
        """The dtype of the values."""
        return self._dtype

    def call(self) -> Any:
        """An input has no computation."""
        raise TypeError(f"The input {self.name!r} is not to be called.")

    @property
    def output(self) -> Any:
        """The symbolic tensor that stands for the value."""
        return self._inbound_nodes[0].outputs[0]

    def get_config(self) -> Config:
        return {
            "batch_shape": self._batch_shape,
            "dtype": self._dtype,
            "sparse": self.sparse,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        config = dict(config)
        for key in ("batch_shape", "shape"):
            if isinstance(config.get(key), list):
                config[key] = tuple(config[key])
        return cls(**config)


_OLD_ARGUMENTS = {"input_shape": "shape", "batch_input_shape": "batch_shape", "input_dtype": "dtype"}


def _checked_shape(shape, batch_size, batch_shape):
    shape, batch_size, batch_shape = plain_numbers((shape, batch_size, batch_shape))
    if (shape is None) == (batch_shape is None):
        raise ValueError(
            f"`Input` takes either `shape` or `batch_shape`; got shape={shape!r} and batch_shape={batch_shape!r}."
        )
    if batch_size is not None and batch_shape is not None:
        raise ValueError("`batch_size` is part of `batch_shape` already; give one of them.")
    shape = (shape,) if isinstance(shape, int) else shape
    full = tuple(batch_shape) if batch_shape is not None else (batch_size, *shape)
    for size in full:
        if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
            raise ValueError(f"A shape holds ints >= 0 and None, got {full}.")
    return full


@suggesting
def Input(
    shape: ShapeLike | None = None,
    batch_size: int | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: ShapeLike | None = None,
    name: str | None = None,
    tensor: TensorLike | None = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic tensor with which a functional model begins.

    Args:
        shape: tuple of int or None, without the batch axis.
        batch_size: int or None.
        dtype: string, default `floatx()`.
        sparse: whether values come as sparse matrices, which its tensor says then; they are made dense batch by batch
            either way.
        ragged: False; ragged tensors are not offered.
        batch_shape: the whole shape.
        name: string, by default numbered.
        tensor: an existing KerasTensor to use.
        optional: whether None may be passed for it.

    Returns:
        a KerasTensor.

    >>> import kerasish as keras
    >>> inputs = keras.Input((4,))
    >>> outputs = keras.layers.Dense(2)(inputs)
    >>> keras.Model(inputs, outputs).output_shape
    (None, 2)
    """
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    return layer.output
