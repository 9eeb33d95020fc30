"""Attention by cuDNN: on the stand-in that reads its graphs; and whether the real one has kernels for them."""

import importlib
import itertools

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.primitives import p
from tests import cupy_standin
from tests.backend.cupy import asked_of_cudnn
from tests.cupy_standin import cudnn as standin
from tests.cupy_standin import streams

pytestmark = pytest.mark.skipif(cupy_standin.has_card(), reason="asks for what the stand-in has")
RNG = np.random.default_rng(0)
CASES = {  # (batch, queries, heads, size), (keys, heads of theirs, size of values), shape of a mask or None, causal
    "plain": ((2, 5, 4, 8), (5, 4, 8), None, False),
    "causal": ((2, 6, 4, 8), (6, 4, 8), None, True),
    "fewer keys": ((2, 5, 2, 16), (3, 2, 16), None, True),
    "values of another size": ((2, 5, 2, 8), (7, 2, 16), None, False),
    "shared heads": ((2, 5, 4, 8), (6, 2, 8), None, False),
    "one shared head, causal": ((1, 5, 4, 8), (5, 1, 8), None, True),
    "padding": ((2, 5, 4, 8), (6, 4, 8), (2, 1, 1, 6), False),
    "any mask": ((2, 5, 4, 8), (6, 4, 8), (2, 4, 5, 6), False),
    "a mask for all": ((2, 5, 4, 8), (6, 4, 8), (5, 6), False),
    "a mask of three axes, causal": ((2, 5, 4, 8), (5, 2, 8), (2, 5, 5), True),
    "whole rows": ((2, 5, 4, 8), (6, 4, 8), (2, 1, 5, 1), False),
}
TOLERANCE = {"float16": 4e-3, "bfloat16": 3e-2}


def operands(case, dtype):
    """[queries, keys, values, what arrives, and a mask where there is one], and the arguments."""
    (batch, length, heads, size), (keys, shared, width), mask, causal = CASES[case]
    rng = np.random.default_rng(1)
    shapes = (batch, length, heads, size), (batch, keys, shared, size), (batch, keys, shared, width)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in (*shapes, (batch, length, heads, width))]
    return [*arrays, *([] if mask is None else [rng.random(mask) < 0.6])], {"is_causal": causal}


@pytest.fixture
def fresh(card, monkeypatch, tmp_path):
    """The device, with no plan in memory or on disk."""
    plans = importlib.import_module("kerasish.backend.cupy.cudnn.plans")
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(plans, "_plans", {})
    return card


def step_of(attributes):
    def step(q, k, v, g, mask=None):
        made = ops.dot_product_attention(q, k, v, mask=mask, **attributes)
        return [made, *gradients(made, [q, k, v], g)]

    return function(step)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_the_parts(fresh, case, dtype):
    arrays, attributes = operands(case, dtype)
    before = standin.COUNTS["graphs"]
    step = step_of(attributes)
    found = [list(map(fresh.to_host, step(*arrays))) for _ in range(3)]
    names = step.program(*arrays).names
    assert standin.COUNTS["graphs"] == before + 2
    assert names.count("attention") == names.count("attention_gradient") == 1 and "matmul" not in names
    backend.set_backend("numpy")
    wanted = step_of(attributes)(*(x if x.dtype == bool else x.astype("float32") for x in arrays))
    for run in found:
        for mine, other in zip(run, wanted):
            assert mine.dtype == dtype
            np.testing.assert_allclose(mine.astype("float32"), other, rtol=0, atol=TOLERANCE[dtype] * abs(other).max())


WIDE = {  # sizes of heads and values, whether weights are dropped: the sizes that cuDNN has gradients for
    "as they are": ((256, 256), False, (256, 256)),
    "filled up": ((136, 136), False, (256, 256)),
    "filled up to uneven ones": ((144, 64), False, (192, 128)),
    "values alone": ((64, 136), False, (256, 256)),
    "some dropped": ((160, 128), True, (192, 128)),
    "too wide to drop": ((136, 136), True, None),
}


