"""What a node costs by its shapes: floating-point operations and bytes moved.

The rules are those that are usual for counting by hand.

- A product and its addition are two operations: matmul 2 m n k; conv 2 * outputs * window * channels taken, and so for
  both of its gradients.
- An elementwise call is one operation an element of the output, a division or an exponential as much as an addition; a
  cast, a comparison and a choice are too.
- A reduction or a cumulative sum is one operation an element read; a pool one a point of a window; a scatter one an
  element added.
- Moving elements, making constants, random bits and indices: none. Factorisations: the leading term of the textbook's
  count. fft: 5 n log2 n.
- A loop is its body times its length (a `while_loop` counts once: its length is not known), a branch its dearer side, a
  fused group the sum of its nodes.
- Bytes: each distinct operand is read once and each output written once; what is a view of its operand moves nothing,
  and an operand that is read by indices counts the elements taken. A fused group moves what goes in and comes out; what
  stays inside is free.
"""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.dtypes import bits
from kerasish.backend.primitives.shapes import product
from kerasish.typing import TensorLike

FREE = frozenset(
    (
        "full",
        "reshape",
        "transpose",
        "broadcast_to",
        "concatenate",
        "slice",
        "slice_gradient",
        "dynamic_slice",
        "dynamic_update",
        "pad",
        "flip",
        "identity",
        "stop_gradient",
        "take",
        "take_along_axis",
        "gather_nd",
        "scatter_update",
        "put_rows",
        "arange",
        "philox",
        "bitcast",
        "custom_gradient",
        "host_call",
        "searchsorted",
    )
)
VIEWS = frozenset(("reshape", "transpose", "broadcast_to", "slice"))
_READERS = frozenset(("take", "take_along_axis", "gather_nd", "dynamic_slice"))  # read as much as they write
_ADDERS = {
    "take_gradient": 0,
    "sum_rows": 0,
    "put_along_axis_add": 0,
    "scatter_nd_add": 2,
    "scatter_nd_combine": 2,
}  # the operand that is added
CONVOLUTIONS = frozenset(("conv", "conv_input_gradient", "conv_kernel_gradient"))
PRODUCTS = CONVOLUTIONS | {"matmul"}


def flops(node: Any) -> Any:
    """Floating-point operations of one run of `node` (int)."""
    name = node.operation.name
    rule = _RULES.get(name)
    if rule is not None:
        return int(rule(node))
    if name in FREE:
        return 0
    return sum(_size(t) for t in node.outputs[:1])


def bytes_moved(node: Any) -> Any:
    """Bytes that one run of `node` reads and writes at least (int)."""
    name = node.operation.name
    if name in VIEWS:
        return 0
    written = sum(tensor_bytes(t) for t in node.outputs)
    if name in _READERS:
        return 2 * written + sum(tensor_bytes(x) for x in node.inputs[1:])
    if name == "put_rows":  # in place
        return tensor_bytes(node.inputs[1]) + 2 * tensor_bytes(node.inputs[2])
    if name in ("scan", "while_loop", "cond"):
        return _of_bodies(node, bytes_moved)
    return written + sum(tensor_bytes(x) for x in {id(x): x for x in node.inputs}.values())


def products(node: Any) -> tuple[Any, ...]:
    """The part of `flops(node)` that is convolutions (first number) and matrix products (second).

    Those inside of a fused group or a loop are included.
    """
    name = node.operation.name
    if name in CONVOLUTIONS:
        return flops(node), 0
    if name == "matmul":
        return 0, flops(node)
    if name == "fused":
        parts = [products(inner) for inner in _group(node)]
        return sum(c for c, _ in parts), sum(m for _, m in parts)
    if name in ("scan", "while_loop", "cond"):
        return int(_of_bodies(node, lambda inner: products(inner)[0])), int(
            _of_bodies(node, lambda inner: products(inner)[1])
        )
    return 0, 0


def _size(tensor):
    return product(tensor.shape) or 0


