"""NumPy kernels of `primitives/unary.py`."""

from functools import partial

import numpy as np

from kerasish.backend.numpy.kernels import from_ufunc, kernel
from kerasish.backend.numpy.workspace import planned

for _name in (
    "negative absolute sign floor ceil trunc square exp expm1 log log1p sqrt reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh "
    "arcsinh arccosh arctanh logical_not bitwise_not isfinite isnan isinf"
).split():
    from_ufunc(_name, getattr(np, _name))
from_ufunc("round", np.rint)


@kernel("relu")
def relu(out, x):
    np.maximum(x, 0, out=out)


@kernel("identity")
@kernel("stop_gradient")
def identity(out, x):
    np.copyto(out, x)


@kernel("rsqrt")
def rsqrt(out, x):
    np.sqrt(x, out=out)
    np.reciprocal(out, out=out)


@kernel("sigmoid")
def sigmoid(out, x):
    """(1 + tanh(x / 2)) / 2: no overflow on either side, and NumPy's tanh is vectorised."""
    np.multiply(x, 0.5, out=out)
    np.tanh(out, out=out)
    np.multiply(out, 0.5, out=out)
    np.add(out, 0.5, out=out)


@planned("softplus")
def softplus(take, out, x):
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which never overflows; `out` may be the memory of x."""
    positive = take(x.shape, x.dtype)
    return [
        partial(np.maximum, x, 0, out=positive), partial(np.absolute, x, out), partial(np.negative, out, out), partial(np.exp, out, out),
        partial(np.log1p, out, out), partial(np.add, out, positive, out),
    ]  # fmt: skip
