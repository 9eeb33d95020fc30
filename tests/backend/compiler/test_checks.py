"""What the checks behind the passes complain about."""

import numpy as np
import pytest

from kerasish.backend.compiler import checks, pipeline
from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.device import device
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives import PRIMITIVES, p
from kerasish.backend.variable import Variable
from tests.backend.compiler.harness import passes_named, plain, simplified, traced

fuses = pytest.mark.skipif("not device().fuses", reason="the device does not fuse")


@pytest.fixture
def draft():
    return Draft(traced(lambda x, y: p.exp(p.add(x, y)), plain(3, 4), plain(3, 4)), device())


def behind(body, *arrays, last="memory"):
    """The Draft of a body behind the passes up to `last`."""
    steps = pipeline.passes_for(device())
    names = [step.name for step in steps]
    return pipeline.run(Draft(traced(body, *arrays), device()), steps[: names.index(last) + 1])


def complaint(check, draft):
    (found,) = check(draft)
    return found


def test_a_sound_draft_has_none(draft):
    for step in pipeline.passes_for(device()):
        draft = step.run(draft)
        checks.check(draft, step)


def test_order(draft):
    first, second = draft.nodes
    assert "before it is made" in next(checks.in_order(draft.replace(nodes=[second, first])))
    assert "is wanted, and nothing makes it" in complaint(checks.in_order, draft.replace(nodes=[first]))
    assert "again" in complaint(checks.in_order, draft.replace(nodes=[first, second, second]))


def test_shapes_and_dtypes(draft):
    first, second = draft.nodes
    for other in (Tensor((3, 5), "float32"), Tensor((3, 4), "float64")):
        nodes = [first, second.replace(outputs=[other])]
        assert "its shape rule says" in complaint(checks.shapes_agree, draft.replace(nodes=nodes))
    nodes = [first, second.replace(several=True)]
    assert "inner.several=True" in complaint(checks.shapes_agree, draft.replace(nodes=nodes))


def test_dead_and_equal_nodes(draft):
    first, second = draft.nodes
    twin = new_node(first.operation, first.inputs, first.attributes, 0, None)
    assert "nothing needs" in complaint(checks.no_dead_nodes, draft.replace(nodes=[first, twin, second]))
    assert "was there before" in complaint(checks.no_equal_calls, draft.replace(nodes=[first, twin, second]))
    assert not list(checks.no_equal_calls(draft.replace(nodes=[first, twin, second], rules=["scalars"])))


def test_a_table_that_was_written_over():
    table = Variable(np.zeros((8, 2), "float32"))

    def body(indices, rows):
        new = p.put_rows(table.read(), indices, rows)
        return new, p.exp(table.read())

    draft = Draft(traced(body, np.array([1, 2], "int32"), plain(2, 2)), device())
    assert "which was written over" in complaint(checks.rows_put_last, draft)


@fuses
def test_groups():
    draft = behind(lambda x, y: p.exp(p.add(x, y)), plain(3, 4), plain(3, 4), last="fuse")
    (node,) = draft.nodes
    inner = node.attributes["group"].nodes[0]
    reader = new_node(PRIMITIVES["tanh"], inner.outputs, {}, 9, None)
    assert "which stays within" in complaint(checks.closed_groups, draft.replace(nodes=[node, reader]))
    other = node.replace(inputs=node.inputs[:1])
    assert "does not read and make what its group does" in complaint(checks.closed_groups, draft.replace(nodes=[other]))


@fuses
def test_followers():
    draft = behind(lambda x, y, b: p.exp(p.add(p.matmul(x, y), b)), plain(8, 8), plain(8, 8), plain(8))
    product, group = draft.nodes
    assert group.attributes["follows"] is product and not list(checks.followers_behind_products(draft))
    assert "stands behind None" in complaint(checks.followers_behind_products, draft.replace(nodes=[group]))


def chain(x):
    """Two products whose operands are needed at once."""
    first = p.matmul(x, x)
    second = p.matmul(first, x)
    return p.matmul(first, second)


def test_memory_that_two_values_have_at_once():
    draft = behind(chain, plain(8, 8))
    assert not list(checks.memory_holds(draft))
    first, second, _ = (draft.plan.slot[node.outputs[0]] for node in draft.nodes)
    second.offset = first.offset
    found = list(checks.memory_holds(draft))
    assert "over" in found[0] and "which it reads" in found[0] and "which was written over" in found[1]
    second.offset = draft.plan.arena_bytes
    assert "beyond the arena" in complaint(checks.memory_holds, draft)


def test_memory_that_is_missing_and_outputs_that_are_lost():
    draft = behind(chain, plain(8, 8))
    last = draft.nodes[-1].outputs[0]
    slot = draft.plan.slot.pop(last)
    assert "has no memory" in complaint(checks.memory_holds, draft)
    draft.plan.slot[last] = slot
    more = new_node(PRIMITIVES["tanh"], draft.graph.inputs, {}, 9, None)
    draft.plan.slot[more.outputs[0]] = slot
    late = draft.replace(nodes=[*draft.nodes, more])
    assert "is wanted, and was written over" in complaint(checks.memory_holds, late)


def test_what_ranks_see_in_memory_of_one_of_them(monkeypatch):
    draft = behind(chain, plain(8, 8))
    first = draft.nodes[0]
    draft.plan.slot[first.outputs[0]].within = draft.plan.slot[draft.nodes[-1].outputs[0]], 0
    assert not any("lies in a bucket" in found for found in checks.memory_holds(draft))
    monkeypatch.setattr(draft.device, "seen_by_ranks", lambda node: [] if node is first else None)
    assert any("lies in a bucket of this rank" in found for found in checks.memory_holds(draft))


def test_a_variable_that_is_written_too_early():
    weight = Variable(plain(8, 8))

    def body(x):
        weight.assign(p.add(weight.read(), x))
        return p.matmul(x, x)

    draft = behind(body, plain(8, 8))
    old = draft.graph.reads[weight]
    assert weight in draft.plan.written and not list(checks.memory_holds(draft))
    more = new_node(PRIMITIVES["matmul"], [old, old], {}, 9, None)
    draft.plan.slot[more.outputs[0]] = draft.plan.slot[draft.outputs[0]]
    assert "which was written over" in next(checks.memory_holds(draft.replace(nodes=[*draft.nodes, more])))


def test_a_loop_that_reads_less_than_it_is_given():
    from kerasish import ops

    def body(x, w):
        return ops.scan(lambda s, row: ([s[0] * 2.0, s[1] + w], row), [w, w], x)[0][0]

    draft = Draft(traced(body, np.ones((5, 3), "float32"), np.ones(3, "float32")), device())
    assert "nobody reads" in next(checks.lean_loops(draft))
    assert not list(checks.lean_loops(pipeline.run(draft, passes_named("prune_loops"))))


def test_complaints_name_the_pass_and_the_graph(monkeypatch):
    monkeypatch.setenv("KERASISH_DEBUG", "check")
    draft = simplified(traced(lambda x: p.exp(x), plain(3)))
    lazy = pipeline.Pass("lazy", lambda draft: draft.replace(nodes=[]))
    with pytest.raises(
        RuntimeError, match=r"Behind the pass 'lazy' of .*1 complaints.*\n.*nothing makes it\nThis is a bug"
    ):
        pipeline.run(draft, [lazy])
    monkeypatch.setenv("KERASISH_DEBUG", "")
    assert pipeline.run(draft, [lazy]).nodes == []
