"""Parity of products: matmul and its kin, and einsum."""

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from tests.ops.data import BOOLS, BYTES, COLUMN, CUBE, HALF, INTS, ROW, X, Y, spread, whole
from tests.ops.parity import C, Parity

A, B, FOUR = spread(3, 4), spread(4, 2, seed=1), spread(2, 2, 3, 4, seed=2)
PRODUCTS = [
    C("matmul", A, B),
    C("matmul", CUBE, B),
    C("matmul", CUBE, spread(2, 4, 5)),
    C("matmul", FOUR, spread(2, 4, 2)),
    C("matmul", A[0], B).but(open=False),
    C("matmul", A, B[:, 0]).but(open=(0,)),
]
PRODUCTS += [
    C("matmul", ROW, ROW).but(open=False),
    C("matmul", CUBE, B[:, 0]).but(open=(0,)),
    C("matmul", A[:, 0], FOUR).but(open=(1,)),
    C("matmul", INTS, whole(3, 2)).but(open=(0,)),
    C("matmul", BYTES, whole(3, 2, dtype="int8")).but(open=(0,)),
]
PRODUCTS += [
    C("matmul", BOOLS, BOOLS.T).but(open=(0,)),
    C("matmul", HALF, spread(3, 2, dtype="float16")).but(open=(0,), rtol=2e-3),
    C("matmul", INTS, spread(3, 2)).but(open=(0,)),
]
for case in PRODUCTS[:4]:
    case.but(open=(0,))
PRODUCTS += [
    C("dot", A, B).but(open=(0,)),
    C("dot", ROW, ROW).but(open=False),
    C("dot", CUBE, B).but(open=(0,)),
    C("dot", CUBE, spread(2, 4, 5)).but(open=(0,)),
    C("dot", X, 2.0).but(spec=False),
    C("dot", A, B[:, 0]).but(open=(0,)),
    C("dot", BYTES[0], BYTES[1]).but(open=False),
]
PRODUCTS += [  # a bare number takes the dtype of the other operand
    C(op, x, number).but(spec=False, open=False, gradient=False, rtol=2e-3)
    for op in ("dot", "inner", "outer", "kron")
    for x, number in ((BYTES[0], 2), (HALF[0], 1.5), (BOOLS[0], 3), (INTS[0], 1.5))
    if (op, number) != ("dot", 2)  # which Keras on JAX refuses
]
PRODUCTS += [
    C("inner", X, Y),
    C("inner", ROW, ROW).but(open=False),
    C("inner", CUBE, A).but(open=(0,)),
    C("inner", X, 2.0).but(spec=False),
    C("vdot", X, Y),
    C("vdot", INTS, X),
    C("outer", X, ROW),
    C("outer", ROW, INTS[0]),
]
PRODUCTS += [
    C("tensordot", CUBE, spread(3, 4, 2), axes=2).but(open=(0,)),
    C("tensordot", CUBE, CUBE, axes=([1, 2], [1, 2])),
    C("tensordot", CUBE, B, axes=1).but(open=(0,)),
    C("tensordot", X, Y, axes=0),
    C("tensordot", CUBE, FOUR, axes=[[2, 0], [3, 0]]).but(open=False),
    C("tensordot", CUBE, B, axes=[2, 0]).but(spec=False),
]
PRODUCTS += [
    C("cross", X, Y),
    C("cross", ROW, X).but(open=(1,)),
    C("cross", X[:, :2], Y[:, :2]),
    C("cross", X[:, :2], Y),
    C("cross", X.T, Y.T, axis=0).but(open=False),
    C("cross", X, Y.T, axisb=0).but(open=False),
    C("cross", CUBE, CUBE[::-1], axisa=1, axisb=1, axisc=1),
    C("cross", INTS, X),
]
PRODUCTS += [
    C("kron", X, Y),
    C("kron", ROW, X).but(spec=False),
    C("kron", CUBE, ROW).but(spec=False),
    C("kron", INTS, INTS),
]

