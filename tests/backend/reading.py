"""What a test reads of a device: arrays of a card are fetched, where NumPy would refuse to ask for them."""

import numpy as np

from kerasish import ops


def host(x):
    """The numbers of `x` (an array of the device, of the host, or a number) as a NumPy array."""
    return np.asarray(ops.convert_to_numpy(x))


def assert_allclose(found, wanted, **tolerances):
    """As NumPy's."""
    np.testing.assert_allclose(host(found), host(wanted), **tolerances)


def assert_array_equal(found, wanted):
    """As NumPy's."""
    np.testing.assert_array_equal(host(found), host(wanted))
