"""Programs that say `import keras` run on kerasish; each in a process of its own, where no real Keras was imported."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent


def run(code, *command, cwd=None):
    """What a Python process prints that runs `code` (or `command`) with the checkout importable."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    arguments = command or ("-c", code)
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=cwd or ROOT, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


DOOR = "import kerasish.compat.keras\nimport kerasish\n"
IMPORTS = {  # what a program imports, and the thing of kerasish that it must be
    "import keras; found = keras.layers.Dense": "kerasish.layers.Dense",
    "from keras.layers import LSTM as found": "kerasish.layers.LSTM",
    "from keras import ops; found = ops.softmax": "kerasish.ops.softmax",
    "from keras.ops import einsum as found": "kerasish.ops.einsum",
    "import keras; found = keras.random.dropout": "kerasish.random.dropout",
    "import keras.optimizers.schedules as s; found = s.CosineDecay": "kerasish.optimizers.schedules.CosineDecay",
    "from keras import backend as K; found = K.mean": "kerasish.backend.mean",
    "from keras._tf_keras.keras import Model as found": "kerasish.Model",
    "import keras.applications.vgg16 as v; found = v.VGG16": "kerasish.applications.vgg16.VGG16",
    "from keras.src.layers.core.dense import Dense as found": "kerasish.layers.Dense",
    "from keras.src.saving.saving_lib import load_model as found": "kerasish.saving.load_model",
    "from keras.src.saving import serialization_lib as s; found = s.deserialize_keras_object": (
        "kerasish.saving.deserialize_keras_object"
    ),
    "from keras.src.backend.common.variables import KerasVariable as found": "kerasish.Variable",
    "from keras.src.losses.losses import LossFunctionWrapper as found": "kerasish.losses.loss.LossFunctionWrapper",
    "from keras.src.trainers.data_adapters.data_adapter_utils import unpack_x_y_sample_weight as found": (
        "kerasish.utils.unpack_x_y_sample_weight"
    ),
    "from keras.src.layers.merging.base_merge import Merge as found": "kerasish.layers.merging.base_merge.Merge",
    "from keras.src.models.functional import Functional as found": "kerasish.models.functional.Functional",
    "from keras.layers.recurrent import GRU as found": "kerasish.layers.GRU",
    "from keras.layers.advanced_activations import LeakyReLU as found": "kerasish.layers.LeakyReLU",
    "from keras.layers.local import LocallyConnected1D as found": "kerasish.layers.LocallyConnected1D",
    "from keras.layers.core import Highway as found": "kerasish.layers.Highway",
    "from keras.layers.cudnn_recurrent import CuDNNLSTM as found": "kerasish.layers.CuDNNLSTM",
    "from keras.legacy.layers import Merge as found": "kerasish.layers.Merge",
    "from keras.engine.topology import merge as found": "kerasish.layers.merge",
    "from keras.layers.convolutional import Conv2D as found": "kerasish.layers.Conv2D",
    "from keras.layers.merge import concatenate as found": "kerasish.layers.concatenate",
    "from keras.engine.topology import Layer as found": "kerasish.layers.Layer",
    "from keras.engine import InputSpec as found": "kerasish.layers.InputSpec",
    "from keras.utils.np_utils import to_categorical as found": "kerasish.utils.to_categorical",
    "from keras.utils.vis_utils import plot_model as found": "kerasish.utils.plot_model",
    "from keras.utils.generic_utils import Progbar as found": "kerasish.utils.Progbar",
    "from keras.optimizers.legacy import Adam as found": "kerasish.optimizers.Adam",
    "from kerasish.layers.normalization import BatchNormalization as found": "kerasish.layers.BatchNormalization",
    "from kerasish.layers.noise import GaussianNoise as found": "kerasish.layers.GaussianNoise",
    "from kerasish.engine.training import Model as found": "kerasish.Model",
}


def test_imports_of_every_keras_give_kerasish():
    lines = [DOOR, "import importlib, json", "same = {}"]
    for line, thing in IMPORTS.items():
        lines += [line, f"import {thing.rpartition('.')[0]}", f"same[{line!r}] = found is {thing}"]
    same = json.loads(run("\n".join([*lines, "print(json.dumps(same))"])))
    assert [line for line, answer in same.items() if not answer] == []


def test_star_imports_and_versions():
    code = DOOR + (
        "from keras import *\nfrom keras.ops import *\nfrom keras.layers import *\nimport keras\n"
        "print(Sequential is kerasish.Sequential, einsum is kerasish.ops.einsum, Dense is kerasish.layers.Dense, "
        "keras.version() == keras.__version__, int(keras.__version__[0]) >= 3, kerasish.version())"
    )
    import kerasish

    assert run(code) == f"True True True True True {kerasish.__version__}"


def test_what_is_not_there_is_said_by_name():
    code = DOOR + (
        "import keras\n"
        "for line in ('keras.layers.Densee', 'from keras.layers import Foo', 'import keras.nothing'):\n"
        "    try: exec(line)\n"
        "    except (AttributeError, ImportError) as error: print(error)\n"
    )
    said = run(code)
    assert "no `Densee` there yet. Did you mean 'Dense'?" in said and "Foo" in said and "keras.nothing" in said


def test_the_door_opens_only_before_real_keras():
    code = (
        "import sys, types\nsys.modules['keras'] = types.ModuleType('keras')\n"
        "try:\n    import kerasish.compat.keras\nexcept RuntimeError as error: print(error)\n"
    )
    assert "put `import kerasish.compat.keras` before the first `import keras`" in run(code)


def test_module_paths_of_earlier_keras_warn_once():
    code = (
        "import warnings\nwith warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    from kerasish.layers.recurrent import LSTM\n    from kerasish.layers.recurrent import GRU\n"
        "print([(w.category.__name__, 'keras.layers' in str(w.message)) for w in seen])\n"
    )
    assert run(code) == "[('DeprecationWarning', True)]"


PROGRAM = """import sys
import keras
import numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
print(model.predict(np.ones((4, 3)), verbose=0).shape, sys.argv[1:], __name__)
"""


def test_run_a_script_and_a_module(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "helper.py").write_text("")
    wanted = "(4, 2) ['--flag', 'x'] __main__"
    assert run("", "-m", "kerasish", "run", str(tmp_path / "program.py"), "--flag", "x") == wanted
    assert run("", "-m", "kerasish", "run", "-m", "program", "--flag", "x", cwd=tmp_path) == wanted


def test_check_lists_what_is_missing_with_file_and_line(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import keras\nfrom keras import layers as L\nfrom tensorflow import keras as tfk\n"
        "from keras.layers import Dense, NoSuchLayer\n"
        "x = L.Dense\ny = L.Nothing\nz = keras.ops.nothing_at_all\nw = tfk.losses.Huber\nv = keras.nope.deep\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "kerasish", "check", str(program)], capture_output=True, text=True, cwd=ROOT
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and lines[-1] == "4 name(s) of Keras are not there."
    for line, (number, name) in zip(
        lines, [(4, "NoSuchLayer"), (6, "L.Nothing"), (7, "nothing_at_all"), (9, "keras.nope")]
    ):
        assert line.startswith(f"{program}:{number}: ") and name in line
