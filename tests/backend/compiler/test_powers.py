"""Powers with a constant exponent, within the last place, infinities and NaN as they were."""

import numpy as np
import pytest

from kerasish.backend.primitives import p
from tests.backend.compiler.harness import check, hard

X = hard(40)


@pytest.mark.parametrize("exponent, names, ulps", [
    (0.0, "", 0), (1.0, "", 0), (2.0, "square", 1), (3.0, "square multiply", 2), (-1.0, "reciprocal", 1),
    (0.5, "power", 0), (-0.5, "power", 0),  # of -infinity
    (4.0, "power", 0), (2.5, "power", 0),
])  # fmt: skip
def test_exponents(exponent, names, ulps):
    check(lambda x: p.power(x, exponent), X, names=names, ulps=ulps)


@pytest.mark.parametrize("exponent, root", [(0.5, "sqrt"), (-0.5, "rsqrt")])
def test_roots_of_what_is_never_negative(exponent, root):
    check(lambda x: p.power(p.square(x), exponent), X, names=f"square {root}", ulps=2)
    check(lambda x: p.power(p.add(p.exp(x), 1e-3), exponent), X, names=f"exp add {root}", ulps=2)
    check(
        lambda x: p.power(p.sum(p.absolute(x), axis=0, keepdims=False), exponent),
        X[np.isfinite(X)],
        names=f"absolute sum {root}",
        ulps=2,
    )
    check(lambda x: p.power(p.subtract(p.square(x), 1.0), exponent), X, names="square subtract power")
    check(lambda x: p.power(p.relu(x), exponent), X, names="relu power")  # relu may give -0


def test_integers_keep_their_power():
    check(lambda x: p.power(x, 2), np.arange(5, dtype="int32"), names="power")


def test_a_product_with_itself():
    check(lambda x: p.multiply(x, x), X, names="square")
    check(lambda x: p.multiply(p.exp(x), p.exp(x)), X, names="exp square")


def test_the_gradient_of_a_square_is_a_product():
    from kerasish.backend.autodiff import gradients

    check(lambda x: gradients(p.power(x, 2.0), x), np.linspace(-2, 2, 9).astype("float32"), names="multiply", ulps=2)
