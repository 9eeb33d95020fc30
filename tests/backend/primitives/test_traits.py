"""A primitive is one row: its traits are all stated, and nothing but its row knows its name."""

import ast
import pathlib
from dataclasses import MISSING, fields

import numpy as np
import pytest

import kerasish
from kerasish import backend, ops
from kerasish.backend.compiler import cost
from kerasish.backend.device import device
from kerasish.backend.numpy.kernels import KERNELS, kernel
from kerasish.backend.primitives import PRIMITIVES, p
from kerasish.backend.primitives.costs import EXPENSIVE
from kerasish.backend.primitives.families import elementwise
from kerasish.backend.primitives.primitive import define
from kerasish.backend.primitives.shapes import like_first
from kerasish.backend.primitives.traits import FLOATS, Traits
from tests.backend.compiler.harness import traced

BACKEND = pathlib.Path(kerasish.__file__).parent / "backend"
# names of something else: what a module offers; NumPy's functions and the public ops that Python's operators call; how
# a scatter joins values
NOT_PRIMITIVES = ("__all__", "_UFUNC_OPERATORS", "_JOINS")


# -- no lists of names ------------------------------------------------------------------------------------------------


def named(node):
    """The primitive that an expression names, `"add"` or `p.add`; else None."""
    name = None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name = node.value
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "p":
        name = node.attr
    return name if name in PRIMITIVES or name == "fused" else None


def members(node):
    """The expressions that stand beside each other in a node of a syntax tree, where it is a collection."""
    if isinstance(node, (ast.Set, ast.List, ast.Tuple)):
        return node.elts
    if isinstance(node, ast.Dict):
        return [*node.keys, *node.values]
    if isinstance(node, ast.BoolOp):  # x == "add" or x == "subtract"
        return [
            side for test in node.values if isinstance(test, ast.Compare) for side in (test.left, *test.comparators)
        ]
    if isinstance(node, ast.MatchOr):
        return [pattern.value for pattern in node.patterns if isinstance(pattern, ast.MatchValue)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        text = node.func.value
        words = text.value.split() if isinstance(text, ast.Constant) and isinstance(text.value, str) else ()
        return [ast.Constant(word) for word in words]
    return []


def target_of(statement):
    """What is assigned to."""
    return ast.unparse(statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0])


