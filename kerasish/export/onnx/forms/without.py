"""Primitives that ONNX, or the one program that runs it, has nothing for; each says why."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.registry import PRIMITIVES


class NoForm(ValueError):
    """What ends the writing of a primitive that has no form; the message is the reason."""


def without(why: str, *names: str) -> None:
    """Enter primitives that have no form."""

    def refuse(g: Any, *inputs: Any, **attributes: Any) -> Any:
        raise NoForm(why)

    PRIMITIVES.update(dict.fromkeys(names, refuse))


without(": it is a part of training", "conv_kernel_gradient", "max_pool_gradient", "max_pool_gather", "put_rows")
without(": it is a part of training", "attention_gradient", "catch_up", "first_rows")
without(": it is a part of training", "sum_pool_gradient", "sum_rows")
without(": ONNX has no factorisations of matrices", "cholesky", "eig", "eigh", "lu", "qr", "singular_values", "svd")
without(": ONNX solves no systems of equations", "solve", "triangular_solve")
without(": a model that is exported has no ranks", "all_gather", "all_reduce", "reduce_scatter")
without(": a model that is exported has no ranks", "reduce_start", "reduce_wait")
without(": a model that is exported has no ranks", "gathered", "meet", "publish", "seen")
without(": onnxruntime computes with no complex numbers", "complex", "conj", "imag", "magnitude", "real")
without(": ONNX does not look at the bits of numbers", "bitcast", "gcd", "nextafter")
