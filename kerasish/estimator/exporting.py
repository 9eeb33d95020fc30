"""Models for serving: what requests give, and the folder that servers read."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasish import Input
from kerasish.backend import is_keras_tensor
from kerasish.data import Feature
from kerasish.estimator.spec import EstimatorSpec, LabelTexts
from kerasish.models import Model
from kerasish.typing import PathLike
from kerasish.whole_files import replacing_folder


@dataclasses.dataclass
class ServingInputReceiver:
    """What requests give, and the features that the model function gets of it.

    Args:
        features: symbolic tensor, or dict of such, made of `receiver_tensors`.
        receiver_tensors: dict from name to `keras.Input`; `features` where they are inputs themselves, when None.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import estimator
        >>> receiver = estimator.ServingInputReceiver({"x": keras.Input((3,))})
        >>> sorted(receiver.receiver_tensors)
        ['x']
    """

    features: Any
    receiver_tensors: Any = None

    def __post_init__(self) -> None:
        if self.receiver_tensors is None:
            self.receiver_tensors = self.features


def build_raw_serving_input_receiver_fn(features: Mapping[str, Any]) -> Callable[[], ServingInputReceiver]:
    """A `serving_input_receiver_fn` for requests that give the features themselves.

    Args:
        features: dict from name to `keras.Input`, or to an array of one batch that looks like those to come.

    Returns:
        Function without arguments that returns a `ServingInputReceiver`.

    Raises:
        ValueError: for an empty dict.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator
        >>> receiver_fn = estimator.build_raw_serving_input_receiver_fn({"town": np.array(["Ulm"])})
        >>> receiver_fn().features["town"].dtype
        'string'
    """
    if not isinstance(features, Mapping) or not features:
        raise ValueError(f"`features` must be a dict from feature names to inputs or arrays, got {features!r:.80}.")

    def receiver():
        return ServingInputReceiver({name: _input(name, *_shape_and_dtype(item)) for name, item in features.items()})

    return receiver


def build_parsing_serving_input_receiver_fn(feature_spec: Mapping[str, Any]) -> Callable[[], ServingInputReceiver]:
    """A `serving_input_receiver_fn` of what `feature_column.make_parse_example_spec` says.

    Requests give the features by name, as JSON; not Examples in bytes, as TensorFlow's do.

    Args:
        feature_spec: dict from name to `data.Feature`.

    Returns:
        Function without arguments that returns a `ServingInputReceiver`.

    Raises:
        ValueError: for an empty dict.

    Example:
        >>> from kerasish import estimator, feature_column as fc
        >>> spec = fc.make_parse_example_spec([fc.numeric_column("age")])
        >>> estimator.build_parsing_serving_input_receiver_fn(spec)().features["age"].shape
        (None, 1)
    """
    return build_raw_serving_input_receiver_fn(feature_spec)


def write_version(base: PathLike, spec: EstimatorSpec, inputs: Any) -> str:
    """Write the model of a spec as the newest version of a model's folder; returns the version's folder.

    Args:
        base: path of the model's folder.
        spec: what the model function returned for prediction.
        inputs: the symbolic inputs.
    """
    outputs = {name: item for name, item in _outputs(spec).items() if not isinstance(item, LabelTexts)}
    os.makedirs(base, exist_ok=True)
    version = max([int(time.time()), *(int(name) + 1 for name in os.listdir(base) if name.isdigit())])
    path = os.path.join(os.fspath(base), str(version))
    with replacing_folder(path) as part:
        Model(inputs=inputs, outputs=outputs).save(os.path.join(part, "model.keras"))
    return path


def _outputs(spec):
    if not spec.export_outputs:
        return spec.predictions
    exports = dict(spec.export_outputs)
    chosen = exports.get("serving_default", next(iter(exports.values())))
    return chosen if isinstance(chosen, Mapping) else {"output": chosen}


def _shape_and_dtype(item):
    if is_keras_tensor(item):
        return tuple(item.shape[1:]), item.dtype
    if isinstance(item, Feature):
        return item.row_shape, item.dtype
    array = np.asarray(item)
    if array.dtype.kind in "SUO":
        return array.shape[1:], "string"
    return array.shape[1:], "float32" if array.dtype.kind == "f" else array.dtype.name


def _input(name, shape, dtype):
    return Input(shape, dtype=dtype, name=name)
