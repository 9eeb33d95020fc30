"""Applications as libraries for C: two small ones; with KERASISH_C_APPLICATIONS=all one of each family, or all of them.

All are computed where `tests/applications/cases.py` is told to take all at full size.
"""

import os

import numpy as np
import pytest

from kerasish import applications
from tests.export.library import computed, needs_a_linker, of_the_cpu, own_products
from tests.export.test_onnx_applications import CHOSEN, lively

pytestmark = [needs_a_linker, of_the_cpu, pytest.mark.slow]
SMALL = ("MobileNetV2", "EfficientNetB0")
NAMES = [case.name for case in CHOSEN if case.name in SMALL or os.environ.get("KERASISH_C_APPLICATIONS") == "all"]


@pytest.mark.parametrize("name", NAMES)
def test_an_application_in_c(name, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    size = (64, 64) if name.startswith("NASNet") else (96, 80)
    model = getattr(applications, name)(weights=None, include_top=False, input_shape=(*size, 3), pooling="avg")
    lively(model, rng)
    model.export(tmp_path / "whole", format="c")
    picture = rng.uniform(0, 255, (1, *size, 3)).astype("float32") / (1 if "Net" in name else 128)
    with own_products(monkeypatch):
        wanted = model.predict(picture, verbose=0)
    (found,) = computed(tmp_path, "whole", [picture], [wanted.shape])
    assert np.array_equal(found, wanted), np.abs(found - wanted).max()
