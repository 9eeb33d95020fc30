"""Hyperparameters for TensorBoard's page of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasish.summary.writer import SummaryWriter, tensorboardx

if TYPE_CHECKING:
    from kerasish.models.model import Model

_BEGIN, _END = "_hparams_/session_start_info", "_hparams_/session_end_info"


def hyperparameters(model: Model, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the model and the run say themselves.

    Args:
        model: compiled model.
        params: of the run, as callbacks have them.

    Returns:
        Dict from names to numbers, texts and bools: the optimizer, its settings, the number of weights.
    """
    found = {"model": type(model).__name__, "weights": model.count_params()}
    if model.optimizer is not None:
        found["optimizer"] = type(model.optimizer).__name__
        config = {name: value for name, value in model.optimizer.get_config().items() if name != "name"}
        found.update({name: value for name, value in config.items() if isinstance(value, (bool, int, float, str))})
    found.update({name: params[name] for name in ("steps", "epochs") if params.get(name)})
    return found


def write_begin(writer: SummaryWriter, values: Mapping[str, Any]) -> None:
    """Say with which hyperparameters a session began.

    Args:
        writer: SummaryWriter.
        values: dict from names to numbers, texts and bools.

    Raises:
        TypeError: for another value.
    """
    x = tensorboardx()
    info = x.SessionStartInfo(start_time_secs=time.time(), group_name=writer.logdir)
    for name, value in values.items():
        if hasattr(value, "item"):
            value = value.item()
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, (int, float)):
            info.hparams[name].number_value = value
        elif isinstance(value, str):
            info.hparams[name].string_value = value
        else:
            raise TypeError(f"Hyperparameters must be numbers, texts or bools, got {value!r} for {name!r}.")
    _write(writer, _BEGIN, x.HParamsPluginData(session_start_info=info))


def write_end(writer: SummaryWriter, is_done: bool) -> None:
    """Say that a session is over.

    Args:
        writer: SummaryWriter.
        is_done: whether it came to its end, rather than being cut off.
    """
    x = tensorboardx()
    status = x.Status.Value("STATUS_SUCCESS" if is_done else "STATUS_FAILURE")
    info = x.SessionEndInfo(status=status, end_time_secs=time.time())
    _write(writer, _END, x.HParamsPluginData(session_end_info=info))


def _write(writer, tag, data):
    x = tensorboardx()
    plugin = x.SummaryMetadata.PluginData(plugin_name="hparams", content=data.SerializeToString())
    writer.add([x.Summary.Value(tag=tag, metadata=x.SummaryMetadata(plugin_data=plugin))], 0)
