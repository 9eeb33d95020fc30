"""Files that try what was tried with Keras: each a config that would run, fetch or read something.

`canary` is a path that must never come to be.
"""

import base64
import io
import json
import marshal
import pickle
import zipfile

import h5py
import numpy as np


def lambda_code(canary):
    """Bytecode of a lambda that makes the canary file, as text."""
    code = compile(f"lambda x: (open({str(canary)!r}, 'w').close(), x)[1]", "<hostile>", "eval").co_consts[0]
    return base64.b64encode(marshal.dumps(code)).decode("ascii")


class Payload:
    """A pickle that makes the canary file when it is opened."""

    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return (open, (str(self.canary), "w"))


def layer(class_name, config, module="keras.layers", **rest):
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": "hostile", **config},
        "registered_name": None,
        **rest,
    }


def function(module, name, registered="function"):
    return {"module": module, "class_name": "function", "config": name, "registered_name": registered}


def as_operation(module, name, args, kwargs=None):
    """A function in place of a layer, called with the file's arguments by the graph of the model."""
    return {**function(module, name), "name": "hostile", "inbound_nodes": [{"args": args, "kwargs": kwargs or {}}]}


def lambda_of(module, name, **arguments):
    return layer("Lambda", {"function": function(module, name), "arguments": arguments})


def sequential(hostile):
    """A Sequential with the hostile layer behind an input."""
    source = layer("InputLayer", {"batch_shape": [None, 3], "dtype": "float32", "sparse": False, "name": "in"})
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [source, hostile]},
        "registered_name": None,
    }