def tensor_bytes(tensor: TensorLike) -> Any:
    """Bytes of a tensor's elements."""
    return _size(tensor) * (bits(tensor.dtype) // 8)


def _group(node):
    return node.attributes["group"].nodes


def _convolved(activations, kernel_shape):
    """2 * outputs * window * channels taken: `activations` has the shape of the forward convolution's output."""
    return 2 * _size(activations) * product(kernel_shape[:-1])


def _matmul(node):
    x, transposed = node.inputs[0], node.attributes.get("transpose_x", False)
    return 2 * _size(node.outputs[0]) * x.shape[-2 if transposed else -1]


def _pooled(points):
    """A pool's windows have as many points as `window` says; `points(node)` is the tensor with one element a window."""
    return lambda node: _size(points(node)) * product(node.attributes["window"])


def _read(node):
    return _size(node.inputs[0])


def _sorted(node):
    x = node.inputs[0]
    n = x.shape[node.attributes.get("axis", -1)] if x.shape else 1
    return _size(x) * max(1, math.ceil(math.log2(n or 1)) if n > 1 else 1)


def _matrices(count):
    """`count(m, n)` operations for each matrix in the operand's last two axes."""

    def rule(node):
        *lead, m, n = node.inputs[0].shape
        return product(lead) * count(m, n)

    return rule


def _solved(node):
    n, columns = node.inputs[0].shape[-1], node.outputs[0].shape[-1]
    lead = product(node.outputs[0].shape[:-2])
    factored = 2 * n**3 / 3 if node.operation.name == "solve" else 0
    each = n * n if node.operation.name == "triangular_solve" else 2 * n * n
    return lead * (factored + each * columns)


def _transformed(node):
    size = max(_size(node.inputs[0]), _size(node.outputs[0]))
    n = max([1, *node.inputs[0].shape[-1:], *node.outputs[0].shape[-1:]])
    return 5 * size * max(1.0, math.log2(n))


def _of_bodies(node, count):
    """`count` over the nodes of a loop's or a branch's graphs."""
    name, attributes = node.operation.name, node.attributes

    def body(graph):
        return sum(count(inner) for inner in graph.nodes)

    if name == "scan":
        return attributes["length"] * body(attributes["body"])
    if name == "while_loop":
        return body(attributes["condition"]) + body(attributes["body"])
    return max(body(graph) for graph in attributes["branches"])


def _added(node):
    return _size(node.inputs[_ADDERS[node.operation.name]])


_RULES = {
    "conv": lambda node: _convolved(node.outputs[0], node.inputs[1].shape),
    "conv_input_gradient": lambda node: _convolved(node.inputs[0], node.inputs[1].shape),
    "conv_kernel_gradient": lambda node: _convolved(node.inputs[1], node.outputs[0].shape),
    "matmul": _matmul,
    "max_pool": _pooled(lambda node: node.outputs[0]),
    "sum_pool": _pooled(lambda node: node.outputs[0]),
    "max_pool_gradient": _pooled(lambda node: node.inputs[2]),
    "max_pool_gather": _pooled(lambda node: node.inputs[1]),
    "sum_pool_gradient": _pooled(lambda node: node.inputs[0]),
    **{
        name: _read
        for name in ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "cumsum", "cumprod", "cummax")
    },
    **{name: _added for name in _ADDERS},
    "argsort": _sorted,
    "top_k": _sorted,
    "fft": _transformed,
    "rfft": _transformed,
    "irfft": _transformed,
    "cholesky": _matrices(lambda m, n: n**3 / 3),
    "lu": _matrices(lambda m, n: 2 * n**3 / 3),
    "slogdet": _matrices(lambda m, n: 2 * n**3 / 3),
    "qr": _matrices(lambda m, n: 2 * m * n * n),
    "eigh": _matrices(lambda m, n: 9 * n**3),
    "svd": _matrices(lambda m, n: 14 * max(m, n) * min(m, n) ** 2),
    "singular_values": _matrices(lambda m, n: 4 * max(m, n) * min(m, n) ** 2),
    "solve": _solved,
    "triangular_solve": _solved,
    **{name: (lambda node: _of_bodies(node, flops)) for name in ("scan", "while_loop", "cond")},
    "fused": lambda node: sum(flops(inner) for inner in _group(node)),
}
