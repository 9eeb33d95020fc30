"""Names that mean something to a file system, HDF5, JSON or Python: refused by a word, or kept as they are.

Of models, layers, variables, packages and files; and files that try what is not theirs.
"""

import json
import os
import warnings

import h5py
import numpy as np
import pytest

import kerasish as keras
from tests.attacks.sizes import chance, size
from tests.files.hostile import code_cases, functional, sequential, write_archive, write_legacy
from tests.files.watched import dangerous, watching

pytestmark = pytest.mark.slow

PARTS = [
    "a", "x" * 40, "ä", "ß", "名", "🙂", " ", "\t", "\n", "\r", "\0", ".", "..", "../", "/", "//", "\\", "~", "$HOME",
    "%s", "%(x)s", "{}", "{0.__class__}", "__class__", "__init__", "__lambda__", "__tuple__", "vars", "layers",
    "optimizer", "model_weights", "_layer_checkpoint_dependencies", ":", "*", "?", "<b>", '"', "'", "`id`", ";rm",
    "|", "&", "#", ",", "CON", "NUL", "-rf", "--", "0", "-1", "1e9", "NaN", "None", "True",
    "kernel:0", ">", "pkg>Dense", "relu",
    "Dense", "\u202e", "\u0301", "\ufeff", "\x1b[2J", "\x7f", "\ud800",
]  # fmt: skip
ENDINGS = [".keras", ".h5", ".weights.h5", ".weights.json", ".safetensors"]


def name_of(draw):
    return "".join(draw.choice(PARTS) for _ in range(draw.choice((1, 1, 2, 3)))) * draw.choice((1, 1, 1, 20))


class Named(keras.layers.Layer):
    def __init__(self, weight="w", **options):
        super().__init__(**options)
        self.weight = weight

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 2), name=self.weight)

    def call(self, x):
        return keras.ops.matmul(x, self.kernel)

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}


def as_layer(name):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name=name)])


def as_model(name):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name=name)


def as_input(name):
    inputs = keras.Input((3,), name=name)
    return keras.Model(inputs, keras.layers.Dense(2)(inputs))


def as_attribute(name):
    """Layers that a subclass keeps under that name."""
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name=name)], name=name)
    return keras.Sequential([keras.Input((3,)), inner])


def as_weight(name):
    return keras.Sequential([keras.Input((3,)), Named(name)])


PLACES = {made.__name__: made for made in (as_layer, as_model, as_input, as_attribute, as_weight)}


def written_and_read(made, name, path):
    """Whether a model comes back from a file with all its numbers. Raises ValueError where it is refused."""
    model = made(name)
    ends_as_weights = not path.endswith((".keras", ".h5")) or path.endswith(".weights.h5")
    (model.save_weights if ends_as_weights else model.save)(path)
    if ends_as_weights:
        found = made(name)
        found.load_weights(path)
    else:
        found = keras.models.load_model(path, custom_objects={"Named": Named})
        names = [[layer.name for layer in each.layers] + [each.name] for each in (model, found)]
        assert names[0] == names[1], names
    return all(map(np.array_equal, model.get_weights(), found.get_weights()))


def places_below(folder):
    return sorted(os.path.join(where, name) for where, folders, names in os.walk(folder) for name in (*folders, *names))


