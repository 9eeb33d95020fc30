"""The base of all losses, and the one that wraps a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import backend, ops, tree
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.docstrings import shares_arguments
from kerasish.losses.operands import refuse_complex
from kerasish.losses.reduction import reduce_weighted_values, squeeze_or_expand_to_same_rank, standardize_reduction
from kerasish.suggestions import SuggestsArguments
from kerasish.typing import AnyTensor, Config, DTypeLike, LossReduction, TensorLike


class Loss(SuggestsArguments):
    """What a model minimises: a value a sample (`call`), then weighted, masked and reduced (`__call__`).

    The losses of the library take targets and predictions of shape (batch, ..., d), compute a value from each vector
    along
    the last axis, and reduce these (batch, ...) values to one number.

    Subclasses define `call(y_true, y_pred)`, which returns a value a sample, and
    `get_config` if they take arguments.

    Args:
        name: string, by which logs call it; from the class's name when None.
        reduction: string or None, how the values become one number: "sum_over_batch_size" (their sum divided by their
            count) or "mean" (the same), "sum", "mean_with_sample_weight" (their sum divided by that of the weights),
            "none" or None (no reduction: a value a sample comes out).
        dtype: dtype or DTypePolicy of the computation, e.g. "float32"; `floatx()` when None.

    Raises:
        ValueError: for an unknown reduction.

    Example:
        >>> import kerasish as keras
        >>> class Miss(keras.losses.Loss):
        ...     def call(self, y_true, y_pred):
        ...         return keras.ops.max(keras.ops.abs(y_true - y_pred), axis=-1)
        >>> float(Miss()([[0.0, 1.0], [1.0, 1.0]], [[0.0, 3.0], [5.0, 1.0]]))
        3.0
    """

    def __init__(
        self, name: str | None = None, reduction: LossReduction = "sum_over_batch_size", dtype: DTypeLike | None = None
    ) -> None:
        self.name = name or unique_name(to_snake_case(type(self).__name__))
        self.reduction = standardize_reduction(reduction)
        self._dtype = _compute_dtype(dtype)

    @property
    def dtype(self) -> str:
        """Dtype of the computation, a string."""
        return self._dtype

    def __call__(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> AnyTensor:
        """The reduced loss.

        Args:
            y_true: targets, shape (batch, ...), or a structure of them.
            y_pred: predictions, shape (batch, ...); their Keras mask, if any, leaves entries out.
            sample_weight: weights that broadcast against the loss values, e.g. shape (batch,).

        Returns:
            A scalar, or the values for reduction "none".

        Raises:
            ValueError: for weights whose shape doesn't fit.
        """
        refuse_complex(*tree.flatten(y_true), *tree.flatten(y_pred))
        mask = backend.get_keras_mask(y_pred)
        values = self.call(as_tensors(y_true, self.dtype), as_tensors(y_pred, self.dtype))
        own_mask = backend.get_keras_mask(values)
        if own_mask is not None:
            mask = own_mask if mask is None else ops.logical_and(mask, own_mask)
        return reduce_weighted_values(values, sample_weight, mask, self.reduction, self.dtype)

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
        """A loss value a sample; for subclasses to define.

        Args:
            y_true: targets, shape (batch, ...), in `dtype`.
            y_pred: predictions, shape (batch, ...), in `dtype`.

        Returns:
            Tensor of shape (batch,), or (batch, ...) for a value a pixel or a word.
        """
        name = type(self).__name__
        raise TypeError(f"{name} must define `call(self, y_true, y_pred)`, which returns a loss value a sample.")

    def get_config(self) -> Config:
        """Constructor arguments, as plain data."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: Config) -> Loss:
        """A loss from what `get_config` gave.

        Args:
            config: dict of the constructor's arguments.

        Returns:
            A new loss of this class.
        """
        return cls(**config)


@shares_arguments(Loss)
class LossFunctionWrapper(Loss):
    """A function `fn(y_true, y_pred, **kwargs)` as a Loss.

    Args:
        fn: the function; returns a value a sample.
        **kwargs: passed on to `fn`.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.losses.LossFunctionWrapper(keras.losses.huber, delta=0.5)
        >>> float(loss([[0.0, 0.0]], [[1.0, 0.0]]))
        0.1875
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: LossReduction = "sum_over_batch_size",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
        y_true, y_pred = _same_ranks(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> Config:
        options = serialize_keras_object(self._fn_kwargs)
        return {**super().get_config(), "fn": serialize_keras_object(self.fn), **options}

    @classmethod
    def from_config(cls, config: Config) -> Loss:
        if "fn" in config:
            plain = {key: value for key, value in config.items() if key != "fn" and not isinstance(value, dict)}
            built = {key: deserialize_keras_object(value) for key, value in config.items() if key not in plain}
            config = {**plain, **built}
        return cls(**config)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


class BuiltInLoss(LossFunctionWrapper):
    """A loss of the library: its keyword arguments are attributes and go into the config.

    `saved_if_changed` names the ones with the default that keeps them out of the config: Keras never saves them, so a
    default config equals Keras's, and a changed argument still survives a save.
    """

    saved_if_changed = {}

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: LossReduction = "sum_over_batch_size",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fn, reduction=reduction, name=name, dtype=dtype, **kwargs)
        for key, value in kwargs.items():
            setattr(self, key, value)

    def get_config(self) -> Config:
        return {**Loss.get_config(self), **worth_saving(self._fn_kwargs, self.saved_if_changed)}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def worth_saving(options: dict[str, Any], saved_if_changed: dict[str, Any]) -> dict[str, Any]:
    """The options of a function that its config says.

    Args:
        options: dict from names to values.
        saved_if_changed: dict from the names of those that are left out at their default, to that default.

    >>> worth_saving({"axis": -1, "from_logits": False}, {"axis": -1})
    {'from_logits': False}
    """
    unchanged = [key for key, default in saved_if_changed.items() if options[key] == default]
    return {key: value for key, value in options.items() if key not in unchanged}


def _compute_dtype(dtype):
    """The float type in which to compute, from a dtype, a policy or a policy's name."""
    dtype = getattr(dtype, "compute_dtype", dtype) or backend.floatx()
    if isinstance(dtype, str) and dtype.startswith("mixed_"):
        dtype = dtype[len("mixed_") :]
    return backend.standardize_dtype(dtype)


def as_tensors(structure: Any, dtype: DTypeLike) -> AnyTensor:
    """`structure` with each leaf a tensor of `dtype`; nested lists of numbers are one tensor.

    Args:
        structure: array, list of numbers, or nested lists, tuples and dicts of arrays.
        dtype: string.

    Returns:
        Tensor, or the structure of tensors.
    """
    if tree.is_nested(structure) and any(getattr(leaf, "shape", ()) != () for leaf in tree.flatten(structure)):
        return tree.map_structure(lambda leaf: ops.convert_to_tensor(leaf, dtype=dtype), structure)
    if isinstance(structure, dict):
        return tree.map_structure(lambda leaf: ops.convert_to_tensor(leaf, dtype=dtype), structure)
    return ops.convert_to_tensor(structure, dtype=dtype)


def _same_ranks(y_true, y_pred):
    if not tree.is_nested(y_true) and not tree.is_nested(y_pred):
        return squeeze_or_expand_to_same_rank(y_true, y_pred)
    tree.assert_same_structure(y_true, y_pred)
    pairs = [squeeze_or_expand_to_same_rank(a, b) for a, b in zip(tree.flatten(y_true), tree.flatten(y_pred))]
    return tree.pack_sequence_as(y_true, [a for a, _ in pairs]), tree.pack_sequence_as(y_pred, [b for _, b in pairs])