PAIRS = [
    ("ij,jk->ik", (A, B)),
    ("ij,jk", (A, B)),
    ("ij,jk->ki", (A, B)),
    ("ij,kj->ik", (A, spread(5, 4))),
    ("bij,bjk->bik", (CUBE, spread(2, 4, 5))),
    ("bij,bkj->bki", (CUBE, spread(2, 5, 4))),
    ("bij,jk->bik", (CUBE, B)),
    ("ij->ji", (A,)),
    ("ij->", (A,)),
    ("ij->j", (A,)),
    ("ii->i", (spread(3, 3),)),
    ("ii", (spread(3, 3),)),
    ("iij->ij", (spread(3, 3, 2),)),
    ("i,j->ij", (ROW, B[:, 0])),
    ("i,i->i", (ROW, ROW)),
    ("i,i->", (ROW, ROW)),
    ("ij,ij->", (X, Y)),
    ("ij,ij->i", (X, Y)),
    ("bthd,bshd->bhts", (spread(2, 3, 2, 4), spread(2, 5, 2, 4))),
    ("bhts,bshd->bthd", (spread(2, 2, 3, 5), spread(2, 5, 2, 4))),
    ("bthd,hdm->btm", (spread(2, 3, 2, 4), spread(2, 4, 5))),
    ("btm,mhd->bthd", (spread(2, 3, 5), spread(5, 2, 4))),
    ("...ij,...jk->...ik", (FOUR, spread(2, 2, 4, 3))),
    ("...ij,jk->...ik", (CUBE, B)),
    ("...ij,...j", (CUBE, X[:, [0, 1, 2, 0]])),
    ("i...->...", (CUBE,)),
    ("...->...", (CUBE,)),
    ("...i->i...", (CUBE,)),
    ("ij,jk,kl->il", (A, B, spread(2, 3))),
    ("ij,j,j->i", (A, A[0], A[1])),
    ("i,j,k->kji", (ROW, A[0], B[0])),
    ("ijk,ijl->kl", (CUBE, spread(2, 3, 2))),
    ("abc,cd->dab", (CUBE, B)),
    ("ij,ij->ij", (X, Y)),
    ("ij,i->ij", (X, COLUMN[:, 0])),
    ("ijk,jil->kl", (CUBE, spread(3, 2, 2))),
    ("b...c,c->b...", (FOUR, A[0])),
    ("ij,kl->", (A, B)),
    ("ij,kl->ki", (A, B)),
    ("iji->j", (spread(2, 3, 2),)),
]
EINSUM = [
    C("einsum", equation, *operands).but(open=False, note=f" {i}") for i, (equation, operands) in enumerate(PAIRS)
]
EINSUM += [C("einsum", " i j , j k -> i k ", A, B).but(spec=False)]  # Keras infers with the spaces
EINSUM += [
    C("einsum", "ij,jk->ik", INTS, whole(3, 2)).but(open=False),
    C("einsum", "ij,jk->ik", BYTES, whole(3, 2, dtype="int8")).but(open=False),
    C("einsum", "ij,jk->ik", INTS, spread(3, 2)).but(open=False),
]
EINSUM += [
    C("einsum", "bij,jk->bik", CUBE, B).but(open=(0,)),
    C("einsum", "...ij,...jk->...ik", CUBE, spread(2, 4, 3)),
    C("einsum", "bthd,bshd->bhts", spread(2, 3, 2, 4), spread(2, 5, 2, 4)),
]


@pytest.mark.parametrize("case", PRODUCTS, ids=str)
class TestProducts(Parity):
    pass


@pytest.mark.parametrize("case", EINSUM, ids=str)
class TestEinsum(Parity):
    pass


BATCHED = [
    ("ij,jk->ik", (3, 4), (4, 5)),
    ("ij,kj->ik", (3, 4), (5, 4)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("bthd,bshd->bhts", (2, 3, 2, 4), (2, 5, 2, 4)),
    ("bij,jk->bik", (2, 3, 4), (4, 5)),
    ("btm,mhd->bthd", (2, 3, 5), (5, 2, 4)),
    ("bthd,hdm->btm", (2, 3, 2, 4), (2, 4, 5)),
    ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
]


@pytest.mark.parametrize("equation, left, right", BATCHED)
def test_a_contraction_is_one_matmul_with_views_around_it(equation, left, right):
    graph = trace(lambda x, y: ops.einsum(equation, x, y), [Spec(left, "float32"), Spec(right, "float32")])
    names = [node.operation.name for node in graph.nodes]
    assert names.count("matmul") == 1
    assert set(names) <= {"matmul", "reshape", "transpose"}


def test_the_plain_product_moves_nothing():
    graph = trace(lambda x, y: ops.einsum("ij,kj->ik", x, y), [Spec((3, 4), "float32"), Spec((5, 4), "float32")])
    assert [node.operation.name for node in graph.nodes] == ["matmul"]


@pytest.mark.parametrize(
    "equation, shapes",
    [
        ("ij,jk->ik", [(2, 3), (4, 5)]),
        ("ij->k", [(2, 3)]),
        ("ij", [(2, 3, 4)]),
        ("ij,jk", [(2, 3)]),
        ("i1->i", [(2, 3)]),
        ("ij->ii", [(2, 3)]),
    ],
)
def test_a_wrong_equation_is_refused(equation, shapes):
    with pytest.raises(ValueError):
        ops.einsum(equation, *[np.zeros(shape, "float32") for shape in shapes])


@pytest.mark.parametrize(
    "name, left, right",
    [
        ("matmul", (2, 3), (2, 3)),
        ("matmul", (), (2, 2)),
        ("dot", (2, 3), (2, 3)),
        ("inner", (2, 3), (2, 4)),
        ("tensordot", (2, 3), (3, 2)),
        ("cross", (2, 4), (2, 4)),
        ("vdot", (2,), (3,)),
    ],
)
def test_operands_that_do_not_fit_are_refused(name, left, right):
    with pytest.raises(ValueError, match=r"shape|axes|components"):
        getattr(ops, name)(np.zeros(left, "float32"), np.zeros(right, "float32"))
