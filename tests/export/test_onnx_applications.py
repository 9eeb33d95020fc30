"""Applications as ONNX, on open axes at two sizes: one of each family each time, all where that is asked for."""

import time

import numpy as np
import pytest

from kerasish import applications
from kerasish.export.onnx.api import as_onnx
from kerasish.export.signatures import signature_of
from tests.applications.cases import ALL_AT_FULL_SIZE, CASES
from tests.export.running import host, kinds, session_of

pytestmark = pytest.mark.slow
FIXED = ("NASNetMobile", "NASNetLarge")  # of which Keras has the size given
CHOSEN = [case for case in CASES if ALL_AT_FULL_SIZE or case.small is not None]


def lively(model, rng):
    """Statistics and shifts that are no zeros and ones; scales that keep deep networks from chaos."""
    for v in model.variables:
        if "moving_variance" in v.path:
            v.assign(rng.uniform(0.5, 1.5, v.shape).astype("float32"))
        elif "gamma" in v.path:
            v.assign(np.full(v.shape, 0.3, "float32"))
        elif "moving_mean" in v.path or "beta" in v.path:
            v.assign(rng.normal(0, 0.1, v.shape).astype("float32"))


@pytest.mark.parametrize("name", [case.name for case in CHOSEN])
def test_an_application(name):
    rng = np.random.default_rng(0)
    side = 64 if name in FIXED else None
    model = getattr(applications, name)(weights=None, include_top=False, input_shape=(side, side, 3))
    lively(model, rng)
    began = time.process_time()
    proto = as_onnx(model, signature_of(model), model.output_names, model.name)
    assert name != "InceptionV3" or time.process_time() - began < 3
    assert name.startswith("ConvNeXt") or kinds(proto)["Transpose"] == 2  # the picture in, the features out
    session = session_of(proto)
    for size in [(64, 64)] if side else [(96, 80), (75, 107)]:
        picture = rng.uniform(0, 255, (1, *size, 3)).astype("float32") / (1 if "Net" in name else 128)
        (found,) = session.run(None, {session.get_inputs()[0].name: picture})
        (wanted,) = host(model(picture))
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max(), err_msg=name)
