"""A group that follows a product never writes over what rows of the product still read."""

import numpy as np

from kerasish import backend, ops


def test_the_sum_with_what_is_convolved_has_memory_of_its_own():
    """As in blocks whose first convolution reads what the block adds at its end, where both are read on."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 32, 32, 8)).astype("float32")
    first, second, third = (rng.standard_normal((3, 3, 8, 8)).astype("float32") for _ in range(3))

    def block(x):
        begin = ops.relu(ops.conv(x, first, padding="same"))
        inner = ops.relu(ops.conv(begin, second, padding="same"))
        both = (inner, ops.add(inner, begin))  # one takes the place of the product, the other may want that of `begin`
        return ops.stack([ops.conv(x, third, padding="same") for x in both])

    got, want = (ops.convert_to_numpy(f(x)) for f in (backend.function(block), block))
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4 * abs(want).max())
