"""`keras.config` and `keras.mixed_precision`: settings under real Keras's names."""

import keras as oracle
import numpy as np
import pytest

import kerasish


def test_mixed_precision_has_the_names_of_keras():
    names = [name for name in dir(oracle.mixed_precision) if not name.startswith("_")]
    assert [name for name in dir(kerasish.mixed_precision) if not name.startswith("_")] == names
    for name in names:
        assert getattr(kerasish.mixed_precision, name).__name__ == getattr(oracle.mixed_precision, name).__name__


@pytest.mark.parametrize(
    "policy", ["mixed_float16", kerasish.mixed_precision.Policy("mixed_float16")], ids=["name", "policy"]
)
def test_a_global_policy_reaches_new_layers(policy):
    kerasish.mixed_precision.set_global_policy(policy)
    try:
        layer = kerasish.layers.Dense(2)
        assert kerasish.mixed_precision.global_policy().name == kerasish.config.dtype_policy().name == "mixed_float16"
        assert layer(np.ones((1, 3), "float32")).dtype == "float16" and layer.kernel.dtype == "float32"
    finally:
        kerasish.mixed_precision.set_global_policy(None)
    assert kerasish.mixed_precision.global_policy().name == "float32"


def test_traceback_filtering_is_a_setting_that_is_kept():
    config = kerasish.config
    assert config.is_traceback_filtering_enabled() is oracle.config.is_traceback_filtering_enabled() is True
    config.disable_traceback_filtering()
    try:
        assert config.is_traceback_filtering_enabled() is False
    finally:
        config.enable_traceback_filtering()
    assert config.is_traceback_filtering_enabled() is True
