"""Memory that cuDNN works in: a part of the Program's arena, for as long as the step runs."""

import numpy as np
import pytest

from kerasish.backend.compiler import checks, pipeline
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.function import Function
from kerasish.backend.primitives.primitive import p
from tests.backend.compiler.harness import traced
from tests.cuda_on_cpu import available

pytestmark = pytest.mark.skipif(not available(), reason="needs g++")
WHERE = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
RANDOM = np.random.default_rng(0)
IMAGES, KERNEL = (RANDOM.standard_normal(shape).astype("float32") for shape in ((2, 6, 5, 4), (3, 3, 4, 4)))


def chain(x, kernel):
    """Results that live while others are computed; the second is followed by a bias and relu."""
    first = p.conv(x, kernel, **WHERE)
    second = p.relu(p.add(p.conv(first, kernel, **WHERE), 1.0))
    return p.add(p.conv(second, kernel, **WHERE), first)


def test_they_lie_in_the_arena(card):
    wanted = card.to_host(chain(card.from_host(IMAGES), card.from_host(KERNEL)))
    compiled = Function(chain)
    for _ in range(3):
        found = card.to_host(compiled(IMAGES, KERNEL))
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    program = compiled.program(IMAGES, KERNEL)
    steps = [step for step in program.steps if hasattr(step, "workspace")]
    assert len(steps) == 3 and all(step.workspace.size >= step._plan.bytes > 0 for step in steps)
    places = {step.workspace.data.ptr for step in steps}
    assert len(places) < 3  # of one step after the other
    assert program._assembled._pool.total_bytes() < steps[0]._plan.bytes  # beside the arena: a kernel that is turned


def test_what_is_needed_does_not_lie_there(card):
    draft = pipeline.run(Draft(traced(chain, IMAGES, KERNEL), card))
    assert not list(checks.memory_holds(draft)) and len(draft.plan.scratch) == 3
    node, slot = list(draft.plan.scratch.items())[1]
    slot.offset = draft.plan.slot[node.outputs[0]].offset
    assert any("where it works" in said for said in checks.memory_holds(draft))
    slot.offset = draft.plan.slot[node.inputs[0]].offset
    assert any("which it reads" in said for said in checks.memory_holds(draft))


def test_so_does_what_attention_works_in(card):
    def attended(x):
        x = p.cast(p.tanh(x), dtype="bfloat16")
        made, _ = p.attention(x, x, x, scale=0.5, is_causal=True)
        return p.cast(p.tanh(made), dtype="float32")

    program = Function(attended).program(RANDOM.standard_normal((2, 5, 3, 8)).astype("float32"))
    (step,) = [step for step in program.steps if hasattr(step, "workspace")]
    assert step.workspace.size >= step._plan.bytes > 0
