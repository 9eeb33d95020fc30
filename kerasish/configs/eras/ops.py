"""TensorFlow's ops inside functional models of tf.keras, as the ops of Keras 3.

tf.keras 2.4 and later records them as layers TFOpLambda and SlicingOpLambda, which name the function of TensorFlow; 2.0
to 2.3 as TensorFlowOpLayer, which holds the node of TensorFlow's graph.
"""

from __future__ import annotations

from typing import Any

from kerasish.configs.eras import tf_nodes
from kerasish.configs.eras.nodes import name_of

_KINDS = frozenset(("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"))
_TWO = {"x": 0, "y": 1}
_REDUCE = {"input_tensor": 0, "axis": "axis", "keepdims": "keepdims"}
_ALONG = {"axis": "axis", "logits": 0, "input": 0, "x": 0}
_BINARY = {
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "divide": "Divide",
    "truediv": "TrueDivide",
    "floordiv": "FloorDivide",
    "mod": "Mod",
    "floormod": "Mod",
    "pow": "Power",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "equal": "Equal",
    "not_equal": "NotEqual",
    "less": "Less",
    "less_equal": "LessEqual",
    "greater": "Greater",
    "greater_equal": "GreaterEqual",
    "logical_and": "LogicalAnd",
    "logical_or": "LogicalOr",
    "divide_no_nan": "DivideNoNan",
    "atan2": "Arctan2",
}
_UNARY = {
    "abs": "Absolute",
    "negative": "Negative",
    "exp": "Exp",
    "expm1": "Expm1",
    "log": "Log",
    "log1p": "Log1p",
    "sqrt": "Sqrt",
    "square": "Square",
    "sign": "Sign",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "tanh": "Tanh",
    "floor": "Floor",
    "ceil": "Ceil",
    "round": "Round",
    "reciprocal": "Reciprocal",
    "logical_not": "LogicalNot",
    "sinh": "Sinh",
    "cosh": "Cosh",
    "asin": "Arcsin",
    "acos": "Arccos",
    "atan": "Arctan",
    "is_nan": "Isnan",
}
_REDUCTIONS = {
    "mean": "Mean",
    "sum": "Sum",
    "max": "Max",
    "min": "Min",
    "prod": "Prod",
    "any": "Any",
    "all": "All",
    "std": "Std",
    "variance": "Var",
}
_MATMUL = {"a": 0, "b": 1}

