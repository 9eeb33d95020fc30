"""What tf.keras says of its objects in a SavedModel: JSON, beside the program in `keras_metadata.pb` or within it.

Reference:
    keras/protobuf/saved_metadata.proto of Keras 2; tensorflow/core/protobuf/saved_model.proto and
    saved_object_graph.proto.
"""

from __future__ import annotations

import os
from typing import Any

from kerasish.configs.limits import LIMITS, load_json
from kerasish.files.tensorflow.wire import Message

PROGRAM, METADATA = "saved_model.pb", "keras_metadata.pb"


def message_in(folder: str, name: str) -> Message:
    """The message in a file of the folder.

    Raises:
        ValueError: for a link, a file that is too long, and one that is damaged.
    """
    path = os.path.join(folder, name)
    if os.path.islink(path):
        raise ValueError(f"{path!r} is a link: it is refused. Put the file itself into its place.")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > LIMITS.text:
            raise ValueError(f"{path!r} has {size} bytes; at most {LIMITS.text} are read.")
        return Message(file.read(size), repr(path))


def objects_of(folder: str) -> dict[int, dict[str, Any]]:
    """The facts of each object of Keras by its number in the graph of objects; the model is number 0.

    Returns:
        {} for a SavedModel that Keras did not write.
    """
    if os.path.isfile(os.path.join(folder, METADATA)):
        rows = [(item.number(2), item.text(4), item.data(5)) for item in message_in(folder, METADATA).messages(1)]
    else:
        rows = [(number, item.text(1), item.data(3)) for number, item in _users_objects(folder)]
    found, size = {}, 0
    for number, kind, text in rows:
        if not kind.startswith("_tf_keras") or not text:
            continue
        size += len(text)
        if size > LIMITS.text:
            raise ValueError(f"{folder!r} has more than {LIMITS.text} bytes of JSON.")
        facts = load_json(bytes(text), f"what {folder!r} says of its object {number}")
        if not isinstance(facts, dict):
            raise ValueError(f"{folder!r} is damaged: what it says of its object {number} is no JSON object.")
        found[number] = facts
    return found


def _users_objects(folder):
    """(number, SavedUserObject) of the graph of objects in the program, where Keras kept its facts before 2.5."""
    for number, node in enumerate(program_of(folder).message(7).messages(1)):
        if 4 in node:
            yield number, node.message(4)


def program_of(folder: str) -> Message:
    """The first MetaGraphDef of the program. Raises ValueError where there is none."""
    for program in message_in(folder, PROGRAM).messages(2):
        return program
    raise ValueError(f"{os.path.join(folder, PROGRAM)!r} is damaged: it holds no program.")


def signatures_of(folder: str) -> list[str]:
    """The names of the functions that the program has for others, as far as they can be read."""
    names = {entry.text(1) for entry in program_of(folder).messages(5)}
    return sorted(names - {"__saved_model_init_op"})
