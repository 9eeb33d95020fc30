"""float32 functions by polynomials, in the language of kernels: vector code where they stand in a loop.

Never imported, only read.

`tests/backend/native/test_mathematics.py` holds the errors, in units in the last place against float64. Sources of the
polynomials: S. Moshier's Cephes library (exp, log, tanh); the rational function of erf is the one that XLA and Eigen
use; erfc is section 6.2 of Press et al., Numerical Recipes.
"""


def exp32(x):
    x = float32(89.0) if x > float32(89.0) else x
    x = float32(-104.0) if x < float32(-104.0) else x
    n = round_(x * float32(1.44269504088896341))
    r = x - n * float32(0.693359375)
    r = r - n * float32(-2.12194440e-4)
    y = float32(1.9875691500e-4)
    y = y * r + float32(1.3981999507e-3)
    y = y * r + float32(8.3334519073e-3)
    y = y * r + float32(4.1665795894e-2)
    y = y * r + float32(1.6666665459e-1)
    y = y * r + float32(5.0000001201e-1)
    y = y * (r * r) + r + float32(1.0)
    whole = int32(n)
    half = whole >> int32(1)  # in two steps, so that the smallest results are reached without losing the rest
    return y * power_of_two(half) * power_of_two(int32(whole - half))


def log32(x):
    tiny = x < float32(1.17549435e-38)
    scaled = x * float32(8388608.0) if tiny else x
    whole = bits(scaled)
    e = float32((whole >> int32(23)) - int32(126)) - (float32(23.0) if tiny else float32(0.0))
    m = from_bits((whole & int32(0x007FFFFF)) | int32(0x3F000000))
    low = m < float32(0.707106781186547524)
    e = e - (float32(1.0) if low else float32(0.0))
    m = (m + m if low else m) - float32(1.0)
    z = m * m
    y = float32(7.0376836292e-2)
    y = y * m + float32(-1.1514610310e-1)
    y = y * m + float32(1.1676998740e-1)
    y = y * m + float32(-1.2420140846e-1)
    y = y * m + float32(1.4249322787e-1)
    y = y * m + float32(-1.6668057665e-1)
    y = y * m + float32(2.0000714765e-1)
    y = y * m + float32(-2.4999993993e-1)
    y = y * m + float32(3.3333331174e-1)
    y = y * m * z
    y = y + e * float32(-2.12194440e-4)
    y = y - float32(0.5) * z
    result = m + y + e * float32(0.693359375)
    result = x if x == float32(inf) else result
    result = float32(-inf) if x == float32(0.0) else result
    return result if x >= float32(0.0) else float32(nan)


def tanh32(x):
    z = x * x
    small = float32(-5.70498872745e-3)
    small = small * z + float32(2.06390887954e-2)
    small = small * z + float32(-5.37397155531e-2)
    small = small * z + float32(1.33314422036e-1)
    small = small * z + float32(-3.33332819422e-1)
    small = small * z * x + x
    small = x if x == float32(0.0) else small  # -0.0 keeps its sign
    size = fabs(x)
    large = float32(1.0) - float32(2.0) / (exp32(size + size) + float32(1.0))
    large = -large if x < float32(0.0) else large
    return small if size < float32(0.625) else large


def log1p32(x):
    """log(1 + x), with what rounding 1 + x lost given back."""
    u = float32(1.0) + x
    lost = x - (u - float32(1.0))
    result = log32(u) + lost / u
    result = x if u == float32(1.0) else result
    result = float32(-inf) if u == float32(0.0) else result
    return x if x == float32(inf) else result


def expm132(x):
    """By the series near zero, by exp elsewhere."""
    y = float32(1.98412698e-4)
    y = y * x + float32(1.38888889e-3)
    y = y * x + float32(8.33333333e-3)
    y = y * x + float32(4.16666667e-2)
    y = y * x + float32(1.66666667e-1)
    y = y * x + float32(0.5)
    y = y * x * x + x
    y = x if x == float32(0.0) else y  # -0.0 keeps its sign
    return y if fabs(x) < float32(0.4) else exp32(x) - float32(1.0)


def erf32(x):
    t = float32(4.0) if x > float32(4.0) else x
    t = float32(-4.0) if t < float32(-4.0) else t
    z = t * t
    above = float32(-2.72614225801306e-10)
    above = above * z + float32(2.77068142495902e-08)
    above = above * z + float32(-2.10102402082508e-06)
    above = above * z + float32(-5.69250639462346e-05)
    above = above * z + float32(-7.34990630326855e-04)
    above = above * z + float32(-2.95459980854025e-03)
    above = above * z + float32(-1.60960333262415e-02)
    below = float32(-1.45660718464996e-05)
    below = below * z + float32(-2.13374055278905e-04)
    below = below * z + float32(-1.68282697438203e-03)
    below = below * z + float32(-7.37332916720468e-03)
    below = below * z + float32(-1.42647390514189e-02)
    return t * above / below


def erfc32(x):
    """Press et al., Numerical Recipes, section 6.2: a fractional error of 1.2e-7 everywhere, beside that of exp."""
    z = float32(16.0) if fabs(x) > float32(16.0) else fabs(x)
    t = float32(1.0) / (float32(1.0) + float32(0.5) * z)
    y = float32(0.17087277)
    y = y * t + float32(-0.82215223)
    y = y * t + float32(1.48851587)
    y = y * t + float32(-1.13520398)
    y = y * t + float32(0.27886807)
    y = y * t + float32(-0.18628806)
    y = y * t + float32(0.09678418)
    y = y * t + float32(0.37409196)
    y = y * t + float32(1.00002368)
    y = y * t + float32(-1.26551223)
    high = from_bits(bits(z) & int32(-4096))  # its square is exact; what rounding the exponent then loses is given back
    far, near = -high * high, y - (z - high) * (z + high)
    exponent = far + near
    result = t * exp32(exponent)
    result = result + result * (near - (exponent - far))
    return result if x >= float32(0.0) else float32(2.0) - result