def functional(hostile):
    """A Functional that calls the hostile layer on its input, or as the layer itself says."""
    source = {
        **layer("InputLayer", {"batch_shape": [None, 3], "dtype": "float32", "sparse": False, "name": "in"}),
        "name": "in",
        "inbound_nodes": [],
    }
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 3], "dtype": "float32", "keras_history": ["in", 0, 0]},
    }
    hostile = {"name": "hostile", "inbound_nodes": [{"args": [tensor], "kwargs": {}}], **hostile}
    config = {
        "name": "f",
        "trainable": True,
        "layers": [source, hostile],
        "input_layers": [["in", 0, 0]],
        "output_layers": [["hostile", 0, 0]],
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def doubling(depth):
    """Models inside each other, each of which calls the next one twice.

    A few kilobytes that ask for 2 ** depth calls.
    """
    inner = layer("Dense", {"units": 3, "name": "level0"})
    for level in range(1, depth + 1):
        name = inner["config"]["name"]
        source = {
            **layer("InputLayer", {"batch_shape": [None, 3], "dtype": "float32", "sparse": False, "name": "in"}),
            "name": "in",
            "inbound_nodes": [],
        }

        def call(origin, index):
            tensor = {
                "class_name": "__keras_tensor__",
                "config": {"shape": [None, 3], "dtype": "float32", "keras_history": [origin, index, 0]},
            }
            return {"args": [tensor], "kwargs": {}}

        twice = {**inner, "name": name, "inbound_nodes": [call("in", 0), call(name, 0)]}
        last = 1 if level == 1 else 2  # Keras counts the calls of a model inside from one where it speaks of outputs
        config = {
            "name": f"level{level}",
            "trainable": True,
            "layers": [source, twice],
            "input_layers": [["in", 0, 0]],
            "output_layers": [[name, last, 0]],
        }
        inner = {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": config,
            "registered_name": "Functional",
        }
    return inner


def h5_bytes(fill=None):
    """An HDF5 file; `fill(file)` puts something into it."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if fill is not None:
            fill(file)
    return buffer.getvalue()


def write_archive(path, config, weights=None, compression=zipfile.ZIP_STORED, version="3.8.0"):
    """A ".keras" file with that config (a structure, or text) and those bytes of weights."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "2025-01-01@00:00:00"}))
        archive.writestr("config.json", config if isinstance(config, (str, bytes)) else json.dumps(config))
        archive.writestr("model.weights.h5", h5_bytes() if weights is None else weights)


def write_legacy(path, config, version="2.13.1"):
    """A whole-model HDF5 file of Keras 2 with that config."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = version, "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"in", b"hostile"])
        group.attrs["keras_version"], group.attrs["backend"] = version, "tensorflow"
        for name in ("in", "hostile"):
            group.create_group(name).attrs["weight_names"] = np.array([], "S1")


def code_cases(canary, url):
    """(name of the vulnerability and what is tried) -> config of a layer or of what stands in its place."""
    return {**_lambdas(canary), **_foreign_functions(canary, url), **_foreign_classes(canary, url)}


def _lambdas(canary):
    """Code in the file itself."""
    code = lambda_code(canary)
    keras3 = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    keras2 = {
        "function": [code, None, None],
        "function_type": "lambda",
        "module": "__main__",
        "output_shape": None,
        "output_shape_type": "raw",
        "arguments": {},
    }
    named2 = {**keras2, "function": "relu", "function_type": "function"}
    general = {"class_name": "__lambda__", "config": {"value": [code, None, None]}}
    harmless = function("builtins", "relu")
    return {
        "CVE-2024-3660 Lambda of Keras 2": layer("Lambda", keras2),
        "CVE-2024-3660 Lambda of Keras 2, without a module": {
            "class_name": "Lambda",
            "config": {"name": "hostile", **keras2},
        },
        "CVE-2024-3660 Lambda of Keras 2 that says it is raw": layer(
            "Lambda", {**keras2, "function": keras3, "function_type": "raw"}
        ),
        "CVE-2024-3660 output_shape of a Lambda of Keras 2": layer(
            "Lambda", {**named2, "output_shape": [code, None, None], "output_shape_type": "lambda"}
        ),
        "CVE-2024-3660 mask of a Lambda of Keras 2": layer(
            "Lambda", {**named2, "mask": [code, None, None], "mask_type": "lambda"}
        ),
        "CVE-2024-3660 a function of a module": layer(
            "Lambda", {**keras2, "function": "system", "function_type": "function", "module": "os", "arguments": {}}
        ),
        "CVE-2024-3660 Lambda of Keras 3": layer("Lambda", {"function": keras3, "arguments": {}}),
        "CVE-2024-3660 a lambda as activation": layer("Dense", {"units": 3, "activation": general}),
        "CVE-2024-3660 output_shape of a Lambda": layer(
            "Lambda", {"function": harmless, "output_shape": keras3, "arguments": {}}
        ),
        "CVE-2024-3660 mask of a Lambda": layer("Lambda", {"function": harmless, "mask": keras3, "arguments": {}}),
        "CVE-2024-3660 a Lambda in a TimeDistributed": layer(
            "TimeDistributed", {"layer": layer("Lambda", {"function": keras3, "arguments": {}})}
        ),
    }


def _foreign_functions(canary, url):
    """Names of functions that are no layers, and do more than compute."""
    shell = f"touch {canary}"
    return {
        "CVE-2025-1550 a class of another module": layer(
            "Popen", {"args": ["touch", str(canary)]}, module="subprocess"
        ),
        "CVE-2025-1550 a function of another module": as_operation("os", "system", [shell]),
        "CVE-2025-1550 a builtin": as_operation("builtins", "exec", [f"open({str(canary)!r}, 'w')"]),
        "CVE-2025-1550 a Lambda of os.system": lambda_of("os", "system"),
        "CVE-2025-1550 a Lambda of a builtin": lambda_of("builtins", "eval"),
        "CVE-2025-1550 a module that says it is Keras's": layer(
            "Popen", {"args": [shell]}, module="keras.src.utils.subprocess"
        ),
        "CVE-2025-1550 a module of this package": as_operation("kerasish.whole_files", "replacing", [str(canary)]),
        "CVE-2025-1550 a module that would be imported": layer("Evil", {}, module="kerasish_canary_module"),
        "CVE-2025-1550 a module beside Keras": layer("Evil", {}, module="keras_hub.kerasish_canary_module"),
        "CVE-2025-8747 get_file as an operation": as_operation(
            "keras.utils", "get_file", ["canary"], {"origin": url, "cache_dir": str(canary)}
        ),
        "CVE-2025-8747 get_file in a Lambda": lambda_of("keras.utils", "get_file", origin=url),
        "CVE-2025-8747 get_file as an activation": layer(
            "Activation", {"activation": function("keras.utils", "get_file")}
        ),
        "CVE-2025-8747 load_model in a Lambda": lambda_of("keras.models", "load_model", safe_mode=False),
        "CVE-2025-8747 save_img": as_operation("keras.utils", "save_img", [str(canary), [[[0.0]]]]),
        "CVE-2025-9906 enable_unsafe_deserialization": as_operation(
            "keras.config", "enable_unsafe_deserialization", []
        ),
        "CVE-2025-9906 enable_unsafe_deserialization in a Lambda": lambda_of(
            "keras.config", "enable_unsafe_deserialization"
        ),
        "CVE-2025-9906 set_global_attribute": as_operation(
            "keras.src.backend.common.global_state", "set_global_attribute", ["safe_mode_saving", False]
        ),
        "CVE-2025-9906 deserialize_keras_object in a Lambda": lambda_of(
            "keras.saving", "deserialize_keras_object", safe_mode=False
        ),
        "CVE-2025-9906 activations.deserialize in a Lambda": lambda_of("keras.activations", "deserialize"),
        "CVE-2025-9906 losses.get as an activation": layer(
            "Activation", {"activation": function("keras.losses", "get")}
        ),
    }


def _foreign_classes(canary, url):
    """Classes that run or read what the config says, and names of what is no layer."""
    pickled = base64.b64encode(pickle.dumps(Payload(canary))).decode("ascii")
    callback = {"module": "keras.callbacks", "class_name": "type", "config": "ModelCheckpoint", "registered_name": None}
    return {
        "CVE-2025-49655 TorchModuleWrapper": layer(
            "TorchModuleWrapper", {"module": {"class_name": "__bytes__", "config": {"value": pickled}}}
        ),
        "CVE-2026-1462 TFSMLayer": layer("TFSMLayer", {"filepath": str(canary), "call_endpoint": "serve"}),
        "CVE-2025-12058 StringLookup": layer("StringLookup", {"vocabulary": "/etc/passwd"}),
        "CVE-2025-12058 StringLookup over the net": layer("StringLookup", {"vocabulary": url}),
        "CVE-2025-12058 IntegerLookup": layer("IntegerLookup", {"vocabulary": "/etc/passwd"}),
        "CVE-2025-12058 TextVectorization": layer("TextVectorization", {"vocabulary": "/etc/passwd"}),
        "a callback as a layer": layer("CSVLogger", {"filename": str(canary)}, module="keras.callbacks"),
        "a callback as a class": layer("Lambda", {"function": callback, "arguments": {}}),
        "a class of this package that is no layer": layer("Session", {}, module="kerasish.backend.session"),
        "a private name": layer("Lambda", {"function": function("keras.ops", "__import__"), "arguments": {}}),
        "an attribute of an attribute": layer(
            "Lambda", {"function": function("keras.ops.numpy", "os.system"), "arguments": {}}
        ),
        "a name that is no text": layer(
            "Lambda",
            {"function": {"module": "keras.ops", "class_name": "function", "config": ["relu"]}, "arguments": {}},
        ),
        "something registered by nobody": {**layer("Dense", {"units": 3}), "registered_name": "somebody>Dense"},
    }
