"""Pass 1: drop what nothing needs, compute constants and equal things once, and remove steps that change nothing."""

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.graph import Node
from kerasish.backend.primitives.primitive import evaluate
from kerasish.backend.primitives.shapes import product

_IDENTITIES = ("identity", "stop_gradient")
_IMPURE = ("host_call", "scan", "while_loop", "cond", "custom_gradient")
_FOLDED_ELEMENTS = 16384  # a larger constant is cheaper to fill anew in the arena than to keep


def simplify(graph):
    """The graph's nodes, rewritten.

    Returns: (nodes, alias, constants) where `nodes` is a list of new Nodes in order, `alias` a function from any Tensor of the graph to the Tensor
    that now stands for it, and `constants` a dict from Tensor to array, folded ones included.
    """
    replaced, constants = {}, dict(graph.constants)

    def alias(tensor):
        return replaced.get(tensor, tensor)

    nodes, seen = [], {}
    for node in graph.nodes:
        inputs = [alias(x) for x in node.inputs]
        same = _no_change(node, inputs, constants)
        if same is not None:
            replaced[node.outputs[0]] = same
            continue
        if _is_foldable(node, inputs, constants):
            constants[node.outputs[0]] = _fold(node, inputs, constants)
            continue
        key = _key(node, inputs)
        earlier = seen.get(key) if key is not None else None
        if earlier is not None:
            replaced.update(zip(node.outputs, earlier.outputs))
            continue
        rewritten = Node(node.operation, tuple(inputs), node.attributes, inputs, node.outputs, node.structure, node.order)
        nodes.append(rewritten)
        if key is not None:
            seen[key] = rewritten
    wanted = [alias(t) for t in [*graph.outputs, *graph.updates.values()] if t is not None]
    return _needed(nodes, wanted), alias, constants


def _is_foldable(node, inputs, constants):
    small = len(node.outputs) == 1 and product(node.outputs[0].shape) <= _FOLDED_ELEMENTS
    return small and node.operation.name not in _IMPURE and all(x in constants for x in inputs)


def _fold(node, inputs, constants):
    with context.escaped():
        return evaluate(node.operation, [constants[x] for x in inputs], node.attributes)


def _no_change(node, inputs, constants):
    """The input that this node's output equals, or None."""
    name = node.operation.name
    if not inputs or len(node.outputs) > 1:
        return None
    x, output = inputs[0], node.outputs[0]
    if name in _IDENTITIES or name == "cast" and x.dtype == output.dtype:
        return x
    if name in ("reshape", "broadcast_to") and tuple(x.shape) == tuple(output.shape):
        return x
    if name == "transpose" and tuple(node.attributes["axes"]) == tuple(range(len(x.shape))):
        return x
    if name in ("multiply", "divide", "add", "subtract"):
        return _neutral(name, inputs, output, constants)
    return None


def _neutral(name, inputs, output, constants):
    """x * 1, x / 1, x + 0, x - 0 are x."""
    neutral = 1 if name in ("multiply", "divide") else 0
    x, y = inputs
    if _is_scalar(y, neutral, constants) and tuple(x.shape) == tuple(output.shape):
        return x
    if name in ("multiply", "add") and _is_scalar(x, neutral, constants) and tuple(y.shape) == tuple(output.shape):
        return y
    return None


def _is_scalar(tensor, value, constants):
    array = constants.get(tensor)
    return array is not None and not tensor.shape and float(device().to_host(array)) == value


def _key(node, inputs):
    """Equal keys mean equal results; None where a call must not be shared."""
    if node.operation.name in _IMPURE:
        return None
    try:
        key = (node.operation.name, tuple(id(x) for x in inputs), tuple(sorted(node.attributes.items())))
        hash(key)
        return key
    except TypeError:
        return None


def _needed(nodes, wanted):
    """The nodes that `wanted` reach, in order."""
    live = set(wanted)
    kept = []
    for node in reversed(nodes):
        if any(t in live for t in node.outputs):
            kept.append(node)
            live.update(node.inputs)
    return kept[::-1]
