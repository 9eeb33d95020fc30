"""`cudnn`, the package of nvidia-cudnn-frontend, as far as the device uses it: graphs are read, and run by NumPy.

It refuses what cuDNN refuses: other than dense channels-last images, number types that it has no kernels for, windows
that leave out some of an image, tensors that do not begin at a multiple of 16 bytes, too little memory to work in, and
a handle that is on another stream than the one in use. (`test_cudnn.py` asks the real one which graphs it takes.)
"""

import enum
import hashlib
import itertools
import math
import pickle
from pathlib import Path

import ml_dtypes  # noqa: F401  (NumPy knows bfloat16 by name)
import numpy as np

from tests.cupy_standin import streams
from tests.cupy_standin.cublas import Operand
from tests.cupy_standin.memory import GARBAGE, block_at

__version__ = f"1.32.0 {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"  # plans of another are not read
_WORKSPACE = 4096


class cudnnGraphNotSupportedError(RuntimeError):
    """As cuDNN's."""


class data_type(enum.Enum):
    NOT_SET, FLOAT, HALF, BFLOAT16, DOUBLE = None, "float32", "float16", "bfloat16", "float64"


heur_mode = enum.Enum("heur_mode", "A B FALLBACK OPENSOURCE")
build_plan_policy = enum.Enum("build_plan_policy", "HEURISTICS_CHOICE ALL")
numerical_note = enum.Enum("numerical_note", "TENSOR_CORE DOWN_CONVERT_INPUTS NONDETERMINISTIC WINOGRAD FFT")


def backend_version():
    return 92801


class _Handle:
    def __init__(self):
        self.stream, self.card = 0, streams.device_id()


def create_handle():
    return _Handle()


def set_stream(handle, stream):
    handle.stream = stream


class Tensor:
    """A tensor of a graph."""

    def __init__(self, dim=None, stride=None, data_type=data_type.NOT_SET, uid=None, is_virtual=True, name=""):
        self.dim, self.stride, self.kind, self.uid, self.is_virtual = dim, stride, data_type, uid, is_virtual

    def set_dim(self, dim):
        self.dim = list(dim)
        return self

    def set_stride(self, stride):
        self.stride = list(stride)
        return self

    def set_data_type(self, kind):
        self.kind = kind
        return self

    def set_output(self, is_output):
        self.is_virtual = not is_output
        return self

    def set_uid(self, uid):
        self.uid = uid
        return self


_POINTWISE = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "max": np.maximum, "min": np.minimum,
    "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "softplus": lambda x: np.logaddexp(x, 0),
}  # fmt: skip


