"""Matrices with orthogonal rows or columns."""

from __future__ import annotations

import math

from kerasish import ops, random
from kerasish.backend import standardize_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.initializers.seeded import RandomInitializer
from kerasish.typing import AnyTensor, Config, DTypeLike, SeedLike, ShapeLike


class Orthogonal(RandomInitializer):
    """A random orthogonal matrix times `gain`.

    Where there are fewer rows than columns the rows are orthonormal, else the columns. Of a shape of more than two
    sizes, all but the last make up the rows.

    Args:
        gain: number, the length of the rows or columns.
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).

    Raises:
        ValueError: for a shape of fewer than two axes.

    Example:
        >>> import kerasish as keras
        >>> q = keras.initializers.Orthogonal(seed=1)((3, 3))
        >>> (q @ q.T).round(3).__abs__().tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    Reference:
        Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013,
        arXiv:1312.6120.
    """

    def __init__(self, gain: float = 1.0, seed: SeedLike = None) -> None:
        self.gain = gain
        super().__init__(seed=seed)

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        shape = tuple(shape)
        if len(shape) < 2:
            raise ValueError(f"Orthogonal makes matrices: `shape` must have two sizes or more, got {shape}.")
        dtype = standardize_dtype(dtype)
        rows, columns = math.prod(shape[:-1]), shape[-1]
        wide = "float32" if dtype in HALVES else dtype
        draws = random.normal((max(rows, columns), min(rows, columns)), dtype=wide, seed=self.seed)
        q, r = ops.qr(draws)
        # With the diagonal of R positive the decomposition is unique, and Q evenly distributed over its kind.
        q = ops.multiply(q, ops.sign(ops.diagonal(r)))
        q = ops.transpose(q) if rows < columns else q
        return ops.cast(ops.multiply(ops.reshape(q, shape), self.gain), dtype)

    def get_config(self) -> Config:
        return {**super().get_config(), "gain": self.gain}
