"""What the tests of the passes share.

A body is traced, its nodes are evaluated one by one as they were written down and as the passes leave them.
"""

import numpy as np

from kerasish.backend import context
from kerasish.backend.compiler import pipeline
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.passes import RULES
from kerasish.backend.device import device
from kerasish.backend.primitives.primitive import Spec, evaluate
from kerasish.backend.trace import trace

PASSES = (*RULES, "dead", "fold")  # what rewrites a graph, node for node


def passes_named(*names):
    """The rows of the PIPELINE of these names."""
    return [step for step in pipeline.PIPELINE if step.name in names]


def simplified(graph, passes=None):
    """The Draft of a graph behind those tables of rules and passes; by default those worth it on the device."""
    on = device()
    chosen = {*RULES, *(step.name for step in pipeline.passes_for(on))} if passes is None else set(passes)
    rules = [name for name in RULES if name in chosen]
    return pipeline.run(Draft(graph, on, rules), passes_named("simplify", *chosen.intersection(("dead", "fold"))))


def simplify(graph, passes=None):
    """(nodes, alias, constants) of `simplified`."""
    draft = simplified(graph, passes)
    return draft.nodes, draft.alias, draft.constants


def traced(body, *arrays):
    """The TracedGraph of `body` for arrays like these."""
    with context.escaped():
        return trace(body, [Spec(a.shape, a.dtype.name) for a in arrays])


def evaluated(nodes, constants, graph, arrays, alias=lambda tensor: tensor):
    """The graph's outputs and updates, on the host, by eager calls of each of `nodes`."""
    on = device()
    values = {**constants, **dict(zip(graph.inputs, (on.from_host(a) for a in arrays)))}
    values.update({t: v._buffer for v, t in graph.reads.items() if t not in values})
    for node in nodes:
        with on.running():
            result = evaluate(node.operation, [values[x] for x in node.inputs], node.attributes)
        values.update(
            zip(node.outputs, result if len(node.outputs) > 1 else [result[0] if isinstance(result, list) else result])
        )
    return [on.to_host(values[alias(t)]) for t in [*graph.outputs, *graph.updates.values()]]


def names_after(body, *arrays, passes=PASSES):
    """The primitives that are left, in order."""
    return [node.operation.name for node in simplify(traced(body, *arrays), passes)[0]]


def check(body, *arrays, names=None, passes=PASSES, ulps=0):
    """The passes leave nodes of these `names`, and the values of the graph as it was traced.

    The values may differ by `ulps` units in the last place.
    """
    graph = traced(body, *arrays)
    nodes, alias, constants = simplify(graph, passes)
    found = [node.operation.name for node in nodes]
    if names is not None:
        assert found == names.split(), found
    before = evaluated(graph.nodes, graph.constants, graph, arrays)
    after = evaluated(nodes, constants, graph, arrays, alias)
    for x, y in zip(before, after):
        assert_close(x, y, ulps)
    return nodes


def assert_close(wanted, found, ulps=0):
    """Same shape, dtype, NaN and infinities; numbers no more than `ulps` units in the last place apart."""
    assert wanted.shape == found.shape and wanted.dtype == found.dtype
    if ulps == 0 or wanted.dtype.kind != "f":
        np.testing.assert_array_equal(found, wanted)
        return
    assert np.array_equal(np.isnan(wanted), np.isnan(found)), (wanted, found)
    finite = np.isfinite(wanted)
    assert np.array_equal(finite, np.isfinite(found)), (wanted, found)
    assert np.array_equal(wanted[~finite & ~np.isnan(wanted)], found[~finite & ~np.isnan(wanted)])
    gap = np.abs(wanted[finite].astype("float64") - found[finite].astype("float64"))
    assert np.all(gap <= ulps * np.spacing(np.abs(wanted[finite]))), (wanted, found)


def hard(*shape, dtype="float32"):
    """Numbers of all kinds: ordinary, huge, tiny, zero of both signs, infinite and NaN."""
    special = np.array(
        [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 3e38, -3e38, 1e-30, 1e-40, 0.5, 2.0, -7.25], "float64"
    )
    size = int(np.prod(shape))
    rng = np.random.default_rng(size + len(shape))
    values = np.concatenate([special, rng.standard_normal(size)])[:size] if size > len(special) else special[:size]
    with np.errstate(over="ignore"):
        return rng.permutation(values).reshape(shape).astype(dtype)


def plain(*shape, dtype="float32", seed=0):
    """Ordinary random numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