class pygraph:
    """As `cudnn.pygraph`: what is put in, in order."""

    def __init__(
        self, io_data_type=None, intermediate_data_type=None, compute_data_type=None, handle=None,
    ):  # fmt: skip
        self._operations, self._tensors, self._state = [], {}, "open"
        self._compute, self._plan = compute_data_type, None

    def tensor(self, dim, stride=None, data_type=None, name="", uid=None):
        made = Tensor(list(dim), list(stride), data_type, uid, False)
        self._tensors[uid] = made
        return made

    def _made(self, name, *operands, **facts):
        return self._several(1, name, *operands, **facts)[0]

    def _several(self, count, name, *operands, **facts):
        made = [Tensor() for _ in range(count)]
        self._operations.append((name, operands, facts, made))
        return made

    def conv_fprop(self, image, weight, pre_padding=(), post_padding=(), stride=(), dilation=()):
        return self._made("fprop", image, weight, windows=(pre_padding, post_padding, stride, dilation))

    def conv_dgrad(self, loss, filter, pre_padding=(), post_padding=(), stride=(), dilation=()):
        return self._made("dgrad", loss, filter, windows=(pre_padding, post_padding, stride, dilation))

    def conv_wgrad(self, image, loss, pre_padding=(), post_padding=(), stride=(), dilation=()):
        return self._made("wgrad", image, loss, windows=(pre_padding, post_padding, stride, dilation))

    def sdpa(
        self, q, k, v, attn_scale=None, bias=None, diagonal_band_right_bound=None, dropout=None, generate_stats=None,
    ):  # fmt: skip
        assert generate_stats is True and (dropout is None or len(dropout) == 2)
        more, facts = _attention_facts(attn_scale, bias, diagonal_band_right_bound, dropout)
        return self._several(2, "sdpa", q, k, v, *more, **facts)

    def sdpa_backward(
        self, q, k, v, o, dO, stats, attn_scale=None, bias=None, diagonal_band_right_bound=None, dropout=None,
    ):  # fmt: skip
        assert dropout is None or len(dropout) == 3
        more, facts = _attention_facts(attn_scale, bias, diagonal_band_right_bound, dropout)
        return self._several(3, "sdpa_backward", q, k, v, o, dO, stats, *more, **facts)

    def __getattr__(self, name):
        if name not in _POINTWISE:
            raise AttributeError(name)
        return lambda *operands: self._made(name, *operands)

    def relu(self, input, upper_clip=None):
        return self._made("relu", input, most=np.inf if upper_clip is None else upper_clip)

    # -- planning -----------------------------------------------------------------------------------------------------

    def validate(self):
        self._state = "valid"
        kept = {id(out): out for *_, made in self._operations for out in made if not out.is_virtual}
        self._tensors.update({out.uid: out for out in kept.values()})
        for name, _, facts, _ in self._operations:
            if "windows" in facts and any(n < 0 for part in facts["windows"] for n in part):
                raise RuntimeError(f"{name}: negative padding, stride or dilation")

    def build_operation_graph(self):
        assert self._state == "valid"
        COUNTS["graphs"] += 1
        self._state = "lowered"

    def create_execution_plans(self, modes):
        assert self._state == "lowered" and modes
        self._state = "planned"

    def deselect_numeric_notes(self, notes):
        assert self._state == "planned" and notes

    def check_support(self):
        assert self._state == "planned"
        if any("band" in facts for _, _, facts, _ in self._operations):
            _check_attention(self._operations)
            self._state = "supported"
            return
        for tensor in self._tensors.values():
            if tensor.kind not in (data_type.FLOAT, data_type.HALF, data_type.BFLOAT16):
                raise cudnnGraphNotSupportedError(f"no engine for {tensor.kind}")
            if len(tensor.dim) not in (4, 5):
                raise cudnnGraphNotSupportedError(f"tensors have four or five dimensions, got {tensor.dim}")
            _dense(tensor)
        convolutions = [op for op in self._operations if "windows" in op[2]]
        if len(convolutions) != 1 or self._operations[0] is not convolutions[0]:
            raise cudnnGraphNotSupportedError("one convolution, and what follows it")
        self._state = "supported"

    def get_execution_plan_count(self):
        return 2

    def build_plans(self, policy=None):
        assert self._state == "supported"
        self._plan = 0

    def build_plan_at_index(self, index):
        assert self._state == "supported"
        if not 0 <= index < 2:
            raise cudnnGraphNotSupportedError(f"no plan {index}")
        self._plan = index

    def get_workspace_size(self):
        assert self._plan is not None
        return _WORKSPACE

    def get_workspace_size_plan_at_index(self, index):
        return _WORKSPACE

    def serialize(self):
        assert self._plan is not None
        return list(pickle.dumps((self._operations, self._tensors, self._plan)))

    def deserialize(self, handle, data):
        COUNTS["read"] += 1
        self._operations, self._tensors, self._plan = pickle.loads(bytes(data))

    # -- running ------------------------------------------------------------------------------------------------------

    def execute_plan_at_index(self, tensor_dict, workspace, index, handle=None):
        self.execute(tensor_dict, workspace, handle)

    def execute(self, tensor_dict, workspace=None, handle=None):
        assert self._plan is not None and set(tensor_dict) == set(self._tensors)
        if handle.stream != streams.current().ptr or handle.card != streams.device_id():
            raise AssertionError("The handle has another stream or card than what is launched.")
        work_in = block_at(workspace)
        assert work_in.address + work_in.size - workspace >= _WORKSPACE and workspace % 256 == 0
        views = {uid: _view(self._tensors[uid], address) for uid, address in tensor_dict.items()}
        results = {out.uid for *_, made in self._operations for out in made if not out.is_virtual}

        def work():
            begin = workspace - work_in.address
            work_in.bytes[begin : begin + _WORKSPACE] = GARBAGE  # where nothing may lie that is still needed
            with np.errstate(all="ignore"):
                self._run(views)

        reads = [Operand(view) for uid, view in views.items() if uid not in results]
        scratch = np.ndarray((_WORKSPACE,), np.uint8, work_in.bytes, workspace - work_in.address)
        streams.compute(work, reads, [*(Operand(views[uid]) for uid in results), Operand(scratch)])

    def _run(self, views):
        values = {id(t): views[uid].astype("float32") for uid, t in self._tensors.items()}
        for name, operands, facts, made in self._operations:
            given = [values[id(t)] for t in operands]
            for out, found in zip(made, _computed(name, given, made, facts)):
                values[id(out)] = found = found.astype("float32")
                if not out.is_virtual:
                    views[out.uid][...] = found.astype(views[out.uid].dtype)


