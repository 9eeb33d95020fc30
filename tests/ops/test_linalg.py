"""Parity of linear algebra. Factors that are only unique up to a sign are compared by what they must fulfil."""

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from tests.ops.data import CUBE, INTS, ROW, X, spread
from tests.ops.parity import C, Parity

SQUARE = spread(3, 3) + 3 * np.eye(3, dtype="float32")
BATCH = spread(2, 3, 3, seed=1) + 3 * np.eye(3, dtype="float32")
DEFINITE = (BATCH @ BATCH.transpose(0, 2, 1) + np.eye(3)).astype("float32")
TALL, WIDE = spread(4, 3), spread(3, 4, seed=3)

SYSTEMS = [
    C("inv", SQUARE),
    C("inv", BATCH),
    C("det", SQUARE),
    C("det", BATCH),
    C("slogdet", BATCH),
    C("slogdet", SQUARE),
    C("logdet", DEFINITE),
    C("solve", SQUARE, ROW),
    C("solve", SQUARE, TALL[:3]),
    C("solve", BATCH, spread(2, 3, 2)),
]
SYSTEMS += [
    C("solve_triangular", SQUARE, ROW),
    C("solve_triangular", BATCH, spread(2, 3, 2), lower=True),
    C("solve_triangular", SQUARE, TALL[:3]),
    C("cholesky", DEFINITE),
    C("cholesky", DEFINITE, upper=True),
    C("cholesky_inverse", DEFINITE[0]),
    C("cholesky_inverse", DEFINITE[1], upper=True),
]
SYSTEMS += [
    C("pinv", TALL),
    C("pinv", WIDE),
    C("lstsq", TALL, spread(4)),
    C("lstsq", TALL, spread(4, 2)),
    C("lstsq", WIDE, ROW),
    C("matrix_rank", TALL),
    C("matrix_rank", np.outer(ROW, ROW)),
    C("svd", TALL, compute_uv=False),
    C("svd", CUBE, compute_uv=False),
    C("lu_factor", BATCH),
    C("lu_factor", SQUARE),
    C("lu_factor", TALL),
]
for case in SYSTEMS:
    # Keras infers no shapes of open batches of matrices for most of these, and for some other dtypes than it computes
    case.but(
        open=False,
        rtol=2e-4,
        atol=1e-5,
        spec=case.op not in ("matrix_rank", "lstsq", "lu_factor", "logdet", "slogdet"),
        gradient=case.op not in ("lu_factor", "lstsq"),
    )

NORMS = [
    C("norm", X, **kwargs)
    for kwargs in (
        {},
        {"axis": 1},
        {"axis": 1, "ord": 1},
        {"axis": 0, "ord": 3},
        {"axis": 1, "ord": np.inf},
        {"axis": 1, "ord": -np.inf, "keepdims": True},
        {"ord": "fro"},
        {"ord": "nuc"},
        {"ord": 1},
        {"ord": -1},
        {"ord": np.inf},
        {"ord": -np.inf},
        {"ord": 2},
        {"ord": -2},
        {"keepdims": True},
    )
]
NORMS += [
    C("norm", CUBE, **kwargs)
    for kwargs in (
        {},
        {"axis": (1, 2)},
        {"axis": (0, 2), "ord": "nuc"},
        {"axis": (-1, 0), "ord": 1, "keepdims": True},
        {"axis": (1, 2), "ord": 2},
        {"axis": 2, "ord": 0},
    )
] + [C("norm", ROW), C("norm", INTS, axis=1), C("norm", ROW, ord=2)]
for case in NORMS:
    case.but(rtol=1e-4, atol=1e-5, open=False)


@pytest.mark.parametrize("case", SYSTEMS, ids=str)
class TestSystems(Parity):
    pass


@pytest.mark.parametrize("case", NORMS, ids=str)
class TestNorms(Parity):
    pass


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("x", [TALL, WIDE, CUBE, SQUARE])
@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_qr_gives_orthonormal_columns_and_a_triangle(x, mode):
    q, r = map(np.asarray, ops.qr(x, mode=mode))
    close(q @ r, x)
    close(np.swapaxes(q, -1, -2) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], q.shape[-1], q.shape[-1])))
    close(np.tril(r, -1), np.zeros_like(r))


