"""What is built, and the ways in which it is run: a wheel, a source distribution, a zip on the path, bytecode alone."""

import compileall
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import textwrap
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[1]
pytestmark = pytest.mark.slow

TRAINS = textwrap.dedent(
    """
    import os
    import numpy as np
    import kerasish as keras
    from kerasish.datasets import digits

    (x, y), _ = digits.load_data()
    x = x[:64, ..., None].astype("float32") / 16
    keras.utils.set_random_seed(0)
    layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(8, 3, activation="gelu"), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(x, y[:64], epochs=2, verbose=0)
    model.save("m.keras")
    same = np.array_equal(keras.models.load_model("m.keras").predict(x, verbose=0), model.predict(x, verbose=0))
    from kerasish.applications import mobilenet
    from kerasish.backend.numpy import native
    print(keras.__file__)
    print(same, history.history["loss"][1] < history.history["loss"][0], mobilenet.__name__, native.enabled())
    """
)
WRITTEN_FOR_KERAS = """
import keras
from keras.src.layers.core.dense import Dense
from keras.applications.mobilenet import MobileNet
from tensorflow.keras.preprocessing import sequence

print(keras.Sequential([keras.Input((2,)), Dense(1)]).predict([[1.0, 2.0]], verbose=0).shape, MobileNet.__module__)
"""


