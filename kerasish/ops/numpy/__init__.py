"""`keras.ops.numpy`: NumPy's vocabulary on arrays and tensors."""

from kerasish.ops.numpy.arithmetic import (
    add, arctan2, bitwise_and, bitwise_invert, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, clip, divide,
    divide_no_nan, floor_divide, fmax, fmin, fmod, gcd, heaviside, hypot, lcm, ldexp, left_shift, logaddexp, logaddexp2, maximum, minimum, mod,
    multiply, nextafter, power, right_shift, subtract, true_divide,
)
from kerasish.ops.numpy.comparison import (
    allclose, equal, greater, greater_equal, isclose, isfinite, isin, isinf, isnan, isneginf, isposinf, isreal, less, less_equal, logical_and,
    logical_not, logical_or, logical_xor, not_equal, select, where,
)
from kerasish.ops.numpy.creation import (
    arange, array, bartlett, blackman, diagflat, empty, empty_like, eye, full, full_like, geomspace, hamming, hanning, identity, kaiser,
    linspace, logspace, meshgrid, ones, ones_like, tri, tril, triu, vander, zeros, zeros_like,
)
from kerasish.ops.numpy.cumulative import cumprod, cumsum, diff
from kerasish.ops.numpy.einsum import einsum
from kerasish.ops.numpy.elementwise import (
    abs, absolute, angle, arccos, arccosh, arcsin, arcsinh, arctan, arctanh, cbrt, ceil, conj, conjugate, copy, cos, cosh, deg2rad, exp, exp2,
    expm1, fabs, floor, i0, imag, log, log1p, log2, log10, nan_to_num, negative, rad2deg, real, reciprocal, round, sign, signbit, sin, sinc,
    sinh, sqrt, square, tan, tanh, trunc, view,
)
from kerasish.ops.numpy.indexing import (
    diag, diagonal, digitize, get_item, nonzero, searchsorted, take, take_along_axis, unravel_index,
)
from kerasish.ops.numpy.joining import (
    append, array_split, concatenate, dsplit, dstack, hsplit, hstack, split, stack, vsplit, vstack,
)
from kerasish.ops.numpy.mapping import vectorize
from kerasish.ops.numpy.nans import (
    nanargmax, nanargmin, nancumprod, nancumsum, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar,
)
from kerasish.ops.numpy.products import cross, dot, inner, kron, matmul, outer, slogdet, tensordot, vdot
from kerasish.ops.numpy.reduction import (
    all, amax, amin, any, argmax, argmin, average, count_nonzero, max, mean, min, prod, ptp, std, sum, trace, trapezoid, var,
)
from kerasish.ops.numpy.shape import (
    broadcast_to, expand_dims, flip, fliplr, flipud, moveaxis, ndim, pad, ravel, repeat, reshape, roll, rot90, size, squeeze, swapaxes, tile,
    transpose,
)
from kerasish.ops.numpy.sorting import argpartition, argsort, sort, unique
from kerasish.ops.numpy.statistics import (
    bincount, corrcoef, correlate, histogram, median, nanmedian, nanpercentile, nanquantile, percentile, quantile,
)