@pytest.mark.parametrize("x", [TALL, WIDE, CUBE])
@pytest.mark.parametrize("full", [True, False])
def test_svd_gives_back_the_matrix(x, full):
    u, s, vt = ops.svd(x, full_matrices=full)
    k = s.shape[-1]
    close((u[..., :k] * s[..., None, :]) @ vt[..., :k, :], x)
    assert u.shape[-1] == (x.shape[-2] if full else k) and vt.shape[-2] == (x.shape[-1] if full else k)


def test_eigh_gives_back_the_matrix():
    values, vectors = ops.eigh(DEFINITE)
    close((vectors * values[:, None, :]) @ vectors.transpose(0, 2, 1), DEFINITE)
    assert (np.diff(values) > 0).all()


def rising(value):
    """A scalar that does not change when a factor's columns change sign."""
    return ops.sum(
        ops.multiply(
            ops.square(value),
            np.arange(1.0, value.shape[-1] * value.shape[-2] + 1, dtype="float64").reshape(value.shape[-2:]),
        )
    )


DIFFERENTIABLE = {
    "qr tall": (lambda x: sum(rising(part) for part in ops.qr(x)), TALL),
    "qr wide": (lambda x: sum(rising(part) for part in ops.qr(x)), WIDE),
    "svd tall": (
        lambda x: (
            rising(ops.svd(x, full_matrices=False)[0])
            + rising(ops.svd(x, full_matrices=False)[2])
            + ops.sum(ops.exp(ops.svd(x, full_matrices=False)[1]))
        ),
        TALL,
    ),
    "svd wide": (
        lambda x: rising(ops.svd(x, full_matrices=False)[0]) + rising(ops.svd(x, full_matrices=False)[2]),
        WIDE,
    ),
    "eigh": (
        lambda x: rising(ops.eigh(x)[1]) + ops.sum(ops.log(ops.eigh(x)[0])),
        DEFINITE[0] + np.diag([0.0, 1.0, 3.0]),
    ),
    "cholesky": (lambda x: rising(ops.cholesky(ops.matmul(x, ops.transpose(x)))), SQUARE),
    "triangle, transposed": (lambda x: rising(ops.cholesky_inverse(x)), SQUARE),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_agree_with_central_differences(name):
    loss, x = DIFFERENTIABLE[name]
    x = x.astype("float64")
    found = function(lambda x: gradients(loss(x), x))(x)
    numeric = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        if name == "eigh":
            step = (step + step.T) / 2
        numeric[place] = (float(loss(x + step)) - float(loss(x - step))) / 2e-6
    np.testing.assert_allclose(found, numeric, rtol=1e-5, atol=1e-6 * np.abs(numeric).max())


def test_jvp_agrees_with_the_oracle():
    import keras

    def f(root):
        return lambda x, y: root.sum(root.tanh(root.multiply(x, y)), axis=1)

    ours = ops.jvp(f(ops), (X, X + 1), (X * 0.5, X - 2))
    theirs = keras.ops.jvp(f(keras.ops), (X, X + 1), (X * 0.5, X - 2))
    for a, b in zip(ours, theirs):
        assert ops.is_tensor(a)
        close(a, b)


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "eigh", "slogdet"])
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_other_than_square_matrices_are_refused(name, shape):
    with pytest.raises(ValueError, match="matrices"):
        getattr(ops, name)(np.zeros(shape, "float32"))


def test_wrong_systems_are_refused():
    with pytest.raises(ValueError, match="`b` must have shape"):
        ops.solve(SQUARE, np.zeros(4, "float32"))
    with pytest.raises(ValueError, match="`mode`"):
        ops.qr(TALL, mode="r")
    with pytest.raises(ValueError, match="`ord`"):
        ops.norm(X, ord="one")


@pytest.mark.skipif(backend.device().replays, reason="the host does not wait to hear that of a card")
def test_a_matrix_without_a_factor_is_refused():
    with pytest.raises(np.linalg.LinAlgError):
        ops.cholesky(-np.eye(2, dtype="float32"))
