"""`select_branches`: small branches become a choice between values, with the same values."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.select_branches import select_branches
from tests.backend.compiler.harness import evaluated, traced
from tests.backend.reading import assert_array_equal

X = np.array([[1.0, -2.0, 3.0]], "float32")
SMALL = {
    "arithmetic": lambda c, x: ops.cond(c, lambda: x * 2.0 + 1.0, lambda: ops.exp(x)),
    "a constant": lambda c, x: ops.cond(c, lambda: ops.ones((1, 3)), lambda: x),
    "a reduction": lambda c, x: ops.cond(c, lambda: x / ops.sum(x), lambda: x - ops.max(x)),
    "several results": lambda c, x: ops.cond(c, lambda: (x, x + 1.0), lambda: (ops.abs(x), x)),
    "one within another": lambda c, x: ops.cond(
        c, lambda: ops.cond(ops.sum(x) > 0.0, lambda: x + 1.0, lambda: x - 1.0), lambda: x * 3.0
    ),
    "an infinity that is not taken": lambda c, x: ops.cond(c, lambda: x / 0.0, lambda: x / 2.0),
}
LARGE = {
    "a product": lambda c, x: ops.cond(c, lambda: ops.matmul(x, ops.ones((3, 3))), lambda: x),
    "a sort": lambda c, x: ops.cond(c, lambda: ops.sort(x), lambda: x),
    "a loop": lambda c, x: ops.cond(c, lambda: ops.fori_loop(0, 3, lambda i, y: y * 2.0, x), lambda: x),
    "a refusal": lambda c, x: ops.cond(c, lambda: ops.take(x, ops.cast(x, "int32"), axis=1)[:, 0], lambda: x),
}


def drafted(body, truth):
    """(the graph, the Draft behind the pass, the arrays)."""
    arrays = np.array(truth), X
    graph = traced(body, *arrays)
    return graph, select_branches(Draft(graph, backend.device())), arrays


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("case", SMALL)
def test_small_branches_become_a_choice(case, truth):
    graph, draft, arrays = drafted(SMALL[case], truth)
    names = [node.operation.name for node in draft.nodes]
    assert "cond" not in names and "where" in names
    after = evaluated(draft.nodes, draft.constants, graph, arrays, draft.alias)
    wanted = keras.tree.flatten(SMALL[case](*map(ops.convert_to_tensor, arrays)))
    assert len(after) == len(wanted)
    for mine, eager in zip(after, wanted):
        assert_array_equal(mine, eager)


@pytest.mark.parametrize("case", LARGE)
def test_others_stay(case):
    graph, draft, _ = drafted(LARGE[case], True)
    assert draft.nodes is graph.nodes


def test_where_steps_are_not_replayed_a_branch_that_is_not_taken_costs_nothing():
    if backend.device().replays:
        pytest.skip("they are")
    program = backend.function(SMALL["arithmetic"]).program(np.array(True), X)
    assert "cond" in program.names


def test_variables_that_branches_assign_keep_what_they_are_given():
    variable = keras.Variable([1.0, 2.0, 3.0])

    def step(c, x):
        ops.cond(c, lambda: variable.assign_add(x[0]), lambda: variable.assign(variable * 2.0))
        return x

    for truth, wanted in ((True, [2.0, 0.0, 6.0]), (False, [2.0, 4.0, 6.0])):
        graph, draft, arrays = drafted(step, truth)
        assert "cond" not in [node.operation.name for node in draft.nodes]
        assert evaluated(draft.nodes, draft.constants, graph, arrays, draft.alias)[-1].tolist() == wanted
