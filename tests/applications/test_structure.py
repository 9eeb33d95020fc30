"""Every application against real Keras.

Its signature, its layers with their configs, its weights, the official files that it asks for.
"""

import inspect

import keras
import pytest

import kerasish
from kerasish import applications
from tests.applications.cases import ALL_AT_FULL_SIZE, BY_NAME, EACH_FAMILY, EVERY
from tests.applications.oracle import as_imagenet

pytestmark = pytest.mark.slow

STRUCTURES = [
    (name, include_top)
    for name in EVERY
    for include_top in (True, False)
    if include_top or ALL_AT_FULL_SIZE or name in EACH_FAMILY
]


def ours_as_imagenet(monkeypatch, name, **arguments):
    """The model of weights="imagenet" without the weights; and (file name, URL, hash) of the file it would load."""
    asked = []
    monkeypatch.setattr(
        applications.weights,
        "get_file",
        lambda fname, origin, file_hash=None, **_rest: asked.append((fname, origin, file_hash)) or "x.h5",
    )
    monkeypatch.setattr(kerasish.Model, "load_weights", lambda self, path, **_rest: None)
    return getattr(applications, name)(weights="imagenet", **arguments), asked[0]


def config_of(layer):
    """The config of a layer; the dtype policy said as its name."""
    config = layer.get_config()
    dtype = config.get("dtype")
    return {**config, "dtype": dtype["config"]["name"] if isinstance(dtype, dict) else dtype}


@pytest.mark.parametrize("name", EVERY)
def test_the_signature_is_that_of_keras(name):
    ours, theirs = getattr(applications, name), getattr(keras.applications, name)
    parameters = [
        [(p.name, p.default, p.kind) for p in inspect.signature(f).parameters.values()] for f in (ours, theirs)
    ]
    assert parameters[0] == parameters[1]
    assert getattr(getattr(applications, BY_NAME[name].module), name) is ours
    assert "Args:" in ours.__doc__ and "{" not in ours.__doc__


@pytest.mark.filterwarnings("ignore:`input_shape` is")  # MobileNets say so where no size is asked for
@pytest.mark.parametrize(
    "name,include_top", STRUCTURES, ids=lambda value: {True: "top", False: "no_top"}.get(value, value)
)
def test_layers_weights_and_official_files_are_those_of_keras(name, include_top, no_values, monkeypatch):
    arguments = {"include_top": include_top, **({} if include_top else {"pooling": "avg"})}
    theirs, their_file = as_imagenet(name, **arguments)
    ours, our_file = ours_as_imagenet(monkeypatch, name, **arguments)
    assert our_file == their_file
    assert ours.name == theirs.name
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    for mine, real in zip(ours.layers, theirs.layers):
        assert type(mine).__name__ == type(real).__name__
        assert [(v.name, tuple(v.shape)) for v in mine.weights] == [(v.name, tuple(v.shape)) for v in real.weights], (
            mine.name
        )
        assert kerasish_words(config_of(mine)) == kerasish_words(config_of(real)), mine.name
    assert [(v.path, tuple(v.shape)) for v in ours.weights] == [(v.path, tuple(v.shape)) for v in theirs.weights]
    assert [v.path for v in ours.trainable_weights] == [v.path for v in theirs.trainable_weights]
    assert ours.count_params() == theirs.count_params()
    assert ours.output_shape == theirs.output_shape


def kerasish_words(value):
    """A config with lists as tuples, for which Keras has no rule."""
    if isinstance(value, dict):
        return {key: kerasish_words(entry) for key, entry in value.items()}
    return tuple(kerasish_words(entry) for entry in value) if isinstance(value, (list, tuple)) else value


def test_all_of_keras_is_here_and_nothing_is_loaded_before_it_is_asked_for():
    public = {name for name in dir(keras.applications) if not name.startswith("_")}
    assert public <= set(dir(applications))
    for module in (name for name in public if name[0].islower()):
        words = {word for word in dir(getattr(keras.applications, module)) if not word.startswith("_")}
        assert words <= set(dir(getattr(applications, module))), module


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="ResNet51"):
        _ = applications.ResNet51
