"""What `compile` was given (attribute training_config) and the optimizer's variables (group optimizer_weights)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish.backend import context
from kerasish.configs.registration import find_custom
from kerasish.files.old_hdf5 import optimizer_state
from kerasish.files.old_hdf5.attributes import read_names, write_json
from kerasish.files.old_hdf5.old_form import object_config, optimizer_config
from kerasish.files.old_hdf5.save import write_variables
from kerasish.files.old_hdf5.stored import Stored
from kerasish.typing import Config

if TYPE_CHECKING:
    import h5py

    from kerasish.models.model import Model

GROUP = "optimizer_weights"
_KEPT = ("loss", "metrics", "weighted_metrics", "loss_weights")
_FULL_NAMES = {  # Keras 3 can't read the short ones back from such a file
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
}


def compile_loaded(model: Model, config: Config, file: h5py.File, pairs: Any) -> None:
    """Compile a loaded model as `config` (in Keras 3's form) says.

    The optimizer's variables are set where the file holds them.

    Args:
        pairs: what `fill_weights` returned: (Variable, source) of the model's weights.
    """
    compile_as(model, config)
    if GROUP not in file or getattr(model, "optimizer", None) is None:
        return
    group = file[GROUP]
    sources = [Stored(group.get(name), name) for name in read_names(group, "weight_names")]
    optimizer_state.restore(model, sources, pairs, "the file")


def compile_as(model: Model, config: Config) -> None:
    """Compile a model as `config`, in Keras 3's form, says; nothing is done where it has no optimizer."""
    if not isinstance(config, dict) or config.get("optimizer") is None:
        return
    config = {
        key: _unprefixed(value, model) if key in ("metrics", "weighted_metrics") else value
        for key, value in config.items()
    }
    config.update(
        {key: _with_users_own(config[key]) for key in ("loss", "metrics", "weighted_metrics") if key in config}
    )
    with context.scope(compile_loaded=True):
        model.compile_from_config(config)


def _with_users_own(value):
    """Names of the user's functions as these functions.

    When the names are looked up, `custom_objects` may be out of sight.
    """
    if isinstance(value, str):
        found = find_custom(value)
        return value if found is None else found
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _with_users_own(item) for key, item in value.items()}
    return [_with_users_own(item) for item in value] if isinstance(value, list) else value


def _unprefixed(metrics, model):
    """Metrics by output without the output's name in theirs.

    tf.keras stores it with them, and `compile` puts it there again.
    """
    outputs = getattr(model, "output_names", None) or ()
    if len(outputs) < 2 or not isinstance(metrics, list) or len(metrics) != len(outputs):
        return metrics
    return [
        [_renamed(metric, f"{output}_") for metric in group] if isinstance(group, list) else group
        for output, group in zip(outputs, metrics)
    ]


def _renamed(metric, prefix):
    config = metric.get("config") if isinstance(metric, dict) else None
    if not isinstance(config, dict) or not isinstance(config.get("name"), str):
        return metric
    return {**metric, "config": {**config, "name": config["name"].removeprefix(prefix)}}


def save_training(model: Model, file: h5py.File) -> None:
    """Write what `compile` was given, and the optimizer's variables."""
    compiled = model.get_compile_config()
    config = {key: object_config(compiled.get(key)) for key in _KEPT}
    config["loss"] = _full(config["loss"])
    if model.optimizer is not None:
        config["optimizer_config"], shared = optimizer_config(compiled["optimizer"])
        write_variables(file.create_group(GROUP), optimizer_state.listed(model.optimizer, shared))
    write_json(file, "training_config", config)


def _full(loss):
    """Losses under their full names."""
    if isinstance(loss, dict) and "class_name" not in loss:
        return {name: _full(item) for name, item in loss.items()}
    if isinstance(loss, list):
        return [_full(item) for item in loss]
    return _FULL_NAMES.get(loss.lower(), loss) if isinstance(loss, str) else loss