def collections(source):
    """(line, names) of each literal collection of two primitives or more."""
    tree = ast.parse(source)
    spared = {
        id(inner)
        for statement in ast.walk(tree)
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and target_of(statement) in NOT_PRIMITIVES
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        names = [name for name in map(named, members(node)) if name is not None]
        if len(names) > 1 and id(node) not in spared:
            yield node.lineno, names


@pytest.mark.parametrize("source", [
    '("add", "multiply")', '{"add": 1, "multiply": 2}', 'x == "add" or x == "multiply"', '"add multiply".split()',
    '{p.add, p.multiply}', 'x in ["add", "sum", "other"]',
])  # fmt: skip
def test_a_list_of_primitives_is_found(source):
    assert len(list(collections(source))) == 1


def test_no_file_keeps_a_list_of_primitives():
    found = [
        f"{path.relative_to(BACKEND)}:{line}: {', '.join(names)}"
        for path in sorted(BACKEND.rglob("*.py"))
        for line, names in collections(path.read_text(encoding="utf-8"))
    ]
    assert not found, "What is true of a primitive stands in its row (primitives/traits.py):\n" + "\n".join(found)


# -- traits -----------------------------------------------------------------------------------------------------------

STATED = [field.name for field in fields(Traits) if field.default is MISSING]


def test_there_is_no_default_for_what_has_no_neutral_value():
    assert STATED == ["elementwise", "pure", "view", "cost", "fuses", "hoists", "again", "in_place"]


@pytest.mark.parametrize("trait", STATED)
def test_a_row_that_leaves_a_trait_unsaid_is_refused(trait):
    facts = {field.name: getattr(p.add.traits, field.name) for field in fields(Traits) if field.name != trait}
    with pytest.raises(TypeError, match=f"'unsaid' must state its traits, {trait} is missing"):
        define("unsaid", like_first, **facts)
    assert "unsaid" not in PRIMITIVES


def test_a_trait_that_is_none_is_refused():
    with pytest.raises(TypeError, match="colour, which is no trait"):
        elementwise("coloured", like_first, cost=EXPENSIVE, fuses=FLOATS, colour="red")


def test_traits_agree_with_each_other():
    for name, primitive in PRIMITIVES.items():
        traits = primitive.traits
        assert isinstance(traits, Traits), name
        assert traits.opposite is None or PRIMITIVES[traits.opposite].traits.opposite == name
        assert traits.in_place == () or traits.elementwise or traits.in_place is not None, name
        assert traits.pure or traits.hoists is traits.hoists.NEVER, name
        assert not traits.view or not traits.elementwise, name


# -- a new primitive: one row, one function ---------------------------------------------------------------------------


@pytest.fixture
def swing():
    """`swing(x)` is cos(x), as a primitive that the engine has never heard of."""
    if device().name != "numpy":
        pytest.skip("the kernel is of the NumPy device")
    row = elementwise(
        "swing",
        like_first,
        lambda node, g: [p.negative(p.multiply(g, p.sin(node.inputs[0])))],
        cost=EXPENSIVE,
        fuses=FLOATS,
        even=True,
    )
    kernel("swing")(lambda out, x: np.cos(x, out))
    yield row
    del PRIMITIVES["swing"], KERNELS["swing"]


X = np.random.default_rng(0).normal(size=(6, 8)).astype("float32")
W = np.random.default_rng(1).normal(size=(8, 8)).astype("float32")


def operations(nodes):
    """Names, those inside of groups included."""
    groups = [node.attributes["group"].nodes if "group" in node.attributes else [node] for node in nodes]
    return [node.operation.name for group in groups for node in group]


def test_a_new_primitive_is_differentiated(swing):
    slope = backend.function(lambda x: backend.gradients(ops.sum(swing(x)), x)[0])
    curve = backend.function(lambda x: backend.gradients(ops.sum(backend.gradients(ops.sum(swing(x)), x)[0]), x)[0])
    np.testing.assert_allclose(slope(X), -np.sin(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(curve(X), -np.cos(X), rtol=1e-5, atol=1e-6)


def test_a_new_primitive_is_fused(swing):
    step = backend.function(lambda x: ops.sum(ops.tanh(swing(x * 2.0) + 1.0) * x, axis=1))
    nodes = [node for made in step.program(X).nodes for node in made]
    assert [node.operation.name for node in nodes] == ["fused"]
    assert operations(nodes) == ["multiply", "swing", "add", "tanh", "multiply", "sum"]
    np.testing.assert_allclose(step(X), np.sum(np.tanh(np.cos(X * 2) + 1) * X, axis=1), rtol=1e-5, atol=1e-6)


def test_a_new_primitive_stands_behind_a_product(swing):
    step = backend.function(lambda x, w: ops.relu(swing(ops.matmul(x, w))))
    assert operations(node for made in step.program(X, W).nodes for node in made) == ["matmul", "swing", "relu"]
    np.testing.assert_allclose(step(X, W), np.maximum(np.cos(X @ W), 0), rtol=1e-4, atol=1e-5)


def test_a_new_primitive_moves_out_of_a_loop(swing):
    def body(x, w):
        return ops.scan(lambda h, x_t: (h * swing(w) + ops.matmul(swing(x_t), w), None), ops.zeros((8, 8)), x)[0]

    x = np.stack([W, W + 1, W - 1])
    nodes = traced(body, x, W).nodes
    loop = next(node for node in nodes if node.operation is p.scan)
    outside, inside = operations(nodes), operations(loop.attributes["body"].nodes)
    assert outside.count("swing") == 2 and outside.count("matmul") == 1  # of the weights, and of all steps at once
    assert "swing" not in inside and "matmul" not in inside
    wanted = np.zeros((8, 8), "float32")
    for x_t in x:
        wanted = wanted * np.cos(W) + np.cos(x_t) @ W
    np.testing.assert_allclose(backend.function(body)(x, W), wanted, rtol=1e-4, atol=1e-4)


def test_a_new_primitive_has_a_cost(swing):
    node = traced(swing, X).nodes[0]
    assert (cost.flops(node), cost.bytes_moved(node)) == (48, 2 * 4 * 48)


def test_what_its_row_says_is_used_to_simplify(swing):
    step = backend.function(lambda x: (swing(-x), swing(x)))
    assert operations(node for made in step.program(X).nodes for node in made) == ["swing"]


def test_a_new_primitive_computes_at_once(swing):
    np.testing.assert_array_equal(swing(X), np.cos(X))