def tracked():
    """The files that git keeps, by their paths; where this is no checkout there is nothing to compare."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is no checkout of git")
    return sorted(name for name in done.stdout.splitlines() if (ROOT / name).exists())


def python(*arguments, executable=sys.executable, folder, timeout=600, **environment):
    """What a Python prints that finds kerasish where `environment` says, and nowhere else."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "KERASISH_DEBUG")}
    done = subprocess.run(
        [executable, *arguments],
        cwd=folder,
        env={**kept, "MPLBACKEND": "Agg", **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """(wheel, source distribution), built from a copy of what git keeps."""
    pytest.importorskip("wheel")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    for kind in ("sdist", "wheel"):
        python("-c", f"from setuptools import build_meta as b; b.build_{kind}({str(out)!r})", folder=source)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def test_the_source_distribution_is_what_git_keeps(built):
    with tarfile.open(built[1]) as archive:
        held = {entry.name.split("/", 1)[1] for entry in archive if entry.isfile()}
    assert sorted(held) == sorted({*tracked(), "PKG-INFO", *(name for name in held if ".egg-info/" in name)})


def test_the_wheel_is_the_library(built):
    library = {
        name.replace("applications/", "kerasish/applications/", 1) if name.startswith("applications/") else name
        for name in tracked()
        if name.startswith(("kerasish/", "applications/"))
    } - {"kerasish/applications.py"}
    with zipfile.ZipFile(built[0]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held - {"kerasish/applications.py"} == library


def test_the_wheel_as_a_zip_on_the_path(built, tmp_path):
    where, works = python("-c", TRAINS, folder=tmp_path, PYTHONPATH=str(built[0])).splitlines()
    assert where.startswith(str(built[0]))
    assert works == "True True kerasish.applications.mobilenet True"


def test_a_checkout_in_a_zip(tmp_path):
    path = tmp_path / "checkout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in tracked():
            archive.write(ROOT / name, name)
    where, works = python("-c", TRAINS, folder=tmp_path, PYTHONPATH=str(path)).splitlines()
    assert where.startswith(str(path))
    assert works == "True True kerasish.applications.mobilenet True"


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("installed", [True, False], ids=["installed", "checkout"])
def test_bytecode_alone(built, tmp_path, installed, zipped):
    tree = tmp_path / "tree"
    if installed:
        with zipfile.ZipFile(built[0]) as wheel:
            wheel.extractall(tree)
    else:
        for name in ("kerasish", "applications"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert compileall.compile_dir(tree, legacy=True, quiet=1)
    for path in tree.rglob("*.py"):
        path.unlink()
    if zipped:
        tree = pathlib.Path(shutil.make_archive(str(tmp_path / "bytecode"), "zip", tree))
    kernels = {"KERASISH_CACHE_DIR": str(tmp_path)}
    for _ in range(2):  # the second run finds the kernels of the first
        where, works = python("-c", TRAINS, folder=tmp_path, PYTHONPATH=str(tree), **kernels).splitlines()
        assert where.startswith(str(tree)) and where.endswith(".pyc")
        assert works == "True True kerasish.applications.mobilenet True"
    (tmp_path / "program.py").write_text(WRITTEN_FOR_KERAS)
    said = python("-m", "kerasish", "run", "program.py", folder=tmp_path, PYTHONPATH=str(tree))
    assert said.startswith("(1, 1) kerasish.applications.mobilenet")
    assert len(list((tmp_path / "kerasish-kernels").iterdir())) == 1, "the second run did not find the first's kernels"


WITHOUT_EXTRAS = textwrap.dedent(
    """
    import importlib.abc, runpy, sys

    class Missing(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name.split(".")[0] in {"matplotlib", "pydot", "PIL", "pooch", "requests", "pandas", "sklearn", "optuna"}:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    sys.meta_path.insert(0, Missing())
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
    """
)
EXAMPLES = {
    "digits.py": (
        [],
        'wrote digits.keras\nthe learning curve is not drawn: matplotlib is not installed (pip install "',
    ),
    "functional_multi_io.py": ([], ""),
    "graph_basics.py": ([], ""),
    "custom_layer_callback_training.py": ([], "held-out accuracy"),
    "transfer_learning.py": (["--weights", "none", "--epochs", "1", "--samples", "20"], "fine-tuning"),
    "video_qa.py": ([], "accuracy while training"),
    "data_parallel.py": ([], "processes: 1"),
    "census_wide_deep.py": (["--train_epochs", "1"], "accuracy"),
}

ASK = [
    f"{name}.py"
    for name in (
        "gan image_augmentation iris_estimator siamese tabular_features text_classification timeseries_forecast "
        "transformer_text variational_autoencoder"
    ).split()
]


SAY = {"classify_image.py": (["photo.png"], "applications"), "tune.py": ([], "tune")}


def without_extras(name, *arguments, folder):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS, str(ROOT / "examples" / name), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_every_example_is_run_without_the_extras():
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == {*EXAMPLES, *ASK, *SAY}


@pytest.mark.parametrize("name", ASK)
def test_what_needs_libraries_to_its_end_asks_for_them_first(name, tmp_path):
    done = without_extras(name, folder=tmp_path)
    assert done.returncode == 1 and "No module named" in done.stderr and not done.stdout
    missing = done.stderr.split("No module named '")[1].split("'")[0].split(".")[0]
    needed = (ROOT / "examples" / name).read_text(encoding="utf-8").split('"""')[1]
    assert {"sklearn": "scikit-learn", "PIL": "pillow"}.get(missing, missing) in needed


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_without_the_extras(name, tmp_path):
    arguments, says = EXAMPLES[name]
    done = without_extras(name, *arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert says in done.stdout


@pytest.mark.parametrize("name", SAY)
def test_what_can_not_do_without_an_extra_says_what_to_install(name, tmp_path):
    arguments, extra = SAY[name]
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    done = without_extras(name, *arguments, folder=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith(f"{name.removesuffix('.py')}: ") and f"kerasish[{extra}]" in done.stderr


def interpreter(version):
    """A Python of that version that runs: on the path, or of those that pyenv and uv keep. Or None."""
    home = pathlib.Path.home()
    kept = [home / ".pyenv/versions", home / ".local/share/uv/python", home / ".asdf/installs/python"]
    found = [shutil.which(f"python{version}"), *(path for place in kept for path in place.glob("*/bin/python3"))]
    for path in filter(None, found):
        asked = "import sys, ssl, venv, ensurepip; print(*sys.version_info[:2], sep='.')"
        said = subprocess.run([path, "-c", asked], capture_output=True, text=True)
        if said.stdout.strip() == version:
            return path
    return None


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_the_wheel_on_every_python(built, tmp_path, version):
    """Installed as users do, with what it needs from the package index."""
    found = interpreter(version)
    if not found:
        pytest.skip(f"no Python {version} here")
    python("-m", "venv", str(tmp_path / "venv"), executable=found, folder=tmp_path)
    own = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(built[0])]
    try:
        python(*install, executable=own, folder=tmp_path)
    except AssertionError as error:
        if "No matching distribution" in str(error) and "Retrying" in str(error):
            pytest.skip("no package index can be reached")
        raise
    where, works = python("-c", TRAINS, executable=own, folder=tmp_path).splitlines()
    assert where.startswith(str(tmp_path)) and works == "True True kerasish.applications.mobilenet True"
    example = python(str(ROOT / "examples" / "digits.py"), executable=own, folder=tmp_path)
    assert "matplotlib is not installed" in example and (tmp_path / "digits.keras").exists()