@pytest.mark.parametrize("shared", [1, 2])
@pytest.mark.parametrize("case", WIDE)
def test_gradients_of_wide_heads_are_those_of_the_next_size(fresh, case, shared):
    (size, width), drops, wide = WIDE[case]
    rng = np.random.default_rng(2)
    shapes = (2, 5, 2, size), (2, 6, shared, size), (2, 6, shared, width), (2, 5, 2, width)
    arrays = [rng.standard_normal(shape).astype("bfloat16") for shape in shapes]
    kept = [(rng.random((2, 2, 5, 6)) < 0.7).astype("bfloat16")] if drops else []
    facts = {"scale": 0.1, "is_causal": True, **({"grown": 1.25} if drops else {})}

    def step(q, k, v, g, *kept):
        made = p.attention(q, k, v, *kept, **facts)[0]
        return [made, *gradients(made, [q, k, v], g)]

    compiled = function(step)
    found = [list(map(fresh.to_host, compiled(*arrays, *kept))) for _ in range(3)][-1]
    program = compiled.program(*arrays, *kept)
    kind = importlib.import_module("kerasish.backend.cupy.cudnn.attention").Step
    planned = [step._shapes for step in program.steps if isinstance(step, kind)][1:]
    assert [(shapes[1][3], shapes[3][3]) for shapes in planned] == ([] if wide is None else [wide])
    assert ("attention_gradient" in program.names) is (wide is not None)
    backend.set_backend("numpy")
    wanted = function(step)(*(x.astype("float32") for x in (*arrays, *kept)))
    for mine, other in zip(found, wanted):
        np.testing.assert_allclose(mine.astype("float32"), other, rtol=0, atol=3e-2 * abs(other).max())


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", ["plain", "shared heads", "one shared head, causal", "any mask"])
def test_weights_are_dropped_in_the_kernel(fresh, case, dtype):
    (q, k, v, g, *mask), attributes = operands(case, dtype)
    kept = (np.random.default_rng(3).random((q.shape[0], q.shape[2], q.shape[1], k.shape[1])) < 0.7).astype(dtype)
    more = [*(np.where(x, 0.0, -1e3).astype(dtype) for x in mask), kept]

    def step(q, k, v, g, *more):
        made = p.attention(q, k, v, *more, scale=0.4, grown=1.25, **attributes)[0]
        return [made, *gradients(made, [q, k, v], g)]

    compiled = function(step)
    found = list(map(fresh.to_host, compiled(q, k, v, g, *more)))
    assert {"attention", "attention_gradient"} <= set(compiled.program(q, k, v, g, *more).names)
    backend.set_backend("numpy")
    wanted = function(step)(*(x.astype("float32") for x in (q, k, v, g, *more)))
    for mine, other in zip(found, wanted):
        np.testing.assert_allclose(mine.astype("float32"), other, rtol=0, atol=TOLERANCE[dtype] * abs(other).max())


def test_a_query_that_may_look_at_nothing_sees_the_mean(fresh):
    (q, k, v, g), _ = operands("plain", "float16")
    mask = np.ones((2, 1, 5, 5), bool)
    mask[:, :, 2] = False
    made, *found = map(fresh.to_host, step_of({})(q, k, v, g, mask))
    mean = v.astype("float32").mean(1)
    np.testing.assert_allclose(made[:, 2], mean, atol=2e-3)
    assert not found[0][:, 2].any()


