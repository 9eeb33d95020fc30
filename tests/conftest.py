"""Real Keras is the oracle of these tests; it runs on JAX.

`-m fast`, `-m parity` and `-m slow` choose a tier (`tests/tiers.py`), `--device strict` runs on the second device of
`tests/strict_device`, `--device cupy` on the GPU (without one, on a stand-in for CuPy), `--native off` without compiled
kernels. `tests/README.md` says where a test goes.
"""

import ctypes
import os
import sys

import pytest

from tests import tiers

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("KERASISH_DEBUG", "check")  # what the compiler's passes promise is looked at behind each
# The oracle compiles thousands of small functions and runs each once: XLA's optimizer is most of its time.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")


def pytest_addoption(parser):
    parser.addoption(
        "--device", default="numpy", help="the device on which kerasish computes: numpy, strict, or an installed one"
    )
    parser.addoption(
        "--native",
        default="on",
        choices=["on", "off"],
        help="whether kernels are compiled; off: NumPy calls do the work",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Workers take tests in the files' order: what a session's fixture makes by an oracle's process is made once."""
    if config.getoption("numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


def pytest_configure(config):
    for tier, what in tiers.TIERS.items():
        config.addinivalue_line("markers", f"{tier}: {what}")
    keep_what_the_oracle_compiles(config)
    if config.getoption("--native") == "off":
        os.environ["KERASISH_NATIVE"] = "0"
    name = config.getoption("--device")
    if name == "numpy":
        return
    from kerasish import backend

    if name == "strict":
        from tests.strict_device.device import StrictDevice

        backend.register_device("strict", StrictDevice)
    if name == "cupy":
        from tests import cupy_standin

        if not cupy_standin.has_card():
            cupy_standin.install()
    backend.set_backend(name)


def keep_what_the_oracle_compiles(config):
    """XLA's code is kept in pytest's cache: workers, and the next run, find it there."""
    cache = getattr(config, "cache", None)
    if cache is not None:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache.mkdir("jax")))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def pytest_ignore_collect(collection_path, config):
    """`-m fast` does not so much as import the oracle."""
    is_test = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
    if is_test and config.getoption("-m") == "fast" and tiers.tier_of_file(collection_path) != "fast":
        return True
    return None


def pytest_collection_modifyitems(items):
    for item in items:
        if not any(item.get_closest_marker(tier) for tier in tiers.TIERS):
            item.add_marker(tiers.tier_of_file(item.path))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """Keras on JAX asks TensorFlow for random seeds where it is installed: five seconds to import, in each process."""
    lazy_modules = sys.modules.get("keras.src.utils.module_utils")
    if lazy_modules is not None:
        lazy_modules.tensorflow._available = False
    if session.config.getoption("--device") == "cupy":
        from tests import read_by_numpy

        read_by_numpy.install()


_memory_after_clearing = 0


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown():
    """XLA keeps the code of all that it ever compiled: 6 GB a worker, in a whole run, were it not dropped."""
    global _memory_after_clearing
    if "jax" in sys.modules and resident_gigabytes() > _memory_after_clearing + 1.5:
        sys.modules["jax"].clear_caches()
        ctypes.CDLL(None).malloc_trim(0)  # of what is freed in small pieces, the C library gives nothing back by itself
        _memory_after_clearing = resident_gigabytes()


def resident_gigabytes():
    """Memory of this process; 0 on systems without /proc, where nothing is dropped."""
    try:
        with open("/proc/self/statm") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**30
    except OSError:
        return 0.0
