"""Tensor bundles as TensorFlow writes them, and as it never would: for tests that have no time for TensorFlow."""

import json
import os
import struct

import numpy as np

from kerasish.files.tensorflow import slices
from kerasish.files.tensorflow.crc32c import crc32c, masked
from kerasish.files.tensorflow.stored_tensor import DTYPES, TEXT
from kerasish.files.tensorflow.table import MAGIC

KINDS = {name: kind for kind, (name, _) in DTYPES.items()}


def number(value):
    """A number in groups of seven bits."""
    value &= (1 << 64) - 1
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def message(*fields):
    """A message of (number, int, bytes, text or message) fields; a float stands for 32 bits that are fixed."""
    made = b""
    for key, value in fields:
        if isinstance(value, float):
            made += number(key << 3 | 5) + struct.pack("<I", int(value))
        elif isinstance(value, int):
            made += number(key << 3) + number(value)
        else:
            data = value.encode() if isinstance(value, str) else bytes(value)
            made += number(key << 3 | 2) + number(len(data)) + data
    return made


def shape_message(shape):
    return message(*((2, message((1, size))) for size in shape))


def text_bytes(texts):
    """The bytes of a tensor of texts, and its checksum."""
    lengths = b"".join(struct.pack("<I", len(text)) for text in texts)
    head = struct.pack("<I", masked(crc32c(lengths)))
    body = b"".join(texts)
    return b"".join(number(len(text)) for text in texts) + head + body, masked(crc32c(lengths + head + body))


def block(entries, kind=0, content=None):
    content = content or b"".join(
        number(0) + number(len(key)) + number(len(value)) + key + value for key, value in entries
    ) + struct.pack("<II", 0, 1)
    if kind == 1:  # "packed" as literals alone
        pieces = [content[start : start + 60] for start in range(0, len(content), 60)]
        content = number(len(content)) + b"".join(bytes([len(piece) - 1 << 2]) + piece for piece in pieces)
    return content + bytes([kind]) + struct.pack("<I", masked(crc32c(content + bytes([kind]))))


def table(entries, kind=0, blocks=1, content=None):
    """The bytes of an index."""
    entries = sorted(entries)
    made, handles = b"", []
    step = -(-len(entries) // blocks)
    for start in range(0, len(entries), step):
        part = entries[start : start + step]
        data = block(part, kind, content)
        handles.append((part[-1][0], number(len(made)) + number(len(data) - 5)))
        made += data
    places = []
    for each in (block([]), block(handles)):
        places.append(number(len(made)) + number(len(each) - 5))
        made += each
    return made + b"".join(places).ljust(40, b"\0") + MAGIC


class BundleWriter:
    """What a bundle will hold; `write(path)` writes it. `entries` may be changed by who wants a hostile one."""

    def __init__(self):
        self.data, self.entries = b"", {}

    def add(self, name, array, **changes):
        array = np.asarray(array)
        if array.dtype.kind in "OSU":
            texts = [text.encode() if isinstance(text, str) else text for text in array.reshape(-1).tolist()]
            data, checksum = text_bytes(texts)
            kind = TEXT
        else:
            data, kind = array.tobytes(), KINDS[array.dtype.name]
            checksum = masked(crc32c(data))
        self._enter(name.encode(), kind, array.shape, data, checksum, changes)
        return self

    def add_parts(self, name, array, axis, count):
        """An array in parts along one axis."""
        kind, found, start = KINDS[array.dtype.name], [], 0
        for part in np.array_split(array, count, axis):
            extents = tuple((start, part.shape[axis]) if i == axis else (0, -1) for i in range(array.ndim))
            start += part.shape[axis]
            data = part.tobytes()
            self._enter(slices.key_of(name.encode(), extents), kind, part.shape, data, masked(crc32c(data)), {})
            found.append(message(*((1, message((1, s), (2, n)) if n >= 0 else message()) for s, n in extents)))
        self.entries[name.encode()] = message((1, kind), (2, shape_message(array.shape)), *((7, one) for one in found))
        return self

    def _enter(self, key, kind, shape, data, checksum, changes):
        given = {"kind": kind, "shape": shape, "shard": 0, "offset": len(self.data), "size": len(data), **changes}
        self.data += data
        self.entries[key] = message(
            (1, given["kind"]), (2, shape_message(given["shape"])), (3, given["shard"]), (4, given["offset"]),
            (5, given["size"]), (6, float(checksum)),
        )  # fmt: skip

    def write(self, path, head=((1, 1),), **options):
        with open(f"{path}.data-00000-of-00001", "wb") as file:
            file.write(self.data)
        with open(f"{path}.index", "wb") as file:
            file.write(table([(b"", message(*head)), *self.entries.items()], **options))
        return str(path)


def graph_of(root):
    """The graph of objects of nested dicts: names to dicts, and to strings, the keys of variables."""
    nodes, pending = [], [root]
    while len(nodes) < len(pending):
        item, fields = pending[len(nodes)], []
        if isinstance(item, str):
            fields.append((2, message((1, "VARIABLE_VALUE"), (2, item), (3, item))))
        else:
            for name, child in item.items():
                fields.append((1, message((1, len(pending)), (2, name))))
                pending.append(child)
        nodes.append((1, message(*fields)))
    return message(*nodes)


def write_checkpoint(model, path):
    """The weights of a Sequential model as tf.keras keeps them."""
    writer, root = BundleWriter(), {}
    for number, layer in enumerate(layer for layer in model.layers if layer.weights):
        place = root[f"layer_with_weights-{number}"] = {}
        for variable in layer.weights:
            place[variable.name] = f"layer_with_weights-{number}/{variable.name}"
            writer.add(place[variable.name], variable.numpy())
    writer.add("_CHECKPOINTABLE_OBJECT_GRAPH", np.array(graph_of(root), object))
    return writer.write(path)


def write_saved_model(model, folder):
    """A Sequential model as tf.keras saves it, without the program that nobody reads."""
    os.makedirs(os.path.join(folder, "variables"))
    write_checkpoint(model, os.path.join(folder, "variables", "variables"))
    config = json.loads(model.to_json())
    facts = {"class_name": config["class_name"], "config": config["config"], "name": model.name}
    root = message((2, 0), (3, "root"), (4, "_tf_keras_sequential"), (5, json.dumps(facts)))
    with open(os.path.join(folder, "keras_metadata.pb"), "wb") as file:
        file.write(message((1, root)))
    with open(os.path.join(folder, "saved_model.pb"), "wb") as file:
        file.write(message((1, 1), (2, message((7, message())))))
    return folder
