"""The tensor engine, and the words of classic Keras's backend: `import kerasish.backend as K`."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from kerasish.backend.classic_graph import (
    batch_get_value,
    batch_set_value,
    constant,
    count_params,
    eval,
    get_value,
    gradients,
    in_test_phase,
    in_train_phase,
    int_shape,
    is_placeholder,
    learning_phase,
    ndim,
    placeholder,
    set_learning_phase,
    set_value,
    update,
    update_add,
    update_sub,
    variable,
)
from kerasish.backend.device import (
    Device,
    available_devices,
    backend,
    clear_kernel_cache,
    device,
    register_device,
    set_backend,
    set_num_threads,
)  # fmt: skip
from kerasish.backend.dtypes import is_float_dtype, is_int_dtype, result_type, standardize_dtype
from kerasish.backend.function import Function, function
from kerasish.backend.graph import Graph, KerasTensor, Node, Tensor, is_keras_tensor
from kerasish.backend.host_operations import numpy_operation, register_gradient
from kerasish.backend.masks import get_keras_mask, set_keras_mask
from kerasish.backend.names import get_uid, name_scope
from kerasish.backend.session import Session, clear_session
from kerasish.backend.settings import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    standardize_data_format,
)
from kerasish.backend.stateless import StatelessScope
from kerasish.backend.tape import GradientTape
from kerasish.backend.trace import trace
from kerasish.backend.variable import Variable

__all__ = [
    "Device",
    "Function",
    "GradientTape",
    "Graph",
    "KerasTensor",
    "Node",
    "Session",
    "StatelessScope",
    "Tensor",
    "Variable",
    "available_devices",
    "backend",
    "batch_get_value",
    "batch_set_value",
    "clear_kernel_cache",
    "clear_session",
    "constant",
    "count_params",
    "device",
    "epsilon",
    "eval",
    "floatx",
    "function",
    "get_keras_mask",
    "get_uid",
    "get_value",
    "gradients",
    "image_data_format",
    "in_test_phase",
    "in_train_phase",
    "int_shape",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "is_placeholder",
    "learning_phase",
    "name_scope",
    "ndim",
    "numpy_operation",
    "placeholder",
    "register_device",
    "register_gradient",
    "result_type",
    "set_backend",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_keras_mask",
    "set_learning_phase",
    "set_num_threads",
    "set_value",
    "standardize_data_format",
    "standardize_dtype",
    "trace",
    "update",
    "update_add",
    "update_sub",
    "variable",
]


def __getattr__(name: str) -> Any:
    """The mathematics of classic Keras (`K.mean`, `K.square`, ...), looked up by name.

    It is made of ops, which this package knows nothing of.
    """
    is_module = (
        importlib.util.find_spec(f"{__name__}.{name}") is not None
    )  # asked for by `from kerasish.backend import autodiff`
    if not name.startswith("_") and not is_module:
        words = importlib.import_module("kerasish.classic_math").WORDS
        if name in words:
            return words[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
