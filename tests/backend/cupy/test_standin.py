"""The stand-in for CuPy: it refuses what CuPy and CUDA refuse, and has no name that CuPy has not."""

import inspect
import json
import subprocess
import sys

import numpy as np
import pytest

from tests.cupy_standin import build, memory, streams
from tests.cupy_standin.order import RaceError

cupy = build()["cupy"]
cuda = cupy.cuda


@pytest.fixture(autouse=True)
def _settled():
    """What a test leaves running is done before the next begins."""
    yield
    cuda.Device().synchronize()


def of(*numbers, dtype="float32"):
    return cupy.asarray(np.array(numbers, dtype))


@pytest.mark.parametrize("convert", [np.asarray, np.array, lambda x: np.add(np.ones(2), x), lambda x: x + np.ones(2)])
def test_arrays_do_not_convert_themselves(convert):
    with pytest.raises(TypeError):
        convert(of(1, 2))


def test_functions_refuse_host_arrays():
    for call in (
        lambda: cupy.add(of(1, 2), np.ones(2, "float32")),
        lambda: cupy.copyto(of(1, 2), np.ones(2, "float32")),
        lambda: cupy.concatenate([of(1), np.ones(1)]),
        lambda: of(1, 2).__setitem__(slice(None), np.ones(2)),
    ):
        with pytest.raises(TypeError, match="Unsupported type"):
            call()
    with pytest.raises(TypeError):
        cupy.empty((2,), "float8_e4m3fn").fill(0)


def test_what_was_not_looked_at_is_not_there():
    for name in ("einsum", "random", "pad", "percentile"):
        with pytest.raises(AttributeError):
            getattr(cupy, name)


def test_a_result_must_fit_where_it_goes():
    with pytest.raises(TypeError, match="could not be coerced"):
        cupy.add(of(1.5), of(2.5), out=cupy.empty((1,), "int32"))
    with pytest.raises(ValueError, match="mismatched"):
        cupy.add(of(1, 2), of(1, 2), out=cupy.empty((3,), "float32"))


def test_fresh_memory_is_no_zeros_and_is_used_again():
    pool = cuda.MemoryPool()
    with cuda.using_allocator(pool.malloc):
        x = cupy.empty((4,), "uint8")
        place = x.data.ptr
        assert x.get().tolist() == [memory.GARBAGE] * 4
        del x
        assert cupy.empty((7,), "float32").data.ptr == place
    assert (pool.used_bytes(), pool.total_bytes()) == (0, 512)


def test_a_full_pool_says_so():
    pool = cuda.MemoryPool()
    pool.set_limit(2048)
    with cuda.using_allocator(pool.malloc), pytest.raises(cuda.memory.OutOfMemoryError, match="4,096 bytes"):
        cupy.empty((1024,), "float32")


def test_bytes_of_a_launch_are_those_of_its_operands():
    x, y = (cupy.empty((3, 4), "float32") for _ in range(2))
    for launch, moved in (
        (lambda: cupy.add(x, y, out=y), 3 * 48),
        (lambda: cupy.copyto(x, cupy.broadcast_to(y[:1], (3, 4))), 48 + 16),
        (lambda: cupy.copyto(x[:, :2], y[:, :2]), 2 * 24),
        (lambda: x.fill(0), 48),
    ):
        before = streams.COUNTS["bytes"]
        launch()
        assert streams.COUNTS["bytes"] - before == moved


def test_a_read_must_wait_for_the_write_of_another_stream():
    x, other = of(1, 2), cuda.Stream(non_blocking=True)
    with other, pytest.raises(RaceError, match="read"):
        cupy.add(x, x)
    done = cuda.get_current_stream().record()
    other.wait_event(done)
    with other:
        y = cupy.add(x, x)
    with pytest.raises(RaceError):
        cupy.add(y, y)
    other.synchronize()
    assert cupy.add(y, y).get().tolist() == [4, 8]


def test_a_write_must_wait_for_the_reads_of_another_stream():
    other = cuda.Stream(non_blocking=True)
    x = of(1, 2)
    other.wait_event(cuda.get_current_stream().record())
    with other:
        cupy.add(x, x)
    with pytest.raises(RaceError, match="written"):
        x.fill(0)


def test_page_locked_memory_must_stay_until_it_is_copied():
    other = cuda.Stream(non_blocking=True)
    pinned = np.frombuffer(cuda.alloc_pinned_memory(16), "float32", 4)
    pinned[:] = 1
    with other:
        there = cupy.empty((4,), "float32")
    there.set(pinned, stream=other)
    copied = other.record()
    pinned[:] = 2
    with pytest.raises(RaceError, match="Page-locked"):
        copied.synchronize()


def captured(work, mode=None):
    stream = cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture(mode)
        try:
            work()
        finally:
            graph = stream.end_capture()
    return graph


def test_a_graph_is_recorded_and_replayed():
    x, out = of(1, 2), cupy.empty((2,), "float32")
    cuda.Device().synchronize()
    graph = captured(lambda: cupy.multiply(x, x, out=out))
    assert out.get().view("uint8").tolist() == [memory.GARBAGE] * 8
    for number in (3, 5):
        x.fill(number)
        graph.launch()
        assert out.get().tolist() == [number**2] * 2


