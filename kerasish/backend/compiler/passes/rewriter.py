"""The walk that applies local rules: each node is looked at once, after everything it reads has its final form."""

from __future__ import annotations

from typing import Any

from kerasish.backend import context
from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.passes import common
from kerasish.backend.device import device
from kerasish.backend.dtypes import COMPLEX
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import PRIMITIVES
from kerasish.backend.primitives.primitive import evaluate, p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.variable import host_array, to_array
from kerasish.typing import DTypeLike, TensorLike

FOLDED_ELEMENTS = 16384  # a larger constant is cheaper to fill anew in the arena than to keep


class Rewriter:
    """What the rules work with.

    Args:
        draft: the Draft to rewrite. rules: list of tables (see `passes.WALK`).
        fold: whether calls on constants are computed. share: whether equal calls are made one.

    Attributes:
        nodes: the rewritten nodes so far, in order. constants: dict from Tensor to array.
        replaced: dict from a Tensor of the draft to the one that stands for it. made_by: dict from Tensor to the
            rewritten Node that makes it.
    """

    def __init__(self, draft: Draft, rules: Any = (), fold: bool = True, share: bool = True) -> None:
        self.draft: Draft = draft
        self.fold: bool = fold
        self.share: bool = share
        self.nodes: list[Any] = []
        self.constants: dict[Any, Any] = dict(draft.constants)
        self.replaced: dict[Any, Any] = {}
        self.made_by: dict[Any, Any] = {}
        self._tables, self._rules = tuple(rules), {}
        self._seen, self._numbers, self._scalars = {}, {}, {}
        self._scope = None

    def run(self) -> Any:
        """Walk through all nodes."""
        replaced = self.replaced
        for node in self.draft.nodes:
            inputs = [replaced.get(x, x) for x in node.inputs]
            self._scope = node.scope
            found = self._place(node.replace(inputs=inputs))
            if found is not None:
                replaced.update(zip(node.outputs, found))
        return self

    # -- what rules call ----------------------------------------------------------------------------------------

    def make(self, name: str, *inputs: Any, **attributes: Any) -> Any:
        """The output of primitive `name`, simplified in its turn."""
        return self.call(PRIMITIVES[name], inputs, attributes)

    def call(self, operation: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        """As `make`, for a primitive at hand."""
        node = new_node(operation, inputs, attributes, order=len(self.nodes), scope=self._scope)
        found = self._place(node)
        return node.outputs[0] if found is None else found[0]

    def maker(self, tensor: TensorLike, name: str) -> Any:
        """The node that makes `tensor`, if it is a call of primitive `name`, else None."""
        node = self.made_by.get(tensor)
        return node if node is not None and node.operation.name == name else None

    def number(self, tensor: TensorLike) -> Any:
        """The Python number that every element of `tensor` is, or None where that is not known."""
        if tensor in self._numbers:
            return self._numbers[tensor]
        array = self.constants.get(tensor)
        if array is None or product(tensor.shape) != 1:
            return None
        value = self._numbers[tensor] = device().to_host(array).item()
        return value

    def scalar(self, value: TensorLike, dtype: DTypeLike) -> Any:
        """A constant without axes."""
        key = (repr(value), dtype)
        tensor = self._scalars.get(key)
        if tensor is None:
            tensor = self._scalars[key] = Tensor((), dtype, "constant")
            self.constants[tensor] = to_array(device(), value, dtype)
            self._numbers[tensor] = host_array(value, dtype).item()
        return tensor

    def full(self, value: TensorLike, like: Any) -> Any:
        """A tensor of `like`'s shape and dtype whose every element is `value`."""
        return (
            self.scalar(value, like.dtype)
            if not like.shape
            else self.make("full", shape=tuple(like.shape), value=value, dtype=like.dtype)
        )

    def stretched(self, tensor: TensorLike, like: Any) -> Any:
        """`tensor` broadcast to the shape of `like`."""
        return tensor if tensor.shape == like.shape else self.make("broadcast_to", tensor, shape=tuple(like.shape))

    # -- placing ------------------------------------------------------------------------------------------------

    def _place(self, node):
        """Add `node` to the list. Returns None, or the outputs that stand for its own where it was not needed."""
        if node.operation is p.custom_gradient:
            rules = self._rules_about(node.operation)
            if rules:
                return rules[0](node, self)
        if len(node.outputs) == 1:
            found = self._simpler(node)
            if found is not None:
                return [found]
        if not self.share:
            return self._append(node)
        key = common.key(node) if node.operation.traits.pure else None
        if key is None:
            return self._append(node)
        earlier = self._seen.setdefault(key, node)
        return self._append(node) if earlier is node else earlier.outputs

    def _simpler(self, node):
        """A tensor that equals the one output of `node`, or None."""
        output = node.outputs[0]
        if self.fold and self._is_foldable(node, output):
            array = self._computed(node)
            if array is not None:
                self.constants[output] = array
                if node.operation is p.full and product(output.shape):
                    self._numbers[output] = device().to_host(array).flat[0].item()
                return output
        if output.dtype in COMPLEX or any(x.dtype in COMPLEX for x in node.inputs):
            return None  # the rules are of real numbers
        for rule in self._rules_about(node.operation):
            found = rule(node, self)
            if found is not None:
                if found.shape != output.shape or found.dtype != output.dtype:
                    raise RuntimeError(
                        f"The rule {rule.__module__}.{rule.__name__} made {found!r} of {node!r}. This is a bug of "
                        "kerasish; please report it."
                    )
                return found
        return None

    def _rules_about(self, operation):
        rules = self._rules.get(operation)
        if rules is None:
            rules = [
                rule for first in (True, False) for table in self._tables for rule in table.about(operation, first)
            ]
            self._rules[operation] = rules
        return rules

    def _append(self, node):
        self.nodes.append(node)
        for tensor in node.outputs:
            self.made_by[tensor] = node
        if node.operation is p.full:
            self._numbers[node.outputs[0]] = _as_number(node.attributes["value"], node.attributes["dtype"])

    def _is_foldable(self, node, output):
        constants = self.constants
        for x in node.inputs:
            if x not in constants:
                return False
        return node.operation.traits.pure and product(output.shape) <= FOLDED_ELEMENTS

    def _computed(self, node):
        """The value of a call on constants; None where it fails, so that it fails when it is run, as it would have."""
        with context.escaped():
            try:
                value = evaluate(node.operation, [self.constants[x] for x in node.inputs], node.attributes)
                if node.operation.traits.refuses:
                    device().to_host(value)  # there a card says what it refused
                return value
            except (IndexError, ArithmeticError):
                return None


def _as_number(value, dtype):
    """`value` as an element of `dtype` holds it; None where that needs rounding to be known."""
    if dtype == "bool":
        return bool(value)
    if dtype.startswith(("int", "uint")):
        return int(value)
    return host_array(value, dtype).item()
