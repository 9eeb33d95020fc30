"""Convolutions by cuDNN: on the stand-in that reads its graphs; and whether the real one has kernels for them."""

import importlib
import inspect
import itertools
import json
import subprocess
import sys
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend
from kerasish.backend.function import function
from kerasish.backend.primitives import p
from tests import cupy_standin
from tests.backend.cupy import asked_of_cudnn
from tests.cupy_standin import cudnn as standin
from tests.cupy_standin import streams

pytestmark = pytest.mark.skipif(cupy_standin.has_card(), reason="asks for what the stand-in has")
CASES = {  # shapes of x and the kernel, strides, padding, dilation, groups
    "plain": ((2, 6, 7, 4), (3, 3, 4, 8), (1, 1), ((1, 1), (1, 1)), (1, 1), 1),
    "odd": ((2, 6, 5, 3), (3, 2, 3, 5), (2, 1), ((0, 1), (0, 0)), (1, 1), 1),
    "uneven padding": ((2, 6, 7, 4), (3, 3, 4, 8), (2, 2), ((0, 1), (1, 0)), (1, 1), 1),
    "dilated": ((2, 8, 7, 4), (3, 2, 4, 8), (1, 1), ((2, 2), (0, 0)), (2, 3), 1),
    "in groups": ((2, 6, 7, 4), (3, 3, 2, 6), (1, 1), ((1, 1), (1, 1)), (1, 1), 2),
    "depthwise": ((2, 6, 7, 4), (3, 3, 1, 8), (1, 2), ((1, 1), (1, 1)), (1, 1), 4),
    "one axis": ((2, 9, 4), (3, 4, 8), (2,), ((1, 1),), (1,), 1),
    "three axes": ((2, 4, 5, 6, 2), (2, 3, 2, 2, 4), (1, 2, 1), ((0, 1), (1, 1), (0, 0)), (1, 1, 1), 1),
}


def operands(case, dtype):
    """(primitive, operands, attributes) of the three convolutions of a case."""
    image, kernel, strides, padding, dilation, groups = CASES[case]
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(dtype) for shape in (image, kernel))
    where = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
    sizes = zip(image[1:-1], kernel[:-2], strides, padding, dilation)
    made = tuple((n + sum(pair) - d * (k - 1) - 1) // s + 1 for n, k, s, pair, d in sizes)
    g = rng.standard_normal((image[0], *made, kernel[-1])).astype(dtype)
    return {
        "conv": ((x, w), where),
        "conv_input_gradient": ((g, w), {**where, "input_shape": image}),
        "conv_kernel_gradient": ((x, g), {**where, "kernel_shape": kernel}),
    }


@pytest.fixture
def fresh(card, monkeypatch, tmp_path):
    """The device, with no plan in memory or on disk."""
    plans = importlib.import_module("kerasish.backend.cupy.cudnn.plans")
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(plans, "_plans", {})
    return card


@pytest.mark.parametrize("name", ["conv", "conv_input_gradient", "conv_kernel_gradient"])
@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_the_cpus(fresh, case, name):
    given, attributes = operands(case, "float32")[name]
    before = standin.COUNTS["graphs"]
    eager = fresh.to_host(getattr(p, name)(*map(fresh.from_host, given), **attributes))
    compiled = function(lambda *xs: getattr(p, name)(*xs, **attributes))
    found = [fresh.to_host(compiled(*given)) for _ in range(3)]
    assert standin.COUNTS["graphs"] == before + 1
    backend.set_backend("numpy")
    wanted = getattr(p, name)(*given, **attributes)
    for values in (eager, *found):
        np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-5)


def test_operands_that_lie_badly_are_copied(fresh):
    (x, w), attributes = operands("plain", "float32")["conv"]
    wide = fresh.from_host(np.concatenate([x[..., :1], x], -1))
    found = fresh.to_host(p.conv(wide[..., 1:], fresh.from_host(w), **attributes))
    np.testing.assert_allclose(found, fresh.to_host(p.conv(fresh.from_host(x), fresh.from_host(w), **attributes)))


