"""What editors and type checkers see of the package: names, completions, signatures, types."""

import ast
import importlib
import inspect
import json
import os
import pathlib
import shutil
import subprocess
import sys
import venv

import jedi
import pytest

import kerasish as keras
from tests.public_names import NAMESPACES

ROOT = pathlib.Path(__file__).parent.parent
PACKAGES = [name for name in NAMESPACES if pathlib.Path(importlib.import_module(name).__file__).stem == "__init__"]
LAZY = [name for name in PACKAGES if "lazy(" in pathlib.Path(importlib.import_module(name).__file__).read_text()]
TYPED_ENOUGH = 80.0  # per cent of the public symbols whose types pyright knows whole


def for_type_checkers(module):
    """The names that the source binds for a reader who takes TYPE_CHECKING for true."""
    names = set()
    for node in ast.parse(pathlib.Path(module.__file__).read_text()).body:
        inside = isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING"
        for statement in node.body if inside else [node]:
            if isinstance(statement, ast.ImportFrom):
                names |= {alias.asname or alias.name for alias in statement.names}
            elif isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                names.add(statement.name)
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                names |= {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return names


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_all_is_literal_and_true(namespace):
    module = importlib.import_module(namespace)
    listed = module.__all__
    assert len(set(listed)) == len(listed) and [name for name in listed if not hasattr(module, name)] == []
    assert set(listed) - for_type_checkers(module) == set()


@pytest.mark.parametrize("namespace", LAZY)
def test_a_lazy_package_says_the_same_to_all_readers(namespace):
    module = importlib.import_module(namespace)
    assert [name for name in dir(module) if not name.startswith("_")] == sorted(module.__all__)
    machinery = {"annotations", "lazy", "sys", "TYPE_CHECKING", "load_ipython_extension"}  # the last for notebooks
    seen = {name for name in for_type_checkers(module) - machinery if not name.startswith("_")}
    assert seen == set(module.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        module.nothing  # noqa: B018


@pytest.mark.parametrize("namespace", LAZY)
def test_a_lazy_package_imports_nothing_before_it_is_asked(namespace):
    homes = set(inspect.getclosurevars(importlib.import_module(namespace).__getattr__).nonlocals["where"].values())
    code = f"import {namespace}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert homes & set(loaded.split()) - {namespace} == set()


# -- Jedi -----------------------------------------------------------------------------------------------------------

MODELS = {
    "sequential": "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n",
    "functional": "x = keras.Input((4,))\nmodel = keras.Model(x, keras.layers.Dense(3)(x))\n",
}


def completions(code, before="", interpreter=False):
    whole = f"import kerasish as keras\n{before}{code}"
    if interpreter:
        names = {"keras": keras}
        exec(before, names)
        return {c.name for c in jedi.Interpreter(code, [names]).complete()}
    return {c.name for c in jedi.Script(whole, project=jedi.Project(ROOT)).complete()}


def signature(code, before=""):
    script = jedi.Script(f"import kerasish as keras\n{before}{code}", project=jedi.Project(ROOT))
    [found] = script.get_signatures()
    return [parameter.name for parameter in found.params]


@pytest.mark.parametrize("interpreter", [False, True], ids=["script", "interpreter"])
@pytest.mark.parametrize("namespace", ["", "layers", "ops", "callbacks", "utils", "saving", "models", "backend"])
def test_jedi_completes_every_public_name(namespace, interpreter):
    module = getattr(keras, namespace) if namespace else keras
    asked = f"keras.{namespace}." if namespace else "keras."
    assert set(module.__all__) - completions(asked, interpreter=interpreter) == set()


def test_jedi_completes_applications():
    assert {"VGG16", "ResNet50", "resnet50"} <= completions("keras.applications.")


@pytest.mark.parametrize("interpreter", [False, True], ids=["script", "interpreter"])
@pytest.mark.parametrize("kind", MODELS)
def test_jedi_completes_a_model(kind, interpreter):
    expected = {"compile", "fit", "evaluate", "predict", "save", "summary", "layers", "weights", "get_layer", "export"}
    found = completions("model.", MODELS[kind], interpreter)
    assert expected & set(dir(keras.Model)) - found == set()


@pytest.mark.parametrize(
    "code, expected",
    [
        ("keras.layers.Dense(", ["units", "activation", "use_bias"]),
        ("keras.layers.LSTM(", ["units", "activation", "recurrent_activation"]),
        ("keras.Sequential(", ["layers", "trainable", "name"]),
        ("keras.ops.softmax(", ["x", "axis"]),
        ("keras.ops.einsum(", ["subscripts"]),
        ("keras.optimizers.Adam(", ["learning_rate", "beta_1"]),
        ("keras.optimizers.SGD(", ["learning_rate", "momentum", "nesterov", "weight_decay", "clipnorm", "clipvalue"]),
        ("keras.losses.Huber(", ["delta"]),
        ("keras.callbacks.EarlyStopping(", ["monitor", "min_delta"]),
    ],
)
def test_jedi_shows_signatures(code, expected):
    assert signature(code)[: len(expected)] == expected


@pytest.mark.parametrize("kind", MODELS)
def test_jedi_shows_the_signature_of_fit(kind):
    assert signature("model.fit(", MODELS[kind])[:4] == ["x", "y", "batch_size", "epochs"]


# -- Pyright --------------------------------------------------------------------------------------------------------


def pyright(*arguments, cwd, environment=sys.prefix):
    """Pyright's report, run as if the environment (a folder) were activated."""
    scripts = os.path.join(environment, "Scripts" if os.name == "nt" else "bin")
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    variables |= {"VIRTUAL_ENV": str(environment), "PATH": scripts + os.pathsep + os.environ["PATH"]}
    command = [sys.executable, "-m", "pyright", "--outputjson", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=variables)
    assert done.stdout.lstrip().startswith("{"), done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment in which the package lies as `pip install` leaves it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    [site] = folder.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "kerasish", site / "kerasish", ignore=caches)
    shutil.copytree(ROOT / "applications", site / "kerasish" / "applications", ignore=caches)
    return folder


@pytest.mark.slow
def test_pyright_knows_every_name_in_the_examples():
    kinds = {"reportMissingImports", "reportAttributeAccessIssue", "reportUndefinedVariable", "reportCallIssue"}
    report = pyright("examples", cwd=ROOT)
    found = [
        f"{d['file']}:{d['range']['start']['line'] + 1} {d['message']}"
        for d in report["generalDiagnostics"]
        if d.get("rule") in kinds
    ]
    assert report["summary"]["filesAnalyzed"] > 4 and not found, "\n".join(found)


MISTAKES = """
import kerasish as keras

keras.layers.nothing
keras.layers.Dense()
model = keras.Sequential([keras.layers.Dense(3)])
model.fitt
model.fit(epoch=3)
keras.Input((3,)).shap
keras.ops.softmax(1, 2, 3)
"""


@pytest.mark.slow
def test_pyright_finds_mistakes(installed, tmp_path):
    """So what it does not complain about in the examples is known, not `Any`."""
    (tmp_path / "mistakes.py").write_text(MISTAKES)
    report = pyright("mistakes.py", cwd=tmp_path, environment=installed)
    lines = {d["range"]["start"]["line"] for d in report["generalDiagnostics"] if d["severity"] == "error"}
    assert lines == {3, 4, 6, 8, 9}  # `fit` takes the spellings of older Kerases, so any keyword


@pytest.mark.slow
def test_pyright_knows_the_types_of_the_public_names(installed, tmp_path, capsys):
    report = pyright("--verifytypes", "kerasish", "--ignoreexternal", cwd=tmp_path, environment=installed)
    score = 100 * report["typeCompleteness"]["completenessScore"]
    with capsys.disabled():
        print(f"\npyright --verifytypes kerasish --ignoreexternal: {score:.1f} %")
    assert score >= TYPED_ENOUGH


@pytest.mark.parametrize(
    "modules, seconds",
    [("kerasish", 0.01), ("kerasish, kerasish.layers, kerasish.models", 0.2)],
    ids=["alone", "models"],
)
def test_importing_is_quick(modules, seconds, tmp_path):
    """Seconds of the processor, with compiled modules at hand, as after the first import of an installed package."""
    variables = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    code = f"import time; t = time.process_time(); import {modules}; print(time.process_time() - t)"
    runs = [float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=variables)) for _ in range(6)]
    assert min(runs[1:]) < seconds
