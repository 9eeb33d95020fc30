"""Loops and branches: in a trace one node with a traced body, eagerly a plain Python loop that a debugger can follow."""

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.autodiff import backpropagate
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import control as primitives
from kerasish.backend.primitives.primitive import gradient_of, p
from kerasish.backend.trace import Trace, TracedGraph


def computing():
    """Whether values are at hand: nothing is traced, or only taped."""
    interpreter = context.interpreter()
    return interpreter is None or getattr(interpreter, "computes", False)


def inline(graph, values):
    """The outputs of a TracedGraph for `values` of its inputs (captured ones included), added to the running trace."""
    trace = context.interpreter()
    computed = dict(zip(graph.inputs, values))
    computed.update({tensor: trace.constant(array) for tensor, array in graph.constants.items()})
    for node in graph.nodes:
        result = node.operation(*[computed[x] for x in node.inputs], **node.attributes)
        computed.update(zip(node.outputs, result if isinstance(result, list) else [result]))
    return [computed[t] for t in graph.outputs]


def trace_body(function, specs, carried=()):
    """Trace `function(*tensors)` inside the running trace.

    Args:
        carried: Variables whose value is one of the inputs (the last ones) and one of the outputs (the last ones).

    Returns: (TracedGraph with captured values as further inputs, list of those values outside, the Variables it assigns).
    """
    with Trace("body") as inner:
        inputs = [inner.input(tuple(s.shape), s.dtype) for s in specs]
        states = [inner.input(v.shape, v._dtype) for v in carried]
        for variable, tensor in zip(carried, states):
            inner.reads[variable] = inner.current[variable] = tensor
        outputs = [inner.lift(y) for y in function(*inputs)]
        outputs += [inner.lift(inner.current[v]) for v in carried]
        captured = list(inner.captures.items())
    graph = TracedGraph(inner, inputs + states + [stand_in for _, stand_in in captured], outputs)
    graph.updates = {}
    return graph, [outside for outside, _ in captured], list(inner.updated)


def scan(function, init, xs, length, reverse=False):
    """Apply `function(carry, x) -> (carry, y)` to each slice of `xs` along the first axis.

    Args:
        init, xs: structures of values; `length`: int; reverse: from the last slice to the first.

    Returns: (final carry, structure of stacked outputs).
    """
    trace = context.interpreter()
    carry, slices = [trace.lift(c) for c in tree.flatten(init)], [trace.lift(x) for x in tree.flatten(xs) if x is not None]
    structure = {}

    def step(*values):
        state = tree.pack_sequence_as(init, values[: len(carry)])
        x = tree.pack_sequence_as(xs, values[len(carry) : len(carry) + len(slices)]) if slices else None
        new_state, y = function(state, x)
        structure["y"] = y
        new_state = tree.flatten(new_state)
        _check_carry(carry, new_state)
        return [*new_state, *[leaf for leaf in tree.flatten(y) if leaf is not None]]

    per_step = [_Like(x.shape[1:], x.dtype) for x in slices]
    body, captured, assigned = trace_body(step, [*carry, *per_step])
    if assigned:
        return _scan_with_state(trace, step, carry, slices, per_step, assigned, length, reverse, structure, init)
    outputs = primitives.scan(*carry, *slices, *captured, body=body, carries=len(carry), length=length, reverse=reverse)
    return _unpacked(outputs, len(carry), init, structure["y"])


def _scan_with_state(trace, step, carry, slices, per_step, assigned, length, reverse, structure, init):
    """A body that assigns Variables carries them along; their last values are assigned outside."""

    def with_state(*values):
        states, rest = values[: len(assigned)], values[len(assigned) :]
        inner = context.interpreter()
        for variable, tensor in zip(assigned, states):
            inner.reads[variable] = inner.current[variable] = tensor
        results = step(*rest)
        return [inner.lift(inner.current[v]) for v in assigned] + list(results)

    states = [trace.read(v) for v in assigned]
    body, captured, _ = trace_body(with_state, [*states, *carry, *per_step])
    count = len(assigned) + len(carry)
    outputs = primitives.scan(*states, *carry, *slices, *captured, body=body, carries=count, length=length, reverse=reverse)
    for variable, value in zip(assigned, outputs):
        trace.assign(variable, value)
    return _unpacked(outputs[len(assigned) :], len(carry), init, structure["y"])


