"""Third-party packages in an environment of their own, without Keras: their quick starts run on kerasish."""

import os
import pathlib
import subprocess
import venv

import pytest

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parent.parent.parent
QUICK = pathlib.Path(__file__).parent / "packages"
OURS = "numpy h5py tqdm ml_dtypes llvmlite threadpoolctl pytest"
PACKAGES = {  # quick start -> (packages that would bring Keras along, what they need else)
    "keras_tuner": ("keras-tuner kt-legacy", "requests packaging protobuf grpcio six scikit-learn"),
    "scikeras": ("scikeras", "scikit-learn packaging"),
    "scikeras_models": ("scikeras", "scikit-learn packaging"),
    "keras_hub": (
        "keras-hub",
        "absl-py packaging regex rich sentencepiece tokenizers grain pillow requests huggingface_hub",
    ),
    "autokeras": ("autokeras keras-tuner kt-legacy", "dm-tree pandas packaging protobuf grpcio six requests"),
    "ray_tune": ("ray", "ray[tune]"),
    "callbacks": ("optuna-integration", "optuna wandb mlflow-skinny sqlalchemy alembic"),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of a new environment that has kerasish's dependencies, and neither Keras nor TensorFlow."""
    folder = tmp_path_factory.mktemp("packages")
    venv.create(folder, with_pip=True)
    path = folder / "bin" / "python"
    _install(path, OURS)
    return path


def _install(python, packages, *options):
    """Skip where pip can't install."""
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", *options, *packages.split()], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"pip can't install {packages}: {done.stderr.strip()[-300:]}")


@pytest.mark.parametrize("name", list(PACKAGES))
def test_quick_start(python, name, tmp_path):
    alone, with_dependencies = PACKAGES[name]
    _install(python, with_dependencies)
    _install(python, alone, "--no-deps")
    program = tmp_path / f"test_{name}.py"
    program.write_text((QUICK / f"quick_{name}.py").read_text())
    done = subprocess.run(
        [python, "-m", "kerasish", "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
