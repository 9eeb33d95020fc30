"""A compiled model as an Estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish import losses, metrics, ops, tree
from kerasish.estimator.estimator import Estimator
from kerasish.estimator.run_config import RunConfig
from kerasish.estimator.spec import EstimatorSpec, ModeKeys, metric
from kerasish.models import Model, clone_model, load_model
from kerasish.typing import PathLike


def model_to_estimator(
    keras_model: Model | None = None,
    keras_model_path: PathLike | None = None,
    model_dir: PathLike | None = None,
    config: RunConfig | None = None,
    custom_objects: Mapping[str, Any] | None = None,
) -> Estimator:
    """A compiled model as an Estimator, which begins with the model's weights.

    The model itself stays as it is: each mode computes with a copy.

    Args:
        keras_model: compiled `Model`, functional or `Sequential`, whose input shapes are known.
        keras_model_path: path of the file of one, in its place.
        model_dir: as of `Estimator`.
        config: `RunConfig`.
        custom_objects: dict from name to class or function, for a file that holds some that are not registered.

    Returns:
        `Estimator`. Its features are a dict by the names of the model's inputs, or what the model itself takes.

    Raises:
        ValueError: unless exactly one of model and path is given, and for a model that is not compiled or built.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> from kerasish import estimator
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse", metrics=["mae"])
        >>> rows = lambda: (np.ones((4, 2), "float32"), np.ones((4, 1), "float32"))
        >>> trained = estimator.model_to_estimator(model).train(rows, steps=3)
        >>> sorted(trained.evaluate(rows, steps=1))
        ['global_step', 'loss', 'mean_absolute_error']
    """
    if (keras_model is None) == (keras_model_path is None):
        raise ValueError("Give exactly one of `keras_model` and `keras_model_path`.")
    model = load_model(keras_model_path, custom_objects) if keras_model is None else keras_model
    if not isinstance(model, Model) or not model.built or not getattr(model, "inputs", None):
        raise ValueError(
            f"`keras_model` must be a functional or `Sequential` model whose input shapes are known, got {model!r:.80}."
        )
    if not model.compiled or model.optimizer is None or model.loss is None:
        raise ValueError("`keras_model` must be compiled, with an optimizer and a loss: call `compile` first.")
    return Estimator(lambda features, labels, mode: _spec(model, features, labels, mode), model_dir, config)


def _spec(original, features, labels, mode):
    model = clone_model(original)
    model.set_weights(original.get_weights())  # what a checkpoint says comes later
    outputs = model(_inputs(model, features))
    predictions = dict(zip(model.output_names, tree.flatten(outputs)))
    if mode == ModeKeys.PREDICT:
        return EstimatorSpec(mode, predictions)
    loss, found = _loss(original, labels, predictions), {}
    if mode == ModeKeys.EVAL:
        found = _metrics(original, labels, predictions)
    optimizer = type(original.optimizer).from_config(original.optimizer.get_config())
    return EstimatorSpec(mode, predictions, loss, optimizer, found)


def _inputs(model, features):
    """Features as the model takes them: by its inputs' names where they are a dict."""
    if not isinstance(features, Mapping):
        return features
    names = [tensor.name for tensor in model.inputs]
    missing = [name for name in names if name not in features]
    if missing:
        raise ValueError(f"The model has an input {missing[0]!r}; the features are {', '.join(features)}.")
    if isinstance(getattr(model, "input", None), Mapping):
        return {name: features[name] for name in names}
    chosen = [features[name] for name in names]
    return chosen[0] if len(chosen) == 1 else chosen


def _by_output(given, names):
    """A loss or metrics of `compile`, by output."""
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, (list, tuple)) and len(names) > 1:
        return dict(zip(names, given))
    return dict.fromkeys(names, given)


def _labels(labels, names):
    if isinstance(labels, Mapping):
        return labels
    return dict(zip(names, labels if isinstance(labels, (list, tuple)) else [labels]))


def _loss(model, labels, predictions):
    names, settings = list(predictions), model.get_compile_config() or {}
    weights = _by_output(settings.get("loss_weights"), names)
    targets, total = _labels(labels, names), 0.0
    for name, given in _by_output(model.loss, names).items():
        if given is None:
            continue
        function = _as_loss(given)
        weight = 1.0 if weights.get(name) is None else weights[name]
        total = ops.add(ops.multiply(ops.mean(function(targets[name], predictions[name])), weight), total)
    return total


def _as_loss(given):
    return losses.get(given)


def _metrics(model, labels, predictions):
    names = list(predictions)
    targets, found = _labels(labels, names), {}
    compiled = (model.get_compile_config() or {}).get("metrics")
    if compiled is not None and not isinstance(compiled, Mapping) and len(names) > 1 and not _is_nested(compiled):
        raise ValueError("`metrics` of a model with several outputs must be a list of lists, or a dict by output.")
    for name, given in _by_output(compiled, names).items():
        for item in given if isinstance(given, (list, tuple)) else [given] if given is not None else []:
            made = _as_metric(item, model.loss, predictions[name])
            key = made.name if len(names) == 1 else f"{name}_{made.name}"
            found[key] = metric(made, targets[name], predictions[name])
    return found


def _is_nested(given):
    return all(isinstance(item, (list, tuple)) or item is None for item in given)


def _as_metric(item, loss, prediction):
    if item in ("accuracy", "acc"):
        words = str(getattr(loss, "name", None) or getattr(loss, "__name__", None) or loss).lower()
        if "sparse" in words:
            return metrics.SparseCategoricalAccuracy(name="accuracy")
        if prediction.shape[-1] == 1 or "binary" in words:
            return metrics.BinaryAccuracy(name="accuracy")
        return metrics.CategoricalAccuracy(name="accuracy")
    found = metrics.get(item)
    if isinstance(found, metrics.Metric):
        return type(found).from_config(found.get_config())
    return metrics.MeanMetricWrapper(found, name=getattr(found, "__name__", "metric"))
