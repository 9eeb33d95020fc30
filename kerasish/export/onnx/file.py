"""The file: a model of ONNX around the main graph, checked, and written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.export.onnx.biases import join_biases
from kerasish.export.onnx.graph_writer import GraphWriter
from kerasish.export.onnx.onnx_package import onnx_dtype, onnx_module
from kerasish.export.onnx.reading import names_read, needed
from kerasish.export.onnx.value import Value
from kerasish.whole_files import replacing

_LARGEST_MESSAGE = 2**31 - (1 << 20)  # bytes that protobuf takes in one message, less some room for the graph
_ML_VERSION = 4  # of the operators "ai.onnx.ml", with which LabelEncoder takes tensors


def model_of(graph: GraphWriter, name: str, inputs: Sequence[Value], outputs: Sequence[Value]) -> Any:
    """The ModelProto of a graph; `inputs` and `outputs` have names and shapes."""
    helper = onnx_module().helper
    wanted = {x.name for x in outputs}
    nodes = join_biases(needed(graph.nodes, wanted), {x.name: x for x in graph.file.constants}, wanted)
    read = set(names_read(nodes)) | wanted
    constants = [x for x in graph.file.constants if x.name in read]
    made = helper.make_graph(
        nodes, name, [_described(x) for x in inputs], [_described(x) for x in outputs], [_tensor(x) for x in constants]
    )
    imports = [helper.make_opsetid("", graph.opset)]
    imports += [helper.make_opsetid(domain, _ML_VERSION) for domain in sorted(graph.file.domains)]
    return helper.make_model(
        made,
        opset_imports=imports,
        ir_version=helper.find_min_ir_version_for(imports),
        producer_name="kerasish",
    )


def _described(value):
    shape = [n if type(n) is int else str(n) for n in value.shape]
    return onnx_module().helper.make_tensor_value_info(value.name, onnx_dtype(value.dtype).code, shape)


def _tensor(value):
    if value.dtype == "string":
        words = [word.encode() if isinstance(word, str) else word for word in value.array.ravel().tolist()]
        return onnx_module().helper.make_tensor(value.name, onnx_dtype("string").code, value.array.shape, words)
    return onnx_module().numpy_helper.from_array(
        np.ascontiguousarray(value.array).reshape(value.array.shape), value.name
    )


def write(model: Any, path: str, external_data: bool | None) -> None:
    """Write a ModelProto.

    Args:
        model: ModelProto.
        path: string.
        external_data: whether the numbers lie in a file of their own, `path` + ".data"; None: where protobuf can't
            hold them.
    """
    onnx = onnx_module()
    size = sum(tensor.ByteSize() for tensor in model.graph.initializer)
    if external_data is None:
        external_data = size > _LARGEST_MESSAGE
    if size <= _LARGEST_MESSAGE:
        onnx.checker.check_model(model)
    if external_data:
        data = f"{os.path.basename(path)}.data"
        with _both_in_place(path, data) as part:
            onnx.save_model(model, part, save_as_external_data=True, location=data, size_threshold=1024)
        return
    with replacing(path) as part:
        onnx.save_model(model, part)


@contextmanager
def _both_in_place(path: str, data: str) -> Iterator[str]:
    """A place for a file and the data beside it; both then go to the folder of `path`, the data first."""
    folder = os.path.dirname(os.path.realpath(path))
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as between:
        yield os.path.join(between, os.path.basename(path))
        for name in (data, os.path.basename(path)):
            if os.path.exists(os.path.join(between, name)):
                os.replace(os.path.join(between, name), os.path.join(folder, name))