# function of TensorFlow -> (family of keras.ops, class of the op, {argument there: position of a tensor, or argument
# here})
_FUNCTIONS = {
    **{
        f"{home}{name}": ("numpy", kind, _TWO) for name, kind in _BINARY.items() for home in ("math.", "", "compat.v1.")
    },
    **{
        f"__operators__.{name}": ("numpy", kind, _TWO)
        for name, kind in (("add", "Add"), ("eq", "Equal"), ("ne", "NotEqual"))
    },
    **{f"{home}{name}": ("numpy", kind, {"x": 0}) for name, kind in _UNARY.items() for home in ("math.", "")},
    **{
        f"{home}reduce_{name}": ("numpy", kind, _REDUCE) for name, kind in _REDUCTIONS.items() for home in ("math.", "")
    },
    "math.rsqrt": ("math", "Rsqrt", {"x": 0}),
    "math.erf": ("math", "Erf", {"x": 0}),
    "math.reduce_logsumexp": ("math", "Logsumexp", _REDUCE),
    "math.argmax": ("numpy", "Argmax", _ALONG),
    "math.argmin": ("numpy", "Argmin", _ALONG),
    "math.cumsum": ("numpy", "Cumsum", _ALONG),
    "math.cumprod": ("numpy", "Cumprod", _ALONG),
    **{f"{home}sigmoid": ("nn", "Sigmoid", {"x": 0}) for home in ("math.", "nn.", "")},
    **{f"{home}softplus": ("nn", "Softplus", {"features": 0}) for home in ("math.", "nn.")},
    "nn.tanh": ("numpy", "Tanh", {"x": 0}),
    "nn.softsign": ("nn", "Softsign", {"features": 0}),
    "nn.relu": ("nn", "Relu", {"features": 0}),
    "nn.relu6": ("nn", "Relu6", {"features": 0}),
    "nn.elu": ("nn", "Elu", {"features": 0}),
    "nn.selu": ("nn", "Selu", {"features": 0}),
    "nn.silu": ("nn", "Silu", {"features": 0}),
    "nn.swish": ("nn", "Silu", {"features": 0}),
    "nn.gelu": ("nn", "Gelu", {"features": 0, "approximate": "approximate"}),
    "nn.leaky_relu": ("nn", "LeakyRelu", {"features": 0, "alpha": "negative_slope"}),
    **{f"{home}softmax": ("nn", "Softmax", _ALONG) for home in ("nn.", "math.", "")},
    **{f"{home}log_softmax": ("nn", "LogSoftmax", _ALONG) for home in ("nn.", "math.")},
    **{f"{home}l2_normalize": ("nn", "Normalize", {"x": 0, "axis": "axis"}) for home in ("math.", "nn.", "linalg.")},
    "concat": ("numpy", "Concatenate", {"values": 0, "axis": "axis"}),
    "stack": ("numpy", "Stack", {"values": 0, "axis": "axis"}),
    "reshape": ("numpy", "Reshape", {"tensor": 0, "shape": "newshape"}),
    "expand_dims": ("numpy", "ExpandDims", {"input": 0, "axis": "axis"}),
    "squeeze": ("numpy", "Squeeze", {"input": 0, "axis": "axis"}),
    "compat.v1.squeeze": ("numpy", "Squeeze", {"input": 0, "axis": "axis"}),
    "transpose": ("numpy", "Transpose", {"a": 0, "perm": "axes"}),
    "compat.v1.transpose": ("numpy", "Transpose", {"a": 0, "perm": "axes"}),
    "tile": ("numpy", "Tile", {"input": 0, "multiples": "repeats"}),
    "repeat": ("numpy", "Repeat", {"input": 0, "repeats": "repeats", "axis": "axis"}),
    "reverse": ("numpy", "Flip", {"tensor": 0, "axis": "axis"}),
    "pad": ("numpy", "Pad", {"tensor": 0, "paddings": "pad_width"}),
    "linalg.matmul": ("numpy", "Matmul", _MATMUL),
    "matmul": ("numpy", "Matmul", _MATMUL),
    "where": ("numpy", "Where", {"condition": 0, "x": 1, "y": 2}),
    "zeros_like": ("numpy", "ZerosLike", {"input": 0}),
    "ones_like": ("numpy", "OnesLike", {"input": 0}),
    "cast": ("core", "Cast", {"x": 0, "dtype": "dtype"}),
    "stop_gradient": ("core", "StopGradient", {"input": 0}),
    "one_hot": ("nn", "OneHot", {"indices": 0, "depth": "num_classes", "axis": "axis"}),
    "clip_by_value": ("numpy", "Clip", {"t": 0, "clip_value_min": "x_min", "clip_value_max": "x_max"}),
    "gather": ("numpy", "Take", {"params": 0, "indices": 1, "axis": "axis"}),
    "image.resize": (
        "image",
        "Resize",
        {"images": 0, "size": "size", "method": "interpolation", "antialias": "antialias"},
    ),
    "identity": ("numpy", "Copy", {"input": 0}),
}
_SAME_AS_TODAY = {  # values of TensorFlow's arguments that ask for what the op does anyway
    "dtype": (None,),
    "beta": (1, 1.0, None),
    "transpose_a": (False,),
    "transpose_b": (False,),
    "adjoint_a": (False,),
    "adjoint_b": (False,),
    "a_is_sparse": (False,),
    "b_is_sparse": (False,),
    "output_type": (None,),
    "conjugate": (False,),
    "mode": ("CONSTANT",),
    "constant_values": (0,),
    "on_value": (None, 1),
    "off_value": (None, 0),
    "validate_indices": (None,),
    "batch_dims": (0,),
    "epsilon": (1e-12, None),
    "exclusive": (False,),
    "reverse": (False,),
    "preserve_aspect_ratio": (False,),
    "num": (None,),
    "dim": (None,),
    "reduction_indices": (None,),
    "keep_dims": (None,),
    "incompatible_shape_error": (True,),
    "layout": (None,),
    "grad_a": (False,),
    "grad_b": (False,),
    "output_gradients": (None,),
}
_DEFAULTS = {
    "Concatenate": {"axis": 0},
    "LeakyRelu": {"negative_slope": 0.2},
    "Gelu": {"approximate": False},
    "Resize": {"data_format": "channels_last"},
    "Normalize": {"epsilon": 1e-6},
    "Take": {"axis": 0},
    "Cumsum": {"axis": 0},
    "Cumprod": {"axis": 0},
    "Argmax": {"axis": 0},
    "Argmin": {"axis": 0},
}
_ADVICE = "Build the model again with that step as a layer or as an op of `keras.ops`, and load the weights into it."


def is_operation(class_name: str) -> bool:
    """Whether a layer of tf.keras is an op of TensorFlow."""
    return class_name in _KINDS


