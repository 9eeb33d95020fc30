"""What the calls of a primitive cost by their shapes: models of cost that rows name.

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
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kerasish.backend.dtypes import bits
from kerasish.backend.primitives.shapes import product
from kerasish.typing import TensorLike


class Kind(Enum):
    """The classes of cost."""

    CHEAP = "elementwise, an instruction or two"
    EXPENSIVE = "elementwise, many instructions: a division, a root, an exponential"
    MOVEMENT = "moves elements, or makes them of nothing"
    LOOKUP = "reads by indices"
    SCATTER = "adds by indices"
    REDUCTION = "one operation an element read"
    MATMUL = "a product of matrices"
    CONVOLUTION = "a product of windows"
    POOL = "one operation a point of a window"
    SORT = "compares"
    TRANSFORM = "a Fourier transform"
    DECOMPOSITION = "factorises matrices, or solves with them"
    RANDOM = "makes random bits"
    GRAPH = "runs a graph"
    HOST = "runs a function of the user's"
    MESSAGE = "sends to other ranks and receives from them"


def size(tensor: TensorLike) -> int:
    """Elements of a tensor, 0 where that is not known."""
    return product(tensor.shape) or 0


def tensor_bytes(tensor: TensorLike) -> int:
    """Bytes of a tensor's elements."""
    return size(tensor) * (bits(tensor.dtype) // 8)


def ends(node: Any) -> int:
    """Each distinct operand read once, each output written once."""
    written = sum(tensor_bytes(t) for t in node.outputs)
    return written + sum(tensor_bytes(x) for x in {id(x): x for x in node.inputs}.values())


def _nothing(node):
    return 0


@dataclass(frozen=True)
class Cost:
    """How one primitive's calls are counted.

    Attributes:
        kind: a Kind. flops: function from a Node to its floating-point operations.
        moved: function from a Node to the bytes that it reads and writes at least.
        inside: function `(node, count)` that adds up `count(inner node)` over the graphs that the node runs; or None.
    """

    kind: Kind
    flops: Callable[[Any], float]
    moved: Callable[[Any], int] = ends
    inside: Callable[[Any, Callable[[Any], float]], float] | None = None

    @property
    def expensive(self) -> bool:
        """Whether an element takes so long that reading it back from memory is quicker."""
        return self.kind is Kind.EXPENSIVE


def flops(node: Any) -> int:
    """Floating-point operations of one run of `node`."""
    return int(node.operation.traits.cost.flops(node))


def bytes_moved(node: Any) -> int:
    """Bytes that one run of `node` reads and writes at least."""
    return node.operation.traits.cost.moved(node)


# -- element by element -----------------------------------------------------------------------------------------------


def _written(node):
    return sum(size(t) for t in node.outputs[:1])


CHEAP = Cost(Kind.CHEAP, _written)
EXPENSIVE = Cost(Kind.EXPENSIVE, _written)

# -- movement ---------------------------------------------------------------------------------------------------------


def _rows_put(node):
    """Of `put_rows`, in place."""
    return tensor_bytes(node.inputs[1]) + 2 * tensor_bytes(node.inputs[2])


def _rows_caught_up(node):
    """Of `catch_up`, for one missed step: each row that is named is read and written."""
    indices, *tables = node.inputs
    named = [x for x in tables if len(x.shape) > 1]
    return 2 * sum(size(indices) * tensor_bytes(x) // max(1, x.shape[0]) for x in named)


def _taken(node):
    """As much is read as is written, and the indices."""
    return 2 * sum(tensor_bytes(t) for t in node.outputs) + sum(tensor_bytes(x) for x in node.inputs[1:])


MOVEMENT = Cost(Kind.MOVEMENT, _nothing)
VIEW = Cost(Kind.MOVEMENT, _nothing, _nothing)
ROWS_PUT = Cost(Kind.MOVEMENT, _nothing, _rows_put)
ROWS_CAUGHT_UP = Cost(Kind.MOVEMENT, _nothing, _rows_caught_up)
LOOKUP = Cost(Kind.LOOKUP, _nothing, _taken)
SEARCH = Cost(Kind.SORT, _nothing)
RANDOM = Cost(Kind.RANDOM, _nothing)
HOST = Cost(Kind.HOST, _nothing)
MESSAGE = Cost(Kind.MESSAGE, _nothing)


def sampled() -> Cost:
    """Of each element two operations for each neighbour that is weighed."""
    return Cost(
        Kind.LOOKUP, lambda node: 2 * node.attributes["order"] * 2 ** (len(node.inputs) - 1) * size(node.outputs[0])
    )


def scatter(added: int) -> Cost:
    """`added`: position of the operand whose elements are added, one operation each."""
    return Cost(Kind.SCATTER, lambda node: size(node.inputs[added]))


# -- reductions, windows, sorting -------------------------------------------------------------------------------------


def _read(node):
    return size(node.inputs[0])


def _sorted(node):
    x = node.inputs[0]
    n = x.shape[node.attributes.get("axis", -1)] if x.shape else 1
    return size(x) * max(1, math.ceil(math.log2(n or 1)) if n > 1 else 1)


REDUCTION = Cost(Kind.REDUCTION, _read)
SORT = Cost(Kind.SORT, _sorted)


def pool(points: Callable[[Any], Any]) -> Cost:
    """A window has as many points as `window` says; `points(node)` is the tensor with one element a window."""
    return Cost(Kind.POOL, lambda node: size(points(node)) * product(node.attributes["window"]))


# -- products ---------------------------------------------------------------------------------------------------------


def _matmul(node):
    x, transposed = node.inputs[0], node.attributes.get("transpose_x", False)
    return 2 * size(node.outputs[0]) * x.shape[-2 if transposed else -1]


MATMUL = Cost(Kind.MATMUL, _matmul)


def attention(along_size: int, along_values: int) -> Cost:
    """As many products over the size of a head, and over that of its values, for each pair of query and key."""

    def rule(node):
        query, key, value = node.inputs[:3]
        each = along_size * query.shape[3] + along_values * value.shape[3]
        return 2 * product(query.shape[:3]) * key.shape[1] * each

    return Cost(Kind.MATMUL, rule)


def convolution(operands: Callable[[Any], tuple[Any, Any]]) -> Cost:
    """2 * outputs * window * channels taken.

    `operands(node)`: (tensor with the shape of the forward convolution's output, kernel or its gradient).
    """

    def rule(node):
        activations, kernel = operands(node)
        return 2 * size(activations) * product(kernel.shape[:-1])

    return Cost(Kind.CONVOLUTION, rule)


# -- linear algebra ---------------------------------------------------------------------------------------------------


def matrices(count: Callable[[int, int], float]) -> Cost:
    """`count(m, n)` operations for each matrix in the operand's last two axes."""

    def rule(node):
        *lead, m, n = node.inputs[0].shape
        return product(lead) * count(m, n)

    return Cost(Kind.DECOMPOSITION, rule)


def solution(factors: Callable[[int], float], each: int) -> Cost:
    """Of n equations: `factors(n)` operations for the factors, and `each` n^2 for each right side."""

    def rule(node):
        n, columns = node.inputs[0].shape[-1], node.outputs[0].shape[-1]
        return product(node.outputs[0].shape[:-2]) * (factors(n) + each * n * n * columns)

    return Cost(Kind.DECOMPOSITION, rule)


def _transformed(node):
    most = max(size(node.inputs[0]), size(node.outputs[0]))
    n = max([1, *node.inputs[0].shape[-1:], *node.outputs[0].shape[-1:]])
    return 5 * most * max(1.0, math.log2(n))


TRANSFORM = Cost(Kind.TRANSFORM, _transformed)

# -- what runs graphs -------------------------------------------------------------------------------------------------


def graph(inside: Callable[[Any, Callable[[Any], float]], float]) -> Cost:
    """Of a loop or a branch: what its bodies cost, as `inside` adds it up."""
    return Cost(Kind.GRAPH, lambda node: inside(node, flops), lambda node: inside(node, bytes_moved), inside)


def body(of: Any, count: Callable[[Any], float]) -> float:
    """`count` over the nodes of a TracedGraph."""
    return sum(count(inner) for inner in of.nodes)


def _of_group(node, count):
    return sum(count(inner) for inner in node.attributes["group"].nodes)


FUSED = Cost(Kind.GRAPH, lambda node: _of_group(node, flops), ends, _of_group)
PASSED_THROUGH = Cost(Kind.GRAPH, _nothing)
