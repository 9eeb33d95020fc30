"""The mathematics of classic Keras's backend (`K.mean`, `K.dot`, ...), in terms of today's ops.

`kerasish.backend` finds the words here that `kerasish.ops` and `kerasish.random` do not have under the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops, random
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, SeedLike, ShapeLike, TensorLike

__all__ = [
    "batch_dot",
    "batch_flatten",
    "binary_crossentropy",
    "categorical_crossentropy",
    "dot",
    "dropout",
    "flatten",
    "gather",
    "l2_normalize",
    "permute_dimensions",
    "pow",
    "random_normal",
    "random_uniform",
    "repeat",
    "repeat_elements",
    "reverse",
    "sparse_categorical_crossentropy",
    "switch",
]

pow = ops.power
random_normal = random.normal
random_uniform = random.uniform


def gather(reference: TensorLike, indices: TensorLike) -> AnyTensor:
    """The rows of `reference` at `indices`."""
    return ops.take(reference, indices, axis=0)


def permute_dimensions(x: TensorLike, pattern: Sequence[int]) -> AnyTensor:
    """`x` with its axes in the order of `pattern`."""
    return ops.transpose(x, pattern)


def reverse(x: TensorLike, axes: Axis) -> AnyTensor:
    """`x` with the order of its elements turned round along `axes`."""
    return ops.flip(x, axes)


def repeat_elements(x: TensorLike, rep: int, axis: int) -> AnyTensor:
    """Each element `rep` times along `axis`."""
    return ops.repeat(x, rep, axis=axis)


def flatten(x: TensorLike) -> AnyTensor:
    """All elements of `x` in one axis."""
    return ops.reshape(x, (-1,))


@operation
def dot(x: TensorLike, y: TensorLike) -> Any:
    """Matrix product: the last axis of `x` with the last but one of `y` (its last, where it has one)."""
    return ops.dot(x, y)


@operation
def batch_dot(x: TensorLike, y: TensorLike, axes: Axis = None) -> Any:
    """The product of each sample's tensors along `axes`.

    An int or a pair; by default the last of `x` and the last but one of `y`.
    """
    axes = (
        (len(x.shape) - 1, max(1, len(y.shape) - 2))
        if axes is None
        else (axes, axes)
        if isinstance(axes, int)
        else axes
    )
    letters = iter("bcdefghijklmnopqrstuvwx")
    names_x, names_y = (["a"] + [next(letters) for _ in t.shape[1:]] for t in (x, y))
    names_x[axes[0]] = names_y[axes[1]] = "z"
    rest = [n for n in names_x[1:] + names_y[1:] if n != "z"]
    result = ops.einsum(f"{''.join(names_x)},{''.join(names_y)}->{''.join(['a', *rest])}", x, y)
    return result if rest else ops.expand_dims(result, 1)


@operation
def batch_flatten(x: TensorLike) -> Any:
    """All axes after the first in one."""
    return ops.reshape(
        x, (x.shape[0] if x.shape[0] is not None else -1, -1 if x.shape[0] is not None else _product(x.shape[1:]))
    )


def _product(sizes):
    total = 1
    for size in sizes:
        total *= size
    return total


@operation
def repeat(x: TensorLike, n: int) -> Any:
    """(samples, features) to (samples, n, features)."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


@operation
def l2_normalize(x: TensorLike, axis: Axis = None) -> Any:
    """`x` scaled to length 1 along `axis`."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))


def dropout(x: TensorLike, level: Any, noise_shape: ShapeLike | None = None, seed: SeedLike = None) -> Any:
    """`x` with a part `level` of its elements 0 and the rest scaled up."""
    return random.dropout(x, level, noise_shape=noise_shape, seed=seed)


def categorical_crossentropy(target: TensorLike, output: Any, from_logits: bool = False, axis: Axis = -1) -> Any:
    """Crossentropy of one-hot targets."""
    return ops.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target: TensorLike, output: Any, from_logits: bool = False, axis: Axis = -1) -> Any:
    """Crossentropy of class numbers."""
    return ops.sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def binary_crossentropy(target: TensorLike, output: Any, from_logits: bool = False) -> Any:
    """Crossentropy of targets from 0 to 1, element by element."""
    return ops.binary_crossentropy(target, output, from_logits=from_logits)


def switch(condition: TensorLike, then_expression: Any, else_expression: Any) -> Any:
    """`then_expression` where the condition holds, else `else_expression`.

    Either may be a function without arguments.
    """
    then, otherwise = (e() if callable(e) else e for e in (then_expression, else_expression))
    return ops.where(condition, then, otherwise)
