"""Which Keras wrote a config: told by what only that era writes."""

from __future__ import annotations

from typing import Any

from kerasish.configs.eras.values import is_object
from kerasish.typing import Config

KERAS1 = frozenset(
    "nb_filter nb_row nb_col filter_length kernel_dim1 border_mode dim_ordering subsample subsample_length "
    "atrous_rate pool_length init inner_init "
    "inner_activation forget_bias_init W_regularizer b_regularizer U_regularizer W_constraint b_constraint dropout_W "
    "dropout_U consume_less "
    "concat_axis dot_axes create_input_layer input_dtype cache_enabled".split()
)
_KERAS1_OF = {
    "Dropout": {"p"},
    "SpatialDropout1D": {"p"},
    "SpatialDropout2D": {"p"},
    "SpatialDropout3D": {"p"},
    "GaussianDropout": {"p"},
    "GaussianNoise": {"sigma"},
    "BatchNormalization": {"mode"},
    "Merge": {"mode"},
    "UpSampling1D": {"length"},
}
_OPTIMIZERS = frozenset(
    "SGD RMSprop Adagrad Adadelta Adam AdamW Adamax Nadam Ftrl Lion Adafactor LossScaleOptimizer "
    "sgd rmsprop adagrad adadelta adam adamax nadam".split()
)
_OPTIMIZER = frozenset(("lr", "decay", "jit_compile", "is_legacy_optimizer"))
_OLD_MODULES = ("keras.src.engine", "keras.engine", "tf_keras", "tensorflow")
_RECURRENT = frozenset(("implementation", "time_major"))
_GONE_NAMES = frozenset(
    (
        "TFOpLambda",
        "SlicingOpLambda",
        "TensorFlowOpLayer",
        "CuDNNLSTM",
        "CuDNNGRU",
        "Model",
        "Network",
        "Container",
        "ThresholdedReLU",
    )
)


def era(config: Config, keras_version: Any = None) -> Any:
    """0, 1, 2 or 3: the major version of the Keras that wrote `config` (3 also where nothing tells an older one).

    Args:
        config: anything that `modernize` takes.
        keras_version: string or bytes such as "2.2.4-tf", as files give it beside the config; it decides where it is
            given. A to_json string of Keras 1 and later carries it too.

    Example:
        >>> from kerasish.configs.eras import era
        >>> era([{"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 3, "init": "glorot_uniform"}}])
        1
        >>> era({}, "2.15.0")
        2
    """
    stated = keras_version
    if stated is None and isinstance(config, dict) and "class_name" in config:
        stated = config.get("keras_version")
    if stated is not None:
        major = _major(stated)
        if major is not None:
            return major
    if isinstance(
        config, list
    ):  # the config of a Sequential before Keras 2.2.3; with modules, which came later, it is a plain list of objects
        if _any_keras1(config):
            return 1
        return 2 if any(is_object(item) and "module" not in item for item in config) else 0 if _is_keras0(config) else 3
    if _is_keras0(config):
        return 0
    found = next((verdict for verdict in map(_verdict, _objects(config)) if verdict is not None), None)
    if found == "old" or (found is None and _has_weak_signs(config)):
        return 1 if _any_keras1(config) else 2
    return 3


def _major(version):
    text = version.decode("ascii", "replace") if isinstance(version, bytes) else str(version)
    digits = text.split(".")[0]
    return min(int(digits), 3) if digits.isdigit() and len(digits) < 4 else None


def _is_keras0(data):
    """Whether `data` is {"name": class, ...} as before 1.0, or a list of such."""
    if isinstance(data, list):
        return bool(data) and all(_is_keras0(item) for item in data)
    if not isinstance(data, dict) or "class_name" in data or not isinstance(data.get("name"), str):
        return False
    if data["name"] == "Graph":
        return "nodes" in data
    if "layers" in data:
        return (
            isinstance(data["layers"], list)
            and bool(data["layers"])
            and all(isinstance(item, dict) and "class_name" not in item for item in data["layers"])
        )
    return "cache_enabled" in data or "custom_name" in data or bool(KERAS1 & data.keys())


def _objects(data):
    """All {"class_name", "config"} in `data`, outer ones first; and configs of models that stand alone."""
    pending = [data]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if "class_name" in item or "layers" in item:
                yield item
            pending.extend(value for value in reversed(list(item.values())) if isinstance(value, (dict, list)))
        elif isinstance(item, (list, tuple)):
            pending.extend(value for value in reversed(item) if isinstance(value, (dict, list)))


def _verdict(data):
    """3, "old", or None where this object alone doesn't tell."""
    if "class_name" not in data:
        return None
    name, config, module = data["class_name"], data.get("config"), data.get("module")
    if not isinstance(name, str):
        return None
    if data.get("registered_name") and not (
        isinstance(module, str) and module.startswith(("keras", "tf_keras", "tensorflow"))
    ):
        return None  # a user's own class may call its arguments what it likes
    if isinstance(module, str):
        if module.startswith("keras.src.models"):
            return 3
        if module.startswith(_OLD_MODULES):
            return "old"
    if isinstance(config, list):
        return "old" if name == "Sequential" else None
    nodes = data.get("inbound_nodes")
    if nodes and isinstance(nodes, list):
        return 3 if isinstance(nodes[0], dict) and "args" in nodes[0] else "old"
    return _verdict_of_config(name, config) if isinstance(config, dict) else None


def _verdict_of_config(name, config):
    if name == "InputLayer" and "batch_shape" in config:
        return 3
    dtype = config.get("dtype")
    if isinstance(dtype, dict):
        kind = dtype.get("class_name")
        return 3 if kind == "DTypePolicy" else "old" if kind in ("Policy", "PolicyV1") else None
    if (
        "batch_input_shape" in config
        or name in _GONE_NAMES
        or KERAS1 & config.keys()
        or _KERAS1_OF.get(name, frozenset()) & config.keys()
    ):
        return "old"
    if _RECURRENT & config.keys() and "units" in config or "time_major" in config:
        return "old"
    if name in _OPTIMIZERS and _OPTIMIZER & config.keys():
        return "old"
    if (
        config.get("reduction") in ("auto", "AUTO")
        or name == "VarianceScaling"
        and config.get("distribution") == "normal"
    ):
        return "old"
    return None


def _has_weak_signs(config):
    """Whether layers are named but carry no module, as before 2.12."""
    plain = (
        item["config"]
        for item in _objects(config)
        if is_object(item) and "module" not in item and isinstance(item["config"], dict)
    )
    return any("trainable" in config and isinstance(config.get("name"), str) for config in plain)


def _any_keras1(config):
    for item in _objects(config):
        inner = item.get("config")
        if not isinstance(inner, dict) or not isinstance(item.get("class_name"), str):
            continue
        if KERAS1 & inner.keys() or _KERAS1_OF.get(item["class_name"], frozenset()) & inner.keys():
            return True
    return False
