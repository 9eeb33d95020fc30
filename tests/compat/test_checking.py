"""`python -m kerasish check` reads programs as Python binds names, and the names of tf.keras that are answered."""

import importlib

import pytest

import kerasish
from kerasish.compat import answers
from kerasish.compat.checking import missing_names

READ = {  # what a program says -> the lines on which it uses names that are not there
    "parameters": ("def f(layers, *metrics, K=1): return layers.nope, metrics.nope, K.nope", []),
    "a lambda and a comprehension": ("f = lambda layers: layers.nope\ng = [layers.nope for layers in []]", []),
    "names of a function": ("def f():\n  metrics = {}\n  metrics.update()\n  for layers in []: layers.nope", []),
    "with and except": ("def f(a):\n  with a as layers: layers.nope\n  try: a()\n  except a as K: K.nope", []),
    "bound anew": ("layers.nope\nlayers = []\nlayers.append(1)", [2]),
    "a function's own import": ("def f():\n  from keras import losses as metrics\n  metrics.nope", [4]),
    "a function sees what is imported below it": ("def f(): return L.nope\nfrom keras import losses as L", [2]),
    "not what its class binds": ("class A:\n  layers = []\n  layers.append(1)\n  def f(self): layers.nope", [5]),
    "defaults and decorators": ("@keras.nope\ndef f(layers=layers.nope) -> keras.nope2: pass", [2, 3, 3]),
    "set, not used": ("keras.nope = 1\nkeras.nope.x", [3]),
    "asked by hasattr": ("if hasattr(keras, 'nope'):\n  keras.nope.run()\nkeras.nopes", [4]),
    "an import that may fail": ("try: import keras.nope as n\nexcept ImportError: n = None", []),
    "an import that may fail in any way": ("try:\n  from keras.layers import nope\nexcept: nope = None", []),
    "its other place fails too": (
        "try: from keras.nope import A\nexcept ImportError: from keras.nope2 import A",
        [3],
    ),
    "a name that may be missing": ("try: keras.nope\nexcept (AttributeError, KeyError): pass", []),
    "an error of another kind": ("try: keras.nope\nexcept ValueError: pass", [2]),
    "for type checkers": ("if typing.TYPE_CHECKING:\n  from keras.nope import T\nelse: keras.nope2", [4]),
    "None where it is not there": ("try: import keras\nexcept ImportError: keras = None\nkeras.nope", [4]),
    "another package's": ("from . import layers\nfrom torch import losses as K\nlayers.nope, K.nope", []),
    "tf.keras": ("import tensorflow as tf\ntf.keras.losses.Reduction.SUM, tf.nn.nope, tf.keras.nope", [3]),
}


@pytest.mark.parametrize("name", READ)
def test_check_reads_as_python_binds(name, tmp_path):
    body, lines = READ[name]
    program = tmp_path / "program.py"
    program.write_text("import keras, typing; from keras import layers, metrics, backend as K\n" + body)
    assert [missing.line for missing in missing_names(str(program))] == lines


def test_the_nearest_name_is_suggested(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import keras\nkeras.layers.Densee\n")
    assert "Did you mean 'Dense'" in missing_names(str(program))[0].why


def test_reductions_by_their_names_in_tf_keras():
    reduction = answers.find("losses", "Reduction")
    real = importlib.import_module("keras._tf_keras.keras.losses").Reduction
    for name in ("NONE", "SUM", "SUM_OVER_BATCH_SIZE"):
        assert getattr(reduction, name) == getattr(real, name)
    for value in reduction.all():
        kerasish.losses.MeanSquaredError(reduction=value)
        reduction.validate(value)
    with pytest.raises(ValueError, match="`key`"):
        reduction.validate("product")
