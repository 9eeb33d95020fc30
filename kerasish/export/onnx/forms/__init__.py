"""How each primitive is written in ONNX; the files mirror `backend/primitives/`."""

from kerasish.export.onnx.forms import (
    arithmetic,
    conv,
    creation,
    decompositions,
    fourier,
    higher_order,
    indexing,
    movement,
    pool,
    random,
    reduce,
    sampling,
    scatter,
    sort,
    unary,
    without,
)

__all__ = [
    "arithmetic",
    "conv",
    "creation",
    "decompositions",
    "fourier",
    "higher_order",
    "indexing",
    "movement",
    "pool",
    "random",
    "reduce",
    "sampling",
    "scatter",
    "sort",
    "unary",
    "without",
]
