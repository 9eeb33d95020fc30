"""Complex numbers in ops: values and dtypes of Keras on JAX, gradients by differences, and what is refused."""

import jax
import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, losses, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.primitives import PRIMITIVES, p

RNG = np.random.default_rng(4)


def numbers(*shape, dtype="complex64"):
    return (RNG.uniform(0.3, 1.5, shape) * np.exp(1j * RNG.uniform(-1.2, 1.2, shape))).astype(dtype)


Z, W, M = numbers(2, 3), numbers(2, 3), numbers(3, 3) + 2 * np.eye(3, dtype="complex64")
OWN_ADJOINT = M @ M.conj().T
F = RNG.uniform(0.5, 1.5, (2, 3)).astype("float32")
WHOLE = np.arange(6, dtype="int32").reshape(2, 3)
TRUE = F > 1

CASES = [
    *((name, (Z,)) for name in (
        "abs absolute negative sign real imag conj conjugate angle copy square sqrt rsqrt exp expm1 exp2 log log1p "
        "log2 log10 sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh reciprocal sigmoid silu "
        "sum mean prod any all isnan isinf isfinite isreal logical_not transpose flip ravel count_nonzero unique sort "
        "argsort cumsum cumprod view_as_real ones_like zeros_like tril triu squeeze stop_gradient std round nan_to_num "
        "diff norm"
    ).split()),
    *((name, (Z, W)) for name in (
        "add subtract multiply divide true_divide power equal not_equal logical_and vdot inner outer kron isclose "
        "allclose divide_no_nan"
    ).split()),
    *((name, (Z, F)) for name in "add subtract multiply divide power equal".split()),
    *((name, (WHOLE, Z)) for name in "add multiply divide".split()),
    *((name, (Z, other)) for name in ("add", "multiply", "divide") for other in (2, 1.5, 1j, True)),
    *(("multiply", (x, 1j)) for x in (F, WHOLE, TRUE, F.astype("float16"))),
    ("sum", (Z,), {"axis": 0}), ("mean", (Z,), {"axis": 1, "keepdims": True}), ("cumsum", (Z,), {"axis": 1}),
    ("sort", (Z,), {"axis": 0}), ("norm", (Z,), {"axis": 1}), ("norm", (Z,), {"ord": 1, "axis": 0}),
    ("matmul", (Z, M)), ("matmul", (F, M)), ("dot", (Z, M)), ("tensordot", (Z, M), {"axes": 1}), ("inv", (M,)),
    *((name, (x,)) for name in ("qr", "pinv", "matrix_rank", "corrcoef") for x in (Z, Z.T.copy(), M)),
    *((name, (np.stack([M, M.T]),)) for name in ("qr", "det", "slogdet", "pinv", "lu_factor", "matrix_rank", "inv")),
    *((name, (OWN_ADJOINT,)) for name in ("cholesky", "eigh", "logdet")), ("cholesky", (OWN_ADJOINT,), {"upper": True}),
    *(("svd", (x,), {"full_matrices": full}) for x in (Z, M, np.stack([Z, W])) for full in (True, False)),
    ("svd", (Z.T.copy(),), {"compute_uv": False}), ("lu_factor", (Z,)), ("lstsq", (Z.T.copy(), numbers(3, 2))),
    *(("solve_triangular", (M, numbers(3, 2)), {"lower": lower}) for lower in (True, False)),
    *(("norm", (Z,), {"ord": order}) for order in ("nuc", 2, -2)), ("correlate", (Z[0], W[0]), {"mode": "full"}),
    ("correlate", (Z[0, :2], W[0]), {"mode": "same"}),
    ("solve", (M, numbers(3, 2))), ("einsum", ("ij,kj->ik", Z, W)), ("einsum", ("ij,ij->i", Z, F)),
    ("where", (TRUE, Z, W)), ("where", (TRUE, Z, F)), ("where", (TRUE, Z, 0.0)), ("concatenate", ([Z, W],)),
    ("concatenate", ([Z, F],)), ("stack", ([Z, W],), {"axis": 1}), ("reshape", (Z, (3, 2))),
    ("take", (Z, [1, 0]), {"axis": 1}),
    ("pad", (Z, 1)), ("roll", (Z, 1)), ("repeat", (Z, 2)), ("tile", (Z, (1, 2))), ("expand_dims", (Z, 0)),
    ("broadcast_to", (Z, (2, 2, 3))), ("slice", (Z, (0, 1), (2, 2))),
    ("take_along_axis", (Z, np.array([[0], [2]])), {"axis": 1}),
    ("segment_sum", (Z, np.array([0, 0])), {"num_segments": 2}), ("slice_update", (Z, (0, 0), W[:1])),
    ("scatter_update", (Z, np.array([[0, 1]]), W[0, :1])), ("cast", (F, "complex64")), ("cast", (Z, "bool")),
    ("convert_to_tensor", (1j,)), ("convert_to_tensor", ([1j, 2.0],)), ("convert_to_tensor", (F, "complex64")),
    ("ones", ((2,), "complex64")), ("zeros", ((2,), "complex64")), ("eye", (2,), {"dtype": "complex64"}),
    ("full", ((2,), 1j), {"dtype": "complex64"}), ("view_as_complex", (F[:, :2],)),
    ("view_as_complex", (WHOLE[:, :2],)),
    ("view_as_complex", (F[:, :2].astype("float16"),)), ("view_as_real", (F,)), ("polar", (F, F)), ("polar", (F, F[0])),
    ("polar", ([1, 2], [0, 1])), ("polar", (-F, F)), ("eig", (np.eye(2, dtype="int32"),)), ("trace", (M,)),
    ("diag", (M,)), ("cross", (Z, W)), ("average", (Z,), {"weights": F}), ("real", (F,)),
    ("imag", (F,)), ("angle", (F,)), ("isreal", (F.astype("complex64"),)),
]  # fmt: skip


