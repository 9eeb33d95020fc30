"""The names of `keras.distribution` in one process, beside Keras on four devices that JAX makes of the processor."""

import inspect
import json
import os
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import distribution

pytestmark = pytest.mark.parity

FOUR = ["cpu:0", "cpu:1", "cpu:2", "cpu:3"]


def mesh(d):
    return d.DeviceMesh((2, 2), ["batch", "model"], FOUR)


def layouts(d, *keys, axes=("model",)):
    found = d.LayoutMap(mesh(d))
    for key in keys:
        found[key] = axes
    return found


def later(d, axes):
    layout = d.TensorLayout(axes)
    layout.device_mesh = mesh(d)
    return layout


def of_a_map(d):
    found = layouts(d, ".*kernel", "dense/bias")
    popped = found.pop("dense/bias")
    return [popped, len(found), list(found), "anything" in found, found.get("nothing", 3), found.device_mesh]


def scoped(d):
    chosen = d.DataParallel(devices=FOUR)
    with chosen.scope():
        within = d.distribution() is chosen
    return [within, d.distribution()]


def facts(d, chosen):
    return [
        chosen,
        chosen.device_mesh,
        chosen.batch_dim_name,
        chosen.num_model_replicas,
        chosen.auto_shard_dataset,
        chosen.num_processes,
        chosen.data_shard_id,
        chosen.get_data_layout((3, 2, 1)),
        chosen.get_tensor_layout("a/kernel"),
        chosen.distribute_dataset([1, 2]),
    ]


class OfAVariable:
    def __init__(self, path, shape, layout=None):
        self.path, self.shape, self._layout = path, shape, layout


CASES = {
    "mesh": mesh,
    "mesh of a list": lambda d: d.DeviceMesh([4], ("a",), FOUR),
    "facts of a mesh": lambda d: [mesh(d).shape, mesh(d).axis_names, mesh(d).devices.tolist()],
    "equal meshes": lambda d: mesh(d) == mesh(d),
    "no shape": lambda d: d.DeviceMesh((), ["a"], FOUR),
    "no axes": lambda d: d.DeviceMesh((4,), [], FOUR),
    "nothing": lambda d: d.DeviceMesh(None, None),
    "few names": lambda d: d.DeviceMesh((2, 2), ["a"], FOUR),
    "many places": lambda d: d.DeviceMesh((3,), ["a"], FOUR),
    "negative": lambda d: d.DeviceMesh((-4,), ["a"], FOUR),
    "layout": lambda d: d.TensorLayout(["batch", None], mesh(d)),
    "layout without a mesh": lambda d: [d.TensorLayout(("x", None)), d.TensorLayout(("x",)).axes],
    "layout of a scalar": lambda d: d.TensorLayout((), mesh(d)),
    "another axis": lambda d: d.TensorLayout(("x",), mesh(d)),
    "mesh set later": lambda d: later(d, ("batch", None)),
    "mesh set later, another axis": lambda d: later(d, ("x", None)),
    "mesh set again": lambda d: setattr(later(d, ("batch",)), "device_mesh", mesh(d)),
    "map": of_a_map,
    "map, fits": lambda d: layouts(d, ".*dense.*kernel", "dense/bias")["my/dense_1/kernel"],
    "map, from the beginning": lambda d: layouts(d, "kernel")["dense/kernel"],
    "map, equal": lambda d: layouts(d, ".*", "dense")["dense"],
    "map, a part": lambda d: layouts(d, "den")["dense/kernel"],
    "map, two of which one is": lambda d: layouts(d, "dense", "dense.*")["dense/kernel"],
    "map, two fit": lambda d: layouts(d, ".*kernel", ".*")["dense/kernel"],
    "map, twice": lambda d: layouts(d, "a", "a"),
    "map, a list": lambda d: layouts(d, "a", axes=["model"]),
    "map, a number": lambda d: layouts(d, "a", axes=3),
    "map, another axis": lambda d: layouts(d, "a", axes=("z",)),
    "map, a layout": lambda d: layouts(d, "a", axes=d.TensorLayout(("model",)))["a"],
    "map, no number": lambda d: layouts(d, "a")[3],
    "map, nothing to delete": lambda d: layouts(d).__delitem__("a"),
    "data parallel": lambda d: facts(d, d.DataParallel(devices=FOUR)),
    "data parallel by a mesh": lambda d: facts(d, d.DataParallel(d.DeviceMesh((4,), ["b"], FOUR), None, False)),
    "data parallel, no mesh": lambda d: d.DataParallel(device_mesh=3),
    "model parallel": lambda d: facts(d, d.ModelParallel(layout_map=layouts(d, ".*kernel"))),
    "model parallel along": lambda d: facts(d, d.ModelParallel(layout_map=layouts(d), batch_dim_name="model")),
    "model parallel, nothing": lambda d: d.ModelParallel(),
    "model parallel, no map": lambda d: d.ModelParallel(layout_map=3),
    "model parallel by place": lambda d: d.ModelParallel(layouts(d)),
    "layout of a variable": lambda d: [
        d.ModelParallel(layout_map=layouts(d, ".*kernel")).get_variable_layout(OfAVariable("a/kernel", (3,))),
        d.ModelParallel(layout_map=layouts(d, ".*kernel")).get_variable_layout(OfAVariable("a/bias", (3, 2))),
        d.DataParallel(devices=FOUR).get_variable_layout(OfAVariable("a/kernel", (3, 2))),
        d.DataParallel(devices=FOUR).get_variable_layout(OfAVariable("a", (3,), later(d, ("batch",)))),
    ],
    "scope": scoped,
    "tensor without layout": lambda d: np.asarray(d.distribute_tensor(np.ones((4, 2), "float32"), None)).tolist(),
    "tensor": lambda d: np.asarray(d.distribute_tensor(np.ones((4,), "float32"), later(d, ("batch",)))).tolist(),
    "tensor, layout without a mesh": lambda d: d.distribute_tensor(np.ones((4, 2)), d.TensorLayout(("batch", None))),
    "tensor, no layout": lambda d: d.distribute_tensor(np.ones((4, 2)), ("batch", None)),
    "tensor, odd rows": lambda d: d.distribute_tensor(np.ones((3, 2)), later(d, ("batch", None))),
    "tensor, many axes": lambda d: d.distribute_tensor(np.ones((4,)), later(d, (None, None))),
}