def test_hostile_names(tmp_path, strikes):
    kept = refused = 0
    wrong = []
    (tmp_path / "outside").mkdir()
    for number in range(size("hostile names")):
        draw = chance("hostile names", number)
        name, ending, place = name_of(draw), draw.choice(ENDINGS), draw.choice([*sorted(PLACES), "file"])
        folder = tmp_path / "outside" / "inside"
        folder.mkdir()
        is_file = place == "file"
        path = os.path.join(folder, name + ending) if is_file else str(folder / f"m{ending}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                if written_and_read(as_layer if is_file else PLACES[place], "a" if is_file else name, path):
                    kept += 1
                else:
                    wrong.append((number, place, ending, name, "other numbers"))
            except (ValueError, OSError) as error:
                refused += 1
                if not str(error):
                    wrong.append((number, place, ending, name, "no word"))
            except Exception as error:
                wrong.append((number, place, ending, name, f"{type(error).__name__}: {error}"))
        strays = [p for p in places_below(tmp_path) if not p.startswith(str(tmp_path / "outside"))]
        if strays or ".." not in name and len(os.listdir(tmp_path / "outside")) > 1:
            wrong.append((number, place, ending, name, "a file elsewhere"))
        for place in sorted(places_below(tmp_path / "outside"), reverse=True):
            os.rmdir(place) if os.path.isdir(place) else os.remove(place)
    strikes("hostile names", kept=kept, refused=refused, wrong=len(wrong))
    assert not wrong, (len(wrong), wrong[:8])


@pytest.mark.parametrize("place", ["archive", "hdf5", "config"])
def test_hostile_files(place, tmp_path, strikes):
    """Each that is known, in graphs of two kinds, of two versions, deep inside of models."""
    canary, path = tmp_path / "canary", str(tmp_path / "hostile")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]).predict(np.zeros((2, 3)), verbose=0)  # libraries load
    as_layer("warm").save(path + ".keras")
    keras.models.load_model(path + ".keras")
    as_layer("warm").save(path + ".h5")
    keras.models.load_model(path + ".h5")
    files, wrong = 0, []
    for case, config in sorted(code_cases(canary, "http://127.0.0.1:9/x").items()):
        for graph, version, depth in [
            (g, v, d) for g in (sequential, functional) for v in ("3.8.0", "2.13.1") for d in (0, 3)
        ]:
            whole = graph(config)
            for level in range(depth):
                whole["config"]["name"] = f"level{level}"
                whole = graph(whole)
            files += 1
            with watching() as events, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    if place == "archive":
                        write_archive(path + ".keras", whole, version=version)
                        events.clear()
                        model = keras.models.load_model(path + ".keras")
                    elif place == "hdf5":
                        write_legacy(path + ".h5", whole, version=version)
                        events.clear()
                        model = keras.models.load_model(path + ".h5")
                    else:
                        model = keras.models.model_from_json(json.dumps(whole))
                    model.predict(np.zeros((2, 3)), verbose=0)  # a vocabulary that is missing is told when it is used
                    wrong.append((case, "it was let in"))
                except ValueError:
                    pass
                except Exception as error:
                    wrong.append((case, graph.__name__, version, depth, f"{type(error).__name__}: {error}"))
            if dangerous(events, ["passwd", "canary_module", str(canary)]) or canary.exists():
                wrong.append((case, "it ran"))
    strikes("hostile files", files=files, wrong=len(wrong))
    assert not wrong, (len(wrong), wrong[:5])


def test_names_in_files(tmp_path, strikes):
    """A file of weights whose groups and attributes bear such names is refused, or loads what fits."""
    model, tried, wrong = as_layer("a"), 0, []
    for number in range(size("hostile names", 20)):
        name = name_of(chance("names in files", number)).replace("\0", "") or "x"
        path = str(tmp_path / "m.weights.h5")
        model.save_weights(path)
        with h5py.File(path, "r+") as file:
            try:
                file.move("layers/dense", f"layers/{name}")
                file.attrs[name] = name
            except (ValueError, OSError, RuntimeError, KeyError, UnicodeError):
                continue
        tried += 1
        before = model.get_weights()
        try:
            model.load_weights(path)
        except ValueError:
            pass
        except Exception as error:
            wrong.append((number, name, f"{type(error).__name__}: {error}"))
        if not all(map(np.array_equal, before, model.get_weights())):
            wrong.append((number, name, "other numbers"))
    strikes("hostile files", files=tried, wrong=len(wrong))
    assert not wrong, wrong[:5]
