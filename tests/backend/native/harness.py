"""Native steps of one call against the NumPy kernel of the same call."""

import numpy as np

from kerasish.backend.numpy import kernels, steps
from kerasish.backend.numpy.native.available import use
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.team import blas

TOLERANCE = {"float32": 3e-5, "float64": 1e-12}


def numpy_result(name, spec, inputs, attributes):
    """What the NumPy kernel computes; `spec` is (shape, dtype)."""
    out = np.empty(*spec)
    with np.errstate(all="ignore"):
        kernels.load()[0][name](out, *inputs, **attributes)
    return out


def make(name, out, inputs, attributes, workers):
    """A list of native steps, or None."""
    before = use(True)
    try:
        with cost.forced_workers(workers):
            made = steps.make(name, out, inputs, attributes)
    finally:
        use(before)
    return made if made is None or isinstance(made, list) else [made]


def run(made, times=2):
    """Do all steps, more than once: nothing may be left over from the run before."""
    with blas.held():
        for _ in range(times):
            for step in made:
                step()


def native_result(name, spec, inputs, attributes, workers):
    """What the native steps compute; None where there are none."""
    out = np.full(*spec[:1], 77, spec[1])
    made = make(name, out, inputs, attributes, workers)
    if made is None:
        return None
    run(made)
    return out


def assert_same(name, spec, inputs, attributes, workers, exact=False, supported=True):
    """The native steps exist and compute what the NumPy kernel does; infinities and NaNs stand at the same places."""
    found = native_result(name, spec, inputs, attributes, workers)
    if found is None:
        assert not supported, f"{name} has no native steps for {[x.shape for x in inputs]} {attributes}"
        return
    wanted = numpy_result(name, spec, inputs, attributes)
    if exact:
        np.testing.assert_array_equal(found, wanted)
        return
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(found[~finite], wanted[~finite])
    tolerance = TOLERANCE[np.dtype(spec[1]).name]
    scale = np.max(np.abs(wanted[finite]), initial=1e-30)
    np.testing.assert_allclose(found[finite], wanted[finite], rtol=tolerance, atol=tolerance * scale)
