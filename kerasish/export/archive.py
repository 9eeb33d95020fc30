"""ExportArchive: several functions of models, each an endpoint of what is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend.variable import Variable
from kerasish.export.formats import ELSEWHERE
from kerasish.export.onnx.api import as_onnx
from kerasish.export.onnx.file import write
from kerasish.export.signatures import Signature, signature_of
from kerasish.layers.base.layer import Layer
from kerasish.suggestions import did_you_mean
from kerasish.typing import PathLike
from kerasish.whole_files import replacing

_FORMATS = ("onnx",)


class ExportArchive:
    """Endpoints of models and layers, written together.

    Args:
        format: "onnx": a folder with a file for each endpoint, or one file where there is one endpoint. Keras's
            default, "saved_model", needs TensorFlow's functions and is refused.
        **kwargs: for each endpoint: `opset_version` and `external_data`, as for `Model.export`.

    Raises:
        ValueError: for another format.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
        >>> archive = keras.export.ExportArchive(format="onnx")
        >>> archive.track(model)
        >>> _ = archive.add_endpoint("serve", model.call, [keras.InputSpec(shape=(None, 3), dtype="float32")])
        >>> folder = tempfile.mkdtemp()
        >>> archive.write_out(folder, verbose=False)
        >>> os.listdir(folder)
        ['serve.onnx']
    """

    def __init__(self, format: str = "saved_model", **kwargs: Any) -> None:
        if format not in _FORMATS:
            raise ValueError(_refusal(format))
        self._options = kwargs
        self._tracked: list[Any] = []
        self._endpoints: dict[str, tuple[Any, Signature]] = {}
        self._collections: dict[str, list[Variable]] = {}

    def track(self, resource: Any) -> None:
        """Say that a layer or model is a part: its variables are among those of the archive.

        Args:
            resource: the layer or model.

        Raises:
            ValueError: for anything else.
        """
        if not isinstance(resource, Layer):
            raise ValueError(f"`resource` must be a layer or a model, got {resource!r}.")
        if not resource.built:
            raise ValueError(f"{resource.name!r} has no weights yet: call it on data before it is tracked.")
        if all(resource is not other for other in self._tracked):
            self._tracked.append(resource)

    def add_endpoint(
        self, name: str, fn: Callable[..., Any], input_signature: Any = None, **kwargs: Any
    ) -> Callable[..., Any]:
        """Add a function.

        Args:
            name: string, that of the endpoint.
            fn: a model or layer, its `call`, or any function of tensors that computes with `keras.ops` and variables.
            input_signature: list with a structure of `InputSpec`s, `KerasTensor`s or arrays for each argument; None for
                what a model was built on.
            **kwargs: accepted, as they speak of other backends.

        Returns:
            `fn`.

        Raises:
            ValueError: for a name that is taken, and where the shapes are not known.
        """
        if name in self._endpoints:
            raise ValueError(f"There is an endpoint {name!r} already. Give this one another name.")
        if not callable(fn):
            raise ValueError(f"`fn` must be a function, a layer or a model, got {fn!r}.")
        owner = getattr(fn, "__self__", fn)
        self._endpoints[name] = (fn, signature_of(owner, input_signature))
        return fn

    def track_and_add_endpoint(
        self, name: str, resource: Any, input_signature: Any = None, **kwargs: Any
    ) -> Callable[..., Any]:
        """Track a layer or model, and add a call of it as an endpoint.

        Args:
            name: string, that of the endpoint.
            resource: the layer or model.
            input_signature: as for `add_endpoint`.
            **kwargs: accepted, as they speak of other backends.

        Returns:
            `resource`.
        """
        self.track(resource)
        return self.add_endpoint(name, resource, input_signature, **kwargs)

    def add_variable_collection(self, name: str, variables: Sequence[Variable]) -> None:
        """Add variables whose values are written beside the endpoints, as `name`.npz.

        Args:
            name: string.
            variables: list, tuple or set of `Variable`s.

        Raises:
            ValueError: for a name that is taken, and for what is no variable.
        """
        if not isinstance(variables, (list, tuple, set)) or not all(isinstance(v, Variable) for v in variables):
            raise ValueError(f"`variables` must be a list, tuple or set of Variables, got {variables!r}.")
        if name in self._collections:
            raise ValueError(f"There is a collection {name!r} already. Give this one another name.")
        self._collections[name] = list(variables)

    @property
    def variables(self) -> list[Variable]:
        """The variables of what is tracked."""
        return [v for layer in self._tracked for v in layer.variables]

    @property
    def trainable_variables(self) -> list[Variable]:
        """Those that training changes."""
        return [v for layer in self._tracked for v in layer.trainable_variables]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Those that it does not."""
        return [v for layer in self._tracked for v in layer.non_trainable_variables]

    def write_out(self, filepath: PathLike, options: Any = None, verbose: bool = True) -> None:
        """Write the endpoints.

        Args:
            filepath: path of the folder; or of the file, where it ends in ".onnx".
            options: must be None; it speaks of SavedModels.
            verbose: whether to print what was written.

        Raises:
            ValueError: without endpoints, with several for one file, and for what ONNX can't say, naming the layer.
        """
        path = os.fspath(filepath)
        if options is not None:
            raise ValueError(f"`options` speaks of SavedModels; leave it None, got {options!r}.")
        if not self._endpoints:
            raise ValueError("There is no endpoint to write. Add one with `add_endpoint`.")
        single = path.endswith(".onnx")
        if single and len(self._endpoints) + len(self._collections) > 1:
            raise ValueError(f"A file holds one endpoint and nothing else; give the path of a folder, got {path!r}.")
        for name, (function, signature) in self._endpoints.items():
            opset, external = (self._options.get(key) for key in ("opset_version", "external_data"))
            place = path if single else os.path.join(path, f"{name}.onnx")
            write(as_onnx(function, signature, None, name, opset), place, external)
            if verbose:
                inputs = ", ".join(f"{spec.name}: {spec.dtype}{list(spec.shape)}" for spec in signature.flat)
                print(f"Endpoint {name!r} ({inputs}): {place}")
        for name, variables in self._collections.items():
            with replacing(os.path.join(path, f"{name}.npz")) as part, open(part, "wb") as file:
                np.savez(file, **{v.path: v.numpy() for v in variables})


def _refusal(name):
    if name in ("saved_model", "tf_saved_model"):
        return f"kerasish writes no format={name!r}. {ELSEWHERE['tf_saved_model']}"
    return f"`format` must be 'onnx', got {name!r}.{did_you_mean(str(name), _FORMATS)}"