class _Like:
    def __init__(self, shape, dtype):
        self.shape, self.dtype = tuple(shape), dtype


def _check_carry(before, after):
    if len(before) != len(after):
        raise ValueError(f"The body must return a carry like the one it got: {len(before)} values, got {len(after)}.")
    for index, (a, b) in enumerate(zip(before, after)):
        b_dtype = b.dtype if isinstance(b.dtype, str) else b.dtype.name
        if tuple(a.shape) != tuple(b.shape) or a.dtype != b_dtype:
            raise ValueError(f"The carry must keep its shape and dtype: value {index} is {a.shape} {a.dtype} before and {tuple(b.shape)} {b_dtype} after a step.")


def _unpacked(outputs, carries, init, y):
    final = tree.pack_sequence_as(init, outputs[:carries])
    stacked = iter(outputs[carries:])
    return final, tree.map_structure(lambda leaf: None if leaf is None else next(stacked), y)


@gradient_of(primitives.scan)
def _scan_gradient(node, *gs):
    """A scan the other way round. Each step runs the body again from the carry it began with, which the forward scan now saves.

    Where this is a gradient's gradient, the saved carries have been used and have gradients of their own.
    """
    body, carries, length, reverse = (node.attributes[k] for k in ("body", "carries", "length", "reverse"))
    steps = len(body.outputs) - carries
    g_saved = gs[carries + steps :]
    saved = _save_carries(node, carries, length)
    per_step = _count_slices(node, body, carries)
    slices, captured = node.inputs[carries : carries + per_step], node.inputs[carries + per_step :]
    moving = [i for i in range(carries) if is_float_dtype(node.inputs[i].dtype)]
    weighted = [i for i in range(steps) if gs[carries + i] is not None]
    wanted = [i for i, x in enumerate(captured) if is_float_dtype(x.dtype)]
    sliced = [i for i, x in enumerate(slices) if is_float_dtype(x.dtype)]
    kept = [i for i in moving if i < len(g_saved) and g_saved[i] is not None]

    def back(state, values):
        g_carry, totals = state
        began, inputs, g_y, g_began = values
        began, inputs = list(began), list(inputs)
        outer = [context.interpreter().lift(x) for x in captured]
        outputs = inline(body, [*began, *inputs, *outer])
        arrived = {}
        for tensor, g in [*zip([outputs[i] for i in moving], g_carry), *zip([outputs[carries + i] for i in weighted], g_y)]:
            if isinstance(tensor, Tensor):
                arrived[tensor] = p.add(arrived[tensor], g) if tensor in arrived else g
        targets = [began[i] for i in moving] + [inputs[i] for i in sliced] + [outer[i] for i in wanted]
        backpropagate(arrived, targets)
        for i, g in zip(kept, g_began):
            arrived[began[i]] = p.add(arrived[began[i]], g) if began[i] in arrived else g
        new_carry = [_or_zeros(arrived.get(began[i]), began[i]) for i in moving]
        found = [_or_zeros(arrived.get(inputs[i]), inputs[i]) for i in sliced]
        totals = [total if arrived.get(outer[i]) is None else p.add(total, arrived[outer[i]]) for total, i in zip(totals, wanted)]
        return (new_carry, totals), found

    start = ([_or_zeros(gs[i], node.inputs[i]) for i in moving], [_or_zeros(None, captured[i]) for i in wanted])
    values = (list(saved), list(slices), [gs[carries + i] for i in weighted], [g_saved[i] for i in kept])
    (g_init, totals), g_slices = scan(back, start, values, length, not reverse)
    gradients = [None] * len(node.inputs)
    for places, found in (
        (moving, g_init), ([carries + i for i in sliced], g_slices), ([carries + per_step + i for i in wanted], totals)
    ):
        for place, g in zip(places, found):
            gradients[place] = g
    return gradients


_scan_gradient.takes_none = True


def _count_slices(node, body, carries):
    """How many of the inputs are cut along the first axis: those with one more axis than the body's input."""
    inner = body.inputs[carries:]
    return sum(1 for x, t in zip(node.inputs[carries:], inner) if len(x.shape) == len(t.shape) + 1)


