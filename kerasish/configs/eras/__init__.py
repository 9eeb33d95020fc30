"""Configs of every Keras before 3, said as Keras 3 says them: data in, data out.

No code of the file is run and nothing is imported for it.

What each era writes (the layouts were learned from the libraries' own sources and documentation):

    0   Keras 0.x: {"name": class, argument: value, ...}; Sequential with "layers", Graph with "nodes".
    1   Keras 1.x: {"class_name", "config"}; a Sequential's config is a bare list; arguments such as `nb_filter`,
    `border_mode`, `W_regularizer`. 2   Keras 2.x and tf.keras: today's arguments, `batch_input_shape`, calls as
    [["layer", node, tensor, arguments]], ops as TFOpLambda layers;
        from 2.12 on with "module" and "registered_name" beside them.
    3   Keras 3.

Where today's library computes something else under an old name, the config asks for what the old one did:
`hard_sigmoid` was 0.2 x + 0.5 before Keras 3 (now x / 6 + 0.5), so an old file gets
`kerasish.activations.earlier.hard_sigmoid`.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend import context
from kerasish.configs.eras.era import era
from kerasish.typing import Config

__all__ = [
    "era",
    "modernize",
    "modernize_once",
    "modernize_training",
]


def modernize(config: Config, keras_version: Any = None) -> Any:
    """The same model, layer, loss, optimizer, ... as Keras 3 says it.

    Args:
        config: what `to_json`, `get_config` or a file's `model_config` of any version held: {"class_name", "config"},
            the config of a model alone (a dict with "layers", or a bare list), or a dict of Keras 0.x.
        keras_version: string such as "2.2.4-tf" that the file gives beside the config; without it the era is told from
            the config.

    Returns:
        A new structure, or `config` itself where it is Keras 3's already.

    Raises:
        ValueError: that names the layer, where something can't be expressed today.

    Example:
        >>> from kerasish.configs.eras import modernize
        >>> old = {"class_name": "Dense", "config": {"name": "d", "output_dim": 3, "init": "zero", "bias": False}}
        >>> new = modernize(old)
        >>> new["module"], new["config"]["units"], new["config"]["kernel_initializer"], new["config"]["use_bias"]
        ('keras.layers', 3, 'zeros', False)
        >>> modernize(new) is new
        True
    """
    found = era(config, keras_version)
    if found >= 3:
        return config
    from kerasish.configs.eras.translate import translate  # start-up time: most configs are of today

    try:
        return translate(config, found)
    except (
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as error:  # a structure that no Keras writes
        raise ValueError(
            f"The config looks like one of Keras {found}, but it is damaged: {type(error).__name__}: {error}."
        ) from error


def modernize_once(config: Config) -> Any:
    """`modernize(config)`; inside a load, whose config was taken whole, `config` itself."""
    return config if context.current().config_is_modern else modernize(config)


def modernize_training(config: Config, keras_version: Any = None) -> Any:
    """The arguments of `compile`, as `Model.compile_from_config` takes them.

    They come from the `training_config` of an HDF5 file or a `compile_config`.

    Args:
        config: dict with "optimizer_config" (or "optimizer"), "loss", "metrics", "weighted_metrics", "loss_weights";
            None gives None.
        keras_version: as for `modernize`.

    Example:
        >>> from kerasish.configs.eras import modernize_training
        >>> old = {"class_name": "SGD", "config": {"lr": 0.5, "decay": 0.0}}
        >>> new = modernize_training({"optimizer_config": old, "loss": "mse"})
        >>> new["optimizer"]["config"], new["loss"]
        ({'learning_rate': 0.5}, 'mse')
    """
    from kerasish.configs.eras.training import training  # start-up time: most configs are of today

    try:
        return training(config) if config else None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"What the file says of `compile` is damaged: {type(error).__name__}: {error}.") from error
