"""Which graphs the real cuDNN has kernels for, asked without a card: it is described to it.

`python -m tests.backend.cupy.asked_of_cudnn FILE` (with what `environment` gives) reads a pickled list of (Call, Words
or None, architecture, whether TF32 may be used), and prints how many plans cuDNN has for each, or what it says.
"""

import json
import os
import pickle
import shutil
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_CARDS = {
    "sm_80": ("NVIDIA A100-SXM4-80GB", 108, 166912, 41943040, 1410000, 1593000),
    "sm_90": ("NVIDIA H100 80GB HBM3", 132, 232448, 52428800, 1980000, 2619000),
    "sm_100": ("NVIDIA B200", 148, 232448, 132644864, 1965000, 3996000),
}


def there():
    """Whether the frontend, cuDNN and a compiler of C are installed."""
    has = all(PathFinder.find_spec(name) for name in ("cudnn", "nvidia"))  # not what stands in for it
    return bool(has and shutil.which("gcc") and any(Path(folder, "libcudnn.so.9").exists() for folder in _libraries()))


def _libraries():
    """Folders of NVIDIA's wheels with the libraries that cuDNN loads."""
    roots = PathFinder.find_spec("nvidia").submodule_search_locations
    return [str(path) for root in roots for path in (Path(root) / "cudnn" / "lib", Path(root) / "cu13" / "lib")]


REAL = pytest.mark.skipif(not there(), reason="needs nvidia-cudnn-frontend, nvidia-cudnn-cu13 and gcc")


def test_of(asked):
    """The test that the real one has kernels on every card for what `asked()` gives.

    Of every version from 9.8 on it may choose others; none may be missing, as there is no card to fall back on.
    """

    @REAL
    @pytest.mark.parametrize("architecture", _CARDS)
    def has_kernels(card, architecture, tmp_path):
        questions = asked()
        found = answers(questions, architecture, tmp_path)
        assert not [entry for entry in zip(questions, found) if not isinstance(entry[1], int) or not entry[1]]

    return has_kernels


def environment(folder, architecture):
    """The environment in which cuDNN finds a driver that has no card; it is compiled into `folder`."""
    number = architecture.removeprefix("sm_")
    for name in ("libcuda.so.1", "libcudart.so.13"):
        words = [f"-DMAJOR={number[:-1]}", f"-DMINOR={number[-1]}", f"-Wl,-soname,{name}"]
        command = ["gcc", "-w", "-shared", "-fPIC", *words, "-o", str(folder / name), str(HERE / "no_driver.c")]
        subprocess.run(command, check=True)
    paths = ":".join([str(folder), *_libraries()])
    runtime = {"CUDNN_FRONTEND_CUDART_LIB_NAME": str(folder / "libcudart.so.13")}
    return {**os.environ, "LD_LIBRARY_PATH": paths, **runtime}


def described(architecture):
    """A card, as cuDNN writes its properties down."""
    name, processors, shared, cache, clock, memory = _CARDS[architecture]
    return json.dumps(
        {
            "version": 1, "cudaDeviceId": 0, "deviceId": 0, "deviceName": name, "driverVer": 13020,
            "deviceVer": int(architecture.removeprefix("sm_")) * 10, "multiProcessorCount": processors,
            "smCountOrigin": 0, "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64],
            "regsPerBlock": 65536, "warpSize": 32, "maxSharedMemoryPerBlock": 49152,
            "maxSharedMemoryPerBlockOptin": shared, "oversizedSharedMemoryPerBlock": shared,
            "reservedSharedMemoryPerBlock": 1024, "maxRegistersPerSM": 65536, "maxCtasPerSM": 32,
            "maxThreadsPerBlock": 1024, "maxThreadsPerSM": 2048, "pciDeviceId": 0, "isTccDriver": 0,
            "supportCoopLaunch": 1, "smClockRateKHz": clock, "memClockRateKHz": memory, "memoryBusWidth": 5120,
            "l2CacheSize": cache, "totalGlobalMem": 80 << 30,
        }
    )  # fmt: skip


def answers(asked, architecture, folder):
    """For each (Call, Words or None, whether TF32 may be used) the number of plans, or what cuDNN says."""
    file = folder / "asked.pkl"
    file.write_bytes(pickle.dumps(asked))
    command = [sys.executable, "-m", "tests.backend.cupy.asked_of_cudnn", str(file), architecture]
    ran = subprocess.run(command, env=environment(folder, architecture), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


def main(file, architecture):
    """Ask."""
    import cudnn

    properties = cudnn.create_device_properties(described(architecture))
    found = []
    for call, words, tf32 in pickle.loads(Path(file).read_bytes()):
        kind = cudnn.data_type.FLOAT
        graph = cudnn.pygraph(intermediate_data_type=kind, compute_data_type=kind, device_property=properties)
        follow = () if words is None else (lambda graph, made, words=words: words.append(graph, made, 3, 4),)
        try:
            call.describe(cudnn, graph, *follow)
            graph.validate()
            graph.build_operation_graph()
            graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
            if not tf32:
                graph.deselect_numeric_notes([cudnn.numerical_note.DOWN_CONVERT_INPUTS])
            graph.check_support()
            found.append(graph.get_execution_plan_count())
        except Exception as error:  # whatever it says is an answer
            found.append(f"{type(error).__name__}: {error}"[:300])
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