@pytest.mark.parametrize("what", ["float64", "cut"])
def test_what_cudnn_has_not_is_gathered(fresh, what):
    given, attributes = operands("plain", "float64" if what == "float64" else "float32")["conv"]
    if what == "cut":
        attributes["padding"] = ((-1, 1), (1, 1))
    before = standin.COUNTS["graphs"]
    found = fresh.to_host(function(lambda *xs: p.conv(*xs, **attributes))(*given))
    assert standin.COUNTS["graphs"] == before
    backend.set_backend("numpy")
    np.testing.assert_allclose(found, p.conv(*given, **attributes), rtol=1e-4, atol=1e-5)


def test_plans_are_kept_on_disk(fresh, monkeypatch):
    plans = importlib.import_module("kerasish.backend.cupy.cudnn.plans")
    given, attributes = operands("plain", "float32")["conv"]

    def run():
        return fresh.to_host(p.conv(*map(fresh.from_host, given), **attributes))

    wanted, before = run(), dict(standin.COUNTS)
    run()
    assert standin.COUNTS == before
    monkeypatch.setattr(plans, "_plans", {})
    np.testing.assert_array_equal(run(), wanted)
    assert standin.COUNTS == {**before, "read": before["read"] + 1}
    monkeypatch.setenv("KERASISH_TF32", "0")  # other kernels
    np.testing.assert_array_equal(run(), wanted)
    assert standin.COUNTS["graphs"] == before["graphs"] + 1


def test_the_fastest_plan_is_taken_where_that_is_asked_for(fresh, monkeypatch):
    monkeypatch.setenv("KERASISH_CUDNN_AUTOTUNE", "1")
    given, attributes = operands("plain", "float32")["conv"]
    times, tried = iter((2.0, 1.0)), []
    monkeypatch.setattr(importlib.import_module("cupy").cuda, "get_elapsed_time", lambda *events: next(times))
    built = standin.pygraph.build_plan_at_index
    monkeypatch.setattr(
        standin.pygraph, "build_plan_at_index", lambda graph, index: tried.append(index) or built(graph, index)
    )
    found = fresh.to_host(p.conv(*map(fresh.from_host, given), **attributes))
    assert tried == [0, 1, 1]
    backend.set_backend("numpy")
    np.testing.assert_allclose(found, p.conv(*given, **attributes), rtol=1e-4, atol=1e-5)


def test_without_cudnn_it_is_said_once(card, monkeypatch):
    library = importlib.import_module("kerasish.backend.cupy.cudnn.library")
    monkeypatch.setitem(importlib.import_module("sys").modules, "cudnn", None)
    library.frontend.cache_clear()
    try:
        given, attributes = operands("plain", "float32")["conv"]
        with pytest.warns(UserWarning, match=r"without cuDNN.*kerasish\[cuda13\]"):
            found = card.to_host(p.conv(*map(card.from_host, given), **attributes))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            again = card.to_host(function(lambda *xs: p.conv(*xs, **attributes))(*given))
    finally:
        library.frontend.cache_clear()
    backend.set_backend("numpy")
    for values in (found, again):
        np.testing.assert_allclose(values, p.conv(*given, **attributes), rtol=1e-4, atol=1e-5)


layers = keras.layers
FOLLOWED = {
    "bias": lambda x: layers.Conv2D(4, 3)(x),
    "relu": lambda x: layers.Conv2D(4, 3, activation="relu", padding="same")(x),
    "relu up to 6": lambda x: layers.Conv2D(4, 3, activation="relu6", padding="same")(x),
    "tanh": lambda x: layers.Conv2D(4, 3, activation="tanh", groups=2)(x),
    "batch normalization, relu up to 2": lambda x: layers.ReLU(2.0)(
        layers.BatchNormalization()(layers.Conv2D(4, 3)(x))
    ),
    "batch normalization": lambda x: layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(4, 3)(x))),
    "residual": lambda x: layers.ReLU()(layers.add([layers.Conv2D(4, 1)(x), x])),
    "two convolutions": lambda x: layers.ReLU()(layers.add([layers.Conv2D(4, 1)(x), layers.Conv2D(4, 1)(x)])),
    "one axis": lambda x: layers.Conv1D(4, 3, activation="relu")(layers.Reshape((36, 4))(x)),
    "depthwise": lambda x: layers.DepthwiseConv2D(3, activation="relu")(x),
}


