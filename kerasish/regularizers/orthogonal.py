"""A penalty on rows (or columns) that point the same way."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.regularizers.regularizer import Regularizer, check_factor
from kerasish.typing import AnyTensor, Config, TensorLike


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean |cosine| between all pairs of rows, or of columns, of a matrix.

    Args:
        factor: number, 0 or more.
        mode: "rows" or "columns", which of them are to be orthogonal.

    Raises:
        ValueError: for another `mode`, or for a tensor that is no matrix.

    Example:
        >>> import kerasish as keras
        >>> penalty = keras.regularizers.OrthogonalRegularizer(factor=1.0)
        >>> float(penalty(keras.ops.eye(3))), round(float(penalty(keras.ops.ones((3, 3)))), 4)
        (0.0, 1.0)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = check_factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise ValueError(f"`mode` must be 'rows' or 'columns', got {mode!r}.")
        self.mode = mode

    def __call__(self, inputs: TensorLike) -> AnyTensor:
        if len(inputs.shape) != 2:
            raise ValueError(f"OrthogonalRegularizer works on matrices, got shape {tuple(inputs.shape)}.")
        vectors = inputs if self.mode == "rows" else ops.transpose(inputs)
        vectors = ops.normalize(vectors, axis=1)
        count = vectors.shape[0]
        cosines = ops.matmul(vectors, ops.transpose(vectors))
        others = ops.subtract(1.0, ops.eye(count, dtype=standardize_dtype(cosines.dtype)))
        pairs = max(1, count * (count - 1))
        return ops.divide(ops.multiply(ops.sum(ops.abs(ops.multiply(cosines, others))), self.factor), pairs)

    def get_config(self) -> Config:
        return {"factor": self.factor, "mode": self.mode}
