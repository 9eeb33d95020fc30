"""Answers to questions about devices and data pipelines, for a program whose one process computes in one place."""

from __future__ import annotations

from typing import Any


def list_devices(device_type: str | None = None) -> list[str]:
    """The devices over which a computation can be laid out: none."""
    return []


def get_device_count(device_type: str | None = None) -> int:
    """How many devices `list_devices` gives."""
    return len(list_devices(device_type))


def distribution() -> None:
    """The layout that is in force: none."""
    return None


def distribute_tensor(tensor: Any, layout: Any) -> Any:
    """`tensor`, which lies where it lies, as no layout can be in force."""
    return tensor


def in_grain_data_pipeline() -> bool:
    """Whether this code runs within a pipeline of Grain's, whose samples are no tensors: never."""
    return False


def in_tf_graph() -> bool:
    """Whether this code makes a graph of TensorFlow's: never."""
    return False
