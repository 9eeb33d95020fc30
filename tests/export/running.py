"""A function, layer or model as a file of ONNX, and what onnxruntime makes of it: the oracle of the tests here."""

import numpy as np
import onnx
import onnxruntime

from kerasish import ops, tree
from kerasish.export.onnx.api import as_onnx
from kerasish.export.signatures import TensorSpec, signature_of

onnxruntime.set_default_logger_severity(4)


def host(structure):
    """Everything that is there as NumPy arrays, in a flat list."""
    return [ops.convert_to_numpy(x) for x in tree.flatten(structure) if x is not None]


def specs(arrays, opened=(0,)):
    """What describes arrays, with these axes open where they have them; a batch of 1 beside others is stretched."""
    batch = arrays[0].shape[0] if arrays and arrays[0].ndim else None
    return [
        TensorSpec(
            tuple(None if axis in opened and (axis or size == batch) else size for axis, size in enumerate(x.shape)),
            "string" if x.dtype.kind in "UO" else x.dtype.name,
            f"x{place}",
        )
        for place, x in enumerate(arrays)
    ]


def session_of(proto):
    """An onnxruntime session of a model that `onnx.checker` has looked at."""
    onnx.checker.check_model(proto, full_check=True)
    return onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])


def run(session, arrays):
    """The outputs for arrays, in the order of the file's inputs."""
    wanted = {i.name for i in session.get_inputs()}
    return session.run(None, {f"x{i}": x for i, x in enumerate(arrays) if f"x{i}" in wanted})


def exported(function, arrays, opened=(0,), opset=None):
    """The ModelProto of a function of arrays like these."""
    return as_onnx(function, signature_of(None, specs(arrays, opened)), None, "exported", opset)


def agree(got, want, rtol=1e-5, atol=1e-5, about=""):
    """Assert that what a file gives is what kerasish gives."""
    assert len(got) == len(want), about
    for a, b in zip(got, want):
        assert a.shape == b.shape, f"{about}: shape {a.shape}, kerasish {b.shape}"
        assert a.dtype == b.dtype or b.dtype.kind in "UO", f"{about}: {a.dtype}, kerasish {b.dtype}"
        if b.dtype.kind in "UO":
            assert a.tolist() == b.tolist(), about
        else:
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=str(about))


def check(function, *batches, opened=(0,), opset=None, **tolerance):
    """Export once, and compare on lists of arrays of several sizes. Returns the ModelProto."""
    proto = exported(function, batches[0], opened, opset)
    session = session_of(proto)
    for arrays in batches:
        agree(run(session, arrays), host(function(*arrays)), **tolerance)
    return proto


def kinds(proto):
    """How often each operator stands in the main graph."""
    found = {}
    for node in proto.graph.node:
        found[node.op_type] = found.get(node.op_type, 0) + 1
    return found