LEFT_ALONE = {
    "float32": ("float32", {}, "half precision"),
    "a bias": ("float16", {"bias": np.zeros((2, 4, 5, 5), "float16")}, "has a bias"),
    "a cap": ("float16", {"attn_logits_soft_cap": 5.0}, "caps its logits"),
    "heads of an odd size": ("float16", {}, "heads of 6 and 6 numbers"),
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_the_rest_is_products_and_a_softmax_and_explain_says_why(fresh, case):
    dtype, attributes, why = LEFT_ALONE[case]
    size = 6 if "odd" in case else 8
    arrays = [RNG.standard_normal((2, 5, 4, size)).astype(dtype) for _ in range(3)]
    step = function(lambda q, k, v: ops.dot_product_attention(q, k, v, **attributes))
    fresh.to_host(step(*arrays))
    assert "attention" not in step.program(*arrays).names
    said = step.explain(*arrays)
    assert len(said.remarks) == 1 and why in said.remarks[0] and said.remarks[0] in str(said)
    with pytest.raises(RuntimeError, match=f"not available on this device.*{why}"):
        function(lambda q, k, v: ops.dot_product_attention(q, k, v, flash_attention=True, **attributes))(*arrays)


@pytest.mark.parametrize(
    "dropout, more, why",
    [
        (1.0, {}, "drops all weights"),
        (0.5, {"return_attention_scores": True}, "returns its weights"),
        (0.0, {"return_attention_scores": True}, "returns its weights"),
    ],
)
def test_layers_that_need_the_weights_say_so(fresh, dropout, more, why):
    layer = keras.layers.MultiHeadAttention(2, 8, dropout=dropout, dtype="mixed_float16")
    x = np.ones((1, 4, 8), "float32")
    layer(x, x)
    step = function(lambda x: layer(x, x, **more))
    step(x)
    (remark,) = step.explain(x).remarks
    assert why in remark and layer.name in remark


def test_flash_attention_is_a_wish(fresh):
    (q, k, v, _), _ = operands("plain", "bfloat16")
    for wish, names in ((True, {"attention"}), (None, {"attention"}), (False, {"matmul"})):
        step = function(lambda q, k, v, wish=wish: ops.dot_product_attention(q, k, v, flash_attention=wish))
        step(q, k, v)
        assert names <= set(step.program(q, k, v).names) and not step.explain(q, k, v).remarks
    ops.dot_product_attention(q, k, v, flash_attention=True)  # at once, by parts
    keras.config.disable_flash_attention()
    try:
        layer = keras.layers.MultiHeadAttention(2, 8, dtype="mixed_bfloat16")
    finally:
        keras.config.enable_flash_attention()
    x = np.ones((1, 4, 8), "float32")
    layer(x, x)
    step = function(lambda x: layer(x, x))
    step(x)
    assert "attention" not in step.program(x).names


def small_model(policy, causal, dropout=0.0):
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    x = keras.Input((6, 16))
    heads = keras.layers.MultiHeadAttention(2, 8, dropout=dropout, dtype=policy)
    made = heads(x, x, use_causal_mask=causal)
    model = keras.Model(x, keras.layers.Dense(2, dtype="float32")(keras.layers.GlobalAveragePooling1D()(made)))
    model.compile("sgd", "mse")
    return model


MASKS = {  # sizes of a mask for 4 samples of 6 queries and keys; of each head; causal
    "of each query": ((4, 6, 6), False, False),
    "for all": ((1, 6, 6), False, False),
    "of each head": ((4, 2, 6, 6), False, False),
    "of keys": ((4, 1, 6), False, False),
    "causal": ((4, 6, 6), True, False),
    "shared heads": ((4, 6, 6), False, True),
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("case", MASKS)
def test_masks_and_dropout_go_together(fresh, case, training):
    """A query that may look at nothing gets zeros, as by the parts; so do gradients that arrive there."""
    sizes, causal, grouped = MASKS[case]
    mask = np.random.default_rng(5).random(sizes) < 0.6
    mask[..., 0, :] = False
    x, g = RNG.standard_normal((2, 4, 6, 16)).astype("float32")

    def run():
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        kind = keras.layers.GroupQueryAttention if grouped else keras.layers.MultiHeadAttention
        sizes = (8, 4, 2) if grouped else (2, 8)
        layer = kind(*sizes, dropout=0.3, use_bias=False, dtype="mixed_bfloat16")  # no weight depends on a key's bias
        layer(x, x)

        def step(x, mask, g):
            more = {"attention_mask": mask, "training": training, "use_causal_mask": causal}
            made = layer(x, x, **more)
            return [made, *gradients(made, [x, *(w.read() for w in layer.trainable_weights)], ops.cast(g, made.dtype))]

        compiled = function(step)
        found = [ops.convert_to_numpy(y).astype("float32") for y in compiled(x, mask, g)]
        return found, compiled.program(x, mask, g).names, compiled.explain(x, mask, g).remarks

    found, names, remarks = run()
    assert names.count("attention") == names.count("attention_gradient") == 1 and not remarks
    backend.set_backend("numpy")
    wanted, names, _ = run()
    assert "attention" not in names
    assert sizes[1] == 1 or not found[0][:, 0].any()
    for mine, other in zip(found, wanted):
        np.testing.assert_allclose(mine, other, rtol=0, atol=3e-2 * abs(other).max())


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("causal", [False, True])
def test_a_step_of_a_layer_is_one_graph_with_two_kernels_of_attention(fresh, causal, dropout):
    """Which weights are dropped is the CPU's choice too."""
    x, y = RNG.standard_normal((4, 6, 16)).astype("float32"), RNG.standard_normal((4, 2)).astype("float32")
    model = small_model("mixed_bfloat16", causal, dropout)
    losses = []
    for _ in range(4):
        before = dict(streams.COUNTS)
        losses.append(model.train_on_batch(x, y))
        launches = streams.COUNTS["launches"] - before["launches"]
    assert launches <= 9  # copies in and out, and the graph
    predicted = model.predict(x, verbose=0)
    assert "attention" in model.make_predict_function().program(x).names
    said = model.explain(kind="train", batch_size=4, repeat=1)
    assert "one CUDA graph" in said.launch and not said.remarks
    assert {"attention", "attention_gradient"} <= {row["operation"] for row in said.rows}
    backend.set_backend("numpy")
    other = small_model("mixed_bfloat16", causal, dropout)
    np.testing.assert_allclose(losses, [other.train_on_batch(x, y) for _ in range(4)], rtol=2e-2)
    np.testing.assert_allclose(predicted, other.predict(x, verbose=0), rtol=5e-2, atol=2e-2)


def test_what_lies_badly_is_copied(fresh):
    (q, k, v, _), _ = operands("plain", "float16")
    whole = np.concatenate([q, k, v], -1)

    def parts(x):
        return ops.dot_product_attention(*(x[..., 8 * i : 8 * i + 8] for i in range(3)))

    step = function(parts)
    found = fresh.to_host(step(whole))
    assert "attention" in step.program(whole).names
    np.testing.assert_array_equal(found, fresh.to_host(step_of({})(q, k, v, q)[0]))


def test_plans_are_kept_on_disk(fresh, monkeypatch):
    plans = importlib.import_module("kerasish.backend.cupy.cudnn.plans")
    arrays, attributes = operands("padding", "float16")
    wanted, before = list(map(fresh.to_host, step_of(attributes)(*arrays))), dict(standin.COUNTS)
    monkeypatch.setattr(plans, "_plans", {})
    again = list(map(fresh.to_host, step_of(attributes)(*arrays)))
    assert standin.COUNTS == {**before, "read": before["read"] + 2}
    for mine, other in zip(again, wanted):
        np.testing.assert_array_equal(mine, other)


def test_attention_is_compared_on_a_card(fresh, monkeypatch, capsys):
    from benchmarks import gpu_attention

    cases = [(1, 6, 4, 2, 8, limit) for limit in (None, "causal", "padding")]
    monkeypatch.setattr(gpu_attention, "CASES", cases)
    assert gpu_attention.main() == 0
    assert capsys.readouterr().out.count(": planned, apart") == 6


# -- by parts, on the CPU ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["plain", "shared heads", "one shared head, causal"])
def test_the_parts_drop_what_is_not_kept(case):
    (q, k, v, g), attributes = operands(case, "float64")
    kept = (np.random.default_rng(3).random((*q.shape[:1], q.shape[2], q.shape[1], k.shape[1])) < 0.7) * 1.0
    causal = attributes["is_causal"]

    def fused(q, k, v, g):
        made = p.attention(q, k, v, kept, scale=0.4, is_causal=causal, grown=1.25)[0]
        found = gradients(made, [q, k, v], g)
        return [made, *found, *gradients(sum(ops.sum(ops.sin(x)) for x in found), [q, k, v, g])]

    def parts(q, k, v, g):
        repeats = q.shape[2] // k.shape[2]
        keys, values = (ops.transpose(ops.repeat(x, repeats, axis=2), (0, 2, 1, 3)) for x in (k, v))
        logits = ops.matmul(ops.transpose(q, (0, 2, 1, 3)), ops.swapaxes(keys, 2, 3)) * 0.4
        if causal:
            logits = ops.where(np.tri(q.shape[1], k.shape[1], dtype=bool), logits, -1e9)
        made = ops.transpose(ops.matmul(ops.softmax(logits) * kept * 1.25, values), (0, 2, 1, 3))
        found = gradients(made, [q, k, v], g)
        return [made, *found, *gradients(sum(ops.sum(ops.sin(x)) for x in found), [q, k, v, g])]

    for mine, other in zip(function(fused)(q, k, v, g), function(parts)(q, k, v, g)):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("case", ["plain", "shared heads", "one shared head, causal", "padding"])
def test_the_parts_are_what_the_primitive_is(case):
    (q, k, v, g, *mask), attributes = operands(case, "float64")
    bias = [np.where(x, 0.0, -1e3) for x in mask]
    facts = {"scale": 0.4, "is_causal": attributes["is_causal"]}

    def fused(q, k, v, g):
        made = p.attention(q, k, v, *bias, **facts)[0]
        found = gradients(made, [q, k, v], g)
        again = gradients(sum(ops.sum(ops.sin(x)) for x in found), [q, k, v, g])
        return [made, *found, *again]

    def parts(q, k, v, g):
        made = ops.dot_product_attention(q, k, v, mask=mask[0] if mask else None, scale=0.4, **attributes)
        found = gradients(made, [q, k, v], g)
        again = gradients(sum(ops.sum(ops.sin(x)) for x in found), [q, k, v, g])
        return [made, *found, *again]

    wanted = function(parts)(q, k, v, g)
    for mine, other in zip(function(fused)(q, k, v, g), wanted):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-10)
    at_once = p.attention(q, k, v, *bias, **facts)
    np.testing.assert_allclose(at_once[0], wanted[0], rtol=1e-9, atol=1e-10)
    back = p.attention_gradient(q, k, v, *at_once, g, *bias, **facts)
    for mine, other in zip(back, wanted[1:4]):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    "shapes, words",
    [
        (((1, 2, 3, 8), (1, 2, 2, 8), (1, 2, 2, 8)), "do not fit together"),
        (((1, 2, 2, 8), (1, 2, 2, 4), (1, 2, 2, 8)), "do not fit together"),
        (((1, 2, 2, 8), (1, 2, 2, 8), (1, 3, 2, 8)), "do not fit together"),
        (((1, 2, 2, 8), (1, 3, 2, 8), (1, 3, 2, 8), (1, 2, 3)), "must broadcast to"),
        (((1, 2, 2, 8), (1, 3, 2, 8), (1, 3, 2, 8), (1, 2, 2, 2)), "broadcast"),
    ],
)
def test_operands_that_do_not_fit_are_refused(shapes, words):
    with pytest.raises(ValueError, match=words):
        p.attention(*(np.ones(shape, "float32") for shape in shapes), scale=1.0, is_causal=False)