def named(case):
    name, args, *rest = case
    shown = (f"{a.dtype}" if isinstance(a, np.ndarray) else type(a).__name__ for a in args)
    return f"{name}({','.join(shown)}{rest or ''})"


def flat(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize("case", CASES, ids=named)
def test_values_at_once_and_compiled(case):
    name, args, *options = case
    options = options[0] if options else {}
    wanted = flat(getattr(oracle.ops, name)(*args, **options))
    given = [i for i, a in enumerate(args) if isinstance(a, np.ndarray)]

    def step(*arrays):
        found = list(args)
        for i, array in zip(given, arrays):
            found[i] = array
        return getattr(ops, name)(*found, **options)

    on_device = [ops.convert_to_tensor(args[i]) for i in given]
    runs = [step(*on_device)]
    if given and name not in ("unique", "convert_to_tensor"):  # whose results have shapes that values decide
        runs.append(backend.function(step)(*on_device))
    for run in runs:
        for found, theirs in zip(flat(run), wanted, strict=True):
            found, theirs = ops.convert_to_numpy(found), np.asarray(theirs)
            assert found.dtype == theirs.dtype and found.shape == theirs.shape
            np.testing.assert_allclose(found, theirs, rtol=3e-5, atol=3e-6)


def test_variances_are_real():
    """Keras calls them complex."""
    wanted = np.mean(np.abs(Z - Z.mean(0)) ** 2, 0)
    found = ops.convert_to_numpy(ops.var(Z, axis=0))
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


REALS = "bool uint8 int8 int32 int64 uint64 float16 bfloat16 float32 float64".split()


@pytest.mark.parametrize("name", ["complex64", "complex128"])
def test_promotion(name):
    """JAX's table with 64-bit types on; Keras's own run without has complex64 everywhere."""
    for other in REALS:
        wide = "complex128" in name or other == "float64"
        assert backend.result_type(name, other) == ("complex128" if wide else "complex64")
        if other != "float64":
            assert oracle.backend.result_type("complex64", other) == "complex64"
    assert backend.result_type(name, "complex128") == "complex128" and backend.result_type(name, "complex64") == name
    for weak in (int, float, bool, complex):
        assert backend.result_type(name, weak) == name
    assert backend.result_type(complex) == backend.result_type("int32", complex) == "complex64"
    assert backend.result_type("float64", complex) == "complex128"
    assert backend.standardize_dtype(complex) == backend.standardize_dtype(np.complex64) == "complex64"
    assert not backend.is_float_dtype(name) and not backend.is_int_dtype(name)


def test_double_precision():
    z = numbers(2, 3, dtype="complex128")
    for result, dtype in (
        (ops.abs(z), "float64"), (ops.exp(z), "complex128"), (ops.view_as_complex(ops.view_as_real(z)), "complex128"),
        (ops.polar(ops.abs(z), ops.angle(z)), "complex128"), (ops.add(z, Z), "complex128"),
        (ops.cast(z, "float32"), "float32"), (ops.matmul(z, ops.transpose(z)), "complex128"),
    ):  # fmt: skip
        assert backend.standardize_dtype(result.dtype) == dtype
    np.testing.assert_allclose(ops.convert_to_numpy(ops.polar(ops.abs(z), ops.angle(z))), z, rtol=1e-12)


# -- eigenvalues ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [
    RNG.standard_normal((3, 3)).astype("float32"), RNG.standard_normal((2, 4, 4)).astype("float32"),
    np.array([[0.0, -1.0], [1.0, 0.0]], "float32"), M, np.array([[1, 2], [3, 4]], "int32"),
], ids=["real", "batch", "a turn", "complex", "int"])  # fmt: skip
def test_eig(x):
    values, vectors = map(ops.convert_to_numpy, ops.eig(ops.convert_to_tensor(x)))
    theirs = [np.asarray(v) for v in oracle.ops.eig(x)]
    assert values.dtype == vectors.dtype == theirs[0].dtype == "complex64"
    np.testing.assert_allclose(values, theirs[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(x @ vectors, vectors * values[..., None, :], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-2), 1, rtol=1e-5)


def test_eig_of_symbolic_matrices():
    """Keras says float32 here, and gives complex64."""
    values, vectors = ops.eig(keras.KerasTensor((None, 3, 3)))
    assert (values.shape, values.dtype) == ((None, 3), "complex64")
    assert (vectors.shape, vectors.dtype) == ((None, 3, 3), "complex64")


# -- gradients --------------------------------------------------------------------------------------------------------

ONE = numbers(2, 3, dtype="complex128")
TWO = numbers(2, 3, dtype="complex128")
SQUARE = numbers(3, 3, dtype="complex128") + 2 * np.eye(3)


def own_adjoint(x):
    return ops.matmul(x, ops.conj(ops.transpose(x)))


def by_eigh(x):
    """A function of a matrix, which the phases of the eigenvectors leave as it is."""
    values, vectors = ops.eigh(x)
    return ops.matmul(vectors * ops.cast(ops.exp(values), vectors.dtype), ops.conj(ops.transpose(vectors)))


def by_svd(x):
    """The singular vectors with other numbers between, whatever their phases are."""
    u, s, vt = ops.svd(x, full_matrices=False)
    return ops.matmul(u * ops.cast(ops.square(s), u.dtype), vt)


DIFFERENTIABLE = {
    **{name: (getattr(p, name), [ONE]) for name in (
        "negative square identity exp expm1 log log1p sqrt rsqrt reciprocal sigmoid tanh sin cos tan arcsin arccos "
        "arctan sinh cosh arcsinh arccosh arctanh real imag conj magnitude"
    ).split()},
    **{name: (getattr(p, name), [ONE, TWO]) for name in "add subtract multiply divide power".split()},
    "add of a row": (p.add, [ONE, TWO[0]]),
    "where": (lambda x, y: p.where(ops.convert_to_tensor(TRUE), x, y), [ONE, TWO]),
    "to real and back": (lambda x: ops.cast(ops.cast(x, "float64"), "complex128") * x, [ONE]),
    "sum": (lambda x: p.sum(x, axis=(1,)), [ONE]), "prod": (lambda x: p.prod(x, axis=(1,)), [ONE]),
    "cumsum": (lambda x: p.cumsum(x, axis=1), [ONE]), "cumprod": (lambda x: p.cumprod(x, axis=1), [ONE]),
    "matmul": (p.matmul, [ONE, SQUARE]), "solve": (p.solve, [SQUARE, SQUARE + 1]), "inv": (ops.inv, [SQUARE]),
    "eigenvalues": (lambda x: ops.eig(x)[0], [SQUARE]), "angle": (ops.angle, [ONE]), "abs": (ops.abs, [ONE]),
    "reshape": (lambda x: p.reshape(x, shape=(6,)), [ONE]), "take": (lambda x: ops.take(x, [1, 1, 0], axis=1), [ONE]),
    "transpose": (ops.transpose, [ONE]), "slice": (lambda x: x[:, 1:], [ONE]),
    "concatenate": (lambda x, y: ops.concatenate([x, y], 1), [ONE, TWO]), "pad": (lambda x: ops.pad(x, 1), [ONE]),
    "det": (ops.det, [SQUARE]), "sign of slogdet": (lambda x: ops.slogdet(x)[0], [SQUARE]),
    "logdet": (lambda x: ops.slogdet(x)[1], [SQUARE]), "pinv": (ops.pinv, [ONE]),
    "triangle": (lambda a, b: ops.solve_triangular(a, b), [SQUARE, TWO.T.copy()]),
    "triangle, lower": (lambda a, b: ops.solve_triangular(a, b, lower=True), [SQUARE, TWO.T.copy()]),
    "cholesky": (lambda x: ops.cholesky(own_adjoint(x)), [SQUARE]),
    "cholesky upper": (lambda x: ops.cholesky(own_adjoint(x), upper=True), [SQUARE]),
    "cholesky_inverse": (lambda x: ops.cholesky_inverse(ops.cholesky(own_adjoint(x))), [SQUARE]),
    "cholesky_inverse upper": (lambda x: ops.cholesky_inverse(x, upper=True), [SQUARE]),
    **{f"{name} of qr, {x.shape}": (lambda x, part=part: ops.qr(x)[part], [x])
       for x in (ONE, TWO.T.copy(), SQUARE) for part, name in enumerate("QR")},
    "eigenvalues of eigh": (lambda x: ops.eigh(own_adjoint(x))[0], [SQUARE]),
    "exp of a matrix": (lambda x: by_eigh(own_adjoint(x)), [SQUARE / 3]),
    "singular values": (lambda x: ops.svd(x, compute_uv=False), [ONE]),
    "vectors of svd": (by_svd, [ONE]), "vectors of svd, tall": (by_svd, [TWO.T.copy()]),
    "nuclear norm": (lambda x: ops.norm(x, ord="nuc"), [ONE]), "lstsq": (ops.lstsq, [TWO.T.copy(), SQUARE[:, :2]]),
    "corrcoef": (ops.corrcoef, [ONE]),
    "norm": (ops.norm, [ONE]), "vdot": (ops.vdot, [ONE, TWO]),
    "var": (lambda x: ops.var(x, axis=0), [ONE]), "view_as_real": (ops.view_as_real, [ONE]),
    "einsum": (lambda x, y: ops.einsum("ij,kj->ik", x, y), [ONE, TWO]),
}  # fmt: skip


def total(function, operands):
    """A real number that depends on both parts of all that `function` gives."""
    y = function(*operands)
    parts = [ops.real(y), ops.imag(y)]
    weights = [np.random.default_rng(i).uniform(0.5, 1.5, tuple(part.shape)) for i, part in enumerate(parts)]
    return sum(ops.sum(part * ops.convert_to_tensor(w)) for part, w in zip(parts, weights))


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_by_differences(name):
    """That of f at x + iy is df/dx - i df/dy: JAX's convention."""
    function, operands = DIFFERENTIABLE[name]
    step = backend.function(lambda *xs: gradients(total(function, xs), list(xs)))
    value = backend.function(lambda *xs: total(function, xs))
    found = [ops.convert_to_numpy(g) for g in step(*map(ops.convert_to_tensor, operands))]
    for place, (x, g) in enumerate(zip(operands, found, strict=True)):
        assert g.shape == x.shape and g.dtype == x.dtype
        slopes = np.zeros(x.shape, "complex128")
        for index in np.ndindex(x.shape):
            for unit, factor in ((1e-6, 1), (1e-6j, -1j)):
                both = []
                for sign in (1, -1):
                    moved = [a.copy() for a in operands]
                    moved[place][index] += sign * unit
                    both.append(float(ops.convert_to_numpy(value(*map(ops.convert_to_tensor, moved)))))
                slopes[index] += factor * (both[0] - both[1]) / 2e-6
        np.testing.assert_allclose(g, slopes, rtol=2e-6, atol=2e-7 * max(1, abs(slopes).max()))


@pytest.mark.parametrize("name", ["eigh", "svd"])
def test_gradients_of_vectors_whose_phases_are_a_choice(name):
    """JAX makes the same: the diagonal of V* dV is 0."""
    x = OWN_ADJOINT if name == "eigh" else Z.T.copy()

    def value(of):
        def total(x):
            first, second, *third = of.eigh(x) if name == "eigh" else of.svd(x, full_matrices=False)
            vectors, values = (second, first) if name == "eigh" else (first, second)
            found = of.sum(of.real(vectors) * GRID) + of.sum(of.imag(vectors) * GRID[::-1]) + of.sum(of.sqrt(values))
            return found + sum(of.sum(of.imag(v) * GRID[:2, :]) for v in third if v.shape == (2, 3))

        return total

    GRID = np.linspace(0.5, 2, 3 * x.shape[-1]).reshape(3, -1).astype("float32")
    found = backend.function(lambda x: gradients(value(ops)(x), x))(ops.convert_to_tensor(x))
    np.testing.assert_allclose(ops.convert_to_numpy(found), jax.grad(value(oracle.ops))(x), rtol=2e-4, atol=1e-5)


def test_gradients_on_a_tape_and_twice():
    x = ops.convert_to_tensor(F)
    with backend.GradientTape() as tape:
        x = tape.watch(x)
        z = ops.polar(x, x * 2.0)
        loss = ops.sum(ops.square(ops.abs(z * z + 1j)))
    found = ops.convert_to_numpy(tape.gradient(loss, x))

    def theirs(x):
        z = oracle.ops.polar(x, x * 2.0)
        return oracle.ops.sum(oracle.ops.square(oracle.ops.abs(z * z + 1j)))

    wanted = jax.grad(theirs)(F)
    np.testing.assert_allclose(found, np.asarray(wanted), rtol=1e-4)
    second = backend.function(lambda x: gradients(ops.sum(gradients(ops.sum(ops.abs(ops.polar(x, x) ** 3)), x)), x))
    np.testing.assert_allclose(ops.convert_to_numpy(second(F)), 6 * F, rtol=1e-3)  # |z|^3 = x^3


def test_the_size_of_zero_has_no_slope():
    step = backend.function(lambda z: gradients(ops.sum(ops.abs(z)), z))
    np.testing.assert_array_equal(ops.convert_to_numpy(step(np.zeros(2, "complex64"))), 0)


def test_a_complex_loss_is_refused():
    with pytest.raises(ValueError, match="Take `ops.real` or `ops.abs` of it"):
        backend.function(lambda z: gradients(ops.sum(z), z))(Z)
    with pytest.raises(ValueError, match="eigenvectors of `eig` have no gradient"):
        backend.function(lambda x: gradients(ops.sum(ops.abs(ops.eig(x)[1])), x))(F[:, :2])


def test_a_scan_and_remat():
    def turned(x):
        carry, _ = ops.scan(lambda c, row: (c * row + 1j, None), ops.ones_like(x[0]), x)
        return ops.sum(ops.real(carry * ops.conj(carry)))

    plain = backend.function(lambda x: gradients(turned(x), x))
    again = backend.function(lambda x: gradients(keras.remat(turned)(x), x))
    found = ops.convert_to_numpy(plain(Z))
    np.testing.assert_allclose(ops.convert_to_numpy(again(Z)), found, rtol=1e-5)
    step = 1e-3
    moved = Z.copy()
    moved[0, 0] += step
    after, before = (float(ops.convert_to_numpy(backend.function(turned)(x))) for x in (moved, Z))
    slope = (after - before) / step
    assert abs(found[0, 0].real - slope) < 2e-2 * abs(slope)


# -- in models --------------------------------------------------------------------------------------------------------


def test_a_model_with_complex_numbers_inside_learns():
    class Filter(keras.Layer):
        def build(self, shape):
            self.w = self.add_weight((shape[-1] // 2 + 1, 2), "ones")

        def call(self, x):
            spectrum = ops.view_as_complex(ops.stack(ops.rfft(x), -1)) * ops.view_as_complex(self.w)
            return ops.irfft((ops.real(spectrum), ops.imag(spectrum)), x.shape[-1])

    x = RNG.standard_normal((16, 8)).astype("float32")
    model = keras.Sequential([keras.Input((8,)), Filter()])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, np.roll(x, 1, 1), epochs=60, verbose=0)
    assert history.history["loss"][-1] < 0.01 * history.history["loss"][0]


def test_symbolic_types():
    x = keras.Input((4, 2))
    z = ops.view_as_complex(x)
    assert (z.shape, z.dtype) == ((None, 4), "complex64")
    model = keras.Model(x, [ops.abs(z * 1j), ops.angle(z), z])
    size, angle, same = model.predict(np.ones((3, 4, 2), "float32"), verbose=0)
    assert size.dtype == angle.dtype == "float32" and same.dtype == "complex64"
    np.testing.assert_allclose(size, np.sqrt(2), rtol=1e-6)
    assert keras.Input((2,), dtype="complex64").dtype == "complex64"
    assert layers.Flatten()(Z).dtype == "complex64"
    v = keras.Variable(Z)
    assert v.dtype == "complex64"
    np.testing.assert_array_equal(ops.convert_to_numpy(v.assign(W)), W)


# -- what makes no sense ----------------------------------------------------------------------------------------------

REFUSED = (
    "less less_equal greater greater_equal maximum minimum mod floor_divide arctan2 hypot logaddexp fmax heaviside "
    "bitwise_and left_shift nextafter"
).split()


@pytest.mark.parametrize("name", REFUSED)
def test_pairs_refused(name):
    with pytest.raises(TypeError, match="takes real numbers, got complex64"):
        getattr(ops, name)(Z, W)
    with pytest.raises(TypeError, match="takes real numbers, got complex64"):
        getattr(ops, name)(keras.KerasTensor((2, 3), "complex64"), keras.KerasTensor((2, 3), "complex64"))


@pytest.mark.parametrize("name", (
    "argmax argmin max min fabs signbit floor ceil trunc erf cbrt relu softmax softplus median isposinf isneginf "
    "ptp bitwise_not rfft"
).split())  # fmt: skip
def test_single_refused(name):
    with pytest.raises(TypeError, match="takes real numbers, got complex64"):
        getattr(ops, name)(Z)


@pytest.mark.parametrize("call, error, complaint", [
    (lambda: ops.clip(Z, 0, 1), TypeError, "takes real numbers"),
    (lambda: ops.view_as_complex(F), ValueError, r"must have two elements, real and imaginary, got shape \(2, 3\)"),
    (lambda: ops.view_as_complex(np.float32(1)), ValueError, "must have two elements"),
    (lambda: ops.polar(Z, F), ValueError, "`abs_` and `angle` must hold real numbers"),
    (lambda: ops.full((2,), 1j), TypeError, "is complex, where numbers of float32 are needed"),
    (lambda: ops.eig(F), ValueError, "`eig` takes square matrices"),
    (lambda: ops.eig(F[0]), ValueError, "`eig` takes matrices"),
    (lambda: ops.fft(Z), ValueError, "must be a pair"),
    (lambda: ops.fft((Z, Z)), ValueError, "of floating-point type"),
    (lambda: layers.Dense(2)(Z), TypeError, "Dense .* computes with real numbers, got complex64"),
    (lambda: layers.Dense(2)(keras.Input((3,), dtype="complex64")), TypeError, "computes with real numbers"),
    (lambda: losses.MeanSquaredError()(Z, W), TypeError, "Losses take real numbers, got complex64"),
    (lambda: losses.mean_absolute_error(F, W), TypeError, "Losses take real numbers, got complex64"),
    (lambda: losses.categorical_crossentropy(Z, F), TypeError, "real numbers"),
    (lambda: keras.config.set_floatx("complex64"), ValueError, "floatx"),
    (lambda: keras.random.normal((2,), dtype="complex64"), ValueError, "floating-point"),
])  # fmt: skip
def test_refused(call, error, complaint):
    with pytest.raises(error, match=complaint):
        call()


def test_a_primitive_says_whether_it_takes_complex_numbers():
    takes = {name for name, primitive in PRIMITIVES.items() if primitive.traits.complex}
    assert {"add", "matmul", "reshape", "take", "eig", "scan"} <= takes
    assert not takes & {"less", "max", "argmax", "relu", "conv", "softplus", "floor"}