COUNTS = {"graphs": 0, "read": 0}


def _computed(name, given, made, facts):
    """What an operation makes, a list."""
    if name in _POINTWISE:
        return [_POINTWISE[name](*given)]
    if name == "relu":
        return [np.clip(given[0], 0, facts["most"])]
    if "band" in facts:
        return attended(name, given, facts)
    return [_convolved(name, *given, made[0].dim, facts)]


def _attention_facts(scale, bias, band, dropout):
    """(operands beside those that all have, what else is to be known)."""
    assert type(scale) is float
    more = [*([] if bias is None else [bias]), *(dropout or ())]
    return more, {"scale": scale, "band": band, "biased": bias is not None, "dropped": dropout is not None}


def _check_attention(operations):
    """Refuse what cuDNN has no attention for: its dtypes, sizes of heads and layouts (batch, heads, length, size)."""
    if len(operations) != 1:
        raise cudnnGraphNotSupportedError("attention stands alone in a graph")
    name, operands, facts, made = operations[0]
    halves = [t for t in (*operands, *made) if t.kind is not data_type.FLOAT]
    floats = [t for t in (*operands, *made) if t.kind is data_type.FLOAT]
    if len({t.kind for t in halves}) != 1 or halves[0].kind not in (data_type.HALF, data_type.BFLOAT16):
        raise cudnnGraphNotSupportedError(f"attention of {[t.kind for t in halves]}")
    if any(t.dim[3] != 1 for t in floats) or len(floats) != 1 + facts["dropped"] * (2 if name != "sdpa" else 1):
        raise cudnnGraphNotSupportedError("the sums and numbers are float32, and nothing else is")
    query, key, value = operands[:3]
    for tensor in (*operands, *made):
        if len(tensor.dim) != 4 or tensor.dim[3] != 1 and tensor.stride[3] != 1:
            raise cudnnGraphNotSupportedError(f"strides {tensor.stride}: the numbers of a head must lie side by side")
    sizes = query.dim[3], value.dim[3]
    wide = name == "sdpa" or sizes == (192, 128) or sizes == (256, 256) and not facts["dropped"]  # as on a B200
    if any(n % 8 or n > (256 if wide else 128) for n in sizes):
        raise cudnnGraphNotSupportedError(f"heads of {query.dim[3]} and {value.dim[3]} numbers")
    if query.dim[1] % key.dim[1] or key.dim[:3] != value.dim[:3] or query.dim[3] != key.dim[3]:
        raise cudnnGraphNotSupportedError("queries, keys and values do not belong together")
    more = operands[3 if name == "sdpa" else 6 :]
    if facts["biased"] and (more[0].dim[2] not in (1, query.dim[2]) or more[0].dim[3] != key.dim[2]):
        raise cudnnGraphNotSupportedError(f"a bias of {more[0].dim}")
    if facts["dropped"] and more[facts["biased"]].dim != [*query.dim[:3], key.dim[2]]:
        raise cudnnGraphNotSupportedError(f"a mask of {more[facts['biased']].dim}")


def attended(name, given, facts):
    """What attention makes, and the logarithms of its sums; or its gradients."""
    query, key, value, *others = given
    own = 0 if name == "sdpa" else 3
    bias = others[own] if facts["biased"] else 0.0
    dropped = others[own + facts["biased"] :]
    kept = dropped[0] * dropped[1] if dropped else 1.0
    others = others[:own]
    each = query.shape[1] // key.shape[1]
    keys, values = np.repeat(key, each, 1), np.repeat(value, each, 1)
    logits = np.einsum("bhtd,bhsd->bhts", query, keys) * facts["scale"] + bias
    if facts["band"] is not None:
        after = np.arange(logits.shape[3]) > np.arange(logits.shape[2])[:, None] + facts["band"]
        logits = np.where(after, -np.inf, logits)
    if name == "sdpa":
        most = logits.max(-1, keepdims=True)
        sums = most + np.log(np.exp(logits - most).sum(-1, keepdims=True))
        return [np.einsum("bhts,bhsd->bhtd", np.exp(logits - sums) * kept, values), sums]
    made, arrived, sums = others
    weights = np.exp(logits - sums)
    if dropped:
        np.testing.assert_allclose(dropped[1] * dropped[2], 1.0, rtol=1e-6)
    to_weights = np.einsum("bhtd,bhsd->bhts", arrived, values) * kept
    to_logits = weights * (to_weights - (arrived * made).sum(-1, keepdims=True)) * facts["scale"]

    def shared(x):
        return x.reshape(x.shape[0], -1, each, *x.shape[2:]).sum(2)

    return [
        np.einsum("bhts,bhsd->bhtd", to_logits, keys),
        shared(np.einsum("bhts,bhtd->bhsd", to_logits, query)),
        shared(np.einsum("bhts,bhtd->bhsd", weights * kept, arrived)),
    ]


