"""Parity of reductions, running sums, NaN-aware reductions and statistics."""

import numpy as np
import pytest

from tests.ops.data import BOOLS, BYTES, COLUMN, CUBE, HALF, INTS, POSITIVE, UNSIGNED, WITH_NAN, X, spread, whole
from tests.ops.parity import C, Parity

AXES = [
    {},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"keepdims": True},
    {"axis": (-1, 0), "keepdims": True},
]
FLOAT = "sum mean max min amax amin prod var std ptp".split()
NARROW = [BOOLS, BYTES, UNSIGNED, INTS]

PLAIN = [C(name, CUBE, **kwargs) for name in FLOAT for kwargs in AXES]
PLAIN += [C(name, operand, axis=0) for name in FLOAT if name != "ptp" for operand in NARROW] + [
    C("ptp", INTS, axis=1),
    C("ptp", BYTES),
]
PLAIN += [C(name, HALF, axis=1).but(rtol=2e-3) for name in "sum mean max var std".split()]
PLAIN += [
    C(name, operand, **kwargs)
    for name in ("all", "any")
    for operand in (BOOLS, X, INTS - 1)
    for kwargs in ({}, {"axis": 0}, {"axis": 1, "keepdims": True})
]
PLAIN += [
    C(name, CUBE, **kwargs)
    for name in ("argmax", "argmin")
    for kwargs in ({}, {"axis": 1}, {"axis": -1, "keepdims": True}, {"keepdims": True})
]
PLAIN += [
    C("argmax", INTS, axis=1),
    C("argmin", BYTES, axis=0),
    C("count_nonzero", INTS - 1),
    C("count_nonzero", CUBE, axis=(0, 1)),
    C("count_nonzero", BOOLS, axis=1),
]
PLAIN += [
    C("max", X, initial=1.0),
    C("min", X, axis=0, initial=-1.0),
    C("max", np.zeros((0, 3), "float32"), axis=0, initial=5.0).but(gradient=False, open=False),
]
PLAIN += [
    C("prod", INTS, dtype="float32"),
    C("prod", X, axis=1, dtype="float32"),
    C("prod", X * np.array([0, 1, 1], "float32"), axis=1),
]
PLAIN += [
    C("average", X),
    C("average", X, axis=1, weights=POSITIVE),
    C("average", X, axis=1, weights=POSITIVE[0]).but(open=(0,)),
    C("average", INTS, axis=0),
    C("average", INTS, axis=0, weights=POSITIVE),
]
PLAIN += [
    C("trace", CUBE),
    C("trace", CUBE, offset=1, axis1=1, axis2=2),
    C("trace", BYTES).but(open=False),
    C("trace", BOOLS).but(open=False),
    C("trace", CUBE, offset=-1, axis1=2, axis2=1),
]
PLAIN += [
    C("trapezoid", CUBE),
    C("trapezoid", X, x=np.sort(POSITIVE[0])).but(open=(0,)),
    C("trapezoid", X, dx=0.5, axis=0).but(open=False),
    C("trapezoid", INTS),
]

RUNNING = [C(name, CUBE, **kwargs) for name in ("cumsum", "cumprod") for kwargs in ({}, {"axis": 1}, {"axis": -1})]
RUNNING += [C(name, operand, axis=0) for name in ("cumsum", "cumprod") for operand in NARROW] + [
    C("cumsum", INTS, dtype="float32"),
    C("cumsum", BOOLS, dtype="int8"),
]
RUNNING += [
    C("diff", CUBE),
    C("diff", CUBE, n=2, axis=1),
    C("diff", CUBE, axis=0).but(open=False),
    C("diff", INTS),
    C("diff", BOOLS),
    C("diff", X, n=0),
]

NANS = [
    C(name, operand, **kwargs)
    for name in "nansum nanmean nanmax nanmin nanvar nanstd nanprod".split()
    for operand in (WITH_NAN, X)
    for kwargs in ({}, {"axis": 1}, {"axis": 0, "keepdims": True})
]
for case in NANS:
    if case.op in ("nanvar", "nanstd", "nanmean", "nanmax", "nanmin"):
        case.but(gradient=not np.isnan(case.operands[0]).any())  # JAX gives NaN for the slope of what is left out