@pytest.mark.parametrize(
    "work",
    [
        lambda x: x.get(),
        lambda x: cuda.get_current_stream().synchronize(),
        lambda x: bool(x[0] > 0),
        lambda x: x[x > 0],
        lambda x: cupy.argsort(x),
        lambda x: cupy.asarray(np.ones(2)),
    ],
    ids=["get", "synchronize", "bool", "mask", "argsort", "asarray"],
)
def test_a_capture_refuses_to_wait(work):
    x = of(1, 2)
    cuda.Device().synchronize()
    with pytest.raises(cuda.runtime.CUDARuntimeError, match="Capture"):
        captured(lambda: work(x))


def test_a_capture_refuses_libraries_through_cupy_and_fresh_memory():
    x = of(1, 2).reshape(1, 2)
    cuda.Device().synchronize()
    with pytest.raises(NotImplementedError, match="cuBLAS"):
        captured(lambda: cupy.matmul(x, x.T))
    with pytest.raises(cuda.runtime.CUDARuntimeError, match="Capture"):
        captured(lambda: cupy.empty((77777,), "float32"), streams.GLOBAL)
    with pytest.raises(cuda.runtime.CUDARuntimeError):
        cuda.Stream.null.begin_capture()


def test_cards_do_not_mix():
    with cuda.Device(1):
        x = of(1, 2)
        assert x.device.id == 1
    with pytest.raises(cuda.runtime.CUDARuntimeError, match="card 1"):
        cupy.add(x, x)
    with pytest.raises(cuda.runtime.CUDARuntimeError):
        cuda.Device(streams.CARDS)


_REAL = """
import inspect, json, sys, cupy, cupyx.scipy.special
names, found = json.loads(sys.argv[1]), {}
for name in names:
    at = sys.modules["cupyx.scipy.special"] if name.startswith("cupyx") else cupy
    try:
        for part in name.removeprefix("cupyx.scipy.special.").removeprefix("cupy.").split("."):
            at = getattr(at, part)
    except AttributeError:
        continue
    try:
        found[name] = [p.name for p in inspect.signature(at).parameters.values()]
    except (ValueError, TypeError):
        found[name] = None
print(json.dumps(found))
"""


def names_of_the_standin():
    found = {}
    for name, module in build().items():
        if name == "cudnn":
            continue  # of another package: see `test_cudnn.py`
        for name, value in vars(module).items():
            if not name.startswith("__") and not inspect.ismodule(value):
                found[f"{module.__name__}.{name}"] = value
    for name in ("linalg", "fft"):
        value = found.pop(f"cupy.{name}")
        found.update({f"cupy.{name}.{n}": getattr(value, n) for n in vars(value) if not n.startswith("_")})
    for kind in ("ndarray", "cuda.Stream", "cuda.Event", "cuda.Graph", "cuda.MemoryPool", "cuda.Device"):
        value = cupy
        for part in kind.split("."):
            value = getattr(value, part)
        found.update({f"cupy.{kind}.{n}": None for n in vars(value) if not n.startswith("_")})
    return found


def test_every_name_and_parameter_is_cupys():
    pytest.importorskip("cupy")
    mine = names_of_the_standin()
    of_attributes = ("cupy.cuda.Stream.key", "cupy.cuda.Stream.device_id", "cupy.cuda.Graph.launches")
    names = [name for name in mine if name not in of_attributes]
    ran = subprocess.run([sys.executable, "-c", _REAL, json.dumps(names)], capture_output=True, text=True, check=True)
    real = json.loads(ran.stdout)
    assert set(names) - set(real) == set()
    for name in names:
        if real[name] is None or not inspect.isfunction(mine[name]):
            continue
        parameters = list(inspect.signature(mine[name]).parameters)
        assert set(parameters) <= set(real[name]), name
        assert [p for p in real[name] if p in parameters] == parameters, name


_VIEWS = """
import json, sys, cupy
memory = cupy.cuda.UnownedMemory(4096, 1 << 16, None, 0)
x = cupy.ndarray((3, 4, 5), "float32", cupy.cuda.MemoryPointer(memory, 0))
s = cupy.lib.stride_tricks.as_strided
views = {VIEWS}
print(json.dumps([[list(v.shape), list(v.strides), v.data.ptr - 4096] for v in views]))
"""
_LIST = """[x[1], x[..., ::-1], x[:, 1:3], x.transpose(2, 0, 1), x.reshape(12, 5), x[:, None], x.swapaxes(0, 2)[1:],
    x.transpose(1, 0, 2).reshape(4, 3, 5), x[2:3].reshape(4, 5), cupy.broadcast_to(x[:, :1], (3, 4, 5)), x[1, 2],
    cupy.flip(x, 1), cupy.moveaxis(x, 0, -1), s(x, (2, 3), (8, 4)), x[0:0], x.view("int32")[0], x[(Ellipsis, 1)]]"""


def test_views_lie_as_cupys_do():
    pytest.importorskip("cupy")
    code = _VIEWS.replace("{VIEWS}", _LIST)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    x = cupy.empty((3, 4, 5), "float32")
    views = eval(_LIST, {"x": x, "s": cupy.lib.stride_tricks.as_strided, "cupy": cupy})
    mine = [[list(v.shape), list(v.strides), v.data.ptr - x.data.ptr] for v in views]
    assert mine == json.loads(ran.stdout)