def small_model(what):
    keras.utils.set_random_seed(5)
    x = keras.Input((6, 6, 4))
    model = keras.Model(
        x, layers.Flatten()(layers.MaxPooling2D(1)(FOLLOWED[what](x)) if what != "one axis" else FOLLOWED[what](x))
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in model.get_weights()])
    return model


@pytest.mark.parametrize("what", FOLLOWED)
def test_biases_scales_and_activations_are_done_in_the_same_graph(fresh, what):
    x = np.random.default_rng(0).standard_normal((3, 6, 6, 4)).astype("float32")
    model = small_model(what)
    found = [model.predict(x, verbose=0) for _ in range(3)]
    names = model.make_predict_function().program(x).names
    backend.set_backend("numpy")
    wanted = small_model(what).predict(x, verbose=0)
    for values in found:
        np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-5)
    assert "conv + fused" in names


def test_a_result_that_others_read_is_left_alone(fresh):
    (x, w), attributes = operands("plain", "float32")["conv"]

    def both(x, w):
        made = p.conv(x, w, **attributes)
        return made, p.relu(made)

    compiled = function(both)
    made, after = (fresh.to_host(y) for y in compiled(x, w))
    np.testing.assert_array_equal(np.maximum(made, 0), after)
    assert (made < 0).any() and not any("+" in name for name in compiled.program(x, w).names)


def test_a_step_with_convolutions_is_one_graph(fresh):
    model = small_model("relu")
    model.compile("adam", "mse")
    x, y = np.ones((4, 6, 6, 4), "float32"), np.zeros((4, 144), "float32")
    for _ in range(3):
        before = dict(streams.COUNTS)
        model.train_on_batch(x, y)
        launches = streams.COUNTS["launches"] - before["launches"]
    assert launches <= 9  # copies in and out, and the graph
    assert "one CUDA graph" in model.explain(kind="train", batch_size=4, repeat=1).launch


def test_the_stand_in_refuses_what_cudnn_refuses():
    def graph_of(dim, stride, kind=standin.data_type.FLOAT, padding=(1, 1)):
        graph = standin.pygraph()
        x = graph.tensor(dim=dim, stride=stride, data_type=kind, uid=1)
        w = graph.tensor(dim=[4, 2, 3, 3], stride=[1, 4, 24, 8], data_type=kind, uid=2)
        y = graph.conv_fprop(x, w, padding, padding, (1, 1), (1, 1)).set_output(True).set_data_type(kind).set_uid(3)
        y.set_dim([1, 4, 5, 5]).set_stride([100, 1, 20, 4])
        graph.validate()
        graph.build_operation_graph()
        graph.create_execution_plans([standin.heur_mode.A])
        graph.check_support()

    graph_of([1, 2, 5, 5], [50, 1, 10, 2])
    with pytest.raises(standin.cudnnGraphNotSupportedError, match="no engine"):
        graph_of([1, 2, 5, 5], [50, 1, 10, 2], standin.data_type.DOUBLE)
    with pytest.raises(standin.cudnnGraphNotSupportedError, match="dense"):
        graph_of([1, 2, 5, 5], [60, 1, 12, 2])
    with pytest.raises(standin.cudnnGraphNotSupportedError, match="side by side"):
        graph_of([1, 2, 5, 5], [50, 25, 5, 1])
    with pytest.raises(RuntimeError, match="negative"):
        graph_of([1, 2, 5, 5], [50, 1, 10, 2], padding=(-1, 1))


def test_convolutions_are_compared_on_a_card(fresh, monkeypatch, capsys):
    from benchmarks import gpu_convolutions

    monkeypatch.setattr(gpu_convolutions, "BATCH", 1)
    monkeypatch.setattr(gpu_convolutions, "LAYERS", [(12, 3, 8, 3, 2, 1), (8, 8, 8, 3, 1, 8)])
    assert gpu_convolutions.main() == 0
    assert capsys.readouterr().out.count(": planned, apart") == 4


# -- the real one -----------------------------------------------------------------------------------------------------