def answer(case, d):
    """What a case gives as text, or the kind of error that it raises: some of JAX's kinds are ValueErrors below."""
    try:
        return repr(CASES[case](d))
    except Exception as error:
        kinds = (ValueError, TypeError, KeyError)
        return next((kind.__name__ for kind in kinds if isinstance(error, kind)), type(error).__name__)


@pytest.fixture(scope="module")
def of_keras():
    """What Keras answers, and its signatures: from a process of its own, as JAX makes devices when it starts."""
    code = (
        "import json, inspect, keras\n"
        "from tests.distribution import test_names_beside_keras as t\n"
        "d = keras.distribution\n"
        "names = [name for name in dir(d) if not name.startswith('_')]\n"
        "print(json.dumps([{case: t.answer(case, d) for case in t.CASES}, "
        "{name: str(inspect.signature(getattr(d, name))) for name in names}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=pathlib.Path(__file__).parent.parent.parent,
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=4"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("case", CASES)
def test_answers(case, of_keras):
    assert answer(case, distribution) == of_keras[0][case]


def test_signatures(of_keras):
    wanted = of_keras[1]
    assert sorted(wanted) == sorted(distribution.__all__)
    for name, signature in wanted.items():
        ours = inspect.signature(getattr(distribution, name))
        plain = ours.replace(
            parameters=[p.replace(annotation=p.empty) for p in ours.parameters.values()], return_annotation=ours.empty
        )
        assert str(plain) == signature, name


# -- where Keras is not followed ------------------------------------------------------------------------------------


def test_a_mesh_of_several_axes_gives_a_warning():
    """Keras hands the warning's number where its class belongs, and raises a TypeError."""
    with pytest.warns(UserWarning, match="a mesh of one axis"):
        chosen = distribution.DataParallel(device_mesh=mesh(distribution))
    assert chosen.num_model_replicas == 4 and chosen.batch_dim_name == "batch"


def test_a_scalar_has_a_layout():
    """Keras raises an IndexError."""
    assert distribution.DataParallel().get_data_layout(()).axes == ()


def test_what_keras_takes_and_fails_on_later_is_refused():
    with pytest.raises(ValueError, match="must be a `DataParallel`, a `ModelParallel` or None"):
        distribution.set_distribution(3)
    with pytest.raises(ValueError, match="must be an axis of the mesh"):
        distribution.ModelParallel(layout_map=layouts(distribution), batch_dim_name="zz")
    with pytest.raises(ValueError, match="has no mesh"):
        distribution.ModelParallel(layout_map=distribution.LayoutMap(None))
    with pytest.raises(TypeError, match="does not know: .'foo'."):
        distribution.ModelParallel(layout_map=layouts(distribution), foo=1)
    with pytest.raises(ValueError, match="`layout` cuts axis 1"):
        distribution.distribute_tensor(np.ones((4, 4)), later(distribution, (None, "model")))


def test_devices_are_one_a_process():
    kind = keras.backend.device().kind
    assert distribution.list_devices() == distribution.list_devices(kind.upper()) == [f"{kind}:0"]
    assert distribution.get_device_count() == 1
    for wrong in ("tpu", "foo"):
        with pytest.raises(RuntimeError):
            distribution.list_devices(wrong)


def test_a_program_that_was_started_alone_goes_on_alone(monkeypatch):
    distribution.initialize()
    distribution.initialize(num_processes=1, process_id=0)
    with pytest.raises(ValueError, match="`num_processes` is 2, but 1 process "):
        distribution.initialize(num_processes=2)
    with pytest.raises(ValueError, match="`process_id` is 1, but this is process 0 of 1"):
        distribution.initialize(process_id=1)
    monkeypatch.setenv("KERAS_DISTRIBUTION_NUM_PROCESSES", "3")
    with pytest.raises(ValueError, match="mpiexec -n 3"):
        distribution.initialize()
    monkeypatch.setenv("KERAS_DISTRIBUTION_NUM_PROCESSES", "many")
    with pytest.raises(ValueError, match="must be an int, got 'many'"):
        distribution.initialize()


def test_a_model_trains_as_ever_where_one_process_is_all():
    x = np.arange(12, dtype="float32").reshape(6, 2)

    def losses():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dropout(0.5)])
        model.compile("adam", "mse")
        return model.fit(x, np.ones((6, 3)), epochs=2, batch_size=4, verbose=0).history["loss"]

    alone = losses()
    with distribution.DataParallel().scope(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert losses() == alone
