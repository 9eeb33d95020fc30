"""Complex numbers, made and taken apart. Their gradients, over both parts, are in tests/ops/test_complex.py."""

import numpy as np

from tests.backend.primitives.harness import Row, values

_Z = values(2, 3) + 1j * values(2, 3)
_SMALL = _Z.astype("complex64")


def _has_these_eigenvectors(inputs, outputs):
    x, (found, vectors) = inputs[0], outputs
    np.testing.assert_allclose(x @ vectors, vectors * found[..., None, :], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-2), 1, rtol=1e-5)


ROWS = [
    Row("complex", values(2, 3), values(2, 3), reference=lambda x, y: x + 1j * y, closed=(0, 1)),
    Row("complex", values(), values(), reference=lambda x, y: x + 1j * y),
    *[Row(name, z, reference=reference) for z in (_Z, _SMALL) for name, reference in (
        ("real", np.real), ("imag", np.imag), ("conj", np.conjugate), ("magnitude", np.absolute))],
    Row("eig", values(3, 3), check=_has_these_eigenvectors), Row("eig", values(2, 4, 4), check=_has_these_eigenvectors),
    Row("eig", values(3, 3) + 1j * values(3, 3), check=_has_these_eigenvectors),
    *[Row(name, _Z, _SMALL.astype("complex128"), reference=getattr(np, name))
      for name in ("add", "subtract", "multiply", "equal")],
    Row("matmul", _Z, _Z.T.copy(), reference=np.matmul), Row("sum", _Z, axis=(1,), reference=lambda x, axis: x.sum(1)),
    Row("reshape", _Z, shape=(3, 2), reference=lambda x, shape: x.reshape(shape)),
    Row("transpose", _SMALL, axes=(1, 0), reference=lambda x, axes: x.T),
]  # fmt: skip