def asked():
    """What the tests above ask for, as (Call, Words or None, whether TF32 may be used)."""
    convolution = importlib.import_module("kerasish.backend.cupy.cudnn.convolution")
    epilogue = importlib.import_module("kerasish.backend.cupy.cudnn.epilogue")
    followers = importlib.import_module("kerasish.backend.cupy.followers")
    found = []
    for case, (image, kernel, *_) in CASES.items():
        made = operands(case, "float32")["conv_input_gradient"][0][0].shape
        for dtype in ("float32", "float16", "bfloat16"):
            for name, ((first, second), attributes) in operands(case, "float32").items():
                sizes = {"conv": made, "conv_input_gradient": image, "conv_kernel_gradient": kernel}
                out = np.empty(sizes[name], dtype)
                first, second = first.astype(dtype), second.astype(dtype)
                where = [attributes[word] for word in ("strides", "padding", "dilation")]
                call = convolution.call(name, out, first, second, *where)
                found.append((call, None, True))
                if dtype == "float32":
                    found.append((call, None, False))
                if name == "conv":
                    for (steps, more), wide in itertools.product(EPILOGUES, sorted({dtype, "float32"})):
                        rows = np.empty((out.shape[-1],), wide)
                        arrays = tuple(rows if one == "rows" else out for one in more)
                        chain = followers.Chain(steps, arrays)
                        words = epilogue.Words(chain, dtype, call.made, convolution.strided)
                        found.append((call._replace(turned=not words.takes_any_kernel), words, True))
    return found


EPILOGUES = [
    ((("add", (0, 1)),), ["rows"]),
    ((("add", (0, 1)), ("relu", (2,))), ["rows"]),
    ((("add", (0, 1)), ("relu", (2,)), ("minimum", (3, 6.0))), ["rows"]),
    ((("add", (0, 1)), ("multiply", (4, 2)), ("add", (5, 3)), ("relu", (6,))), ["rows"] * 3),
    ((("multiply", (0, 1)), ("add", (3, 2)), ("relu", (4,)), ("minimum", (5, 6.0))), ["rows"] * 2),
    ((("add", (0, 1)), ("add", (3, 2)), ("relu", (4,))), ["rows", "whole"]),
    ((("add", (0, 1)), ("sigmoid", (2,)), ("multiply", (3, 2))), ["rows"]),
]


test_the_real_one_has_kernels = asked_of_cudnn.test_of(asked)


_NAMES = """
import inspect, json, sys, cudnn
from cudnn.graph_types import Tensor
wanted = json.loads(sys.argv[1])
says = lambda f: " ".join([f.__doc__ or "", *inspect.signature(f).parameters])
inner = cudnn._compiled_module.backend_graph
graph = {n: says(getattr(cudnn.pygraph, n)) + says_of(n) for n in wanted["pygraph"]}
print(json.dumps({
    "cudnn": [n for n in wanted["cudnn"] if not hasattr(cudnn, n)],
    "members": [f"{n}.{m}" for n in wanted["enums"] for m in wanted["enums"][n] if not hasattr(getattr(cudnn, n), m)],
    "Tensor": [n for n in wanted["Tensor"] if not hasattr(Tensor, n)],
    "pygraph": [f"{n}({p})" for n in wanted["pygraph"] for p in wanted["pygraph"][n] if p not in graph[n]],
}))
""".replace("says_of(n)", "(getattr(inner, n).__doc__ or '' if hasattr(inner, n) else '')")


def public(kind):
    return [name for name in vars(kind) if not name.startswith("_")]


@asked_of_cudnn.REAL
def test_every_name_of_the_stand_in_is_the_frontends():
    methods = {
        name: list(inspect.signature(getattr(standin.pygraph, name)).parameters)[1:] for name in public(standin.pygraph)
    }
    methods.update({name: [] for name in standin._POINTWISE})
    enums = ("data_type", "heur_mode", "build_plan_policy", "numerical_note")
    wanted = {
        "cudnn": ["backend_version", "create_handle", "set_stream", "cudnnGraphNotSupportedError", *enums],
        "enums": {name: list(getattr(standin, name).__members__) for name in enums},
        "Tensor": [name for name in public(standin.Tensor) if name.startswith("set_")],
        "pygraph": methods,
    }
    command = [sys.executable, "-c", _NAMES, json.dumps(wanted)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-1000:]
    assert not any(json.loads(ran.stdout).values()), ran.stdout
