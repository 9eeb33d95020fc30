"""Nodes of TensorFlow's graph (TensorFlowOpLayer of tf.keras 2.0 to 2.3) as calls of TensorFlow's functions."""

from __future__ import annotations

from typing import Any

from kerasish.typing import Config

_OF_ONE = {  # op of the graph -> function
    "Relu": "nn.relu",
    "Relu6": "nn.relu6",
    "Elu": "nn.elu",
    "Selu": "nn.selu",
    "Sigmoid": "math.sigmoid",
    "Tanh": "math.tanh",
    "Softmax": "nn.softmax",
    "LogSoftmax": "nn.log_softmax",
    "Softplus": "math.softplus",
    "Exp": "math.exp",
    "Log": "math.log",
    "Log1p": "math.log1p",
    "Sqrt": "math.sqrt",
    "Rsqrt": "math.rsqrt",
    "Square": "math.square",
    "Neg": "math.negative",
    "Abs": "math.abs",
    "Sign": "math.sign",
    "Sin": "math.sin",
    "Cos": "math.cos",
    "Floor": "math.floor",
    "Ceil": "math.ceil",
    "Round": "math.round",
    "Reciprocal": "math.reciprocal",
    "Identity": "identity",
    "Erf": "math.erf",
    "LogicalNot": "math.logical_not",
    "ZerosLike": "zeros_like",
    "OnesLike": "ones_like",
    "LeakyRelu": "nn.leaky_relu",
}
_OF_TWO = {
    "Add": "math.add",
    "AddV2": "math.add",
    "Sub": "math.subtract",
    "Mul": "math.multiply",
    "RealDiv": "math.divide",
    "Div": "math.divide",
    "FloorDiv": "math.floordiv",
    "FloorMod": "math.floormod",
    "Pow": "math.pow",
    "Maximum": "math.maximum",
    "Minimum": "math.minimum",
    "Equal": "math.equal",
    "NotEqual": "math.not_equal",
    "Less": "math.less",
    "LessEqual": "math.less_equal",
    "Greater": "math.greater",
    "GreaterEqual": "math.greater_equal",
    "LogicalAnd": "math.logical_and",
    "LogicalOr": "math.logical_or",
    "DivNoNan": "math.divide_no_nan",
}
_REDUCTIONS = {
    "Mean": "math.reduce_mean",
    "Sum": "math.reduce_sum",
    "Max": "math.reduce_max",
    "Min": "math.reduce_min",
    "Prod": "math.reduce_prod",
}
_WITH_SECOND = {
    "Reshape": ("reshape", "shape"),
    "ExpandDims": ("expand_dims", "axis"),
    "Transpose": ("transpose", "perm"),
    "Tile": ("tile", "multiples"),
    "Pad": ("pad", "paddings"),
    "ArgMax": ("math.argmax", "axis"),
    "ArgMin": ("math.argmin", "axis"),
}
_TYPES = {
    "DT_FLOAT": "float32",
    "DT_DOUBLE": "float64",
    "DT_HALF": "float16",
    "DT_BFLOAT16": "bfloat16",
    "DT_INT32": "int32",
    "DT_INT64": "int64",
    "DT_BOOL": "bool",
    "DT_UINT8": "uint8",
    "DT_INT8": "int8",
    "DT_INT16": "int16",
}


def call(config: Config, first: Any, name: str) -> Any:
    """(function, first argument, the others by name) of the node that a TensorFlowOpLayer holds.

    Args:
        config: of the layer.
        first: the tensors that it was called on.
        name: of the layer, for messages.

    Raises:
        ValueError: for a node that is not known.
    """
    node = config.get("node_def")
    if not isinstance(node, dict):
        raise ValueError(
            f"The layer {name!r} of the config holds its op as bytes ({type(node).__name__}), as TensorFlow 2.0 and "
            "2.1 write it, which can't be read here. "
            "Load and save the model by TensorFlow 2.3 to 2.15 once."
        )
    op, attributes = node.get("op"), node.get("attr", {})
    values = list(first) if isinstance(first, list) else [first]
    for index, constant in sorted((int(key), value) for key, value in (config.get("constants") or {}).items()):
        values.insert(index, constant)
    if op in _OF_ONE:
        extra = {"alpha": attributes.get("alpha", {}).get("f", 0.2)} if op == "LeakyRelu" else {}
        return _OF_ONE[op], values[0], extra
    if op in _OF_TWO:
        return _OF_TWO[op], values[0], {"y": values[1]}
    if op in _REDUCTIONS:
        return (
            _REDUCTIONS[op],
            values[0],
            {"axis": values[1], "keepdims": bool(attributes.get("keep_dims", {}).get("b", False))},
        )
    if op in _WITH_SECOND:
        function, argument = _WITH_SECOND[op]
        return function, values[0], {argument: values[1]}
    if op in _BY_HAND:
        return _BY_HAND[op](values, attributes)
    raise ValueError(
        f"The layer {name!r} of the config is TensorFlow's op {op!r}, which has no op here that does the same. Build "
        "the model again with that step as a layer "
        "or as an op of `keras.ops`, and load the weights into it."
    )


def _listed(attribute):
    return [int(number) for number in attribute.get("list", {}).get("i", [])]


def _strided_slice(values, attributes):
    """x[...] from its begin, end, strides, and masks with a bit an axis."""
    x, begin, end, strides = values
    masks = {
        key: int(attributes.get(f"{key}_mask", {}).get("i", 0))
        for key in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    parts = []
    for axis in range(len(begin)):
        bit = {key: mask >> axis & 1 for key, mask in masks.items()}
        if bit["ellipsis"]:
            parts.append("...")
        elif bit["new_axis"]:
            parts.append(None)
        elif bit["shrink_axis"]:
            parts.append(begin[axis])
        else:
            parts.append(
                {
                    "start": None if bit["begin"] else begin[axis],
                    "stop": None if bit["end"] else end[axis],
                    "step": strides[axis],
                }
            )
    return "__operators__.getitem", x, {"slice_spec": parts}


def _matmul(values, attributes):
    flipped = {
        key: bool(attributes.get(key, attributes.get(other, {})).get("b", False))
        for key, other in (("transpose_a", "adj_x"), ("transpose_b", "adj_y"))
    }
    return "linalg.matmul", values[0], {"b": values[1], **flipped}


_BY_HAND = {
    "ConcatV2": lambda values, attributes: ("concat", values[:-1], {"axis": values[-1]}),
    "Pack": lambda values, attributes: ("stack", values, {"axis": int(attributes.get("axis", {}).get("i", 0))}),
    "Squeeze": lambda values, attributes: (
        "squeeze",
        values[0],
        {"axis": _listed(attributes.get("squeeze_dims", {})) or None},
    ),
    "Cast": lambda values, attributes: (
        "cast",
        values[0],
        {"dtype": _TYPES.get(attributes.get("DstT", {}).get("type"), "float32")},
    ),
    "GatherV2": lambda values, attributes: ("gather", values[0], {"indices": values[1], "axis": values[2]}),
    "Select": lambda values, attributes: ("where", values[0], {"x": values[1], "y": values[2]}),
    "SelectV2": lambda values, attributes: ("where", values[0], {"x": values[1], "y": values[2]}),
    "ClipByValue": lambda values, attributes: (
        "clip_by_value",
        values[0],
        {"clip_value_min": values[1], "clip_value_max": values[2]},
    ),
    "StridedSlice": _strided_slice,
    "MatMul": _matmul,
    "BatchMatMul": _matmul,
    "BatchMatMulV2": _matmul,
}