def _save_carries(node, carries, length):
    """Make the forward scan hand out the carry that each step began with; the node grows outputs, once."""
    if not node.attributes.get("saves"):
        node.attributes["saves"] = True
        trace = node.outputs[0].trace
        for x in node.inputs[:carries]:
            node.outputs.append(trace.output(((length, *x.shape), x.dtype), node, len(node.outputs)))
    return node.outputs[-carries:] if carries else []


def _or_zeros(g, like):
    return p.full(shape=tuple(like.shape), value=0.0, dtype=like.dtype) if g is None else g


def while_loop(condition, body, init, limit=None):
    """Repeat `body(*values)` while `condition(*values)`. Returns the final values (flat)."""
    trace = context.interpreter()
    carry = [trace.lift(x) for x in init]
    test, captured_test, _ = trace_body(lambda *values: [condition(*values)], carry)

    def step(*values):
        new = list(body(*values))
        _check_carry(carry, new)
        return new

    work, captured, assigned = trace_body(step, carry)
    if assigned:
        raise ValueError("The body of a `while_loop` can't assign Variables inside a compiled step; carry their values in the loop instead.")
    inputs = [*carry, *captured_test, *captured]
    return primitives.while_loop(*inputs, condition=test, body=work, carries=len(carry), captured=len(captured_test), limit=limit)


def cond(predicate, on_true, on_false):
    """The flat results of one of two functions without arguments; both are traced, one is run."""
    trace = context.interpreter()
    structure = {}

    def flat(branch, name):
        def run():
            structure[name] = branch()
            return [leaf for leaf in tree.flatten(structure[name]) if leaf is not None]

        return run

    assigned = list(dict.fromkeys(v for f, n in ((on_true, "true"), (on_false, "false")) for v in trace_body(flat(f, n), [])[2]))
    graphs, captures = [], []
    for branch, name in ((on_true, "true"), (on_false, "false")):
        graph, captured, _ = trace_body(_with_updates(flat(branch, name), assigned), [])
        graphs.append(graph)
        captures.append(captured)
    _check_branches(*graphs)
    union = list(dict.fromkeys([*captures[0], *captures[1]]))
    for graph, captured in zip(graphs, captures):
        stand_ins = dict(zip(captured, graph.inputs))
        graph.inputs = [stand_ins[x] if x in stand_ins else Tensor(x.shape, x.dtype, trace=graph.trace) for x in union]
    outputs = primitives.cond(trace.lift(predicate), *union, branches=tuple(graphs))
    for variable, value in zip(assigned, outputs[len(outputs) - len(assigned) :]):
        trace.assign(variable, value)
    results = iter(outputs)
    return tree.map_structure(lambda leaf: None if leaf is None else next(results), structure["true"])


def _with_updates(run, assigned):
    def with_updates():
        results = run()
        inner = context.interpreter()
        return [*results, *(inner.read(v) for v in assigned)]

    return with_updates


def _check_branches(true, false):
    a, b = ([(tuple(t.shape), t.dtype) for t in graph.outputs] for graph in (true, false))
    if a != b:
        raise ValueError(f"Both branches of `cond` must return the same shapes and dtypes, got {a} and {b}.")


@gradient_of(primitives.cond)
def _cond_gradient(node, *gs):
    """The gradient of the branch that was taken, which runs it again."""
    predicate, *inputs = node.inputs
    wanted = [i for i, x in enumerate(inputs) if is_float_dtype(x.dtype)]

    def back(graph):
        def run():
            here = [context.interpreter().lift(x) for x in inputs]
            outputs = inline(graph, here)
            arrived = {}
            for tensor, g in zip(outputs, gs):
                if g is not None and isinstance(tensor, Tensor):
                    g = context.interpreter().lift(g)
                    arrived[tensor] = p.add(arrived[tensor], g) if tensor in arrived else g
            backpropagate(arrived, [here[i] for i in wanted])
            return [_or_zeros(arrived.get(here[i]), inputs[i]) for i in wanted]

        return run

    found = cond(predicate, back(node.attributes["branches"][0]), back(node.attributes["branches"][1])) if wanted else []
    gradients = [None] * len(node.inputs)
    for i, g in zip(wanted, found):
        gradients[i + 1] = g
    return gradients


_cond_gradient.takes_none = True