# -- the real one -----------------------------------------------------------------------------------------------------


def asked():
    """What the tests above ask for, and heads of usual sizes."""
    attention = importlib.import_module("kerasish.backend.cupy.cudnn.attention")
    sizes = [(query, keys, mask, causal) for query, keys, mask, causal in CASES.values()]
    sizes += [((4, 128, 8, size), (128, 8, size), None, causal) for size in (32, 64, 128) for causal in (False, True)]
    found = []
    for (query, (keys, shared, width), mask, causal), dtype in itertools.product(sizes, TOLERANCE):
        batch, length, _, size = query
        bias = None
        if mask is not None:
            whole = (mask[0], 1, *mask[1:]) if len(mask) == 3 else (*[1] * (4 - len(mask)), *mask)
            bias = (*whole[:3], keys)
        for name in ("attention", "attention_gradient"):
            shapes = query, (batch, keys, shared, size), (batch, keys, shared, width)
            alone = causal and mask is None
            for grown in (None, 1.25):
                found.append((attention.Call(name, *shapes, bias, dtype, 0.25, alone, grown), None, True))
    return found


@asked_of_cudnn.REAL
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90", "sm_100"])
def test_the_real_one_has_gradients_of_some_wide_heads(card, architecture, tmp_path):
    """None on Ampere, all up to 256 on Hopper; on Blackwell 192 with values of 128, and 256 where none is dropped."""
    attention = importlib.import_module("kerasish.backend.cupy.cudnn.attention")
    sizes, questions = [(136, 136), (192, 128), (192, 192), (128, 256), (256, 256), (264, 264)], []
    for (size, width), bias, grown in itertools.product(sizes, (None, (2, 1, 64, 64)), (None, 1.25)):
        shapes = (2, 64, 4, size), (2, 64, 2, size), (2, 64, 2, width)
        call = attention.Call("attention_gradient", *shapes, bias, "bfloat16", 0.1, bias is None, grown)
        questions.append((call, None, True))
    has = {
        "sm_80": lambda call: False,
        "sm_90": lambda call: call.query[3] <= 256,
        "sm_100": lambda call: (
            call.query[3] == 192
            and call.value[3] == 128
            or call.query[3] == call.value[3] == 256
            and call.grown is None
        ),
    }[architecture]
    found = asked_of_cudnn.answers(questions, architecture, tmp_path)
    assert [isinstance(answer, int) for answer in found] == [has(call) for call, *_ in questions], found


test_the_real_one_has_kernels = asked_of_cudnn.test_of(asked)