NANS += [
    C(name, INTS, axis=1)
    for name in "nansum nanmean nanmax nanmin nanvar nanprod nanargmax nanargmin nanmedian".split()
] + [
    C("nansum", BYTES),
    C("nanprod", UNSIGNED),
]
NANS += [
    C(name, WITH_NAN, **kwargs)
    for name in ("nanargmax", "nanargmin")
    for kwargs in ({"axis": 1}, {"axis": 1, "keepdims": True}, {})
]
NANS += [C(name, WITH_NAN, **kwargs) for name in ("nancumsum", "nancumprod") for kwargs in ({}, {"axis": 1})] + [
    C("nancumsum", BYTES, axis=1)
]
NANS += [
    C("nanmax", np.full((2, 2), np.nan, "float32"), axis=1).but(gradient=False),
    C("nanargmax", np.full((2, 2), np.nan, "float32"), axis=1),
]

ORDER = [C(name, CUBE, **kwargs) for name in ("median",) for kwargs in AXES] + [
    C("median", INTS, axis=1),
    C("median", WITH_NAN, axis=1).but(gradient=False),
    C("median", HALF, axis=1),
]
ORDER += [C("quantile", CUBE, 0.3, **kwargs) for kwargs in AXES] + [
    C("quantile", X, np.array([0.1, 0.5, 0.9], "float32"), axis=1).but(open=(0,))
]
ORDER += [
    C("quantile", spread(5), 0.3, method=method) for method in ("linear", "lower", "higher", "midpoint", "nearest")
]
ORDER += [
    C("quantile", INTS, 0.5, axis=0),
    C("quantile", WITH_NAN, 0.5, axis=1).but(gradient=False),
    C("quantile", CUBE, np.array([0.1, 0.5], "float32"), axis=(0, 2), keepdims=True).but(open=(0,)),
]
ORDER += [C("percentile", X, 30, axis=1), C("percentile", X, [10, 50], axis=0), C("percentile", INTS, 25.0)]
ORDER += [
    C(name, WITH_NAN, *rest, **kwargs).but(gradient=False)
    for name, rest in (("nanmedian", ()), ("nanquantile", (0.3,)), ("nanpercentile", (30,)))
    for kwargs in ({}, {"axis": 1}, {"axis": 0, "keepdims": True})
]
ORDER += [
    C("nanquantile", X, 0.3, axis=1),
    C("nanmedian", CUBE, axis=(0, 2)),
    C("nanquantile", WITH_NAN, [0.2, 0.6], axis=1).but(gradient=False),
]

# Keras infers an unknown length for `bincount`, `minlength` decides it here; `correlate` and `histogram` have other
# dtypes than inferred
COUNTS = [
    C("bincount", whole(8, high=5), weights=spread(8), minlength=6).but(spec=False, gradient=False),
    C("bincount", whole(2, 6, high=4), minlength=7).but(spec=False),
    C("bincount", whole(6, high=4), minlength=6).but(spec=False),
]
COUNTS += [
    C("histogram", spread(20)).but(gradient=False, open=False),
    C("histogram", whole(20), bins=4, range=(0, 8)).but(spec=False),
]
COUNTS += [
    C("correlate", spread(6), spread(3, seed=1), mode=mode).but(open=False) for mode in ("valid", "same", "full")
]
COUNTS += [
    C("correlate", spread(3), spread(6, seed=1), mode=mode).but(open=False) for mode in ("valid", "same", "full")
]
COUNTS += [
    C("correlate", whole(6), whole(4, seed=1), mode="same").but(open=False),
    *(
        C("correlate", spread(short), spread(long, seed=1), mode=mode).but(open=False)
        for short, long in ((2, 3), (2, 4), (4, 5))
        for mode in ("valid", "same", "full")
    ),
    C("corrcoef", spread(3, 5)).but(rtol=1e-4, spec=False),
    C("corrcoef", spread(1, 5)).but(gradient=False, spec=False),
    C("corrcoef", spread(5)).but(gradient=False, spec=False),
]
COUNTS += [
    C("corrcoef", whole(3, 5)).but(spec=False),
    C("digitize", X, [-1.0, 0.0, 1.0]).but(spec=False),
    C("digitize", INTS, [2, 5]).but(spec=False),
    C("digitize", X, np.sort(COLUMN[:, 0])).but(open=(0,)),
]


@pytest.mark.parametrize("case", PLAIN, ids=str)
class TestReductions(Parity):
    pass


@pytest.mark.parametrize("case", RUNNING, ids=str)
class TestRunning(Parity):
    pass


@pytest.mark.parametrize("case", NANS, ids=str)
class TestWithoutNan(Parity):
    pass


@pytest.mark.parametrize("case", ORDER, ids=str)
class TestQuantiles(Parity):
    pass


@pytest.mark.parametrize("case", COUNTS, ids=str)
class TestCounts(Parity):
    pass
