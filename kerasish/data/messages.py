"""The messages `tf.train.Example` and `SequenceExample`, for the protobuf library.

Reference:
    tensorflow/core/example/example.proto and feature.proto.
"""

from __future__ import annotations

from typing import Any

from kerasish.protos import Protos

_PROTOS = Protos([("kerasish.data", "example")], "An `Example` needs protobuf: `pip install protobuf`.")


def message_class(name: str) -> Any:
    """The class of a message of TensorFlow's examples.

    Args:
        name: "Example" or "SequenceExample".

    Raises:
        ImportError: where protobuf is not installed.
    """
    return _PROTOS.message(f"tensorflow.{name}")