def _dense(tensor):
    """Refuse what is not one dense block, channels (or, of filters, filters) side by side."""
    order = sorted((stride, size) for stride, size in zip(tensor.stride, tensor.dim) if size > 1)
    expected = 1
    for stride, size in order:
        if stride != expected:
            raise cudnnGraphNotSupportedError(f"strides {tensor.stride} of {tensor.dim} are not dense")
        expected *= size
    if 1 not in (tensor.stride[0], tensor.stride[1]) and math.prod(tensor.dim) > 1:
        raise cudnnGraphNotSupportedError(f"strides {tensor.stride}: channels must lie side by side")


def _view(tensor, address):
    if address % 16:
        raise AssertionError(f"A tensor begins at {address:#x}, which is no multiple of 16.")
    dtype = np.dtype(tensor.kind.value)
    block = block_at(address)
    end = sum((size - 1) * stride for size, stride in zip(tensor.dim, tensor.stride)) + 1
    if address - block.address + end * dtype.itemsize > block.size:
        raise AssertionError("A tensor reaches beyond its memory.")
    strides = [stride * dtype.itemsize for stride in tensor.stride]
    return np.ndarray(tensor.dim, dtype, block.bytes, address - block.address, strides)


def _convolved(name, first, second, dim, facts):
    """Place by place of the window; (batch, channels, *space) and (filters, channels / groups, *window)."""
    before, after, stride, dilation = facts["windows"]
    images = {"fprop": first.shape, "wgrad": first.shape, "dgrad": tuple(dim)}[name]
    kernel = {"fprop": second.shape, "dgrad": second.shape, "wgrad": tuple(dim)}[name]
    made = {"fprop": tuple(dim), "dgrad": first.shape, "wgrad": second.shape}[name]
    _check(images, kernel, made, before, after, stride, dilation)
    groups = images[1] // kernel[1]
    wide = np.zeros((*images[:2], *(n + a + b for n, a, b in zip(images[2:], before, after))), "float32")
    inside = (slice(None), slice(None), *(slice(a, a + n) for a, n in zip(before, images[2:])))
    if name != "dgrad":
        wide[inside] = first
    wide_by_group = wide.reshape(wide.shape[0], groups, -1, *wide.shape[2:])
    out = np.zeros(dim, "float32")
    filters = (second if name != "wgrad" else out).reshape(groups, -1, *kernel[1:])
    result = {"fprop": out, "dgrad": first, "wgrad": second}[name]
    result = result.reshape(made[0], groups, -1, *made[2:])
    for place in itertools.product(*map(range, kernel[2:])):
        at = tuple(slice(p * d, p * d + (m - 1) * s + 1, s) for p, d, m, s in zip(place, dilation, made[2:], stride))
        seen = wide_by_group[(slice(None), slice(None), slice(None), *at)]
        if name == "fprop":
            result += np.einsum("bgc...,gfc->bgf...", seen, filters[(..., *place)])
        elif name == "dgrad":
            seen += np.einsum("bgf...,gfc->bgc...", result, filters[(..., *place)])
        else:
            flat = seen.reshape(*seen.shape[:3], -1), result.reshape(*result.shape[:3], -1)
            filters[(..., *place)] = np.einsum("bgcs,bgfs->gfc", *flat)
    return wide[inside] if name == "dgrad" else out


def _check(images, kernel, made, before, after, stride, dilation):
    for n, k, m, a, b, s, d in zip(images[2:], kernel[2:], made[2:], before, after, stride, dilation):
        if (n + a + b - d * (k - 1) - 1) // s + 1 != m:
            raise AssertionError(f"windows over {images} by {kernel} do not make {made}")
    if images[0] != made[0] or kernel[0] != made[1] or images[1] % kernel[1]:
        raise AssertionError(f"{images}, {kernel} and {made} do not belong together")