def operation(item: Any, calls: Any) -> list[Any]:
    """The op of Keras 3 that a layer of tf.keras recorded, as a list of one layer of a functional config.

    Args:
        item: the layer as the old config has it.
        calls: list of (first argument, the others by name) of its calls.

    Raises:
        ValueError: that names the function where Keras 3 has no such op.
    """
    name, kind, config = name_of(item), item["class_name"], item["config"]
    if kind == "TensorFlowOpLayer":
        steps = [tf_nodes.call(config, first, name) for first, _ in calls]
        symbol = steps[0][0] if steps else "identity"
        calls = [(first, arguments) for _, first, arguments in steps]
    else:
        symbol = config.get("function")
    if symbol == "__operators__.getitem":
        return [_made("numpy", "GetItem", name, {}, [_item_of(first, arguments, name) for first, arguments in calls])]
    found = _FUNCTIONS.get(symbol)
    if found is None:
        raise ValueError(
            f"The layer {name!r} of the config is TensorFlow's function tf.{symbol}, which has no op here that does "
            f"the same. {_ADVICE}"
        )
    family, op, parameters = found
    placed = [_arranged(symbol, op, parameters, first, arguments, name) for first, arguments in calls]
    attributes = placed[0][1] if placed else {}
    if any(other != attributes for _, other in placed):
        raise ValueError(
            f"The layer {name!r} of the config (tf.{symbol}) is called several times, with different arguments. "
            f"{_ADVICE}"
        )
    return [_made(family, op, name, attributes, [{"args": args, "kwargs": {}} for args, _ in placed])]


def _made(family, op, name, attributes, nodes):
    return {
        "module": f"keras.src.ops.{family}",
        "class_name": op,
        "config": {"name": name, **attributes},
        "registered_name": op,
        "name": name,
        "inbound_nodes": nodes,
    }


def _arranged(symbol, op, parameters, first, arguments, name):
    """(tensors by position, attributes by name) of one call."""
    tensors, attributes = {0: first}, dict(_DEFAULTS.get(op, {}))
    if symbol in ("linalg.matmul", "matmul"):
        _refuse_transposed(arguments, name)
    for key, value in arguments.items():
        if key == "name":
            continue
        place = parameters.get(key)
        if isinstance(place, int):
            tensors[place] = value
        elif place is not None:
            if value is not None:
                attributes[place] = _attribute(key, value, symbol, name)
        elif value not in _SAME_AS_TODAY.get(key, ()):
            raise ValueError(
                f"The layer {name!r} of the config (tf.{symbol}) has {key}={value!r}, which the op {op!r} of Keras 3 "
                f"does not know. {_ADVICE}"
            )
    return [tensors[place] for place in sorted(tensors)], attributes


def _refuse_transposed(arguments, name):
    if arguments.get("transpose_a") or arguments.get("transpose_b"):
        raise ValueError(
            f"The layer {name!r} of the config (tf.matmul) transposes an operand, which the op 'Matmul' of Keras 3 "
            f"does not. {_ADVICE}"
        )


def _attribute(key, value, symbol, name):
    if (
        isinstance(value, dict)
        and value.get("class_name") == "__keras_tensor__"
        or isinstance(value, list)
        and any(isinstance(x, dict) for x in value)
    ):
        raise ValueError(
            f"The layer {name!r} of the config (tf.{symbol}) computes its `{key}` from other tensors, which can't be "
            f"loaded. {_ADVICE}"
        )
    if symbol == "image.resize" and key == "method":
        return str(value).lower()
    return value


# -- x[...] -----------------------------------------------------------------------------------------------------------


def _item_of(first, arguments, name):
    parts = arguments.get("slice_spec")
    key = [_part(x, name) for x in parts] if isinstance(parts, list) else _part(parts, name)
    if isinstance(key, list) and all(isinstance(part, int) for part in key):
        key.append(_part("...", name))  # else a list of positions along one axis
    return {"args": [first, key], "kwargs": {}}


def _part(part, name):
    """One axis of a subscript."""
    if isinstance(part, dict) and {"start", "stop"} <= part.keys():
        bounds = {key: part.get(key) for key in ("start", "stop", "step")}
        if any(isinstance(bound, dict) for bound in bounds.values()):
            raise ValueError(
                f"The layer {name!r} of the config slices by bounds that are computed from other tensors, which can't "
                f"be loaded. {_ADVICE}"
            )
        return {"class_name": "__slice__", "config": bounds}
    if isinstance(part, dict) and part.get("class_name") == "__ellipsis__" or part == "...":
        return {"class_name": "__ellipsis__", "config": {}}
    return part
