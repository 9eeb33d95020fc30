"""`tf.train.Example` and `SequenceExample` from dicts of values and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.data.messages import message_class

Features = Mapping[str, Any]


def encode_example(features: Features) -> bytes:
    """A `tf.train.Example` with these features, as the bytes of a record.

    Args:
        features: dict from names to values: integers and bools become int64, floats float32, text (as UTF-8) and bytes
            bytes; numbers, lists, arrays of any shape, whose numbers are laid out row by row.

    Returns:
        Bytes.

    Raises:
        ValueError: for values of other kinds, named by their feature.
        TypeError: where `features` is no dict.

    Example:
        >>> from kerasish.data import tfrecord
        >>> tfrecord.decode_example(tfrecord.encode_example({"label": 3, "word": "red"}))
        {'label': array([3]), 'word': [b'red']}
    """
    example = message_class("Example")()
    _fill(example.features, features, "features")
    return example.SerializeToString(deterministic=True)


def decode_example(record: bytes) -> dict[str, Any]:
    """The features of a `tf.train.Example`.

    Args:
        record: bytes, as `read` gives them.

    Returns:
        A dict from names, in their order, to int64 or float32 arrays of one axis, or to lists of bytes. A feature
        without a kind is an empty list.

    Raises:
        ValueError: where the bytes are no Example.

    Example:
        >>> from kerasish.data import tfrecord
        >>> tfrecord.decode_example(tfrecord.encode_example({"x": [0.5, 2.0]}))["x"].tolist()
        [0.5, 2.0]
    """
    return _values(parsed("Example", record).features)


def encode_sequence_example(context: Features, sequences: Mapping[str, Sequence[Any]]) -> bytes:
    """A `tf.train.SequenceExample`, as the bytes of a record.

    Args:
        context: dict from names to values, as in `encode_example`.
        sequences: dict from names to lists, with the value of each step: a number, text, bytes, or a list of those.

    Returns:
        Bytes.

    Raises:
        ValueError: for values of other kinds, named by their feature.
        TypeError: for what is no dict.

    Example:
        >>> from kerasish.data import tfrecord
        >>> record = tfrecord.encode_sequence_example({"user": 5}, {"words": [["a", "b"], ["c"]]})
        >>> tfrecord.decode_sequence_example(record)
        ({'user': array([5])}, {'words': [[b'a', b'b'], [b'c']]})
    """
    example = message_class("SequenceExample")()
    _fill(example.context, context, "context")
    _check_dict(sequences, "sequences")
    for name, steps in sequences.items():
        added = example.feature_lists.feature_list[name].feature
        for step in steps:
            _set(added.add(), step, f"sequences[{name!r}]")
    return example.SerializeToString(deterministic=True)


def decode_sequence_example(record: bytes) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The context and the sequences of a `tf.train.SequenceExample`.

    Args:
        record: bytes, as `read` gives them.

    Returns:
        Two dicts: values as `decode_example` gives them, and lists of such values, one a step.

    Raises:
        ValueError: where the bytes are no SequenceExample.

    Example:
        >>> from kerasish.data import tfrecord
        >>> record = tfrecord.encode_sequence_example({"user": 5}, {"words": [["a", "b"], ["c"]]})
        >>> tfrecord.decode_sequence_example(record)[1]
        {'words': [[b'a', b'b'], [b'c']]}
    """
    example = parsed("SequenceExample", record)
    lists = example.feature_lists.feature_list
    return _values(example.context), {name: [value_of(step) for step in lists[name].feature] for name in sorted(lists)}


def parsed(kind: str, record: bytes) -> Any:
    """The message in the bytes of a record. Raises ValueError where there is none."""
    try:
        return message_class(kind).FromString(record)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`record` is no {kind}: {error}") from error
    except Exception as error:  # protobuf's DecodeError is a plain Exception
        raise ValueError(f"`record` is no {kind}: {error or type(error).__name__}") from error


def value_of(feature: Any) -> Any:
    """What a Feature message holds: an array of one axis, or a list of bytes."""
    kind = feature.WhichOneof("kind")
    if kind == "int64_list":
        return np.array(feature.int64_list.value, np.int64)
    if kind == "float_list":
        return np.array(feature.float_list.value, np.float32)
    return list(feature.bytes_list.value)


def _values(features):
    return {name: value_of(features.feature[name]) for name in sorted(features.feature)}


def _fill(message, features, argument):
    _check_dict(features, argument)
    for name, value in features.items():
        _set(message.feature[name], value, f"{argument}[{name!r}]")


def _check_dict(features, argument):
    if not isinstance(features, Mapping):
        raise TypeError(f"`{argument}` must be a dict from names to values, got {type(features).__name__}.")
    wrong = [name for name in features if not isinstance(name, str)]
    if wrong:
        raise ValueError(f"`{argument}` must have names (text) as keys, got {wrong[0]!r}.")


def _set(feature, value, name):
    if isinstance(value, (str, bytes, bytearray, memoryview)):
        value = [value]
    texts = _texts(value)
    if texts is not None:
        feature.bytes_list.value.extend(texts)
        return
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"`{name}` makes no array: {error}") from error
    if array.dtype.kind in "biu" and not (array.dtype == np.uint64 and array.size and array.max() >= 1 << 63):
        feature.int64_list.value.extend(array.ravel().astype(np.int64).tolist())
    elif array.dtype.kind == "f":
        feature.float_list.value.extend(array.ravel().astype(np.float32).tolist())
    else:
        raise ValueError(f"`{name}` must hold integers that fit int64, floats, text or bytes, got dtype {array.dtype}.")


def _texts(value):
    """`value` as bytes, where it is an array, list or tuple of text and bytes; else None."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "SUO":
        value = value.ravel().tolist()
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if not all(isinstance(item, (str, bytes, bytearray, memoryview)) for item in value):
        return None
    return [item.encode() if isinstance(item, str) else bytes(item) for item in value]
